//! Texts that are made to break something: kept as they are or refused, and the same on every engine.

use serde_json::{Value, json};

use crate::harness::App;
use crate::people::{Person, USERS};

/// A text, and the code of its refusal in a line (`Ok`: what is kept).
type Case = (&'static str, Result<&'static str, &'static str>);

/// What is judged alike in names and locations: lines of text.
const LINES: &[Case] = &[
    // Bidirectional: overrides, embeddings and isolates are refused, marks are kept.
    ("a\u{202e}gpj.exe", Err("bidi_control")),
    ("a\u{202a}b", Err("bidi_control")),
    ("a\u{202c}b", Err("bidi_control")),
    ("a\u{2066}b\u{2069}", Err("bidi_control")),
    (
        "a\u{200f}b\u{200e}c\u{61c}",
        Ok("a\u{200f}b\u{200e}c\u{61c}"),
    ),
    ("שלום مرحبا", Ok("שלום مرحبا")),
    // Zero width: kept within what can be seen.
    ("a\u{200b}b", Ok("a\u{200b}b")),
    ("می\u{200c}خواهم", Ok("می\u{200c}خواهم")),
    ("👩\u{200d}🚀", Ok("👩\u{200d}🚀")),
    ("a\u{2060}\u{feff}b", Ok("a\u{2060}\u{feff}b")),
    // Confusables are other letters.
    ("аdmіn", Ok("аdmіn")),
    ("ⅼ1I|", Ok("ⅼ1I|")),
    ("ａｄｍｉｎ", Ok("ａｄｍｉｎ")),
    // Normalised: one form of each.
    ("e\u{301}", Ok("\u{e9}")),
    ("\u{212b}", Ok("\u{c5}")),
    ("\u{1100}\u{1161}\u{11a8}", Ok("\u{ac01}")),
    ("\u{2126}", Ok("\u{3a9}")),
    // Controls, separators and what is no character.
    ("a\u{0}b", Err("control_character")),
    ("a\u{7}b", Err("control_character")),
    ("a\u{1b}[31mb", Err("control_character")),
    ("a\u{7f}b", Err("control_character")),
    ("a\u{85}b", Err("control_character")),
    ("a\u{2028}b", Err("control_character")),
    ("a\u{2029}b", Err("control_character")),
    ("a\u{fffe}b", Err("control_character")),
    ("a\u{1ffff}b", Err("control_character")),
    ("a\u{fdd0}b", Err("control_character")),
    ("a\u{fff9}b", Err("control_character")),
    // Beyond the basic plane, private, unassigned, and what replaces what was lost.
    ("\u{10fffd}\u{e000}", Ok("\u{10fffd}\u{e000}")),
    ("\u{378}", Ok("\u{378}")),
    ("\u{fffd}", Ok("\u{fffd}")),
    ("𝕬𠜎🀄", Ok("𝕬𠜎🀄")),
    (
        "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
        Ok("🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}"),
    ),
    ("❤\u{fe0f}", Ok("❤\u{fe0f}")),
    // Languages of machines.
    (
        "'; DROP TABLE user_profiles; --",
        Ok("'; DROP TABLE user_profiles; --"),
    ),
    ("\\' OR 1=1 #", Ok("\\' OR 1=1 #")),
    ("<script>alert(1)</script>", Ok("<script>alert(1)</script>")),
    ("{{7*7}} ${7*7} %s %n", Ok("{{7*7}} ${7*7} %s %n")),
    (
        "%00 %c0%ae ../../etc/passwd",
        Ok("%00 %c0%ae ../../etc/passwd"),
    ),
    ("NULL", Ok("NULL")),
    ("%_\\", Ok("%_\\")),
];

/// What nobody could see.
const BLANK: &[&str] = &[
    "",
    " ",
    "\u{200b}",
    "\u{2060}\u{feff}",
    "\u{3164}",
    "\u{2800}",
    "\u{301}",
    "\u{ad}",
    "\u{115f}",
    "\u{e0041}",
    "\u{a0}\u{3000}",
];

async fn kept(app: &App, ana: &Person, field: &str, text: &str) -> Result<Value, Value> {
    let body = json!({ field: text });
    let patch = app.patch(&ana.path()).token(&ana.token).json(&body).await;
    match patch.status {
        200 => {
            let read = app.read(&ana.path(), ana).await;
            assert_eq!(patch.json()[field], read[field], "{field} {text:?}");
            Ok(read[field].clone())
        }
        _ => Err(patch.problem(422)["errors"][0]["code"].clone()),
    }
}

pub(crate) async fn texts_are_kept_or_refused_alike(app: App) {
    let ana = app.person("Ana").await;
    for field in ["display_name", "location", "bio"] {
        for (text, expected) in LINES {
            let expected = expected.map(Value::from).map_err(Value::from);
            assert_eq!(
                kept(&app, &ana, field, text).await,
                expected,
                "{field} {text:?}"
            );
        }
    }
    for text in BLANK {
        let refused = kept(&app, &ana, "display_name", text).await;
        assert_eq!(refused, Err("blank".into()), "{text:?}");
    }
    assert_eq!(
        kept(&app, &ana, "bio", "a\r\nb\n\tc").await,
        Ok("a\nb\n\tc".into())
    );
}

/// Lengths are counted in characters after normalisation, whatever they take.
pub(crate) async fn floods_end_at_the_same_length(app: App) {
    let ana = app.person("Ana").await;
    for (field, most) in [("display_name", 100), ("location", 100), ("bio", 500)] {
        for letter in ["x", "\u{e9}", "👩", "\u{10fffd}", "\u{fdfa}"] {
            let fits = letter.repeat(most);
            let found = kept(&app, &ana, field, &fits).await;
            assert_eq!(found, Ok(fits.clone().into()), "{field} {letter:?}");
            let over = kept(&app, &ana, field, &format!("{fits}{letter}")).await;
            assert_eq!(over, Err("too_long".into()), "{field} {letter:?}");
        }
        // A letter beneath marks that compose with nothing.
        let flood = format!("a{}", "\u{334}".repeat(most - 1));
        assert_eq!(
            kept(&app, &ana, field, &flood).await,
            Ok(flood.clone().into())
        );
        let over = kept(&app, &ana, field, &format!("{flood}\u{334}")).await;
        assert_eq!(over, Err("too_long".into()), "{field}");
        // Two that become one count as one.
        let pairs = "e\u{301}".repeat(most);
        assert_eq!(
            kept(&app, &ana, field, &pairs).await,
            Ok("\u{e9}".repeat(most).into())
        );
        let over = kept(&app, &ana, field, &"x".repeat(60_000)).await;
        assert_eq!(over, Err("too_long".into()), "{field}");
    }
    // Found all the same, and nothing else is.
    let search = async |q: &str| {
        let path = format!("{USERS}/search?q={q}");
        app.read(&path, &ana).await["items"]
            .as_array()
            .unwrap()
            .len()
    };
    kept(&app, &ana, "display_name", "z\u{334}\u{335}\u{336}algo")
        .await
        .unwrap();
    assert_eq!(search("zalgo").await, 1);
    assert_eq!(search("%25%25").await, 0);
}

/// What is no text at all never becomes one.
pub(crate) async fn what_is_no_text_is_refused(app: App) {
    let ana = app.person("Ana").await;
    let patch = async |body: &[u8]| {
        let patch = app.patch(&ana.path()).token(&ana.token);
        patch.raw("application/json", body).await.status
    };
    // Halves of pairs, in escapes; bytes that are no UTF-8: cut off, overlong, a surrogate, past the end.
    for body in [
        &br#"{"bio":"\ud800"}"#[..],
        br#"{"bio":"\udc00\ud800"}"#,
        br#"{"bio":"\ud83d x"}"#,
        br#"{"\ud800":"x"}"#,
        b"{\"bio\":\"\xc3\"}",
        b"{\"bio\":\"\xc0\xae\"}",
        b"{\"bio\":\"\xed\xa0\x80\"}",
        b"{\"bio\":\"\xf4\x90\x80\x80\"}",
        b"{\"bio\":\"\xff\xfe\"}",
        b"\xef\xbb\xbf{\"bio\":\"x\"}",
        b"{\"bio\":\"a\nb\"}",
    ] {
        assert_eq!(patch(body).await, 400, "{}", String::from_utf8_lossy(body));
    }
    assert_eq!(patch(br#"{"bio":"\ud83d\ude00"}"#).await, 200);
    assert_eq!(app.read(&ana.path(), &ana).await["bio"], "😀");
}

/// Settings are kept as they are, in names and values, but for what no engine can keep.
pub(crate) async fn settings_hold_any_text(app: App) {
    let ana = app.person("Ana").await;
    let path = ana.preferences();
    let texts = LINES
        .iter()
        .map(|(text, _)| *text)
        .chain(BLANK.iter().copied());
    for text in texts {
        let body = json!({ "custom_settings": { text: { "k": text } } });
        let changed = app.patch(&path).token(&ana.token).json(&body).await;
        if text.contains('\0') {
            assert_eq!(
                changed.problem(422)["errors"][0]["code"],
                "control_character"
            );
            continue;
        }
        assert_eq!(changed.status, 200, "{text:?}: {}", changed.text());
        let read = app.read(&path, &ana).await;
        assert_eq!(read["custom_settings"][text]["k"], text, "{text:?}");
    }
}

/// Devices are named by the same rules as people.
pub(crate) async fn devices_are_named_alike(app: App) {
    let ana = app.person("Ana").await;
    let admin = app.admin();
    for (n, (text, expected)) in LINES.iter().enumerate() {
        let body = json!({ "session_token": format!("t{n}"), "device_name": text });
        let start = app.post(&ana.sessions()).token(&admin.token).json(&body);
        let reply = start.await;
        match expected {
            Ok(kept) => {
                let started = reply.is(201).json();
                assert_eq!(started["device_name"], *kept, "{text:?}");
            }
            Err(code) => assert_eq!(reply.problem(422)["errors"][0]["code"], *code, "{text:?}"),
        }
    }
}
