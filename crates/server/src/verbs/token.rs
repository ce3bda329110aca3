//! `token issue`

use std::path::PathBuf;
use std::sync::Arc;

use user_service_adapters_jwt::IssuedClaims;
use user_service_adapters_local::{SystemClock, UuidV7};
use user_service_domain::clock::Clock;
use user_service_domain::ids::IdGenerator;

use crate::cli::TokenArgs;
use crate::config::{AuthMode, Config, Purpose, Sources};
use crate::exit::Exit;
use crate::output::{complain, say};
use crate::wiring;

pub(crate) fn run(file: Option<PathBuf>, args: TokenArgs) -> anyhow::Result<Exit> {
    let config = Config::load(&Sources::from_process(file, Vec::new()), Purpose::Serve)?;
    if config.auth_mode != AuthMode::Secret {
        complain("tokens are issued only where AUTH_MODE is `secret`");
        return Ok(Exit::Config);
    }
    let now = SystemClock.now().timestamp();
    let claims = IssuedClaims {
        sub: args.sub,
        iat: now,
        exp: now.saturating_add_unsigned(args.ttl),
        iss: config.jwt_issuer.clone(),
        aud: config.jwt_audience.clone(),
        roles: args.roles,
        scope: (!args.scopes.is_empty()).then(|| args.scopes.join(" ")),
        email: args.email,
        sid: args.sid,
        jti: Some(UuidV7.next().to_string()),
        ..IssuedClaims::default()
    };
    let tokens = wiring::secret_tokens(&config, Arc::new(SystemClock));
    say(&tokens.issue(&claims)?);
    Ok(Exit::Ok)
}
