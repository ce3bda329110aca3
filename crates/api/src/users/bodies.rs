//! Profiles as they are written.

use std::borrow::Cow;

use serde::Serialize;
use user_service_application::authz::Projection;
use user_service_application::profile::ProfileView;
use user_service_domain::profile::Profile;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::links::Links;
use crate::http::timestamp::Timestamp;
use crate::preferences::PreferencesBody;

/// A profile. The last members are there for the person, administrators and scope `users:read` alone.
#[derive(Serialize, ToSchema)]
#[schema(as = Profile)]
pub(crate) struct ProfileBody<'a> {
    /// The key that paths use.
    id: Uuid,
    /// The person in the Auth Service.
    user_id: Uuid,
    /// The name that others see.
    #[schema(value_type = String, min_length = 1, max_length = 100, example = "Ana Sørensen")]
    display_name: &'a str,
    /// A few lines about oneself.
    #[schema(value_type = Option<String>, required = true, max_length = 500)]
    bio: Option<&'a str>,
    /// Where the picture is: a URL of this very version, to be kept for ever.
    #[schema(value_type = Option<String>, required = true, format = "uri-reference")]
    avatar_url: Option<Cow<'a, str>>,
    /// A first impression of the picture: a `ThumbHash` in base64.
    #[schema(value_type = Option<String>, required = true, max_length = 36)]
    thumbhash: Option<&'a str>,
    /// Where the person is.
    #[schema(value_type = Option<String>, required = true, max_length = 100)]
    location: Option<&'a str>,
    /// The person's site.
    #[schema(value_type = Option<String>, required = true, max_length = 255)]
    website: Option<&'a str>,
    /// Whether somebody vouched for the person.
    is_verified: bool,
    /// When the profile came to be.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// In E.164.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, required = false, max_length = 20)]
    phone_number: Option<Option<&'a str>>,
    /// Whether the account may be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = bool, required = false)]
    is_active: Option<bool>,
    /// When the profile last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, format = DateTime, required = false)]
    updated_at: Option<Timestamp>,
    /// When the person was last seen to sign in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime, required = false)]
    last_login_at: Option<Option<Timestamp>>,
    /// Under `/users/me` alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = PreferencesBody, required = false)]
    preferences: Option<PreferencesBody<'a>>,
}

impl<'a> ProfileBody<'a> {
    /// As much as the projection lets through.
    pub(crate) fn new(profile: &'a Profile, projection: Projection, links: &Links) -> Self {
        let avatar = profile.avatar.as_ref();
        let full = projection == Projection::Full;
        Self {
            id: profile.id.get(),
            user_id: profile.user_id.get(),
            display_name: profile.display_name.as_str(),
            bio: profile
                .bio
                .as_ref()
                .map(user_service_domain::profile::Bio::as_str),
            avatar_url: avatar
                .map(|avatar| links.avatar(profile.id, avatar).into())
                .or_else(|| profile.avatar_url.as_deref().map(Cow::from)),
            thumbhash: avatar.map(|avatar| avatar.thumbhash.as_str()),
            location: profile
                .location
                .as_ref()
                .map(user_service_domain::profile::Location::as_str),
            website: profile
                .website
                .as_ref()
                .map(user_service_domain::profile::Website::as_str),
            is_verified: profile.is_verified,
            created_at: Timestamp(profile.created_at),
            phone_number: full.then(|| {
                profile
                    .phone_number
                    .as_ref()
                    .map(user_service_domain::profile::PhoneNumber::as_str)
            }),
            is_active: full.then_some(profile.is_active),
            updated_at: full.then_some(Timestamp(profile.updated_at)),
            last_login_at: full.then(|| profile.last_login_at.map(Timestamp)),
            preferences: None,
        }
    }

    /// A view.
    pub(crate) fn of(view: &'a ProfileView, links: &Links) -> Self {
        let preferences = view.preferences.as_ref().map(PreferencesBody::new);
        Self {
            preferences,
            ..Self::new(&view.profile, view.projection, links)
        }
    }
}

/// A page. In cursor mode it has no `total`, `skip` and `pages`; a search has a `total` only where `count` asked for it.
#[derive(Serialize, ToSchema)]
#[schema(as = ProfileList)]
pub(crate) struct ProfileListBody<'a> {
    /// The profiles.
    #[schema(value_type = Vec<ProfileBody>)]
    pub(crate) items: Vec<ProfileBody<'a>>,
    /// How many match in all. In a list a total of more than a thousand may be some seconds old.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u64, required = false)]
    pub(crate) total: Option<u64>,
    /// What `total` is: `exact`, or `at_least` where there are more matches than were counted. In a list it is
    /// there where it is not `exact`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, pattern = "^(exact|at_least)$")]
    pub(crate) total_is: Option<&'static str>,
    /// As asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u32, required = false)]
    pub(crate) skip: Option<u32>,
    /// As asked, or the default.
    pub(crate) limit: u32,
    /// How many pages of this size there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u64, required = false)]
    pub(crate) pages: Option<u64>,
    /// For `cursor`; null at the end.
    #[schema(value_type = Option<String>, required = true)]
    pub(crate) next_cursor: Option<String>,
    /// What was searched for; in a search alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub(crate) query: Option<String>,
}
