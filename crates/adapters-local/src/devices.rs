//! What a `User-Agent` tells about a device.

mod model;
mod rules;
#[cfg(test)]
mod samples;
mod words;

use std::sync::OnceLock;

use async_trait::async_trait;
use tokio::task::spawn_blocking;
use user_service_domain::session::{
    Device, DeviceDetector, DeviceName, DeviceType, OsName, UserAgent,
};

use self::model::model;
use self::rules::{Browser, Rules, System};
use self::words::{COMPUTERS, LIBRARIES, MAIL, ROBOTS, TABLETS, TELEPHONES, TELEVISIONS};

/// The rules, compiled when they are first needed: they take 40 ms and 17 MB, and some replicas never begin a
/// session.
static RULES: OnceLock<Option<Rules>> = OnceLock::new();

fn rules() -> Option<&'static Rules> {
    RULES.get_or_init(Rules::compile).as_ref()
}

/// Tells devices by the user agents of our time.
///
/// Browsers and operating systems are told by uap-core's rules (`data/uap-core`), kinds and models by a few
/// words.
#[derive(Clone, Copy, Debug, Default)]
pub struct UserAgentDevices;

impl UserAgentDevices {
    /// [`DeviceDetector::detect`] for those who may block: the first one compiles the rules.
    #[must_use]
    pub fn told(user_agent: &UserAgent) -> Device {
        let clues = Clues::of(user_agent.as_str());
        Device {
            kind: clues.kind(),
            name: clues.name().and_then(|name| DeviceName::fitting(&name)),
            os: clues
                .system
                .as_ref()
                .and_then(|system| OsName::fitting(&system.text())),
        }
    }
}

#[async_trait]
impl DeviceDetector for UserAgentDevices {
    async fn detect(&self, user_agent: &UserAgent) -> Device {
        if RULES.get().is_none() {
            // Not on a thread that others wait for. Should it be lost, the rules are compiled here.
            spawn_blocking(rules).await.ok();
        }
        Self::told(user_agent)
    }
}

/// What is found in a user agent.
struct Clues<'a> {
    text: &'a str,
    lower: String,
    browser: Option<Browser>,
    system: Option<System>,
}

impl<'a> Clues<'a> {
    fn of(text: &'a str) -> Self {
        // Cubot makes telephones, not robots.
        let lower = text.to_lowercase().replace("cubot", "");
        let rules = rules();
        let system = rules.and_then(|rules| rules.system(text));
        let on_intel = lower.contains("x86_64");
        Self {
            text,
            browser: rules.and_then(|rules| rules.browser(text)),
            // Programs of macOS look like those of iOS, but for the processor.
            system: system.map(|system| {
                if system.family == "iOS" && on_intel {
                    System::unversioned("Mac OS X")
                } else {
                    system
                }
            }),
            lower,
        }
    }

    fn kind(&self) -> Option<DeviceType> {
        let system = self.system.as_ref().map(|system| system.family.as_str());
        if self.is_robot() || self.has(&TELEVISIONS) {
            None
        } else if self.has(&TABLETS)
            || system == Some("Android") && self.is_page_reader() && !self.has(&["mobile"])
        {
            Some(DeviceType::Tablet)
        } else if self.has(&TELEPHONES) || matches!(system, Some("Android" | "iOS")) {
            Some(DeviceType::Mobile)
        } else if !system.is_some_and(|system| COMPUTERS.contains(&system)) {
            None
        } else if self.is_program() {
            Some(DeviceType::Desktop)
        } else if self.browser.is_some() {
            Some(DeviceType::Web)
        } else {
            None
        }
    }

    fn name(&self) -> Option<String> {
        if !self.is_robot()
            && let Some(device) = self.device()
        {
            return Some(device);
        }
        let program = self.program()?;
        Some(match &self.system {
            Some(system) => format!("{program} on {}", system.name()),
            None => program,
        })
    }

    /// What is said of the device itself.
    fn device(&self) -> Option<String> {
        match self.system.as_ref()?.family.as_str() {
            "iOS" => ["iPod touch", "iPad", "iPhone"]
                .into_iter()
                .find(|device| self.text.contains(device))
                .map(str::to_owned),
            "Kindle" => Some("Kindle".to_owned()),
            "Android" => model(self.text),
            _ => None,
        }
    }

    /// The program, with the first part of its version.
    fn program(&self) -> Option<String> {
        match &self.browser {
            Some(browser) if browser.family != "Electron" => Some(browser.text()),
            Some(electron) => {
                let product = self.text.split("like Gecko) ").nth(1).and_then(product);
                Some(product.unwrap_or_else(|| electron.text()))
            }
            None if self.is_page_reader() => None,
            None => product(self.text),
        }
    }

    /// Whether it is a browser, or something that says so to be served alike.
    fn is_page_reader(&self) -> bool {
        ["mozilla/", "opera/"]
            .iter()
            .any(|name| self.lower.starts_with(name))
    }

    /// Whether it is a program of its own on a computer.
    fn is_program(&self) -> bool {
        let mail = self
            .browser
            .as_ref()
            .is_some_and(|browser| MAIL.contains(&browser.family.as_str()));
        mail || !self.is_page_reader() || self.has(&["electron/", " teams/"])
    }

    /// Whether nobody sits before it.
    fn is_robot(&self) -> bool {
        self.has(&ROBOTS)
            || LIBRARIES
                .iter()
                .any(|library| self.lower.starts_with(library))
    }

    fn has(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.lower.contains(word))
    }
}

/// `Name 1` of `Name/1.2 …`.
fn product(text: &str) -> Option<String> {
    let (name, rest) = text.split_once('/')?;
    if matches!(name, "" | "Chrome" | "Electron") || !name.starts_with(char::is_alphabetic) {
        return None;
    }
    let major: String = rest.chars().take_while(char::is_ascii_digit).collect();
    Some(format!("{name} {major}").trim_end().to_owned())
}
