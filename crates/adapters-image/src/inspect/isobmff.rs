//! Files made of boxes (ISO/IEC 14496-12), and the items in them (ISO/IEC 23008-12).

use std::ops::Range;

use user_service_domain::avatar::ImageFault;

use super::bytes::Bytes;
use crate::narrow::index;

/// A box: its type, its content, and where in the file that is, in bytes.
pub(super) struct Part<'a> {
    pub(super) kind: [u8; 4],
    pub(super) data: &'a [u8],
    pub(super) at: usize,
}

/// The boxes one after the other. An error ends them.
pub(super) struct Boxes<'a> {
    rest: Bytes<'a>,
    at: usize,
}

impl<'a> Boxes<'a> {
    /// Those in this content, which is at this place of the file.
    pub(super) fn of(data: &'a [u8], at: usize) -> Self {
        Self {
            rest: Bytes(data),
            at,
        }
    }

    fn read(&mut self) -> Result<Part<'a>, ImageFault> {
        let before = self.rest.0.len();
        let short = self.rest.u32_be()?;
        let kind = self.rest.array()?;
        let header = if short == 1 { 16 } else { 8 };
        let length = match short {
            0 => before,
            1 => index(u64::from_be_bytes(self.rest.array()?)),
            length => index(length),
        };
        let length = length.checked_sub(header).ok_or(ImageFault::Broken)?;
        let data = self.rest.take(length)?;
        let at = self.at + header;
        self.at = at + length;
        Ok(Part { kind, data, at })
    }
}

impl<'a> Iterator for Boxes<'a> {
    type Item = Result<Part<'a>, ImageFault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let part = self.read();
        if part.is_err() {
            self.rest = Bytes(&[]);
        }
        Some(part)
    }
}

/// A picture has a handful of items and properties; what has more than this is none.
const MOST: usize = 1000;

fn check_count(of: usize) -> Result<(), ImageFault> {
    if of > MOST {
        return Err(ImageFault::Broken);
    }
    Ok(())
}

/// Reads version and flags.
pub(super) fn full(data: &mut Bytes<'_>) -> Result<(u8, u32), ImageFault> {
    let [version, a, b, c] = data.array()?;
    Ok((version, u32::from_be_bytes([0, a, b, c])))
}

/// An item.
pub(super) struct Item {
    pub(super) id: u32,
    /// Of its coding.
    pub(super) kind: [u8; 4],
    /// Where in the file it is, if it is in one piece.
    pub(super) place: Option<Range<usize>>,
}

/// The items of a file and what is said of them.
#[derive(Default)]
pub(super) struct Items {
    primary: u32,
    all: Vec<Item>,
    /// Type, from, to.
    references: Vec<([u8; 4], u32, u32)>,
    properties: Vec<([u8; 4], Vec<u8>)>,
    /// Which item has which property, counted from 1.
    associations: Vec<(u32, usize)>,
}

impl Items {
    /// Reads a `meta` box.
    pub(super) fn of(meta: &Part<'_>) -> Result<Self, ImageFault> {
        let mut items = Self::default();
        let mut content = Bytes(meta.data);
        full(&mut content)?;
        let mut places = Vec::new();
        let mut inside = None;
        for part in Boxes::of(content.0, meta.at + 4) {
            let part = part?;
            let mut data = Bytes(part.data);
            match &part.kind {
                b"pitm" => {
                    let (version, _) = full(&mut data)?;
                    items.primary = identifier(&mut data, version > 0)?;
                }
                b"iinf" => items.read_kinds(data)?,
                b"iloc" => places = locations(data)?,
                b"iref" => items.read_references(data, part.at)?,
                b"iprp" => items.read_properties(&part)?,
                b"idat" => inside = Some(part.at),
                _ => {}
            }
        }
        for (id, in_idat, place) in places {
            let base = if in_idat { inside } else { Some(0) };
            let place = base.zip(place).and_then(|(base, place)| {
                Some(base.checked_add(place.start)?..base.checked_add(place.end)?)
            });
            if let Some(item) = items.all.iter_mut().find(|item| item.id == id) {
                item.place = place;
            }
        }
        Ok(items)
    }

    pub(super) fn primary(&self) -> Option<&Item> {
        self.all.iter().find(|item| item.id == self.primary)
    }

    /// The items that say something about this one.
    pub(super) fn auxiliaries(&self, of: u32) -> impl Iterator<Item = &Item> {
        self.all
            .iter()
            .filter(move |item| self.references.contains(&(*b"auxl", item.id, of)))
    }

