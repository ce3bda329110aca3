//! Files that are nearly right.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{panic, thread};

use proptest::prelude::*;
use user_service_adapters_image::ImageRenderer;
use user_service_domain::avatar::{AvatarRenderer as _, Focus, RenderError};

use crate::files::{
    Drawing, chunk, deflated, exif, png, riff, webp_canvas, webp_frame, with_chunks, with_segment,
};
use crate::seen::settings;

/// How often a decoder panicked: that is caught, and a bug all the same.
static PANICS: AtomicUsize = AtomicUsize::new(0);

static FILES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let drawing = Drawing::quarters(50, 34);
    let icc = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    let rgba = drawing.clear_corner();
    let jpeg = with_segment(
        &drawing.jpeg(),
        0xe1,
        &[b"Exif\0\0".to_vec(), exif(6, true)].concat(),
    );
    let jpeg = with_segment(
        &jpeg,
        0xe2,
        &[b"ICC_PROFILE\0\x01\x01", icc.as_slice()].concat(),
    );
    let plain = with_chunks(
        &drawing.png(),
        &[
            chunk(*b"iCCP", &[b"x\0\0".to_vec(), deflated(&icc)].concat()),
            chunk(*b"eXIf", &exif(8, false)),
        ],
    );
    let lossless = drawing.webp(true);
    vec![
        jpeg,
        drawing.jpeg_with(|encoder| encoder.set_progressive(true)),
        drawing.jpeg_with(|encoder| encoder.set_restart_interval(2)),
        plain,
        png(
            (50, 34),
            png::ColorType::Rgba,
            png::BitDepth::Eight,
            &rgba,
            |_| {},
        ),
        drawing.webp(false),
        lossless.clone(),
        webp::Encoder::from_rgba(&rgba, 50, 34)
            .encode(80.0)
            .to_vec(),
        riff(&[
            (b"VP8X", &webp_canvas(2, 60, 60)),
            (b"ANIM", &[0; 6]),
            (b"ANMF", &webp_frame(4, 6, 50, 34, &lossless[12..])),
        ]),
        drawing.gif(&[Drawing::quarters(30, 20)]),
    ]
});

/// A change to a file: places are fractions of its length.
#[derive(Clone, Debug)]
enum Change {
    Set(f64, u8),
    Flip(f64, u8),
    Insert(f64, Vec<u8>),
    Remove(f64, usize),
    Copy(f64, f64, usize),
    End(f64),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let place = || 0.0..1.0f64;
    let change = prop_oneof![
        4 => (place(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        4 => (place(), 0..8u8).prop_map(|(at, bit)| Change::Flip(at, 1 << bit)),
        1 => (place(), prop::collection::vec(any::<u8>(), 1..9)).prop_map(|(at, b)| Change::Insert(at, b)),
        1 => (place(), 1..40usize).prop_map(|(at, n)| Change::Remove(at, n)),
        1 => (place(), place(), 1..200usize).prop_map(|(from, to, n)| Change::Copy(from, to, n)),
        1 => place().prop_map(Change::End),
    ];
    prop::collection::vec(change, 1..6)
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "places need not be exact"
)]
fn changed(mut file: Vec<u8>, changes: Vec<Change>) -> Vec<u8> {
    for change in changes {
        let place = |at: f64| (at * file.len() as f64) as usize;
        match change {
            _ if file.is_empty() => {}
            Change::Set(at, byte) => {
                let at = place(at);
                file[at] = byte;
            }
            Change::Flip(at, bit) => {
                let at = place(at);
                file[at] ^= bit;
            }
            Change::Insert(at, bytes) => {
                let at = place(at);
                file.splice(at..at, bytes);
            }
            Change::Remove(at, count) => {
                let at = place(at);
                file.drain(at..(at + count).min(file.len()));
            }
            Change::Copy(from, to, count) => {
                let (from, to) = (place(from), place(to));
                let part = file[from..(from + count).min(file.len())].to_vec();
                file.splice(to..to, part);
            }
            Change::End(at) => {
                let at = place(at);
                file.truncate(at);
            }
        }
    }
    file
}

/// Renders all of them and answers how many were accepted; fails for a bug.
fn survive(files: impl IntoIterator<Item = Vec<u8>>) -> usize {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if thread::current()
            .name()
            .is_some_and(|name| name.starts_with("pictures-"))
        {
            PANICS.fetch_add(1, Ordering::Relaxed);
        }
        usual(info);
    }));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let renderer = ImageRenderer::new(settings());
    let mut accepted = 0;
    for file in files {
        match runtime.block_on(renderer.render(file.clone(), Focus::MIDDLE)) {
            Ok(_) => accepted += 1,
            Err(RenderError::Refused(_)) => {}
            Err(other) => panic!("{other:?}: {file:?}"),
        }
        assert_eq!(PANICS.load(Ordering::Relaxed), 0, "{file:?}");
    }
    accepted
}

#[test]
fn unchanged_files_are_accepted() {
    assert_eq!(survive(FILES.clone()), FILES.len());
}

#[test]
fn every_file_that_is_cut_off_is_survived() {
    let cuts = FILES
        .iter()
        .flat_map(|file| (1..file.len()).step_by(5).map(|n| file[..n].to_vec()));
    assert_eq!(survive(cuts), 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn every_changed_file_is_survived(number in 0..FILES.len(), changes in changes()) {
        survive([changed(FILES[number].clone(), changes)]);
    }
}
