//! Statements of a database.

use std::sync::Arc;
use std::time::Instant;

use prometheus::Histogram;
use tracing::{Instrument as _, Span, field};

/// What a statement does, by its first word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    Select,
    Insert,
    Update,
    Delete,
    Begin,
    Commit,
    Rollback,
    Other,
}

impl Operation {
    const ALL: [Self; 8] = [
        Self::Select,
        Self::Insert,
        Self::Update,
        Self::Delete,
        Self::Begin,
        Self::Commit,
        Self::Rollback,
        Self::Other,
    ];

    /// Statements are written by this service and begin with a word in capitals.
    fn of(sql: &str) -> Self {
        let end = sql.find(|c: char| !c.is_ascii_alphabetic());
        match sql.get(..end.unwrap_or(sql.len())).unwrap_or_default() {
            // A statement that begins with `WITH` reads.
            "SELECT" | "WITH" => Self::Select,
            "INSERT" => Self::Insert,
            "UPDATE" => Self::Update,
            "DELETE" => Self::Delete,
            _ => Self::Other,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Select => "SELECT",
            Self::Insert => "INSERT",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
            Self::Begin => "BEGIN",
            Self::Commit => "COMMIT",
            Self::Rollback => "ROLLBACK",
            Self::Other => "OTHER",
        }
    }
}

/// Measures the statements of one database, each in a span of its own. By default it measures nothing.
///
/// A span names the kind of statement and the table, never the statement's text and never a value.
#[derive(Clone, Debug, Default)]
pub struct DatabaseMeasures(Option<Arc<Measures>>);

#[derive(Debug)]
struct Measures {
    system: &'static str,
    /// In the order of [`Operation::ALL`].
    durations: [Histogram; Operation::ALL.len()],
}

impl DatabaseMeasures {
    pub(super) fn new(system: &'static str, histogram: impl Fn(&str) -> Histogram) -> Self {
        let durations = Operation::ALL.map(|operation| histogram(operation.name()));
        Self(Some(Arc::new(Measures { system, durations })))
    }

    /// Measures this statement.
    pub fn statement(&self, sql: &str) -> Statement<'_> {
        self.begun(Operation::of(sql), || table(sql))
    }

    /// Measures the beginning of a transaction.
    pub fn begin(&self) -> Statement<'_> {
        self.begun(Operation::Begin, || None)
    }

    /// Measures the end of a transaction that is kept.
    pub fn commit(&self) -> Statement<'_> {
        self.begun(Operation::Commit, || None)
    }

    /// Measures the end of a transaction that is not.
    pub fn rollback(&self) -> Statement<'_> {
        self.begun(Operation::Rollback, || None)
    }

    fn begun<'t>(
        &self,
        operation: Operation,
        table: impl Fn() -> Option<&'t str>,
    ) -> Statement<'_> {
        let Some(measures) = self.0.as_deref() else {
            return Statement(None);
        };
        let span = tracing::info_span!(
            "db",
            otel.kind = "client",
            otel.name = field::Empty,
            otel.status_code = field::Empty,
            db.system.name = measures.system,
            db.operation.name = operation.name(),
            db.collection.name = field::Empty,
        );
        if !span.is_disabled() {
            match table() {
                Some(table) => {
                    span.record("db.collection.name", table);
                    span.record("otel.name", format!("{} {table}", operation.name()));
                }
                None => {
                    span.record("otel.name", operation.name());
                }
            }
        }
        // Its discriminant is its place.
        let duration = measures.durations.get(operation as usize);
        duration.map_or(Statement(None), |duration| {
            Statement(Some(Started {
                duration,
                span,
                at: Instant::now(),
            }))
        })
    }
}

/// A statement that is about to be run.
#[derive(Debug)]
pub struct Statement<'m>(Option<Started<'m>>);

#[derive(Debug)]
struct Started<'m> {
    duration: &'m Histogram,
    span: Span,
    at: Instant,
}

impl Statement<'_> {
    /// Runs it. What is given up half-way is not counted.
    pub async fn run<T, E>(self, work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let Some(Started { duration, span, at }) = self.0 else {
            return work.await;
        };
        let result = if span.is_disabled() {
            work.await
        } else {
            let result = work.instrument(span.clone()).await;
            if result.is_err() {
                span.record("otel.status_code", "ERROR");
            }
            result
        };
        duration.observe(at.elapsed().as_secs_f64());
        result
    }
}

/// The first table that a statement names, in the quotes of any engine.
fn table(sql: &str) -> Option<&str> {
    let after = ["FROM ", "INTO ", "UPDATE "]
        .iter()
        .filter_map(|word| sql.find(word).map(|at| at + word.len()))
        .min()?;
    let rest = sql.get(after..)?.strip_prefix(['"', '`'])?;
    let end = rest.find(['"', '`'])?;
    rest.get(..end)
}

#[cfg(test)]
mod tests {
    use prometheus::Registry;

    use super::*;
    use crate::Instruments;

    #[test]
    fn a_statement_is_known_by_its_first_word_and_table() {
        for (sql, operation, name) in [
            (
                "SELECT \"a\" FROM \"user_profiles\" WHERE x",
                "SELECT",
                Some("user_profiles"),
            ),
            (
                "INSERT INTO `sessions` (`id`) VALUES (?)",
                "INSERT",
                Some("sessions"),
            ),
            (
                "UPDATE \"user_profiles\" SET \"bio\" = $1",
                "UPDATE",
                Some("user_profiles"),
            ),
            (
                "UPDATE \"user_profiles\" SET \"bio\" = $1 RETURNING \"id\", (SELECT \"a\" FROM \"b\")",
                "UPDATE",
                Some("user_profiles"),
            ),
            ("DELETE FROM \"sessions\"", "DELETE", Some("sessions")),
            ("WITH x AS (SELECT 1) SELECT", "SELECT", None),
            ("SELECT 1", "SELECT", None),
            ("PRAGMA optimize", "OTHER", None),
            ("", "OTHER", None),
        ] {
            assert_eq!(Operation::of(sql).name(), operation, "{sql}");
            assert_eq!(table(sql), name, "{sql}");
        }
    }

    #[test]
    fn each_operation_has_its_own_place() {
        for (place, operation) in Operation::ALL.into_iter().enumerate() {
            assert_eq!(operation as usize, place);
        }
    }

    #[tokio::test]
    async fn statements_are_counted_by_what_they_do() {
        let registry = Registry::new();
        let measures = Instruments::new(&registry).unwrap().database("sqlite");
        let run = async |statement: Statement<'_>, result: Result<(), ()>| {
            assert_eq!(statement.run(async { result }).await, result);
        };
        run(measures.statement("SELECT 1"), Ok(())).await;
        run(measures.statement("SELECT 1"), Err(())).await;
        run(measures.commit(), Ok(())).await;
        let counts: Vec<_> = registry
            .gather()
            .iter()
            .filter(|family| family.name() == "db_client_operation_duration_seconds")
            .flat_map(|family| family.get_metric().to_vec())
            .filter(|metric| metric.get_histogram().get_sample_count() > 0)
            .map(|metric| {
                let labels = metric.get_label().iter();
                let labels: Vec<_> = labels.map(|label| label.value().to_owned()).collect();
                (labels, metric.get_histogram().get_sample_count())
            })
            .collect();
        let labels = |operation: &str| vec![operation.to_owned(), "sqlite".to_owned()];
        assert_eq!(counts, [(labels("COMMIT"), 1), (labels("SELECT"), 2)]);
    }
}
