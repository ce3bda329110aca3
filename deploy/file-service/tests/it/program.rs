//! The program itself.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(10);
/// Where a program that was built for coverage writes what it met.
const PROFILE: &str = "LLVM_PROFILE_FILE";

fn program(directory: &std::path::Path, token: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_file-service"));
    command
        .env_clear()
        .envs(std::env::var_os(PROFILE).map(|file| (PROFILE, file)))
        .env("FILE_SERVICE_DIR", directory)
        .env("FILE_SERVICE_TOKEN", token)
        .env("FILE_SERVICE_PORT", "0")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// The address that it says it listens on.
async fn address(child: &mut Child) -> String {
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = timeout(PATIENCE, lines.next_line()).await.unwrap();
    let line = line.unwrap().unwrap();
    line.strip_prefix("listening on ").unwrap().to_owned()
}

#[cfg(unix)]
#[tokio::test]
async fn it_says_where_it_listens_and_ends_when_it_is_told_to() {
    let directory = tempfile::tempdir().unwrap();
    let mut child = program(directory.path(), "0123456789abcdef")
        .spawn()
        .unwrap();
    let address = address(&mut child).await;
    let health = reqwest::get(format!("{address}/health")).await.unwrap();
    assert_eq!(health.status(), 200);
    let id = child.id().unwrap().to_string();
    let told = Command::new("kill").args(["-TERM", &id]).status().await;
    assert!(told.unwrap().success());
    let ended = timeout(PATIENCE, child.wait()).await.unwrap().unwrap();
    assert!(ended.success(), "{ended}");
}

#[tokio::test]
async fn it_does_not_start_with_a_short_token() {
    let directory = tempfile::tempdir().unwrap();
    let output = program(directory.path(), "hunter2").output();
    let output = timeout(PATIENCE, output).await.unwrap().unwrap();
    assert!(!output.status.success());
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("token"), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
}
