//! A mixed load, whose clients keep book of what was acknowledged.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::client::{Reply, Request};
use crate::harness::App;
use crate::ledger::{Ledger, Person, Shared};
use crate::people::{USERS, in_seconds};

const CLIENTS: usize = 6;
/// What a client does with one person before it goes on to the next.
const ROUNDS: u64 = 24;
const PAUSE: Duration = Duration::from_millis(4);
/// What a service may that changes people.
const WRITES: &str = "users:read users:write preferences:write sessions:write";
/// What a service may that only reads: it may be shown what a replica has.
const READS: &str = "users:read";
/// How often a client acknowledged a write before a fault begins.
const WARM: usize = 4;

/// Signs the claims of a token.
pub(crate) type Sign = Arc<dyn Fn(&Value) -> String + Send + Sync>;

/// One request that was answered, or not.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) client: usize,
    pub(crate) ended: Instant,
    pub(crate) took: Duration,
    pub(crate) reads: bool,
    pub(crate) outcome: Outcome,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    /// As it should be.
    Good,
    /// Another answer: its status and code.
    Refused(u16, String),
    /// The connection broke before there was an answer.
    Broken,
}

impl Outcome {
    /// What an attempt that was never answered may come to. Of a creation another attempt is under way, or was when its
    /// process was killed: its key is given free after a minute, and the client goes on with another one. Or a change
    /// that was not acknowledged was done later all the same, and the profile is another one than was read.
    pub(crate) fn is_in_order(&self) -> bool {
        match self {
            Self::Refused(409, code) => code == "request-in-progress",
            Self::Good | Self::Refused(412, _) => true,
            Self::Refused(..) | Self::Broken => false,
        }
    }
}

/// Clients that go on until they are stopped.
pub(crate) struct Load {
    common: Arc<Common>,
    clients: JoinSet<Vec<Person>>,
}

/// What became of a creation.
enum Created {
    Done(String),
    Not,
    Held,
}

struct Common {
    /// Where the service is; clients take them in turn.
    targets: RwLock<Vec<String>>,
    sign: Sign,
    http: reqwest::Client,
    done: AtomicBool,
    answers: Mutex<Vec<Answer>>,
    /// Whom all clients change at once.
    shared: Shared,
}

impl Load {
    /// Starts, and waits until every client got something done.
    pub(crate) async fn start(apps: &[&App], sign: Sign) -> Self {
        let common = Common {
            targets: RwLock::default(),
            sign,
            http: reqwest::Client::builder()
                .timeout(Duration::from_secs(40))
                .build()
                .unwrap(),
            done: AtomicBool::new(false),
            answers: Mutex::default(),
            shared: Shared::new(CLIENTS),
        };
        let mut load = Self {
            common: Arc::new(common),
            clients: JoinSet::new(),
        };
        load.aim(apps);
        let common = &load.common;
        match common.create(0, "shared", common.shared.sub()).await {
            Created::Done(id) => common.shared.is(&id),
            _ => panic!("the first profile is not made"),
        }
        for client in 0..CLIENTS {
            let common = Arc::clone(&load.common);
            load.clients.spawn(async move { common.run(client).await });
        }
        load.until_good_since(Instant::now(), WARM).await;
        load
    }

    /// Asks these from now on.
    pub(crate) fn aim(&self, apps: &[&App]) {
        *self.common.targets.write().unwrap() = apps.iter().map(|app| app.base()).collect();
    }

