//! The header fields of W3C Trace Context.

/// `version-trace_id-parent_id-flags`: 2, 32, 16 and 2 digits.
const LENGTH: usize = 55;
/// A service may drop a longer `tracestate`, but should keep at least so much of it (section 3.3.1.5).
const LONGEST_STATE: usize = 512;

/// What a caller said of the trace that a request belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceContext {
    traceparent: String,
    tracestate: Option<String>,
}

impl TraceContext {
    /// Reads `traceparent` and `tracestate`. `None` where the first is not of the form that W3C Trace Context, section
    /// 3.2, gives it; the second is dropped where it is too long or no plain text.
    pub fn parse(traceparent: &str, tracestate: Option<&str>) -> Option<Self> {
        let (known, rest) = traceparent.split_at_checked(LENGTH)?;
        let mut parts = known.split('-');
        let (version, trace) = (parts.next()?, parts.next()?);
        let (parent, flags) = (parts.next()?, parts.next()?);
        let hex = |text: &str, length: usize| {
            text.len() == length && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        };
        let zero = |text: &str| text.bytes().all(|b| b == b'0');
        let good = parts.next().is_none()
            && hex(version, 2)
            && hex(trace, 32)
            && hex(parent, 16)
            && hex(flags, 2)
            && version != "ff"
            && !zero(trace)
            && !zero(parent)
            // Later versions may add fields.
            && (rest.is_empty() || (version != "00" && rest.starts_with('-')));
        good.then(|| Self {
            traceparent: known.to_owned(),
            tracestate: tracestate
                .filter(|state| state.len() <= LONGEST_STATE)
                .filter(|state| state.bytes().all(|b| matches!(b, b'\t' | b' '..=b'~')))
                .filter(|state| !state.is_empty())
                .map(str::to_owned),
        })
    }

    /// The trace: 32 hexadecimal digits.
    pub fn trace_id(&self) -> &str {
        self.traceparent.get(3..35).unwrap_or_default()
    }

    /// As header fields, the way they came.
    pub(crate) fn headers(&self) -> Vec<(&'static str, String)> {
        let state = self.tracestate.as_ref();
        [("traceparent", self.traceparent.clone())]
            .into_iter()
            .chain(state.map(|state| ("tracestate", state.clone())))
            .collect()
    }
}

#[cfg(feature = "otlp")]
impl opentelemetry::propagation::Extractor for TraceContext {
    fn get(&self, key: &str) -> Option<&str> {
        match key {
            "traceparent" => Some(&self.traceparent),
            "tracestate" => self.tracestate.as_deref(),
            _ => None,
        }
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent", "tracestate"]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_good_context_is_kept_as_it_came() {
        let context = TraceContext::parse(GOOD, Some("rojo=00f067aa0ba902b7")).unwrap();
        assert_eq!(context.trace_id(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(
            context.headers(),
            [
                ("traceparent", GOOD.to_owned()),
                ("tracestate", "rojo=00f067aa0ba902b7".to_owned())
            ]
        );
    }

    #[test]
    fn what_a_later_version_adds_is_left_out() {
        let later = format!("cc{}-what", GOOD.get(2..).unwrap());
        let context = TraceContext::parse(&later, None).unwrap();
        assert_eq!(context.headers().len(), 1);
        assert!(context.headers()[0].1.ends_with("-01"));
    }

    #[test]
    fn what_is_not_of_the_form_is_no_context() {
        for bad in [
            "",
            "00",
            &GOOD[..54],
            &format!("{GOOD}-x"),
            &GOOD.to_uppercase(),
            &GOOD.replace("00-4", "ff-4"),
            &GOOD.replace("4bf92f3577b34da6a3ce929d0e0e4736", &"0".repeat(32)),
            &GOOD.replace("00f067aa0ba902b7", &"0".repeat(16)),
            &GOOD.replace('-', "_"),
            &"é".repeat(40),
        ] {
            assert_eq!(TraceContext::parse(bad, None), None, "{bad}");
        }
    }

    #[test]
    fn a_state_that_is_no_plain_text_is_dropped() {
        for bad in ["", "a=é", "a=\u{1}", &"a".repeat(513)] {
            let context = TraceContext::parse(GOOD, Some(bad)).unwrap();
            assert_eq!(context.headers().len(), 1, "{bad}");
        }
    }
}
