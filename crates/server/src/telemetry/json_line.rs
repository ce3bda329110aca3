//! An event as one JSON object on a line, with the request that it belongs to.

use std::fmt;

use serde::Serialize;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::{JsonFields, Writer};
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormattedFields};
use tracing_subscriber::registry::LookupSpan;
use user_service_telemetry::trace::LOG_SPAN;

/// `timestamp`, `level`, the event's own members with `message`, those of its request, `target`.
///
/// The subscriber's own format puts the request's members into an object of their own, and reads them back from JSON for
/// each line.
pub(super) struct JsonLine;

impl<S> FormatEvent<S, JsonFields> for JsonLine
where
    S: Subscriber + for<'s> LookupSpan<'s>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, JsonFields>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let metadata = event.metadata();
        writer.write_str(r#"{"timestamp":""#)?;
        SystemTime.format_time(&mut writer)?;
        write!(writer, r#"","level":"{}""#, metadata.level())?;
        let mut members = Members {
            writer: writer.by_ref(),
            result: Ok(()),
        };
        event.record(&mut members);
        members.result?;
        let request = context
            .event_scope()
            .into_iter()
            .flatten()
            .find(|span| span.name() == LOG_SPAN);
        if let Some(request) = request {
            let extensions = request.extensions();
            let fields = extensions.get::<FormattedFields<JsonFields>>();
            // They are an object already.
            let fields = fields.and_then(|fields| fields.strip_prefix('{')?.strip_suffix('}'));
            if let Some(fields) = fields.filter(|fields| !fields.is_empty()) {
                write!(writer, ",{fields}")?;
            }
        }
        writeln!(writer, r#","target":"{}"}}"#, metadata.target())
    }
}

/// Writes members after others.
struct Members<'w> {
    writer: Writer<'w>,
    result: fmt::Result,
}

impl Members<'_> {
    fn member(&mut self, field: &Field, value: &impl Serialize) {
        // What cannot be written as JSON is no text, number or truth value: there is none.
        let value = serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned());
        if self.result.is_ok() {
            self.result = write!(self.writer, r#","{}":{value}"#, field.name());
        }
    }
}

impl Visit for Members<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.member(field, &format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.member(field, &value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.member(field, &value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.member(field, &value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.member(field, &value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.member(field, &value);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use serde_json::{Value, json};
    use tracing_subscriber::fmt;
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn line(work: impl FnOnce()) -> Value {
        let kept = Kept::default();
        let writer = kept.clone();
        let layer = fmt::layer()
            .with_writer(move || writer.clone())
            .fmt_fields(JsonFields::new())
            .event_format(JsonLine);
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), work);
        let text = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text.matches('\n').count(), 1, "{text}");
        let mut line: Value = serde_json::from_str(&text).unwrap();
        let timestamp = line.as_object_mut().unwrap().remove("timestamp");
        assert!(timestamp.is_some_and(|time| time.is_string()));
        line
    }

    #[test]
    fn a_line_names_its_request_at_the_top() {
        let line = line(|| {
            let _request = tracing::info_span!(
                "request",
                request_id = "a\"b",
                trace_id = Some("4bf9"),
                span_id = None::<&str>
            )
            .entered();
            let _inner = tracing::info_span!("profile.get", other = 1).entered();
            tracing::warn!(target: "here", count = 2_u64, good = true, "said \"it\"\n");
        });
        assert_eq!(
            line,
            json!({
                "level": "WARN", "message": "said \"it\"\n", "count": 2, "good": true,
                "request_id": "a\"b", "trace_id": "4bf9", "target": "here",
            })
        );
    }

    #[test]
    fn a_line_outside_of_requests_is_complete() {
        let line = line(|| tracing::info!(target: "here", "serving"));
        assert_eq!(
            line,
            json!({"level": "INFO", "message": "serving", "target": "here"})
        );
    }
}
