//! What is still to be done.

use postgres_protocol::password::scram_sha_256;
use secrecy::{ExposeSecret, SecretString};
use user_service_adapters_sql::setup::{
    Account, LEDGER, Name, Place, Plan, ROWS, SetupError, Step, Wanted,
};

use super::facts::{Database, EVERYBODY, Facts, PUBLIC, Role, Schema, Table};

/// What a role of the service may not be.
const MODEST: &str =
    "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS CONNECTION LIMIT -1";

/// The role that stands for the owner of the database.
const DATABASE_OWNER: &str = "pg_database_owner";

/// The steps, or why nothing is touched.
pub(super) fn plan(facts: &Facts, wanted: &Wanted, ledger: &str) -> Result<Plan, SetupError> {
    refuse(facts, wanted)?;
    let (owner, runtime) = (&wanted.owner, &wanted.runtime);
    let mut steps = Vec::new();
    let sets_owner_password = role(&mut steps, owner, facts.owner, wanted.resets_passwords);
    let sets_runtime_password = role(&mut steps, runtime, facts.runtime, wanted.resets_passwords);
    if !facts.is_superuser && !facts.acts_as_owner {
        // Who is no superuser gives things only to roles that they belong to.
        server(
            &mut steps,
            format!("GRANT {} TO CURRENT_USER", quoted(&owner.name)),
        );
    }
    let there = if let Some(database) = &facts.database {
        database.clone()
    } else {
        let sql = format!(
            "CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0",
            quoted(&wanted.database),
            quoted(&owner.name)
        );
        server(&mut steps, sql);
        created(&owner.name)
    };
    connecting(&mut steps, &there, wanted, facts.database.is_none());
    schema(&mut steps, &there, wanted, facts.database.is_none());
    tables(&mut steps, &there, wanted, ledger);
    Ok(Plan {
        steps,
        sets_owner_password,
        sets_runtime_password,
    })
}

/// What a database of the owner has from the start, as far as it is known.
fn created(owner: &Name) -> Database {
    Database {
        owner: owner.as_str().to_owned(),
        encoding: "UTF8".to_owned(),
        schema: Some(Schema {
            owner: DATABASE_OWNER.to_owned(),
            ..Schema::default()
        }),
        ..Database::default()
    }
}

fn refuse(facts: &Facts, wanted: &Wanted) -> Result<(), SetupError> {
    let refused = |text: String| Err(SetupError::Refused(text));
    let (owner, runtime) = (wanted.owner.name.as_str(), wanted.runtime.name.as_str());
    if owner == runtime {
        return refused("owner and runtime role must be two: name another with --runtime".into());
    }
    for name in [owner, runtime] {
        if name == facts.administrator {
            return refused(format!(
                "{name} is the administrator: name another role with --owner or --runtime"
            ));
        }
    }
    for (name, role) in [(owner, facts.owner), (runtime, facts.runtime)] {
        if role.is_some_and(|role| role.is_mighty) {
            return refused(format!(
                "the role {name} is there and may do more than this service needs (superuser, or one that makes \
                 roles or databases): name another with --owner or --runtime"
            ));
        }
    }
    if facts.runtime_acts_as_owner {
        return refused(format!(
            "{runtime} belongs to {owner}, so that it could change tables: REVOKE {owner} FROM {runtime}, or name \
             another with --runtime"
        ));
    }
    let Some(database) = &facts.database else {
        return Ok(());
    };
    if database.encoding != "UTF8" {
        return refused(format!(
            "the database {} has the encoding {}: the service needs UTF8",
            wanted.database, database.encoding
        ));
    }
    let strange = |table: &&Table| table.name == LEDGER && table.owner != owner;
    if let Some(table) = database.tables.iter().find(strange) {
        return refused(format!(
            "the service's tables are there and belong to {}: name it with --owner, or give each to {owner} with \
             ALTER TABLE … OWNER TO",
            table.owner
        ));
    }
    Ok(())
}

/// The role. Whether its password is set.
fn role(steps: &mut Vec<Step>, account: &Account, there: Option<Role>, resets: bool) -> bool {
    let name = quoted(&account.name);
    let verb = match there {
        None => format!("CREATE ROLE {name} {MODEST}"),
        Some(_) if resets => format!("ALTER ROLE {name} LOGIN"),
        Some(Role { logs_in: false, .. }) => {
            server(steps, format!("ALTER ROLE {name} LOGIN"));
            return false;
        }
        Some(_) => return false,
    };
    // The server is given a verifier (RFC 5802), so the password is in none of its logs.
    let verifier: SecretString = scram_sha_256(account.password.expose_secret().as_bytes()).into();
    steps.push(Step::with_secret(&verifier, |verifier| {
        format!("{verb} PASSWORD '{verifier}'")
    }));
    true
}

/// Who may connect: in a database of our own nobody else.
fn connecting(steps: &mut Vec<Step>, there: &Database, wanted: &Wanted, is_new: bool) {
    let (owner, runtime) = (wanted.owner.name.as_str(), wanted.runtime.name.as_str());
    let database = quoted(&wanted.database);
    let ours = there.owner == owner;
    if ours && (is_new || there.grants.has_any(EVERYBODY)) {
        server(
            steps,
            format!("REVOKE ALL ON DATABASE {database} FROM PUBLIC"),
        );
    }
    let open = !ours && there.grants.has(EVERYBODY, "CONNECT");
    for role in [owner, runtime] {
        let may = open || there.grants.has(role, "CONNECT") || there.owner == role;
        if !may {
            let role = quote(role);
            server(
                steps,
                format!("GRANT CONNECT ON DATABASE {database} TO {role}"),
            );
        }
    }
}

