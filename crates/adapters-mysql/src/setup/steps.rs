//! What is still to be done.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use secrecy::{ExposeSecret, SecretString};
use sha1::{Digest, Sha1};
use user_service_adapters_sql::setup::{
    Account, Name, Place, Plan, ROWS, SetupError, Step, Wanted,
};

use super::facts::{Facts, User};

/// What migrations need beside rows.
const SCHEMA: [&str; 5] = ["CREATE", "ALTER", "DROP", "INDEX", "REFERENCES"];

/// The steps, or why nothing is touched.
pub(super) fn plan(facts: &Facts, wanted: &Wanted) -> Result<Plan, SetupError> {
    refuse(facts, wanted)?;
    let mut steps = Vec::new();
    if !facts.has_database {
        let database = quoted(&wanted.database);
        let sql = format!("CREATE DATABASE {database} CHARACTER SET utf8mb4");
        steps.push(Step::new(Place::Server, sql));
    }
    let (owner, runtime) = (&wanted.owner, &wanted.runtime);
    let sets_owner_password = user(&mut steps, owner, facts.owner.is_some(), facts, wanted);
    let sets_runtime_password = user(&mut steps, runtime, facts.runtime.is_some(), facts, wanted);
    let rows_and_schema: Vec<&str> = ROWS.into_iter().chain(SCHEMA).collect();
    grant(
        &mut steps,
        owner,
        facts.owner.as_ref(),
        &rows_and_schema,
        wanted,
    );
    grant(&mut steps, runtime, facts.runtime.as_ref(), &ROWS, wanted);
    if let Some(user) = &facts.runtime {
        let excess: Vec<&str> = user
            .here
            .iter()
            .map(String::as_str)
            .filter(|privilege| !ROWS.contains(privilege))
            .collect();
        if !excess.is_empty() {
            let sql = format!(
                "REVOKE {} ON {}.* FROM {}",
                excess.join(", "),
                quote(&pattern(&wanted.database)),
                grantee(runtime, wanted)
            );
            steps.push(Step::new(Place::Server, sql));
        }
    }
    Ok(Plan {
        steps,
        sets_owner_password,
        sets_runtime_password,
    })
}

fn refuse(facts: &Facts, wanted: &Wanted) -> Result<(), SetupError> {
    let refused = |text: String| Err(SetupError::Refused(text));
    let (owner, runtime) = (&wanted.owner.name, &wanted.runtime.name);
    if wanted.schema.is_some() {
        return refused(
            "on MariaDB and MySQL a database is the schema: leave --schema out, and name the database".into(),
        );
    }
    if owner == runtime {
        return refused(
            "owner and runtime account must be two: name another with --runtime".into(),
        );
    }
    if wanted.hosts.is_empty()
        || wanted.hosts.len() > 60
        || !wanted
            .hosts
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "%_.:-/".contains(c))
    {
        return refused(
            "hosts are written as CREATE USER takes them: an address, a name, a network, or % for any".into(),
        );
    }
    let administrator = facts.administrator.split('@').next().unwrap_or_default();
    for name in [owner, runtime] {
        if name.as_str() == administrator {
            return refused(format!(
                "{name} is the administrator: name another account with --owner or --runtime"
            ));
        }
    }
    for (name, user) in [(owner, &facts.owner), (runtime, &facts.runtime)] {
        let everywhere = user.as_ref().map(|user| &user.everywhere);
        if everywhere.is_some_and(|privileges| !privileges.is_empty()) {
            return refused(format!(
                "the account {name} is there and has rights on the whole server: name another with --owner or \
                 --runtime"
            ));
        }
    }
    Ok(())
}

/// The account. Whether its password is set.
fn user(
    steps: &mut Vec<Step>,
    account: &Account,
    is_there: bool,
    facts: &Facts,
    wanted: &Wanted,
) -> bool {
    let verb = match (is_there, wanted.resets_passwords) {
        (false, _) => "CREATE USER",
        (true, true) => "ALTER USER",
        (true, false) => return false,
    };
    let grantee = grantee(account, wanted);
    // MariaDB takes the hash; MySQL makes one that cannot be made here, and keeps the password out of its logs.
    let (by, secret) = if facts.is_mariadb {
        ("BY PASSWORD", native_hash(&account.password))
    } else {
        ("BY", escaped(&account.password))
    };
    steps.push(Step::with_secret(&secret, |secret| {
        format!("{verb} {grantee} IDENTIFIED {by} '{secret}'")
    }));
    true
}

fn grant(
    steps: &mut Vec<Step>,
    to: &Account,
    user: Option<&User>,
    privileges: &[&str],
    wanted: &Wanted,
) {
    let nothing = BTreeSet::new();
    let here = user.map_or(&nothing, |user| &user.here);
    if privileges.iter().all(|privilege| here.contains(*privilege)) {
        return;
    }
    let sql = format!(
        "GRANT {} ON {}.* TO {}",
        privileges.join(", "),
        quote(&pattern(&wanted.database)),
        grantee(to, wanted)
    );
    steps.push(Step::new(Place::Server, sql));
}

/// The name of a database where grants take a pattern.
pub(super) fn pattern(database: &Name) -> String {
    database.as_str().replace('_', "\\_")
}

/// What `mysql_native_password` keeps: SHA-1 of the SHA-1, in hexadecimal digits after a star.
fn native_hash(password: &SecretString) -> SecretString {
    let once = Sha1::digest(password.expose_secret().as_bytes());
    let mut text = String::from("*");
    for byte in Sha1::digest(once) {
        let _ = write!(text, "{byte:02X}");
    }
    text.into()
}

/// A text between single quotes, where backslashes escape.
fn escaped(password: &SecretString) -> SecretString {
    let text = password.expose_secret();
    text.replace('\\', "\\\\").replace('\'', "\\'").into()
}

fn grantee(account: &Account, wanted: &Wanted) -> String {
    format!("'{}'@'{}'", account.name, wanted.hosts)
}

fn quoted(name: &Name) -> String {
    quote(name.as_str())
}

/// An identifier in quotes.
fn quote(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_as_the_server_makes_it() {
        let hash = native_hash(&"mariadb".to_owned().into());
        // SELECT PASSWORD('mariadb')
        assert_eq!(
            hash.expose_secret(),
            "*54958E764CE10E50764C2EECBB71D01F08549980"
        );
    }

    #[test]
    fn a_password_stays_between_its_quotes() {
        let text = escaped(&"a'b\\'c".to_owned().into());
        assert_eq!(text.expose_secret(), "a\\'b\\\\\\'c");
    }

    #[test]
    fn the_name_of_a_database_is_no_pattern() {
        let name = Name::parse("user_db", 63).unwrap();
        assert_eq!(quote(&pattern(&name)), "`user\\_db`");
    }
}
