//! Lets the bearers of good tokens in, unless their session or account is over.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::IpAddr;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::Mutex;
use user_service_domain::clock::Clock;
use user_service_domain::identity::Principal;
use user_service_domain::ids::ProfileId;
use user_service_domain::profile::ProfileKey;
use user_service_domain::session::{
    Account, Admission, AdmissionKey, Cached, Device, DeviceDetector, Refusal, Session,
    SessionCache, SessionState, SessionToken, Standing, Touch, UserAgent, Verdict,
};
use user_service_domain::store::Store;

use super::{ActivityRecorder, NewSession, StartSession, StartsFor};
use crate::UseCaseError;
use crate::revocation::{Mark, RevocationWatch};

/// How many bearers may be asked about at once; those of one person wait for each other.
const STRIPES: usize = 64;

/// What sent a request, as far as it is known.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// The `User-Agent`, as much of it as is kept.
    pub user_agent: Option<UserAgent>,
    /// The address.
    pub ip_address: Option<IpAddr>,
}

/// Whether a session that is not known yet comes to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tracking {
    /// It does, where the operator did not turn that off.
    Start,
    /// It does not: the request itself is about to make it.
    Leave,
}

/// Lets callers in. Where nothing changed this asks nobody outside of the process.
pub struct SessionGate {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    devices: Arc<dyn DeviceDetector>,
    watch: Arc<RevocationWatch>,
    hot: Arc<dyn SessionCache>,
    shared: Option<Arc<dyn SessionCache>>,
    activity: Arc<ActivityRecorder>,
    start: Arc<StartSession>,
    track: bool,
    stripes: [Mutex<()>; STRIPES],
}