/// The schema: the owner makes things in it, the runtime role finds them there.
fn schema(steps: &mut Vec<Step>, there: &Database, wanted: &Wanted, is_new: bool) {
    let (owner, runtime) = (wanted.owner.name.as_str(), wanted.runtime.name.as_str());
    let name = quote(wanted.schema.as_ref().map_or(PUBLIC, Name::as_str));
    let own_schema = wanted.schema.is_some();
    let found = match &there.schema {
        Some(schema) if !(is_new && own_schema) => schema.clone(),
        _ => {
            let sql = format!("CREATE SCHEMA {name} AUTHORIZATION {}", quote(owner));
            database(steps, sql);
            Schema {
                owner: owner.to_owned(),
                ..Schema::default()
            }
        }
    };
    let ours = found.owner == owner || (there.owner == owner && !own_schema);
    // What a new database opens to everybody depends on the server's version.
    let opened = found.grants.has_any(EVERYBODY) || (is_new && !own_schema);
    if ours && opened {
        database(steps, format!("REVOKE ALL ON SCHEMA {name} FROM PUBLIC"));
    }
    let rules =
        found.owner == owner || (found.owner == DATABASE_OWNER && there.owner == owner && !is_new);
    let makes = ["CREATE", "USAGE"].map(|privilege| found.grants.has(owner, privilege));
    if !rules && makes != [true, true] {
        let sql = format!("GRANT CREATE, USAGE ON SCHEMA {name} TO {}", quote(owner));
        database(steps, sql);
    }
    if found.grants.has(runtime, "CREATE") {
        let sql = format!("REVOKE CREATE ON SCHEMA {name} FROM {}", quote(runtime));
        database(steps, sql);
    }
    let finds =
        found.grants.has(runtime, "USAGE") || (!ours && found.grants.has(EVERYBODY, "USAGE"));
    if !finds {
        let sql = format!("GRANT USAGE ON SCHEMA {name} TO {}", quote(runtime));
        database(steps, sql);
    }
    if own_schema {
        for (role, leads) in [owner, runtime].into_iter().zip(there.paths) {
            if !leads {
                let sql = format!(
                    "ALTER ROLE {} IN DATABASE {} SET search_path = {name}",
                    quote(role),
                    quoted(&wanted.database)
                );
                server(steps, sql);
            }
        }
    }
}

/// Rows of every table that there is and will be; of the ledger of migrations no more than a look.
fn tables(steps: &mut Vec<Step>, there: &Database, wanted: &Wanted, ledger: &str) {
    let (owner, runtime) = (wanted.owner.name.as_str(), wanted.runtime.name.as_str());
    let schema = quote(wanted.schema.as_ref().map_or(PUBLIC, Name::as_str));
    let (owner_role, runtime_role) = (quote(owner), quote(runtime));
    let rows = ROWS.join(", ");
    for (privileges, on) in [(ROWS.as_slice(), "TABLES"), (&["USAGE"], "SEQUENCES")] {
        let has = |privilege: &&str| there.default_grants.has(runtime, privilege);
        if !privileges.iter().all(has) {
            let sql = format!(
                "ALTER DEFAULT PRIVILEGES FOR ROLE {owner_role} IN SCHEMA {schema} GRANT {} ON {on} TO {runtime_role}",
                privileges.join(", ")
            );
            database(steps, sql);
        }
    }
    let name = format!("{schema}.{}", quote(LEDGER));
    match there.tables.iter().find(|table| table.name == LEDGER) {
        None => {
            database(steps, ledger.to_owned());
            database(steps, format!("ALTER TABLE {name} OWNER TO {owner_role}"));
            database(steps, format!("GRANT SELECT ON {name} TO {runtime_role}"));
        }
        Some(table) => {
            if !table.grants.has(runtime, "SELECT") {
                database(steps, format!("GRANT SELECT ON {name} TO {runtime_role}"));
            }
            if ROWS[1..].iter().any(|it| table.grants.has(runtime, it)) {
                let writing = ROWS[1..].join(", ");
                database(
                    steps,
                    format!("REVOKE {writing} ON {name} FROM {runtime_role}"),
                );
            }
        }
    }
    for table in there.tables.iter().filter(|table| table.name != LEDGER) {
        let on = format!("{schema}.{}", quote(&table.name));
        if table.is_sequence {
            if !table.grants.has(runtime, "USAGE") {
                database(
                    steps,
                    format!("GRANT USAGE ON SEQUENCE {on} TO {runtime_role}"),
                );
            }
        } else if !ROWS.iter().all(|it| table.grants.has(runtime, it)) {
            database(steps, format!("GRANT {rows} ON {on} TO {runtime_role}"));
        }
    }
}

fn server(steps: &mut Vec<Step>, sql: String) {
    steps.push(Step::new(Place::Server, sql));
}

fn database(steps: &mut Vec<Step>, sql: String) {
    steps.push(Step::new(Place::Database, sql));
}

fn quoted(name: &Name) -> String {
    quote(name.as_str())
}

/// An identifier in quotes.
fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
