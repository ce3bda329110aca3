//! What is refused, and why.

use user_service_adapters_image::{ImageRenderer, ImageSettings, SourceType};
use user_service_domain::avatar::{AvatarRenderer as _, Focus, ImageFault};

use crate::files::{
    Drawing, bare_png, chunk, deflated, png_header, riff, webp_canvas, webp_frame, with_chunks,
    with_segment,
};
use crate::seen::{fault, fault_of, render, settings};

fn drawing() -> Drawing {
    Drawing::quarters(64, 48)
}

/// One of each type, with its name.
fn one_of_each() -> [(&'static str, Vec<u8>); 6] {
    let drawing = drawing();
    [
        ("JPEG", drawing.jpeg()),
        (
            "progressive JPEG",
            drawing.jpeg_with(|encoder| encoder.set_progressive(true)),
        ),
        ("PNG", drawing.png()),
        ("lossy WebP", drawing.webp(false)),
        ("lossless WebP", drawing.webp(true)),
        ("GIF", drawing.gif(&[])),
    ]
}

#[tokio::test]
async fn an_empty_file_is_called_empty() {
    assert_eq!(fault(b"").await, ImageFault::Empty);
}

#[tokio::test]
async fn what_is_no_picture_is_named_by_its_bytes() {
    let svg = "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>";
    let heic = |major: &str, also: &str| format!("\0\0\0\x18ftyp{major}\0\0\0\0{also}mif1");
    let cases = [
        (svg.to_owned(), Some("image/svg+xml")),
        (
            format!("\u{feff} \n<?xml version='1.0'?><!-- x --><!DOCTYPE svg>{svg}"),
            Some("image/svg+xml"),
        ),
        (
            format!(
                "<ns:svg xmlns:ns='http://www.w3.org/2000/svg'/>{}",
                " ".repeat(99)
            ),
            Some("image/svg+xml"),
        ),
        ("  <!DOCTYPE HTML><p>".to_owned(), Some("text/html")),
        ("<?php echo 1;".to_owned(), Some("text/x-php")),
        (heic("heic", "heic"), Some("image/heic")),
        (heic("mif1", "heix"), Some("image/heic")),
        (heic("msf1", "hevc"), Some("image/heic")),
        (heic("avif", "mif1"), Some("image/avif")),
        (heic("mif1", "avif"), Some("image/avif")),
        ("%PDF-1.7\n".to_owned(), Some("application/pdf")),
        (
            "PK\x03\x04aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".to_owned(),
            Some("application/zip"),
        ),
        ("just words".to_owned(), None),
        ("GIF88a".to_owned(), Some("image/gif")),
    ];
    for (file, kind) in cases {
        assert_eq!(
            fault(file.as_bytes()).await,
            ImageFault::Type(kind),
            "{file}"
        );
    }
}

#[tokio::test]
async fn only_allowed_types_are_read() {
    for (name, file) in one_of_each() {
        for kind in [
            SourceType::Jpeg,
            SourceType::Png,
            SourceType::Webp,
            SourceType::Gif,
        ] {
            let adapter = ImageRenderer::new(ImageSettings {
                allowed: vec![kind],
                ..settings()
            });
            let rendered = adapter.render(file.clone(), Focus::MIDDLE).await;
            if name.contains(&kind.name().to_uppercase().replace("WEBP", "WebP")) {
                rendered.expect(name);
            } else {
                assert!(
                    matches!(fault_of(rendered), ImageFault::Type(Some(_))),
                    "{name}"
                );
            }
        }
    }
    assert!(!ImageSettings::default().allowed.contains(&SourceType::Gif));
}

#[tokio::test]
async fn a_picture_is_refused_by_its_declared_size_before_it_is_decoded() {
    let vast =
        |width, height| bare_png(png_header(width, height, 8, 2, 0), &[], &deflated(&[0; 99]));
    let side = |width, height| ImageFault::Side { width, height };
    let pixels = |width, height| ImageFault::Pixels { width, height };
    assert_eq!(fault(&vast(50_000, 50_000)).await, side(50_000, 50_000));
    assert_eq!(fault(&vast(1, 16_385)).await, side(1, 16_385));
    assert_eq!(fault(&vast(8_000, 5_001)).await, pixels(8_000, 5_001));
    assert_eq!(fault(&vast(0, 5)).await, ImageFault::Broken);
    // Even if it ends right there.
    assert_eq!(
        fault(&vast(50_000, 50_000)[..33]).await,
        side(50_000, 50_000)
    );

    let mut jpeg = drawing().jpeg();
    let at = jpeg.windows(2).position(|w| w == [0xff, 0xc0]).unwrap();
    jpeg[at + 5..at + 9].copy_from_slice(&[0xff; 4]);
    assert_eq!(fault(&jpeg).await, side(65_535, 65_535));
    jpeg[at + 5..at + 9].copy_from_slice(&[0, 0, 0, 9]);
    assert_eq!(fault(&jpeg).await, ImageFault::Broken);

    let mut gif = drawing().gif(&[]);
    gif[6..10].copy_from_slice(&[0xff; 4]);
    assert_eq!(fault(&gif).await, side(65_535, 65_535));

    let canvas = riff(&[(b"VP8X", &webp_canvas(0, 1 << 24, 1)), (b"VP8L", &[])]);
    assert_eq!(fault(&canvas).await, side(1 << 24, 1));
    // The canvas is small, the picture on it is not.
    let lossless = [&[0x2f][..], &(16_383u32 | 16_383 << 14).to_le_bytes()].concat();
    let hidden = riff(&[(b"VP8X", &webp_canvas(0, 9, 9)), (b"VP8L", &lossless)]);
    assert_eq!(fault(&hidden).await, pixels(16_384, 16_384));
    let lossy = [0, 0, 0, 0x9d, 0x01, 0x2a, 0xff, 0x3f, 0xff, 0x3f];
    let hidden = riff(&[(b"VP8X", &webp_canvas(0, 9, 9)), (b"VP8 ", &lossy)]);
    assert_eq!(fault(&hidden).await, pixels(16_383, 16_383));
}

#[tokio::test]
async fn what_needs_more_memory_than_there_is_is_refused() {
    let file = Drawing::of(2000, 2000, |_, _| [9, 9, 9]);
    let adapter = ImageRenderer::new(ImageSettings {
        memory: 8 << 20,
        ..settings()
    });
    let lossless = adapter.render(file.webp(true), Focus::MIDDLE).await;
    assert_eq!(fault_of(lossless), ImageFault::Memory);
    // This one is decoded at a smaller scale.
    adapter.render(file.jpeg(), Focus::MIDDLE).await.unwrap();
}

/// A lossless WebP of 1024 × 1024 pixels that has this many groups of codes, 256 at a time.
fn webp_of_codes(groups: u8) -> Vec<u8> {
    let mut bits = Vec::new();
    let mut put = |value: u32, count: u32| bits.extend((0..count).map(|n| value >> n & 1 == 1));
    put(0x2f, 8);
    put(1023, 14);
    put(1023, 14);
    // No opacity, version 0, no transformation, no cache; groups for blocks of 4 × 4.
    put(0, 4);
    put(0, 2);
    put(0b0001, 4);
    // Every block is of the last group: codes of one symbol each for green, red, blue, opacity, distance.
    put(0, 1);
    for symbol in [255, u32::from(groups) - 1, 0, 0, 0] {
        put(0b101, 3);
        put(symbol, 8);
    }
    for _ in 0..u32::from(groups) * 256 * 5 {
        // Not simple; the lengths of the codes for lengths, of which 1 to 10 are used.
        put(0, 1);
        put(10, 4);
        for length in [0, 0, 0, 3, 3, 3, 3, 3, 0, 3, 4, 4, 4, 4] {
            put(length, 3);
        }
        // Eleven symbols: of 1, 2, … 9, 10 and 10 bits.
        put(1, 1);
        put(1, 3);
        put(9, 4);
        for length in [1u32, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10] {
            let (code, wide) = if length <= 6 {
                (length - 1, 3)
            } else {
                (length + 5, 4)
            };
            (0..wide).rev().for_each(|bit| put(code >> bit & 1, 1));
        }
    }
    // The first symbol of each code, for every pixel.
    (0..1024 * 1024 * 4).for_each(|_| put(0, 1));
    let data: Vec<u8> = bits
        .chunks(8)
        .map(|byte| {
            byte.iter()
                .rev()
                .fold(0, |sum, bit| sum << 1 | u8::from(*bit))
        })
        .collect();
    riff(&[(b"VP8L", &data)])
}

#[tokio::test]
async fn codes_that_would_fill_the_memory_are_refused() {
    render(&webp_of_codes(4)).await.unwrap();
    let file = webp_of_codes(128);
    assert!(file.len() < 5 << 20, "{}", file.len());
    assert_eq!(fault(&file).await, ImageFault::Memory);
}

#[tokio::test]
async fn metadata_that_swell_are_refused() {
    let bomb = deflated(&vec![0; 32 << 20]);
    let less = deflated(&vec![0; 3 << 20]);
    let kinds: [([u8; 4], &[u8]); 3] = [
        (*b"zTXt", b"Comment\0\0"),
        (*b"iTXt", b"Comment\0\x01\0en\0Comment\0"),
        (*b"iCCP", b"profile\0\0"),
    ];
    for (kind, head) in kinds {
        let of = |data: &[u8]| chunk(kind, &[head, data].concat());
        let file = with_chunks(&drawing().png(), &[of(&bomb)]);
        assert_eq!(fault(&file).await, ImageFault::Metadata);
        let file = with_chunks(&drawing().png(), &vec![of(&less); 6]);
        assert_eq!(fault(&file).await, ImageFault::Metadata);
        let file = with_chunks(&drawing().png(), &[of(&less)]);
        render(&file).await.unwrap();
    }
    // Text that is not packed is as large as it is.
    let plain = chunk(*b"iTXt", &[b"Comment\0\0\0\0\0".as_slice(), &bomb].concat());
    render(&with_chunks(&drawing().png(), &[plain]))
        .await
        .unwrap();
}

#[tokio::test]
async fn animations_with_too_much_to_show_are_refused() {
    let png = |frames: u32| {
        let declared = [frames.to_be_bytes(), [0; 4]].concat();
        bare_png(
            png_header(2000, 2000, 8, 0, 0),
            &[chunk(*b"acTL", &declared)],
            &[],
        )
    };
    assert_eq!(fault(&png(101)).await, ImageFault::Animation);
    assert_ne!(fault(&png(100)).await, ImageFault::Animation);
    let control = vec![chunk(*b"fcTL", &[0; 26]); 101];
    let counted = bare_png(png_header(2000, 2000, 8, 0, 0), &control, &[]);
    assert_eq!(fault(&counted).await, ImageFault::Animation);

    let gif = |frames: usize| {
        let mut gif = b"GIF89a\xd0\x07\xd0\x07\x80\0\0\0\0\0\xff\xff\xff".to_vec();
        gif.extend(b",\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0".repeat(frames));
        gif.push(b';');
        gif
    };
    assert_eq!(fault(&gif(101)).await, ImageFault::Animation);
    render(&gif(100)).await.unwrap();

    let picture = drawing().webp(false);
    let frame = webp_frame(0, 0, 64, 48, &picture[12..]);
    let webp = |frames: usize| {
        let (canvas, animation) = (webp_canvas(2, 2000, 2000), [0; 6]);
        let mut chunks: Vec<(&[u8; 4], &[u8])> = vec![(b"VP8X", &canvas), (b"ANIM", &animation)];
        chunks.resize(2 + frames, (b"ANMF", &frame));
        riff(&chunks)
    };
    assert_eq!(fault(&webp(101)).await, ImageFault::Animation);
    render(&webp(100)).await.unwrap();
}

#[tokio::test]
async fn a_file_that_is_cut_off_is_refused_wherever_it_is_cut() {
    for (name, file) in one_of_each() {
        // From where its type can be told, and a little before its end as well as just before it.
        for length in (16..file.len())
            .step_by(7)
            .chain(file.len() - 3..file.len())
        {
            // What is left of a padded WebP may be whole.
            if name.contains("WebP") && length == file.len() - 1 && file[length] == 0 {
                continue;
            }
            let fault = fault(&file[..length]).await;
            assert_eq!(fault, ImageFault::Truncated, "{name} of {length} bytes");
        }
    }
}

#[tokio::test]
async fn what_ends_before_its_pixels_do_is_refused() {
    let header = png_header(64, 48, 8, 2, 0);
    let short = deflated(&vec![0; 64 * 3 * 20]);
    let fault_of_short = fault(&bare_png(header, &[], &short)).await;
    assert!(matches!(
        fault_of_short,
        ImageFault::Broken | ImageFault::Truncated
    ));
    let cut = deflated(&vec![7; 193 * 48]);
    let fault_of_cut = fault(&bare_png(header, &[], &cut[..cut.len() / 2])).await;
    assert!(matches!(
        fault_of_cut,
        ImageFault::Broken | ImageFault::Truncated
    ));
    let picture = drawing().webp(true);
    let half = riff(&[(b"VP8L", &picture[20..20 + (picture.len() - 20) / 2])]);
    assert!(matches!(
        fault(&half).await,
        ImageFault::Broken | ImageFault::Truncated
    ));
}

#[tokio::test]
async fn what_follows_the_end_makes_a_polyglot() {
    let mut end = [0; 22];
    end[..4].copy_from_slice(b"PK\x05\x06");
    let zip = [b"PK\x03\x04".as_slice(), &[0; 26], &end].concat();
    let trailers: [&[u8]; 4] = [
        &zip,
        b"%PDF-1.4\n%%EOF",
        b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\0\0\0\0",
        b"MZ\x90\0\x03\0\0\0\x04\0\0\0",
    ];
    for (name, file) in one_of_each() {
        for trailer in trailers {
            let whole = [file.as_slice(), trailer].concat();
            assert_eq!(
                fault(&whole).await,
                ImageFault::Polyglot,
                "{name} {trailer:?}"
            );
        }
        if !name.contains("JPEG") {
            let whole = [file.as_slice(), b"x"].concat();
            assert_eq!(fault(&whole).await, ImageFault::Polyglot, "{name}");
        }
    }
    // An archive that is hidden in a comment, but for its end.
    let file = with_segment(&drawing().jpeg(), 0xfe, &zip[..30]);
    let whole = [file.as_slice(), &end].concat();
    assert_eq!(fault(&whole).await, ImageFault::Polyglot);
    let commented = [file.as_slice(), &end[..20], &[3, 0], b"abc"].concat();
    assert_eq!(fault(&commented).await, ImageFault::Polyglot);
}

#[tokio::test]
async fn a_gif_that_is_a_script_is_a_polyglot() {
    let mut gif = drawing().gif(&[]);
    gif[6..8].copy_from_slice(b"/*");
    assert_eq!(fault(&gif).await, ImageFault::Polyglot);
    gif[4] = b'7';
    assert_eq!(fault(&gif).await, ImageFault::Polyglot);
}

#[tokio::test]
async fn markup_anywhere_makes_a_polyglot() {
    let words = [
        "<script>alert(1)</script>",
        "<ScRiPt src=x>",
        "<HTML>",
        "<!DOCTYPE html>",
        "<svg/onload=alert(1)>",
        "<svg xmlns='x'>",
        "<?php system($_GET['c']); ?>",
        "<?PHP\n",
        "<iframe src=x>",
        "<body onload=alert(1)>",
    ];
    let drawing = drawing();
    let webp = drawing.webp(false);
    for words in words {
        let words = words.as_bytes();
        let mut gif = drawing.gif(&[]);
        gif.pop();
        gif.extend_from_slice(&[b'!', 0xfe, words.len() as u8]);
        gif.extend_from_slice(words);
        gif.extend_from_slice(b"\0;");
        let files = [
            with_segment(&drawing.jpeg(), 0xfe, words),
            [drawing.jpeg(), words.to_vec()].concat(),
            with_chunks(
                &drawing.png(),
                &[chunk(*b"tEXt", &[b"Comment\0", words].concat())],
            ),
            riff(&[(b"VP8 ", &webp[20..]), (b"XMP ", words)]),
            gif,
        ];
        for file in files {
            assert_eq!(fault(&file).await, ImageFault::Polyglot, "{words:?}");
        }
    }
    // What merely looks like it is not: packed pixels hold such bytes by chance.
    for chance in [
        &b"<svg\x80\x01"[..],
        b"<svg",
        b"<html\0",
        b"<bodyx>",
        b"<?phpx",
        b"<svg \x03\x04 >",
        b"< script",
    ] {
        let file = with_chunks(&drawing.png(), &[chunk(*b"prVt", &[chance, &[0]].concat())]);
        render(&file).await.unwrap();
    }
}

#[tokio::test]
async fn what_is_broken_is_refused() {
    let drawing = drawing();
    let header = png_header(64, 48, 8, 2, 0);
    let mut bad_sum = drawing.png();
    let at = bad_sum.windows(4).position(|w| w == b"IDAT").unwrap();
    bad_sum[at + 20] ^= 0xff;
    let mut no_frame = drawing.gif(&[]);
    no_frame.truncate(25);
    no_frame.push(b';');
    let mut lossless = drawing.jpeg();
    let at = lossless.windows(2).position(|w| w == [0xff, 0xc0]).unwrap();
    lossless[at + 1] = 0xc3;
    let mut arithmetic = drawing.jpeg();
    arithmetic[at + 1] = 0xc9;
    let files = [
        (
            "no IDAT",
            [
                b"\x89PNG\r\n\x1a\n".to_vec(),
                chunk(*b"IHDR", &header),
                chunk(*b"IEND", b""),
            ]
            .concat(),
        ),
        (
            "no IHDR",
            [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(*b"IEND", b"")].concat(),
        ),
        ("bad sum", bad_sum),
        ("no zlib", bare_png(header, &[], b"no zlib at all")),
        (
            "colour type 5",
            bare_png(png_header(9, 9, 8, 5, 0), &[], &deflated(&[0; 999])),
        ),
        (
            "depth 3",
            bare_png(png_header(9, 9, 3, 0, 0), &[], &deflated(&[0; 999])),
        ),
        (
            "no palette",
            bare_png(png_header(9, 9, 8, 3, 0), &[], &deflated(&[0; 90])),
        ),
        ("no frame", no_frame),
        ("no scan", vec![0xff, 0xd8, 0xff, 0xd9]),
        ("lossless", lossless),
        ("arithmetic", arithmetic),
        ("no picture", riff(&[(b"VP8X", &webp_canvas(0, 9, 9))])),
        ("no keyframe", riff(&[(b"VP8 ", &[1; 40])])),
        (
            "no codes",
            riff(&[(b"VP8L", &[0x2f, 8, 0, 0, 0, 0xff, 0xff, 0xff, 0xff])]),
        ),
        (
            "outside",
            riff(&[
                (b"VP8X", &webp_canvas(2, 64, 48)),
                (b"ANIM", &[0; 6]),
                (
                    b"ANMF",
                    &webp_frame(2, 0, 64, 48, &drawing.webp(true)[12..]),
                ),
            ]),
        ),
    ];
    for (what, file) in files {
        let fault = fault(&file).await;
        assert!(
            matches!(fault, ImageFault::Broken | ImageFault::Truncated),
            "{what}: {fault:?}"
        );
    }
}
