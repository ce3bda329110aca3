//! Avatars: the pictures of a profile, and where they are kept.

pub mod drawing;
mod fault;
mod focus;
mod initials;
mod model;
mod picture;
mod ports;

pub use fault::ImageFault;
pub use focus::Focus;
pub use initials::Initials;
pub use model::{Avatar, AvatarDigest, Thumbhash};
pub use picture::{Picture, PictureFormat, PictureSize, Variant};
pub use ports::{
    AvatarAlias, AvatarLedger, AvatarRenderer, AvatarStore, AvatarStoreError, RenderError, Rendered,
};
