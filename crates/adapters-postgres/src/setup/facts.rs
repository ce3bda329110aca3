//! What is there already.

use std::collections::BTreeSet;

use sqlx::PgConnection;
use user_service_adapters_sql::setup::{LEDGER, Name, SetupError, Wanted};

/// The schema of who names none.
pub(super) const PUBLIC: &str = "public";

/// Whom every role belongs to.
pub(super) const EVERYBODY: &str = "public";

/// Who may do what with one thing: pairs of a role and a privilege.
#[derive(Clone, Debug, Default)]
pub(super) struct Grants(BTreeSet<(String, String)>);

impl Grants {
    pub(super) fn has(&self, role: &str, privilege: &str) -> bool {
        self.0.contains(&(role.to_owned(), privilege.to_owned()))
    }

    /// Whether the role has anything.
    pub(super) fn has_any(&self, role: &str) -> bool {
        self.0.iter().any(|(grantee, _)| grantee == role)
    }
}

/// A role.
#[derive(Clone, Copy, Debug)]
pub(super) struct Role {
    pub(super) logs_in: bool,
    /// Whether it is a superuser, or may make roles or databases, replicate, or pass over row security.
    pub(super) is_mighty: bool,
}

/// A database, and what is ours in it.
#[derive(Clone, Debug, Default)]
pub(super) struct Database {
    pub(super) owner: String,
    pub(super) encoding: String,
    pub(super) grants: Grants,
    pub(super) schema: Option<Schema>,
    /// Whether the search paths of owner and runtime role lead to the schema.
    pub(super) paths: [bool; 2],
    /// What the runtime role gets on tables and sequences that the owner will make in the schema.
    pub(super) default_grants: Grants,
    pub(super) tables: Vec<Table>,
}

/// A schema.
#[derive(Clone, Debug, Default)]
pub(super) struct Schema {
    pub(super) owner: String,
    pub(super) grants: Grants,
}

/// A table or a sequence in the schema.
#[derive(Clone, Debug)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) is_sequence: bool,
    pub(super) owner: String,
    pub(super) grants: Grants,
}

/// Everything.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    pub(super) is_superuser: bool,
    pub(super) administrator: String,
    /// Whether the administrator may act as the owner.
    pub(super) acts_as_owner: bool,
    /// Whether the runtime role may act as the owner.
    pub(super) runtime_acts_as_owner: bool,
    pub(super) owner: Option<Role>,
    pub(super) runtime: Option<Role>,
    pub(super) database: Option<Database>,
}

/// One thing's grants: rows of `(thing, role, privilege)`.
fn grants_of<'a>(rows: &'a [(String, String, String)], thing: &'a str) -> Grants {
    let own = rows.iter().filter(|(of, _, _)| of == thing);
    Grants(
        own.map(|(_, role, privilege)| (role.clone(), privilege.clone()))
            .collect(),
    )
}

impl Facts {
    /// Reads what any database of the server tells.
    pub(super) async fn of_server(
        server: &mut PgConnection,
        wanted: &Wanted,
    ) -> Result<Self, SetupError> {
        let (owner, runtime) = (wanted.owner.name.as_str(), wanted.runtime.name.as_str());
        let sql = "SELECT rolname::text, rolsuper FROM pg_roles WHERE rolname = current_user";
        let me: (String, bool) = sqlx::query_as(sql)
            .fetch_one(&mut *server)
            .await
            .map_err(|error| unread(&error))?;
        let sql = "SELECT rolname::text, rolcanlogin, rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication \
                   OR rolbypassrls FROM pg_roles WHERE rolname = ANY($1)";
        let roles: Vec<(String, bool, bool)> = sqlx::query_as(sql)
            .bind(vec![owner.to_owned(), runtime.to_owned()])
            .fetch_all(&mut *server)
            .await
            .map_err(|error| unread(&error))?;
        let role = |name: &str| {
            let found = roles.iter().find(|(other, _, _)| other == name);
            found.map(|(_, logs_in, is_mighty)| Role {
                logs_in: *logs_in,
                is_mighty: *is_mighty,
            })
        };
        let mut facts = Self {
            administrator: me.0,
            is_superuser: me.1,
            owner: role(owner),
            runtime: role(runtime),
            ..Self::default()
        };
        if facts.owner.is_some() {
            let sql = "SELECT pg_has_role(current_user, $1, 'USAGE'), COALESCE((SELECT pg_has_role(oid, $1, \
                       'MEMBER') FROM pg_roles WHERE rolname = $2), false)";
            let acts: (bool, bool) = sqlx::query_as(sql)
                .bind(owner)
                .bind(runtime)
                .fetch_one(&mut *server)
                .await
                .map_err(|error| unread(&error))?;
            (facts.acts_as_owner, facts.runtime_acts_as_owner) = acts;
        }
        let sql = "SELECT pg_get_userbyid(datdba)::text, pg_encoding_to_char(encoding)::text FROM pg_database \
                   WHERE datname = $1";
        let database: Option<(String, String)> = sqlx::query_as(sql)
            .bind(wanted.database.as_str())
            .fetch_optional(&mut *server)
            .await
            .map_err(|error| unread(&error))?;
        if let Some((owner, encoding)) = database {
            let sql = format!(
                "SELECT datname::text, {GRANTEE}, privilege_type::text FROM pg_database, \
                 aclexplode(COALESCE(datacl, acldefault('d', datdba))) WHERE datname = $1"
            );
            let rows = grant_rows(server, sql, &[wanted.database.as_str()]).await?;
            facts.database = Some(Database {
                owner,
                encoding,
                grants: grants_of(&rows, wanted.database.as_str()),
                ..Database::default()
            });
        }
        Ok(facts)
    }

