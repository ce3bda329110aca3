//! A checksum of many lines in any order.

use std::fmt;

use sha2::{Digest, Sha256};

/// The sum, modulo 2^256, of the SHA-256 of each item: the same for the same items whatever their order. It finds what
/// was lost or spoilt; it is no defence against somebody who chooses the items. It prints as 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SetDigest([u8; 32]);

impl SetDigest {
    /// With one item more.
    pub fn add(&mut self, item: &[u8]) {
        let digest: [u8; 32] = Sha256::digest(item).into();
        let mut carry = 0_u16;
        for (sum, more) in self.0.iter_mut().zip(digest).rev() {
            let [over, byte] = (carry + u16::from(*sum) + u16::from(more)).to_be_bytes();
            (carry, *sum) = (over.into(), byte);
        }
    }
}

impl fmt::Display for SetDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(items: &[&str]) -> SetDigest {
        let mut digest = SetDigest::default();
        for item in items {
            digest.add(item.as_bytes());
        }
        digest
    }

    #[test]
    fn order_does_not_matter_and_number_does() {
        assert_eq!(of(&["a", "b", "c"]), of(&["c", "a", "b"]));
        assert_ne!(of(&["a", "a"]), of(&[]));
        assert_ne!(of(&["a", "b"]), of(&["a", "c"]));
        assert_eq!(
            of(&["abc"]).to_string(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn carries_go_on() {
        let mut digest = SetDigest([0xff; 32]);
        digest.add(b"abc");
        let mut one_less: [u8; 32] = Sha256::digest(b"abc").into();
        one_less[31] -= 1;
        assert_eq!(digest, SetDigest(one_less));
    }
}
