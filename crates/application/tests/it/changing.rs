//! Changes of profiles: who may make them, and what the store is asked for them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use user_service_application::UseCaseError;
use user_service_application::authz::{self, Projection};
use user_service_application::profile::{ProfileView, UpdateProfile};
use user_service_application::revision::IfMatch;
use user_service_domain::clock::Clock;
use user_service_domain::identity::{Caller, Principal, Scope, Scopes};
use user_service_domain::ids::{ProfileId, UserId};
use user_service_domain::profile::{
    Bio, DisplayName, Location, Profile, ProfileKey, ProfilePatch, ProfileReader, ProfileSearch,
    Website,
};
use user_service_domain::revocation::RevocationReader;
use user_service_domain::session::SessionReader;
use user_service_domain::store::{Store, StoreError, UnitOfWork};
use user_service_testkit::{FaultKind, MemoryStore, profile};

use crate::replica::{Replica, World, person, stranger};

/// How often a store was asked for what.
#[derive(Debug, Default, PartialEq, Eq)]
struct Asked {
    at_once: u32,
    read: u32,
    replaced: u32,
    begun: u32,
}

/// A store that counts what it is asked.
struct CountingStore {
    store: MemoryStore,
    at_once: AtomicU32,
    read: AtomicU32,
    replaced: AtomicU32,
    begun: AtomicU32,
}

impl CountingStore {
    fn new(store: MemoryStore) -> Self {
        Self {
            store,
            at_once: AtomicU32::default(),
            read: AtomicU32::default(),
            replaced: AtomicU32::default(),
            begun: AtomicU32::default(),
        }
    }

    fn asked(&self) -> Asked {
        let so_far = |count: &AtomicU32| count.load(Ordering::Relaxed);
        Asked {
            at_once: so_far(&self.at_once),
            read: so_far(&self.read),
            replaced: so_far(&self.replaced),
            begun: so_far(&self.begun),
        }
    }
}

fn count(asked: &AtomicU32) {
    asked.fetch_add(1, Ordering::Relaxed);
}

#[async_trait]
impl Store for CountingStore {
    fn profiles(&self) -> &dyn ProfileReader {
        count(&self.read);
        self.store.profiles()
    }

    fn search(&self) -> &dyn ProfileSearch {
        Store::search(&self.store)
    }

    fn sessions(&self) -> &dyn SessionReader {
        self.store.sessions()
    }

    fn revocations(&self) -> &dyn RevocationReader {
        self.store.revocations()
    }

    async fn replace_profile(&self, before: &Profile, after: &Profile) -> Result<(), StoreError> {
        count(&self.replaced);
        self.store.replace_profile(before, after).await
    }

    async fn patch_profile(
        &self,
        id: ProfileId,
        owner: Option<UserId>,
        patch: &ProfilePatch,
        now: DateTime<Utc>,
    ) -> Result<Option<Profile>, StoreError> {
        count(&self.at_once);
        self.store.patch_profile(id, owner, patch, now).await
    }

    async fn begin(&self) -> Result<Box<dyn UnitOfWork>, StoreError> {
        count(&self.begun);
        self.store.begin().await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.store.ping().await
    }
}

/// A process whose clock has moved since person 1 came.
struct Process {
    world: World,
    store: Arc<CountingStore>,
    update: UpdateProfile,
}

impl Process {
    async fn new(is_active: bool) -> Self {
        let world = World::new().await;
        let replica = Replica::of(&world).await;
        replica
            .change(|profile| {
                profile.bio = Some(Bio::parse("as it was").unwrap());
                profile.is_active = is_active;
            })
            .await;
        world.clock.advance(TimeDelta::seconds(9));
        let store = Arc::new(CountingStore::new(world.store.clone()));
        let clock: Arc<dyn Clock> = Arc::clone(&world.clock) as _;
        Self {
            update: UpdateProfile::new(Arc::clone(&store) as _, clock, replica.announcer.clone()),
            world,
            store,
        }
    }

    async fn stored(&self) -> Profile {
        let found = self.world.store.profiles().find(id_of(1)).await;
        found.unwrap().unwrap()
    }
}

fn id_of(n: u32) -> ProfileKey {
    ProfileKey::Id(profile(n).id)
}

fn bio(text: &str) -> ProfilePatch {
    ProfilePatch {
        bio: Some(Some(Bio::parse(text).unwrap())),
        ..ProfilePatch::default()
    }
}

fn patches() -> Vec<ProfilePatch> {
    let nothing = ProfilePatch::default;
    vec![
        nothing(),
        bio("as it was"),
        bio("as it is now"),
        ProfilePatch {
            bio: Some(None),
            website: Some(Some(Website::parse("https://a.example").unwrap())),
            ..nothing()
        },
        ProfilePatch {
            phone_number: Some(None),
            ..nothing()
        },
        ProfilePatch {
            is_verified: Some(true),
            ..bio("as it was")
        },
        ProfilePatch {
            is_verified: Some(false),
            ..nothing()
        },
        ProfilePatch {
            display_name: Some(DisplayName::parse("Another").unwrap()),
            ..bio("as it is now")
        },
        ProfilePatch {
            location: Some(Some(Location::parse("Porto").unwrap())),
            ..nothing()
        },
    ]
}

