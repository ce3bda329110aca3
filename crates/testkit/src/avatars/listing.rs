//! Ids are listed.

use user_service_domain::avatar::{Picture, Variant};
use user_service_domain::ids::AvatarId;
use uuid::Uuid;

use super::{Avatars, file, id, pictures};

/// Puts so many, the last first, and tells their ids, ascending.
async fn put(avatars: &Avatars, many: u64) -> Vec<AvatarId> {
    let ids: Vec<_> = (0..many).map(|n| id(n * 10)).collect();
    for id in ids.iter().rev() {
        let few: Vec<Picture> = Variant::all()
            .take(2)
            .map(|variant| Picture {
                variant,
                bytes: file(1, 9),
            })
            .collect();
        avatars.put(*id, &few).await;
    }
    ids
}

/// There is nothing in an empty store, wherever a list begins.
pub async fn an_empty_store_lists_nothing(avatars: Avatars) {
    assert_eq!(avatars.list(None, 10).await, []);
    assert_eq!(avatars.list(Some(id(1)), 10).await, []);
}

/// Ids are listed ascending, each once, whatever the order of the puts.
pub async fn ids_are_listed_ascending(avatars: Avatars) {
    let ids = put(&avatars, 12).await;
    assert_eq!(avatars.ids().await, ids);
}

/// A list begins past a place, which may be an id that is there, one that is not, and the last.
pub async fn a_list_begins_past_its_place(avatars: Avatars) {
    let ids = put(&avatars, 5).await;
    assert_eq!(avatars.list(Some(ids[0]), 10).await, ids[1..]);
    assert_eq!(avatars.list(Some(ids[3]), 10).await, ids[4..]);
    assert_eq!(avatars.list(Some(id(15)), 10).await, ids[2..]);
    assert_eq!(avatars.list(Some(ids[4]), 10).await, []);
    let first = AvatarId::new(Uuid::nil());
    assert_eq!(avatars.list(Some(first), 10).await, ids);
    let last = AvatarId::new(Uuid::max());
    assert_eq!(avatars.list(Some(last), 10).await, []);
}

/// A list has no more than was asked for, and no fewer where there are more.
pub async fn a_list_stops_at_its_limit(avatars: Avatars) {
    let ids = put(&avatars, 5).await;
    for limit in 0..=6 {
        let end = limit.min(ids.len());
        assert_eq!(avatars.list(None, limit).await, ids[..end]);
    }
}

/// Pages hold each id once, and only the last is short.
pub async fn pages_hold_each_id_once(avatars: Avatars) {
    let ids = put(&avatars, 23).await;
    for limit in [1, 4, 22, 23, 24] {
        let (mut listed, mut after) = (vec![], None);
        loop {
            let page = avatars.list(after, limit).await;
            after = page.last().copied();
            listed.extend_from_slice(&page);
            if page.len() < limit {
                break;
            }
        }
        assert_eq!(listed, ids, "in pages of {limit}");
    }
}

/// An avatar that is deleted while a list is read in pages is not missed by the page, nor are others.
pub async fn a_deleted_id_is_passed_over(avatars: Avatars) {
    let ids = put(&avatars, 6).await;
    let page = avatars.list(None, 2).await;
    assert_eq!(page, ids[..2]);
    avatars.store.delete(ids[1]).await.unwrap();
    avatars.store.delete(ids[2]).await.unwrap();
    assert_eq!(avatars.list(Some(ids[1]), 2).await, ids[3..5]);
}

/// What the service did not put there is skipped, and does not make a page short.
pub async fn what_others_put_is_skipped(avatars: Avatars) {
    let ids = put(&avatars, 3).await;
    for n in 0..9 {
        // Between the ids: as they are written elsewhere, and what is almost one.
        let between = id(n * 5 + 1);
        let simple = between.get().as_simple().to_string();
        avatars.around.leave(&format!("{simple}/64.webp")).await;
        avatars.around.leave(&format!("{between}-x/64.webp")).await;
        avatars.around.leave(&format!("{between}.txt")).await;
    }
    for place in ["notes.txt", "0/64.webp", "lost.found/deep/down/64.webp"] {
        avatars.around.leave(place).await;
    }
    assert_eq!(avatars.list(None, 2).await, ids[..2]);
    assert_eq!(avatars.list(Some(ids[0]), 2).await, ids[1..]);
    assert_eq!(avatars.ids().await, ids);
}

/// What was put once is in the list at once.
pub async fn a_put_is_listed_at_once(avatars: Avatars) {
    let mut ids = vec![];
    for n in 0..10 {
        let id = id(n);
        avatars.put(id, &pictures(1)[..1]).await;
        ids.push(id);
        assert_eq!(avatars.ids().await, ids);
    }
}
