//! What is written is read back, whole or in two goes; what cannot be read is named.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use user_service_bulk_files::{Entry, Format, MAX_LINE, ReadError, UserReader, UserWriter, hex};
use user_service_domain::avatar::{Avatar, AvatarDigest, PictureFormat, Thumbhash};
use user_service_domain::bulk::{StoredAccount, UserRecord};
use user_service_domain::ids::AvatarId;
use user_service_domain::preferences::CustomSettings;
use user_service_domain::profile::{Bio, DisplayName, Location};
use user_service_testkit::account;

const FORMATS: [Format; 2] = [Format::Ndjson, Format::Csv];

fn file(format: Format, accounts: &[StoredAccount]) -> Vec<u8> {
    let writer = UserWriter::new(format);
    [writer.header(), writer.write(accounts)].concat()
}

fn entries(format: Format, file: &[u8]) -> Result<Vec<Entry>, ReadError> {
    let mut reader = UserReader::new(format, file);
    let mut entries = Vec::new();
    while let Some(entry) = reader.read()? {
        entries.push(entry);
    }
    Ok(entries)
}

fn records(format: Format, file: &[u8]) -> Vec<UserRecord> {
    let read = entries(format, file).unwrap();
    read.into_iter()
        .map(|entry| entry.record.unwrap())
        .collect()
}

