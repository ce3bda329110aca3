//! The port.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use object_store::aws::AmazonS3;
use object_store::list::{PaginatedListOptions, PaginatedListStore as _};
use object_store::path::Path;
use object_store::{Attribute, ObjectStore as _, ObjectStoreExt as _, PutOptions};
use user_service_domain::avatar::{AvatarStore, AvatarStoreError, Picture, Variant};
use user_service_domain::health::Dependency;
use user_service_domain::ids::AvatarId;
use user_service_domain::store::Source;

use crate::error::{OpenError, S3Error, is_absent, told};
use crate::guard::Guard;
use crate::keys::{Keys, id_at_end};
use crate::open::open;
use crate::settings::S3Settings;

/// How many requests of one call are under way at once.
const AT_ONCE: usize = 4;

/// The longest file that is read, in bytes; none that is put comes near it.
const MAX_FILE: u64 = 16 << 20;

/// The longest page that S3 gives.
const MAX_PAGE: usize = 1000;

/// The longest time that a check of health may take.
const CHECK_TIMEOUT: Duration = Duration::from_millis(900);

/// Keeps the files of avatars in a bucket.
pub struct S3AvatarStore {
    s3: AmazonS3,
    keys: Keys,
    guard: Guard,
}

impl S3AvatarStore {
    /// Makes a client. Whether the bucket is there shows when it is first used.
    pub fn new(settings: &S3Settings) -> Result<Self, OpenError> {
        Ok(Self {
            keys: Keys::below(&settings.prefix).ok_or(OpenError::Prefix)?,
            s3: open(settings)?,
            guard: Guard::new(settings),
        })
    }

    async fn put_one(&self, id: AvatarId, picture: &Picture) -> Result<(), S3Error> {
        let media_type = picture.variant.format.media_type();
        let options = PutOptions {
            attributes: [(Attribute::ContentType, media_type)].into_iter().collect(),
            ..PutOptions::default()
        };
        let key = self.keys.file(id, picture.variant);
        self.s3
            .put_opts(&key, picture.bytes.clone().into(), options)
            .await
            .map_err(|error| told(&error))?;
        Ok(())
    }

    async fn put_all(&self, id: AvatarId, pictures: &[Picture]) -> Result<(), S3Error> {
        let puts: Vec<_> = pictures
            .iter()
            .map(|picture| self.put_one(id, picture))
            .collect();
        stream::iter(puts)
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await
    }

    async fn get_one(&self, id: AvatarId, variant: Variant) -> Result<Option<Vec<u8>>, S3Error> {
        let found = match self.s3.get(&self.keys.file(id, variant)).await {
            Ok(found) => found,
            Err(error) if is_absent(&error) => return Ok(None),
            Err(error) => return Err(told(&error)),
        };
        if found.meta.e_tag.is_none() {
            // Every object has one: this is somebody else's answer.
            return Err(S3Error::Broken);
        }
        let size = found.meta.size;
        if size > MAX_FILE {
            return Err(S3Error::TooLong);
        }
        let bytes = found.bytes().await.map_err(|error| told(&error))?;
        if bytes.len() as u64 != size {
            return Err(S3Error::Broken);
        }
        Ok(Some(bytes.to_vec()))
    }

    /// Deletes what is there rather than what is known to be put, so that nothing keeps the id in the list.
    async fn delete_all(&self, id: AvatarId) -> Result<(), S3Error> {
        let below = self.keys.avatar(id);
        let found: Vec<Path> = self
            .s3
            .list(Some(&below))
            .map_ok(|object| object.location)
            .try_collect()
            .await
            .map_err(|error| told(&error))?;
        let deletions: Vec<_> = found.iter().map(|path| self.delete_one(path)).collect();
        stream::iter(deletions)
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await
    }

    async fn delete_one(&self, path: &Path) -> Result<(), S3Error> {
        match self.s3.delete(path).await {
            Err(error) if !is_absent(&error) => Err(told(&error)),
            _ => Ok(()),
        }
    }

    async fn list_ids(
        &self,
        after: Option<AvatarId>,
        limit: usize,
    ) -> Result<Vec<AvatarId>, S3Error> {
        let offset = after.map(|id| self.keys.past(id));
        let (mut ids, mut page_token) = (Vec::new(), None);
        while ids.len() < limit {
            let options = PaginatedListOptions {
                offset: offset.clone(),
                delimiter: Some("/".into()),
                max_keys: Some((limit - ids.len()).min(MAX_PAGE)),
                page_token,
                ..PaginatedListOptions::default()
            };
            let page = self
                .s3
                .list_paginated(Some(&self.keys.all()), options)
                .await
                .map_err(|error| told(&error))?;
            let mut found: Vec<_> = page
                .result
                .common_prefixes
                .iter()
                .filter_map(id_at_end)
                .collect();
            found.sort_unstable();
            // Else the caller would never come to the end.
            let first = ids.last().copied().or(after);
            if found
                .first()
                .is_some_and(|id| first.is_some_and(|first| *id <= first))
            {
                return Err(S3Error::Broken);
            }
            ids.append(&mut found);
            page_token = page.page_token;
            if page_token.is_none() {
                break;
            }
        }
        ids.truncate(limit);
        Ok(ids)
    }

    async fn knock(&self) -> Result<(), S3Error> {
        let options = PaginatedListOptions {
            max_keys: Some(1),
            ..PaginatedListOptions::default()
        };
        match self
            .s3
            .list_paginated(Some(&self.keys.all()), options)
            .await
        {
            Ok(_) => Ok(()),
            Err(error) => Err(told(&error)),
        }
    }
}

#[async_trait]
impl AvatarStore for S3AvatarStore {
    async fn put(&self, id: AvatarId, pictures: &[Picture]) -> Result<(), AvatarStoreError> {
        Ok(self.guard.call(self.put_all(id, pictures)).await?)
    }

    async fn get(
        &self,
        id: AvatarId,
        variant: Variant,
    ) -> Result<Option<Vec<u8>>, AvatarStoreError> {
        Ok(self.guard.call(self.get_one(id, variant)).await?)
    }

    async fn delete(&self, id: AvatarId) -> Result<(), AvatarStoreError> {
        Ok(self.guard.call(self.delete_all(id)).await?)
    }

    async fn list(
        &self,
        after: Option<AvatarId>,
        limit: usize,
    ) -> Result<Vec<AvatarId>, AvatarStoreError> {
        Ok(self.guard.call(self.list_ids(after, limit)).await?)
    }
}

#[async_trait]
impl Dependency for S3AvatarStore {
    fn name(&self) -> &'static str {
        "s3"
    }

    fn is_essential(&self) -> bool {
        false
    }

    /// Whether the bucket can be listed.
    async fn check(&self) -> Result<(), Source> {
        match tokio::time::timeout(CHECK_TIMEOUT, self.knock()).await {
            Ok(outcome) => outcome.map_err(Into::into),
            Err(_elapsed) => Err(S3Error::TimedOut.into()),
        }
    }
}

impl fmt::Debug for S3AvatarStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("S3AvatarStore(…)")
    }
}
