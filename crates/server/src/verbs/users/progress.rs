//! A bar for people who watch.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressStyle};

/// How far something is.
pub(super) struct Progress(ProgressBar);

impl Progress {
    /// Of so many bytes, where that is known; nothing is shown unless somebody watches.
    pub(super) fn of_bytes(total: Option<u64>, hide: bool) -> Self {
        let style = "{elapsed_precise} {wide_bar} {bytes}/{total_bytes} ({bytes_per_sec}, {eta} left) {msg}";
        Self::new(total, hide, style)
    }

    /// Of so many users, where that is known.
    pub(super) fn of_users(total: Option<u64>, hide: bool) -> Self {
        let style =
            "{elapsed_precise} {wide_bar} {human_pos}/{human_len} ({per_sec}, {eta} left) {msg}";
        Self::new(total, hide, style)
    }

    /// Whether anybody watches.
    pub(super) fn is_watched(hide: bool) -> bool {
        !hide && std::io::stderr().is_terminal()
    }

    fn new(total: Option<u64>, hide: bool, style: &str) -> Self {
        if !Self::is_watched(hide) {
            return Self(ProgressBar::hidden());
        }
        let style = if total.is_some() {
            ProgressStyle::with_template(style)
        } else {
            ProgressStyle::with_template("{elapsed_precise} {spinner} {human_pos} {msg}")
        };
        let bar = total.map_or_else(ProgressBar::no_length, ProgressBar::new);
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self(bar)
    }

    /// It is there now.
    pub(super) fn at(&self, position: u64) {
        self.0.set_position(position);
    }

    /// With a word about it.
    pub(super) fn says(&self, text: String) {
        self.0.set_message(text);
    }

    /// Takes the bar away.
    pub(super) fn done(&self) {
        self.0.finish_and_clear();
    }
}
