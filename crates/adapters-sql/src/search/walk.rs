//! A search from stage to stage, until there is enough or enough was done.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use sea_orm::DbErr;
use user_service_domain::ids::ProfileId;
use user_service_domain::profile::{Profile, ProfileFilter, SearchPlace, SearchStart, Searched};
use user_service_domain::store::StoreError;
use user_service_domain::text::SearchText;

use super::stages::{Plan, Source, Stage};
use super::stream::{Lead, Stream};
use super::terms;
use crate::entity::Columns;
use crate::entity::search::{Candidate, TermKind, candidate, unshown};
use crate::statements::{self, Beginning, Extent};
use crate::store::SqlStore;

/// How many profiles are looked at in one go: as many as are wanted, but not fewer than these at first, twice as many
/// each time, and never more than those.
const FEW: u32 = 16;
const MANY: u32 = 512;

/// How much one search may do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    /// How many profiles it may look at.
    candidates: u32,
    /// How many steps it may take, of at most three statements each.
    steps: u32,
}

impl Budget {
    pub(crate) fn of(candidates: u32) -> Self {
        Self {
            candidates,
            steps: 24 + candidates / 64,
        }
    }

    fn spent(self) -> bool {
        self.candidates == 0 || self.steps == 0
    }
}

/// What is wanted of the matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// To show so many.
    Shown(usize),
    /// To know how many there are.
    Counted,
}

/// What a walk came upon.
pub(crate) struct Walked {
    /// The matches with their places, the best first, where they are to be shown.
    pub(crate) found: Vec<(Profile, SearchPlace)>,
    /// How many matches there are, those that were passed over not among them.
    pub(crate) counted: usize,
    /// Where to go on, where the budget ended the walk.
    pub(crate) rest: Option<SearchStart>,
}

/// Walks until so many are found.
pub(crate) async fn walk(
    store: &SqlStore,
    text: &SearchText,
    filter: &ProfileFilter,
    start: &SearchStart,
    wanted: Wanted,
    budget: Budget,
) -> Result<Walked, StoreError> {
    let mut walk = Walk {
        store,
        plan: Plan::of(text),
        filter,
        wanted,
        skip: start.skip,
        budget,
        batch: FEW,
        place: start.after.clone(),
        found: Vec::new(),
        counted: 0,
    };
    let from = start.after.as_ref().map_or(0, |place| place.stage);
    let mut ended = true;
    for stage in walk.plan.stages(from) {
        ended = match stage.source {
            Source::Names => walk.names(stage).await?,
            Source::Terms(kind) => walk.terms(stage, kind).await?,
        };
        if !ended {
            break;
        }
    }
    let rest = (!ended && !walk.full()).then_some(SearchStart {
        after: walk.place,
        skip: walk.skip,
    });
    Ok(Walked {
        found: walk.found,
        counted: walk.counted,
        rest,
    })
}

struct Walk<'w> {
    store: &'w SqlStore,
    plan: Plan<'w>,
    filter: &'w ProfileFilter,
    wanted: Wanted,
    skip: u32,
    budget: Budget,
    batch: u32,
    /// Up to where everything was looked at.
    place: Option<SearchPlace>,
    found: Vec<(Profile, SearchPlace)>,
    counted: usize,
}

