//! Builds pictures.

use std::borrow::Cow;

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

pub(crate) const RED: [u8; 3] = [200, 60, 60];
pub(crate) const GREEN: [u8; 3] = [60, 160, 70];
pub(crate) const BLUE: [u8; 3] = [60, 80, 190];
pub(crate) const YELLOW: [u8; 3] = [220, 200, 80];
/// As a picture should be seen: upper left and right, lower left and right.
pub(crate) const CORNERS: [[u8; 3]; 4] = [RED, GREEN, BLUE, YELLOW];

/// A picture of red, green, blue.
#[derive(Clone)]
pub(crate) struct Drawing {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) pixels: Vec<u8>,
}

impl Drawing {
    /// A picture with these quarters.
    pub(crate) fn quarters(width: u32, height: u32) -> Self {
        Self::of(width, height, |x, y| {
            let (right, low) = (x >= width.div_ceil(2), y >= height.div_ceil(2));
            CORNERS[usize::from(right) + 2 * usize::from(low)]
        })
    }

    pub(crate) fn of(width: u32, height: u32, colour: impl Fn(u32, u32) -> [u8; 3]) -> Self {
        let pixels = (0..height)
            .flat_map(|y| (0..width).map(move |x| (x, y)))
            .flat_map(|(x, y)| colour(x, y))
            .collect();
        Self {
            width,
            height,
            pixels,
        }
    }

    pub(crate) fn at(&self, x: u32, y: u32) -> [u8; 3] {
        let at = (y * self.width + x) as usize * 3;
        self.pixels[at..at + 3].try_into().unwrap()
    }

    /// What is stored so that it is seen like this once it is turned as the number says.
    pub(crate) fn stored(&self, orientation: u16) -> Self {
        let (w, h) = (self.width, self.height);
        let (width, height) = if orientation >= 5 { (h, w) } else { (w, h) };
        // From the EXIF standard: where row 0 and column 0 of the stored picture are in the seen one.
        Self::of(width, height, |x, y| match orientation {
            2 => self.at(w - 1 - x, y),
            3 => self.at(w - 1 - x, h - 1 - y),
            4 => self.at(x, h - 1 - y),
            5 => self.at(y, x),
            6 => self.at(w - 1 - y, x),
            7 => self.at(w - 1 - y, h - 1 - x),
            8 => self.at(y, h - 1 - x),
            _ => self.at(x, y),
        })
    }

    pub(crate) fn jpeg(&self) -> Vec<u8> {
        self.jpeg_with(|_| {})
    }

    pub(crate) fn jpeg_with(&self, set: impl FnOnce(&mut Encoder<&mut Vec<u8>>)) -> Vec<u8> {
        let mut file = Vec::new();
        let mut encoder = Encoder::new(&mut file, 92);
        encoder.set_sampling_factor(SamplingFactor::F_2_2);
        set(&mut encoder);
        let (width, height) = (self.width as u16, self.height as u16);
        encoder
            .encode(&self.pixels, width, height, ColorType::Rgb)
            .unwrap();
        file
    }

    pub(crate) fn png(&self) -> Vec<u8> {
        png(
            (self.width, self.height),
            png::ColorType::Rgb,
            png::BitDepth::Eight,
            &self.pixels,
            |_| {},
        )
    }

    pub(crate) fn webp(&self, lossless: bool) -> Vec<u8> {
        webp::Encoder::from_rgb(&self.pixels, self.width, self.height)
            .encode_simple(lossless, 95.0)
            .unwrap()
            .to_vec()
    }

    /// Red, green, blue, opacity; the lower right quarter is clear.
    pub(crate) fn clear_corner(&self) -> Vec<u8> {
        let (width, height) = (self.width, self.height);
        (0..height)
            .flat_map(|y| (0..width).map(move |x| (x, y)))
            .flat_map(|(x, y)| {
                let [r, g, b] = self.at(x, y);
                let clear = x >= width.div_ceil(2) && y >= height.div_ceil(2);
                [r, g, b, if clear { 0 } else { 255 }]
            })
            .collect()
    }

    /// Four colours, as indexes.
    pub(crate) fn indexed(&self) -> Vec<u8> {
        self.pixels
            .as_chunks::<3>()
            .0
            .iter()
            .map(|pixel| CORNERS.iter().position(|corner| corner == pixel).unwrap() as u8)
            .collect()
    }

    pub(crate) fn gif(&self, others: &[Self]) -> Vec<u8> {
        let palette: Vec<u8> = CORNERS.into_iter().flatten().collect();
        let mut file = Vec::new();
        let (width, height) = (self.width as u16, self.height as u16);
        let mut encoder = gif::Encoder::new(&mut file, width, height, &palette).unwrap();
        for frame in std::iter::once(self).chain(others) {
            let frame = gif::Frame {
                width: frame.width as u16,
                height: frame.height as u16,
                delay: 10,
                buffer: Cow::Owned(frame.indexed()),
                ..gif::Frame::default()
            };
            encoder.write_frame(&frame).unwrap();
        }
        drop(encoder);
        file
    }
}

