//! The command line.

mod db;

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use uuid::Uuid;

pub(crate) use db::{DbVerb, SetupArgs};

/// Gravity User Service: profiles and preferences of people.
///
/// Every setting can be given in the environment, in `.env`, or in a TOML file named by `--config`;
/// `user-service config example` lists them all.
#[derive(Debug, Parser)]
#[command(name = "user-service", version, propagate_version = false)]
pub(crate) struct Cli {
    /// TOML file with settings; `.env` and the environment go before it.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Run the API.
    Serve(ServeArgs),
    /// Change or inspect the database's schema.
    #[command(subcommand)]
    Migrate(MigrateVerb),
    /// Prepare a database server for the service.
    #[command(subcommand)]
    Db(DbVerb),
    /// Look at everything the service depends on, and say what to do about what is wrong; changes nothing.
    Doctor {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Check or show the configuration.
    #[command(subcommand)]
    Config(ConfigVerb),
    /// Keep sessions in order.
    #[command(subcommand)]
    Sessions(SessionsVerb),
    /// Keep the files of avatars in order.
    #[command(subcommand)]
    Avatars(AvatarsVerb),
    /// Keep the index of the search in order.
    #[command(subcommand)]
    Search(SearchVerb),
    /// Take users in and out by the million.
    #[command(subcommand)]
    Users(UsersVerb),
    /// Issue tokens (only where `AUTH_MODE` is `secret`).
    #[command(subcommand)]
    Token(TokenVerb),
    /// Write the `OpenAPI` document.
    Openapi,
    /// Write docs/ERRORS.md: every problem that the API answers with, and what to do about it.
    Problems,
    /// Ask a running service whether it is ready; exits with 0 if it is.
    Healthcheck {
        /// Address to ask; the default is readiness at this configuration's HOST and PORT.
        #[arg(long)]
        url: Option<String>,
    },
    /// Write the program's version.
    Version {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Write the script by which a shell completes this program's arguments.
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Write the manual.
    Man(ManArgs),
}

/// Options of `serve`.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ServeArgs {
    /// Development: needs no settings; loopback only, a database and tokens under `.dev/`.
    #[arg(long)]
    pub(crate) dev: bool,
    /// Apply pending migrations before serving.
    #[arg(long)]
    pub(crate) migrate: bool,
    /// Address to listen on (HOST).
    #[arg(long)]
    pub(crate) host: Option<String>,
    /// Port to listen on (PORT).
    #[arg(long)]
    pub(crate) port: Option<String>,
    /// Log level or filter (`LOG_LEVEL`).
    #[arg(long, value_name = "LEVEL")]
    pub(crate) log_level: Option<String>,
}

impl ServeArgs {
    /// The settings given as flags, for the highest layer of the configuration.
    pub(crate) fn flags(&self) -> Vec<(&'static str, String)> {
        [
            ("HOST", &self.host),
            ("PORT", &self.port),
            ("LOG_LEVEL", &self.log_level),
        ]
        .into_iter()
        .filter_map(|(name, value)| value.clone().map(|value| (name, value)))
        .collect()
    }
}

/// What `migrate` can do.
#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum MigrateVerb {
    /// Apply pending migrations.
    Up,
    /// Undo applied migrations, the newest first.
    Down {
        /// How many.
        #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
        steps: u32,
    },
    /// List migrations, applied and pending; exits with 75 if any are pending.
    Status,
    /// Show what `up` would do, and change nothing.
    Plan,
}

/// What `config` can do.
#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum ConfigVerb {
    /// Name every fault; exits with 78 if there are any.
    Check,
    /// Show every setting and where it came from, without secrets.
    Show,
    /// Write an example `.env` with every setting and its default.
    Example,
    /// Write docs/CONFIGURATION.md: every setting with its form, its default, and what it does.
    Reference,
    /// Show what is kept of people, where, and for how long, as a table in Markdown.
    Retention,
}

/// What `sessions` can do.
#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum SessionsVerb {
    /// Write down which sessions expired, forget those that ended longer ago than `SESSION_RETENTION`, and drop the
    /// addresses of those that were not used for `SESSION_ADDRESS_RETENTION`; `serve` does so too.
    Prune,
}

/// What `avatars` can do.
#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum AvatarsVerb {
    /// Remove files that are nobody's: of uploads that were broken off, and of avatars that were replaced or
    /// removed while their store was away; `serve` does so too, every minute.
    Gc {
        /// Look through the whole store of avatars for files that nothing tells of, as after a database was
        /// restored from an older copy. Files younger than a day are left alone.
        #[arg(long)]
        scan: bool,
        /// With --scan: count such files, and leave them.
        #[arg(long, requires = "scan")]
        dry_run: bool,
    },
}

/// What `search` can do.
#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum SearchVerb {
    /// Index profiles that are not indexed yet, as after a bulk load; `serve` does so too, in the background.
    Reindex {
        /// Index all profiles anew.
        #[arg(long)]
        all: bool,
    },
}

/// What `users` can do.
#[derive(Debug, Subcommand)]
pub(crate) enum UsersVerb {
    /// Write all users, in the order of their profiles' ids.
    Export(ExportArgs),
    /// Read users: who is there is changed, who is not is made.
    Import(Box<ImportArgs>),
}

/// Options of `users export`.
#[derive(Clone, Debug, Args)]
pub(crate) struct ExportArgs {
    /// The file to write; `-` is standard output.
    #[arg(default_value = "-")]
    pub(crate) file: PathBuf,
    /// `ndjson` or `csv`; else the end of the file's name tells, or it is `ndjson`.
    #[arg(long)]
    pub(crate) format: Option<String>,
    /// Only users after this profile, added to the file: what an export that was interrupted says at its end.
    #[arg(long, value_name = "ID")]
    pub(crate) after: Option<Uuid>,
    /// Show no progress.
    #[arg(long)]
    pub(crate) no_progress: bool,
}

