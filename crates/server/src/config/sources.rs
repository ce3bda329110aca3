//! Where settings come from, and reading them as plain text.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use figment::{
    Figment, Metadata,
    providers::{Format, Toml},
    value::Dict,
};

use super::{
    error::ConfigError,
    settings::SETTINGS,
    suggest::unknown,
    texts::{Texts, plain},
};

/// Where settings come from, lowest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources {
    /// A TOML file; it must exist.
    pub(crate) config_file: Option<PathBuf>,
    /// A file such as `.env`; it may be missing.
    pub(crate) env_file: Option<PathBuf>,
    /// The environment.
    pub(crate) environment: Vec<(String, String)>,
    /// Settings given on the command line, by the names they have in the environment.
    pub(crate) flags: Vec<(&'static str, String)>,
}

impl Sources {
    /// What the process was started with, and `.env` in the working directory.
    pub(crate) fn from_process(
        config_file: Option<PathBuf>,
        flags: Vec<(&'static str, String)>,
    ) -> Self {
        let environment = std::env::vars_os()
            .filter_map(|(name, value)| {
                Some((
                    name.into_string().ok()?,
                    value.to_string_lossy().into_owned(),
                ))
            })
            .collect();
        Self {
            config_file,
            env_file: Some(PathBuf::from(".env")),
            environment,
            flags,
        }
    }
}

/// Layers that were read so far, and their faults.
#[derive(Default)]
pub(super) struct Layers {
    pub(super) figment: Figment,
    pub(super) errors: Vec<ConfigError>,
}

impl Layers {
    /// Reads every source.
    pub(super) fn read(sources: &Sources) -> Self {
        let mut layers = Self::default();
        let defaults = SETTINGS
            .iter()
            .filter_map(|s| Some((s.name.into(), s.default?.into())));
        layers.merge("default", &defaults.collect::<Vec<_>>());
        if let Some(path) = &sources.config_file {
            layers.merge_toml(path);
        }
        if let Some(path) = &sources.env_file {
            layers.merge_env_file(path);
        }
        layers.merge("environment", &without_empty(sources.environment.clone()));
        let flags = sources
            .flags
            .iter()
            .map(|(name, text)| ((*name).to_owned(), text.clone()));
        layers.merge("flag", &flags.collect::<Vec<_>>());
        layers
    }

    fn fault(&mut self, name: &str, source: &str, message: impl Into<String>) {
        let (name, source) = (name.to_owned(), source.to_owned());
        self.errors.push(ConfigError {
            name,
            source,
            message: message.into(),
        });
    }

    /// Adds a layer. Names that are no setting's are ignored; of equal names the last counts.
    fn merge(&mut self, source: &str, pairs: &[(String, String)]) {
        let find = |name: &str| {
            pairs
                .iter()
                .rfind(|(key, _)| key == name)
                .map(|(_, text)| text)
        };
        let mut direct = Texts::new(Metadata::named(source.to_owned()));
        let mut by_file = Texts::new(Metadata::from(
            format!("{source}, by the file it names"),
            "NAME_FILE",
        ));
        for setting in SETTINGS {
            let file_name = format!("{}_FILE", setting.name);
            match (find(setting.name), find(&file_name)) {
                (None, None) => {}
                (Some(_), Some(_)) => {
                    let message = format!("{file_name} is given too; only one of them can be");
                    self.fault(setting.name, source, message);
                }
                (Some(text), None) if text.contains(char::REPLACEMENT_CHARACTER) => {
                    self.fault(setting.name, source, "is not UTF-8");
                }
                (Some(text), None) => direct.insert(setting, text.clone()),
                (None, Some(path)) => match fs::read_to_string(path) {
                    Ok(text) => {
                        let text = text.strip_suffix('\n').unwrap_or(&text);
                        let text = text.strip_suffix('\r').unwrap_or(text);
                        by_file.insert(setting, text.to_owned());
                    }
                    Err(error) => {
                        let message = format!("{file_name} cannot be read: {error}");
                        self.fault(setting.name, source, message);
                    }
                },
            }
        }
        // `mem::take` because figment merges by value
        self.figment = std::mem::take(&mut self.figment)
            .merge(direct)
            .merge(by_file);
    }

    fn merge_env_file(&mut self, path: &Path) {
        let source = path.display().to_string();
        let text = match fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return,
            Err(error) => return self.fault(&source, "file", format!("cannot be read: {error}")),
        };
        let mut pairs = Vec::new();
        for entry in dotenvy::from_read_iter(text.as_slice()) {
            match entry {
                Ok(pair) => pairs.push(pair),
                // the line itself may hold a secret
                Err(dotenvy::Error::LineParse(line, _)) => {
                    let text = String::from_utf8_lossy(&text);
                    let first = line.lines().next().unwrap_or_default().trim();
                    let number = text.lines().position(|other| other.trim().ends_with(first));
                    let at = number.map_or_else(String::new, |at| format!("line {}: ", at + 1));
                    self.fault(&source, "file", format!("{at}must be NAME=value; quote values that have spaces, `#`, `$` or quotes"));
                }
                Err(_) => {
                    self.fault(&source, "file", "is not UTF-8");
                    break;
                }
            }
        }
        self.merge(&source, &without_empty(pairs));
    }

    fn merge_toml(&mut self, path: &Path) {
        let name = path.display().to_string();
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => return self.fault(&name, "--config", format!("cannot be read: {error}")),
        };
        let dict = match Figment::from(Toml::string(&text)).extract::<Dict>() {
            Ok(dict) => dict,
            Err(error) => {
                // lines after the first quote the file, and so perhaps a secret
                let error = error.to_string();
                let first = error.lines().next().unwrap_or_default();
                return self.fault(&name, "--config", first);
            }
        };
        let source = format!("file {name}");
        let mut pairs: Vec<(String, String)> = Vec::new();
        for (key, value) in dict {
            let upper = key.to_ascii_uppercase();
            let known = SETTINGS.iter().any(|setting| {
                upper == setting.name || upper.strip_suffix("_FILE") == Some(setting.name)
            });
            if !known {
                self.fault(&key, &source, unknown(&upper));
            } else if pairs.iter().any(|(other, _)| *other == upper) {
                self.fault(&upper, &source, "is given twice");
            } else if let Some(text) = plain(&value) {
                pairs.push((upper, text));
            } else {
                self.fault(
                    &upper,
                    &source,
                    "must be text, a number, true, false or an array of text",
                );
            }
        }
        self.merge(&source, &pairs);
    }
}

fn without_empty(pairs: Vec<(String, String)>) -> Vec<(String, String)> {
    pairs
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .collect()
}
