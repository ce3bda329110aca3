//! How much memory the codes of a lossless WebP take (RFC 9649 section 3). A file of a few megabytes can ask for
//! hundreds of thousands of code tables, and its decoder builds them all; so they are counted before.

use user_service_domain::avatar::ImageFault;

use crate::narrow::{index, wide};

/// How many symbols the five codes of a group have; the first has the colour cache in addition.
const ALPHABETS: [usize; 5] = [256 + 24, 256, 256, 256, 40];
const LONGEST_CODE: usize = 15;
/// In which order the lengths of the codes of lengths are written.
const ORDER: [usize; 19] = [
    17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
];

/// What the decoder needs for the codes of the stream after the header, in bytes.
pub(super) fn cost_of_codes(stream: &[u8], width: u32, height: u32) -> Result<u64, ImageFault> {
    let mut bits = Bits { stream, at: 0 };
    let width = transforms(&mut bits, width, height)?;
    let cache = colour_cache(&mut bits)?;
    let mut groups = 1;
    if bits.read(1)? == 1 {
        let block = bits.read(3)? + 2;
        let size = (blocks(width, block), blocks(height, block));
        groups = sub_image(&mut bits, size)? + 1;
    }
    let mut cost = 0;
    for _ in 0..groups {
        for (number, alphabet) in ALPHABETS.into_iter().enumerate() {
            let cached = if number == 0 { cache } else { 0 };
            cost += Code::read(&mut bits, alphabet + cached)?.cost();
        }
    }
    Ok(cost)
}

/// Skips the transformations; answers how wide the picture is that is coded.
fn transforms(bits: &mut Bits<'_>, mut width: u32, height: u32) -> Result<u32, ImageFault> {
    let mut seen = [false; 4];
    while bits.read(1)? == 1 {
        let kind = index(bits.read(2)?);
        match seen.get_mut(kind) {
            Some(seen) if !*seen => *seen = true,
            _ => return Err(ImageFault::Broken),
        }
        match kind {
            0 | 1 => {
                let block = bits.read(3)? + 2;
                sub_image(bits, (blocks(width, block), blocks(height, block)))?;
            }
            2 => {}
            _ => {
                let colours = bits.read(8)? + 1;
                sub_image(bits, (colours, 1))?;
                width = match colours {
                    1..=2 => blocks(width, 3),
                    3..=4 => blocks(width, 2),
                    5..=16 => blocks(width, 1),
                    _ => width,
                };
            }
        }
    }
    Ok(width)
}

/// How many blocks of `1 << bits` pixels make a length.
fn blocks(length: u32, bits: u32) -> u32 {
    length.div_ceil(1 << bits)
}

/// How many symbols the colour cache adds.
fn colour_cache(bits: &mut Bits<'_>) -> Result<usize, ImageFault> {
    if bits.read(1)? == 0 {
        return Ok(0);
    }
    match bits.read(4)? {
        size @ 1..=11 => Ok(1 << size),
        _ => Err(ImageFault::Broken),
    }
}

/// Reads over a picture that has one group of codes. Answers the greatest number in its red and green: copies
/// of pixels add no new ones, so those that are spelled out are enough.
fn sub_image(bits: &mut Bits<'_>, (width, height): (u32, u32)) -> Result<u32, ImageFault> {
    let cache = colour_cache(bits)?;
    let [first, second, third, fourth, fifth] = ALPHABETS;
    let green = Code::read(bits, first + cache)?;
    let red = Code::read(bits, second)?;
    let blue = Code::read(bits, third)?;
    let alpha = Code::read(bits, fourth)?;
    let distance = Code::read(bits, fifth)?;
    let mut missing = u64::from(width) * u64::from(height);
    let mut greatest = 0;
    while missing > 0 {
        let symbol = green.symbol(bits)?;
        missing = match symbol {
            0..256 => {
                greatest = greatest.max(red.symbol(bits)? << 8 | symbol);
                blue.symbol(bits)?;
                alpha.symbol(bits)?;
                missing - 1
            }
            256..280 => {
                let length = extended(bits, symbol - 256)?;
                let code = distance.symbol(bits)?;
                extended(bits, code)?;
                missing.saturating_sub(length)
            }
            _ => missing - 1,
        };
    }
    Ok(greatest)
}

/// The value of a prefix code of LZ77 with its extra bits.
fn extended(bits: &mut Bits<'_>, code: u32) -> Result<u64, ImageFault> {
    if code < 4 {
        return Ok(u64::from(code) + 1);
    }
    let extra = (code - 2) / 2;
    let offset = u64::from(2 + code % 2) << extra;
    Ok(offset + u64::from(bits.read(extra)?) + 1)
}

