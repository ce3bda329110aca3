//! Users as rows of cells: which columns there are, and what is in them.
//!
//! A cell is empty for null. A text that is empty, that begins with a backslash, or that a spreadsheet would take for a
//! formula (CWE-1236) has a backslash before it, which is no part of it.

use csv::ByteRecord;
use serde_json::{Map, Value};
use user_service_domain::bulk::{MemberFault, StoredAccount};
use user_service_domain::fault::{Fault, FaultCode};

use crate::json::Line;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// What people write.
    Text,
    /// What never begins with anything special: ids, times, choices, numbers of telephones.
    Plain,
    /// `true` or `false`.
    Boolean,
    /// JSON.
    Json,
}

/// A column: a member of a user, or of an object in it.
pub(crate) struct Column {
    within: &'static str,
    name: &'static str,
    kind: Kind,
    nullable: bool,
}

const fn column(within: &'static str, name: &'static str, kind: Kind, nullable: bool) -> Column {
    Column {
        within,
        name,
        kind,
        nullable,
    }
}

const AVATAR: &str = "avatar";
const PREFERENCES: &str = "preferences";

/// Every column, in the order in which they are written.
pub(crate) const COLUMNS: [Column; 31] = [
    column("", "id", Kind::Plain, false),
    column("", "user_id", Kind::Plain, false),
    column("", "display_name", Kind::Text, false),
    column("", "bio", Kind::Text, true),
    column(AVATAR, "id", Kind::Plain, false),
    column(AVATAR, "digest", Kind::Plain, false),
    column(AVATAR, "fallback", Kind::Plain, false),
    column(AVATAR, "thumbhash", Kind::Text, false),
    column("", "avatar_url", Kind::Text, true),
    column("", "location", Kind::Text, true),
    column("", "website", Kind::Text, true),
    column("", "phone_number", Kind::Plain, true),
    column("", "is_verified", Kind::Boolean, false),
    column("", "is_active", Kind::Boolean, false),
    column("", "created_at", Kind::Plain, false),
    column("", "updated_at", Kind::Plain, false),
    column("", "last_login_at", Kind::Plain, true),
    column(PREFERENCES, "id", Kind::Plain, false),
    column(PREFERENCES, "language", Kind::Plain, false),
    column(PREFERENCES, "timezone", Kind::Plain, false),
    column(PREFERENCES, "theme", Kind::Plain, false),
    column(PREFERENCES, "date_format", Kind::Plain, false),
    column(PREFERENCES, "time_format", Kind::Plain, false),
    column(PREFERENCES, "email_notifications", Kind::Boolean, false),
    column(PREFERENCES, "push_notifications", Kind::Boolean, false),
    column(PREFERENCES, "sms_notifications", Kind::Boolean, false),
    column(PREFERENCES, "newsletter", Kind::Boolean, false),
    column(PREFERENCES, "marketing", Kind::Boolean, false),
    column(PREFERENCES, "custom_settings", Kind::Json, true),
    column(PREFERENCES, "created_at", Kind::Plain, false),
    column(PREFERENCES, "updated_at", Kind::Plain, false),
];

impl Column {
    /// As the header names it: `user_id`, `preferences.theme`.
    pub(crate) fn title(&self) -> String {
        match self.within {
            "" => self.name.to_owned(),
            within => format!("{within}.{}", self.name),
        }
    }

    fn pointer(&self) -> String {
        match self.within {
            "" => format!("/{}", self.name),
            within => format!("/{within}/{}", self.name),
        }
    }

    fn cell(&self, value: &Value) -> String {
        match value {
            Value::Null => String::new(),
            Value::String(text) if self.kind == Kind::Text => guarded(text),
            Value::String(text) => text.clone(),
            value => value.to_string(),
        }
    }

    /// `None` where the cell says nothing.
    fn value(&self, cell: &str) -> Option<Value> {
        if cell.is_empty() {
            return self.nullable.then_some(Value::Null);
        }
        // What is none of its kind stays a text, and is a fault as such.
        let text = || Value::from(cell.strip_prefix('\\').unwrap_or(cell));
        Some(match self.kind {
            Kind::Boolean if cell.eq_ignore_ascii_case("true") => Value::Bool(true),
            Kind::Boolean if cell.eq_ignore_ascii_case("false") => Value::Bool(false),
            Kind::Text | Kind::Plain | Kind::Boolean => text(),
            Kind::Json => serde_json::from_str(cell).unwrap_or_else(|_| text()),
        })
    }
}

fn guarded(text: &str) -> String {
    if text.is_empty() || text.starts_with(['\\', '=', '+', '-', '@', '\t', '\r']) {
        format!("\\{text}")
    } else {
        text.to_owned()
    }
}

/// The cells of an account, one for each of [`COLUMNS`].
pub(crate) fn cells(account: &StoredAccount) -> impl Iterator<Item = String> {
    // Turning what is in memory into JSON cannot fail.
    let line = serde_json::to_value(Line::of(account)).unwrap_or_default();
    COLUMNS.iter().map(move |column| {
        let object = match column.within {
            "" => Some(&line),
            within => line.get(within),
        };
        let value = object.and_then(|object| object.get(column.name));
        column.cell(value.unwrap_or(&Value::Null))
    })
}

/// The user that a row tells of as an object, where its columns are those of the header.
pub(crate) fn object(
    header: &[&'static Column],
    row: &ByteRecord,
) -> Result<Map<String, Value>, Vec<MemberFault>> {
    if row.len() != header.len() {
        let message = format!("must have {} cells, as the header has", header.len());
        let fault = Fault::new(FaultCode::WrongNumberOfCells, message);
        return Err(vec![MemberFault::new("", fault)]);
    }
    let mut faults = Vec::new();
    let mut user = Map::new();
    let mut parts = [(AVATAR, Part::default()), (PREFERENCES, Part::default())];
    for (column, cell) in header.iter().zip(row) {
        let Ok(cell) = std::str::from_utf8(cell) else {
            let fault = Fault::new(FaultCode::NotUtf8, "must be in UTF-8");
            faults.push(MemberFault::new(column.pointer(), fault));
            continue;
        };
        let part = parts
            .iter_mut()
            .find(|(within, _)| *within == column.within);
        if let Some((_, part)) = part {
            part.is_there = true;
            part.says |= !cell.is_empty();
            part.members.extend(
                column
                    .value(cell)
                    .map(|value| (column.name.to_owned(), value)),
            );
        } else if let Some(value) = column.value(cell) {
            user.insert(column.name.to_owned(), value);
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    for (within, part) in parts {
        if part.says {
            user.insert(within.to_owned(), Value::Object(part.members));
        } else if part.is_there && within == AVATAR {
            user.insert(within.to_owned(), Value::Null);
        }
    }
    Ok(user)
}

/// The cells of an object in the user.
#[derive(Default)]
struct Part {
    /// It has columns.
    is_there: bool,
    /// One of them is not empty.
    says: bool,
    members: Map<String, Value>,
}
