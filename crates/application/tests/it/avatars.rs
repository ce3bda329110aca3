//! Avatars whose stores fail, and who stops in the middle.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::TimeDelta;
use futures_util::future::BoxFuture;
use tokio::sync::Mutex;
use user_service_adapters_image::{ImageRenderer, ImageSettings};
use user_service_application::UseCaseError;
use user_service_application::authz::Policy;
use user_service_application::avatar::{
    AvatarAnswer, Choice, CollectAvatars, DeleteAvatar, GetAvatar, NewAvatar, NoPicture,
    RemoveFiles, Strays, UploadAvatar,
};
use user_service_application::profile::ProfileView;
use user_service_domain::avatar::{
    Avatar, AvatarAlias, AvatarStore, AvatarStoreError, Focus, Picture, PictureFormat, PictureSize,
    Variant,
};
use user_service_domain::clock::Clock;
use user_service_domain::identity::{AboutPerson, Caller, Principal};
use user_service_domain::ids::{AvatarId, IdGenerator};
use user_service_domain::profile::{Profile, ProfileKey};
use user_service_domain::store::Store;
use user_service_testkit::avatars::MemoryAvatarStore;
use user_service_testkit::{FaultKind, FixedClock};

use crate::replica::{World, person};

/// How many pictures an avatar is.
const PICTURES: usize = 8;

const SMALL: Variant = Variant {
    size: PictureSize::Px64,
    format: PictureFormat::Webp,
};

/// The use cases over stores that may fail.
struct Studio {
    world: World,
    files: MemoryAvatarStore,
    upload: UploadAvatar,
    delete: DeleteAvatar,
    collect: CollectAvatars,
    get: GetAvatar,
}

impl Studio {
    async fn new() -> Self {
        let files = MemoryAvatarStore::new();
        Self::over(files.clone(), Arc::new(files), |clock| {
            Arc::clone(clock) as _
        })
        .await
    }

    /// With files that are kept by way of `kept`, and a clock made of the world's.
    async fn over(
        files: MemoryAvatarStore,
        kept: Arc<dyn AvatarStore>,
        clock: impl FnOnce(&Arc<FixedClock>) -> Arc<dyn Clock>,
    ) -> Self {
        let world = World::new().await;
        let store: Arc<dyn Store> = Arc::new(world.store.clone());
        let clock = clock(&world.clock);
        let ids: Arc<dyn IdGenerator> = Arc::new(user_service_adapters_local::UuidV7);
        let remove = RemoveFiles::new(Arc::clone(&store), Arc::clone(&kept));
        Self {
            upload: UploadAvatar::new(
                Arc::clone(&store),
                Arc::clone(&kept),
                Arc::new(ImageRenderer::new(ImageSettings::default())),
                Arc::clone(&clock),
                ids,
                remove.clone(),
                true,
            ),
            delete: DeleteAvatar::new(Arc::clone(&store), Arc::clone(&clock), remove),
            collect: CollectAvatars::new(Arc::clone(&store), Arc::clone(&kept), clock),
            get: GetAvatar::new(store, kept, Policy::default()),
            world,
            files,
        }
    }

    async fn send(&self, caller: Principal, shade: u8) -> Result<ProfileView, UseCaseError> {
        let new = NewAvatar {
            upload: png(shade),
            focus: Focus::MIDDLE,
        };
        let caller = Caller::Known(caller);
        self.upload.execute(&caller, own(), new, None, None).await
    }

    async fn give(&self, shade: u8) -> Avatar {
        let view = self.send(person(1), shade).await.unwrap();
        view.profile.avatar.unwrap()
    }

    async fn look(&self) -> AvatarAnswer {
        let caller = Caller::Known(person(1));
        let choose = |_: &Avatar| Choice::Read(SMALL);
        self.get.execute(&caller, own(), choose).await.unwrap()
    }

    async fn profile(&self) -> Profile {
        let found = self.world.store.profiles().find(own()).await.unwrap();
        found.unwrap()
    }

    /// What is known under the alias of a text.
    async fn known(&self, text: &str) -> bool {
        use sha2::{Digest as _, Sha256};
        let alias = AvatarAlias(Sha256::digest(text).into());
        let found = self.world.store.profiles().find_by_alias(alias).await;
        found.unwrap().is_some()
    }
}

fn own() -> ProfileKey {
    ProfileKey::User(person(1).user_id)
}

fn png(shade: u8) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, 2, 2);
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&[shade; 4]).unwrap();
    writer.finish().unwrap();
    file
}

