//! Every kind of picture that is read.

use jpeg_encoder::SamplingFactor;
use png::{BitDepth, ColorType};
use user_service_domain::avatar::{PictureFormat, PictureSize, Rendered};

use crate::files::{
    BLUE, CORNERS, Drawing, GREEN, RED, bare_png, chunk, deflated, png, png_header, riff,
    webp_canvas, webp_chunk, webp_frame, with_chunks,
};
use crate::seen::{Seen, assert_quarters, assert_upright, is_near, render};

/// Three quarters are there, the fourth is clear.
fn assert_clear_corner(rendered: &Rendered, what: &str) {
    assert_eq!(rendered.fallback, PictureFormat::Png, "{what}");
    for size in PictureSize::ALL {
        for format in [PictureFormat::Webp, PictureFormat::Png] {
            let seen = Seen::of(rendered, size, format).quarters();
            for (seen, wanted) in seen.into_iter().zip([RED, GREEN, BLUE]) {
                assert!(
                    is_near(seen, wanted, 12),
                    "{what}: {size:?} {format:?} {seen:?}"
                );
            }
            assert_eq!(seen[3][3], 0, "{what}: {size:?} {format:?}");
        }
    }
}

/// The rows of a picture, each after a byte that says it is not filtered.
fn unfiltered(rows: impl Iterator<Item = Vec<u8>>) -> Vec<u8> {
    rows.flat_map(|row| [vec![0], row].concat()).collect()
}

/// The passes of Adam7 (PNG section 8.2) over a picture of this many bytes a pixel.
fn adam7(width: u32, height: u32, wide: usize, pixels: &[u8]) -> Vec<u8> {
    let passes = [
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    ];
    let mut data = Vec::new();
    for (left, top, across, down) in passes {
        if left >= width {
            continue;
        }
        data.extend(unfiltered((top..height).step_by(down).map(|y| {
            (left..width)
                .step_by(across)
                .flat_map(|x| {
                    let at = (y * width + x) as usize * wide;
                    pixels[at..at + wide].to_vec()
                })
                .collect()
        })));
    }
    data
}

#[tokio::test]
async fn jpegs_of_every_sampling_are_read() {
    let drawing = Drawing::quarters(250, 190);
    let samplings = [
        SamplingFactor::F_1_1,
        SamplingFactor::F_2_1,
        SamplingFactor::F_1_2,
        SamplingFactor::F_2_2,
        SamplingFactor::F_4_1,
        SamplingFactor::F_4_2,
    ];
    for sampling in samplings {
        for progressive in [false, true] {
            let file = drawing.jpeg_with(|encoder| {
                encoder.set_sampling_factor(sampling);
                encoder.set_progressive(progressive);
                encoder.set_restart_interval(if progressive { 0 } else { 3 });
            });
            let what = format!("{sampling:?} {progressive}");
            assert_upright(&render(&file).await.unwrap(), &what);
        }
    }
}

#[tokio::test]
async fn jpegs_of_every_scale_are_read() {
    for side in [513, 1023, 1025, 2047, 2049, 4095, 4100, 6000] {
        let file = Drawing::quarters(side, side - 1).jpeg();
        assert_upright(&render(&file).await.unwrap(), &side.to_string());
    }
}

#[tokio::test]
async fn what_phones_leave_after_a_photo_is_accepted_and_dropped() {
    let photo = Drawing::quarters(200, 150).jpeg();
    let video = b"\0\0\0\x18ftypmp42\0\0\0\0isommp42\0\0\0\x09mdat!".to_vec();
    let trailers = [
        vec![0; 7],
        video,
        photo.clone(),
        b"SEFHe\0\0\0SEFT".to_vec(),
        vec![1, 2, 3],
    ];
    let plain = render(&photo).await.unwrap();
    for trailer in trailers {
        let file = [photo.clone(), trailer].concat();
        assert_eq!(render(&file).await.unwrap(), plain);
    }
}

