//! `POST /users:import`.

mod lines;
mod verdicts;

use std::convert::Infallible;
use std::time::Duration;

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::{Bytes, Payload};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use futures_util::{StreamExt, stream};
use user_service_application::UseCaseError;
use user_service_application::bulk::{How, ImportUsers, Outcome};

use self::lines::{Line, Lines};
use self::verdicts::{Tally, aborted, done, verdict};
use crate::http::caller::known_caller;
use crate::http::conditional;
use crate::http::negotiation::Accepted;
use crate::http::query::{Parameters, boolean};
use crate::limits::Place;
use crate::problem::{Problem, ProblemType};
use crate::state::State;

/// The media type of both directions.
const NDJSON: &str = "application/x-ndjson";

/// How many bytes of lines are taken in at once, but for the last line.
const BATCH_BYTES: usize = 4 * 1024 * 1024;

/// After so long without another byte, what came is taken in: whoever sends little by little gets verdicts meanwhile.
const PAUSE: Duration = Duration::from_millis(200);

/// How long nothing at all may come.
const PATIENCE: Duration = Duration::from_secs(30);

/// Import users
///
/// A JSON object on each line: a user as `user-service users export` writes them (docs/BULK.md). Only `user_id` must be there, and
/// `display_name` where the user is new; who is there is changed, who is not is made. A line has at most 256 KiB. Each line
/// gets a verdict on a line of the answer, in order: `{"line":1,"status":"created","user_id":"…"}`, where `status` is `created`,
/// `updated`, `unchanged`, or `rejected` with `errors`. Verdicts come while lines are still sent, so read them meanwhile.
/// The last line is `{"status":"done", …}` with counts, or `{"status":"aborted", …}` where the service could not go on: all lines
/// with a verdict are kept, and the import may be repeated.
#[utoipa::path(
    post, path = "/users:import", tag = "profiles", operation_id = "importUsers",
    params(("dry_run" = Option<bool>, Query, nullable = false, description = "Whether to judge the lines and keep nothing")),
    request_body(content = String, content_type = "application/x-ndjson", description = "Users, one on each line"),
    responses((status = 200, description = "Verdicts, one on each line", body = String, content_type = "application/x-ndjson")),
    security(("bearer" = []))
)]
pub(crate) async fn handle(
    req: HttpRequest,
    payload: Payload,
    state: web::Data<State>,
) -> Result<HttpResponse, Problem> {
    let caller = known_caller(&req, &state).await?;
    state.import_users.authorise(&caller)?;
    if !Accepted::of(&req)?.takes(NDJSON) {
        return Err(Problem::new(ProblemType::NotAcceptable));
    }
    let mut parameters = Parameters::of(&req)?;
    let dry_run = parameters.optional("dry_run", boolean).unwrap_or(false);
    let how = How {
        dry_run,
        ..How::default()
    };
    parameters.finish(())?;
    media_type(&req)?;
    let place = state.imports.place();
    let place = place.ok_or_else(|| Problem::new(ProblemType::Overloaded))?;
    let mut import = Import {
        _place: place,
        state,
        payload,
        lines: Lines::default(),
        how,
        tally: Tally::default(),
        ended: false,
    };
    // What fails before there is a verdict is a problem like others.
    let first = import.next().await.map_err(|failure| match failure {
        Failure::Broken => Problem::new(ProblemType::MalformedRequest),
        Failure::Slow => Problem::new(ProblemType::RequestTimeout),
        Failure::UseCase(error) => error.into(),
    })?;
    let rest = stream::unfold(Some(import), |import| async move {
        let mut import = import?;
        if import.ended {
            return Some((Ok(done(&import.tally)), None));
        }
        match import.next().await {
            Ok(verdicts) => Some((Ok(verdicts), Some(import))),
            Err(failure) => Some((Ok(aborted(&import.tally, failure.code())), None)),
        }
    });
    let first = stream::iter([Ok::<Bytes, Infallible>(first)]);
    let mut response = HttpResponse::Ok();
    conditional::private(&mut response);
    Ok(response.content_type(NDJSON).streaming(first.chain(rest)))
}

