//! What is between a client and a File Service, and fails as it is told to.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use aws_lc_rs::digest::{SHA256, digest as hash};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

/// What becomes of a connection.
#[derive(Clone, Copy)]
pub(crate) enum Fault {
    /// The request arrives at the service, its answer does not arrive at the client.
    CutAnswer,
    /// The request does not arrive, and the client is told to come back.
    Busy,
    /// Nothing arrives anywhere.
    HangUp,
}

/// Passes connections on, after those that it was told to fail.
pub(crate) struct Proxy {
    address: SocketAddr,
    faults: Arc<Mutex<VecDeque<Fault>>>,
}

impl Proxy {
    pub(crate) async fn start(to: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = Self {
            address: listener.local_addr().unwrap(),
            faults: Arc::default(),
        };
        let faults = Arc::clone(&proxy.faults);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let fault = faults.lock().unwrap().pop_front();
                tokio::spawn(pass(stream, to, fault));
            }
        });
        proxy
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Fails the next connections, one each.
    pub(crate) fn fail(&self, faults: Vec<Fault>) {
        self.faults.lock().unwrap().extend(faults);
    }

    /// That every fault came to be.
    pub(crate) fn assert_failed(&self) {
        assert_eq!(self.faults.lock().unwrap().len(), 0);
    }
}

async fn pass(mut client: TcpStream, to: SocketAddr, fault: Option<Fault>) {
    match fault {
        Some(Fault::HangUp) => (),
        Some(Fault::Busy) => {
            let _request = read_request(&mut client).await;
            let busy = "HTTP/1.1 503 X\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
            let _sent = client.write_all(busy.as_bytes()).await;
        }
        Some(Fault::CutAnswer) => {
            let request = read_request(&mut client).await;
            let mut service = TcpStream::connect(to).await.unwrap();
            service.write_all(&request).await.unwrap();
            let _first_byte_of_the_answer = service.read_u8().await.unwrap();
        }
        None => {
            let mut service = TcpStream::connect(to).await.unwrap();
            // Either may break off, which is its right; the next request takes a new connection.
            let _passed = copy_bidirectional(&mut client, &mut service).await;
        }
    }
}

/// The whole request, as it came.
async fn read_request(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = vec![];
    loop {
        let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
        if let Some(end) = text.find("\r\n\r\n") {
            let length: usize = text
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .map_or(0, |length| length.parse().unwrap());
            if bytes.len() >= end + 4 + length {
                return bytes;
            }
        }
        let read = stream.read_buf(&mut bytes).await.unwrap();
        assert_ne!(read, 0, "the client broke off");
    }
}

/// Answers every request with this text, and closes; counts the requests.
pub(crate) async fn raw(text: &'static str) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let given = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&given);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            count.fetch_add(1, Ordering::SeqCst);
            read_request(&mut stream).await;
            let _sent = stream.write_all(text.as_bytes()).await;
        }
    });
    (address, given)
}

/// What the field of a digest says of a file.
pub(crate) fn digest(bytes: &[u8]) -> String {
    format!("sha-256=:{}:", STANDARD.encode(hash(&SHA256, bytes)))
}
