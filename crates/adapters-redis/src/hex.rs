//! 32 bytes as 64 lower-case hexadecimal digits.

use std::fmt::Write as _;

/// Writes them.
pub(crate) fn encode(bytes: &[u8; 32]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            // Writing to a `String` cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// Reads them; `None` for anything else.
pub(crate) fn decode(text: &str) -> Option<[u8; 32]> {
    let digits = text.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = pair
            .iter()
            .try_fold(0, |sum, digit| Some(sum * 16 + value(*digit)?))?;
    }
    Some(bytes)
}

fn value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let bytes = std::array::from_fn(|i| u8::try_from(i * 8).unwrap());
        assert_eq!(decode(&encode(&bytes)), Some(bytes));
    }

    #[test]
    fn anything_else_is_not_read() {
        for text in [
            "",
            "00",
            &"0".repeat(63),
            &"g0".repeat(32),
            &"A0".repeat(32),
            &"é".repeat(32),
        ] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