/// Options of `users import`.
#[derive(Clone, Debug, Args)]
pub(crate) struct ImportArgs {
    /// The file to read; `-` is standard input.
    #[arg(required_unless_present_any = ["from_python_service", "from_python_service_file"])]
    pub(crate) file: Option<PathBuf>,
    /// `ndjson` or `csv`; else the end of the file's name tells, or it is `ndjson`.
    #[arg(long)]
    pub(crate) format: Option<String>,
    /// Say what would be done, and keep nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Where to write which lines were rejected and why, as NDJSON.
    #[arg(long, value_name = "FILE")]
    pub(crate) rejects: Option<PathBuf>,
    /// Go on where an import of this file stopped.
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) resume: bool,
    /// Where to write how far the import is; beside the file where not said.
    #[arg(long, value_name = "FILE", conflicts_with = "dry_run")]
    pub(crate) checkpoint: Option<PathBuf>,
    /// Show no progress.
    #[arg(long)]
    pub(crate) no_progress: bool,
    /// Take over the database of the Python service that this one succeeds, at `PYTHON_SERVICE_DATABASE_URL`, or at this
    /// URL where it has no password.
    #[arg(
        long,
        value_name = "URL",
        num_args = 0..=1,
        conflicts_with_all = ["file", "format", "resume", "checkpoint"]
    )]
    pub(crate) from_python_service: Option<Option<String>>,
    /// The same; the URL is read from this file.
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["file", "format", "resume", "checkpoint"]
    )]
    pub(crate) from_python_service_file: Option<PathBuf>,
}

/// What `token` can do.
#[derive(Debug, Subcommand)]
pub(crate) enum TokenVerb {
    /// Issue an access token signed with `JWT_SECRET_KEY`.
    Issue(TokenArgs),
}

/// Options of `token issue`.
#[derive(Clone, Debug, Args)]
pub(crate) struct TokenArgs {
    /// The user the token speaks for.
    #[arg(long, value_name = "UUID")]
    pub(crate) sub: Uuid,
    /// A role; may be repeated.
    #[arg(long = "role", value_name = "ROLE")]
    pub(crate) roles: Vec<String>,
    /// A scope; may be repeated.
    #[arg(long = "scope", value_name = "SCOPE")]
    pub(crate) scopes: Vec<String>,
    /// The user's e-mail address.
    #[arg(long)]
    pub(crate) email: Option<String>,
    /// How long the token is valid.
    #[arg(long, value_name = "SECONDS", default_value_t = 3600, value_parser = clap::value_parser!(u64).range(1..=31_536_000))]
    pub(crate) ttl: u64,
    /// The session the token belongs to; one of its own where left out.
    #[arg(long, value_name = "ID")]
    pub(crate) sid: Option<String>,
}

/// Options of `man`.
#[derive(Clone, Debug, Args)]
pub(crate) struct ManArgs {
    /// Directory to write the pages of the program and of each verb to; without it the program's page goes to
    /// standard output.
    #[arg(long, value_name = "DIR")]
    pub(crate) to: Option<PathBuf>,
    /// The date to put on the pages.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) date: Option<NaiveDate>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn parse(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(line.split_whitespace())
    }

    #[test]
    fn the_declaration_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn flags_of_serve_become_settings() {
        let cli = parse("user-service serve --port 9 --log-level debug --config a.toml").unwrap();
        assert_eq!(cli.config, Some(PathBuf::from("a.toml")));
        let Verb::Serve(args) = cli.verb else {
            panic!("serve was meant")
        };
        assert_eq!(
            args.flags(),
            [("PORT", "9".to_owned()), ("LOG_LEVEL", "debug".to_owned())]
        );
    }

    #[test]
    fn every_verb_is_understood() {
        for line in [
            "serve --dev --migrate",
            "migrate up",
            "migrate down --steps 2",
            "migrate status",
            "migrate plan",
            "db setup --dry-run",
            "db setup --database a --schema b --owner c --runtime d --hosts 10.% --out secrets --reset-passwords",
            "db setup --show-passwords --ask-password",
            "doctor",
            "doctor --json",
            "sessions prune",
            "avatars gc",
            "avatars gc --scan --dry-run",
            "search reindex",
            "search reindex --all",
            "users export",
            "users export users.csv --format ndjson --no-progress --after 018f2f6e-0000-7000-8000-000000000001",
            "users import - --format csv --dry-run --rejects r.ndjson",
            "users import users.ndjson --resume --checkpoint c",
            "users import --from-python-service",
            "users import --from-python-service sqlite:///app.db --rejects r",
            "users import --from-python-service-file url",
            "config check",
            "config show",
            "config example",
            "config reference",
            "config retention",
            "token issue --sub 018f2f6e-0000-7000-8000-000000000001 --role admin --role user --scope a",
            "openapi",
            "problems",
            "healthcheck --url http://127.0.0.1:1/ready",
            "version --json",
            "completions zsh",
            "man",
            "man --to pages --date 2026-11-27",
        ] {
            assert!(parse(&format!("user-service {line}")).is_ok(), "{line}");
        }
        for line in [
            "",
            "migrate",
            "migrate down --steps 0",
            "token issue --sub x",
            "avatars gc --dry-run",
            "users import",
            "users import a --dry-run --resume",
            "users import a --from-python-service",
            "db",
            "db setup --password hunter2",
            "srve",
            "completions tcsh",
            "man --date today",
        ] {
            assert!(parse(&format!("user-service {line}")).is_err(), "{line}");
        }
    }
}