fn callers() -> Vec<Caller> {
    let scoped = |scopes: &[Scope]| Principal {
        user_id: stranger(),
        scopes: scopes
            .iter()
            .fold(Scopes::default(), |all, scope| all.with(*scope)),
        ..person(1)
    };
    let known = [
        person(1),
        scoped(&[]),
        scoped(&[Scope::UsersRead]),
        scoped(&[Scope::UsersWrite]),
        scoped(&[Scope::UsersRead, Scope::UsersWrite]),
        Principal {
            is_admin: true,
            ..scoped(&[])
        },
    ];
    let known = known.into_iter().map(Caller::Known);
    known.chain([Caller::Anonymous]).collect()
}

fn service() -> Caller {
    Caller::Known(Principal {
        scopes: Scopes::default().with(Scope::UsersWrite),
        ..person(2)
    })
}

/// Whether it is bound to the stored state or not, a change that is bound to nothing else has one answer.
#[tokio::test(start_paused = true)]
async fn the_answer_does_not_depend_on_the_way() {
    for is_active in [true, false] {
        for caller in callers() {
            for patch in patches() {
                let (one, other) = (Process::new(is_active).await, Process::new(is_active).await);
                let stored = other.stored().await;
                let sight = authz::sight(&caller, &stored).unwrap_or(Projection::Public);
                let state = ProfileView::new(stored, sight, None).revision;
                let bound = IfMatch::OneOf(vec![state.as_str().to_owned()]);
                let unbound = one.update.execute(&caller, id_of(1), patch.clone(), None);
                let unbound = unbound.await;
                let bound = other
                    .update
                    .execute(&caller, id_of(1), patch.clone(), Some(bound));
                let bound = bound.await;
                let case = format!("{caller:?} {patch:?}");
                match (&unbound, &bound) {
                    (Ok(unbound), Ok(bound)) => assert_eq!(unbound, bound, "{case}"),
                    _ => assert_eq!(format!("{unbound:?}"), format!("{bound:?}"), "{case}"),
                }
                assert_eq!(one.stored().await, other.stored().await, "{case}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn who_is_not_there_is_not_found_by_anybody() {
    let process = Process::new(true).await;
    for caller in callers() {
        let answer = process
            .update
            .execute(&caller, id_of(99), bio("b"), None)
            .await;
        match caller {
            Caller::Anonymous => assert!(matches!(answer, Err(UseCaseError::Unauthenticated))),
            Caller::Known(_) => assert!(matches!(answer, Err(UseCaseError::ProfileNotFound))),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_plain_change_is_one_call_of_the_store() {
    let own = Caller::Known(person(1));
    for (caller, if_match) in [
        (own, None),
        (service(), None),
        (service(), Some(IfMatch::Any)),
    ] {
        let process = Process::new(true).await;
        let view = process
            .update
            .execute(&caller, id_of(1), bio("new"), if_match);
        assert_eq!(view.await.unwrap().profile, process.stored().await);
        let once = Asked {
            at_once: 1,
            ..Asked::default()
        };
        assert_eq!(process.store.asked(), once);
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_of_which_more_is_decided_by_what_is_stored_is_not_left_to_the_store() {
    let own = Caller::Known(person(1));
    let me = ProfileKey::User(person(1).user_id);
    let renamed = patches().remove(7);
    let verified = patches().remove(5);
    let locked = ProfilePatch {
        is_active: Some(false),
        ..bio("new")
    };
    let other_state = || Some(IfMatch::OneOf(vec!["another".to_owned()]));
    for (caller, key, patch, if_match) in [
        (service(), id_of(1), renamed, None),
        (service(), id_of(1), locked, None),
        (service(), id_of(1), bio("new"), other_state()),
        (own.clone(), id_of(1), verified, None),
        (own, me, bio("new"), None),
    ] {
        let process = Process::new(true).await;
        let answer = process.update.execute(&caller, key, patch, if_match).await;
        let changed = process.stored().await.version == 3;
        assert_eq!(answer.is_ok(), changed, "{answer:?}");
        assert_eq!(process.store.asked().at_once, 0, "{answer:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_lost_a_race_tries_again_with_a_lock() {
    let process = Process::new(true).await;
    process.world.store.fail_next(FaultKind::Stale);
    let view = process
        .update
        .execute(&service(), id_of(1), bio("new"), None)
        .await;
    assert_eq!(view.unwrap().profile, process.stored().await);
    let asked = process.store.asked();
    assert_eq!((asked.at_once, asked.begun), (1, 1));
    assert_eq!(process.stored().await.version, 3);
}

/// What became of it nobody knows: neither another attempt nor a read makes it known.
#[tokio::test(start_paused = true)]
async fn a_change_without_an_answer_is_not_tried_again() {
    let process = Process::new(true).await;
    process.world.store.fail_next(FaultKind::Unavailable);
    let answer = process
        .update
        .execute(&service(), id_of(1), bio("new"), None)
        .await;
    assert!(
        matches!(
            answer,
            Err(UseCaseError::Unavailable(StoreError::Unavailable(_)))
        ),
        "{answer:?}"
    );
    let once = Asked {
        at_once: 1,
        ..Asked::default()
    };
    assert_eq!(process.store.asked(), once);
}
