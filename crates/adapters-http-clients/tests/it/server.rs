//! A small HTTP server that answers as a test tells it to.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// What the server does with a request.
#[derive(Clone)]
pub(crate) enum Reply {
    /// A whole answer.
    Answer {
        status: u16,
        headers: String,
        body: Vec<u8>,
    },
    /// The head of an answer, and then nothing more.
    Head,
    /// Nothing, ever.
    Silence,
    /// The connection is closed.
    HangUp,
}

impl Reply {
    pub(crate) fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self::status(200, body)
    }

    pub(crate) fn status(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::Answer {
            status,
            headers: String::new(),
            body: body.into(),
        }
    }

    pub(crate) fn redirect(to: &str) -> Self {
        Self::Answer {
            status: 307,
            headers: format!("location: {to}\r\n"),
            body: vec![],
        }
    }
}

struct State {
    /// Replies for one request each; the last stays.
    replies: Mutex<Vec<Reply>>,
    requests: watch::Sender<Vec<String>>,
}

/// A server on a port of its own.
pub(crate) struct Server {
    address: SocketAddr,
    state: Arc<State>,
    task: Option<tokio::task::JoinHandle<()>>,
}

impl Server {
    /// Starts with this reply to everything.
    pub(crate) async fn start(reply: Reply) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut server = Self {
            address: listener.local_addr().unwrap(),
            state: Arc::new(State {
                replies: Mutex::new(vec![reply]),
                requests: watch::Sender::new(vec![]),
            }),
            task: None,
        };
        server.listen(listener);
        server
    }

    /// Begins to listen again, on the same port.
    pub(crate) async fn restart(&mut self) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.listen(listener);
    }

    fn listen(&mut self, listener: TcpListener) {
        self.task = Some(tokio::spawn(accept(listener, Arc::clone(&self.state))));
    }

    /// Refuses connections from now on.
    pub(crate) async fn stop(&mut self) {
        let task = self.task.take().unwrap();
        task.abort();
        let _aborted = task.await;
    }

    /// Replies so from now on.
    pub(crate) fn reply(&self, reply: Reply) {
        self.reply_in_turn(vec![reply]);
    }

    /// Replies with one after the other; the last stays.
    pub(crate) fn reply_in_turn(&self, replies: Vec<Reply>) {
        *self.state.replies.lock().unwrap() = replies;
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn port(&self) -> String {
        self.address.port().to_string()
    }

    /// Every request so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.state.requests.borrow().clone()
    }

    pub(crate) fn count(&self) -> usize {
        self.state.requests.borrow().len()
    }

    /// Waits until there were this many requests.
    pub(crate) async fn wait_for(&self, count: usize) {
        let mut requests = self.state.requests.subscribe();
        requests.wait_for(|all| all.len() >= count).await.unwrap();
    }
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    // Dropped with this task, and every connection with it.
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        connections.spawn(serve(stream, Arc::clone(&state)));
    }
}

async fn serve(mut stream: TcpStream, state: Arc<State>) {
    let Some(request) = read(&mut stream).await else {
        return;
    };
    let reply = {
        let mut replies = state.replies.lock().unwrap();
        if replies.len() > 1 {
            replies.remove(0)
        } else {
            replies[0].clone()
        }
    };
    state.requests.send_modify(|all| all.push(request));
    let text = match &reply {
        Reply::Answer {
            status,
            headers,
            body,
        } => format!(
            "HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n",
            body.len()
        ),
        Reply::Head => "HTTP/1.1 200 X\r\ncontent-length: 1000\r\n\r\n{".to_owned(),
        Reply::Silence => std::future::pending().await,
        Reply::HangUp => return,
    };
    // The client may be gone, which is its right.
    let _sent = stream.write_all(text.as_bytes()).await;
    match reply {
        Reply::Answer { body, .. } => {
            let _sent = stream.write_all(&body).await;
        }
        _ => std::future::pending().await,
    }
}

/// The head and the body of a request.
async fn read(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
        if let Some(end) = text.find("\r\n\r\n") {
            let length: usize = text
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .map_or(0, |length| length.parse().unwrap());
            if bytes.len() >= end + 4 + length {
                return Some(String::from_utf8_lossy(&bytes).into_owned());
            }
        }
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return None,
            Ok(read) => bytes.extend_from_slice(&buffer[..read]),
        }
    }
}
