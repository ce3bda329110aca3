//! Changes of profiles.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, ExprTrait, Query, UpdateStatement};
use sea_orm::{DbBackend, Statement};
use user_service_domain::ids::{ProfileId, UserId};
use user_service_domain::profile::{Profile, ProfileKey, ProfilePatch, Profiles, Searched};
use user_service_domain::store::{Constraint, StoreError};

use crate::entity::activity::UserProfileActivity as Activity;
use crate::entity::profile::{self, UserProfiles};
use crate::entity::search;
use crate::fixed::{ByKey, Fixed};
use crate::statements;
use crate::unit_of_work::SqlUnitOfWork;

/// Writes all that may change, where the stored version is the one before.
fn guarded_update(profile: &Profile) -> UpdateStatement {
    Query::update()
        .table(UserProfiles::Table)
        .values(profile::changeable(profile).map(|(column, value)| (column, value.into())))
        .and_where(Expr::col(UserProfiles::Id).eq(profile.id.get()))
        .and_where(Expr::col(UserProfiles::Version).eq(profile.version.saturating_sub(1)))
        .take()
}

/// [`guarded_update`], rendered once.
pub(crate) fn replacement(backend: DbBackend, profile: &Profile) -> Statement {
    static UPDATE: Fixed = Fixed::new();
    let changeable = profile::changeable(profile).into_iter();
    let stored = profile.version.saturating_sub(1);
    let guard = [profile.id.get().into(), stored.into()];
    let values = changeable.map(|(_, value)| value).chain(guard);
    UPDATE.with(backend, values, || guarded_update(profile))
}

/// [`statements::patch_profile`], rendered once for each set of members. `None` where there is no member.
pub(crate) fn patched(
    backend: DbBackend,
    id: ProfileId,
    owner: Option<UserId>,
    patch: &ProfilePatch,
    now: DateTime<Utc>,
) -> Option<Statement> {
    static OF_ANYBODY: [Fixed; statements::SETS] = [const { Fixed::new() }; statements::SETS];
    static OF_THE_OWNER: [Fixed; statements::SETS] = [const { Fixed::new() }; statements::SETS];
    let texts = match owner {
        None => &OF_ANYBODY,
        Some(_) => &OF_THE_OWNER,
    };
    let set = Some(statements::set_of(patch)).filter(|set| *set > 0)?;
    let values = statements::values_of_patch(id, owner, patch, now);
    let update = || statements::patch_profile(id, owner, patch, now);
    Some(texts.get(set)?.with(backend, values, update))
}

#[async_trait]
impl Profiles for SqlUnitOfWork {
    async fn find_for_update(&mut self, key: ProfileKey) -> Result<Option<Profile>, StoreError> {
        static BY: ByKey = ByKey::new();
        let statement = BY.with(self.backend(), key, statements::lock_profile);
        let found = self.one_by(statement, profile::read).await?;
        self.seen = found.as_ref().map(|found| (found.id, found.search_text()));
        Ok(found)
    }

    async fn insert(&mut self, profile: &Profile) -> Result<(), StoreError> {
        let (columns, values): (Vec<_>, Vec<_>) = profile::fixed(profile)
            .into_iter()
            .chain(profile::changeable(profile))
            .chain([(UserProfiles::SearchVersion, search::VERSION.into())])
            .map(|(column, value)| (column, Expr::val(value)))
            .unzip();
        let insert = Query::insert()
            .into_table(UserProfiles::Table)
            .columns(columns)
            .values_panic(values)
            .take();
        self.run(&insert, Some(Constraint::ProfileId)).await?;
        self.index(&[(profile.id, Searched::of(profile))]).await?;
        if let Some(time) = profile.last_login_at {
            let insert = Query::insert()
                .into_table(Activity::Table)
                .columns([Activity::ProfileId, Activity::LastLoginAt])
                .values_panic([Expr::val(profile.id.get()), Expr::val(time)])
                .take();
            self.run(&insert, None).await?;
        }
        Ok(())
    }

    async fn update(&mut self, profile: &Profile) -> Result<(), StoreError> {
        let text = profile.search_text();
        let seen = self.seen.take().filter(|(id, _)| *id == profile.id);
        let before = if let Some((_, before)) = seen {
            Some(before)
        } else {
            let stored = statements::searched(profile.id);
            let stored = self.one(&stored, search::unindexed).await?;
            stored.map(|(_, before)| before.into_text())
        };
        let reworded = before.is_some_and(|before| before != text);
        if reworded {
            let mut update = guarded_update(profile);
            update.value(UserProfiles::SearchVersion, search::VERSION);
            self.run_guarded(&update).await?;
        } else {
            self.run_guarded_by(replacement(self.backend(), profile))
                .await?;
        }
        if reworded {
            self.unindex(&[profile.id]).await?;
            self.index(&[(profile.id, Searched::stored(text))]).await?;
        }
        Ok(())
    }

    async fn delete(&mut self, id: ProfileId) -> Result<bool, StoreError> {
        // What belongs to the profile goes by the cascades of the schema.
        let delete = Query::delete()
            .from_table(UserProfiles::Table)
            .and_where(Expr::col(UserProfiles::Id).eq(id.get()))
            .take();
        Ok(self.run(&delete, None).await? > 0)
    }
}
