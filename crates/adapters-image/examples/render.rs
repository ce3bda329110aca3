//! Renders a file as an avatar: `render FILE FOLDER [X,Y]` writes its pictures into the folder and says what
//! they are.

use std::io::{Write as _, stdout};
use std::path::Path;
use std::time::Instant;
use std::{env, fs};

use anyhow::{Context as _, Result};
use user_service_adapters_image::{ImageRenderer, ImageSettings, SourceType};
use user_service_domain::avatar::{AvatarRenderer as _, Focus};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let mut arguments = env::args().skip(1);
    let file = arguments.next().context("which FILE?")?;
    let folder = arguments.next().context("which FOLDER?")?;
    let focus = match arguments.next() {
        Some(text) => Focus::parse(&text).context("X,Y are from 0 to 1")?,
        None => Focus::MIDDLE,
    };
    let renderer = ImageRenderer::new(ImageSettings {
        allowed: SourceType::COMPILED.to_vec(),
        ..ImageSettings::default()
    });
    let upload = fs::read(file)?;
    let begun = Instant::now();
    let made = renderer.render(upload, focus).await?;
    let taken = begun.elapsed();
    fs::create_dir_all(&folder)?;
    for picture in &made.pictures {
        fs::write(
            Path::new(&folder).join(picture.variant.to_string()),
            &picture.bytes,
        )?;
    }
    let fallback = made.fallback.media_type();
    let (digest, hash) = (made.digest, made.thumbhash.as_str());
    writeln!(stdout(), "{digest} {fallback} {hash} in {taken:.1?}")?;
    Ok(())
}
