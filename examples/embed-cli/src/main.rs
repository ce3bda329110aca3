//! People of a SQLite database, without a server.
//!
//!     embed-cli FILE add NAME
//!     embed-cli FILE list

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, bail};
use user_service_adapters_local::{LocalRevocationBus, MemorySessionCache, SystemClock, UuidV7};
use user_service_adapters_sqlite::PoolOptions;
use user_service_application::authz::Policy;
use user_service_application::paging::CursorCodec;
use user_service_application::profile::{
    CreateProfile, ListProfiles, NewProfile, PageRequest, ProfileList,
};
use user_service_application::revocation::{Announcer, RevocationWatch};
use user_service_domain::clock::Clock;
use user_service_domain::identity::{Caller, Principal, Scopes};
use user_service_domain::ids::{IdGenerator, UserId};
use user_service_domain::profile::{DisplayName, ProfileFilter, ProfileOrder};
use user_service_domain::store::Store;

/// What a page holds at most.
const PAGE: u32 = 100;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [file, "add", name] => add(open(file).await?, name).await,
        [file, "list"] => list(open(file).await?).await,
        _ => bail!("usage: embed-cli FILE add NAME | embed-cli FILE list"),
    }
}

/// The store in a file, with its tables.
async fn open(file: &str) -> Result<Arc<dyn Store>> {
    let url = format!("sqlite://{file}?mode=rwc");
    user_service_migration::up(&url).await?;
    let store = user_service_adapters_sqlite::open(&url, PoolOptions::default()).await?;
    Ok(Arc::new(store))
}

/// Whoever can open the file may do everything.
fn administrator() -> Caller {
    let now = SystemClock.now();
    Caller::Known(Principal {
        user_id: UserId::new(UuidV7.next()),
        is_admin: true,
        scopes: Scopes::default(),
        session: None,
        issued_at: Some(now),
        expires_at: now,
        about: None,
    })
}

async fn add(store: Arc<dyn Store>, name: &str) -> Result<()> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    // A service that shares the database hears of what is revoked from the feed in the store.
    let announcer = Announcer::new(
        Arc::new(RevocationWatch::default()),
        Arc::new(MemorySessionCache::new(
            Arc::clone(&clock),
            1,
            Duration::from_secs(1),
        )),
        None,
        Arc::new(LocalRevocationBus::default()),
    );
    let create = CreateProfile::new(store, clock, Arc::new(UuidV7), announcer);
    let new = NewProfile {
        user_id: Some(UserId::new(UuidV7.next())),
        display_name: DisplayName::parse(name)?,
        bio: None,
        location: None,
        website: None,
        phone_number: None,
        is_verified: None,
        is_active: None,
    };
    let made = create.execute(&administrator(), new, None).await?;
    println!("{}", made.profile.user_id.get());
    Ok(())
}

async fn list(store: Arc<dyn Store>) -> Result<()> {
    // Cursors do not leave this process.
    let cursors = CursorCodec::new(UuidV7.next().as_bytes());
    let profiles = ListProfiles::new(store, cursors, Policy::default());
    let mut page = PageRequest::Offset(0);
    loop {
        let asked = ProfileList {
            filter: ProfileFilter::default(),
            order: ProfileOrder::default(),
            page,
            limit: PAGE,
        };
        let found = profiles.execute(&administrator(), asked).await?;
        for profile in found.items {
            println!(
                "{}  {}",
                profile.user_id.get(),
                profile.display_name.as_str()
            );
        }
        match found.next_cursor {
            Some(cursor) => page = PageRequest::Cursor(cursor),
            None => return Ok(()),
        }
    }
}
