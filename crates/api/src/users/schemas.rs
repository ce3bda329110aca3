//! The rules of a profile's texts as JSON Schema says them.

use serde_json::json;
use user_service_domain::profile::{Bio, DisplayName, Location, Website};
use user_service_domain::text::SearchText;
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::schema::{Object, ObjectBuilder, SchemaFormat, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// No controls, line separators, bidirectional controls and noncharacters.
const IN_LINE: &str = r"[^\u0000-\u001F\u007F-\u009F\u2028-\u202E\u2066-\u2069\uFDD0-\uFDEF\uFFF9-\uFFFB\uFFFE\uFFFF]";
/// The same, but with line feeds and tabs; a carriage return and a line feed are one.
const IN_LINES: &str = r"(?:\r\n|[^\u0000-\u0008\u000B-\u001F\u007F-\u009F\u2028-\u202E\u2066-\u2069\uFDD0-\uFDEF\uFFF9-\uFFFB\uFFFE\uFFFF])";
/// `White_Space`, as [`str::trim`] has it.
const SPACE: &str = r"[\t-\r \u0085\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000]";
/// Nothing that a reader would see.
const INVISIBLE: &str = r"^[\p{Z}\p{Cc}\p{Cf}\p{Mn}\p{Me}\u115F\u1160\u2065\u2800\u3164\uFFA0\uFFF0-\uFFF8\u{E0000}-\u{E0FFF}]*$";
/// Nothing that a search could find: spaces, and marks with a space or nothing under them.
const UNSEARCHABLE: &str = r"^[\p{Z}\p{Cc}\p{Cf}\p{Mn}\p{Me}\u00A8\u00AF\u00B4\u00B8\u02D8-\u02DD\u0384\u0385\u1FBD\u1FBF-\u1FC1\u1FCD-\u1FCF\u1FDD-\u1FDF\u1FED\u1FEE\u1FFD\u1FFE\u2017\u203E\u309B\u309C\uFC5E-\uFC63\uFE49-\uFE4C\uFE70\uFE72\uFE74\uFE76\uFE78\uFE7A\uFE7C\uFE7E\uFF9E\uFF9F\uFFE3]*$";
/// A scheme, an authority without credentials, and the rest.
const HTTP_URL: &str = r#"^[Hh][Tt][Tt][Pp][Ss]?://[^/?#:@\s\u0000-\u001F\u007F-\u009F"<>\\`][^/?#@\s\u0000-\u001F\u007F-\u009F"<>\\`]*([/?#][^\s\u0000-\u001F\u007F-\u009F"<>\\`]*)?$"#;
/// What comes after the plus sign is up to the numbering plans.
const PHONE_NUMBER: &str = r"^\s*\+";

fn text(nullable: bool, description: &str) -> ObjectBuilder {
    let schema_type = if nullable {
        SchemaType::from_iter([Type::String, Type::Null])
    } else {
        SchemaType::new(Type::String)
    };
    ObjectBuilder::new()
        .schema_type(schema_type)
        .description(Some(description))
}

/// A text of one line. Its length is that without the space around it, so that `maxLength` would refuse what is accepted.
fn one_line(max: usize) -> String {
    format!("^{SPACE}*{IN_LINE}{{0,{max}}}{SPACE}*$")
}

/// A text of lines, whose ends count as one character each.
fn lines(max: usize) -> String {
    format!("^{IN_LINES}{{0,{max}}}$")
}

/// `not`, for which the builder has no method.
fn not(pattern: &str) -> Extensions {
    [("not", json!({ "pattern": pattern }))]
        .into_iter()
        .collect()
}

/// See [`DisplayName`].
pub(super) fn display_name() -> Object {
    text(
        false,
        &format!(
            "The name that others see: one line of 1 to {} characters, with something to see. Space around it is cut off.",
            DisplayName::MAX
        ),
    )
    .min_length(Some(1))
    .pattern(Some(one_line(DisplayName::MAX)))
    .extensions(Some(not(INVISIBLE)))
    .examples(["Ana Sørensen"])
    .build()
}

/// See [`Bio`].
pub(super) fn bio() -> Object {
    text(
        true,
        &format!(
            "A few lines about oneself, at most {} characters; CRLF is taken as a line feed.",
            Bio::MAX
        ),
    )
    .pattern(Some(lines(Bio::MAX)))
    .build()
}

/// See [`Location`].
pub(super) fn location() -> Object {
    text(
        true,
        &format!(
            "Where the person is, in one line of at most {} characters. Space around it is cut off.",
            Location::MAX
        ),
    )
    .pattern(Some(one_line(Location::MAX)))
    .build()
}

/// See [`Website`].
pub(super) fn website() -> Object {
    text(
        true,
        "An absolute http or https URL with a host and without credentials.",
    )
    .max_length(Some(Website::MAX))
    .format(Some(SchemaFormat::Custom("iri".to_owned())))
    .pattern(Some(HTTP_URL))
    .examples(["https://example.com/ana"])
    .build()
}

/// See [`user_service_domain::profile::PhoneNumber`].
pub(super) fn phone_number() -> Object {
    text(
        true,
        "A plus sign, the country code, and as many digits as numbers have there, at most 15 in all; spaces and punctuation do not matter. It is kept in E.164.",
    )
    .pattern(Some(PHONE_NUMBER))
    .examples(["+442071838750"])
    .build()
}

/// The parameter `q`.
pub(super) struct SearchQuery;

impl PartialSchema for SearchQuery {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(SearchText::MAX))
            .extensions(Some(not(UNSEARCHABLE)))
            .into()
    }
}

impl ToSchema for SearchQuery {}

/// The parameter `ids`: UUIDs with commas between; more commas do not matter.
pub(super) struct Ids;

impl PartialSchema for Ids {
    fn schema() -> RefOr<Schema> {
        let id = "[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}";
        let others = super::list::MAX_IDS - 1;
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some(format!("^,*({id}(,+{id}){{0,{others}}},*)?$")))
            .into()
    }
}

impl ToSchema for Ids {}
