//! The statements on which the service's speed hangs, and the indexes that answer them: for the tests of each engine,
//! and for operators who ask about their own data.

mod accounts;
mod check;
mod indexes;
mod samples;
mod search;
mod sessions;

use sea_orm::sea_query::{SelectStatement, UpdateStatement};
use sea_orm::{DbBackend, Statement};
use user_service_domain::profile::{
    Bio, Position, ProfileFilter, ProfileKey, ProfileOrder, ProfilePatch, ProfileQuery, SortBy,
};

pub use check::{Slow, slow_statements};
pub use indexes::{IndexDefinition, KnownIndex, indexes};
pub use samples::{SampleProfile, Samples, draw};

use crate::dialect::build;
use crate::statements;

/// A statement before it is rendered for an engine.
#[derive(Clone, Debug)]
pub enum Form {
    /// It reads.
    Select(SelectStatement),
    /// It changes rows.
    Update(UpdateStatement),
}

impl Form {
    /// As [`build`] renders it.
    pub fn build(&self, backend: DbBackend) -> Statement {
        match self {
            Self::Select(select) => build(backend, select),
            Self::Update(update) => build(backend, update),
        }
    }
}

impl From<SelectStatement> for Form {
    fn from(select: SelectStatement) -> Self {
        Self::Select(select)
    }
}

impl From<UpdateStatement> for Form {
    fn from(update: UpdateStatement) -> Self {
        Self::Update(update)
    }
}

/// A statement, and what its plan may do.
pub struct HotStatement {
    /// What it reads or changes.
    pub name: String,
    /// The statement.
    pub form: Form,
    /// The table whose size decides.
    pub table: &'static str,
    /// The indexes beside primary keys that answer it.
    pub indexes: &'static [&'static str],
    /// Whether the plan may sort.
    pub may_sort: bool,
    /// Whether an index may be walked from its end until the limit is reached.
    pub may_walk: bool,
}

/// What a plan must not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It reads a whole table.
    ReadsAll,
    /// It walks an index that it should enter at a place.
    Walks,
    /// It sorts what an index has in order.
    Sorts,
}

fn hot(
    name: impl Into<String>,
    table: &'static str,
    indexes: &'static [&'static str],
    form: impl Into<Form>,
) -> HotStatement {
    HotStatement {
        name: name.into(),
        form: form.into(),
        table,
        indexes,
        may_sort: false,
        may_walk: true,
    }
}

impl HotStatement {
    /// It sorts a few rows.
    fn sorting(self) -> Self {
        Self {
            may_sort: true,
            ..self
        }
    }

    /// It reads no more of an index than it is asked for.
    fn bounded(self) -> Self {
        Self {
            may_walk: false,
            ..self
        }
    }
}

const PROFILES: &str = "user_profiles";
const BY_USER: &[&str] = &["user_profiles_user_id_key"];

/// Everything that is answered from an index, however many people there are.
pub fn hot_statements(backend: DbBackend, samples: &Samples) -> Vec<HotStatement> {
    let person = samples.profile();
    let (id, user) = (ProfileKey::Id(person.id), ProfileKey::User(person.user));
    let with_preferences = &["user_preferences_profile_id_key"];
    let by_user_with_preferences = &[
        "user_profiles_user_id_key",
        "user_preferences_profile_id_key",
    ];
    let mut all = vec![
        hot("profile by id", PROFILES, &[], statements::find_profile(id)).bounded(),
        hot(
            "profile by user",
            PROFILES,
            BY_USER,
            statements::find_profile(user),
        )
        .bounded(),
        hot(
            "account by id",
            PROFILES,
            with_preferences,
            statements::find_account(id),
        )
        .bounded(),
        hot(
            "account by user",
            PROFILES,
            by_user_with_preferences,
            statements::find_account(user),
        )
        .bounded(),
    ];
    all.extend(changes(backend, samples));
    all.extend(lists(samples));
    all.extend(filtered(samples));
    let by_ids = ProfileQuery {
        filter: ProfileFilter {
            ids: Some(samples.profiles.iter().take(5).map(|it| it.id).collect()),
            ..ProfileFilter::default()
        },
        ..first_page()
    };
    all.push(
        hot(
            "list by ids",
            PROFILES,
            &[],
            statements::list_profiles(&by_ids),
        )
        .sorting()
        .bounded(),
    );
    all.extend(
        sessions::hot_statements(backend, samples)
            .into_iter()
            .map(HotStatement::bounded),
    );
    all.extend(
        search::hot_statements(samples)
            .into_iter()
            .map(HotStatement::bounded),
    );
    all.extend(search::indexing(samples));
    all.extend(accounts::hot_statements(samples));
    all
}

