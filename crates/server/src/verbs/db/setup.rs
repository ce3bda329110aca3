//! `db setup`: from an administrator's connection to two accounts that the service can live with.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use secrecy::{ExposeSecret, SecretString};
use url::Url;
use user_service_adapters_sql::setup::{
    Account, Administrator, ConnectError, Name, Place, SetupError, Wanted,
};
use user_service_migration as migration;

use super::urls::{AccountUrl, file, keep, kept_password, random_password, with_password};
use crate::cli::SetupArgs;
use crate::config::{Config, Purpose, Sources};
use crate::exit::Exit;
use crate::output::{complain, say};
use crate::wiring;

/// The schema of who names none.
const PUBLIC: &str = "public";

pub(crate) async fn run(config: Option<PathBuf>, args: SetupArgs) -> anyhow::Result<Exit> {
    let config = Config::load(
        &Sources::from_process(config, Vec::new()),
        Purpose::Database,
    )?;
    let admin_url = config.database_admin_url.as_ref().ok_or_else(|| {
        SetupError::Refused(
            "DATABASE_ADMIN_URL is not set: it names an administrator of the database server, such as \
             postgres://postgres@host/postgres; DATABASE_ADMIN_URL_FILE reads it from a file"
                .to_owned(),
        )
    })?;
    let mut url = admin_url.url.clone();
    if args.ask_password {
        url = with_asked_password(&url)?;
    }
    let mut administrator = wiring::open_administrator(admin_url.engine, &url).await?;
    let most = administrator.longest_name();
    let name = |flag: &str, text: &str| {
        Name::parse(text, most)
            .map_err(|why| SetupError::Refused(format!("{flag}: {text:?} {why}")))
    };
    let database = name("--database", &args.database)?;
    let (owner, runtime) = (
        name("--owner", &args.owner)?,
        name("--runtime", &args.runtime)?,
    );
    let schema = args.schema.as_deref();
    let schema = schema.map(|text| name("--schema", text)).transpose()?;
    let out = args.out.as_deref();
    // A new password is asked for: the one that is kept is the old one.
    let kept = out.filter(|_| !args.reset_passwords);
    let given = config.database_owner_password.as_ref();
    let owner = Credentials::find(&owner, "owner", given, kept)?;
    let given = config.database_runtime_password.as_ref();
    let runtime = Credentials::find(&runtime, "runtime", given, kept)?;
    let ledger = migration::ledger_in(schema.as_ref().map_or(PUBLIC, Name::as_str));
    let wanted = Wanted {
        owner: owner.account(),
        runtime: runtime.account(),
        database,
        schema,
        hosts: args.hosts,
        resets_passwords: args.reset_passwords,
    };
    let plan = administrator.plan(&wanted, &ledger).await?;
    if args.dry_run {
        let lines = plan.steps.iter().map(|step| match step.place() {
            Place::Server => format!("{};", step.shown()),
            Place::Database => format!("{}; -- in {}", step.shown(), wanted.database),
        });
        say(&lines.collect::<Vec<_>>().join("\n"));
        if plan.steps.is_empty() {
            say("-- nothing to do");
        }
        return Ok(Exit::Ok);
    }
    let parties = [
        Party::new(owner, plan.sets_owner_password, &url, &wanted)?,
        Party::new(runtime, plan.sets_runtime_password, &url, &wanted)?,
    ];
    let is_kept = out.is_some() || args.show_passwords;
    for party in &parties {
        party.check(&*administrator, is_kept).await?;
    }
    // Before the server has them: a password that is nowhere else could not be found again.
    if let Some(directory) = out {
        parties.iter().try_for_each(|party| party.keep(directory))?;
    }
    for step in &plan.steps {
        administrator.run(&wanted, step).await?;
        complain(&format!("done: {}", step.shown()));
    }
    if plan.steps.is_empty() {
        complain("nothing to do: everything is as it should be");
    }
    for party in &parties {
        party.prove(&*administrator).await?;
        say(&party.line(args.show_passwords)?);
    }
    Ok(Exit::Ok)
}

