//! A fault in the middle of a load, and what came of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jsonwebtoken::Algorithm;

use crate::harness::App;
use crate::ledger::{Balance, Ledger};
use crate::load::{Answer, Load, Outcome, Sign};
use crate::people::sign;

/// Within this time all goes well again once what was away is back.
const RECOVERY: Duration = Duration::from_secs(5);
/// No answer takes longer.
const PATIENCE: Duration = Duration::from_secs(11);
/// How often every client has to succeed afterwards.
const AFTERWARDS: usize = 3;

/// What may happen to requests meanwhile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Promise {
    /// In a few words, for the table.
    pub(crate) text: &'static str,
    /// The statuses that writes may get besides those that are good.
    pub(crate) writes: &'static [u16],
    /// The statuses that reads may get besides 200.
    pub(crate) reads: &'static [u16],
    /// Whether connections may break.
    pub(crate) breaks: bool,
}

impl Promise {
    /// Nobody notices.
    pub(crate) const UNNOTICED: Self = Self {
        text: "every request is answered as always",
        writes: &[],
        reads: &[],
        breaks: false,
    };
    /// The database is away.
    pub(crate) const UNAVAILABLE: Self = Self {
        text: "503 `unavailable` with `Retry-After`; live 200, ready 503",
        writes: &[503],
        reads: &[503],
        breaks: false,
    };
    /// Writes cannot be.
    pub(crate) const READ_ONLY: Self = Self {
        text: "writes 503 `unavailable`, reads 200",
        writes: &[503],
        reads: &[],
        breaks: false,
    };
    /// The process itself is away.
    pub(crate) const GONE: Self = Self {
        text: "connections break; what was acknowledged is kept",
        writes: &[503],
        reads: &[503],
        breaks: true,
    };
}

/// A load that goes on.
pub(crate) struct Trial {
    load: Load,
    sign: Sign,
    mended: Instant,
}

/// A load that was stopped.
pub(crate) struct Stopped {
    ledger: Ledger,
    answers: Vec<Answer>,
    sign: Sign,
    mended: Instant,
}

/// What came of a fault.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    pub(crate) promised: &'static str,
    pub(crate) acknowledged: usize,
    pub(crate) lost: usize,
    pub(crate) doubled: usize,
    /// Answers that were not good, by status and code.
    pub(crate) refused: BTreeMap<String, usize>,
    pub(crate) wrong: usize,
    pub(crate) requests: usize,
    pub(crate) slowest: Duration,
    /// From when what was away was back until the last failure.
    pub(crate) recovery: Duration,
    pub(crate) notes: Vec<String>,
    /// What was promised otherwise.
    pub(crate) violations: Vec<String>,
}

impl Trial {
    /// Begins a load of these processes, and waits until it runs.
    pub(crate) async fn begin(apps: &[&App]) -> Self {
        let key = apps[0].key.clone();
        let sign: Sign = Arc::new(move |claims| sign(Algorithm::HS256, &key, claims));
        Self::begin_signed(apps, sign).await
    }

    /// With tokens signed in another way.
    pub(crate) async fn begin_signed(apps: &[&App], sign: Sign) -> Self {
        Self {
            load: Load::start(apps, Arc::clone(&sign)).await,
            sign,
            mended: Instant::now(),
        }
    }

    /// Goes on for so long.
    pub(crate) async fn goes_on(&self, seconds: f64) {
        tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
    }

    /// Goes on until something is refused, for at most so long.
    pub(crate) async fn goes_on_until_refused(&self, seconds: u64) {
        self.load.until_refused(Duration::from_secs(seconds)).await;
    }

    /// The clients ask these from now on.
    pub(crate) fn aim(&self, apps: &[&App]) {
        self.load.aim(apps);
    }

    /// What was away is back from now on.
    pub(crate) fn mends(&mut self) {
        self.mended = Instant::now();
    }

    /// Waits until all goes well again, or too long, and stops the clients.
    pub(crate) async fn stop(self) -> Stopped {
        self.load.until_good_since(self.mended, AFTERWARDS).await;
        let (ledger, answers) = self.load.stop().await;
        Stopped {
            ledger,
            answers,
            sign: self.sign,
            mended: self.mended,
        }
    }

    /// Waits until all goes well again, stops the clients, and settles.
    pub(crate) async fn end(self, app: &App, promise: Promise) -> Figures {
        self.stop().await.settle(app, promise).await
    }
}

impl Stopped {
    /// Compares what was acknowledged with what is there, and what was answered with what was promised.
    pub(crate) async fn settle(self, app: &App, promise: Promise) -> Figures {
        let balance = self.ledger.balance(app, &self.sign).await;
        let mut figures = Figures {
            promised: promise.text,
            requests: self.answers.len(),
            ..Figures::default()
        };
        figures.account(balance);
        for answer in &self.answers {
            figures.count(answer, promise, self.mended);
        }
        if figures.slowest > PATIENCE {
            figures.violate(format!("an answer took {:.1?}", figures.slowest));
        }
        if figures.recovery > RECOVERY {
            figures.violate(format!("all well only after {:.1?}", figures.recovery));
        }
        figures
    }
}

impl Figures {
    fn account(&mut self, balance: Balance) {
        self.acknowledged = balance.acknowledged;
        self.lost = balance.lost.len();
        self.doubled = balance.doubled.len();
        for (what, list) in [("lost", balance.lost), ("doubled", balance.doubled)] {
            self.violations
                .extend(list.iter().take(5).map(|it| format!("{what}: {it}")));
        }
        if self.acknowledged == 0 {
            self.violate("nothing was acknowledged".to_owned());
        }
    }

    fn count(&mut self, answer: &Answer, promise: Promise, mended: Instant) {
        self.slowest = self.slowest.max(answer.took);
        let allowed = match &answer.outcome {
            Outcome::Good => return,
            Outcome::Broken => promise.breaks,
            outcome if outcome.is_in_order() => true,
            Outcome::Refused(status, _) if answer.reads => promise.reads.contains(status),
            Outcome::Refused(status, _) => promise.writes.contains(status),
        };
        if !answer.outcome.is_in_order() {
            let late = answer.ended.saturating_duration_since(mended);
            self.recovery = self.recovery.max(late);
        }
        let name = match &answer.outcome {
            Outcome::Refused(status, code) => format!("{status} `{code}`"),
            _ => "broken".to_owned(),
        };
        if !allowed {
            self.wrong += 1;
            let kind = if answer.reads { "a read" } else { "a write" };
            if self.wrong <= 3 {
                self.violate(format!("{kind} got {name}"));
            }
        }
        *self.refused.entry(name).or_default() += 1;
    }

    fn violate(&mut self, how: String) {
        self.violations.push(how);
    }

    /// Something else that was promised.
    pub(crate) fn promised(mut self, holds: bool, what: &str) -> Self {
        if holds {
            self.notes.push(what.to_owned());
        } else {
            self.violate(format!("not so: {what}"));
        }
        self
    }
}