pub(crate) fn png(
    (width, height): (u32, u32),
    colour: png::ColorType,
    depth: png::BitDepth,
    data: &[u8],
    set: impl FnOnce(&mut png::Encoder<'_, &mut Vec<u8>>),
) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(colour);
    encoder.set_depth(depth);
    encoder.set_compression(png::Compression::Fast);
    set(&mut encoder);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(data).unwrap();
    writer.finish().unwrap();
    file
}

/// A chunk of a PNG.
pub(crate) fn chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
    let mut sum = flate2::Crc::new();
    sum.update(&kind);
    sum.update(data);
    let mut chunk = (data.len() as u32).to_be_bytes().to_vec();
    chunk.extend_from_slice(&kind);
    chunk.extend_from_slice(data);
    chunk.extend_from_slice(&sum.sum().to_be_bytes());
    chunk
}

/// Puts chunks behind the header of a PNG.
pub(crate) fn with_chunks(png: &[u8], chunks: &[Vec<u8>]) -> Vec<u8> {
    const HEADER: usize = 33;
    [&png[..HEADER], &chunks.concat(), &png[HEADER..]].concat()
}

/// A PNG with nothing but a header, these chunks, this data and an end.
pub(crate) fn bare_png(header: [u8; 13], chunks: &[Vec<u8>], data: &[u8]) -> Vec<u8> {
    [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(*b"IHDR", &header),
        chunks.concat(),
        chunk(*b"IDAT", data),
        chunk(*b"IEND", b""),
    ]
    .concat()
}

/// The header of a PNG.
pub(crate) fn png_header(
    width: u32,
    height: u32,
    depth: u8,
    colour: u8,
    interlaced: u8,
) -> [u8; 13] {
    let mut header = [0; 13];
    header[..4].copy_from_slice(&width.to_be_bytes());
    header[4..8].copy_from_slice(&height.to_be_bytes());
    header[8..].copy_from_slice(&[depth, colour, 0, 0, interlaced]);
    header
}

/// A zlib stream.
pub(crate) fn deflated(data: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(data).unwrap();
    packer.finish().unwrap()
}

/// Puts a segment behind the first marker of a JPEG.
pub(crate) fn with_segment(jpeg: &[u8], marker: u8, data: &[u8]) -> Vec<u8> {
    let length = (data.len() as u16 + 2).to_be_bytes();
    [&jpeg[..2], &[0xff, marker], &length, data, &jpeg[2..]].concat()
}

/// A bare TIFF file that says how to turn a picture, and where it was taken.
pub(crate) fn exif(orientation: u16, big: bool) -> Vec<u8> {
    let short = |n: u16| {
        if big {
            n.to_be_bytes()
        } else {
            n.to_le_bytes()
        }
    };
    let long = |n: u32| {
        if big {
            n.to_be_bytes()
        } else {
            n.to_le_bytes()
        }
    };
    let mut tiff = if big {
        b"MM\0*".to_vec()
    } else {
        b"II*\0".to_vec()
    };
    tiff.extend_from_slice(&long(8));
    tiff.extend_from_slice(&short(2));
    for (tag, kind, value) in [(271, 2, *b"Cam\0"), (274, 3, [0; 4])] {
        tiff.extend_from_slice(&short(tag));
        tiff.extend_from_slice(&short(kind));
        tiff.extend_from_slice(&long(if kind == 2 { 4 } else { 1 }));
        if kind == 3 {
            tiff.extend_from_slice(&short(orientation));
            tiff.extend_from_slice(&[0; 2]);
        } else {
            tiff.extend_from_slice(&value);
        }
    }
    tiff.extend_from_slice(&long(0));
    tiff
}

/// A WebP of these chunks.
pub(crate) fn riff(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut body = b"WEBP".to_vec();
    for (kind, data) in chunks {
        body.extend_from_slice(&webp_chunk(**kind, data));
    }
    [
        b"RIFF".as_slice(),
        &(body.len() as u32).to_le_bytes(),
        &body,
    ]
    .concat()
}

pub(crate) fn webp_chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
    let padding = vec![0; data.len() % 2];
    [
        kind.as_slice(),
        &(data.len() as u32).to_le_bytes(),
        data,
        &padding,
    ]
    .concat()
}

/// The header of an extended WebP: flags and the size of its canvas.
pub(crate) fn webp_canvas(flags: u8, width: u32, height: u32) -> Vec<u8> {
    [&[flags, 0, 0, 0], &u24(width - 1)[..], &u24(height - 1)].concat()
}

/// A frame of an animated WebP around its picture's chunks.
pub(crate) fn webp_frame(left: u32, top: u32, width: u32, height: u32, chunks: &[u8]) -> Vec<u8> {
    let fields = [left / 2, top / 2, width - 1, height - 1, 100]
        .map(u24)
        .concat();
    [&fields, &[0][..], chunks].concat()
}

fn u24(number: u32) -> [u8; 3] {
    number.to_le_bytes()[..3].try_into().unwrap()
}