fn picture_of(answer: &AvatarAnswer) -> Option<AvatarId> {
    match answer {
        AvatarAnswer::Picture(avatar, ..) => Some(avatar.id),
        _ => None,
    }
}

#[tokio::test]
async fn an_upload_whose_files_cannot_be_kept_changes_nothing_and_leaves_nothing() {
    let studio = Studio::new().await;
    let old = studio.give(10).await;
    let before = studio.profile().await;
    studio.files.break_next_put();
    let refused = studio.send(person(1), 20).await;
    assert!(matches!(refused, Err(UseCaseError::AvatarsUnavailable(_))));
    assert_eq!(studio.profile().await, before);
    assert_eq!(picture_of(&studio.look().await), Some(old.id));
    assert_eq!(studio.files.file_count(), PICTURES + PICTURES / 2);
    // They may be those of an upload that is under way.
    assert_eq!(studio.collect.execute().await.unwrap(), 0);
    studio.world.clock.advance(TimeDelta::hours(1));
    assert_eq!(studio.collect.execute().await.unwrap(), 1);
    assert_eq!(studio.files.file_count(), PICTURES);
    assert_eq!(picture_of(&studio.look().await), Some(old.id));
}

#[tokio::test]
async fn an_upload_that_the_store_breaks_off_leaves_nothing_wherever_it_is() {
    // The note is one unit of work, the pointer the next: begin and commit of each.
    for calls in 0..4 {
        let studio = Studio::new().await;
        let old = studio.give(10).await;
        studio.world.store.fail_after(calls, FaultKind::Unavailable);
        let refused = studio.send(person(1), 20).await;
        assert!(
            matches!(refused, Err(UseCaseError::Unavailable(_))),
            "{calls}"
        );
        assert_eq!(picture_of(&studio.look().await), Some(old.id), "{calls}");
        studio.world.clock.advance(TimeDelta::hours(1));
        studio.collect.execute().await.unwrap();
        assert_eq!(studio.files.file_count(), PICTURES, "{calls}");
    }
}

#[tokio::test]
async fn a_lost_race_is_run_again() {
    let studio = Studio::new().await;
    for calls in 0..4 {
        studio.world.store.fail_after(calls, FaultKind::Stale);
        studio.give(10).await;
        assert_eq!(studio.files.file_count(), PICTURES);
    }
}

/// Lets something happen in the middle of what is done with the files.
#[derive(Default)]
struct Meddling {
    files: MemoryAvatarStore,
    /// While files are kept, it moves on.
    clock: Option<Arc<FixedClock>>,
    /// While files are read for the first time. Those that were to be read are gone then.
    swap: Mutex<Option<BoxFuture<'static, ()>>>,
}

#[async_trait]
impl AvatarStore for Meddling {
    async fn put(&self, id: AvatarId, pictures: &[Picture]) -> Result<(), AvatarStoreError> {
        if let Some(clock) = &self.clock {
            clock.advance(TimeDelta::minutes(51));
        }
        self.files.put(id, pictures).await
    }

    async fn get(
        &self,
        id: AvatarId,
        variant: Variant,
    ) -> Result<Option<Vec<u8>>, AvatarStoreError> {
        if let Some(swap) = self.swap.lock().await.take() {
            swap.await;
            self.files.delete(id).await?;
        }
        self.files.get(id, variant).await
    }

    async fn delete(&self, id: AvatarId) -> Result<(), AvatarStoreError> {
        self.files.delete(id).await
    }

    async fn list(
        &self,
        after: Option<AvatarId>,
        limit: usize,
    ) -> Result<Vec<AvatarId>, AvatarStoreError> {
        self.files.list(after, limit).await
    }
}

#[tokio::test]
async fn no_profile_points_at_files_that_may_be_collected() {
    let clock = Arc::new(FixedClock::default());
    let files = MemoryAvatarStore::new();
    let slow = Arc::new(Meddling {
        files: files.clone(),
        clock: Some(Arc::clone(&clock)),
        ..Meddling::default()
    });
    let studio = Studio::over(files, slow, |_| clock).await;
    let late = studio.send(person(1), 10).await;
    assert!(matches!(late, Err(UseCaseError::Unavailable(_))));
    assert_eq!(studio.profile().await.avatar, None);
}

