//! Reads query parameters one by one and gathers every fault.

use actix_web::HttpRequest;
use actix_web::web::Query;
use chrono::{DateTime, Datelike, SubsecRound, Utc};
use user_service_domain::fault::{Fault, FaultCode};

use crate::problem::{FieldError, Problem, ProblemType};

/// The parameters that were not read yet, and the faults so far.
pub(crate) struct Parameters {
    rest: Vec<(String, String)>,
    faults: Vec<FieldError>,
}

impl Parameters {
    /// Of this request.
    pub(crate) fn of(req: &HttpRequest) -> Result<Self, Problem> {
        let rest = Query::<Vec<(String, String)>>::from_query(req.query_string())
            .map_err(|_| Problem::new(ProblemType::InvalidParameter))?
            .into_inner();
        Ok(Self {
            rest,
            faults: Vec::new(),
        })
    }

    /// A parameter that may be absent and must not come twice.
    pub(crate) fn optional<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, Fault>,
    ) -> Option<T> {
        let mut values: Vec<String> = self
            .rest
            .extract_if(.., |(key, _)| key == name)
            .map(|(_, v)| v)
            .collect();
        let value = values.pop()?;
        let parsed = if values.is_empty() {
            parse(&value)
        } else {
            Err(Fault::new(FaultCode::Repeated, "must come once"))
        };
        parsed.map_err(|fault| self.fault(name, fault)).ok()
    }

    /// Notes a fault.
    pub(crate) fn fault(&mut self, name: &'static str, fault: Fault) {
        self.faults.push(FieldError::parameter(name, fault));
    }

    /// The value, unless there was any fault; parameters that nobody asked for are faults too.
    pub(crate) fn finish<T>(mut self, value: T) -> Result<T, Problem> {
        for (name, _) in std::mem::take(&mut self.rest) {
            let fault = Fault::new(
                FaultCode::UnknownParameter,
                "is not a parameter of this operation",
            );
            self.faults.push(FieldError::parameter(name, fault));
        }
        if self.faults.is_empty() {
            Ok(value)
        } else {
            Err(Problem::parameters(self.faults))
        }
    }
}

/// `true` or `false`.
pub(crate) fn boolean(text: &str) -> Result<bool, Fault> {
    text.parse()
        .map_err(|_| Fault::new(FaultCode::NotABoolean, "must be true or false"))
}

/// A whole number within bounds.
pub(crate) fn number(min: u32, max: u32) -> impl FnOnce(&str) -> Result<u32, Fault> {
    move |text| {
        // `u32` would read "+5" too.
        let number = text
            .bytes()
            .all(|b| b.is_ascii_digit())
            .then(|| text.parse::<u32>().ok())
            .flatten();
        number.filter(|n| (min..=max).contains(n)).ok_or_else(|| {
            Fault::new(
                FaultCode::OutOfRange,
                format!("must be a whole number from {min} to {max}"),
            )
        })
    }
}

/// A moment (RFC 3339), cut to microseconds.
pub(crate) fn moment(text: &str) -> Result<DateTime<Utc>, Fault> {
    // In a query `+` stands for a space.
    DateTime::parse_from_rfc3339(&text.replace(' ', "+"))
        .map(|t| t.with_timezone(&Utc).trunc_subsecs(6))
        .ok()
        .filter(|t| (1..=9999).contains(&t.year()))
        .ok_or_else(|| {
            Fault::new(
                FaultCode::NotATime,
                "must be a time by RFC 3339, such as 2026-01-31T12:00:00Z",
            )
        })
}
