//! The certificate in use, and another one once the files have it.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use sha2::{Digest as _, Sha256};
use tokio::net::TcpStream;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::Stream;
use super::files::{self, Pem};
use crate::config::Config;

/// How often the files are looked at. They are read whole: times of files are kept by some copies, coarse on some disks,
/// and those of a link say nothing of what it leads to, which is how Kubernetes changes them.
const EVERY: Duration = Duration::from_secs(5);

/// How long whoever connects may take to agree on TLS.
const HANDSHAKE: Duration = Duration::from_secs(5);

/// How TLS begins: a record of a handshake (RFC 8446 section 5.1).
const HANDSHAKE_RECORD: u8 = 22;

/// Who connected.
pub(crate) enum Caller {
    /// By TLS.
    Secure(Stream),
    /// By something else, of which nothing was read.
    Plain(Stream),
}

/// A certificate and its key in files, and what was last read of them that is good.
#[derive(Clone)]
pub(crate) struct Certificates {
    chain: PathBuf,
    key: PathBuf,
    /// By which the files are known again.
    seen: Digests,
    current: watch::Sender<Arc<ServerConfig>>,
}

type Digests = [[u8; 32]; 2];

impl Certificates {
    /// Those that the configuration names, if it names any.
    pub(crate) fn of(config: &Config) -> anyhow::Result<Option<Self>> {
        let (Some(chain), Some(key)) = (&config.tls_cert_file, &config.tls_key_file) else {
            return Ok(None);
        };
        let (chain, key) = (PathBuf::from(chain), PathBuf::from(key));
        let pems = read(&chain, &key).map_err(anyhow::Error::msg)?;
        let (current, _) = use_of(&pems).map_err(anyhow::Error::msg)?;
        Ok(Some(Self {
            chain,
            key,
            seen: digests(&pems),
            current: watch::Sender::new(Arc::new(current)),
        }))
    }

    /// Agrees with whoever connected on TLS, by the certificate that is in use now.
    pub(crate) async fn accept(&self, stream: TcpStream) -> io::Result<Caller> {
        let config = Arc::clone(&self.current.borrow());
        let agreed = async {
            let mut first = [0];
            if stream.peek(&mut first).await? == 1 && first != [HANDSHAKE_RECORD] {
                return Ok(Caller::Plain(Stream::Plain(stream)));
            }
            let stream = TlsAcceptor::from(config).accept(stream).await?;
            Ok(Caller::Secure(Stream::Secure(Box::new(stream))))
        };
        timeout(HANDSHAKE, agreed).await?
    }

    /// Reads the files at each SIGHUP, and where they changed. What is faulty changes nothing. Connections that are open
    /// stay as they are.
    pub(crate) fn follow(mut self) -> io::Result<()> {
        let mut hangups = signal(SignalKind::hangup())?;
        tokio::spawn(async move {
            // Whether the files could not be read, which is said once.
            let mut away = false;
            loop {
                let asked = tokio::select! {
                    _ = hangups.recv() => true,
                    () = sleep(EVERY) => false,
                };
                let (chain, key) = (self.chain.clone(), self.key.clone());
                let pems = tokio::task::spawn_blocking(move || read(&chain, &key)).await;
                match pems.map_err(|error| error.to_string()).flatten() {
                    Ok(pems) => {
                        away = false;
                        self.take(&pems, asked);
                    }
                    Err(fault) => {
                        if asked || !away {
                            complain(&fault);
                        }
                        away = true;
                    }
                }
            }
        });
        Ok(())
    }

    /// Uses what was read, if it is new or somebody asks for it.
    fn take(&mut self, pems: &[Pem; 2], asked: bool) {
        let seen = digests(pems);
        if seen == self.seen && !asked {
            return;
        }
        self.seen = seen;
        match use_of(pems) {
            Ok((config, sha256)) => {
                self.current.send_replace(Arc::new(config));
                tracing::info!(sha256, "the certificate was read anew");
            }
            Err(fault) => complain(&fault),
        }
    }
}

fn complain(fault: &str) {
    tracing::error!(fault, "the certificate stays as it is");
}

fn read(chain: &Path, key: &Path) -> Result<[Pem; 2], String> {
    let chain = Pem::read(chain).map_err(|fault| format!("TLS_CERT_FILE {fault}"))?;
    let key = Pem::read(key).map_err(|fault| format!("TLS_KEY_FILE {fault}"))?;
    Ok([chain, key])
}

fn digests(pems: &[Pem; 2]) -> Digests {
    pems.each_ref().map(Pem::digest)
}

/// How TLS is spoken with them, and the fingerprint of the certificate.
fn use_of([chain, key]: &[Pem; 2]) -> Result<(ServerConfig, String), String> {
    let in_chain = |fault| format!("TLS_CERT_FILE {fault}");
    let in_key = |fault| format!("TLS_KEY_FILE {fault}");
    let chain = chain.chain().map_err(in_chain)?;
    let own = chain.first().map(Sha256::digest).unwrap_or_default();
    let key = key.key().map_err(in_key)?;
    let config = files::config(chain, key).map_err(in_key)?;
    let sha256 = own.iter().fold(String::new(), |mut sha256, byte| {
        let _ = write!(sha256, "{byte:02x}");
        sha256
    });
    Ok((config, sha256))
}