fn codes(format: Format, file: &str) -> Vec<(u64, Vec<(String, &'static str)>)> {
    let read = entries(format, file.as_bytes()).unwrap();
    let rejected = read
        .into_iter()
        .filter_map(|entry| Some((entry.line, entry.record.err()?)));
    rejected
        .map(|(line, faults)| {
            let faults = faults.into_iter();
            (
                line,
                faults
                    .map(|fault| (fault.pointer, fault.fault.code.as_str()))
                    .collect(),
            )
        })
        .collect()
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[\\\\=+@\t\",;'\n\r -]{0,6}",
        "\\PC{0,40}",
        "[a-zé王👩\" ,]{0,12}",
        Just(String::new()),
    ]
}

fn moment() -> impl Strategy<Value = DateTime<Utc>> {
    (0..253_402_300_799_999_999_i64)
        .prop_map(|micros| DateTime::UNIX_EPOCH + TimeDelta::microseconds(micros))
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("[a\",=]{0,2}", inner, 0..3)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

prop_compose! {
    fn stored()(
        n in 0..1_000_000_u32,
        name in text(),
        bio in prop::option::of(text()),
        place in prop::option::of(text()),
        settings in prop::option::of(prop::collection::btree_map("[a-c]{0,2}", json(), 0..3)),
        times in (moment(), moment(), prop::option::of(moment())),
        avatar in any::<Option<([u8; 16], bool)>>(),
        flags in any::<[bool; 3]>(),
    ) -> StoredAccount {
        let mut account = account(n);
        let profile = &mut account.profile;
        if let Ok(name) = DisplayName::parse(&name) {
            profile.display_name = name;
        }
        profile.bio = bio.and_then(|bio| Bio::parse(&bio).ok());
        profile.location = place.and_then(|place| Location::parse(&place).ok());
        profile.avatar_url = flags[2].then(|| "https://a.example/=,\"x".replace('"', "%22"));
        profile.avatar = avatar.map(|(digest, opaque)| Avatar {
            id: AvatarId::new(profile.id.get()),
            digest: AvatarDigest(digest),
            fallback: if opaque { PictureFormat::Jpeg } else { PictureFormat::Png },
            thumbhash: Thumbhash::new("+AAA/w==".to_owned()),
        });
        (profile.created_at, profile.updated_at, profile.last_login_at) = times;
        (profile.is_active, profile.is_verified) = (flags[0], flags[1]);
        let settings = settings.map(|map| map.into_iter().collect::<Map<_, _>>());
        account.preferences.custom_settings = settings.and_then(|map| CustomSettings::parse(map).ok());
        account.preferences.marketing = flags[1];
        StoredAccount {
            profile: account.profile,
            preferences: flags[0].then_some(account.preferences),
        }
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_back_equal(accounts in prop::collection::vec(stored(), 0..8)) {
        let expected: Vec<UserRecord> = accounts.iter().map(UserRecord::whole).collect();
        for format in FORMATS {
            prop_assert_eq!(records(format, &file(format, &accounts)), expected.clone(), "{:?}", format);
        }
    }

    #[test]
    fn a_reader_goes_on_from_a_mark(accounts in prop::collection::vec(stored(), 1..8), at in 0..8_usize) {
        for format in FORMATS {
            let file = file(format, &accounts);
            let mut first = UserReader::new(format, &*file);
            for _ in 0..at.min(accounts.len()) {
                first.read().unwrap();
            }
            let mark = first.mark();
            let mut second = UserReader::new(format, &*file);
            second.skip_to(&mark).unwrap();
            loop {
                let (a, b) = (first.read().unwrap(), second.read().unwrap());
                prop_assert_eq!(a.as_ref().map(|entry| entry.line), b.as_ref().map(|entry| entry.line));
                let (a, b) = (a.map(|entry| entry.record.ok()), b.map(|entry| entry.record.ok()));
                prop_assert_eq!(&a, &b);
                if a.is_none() { break; }
            }
            let whole: String = hex(&Sha256::digest(&file));
            prop_assert_eq!(second.mark().sha256, whole);
            prop_assert_eq!(second.mark().offset, file.len() as u64);
        }
    }

    #[test]
    fn no_input_is_too_strange(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for format in FORMATS {
            drop(entries(format, &bytes));
            let header = [UserWriter::new(format).header(), bytes.clone()].concat();
            drop(entries(format, &header));
        }
    }
}

#[test]
fn another_input_is_noticed() {
    for format in FORMATS {
        let accounts: Vec<StoredAccount> = (0..3).map(|n| account(n).into()).collect();
        let file = file(format, &accounts);
        let mut reader = UserReader::new(format, &*file);
        reader.read().unwrap();
        let mark = reader.mark();
        let mut other = file.clone();
        let at = usize::try_from(mark.offset).unwrap() - 3;
        other[at] ^= 1;
        let mut short = UserReader::new(format, &file[..at]);
        assert!(matches!(short.skip_to(&mark), Err(ReadError::Changed)));
        let mut other = UserReader::new(format, &*other);
        assert!(matches!(other.skip_to(&mark), Err(ReadError::Changed)));
    }
}

#[test]
fn lines_are_numbered_as_an_editor_does() {
    let file = "\n{\"user_id\":1}\r\n\n  \n{}\n[]";
    let lines: Vec<u64> = codes(Format::Ndjson, file)
        .iter()
        .map(|(line, _)| *line)
        .collect();
    assert_eq!(lines, [2, 5, 6]);
    let file = "user_id,bio\n1,\"two\nlines\"\n2,x\n\n3,y\n";
    let lines: Vec<u64> = codes(Format::Csv, file)
        .iter()
        .map(|(line, _)| *line)
        .collect();
    assert_eq!(lines, [2, 4, 6]);
}

#[test]
fn a_byte_order_mark_is_passed_over() {
    let accounts: Vec<StoredAccount> = vec![account(1).into()];
    for format in FORMATS {
        let marked = [b"\xef\xbb\xbf".to_vec(), file(format, &accounts)].concat();
        assert_eq!(records(format, &marked).len(), 1);
    }
}

#[test]
fn a_line_that_is_too_long_is_passed_over_with_bounded_memory() {
    let id = "01900000-0000-7000-8000-000000000001";
    let long = "x".repeat(MAX_LINE * 3);
    let file = format!("{{\"user_id\":\"{id}\",\"bio\":\"{long}\"}}\n{{\"user_id\":\"{id}\"}}\n");
    let entries = entries(Format::Ndjson, file.as_bytes()).unwrap();
    assert_eq!(
        entries[0].record.as_ref().unwrap_err()[0]
            .fault
            .code
            .as_str(),
        "line_too_long"
    );
    assert_eq!(entries[1].record.as_ref().unwrap().user_id.to_string(), id);
}

#[test]
fn a_row_without_an_end_is_given_up() {
    let file = format!("user_id,bio\n1,\"{}", "x\n".repeat(MAX_LINE * 2));
    let error = entries(Format::Csv, file.as_bytes()).unwrap_err();
    assert!(matches!(error, ReadError::RowTooLong(2)), "{error:?}");
}

#[test]
fn a_header_names_known_columns_once() {
    for (file, names) in [
        ("", "there is none"),
        ("user_id,shoe_size\n", "column 2"),
        ("user_id,user_id\n", "column 2"),
        ("bio\n", "user_id"),
        ("Ana,ana@example.com\n", "column 1"),
    ] {
        let error = entries(Format::Csv, file.as_bytes())
            .unwrap_err()
            .to_string();
        assert!(error.contains(names), "{error}");
        assert!(!error.contains("Ana"), "{error}");
    }
}

#[test]
fn every_fault_of_a_row_is_named() {
    let file = "user_id,is_active,preferences.theme,preferences.custom_settings,phone_number\n\
                x,perhaps,pink,{,12\n\
                01900000-0000-7000-8000-000000000001,TRUE,,,\n\
                1,2\n";
    let expected = [
        (
            2,
            vec![
                ("/user_id".to_owned(), "not_a_uuid"),
                ("/phone_number".to_owned(), "not_a_phone_number"),
                ("/is_active".to_owned(), "not_a_boolean"),
                ("/preferences/theme".to_owned(), "not_a_choice"),
                ("/preferences/custom_settings".to_owned(), "not_an_object"),
            ],
        ),
        (4, vec![(String::new(), "wrong_number_of_cells")]),
    ];
    assert_eq!(codes(Format::Csv, file), expected);
    let bad = b"user_id,bio\n1,\xff\n";
    let entries = entries(Format::Csv, bad).unwrap();
    let faults = entries[0].record.as_ref().unwrap_err();
    assert_eq!(
        (faults[0].pointer.as_str(), faults[0].fault.code.as_str()),
        ("/bio", "not_utf_8")
    );
}

#[test]
fn what_a_spreadsheet_would_run_is_guarded() {
    let mut account = account(1);
    account.profile.display_name = DisplayName::parse("=HYPERLINK(\"http://evil\")").unwrap();
    let file = file(Format::Csv, &[account.clone().into()]);
    assert!(
        String::from_utf8(file.clone())
            .unwrap()
            .contains("\"\\=HYPERLINK")
    );
    let record = records(Format::Csv, &file).remove(0);
    assert_eq!(
        record.profile.display_name,
        Some(account.profile.display_name)
    );
}