impl Walk<'_> {
    /// How many are still wanted.
    fn missing(&self) -> usize {
        match self.wanted {
            Wanted::Shown(limit) => limit.saturating_sub(self.counted),
            Wanted::Counted => usize::MAX,
        }
    }

    fn full(&self) -> bool {
        self.missing() == 0
    }

    /// How much to read of so many at most.
    fn extent(&self, batch: u32) -> Extent {
        if self.wanted == Wanted::Counted || self.skip >= batch {
            Extent::Unshown
        } else {
            Extent::Whole
        }
    }

    /// Takes a step. Answers how many profiles may be looked at in it.
    fn step(&mut self) -> u32 {
        let wanted = u32::try_from(self.missing()).unwrap_or(u32::MAX);
        let batch = wanted.saturating_add(self.skip).clamp(self.batch, MANY);
        self.budget.steps = self.budget.steps.saturating_sub(1);
        self.batch = (self.batch * 2).min(MANY);
        statements::rounded(batch.min(self.budget.candidates).max(1))
    }

    fn after(&self, stage: Stage) -> Option<&SearchPlace> {
        self.place
            .as_ref()
            .filter(|place| place.stage == stage.number)
    }

    /// Looks at a profile. Answers whether it was the last that was wanted.
    fn look(&mut self, matching: Option<Candidate>, place: SearchPlace) -> bool {
        self.budget.candidates = self.budget.candidates.saturating_sub(1);
        if let Some(candidate) = matching {
            if self.skip > 0 {
                self.skip -= 1;
            } else {
                self.counted += 1;
                let profile = candidate.profile;
                self.found
                    .extend(profile.map(|profile| (profile, place.clone())));
            }
        }
        self.place = Some(place);
        self.full()
    }

    /// Profiles by their names. Answers whether the stage came to its end.
    async fn names(&mut self, stage: Stage) -> Result<bool, StoreError> {
        let key: String = self
            .plan
            .text
            .as_str()
            .chars()
            .take(Profile::NAME_KEY_MAX)
            .collect();
        let name = Beginning::with(&key);
        loop {
            if self.budget.spent() {
                return Ok(false);
            }
            let batch = self.step();
            let after = self
                .after(stage)
                .and_then(|place| Some((place.term.as_str(), place.id?)));
            let extent = self.extent(batch);
            let select = statements::candidates_by_name(extent, &name, after, batch);
            let rows = self.store.many(&select, reader(extent)).await?;
            let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
            for row in rows {
                let matches = admits(self.filter, &row) && self.plan.yields(stage, &row.searched);
                let place = SearchPlace {
                    stage: stage.number,
                    term: row.name_key.clone(),
                    word: 0,
                    id: Some(row.id),
                };
                if self.look(matches.then_some(row), place) {
                    return Ok(false);
                }
            }
            if count < batch {
                return Ok(true);
            }
        }
    }

    /// Profiles by terms. Answers whether the stage came to its end.
    async fn terms(&mut self, stage: Stage, kind: TermKind) -> Result<bool, StoreError> {
        let mut stream = Stream::new(self.store, kind, self.plan.driver, self.after(stage));
        loop {
            if self.budget.spent() {
                return Ok(false);
            }
            let batch = self.step();
            let Some(leads) = stream.next(batch).await? else {
                return Ok(true);
            };
            let mut candidates = self.candidates(self.extent(batch), &leads).await?;
            for Lead { term, word, id } in leads {
                // A profile counts at one place alone, so that it can be taken from here.
                let matching = match candidates.entry(id) {
                    Entry::Occupied(row)
                        if self.counts(stage, kind, &row.get().searched, &term, word) =>
                    {
                        Some(row.remove()).filter(|row| admits(self.filter, row))
                    }
                    _ => None,
                };
                let place = SearchPlace {
                    stage: stage.number,
                    term,
                    word,
                    id: Some(id),
                };
                if self.look(matching, place) {
                    return Ok(false);
                }
            }
            if let Some((term, word)) = stream.done() {
                self.place = Some(SearchPlace {
                    stage: stage.number,
                    term: term.clone(),
                    word: *word,
                    id: None,
                });
            }
        }
    }

    /// Whether this is where the profile counts.
    fn counts(&self, stage: Stage, kind: TermKind, of: &Searched, term: &str, word: i64) -> bool {
        self.plan.yields(stage, of)
            && terms::first(kind, self.plan.driver, of)
                .is_some_and(|(first, of)| first == term && of == word)
    }

    async fn candidates(
        &self,
        extent: Extent,
        leads: &[Lead],
    ) -> Result<HashMap<ProfileId, Candidate>, StoreError> {
        let mut ids: Vec<ProfileId> = leads.iter().map(|lead| lead.id).collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let select = statements::candidates(extent, &ids);
        let rows = self.store.many(&select, reader(extent)).await?;
        Ok(rows.into_iter().map(|row| (row.id, row)).collect())
    }
}

fn reader(extent: Extent) -> fn(&mut Columns<'_>) -> Result<Candidate, DbErr> {
    match extent {
        Extent::Whole => candidate,
        Extent::Unshown => unshown,
    }
}

/// Whether the filter lets a profile through. It never names persons or ids here: such searches are another's.
fn admits(filter: &ProfileFilter, row: &Candidate) -> bool {
    filter
        .is_active
        .is_none_or(|wanted| row.is_active == wanted)
        && filter
            .is_verified
            .is_none_or(|wanted| row.is_verified == wanted)
        && filter
            .created_after
            .is_none_or(|moment| row.created_at > moment)
        && filter
            .created_before
            .is_none_or(|moment| row.created_at < moment)
}
