//! `serve --dev`: what a newcomer meets, by the README's own commands.

use std::fs::File;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::{App, free_port, program};

const README: &str = include_str!("../../../README.md");
const PATIENCE: Duration = Duration::from_secs(20);
const TICK: Duration = Duration::from_millis(20);
/// Where the README's commands listen, and ask.
const ADDRESS: &str = "127.0.0.1:8082";

/// The commands of the README's consoles, each with what is shown below it.
fn consoles() -> Vec<(&'static str, &'static str)> {
    let consoles = README.split("```console\n$ ").skip(1);
    let whole = consoles.map(|console| console.split("```").next().unwrap());
    whole
        .map(|console| console.split_once('\n').unwrap())
        .collect()
}

/// The program in development mode, in a directory and on a port of its own.
struct Development<'a> {
    home: &'a Path,
    port: u16,
    child: Child,
}

impl<'a> Development<'a> {
    fn begin(home: &'a Path, arguments: &[&str]) -> Self {
        let port = free_port();
        let child = program()
            .args(arguments)
            .env("PORT", port.to_string())
            .current_dir(home)
            .stdin(Stdio::null())
            .stdout(File::create(home.join("out")).unwrap())
            .stderr(File::create(home.join("err")).unwrap())
            .spawn()
            .unwrap();
        Self { home, port, child }
    }

    /// As the README starts it; what it says.
    async fn start(home: &'a Path) -> (Self, String) {
        let (command, shown) = consoles()[0];
        let arguments: Vec<&str> = command
            .strip_prefix("cargo run -- ")
            .unwrap()
            .split(' ')
            .collect();
        let development = Self::begin(home, &arguments);
        let expected = development.here(shown);
        let end = Instant::now() + PATIENCE;
        loop {
            let said = std::fs::read_to_string(home.join("out")).unwrap();
            if said.len() >= expected.len() {
                return (development, said);
            }
            assert!(Instant::now() < end, "{said}\n{}", development.errors());
            tokio::time::sleep(TICK).await;
        }
    }

    /// A text of the README, of this port.
    fn here(&self, text: &str) -> String {
        assert!(text.contains(ADDRESS), "{text}");
        text.replace(ADDRESS, &format!("127.0.0.1:{}", self.port))
    }

    /// As the README calls it; the answer.
    fn call(&self) -> Value {
        let (command, _) = consoles()[1];
        let output = Command::new("sh")
            .args(["-c", &self.here(command)])
            .current_dir(self.home)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn errors(&self) -> String {
        std::fs::read_to_string(self.home.join("err")).unwrap()
    }

    /// As Ctrl-C does.
    fn interrupt(mut self) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-INT", &id]).status().unwrap();
        assert!(sent.success());
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status}: {}", self.errors());
    }
}

impl Drop for Development<'_> {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Who may do what with it.
fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}

pub(crate) async fn the_commands_of_the_readme_do_what_it_shows(_: App) {
    let home = tempfile::tempdir().unwrap();
    let (development, said) = Development::start(home.path()).await;
    assert_eq!(said, development.here(consoles()[0].1));
    let ana = development.call();
    let shown = consoles()[1].1;
    for member in ["user_id", "display_name"] {
        let member = format!("\"{member}\":{}", ana[member]);
        assert!(shown.contains(&member), "{member}: {shown}");
    }
    assert!(ana["preferences"].is_object(), "{ana}");
    development.interrupt();
    // The same people again, and nobody twice.
    let (development, _) = Development::start(home.path()).await;
    assert_eq!(development.call()["id"], ana["id"]);
}

pub(crate) async fn its_administrator_sees_everybody(app: App) {
    let home = tempfile::tempdir().unwrap();
    let (development, _) = Development::start(home.path()).await;
    let read = |name: &str| std::fs::read_to_string(home.path().join(".dev").join(name)).unwrap();
    let users = format!("http://127.0.0.1:{}/api/v1/users", development.port);
    let list = format!("{users}?limit=100");
    let seen = app.get_url(&list).token(read("admin-token")).await.is(200);
    let seen = seen.json();
    assert_eq!(seen["items"].as_array().unwrap().len(), 25, "{seen:#}");
    assert!(seen["items"][0]["is_active"].is_boolean(), "{seen:#}");
    let own = app.get_url(&format!("{users}/me")).token(read("token"));
    assert_eq!(own.await.is(200).json()["is_verified"], true);
}

/// It is for one person at one machine.
pub(crate) async fn what_it_makes_is_for_nobody_else(app: App) {
    let home = tempfile::tempdir().unwrap();
    let (_development, _) = Development::start(home.path()).await;
    let made = home.path().join(".dev");
    assert_eq!(mode(&made), 0o700);
    for file in ["jwt-secret", "token", "admin-token"] {
        assert_eq!(mode(&made.join(file)), 0o600, "{file}");
    }
    let open = ["serve", "--dev", "--host", "0.0.0.0"];
    let outcome = app.run(&open).await.exits(1);
    assert!(outcome.stderr.contains("loopback"), "{outcome:#?}");
}
