//! What became of lines, as it is written.

use actix_web::web::Bytes;
use serde::Serialize;
use serde_json::json;
use user_service_application::bulk::Outcome;
use user_service_domain::ids::UserId;

use crate::problem::FieldError;

/// Counts of outcomes.
#[derive(Default, Serialize)]
pub(super) struct Tally {
    created: u64,
    updated: u64,
    unchanged: u64,
    rejected: u64,
}

impl Tally {
    pub(super) fn count(&mut self, outcome: &Outcome) {
        *match outcome {
            Outcome::Created => &mut self.created,
            Outcome::Updated => &mut self.updated,
            Outcome::Unchanged => &mut self.unchanged,
            Outcome::Rejected(_) => &mut self.rejected,
        } += 1;
    }
}

/// What became of one line.
#[derive(Serialize)]
struct Verdict {
    line: u64,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<uuid::Uuid>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
}

/// Adds the verdict on a line.
pub(super) fn verdict(line: u64, user: Option<UserId>, outcome: &Outcome, to: &mut Vec<u8>) {
    let (status, faults) = match outcome {
        Outcome::Created => ("created", &[][..]),
        Outcome::Updated => ("updated", &[][..]),
        Outcome::Unchanged => ("unchanged", &[][..]),
        Outcome::Rejected(faults) => ("rejected", &faults[..]),
    };
    let errors = faults.iter().map(|fault| FieldError {
        pointer: Some(fault.pointer.clone()),
        parameter: None,
        code: fault.fault.code.as_str(),
        message: fault.fault.message.clone(),
    });
    let verdict = Verdict {
        line,
        status,
        user_id: user.map(UserId::get),
        errors: errors.collect(),
    };
    // Writing what is in memory to memory cannot fail.
    serde_json::to_writer(&mut *to, &verdict).ok();
    to.push(b'\n');
}

/// The last line where all were taken in.
pub(super) fn done(tally: &Tally) -> Bytes {
    Bytes::from(format!(
        "{}\n",
        json!({ "status": "done", "counts": tally })
    ))
}

/// The last line where not all were taken in.
pub(super) fn aborted(tally: &Tally, code: &str) -> Bytes {
    Bytes::from(format!(
        "{}\n",
        json!({ "status": "aborted", "code": code, "counts": tally })
    ))
}
