//! Cursors: opaque, tamper-evident places in one list (keyset paging).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::DateTime;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use user_service_domain::ids::ProfileId;
use user_service_domain::profile::{
    KeyValue, Keyset, ProfileFilter, ProfileOrder, SearchPlace, SearchStart, SortBy,
};
use user_service_domain::revocation::FeedPosition;
use user_service_domain::text::SearchText;
use uuid::Uuid;

use crate::UseCaseError;

const FORMAT: u8 = 1;
const FEED_FORMAT: u8 = 2;
const SEARCH_FORMAT: u8 = 3;
const TAG: usize = 16;
const LIST: usize = 8;

/// Writes and reads cursors. Every replica must be given the same secret.
#[derive(Clone)]
pub struct CursorCodec {
    mac: Hmac<Sha256>,
}

impl CursorCodec {
    /// Derives the key from a secret of any length.
    pub fn new(secret: &[u8]) -> Self {
        let key = Sha256::new()
            .chain_update(b"user-service cursor key v1")
            .chain_update(secret)
            .finalize();
        // HMAC pads a shorter key to its block with zeros (RFC 2104), so this cannot fail.
        let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
        for (to, from) in block.iter_mut().zip(key) {
            *to = from;
        }
        let mac = Hmac::<Sha256>::new(&block);
        Self { mac }
    }

    /// The cursor of the place after `last` in the list that `filter` and `order` make.
    pub fn encode(&self, filter: &ProfileFilter, order: ProfileOrder, last: &Keyset) -> String {
        let mut bytes = vec![FORMAT];
        bytes.extend_from_slice(&list_digest(filter, order));
        bytes.extend_from_slice(last.id.get().as_bytes());
        match &last.value {
            KeyValue::Time(time) => bytes.extend_from_slice(&time.timestamp_micros().to_be_bytes()),
            KeyValue::Text(text) => bytes.extend_from_slice(text.as_bytes()),
        }
        self.seal(bytes)
    }

    /// The cursor of a place in the feed of revocations.
    pub fn encode_feed(&self, position: FeedPosition) -> String {
        let mut bytes = vec![FEED_FORMAT];
        bytes.extend_from_slice(&position.0.to_be_bytes());
        self.seal(bytes)
    }

    /// The place in the feed that a cursor names. Refuses what was not made by [`Self::encode_feed`] under
    /// the same secret.
    pub fn decode_feed(&self, cursor: &str) -> Result<FeedPosition, UseCaseError> {
        let bytes = self.open(cursor)?;
        let position = bytes.strip_prefix(&[FEED_FORMAT]).ok_or_else(forged)?;
        let position = position.try_into().map_err(|_| forged())?;
        Ok(FeedPosition(i64::from_be_bytes(position)))
    }

    /// The cursor of a place in the search for this text among these profiles.
    pub fn encode_search(
        &self,
        text: &SearchText,
        filter: &ProfileFilter,
        start: &SearchStart,
    ) -> String {
        let mut bytes = vec![SEARCH_FORMAT];
        bytes.extend_from_slice(&search_digest(text, filter));
        bytes.extend_from_slice(&start.skip.to_be_bytes());
        if let Some(place) = &start.after {
            bytes.extend([place.stage, u8::from(place.id.is_some())]);
            bytes.extend_from_slice(&place.word.to_be_bytes());
            let id = place.id.map(|id| *id.get().as_bytes());
            bytes.extend_from_slice(&id.unwrap_or_default());
            bytes.extend_from_slice(place.term.as_bytes());
        }
        self.seal(bytes)
    }