#[tokio::test]
async fn who_reads_while_the_avatar_is_replaced_gets_the_new_one() {
    let files = MemoryAvatarStore::new();
    let swapping = Arc::new(Meddling {
        files: files.clone(),
        ..Meddling::default()
    });
    let kept = Arc::clone(&swapping) as _;
    let studio = Studio::over(files.clone(), kept, |clock| Arc::clone(clock) as _).await;
    let first = studio.give(10).await;
    let second = studio.give(20).await;
    // Back to the first, as if the second came only now.
    let store = studio.world.store.clone();
    let point_at = async move |avatar: Avatar| {
        let mut work = store.begin().await.unwrap();
        let found = work.profiles().find_for_update(own()).await.unwrap();
        let mut profile = found.unwrap();
        profile.avatar = Some(avatar);
        profile.version += 1;
        work.profiles().update(&profile).await.unwrap();
        work.commit().await.unwrap();
    };
    point_at(first).await;
    let new = second.clone();
    let swap = async move {
        point_at(new).await;
    };
    *swapping.swap.lock().await = Some(Box::pin(swap));
    assert_eq!(picture_of(&studio.look().await), Some(second.id));
}

#[tokio::test]
async fn files_that_are_lost_are_drawn_instead() {
    let studio = Studio::new().await;
    let avatar = studio.give(10).await;
    studio.files.delete(avatar.id).await.unwrap();
    let answer = studio.look().await;
    assert!(matches!(answer, AvatarAnswer::Drawing(_, NoPicture::Lost)));
    studio.give(10).await;
    assert!(
        picture_of(&studio.look().await).is_some(),
        "sent again it is there"
    );
}

#[tokio::test]
async fn a_removal_is_taken_while_the_files_are_out_of_reach() {
    let studio = Studio::new().await;
    studio.give(10).await;
    studio.files.be_away(true);
    let answer = studio.look().await;
    assert!(matches!(
        answer,
        AvatarAnswer::Drawing(_, NoPicture::Unreachable)
    ));
    let caller = Caller::Known(person(1));
    studio.delete.execute(&caller, own(), None).await.unwrap();
    assert_eq!(studio.profile().await.avatar, None);
    let answer = studio.look().await;
    assert!(matches!(
        answer,
        AvatarAnswer::Drawing(_, NoPicture::Absent)
    ));
    assert!(studio.collect.execute().await.is_err());
    studio.files.be_away(false);
    assert_eq!(studio.collect.execute().await.unwrap(), 1);
    assert_eq!(studio.files.file_count(), 0);
}

#[tokio::test]
async fn a_scan_finds_what_nobody_knows_of_and_leaves_what_may_be_under_way() {
    let studio = Studio::new().await;
    let now = user_service_adapters_local::SystemClock.now();
    studio.world.clock.set(now);
    let avatar = studio.give(10).await;
    let old = AvatarId::new(uuid::Uuid::from_u128(7 << 76 | 2 << 62));
    let young = AvatarId::new(user_service_adapters_local::UuidV7.next());
    let picture = Picture {
        variant: SMALL,
        bytes: vec![1],
    };
    for id in [old, young] {
        let pictures = std::slice::from_ref(&picture);
        studio.files.put(id, pictures).await.unwrap();
    }
    assert_eq!(studio.collect.scan(Strays::Count).await.unwrap(), 1);
    assert_eq!(studio.files.file_count(), PICTURES + 2);
    assert_eq!(studio.collect.scan(Strays::Remove).await.unwrap(), 1);
    assert_eq!(studio.files.file_count(), PICTURES + 1);
    studio.world.clock.advance(TimeDelta::days(2));
    assert_eq!(studio.collect.scan(Strays::Remove).await.unwrap(), 1);
    assert_eq!(studio.files.list(None, 9).await.unwrap(), [avatar.id]);
}

#[tokio::test]
async fn an_avatar_is_known_by_what_its_owner_is_called() {
    let studio = Studio::new().await;
    let id = person(1).user_id.to_string();
    let about = AboutPerson {
        email: Some(" Ana@Example.org".to_owned()),
        ..AboutPerson::default()
    };
    let ana = Principal {
        about: Some(Box::new(about)),
        ..person(1)
    };
    studio.send(ana, 10).await.unwrap();
    assert!(studio.known(&id).await && studio.known("ana@example.org").await);
    // Who changes it for them does not make it their own.
    let admin = Principal {
        is_admin: true,
        ..person(2)
    };
    studio.send(admin.clone(), 20).await.unwrap();
    assert!(studio.known("ana@example.org").await);
    let caller = Caller::Known(person(1));
    studio.delete.execute(&caller, own(), None).await.unwrap();
    assert!(!studio.known(&id).await && !studio.known("ana@example.org").await);
    studio.send(admin, 20).await.unwrap();
    assert!(studio.known(&id).await && !studio.known("ana@example.org").await);
}
