//! Conversions of numbers that cannot fail where they are used, and saturate if they ever did.

/// As an index.
pub(crate) fn index(number: impl TryInto<usize>) -> usize {
    number.try_into().unwrap_or(usize::MAX)
}

/// As a length that is counted in `u64`.
pub(crate) fn wide(number: impl TryInto<u64>) -> u64 {
    number.try_into().unwrap_or(u64::MAX)
}

/// As one sample of a pixel.
pub(crate) fn sample(number: impl TryInto<u8>) -> u8 {
    number.try_into().unwrap_or(u8::MAX)
}