/// The administrator's URL with the password that somebody types.
fn with_asked_password(url: &SecretString) -> anyhow::Result<SecretString> {
    let password = rpassword::prompt_password("Password of the administrator: ")
        .context("there is no terminal to ask for the password at")?;
    let url = Url::parse(url.expose_secret())
        .ok()
        .context("DATABASE_ADMIN_URL is no URL")?;
    with_password(&url, &password.into())
}

/// A password, and where it comes from.
struct Credentials {
    name: Name,
    role: &'static str,
    password: SecretString,
    /// Whether it was given, or kept by an earlier run.
    is_known: bool,
}

impl Credentials {
    /// As it was given; else as an earlier run kept it; else made.
    fn find(
        name: &Name,
        role: &'static str,
        given: Option<&SecretString>,
        out: Option<&Path>,
    ) -> anyhow::Result<Self> {
        let kept = match (given, out) {
            (None, Some(directory)) => kept_password(&file(directory, role), name)?,
            _ => None,
        };
        let known = given.cloned().or(kept);
        if let Some(password) = &known
            && password.expose_secret().chars().any(char::is_control)
        {
            let text = format!("the password of {name} has control characters");
            return Err(SetupError::Refused(text).into());
        }
        Ok(Self {
            name: name.clone(),
            role,
            is_known: known.is_some(),
            password: known.unwrap_or_else(random_password),
        })
    }

    fn account(&self) -> Account {
        Account {
            name: self.name.clone(),
            password: self.password.clone(),
        }
    }
}

/// An account, and what is known of its way in.
struct Party {
    name: Name,
    role: &'static str,
    url: AccountUrl,
    password: SecretString,
    /// Whether the password is made by this run.
    is_made: bool,
    /// Whether this run sets the password.
    is_set: bool,
}

impl Party {
    fn new(
        from: Credentials,
        is_set: bool,
        administrator: &SecretString,
        wanted: &Wanted,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            url: AccountUrl::beside(administrator, &wanted.database, &from.name)?,
            name: from.name,
            role: from.role,
            password: from.password,
            is_made: !from.is_known,
            is_set,
        })
    }

    /// Whether the password is that of the account, as far as this program can know.
    fn is_known(&self) -> bool {
        self.is_set || !self.is_made
    }

    /// Before anything is changed: that no password gets lost, and that one which is not set is right.
    async fn check(&self, by: &dyn Administrator, is_kept: bool) -> anyhow::Result<()> {
        if self.is_set && self.is_made && !is_kept {
            return Err(SetupError::Refused(format!(
                "the password of {} would be made and then lost: keep it with --out DIRECTORY, print it with \
                 --show-passwords, or give it as DATABASE_{}_PASSWORD",
                self.name,
                self.role.to_uppercase()
            ))
            .into());
        }
        if self.is_set || self.is_made {
            return Ok(());
        }
        let url = self.url.with(&self.password)?;
        match by.log_in(url.expose_secret()).await {
            Err(ConnectError::Credentials) => Err(SetupError::Refused(format!(
                "the account {} is there and has another password: --reset-passwords sets this one",
                self.name
            ))
            .into()),
            _ => Ok(()),
        }
    }

    fn keep(&self, directory: &Path) -> anyhow::Result<()> {
        let path = file(directory, self.role);
        if self.is_known() {
            return keep(&path, &self.url.with(&self.password)?);
        }
        complain(&format!(
            "{} is not written: the password of {} is not known, and --reset-passwords sets a new one",
            path.display(),
            self.name
        ));
        Ok(())
    }

    /// In the end: that the account gets in.
    async fn prove(&self, by: &dyn Administrator) -> anyhow::Result<()> {
        if !self.is_known() {
            return Ok(());
        }
        let url = self.url.with(&self.password)?;
        by.log_in(url.expose_secret())
            .await
            .map_err(|why| SetupError::Connect(self.name.to_string(), why).into())
    }

    /// The URL of the account.
    fn line(&self, shows: bool) -> anyhow::Result<String> {
        let url = if shows && self.is_known() {
            self.url.with(&self.password)?.expose_secret().to_owned()
        } else {
            self.url.masked()?
        };
        Ok(format!("{:<8} {url}", self.role))
    }
}
