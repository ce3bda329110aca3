//! A page of a list.

use serde::Deserialize;

use crate::client::CallError;

/// Folders, ascending.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) prefixes: Vec<String>,
    /// What the next page begins after.
    pub(super) next: Option<String>,
}

#[derive(Deserialize)]
struct Wire {
    #[serde(default)]
    prefixes: Option<Vec<String>>,
    next: Option<String>,
}

/// Reads a page. One that does not go on from its place, or is not in order, would never come to an end.
pub(super) fn parse(body: &[u8], after: &str) -> Result<Page, CallError> {
    let wire: Wire =
        serde_json::from_slice(body).map_err(|_wrong| CallError::Senseless("no list"))?;
    let prefixes = wire
        .prefixes
        .ok_or(CallError::Senseless("a list without folders"))?;
    let mut last = after;
    for prefix in &prefixes {
        if prefix.as_str() <= last {
            return Err(CallError::Senseless("a list out of order"));
        }
        last = prefix;
    }
    if wire
        .next
        .as_deref()
        .is_some_and(|next| next <= after || next < last)
    {
        return Err(CallError::Senseless("a list that does not go on"));
    }
    Ok(Page {
        prefixes,
        next: wire.next,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_goes_on_in_order() {
        let good = br#"{"items":[],"prefixes":["b/","c/"],"next":"c/"}"#;
        let page = parse(good, "a/").unwrap();
        assert_eq!(page.prefixes, ["b/", "c/"]);
        assert_eq!(page.next.as_deref(), Some("c/"));
        assert!(parse(br#"{"prefixes":[],"next":"x"}"#, "").is_ok());
        for bad in [
            "",
            "<html>",
            "[]",
            "{}",
            r#"{"prefixes":null,"next":null}"#,
            r#"{"prefixes":["c/","b/"],"next":null}"#,
            r#"{"prefixes":["b/","b/"],"next":null}"#,
            r#"{"prefixes":["a/"],"next":null}"#,
            r#"{"prefixes":["b/"],"next":"a/"}"#,
            r#"{"prefixes":[],"next":"a/"}"#,
            r#"{"prefixes":["c/"],"next":"b/"}"#,
        ] {
            assert!(parse(bad.as_bytes(), "a/").is_err(), "{bad}");
        }
    }
}
