//! The index of the search.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use sea_orm::sea_query::{Expr, ExprTrait, IntoIden, OnConflict, Query, Value};
use user_service_domain::ids::ProfileId;
use user_service_domain::profile::{SearchIndex, Searched};
use user_service_domain::store::StoreError;

use crate::entity::profile::UserProfiles as P;
use crate::entity::search::{
    self, UserSearchPostings as Posting, UserSearchTerms as Term, UserSearchWords as Word, VERSION,
    word_id,
};
use crate::search::terms;
use crate::statements::{self, MOST_IDS, padded};
use crate::unit_of_work::SqlUnitOfWork;

/// How many rows one statement inserts.
const MOST_ROWS: usize = 2048;

impl SqlUnitOfWork {
    /// Adds profiles that are not in the index. Everything is written in one order, so that two who write the
    /// same do not wait for each other in a circle.
    pub(crate) async fn index(&mut self, of: &[(ProfileId, Searched)]) -> Result<(), StoreError> {
        let mut words = BTreeMap::new();
        let mut postings = BTreeSet::new();
        for (id, searched) in of {
            for word in searched.words() {
                let key = word_id(word);
                words.insert(key, word);
                postings.insert((key, id.get()));
            }
        }
        let keys: Vec<i64> = words.keys().copied().collect();
        // Many are indexed together where tables fill up.
        let many = of.len() > 1;
        if many {
            self.plan_anew().await?;
        }
        for keys in keys.chunks(MOST_IDS) {
            for known in self
                .many(&statements::known_words(keys), search::key)
                .await?
            {
                words.remove(&known);
            }
        }
        if many {
            self.plan_as_ever().await?;
        }
        let mut new = Vec::with_capacity(words.len());
        let mut terms = BTreeSet::new();
        for (key, word) in words {
            new.push([key.into(), word.into()]);
            let of_word = terms::of(word).into_iter();
            terms.extend(of_word.map(|(kind, term)| (kind, term, key)));
        }
        self.add(Word::Table, [Word::WordId, Word::Word], [Word::WordId], new)
            .await?;
        let mut rows: Vec<[Value; 3]> = Vec::with_capacity(terms.len());
        for (kind, term, key) in terms {
            rows.push([kind.into(), term.into(), key.into()]);
        }
        let columns = [Term::Kind, Term::Term, Term::WordId];
        self.add(Term::Table, columns, columns, rows).await?;
        let mut rows: Vec<[Value; 2]> = Vec::with_capacity(postings.len());
        for (key, id) in postings {
            rows.push([key.into(), id.into()]);
        }
        let columns = [Posting::WordId, Posting::ProfileId];
        self.add(Posting::Table, columns, columns, rows).await
    }

    /// Takes profiles out of the index. Their words stay.
    pub(crate) async fn unindex(&mut self, ids: &[ProfileId]) -> Result<(), StoreError> {
        let ids = padded(ids.iter().map(|id| id.get()).collect());
        let delete = Query::delete()
            .from_table(Posting::Table)
            .and_where(Expr::col(Posting::ProfileId).is_in(ids))
            .take();
        self.run(&delete, None).await?;
        Ok(())
    }

    /// Inserts rows, but for those that are there.
    async fn add<C: IntoIden + Copy, const N: usize, const K: usize>(
        &mut self,
        table: C,
        columns: [C; N],
        key: [C; K],
        mut rows: Vec<[Value; N]>,
    ) -> Result<(), StoreError> {
        while !rows.is_empty() {
            let rest = rows.split_off(rows.len().min(MOST_ROWS));
            let mut chunk = std::mem::replace(&mut rows, rest);
            // Few texts of statements, as `padded` does; what comes again is there already.
            if let Some(last) = chunk.last().cloned() {
                chunk.resize(chunk.len().next_power_of_two(), last);
            }
            let mut insert = Query::insert()
                .into_table(table)
                .columns(columns)
                .on_conflict(OnConflict::columns(key).do_nothing_on(key).to_owned())
                .take();
            for row in chunk {
                insert.values_panic(row.map(Expr::val));
            }
            self.run(&insert, None).await?;
        }
        Ok(())
    }

    /// Indexes profiles and writes down that they are. What is left of an older form only costs a look, for
    /// every candidate is judged by what it is now.
    pub(crate) async fn mark_indexed(
        &mut self,
        of: &[(ProfileId, Searched)],
    ) -> Result<(), StoreError> {
        if of.is_empty() {
            return Ok(());
        }
        let ids: Vec<ProfileId> = of.iter().map(|(id, _)| *id).collect();
        self.index(of).await?;
        let update = Query::update()
            .table(P::Table)
            .value(P::SearchVersion, VERSION)
            .and_where(Expr::col(P::Id).is_in(padded(ids.iter().map(|id| id.get()).collect())))
            .take();
        self.run(&update, None).await?;
        Ok(())
    }
}

#[async_trait]
impl SearchIndex for SqlUnitOfWork {
    async fn index_pending(&mut self, limit: u32) -> Result<u64, StoreError> {
        let pending = statements::unindexed_profiles(limit);
        let pending = self.many(&pending, search::unindexed).await?;
        self.mark_indexed(&pending).await?;
        Ok(pending.len().try_into().unwrap_or(u64::MAX))
    }

    async fn index_after(
        &mut self,
        after: Option<ProfileId>,
        limit: u32,
    ) -> Result<Option<(u64, ProfileId)>, StoreError> {
        let next = statements::profiles_to_index(after, limit);
        let next = self.many(&next, search::unindexed).await?;
        let ids: Vec<ProfileId> = next.iter().map(|(id, _)| *id).collect();
        if !ids.is_empty() {
            self.unindex(&ids).await?;
        }
        self.mark_indexed(&next).await?;
        let count = next.len().try_into().unwrap_or(u64::MAX);
        Ok(next.last().map(|(id, _)| (count, *id)))
    }
}