    /// The place in a search that a cursor names. Refuses what was not made by [`Self::encode_search`] under
    /// the same secret for the same text and filter.
    pub fn decode_search(
        &self,
        cursor: &str,
        text: &SearchText,
        filter: &ProfileFilter,
    ) -> Result<SearchStart, UseCaseError> {
        let bytes = self.open(cursor)?;
        let body = bytes.strip_prefix(&[SEARCH_FORMAT]).ok_or_else(forged)?;
        let (search, body) = body.split_at_checked(LIST).ok_or_else(forged)?;
        if search != search_digest(text, filter) {
            return Err(UseCaseError::InvalidCursor(
                "it belongs to a search for another text or with another filter",
            ));
        }
        let (skip, body) = body.split_first_chunk().ok_or_else(forged)?;
        let skip = u32::from_be_bytes(*skip);
        if body.is_empty() {
            return Ok(SearchStart { after: None, skip });
        }
        let ([stage, has_id], body) = body.split_first_chunk().ok_or_else(forged)?;
        let (word, body) = body.split_first_chunk().ok_or_else(forged)?;
        let (id, term) = body.split_first_chunk().ok_or_else(forged)?;
        let after = SearchPlace {
            stage: *stage,
            term: String::from_utf8(term.to_vec()).map_err(|_| forged())?,
            word: i64::from_be_bytes(*word),
            id: (*has_id == 1).then(|| ProfileId::new(Uuid::from_bytes(*id))),
        };
        Ok(SearchStart {
            after: Some(after),
            skip,
        })
    }

    fn seal(&self, mut bytes: Vec<u8>) -> String {
        let tag = self
            .mac
            .clone()
            .chain_update(&bytes)
            .finalize()
            .into_bytes();
        bytes.extend_from_slice(tag.get(..TAG).unwrap_or_default());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn open(&self, cursor: &str) -> Result<Vec<u8>, UseCaseError> {
        if cursor.len() > 1024 {
            return Err(forged());
        }
        let mut bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| forged())?;
        let (body, tag) = bytes
            .split_at_checked(bytes.len().wrapping_sub(TAG))
            .ok_or_else(forged)?;
        self.mac
            .clone()
            .chain_update(body)
            .verify_truncated_left(tag)
            .map_err(|_| forged())?;
        bytes.truncate(bytes.len() - TAG);
        Ok(bytes)
    }

    /// The place that a cursor names. Refuses what was not made by [`Self::encode`] under the same secret
    /// for the same filter and order.
    pub fn decode(
        &self,
        cursor: &str,
        filter: &ProfileFilter,
        order: ProfileOrder,
    ) -> Result<Keyset, UseCaseError> {
        let bytes = self.open(cursor)?;
        let body = bytes.strip_prefix(&[FORMAT]).ok_or_else(forged)?;
        let (list, body) = body.split_at_checked(LIST).ok_or_else(forged)?;
        if list != list_digest(filter, order) {
            return Err(UseCaseError::InvalidCursor(
                "it belongs to a list with another filter or sort",
            ));
        }
        let (id, value) = body.split_at_checked(16).ok_or_else(forged)?;
        let id = ProfileId::new(Uuid::from_slice(id).map_err(|_| forged())?);
        let value = match order.by {
            SortBy::CreatedAt => {
                let micros = i64::from_be_bytes(value.try_into().map_err(|_| forged())?);
                KeyValue::Time(DateTime::from_timestamp_micros(micros).ok_or_else(forged)?)
            }
            SortBy::DisplayName => {
                KeyValue::Text(String::from_utf8(value.to_vec()).map_err(|_| forged())?)
            }
        };
        Ok(Keyset { value, id })
    }
}

fn forged() -> UseCaseError {
    UseCaseError::InvalidCursor("it was not made by this service")
}

/// What list a cursor belongs to. The order of members is part of the format: add new ones at the end.
fn list_digest(filter: &ProfileFilter, order: ProfileOrder) -> [u8; LIST] {
    let ProfileFilter {
        is_active,
        is_verified,
        user_id,
        ids,
        created_after,
        created_before,
    } = filter;
    let mut hash = Sha256::new();
    let flag = |f: &Option<bool>| f.map_or(2, u8::from);
    hash.update([
        u8::from(order.by == SortBy::DisplayName),
        u8::from(order.descending),
    ]);
    hash.update([flag(is_active), flag(is_verified)]);
    hash.update(user_id.map_or([0; 16], |u| *u.get().as_bytes()));
    for time in [created_after, created_before] {
        hash.update(
            time.map_or(i64::MIN, |t| t.timestamp_micros())
                .to_be_bytes(),
        );
    }
    let ids = ids.as_deref().unwrap_or_default();
    hash.update(ids.len().to_be_bytes());
    for id in ids {
        hash.update(id.get().as_bytes());
    }
    short(hash)
}

