//! `users export`

use std::os::fd::AsFd;
use std::path::PathBuf;

use sha2::{Digest, Sha256};
use tokio::fs::File;
use tokio::io::AsyncWriteExt;
use user_service_bulk_files::{UserWriter, hex};
use user_service_domain::ids::ProfileId;
use user_service_domain::profile::{Counted, ProfileFilter};
use user_service_domain::store::Store;

use super::interrupt::Interrupt;
use super::progress::Progress;
use super::{format, is_standard, private_file};
use crate::cli::ExportArgs;
use crate::config::{Config, Purpose, Sources};
use crate::exit::Exit;
use crate::output::complain;
use crate::wiring;

/// How many users one statement reads.
const PAGE: u32 = 1000;

pub(super) async fn run(file: Option<PathBuf>, args: ExportArgs) -> anyhow::Result<Exit> {
    let writer = UserWriter::new(format(args.format.as_deref(), &args.file)?);
    let config = Config::load(&Sources::from_process(file, Vec::new()), Purpose::Database)?;
    let store = wiring::open_store(&config).await?;
    let interrupt = Interrupt::listen()?;
    let mut out = if is_standard(&args.file) {
        standard_output()?
    } else {
        private_file::open(&args.file, args.after.is_some()).await?
    };
    let total = total(&*store, args.no_progress).await?;
    let progress = Progress::of_users(total, args.no_progress);
    let mut hash = Sha256::new();
    let mut users = 0;
    let mut after = args.after.map(ProfileId::new);
    if after.is_none() {
        let header = writer.header();
        hash.update(&header);
        out.write_all(&header).await?;
    }
    while !interrupt.came() {
        let page = store.profiles().accounts_after(after, PAGE).await?;
        let Some(last) = page.last() else {
            break;
        };
        after = Some(last.profile.id);
        let lines = writer.write(&page);
        hash.update(&lines);
        out.write_all(&lines).await?;
        users += u64::try_from(page.len()).unwrap_or_default();
        progress.at(users);
    }
    out.flush().await?;
    progress.done();
    if interrupt.came() {
        let last = after.map(|last| format!("; go on with --after {last}"));
        complain(&format!(
            "interrupted after {users} users{}",
            last.unwrap_or_default()
        ));
        return Ok(Exit::Interrupted);
    }
    let digest = hex(&hash.finalize());
    complain(&format!("exported: {users}\nsha256: {digest}"));
    Ok(Exit::Ok)
}

/// Standard output as a file, so that whoever reads slowly holds up no other task.
fn standard_output() -> std::io::Result<File> {
    let output = std::io::stdout().as_fd().try_clone_to_owned()?;
    Ok(File::from_std(output.into()))
}

/// How many users there are, where somebody wants to see how far it is.
async fn total(store: &dyn Store, hide: bool) -> anyhow::Result<Option<u64>> {
    if !Progress::is_watched(hide) {
        return Ok(None);
    }
    let all = ProfileFilter::default();
    let counted = store.profiles().count(&all, u32::MAX.into()).await?;
    Ok(Some(match counted {
        Counted::Exactly(total) | Counted::AtLeast(total) => total,
    }))
}
