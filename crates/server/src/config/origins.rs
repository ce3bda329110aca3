//! Origins of browsers which may call.

use url::Url;

use super::value::{FromSetting, list};

/// Origins of browsers which may call; `*` is any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Origins(pub(crate) Vec<String>);

impl FromSetting for Origins {
    const FORM: &'static str = "list";

    fn parse(text: &str) -> Result<Self, String> {
        let items = list(text)?;
        let origins = items.iter().map(|item| origin(item));
        origins.collect::<Result<_, _>>().map(Self)
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
