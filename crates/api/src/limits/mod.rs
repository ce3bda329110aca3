//! Floods are cut off: how much somebody may ask for, and how much is done at the same time.

mod charge;
mod fields;
mod in_flight;
mod local;
mod shared;

use std::sync::Arc;

use user_service_domain::quota::{Balance, Bucket, Payer, Quota, SharedQuotas};

pub(crate) use charge::{charge, charge_stranger, write_fields};
pub(crate) use in_flight::{InFlight, Place};

use fields::Fields;
use local::LocalBuckets;
use shared::Accounts;

/// What requests are counted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Policy {
    /// Every request with a good token, by person.
    Default,
    /// Requests without a good token, by network.
    Anonymous,
    /// Searches.
    Search,
    /// Pictures that are sent.
    Uploads,
    /// Pictures that are read without a token, by network.
    Pictures,
}

impl Policy {
    /// As the fields of a response, problems and metrics name it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Anonymous => "anonymous",
            Self::Search => "search",
            Self::Uploads => "uploads",
            Self::Pictures => "pictures",
        }
    }
}

/// How much each policy grants; `None` means without limit.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quotas {
    /// To a person.
    pub default: Option<Quota>,
    /// To a network without a good token.
    pub anonymous: Option<Quota>,
    /// For searches.
    pub search: Option<Quota>,
    /// For pictures that are sent.
    pub uploads: Option<Quota>,
    /// For pictures that are read without a token.
    pub pictures: Option<Quota>,
}

/// One policy at work.
struct Limit {
    name: &'static str,
    quota: Quota,
    local: LocalBuckets,
    fields: Fields,
}

impl Limit {
    fn new(policy: Policy, quota: Quota) -> Self {
        Self {
            name: policy.name(),
            quota,
            local: LocalBuckets::new(quota),
            fields: Fields::new(policy.name(), quota),
        }
    }
}

/// Counts requests: in this process, and with other replicas where there is a place that they share.
pub struct RateLimits {
    default: Option<Limit>,
    anonymous: Option<Limit>,
    search: Option<Limit>,
    uploads: Option<Limit>,
    pictures: Option<Limit>,
    shared: Option<Arc<Accounts>>,
}

impl RateLimits {
    /// With these quotas, shared where there is a place.
    pub fn new(quotas: Quotas, shared: Option<Arc<dyn SharedQuotas>>) -> Self {
        let limit = |policy, quota: Option<Quota>| quota.map(|quota| Limit::new(policy, quota));
        Self {
            default: limit(Policy::Default, quotas.default),
            anonymous: limit(Policy::Anonymous, quotas.anonymous),
            search: limit(Policy::Search, quotas.search),
            uploads: limit(Policy::Uploads, quotas.uploads),
            pictures: limit(Policy::Pictures, quotas.pictures),
            shared: shared.map(|shared| Arc::new(Accounts::new(shared))),
        }
    }

    /// Forgets whose buckets are full again, and keeps the number of the others within bounds. To be called every
    /// second.
    pub fn sweep(&self) {
        for limit in self.all().into_iter().flatten() {
            limit.local.sweep();
        }
        if let Some(shared) = &self.shared {
            shared.sweep();
        }
    }

    fn all(&self) -> [Option<&Limit>; 5] {
        [
            self.limit(Policy::Default),
            self.limit(Policy::Anonymous),
            self.limit(Policy::Search),
            self.limit(Policy::Uploads),
            self.limit(Policy::Pictures),
        ]
    }

    fn limit(&self, policy: Policy) -> Option<&Limit> {
        match policy {
            Policy::Default => self.default.as_ref(),
            Policy::Anonymous => self.anonymous.as_ref(),
            Policy::Search => self.search.as_ref(),
            Policy::Uploads => self.uploads.as_ref(),
            Policy::Pictures => self.pictures.as_ref(),
        }
    }

    /// Takes one request; `None` where the policy has no limit. What this process counts decides, and then what all
    /// replicas count together, where they answer in time.
    async fn take(&self, policy: Policy, payer: Payer) -> Option<(&Limit, Balance)> {
        let limit = self.limit(policy)?;
        let balance = limit.local.take(payer);
        let balance = match &self.shared {
            Some(shared) if balance.wait.is_none() => {
                let bucket = Bucket {
                    policy: limit.name,
                    payer,
                    quota: limit.quota,
                };
                shared.take(bucket, balance).await
            }
            _ => balance,
        };
        Some((limit, balance))
    }
}
