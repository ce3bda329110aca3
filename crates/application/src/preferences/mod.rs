//! Use cases of preferences.

mod get_preferences;
mod update_preferences;

pub use get_preferences::GetPreferences;
pub use update_preferences::UpdatePreferences;
