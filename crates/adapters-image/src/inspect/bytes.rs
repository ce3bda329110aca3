//! Reads numbers off a file.

use user_service_domain::avatar::ImageFault;

use crate::narrow::index;

/// The rest of a file. What is asked of it and not there is missing: the file is cut off.
#[derive(Clone, Copy)]
pub(crate) struct Bytes<'a>(pub(crate) &'a [u8]);

impl<'a> Bytes<'a> {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn take(&mut self, length: impl TryInto<usize>) -> Result<&'a [u8], ImageFault> {
        let (head, rest) = self
            .0
            .split_at_checked(index(length))
            .ok_or(ImageFault::Truncated)?;
        self.0 = rest;
        Ok(head)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], ImageFault> {
        let (head, rest) = self.0.split_first_chunk().ok_or(ImageFault::Truncated)?;
        self.0 = rest;
        Ok(*head)
    }

    pub(crate) fn byte(&mut self) -> Result<u8, ImageFault> {
        self.array().map(|[byte]| byte)
    }

    pub(crate) fn u16_be(&mut self) -> Result<u16, ImageFault> {
        self.array().map(u16::from_be_bytes)
    }

    pub(crate) fn u32_be(&mut self) -> Result<u32, ImageFault> {
        self.array().map(u32::from_be_bytes)
    }

    pub(crate) fn u16_le(&mut self) -> Result<u16, ImageFault> {
        self.array().map(u16::from_le_bytes)
    }

    pub(crate) fn u24_le(&mut self) -> Result<u32, ImageFault> {
        let [a, b, c] = self.array()?;
        Ok(u32::from_le_bytes([a, b, c, 0]))
    }

    pub(crate) fn u32_le(&mut self) -> Result<u32, ImageFault> {
        self.array().map(u32::from_le_bytes)
    }
}
