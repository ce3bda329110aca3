//! Packed metadata, unpacked with an eye on how large they grow.

use std::io::Read;

use flate2::read::ZlibDecoder;
use user_service_domain::avatar::ImageFault;

use crate::narrow::wide;

/// The most that one piece may unpack to, in bytes: more than any profile or comment in use.
const MAX_EACH: u64 = 4 << 20;

/// The most that all pieces of a file may unpack to, in bytes.
const MAX_TOGETHER: u64 = 16 << 20;

/// How much the pieces of a file have unpacked to so far.
#[derive(Default)]
pub(crate) struct Unpacked(u64);

impl Unpacked {
    /// Unpacks a zlib stream (RFC 1950). One that is broken gives what could be read.
    pub(crate) fn inflate(&mut self, packed: &[u8]) -> Result<Vec<u8>, ImageFault> {
        let mut plain = Vec::new();
        let mut reader = ZlibDecoder::new(packed).take(MAX_EACH + 1);
        // Broken metadata are dropped like all others, so only their size is of interest.
        let _broken = reader.read_to_end(&mut plain).is_err();
        self.count(wide(plain.len()))?;
        Ok(plain)
    }

    fn count(&mut self, length: u64) -> Result<(), ImageFault> {
        self.0 += length;
        if length > MAX_EACH || self.0 > MAX_TOGETHER {
            return Err(ImageFault::Metadata);
        }
        Ok(())
    }
}
