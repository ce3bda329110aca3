//! Settings as plain text, which is all that layers hold.

use figment::{
    Metadata, Profile, Provider,
    value::{Dict, Map, Value},
};

use super::settings::Setting;

/// Settings of one layer. Unlike figment's own provider of the environment it never guesses at
/// types: a secret of digits stays text.
pub(super) struct Texts {
    metadata: Metadata,
    values: Dict,
}

impl Texts {
    pub(super) fn new(metadata: Metadata) -> Self {
        Self {
            metadata,
            values: Dict::new(),
        }
    }

    pub(super) fn insert(&mut self, setting: &Setting, text: String) {
        self.values
            .insert(setting.name.to_owned(), Value::from(text));
    }
}

impl Provider for Texts {
    fn metadata(&self) -> Metadata {
        self.metadata.clone()
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Ok(Profile::Default.collect(self.values.clone()))
    }
}

/// A TOML value as the text someone would have put into the environment.
pub(super) fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(_, text) => Some(text.clone()),
        Value::Bool(_, value) => Some(value.to_string()),
        Value::Num(_, number) => number
            .to_i128()
            .map(|number| number.to_string())
            .or_else(|| number.to_f64().map(|number| number.to_string())),
        Value::Array(_, items) => {
            let items = items
                .iter()
                .map(Value::as_str)
                .collect::<Option<Vec<_>>>()?;
            serde_json::to_string(&items).ok()
        }
        _ => None,
    }
}
