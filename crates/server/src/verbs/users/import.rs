//! `users import`

use std::path::PathBuf;
use std::sync::Arc;

use user_service_adapters_local::{SystemClock, UuidV7};
use user_service_application::bulk::{How, ImportUsers, Outcome};
use user_service_bulk_files::Entry;

use super::checkpoint::{Checkpoint, CheckpointError, CheckpointFile};
use super::input::Input;
use super::interrupt::Interrupt;
use super::progress::Progress;
use super::rejects::Rejects;
use super::tally::Tally;
use super::{format, is_standard};
use crate::cli::ImportArgs;
use crate::config::{Config, Purpose, Sources};
use crate::exit::Exit;
use crate::output::{complain, say};
use crate::{verbs, wiring};

pub(super) async fn run(file: Option<PathBuf>, args: ImportArgs) -> anyhow::Result<Exit> {
    let path = args.file.unwrap_or_else(|| PathBuf::from("-"));
    let format = format(args.format.as_deref(), &path)?;
    let config = Config::load(&Sources::from_process(file, Vec::new()), Purpose::Database)?;
    wiring::check_engine(&config.database_url)?;
    let mut interrupt = Interrupt::listen()?;
    let checkpoints = match &args.checkpoint {
        None if args.dry_run || is_standard(&path) => None,
        said => Some(CheckpointFile::of(said.as_deref(), &path)),
    };
    let begun = match (&checkpoints, args.resume) {
        (None, true) => return Err(CheckpointError::Nowhere.into()),
        (Some(checkpoints), true) => checkpoints.read().await?,
        (Some(checkpoints), false) => {
            checkpoints.must_be_new().await?;
            None
        }
        (None, false) => None,
    };
    if let Some(begun) = &begun {
        begun.check(format)?;
    }
    let mut input = Input::start(&path, format, begun.as_ref().map(Checkpoint::mark))?;
    verbs::serve::migrate(&config, false).await?;
    let store = wiring::open_store(&config).await?;
    let import = ImportUsers::new(store, Arc::new(SystemClock), Arc::new(UuidV7), None);
    let how = How {
        dry_run: args.dry_run,
        ..How::default()
    };
    let written = begun.as_ref().map(Checkpoint::rejects_bytes);
    let mut rejects = Rejects::open(args.rejects.as_deref(), written).await?;
    let mut tally = begun.map(|begun| begun.tally()).unwrap_or_default();
    let progress = Progress::of_bytes(input.size, args.no_progress);
    let mark = loop {
        let batch = tokio::select! {
            biased;
            () = interrupt.comes() => {
                progress.done();
                return Ok(interrupted(tally, checkpoints.is_some()));
            }
            batch = input.next() => batch?,
        };
        if batch.entries.is_empty() {
            break batch.mark;
        }
        take_in(&import, how, batch.entries, &mut tally, &mut rejects).await?;
        let rejects_bytes = rejects.flush().await?;
        progress.at(batch.mark.offset);
        progress.says(format!("{} users", tally.total()));
        if let Some(checkpoints) = &checkpoints {
            let checkpoint = Checkpoint::new(format, batch.mark, rejects_bytes, tally);
            checkpoints.write(&checkpoint).await?;
        }
    };
    progress.done();
    rejects.flush().await?;
    if let Some(checkpoints) = &checkpoints {
        checkpoints.remove().await?;
    }
    if args.dry_run {
        complain("nothing was kept: this was a dry run");
    }
    say(&format!(
        "read: {}\nsha256: {}\n{tally}",
        tally.total(),
        mark.sha256
    ));
    Ok(if tally.rejected == 0 {
        Exit::Ok
    } else {
        Exit::DataFaults
    })
}

/// Takes a batch in, in one unit of work.
async fn take_in(
    import: &ImportUsers,
    how: How,
    entries: Vec<Entry>,
    tally: &mut Tally,
    rejects: &mut Rejects,
) -> anyhow::Result<()> {
    let mut records = Vec::with_capacity(entries.len());
    let lines: Vec<(u64, Option<Outcome>)> = entries
        .into_iter()
        .map(|Entry { line, record }| match record {
            Ok(record) => {
                records.push(record);
                (line, None)
            }
            Err(faults) => (line, Some(Outcome::Rejected(faults))),
        })
        .collect();
    let mut outcomes = import.execute(&records, how).await?.into_iter();
    for (line, outcome) in lines {
        let Some(outcome) = outcome.or_else(|| outcomes.next()) else {
            continue;
        };
        tally.count(&outcome);
        if let Outcome::Rejected(faults) = &outcome {
            rejects.line(line, faults);
        }
    }
    Ok(())
}

fn interrupted(tally: Tally, may_resume: bool) -> Exit {
    let how = if may_resume {
        "; go on with --resume"
    } else {
        ""
    };
    complain(&format!("interrupted after {} lines{how}", tally.total()));
    Exit::Interrupted
}
