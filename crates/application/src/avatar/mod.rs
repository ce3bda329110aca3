//! Use cases of avatars.

mod alias;
mod collect_avatars;
mod delete_avatar;
mod get_avatar;
mod remove_files;
mod upload_avatar;

pub use collect_avatars::{CollectAvatars, Strays};
pub use delete_avatar::DeleteAvatar;
pub use get_avatar::{AvatarAnswer, Choice, GetAvatar, NoPicture};
pub use remove_files::RemoveFiles;
pub use upload_avatar::{NewAvatar, UploadAvatar};

use user_service_domain::avatar::Avatar;

use crate::UseCaseError;
use crate::revision::{IfMatch, Revision};

/// Refuses unless the demand, if any, names a picture of the present avatar.
fn check_pictures(demand: Option<&IfMatch>, present: Option<&Avatar>) -> Result<(), UseCaseError> {
    let met = match (demand, present) {
        (None, _) | (Some(IfMatch::Any), Some(_)) => true,
        (Some(IfMatch::OneOf(revisions)), Some(avatar)) => revisions
            .iter()
            .any(|revision| Revision::is_of_avatar(revision, avatar)),
        (Some(_), None) => false,
    };
    if met {
        return Ok(());
    }
    Err(UseCaseError::PictureChanged)
}
