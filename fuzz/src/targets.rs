// One function for each target, by its name.

use std::sync::{Arc, OnceLock};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::DateTime;
use futures_util::FutureExt as _;
use serde_json::{Map, Value};
use user_service_adapters_image::{ImageRenderer, ImageSettings, SourceType};
use user_service_adapters_jwt::{HmacAlgorithm, SecretTokens, TokenRules, UnverifiedToken};
use user_service_adapters_local::{SystemClock, UserAgentDevices};
use user_service_application::paging::CursorCodec;
use user_service_domain::avatar::{AvatarRenderer as _, Focus, RenderError};
use user_service_domain::idempotency::key_in;
use user_service_domain::identity::TokenVerifier as _;
use user_service_domain::ids::ProfileId;
use user_service_domain::preferences::CustomSettings;
use user_service_domain::profile::{
    Bio, DisplayName, KeyValue, Keyset, Location, ProfileFilter, ProfileOrder, Searched, SortBy,
};
use user_service_domain::revocation::FeedPosition;
use user_service_domain::session::{DeviceName, OsName, UserAgent};
use user_service_domain::text::{SearchText, fold};
use uuid::Uuid;

const SECRET: &[u8] = b"a secret that no fuzzer knows, of 32 bytes and more";

/// No text is a cursor but one that was made, and that is read back as it was written.
pub fn cursor(data: &[u8]) {
    static CODEC: OnceLock<CursorCodec> = OnceLock::new();
    let codec = CODEC.get_or_init(|| CursorCodec::new(SECRET));
    let filter = ProfileFilter::default();
    let orders = [SortBy::CreatedAt, SortBy::DisplayName].map(|by| ProfileOrder {
        by,
        descending: data.len().is_multiple_of(2),
    });
    if let Ok(text) = str::from_utf8(data) {
        for order in orders {
            assert!(codec.decode(text, &filter, order).is_err());
        }
        assert!(codec.decode_feed(text).is_err());
        if let Ok(query) = SearchText::parse(text) {
            assert!(codec.decode_search(text, &query, &filter).is_err());
        }
    }
    let mut id = [0; 16];
    for (to, from) in id.iter_mut().zip(data) {
        *to = *from;
    }
    let number = i64::from_le_bytes(*id.first_chunk().expect("it is longer"));
    let values = [
        DateTime::from_timestamp_micros(number).map(KeyValue::Time),
        Some(KeyValue::Text(String::from_utf8_lossy(data).into_owned())),
    ];
    for (order, value) in orders.into_iter().zip(values) {
        let Some(value) = value else { continue };
        let last = Keyset {
            value,
            id: ProfileId::new(Uuid::from_bytes(id)),
        };
        let written = codec.encode(&filter, order, &last);
        match codec.decode(&written, &filter, order) {
            Ok(read) => assert!(read == last),
            // Names of 100 characters are far shorter.
            Err(_) => assert!(written.len() > 1024),
        }
    }
    let written = codec.encode_feed(FeedPosition(number));
    assert!(
        codec
            .decode_feed(&written)
            .is_ok_and(|read| read.0 == number)
    );
}

/// Settings stay within their bounds, a patch says the same when it comes twice, and nothing else changes.
pub fn merge_patch(data: &[u8]) {
    let Ok((base, patch)) =
        serde_json::from_slice::<(Map<String, Value>, Map<String, Value>)>(data)
    else {
        return;
    };
    let Ok(base) = CustomSettings::parse(base) else {
        return;
    };
    let Ok(once) = CustomSettings::merge(Some(&base), &patch) else {
        return;
    };
    let written = serde_json::to_vec(once.as_map()).expect("it is in memory");
    assert!(written.len() <= CustomSettings::MAX_BYTES);
    assert!(CustomSettings::parse(once.as_map().clone()).is_ok());
    assert_eq!(CustomSettings::merge(Some(&once), &patch), Ok(once.clone()));
    for (name, value) in base.as_map() {
        match patch.get(name) {
            None => assert_eq!(once.as_map().get(name), Some(value)),
            Some(Value::Null) => assert_eq!(once.as_map().get(name), None),
            Some(_) => assert!(once.as_map().contains_key(name)),
        }
    }
}

