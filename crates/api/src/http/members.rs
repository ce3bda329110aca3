//! Reads the members of a JSON object one by one and gathers every fault.

use serde_json::{Map, Value};
use user_service_domain::fault::{Fault, FaultCode};
use uuid::Uuid;

use crate::problem::{FieldError, Problem};

/// The members that were not read yet, and the faults so far.
pub(crate) struct Members {
    rest: Map<String, Value>,
    faults: Vec<FieldError>,
    #[cfg(test)]
    asked: Vec<&'static str>,
}

impl Members {
    /// Of this object.
    pub(crate) fn new(rest: Map<String, Value>) -> Self {
        Self {
            rest,
            faults: Vec::new(),
            #[cfg(test)]
            asked: Vec::new(),
        }
    }

    /// A member that may be absent and must not be null.
    pub(crate) fn optional<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(Value) -> Result<T, Fault>,
    ) -> Option<T> {
        #[cfg(test)]
        self.asked.push(name);
        let value = self.rest.remove(name)?;
        match parse(value) {
            Ok(value) => Some(value),
            Err(fault) => {
                self.faults.push(FieldError::member(name, fault));
                None
            }
        }
    }

    /// A member that must be there.
    pub(crate) fn required<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(Value) -> Result<T, Fault>,
    ) -> Option<T> {
        if !self.rest.contains_key(name) {
            self.faults.push(FieldError::member(
                name,
                Fault::new(FaultCode::Missing, "is required"),
            ));
        }
        self.optional(name, parse)
    }

    /// A member that may be absent, or null to clear it.
    pub(crate) fn nullable<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(Value) -> Result<T, Fault>,
    ) -> Option<Option<T>> {
        self.optional(name, |value| match value {
            Value::Null => Ok(None),
            value => parse(value).map(Some),
        })
    }

    /// The value, unless there was any fault; members that nobody asked for are faults too.
    pub(crate) fn finish<T>(self, value: Option<T>) -> Result<T, Problem> {
        let mut faults = self.faults;
        for name in self.rest.keys() {
            faults.push(FieldError::member(
                name,
                Fault::new(
                    FaultCode::UnknownMember,
                    "is not a member that can be set here",
                ),
            ));
        }
        match value {
            Some(value) if faults.is_empty() => Ok(value),
            _ => Err(Problem::members(faults)),
        }
    }

    /// The schema of the body names exactly the members that were asked for.
    #[cfg(test)]
    pub(crate) fn assert_documented_by<T: utoipa::PartialSchema>(mut self) {
        let schema = serde_json::to_value(T::schema()).unwrap();
        let mut documented: Vec<_> = schema["properties"]
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        documented.sort_unstable();
        self.asked.sort_unstable();
        assert_eq!(documented, self.asked);
    }
}

/// A text by its own rule.
pub(crate) fn text<T>(
    parse: impl FnOnce(&str) -> Result<T, Fault>,
) -> impl FnOnce(Value) -> Result<T, Fault> {
    move |value| match value {
        Value::String(text) => parse(&text),
        _ => Err(Fault::new(FaultCode::NotAString, "must be a string")),
    }
}

/// `true` or `false`.
pub(crate) fn boolean(value: Value) -> Result<bool, Fault> {
    match value {
        Value::Bool(value) => Ok(value),
        _ => Err(Fault::new(FaultCode::NotABoolean, "must be true or false")),
    }
}

/// A UUID in hyphenated form.
pub(crate) fn uuid(text: &str) -> Result<Uuid, Fault> {
    let fault = || Fault::new(FaultCode::NotAUuid, "must be a UUID");
    if text.len() != 36 {
        return Err(fault());
    }
    Uuid::try_parse(text).map_err(|_| fault())
}

/// An object.
pub(crate) fn object(value: Value) -> Result<Map<String, Value>, Fault> {
    match value {
        Value::Object(map) => Ok(map),
        _ => Err(Fault::new(FaultCode::NotAnObject, "must be an object")),
    }
}
