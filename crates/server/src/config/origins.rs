//! Origins of browsers which may call.

use url::Url;

use super::value::FromSetting;

/// Origins of browsers which may call; `*` is any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Origins(pub(crate) Vec<String>);

impl FromSetting for Origins {
    fn parse(text: &str) -> Result<Self, String> {
        let items: Vec<String> = if text.trim_start().starts_with('[') {
            serde_json::from_str(text)
                .map_err(|_| "must be a JSON array of strings, or separated by commas".to_owned())?
        } else {
            text.split(',').map(str::to_owned).collect()
        };
        let items = items
            .iter()
            .map(|item| item.trim())
            .filter(|item| !item.is_empty());
        items.map(origin).collect::<Result<_, _>>().map(Self)
    }

    fn show(&self) -> Option<String> {
        Some(self.0.join(","))
    }
}

/// One origin, in the form in which browsers send it.
fn origin(text: &str) -> Result<String, String> {
    let wrong = || "each must be `scheme://host[:port]`, without a path, or `*`".to_owned();
    if text == "*" {
        return Ok(text.to_owned());
    }
    let (_, authority) = text.split_once("://").ok_or_else(wrong)?;
    let url = Url::parse(text).map_err(|_| wrong())?;
    if !url.has_host() || authority.contains(['/', '?', '#', '@', '\\']) {
        return Err(wrong());
    }
    let origin = url.origin();
    Ok(if origin.is_tuple() {
        origin.ascii_serialization()
    } else {
        url.as_str().to_owned()
    })
}
