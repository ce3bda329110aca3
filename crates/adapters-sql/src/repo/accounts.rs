//! Changes of many accounts by few statements.

use std::collections::{HashMap, HashSet};

use async_trait::async_trait;
use sea_orm::DbErr;
use sea_orm::sea_query::{Expr, IntoIden, OnConflict, Query};
use user_service_domain::bulk::{AccountChange, Accounts, StoredAccount, TakenIds};
use user_service_domain::ids::{PreferencesId, ProfileId, SessionId, UserId};
use user_service_domain::preferences::Preferences;
use user_service_domain::profile::{Account, Profile, Searched};
use user_service_domain::session::Session;
use user_service_domain::store::{Constraint, StoreError};

use crate::entity::Columns;
use crate::entity::activity::UserProfileActivity as Activity;
use crate::entity::preferences::{self, UserPreferences};
use crate::entity::profile::{self, UserProfiles};
use crate::entity::search;
use crate::entity::session::{self, UserSessions};
use crate::statements::{self, MOST_IDS};
use crate::unit_of_work::SqlUnitOfWork;

/// How many rows one statement writes at most; SQLite takes 32766 values.
const MOST_ROWS: usize = 512;

/// A row to be written.
type Row<C> = Vec<(C, Expr)>;

fn profile_id(row: &mut Columns<'_>) -> Result<ProfileId, DbErr> {
    row.take().map(ProfileId::new)
}

fn preferences_id(row: &mut Columns<'_>) -> Result<PreferencesId, DbErr> {
    row.take().map(PreferencesId::new)
}

/// Stretches of as many rows as a power of two, so that few texts fill the cache of prepared statements.
fn stretches<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let most = rows.len().min(MOST_ROWS);
        let count = most.checked_ilog2().map(|log| 1 << log)?;
        let (stretch, rest) = rows.split_at(count);
        rows = rest;
        Some(stretch)
    })
}

fn profile_row(profile: &Profile) -> Row<UserProfiles> {
    let written = profile::fixed(profile)
        .into_iter()
        .chain(profile::changeable(profile));
    written
        .map(|(column, value)| (column, Expr::val(value)))
        .collect()
}

fn activity_row(profile: &Profile) -> Row<Activity> {
    vec![
        (Activity::ProfileId, Expr::val(profile.id.get())),
        (Activity::LastLoginAt, Expr::val(profile.last_login_at)),
    ]
}

fn session_row(session: &Session) -> Row<UserSessions> {
    let written = session::fixed(session)
        .into_iter()
        .chain(session::changeable(session));
    written
        .map(|(column, value)| (column, Expr::val(value)))
        .collect()
}

impl SqlUnitOfWork {
    async fn preferences_row(
        &mut self,
        of: &Preferences,
    ) -> Result<Row<UserPreferences>, StoreError> {
        let changeable = self.changeable(of).await?;
        Ok(preferences::fixed(of)
            .into_iter()
            .chain(changeable)
            .collect())
    }

    /// Writes rows of the same columns. With a key, those that are there get what is in them of the other columns.
    async fn write<C: IntoIden + Copy>(
        &mut self,
        table: C,
        primary: Option<Constraint>,
        upsert: Option<OnConflict>,
        rows: &[Row<C>],
    ) -> Result<(), StoreError> {
        for rows in stretches(rows) {
            let Some(first) = rows.first() else { continue };
            let mut insert = Query::insert()
                .into_table(table)
                .columns(first.iter().map(|(column, _)| *column))
                .take();
            for row in rows {
                insert.values_panic(row.iter().map(|(_, value)| value.clone()));
            }
            if let Some(upsert) = &upsert {
                insert.on_conflict(upsert.clone());
            }
            self.run(&insert, primary).await?;
        }
        Ok(())
    }
}

/// Rows of this key get the other columns of those that were to be inserted.
fn upsert<C: IntoIden + Copy>(key: C, row: &Row<C>) -> OnConflict {
    let key_name = key.into_iden();
    let others = row.iter().map(|(column, _)| *column);
    OnConflict::column(key)
        .update_columns(others.filter(|column| column.into_iden() != key_name))
        .to_owned()
}

#[async_trait]
impl Accounts for SqlUnitOfWork {
    async fn find_for_update(&mut self, of: &[UserId]) -> Result<Vec<StoredAccount>, StoreError> {
        self.plan_anew().await?;
        let mut of = of.to_vec();
        of.sort_unstable();
        of.dedup();
        let mut found = Vec::new();
        for users in of.chunks(MOST_IDS) {
            let select = statements::lock_profiles_of(users);
            let profiles = self.many(&select, profile::read).await?;
            let ids: Vec<ProfileId> = profiles.iter().map(|profile| profile.id).collect();
            let mut preferences = HashMap::new();
            if !ids.is_empty() {
                let select = statements::preferences_of(&ids);
                for stored in self.many(&select, preferences::read).await? {
                    preferences.insert(stored.profile_id, stored);
                }
            }
            found.extend(profiles.into_iter().map(|profile| StoredAccount {
                preferences: preferences.remove(&profile.id),
                profile,
            }));
        }
        self.plan_as_ever().await?;
        Ok(found)
    }

