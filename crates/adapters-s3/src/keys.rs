//! The names of objects.

use object_store::path::Path;
use user_service_domain::avatar::Variant;
use user_service_domain::ids::AvatarId;
use uuid::Uuid;

/// What follows `/` in the order of keys.
const PAST_SLASH: char = '0';

/// Names objects below a prefix.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    prefix: String,
}

impl Keys {
    /// `None` where the prefix may not be one.
    pub(crate) fn below(prefix: &str) -> Option<Self> {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
        let fits = |part: &str| !matches!(part, "" | "." | "..") && part.chars().all(allowed);
        let prefix = prefix.to_owned();
        (prefix.len() <= 200 && prefix.split('/').all(fits)).then_some(Self { prefix })
    }

    /// The object of a file.
    pub(crate) fn file(&self, id: AvatarId, variant: Variant) -> Path {
        Path::from(format!("{}/{id}/{variant}", self.prefix))
    }

    /// What the keys of all files of an avatar begin with, and no others.
    pub(crate) fn avatar(&self, id: AvatarId) -> Path {
        Path::from(format!("{}/{id}", self.prefix))
    }

    /// What the keys of all files begin with.
    pub(crate) fn all(&self) -> String {
        format!("{}/", self.prefix)
    }

    /// A key past all files of an avatar, and before those of every later one.
    pub(crate) fn past(&self, id: AvatarId) -> String {
        format!("{}/{id}{PAST_SLASH}", self.prefix)
    }
}

/// The id at the end of a path, where it is written as it is here.
pub(crate) fn id_at_end(path: &Path) -> Option<AvatarId> {
    let name = path.filename()?;
    let id = AvatarId::new(Uuid::try_parse(name).ok()?);
    (id.to_string() == name).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_plain() {
        for good in ["avatars", "a/b.c/d-e_f/0"] {
            assert!(Keys::below(good).is_some(), "{good}");
        }
        for bad in [
            "", "/", "/a", "a/", "a//b", ".", "a/../b", "A", "a b", "é", "a\n",
        ] {
            assert!(Keys::below(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn the_end_of_an_avatar_is_between_its_files_and_the_next() {
        let keys = Keys::below("avatars").unwrap();
        let (id, next) = (
            AvatarId::new(Uuid::from_u128(7)),
            AvatarId::new(Uuid::from_u128(8)),
        );
        let past = keys.past(id);
        for variant in Variant::all() {
            assert!(keys.file(id, variant).as_ref() < past.as_str());
            assert!(keys.file(next, variant).as_ref() > past.as_str());
        }
    }

    #[test]
    fn an_id_has_one_spelling() {
        let id = AvatarId::new(Uuid::from_u128(0xabc));
        assert_eq!(id_at_end(&Path::from(format!("a/{id}"))), Some(id));
        for other in [
            id.to_string().to_uppercase(),
            id.get().as_simple().to_string(),
            format!("{id}0"),
            "x".to_owned(),
        ] {
            assert_eq!(id_at_end(&Path::from(format!("a/{other}"))), None);
        }
    }
}
