//! A TCP proxy between the service and what it depends on, which may be harmed.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

/// What becomes of connections and of what is sent on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Everything passes.
    Open,
    /// Every piece of an answer comes so much later.
    Slow(Duration),
    /// Connections are closed, new ones at once.
    Cut,
    /// Connections stay and are accepted, and nothing passes.
    Silent,
}

#[derive(Clone, Debug)]
struct State {
    mode: Mode,
    upstream: String,
    /// Connections of lower numbers are silent for ever.
    forsaken_below: u64,
    made: u64,
}

/// A proxy on a port of its own.
pub(crate) struct Proxy {
    port: u16,
    state: watch::Sender<State>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// Passes everything on to `host:port`.
    pub(crate) async fn start(upstream: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let state = watch::Sender::new(State {
            mode: Mode::Open,
            upstream,
            forsaken_below: 0,
            made: 0,
        });
        Self {
            port: listener.local_addr().unwrap().port(),
            task: tokio::spawn(accept(listener, state.clone())),
            state,
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// From now on.
    pub(crate) fn set(&self, mode: Mode) {
        self.state.send_modify(|state| state.mode = mode);
    }

    /// The connections that there are will never hear anything again, as when their host is gone; new ones are good.
    pub(crate) fn forsake(&self) {
        self.state
            .send_modify(|state| state.forsaken_below = state.made);
    }

    /// New connections go there, as when an address moves.
    pub(crate) fn lead_to(&self, upstream: String) {
        self.state.send_modify(|state| state.upstream = upstream);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, state: watch::Sender<State>) {
    let mut connections = JoinSet::new();
    loop {
        let (client, _) = listener.accept().await.unwrap();
        let number = state.borrow().made;
        state.send_modify(|state| state.made += 1);
        connections.spawn(connect(client, number, state.subscribe()));
        while connections.try_join_next().is_some() {}
    }
}

async fn connect(client: TcpStream, number: u64, mut state: watch::Receiver<State>) {
    if !passes(&mut state, true).await {
        return;
    }
    let upstream = state.borrow().upstream.clone();
    let Ok(server) = TcpStream::connect(upstream).await else {
        return;
    };
    client.set_nodelay(true).ok();
    server.set_nodelay(true).ok();
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let (mut from_client, mut to_client) = (from_client, to_client);
    // Whichever ends first ends the other: half a connection is of no use to these protocols.
    tokio::select! {
        () = pump(&mut from_client, to_server, state.clone(), true) => return,
        () = pump(from_server, &mut to_client, state.clone(), false) => return,
        () = forsaken(state, number) => {}
    }
    // The server's end is gone, and nobody tells the client.
    std::future::pending::<()>().await;
}

async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut state: watch::Receiver<State>,
    asks: bool,
) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let read = tokio::select! {
            read = from.read(&mut buffer) => read,
            () = cut(state.clone()) => return,
        };
        let Ok(read @ 1..) = read else {
            return;
        };
        if !passes(&mut state, asks).await || to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}

async fn forsaken(mut state: watch::Receiver<State>, number: u64) {
    let is = |state: &State| number < state.forsaken_below;
    if state.wait_for(is).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Waits until something may pass; false where the connection is to be closed.
async fn passes(state: &mut watch::Receiver<State>, asks: bool) -> bool {
    loop {
        let mode = state.borrow_and_update().mode;
        match mode {
            Mode::Open => return true,
            Mode::Slow(_) if asks => return true,
            Mode::Slow(delay) => {
                tokio::time::sleep(delay).await;
                return true;
            }
            Mode::Cut => return false,
            Mode::Silent if state.changed().await.is_err() => return false,
            Mode::Silent => {}
        }
    }
}

async fn cut(mut state: watch::Receiver<State>) {
    if state
        .wait_for(|state| state.mode == Mode::Cut)
        .await
        .is_err()
    {
        std::future::pending::<()>().await;
    }
}
