//! What is sent with a problem.

use actix_web::ResponseError as _;
use actix_web::http::header::{ALLOW, HeaderValue, RETRY_AFTER};
use user_service_domain::fault::{Fault, FaultCode};

use super::{CATALOGUE, Extra, FieldError, Problem, ProblemType};

#[test]
fn every_type_comes_with_the_fields_that_it_has() {
    for kind in CATALOGUE {
        let response = Problem::new(*kind).error_response();
        for extra in kind.entry().extras {
            if let Extra::Field(name, usual) = extra {
                let sent = response.headers().get(*name);
                let sent = sent.map(|value| value.to_str().unwrap());
                assert_eq!(sent, *usual, "{kind:?}: {name}");
            }
        }
    }
}

#[test]
fn what_is_known_better_goes_before_what_is_usual() {
    let problem = Problem::new(ProblemType::Overloaded);
    let response = problem
        .with(RETRY_AFTER, HeaderValue::from_static("9"))
        .error_response();
    let sent: Vec<_> = response.headers().get_all(RETRY_AFTER).collect();
    assert_eq!(sent, ["9"]);
}

#[test]
fn what_a_type_does_not_have_is_not_sent() {
    let fault = Fault::new(FaultCode::Blank, "must not be blank");
    let problem = Problem::new(ProblemType::NotFound)
        .with(ALLOW, HeaderValue::from_static("GET"))
        .with_errors(vec![FieldError::member("bio", fault)])
        .violating("default");
    assert_eq!(problem.error_response().headers().get(ALLOW), None);
    let body: serde_json::Value = serde_json::from_str(&problem.body()).unwrap();
    assert_eq!(
        (body.get("errors"), body.get("violated-policies")),
        (None, None)
    );
}
