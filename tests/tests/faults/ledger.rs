//! What clients know of their writes, and whether the service still knows it.

use std::sync::Mutex;

use serde_json::Value;
use uuid::Uuid;

use crate::client::Reply;
use crate::harness::App;
use crate::load::Sign;
use crate::people::{USERS, in_seconds};

/// A value that only grows.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Marker {
    pub(crate) tried: u64,
    acknowledged: u64,
    /// Reads that showed less than was acknowledged.
    stale: usize,
}

impl Marker {
    pub(crate) fn acknowledge(&mut self) {
        self.acknowledged = self.tried;
    }

    /// What a read showed, as `n 7 …`.
    pub(crate) fn seen(&mut self, text: &Value) {
        self.stale += usize::from(!self.holds(text));
    }

    fn holds(&self, text: &Value) -> bool {
        let text = text.as_str().unwrap_or("n 0");
        let number = text.split(' ').nth(1).and_then(|n| n.parse::<u64>().ok());
        number.is_some_and(|n| self.acknowledged <= n && n <= self.tried)
    }
}

/// Whom one client alone changes.
#[derive(Debug)]
pub(crate) struct Person {
    sub: Uuid,
    /// The id, once the creation was acknowledged.
    pub(crate) id: Option<String>,
    pub(crate) bio: Marker,
    pub(crate) location: Marker,
    /// Members of the settings, and whether they were acknowledged.
    pub(crate) settings: Vec<(u64, bool)>,
    /// Sessions by the names of their devices, and whether they were acknowledged.
    pub(crate) sessions: Vec<(u64, bool)>,
    /// Whether the removal that was asked for was acknowledged.
    pub(crate) removed: Option<bool>,
}

impl Person {
    pub(crate) fn new() -> Self {
        Self {
            sub: Uuid::new_v4(),
            id: None,
            bio: Marker::default(),
            location: Marker::default(),
            settings: Vec::new(),
            sessions: Vec::new(),
            removed: None,
        }
    }

    pub(crate) fn sub(&self) -> Uuid {
        self.sub
    }

    pub(crate) fn path(&self) -> String {
        format!("{USERS}/{}", self.id.as_deref().unwrap_or_default())
    }

    fn writes(&self) -> usize {
        let many = [&self.settings, &self.sessions];
        let many = many.into_iter().flatten().filter(|(_, done)| *done).count();
        usize::from(self.id.is_some())
            + usize::from(self.bio.acknowledged > 0)
            + usize::from(self.location.acknowledged > 0)
            + usize::from(self.removed == Some(true))
            + many
    }
}

/// Whom all clients change at once, each a member of their own.
#[derive(Debug)]
pub(crate) struct Shared {
    sub: Uuid,
    path: Mutex<String>,
    members: Mutex<Vec<Marker>>,
}

impl Shared {
    pub(crate) fn new(clients: usize) -> Self {
        Self {
            sub: Uuid::new_v4(),
            path: Mutex::default(),
            members: Mutex::new(vec![Marker::default(); clients]),
        }
    }

    pub(crate) fn sub(&self) -> Uuid {
        self.sub
    }

    pub(crate) fn is(&self, id: &str) {
        *self.path.lock().unwrap() = format!("{USERS}/{id}");
    }

    pub(crate) fn path(&self) -> String {
        self.path.lock().unwrap().clone()
    }

    pub(crate) fn next(&self, client: usize) -> u64 {
        let marker = &mut self.members.lock().unwrap()[client];
        marker.tried += 1;
        marker.tried
    }

    pub(crate) fn acknowledge(&self, client: usize) {
        self.members.lock().unwrap()[client].acknowledge();
    }
}

/// Everything that all clients know.
pub(crate) struct Ledger {
    pub(crate) people: Vec<Person>,
    pub(crate) shared: Shared,
}

/// What became of acknowledged writes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Balance {
    /// How many writes were acknowledged and compared.
    pub(crate) acknowledged: usize,
    /// What is not there any more, or was not there when it was read.
    pub(crate) lost: Vec<String>,
    /// What is there more than once, or was never asked for.
    pub(crate) doubled: Vec<String>,
}

impl Ledger {
    /// Compares everything with what the service has.
    pub(crate) async fn balance(&self, app: &App, sign: &Sign) -> Balance {
        let claims = serde_json::json!({
            "sub": Uuid::from_u128(2), "roles": ["admin"], "exp": in_seconds(3600), "iat": in_seconds(-1),
        });
        let auditor = Auditor {
            app,
            token: sign(&claims),
        };
        let mut balance = Balance::default();
        for person in &self.people {
            balance.acknowledged += person.writes();
            auditor.compare(person, &mut balance).await;
        }
        let path = format!("{}/preferences", self.shared.path());
        let settings = auditor.get(&path).await.is(200).json()["custom_settings"].clone();
        for (client, marker) in self.shared.members.lock().unwrap().iter().enumerate() {
            balance.acknowledged += usize::from(marker.acknowledged > 0);
            let stored = settings[format!("c{client}")].as_u64().unwrap_or_default();
            if stored < marker.acknowledged {
                let lost = format!("member c{client}: {stored}, not {}", marker.acknowledged);
                balance.lost.push(lost);
            }
        }
        balance
    }
}

struct Auditor<'a> {
    app: &'a App,
    token: String,
}

impl Auditor<'_> {
    async fn get(&self, path: &str) -> Reply {
        self.app.get(path).token(&self.token).await
    }

    async fn compare(&self, person: &Person, balance: &mut Balance) {
        let sub = person.sub;
        let list = self
            .get(&format!("{USERS}?user_id={sub}"))
            .await
            .is(200)
            .json();
        let profiles = list["items"].as_array().unwrap();
        if profiles.len() > 1 {
            balance
                .doubled
                .push(format!("{} profiles of {sub}", profiles.len()));
        }
        if person.id.is_none() {
            return;
        }
        let reply = self.get(&person.path()).await;
        match (reply.status, person.removed) {
            (404, Some(_)) => {
                if !profiles.is_empty() {
                    balance.lost.push(format!("a removal of {sub}"));
                }
                return;
            }
            (200, Some(true)) => {
                balance.lost.push(format!("the removal of {sub}"));
                return;
            }
            (200, _) => {}
            (status, _) => {
                balance.lost.push(format!("the profile of {sub}: {status}"));
                return;
            }
        }
        let profile = reply.json();
        for (name, marker) in [("bio", person.bio), ("location", person.location)] {
            if !marker.holds(&profile[name]) {
                balance.lost.push(format!(
                    "{name} of {sub}: {}, not {marker:?}",
                    profile[name]
                ));
            }
            if marker.stale > 0 {
                balance
                    .lost
                    .push(format!("{} reads of {name} of {sub}", marker.stale));
            }
        }
        let path = format!("{}/preferences", person.path());
        let settings = self.get(&path).await.is(200).json()["custom_settings"].clone();
        for (round, done) in &person.settings {
            if *done && settings[format!("k{round}")] != *round {
                balance.lost.push(format!("setting k{round} of {sub}"));
            }
        }
        let path = format!("{}/sessions?state=all", person.path());
        let sessions = self.get(&path).await.is(200).json();
        for (round, done) in &person.sessions {
            let name = format!("d{round}");
            let found = sessions
                .as_array()
                .unwrap()
                .iter()
                .filter(|session| session["device_name"] == *name)
                .count();
            if found == 0 && *done {
                balance.lost.push(format!("session {name} of {sub}"));
            }
            if found > 1 {
                balance.doubled.push(format!("session {name} of {sub}"));
            }
        }
    }
}