fn media_type(req: &HttpRequest) -> Result<(), Problem> {
    let essence = req.content_type().trim().to_ascii_lowercase();
    let coded = req
        .headers()
        .get(actix_web::http::header::CONTENT_ENCODING)
        .is_some_and(|coding| coding != "identity");
    if !coded
        && matches!(
            essence.as_str(),
            NDJSON | "application/jsonl" | "application/ndjson"
        )
    {
        return Ok(());
    }
    let why = "Send application/x-ndjson in UTF-8 and without content coding.";
    let problem = Problem::because(ProblemType::UnsupportedMediaType, why);
    Err(problem.with(
        HeaderName::from_static("accept-post"),
        HeaderValue::from_static(NDJSON),
    ))
}

/// Why an import does not go on.
enum Failure {
    /// The body ended before its end.
    Broken,
    /// Nothing came for too long.
    Slow,
    /// The store is away, or a bug.
    UseCase(UseCaseError),
}

impl Failure {
    fn code(self) -> &'static str {
        let kind = match self {
            Self::Broken => ProblemType::MalformedRequest,
            Self::Slow => ProblemType::RequestTimeout,
            Self::UseCase(error) => return Problem::from(error).code(),
        };
        kind.entry().slug
    }
}

/// An import that goes on as fast as its verdicts are read.
struct Import {
    /// Among those that are worked on; the answer goes on after the handler.
    _place: Place,
    state: web::Data<State>,
    payload: Payload,
    lines: Lines,
    how: How,
    tally: Tally,
    /// All lines were taken in.
    ended: bool,
}

impl Import {
    /// Takes some lines in; their verdicts.
    async fn next(&mut self) -> Result<Bytes, Failure> {
        let lines = self.read().await?;
        let mut records = Vec::with_capacity(lines.len());
        for line in &lines {
            records.extend(line.record.as_ref().ok().cloned());
        }
        let outcomes = if records.is_empty() {
            Vec::new()
        } else {
            let outcomes = self.state.import_users.execute(&records, self.how).await;
            outcomes.map_err(Failure::UseCase)?
        };
        let mut outcomes = outcomes.into_iter();
        let mut verdicts = Vec::with_capacity(lines.len() * 96);
        for Line { number, record } in lines {
            let (user, outcome) = match record {
                Ok(record) => (Some(record.user_id), outcomes.next()),
                Err(faults) => (None, Some(Outcome::Rejected(faults))),
            };
            if let Some(outcome) = outcome {
                self.tally.count(&outcome);
                verdict(number, user, &outcome, &mut verdicts);
            }
        }
        Ok(verdicts.into())
    }

    /// As many lines as are taken in at once, or as came; none at the end.
    async fn read(&mut self) -> Result<Vec<Line>, Failure> {
        loop {
            if self.ended
                || self.lines.count() >= ImportUsers::BATCH
                || self.lines.bytes() >= BATCH_BYTES
            {
                return Ok(self.lines.take(ImportUsers::BATCH));
            }
            let waits = self.lines.count() > 0;
            let patience = if waits { PAUSE } else { PATIENCE };
            match tokio::time::timeout(patience, self.payload.next()).await {
                Ok(Some(Ok(chunk))) => self.lines.push(&chunk),
                Ok(Some(Err(_))) => return Err(Failure::Broken),
                Ok(None) => {
                    self.lines.end();
                    // Many lines may wait yet.
                    self.ended = self.lines.count() <= ImportUsers::BATCH;
                    if !self.ended {
                        return Ok(self.lines.take(ImportUsers::BATCH));
                    }
                }
                Err(_) if waits => return Ok(self.lines.take(ImportUsers::BATCH)),
                Err(_) => return Err(Failure::Slow),
            }
        }
    }
}
