//! Renders, and looks at what came out.

use user_service_adapters_image::{ImageRenderer, ImageSettings, SourceType};
use user_service_domain::avatar::{
    AvatarRenderer as _, Focus, ImageFault, PictureFormat, PictureSize, RenderError, Rendered,
};

use crate::files::CORNERS;

/// Everything that is compiled in is allowed.
pub(crate) fn settings() -> ImageSettings {
    ImageSettings {
        allowed: SourceType::COMPILED.to_vec(),
        workers: 2,
        ..ImageSettings::default()
    }
}

pub(crate) async fn render(upload: &[u8]) -> Result<Rendered, RenderError> {
    render_around(upload, Focus::MIDDLE).await
}

pub(crate) async fn render_around(upload: &[u8], focus: Focus) -> Result<Rendered, RenderError> {
    ImageRenderer::new(settings())
        .render(upload.to_vec(), focus)
        .await
}

/// Why it is refused.
pub(crate) async fn fault(upload: &[u8]) -> ImageFault {
    fault_of(render(upload).await)
}

pub(crate) fn fault_of(rendered: Result<Rendered, RenderError>) -> ImageFault {
    match rendered {
        Err(RenderError::Refused(fault)) => fault,
        other => panic!("{other:?}"),
    }
}

/// A decoded picture: red, green, blue, opacity.
pub(crate) struct Seen {
    side: usize,
    pixels: Vec<[u8; 4]>,
}

impl Seen {
    /// One of the pictures, decoded.
    pub(crate) fn of(rendered: &Rendered, size: PictureSize, format: PictureFormat) -> Self {
        let wanted = |of: &&user_service_domain::avatar::Picture| {
            of.variant.size == size && of.variant.format == format
        };
        let bytes = &rendered.pictures.iter().find(wanted).unwrap().bytes;
        let (width, height, samples, pixels) = match format {
            PictureFormat::Webp => {
                let mut decoder =
                    image_webp::WebPDecoder::new(std::io::Cursor::new(bytes)).unwrap();
                let mut pixels = vec![0; decoder.output_buffer_size().unwrap()];
                decoder.read_image(&mut pixels).unwrap();
                let (width, height) = decoder.dimensions();
                let samples = if decoder.has_alpha() { 4 } else { 3 };
                (width, height, samples, pixels)
            }
            PictureFormat::Jpeg => {
                let mut decoder = jpeg_decoder::Decoder::new(bytes.as_slice());
                let pixels = decoder.decode().unwrap();
                let info = decoder.info().unwrap();
                (info.width.into(), info.height.into(), 3, pixels)
            }
            PictureFormat::Png => {
                let decoder = png::Decoder::new(std::io::Cursor::new(bytes));
                let mut reader = decoder.read_info().unwrap();
                let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
                let info = reader.next_frame(&mut pixels).unwrap();
                (info.width, info.height, info.color_type.samples(), pixels)
            }
        };
        assert_eq!(width, u32::from(size.pixels()));
        assert_eq!(height, u32::from(size.pixels()));
        let pixels = pixels
            .chunks_exact(samples)
            .map(|pixel| match *pixel {
                [r, g, b] => [r, g, b, 255],
                [r, g, b, a] => [r, g, b, a],
                _ => panic!("{samples} samples"),
            })
            .collect();
        Self {
            side: width as usize,
            pixels,
        }
    }

    /// The largest, as browsers of old get it.
    pub(crate) fn fallback(rendered: &Rendered) -> Self {
        Self::of(rendered, PictureSize::Px512, rendered.fallback)
    }

    /// The colour at a point, in eighths of the side.
    pub(crate) fn at(&self, x: usize, y: usize) -> [u8; 4] {
        self.pixels[y * self.side / 8 * self.side + x * self.side / 8]
    }

    /// One pixel.
    pub(crate) fn pixel(&self, x: usize, y: usize) -> [u8; 4] {
        self.pixels[y * self.side + x]
    }

    /// The colours of the four quarters.
    pub(crate) fn quarters(&self) -> [[u8; 4]; 4] {
        [(2, 2), (6, 2), (2, 6), (6, 6)].map(|(x, y)| self.at(x, y))
    }

    pub(crate) fn is_opaque(&self) -> bool {
        self.pixels.iter().all(|[.., alpha]| *alpha == 255)
    }
}

/// Whether a colour is another, but for what encoders do to it.
pub(crate) fn is_near(seen: [u8; 4], wanted: [u8; 3], off: u8) -> bool {
    seen[3] == 255 && seen.iter().zip(wanted).all(|(a, b)| a.abs_diff(b) <= off)
}

/// Fails unless every picture has the quarters where they should be.
pub(crate) fn assert_upright(rendered: &Rendered, what: &str) {
    assert_quarters(rendered, CORNERS, 12, what);
}

pub(crate) fn assert_quarters(rendered: &Rendered, wanted: [[u8; 3]; 4], off: u8, what: &str) {
    for size in PictureSize::ALL {
        for format in [PictureFormat::Webp, rendered.fallback] {
            let seen = Seen::of(rendered, size, format).quarters();
            let right = seen
                .into_iter()
                .zip(wanted)
                .all(|(seen, wanted)| is_near(seen, wanted, off));
            assert!(right, "{what}: {size:?} {format:?} {seen:?}");
        }
    }
}
