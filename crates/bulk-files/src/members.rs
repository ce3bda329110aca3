//! Reads the members of a JSON object one by one and gathers every fault.

use serde_json::{Map, Value};
use user_service_domain::bulk::MemberFault;
use user_service_domain::fault::{Fault, FaultCode};
use uuid::Uuid;

/// The members that were not read yet, and the faults so far.
pub(crate) struct Members {
    at: &'static str,
    rest: Map<String, Value>,
    faults: Vec<MemberFault>,
}

impl Members {
    /// Of the object at this pointer.
    pub(crate) fn new(at: &'static str, rest: Map<String, Value>) -> Self {
        Self {
            at,
            rest,
            faults: Vec::new(),
        }
    }

    fn pointer(&self, name: &str) -> String {
        format!("{}/{}", self.at, name.replace('~', "~0").replace('/', "~1"))
    }

    fn fault(&mut self, name: &str, fault: Fault) {
        let pointer = self.pointer(name);
        self.faults.push(MemberFault::new(pointer, fault));
    }

    /// A member that may be absent and must not be null.
    pub(crate) fn optional<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(Value) -> Result<T, Fault>,
    ) -> Option<T> {
        let value = self.rest.remove(name)?;
        parse(value).map_err(|fault| self.fault(name, fault)).ok()
    }

    /// A member that must be there.
    pub(crate) fn required<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(Value) -> Result<T, Fault>,
    ) -> Option<T> {
        if !self.rest.contains_key(name) {
            self.fault(name, Fault::new(FaultCode::Missing, "is required"));
        }
        self.optional(name, parse)
    }

    /// A member that may be absent, or null.
    pub(crate) fn nullable<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(Value) -> Result<T, Fault>,
    ) -> Option<Option<T>> {
        self.optional(name, |value| match value {
            Value::Null => Ok(None),
            value => parse(value).map(Some),
        })
    }

    /// A member that is an object of its own at this pointer; its faults are gathered, too.
    pub(crate) fn nested<T>(
        &mut self,
        at: &'static str,
        read: impl FnOnce(&mut Members) -> Option<T>,
    ) -> Option<Option<T>> {
        let name = at.trim_start_matches('/');
        let object = self.nullable(name, object)?;
        let Some(object) = object else {
            return Some(None);
        };
        let mut members = Members::new(at, object);
        let value = read(&mut members);
        self.faults.extend(members.finish());
        value.map(Some)
    }

    /// All faults; members that nobody asked for are faults, too.
    pub(crate) fn finish(mut self) -> Vec<MemberFault> {
        for name in std::mem::take(&mut self.rest)
            .into_iter()
            .map(|(name, _)| name)
        {
            let fault = Fault::new(FaultCode::UnknownMember, "is not a member of a user");
            self.fault(&name, fault);
        }
        self.faults
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
