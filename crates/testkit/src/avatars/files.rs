//! Files are put, got and deleted.

use user_service_domain::avatar::{Picture, PictureFormat, PictureSize, Variant};
use user_service_domain::ids::AvatarId;
use uuid::Uuid;

use super::{Avatars, file, id, pictures};

const VARIANT: Variant = Variant {
    size: PictureSize::Px64,
    format: PictureFormat::Webp,
};

fn one(bytes: Vec<u8>) -> [Picture; 1] {
    [Picture {
        variant: VARIANT,
        bytes,
    }]
}

/// Every variant comes back byte for byte.
pub async fn every_variant_comes_back(avatars: Avatars) {
    let all: Vec<Picture> = Variant::all()
        .enumerate()
        .map(|(n, variant)| Picture {
            variant,
            bytes: file(n, 1000 + n),
        })
        .collect();
    let id = id(1);
    avatars.put(id, &all).await;
    avatars.assert_has(id, &all).await;
}

/// Files are any bytes: one alone, each value alone, all of them, and what looks like text with line ends.
pub async fn files_are_any_bytes(avatars: Avatars) {
    let each = (0..=u8::MAX).map(|byte| vec![byte]);
    let others = [
        (0..=u8::MAX).collect(),
        b"\r\n\r\n--x\r\n".to_vec(),
        vec![0; 4096],
    ];
    for (n, bytes) in each.step_by(51).chain(others).enumerate() {
        let (id, pictures) = (id(n as u64), one(bytes));
        avatars.put(id, &pictures).await;
        avatars.assert_has(id, &pictures).await;
    }
}

/// A file may have a mebibyte.
pub async fn a_large_file_comes_back(avatars: Avatars) {
    let (id, pictures) = (id(1), one(file(1, 1 << 20)));
    avatars.put(id, &pictures).await;
    avatars.assert_has(id, &pictures).await;
}

/// What was never put is `None`.
pub async fn an_unknown_id_is_none(avatars: Avatars) {
    avatars.assert_has(id(1), &[]).await;
    avatars.put(id(2), &pictures(2)).await;
    avatars.assert_has(id(1), &[]).await;
}

/// A variant that was not put is `None`, though others were.
pub async fn a_variant_that_was_not_put_is_none(avatars: Avatars) {
    let (id, pictures) = (id(1), one(vec![7]));
    avatars.put(id, &pictures).await;
    avatars.assert_has(id, &pictures).await;
}

/// To put the same again succeeds, and keeps nothing twice.
pub async fn a_put_may_be_repeated(avatars: Avatars) {
    let (id, pictures) = (id(1), pictures(1));
    for _ in 0..3 {
        avatars.put(id, &pictures).await;
        avatars.assert_has(id, &pictures).await;
        assert_eq!(avatars.ids().await, [id]);
    }
}

/// A put that was begun before is completed.
pub async fn a_put_completes_what_is_there_in_part(avatars: Avatars) {
    let (id, pictures) = (id(1), pictures(1));
    avatars.put(id, &pictures[..3]).await;
    avatars.put(id, &pictures).await;
    avatars.assert_has(id, &pictures).await;
    assert_eq!(avatars.ids().await, [id]);
}

/// Nothing under the id remains.
pub async fn a_deleted_avatar_is_gone(avatars: Avatars) {
    let id = id(1);
    avatars.put(id, &pictures(1)).await;
    avatars.store.delete(id).await.unwrap();
    avatars.assert_has(id, &[]).await;
    assert_eq!(avatars.ids().await, []);
}

/// Nothing there is no error: never, or no longer.
pub async fn deleting_nothing_is_no_error(avatars: Avatars) {
    let (gone, never) = (id(1), id(2));
    avatars.store.delete(never).await.unwrap();
    avatars.put(gone, &pictures(1)).await;
    for _ in 0..3 {
        avatars.store.delete(gone).await.unwrap();
        avatars.store.delete(never).await.unwrap();
    }
}

/// What was deleted may be put again.
pub async fn a_deleted_avatar_may_be_put_again(avatars: Avatars) {
    let (id, pictures) = (id(1), pictures(1));
    for _ in 0..3 {
        avatars.put(id, &pictures).await;
        avatars.assert_has(id, &pictures).await;
        avatars.store.delete(id).await.unwrap();
        avatars.assert_has(id, &[]).await;
    }
}

/// Ids that are alike have files of their own, and one is deleted alone.
pub async fn each_id_has_files_of_its_own(avatars: Avatars) {
    let first = id(1);
    let alike = [0, 1, 64, 127].map(|bit| {
        let flipped = first.get().as_u128() ^ (1 << bit);
        AvatarId::new(Uuid::from_u128(flipped))
    });
    avatars.put(first, &pictures(0)).await;
    for (n, id) in alike.into_iter().enumerate() {
        avatars.put(id, &pictures(n + 1)).await;
    }
    avatars.store.delete(first).await.unwrap();
    avatars.assert_has(first, &[]).await;
    for (n, id) in alike.into_iter().enumerate() {
        avatars.assert_has(id, &pictures(n + 1)).await;
    }
}
