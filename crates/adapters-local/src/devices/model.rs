//! Models of Android devices.

/// The model that stands behind `Android 14;`, where one does.
pub(super) fn model(text: &str) -> Option<String> {
    let (_, behind) = text.split_once("Android")?;
    let (inside, _) = behind.split_once(')')?;
    let model = inside
        .split(';')
        .skip(1)
        .map(|part| part.split(" Build/").next().unwrap_or(part).trim())
        .find(|part| !is_something_else(part))?;
    let model = model.strip_prefix("SAMSUNG ").unwrap_or(model);
    Some(if model.starts_with("SM-") || model.starts_with("GT-") {
        format!("Samsung {model}")
    } else if model.starts_with("KF") {
        format!("Amazon {model}")
    } else {
        model.to_owned()
    })
}

/// What stands there when it is no model: `K` where a browser keeps it to itself, a kind, a language.
fn is_something_else(part: &str) -> bool {
    let is_language = part.len() == 5
        && matches!(part.as_bytes(), [a, b, b'-' | b'_', _, _] if a.is_ascii_lowercase() && b.is_ascii_lowercase());
    is_language
        || part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_lowercase())
        || matches!(part, "" | "K" | "U" | "Mobile" | "Tablet")
        || part.starts_with("rv:")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_found_among_other_words() {
        for (text, found) in [
            ("(Linux; Android 14; Pixel 8)", Some("Pixel 8")),
            (
                "(Linux; U; Android 4.4; de-de; GT-I9505 Build/K)",
                Some("Samsung GT-I9505"),
            ),
            (
                "(Linux; Android 9; SM-G960F Build/PPR1; wv)",
                Some("Samsung SM-G960F"),
            ),
            ("(Linux; U; Android 9; en; moto g(7)", Some("moto g(7")),
            ("(Linux; Android 10; K)", None),
            ("(Android 14; Mobile; rv:121.0)", None),
            ("(Linux; Android 14", None),
            ("Android;;;;)", None),
            ("", None),
        ] {
            assert_eq!(model(text).as_deref(), found, "{text}");
        }
    }
}