    async fn taken(
        &mut self,
        profiles: &[ProfileId],
        preferences: &[PreferencesId],
    ) -> Result<TakenIds, StoreError> {
        self.plan_anew().await?;
        let mut taken = TakenIds::default();
        for ids in profiles.chunks(MOST_IDS) {
            let select = statements::taken_profiles(ids);
            taken.profiles.extend(self.many(&select, profile_id).await?);
        }
        for ids in preferences.chunks(MOST_IDS) {
            let select = statements::taken_preferences(ids);
            taken
                .preferences
                .extend(self.many(&select, preferences_id).await?);
        }
        self.plan_as_ever().await?;
        Ok(taken)
    }

    async fn insert(&mut self, accounts: &[Account]) -> Result<(), StoreError> {
        self.live()?;
        let mut profiles = Vec::with_capacity(accounts.len());
        let mut activity = Vec::new();
        let mut preferences = Vec::with_capacity(accounts.len());
        let mut searched = Vec::with_capacity(accounts.len());
        for Account {
            profile,
            preferences: chosen,
        } in accounts
        {
            let mut row = profile_row(profile);
            row.push((UserProfiles::SearchVersion, Expr::val(search::VERSION)));
            profiles.push(row);
            if profile.last_login_at.is_some() {
                activity.push(activity_row(profile));
            }
            preferences.push(self.preferences_row(chosen).await?);
            searched.push((profile.id, Searched::of(profile)));
        }
        let of_profiles = Some(Constraint::ProfileId);
        self.write(UserProfiles::Table, of_profiles, None, &profiles)
            .await?;
        let of_preferences = Some(Constraint::PreferencesId);
        self.write(UserPreferences::Table, of_preferences, None, &preferences)
            .await?;
        self.write(Activity::Table, None, None, &activity).await?;
        self.index(&searched).await
    }

    async fn update(&mut self, changes: &[AccountChange]) -> Result<(), StoreError> {
        self.live()?;
        let mut profiles = Vec::new();
        let mut activity = Vec::new();
        let mut preferences = Vec::new();
        let mut reworded = Vec::new();
        for AccountChange { before, after } in changes {
            if after.profile.version != before.profile.version {
                profiles.push(profile_row(&after.profile));
            }
            if after.profile.last_login_at != before.profile.last_login_at {
                activity.push(activity_row(&after.profile));
            }
            if before.preferences.as_ref() != Some(&after.preferences) {
                preferences.push(self.preferences_row(&after.preferences).await?);
            }
            let searched = Searched::of(&after.profile);
            if searched != Searched::of(&before.profile) {
                reworded.push((after.profile.id, searched));
            }
        }
        if let Some(row) = profiles.first() {
            let change = Some(upsert(UserProfiles::Id, row));
            self.write(UserProfiles::Table, None, change, &profiles)
                .await?;
        }
        if let Some(row) = preferences.first() {
            let change = Some(upsert(UserPreferences::Id, row));
            self.write(UserPreferences::Table, None, change, &preferences)
                .await?;
        }
        if let Some(row) = activity.first() {
            let change = Some(upsert(Activity::ProfileId, row));
            self.write(Activity::Table, None, change, &activity).await?;
        }
        for reworded in reworded.chunks(MOST_IDS) {
            let ids: Vec<ProfileId> = reworded.iter().map(|(id, _)| *id).collect();
            self.unindex(&ids).await?;
            self.mark_indexed(reworded).await?;
        }
        Ok(())
    }

    async fn insert_sessions(&mut self, sessions: &[Session]) -> Result<u64, StoreError> {
        self.live()?;
        let mut stored = 0;
        for sessions in sessions.chunks(MOST_IDS) {
            let ids: Vec<SessionId> = sessions.iter().map(|session| session.id).collect();
            let profiles: Vec<ProfileId> =
                sessions.iter().map(|session| session.profile_id).collect();
            self.plan_anew().await?;
            let select = statements::taken_sessions(&ids);
            let known = self.many(&select, session::read_id).await?;
            let mut known: HashSet<SessionId> = known.into_iter().collect();
            let select = statements::tokens_of(&profiles);
            let tokens = self.many(&select, session::read_token).await?;
            let mut tokens: HashSet<_> = tokens.into_iter().collect();
            self.plan_as_ever().await?;
            let mut new = Vec::new();
            for session in sessions {
                let token = (session.profile_id, session.token);
                if !known.contains(&session.id) && !tokens.contains(&token) {
                    known.insert(session.id);
                    tokens.insert(token);
                    new.push(session_row(session));
                }
            }
            let of_sessions = Some(Constraint::SessionId);
            self.write(UserSessions::Table, of_sessions, None, &new)
                .await?;
            stored += u64::try_from(new.len()).unwrap_or(u64::MAX);
        }
        Ok(stored)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_hold_every_row_once_and_have_few_lengths() {
        let rows: Vec<usize> = (0..1300).collect();
        let lengths: Vec<usize> = stretches(&rows).map(<[usize]>::len).collect();
        assert_eq!(lengths, [512, 512, 256, 16, 4]);
        assert_eq!(
            stretches(&rows).flatten().copied().collect::<Vec<_>>(),
            rows
        );
        assert_eq!(stretches::<usize>(&[]).count(), 0);
    }
}
