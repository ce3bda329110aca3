//! Many use the store at once.

use std::sync::Arc;

use user_service_domain::avatar::Picture;

use super::{Avatars, file, id, pictures};

/// Eight are put at once, and all are there.
pub async fn eight_puts_at_once_keep_eight(avatars: Avatars) {
    let mut ids: Vec<_> = (0..8).map(id).collect();
    let puts: Vec<_> = ids
        .iter()
        .enumerate()
        .map(|(n, id)| {
            let (avatars, id) = (avatars.clone(), *id);
            tokio::spawn(async move { avatars.put(id, &pictures(n)).await })
        })
        .collect();
    for put in puts {
        put.await.unwrap();
    }
    for (n, id) in ids.iter().enumerate() {
        avatars.assert_has(*id, &pictures(n)).await;
    }
    ids.sort();
    assert_eq!(avatars.ids().await, ids);
}

/// The same is put by eight at once: all succeed, and it is kept once.
pub async fn the_same_put_at_once_keeps_one(avatars: Avatars) {
    for n in 0..4 {
        let id = id(n);
        let puts: Vec<_> = (0..8)
            .map(|_| {
                let avatars = avatars.clone();
                tokio::spawn(async move { avatars.store.put(id, &pictures(1)).await })
            })
            .collect();
        for put in puts {
            put.await.unwrap().unwrap();
        }
        avatars.assert_has(id, &pictures(1)).await;
        avatars.store.delete(id).await.unwrap();
        assert_eq!(avatars.ids().await, []);
    }
}

/// Who reads while somebody puts gets nothing or the whole file.
pub async fn a_reader_gets_nothing_or_the_whole_file(avatars: Avatars) {
    let large: Arc<Vec<Picture>> = pictures(1)
        .into_iter()
        .enumerate()
        .map(|(n, picture)| Picture {
            bytes: file(n, 300_000),
            ..picture
        })
        .collect::<Vec<_>>()
        .into();
    for n in 0..4 {
        let id = id(n);
        let put = {
            let (avatars, large) = (avatars.clone(), Arc::clone(&large));
            tokio::spawn(async move { avatars.put(id, &large).await })
        };
        loop {
            let done = put.is_finished();
            for picture in large.iter() {
                match avatars.get(id, picture.variant).await {
                    Some(bytes) => assert!(bytes == picture.bytes, "not the whole file"),
                    None => assert!(!done, "absent though it was put"),
                }
            }
            if done {
                break;
            }
        }
        put.await.unwrap();
    }
}

/// Four delete the same at once, and all succeed.
pub async fn the_same_may_be_deleted_at_once(avatars: Avatars) {
    for n in 0..4 {
        let id = id(n);
        avatars.put(id, &pictures(1)).await;
        let deletions: Vec<_> = (0..4)
            .map(|_| {
                let avatars = avatars.clone();
                tokio::spawn(async move { avatars.store.delete(id).await })
            })
            .collect();
        for deletion in deletions {
            deletion.await.unwrap().unwrap();
        }
        avatars.assert_has(id, &[]).await;
        assert_eq!(avatars.ids().await, []);
    }
}
