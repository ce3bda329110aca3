//! A certificate and its key, as they are in files. No message tells what a key holds.

use std::path::Path;
use std::sync::Arc;

use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::version::{TLS12, TLS13};
use rustls::{Error, ServerConfig};
use secrecy::{ExposeSecret as _, SecretSlice};
use sha2::{Digest as _, Sha256};

/// What is spoken within: HTTP/2 would come without the deadlines that `Connection` has.
const PROTOCOL: &[u8] = b"http/1.1";

/// What a file holds.
pub(super) struct Pem(SecretSlice<u8>);

impl Pem {
    /// Reads it.
    pub(super) fn read(path: &Path) -> Result<Self, String> {
        std::fs::read(path)
            .map(|bytes| Self(bytes.into()))
            .map_err(|error| format!("cannot be read: {error}"))
    }

    /// By which it is known again.
    pub(super) fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.0.expose_secret()).into()
    }

    /// The certificates in it, that of the service first.
    pub(super) fn chain(&self) -> Result<Vec<CertificateDer<'static>>, String> {
        let chain = CertificateDer::pem_slice_iter(self.0.expose_secret())
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| "is not PEM".to_owned())?;
        if chain.is_empty() {
            return Err("has no certificate in it".to_owned());
        }
        Ok(chain)
    }

    /// The key in it.
    pub(super) fn key(&self) -> Result<PrivateKeyDer<'static>, String> {
        PrivateKeyDer::from_pem_slice(self.0.expose_secret()).map_err(|_| {
            "has no private key in it, as PEM of PKCS#8, PKCS#1 or SEC1 without a password"
                .to_owned()
        })
    }
}

/// The certificates in a file, that of the service first.
pub(crate) fn chain(path: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    Pem::read(Path::new(path))?.chain()
}

/// The key in a file.
pub(crate) fn key(path: &str) -> Result<PrivateKeyDer<'static>, String> {
    Pem::read(Path::new(path))?.key()
}

/// How TLS is spoken with this certificate. An error says what is wrong with the key, or with the two together.
pub(crate) fn config(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<ServerConfig, String> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[&TLS13, &TLS12])
        .map_err(|error| error.to_string())?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|error| match error {
            Error::InconsistentKeys(_) => {
                "does not belong to the certificate in TLS_CERT_FILE".to_owned()
            }
            Error::InvalidCertificate(_) => {
                "cannot be used: the certificate in TLS_CERT_FILE is none".to_owned()
            }
            _ => "is of no kind that is known: RSA, ECDSA (P-256, P-384, P-521) or Ed25519"
                .to_owned(),
        })?;
    config.alpn_protocols = vec![PROTOCOL.to_vec()];
    Ok(config)
}