    /// Waits until every client got a write done so often after a moment, and no request failed for a second.
    pub(crate) async fn until_good_since(&self, since: Instant, writes: usize) {
        let end = Instant::now() + Duration::from_secs(45);
        loop {
            let now = Instant::now();
            let good = {
                let answers = self.common.answers.lock().unwrap();
                let later = || {
                    answers
                        .iter()
                        .rev()
                        .take_while(|answer| answer.ended > since)
                };
                let quiet = later().all(|answer| {
                    answer.outcome.is_in_order()
                        || now.duration_since(answer.ended) > Duration::from_secs(1)
                });
                let mut done = [0; CLIENTS];
                for answer in later().filter(|answer| !answer.reads) {
                    done[answer.client] += usize::from(answer.outcome == Outcome::Good);
                }
                quiet && done.iter().all(|done| *done >= writes)
            };
            if good {
                return;
            }
            if now > end {
                // What is missing shows in the figures.
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until something is refused, for at most so long.
    pub(crate) async fn until_refused(&self, limit: Duration) {
        let end = Instant::now() + limit;
        let good = |answer: &Answer| answer.outcome == Outcome::Good;
        while Instant::now() < end && self.common.answers.lock().unwrap().iter().all(good) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Ends the clients; everything they know.
    pub(crate) async fn stop(mut self) -> (Ledger, Vec<Answer>) {
        self.common.done.store(true, Ordering::Relaxed);
        let mut people = Vec::new();
        while let Some(known) = self.clients.join_next().await {
            people.extend(known.unwrap());
        }
        let common = Arc::into_inner(self.common).expect("the clients are gone");
        let ledger = Ledger {
            people,
            shared: common.shared,
        };
        (ledger, common.answers.into_inner().unwrap())
    }
}

impl Common {
    async fn run(&self, client: usize) -> Vec<Person> {
        let mut known: Vec<Person> = Vec::new();
        let goes_on = || !self.done.load(Ordering::Relaxed);
        while goes_on() {
            let mut person = Person::new();
            // The same key until it is acknowledged: a repetition must not make another.
            while goes_on() && person.id.is_none() {
                let name = format!("Client {client} Person {}", known.len());
                match self.create(client, &name, person.sub()).await {
                    Created::Done(id) => person.id = Some(id),
                    Created::Not => {}
                    Created::Held => break,
                }
            }
            for round in 0..ROUNDS {
                if !goes_on() || person.id.is_none() {
                    break;
                }
                self.step(client, &mut person, round).await;
                tokio::time::sleep(PAUSE).await;
            }
            if known.len() % 3 == 2 && goes_on() && person.id.is_some() {
                self.remove(client, &mut person).await;
            }
            known.push(person);
        }
        known
    }

    async fn create(&self, client: usize, name: &str, sub: Uuid) -> Created {
        let body = json!({ "display_name": name, "bio": "n 0" });
        let request = self
            .request(client, Method::POST, USERS, sub)
            .header("idempotency-key", &format!("create-{sub}"))
            .json(&body);
        let reply = self.send(client, false, &[201], request).await;
        match reply.map(|reply| (reply.status, reply)) {
            Some((201, reply)) => Created::Done(reply.json()["id"].as_str().unwrap().to_owned()),
            Some((409, _)) => Created::Held,
            _ => Created::Not,
        }
    }

    async fn step(&self, client: usize, person: &mut Person, round: u64) {
        let path = person.path();
        let sub = person.sub();
        match round % 8 {
            0 | 4 => {
                person.bio.tried = round + 1;
                let filling = "x".repeat(300);
                let body = json!({ "bio": format!("n {} {filling}", person.bio.tried) });
                let request = self.request(client, Method::PATCH, &path, sub).json(&body);
                if self.done(client, &[200], request).await {
                    person.bio.acknowledge();
                }
            }
            1 => {
                let filling = "x".repeat(4000);
                let body = json!({
                    "custom_settings": { format!("k{round}"): round, format!("f{round}"): filling },
                });
                let path = format!("{path}/preferences");
                let request = self.request(client, Method::PATCH, &path, sub).json(&body);
                let done = self.done(client, &[200], request).await;
                person.settings.push((round, done));
            }
            2 => {
                let body = json!({
                    "session_token": Uuid::new_v4().to_string(),
                    "device_name": format!("d{round}"),
                    "ip_address": "192.0.2.7",
                });
                let path = format!("{path}/sessions");
                let request = self
                    .service(client, Method::POST, &path, WRITES)
                    .json(&body);
                let done = self.done(client, &[201], request).await;
                person.sessions.push((round, done));
            }
            3 | 6 => {
                // Read, and change bound to what was read.
                let request = self.request(client, Method::GET, &path, sub);
                let Some(read) = self.send(client, true, &[200], request).await else {
                    return;
                };
                if read.status != 200 {
                    return;
                }
                person.bio.seen(&read.json()["bio"]);
                person.location.tried = round + 1;
                let body = json!({ "location": format!("n {}", person.location.tried) });
                let request = self
                    .request(client, Method::PATCH, &path, sub)
                    .header("if-match", &read.etag())
                    .json(&body);
                if self.done(client, &[200], request).await {
                    person.location.acknowledge();
                }
            }
            5 => {
                let value = self.shared.next(client);
                let body = json!({ "custom_settings": { format!("c{client}"): value } });
                let path = format!("{}/preferences", self.shared.path());
                let request = self
                    .service(client, Method::PATCH, &path, WRITES)
                    .json(&body);
                if self.done(client, &[200], request).await {
                    self.shared.acknowledge(client);
                }
            }
            _ => {
                let request = self.service(client, Method::GET, &format!("{USERS}?limit=5"), READS);
                self.send(client, true, &[200], request).await;
            }
        }
    }

    async fn remove(&self, client: usize, person: &mut Person) {
        let request = self.request(client, Method::DELETE, &person.path(), person.sub());
        person.removed = Some(self.done(client, &[204], request).await);
    }

    fn request(&self, client: usize, method: Method, path: &str, sub: Uuid) -> Request {
        let claims = json!({ "sub": sub, "exp": in_seconds(3600), "iat": in_seconds(-1) });
        self.signed(client, method, path, &claims)
    }

    fn service(&self, client: usize, method: Method, path: &str, scope: &str) -> Request {
        let claims = json!({
            "sub": Uuid::from_u128(1), "scope": scope, "exp": in_seconds(3600), "iat": in_seconds(-1),
        });
        self.signed(client, method, path, &claims)
    }

    fn signed(&self, client: usize, method: Method, path: &str, claims: &Value) -> Request {
        let url = {
            let targets = self.targets.read().unwrap();
            format!("{}{path}", targets[client % targets.len()])
        };
        Request::new(self.http.request(method, url)).token((self.sign)(claims))
    }

    async fn done(&self, client: usize, good: &[u16], request: Request) -> bool {
        let reply = self.send(client, false, good, request).await;
        reply.is_some_and(|reply| good.contains(&reply.status))
    }

    async fn send(
        &self,
        client: usize,
        reads: bool,
        good: &[u16],
        request: Request,
    ) -> Option<Reply> {
        let sent = Instant::now();
        let reply = request.attempt().await.ok();
        let ended = Instant::now();
        let outcome = match &reply {
            None => Outcome::Broken,
            Some(reply) if good.contains(&reply.status) => Outcome::Good,
            Some(reply) => {
                let problem = serde_json::from_slice::<Value>(&reply.body).unwrap_or_default();
                let code = problem["code"].as_str().unwrap_or("no problem document");
                Outcome::Refused(reply.status, code.to_owned())
            }
        };
        if outcome != Outcome::Good {
            // Somebody who is refused does not ask again at once.
            tokio::time::sleep(5 * PAUSE).await;
        }
        self.answers.lock().unwrap().push(Answer {
            client,
            ended,
            took: ended - sent,
            reads,
            outcome,
        });
        reply
    }
}
