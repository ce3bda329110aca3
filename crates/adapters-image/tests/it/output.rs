//! The files that come out.

use base64::Engine as _;
use user_service_domain::avatar::{Focus, Picture, PictureFormat, PictureSize, Thumbhash};

use crate::files::{Drawing, chunk, exif, png, with_chunks, with_segment};
use crate::seen::{render, render_around};

/// The kinds of the parts that a file is made of.
fn parts(picture: &Picture) -> Vec<String> {
    let bytes = &picture.bytes;
    let mut parts = Vec::new();
    let number = |at: usize, big: bool| {
        let bytes: [u8; 4] = bytes[at..at + 4].try_into().unwrap();
        (if big {
            u32::from_be_bytes(bytes)
        } else {
            u32::from_le_bytes(bytes)
        }) as usize
    };
    let name = |at: usize| String::from_utf8(bytes[at..at + 4].to_vec()).unwrap();
    match picture.variant.format {
        PictureFormat::Webp => {
            assert_eq!(number(4, false) + 8, bytes.len());
            let mut at = 12;
            while at < bytes.len() {
                parts.push(name(at));
                at += 8 + number(at + 4, false).next_multiple_of(2);
            }
        }
        PictureFormat::Png => {
            let mut at = 8;
            while at < bytes.len() {
                parts.push(name(at + 4));
                at += 12 + number(at, true);
            }
        }
        PictureFormat::Jpeg => {
            let mut at = 2;
            loop {
                assert_eq!(bytes[at], 0xff);
                parts.push(format!("{:02x}", bytes[at + 1]));
                if bytes[at + 1] == 0xda {
                    break;
                }
                at += 2 + usize::from(u16::from_be_bytes([bytes[at + 2], bytes[at + 3]]));
            }
            assert_eq!(bytes[bytes.len() - 2..], [0xff, 0xd9]);
        }
    }
    parts.dedup();
    parts
}

/// An upload with everything that must not be handed on.
fn talkative() -> [Vec<u8>; 2] {
    let drawing = Drawing::quarters(100, 80);
    let words = b"SECRET-PLACE";
    let tiff = [exif(1, true), words.to_vec()].concat();
    let jpeg = with_segment(
        &drawing.jpeg(),
        0xe1,
        &[b"Exif\0\0", tiff.as_slice()].concat(),
    );
    let jpeg = with_segment(
        &jpeg,
        0xe1,
        &[b"http://ns.adobe.com/xap/1.0/\0", &words[..]].concat(),
    );
    let jpeg = with_segment(&jpeg, 0xed, &[b"Photoshop 3.0\0", &words[..]].concat());
    let jpeg = with_segment(&jpeg, 0xfe, words);
    let mut jpeg = with_segment(&jpeg, 0xef, words);
    jpeg.extend_from_slice(words);
    let rgba = drawing.clear_corner();
    let plain = png(
        (100, 80),
        png::ColorType::Rgba,
        png::BitDepth::Eight,
        &rgba,
        |_| {},
    );
    let png = with_chunks(
        &plain,
        &[
            chunk(*b"eXIf", &tiff),
            chunk(*b"tEXt", b"Comment\0SECRET-PLACE"),
            chunk(*b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0SECRET-PLACE"),
            chunk(*b"tIME", &[7, 232, 1, 1, 1, 1, 1]),
            chunk(*b"prVt", words),
        ],
    );
    [jpeg, png]
}

#[tokio::test]
async fn every_size_is_written_as_webp_and_as_the_fallback() {
    for (file, fallback) in talkative()
        .iter()
        .zip([PictureFormat::Jpeg, PictureFormat::Png])
    {
        let rendered = render(file).await.unwrap();
        assert_eq!(rendered.fallback, fallback);
        let made: Vec<_> = rendered
            .pictures
            .iter()
            .map(|p| p.variant.to_string())
            .collect();
        let wanted: Vec<_> = PictureSize::ALL
            .into_iter()
            .flat_map(|size| {
                [PictureFormat::Webp, fallback].map(|f| format!("{}.{}", size.pixels(), f.as_str()))
            })
            .collect();
        assert_eq!(made, wanted);
    }
}

#[tokio::test]
async fn nothing_but_pixels_comes_out() {
    for file in talkative() {
        for picture in render(&file).await.unwrap().pictures {
            let parts = parts(&picture);
            let allowed: &[&str] = match picture.variant.format {
                PictureFormat::Webp => &["VP8 ", "VP8X", "ALPH"],
                PictureFormat::Png => &["IHDR", "IDAT", "IEND"],
                PictureFormat::Jpeg => &["e0", "db", "c4", "c0", "da"],
            };
            assert!(
                parts.iter().all(|p| allowed.contains(&p.as_str())),
                "{picture:?}: {parts:?}"
            );
            assert!(
                !picture.bytes.windows(6).any(|w| w == b"SECRET"),
                "{picture:?}"
            );
        }
    }
}

#[tokio::test]
async fn the_same_upload_gives_the_same_bytes_and_another_gives_others() {
    let [jpeg, png] = talkative();
    let first = render(&jpeg).await.unwrap();
    assert_eq!(render(&jpeg).await.unwrap(), first);
    assert_ne!(render(&png).await.unwrap().digest, first.digest);
    let aside = render_around(&jpeg, Focus::new(0.0, 0.0).unwrap())
        .await
        .unwrap();
    assert_ne!(aside.digest, first.digest);
}

#[tokio::test]
async fn the_first_impression_is_a_thumbhash_in_base64() {
    for file in talkative() {
        let rendered = render(&file).await.unwrap();
        let text = rendered.thumbhash.as_str();
        assert!(text.len() <= Thumbhash::MAX, "{text}");
        let hash = base64::engine::general_purpose::STANDARD
            .decode(text)
            .unwrap();
        let (width, height, _) = thumbhash::thumb_hash_to_rgba(&hash).unwrap();
        assert_eq!(width, height);
    }
}

#[tokio::test]
async fn pictures_are_of_a_size_that_fits_a_page() {
    let file = Drawing::quarters(800, 800).jpeg();
    let total: usize = render(&file)
        .await
        .unwrap()
        .pictures
        .iter()
        .map(|p| p.bytes.len())
        .sum();
    assert!(total < 100_000, "{total}");
}