#[tokio::test]
async fn pngs_of_every_kind_are_read() {
    let drawing = Drawing::quarters(90, 70);
    let size = (90, 70);
    let twice = |bytes: &[u8]| bytes.iter().flat_map(|b| [*b, *b]).collect::<Vec<_>>();
    let palette: Vec<u8> = CORNERS.into_iter().flatten().collect();
    let rgb = &drawing.pixels;
    let rgba: Vec<u8> = rgb
        .as_chunks::<3>()
        .0
        .iter()
        .flat_map(|[r, g, b]| [*r, *g, *b, 255])
        .collect();
    let indexed = drawing.indexed();
    let files = [
        png(size, ColorType::Rgb, BitDepth::Sixteen, &twice(rgb), |_| {}),
        png(size, ColorType::Rgba, BitDepth::Eight, &rgba, |_| {}),
        png(size, ColorType::Indexed, BitDepth::Eight, &indexed, |e| {
            e.set_palette(palette.clone());
        }),
        bare_png(
            png_header(90, 70, 8, 2, 1),
            &[],
            &deflated(&adam7(90, 70, 3, rgb)),
        ),
        bare_png(
            png_header(90, 70, 16, 2, 1),
            &[],
            &deflated(&adam7(90, 70, 6, &twice(rgb))),
        ),
        bare_png(
            png_header(90, 70, 8, 3, 1),
            &[chunk(*b"PLTE", &palette)],
            &deflated(&adam7(90, 70, 1, &indexed)),
        ),
    ];
    for (number, file) in files.iter().enumerate() {
        let rendered = render(file).await.unwrap();
        assert_upright(&rendered, &format!("file {number}"));
        assert_eq!(rendered.fallback, PictureFormat::Jpeg);
    }
}

#[tokio::test]
async fn interlaced_pngs_that_are_reduced_while_decoded_are_read() {
    let drawing = Drawing::quarters(2300, 2200);
    let file = bare_png(
        png_header(2300, 2200, 8, 2, 1),
        &[],
        &deflated(&adam7(2300, 2200, 3, &drawing.pixels)),
    );
    assert_upright(&render(&file).await.unwrap(), "interlaced");
    let rgba = drawing.clear_corner();
    let file = bare_png(
        png_header(2300, 2200, 8, 6, 1),
        &[],
        &deflated(&adam7(2300, 2200, 4, &rgba)),
    );
    assert_clear_corner(&render(&file).await.unwrap(), "interlaced");
}

#[tokio::test]
async fn interlaced_pngs_of_every_small_size_are_read() {
    for width in 1..=9 {
        for height in 1..=9 {
            let drawing = Drawing::of(width, height, |_, _| RED);
            let data = deflated(&adam7(width, height, 3, &drawing.pixels));
            let file = bare_png(png_header(width, height, 8, 2, 1), &[], &data);
            let rendered = render(&file).await.unwrap();
            assert_quarters(&rendered, [RED; 4], 8, &format!("{width}×{height}"));
        }
    }
}

#[tokio::test]
async fn what_lets_through_stays_so_in_every_format() {
    let drawing = Drawing::quarters(240, 180);
    let size = (240, 180);
    let rgba = drawing.clear_corner();
    let deep: Vec<u8> = rgba.iter().flat_map(|b| [*b, *b]).collect();
    let palette: Vec<u8> = CORNERS.into_iter().flatten().collect();
    let files = [
        png(size, ColorType::Rgba, BitDepth::Eight, &rgba, |_| {}),
        png(size, ColorType::Rgba, BitDepth::Sixteen, &deep, |_| {}),
        png(
            size,
            ColorType::Indexed,
            BitDepth::Eight,
            &drawing.indexed(),
            |e| {
                e.set_palette(palette.clone());
                e.set_trns(vec![255, 255, 255, 0]);
            },
        ),
        with_chunks(
            &drawing.png(),
            &[chunk(
                *b"tRNS",
                &[0, CORNERS[3][0], 0, CORNERS[3][1], 0, CORNERS[3][2]],
            )],
        ),
        webp::Encoder::from_rgba(&rgba, 240, 180)
            .encode_lossless()
            .to_vec(),
        webp::Encoder::from_rgba(&rgba, 240, 180)
            .encode(95.0)
            .to_vec(),
    ];
    for (number, file) in files.iter().enumerate() {
        assert_clear_corner(&render(file).await.unwrap(), &format!("file {number}"));
    }
}

#[tokio::test]
async fn large_pictures_that_let_through_are_reduced_without_dark_edges() {
    // The clear quarter is black: its colour must not leak into the others.
    let drawing = Drawing::of(2400, 2400, |x, y| {
        if x >= 1201 && y >= 1201 {
            [0, 0, 0]
        } else {
            RED
        }
    });
    let rgba: Vec<u8> = drawing
        .pixels
        .as_chunks::<3>()
        .0
        .iter()
        .flat_map(|[r, g, b]| [*r, *g, *b, if *r == 0 { 0 } else { 255 }])
        .collect();
    let file = png(
        (2400, 2400),
        ColorType::Rgba,
        BitDepth::Eight,
        &rgba,
        |_| {},
    );
    let rendered = render(&file).await.unwrap();
    let seen = Seen::fallback(&rendered);
    for x in 0..512 {
        for y in 0..512 {
            let [r, g, b, a] = seen.pixel(x, y);
            if a >= 64 {
                assert!(is_near([r, g, b, 255], RED, 6), "{x},{y}: {r} {g} {b} {a}");
            }
        }
    }
}