impl SessionGate {
    /// Over these ports; `track` makes sessions of tokens that are seen for the first time.
    #[expect(
        clippy::too_many_arguments,
        reason = "the composition root names each port once"
    )]
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        devices: Arc<dyn DeviceDetector>,
        watch: Arc<RevocationWatch>,
        hot: Arc<dyn SessionCache>,
        shared: Option<Arc<dyn SessionCache>>,
        activity: Arc<ActivityRecorder>,
        start: Arc<StartSession>,
        track: bool,
    ) -> Self {
        Self {
            store,
            clock,
            devices,
            watch,
            hot,
            shared,
            activity,
            start,
            track,
            stripes: std::array::from_fn(|_| Mutex::default()),
        }
    }

    /// Lets the bearer in and remembers that their session was used. Errors: `SessionEnded`,
    /// `AccountEnded`.
    pub async fn admit(
        &self,
        principal: &Principal,
        client: impl FnOnce() -> Client,
        tracking: Tracking,
    ) -> Result<(), UseCaseError> {
        let key = AdmissionKey {
            user_id: principal.user_id,
            token: principal.session.map(SessionToken::digest),
        };
        let now = self.clock.now();
        if let Some(outcome) = self.recall(&key, principal, now).await {
            return self.settle(outcome, principal, now);
        }
        let mut hasher = DefaultHasher::new();
        key.user_id.hash(&mut hasher);
        let stripe = usize::try_from(hasher.finish() % 64).unwrap_or_default();
        let _turn = match self.stripes.get(stripe) {
            Some(stripe) => Some(stripe.lock().await),
            None => None,
        };
        // Whoever was before us may have asked the same.
        let outcome = match self.recall(&key, principal, now).await {
            Some(outcome) => outcome,
            None => self.ask(&key, principal, client, tracking, now).await?,
        };
        self.settle(outcome, principal, now)
    }

    /// What this process has found, where it may be trusted.
    async fn recall(
        &self,
        key: &AdmissionKey,
        principal: &Principal,
        now: DateTime<Utc>,
    ) -> Option<Result<Admission, Refusal>> {
        if !self.watch.is_fresh() {
            return None;
        }
        match self.hot.get(key).await {
            Ok(Cached::Found(verdict)) if !is_to_be_renewed(verdict.outcome, principal, now) => {
                Some(verdict.outcome)
            }
            Ok(Cached::Denied) => Some(Err(Refusal::SessionEnded)),
            Ok(Cached::Found(_) | Cached::Miss) | Err(_) => None,
        }
    }

    /// Applies what was found to this token.
    fn settle(
        &self,
        outcome: Result<Admission, Refusal>,
        principal: &Principal,
        now: DateTime<Utc>,
    ) -> Result<(), UseCaseError> {
        let admission = outcome.map_err(|refusal| match refusal {
            Refusal::SessionEnded => UseCaseError::SessionEnded,
            Refusal::AccountInactive => UseCaseError::AccountEnded,
        })?;
        if is_of_removed_account(principal, admission.issued_after) {
            return Err(UseCaseError::AccountEnded);
        }
        if !admission.follows_tokens && admission.lapses_at.is_some_and(|end| end <= now) {
            return Err(UseCaseError::SessionEnded);
        }
        if let Some(session_id) = admission.session_id {
            self.activity.touch(Touch {
                session_id,
                at: now,
                token_expires_at: principal.expires_at,
            });
        }
        Ok(())
    }

    /// Asks the shared cache, then the store, and remembers the answer.
    async fn ask(
        &self,
        key: &AdmissionKey,
        principal: &Principal,
        client: impl FnOnce() -> Client,
        tracking: Tracking,
        now: DateTime<Utc>,
    ) -> Result<Result<Admission, Refusal>, UseCaseError> {
        let mark = self.watch.mark();
        if let Some(found) = self.ask_shared(key).await
            && !is_to_be_renewed(found, principal, now)
        {
            let verdict = Verdict {
                outcome: found,
                as_of: mark.as_of,
            };
            self.remember(key, &verdict, mark).await;
            return Ok(found);
        }
        let sessions = self.store.sessions();
        let standing = sessions.standing(key.user_id, key.token).await?;
        if is_of_removed_account(principal, standing.removed_at) {
            return Err(UseCaseError::AccountEnded);
        }
        let found = judge(&standing, principal, now);
        let outcome = match found {
            Found::Settled(outcome) => outcome,
            Found::Untracked { profile_id, token } if self.track && tracking == Tracking::Start => {
                match self.start(profile_id, token, principal, client()).await {
                    Ok(outcome) => outcome,
                    Err(error) => {
                        // Nothing speaks against the bearer: the request goes on, the next one tries again.
                        tracing::warn!(error = %error, "a session could not be started");
                        return Ok(Ok(present(profile_id)));
                    }
                }
            }
            Found::Untracked { profile_id, .. } if !self.track => Ok(present(profile_id)),
            // Not remembered: the next request may have to start it.
            Found::Untracked { profile_id, .. } => return Ok(Ok(present(profile_id))),
        };
        let outcome = outcome.map(|admission| Admission {
            issued_after: standing.removed_at,
            ..admission
        });
        let verdict = Verdict {
            outcome,
            as_of: mark.as_of,
        };
        self.remember(key, &verdict, mark).await;
        if let Some(shared) = &self.shared
            && outcome.is_ok()
            && self.watch.is_fresh()
            && !self.watch.voided_since(key.user_id, mark)
        {
            // The shared cache may be away; it is only a cache.
            shared.put(key, &verdict).await.ok();
        }
        Ok(outcome)
    }

    async fn ask_shared(&self, key: &AdmissionKey) -> Option<Result<Admission, Refusal>> {
        let shared = self.shared.as_ref().filter(|_| self.watch.is_fresh())?;
        match shared.get(key).await {
            Ok(Cached::Denied) => Some(Err(Refusal::SessionEnded)),
            Ok(Cached::Found(verdict)) if self.watch.stands(key.user_id, verdict.as_of) => {
                Some(verdict.outcome)
            }
            Ok(Cached::Found(_) | Cached::Miss) | Err(_) => None,
        }
    }

    /// Keeps a verdict in this process, unless it became void meanwhile.
    async fn remember(&self, key: &AdmissionKey, verdict: &Verdict, mark: Mark) {
        if !self.watch.is_fresh() {
            return;
        }
        // The cache of this process cannot be away.
        self.hot.put(key, verdict).await.ok();
        if self.watch.voided_since(key.user_id, mark) {
            self.hot.forget(key.user_id).await.ok();
        }
    }

    async fn start(
        &self,
        profile_id: ProfileId,
        token: SessionToken,
        principal: &Principal,
        client: Client,
    ) -> Result<Result<Admission, Refusal>, UseCaseError> {
        let device = match &client.user_agent {
            Some(user_agent) => self.devices.detect(user_agent).await,
            None => Device::default(),
        };
        let new = NewSession {
            token,
            device,
            ip_address: client.ip_address,
            user_agent: client.user_agent,
            expires_at: principal.expires_at,
            follows_tokens: true,
        };
        let key = ProfileKey::Id(profile_id);
        match self.start.execute(StartsFor::Token, key, &new, None).await {
            Ok(started) => Ok(Ok(of_session(&started.session))),
            Err(UseCaseError::SessionOver) => Ok(Err(Refusal::SessionEnded)),
            Err(UseCaseError::Forbidden(_)) => Ok(Err(Refusal::AccountInactive)),
            Err(error) => Err(error),
        }
    }
}

