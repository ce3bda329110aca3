//! The catalogue as a page of documentation.

use std::fmt::Write;

use user_service_domain::fault::FaultCode;

use super::catalogue::Entry;
use super::{CATALOGUE, Extra};

const HEAD: &str = r#"# Errors

<!-- Written by `user-service problems`; change the catalogue in the code instead. -->

Every answer from 400 on is a problem document (RFC 9457) under `application/problem+json`:

```json
{
  "type": "/problems/validation-failed",
  "title": "Validation failed",
  "status": 422,
  "detail": "At least one member of the body is at fault; see errors.",
  "instance": "/api/v1/users/me",
  "request_id": "01a20a8a-62ba-706a-a077-e738a0aa2fe0",
  "code": "validation-failed",
  "errors": [{"pointer": "/bio", "code": "too_long", "message": "must have at most 500 characters"}]
}
```

| Member | What it is |
| --- | --- |
| `type` | what kind of problem: a reference that a running service explains, too |
| `code` | its last part, which programs tell problems apart by; it does not change |
| `title`, `detail` | for people: of the kind, and of this time; their words may change |
| `status` | the HTTP status |
| `instance` | the path that was asked for |
| `request_id` | the same as `X-Request-Id`; the log has it, too |
| `errors` | every fault of the request at once: `pointer` (RFC 6901) into the body or `parameter` of the query, a [`code`](#codes-of-faults), and a `message` for people |
| `violated-policies` | the policies of `RateLimit-Policy` that the request would have violated |

Header fields and members besides are named with each problem. What comes with `Retry-After` may be sent again as it was after so many
seconds, a `POST` best with an `Idempotency-Key`.
"#;

const CODES: &str = "
## Codes of faults

What `errors` says of a member or a parameter, and what the verdicts of an import say of a line ([BULK.md](BULK.md)).

| Code | What is wrong |
| --- | --- |
";

/// Every type of problem and every code of a fault, in Markdown.
pub fn reference() -> String {
    let mut entries: Vec<_> = CATALOGUE.iter().map(|kind| kind.entry()).collect();
    entries.sort_by_key(|entry| entry.status);
    let mut page = HEAD.to_owned();
    page.push_str("\n## All of them\n\n| Status | Code | |\n| --- | --- | --- |\n");
    // Writing to a String cannot fail.
    for Entry {
        status,
        slug,
        title,
        ..
    } in &entries
    {
        let _ = writeln!(page, "| {status} | [`{slug}`](#{slug}) | {title} |");
    }
    for entry in &entries {
        let _ = write!(
            page,
            "\n### {}\n\n**{} {}.** {}\n\n{}\n",
            entry.slug, entry.status, entry.title, entry.detail, entry.remedy
        );
        let extras: Vec<_> = entry.extras.iter().copied().map(told).collect();
        if !extras.is_empty() {
            let _ = writeln!(page, "\nWith it: {}.", extras.join(", "));
        }
    }
    page.push_str(CODES);
    for code in FaultCode::ALL {
        let _ = writeln!(page, "| `{}` | {} |", code.as_str(), code.rule());
    }
    page
}

fn told(extra: Extra) -> String {
    match extra {
        Extra::Errors => "`errors`".to_owned(),
        Extra::ViolatedPolicies => "`violated-policies`".to_owned(),
        Extra::Field(name, None) => format!("`{name}`"),
        Extra::Field(name, Some(value)) => format!("`{name}: {value}`"),
        Extra::EndOfConnection => "the end of the connection".to_owned(),
    }
}