    /// Reads what only the service's database tells.
    pub(super) async fn read_database(
        &mut self,
        connection: &mut PgConnection,
        wanted: &Wanted,
    ) -> Result<(), SetupError> {
        let Some(database) = &mut self.database else {
            return Ok(());
        };
        let schema = wanted.schema.as_ref().map_or(PUBLIC, Name::as_str);
        let (owner, runtime) = (wanted.owner.name.as_str(), wanted.runtime.name.as_str());

        let sql = "SELECT pg_get_userbyid(nspowner)::text FROM pg_namespace WHERE nspname = $1";
        let found: Option<String> = sqlx::query_scalar(sql)
            .bind(schema)
            .fetch_optional(&mut *connection)
            .await
            .map_err(|error| unread(&error))?;
        if let Some(owner) = found {
            let sql = format!(
                "SELECT nspname::text, {GRANTEE}, privilege_type::text FROM pg_namespace, \
                 aclexplode(COALESCE(nspacl, acldefault('n', nspowner))) WHERE nspname = $1"
            );
            let rows = grant_rows(connection, sql, &[schema]).await?;
            database.schema = Some(Schema {
                owner,
                grants: grants_of(&rows, schema),
            });
        }

        let sql = format!(
            "SELECT defaclobjtype::text, {GRANTEE}, privilege_type::text FROM pg_default_acl, \
             aclexplode(defaclacl) WHERE pg_get_userbyid(defaclrole) = $1 AND defaclnamespace = \
             (SELECT oid FROM pg_namespace WHERE nspname = $2) AND defaclobjtype IN ('r', 'S')"
        );
        let rows = grant_rows(connection, sql, &[owner, schema]).await?;
        // `USAGE` is of sequences alone, and rows of tables alone.
        database.default_grants = Grants(
            rows.into_iter()
                .map(|(_, role, privilege)| (role, privilege))
                .collect(),
        );

        let sql = "SELECT pg_get_userbyid(setrole)::text FROM pg_db_role_setting WHERE setdatabase = (SELECT oid \
                   FROM pg_database WHERE datname = current_database()) AND 'search_path=' || quote_ident($1) = \
                   ANY(setconfig)";
        let paths: Vec<String> = sqlx::query_scalar(sql)
            .bind(schema)
            .fetch_all(&mut *connection)
            .await
            .map_err(|error| unread(&error))?;
        database.paths = [owner, runtime].map(|role| paths.iter().any(|of| of == role));

        let sql = "SELECT relname::text, relkind = 'S', pg_get_userbyid(relowner)::text FROM pg_class WHERE \
                   relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1) AND relkind IN ('r', 'p', 'S') \
                   AND (pg_get_userbyid(relowner) = $2 OR relname = $3) ORDER BY relname";
        let tables: Vec<(String, bool, String)> = sqlx::query_as(sql)
            .bind(schema)
            .bind(owner)
            .bind(LEDGER)
            .fetch_all(&mut *connection)
            .await
            .map_err(|error| unread(&error))?;
        let sql = format!(
            "SELECT relname::text, {GRANTEE}, privilege_type::text FROM pg_class, aclexplode(relacl) WHERE \
             relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1)"
        );
        let rows = grant_rows(connection, sql, &[schema]).await?;
        database.tables = tables
            .into_iter()
            .map(|(name, is_sequence, owner)| Table {
                grants: grants_of(&rows, &name),
                name,
                is_sequence,
                owner,
            })
            .collect();
        Ok(())
    }
}

/// The name of a grantee; 0 is everybody, and no role can have that name.
const GRANTEE: &str = "CASE grantee WHEN 0 THEN 'public' ELSE pg_get_userbyid(grantee)::text END";

async fn grant_rows(
    connection: &mut PgConnection,
    sql: String,
    parameters: &[&str],
) -> Result<Vec<(String, String, String)>, SetupError> {
    let mut query = sqlx::query_as(sqlx::AssertSqlSafe(sql));
    for parameter in parameters {
        query = query.bind(*parameter);
    }
    query
        .fetch_all(connection)
        .await
        .map_err(|error| unread(&error))
}

fn unread(error: &sqlx::Error) -> SetupError {
    super::refused("the catalogue cannot be read", error)
}