    pub(super) fn is_premultiplied(&self, id: u32) -> bool {
        self.references
            .iter()
            .any(|(kind, from, _)| kind == b"prem" && *from == id)
    }

    /// In the order in which they apply.
    pub(super) fn properties(&self, of: u32) -> impl Iterator<Item = (&[u8; 4], &[u8])> {
        self.associations
            .iter()
            .filter(move |(id, _)| *id == of)
            .filter_map(|(_, number)| self.properties.get(number.checked_sub(1)?))
            .map(|(kind, data)| (kind, data.as_slice()))
    }

    fn read_kinds(&mut self, mut data: Bytes<'_>) -> Result<(), ImageFault> {
        let (version, _) = full(&mut data)?;
        identifier(&mut data, version > 0)?;
        for part in Boxes::of(data.0, 0) {
            let part = part?;
            let mut data = Bytes(part.data);
            let (version, _) = full(&mut data)?;
            if part.kind == *b"infe" && matches!(version, 2 | 3) {
                let id = identifier(&mut data, version == 3)?;
                data.u16_be()?;
                let kind = data.array()?;
                check_count(self.all.len())?;
                self.all.push(Item {
                    id,
                    kind,
                    place: None,
                });
            }
        }
        Ok(())
    }

    fn read_references(&mut self, mut data: Bytes<'_>, at: usize) -> Result<(), ImageFault> {
        let (version, _) = full(&mut data)?;
        for part in Boxes::of(data.0, at) {
            let part = part?;
            let mut data = Bytes(part.data);
            let from = identifier(&mut data, version > 0)?;
            for _ in 0..data.u16_be()? {
                let to = identifier(&mut data, version > 0)?;
                check_count(self.references.len())?;
                self.references.push((part.kind, from, to));
            }
        }
        Ok(())
    }

    fn read_properties(&mut self, iprp: &Part<'_>) -> Result<(), ImageFault> {
        for part in Boxes::of(iprp.data, iprp.at) {
            let part = part?;
            let mut data = Bytes(part.data);
            match &part.kind {
                b"ipco" => {
                    for property in Boxes::of(part.data, part.at) {
                        let property = property?;
                        check_count(self.properties.len())?;
                        self.properties
                            .push((property.kind, property.data.to_vec()));
                    }
                }
                b"ipma" => {
                    let (version, flags) = full(&mut data)?;
                    for _ in 0..data.u32_be()? {
                        let id = identifier(&mut data, version > 0)?;
                        for _ in 0..data.byte()? {
                            let number = if flags & 1 == 1 {
                                data.u16_be()? & 0x7fff
                            } else {
                                u16::from(data.byte()? & 0x7f)
                            };
                            check_count(self.associations.len())?;
                            self.associations.push((id, number.into()));
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn identifier(data: &mut Bytes<'_>, long: bool) -> Result<u32, ImageFault> {
    if long {
        data.u32_be()
    } else {
        data.u16_be().map(u32::from)
    }
}

/// Of each item in an `iloc` box: its number, whether it is within the `idat` box, and where there, if in one piece.
type Location = (u32, bool, Option<Range<usize>>);

fn locations(mut data: Bytes<'_>) -> Result<Vec<Location>, ImageFault> {
    let (version, _) = full(&mut data)?;
    let [sizes, more] = data.array()?;
    let (offset_size, length_size) = (sizes >> 4, sizes & 15);
    let (base_size, index_size) = (more >> 4, if version == 0 { 0 } else { more & 15 });
    let count = identifier(&mut data, version == 2)?;
    let mut all = Vec::new();
    for _ in 0..count {
        let id = identifier(&mut data, version == 2)?;
        let method = if version == 0 { 0 } else { data.u16_be()? & 15 };
        data.u16_be()?;
        let base = number(&mut data, base_size)?;
        let extents = data.u16_be()?;
        let mut place = None;
        for _ in 0..extents {
            number(&mut data, index_size)?;
            let start = base.saturating_add(number(&mut data, offset_size)?);
            let end = start.saturating_add(number(&mut data, length_size)?);
            place = Some(index(start)..index(end));
        }
        let whole = extents == 1 && method < 2;
        check_count(all.len())?;
        all.push((id, method == 1, place.filter(|_| whole)));
    }
    Ok(all)
}

/// A number of so many bytes.
fn number(data: &mut Bytes<'_>, size: u8) -> Result<u64, ImageFault> {
    let bytes = data.take(size)?;
    Ok(bytes
        .iter()
        .fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
}
