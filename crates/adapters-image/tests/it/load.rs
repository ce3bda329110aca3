//! Many at once, and what takes too long.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use user_service_adapters_image::{ImageRenderer, ImageSettings};
use user_service_domain::avatar::{AvatarRenderer as _, Focus, ImageFault, RenderError};

use crate::files::{Drawing, bare_png, deflated, png_header, with_segment};
use crate::seen::{assert_upright, fault_of, settings};

/// A scan of one component that changes nothing, as short as can be.
const IDLE_SCAN: [u8; 10] = [0xff, 0xda, 0, 8, 1, 1, 0, 1, 63, 0x10];

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_wait_for_one_another() {
    let adapter = ImageRenderer::new(ImageSettings {
        workers: 3,
        // One of the large ones alone, or several of the small.
        memory: 24 << 20,
        patience: Duration::from_mins(2),
        ..settings()
    });
    let large = Drawing::quarters(1500, 1400);
    let files = [
        large.webp(true),
        Drawing::quarters(200, 100).jpeg(),
        large.png(),
        large.jpeg(),
    ];
    let renders = (0..24).map(|number| {
        let file = files[number % files.len()].clone();
        adapter.render(file, Focus::MIDDLE)
    });
    for rendered in join_all(renders).await {
        assert_upright(&rendered.unwrap(), "at once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_too_long_is_told_so() {
    let adapter = ImageRenderer::new(ImageSettings {
        workers: 1,
        patience: Duration::from_millis(1),
        ..settings()
    });
    let file = Drawing::quarters(3000, 3000).jpeg();
    let renders = (0..8).map(|_| adapter.render(file.clone(), Focus::MIDDLE));
    let (mut done, mut busy) = (0, 0);
    for rendered in join_all(renders).await {
        match rendered {
            Ok(_) => done += 1,
            Err(RenderError::Busy) => busy += 1,
            Err(other) => panic!("{other:?}"),
        }
    }
    assert!(done >= 1 && busy >= 1, "{done} done, {busy} turned away");
    adapter.render(file, Focus::MIDDLE).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_goes_away_leaves_the_place_to_the_next() {
    let adapter = ImageRenderer::new(ImageSettings {
        workers: 1,
        patience: Duration::from_mins(1),
        ..settings()
    });
    let file = Drawing::quarters(2000, 2000).jpeg();
    for wait in 0..12 {
        let render = adapter.render(file.clone(), Focus::MIDDLE);
        // Sometimes before it began, sometimes while it is inspected, decoded or written.
        drop(tokio::time::timeout(Duration::from_millis(wait * 4), render).await);
    }
    adapter.render(file, Focus::MIDDLE).await.unwrap();
}

#[tokio::test]
async fn without_time_nothing_is_decoded() {
    let adapter = ImageRenderer::new(ImageSettings {
        deadline: Duration::ZERO,
        ..settings()
    });
    let drawing = Drawing::quarters(300, 300);
    for file in [
        drawing.jpeg(),
        drawing.png(),
        drawing.webp(true),
        drawing.webp(false),
        drawing.gif(&[]),
    ] {
        assert_eq!(
            fault_of(adapter.render(file, Focus::MIDDLE).await),
            ImageFault::Time
        );
    }
}

/// A progressive picture with this many scans that do nothing after the real ones.
fn idle(scans: usize) -> Vec<u8> {
    let mut file =
        Drawing::of(6000, 6000, |_, _| [90; 3]).jpeg_with(|encoder| encoder.set_progressive(true));
    file.truncate(file.len() - 2);
    for _ in 0..scans {
        file.extend_from_slice(&IDLE_SCAN);
    }
    file.extend_from_slice(&[0xff, 0xd9]);
    file
}

#[tokio::test]
async fn scans_that_only_take_time_end_with_it() {
    let adapter = ImageRenderer::new(ImageSettings {
        deadline: Duration::from_millis(300),
        ..settings()
    });
    let begun = Instant::now();
    let rendered = adapter.render(idle(190), Focus::MIDDLE).await;
    assert_eq!(fault_of(rendered), ImageFault::Time);
    assert!(
        begun.elapsed() < Duration::from_mins(1),
        "{:?}",
        begun.elapsed()
    );
    // More than any encoder writes are not even begun.
    let rendered = adapter.render(idle(50_000), Focus::MIDDLE).await;
    assert_eq!(fault_of(rendered), ImageFault::Time);
}

#[tokio::test]
async fn data_that_unpack_to_more_than_the_picture_are_not_kept() {
    // A picture of 9 × 9 and another 256 MiB.
    let data = deflated(&vec![0; 256 << 20]);
    let file = bare_png(png_header(9, 9, 8, 2, 0), &[], &data);
    let adapter = ImageRenderer::new(settings());
    let begun = Instant::now();
    drop(adapter.render(file, Focus::MIDDLE).await);
    assert!(
        begun.elapsed() < Duration::from_mins(1),
        "{:?}",
        begun.elapsed()
    );
}

/// The most memory that this process has had, in MiB.
#[cfg(target_os = "linux")]
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap();
    line.split_whitespace()
        .nth(1)
        .unwrap()
        .parse::<u64>()
        .unwrap()
        / 1024
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn sixteen_of_the_largest_at_once_stay_within_the_memory() {
    let (width, height) = (7300, 5470);
    let rows = |wide: usize| deflated(&vec![0; (1 + width as usize * wide) * height as usize]);
    let files = {
        let drawing = Drawing::of(width, height, |x, y| [(x ^ y) as u8, 90, 120]);
        let padded = |file: &[u8]| with_segment(file, 0xef, &vec![7; 60_000]);
        [
            padded(&drawing.jpeg()),
            padded(&drawing.jpeg_with(|encoder| encoder.set_progressive(true))),
            bare_png(png_header(width, height, 8, 6, 0), &[], &rows(4)),
            bare_png(png_header(width, height, 16, 6, 0), &[], &rows(8)),
        ]
    };
    // What building them took is not to be counted.
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let before = peak();
    let adapter = ImageRenderer::new(ImageSettings {
        workers: 2,
        patience: Duration::from_mins(2),
        deadline: Duration::from_mins(1),
        ..settings()
    });
    let renders = (0..16).map(|number| adapter.render(files[number % 4].clone(), Focus::MIDDLE));
    for rendered in join_all(renders).await {
        rendered.unwrap();
    }
    let uploads: usize = (0..16).map(|number| files[number % 4].len()).sum();
    let taken = peak() - before - (uploads >> 20) as u64;
    assert!(taken < 180, "{taken} MiB beside {uploads} bytes of uploads");
}
