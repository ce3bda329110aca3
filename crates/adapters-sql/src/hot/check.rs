//! Which hot statements this very database is slow at.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Alias, Expr, Query};
use sea_orm::{ConnectionTrait as _, DbBackend, DbErr};

use super::{Fault, HotStatement, IndexDefinition, draw, hot_statements, indexes};
use crate::dialect::build;
use crate::inspect::Inspector;

/// Of fewer rows an engine may rather read them all.
const FEW: u64 = 20_000;

/// What makes statements slow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Slow {
    /// There is no such index.
    Missing {
        /// The index.
        index: IndexDefinition,
        /// The statement that makes it.
        create: String,
        /// The statements that want for it.
        statements: Vec<String>,
    },
    /// The indexes are there, and the engine reads a whole table all the same.
    Unused {
        /// The table.
        table: &'static str,
        /// The statements.
        statements: Vec<String>,
        /// The statement that has the engine look at the table anew.
        analyze: String,
    },
}

/// What makes statements slow in this database: indexes that are not there, and plans that pass over those that are.
/// Reads little, and runs none of the statements.
pub async fn slow_statements(
    inspector: &dyn Inspector,
    now: DateTime<Utc>,
) -> Result<Vec<Slow>, DbErr> {
    let db = inspector.connection();
    let backend = db.get_database_backend();
    let known = inspector.indexes().await?;
    let missing: Vec<IndexDefinition> = indexes(backend)
        .into_iter()
        .filter(|wanted| !known.iter().any(|known| wanted.is_met_by(known)))
        .collect();
    let samples = draw(db, now).await?;
    let hot = hot_statements(backend, &samples);
    let mut slow: Vec<Slow> = missing
        .iter()
        .map(|index| Slow::Missing {
            index: *index,
            create: index.create(backend),
            statements: names(hot.iter().filter(|it| it.indexes.contains(&index.name))),
        })
        .collect();
    let mut rows = BTreeMap::new();
    let mut unused: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    for statement in &hot {
        if missing
            .iter()
            .any(|index| statement.indexes.contains(&index.name))
        {
            continue;
        }
        if statement.may_walk && statement.indexes.is_empty() {
            // The first so many rows, whichever they are: any way to read them is good.
            continue;
        }
        let table = statement.table;
        let many = if let Some(many) = rows.get(table) {
            *many
        } else {
            let many = has_many(inspector, table).await?;
            rows.insert(table, many);
            many
        };
        if many {
            let plan = inspector.plan(&statement.form).await?;
            if inspector.fault(&plan, statement) == Some(Fault::ReadsAll) {
                unused
                    .entry(table)
                    .or_default()
                    .push(statement.name.clone());
            }
        }
    }
    let verb = match backend {
        DbBackend::MySql => "ANALYZE TABLE",
        _ => "ANALYZE",
    };
    slow.extend(unused.into_iter().map(|(table, statements)| Slow::Unused {
        table,
        statements,
        analyze: format!("{verb} {table}"),
    }));
    Ok(slow)
}

fn names<'a>(statements: impl Iterator<Item = &'a HotStatement>) -> Vec<String> {
    statements.map(|it| it.name.clone()).collect()
}

/// Whether a table has so many rows that a plan tells something.
async fn has_many(inspector: &dyn Inspector, table: &str) -> Result<bool, DbErr> {
    let few = Query::select()
        .expr(Expr::cust("1"))
        .from(Alias::new(table))
        .limit(FEW)
        .take();
    let count = Query::select()
        .expr(Expr::cust("count(*)"))
        .from_subquery(few, "few")
        .take();
    let db = inspector.connection();
    let row = db
        .query_one_raw(build(db.get_database_backend(), &count))
        .await?;
    let rows: i64 = row
        .map(|row| row.try_get_by_index(0))
        .transpose()?
        .unwrap_or_default();
    Ok(u64::try_from(rows).is_ok_and(|rows| rows >= FEW))
}
