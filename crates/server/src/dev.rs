//! `serve --dev`: everything under `.dev/`, and an issuer that exists nowhere else.

use std::io::Write;
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use user_service_adapters_jwt::IssuedClaims;
use user_service_adapters_local::{SystemClock, UuidV7};
use user_service_api::State;
use user_service_application::profile::NewProfile;
use user_service_domain::clock::Clock;
use user_service_domain::identity::{Caller, Principal, Scopes};
use user_service_domain::ids::{IdGenerator, UserId};
use user_service_domain::profile::{Bio, Counted, DisplayName, Location, ProfileFilter, Website};
use uuid::Uuid;

use crate::config::Config;
use crate::wiring;

const ISSUER: &str = "user-service-dev";
const DAY: i64 = 24 * 60 * 60;

const PEOPLE: &[(&str, &str)] = &[
    ("Ana Sørensen", "København"),
    ("Administrator", "Lisboa"),
    ("王伟", "北京"),
    ("Łukasz Żak", "Łódź"),
    ("محمد علي", "القاهرة"),
    ("Zoë Müller", "Zürich"),
    ("Søren Kierkegaard", "Aarhus"),
    ("Ελένη Παπαδοπούλου", "Αθήνα"),
    ("Дмитрий Орлов", "Алматы"),
    ("さくら 田中", "東京"),
    ("김민준", "서울"),
    ("Nguyễn Thị Hoa", "Hà Nội"),
    ("José Ángel Núñez", "Sevilla"),
    ("अनन्या शर्मा", "दिल्ली"),
    ("Chloé Dubois", "Québec"),
    ("דנה כהן", "תל אביב"),
    ("Ayşe Yılmaz", "İzmir"),
    ("Amélie O'Connor", "Dublin"),
    ("Þóra Jónsdóttir", "Reykjavík"),
    ("สมชาย ใจดี", "เชียงใหม่"),
    ("Chinedu Okafor", "Lagos"),
    ("Māra Bērziņa", "Rīga"),
    ("Ștefan Ionescu", "Brașov"),
    ("Tama Ngata", "Ōtautahi"),
    ("Quentin 👩‍🚀 Star", "Low Earth orbit"),
];

/// The place and the secret of development.
pub(crate) struct Development {
    root: PathBuf,
    secret: String,
}

impl Development {
    /// Makes `.dev/` and a secret of its own where there is none.
    pub(crate) fn prepare() -> anyhow::Result<Self> {
        let root = PathBuf::from(".dev");
        std::fs::create_dir_all(&root).context("cannot make .dev/")?;
        std::fs::set_permissions(&root, std::fs::Permissions::from_mode(0o700))?;
        let file = root.join("jwt-secret");
        let secret = match std::fs::read_to_string(&file) {
            Ok(secret) if secret.len() >= 43 => secret,
            _ => {
                let secret = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 64]>());
                write_private(&file, &secret)?;
                secret
            }
        };
        Ok(Self { root, secret })
    }

    /// The settings that development fixes.
    pub(crate) fn flags(&self, host: Option<&str>) -> anyhow::Result<Vec<(&'static str, String)>> {
        if let Some(host) = host
            && !host.parse::<IpAddr>().is_ok_and(|host| host.is_loopback())
        {
            bail!("--dev listens on loopback addresses alone, not on {host}");
        }
        let mut flags = vec![
            (
                "DATABASE_URL",
                format!(
                    "sqlite://{}?mode=rwc",
                    self.root.join("user-service.db").display()
                ),
            ),
            ("AUTH_MODE", "secret".to_owned()),
            (
                "AVATAR_DIR",
                self.root.join("avatars").display().to_string(),
            ),
            ("JWT_SECRET_KEY", self.secret.clone()),
            ("JWT_ALGORITHM", "HS256".to_owned()),
            ("JWT_ISSUER", ISSUER.to_owned()),
            ("JSON_LOGS", "false".to_owned()),
        ];
        if host.is_none() {
            flags.push(("HOST", "127.0.0.1".to_owned()));
        }
        Ok(flags)
    }

    /// Seeds a few people, writes the tokens, and says where to go.
    pub(crate) async fn welcome(
        &self,
        state: &State,
        config: &Config,
        bound: SocketAddr,
    ) -> anyhow::Result<String> {
        seed(state).await?;
        for (file, index, roles) in [
            ("token", 0, vec![]),
            ("admin-token", 1, vec!["admin".to_owned()]),
        ] {
            let now = SystemClock.now().timestamp();
            let claims = IssuedClaims {
                sub: person(index).get(),
                iat: now,
                exp: now + DAY,
                iss: Some(ISSUER.to_owned()),
                aud: config.jwt_audience.clone(),
                roles,
                jti: Some(UuidV7.next().to_string()),
                ..IssuedClaims::default()
            };
            write_private(
                &self.root.join(file),
                &wiring::secret_tokens(config, Arc::new(SystemClock)).issue(&claims)?,
            )?;
        }
        let api = &config.api_v1_prefix;
        let scheme = match config.tls_cert_file {
            Some(_) => "https",
            None => "http",
        };
        Ok(format!(
            "user-service is in development mode: do not use it for real people.\n\n  \
             API      {scheme}://{bound}{api}/users\n  \
             docs     {scheme}://{bound}/docs\n  \
             OpenAPI  {scheme}://{bound}/openapi.json\n  \
             health   {scheme}://{bound}/health\n\n\
             Tokens for a day: .dev/token (Ana) and .dev/admin-token. Try:\n\n  \
             curl -H \"Authorization: Bearer $(cat .dev/token)\" {scheme}://{bound}{api}/users/me\n"
        ))
    }
}

/// The same person at every start.
fn person(index: u128) -> UserId {
    UserId::new(Uuid::from_u128(
        0x0190_0000_0000_7000_8000_0000_0000_0001 + index,
    ))
}

async fn seed(state: &State) -> anyhow::Result<()> {
    let everybody = ProfileFilter::default();
    if state.store.profiles().count(&everybody, 1).await? != Counted::Exactly(0) {
        return Ok(());
    }
    let now = SystemClock.now();
    let admin = Caller::Known(Principal {
        user_id: person(1),
        is_admin: true,
        scopes: Scopes::default(),
        session: None,
        issued_at: Some(now),
        expires_at: now,
        about: None,
    });
    for (index, (name, place)) in (0..).zip(PEOPLE) {
        let new = NewProfile {
            user_id: Some(person(index)),
            display_name: DisplayName::parse(name)?,
            bio: Some(Bio::parse(&format!(
                "One of the people of development, number {}.",
                index + 1
            ))?),
            location: Some(Location::parse(place)?),
            website: Some(Website::parse("https://example.com/")?),
            phone_number: None,
            is_verified: Some(index % 3 == 0),
            is_active: None,
        };
        state.create_profile.execute(&admin, new, None).await?;
    }
    Ok(())
}

/// Writes a file that its owner alone may read.
fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
    file.write_all(text.as_bytes())?;
    Ok(())
}
