//! The values of preferences as JSON Schema says them.

use user_service_domain::preferences::{DateFormat, Language, Theme, TimeFormat};
use utoipa::openapi::schema::{AnyOfBuilder, Array, Object, ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// Language, script, region, variants, extensions, private use.
const LANGUAGE_TAG: &str = "^[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?(-([0-9][A-Za-z0-9]{3}|[A-Za-z0-9]{5,8}))*(-[0-9A-WYZa-wyz](-[A-Za-z0-9]{2,8})+)*(-[Xx](-[A-Za-z0-9]{1,8})+)?$";
const ZONE_NAME: &str = "^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*$";
const NO_NUL: &str = r"^[^\u0000]*$";

fn string(description: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(description))
}

/// A tag as it is given.
pub(super) fn language() -> Object {
    string("A BCP 47 tag; it is kept in canonical form.")
        .max_length(Some(Language::MAX))
        .pattern(Some(LANGUAGE_TAG))
        .examples(["pt-BR"])
        .build()
}

/// A name as it is given. The names are no `enum`: new releases of the database add some.
pub(super) fn timezone() -> Object {
    string("A name of the IANA time-zone database, in any case.")
        .pattern(Some(ZONE_NAME))
        .examples(["Europe/Lisbon"])
        .build()
}

/// See [`Theme`].
pub(super) fn theme() -> Object {
    string("Light or dark, or as the device has it.")
        .enum_values(Some(Theme::ALL.iter().map(|choice| choice.as_str())))
        .build()
}

/// See [`DateFormat`].
pub(super) fn date_format() -> Object {
    string("How dates are written.")
        .enum_values(Some(DateFormat::ALL.iter().map(|choice| choice.as_str())))
        .build()
}

/// See [`TimeFormat`].
pub(super) fn time_format() -> Object {
    string("How times are written.")
        .enum_values(Some(TimeFormat::ALL.iter().map(|choice| choice.as_str())))
        .build()
}

/// See [`user_service_domain::preferences::CustomSettings`].
pub(crate) struct CustomSettings;

impl PartialSchema for CustomSettings {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .description(Some(
                "What products keep for themselves: at most 64 KiB and 16 levels, without U+0000.",
            ))
            .property_names(Some(
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .pattern(Some(NO_NUL))
                    .build(),
            ))
            .additional_properties(Some(Ref::from_schema_name(CustomValue::name())))
            .into()
    }
}

impl ToSchema for CustomSettings {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((CustomValue::name().into(), CustomValue::schema()));
    }
}

/// A value somewhere in [`CustomSettings`].
struct CustomValue;

impl PartialSchema for CustomValue {
    fn schema() -> RefOr<Schema> {
        let plain = [Type::Null, Type::Boolean, Type::Number];
        AnyOfBuilder::new()
            .description(Some("Any JSON value without U+0000."))
            .item(ObjectBuilder::new().schema_type(SchemaType::from_iter(plain)))
            .item(
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .pattern(Some(NO_NUL)),
            )
            .item(Array::new(Ref::from_schema_name(Self::name())))
            .item(Ref::from_schema_name(CustomSettings::name()))
            .into()
    }
}

impl ToSchema for CustomValue {}
