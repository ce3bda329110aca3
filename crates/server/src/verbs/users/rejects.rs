//! The file of what was rejected, and why.

use std::io::SeekFrom;
use std::path::Path;

use anyhow::Context;
use serde_json::{Value, json};
use tokio::fs::{File, OpenOptions};
use tokio::io::{AsyncSeekExt, AsyncWriteExt};
use user_service_domain::bulk::MemberFault;

use super::private_file;
use crate::output::complain;

/// How many are told of on standard error.
const TOLD: u64 = 5;

/// Where rejects are written, if anywhere. On standard error only lines and codes are told: what a line says is somebody's.
pub(super) struct Rejects {
    file: Option<File>,
    buffer: Vec<u8>,
    bytes: u64,
    told: u64,
}

impl Rejects {
    /// To this file, from its start, or past so many bytes that were written before.
    pub(super) async fn open(path: Option<&Path>, resumed_at: Option<u64>) -> anyhow::Result<Self> {
        let file = match (path, resumed_at) {
            (None, _) => None,
            (Some(path), None) => Some(private_file::open(path, false).await?),
            (Some(path), Some(bytes)) => {
                let open = OpenOptions::new().write(true).open(path).await;
                let cannot =
                    || format!("{} of the first attempt cannot be written", path.display());
                let mut file = open.with_context(cannot)?;
                file.set_len(bytes).await.with_context(cannot)?;
                file.seek(SeekFrom::End(0)).await.with_context(cannot)?;
                Some(file)
            }
        };
        Ok(Self {
            file,
            buffer: Vec::new(),
            bytes: resumed_at.unwrap_or_default(),
            told: 0,
        })
    }

    /// A line was rejected.
    pub(super) fn line(&mut self, line: u64, faults: &[MemberFault]) {
        self.add(json!({ "line": line, "errors": errors(faults) }));
        if self.told < TOLD {
            let codes: Vec<_> = faults
                .iter()
                .map(|fault| fault.fault.code.as_str())
                .collect();
            complain(&format!("line {line} is rejected: {}", codes.join(", ")));
        } else if self.told == TOLD {
            complain("more lines are rejected; --rejects FILE has all of them");
        }
        self.told += 1;
    }

    /// Something is to be told of in the file alone.
    pub(super) fn add(&mut self, what: Value) {
        if self.file.is_some() {
            self.buffer.extend_from_slice(what.to_string().as_bytes());
            self.buffer.push(b'\n');
        }
    }

    /// Writes what was added; answers how many bytes the file has.
    pub(super) async fn flush(&mut self) -> anyhow::Result<u64> {
        if let Some(file) = &mut self.file {
            file.write_all(&self.buffer).await?;
            file.flush().await?;
            self.bytes += u64::try_from(self.buffer.len()).unwrap_or_default();
            self.buffer.clear();
        }
        Ok(self.bytes)
    }
}

/// Faults as problem documents have them.
pub(super) fn errors(faults: &[MemberFault]) -> Vec<Value> {
    let error = |MemberFault { pointer, fault }: &MemberFault| json!({ "pointer": pointer, "code": fault.code.as_str(), "message": fault.message });
    faults.iter().map(error).collect()
}
