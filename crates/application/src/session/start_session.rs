//! Starts a session.

use std::net::IpAddr;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use user_service_domain::clock::Clock;
use user_service_domain::idempotency::{KeyDigest, StoredResponse};
use user_service_domain::identity::{Caller, Scope};
use user_service_domain::ids::{IdGenerator, SessionId, UserId};
use user_service_domain::profile::{Profile, ProfileKey};
use user_service_domain::revocation::{NewFeedEntry, Revocation};
use user_service_domain::session::{
    Device, EndReason, Ended, Login, Session, SessionState, SessionToken, UserAgent,
};
use user_service_domain::store::{Store, UnitOfWork};

use super::ActivityRecorder;
use crate::UseCaseError;
use crate::authz;
use crate::retry::retrying;
use crate::revocation::Announcer;

/// What a new session holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSession {
    /// Its `sid` or `jti`.
    pub token: SessionToken,
    /// With what.
    pub device: Device,
    /// From where.
    pub ip_address: Option<IpAddr>,
    /// The user agent.
    pub user_agent: Option<UserAgent>,
    /// When it ends by itself.
    pub expires_at: DateTime<Utc>,
    /// Whether its end follows its tokens.
    pub follows_tokens: bool,
}

/// On whose word a session starts.
#[derive(Clone, Copy)]
pub enum StartsFor<'a> {
    /// A request asks for it.
    Caller(&'a Caller),
    /// A good token of this session was seen.
    Token,
}

/// The idempotency key that a start fulfils, as with profiles.
pub struct SessionReceipt<'a> {
    /// The reserved key.
    pub key: KeyDigest,
    /// Writes the response down as it will be given.
    pub render: &'a (dyn Fn(&Started) -> StoredResponse + Send + Sync),
}

/// A session that was started, or was there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Started {
    /// The session.
    pub session: Session,
    /// Whether it is new.
    pub is_new: bool,
}

/// What one attempt did.
struct Attempt {
    started: Started,
    user_id: UserId,
    evicted: Vec<Session>,
}

/// Starts sessions, never more of one person than the cap.
pub struct StartSession {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGenerator>,
    announcer: Announcer,
    activity: Arc<ActivityRecorder>,
    cap: u32,
}