/// What a standing means.
enum Found {
    Settled(Result<Admission, Refusal>),
    /// The account is good, and the session of the token is not known, or lapsed and may be taken up.
    Untracked {
        profile_id: ProfileId,
        token: SessionToken,
    },
}

fn judge(standing: &Standing, principal: &Principal, now: DateTime<Utc>) -> Found {
    let profile_id = match standing.account {
        Account::None => {
            return Found::Settled(Ok(NOBODY));
        }
        Account::Present {
            is_active: false, ..
        } => return Found::Settled(Err(Refusal::AccountInactive)),
        Account::Present { profile_id, .. } => profile_id,
    };
    let Some(token) = principal.session else {
        return Found::Settled(Ok(present(profile_id)));
    };
    // Clocks may differ: a token can be good a little longer than it says. It begins nothing then.
    let lives = principal.expires_at > now;
    match &standing.session {
        None if lives => Found::Untracked { profile_id, token },
        None => Found::Settled(Ok(present(profile_id))),
        Some(session) if session.state(now) == SessionState::Active => {
            Found::Settled(Ok(of_session(session)))
        }
        Some(session) if session.may_be_renewed(now) => {
            if lives {
                Found::Untracked { profile_id, token }
            } else {
                Found::Settled(Ok(of_session(session)))
            }
        }
        Some(_) => Found::Settled(Err(Refusal::SessionEnded)),
    }
}

/// Whether the session lapsed and this token takes it up again: the store has to know.
fn is_to_be_renewed(
    outcome: Result<Admission, Refusal>,
    principal: &Principal,
    now: DateTime<Utc>,
) -> bool {
    outcome.is_ok_and(|admission| {
        admission.follows_tokens
            && admission.lapses_at.is_some_and(|end| end <= now)
            && principal.expires_at > now
    })
}

/// Who has no profile and no session.
const NOBODY: Admission = Admission {
    profile_id: None,
    session_id: None,
    lapses_at: None,
    follows_tokens: false,
    issued_after: None,
};

fn present(profile_id: ProfileId) -> Admission {
    Admission {
        profile_id: Some(profile_id),
        ..NOBODY
    }
}

fn of_session(session: &Session) -> Admission {
    Admission {
        session_id: Some(session.id),
        lapses_at: Some(session.expires_at),
        follows_tokens: session.follows_tokens,
        ..present(session.profile_id)
    }
}

/// Whether the token was issued to an account that was removed since. A token that does not say when it
/// was issued is taken to be old. `iat` has whole seconds: within one second the token is taken to be older.
fn is_of_removed_account(principal: &Principal, removed_at: Option<DateTime<Utc>>) -> bool {
    removed_at.is_some_and(|removed_at| {
        principal
            .issued_at
            .is_none_or(|issued_at| issued_at.timestamp() <= removed_at.timestamp())
    })
}