/// What is taken is short, has no controls, and is taken again as it is.
pub fn display_name(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    if let Ok(name) = DisplayName::parse(text) {
        let taken = name.as_str();
        assert!((1..=DisplayName::MAX).contains(&taken.chars().count()));
        assert!(!taken.chars().any(char::is_control));
        assert_eq!(taken, taken.trim());
        assert_eq!(fold(&fold(taken)), fold(taken));
        assert_eq!(DisplayName::parse(taken), Ok(name));
    }
    if let Ok(bio) = Bio::parse(text) {
        assert_eq!(Bio::parse(bio.as_str()), Ok(bio));
    }
    if let Ok(location) = Location::parse(text) {
        assert_eq!(Location::parse(location.as_str()), Ok(location));
    }
}

/// A query is folded once and for all, and finds what it is.
pub fn search_query(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let Ok(query) = SearchText::parse(text) else {
        return;
    };
    assert_eq!(fold(query.as_str()), query.as_str());
    let same = Searched::stored(format!("{}\n", query.as_str()));
    assert!(query.rank(&same).is_some());
    let (name, place) = text.split_at(text.floor_char_boundary(text.len() / 2));
    let other = Searched::stored(format!("{}\n{}", fold(name), fold(place)));
    let _ranked = query.rank(&other);
}

/// Whatever calls itself something gets names that can be kept, and the same every time.
pub fn user_agent(data: &[u8]) {
    let Some(agent) = UserAgent::fitting(&String::from_utf8_lossy(data)) else {
        return;
    };
    assert!(agent.as_str().chars().count() <= UserAgent::MAX);
    let device = UserAgentDevices::told(&agent);
    assert_eq!(UserAgentDevices::told(&agent), device);
    if let Some(name) = device.name {
        assert_eq!(DeviceName::parse(name.as_str()), Ok(name));
    }
    if let Some(os) = device.os {
        assert_eq!(OsName::parse(os.as_str()), Ok(os));
    }
}

/// What is no picture is refused, and what is one is never our fault.
pub fn image_header(data: &[u8]) {
    static RENDERER: OnceLock<(ImageRenderer, tokio::runtime::Runtime)> = OnceLock::new();
    let (renderer, runtime) = RENDERER.get_or_init(|| {
        let settings = ImageSettings {
            allowed: SourceType::COMPILED.to_vec(),
            workers: 1,
            // The structure of files is what is looked at here, not their pixels.
            max_pixels: 1024,
            max_side: 64,
            ..ImageSettings::default()
        };
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_time().build().expect("a runtime");
        (ImageRenderer::new(settings), runtime)
    });
    match runtime.block_on(renderer.render(data.to_vec(), Focus::MIDDLE)) {
        Ok(made) => assert!(!made.pictures.is_empty()),
        Err(RenderError::Refused(_)) => {}
        Err(error) => panic!("{error}"),
    }
}

/// A key is a part of its header, visible, of bounded length, and read from itself.
pub fn idempotency_key(data: &[u8]) {
    let Ok(header) = str::from_utf8(data) else {
        return;
    };
    let Some(key) = key_in(header) else {
        return;
    };
    assert!((1..=255).contains(&key.len()) && header.contains(key));
    assert!(
        key.bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'"')
    );
    assert_eq!(key_in(key), Some(key));
    assert_eq!(key_in(&format!(" \"{key}\" ")), Some(key));
}

/// No text is a token that was signed, whatever its header claims.
pub fn jwt_header(data: &[u8]) {
    static TOKENS: OnceLock<SecretTokens> = OnceLock::new();
    let tokens = TOKENS.get_or_init(|| {
        let rules = TokenRules {
            issuer: None,
            audience: None,
            leeway: 30,
        };
        SecretTokens::new(SECRET, HmacAlgorithm::Hs256, rules, Arc::new(SystemClock))
    });
    let header = format!("{}.e30.c2ln", URL_SAFE_NO_PAD.encode(data));
    let text = str::from_utf8(data).unwrap_or_default();
    for token in [header.as_str(), text] {
        if let Ok(read) = UnverifiedToken::read(token) {
            assert!(token.len() <= UnverifiedToken::MAX);
            let id = read.key_id().unwrap_or_default();
            assert!(id.len() <= UnverifiedToken::MAX_KEY_ID);
        }
        // Nothing is waited for: the key is known.
        let verified = tokens.verify(token).now_or_never();
        assert!(verified.is_some_and(|verified| verified.is_err()));
    }
}