/// Changes of a profile that are one statement.
fn changes(backend: DbBackend, samples: &Samples) -> Vec<HotStatement> {
    if !statements::returns_what_it_changed(backend) {
        return Vec::new();
    }
    let person = samples.profile();
    let patch = ProfilePatch {
        bio: Some(Some(Bio::stored("b".to_owned()))),
        website: Some(None),
        phone_number: Some(None),
        is_verified: Some(true),
        ..ProfilePatch::default()
    };
    let update = |owner| statements::patch_profile(person.id, owner, &patch, samples.now);
    [
        ("change of a profile", None),
        ("change of one's own profile", Some(person.user)),
    ]
    .into_iter()
    .map(|(name, owner)| hot(name, PROFILES, &[], update(owner)).bounded())
    .collect()
}

fn first_page() -> ProfileQuery {
    ProfileQuery {
        filter: ProfileFilter::default(),
        order: ProfileOrder::default(),
        position: Position::Offset(0),
        limit: 20,
    }
}

/// Lists by time and by name, in both directions, at their start and further on.
fn lists(samples: &Samples) -> Vec<HotStatement> {
    let mut all = Vec::new();
    for (by, key, index) in [
        (SortBy::CreatedAt, "time", &["user_profiles_created_at_idx"]),
        (SortBy::DisplayName, "name", &["user_profiles_name_key_idx"]),
    ] {
        for (descending, direction) in [(false, "up"), (true, "down")] {
            let order = ProfileOrder { by, descending };
            let list = |position| ProfileQuery {
                order,
                position,
                ..first_page()
            };
            let start = statements::list_profiles(&list(Position::Offset(0)));
            all.push(hot(
                format!("list by {key}, {direction}"),
                PROFILES,
                index,
                start,
            ));
            let further = statements::list_profiles(&list(Position::After(samples.keyset(by))));
            all.push(
                hot(
                    format!("list by {key}, {direction}, further on"),
                    PROFILES,
                    index,
                    further,
                )
                .bounded(),
            );
        }
    }
    all
}

/// Lists and totals of the few that are inactive, and verified.
fn filtered(samples: &Samples) -> Vec<HotStatement> {
    let inactive = ProfileFilter {
        is_active: Some(false),
        ..ProfileFilter::default()
    };
    let verified = ProfileFilter {
        is_verified: Some(true),
        ..ProfileFilter::default()
    };
    let mut all = Vec::new();
    for (name, filter, index) in [
        ("inactive", inactive, &["user_profiles_is_active_idx"]),
        ("verified", verified, &["user_profiles_is_verified_idx"]),
    ] {
        let further = Position::After(samples.keyset(SortBy::CreatedAt));
        for (where_to, position) in [("", Position::Offset(0)), (", further on", further)] {
            let query = ProfileQuery {
                filter: filter.clone(),
                position,
                ..first_page()
            };
            let select = statements::list_profiles(&query);
            all.push(hot(format!("list of {name}{where_to}"), PROFILES, index, select).bounded());
        }
        let total = statements::count_profiles(&filter, 1001);
        all.push(hot(format!("total of {name}"), PROFILES, index, total).bounded());
    }
    let total = statements::count_profiles(&ProfileFilter::default(), 1001);
    all.push(hot("total", PROFILES, &[], total));
    all
}
