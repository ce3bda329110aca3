//! Which way is up, and what the crop keeps.

use user_service_domain::avatar::Focus;

use crate::files::{
    BLUE, Drawing, GREEN, RED, YELLOW, chunk, exif, riff, webp_canvas, with_chunks, with_segment,
};
use crate::seen::{Seen, assert_upright, is_near, render, render_around};

fn exif_segment(jpeg: &[u8], tiff: &[u8]) -> Vec<u8> {
    with_segment(jpeg, 0xe1, &[b"Exif\0\0", tiff].concat())
}

fn webp_with_exif(webp: &[u8], (width, height): (u32, u32), tiff: &[u8]) -> Vec<u8> {
    riff(&[
        (b"VP8X", &webp_canvas(8, width, height)),
        (b"VP8 ", &webp[20..]),
        (b"EXIF", tiff),
    ])
}

#[tokio::test]
async fn every_orientation_is_turned_upright_in_every_format() {
    let seen = Drawing::quarters(240, 180);
    for number in 1..=8 {
        let stored = seen.stored(number);
        let size = (stored.width, stored.height);
        for big in [false, true] {
            let tiff = exif(number, big);
            let files = [
                exif_segment(&stored.jpeg(), &tiff),
                with_chunks(&stored.png(), &[chunk(*b"eXIf", &tiff)]),
                webp_with_exif(&stored.webp(false), size, &tiff),
            ];
            for (kind, file) in files.iter().enumerate() {
                let rendered = render(file).await.unwrap();
                assert_upright(&rendered, &format!("orientation {number}, file {kind}"));
            }
        }
    }
}

#[tokio::test]
async fn an_orientation_that_makes_no_sense_is_ignored() {
    let upright = Drawing::quarters(240, 180);
    let mut endless = exif(6, false);
    endless[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
    let mut counted = exif(6, false);
    counted.truncate(14);
    for tiff in [
        exif(0, true),
        exif(9, false),
        endless,
        counted,
        b"II*".to_vec(),
        Vec::new(),
    ] {
        let file = exif_segment(&upright.jpeg(), &tiff);
        assert_upright(&render(&file).await.unwrap(), &format!("{tiff:?}"));
    }
}

#[tokio::test]
async fn the_crop_keeps_the_focus_as_it_is_seen() {
    // Four squares side by side, as it is seen.
    let strip = Drawing::of(400, 100, |x, _| {
        [RED, GREEN, BLUE, YELLOW][x as usize / 100]
    });
    let spots = [
        (0.0, RED),
        (0.125, RED),
        (0.375, GREEN),
        (0.625, BLUE),
        (0.9, YELLOW),
        (1.0, YELLOW),
    ];
    for number in 1..=8 {
        let file = exif_segment(&strip.stored(number).jpeg(), &exif(number, true));
        for (x, colour) in spots {
            let focus = Focus::new(x, 0.5).unwrap();
            let rendered = render_around(&file, focus).await.unwrap();
            let seen = Seen::fallback(&rendered).at(4, 4);
            assert!(is_near(seen, colour, 12), "{number} {x}: {seen:?}");
        }
    }
    let tower = Drawing::of(100, 400, |_, y| {
        [RED, GREEN, BLUE, YELLOW][y as usize / 100]
    });
    for (y, colour) in spots {
        let focus = Focus::new(0.5, y).unwrap();
        let rendered = render_around(&tower.png(), focus).await.unwrap();
        assert!(
            is_near(Seen::fallback(&rendered).at(4, 4), colour, 12),
            "{y}"
        );
    }
}

#[tokio::test]
async fn the_crop_keeps_the_focus_of_pictures_that_are_reduced_while_decoded() {
    let strip = Drawing::of(8400, 2100, |x, _| {
        [RED, GREEN, BLUE, YELLOW][x as usize / 2100]
    });
    for file in [strip.jpeg(), strip.png()] {
        for (x, colour) in [(0.0, RED), (0.375, GREEN), (0.625, BLUE), (1.0, YELLOW)] {
            let focus = Focus::new(x, 0.5).unwrap();
            let rendered = render_around(&file, focus).await.unwrap();
            let seen = Seen::fallback(&rendered);
            for at in [(1, 1), (7, 1), (1, 7), (7, 7)] {
                assert!(is_near(seen.at(at.0, at.1), colour, 12), "{x} {at:?}");
            }
        }
    }
}
