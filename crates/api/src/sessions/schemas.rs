//! The values of sessions as JSON Schema says them.

use user_service_domain::session::{DeviceType, EndReason};
use utoipa::openapi::schema::{Object, ObjectBuilder, SchemaType, Type};

/// A word of a fixed list; or null, where the member is always there.
fn word(
    description: &str,
    words: impl IntoIterator<Item = &'static str>,
    nullable: bool,
) -> Object {
    let words = words.into_iter().map(Some);
    let object = ObjectBuilder::new().description(Some(description));
    if nullable {
        object
            .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
            .enum_values(Some(words.chain([None])))
            .build()
    } else {
        object
            .schema_type(Type::String)
            .enum_values(Some(words))
            .build()
    }
}

fn device_types() -> impl Iterator<Item = &'static str> {
    DeviceType::ALL.into_iter().map(DeviceType::as_str)
}

/// See [`DeviceType`].
pub(super) fn new_device_type() -> Object {
    word(
        "Taken from the user agent where left out.",
        device_types(),
        false,
    )
}

/// See [`DeviceType`].
pub(super) fn device_type() -> Object {
    word("What kind of device it is.", device_types(), true)
}

/// See [`EndReason`].
pub(super) fn ended_reason() -> Object {
    let reasons = EndReason::ALL.into_iter().map(EndReason::as_str);
    word("Why it ended.", reasons, true)
}
