//! Profiles that are made when their person first asks.

use user_service_domain::identity::{AboutPerson, Principal};
use user_service_domain::profile::ProfileKey;
use user_service_domain::store::Store;

use crate::replica::{Replica, World, person, stranger};

async fn provisioned(about: Option<AboutPerson>) -> (String, String, String) {
    let replica = Replica::of(&World::new().await).await;
    let bearer = Principal {
        user_id: stranger(),
        about: about.map(Box::new),
        ..person(1)
    };
    // A twin is no error, and changes nothing.
    for _ in 0..2 {
        replica.provision.execute(&bearer).await.unwrap();
    }
    let key = ProfileKey::User(stranger());
    let profiles = replica.world.store.profiles();
    let account = profiles.find_account(key).await.unwrap().unwrap();
    (
        account.profile.display_name.as_str().to_owned(),
        account.preferences.language.as_str().to_owned(),
        account.preferences.timezone.as_str().to_owned(),
    )
}

fn texts(name: &str, language: &str, zone: &str) -> (String, String, String) {
    (name.to_owned(), language.to_owned(), zone.to_owned())
}

#[tokio::test(start_paused = true)]
async fn what_the_token_says_is_taken_over() {
    let about = AboutPerson {
        name: Some("Zoë Ångström".to_owned()),
        locale: Some("pt_BR".to_owned()),
        zoneinfo: Some("Europe/Lisbon".to_owned()),
        email: None,
    };
    assert_eq!(
        provisioned(Some(about)).await,
        texts("Zoë Ångström", "pt-BR", "Europe/Lisbon")
    );
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_taken_over_gives_way_to_the_default() {
    let about = AboutPerson {
        name: Some("\u{202e}".to_owned()),
        locale: Some("not a tag".to_owned()),
        zoneinfo: Some("Mars/Olympus".to_owned()),
        email: None,
    };
    let defaults = texts("New user", "en", "UTC");
    assert_eq!(provisioned(Some(about)).await, defaults);
    assert_eq!(provisioned(None).await, defaults);
}
