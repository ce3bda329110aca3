//! The URLs of the two accounts, and the files that keep them.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use secrecy::{ExposeSecret, SecretString};
use url::Url;
use user_service_adapters_sql::setup::Name;

use crate::config::MASK;

/// What stands for itself nowhere in a URL (RFC 3986 section 2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// Who may read a file with a password.
const OWNER_ALONE: u32 = 0o600;

/// Parameters of the administrator's URL that are the administrator's own.
const PERSONAL: [&str; 8] = [
    "user", "password", "dbname", "sslcert", "sslkey", "ssl-cert", "ssl-key", "options",
];

/// The address of a database on the administrator's server, for one account.
#[derive(Clone)]
pub(super) struct AccountUrl(Url);

impl AccountUrl {
    /// Beside the administrator's.
    pub(super) fn beside(
        administrator: &SecretString,
        database: &Name,
        account: &Name,
    ) -> anyhow::Result<Self> {
        let mut url = Url::parse(administrator.expose_secret())
            .ok()
            .context("DATABASE_ADMIN_URL is no URL")?;
        let kept: Vec<(String, String)> = url
            .query_pairs()
            .filter(|(key, _)| {
                let personal = |name: &&str| key == *name || key.starts_with("options[");
                !PERSONAL.iter().any(personal)
            })
            .map(|(key, value)| (key.into_owned(), value.into_owned()))
            .collect();
        url.set_query(None);
        if !kept.is_empty() {
            url.query_pairs_mut().extend_pairs(kept);
        }
        url.set_path(database.as_str());
        let named = url.set_username(account.as_str()).is_ok() && url.set_password(None).is_ok();
        anyhow::ensure!(named, "DATABASE_ADMIN_URL must name a host");
        Ok(Self(url))
    }

    /// With a password.
    pub(super) fn with(&self, password: &SecretString) -> anyhow::Result<SecretString> {
        with_password(&self.0, password)
    }

    /// As it may be seen.
    pub(super) fn masked(&self) -> anyhow::Result<String> {
        let mut url = self.0.clone();
        let set = url.set_password(Some(MASK));
        anyhow::ensure!(set.is_ok(), "DATABASE_ADMIN_URL must name a host");
        Ok(url.into())
    }
}

/// A URL with this password.
pub(super) fn with_password(url: &Url, password: &SecretString) -> anyhow::Result<SecretString> {
    let mut url = url.clone();
    // `set_password` leaves a `%` as it is.
    let encoded = utf8_percent_encode(password.expose_secret(), RESERVED).to_string();
    let set = url.set_password(Some(&encoded));
    anyhow::ensure!(set.is_ok(), "DATABASE_ADMIN_URL must name a host");
    Ok(String::from(url).into())
}

/// A password that nobody chose: 32 random bytes.
pub(super) fn random_password() -> SecretString {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()).into()
}

/// The file of an account.
pub(super) fn file(directory: &Path, role: &str) -> PathBuf {
    directory.join(format!("{role}.url"))
}

/// The password that a file has for an account, where there is the file and it is of the account.
pub(super) fn kept_password(path: &Path, account: &Name) -> anyhow::Result<Option<SecretString>> {
    let text = match fs::read_to_string(path) {
        Ok(text) => SecretString::from(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            return Err(error).with_context(|| format!("{} cannot be read", path.display()));
        }
    };
    let url = Url::parse(text.expose_secret().trim())
        .ok()
        .with_context(|| format!("{} holds no URL: move it away", path.display()))?;
    anyhow::ensure!(
        url.username() == account.as_str(),
        "{} is of another account than {account}: name another directory with --out",
        path.display()
    );
    Ok(url.password().map(|password| {
        let password = percent_decode_str(password).decode_utf8_lossy();
        password.into_owned().into()
    }))
}

/// Writes a URL so that it is there as a whole or not at all, and only its owner can read it.
pub(super) fn keep(path: &Path, url: &SecretString) -> anyhow::Result<()> {
    let cannot = || format!("{} cannot be written", path.display());
    if let Some(directory) = path.parent() {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory)
            .with_context(cannot)?;
    }
    let line = format!("{}\n", url.expose_secret());
    if fs::read_to_string(path).is_ok_and(|kept| kept == line) {
        return fs::set_permissions(path, Permissions::from_mode(OWNER_ALONE)).with_context(cannot);
    }
    let new = path.with_extension("url.new");
    // What a broken run left behind may have been opened by somebody.
    match fs::remove_file(&new) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(error).with_context(cannot);
        }
        _ => {}
    }
    let mut file: File = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(OWNER_ALONE)
        .open(&new)
        .with_context(cannot)?;
    file.write_all(line.as_bytes()).with_context(cannot)?;
    file.sync_all().with_context(cannot)?;
    fs::rename(&new, path).with_context(cannot)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        Name::parse(text, 63).unwrap()
    }

    #[test]
    fn what_is_the_administrators_own_stays_with_them() {
        let administrator =
            "postgres://root:hunter2@db:5433/postgres?sslmode=verify-full&sslrootcert=/ca.pem\
                             &sslkey=/root.key&password=hunter2&options=-crole%3Droot&options[a]=b"
                .to_owned()
                .into();
        let url = AccountUrl::beside(&administrator, &name("users"), &name("svc")).unwrap();
        assert_eq!(
            url.with(&"a@b:c/d%".to_owned().into())
                .unwrap()
                .expose_secret(),
            "postgres://svc:a%40b%3Ac%2Fd%25@db:5433/users?sslmode=verify-full&sslrootcert=%2Fca.pem"
        );
        assert!(!url.masked().unwrap().contains("hunter2"));
    }

    #[test]
    fn a_kept_password_is_found_again() {
        let directory = tempfile::tempdir().unwrap();
        let path = file(&directory.path().join("deep/er"), "owner");
        assert!(kept_password(&path, &name("svc")).unwrap().is_none());
        let administrator = "mysql://root@db".to_owned().into();
        let url = AccountUrl::beside(&administrator, &name("users"), &name("svc")).unwrap();
        for password in [
            "plain",
            "ä % %41 \\ ' \" @:/?#",
            random_password().expose_secret(),
        ] {
            keep(&path, &url.with(&password.to_owned().into()).unwrap()).unwrap();
            let kept = kept_password(&path, &name("svc")).unwrap().unwrap();
            assert_eq!(kept.expose_secret(), password);
            let mode = fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        assert!(kept_password(&path, &name("other")).is_err());
    }
}