#[tokio::test]
async fn gray_pictures_are_read() {
    let grays = [40u8, 90, 150, 220];
    let drawing = Drawing::of(80, 80, |x, y| {
        [grays[usize::from(x >= 40) + 2 * usize::from(y >= 40)]; 3]
    });
    let gray: Vec<u8> = drawing.pixels.iter().step_by(3).copied().collect();
    let deep: Vec<u8> = gray.iter().flat_map(|b| [*b, *b]).collect();
    let opaque: Vec<u8> = gray.iter().flat_map(|b| [*b, 255]).collect();
    let mut jpeg = Vec::new();
    jpeg_encoder::Encoder::new(&mut jpeg, 95)
        .encode(&gray, 80, 80, jpeg_encoder::ColorType::Luma)
        .unwrap();
    let files = [
        png(
            (80, 80),
            ColorType::Grayscale,
            BitDepth::Eight,
            &gray,
            |_| {},
        ),
        png(
            (80, 80),
            ColorType::Grayscale,
            BitDepth::Sixteen,
            &deep,
            |_| {},
        ),
        png(
            (80, 80),
            ColorType::GrayscaleAlpha,
            BitDepth::Eight,
            &opaque,
            |_| {},
        ),
        jpeg,
    ];
    for (number, file) in files.iter().enumerate() {
        let rendered = render(file).await.unwrap();
        assert_quarters(
            &rendered,
            grays.map(|gray| [gray; 3]),
            8,
            &format!("file {number}"),
        );
    }
    let clear: Vec<u8> = gray
        .iter()
        .flat_map(|b| [*b, if *b == 220 { 0 } else { 255 }])
        .collect();
    let file = png(
        (80, 80),
        ColorType::GrayscaleAlpha,
        BitDepth::Eight,
        &clear,
        |_| {},
    );
    let rendered = render(&file).await.unwrap();
    assert_eq!(rendered.fallback, PictureFormat::Png);
    let [first, .., last] = Seen::fallback(&rendered).quarters();
    assert!(is_near(first, [40; 3], 4) && last[3] == 0);
}

#[tokio::test]
async fn black_and_white_pictures_of_one_bit_are_read() {
    let rows = unfiltered((0..16).map(|_| vec![0x00, 0xff]));
    let file = bare_png(png_header(16, 16, 1, 0, 0), &[], &deflated(&rows));
    let (black, white) = ([0; 3], [255; 3]);
    assert_quarters(
        &render(&file).await.unwrap(),
        [black, white, black, white],
        6,
        "bits",
    );
}

#[tokio::test]
async fn webp_of_every_kind_is_read() {
    let drawing = Drawing::quarters(241, 181);
    for lossless in [false, true] {
        let file = drawing.webp(lossless);
        let rendered = render(&file).await.unwrap();
        assert_upright(&rendered, &lossless.to_string());
        assert_eq!(rendered.fallback, PictureFormat::Jpeg);
    }
}

#[tokio::test]
async fn of_an_animation_the_first_frame_is_shown() {
    let (first, second) = (
        Drawing::quarters(120, 90),
        Drawing::of(120, 90, |_, _| BLUE),
    );
    assert_upright(
        &render(&first.gif(&[second.clone(), second.clone()]))
            .await
            .unwrap(),
        "GIF",
    );

    let frames = [&first, &second].map(|frame| {
        let file = frame.webp(true);
        webp_frame(0, 0, 120, 90, &file[12..])
    });
    let file = riff(&[
        (b"VP8X", &webp_canvas(2, 120, 90)),
        (b"ANIM", &[0; 6]),
        (b"ANMF", &frames[0]),
        (b"ANMF", &frames[1]),
    ]);
    assert_upright(&render(&file).await.unwrap(), "WebP");

    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, 120, 90);
    encoder.set_color(ColorType::Rgb);
    encoder.set_animated(2, 0).unwrap();
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&first.pixels).unwrap();
    writer.write_image_data(&second.pixels).unwrap();
    writer.finish().unwrap();
    assert_upright(&render(&file).await.unwrap(), "PNG");
}

