//! TLS of the service's own port: `TLS_CERT_FILE` and `TLS_KEY_FILE`.

mod certificates;
mod files;
mod stream;

pub(crate) use self::certificates::{Caller, Certificates};
pub(crate) use self::files::{chain, config, key};
pub(crate) use self::stream::Stream;
