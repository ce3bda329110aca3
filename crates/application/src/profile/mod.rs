//! Use cases of profiles.

mod create_profile;
mod delete_profile;
mod get_profile;
mod index_profiles;
mod list_profiles;
mod own;
mod provision_profile;
mod search_profiles;
mod totals;
mod update_profile;
mod view;

pub use create_profile::{CreateProfile, NewProfile, Receipt};
pub use delete_profile::DeleteProfile;
pub use get_profile::GetProfile;
pub use index_profiles::IndexProfiles;
pub use list_profiles::{ListProfiles, Page, PageRequest, ProfileList};
pub use provision_profile::ProvisionProfile;
pub use search_profiles::{Count, ProfileSearchList, SearchProfiles};
pub use update_profile::UpdateProfile;
pub use view::ProfileView;
