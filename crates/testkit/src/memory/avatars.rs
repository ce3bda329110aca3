//! The files of avatars that are nobody's, and the aliases.

use chrono::{DateTime, Utc};
use user_service_domain::avatar::AvatarAlias;
use user_service_domain::ids::{AvatarId, ProfileId};
use user_service_domain::profile::Profile;
use user_service_domain::store::StoreError;

use super::state::State;

impl State {
    pub(super) fn claim_avatar(&mut self, id: AvatarId, now: DateTime<Utc>) -> bool {
        let noted = self.avatar_files.get(&id).is_some_and(|due| *due > now);
        if noted {
            self.avatar_files.remove(&id);
        }
        noted
    }

    pub(super) fn due_avatars(&self, now: DateTime<Utc>, limit: u32) -> Vec<AvatarId> {
        let mut due: Vec<_> = self
            .avatar_files
            .iter()
            .filter(|(_, due)| **due <= now)
            .collect();
        due.sort_by_key(|(_, due)| **due);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        due.into_iter().map(|(id, _)| *id).take(limit).collect()
    }

    pub(super) fn unknown_avatars(&self, ids: &[AvatarId]) -> Vec<AvatarId> {
        let mut unknown = ids.to_vec();
        unknown.sort_unstable();
        unknown.dedup();
        unknown.retain(|id| {
            let owned = |profile: &Profile| {
                let avatar = profile.avatar.as_ref();
                avatar.is_some_and(|avatar| avatar.id == *id)
            };
            !self.avatar_files.contains_key(id) && !self.profiles.values().any(owned)
        });
        unknown
    }

    pub(super) fn set_aliases(
        &mut self,
        of: ProfileId,
        aliases: &[AvatarAlias],
    ) -> Result<(), StoreError> {
        if !self.profiles.contains_key(&of) {
            return Err(StoreError::Internal("an alias of nobody".into()));
        }
        self.aliases.retain(|_, profile| *profile != of);
        self.aliases
            .extend(aliases.iter().map(|alias| (alias.0, of)));
        Ok(())
    }

    pub(super) fn find_by_alias(&self, alias: AvatarAlias) -> Option<Profile> {
        let id = self.aliases.get(&alias.0)?;
        self.profiles.get(id).cloned()
    }
}
