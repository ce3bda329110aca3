//! The keys of files.

use user_service_domain::avatar::Variant;
use user_service_domain::ids::AvatarId;
use uuid::Uuid;

/// What the keys of all avatars begin with.
pub(super) const ALL: &str = "avatars/";

/// What the keys of an avatar begin with, and no others.
pub(super) fn folder(id: AvatarId) -> String {
    format!("{ALL}{id}/")
}

/// The key of a file.
pub(super) fn file(id: AvatarId, variant: Variant) -> String {
    format!("{ALL}{id}/{variant}")
}

/// The id of a folder, where it is written as it is here.
pub(super) fn id_of(folder: &str) -> Option<AvatarId> {
    let name = folder.strip_prefix(ALL)?.strip_suffix('/')?;
    let id = AvatarId::new(Uuid::try_parse(name).ok()?);
    (id.to_string() == name).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_tells_its_id_in_one_spelling() {
        let id = AvatarId::new(Uuid::from_u128(0xabc));
        assert_eq!(id_of(&folder(id)), Some(id));
        for other in [
            folder(id).to_uppercase(),
            format!("avatars/{}/", id.get().as_simple()),
            format!("avatars/{id}"),
            format!("avatars/{id}/x/"),
            format!("other/{id}/"),
            "avatars//".to_owned(),
        ] {
            assert_eq!(id_of(&other), None, "{other}");
        }
    }
}
