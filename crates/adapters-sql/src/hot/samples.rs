//! Values for hot statements.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Order, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, QueryResult};
use user_service_domain::avatar::AvatarAlias;
use user_service_domain::ids::{AvatarId, PreferencesId, ProfileId, SessionId, UserId};
use user_service_domain::profile::{KeyValue, Keyset, SortBy};
use user_service_domain::revocation::FeedPosition;
use user_service_domain::session::TokenDigest;
use uuid::Uuid;

use crate::dialect::build;
use crate::entity::preferences::UserPreferences;
use crate::entity::profile::UserProfiles;
use crate::entity::search::{UserSearchPostings, UserSearchTerms};
use crate::entity::session::UserSessions;

/// How many profiles, words and terms are drawn.
const DRAWN: u64 = 5;

/// A profile, as far as statements need it.
#[derive(Clone, Debug)]
pub struct SampleProfile {
    /// Its id.
    pub id: ProfileId,
    /// Whose it is.
    pub user: UserId,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// The folded name.
    pub name_key: String,
    /// Its avatar, where there is one.
    pub avatar: Option<AvatarId>,
}

/// Values that are in a database, or stand for such.
#[derive(Clone, Debug)]
pub struct Samples {
    /// Some profiles.
    pub profiles: Vec<SampleProfile>,
    /// The place of a profile among all, from which lists go on.
    pub middle: SampleProfile,
    /// Some preferences.
    pub preferences: Vec<PreferencesId>,
    /// Who has the session.
    pub session_of: SampleProfile,
    /// A session.
    pub session: SessionId,
    /// The place of a session among those with addresses, from which upkeep goes on: when it was made, and its id.
    pub addressed: (DateTime<Utc>, SessionId),
    /// The token of the session.
    pub token: TokenDigest,
    /// A moment before which some sessions have ended.
    pub now: DateTime<Utc>,
    /// A place in the feed of revocations.
    pub position: FeedPosition,
    /// A hash by which an avatar is known.
    pub alias: AvatarAlias,
    /// Words of the search.
    pub words: Vec<i64>,
    /// The word that most have.
    pub common_word: i64,
    /// Terms of the search.
    pub terms: Vec<String>,
    /// One of them, and a word that it leads to.
    pub term: (String, i64),
    /// How names begin.
    pub name_prefix: String,
    /// How terms begin.
    pub term_prefix: String,
}

impl Samples {
    /// A profile.
    pub(super) fn profile(&self) -> &SampleProfile {
        self.profiles.first().unwrap_or(&self.middle)
    }

    pub(super) fn middle(&self) -> &SampleProfile {
        &self.middle
    }

    pub(super) fn keyset(&self, by: SortBy) -> Keyset {
        let value = match by {
            SortBy::CreatedAt => KeyValue::Time(self.middle.created_at),
            SortBy::DisplayName => KeyValue::Text(self.middle.name_key.clone()),
        };
        Keyset {
            value,
            id: self.middle.id,
        }
    }
}

/// Values from this database. Where it is empty they stand for none; then no plan says anything, either.
pub async fn draw(db: &DatabaseConnection, now: DateTime<Utc>) -> Result<Samples, DbErr> {
    let nobody = SampleProfile {
        id: ProfileId::new(Uuid::nil()),
        user: UserId::new(Uuid::nil()),
        created_at: now,
        name_key: "a".to_owned(),
        avatar: None,
    };
    let profiles = profiles(db).await?;
    let middle = profiles.last().unwrap_or(&nobody).clone();
    let session = session(db).await?;
    let session_of = profiles.first().unwrap_or(&nobody).clone();
    let (session_of, addressed, token) = match session {
        Some((id, of, token, made)) => (
            SampleProfile {
                id: of,
                ..session_of
            },
            (made, id),
            token,
        ),
        None => (
            session_of,
            (now, SessionId::new(Uuid::nil())),
            TokenDigest([0; 32]),
        ),
    };
    let terms = terms(db).await?;
    let words = words(db).await?;
    let term = terms
        .first()
        .cloned()
        .unwrap_or_else(|| ("a".to_owned(), 0));
    let beginning = |text: &str| text.chars().take(1).collect::<String>();
    Ok(Samples {
        name_prefix: beginning(&middle.name_key),
        term_prefix: beginning(&term.0),
        common_word: words.first().copied().unwrap_or_default(),
        terms: terms.into_iter().map(|(term, _)| term).collect(),
        term,
        words,
        profiles,
        middle,
        preferences: preferences(db).await?,
        session_of,
        session: addressed.1,
        addressed,
        token,
        now,
        position: FeedPosition(0),
        alias: AvatarAlias([0; 32]),
    })
}

