//! Keys are listed in their order.

use crate::service::{Service, assert_problem};

/// Where the order of paths and that of keys are not the same.
const KEYS: [&str; 7] = ["a", "b-1", "b.1", "b/1", "b/2/3", "b0", "c/d"];

async fn filled() -> Service {
    let service = Service::start();
    for key in KEYS.iter().rev() {
        assert_eq!(service.put(key, key.as_bytes()).await, 201);
    }
    service
}

#[tokio::test]
async fn keys_are_listed_ascending_by_their_bytes() {
    let service = filled().await;
    assert_eq!(
        service.list("").await,
        (KEYS.map(str::to_owned).into(), vec![], None)
    );
    assert_eq!(service.list("prefix=b/").await.0, ["b/1", "b/2/3"]);
    assert_eq!(service.list("prefix=none/").await.0, Vec::<String>::new());
    assert_eq!(service.list("prefix=a/").await.0, Vec::<String>::new());
}

#[tokio::test]
async fn pages_hold_each_key_once() {
    let service = filled().await;
    for limit in 1..=8 {
        let (mut listed, mut after) = (vec![], String::new());
        loop {
            let (keys, _, next) = service.list(&format!("limit={limit}&after={after}")).await;
            assert!(keys.len() == limit || next.is_none());
            listed.extend(keys);
            match next {
                Some(next) => after = next,
                None => break,
            }
        }
        assert_eq!(listed, KEYS, "in pages of {limit}");
    }
}

#[tokio::test]
async fn a_list_begins_past_any_text() {
    let service = filled().await;
    for (after, begins) in [
        ("", 0),
        ("a", 1),
        ("b", 1),
        ("b/", 3),
        ("b/1", 4),
        ("b/2/", 4),
        ("b/2/4", 5),
        ("z", 7),
    ] {
        let (keys, _, _) = service.list(&format!("after={after}")).await;
        assert_eq!(keys, KEYS[begins..], "after {after}");
    }
}

#[tokio::test]
async fn grouped_keys_are_listed_by_their_folders() {
    let service = filled().await;
    let (keys, prefixes, next) = service.list("delimiter=/").await;
    assert_eq!(keys, ["a", "b-1", "b.1", "b0"]);
    assert_eq!(prefixes, ["b/", "c/"]);
    assert_eq!(next, None);
    let (keys, prefixes, next) = service.list("delimiter=/&limit=2&after=b.1").await;
    assert_eq!(
        (keys, prefixes),
        (vec!["b0".to_owned()], vec!["b/".to_owned()])
    );
    assert_eq!(next.as_deref(), Some("b0"));
    let (keys, prefixes, next) = service.list("delimiter=/&limit=1&after=b.1").await;
    assert_eq!((keys, prefixes), (vec![], vec!["b/".to_owned()]));
    assert_eq!(next.as_deref(), Some("b/"));
    let (keys, prefixes, _) = service.list("delimiter=/&after=b/2/9").await;
    assert_eq!(
        (keys, prefixes),
        (vec!["b0".to_owned()], vec!["c/".to_owned()])
    );
    assert_eq!(service.list("delimiter=/&prefix=b/").await.1, ["b/2/"]);
}

#[tokio::test]
async fn an_empty_folder_is_not_listed() {
    let service = filled().await;
    assert_eq!(service.delete("/files/c/d").await, 204);
    std::fs::create_dir_all(service.directory.path().join("files/e/f")).unwrap();
    assert_eq!(service.list("delimiter=/").await.1, ["b/"]);
    assert!(!service.directory.path().join("files/c").exists());
}

#[tokio::test]
async fn a_list_that_cannot_be_meant_is_refused() {
    let service = Service::start();
    for query in [
        "limit=0",
        "limit=1001",
        "limit=-1",
        "limit=x",
        "delimiter=.",
        "prefix=a",
        "prefix=/",
        "prefix=../",
        "order=desc",
    ] {
        assert_problem(service.get(&format!("/files?{query}")).await, 400).await;
    }
}
