//! Writes accounts.

use csv::WriterBuilder;
use user_service_domain::bulk::StoredAccount;

use crate::csv_cells::{COLUMNS, Column, cells};
use crate::{Format, json};

/// Writes accounts in a format. The same accounts give the same bytes.
#[derive(Clone, Copy, Debug)]
pub struct UserWriter(Format);

impl UserWriter {
    /// In this format.
    pub const fn new(format: Format) -> Self {
        Self(format)
    }

    /// What stands before all accounts; empty for NDJSON.
    pub fn header(self) -> Vec<u8> {
        match self.0 {
            Format::Ndjson => Vec::new(),
            Format::Csv => rows([COLUMNS.iter().map(Column::title)]),
        }
    }

    /// The lines of these accounts.
    pub fn write(self, accounts: &[StoredAccount]) -> Vec<u8> {
        match self.0 {
            Format::Ndjson => {
                let mut lines = Vec::with_capacity(accounts.len() * 1024);
                for account in accounts {
                    json::write(account, &mut lines);
                }
                lines
            }
            Format::Csv => rows(accounts.iter().map(cells)),
        }
    }
}

fn rows<R: Iterator<Item = String>>(rows: impl IntoIterator<Item = R>) -> Vec<u8> {
    let mut writer = WriterBuilder::new().from_writer(Vec::new());
    for row in rows {
        // Writing to memory cannot fail, and all rows have as many cells.
        writer.write_record(row).ok();
    }
    writer.into_inner().unwrap_or_default()
}
