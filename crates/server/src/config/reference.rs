//! Every setting as a page of documentation.

use std::fmt::Write;

use super::settings::{SETTINGS, Setting};

const HEAD: &str = "# Configuration

<!-- Written by `user-service config reference`; change crates/server/src/config/settings.rs instead. -->

Every setting there is. Each can be given, a later source before an earlier one, in the TOML file that `--config` names, in
`.env`, in the environment, and some as flags of `serve`. `NAME_FILE` names a file that holds the setting `NAME`: for secrets.
[OPERATIONS.md](OPERATIONS.md#configuration) tells more, and [.env.example](../.env.example) is a file to begin with.

`user-service config check` names every fault of a configuration, and `user-service config show` where each value comes from. A
setting takes effect at the next start, unless it says otherwise.

";

/// Every setting, in Markdown.
pub(crate) fn reference() -> String {
    let mut page = HEAD.to_owned();
    // Writing to a String cannot fail.
    for group in SETTINGS.chunk_by(|one, next| one.group == next.group) {
        let names = group.iter().map(|setting| {
            let name = setting.name;
            format!("[{name}](#{})", name.to_ascii_lowercase())
        });
        let names: Vec<_> = names.collect();
        let _ = writeln!(page, "- {}: {}", heading(group), names.join(", "));
    }
    for group in SETTINGS.chunk_by(|one, next| one.group == next.group) {
        let _ = writeln!(page, "\n## {}", heading(group));
        for setting in group {
            describe(setting, &mut page);
        }
    }
    page
}

fn heading(group: &[Setting]) -> &'static str {
    group.first().map_or("", |setting| setting.group)
}

fn describe(setting: &Setting, page: &mut String) {
    let form = match setting.unit {
        Some(unit) => format!("{}, {unit}", capital(setting.form)),
        None => capital(setting.form),
    };
    let default = match setting.default {
        None => "not set".to_owned(),
        Some("") => "empty".to_owned(),
        Some(default) => format!("`{default}`"),
    };
    let marks = [
        (setting.secret, " A secret: it is never shown."),
        (setting.reloaded, " Read anew at `SIGHUP`."),
    ];
    let marks = marks.iter().filter(|(is, _)| *is).map(|(_, told)| *told);
    let _ = write!(
        page,
        "\n### {}\n\n{form}; default: {default}.{}\n\n{}\n",
        setting.name,
        marks.collect::<String>(),
        linked(setting.doc)
    );
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_ascii_uppercase())
        .into_iter()
        .chain(letters)
        .collect()
}

/// A documentation in one line, whose mentions of pages lead there from a page beside them.
fn linked(doc: &str) -> String {
    let words = doc.split_whitespace().map(|word| {
        let bare = word.trim_matches(['`', ';', ',', '.', '(', ')']);
        match bare.strip_prefix("docs/") {
            Some(page) => word
                .replace('`', "")
                .replace(bare, &format!("[{page}]({page})")),
            None => word.to_owned(),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_heading_comes_once() {
        let groups = SETTINGS.chunk_by(|one, next| one.group == next.group);
        let headings: Vec<_> = groups.map(heading).collect();
        let different: HashSet<_> = headings.iter().collect();
        assert_eq!(different.len(), headings.len(), "{headings:?}");
    }

    #[test]
    fn mentions_of_pages_become_links() {
        assert_eq!(
            linked(" for more; see\n docs/A.md. Or `docs/B.md`"),
            "for more; see [A.md](A.md). Or [B.md](B.md)"
        );
    }
}