/// A canonical prefix code.
struct Code {
    /// How many symbols there are of each length.
    counts: [u16; LONGEST_CODE + 1],
    /// Those that have a length, by length, then by value.
    symbols: Vec<u16>,
}

impl Code {
    fn read(bits: &mut Bits<'_>, alphabet: usize) -> Result<Self, ImageFault> {
        if bits.read(1)? == 1 {
            return Self::read_simple(bits);
        }
        let mut lengths = [0; ORDER.len()];
        let given = index(bits.read(4)?) + 4;
        for place in ORDER.into_iter().take(given) {
            let length = bits.read(3)?;
            if let Some(place) = lengths.get_mut(place) {
                *place = index(length);
            }
        }
        let code = Self::of(&lengths);
        let mut left = alphabet;
        if bits.read(1)? == 1 {
            let wide = 2 + 2 * bits.read(3)?;
            left = 2 + index(bits.read(wide)?);
        }
        let mut lengths = Vec::with_capacity(alphabet);
        let mut last = 8;
        while lengths.len() < alphabet && left > 0 {
            left -= 1;
            let (length, times) = match code.symbol(bits)? {
                length @ 0..16 => {
                    let length = index(length);
                    if length > 0 {
                        last = length;
                    }
                    (length, 1)
                }
                16 => (last, 3 + bits.read(2)?),
                17 => (0, 3 + bits.read(3)?),
                _ => (0, 11 + bits.read(7)?),
            };
            lengths.resize(lengths.len() + index(times), length);
        }
        if lengths.len() > alphabet {
            return Err(ImageFault::Broken);
        }
        Ok(Self::of(&lengths))
    }

    fn read_simple(bits: &mut Bits<'_>) -> Result<Self, ImageFault> {
        let two = bits.read(1)? == 1;
        let wide = if bits.read(1)? == 1 { 8 } else { 1 };
        let mut symbols = vec![narrow(bits.read(wide)?)];
        let mut counts = [0; LONGEST_CODE + 1];
        if two {
            symbols.push(narrow(bits.read(8)?));
            counts[1] = 2;
        }
        Ok(Self { counts, symbols })
    }

    fn of(lengths: &[usize]) -> Self {
        let mut counts = [0; LONGEST_CODE + 1];
        let mut symbols = Vec::new();
        for (length, count) in counts.iter_mut().enumerate().skip(1) {
            for (symbol, _) in lengths.iter().enumerate().filter(|(_, l)| **l == length) {
                *count += 1;
                symbols.push(u16::try_from(symbol).unwrap_or(u16::MAX));
            }
        }
        Self { counts, symbols }
    }

    /// A code of one symbol takes no bits.
    fn symbol(&self, bits: &mut Bits<'_>) -> Result<u32, ImageFault> {
        if let [only] = *self.symbols {
            return Ok(only.into());
        }
        let (mut code, mut first, mut before) = (0, 0, 0);
        for count in self.counts.iter().skip(1) {
            let count = u32::from(*count);
            code |= bits.read(1)?;
            if code < first + count {
                let symbol = self.symbols.get(index(before + code - first));
                return symbol
                    .map(|symbol| u32::from(*symbol))
                    .ok_or(ImageFault::Broken);
            }
            before += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        Err(ImageFault::Broken)
    }

    /// In the decoder: a table for up to ten bits, and a tree of nodes for what is longer.
    fn cost(&self) -> u64 {
        const ITSELF: u64 = 96;
        const TABLE_BITS: usize = 10;
        const ENTRY: u64 = 4;
        const NODE: u64 = 16;
        let longest = self
            .counts
            .iter()
            .rposition(|count| *count > 0)
            .unwrap_or(0);
        let deep: u64 = self
            .counts
            .iter()
            .skip(TABLE_BITS + 1)
            .map(|count| u64::from(*count))
            .sum();
        ITSELF + (ENTRY << longest.min(TABLE_BITS)) + 2 * NODE * deep
    }
}

fn narrow(symbol: u32) -> u16 {
    u16::try_from(symbol).unwrap_or(u16::MAX)
}

/// A stream of bits, the lowest of each byte first.
struct Bits<'a> {
    stream: &'a [u8],
    at: u64,
}

impl Bits<'_> {
    /// Up to 24 at once.
    fn read(&mut self, count: u32) -> Result<u32, ImageFault> {
        let end = self.at + u64::from(count);
        if end > 8 * wide(self.stream.len()) {
            return Err(ImageFault::Truncated);
        }
        let bytes = self.stream.get(index(self.at / 8)..).unwrap_or_default();
        let word = bytes
            .iter()
            .take(4)
            .rev()
            .fold(0u32, |word, byte| word << 8 | u32::from(*byte));
        let bits = word >> (self.at % 8) & ((1 << count) - 1);
        self.at = end;
        Ok(bits)
    }
}
