//! Pictures that are sent, and pictures that come back.

use std::io::Cursor;

/// A colour, as it was painted.
pub(crate) type Rgb = [u8; 3];

/// The colours of the four quarters: upper left, upper right, lower left, lower right.
pub(crate) const QUARTERS: [Rgb; 4] = [[220, 20, 20], [20, 200, 20], [20, 20, 220], [230, 220, 30]];

/// A PNG whose quarters have [`QUARTERS`]' colours.
pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
    painted(width, height, |x, y| {
        let [r, g, b] = QUARTERS[usize::from(y >= height / 2) * 2 + usize::from(x >= width / 2)];
        [r, g, b, 255]
    })
}

/// A PNG of one colour.
pub(crate) fn plain(colour: Rgb) -> Vec<u8> {
    let [r, g, b] = colour;
    painted(64, 64, |_, _| [r, g, b, 255])
}

/// A PNG that is transparent but for its middle.
pub(crate) fn transparent() -> Vec<u8> {
    let middle = 16..48;
    painted(64, 64, |x, y| {
        let alpha = if middle.contains(&x) && middle.contains(&y) {
            255
        } else {
            0
        };
        [200, 0, 0, alpha]
    })
}

fn painted(width: u32, height: u32, paint: impl Fn(u32, u32) -> [u8; 4]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    let pixels: Vec<u8> = (0..height)
        .flat_map(|y| (0..width).map(move |x| (x, y)))
        .flat_map(|(x, y)| paint(x, y))
        .collect();
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&pixels).unwrap();
    writer.finish().unwrap();
    file
}

/// The head of a PNG, which says that so many frames of that size follow. Nothing does.
pub(crate) fn boast(width: u32, height: u32, frames: u32) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    if frames > 1 {
        encoder.set_animated(frames, 0).unwrap();
    }
    let mut writer = encoder.write_header().unwrap();
    writer.write_chunk(png::chunk::IDAT, &[]).unwrap();
    drop(writer);
    file
}

/// A picture that came back, decoded.
pub(crate) struct Seen {
    pub(crate) width: u32,
    pub(crate) height: u32,
    channels: usize,
    pixels: Vec<u8>,
}

impl Seen {
    /// Reads a file of this media type.
    pub(crate) fn of(media_type: &str, file: &[u8]) -> Self {
        match media_type {
            "image/webp" => webp(file),
            "image/jpeg" => jpeg(file),
            "image/png" => decoded_png(file),
            other => panic!("{other} is no picture"),
        }
    }

    /// The colour in the middle of each quarter.
    #[track_caller]
    pub(crate) fn assert_quarters(&self, expected: [Rgb; 4]) {
        let places = [(1, 1), (3, 1), (1, 3), (3, 3)];
        for ((x, y), expected) in places.into_iter().zip(expected) {
            let seen = self.at(self.width * x / 4, self.height * y / 4);
            let near = seen.iter().zip(expected).all(|(a, b)| a.abs_diff(b) < 24);
            assert!(near, "{seen:?} where {expected:?} was painted");
        }
    }

    /// The colour at a place, without its transparency.
    pub(crate) fn at(&self, x: u32, y: u32) -> Rgb {
        let at = usize::try_from(y * self.width + x).unwrap() * self.channels;
        self.pixels[at..at + 3].try_into().unwrap()
    }

    /// Whether it is transparent at a place.
    pub(crate) fn is_clear(&self, x: u32, y: u32) -> bool {
        let at = usize::try_from(y * self.width + x).unwrap() * self.channels;
        self.channels == 4 && self.pixels[at + 3] < 32
    }
}

fn webp(file: &[u8]) -> Seen {
    let mut decoder = image_webp::WebPDecoder::new(Cursor::new(file)).unwrap();
    let (width, height) = decoder.dimensions();
    let mut pixels = vec![0; decoder.output_buffer_size().unwrap()];
    decoder.read_image(&mut pixels).unwrap();
    Seen {
        width,
        height,
        channels: if decoder.has_alpha() { 4 } else { 3 },
        pixels,
    }
}

fn jpeg(file: &[u8]) -> Seen {
    let mut decoder = jpeg_decoder::Decoder::new(Cursor::new(file));
    let pixels = decoder.decode().unwrap();
    let info = decoder.info().unwrap();
    assert_eq!(info.pixel_format, jpeg_decoder::PixelFormat::RGB24);
    Seen {
        width: info.width.into(),
        height: info.height.into(),
        channels: 3,
        pixels,
    }
}

fn decoded_png(file: &[u8]) -> Seen {
    let mut reader = png::Decoder::new(Cursor::new(file)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    assert_eq!(info.bit_depth, png::BitDepth::Eight);
    Seen {
        width: info.width,
        height: info.height,
        channels: info.color_type.samples(),
        pixels,
    }
}
