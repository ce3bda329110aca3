//! What a line of a bulk file says of a user.

use chrono::{DateTime, Utc};

use super::StoredAccount;
use crate::avatar::Avatar;
use crate::fault::{Fault, FaultCode};
use crate::ids::{IdGenerator, PreferencesId, ProfileId, UserId};
use crate::preferences::{CustomSettings, Preferences, PreferencesPatch};
use crate::profile::{Account, Profile, ProfilePatch};

/// What is wrong with a line, and where: a JSON Pointer (RFC 6901) into it, empty for the line as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberFault {
    /// Where.
    pub pointer: String,
    /// What.
    pub fault: Fault,
}

impl MemberFault {
    /// A fault there.
    pub fn new(pointer: impl Into<String>, fault: Fault) -> Self {
        Self {
            pointer: pointer.into(),
            fault,
        }
    }
}

/// A user as a bulk file has them. `None` leaves a member as it is, and takes the default where the user is new.
#[derive(Clone, Debug, PartialEq)]
pub struct UserRecord {
    /// Who: the key by which the line finds its account.
    pub user_id: UserId,
    /// The id of the profile; cannot be changed.
    pub id: Option<ProfileId>,
    /// What a profile says of a person.
    pub profile: ProfilePatch,
    /// The pictures; their files are not part of the line.
    pub avatar: Option<Option<Avatar>>,
    /// Where a picture is that a former service left.
    pub avatar_url: Option<Option<String>>,
    /// When the profile came to be.
    pub created_at: Option<DateTime<Utc>>,
    /// When it last changed.
    pub updated_at: Option<DateTime<Utc>>,
    /// When the person last signed in.
    pub last_login_at: Option<Option<DateTime<Utc>>>,
    /// Their preferences.
    pub preferences: Option<PreferencesRecord>,
}

/// Preferences as a bulk file has them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PreferencesRecord {
    /// Their own key; cannot be changed.
    pub id: Option<PreferencesId>,
    /// The choices and consents; its `custom_settings` are not used.
    pub choices: PreferencesPatch,
    /// Replace those that are there: bulk files are whole, and nothing is merged.
    pub custom_settings: Option<Option<CustomSettings>>,
    /// When they came to be.
    pub created_at: Option<DateTime<Utc>>,
    /// When they last changed.
    pub updated_at: Option<DateTime<Utc>>,
}

impl UserRecord {
    /// A record that says nothing but who is meant.
    pub fn of(user_id: UserId) -> Self {
        Self {
            user_id,
            id: None,
            profile: ProfilePatch::default(),
            avatar: None,
            avatar_url: None,
            created_at: None,
            updated_at: None,
            last_login_at: None,
            preferences: None,
        }
    }

    /// What [`Self::create`] and [`Self::change`] keep of an account, with every member set.
    pub fn whole(account: &StoredAccount) -> Self {
        let profile = &account.profile;
        Self {
            user_id: profile.user_id,
            id: Some(profile.id),
            profile: ProfilePatch {
                display_name: Some(profile.display_name.clone()),
                bio: Some(profile.bio.clone()),
                location: Some(profile.location.clone()),
                website: Some(profile.website.clone()),
                phone_number: Some(profile.phone_number.clone()),
                is_verified: Some(profile.is_verified),
                is_active: Some(profile.is_active),
            },
            avatar: Some(profile.avatar.clone()),
            avatar_url: Some(profile.avatar_url.clone()),
            created_at: Some(profile.created_at),
            updated_at: Some(profile.updated_at),
            last_login_at: Some(profile.last_login_at),
            preferences: account.preferences.as_ref().map(PreferencesRecord::whole),
        }
    }

    /// A new account. Fault: `missing`, where there is no name.
    pub fn create(
        &self,
        ids: &dyn IdGenerator,
        now: DateTime<Utc>,
    ) -> Result<Account, MemberFault> {
        let name = self.profile.display_name.clone().ok_or_else(|| {
            let fault = Fault::new(FaultCode::Missing, "is required, for the user is new");
            MemberFault::new("/display_name", fault)
        })?;
        let created_at = self.created_at.unwrap_or(now);
        let blank = Profile {
            id: self.id.unwrap_or_else(|| ProfileId::new(ids.next())),
            user_id: self.user_id,
            display_name: name,
            bio: None,
            avatar: None,
            avatar_url: None,
            location: None,
            website: None,
            phone_number: None,
            is_verified: false,
            is_active: true,
            version: 1,
            created_at,
            updated_at: self.updated_at.unwrap_or(created_at),
            last_login_at: None,
        };
        let profile = Profile {
            version: blank.version,
            updated_at: blank.updated_at,
            ..self.applied(&blank, now)
        };
        let preferences = self.new_preferences(&profile, ids);
        Ok(Account {
            profile,
            preferences,
        })
    }

