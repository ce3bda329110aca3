//! Settings that products keep for themselves.

use serde_json::{Map, Value};

use crate::fault::{Fault, FaultCode};

/// A JSON object of at most 64 KiB serialised and 16 levels, without U+0000.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CustomSettings(Map<String, Value>);

impl CustomSettings {
    /// The largest object, in bytes of its compact form.
    pub const MAX_BYTES: usize = 64 * 1024;
    /// The deepest nesting; the object itself is level 1.
    pub const MAX_DEPTH: usize = 16;

    /// Faults: `too_deep`, `control_character`, `too_large`.
    pub fn parse(object: Map<String, Value>) -> Result<Self, Fault> {
        let value = Value::Object(object);
        check(&value, 1)?;
        // Writing a value that is in memory cannot fail.
        if serde_json::to_vec(&value).map_or(usize::MAX, |bytes| bytes.len()) > Self::MAX_BYTES {
            return Err(Fault::new(
                FaultCode::TooLarge,
                format!("must have at most {} bytes", Self::MAX_BYTES),
            ));
        }
        match value {
            Value::Object(object) => Ok(Self(object)),
            _ => Ok(Self::default()),
        }
    }

    /// Takes an object that was parsed before it was stored.
    pub fn stored(object: Map<String, Value>) -> Self {
        Self(object)
    }

    /// The object.
    pub fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }

    /// Merges a patch by RFC 7396. Faults as [`Self::parse`], of the result.
    pub fn merge(base: Option<&Self>, patch: &Map<String, Value>) -> Result<Self, Fault> {
        // The patch is bounded before the merge descends into it.
        let patch = Value::Object(patch.clone());
        check(&patch, 1)?;
        let mut merged = Value::Object(base.map(|b| b.0.clone()).unwrap_or_default());
        json_patch::merge(&mut merged, &patch);
        match merged {
            Value::Object(object) => Self::parse(object),
            _ => Ok(Self::default()),
        }
    }
}

fn check(value: &Value, level: usize) -> Result<(), Fault> {
    let nul = || {
        Fault::new(
            FaultCode::ControlCharacter,
            "must not have U+0000 in a name or a text",
        )
    };
    match value {
        Value::Array(_) | Value::Object(_) if level > CustomSettings::MAX_DEPTH => Err(Fault::new(
            FaultCode::TooDeep,
            format!("must nest at most {} levels", CustomSettings::MAX_DEPTH),
        )),
        Value::Array(items) => items.iter().try_for_each(|item| check(item, level + 1)),
        Value::Object(members) => members.iter().try_for_each(|(name, member)| {
            if name.contains('\0') {
                return Err(nul());
            }
            check(member, level + 1)
        }),
        Value::String(text) if text.contains('\0') => Err(nul()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn map(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(map) => map,
            _ => Map::new(),
        }
    }

    fn nested(levels: usize) -> Map<String, Value> {
        map((0..levels).fold(json!(1), |inner, _| json!({ "a": inner })))
    }

    #[test]
    fn depth_size_and_nul_are_bounded() {
        assert!(CustomSettings::parse(nested(16)).is_ok());
        assert_eq!(
            CustomSettings::parse(nested(17)).unwrap_err().code.as_str(),
            "too_deep"
        );
        assert_eq!(
            CustomSettings::parse(map(json!({"a": "b\0"})))
                .unwrap_err()
                .code
                .as_str(),
            "control_character"
        );
        assert_eq!(
            CustomSettings::parse(map(json!({"\0": 1})))
                .unwrap_err()
                .code
                .as_str(),
            "control_character"
        );
        assert_eq!(
            CustomSettings::parse(map(json!({"a": "x".repeat(65_600)})))
                .unwrap_err()
                .code
                .as_str(),
            "too_large"
        );
    }

    #[test]
    fn the_examples_of_rfc_7396_hold() {
        for (base, patch, merged) in [
            (json!({"a":"b"}), json!({"a":"c"}), json!({"a":"c"})),
            (json!({"a":"b"}), json!({"b":"c"}), json!({"a":"b","b":"c"})),
            (json!({"a":"b"}), json!({"a":null}), json!({})),
            (json!({"a":["b"]}), json!({"a":"c"}), json!({"a":"c"})),
            (
                json!({"a":{"b":"c"}}),
                json!({"a":{"b":"d","c":null}}),
                json!({"a":{"b":"d"}}),
            ),
            (json!({"e":null}), json!({"a":1}), json!({"e":null,"a":1})),
            (
                json!({}),
                json!({"a":{"bb":{"ccc":null}}}),
                json!({"a":{"bb":{}}}),
            ),
        ] {
            let base = CustomSettings::stored(map(base));
            assert_eq!(
                CustomSettings::merge(Some(&base), &map(patch)).unwrap().0,
                map(merged)
            );
        }
    }

    fn object() -> impl Strategy<Value = Map<String, Value>> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            "[a-z]{0,4}".prop_map(Value::from)
        ];
        let value = leaf.prop_recursive(3, 16, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                prop::collection::btree_map("[a-c]", inner, 0..3)
                    .prop_map(|m| Value::Object(m.into_iter().collect())),
            ]
        });
        prop::collection::btree_map("[a-d]", value, 0..4).prop_map(|m| m.into_iter().collect())
    }

    proptest! {
        #[test]
        fn merging_twice_is_merging_once(base in object(), patch in object()) {
            let once = CustomSettings::merge(Some(&CustomSettings(base)), &patch).unwrap();
            let twice = CustomSettings::merge(Some(&once), &patch).unwrap();
            prop_assert_eq!(once, twice);
        }

        #[test]
        fn members_that_a_patch_does_not_name_stay(base in object(), patch in object()) {
            let merged = CustomSettings::merge(Some(&CustomSettings(base.clone())), &patch).unwrap();
            for (name, value) in base.iter().filter(|(name, _)| !patch.contains_key(*name)) {
                prop_assert_eq!(merged.0.get(name), Some(value));
            }
        }
    }
}