impl StartSession {
    /// Over these ports; at most `cap` sessions of a person are active at a time, 0 for no such limit.
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdGenerator>,
        announcer: Announcer,
        activity: Arc<ActivityRecorder>,
        cap: u32,
    ) -> Self {
        Self {
            store,
            clock,
            ids,
            announcer,
            activity,
            cap,
        }
    }

    /// Lets the caller start sessions of this profile, and tells whether it is their own.
    pub async fn authorise(&self, caller: &Caller, key: ProfileKey) -> Result<bool, UseCaseError> {
        let own = authz::known(caller)?.user_id;
        let profile = self.store.profiles().find(key).await?;
        let profile = profile.ok_or(UseCaseError::ProfileNotFound)?;
        authz::admit(caller, &profile, Scope::SessionsWrite)?;
        Ok(profile.user_id == own)
    }

    /// Starts a session, takes a lapsed one up again, or finds the one that is there. The oldest ones past
    /// the cap are evicted in the same unit of work. Errors: `ProfileNotFound`, `Forbidden`,
    /// `SessionOver` where somebody ended this very session.
    #[tracing::instrument(name = "session.start", skip_all)]
    pub async fn execute(
        &self,
        on: StartsFor<'_>,
        key: ProfileKey,
        new: &NewSession,
        receipt: Option<SessionReceipt<'_>>,
    ) -> Result<Started, UseCaseError> {
        let done = retrying(|| self.attempt(on, key, new, receipt.as_ref())).await?;
        if done.started.is_new {
            self.activity.log_in(Login {
                profile_id: done.started.session.profile_id,
                at: done.started.session.last_activity_at,
            });
        }
        if !done.evicted.is_empty() {
            self.announcer
                .sessions_ended(done.user_id, &done.evicted, EndReason::Evicted)
                .await;
        } else if done.started.is_new && matches!(on, StartsFor::Caller(_)) {
            // Its token may have been seen before there was a session.
            self.announcer.changed(done.user_id).await;
        }
        Ok(done.started)
    }

    async fn attempt(
        &self,
        on: StartsFor<'_>,
        key: ProfileKey,
        new: &NewSession,
        receipt: Option<&SessionReceipt<'_>>,
    ) -> Result<Attempt, UseCaseError> {
        let now = self.clock.now();
        let mut uow = self.store.begin().await?;
        // Holding the profile makes the count of its sessions exact.
        let found = uow.profiles().find_for_update(key).await?;
        let profile = found.ok_or(UseCaseError::ProfileNotFound)?;
        if let StartsFor::Caller(caller) = on {
            authz::admit(caller, &profile, Scope::SessionsWrite)?;
        }
        if !profile.is_active {
            return Err(UseCaseError::Forbidden("the account is not active"));
        }
        let existing = uow
            .sessions()
            .find_by_token(profile.id, new.token.digest())
            .await?;
        let (started, evicted) = match existing {
            None => {
                let evicted = self.make_room(&mut *uow, &profile, now).await?;
                let session = self.new_session(&profile, new, now);
                uow.sessions().insert(&session).await?;
                (
                    Started {
                        session,
                        is_new: true,
                    },
                    evicted,
                )
            }
            Some(session) if session.may_be_renewed(now) => {
                let evicted = self.make_room(&mut *uow, &profile, now).await?;
                let session = renewed(session, new, now);
                uow.sessions().update(&session).await?;
                (
                    Started {
                        session,
                        is_new: true,
                    },
                    evicted,
                )
            }
            Some(session) if session.state(now) == SessionState::Active => {
                let described = described(session.clone(), new);
                if described != session {
                    uow.sessions().update(&described).await?;
                }
                let session = described;
                (
                    Started {
                        session,
                        is_new: false,
                    },
                    Vec::new(),
                )
            }
            Some(_) => return Err(UseCaseError::SessionOver),
        };
        if let Some(receipt) = receipt {
            uow.idempotency_keys()
                .complete(receipt.key, profile.id, &(receipt.render)(&started))
                .await?;
        }
        uow.commit().await?;
        Ok(Attempt {
            started,
            user_id: profile.user_id,
            evicted,
        })
    }

    /// Ends the oldest sessions so that one more fits.
    async fn make_room(
        &self,
        uow: &mut dyn UnitOfWork,
        profile: &Profile,
        now: DateTime<Utc>,
    ) -> Result<Vec<Session>, UseCaseError> {
        let Ok(cap @ 1..) = usize::try_from(self.cap) else {
            return Ok(Vec::new());
        };
        let mut active = uow.sessions().active(profile.id, now).await?;
        active.truncate((active.len() + 1).saturating_sub(cap));
        if active.is_empty() {
            return Ok(active);
        }
        let ids: Vec<_> = active.iter().map(|session| session.id).collect();
        uow.sessions()
            .end(profile.id, &ids, now, EndReason::Evicted)
            .await?;
        let entries = feed_entries(profile.user_id, &active, now, EndReason::Evicted);
        uow.revocations().append(&entries).await?;
        Ok(active)
    }

    fn new_session(&self, profile: &Profile, new: &NewSession, now: DateTime<Utc>) -> Session {
        Session {
            id: SessionId::new(self.ids.next()),
            profile_id: profile.id,
            token: new.token.digest(),
            device: new.device.clone(),
            ip_address: new.ip_address,
            user_agent: new.user_agent.clone(),
            created_at: now,
            last_activity_at: now,
            expires_at: new.expires_at,
            follows_tokens: new.follows_tokens,
            ended: None,
        }
    }
}

/// The lines of the feed about sessions that end now.
pub(super) fn feed_entries(
    user_id: UserId,
    sessions: &[Session],
    at: DateTime<Utc>,
    reason: EndReason,
) -> Vec<NewFeedEntry> {
    sessions
        .iter()
        .map(|session| NewFeedEntry {
            user_id,
            at,
            revocation: Revocation::Session {
                id: session.id,
                token: session.token,
                reason,
                expires_at: session.expires_at,
            },
        })
        .collect()
}

/// A lapsed session that a newer token takes up.
fn renewed(session: Session, new: &NewSession, now: DateTime<Utc>) -> Session {
    Session {
        last_activity_at: now.max(session.last_activity_at),
        expires_at: new.expires_at.max(session.expires_at),
        ended: None::<Ended>,
        ..described(session, new)
    }
}

/// The session with what was told anew about it.
fn described(session: Session, new: &NewSession) -> Session {
    Session {
        device: Device {
            kind: new.device.kind.or(session.device.kind),
            name: new.device.name.clone().or(session.device.name),
            os: new.device.os.clone().or(session.device.os),
        },
        ip_address: new.ip_address.or(session.ip_address),
        user_agent: new.user_agent.clone().or(session.user_agent),
        ..session
    }
}