    /// The account as the record would have it. Versions are raised where anything of theirs changed, and so is
    /// `updated_at` where the record does not say.
    pub fn change(
        &self,
        stored: &StoredAccount,
        ids: &dyn IdGenerator,
        now: DateTime<Utc>,
    ) -> Account {
        let before = &stored.profile;
        let mut profile = self.applied(before, now);
        let last_login_at = profile.last_login_at;
        profile.last_login_at = before.last_login_at;
        if profile != *before {
            profile.version += 1;
            if self.updated_at.is_none() {
                profile.updated_at = now.max(before.updated_at);
            }
        }
        profile.last_login_at = last_login_at;
        let preferences = match (&stored.preferences, &self.preferences) {
            (None, _) => self.new_preferences(&profile, ids),
            (Some(stored), None) => stored.clone(),
            (Some(stored), Some(record)) => record.change(stored, now),
        };
        Account {
            profile,
            preferences,
        }
    }

    /// The profile with what the record says; its version stays.
    fn applied(&self, before: &Profile, now: DateTime<Utc>) -> Profile {
        let mut after = before.clone();
        self.profile.apply(&mut after, now);
        after.version = before.version;
        after.updated_at = self.updated_at.unwrap_or(before.updated_at);
        if let Some(avatar) = &self.avatar {
            after.avatar.clone_from(avatar);
        }
        if let Some(url) = &self.avatar_url {
            after.avatar_url.clone_from(url);
        }
        after.created_at = self.created_at.unwrap_or(before.created_at);
        after.last_login_at = self.last_login_at.unwrap_or(before.last_login_at);
        after
    }

    fn new_preferences(&self, of: &Profile, ids: &dyn IdGenerator) -> Preferences {
        let said = self.preferences.as_ref();
        let id = said.and_then(|said| said.id);
        let id = id.unwrap_or_else(|| PreferencesId::new(ids.next()));
        let created_at = said.and_then(|said| said.created_at);
        let created_at = created_at.unwrap_or(of.created_at);
        let blank = Preferences::defaults(id, of.id, created_at);
        let Some(said) = said else { return blank };
        Preferences {
            version: 1,
            updated_at: said.updated_at.unwrap_or(created_at),
            ..said.applied(&blank, created_at)
        }
    }
}

impl PreferencesRecord {
    fn whole(of: &Preferences) -> Self {
        Self {
            id: Some(of.id),
            choices: PreferencesPatch {
                language: Some(of.language.clone()),
                timezone: Some(of.timezone.clone()),
                theme: Some(of.theme),
                date_format: Some(of.date_format),
                time_format: Some(of.time_format),
                email_notifications: Some(of.email_notifications),
                push_notifications: Some(of.push_notifications),
                sms_notifications: Some(of.sms_notifications),
                newsletter: Some(of.newsletter),
                marketing: Some(of.marketing),
                custom_settings: None,
            },
            custom_settings: Some(of.custom_settings.clone()),
            created_at: Some(of.created_at),
            updated_at: Some(of.updated_at),
        }
    }

    fn change(&self, before: &Preferences, now: DateTime<Utc>) -> Preferences {
        let mut after = self.applied(before, now);
        if after != *before {
            after.version += 1;
            if self.updated_at.is_none() {
                after.updated_at = now.max(before.updated_at);
            }
        }
        after
    }

