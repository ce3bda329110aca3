//! What was found, and how it is told.

use std::fmt::Write as _;

use serde_json::json;

use crate::exit::Exit;

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    /// As it should be.
    Good,
    /// Not looked at, for it is not used or something before it is not well.
    Skipped,
    /// The service works, but not as well or as safely as it could.
    Warning,
    /// The service cannot work; how the program ends for it.
    Failed(Exit),
}

impl Status {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Skipped => "skipped",
            Self::Warning => "warning",
            Self::Failed(_) => "failed",
        }
    }
}

/// What one check found. No text holds a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    check: &'static str,
    status: Status,
    detail: String,
    /// What to do about it.
    fix: Option<String>,
}

impl Finding {
    pub(super) fn good(check: &'static str, detail: impl Into<String>) -> Self {
        Self {
            check,
            status: Status::Good,
            detail: detail.into(),
            fix: None,
        }
    }

    pub(super) fn skipped(check: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status: Status::Skipped,
            ..Self::good(check, detail)
        }
    }

    pub(super) fn warning(
        check: &'static str,
        detail: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self {
            status: Status::Warning,
            fix: Some(fix.into()),
            ..Self::good(check, detail)
        }
    }

    pub(super) fn failed(
        check: &'static str,
        exit: Exit,
        detail: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self {
            status: Status::Failed(exit),
            fix: Some(fix.into()),
            ..Self::good(check, detail)
        }
    }
}

/// How the program ends: as the finding asks for that has to be put right first.
pub(super) fn exit_of(findings: &[Finding]) -> Exit {
    let asked: Vec<Exit> = findings
        .iter()
        .filter_map(|finding| match finding.status {
            Status::Failed(exit) => Some(exit),
            Status::Warning => Some(Exit::Failure),
            Status::Good | Status::Skipped => None,
        })
        .collect();
    [
        Exit::Config,
        Exit::Unavailable,
        Exit::MigrationsPending,
        Exit::Failure,
    ]
    .into_iter()
    .find(|exit| asked.contains(exit))
    .unwrap_or(Exit::Ok)
}

/// A table: a line for each finding, and one below it for what to do.
pub(super) fn for_people(findings: &[Finding]) -> String {
    let width = |text: fn(&Finding) -> &str| {
        let widths = findings.iter().map(|finding| text(finding).len());
        widths.max().unwrap_or_default()
    };
    let status = width(|finding| finding.status.as_str());
    let check = width(|finding| finding.check);
    let mut text = String::new();
    for finding in findings {
        let _ = writeln!(
            text,
            "{:<status$}  {:<check$}  {}",
            finding.status.as_str(),
            finding.check,
            finding.detail
        );
        if let Some(fix) = &finding.fix {
            let _ = writeln!(text, "{:<status$}  {:<check$}  -> {fix}", "", "");
        }
    }
    text
}

/// The same as JSON.
pub(super) fn for_programs(findings: &[Finding], exit: Exit) -> String {
    let checks: Vec<_> = findings
        .iter()
        .map(|finding| {
            json!({
                "check": finding.check,
                "status": finding.status.as_str(),
                "detail": finding.detail,
                "fix": finding.fix,
            })
        })
        .collect();
    let status = match exit {
        Exit::Ok => "ok",
        Exit::Failure => "warning",
        _ => "failed",
    };
    json!({ "status": status, "exit_code": exit as u8, "checks": checks }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_to_be_put_right_first_decides() {
        let good = Finding::good("a", "b");
        let warning = Finding::warning("a", "b", "c");
        let failed = |exit| Finding::failed("a", exit, "b", "c");
        let skipped = Finding::skipped("a", "b");
        let pending = failed(Exit::MigrationsPending);
        let away = failed(Exit::Unavailable);
        let config = failed(Exit::Config);
        for (findings, exit) in [
            (vec![], Exit::Ok),
            (vec![good.clone(), skipped], Exit::Ok),
            (vec![good, warning.clone()], Exit::Failure),
            (vec![warning, pending.clone()], Exit::MigrationsPending),
            (vec![pending.clone(), away.clone()], Exit::Unavailable),
            (vec![pending, config, away], Exit::Config),
        ] {
            assert_eq!(exit_of(&findings), exit, "{findings:?}");
        }
    }
}
