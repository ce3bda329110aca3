//! `man`: the manual, made of the declaration of the command line.

use std::io;
use std::path::Path;

use anyhow::Context;
use clap::{Command, CommandFactory};
use clap_mangen::Man;

use crate::cli::{Cli, ManArgs};
use crate::exit::Exit;
use crate::output::say;

/// The longest line that `mandoc -T lint` does not complain of, in bytes.
const WIDTH: usize = 80;

pub(crate) fn run(args: ManArgs) -> anyhow::Result<Exit> {
    let date = args.date.map(|date| date.to_string()).unwrap_or_default();
    let mut program = Cli::command().disable_help_subcommand(true);
    program.build();
    if let Some(directory) = &args.to {
        std::fs::create_dir_all(directory)
            .and_then(|()| write_pages(program, directory, &date))
            .with_context(|| format!("the manual cannot be written to {}", directory.display()))?;
    } else {
        say(&text(&page(program, &date))?);
    }
    Ok(Exit::Ok)
}

/// Those of the verbs first, then that of the command itself.
fn write_pages(command: Command, directory: &Path, date: &str) -> io::Result<()> {
    for verb in command.get_subcommands() {
        write_pages(verb.clone(), directory, date)?;
    }
    let page = page(command, date);
    std::fs::write(directory.join(page.get_filename()), text(&page)?)
}

fn page(command: Command, date: &str) -> Man {
    let name = command.get_display_name().unwrap_or(command.get_name());
    let title = name.to_uppercase();
    Man::new(command)
        .title(title)
        .date(date)
        .manual("Gravity User Service")
}

/// The page, without what `mandoc -T lint` complains of in what `clap_mangen` writes.
fn text(page: &Man) -> io::Result<String> {
    let mut rendered = Vec::new();
    page.render(&mut rendered)?;
    let rendered = String::from_utf8_lossy(&rendered).replace(".br\n\n.br\n", ".sp\n");
    Ok(rendered.lines().map(wrapped).collect())
}

/// A line of text as some short ones; a request stays as it is.
fn wrapped(line: &str) -> String {
    let mut lines = String::new();
    let mut length = 0;
    for word in line.split(' ').filter(|word| !word.is_empty()) {
        // At the begin of a line these would make a request of it.
        let may_begin = !line.starts_with('.') && !word.starts_with(['.', '\'']);
        if length > 0 && length + 1 + word.len() > WIDTH && may_begin {
            lines.push('\n');
            length = 0;
        } else if length > 0 {
            lines.push(' ');
            length += 1;
        }
        lines.push_str(word);
        length += word.len();
    }
    lines.push('\n');
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_wrapped_and_requests_are_not() {
        let long = "word ".repeat(40);
        let wrapped_text = wrapped(&long);
        assert!(wrapped_text.lines().count() > 1);
        assert!(
            wrapped_text
                .lines()
                .all(|it| it.len() <= WIDTH && !it.ends_with(' '))
        );
        assert_eq!(wrapped_text.split_whitespace().count(), 40);
        let request = format!(".TH {}", long.trim_end());
        assert_eq!(wrapped(&request), format!("{request}\n"));
    }

    #[test]
    fn no_line_of_text_becomes_a_request() {
        let text = format!("{} .env 'x' and more", "a".repeat(79));
        assert!(
            wrapped(&text)
                .lines()
                .all(|it| !it.starts_with(['.', '\'']))
        );
    }
}