async fn rows(
    db: &DatabaseConnection,
    select: &SelectStatement,
) -> Result<Vec<QueryResult>, DbErr> {
    db.query_all_raw(build(db.get_database_backend(), select))
        .await
}

async fn profiles(db: &DatabaseConnection) -> Result<Vec<SampleProfile>, DbErr> {
    let select = Query::select()
        .columns([
            UserProfiles::Id,
            UserProfiles::UserId,
            UserProfiles::CreatedAt,
            UserProfiles::NameKey,
            UserProfiles::AvatarId,
        ])
        .from(UserProfiles::Table)
        .order_by(UserProfiles::Id, Order::Asc)
        .limit(DRAWN)
        .take();
    let read = |row: QueryResult| -> Result<SampleProfile, DbErr> {
        Ok(SampleProfile {
            id: ProfileId::new(row.try_get_by_index(0)?),
            user: UserId::new(row.try_get_by_index(1)?),
            created_at: row.try_get_by_index(2)?,
            name_key: row.try_get_by_index(3)?,
            avatar: row.try_get_by_index::<Option<Uuid>>(4)?.map(AvatarId::new),
        })
    };
    rows(db, &select).await?.into_iter().map(read).collect()
}

async fn preferences(db: &DatabaseConnection) -> Result<Vec<PreferencesId>, DbErr> {
    let select = Query::select()
        .column(UserPreferences::Id)
        .from(UserPreferences::Table)
        .order_by(UserPreferences::Id, Order::Asc)
        .limit(DRAWN)
        .take();
    let read = |row: QueryResult| row.try_get_by_index(0).map(PreferencesId::new);
    rows(db, &select).await?.into_iter().map(read).collect()
}

async fn session(
    db: &DatabaseConnection,
) -> Result<Option<(SessionId, ProfileId, TokenDigest, DateTime<Utc>)>, DbErr> {
    let select = Query::select()
        .columns([
            UserSessions::Id,
            UserSessions::ProfileId,
            UserSessions::TokenDigest,
            UserSessions::CreatedAt,
        ])
        .from(UserSessions::Table)
        .order_by(UserSessions::Id, Order::Asc)
        .limit(1)
        .take();
    let Some(row) = rows(db, &select).await?.into_iter().next() else {
        return Ok(None);
    };
    let token: Vec<u8> = row.try_get_by_index(2)?;
    Ok(Some((
        SessionId::new(row.try_get_by_index(0)?),
        ProfileId::new(row.try_get_by_index(1)?),
        TokenDigest(token.try_into().unwrap_or([0; 32])),
        row.try_get_by_index(3)?,
    )))
}

async fn terms(db: &DatabaseConnection) -> Result<Vec<(String, i64)>, DbErr> {
    let select = Query::select()
        .columns([UserSearchTerms::Term, UserSearchTerms::WordId])
        .from(UserSearchTerms::Table)
        .order_by(UserSearchTerms::Kind, Order::Asc)
        .order_by(UserSearchTerms::Term, Order::Asc)
        .order_by(UserSearchTerms::WordId, Order::Asc)
        .limit(DRAWN)
        .take();
    let read = |row: QueryResult| -> Result<(String, i64), DbErr> {
        Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))
    };
    rows(db, &select).await?.into_iter().map(read).collect()
}

async fn words(db: &DatabaseConnection) -> Result<Vec<i64>, DbErr> {
    let select = Query::select()
        .column(UserSearchPostings::WordId)
        .from(UserSearchPostings::Table)
        .order_by(UserSearchPostings::WordId, Order::Asc)
        .order_by(UserSearchPostings::ProfileId, Order::Asc)
        .limit(DRAWN)
        .take();
    let rows = rows(db, &select).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}
