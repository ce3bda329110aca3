//! Preferences: how a person wants to be served.

mod custom_settings;
mod fields;
mod model;
mod ports;

pub use custom_settings::CustomSettings;
pub use fields::{DateFormat, Language, Theme, TimeFormat, TimeZone};
pub use model::{Preferences, PreferencesPatch};
pub use ports::StoredPreferences;