/// What search a cursor belongs to.
fn search_digest(text: &SearchText, filter: &ProfileFilter) -> [u8; LIST] {
    short(
        Sha256::new()
            .chain_update(list_digest(filter, ProfileOrder::default()))
            .chain_update(text.as_str()),
    )
}

fn short(hash: Sha256) -> [u8; LIST] {
    let digest: [u8; 32] = hash.finalize().into();
    let mut out = [0; LIST];
    out.copy_from_slice(&digest[..LIST]);
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn order(by_name: bool, descending: bool) -> ProfileOrder {
        ProfileOrder {
            by: if by_name {
                SortBy::DisplayName
            } else {
                SortBy::CreatedAt
            },
            descending,
        }
    }

    fn place(by_name: bool, id: u128, micros: i64, text: &str) -> Keyset {
        let value = if by_name {
            KeyValue::Text(text.to_owned())
        } else {
            KeyValue::Time(DateTime::from_timestamp_micros(micros).unwrap())
        };
        Keyset {
            value,
            id: ProfileId::new(Uuid::from_u128(id)),
        }
    }

    proptest! {
        #[test]
        fn a_cursor_names_the_place_it_was_made_of(by_name: bool, descending: bool, id: u128, micros in 0..4_000_000_000_000_000_i64, text in "\\PC{0,60}") {
            let codec = CursorCodec::new(b"secret");
            let (order, place) = (order(by_name, descending), place(by_name, id, micros, &text));
            let cursor = codec.encode(&ProfileFilter::default(), order, &place);
            prop_assert_eq!(codec.decode(&cursor, &ProfileFilter::default(), order).unwrap(), place);
        }

        #[test]
        fn a_cursor_of_a_search_names_the_place_it_was_made_of(placed: bool, whole: bool, skip: u32, stage: u8, word: i64, id: u128, term in "\\PC{0,60}") {
            let codec = CursorCodec::new(b"secret");
            let (text, filter) = (SearchText::parse("ana").unwrap(), ProfileFilter::default());
            let id = (!whole).then(|| ProfileId::new(Uuid::from_u128(id)));
            let after = placed.then_some(SearchPlace { stage, term, word, id });
            let start = SearchStart { after, skip };
            let cursor = codec.encode_search(&text, &filter, &start);
            prop_assert_eq!(codec.decode_search(&cursor, &text, &filter).unwrap(), start);
            let other = SearchText::parse("bea").unwrap();
            prop_assert!(codec.decode_search(&cursor, &other, &filter).is_err());
            prop_assert!(codec.decode(&cursor, &filter, ProfileOrder::default()).is_err());
        }

        #[test]
        fn a_changed_cursor_is_refused(at in 0_usize..60, to in "[A-Za-z0-9_-]") {
            let codec = CursorCodec::new(b"secret");
            let cursor = codec.encode(&ProfileFilter::default(), order(false, true), &place(false, 7, 1_700_000_000_000_000, ""));
            let at = at % cursor.len();
            let mut changed = cursor.clone();
            changed.replace_range(at..=at, &to);
            prop_assume!(changed != cursor);
            prop_assert!(codec.decode(&changed, &ProfileFilter::default(), order(false, true)).is_err());
        }

        #[test]
        fn any_text_is_read_without_panic(text in "\\PC{0,200}") {
            let _ = CursorCodec::new(b"secret").decode(&text, &ProfileFilter::default(), order(true, true));
        }
    }

    #[test]
    fn a_cursor_is_bound_to_its_secret_filter_and_order() {
        let (codec, other) = (CursorCodec::new(b"secret"), CursorCodec::new(b"another"));
        let filter = ProfileFilter {
            is_active: Some(true),
            ..ProfileFilter::default()
        };
        let cursor = codec.encode(&filter, order(false, true), &place(false, 7, 1, ""));
        assert!(codec.decode(&cursor, &filter, order(false, true)).is_ok());
        assert!(other.decode(&cursor, &filter, order(false, true)).is_err());
        assert!(
            codec
                .decode(&cursor, &ProfileFilter::default(), order(false, true))
                .is_err()
        );
        assert!(codec.decode(&cursor, &filter, order(false, false)).is_err());
        assert!(codec.decode("", &filter, order(false, true)).is_err());
    }
}
