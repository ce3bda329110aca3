//! The bus of revocations.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::timeout;
use user_service_domain::ids::UserId;
use user_service_domain::revocation::{Notice, Notices};
use uuid::Uuid;

use super::Caches;

/// How long what was published may take to arrive here.
const PATIENCE: Duration = Duration::from_secs(10);

fn some_notice() -> Notice {
    Notice {
        user_id: UserId::new(Uuid::new_v4()),
    }
}

/// Waits until all of these were heard.
async fn assert_heard(heard: &mut dyn Notices, expected: &[Notice]) {
    let mut missing: BTreeSet<UserId> = expected.iter().map(|notice| notice.user_id).collect();
    let all = async {
        while !missing.is_empty() {
            let notice = heard.next().await;
            assert!(notice.is_some(), "the connection was lost");
            if let Some(notice) = notice {
                missing.remove(&notice.user_id);
            }
        }
    };
    let in_time = timeout(PATIENCE, all).await.is_ok();
    assert!(in_time, "{} notices did not arrive", missing.len());
}

/// What is published after `subscribe` returned arrives, each time.
pub async fn a_subscriber_hears_what_is_published(caches: Caches) {
    for _ in 0..20 {
        let mut heard = caches.bus.subscribe().await.unwrap();
        let notice = some_notice();
        caches.bus.publish(&[notice]).await.unwrap();
        assert_heard(&mut *heard, &[notice]).await;
    }
}

/// A subscriber goes on to hear: notices apart, notices together.
pub async fn a_subscriber_goes_on_to_hear(caches: Caches) {
    let mut heard = caches.bus.subscribe().await.unwrap();
    for many in [1, 1, 5, 1] {
        let notices: Vec<_> = (0..many).map(|_| some_notice()).collect();
        caches.bus.publish(&notices).await.unwrap();
        assert_heard(&mut *heard, &notices).await;
    }
}

/// Every subscriber hears every notice.
pub async fn every_subscriber_hears(caches: Caches) {
    let mut first = caches.bus.subscribe().await.unwrap();
    let mut second = caches.bus.subscribe().await.unwrap();
    let notices = [some_notice(), some_notice()];
    caches.bus.publish(&notices).await.unwrap();
    assert_heard(&mut *first, &notices).await;
    assert_heard(&mut *second, &notices).await;
}

/// Who waits for a notice is woken by it.
pub async fn who_waits_is_woken(caches: Caches) {
    let mut heard = caches.bus.subscribe().await.unwrap();
    let notice = some_notice();
    let notices = [notice];
    let (published, ()) = tokio::join!(
        caches.bus.publish(&notices),
        assert_heard(&mut *heard, &notices)
    );
    published.unwrap();
}

/// Giving up waiting loses nothing.
pub async fn waiting_may_be_given_up(caches: Caches) {
    let mut heard = caches.bus.subscribe().await.unwrap();
    let given_up = timeout(Duration::from_millis(1), heard.next()).await;
    assert!(given_up.is_err() || given_up.is_ok_and(|notice| notice.is_some()));
    let notice = some_notice();
    caches.bus.publish(&[notice]).await.unwrap();
    assert_heard(&mut *heard, &[notice]).await;
}

/// Many notices arrive that are published at once.
pub async fn many_notices_arrive(caches: Caches) {
    let mut heard = caches.bus.subscribe().await.unwrap();
    let notices: Vec<_> = (0..3000).map(|_| some_notice()).collect();
    caches.bus.publish(&notices).await.unwrap();
    assert_heard(&mut *heard, &notices).await;
}

/// No notices, and no subscribers, are no error.
pub async fn publishing_to_nobody_is_no_error(caches: Caches) {
    caches.bus.publish(&[]).await.unwrap();
    caches.bus.publish(&[some_notice()]).await.unwrap();
}
