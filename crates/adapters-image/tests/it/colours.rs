//! What colours mean.

use moxcms::ColorProfile;
use png::{BitDepth, ColorType};

use crate::files::{
    CORNERS, Drawing, chunk, deflated, png, riff, webp_canvas, with_chunks, with_segment,
};
use crate::seen::{assert_quarters, assert_upright, render};

/// The profile in a JPEG, in parts as large as segments allow.
fn with_profile(jpeg: &[u8], profile: &[u8]) -> Vec<u8> {
    let parts: Vec<_> = profile.chunks(60_000).collect();
    let count = parts.len() as u8;
    // Each goes to the front.
    parts
        .iter()
        .zip(1..=count)
        .rev()
        .fold(jpeg.to_vec(), |jpeg, (part, number)| {
            with_segment(
                &jpeg,
                0xe2,
                &[b"ICC_PROFILE\0", &[number, count][..], part].concat(),
            )
        })
}

fn iccp(profile: &[u8]) -> Vec<u8> {
    chunk(*b"iCCP", &[b"x\0\0", deflated(profile).as_slice()].concat())
}

/// The drawing in the numbers of another profile.
fn converted(drawing: &Drawing, to: &ColorProfile) -> Drawing {
    let transform = ColorProfile::new_srgb()
        .create_transform_8bit(
            moxcms::Layout::Rgb,
            to,
            moxcms::Layout::Rgb,
            moxcms::TransformOptions::default(),
        )
        .unwrap();
    let mut pixels = vec![0; drawing.pixels.len()];
    transform.transform(&drawing.pixels, &mut pixels).unwrap();
    Drawing {
        pixels,
        ..drawing.clone()
    }
}

#[tokio::test]
async fn profiles_are_converted_to_srgb_in_every_format() {
    let drawing = Drawing::quarters(200, 150);
    let profiles = [
        ColorProfile::new_display_p3(),
        ColorProfile::new_adobe_rgb(),
        ColorProfile::new_bt2020(),
        ColorProfile::new_pro_photo_rgb(),
    ];
    for (number, profile) in profiles.iter().enumerate() {
        let icc = profile.encode().unwrap();
        let other = converted(&drawing, profile);
        assert_ne!(other.pixels, drawing.pixels);
        let files = [
            with_profile(&other.jpeg(), &icc),
            with_chunks(&other.png(), &[iccp(&icc)]),
            riff(&[
                (b"VP8X", &webp_canvas(0x20, 200, 150)),
                (b"ICCP", &icc),
                (b"VP8L", &other.webp(true)[20..]),
            ]),
        ];
        for (kind, file) in files.iter().enumerate() {
            assert_upright(
                &render(file).await.unwrap(),
                &format!("profile {number}, file {kind}"),
            );
        }
    }
}

#[tokio::test]
async fn profiles_of_gray_pictures_are_converted() {
    let icc = ColorProfile::new_gray_with_gamma(1.0).encode().unwrap();
    let linear = png(
        (40, 40),
        ColorType::Grayscale,
        BitDepth::Eight,
        &[55; 1600],
        |_| {},
    );
    let file = with_chunks(&linear, &[iccp(&icc)]);
    // 55 of 255, linear, is 128 in sRGB.
    assert_quarters(&render(&file).await.unwrap(), [[128; 3]; 4], 3, "gray");
}

#[tokio::test]
async fn profiles_that_are_broken_or_of_another_kind_are_ignored() {
    let drawing = Drawing::quarters(200, 150);
    let icc = ColorProfile::new_display_p3().encode().unwrap();
    let gray = ColorProfile::new_gray_with_gamma(1.0).encode().unwrap();
    let halves = [&icc[..icc.len() / 2], &icc[..130], &[], &gray];
    for profile in halves {
        assert_upright(
            &render(&with_profile(&drawing.jpeg(), profile))
                .await
                .unwrap(),
            "JPEG",
        );
        let file = with_chunks(&drawing.png(), &[iccp(profile)]);
        assert_upright(&render(&file).await.unwrap(), "PNG");
    }
    // The second of two parts is missing.
    let part = [b"ICC_PROFILE\0\x01\x02", icc.as_slice()].concat();
    let file = with_segment(&drawing.jpeg(), 0xe2, &part);
    assert_upright(&render(&file).await.unwrap(), "in parts");
}

#[tokio::test]
async fn inks_become_light() {
    let inks: Vec<u8> = Drawing::quarters(80, 80)
        .pixels
        .as_chunks::<3>()
        .0
        .iter()
        .flat_map(|[r, g, b]| {
            let black = 255 - r.max(g).max(b);
            let ink = |light: &u8| {
                255 - (u32::from(*light) * 255 / u32::from(255 - black)).min(255) as u8
            };
            [ink(r), ink(g), ink(b), black]
        })
        .collect();
    for kind in [
        jpeg_encoder::ColorType::Cmyk,
        jpeg_encoder::ColorType::CmykAsYcck,
    ] {
        let mut file = Vec::new();
        let mut encoder = jpeg_encoder::Encoder::new(&mut file, 95);
        encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::F_1_1);
        encoder.encode(&inks, 80, 80, kind).unwrap();
        assert_quarters(
            &render(&file).await.unwrap(),
            CORNERS,
            12,
            &format!("{kind:?}"),
        );
    }
}

#[tokio::test]
async fn a_jpeg_may_say_that_it_is_red_green_and_blue() {
    // Adobe's marker, version 100, no transformation; and components that are named 1, 2, 3.
    let planes = Drawing::quarters(80, 80);
    let mut file = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut file, 95);
    encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::F_1_1);
    encoder
        .encode(&planes.pixels, 80, 80, jpeg_encoder::ColorType::Ycbcr)
        .unwrap();
    let start = file.windows(2).position(|w| w == [0xff, 0xe0]).unwrap();
    let without_jfif = [&file[..start], &file[start + 18..]].concat();
    let adobe = with_segment(&without_jfif, 0xee, b"Adobe\0\x64\0\0\0\0\0");
    assert_upright(&render(&adobe).await.unwrap(), "Adobe");
}