    fn applied(&self, before: &Preferences, now: DateTime<Utc>) -> Preferences {
        let mut after = before.clone();
        let choices = PreferencesPatch {
            custom_settings: None,
            ..self.choices.clone()
        };
        // Only settings can be at fault, and there are none.
        choices.apply(&mut after, now).ok();
        if let Some(settings) = &self.custom_settings {
            after.custom_settings.clone_from(settings);
        }
        after.version = before.version;
        after.created_at = self.created_at.unwrap_or(before.created_at);
        after.updated_at = self.updated_at.unwrap_or(before.updated_at);
        after
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use uuid::Uuid;

    use super::*;
    use crate::preferences::Theme;
    use crate::profile::{Bio, DisplayName};

    #[derive(Default)]
    struct Counting(AtomicU64);

    impl IdGenerator for Counting {
        fn next(&self) -> Uuid {
            Uuid::from_u128(u128::from(self.0.fetch_add(1, Ordering::Relaxed)) + 100)
        }
    }

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    fn named() -> UserRecord {
        let mut record = UserRecord::of(UserId::new(Uuid::from_u128(1)));
        record.profile.display_name = DisplayName::parse("Ana").ok();
        record
    }

    fn stored(account: Account) -> StoredAccount {
        StoredAccount {
            profile: account.profile,
            preferences: Some(account.preferences),
        }
    }

    #[test]
    fn who_is_new_needs_a_name_and_gets_the_defaults() {
        let nameless = UserRecord::of(UserId::new(Uuid::from_u128(1)));
        let fault = nameless.create(&Counting::default(), at(5)).unwrap_err();
        assert_eq!(
            (fault.pointer.as_str(), fault.fault.code.as_str()),
            ("/display_name", "missing")
        );
        let made = named().create(&Counting::default(), at(5)).unwrap();
        assert_eq!(
            (made.profile.created_at, made.profile.updated_at),
            (at(5), at(5))
        );
        assert!(made.profile.is_active && !made.profile.is_verified);
        assert_eq!(made.preferences.theme, Theme::Auto);
        assert_eq!(made.preferences.profile_id, made.profile.id);
    }

    #[test]
    fn a_whole_record_makes_the_same_account_again() {
        let mut record = named();
        record.profile.bio = Some(Bio::parse("b").ok());
        record.profile.is_active = Some(false);
        record.created_at = Some(at(1));
        record.updated_at = Some(at(2));
        record.last_login_at = Some(Some(at(3)));
        record.preferences = Some(PreferencesRecord {
            choices: PreferencesPatch {
                theme: Some(Theme::Dark),
                ..PreferencesPatch::default()
            },
            updated_at: Some(at(4)),
            ..PreferencesRecord::default()
        });
        let made = record.create(&Counting::default(), at(9)).unwrap();
        let again = UserRecord::whole(&stored(made.clone()));
        assert_eq!(again.create(&Counting::default(), at(99)), Ok(made.clone()));
        assert_eq!(
            again.change(&stored(made.clone()), &Counting::default(), at(99)),
            made
        );
    }

    #[test]
    fn what_changes_raises_the_version_and_the_time() {
        let made = named().create(&Counting::default(), at(1)).unwrap();
        let mut record = UserRecord::of(made.profile.user_id);
        assert_eq!(
            record.change(&stored(made.clone()), &Counting::default(), at(9)),
            made
        );
        record.last_login_at = Some(Some(at(5)));
        let seen = record.change(&stored(made.clone()), &Counting::default(), at(9));
        assert_eq!(
            (seen.profile.version, seen.profile.last_login_at),
            (1, Some(at(5)))
        );
        record.profile.is_verified = Some(true);
        let changed = record.change(&stored(made.clone()), &Counting::default(), at(9));
        assert_eq!(
            (changed.profile.version, changed.profile.updated_at),
            (2, at(9))
        );
        assert_eq!(changed.preferences, made.preferences);
    }

    #[test]
    fn settings_are_replaced_and_not_merged() {
        let settings = |name: &str| {
            let object = [(name.to_owned(), 1.into())].into_iter().collect();
            Some(CustomSettings::stored(object))
        };
        let mut record = named();
        record.preferences = Some(PreferencesRecord {
            custom_settings: Some(settings("a")),
            ..PreferencesRecord::default()
        });
        let made = record.create(&Counting::default(), at(1)).unwrap();
        record.preferences = Some(PreferencesRecord {
            custom_settings: Some(settings("b")),
            ..PreferencesRecord::default()
        });
        let changed = record.change(&stored(made), &Counting::default(), at(2));
        assert_eq!(changed.preferences.custom_settings, settings("b"));
        assert_eq!(changed.preferences.version, 2);
    }
}