#[tokio::test]
async fn a_first_frame_that_covers_part_of_its_canvas_stays_where_it_is() {
    let frame = Drawing::of(50, 50, |_, _| RED);
    for lossless in [false, true] {
        let picture = frame.webp(lossless);
        let file = riff(&[
            (b"VP8X", &webp_canvas(2, 100, 100)),
            (b"ANIM", &[0; 6]),
            (b"ANMF", &webp_frame(50, 0, 50, 50, &picture[12..])),
        ]);
        let rendered = render(&file).await.unwrap();
        let [a, b, c, d] = Seen::fallback(&rendered).quarters();
        assert!(is_near(b, RED, 12), "{b:?}");
        assert_eq!([a[3], c[3], d[3]], [0; 3]);
    }
    let mut file = Vec::new();
    let mut encoder = gif::Encoder::new(&mut file, 100, 100, &RED).unwrap();
    let part = gif::Frame {
        left: 0,
        top: 50,
        width: 500,
        height: 500,
        buffer: vec![0; 250_000].into(),
        ..gif::Frame::default()
    };
    encoder.write_frame(&part).unwrap();
    drop(encoder);
    let rendered = render(&file).await.unwrap();
    let [a, b, c, d] = Seen::fallback(&rendered).quarters();
    assert_eq!([a[3], b[3]], [0; 2]);
    assert!(is_near(c, RED, 4) && is_near(d, RED, 4));
}

#[tokio::test]
async fn the_clear_colour_of_a_gif_is_clear() {
    let drawing = Drawing::quarters(80, 80);
    let palette: Vec<u8> = CORNERS.into_iter().flatten().collect();
    let mut file = Vec::new();
    let mut encoder = gif::Encoder::new(&mut file, 80, 80, &palette).unwrap();
    let frame = gif::Frame {
        width: 80,
        height: 80,
        transparent: Some(3),
        interlaced: false,
        buffer: drawing.indexed().into(),
        ..gif::Frame::default()
    };
    encoder.write_frame(&frame).unwrap();
    drop(encoder);
    assert_clear_corner(&render(&file).await.unwrap(), "GIF");
}

#[tokio::test]
async fn small_pictures_are_enlarged() {
    for (width, height) in [(1, 1), (1, 3), (3, 1), (2, 2), (7, 5), (1, 700), (700, 1)] {
        let drawing = Drawing::of(width, height, |_, _| GREEN);
        for (kind, file) in [
            drawing.png(),
            drawing.jpeg(),
            drawing.webp(true),
            drawing.webp(false),
        ]
        .iter()
        .enumerate()
        {
            let rendered = render(file).await.unwrap();
            assert_quarters(
                &rendered,
                [GREEN; 4],
                12,
                &format!("{width}×{height}, file {kind}"),
            );
            assert!(Seen::fallback(&rendered).is_opaque());
        }
    }
    assert_upright(
        &render(&Drawing::quarters(32, 24).png()).await.unwrap(),
        "enlarged",
    );
}

#[tokio::test]
async fn the_longest_sides_are_read() {
    for (width, height) in [(16_384, 2_000), (2_000, 16_384), (16_384, 16), (16, 16_384)] {
        let drawing = Drawing::quarters(width, height);
        for file in [drawing.jpeg(), drawing.png()] {
            assert_upright(&render(&file).await.unwrap(), &format!("{width}×{height}"));
        }
    }
}

#[tokio::test]
async fn chunks_around_a_webp_picture_change_nothing() {
    let drawing = Drawing::quarters(60, 60);
    let plain = drawing.webp(false);
    let file = riff(&[
        (b"VP8X", &webp_canvas(0, 60, 60)),
        (b"odd ", b"xyz"),
        (b"VP8 ", &plain[20..]),
        (b"XMP ", b"<x:xmpmeta/>"),
    ]);
    let unpadded = [
        &plain[..4],
        &(plain.len() as u32 - 8).to_le_bytes(),
        &plain[8..],
    ]
    .concat();
    let wanted = render(&plain).await.unwrap();
    assert_eq!(render(&file).await.unwrap(), wanted);
    assert_eq!(render(&unpadded).await.unwrap(), wanted);
    assert_eq!(webp_chunk(*b"abcd", b"xyz").len(), 12);
}

/// Written by libwebp, whose codes copy pixels, remember colours and change from block to block.
#[tokio::test]
async fn lossless_webp_of_the_usual_encoder_is_read() {
    for (name, file) in [
        (
            "predicted",
            &include_bytes!("../lossless/predicted.webp")[..],
        ),
        ("in haste", &include_bytes!("../lossless/fast.webp")[..]),
        ("palette", &include_bytes!("../lossless/palette.webp")[..]),
        (
            "twelve colours",
            &include_bytes!("../lossless/twelve-colours.webp")[..],
        ),
    ] {
        let rendered = render(file).await;
        let rendered = rendered.unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert_quarters(&rendered, CORNERS, 16, name);
        for kept in [file.len() / 8, file.len() / 2, file.len() - 9] {
            render(&file[..kept]).await.unwrap_err();
        }
    }
}
