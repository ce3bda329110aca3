//! `token issue`

use std::path::PathBuf;

use user_service_adapters_local::{IssuedClaims, SystemClock};
use user_service_domain::clock::Clock;

use crate::cli::TokenArgs;
use crate::config::{Config, Purpose, Sources};
use crate::exit::Exit;
use crate::output::say;
use crate::wiring;

pub(crate) fn run(file: Option<PathBuf>, args: TokenArgs) -> anyhow::Result<Exit> {
    let config = Config::load(&Sources::from_process(file, Vec::new()), Purpose::Serve)?;
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
    };
    say(&wiring::tokens(&config).issue(&claims)?);
    Ok(Exit::Ok)
}
