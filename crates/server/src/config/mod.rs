//! The configuration: one declaration of every setting, read from defaults, a TOML file, `.env`,
//! the environment and flags, with every fault named at once.

mod avatar_types;
mod checks;
mod database_url;
mod error;
mod load;
mod networks;
mod origins;
mod rate;
mod reference;
mod settings;
mod sources;
mod suggest;
mod telemetry;
mod texts;
mod value;

#[cfg(test)]
mod secrecy_tests;
#[cfg(test)]
mod tests;

use std::fmt::Write;

use self::settings::SETTINGS;
#[cfg(feature = "otlp")]
pub(crate) use self::telemetry::TracesSampler;
pub(crate) use self::{
    checks::Purpose,
    database_url::{DatabaseUrl, Engine},
    error::ConfigErrors,
    reference::reference,
    settings::Config,
    sources::Sources,
    telemetry::LogFormat,
    value::{Algorithm, AuthMode, MASK},
};

/// The text of `.env.example`: every setting with its default, commented out.
pub(crate) fn example() -> String {
    let mut text = String::from(
        "# Settings of the Gravity User Service. Each can be given here, in the environment, or in\n\
         # the TOML file that `--config` names; NAME_FILE reads a setting from a file. Single quotes\n\
         # keep spaces, `#` and `$` in a value.\n",
    );
    let mut group = "";
    for setting in SETTINGS {
        if setting.group != group {
            group = setting.group;
            let _ = write!(text, "\n# --- {group} ---\n");
        }
        text.push('\n');
        for line in setting.doc.lines() {
            let _ = writeln!(text, "# {}", line.trim());
        }
        let _ = writeln!(
            text,
            "# {}={}",
            setting.name,
            setting.default.unwrap_or_default()
        );
    }
    text
}

/// The value of a setting that is no secret, as text; empty where it is not set.
pub(crate) fn value(config: &Config, name: &str) -> String {
    let mut texts = config.texts().into_iter();
    let found = texts.find(|(known, _)| *known == name);
    found.and_then(|(_, value)| value).unwrap_or_default()
}

/// Every setting in use and where it came from, without secrets.
pub(crate) fn show(config: &Config) -> String {
    let mut text = String::new();
    for (name, value) in config.texts() {
        let _ = match (value, config.origin(name)) {
            (Some(value), origin) => {
                writeln!(text, "{name}={value}  # {}", origin.unwrap_or("default"))
            }
            (None, _) => writeln!(text, "{name}=  # not set"),
        };
    }
    text
}
