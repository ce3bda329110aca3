//! What `SHOW GRANTS` tells.

use std::collections::BTreeSet;

use user_service_adapters_sql::setup::{LEDGER, ROWS, TABLES};

/// What a grant is about.
#[derive(Debug, PartialEq, Eq)]
enum On {
    Everything,
    Database,
    Table(String),
    Elsewhere,
}

/// What is wanting for who serves, and what is more than that.
pub(super) fn judge(grants: &[String], database: &str) -> (Vec<String>, Vec<String>) {
    let (mut rows, mut more) = (BTreeSet::new(), BTreeSet::new());
    for (privileges, on) in grants.iter().filter_map(|text| read(text, database)) {
        let (tables, where_to): (Vec<String>, _) = match on {
            On::Everything => (everything(), " on the whole server"),
            On::Database => (everything(), " on the database"),
            On::Table(table) => (vec![table], ""),
            On::Elsewhere => continue,
        };
        for privilege in privileges {
            let all = privilege.starts_with("ALL PRIVILEGES");
            for table in &tables {
                for row in ROWS.iter().filter(|row| all || **row == privilege) {
                    rows.insert((table.clone(), *row));
                }
            }
            if privilege != "USAGE" && !ROWS.contains(&privilege.as_str()) {
                let on_table = if where_to.is_empty() {
                    format!(" on {}", tables.join(""))
                } else {
                    where_to.to_owned()
                };
                more.insert(format!("has {privilege}{on_table}"));
            }
        }
    }
    let needed = TABLES
        .iter()
        .flat_map(|table| ROWS.map(|row| (*table, row)))
        .chain([(LEDGER, "SELECT")]);
    let missing = needed
        .filter(|(table, row)| !rows.contains(&((*table).to_owned(), *row)))
        .map(|(table, row)| format!("{row} on {table}"))
        .collect();
    (missing, more.into_iter().collect())
}

fn everything() -> Vec<String> {
    TABLES
        .iter()
        .chain([&LEDGER])
        .map(|table| (*table).to_owned())
        .collect()
}

/// `GRANT a, b ON place TO somebody`, in upper case but for names.
fn read(text: &str, database: &str) -> Option<(Vec<String>, On)> {
    let rest = text.strip_prefix("GRANT ")?;
    // Grants of roles have no place.
    let (privileges, rest) = rest.split_once(" ON ")?;
    let (place, _) = rest.split_once(" TO ")?;
    let on = match place {
        "*.*" => On::Everything,
        place => {
            let (schema, table) = place.split_once('.')?;
            // Databases are granted by a pattern.
            let schema = schema
                .trim_matches('`')
                .replace("\\_", "_")
                .replace("\\%", "%");
            if schema != database {
                On::Elsewhere
            } else if table == "*" {
                On::Database
            } else {
                On::Table(table.trim_matches('`').to_owned())
            }
        }
    };
    let privileges = privileges.split(", ").map(ToOwned::to_owned).collect();
    Some((privileges, on))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(grants: &[&str]) -> (Vec<String>, Vec<String>) {
        let grants: Vec<String> = grants.iter().map(|text| (*text).to_owned()).collect();
        judge(&grants, "my_users")
    }

    #[test]
    fn rows_of_the_database_are_enough() {
        let usage = "GRANT USAGE ON *.* TO `u`@`%` IDENTIFIED BY PASSWORD '*4'";
        let rows = "GRANT SELECT, INSERT, UPDATE, DELETE ON `my\\_users`.* TO `u`@`%`";
        assert_eq!(judged(&[usage, rows]), (vec![], vec![]));
        let elsewhere = "GRANT ALL PRIVILEGES ON `others`.* TO `u`@`%`";
        assert_eq!(judged(&[usage, rows, elsewhere]), (vec![], vec![]));
    }

    #[test]
    fn what_is_wanting_and_what_is_more_is_named() {
        let (missing, more) =
            judged(&["GRANT SELECT, INSERT, CREATE ON `my\\_users`.* TO `u`@`%`"]);
        assert!(missing.contains(&"DELETE on user_sessions".to_owned()));
        assert!(!missing.contains(&"INSERT on user_sessions".to_owned()));
        assert_eq!(more, ["has CREATE on the database"]);
        let (missing, more) =
            judged(&["GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` WITH GRANT OPTION"]);
        assert!(missing.is_empty());
        assert_eq!(more, ["has ALL PRIVILEGES on the whole server"]);
        let (missing, _) = judged(&["GRANT SELECT ON `my_users`.`user_sessions` TO `u`@`%`"]);
        assert!(!missing.contains(&"SELECT on user_sessions".to_owned()));
        assert!(missing.contains(&"SELECT on user_profiles".to_owned()));
    }
}
