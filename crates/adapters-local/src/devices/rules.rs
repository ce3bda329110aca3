//! Browsers and operating systems, by the rules of uap-core.

use serde::Deserialize;
use ua_parser::{os, user_agent};

const RULES: &str = include_str!("../../data/uap-core/regexes.json");

/// The rules as they are written.
#[derive(Deserialize)]
struct Written {
    user_agent_parsers: Vec<user_agent::Parser<'static>>,
    os_parsers: Vec<os::Parser<'static>>,
}

/// The rules, compiled.
pub(super) struct Rules {
    browsers: user_agent::Extractor<'static>,
    systems: os::Extractor<'static>,
}

/// A browser, or another program that is known.
pub(super) struct Browser {
    pub(super) family: String,
    pub(super) major: Option<String>,
}

impl Browser {
    /// Its name, with the first part of its version.
    pub(super) fn text(&self) -> String {
        with(&self.family, [self.major.as_deref()])
    }
}

/// An operating system.
pub(super) struct System {
    pub(super) family: String,
    pub(super) major: Option<String>,
    pub(super) minor: Option<String>,
}

impl System {
    /// One whose version is not known.
    pub(super) fn unversioned(family: &str) -> Self {
        Self {
            family: family.to_owned(),
            major: None,
            minor: None,
        }
    }

    /// Its name alone.
    pub(super) fn name(&self) -> &str {
        match self.family.as_str() {
            "Mac OS X" if self.is_old_mac() => "Mac OS X",
            "Mac OS X" => "macOS",
            "Web0S" => "webOS",
            other => other,
        }
    }

    /// Its name and version, as far as the version means something.
    pub(super) fn text(&self) -> String {
        let (major, minor) = (self.major.as_deref(), self.minor.as_deref());
        match self.family.as_str() {
            // Browsers say 10.15 of all later ones.
            "Mac OS X" if major == Some("10") && !self.is_old_mac() => self.name().to_owned(),
            "Mac OS X" if !self.is_old_mac() => with(self.name(), [major]),
            "Chrome OS" => self.name().to_owned(),
            "Android" if minor == Some("0") => with(self.name(), [major]),
            _ => with(self.name(), [major, minor]),
        }
    }

    /// Whether it is from before 10.15.
    fn is_old_mac(&self) -> bool {
        self.major.as_deref() == Some("10") && self.minor.as_deref() != Some("15")
    }
}

/// A name with the parts of a version behind it.
fn with<const N: usize>(name: &str, version: [Option<&str>; N]) -> String {
    let version: Vec<&str> = version.into_iter().map_while(|part| part).collect();
    format!("{name} {}", version.join("."))
        .trim_end()
        .to_owned()
}

impl Rules {
    /// Compiles them. `None` cannot be: a test does the same.
    pub(super) fn compile() -> Option<Self> {
        let written: Written = serde_json::from_str(RULES).ok()?;
        let browsers = written
            .user_agent_parsers
            .into_iter()
            .try_fold(user_agent::Builder::new(), user_agent::Builder::push)
            .ok()?;
        let systems = written
            .os_parsers
            .into_iter()
            .try_fold(os::Builder::new(), os::Builder::push)
            .ok()?;
        Some(Self {
            browsers: browsers.build().ok()?,
            systems: systems.build().ok()?,
        })
    }

    /// The browser of a user agent.
    pub(super) fn browser(&self, text: &str) -> Option<Browser> {
        let found = self.browsers.extract(text)?;
        Some(Browser {
            family: found.family.into_owned(),
            major: found.major.map(str::to_owned),
        })
    }

    /// The operating system of a user agent.
    pub(super) fn system(&self, text: &str) -> Option<System> {
        let found = self.systems.extract(text)?;
        Some(System {
            family: found.os.into_owned(),
            major: found.major.map(Into::into),
            minor: found.minor.map(Into::into),
        })
    }
}
