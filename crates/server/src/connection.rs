//! Connections that come to an end when whoever is behind them is too slow.
//!
//! The server beneath has a deadline for the first head on a connection alone. Here every head has one, and so have
//! callers who do not read what they asked for. What cannot be read as a request at all is answered in the same words
//! as everything else.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::time::{Instant, Sleep, sleep_until, timeout};
use user_service_adapters_local::{SystemClock, UuidV7};
use user_service_api::{ProblemType, unreadable};
use user_service_domain::clock::Clock as _;
use user_service_domain::ids::IdGenerator as _;

use crate::tls::Stream;

/// How long a head may take to arrive, from its first byte.
const HEAD: Duration = Duration::from_secs(5);

/// How long a connection is kept that nothing comes on.
pub(crate) const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// How long a response may wait for its reader.
const READER: Duration = Duration::from_secs(30);

/// How long a caller who was refused has to take the answer, before the connection ends with all that is unread.
const FAREWELL: Duration = Duration::from_secs(1);

/// How many pieces of 4 KiB are passed over of what such a caller goes on to send.
const PASSED_OVER: usize = 256;

/// What an answer says after which nothing is read.
const CLOSES: &[u8] = b"\r\nconnection: close\r\n";

/// What is written before a body was read (RFC 9110 section 15.2.1); the answer is still to come.
const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// The end of a head (RFC 9112 section 2.1).
const END: &[u8] = b"\r\n\r\n";

/// How the server beneath begins its answers to what it cannot read; ours have content.
const BARE: [(&[u8], ProblemType); 2] = [
    (
        b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n",
        ProblemType::MalformedRequest,
    ),
    (
        b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\n",
        ProblemType::HeadersTooLarge,
    ),
];

/// What is being waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The first byte of a request.
    Idle,
    /// The end of a head, of whose end so many bytes were seen.
    Head(usize),
    /// The answer: how long that may take is decided elsewhere.
    Request,
    /// The end: the caller was refused for good.
    Refused,
}

/// A connection of a caller.
pub(crate) struct Connection {
    stream: Stream,
    phase: Phase,
    since: Instant,
    /// Since when there is something to be written that nobody takes.
    unread_since: Option<Instant>,
    timer: Pin<Box<Sleep>>,
}

impl Connection {
    /// One that was just accepted.
    pub(crate) fn new(stream: Stream) -> Self {
        let now = Instant::now();
        Self {
            stream,
            phase: Phase::Head(0),
            since: now,
            unread_since: None,
            timer: Box::pin(sleep_until(now + HEAD)),
        }
    }

    /// Ends it with an answer, if the caller takes it at once.
    pub(crate) fn refuse(mut self, kind: ProblemType) {
        self.tell(kind);
    }

    fn deadline(&self) -> Option<Instant> {
        let phase = match self.phase {
            // A little later than the server beneath, which closes what is idle.
            Phase::Idle => Some(self.since + KEEP_ALIVE + HEAD),
            Phase::Head(_) => Some(self.since + HEAD),
            Phase::Request => None,
            Phase::Refused => Some(self.since + FAREWELL),
        };
        let reader = self.unread_since.map(|since| since + READER);
        phase.into_iter().chain(reader).min()
    }

    /// An error once the deadline is over.
    fn poll_deadline(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        let Some(deadline) = self.deadline() else {
            return Poll::Pending;
        };
        if self.timer.deadline() != deadline {
            self.timer.as_mut().reset(deadline);
        }
        ready!(self.timer.as_mut().poll(cx));
        if matches!(self.phase, Phase::Head(_)) {
            self.tell(ProblemType::RequestTimeout);
        }
        Poll::Ready(io::ErrorKind::TimedOut.into())
    }

    /// Bytes came.
    fn heard(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        if self.phase == Phase::Idle {
            self.phase = Phase::Head(0);
            self.since = Instant::now();
        }
        if let Phase::Head(seen) = self.phase {
            self.phase = match end_of_head(bytes, seen) {
                seen if seen == END.len() => Phase::Request,
                seen => Phase::Head(seen),
            };
        }
    }

    /// Says what is wrong, if the caller takes it at once. Whether they did.
    fn tell(&mut self, kind: ProblemType) -> bool {
        let response = unreadable(kind, UuidV7.next(), SystemClock.now());
        tracing::info!(status = kind.entry().status, "unreadable request");
        let written = self.stream.send_at_once(&response);
        self.phase = Phase::Refused;
        self.since = Instant::now();
        written
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if self.phase != Phase::Refused {
            return;
        }
        self.stream.say_goodbye();
        let (Ok(runtime), Ok(socket)) = (
            Handle::try_current(),
            SockRef::from(self.stream.socket()).try_clone(),
        ) else {
            return;
        };
        runtime.spawn(async move { part(TcpStream::from_std(socket.into())?).await });
    }
}

/// Says that there is nothing more to come, and passes over what still comes: whoever closes a connection on which
/// something is unread takes the answer away with it (RFC 9112 section 9.6).
async fn part(mut stream: TcpStream) -> io::Result<()> {
    stream.shutdown().await?;
    let passing_over = async {
        let mut bytes = [0; 4096];
        for _ in 0..PASSED_OVER {
            if stream.read(&mut bytes).await? == 0 {
                break;
            }
        }
        Ok(())
    };
    timeout(FAREWELL, passing_over).await?
}

/// Whether these bytes begin an answer that refuses, and ends the connection with it.
fn is_last(bytes: &[u8]) -> bool {
    let refuses = bytes.starts_with(b"HTTP/1.1 4") || bytes.starts_with(b"HTTP/1.1 5");
    refuses && bytes.windows(CLOSES.len()).any(|field| field == CLOSES)
}

/// How many bytes of the end of a head stand at the end of these, or all of them if it is within; `seen` stood before.
fn end_of_head(bytes: &[u8], seen: usize) -> usize {
    let mut seen = seen;
    for &byte in bytes {
        seen = match (byte, seen) {
            (b'\r', 0 | 2) | (b'\n', 1 | 3) => seen + 1,
            (b'\r', _) => 1,
            _ => 0,
        };
        if seen == END.len() {
            break;
        }
    }
    seen
}

impl AsyncRead for Connection {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        match Pin::new(&mut this.stream).poll_read(cx, buf) {
            Poll::Ready(result) => {
                this.heard(buf.filled().get(before..).unwrap_or_default());
                Poll::Ready(result)
            }
            Poll::Pending => this.poll_deadline(cx).map(Err),
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        for (begin, kind) in BARE {
            if buf.starts_with(begin) && this.tell(kind) {
                return Poll::Ready(Ok(buf.len()));
            }
        }
        match Pin::new(&mut this.stream).poll_write(cx, buf) {
            Poll::Ready(result) => {
                if buf != CONTINUE {
                    this.phase = if is_last(buf) {
                        Phase::Refused
                    } else {
                        Phase::Idle
                    };
                    this.since = Instant::now();
                }
                this.unread_since = None;
                Poll::Ready(result)
            }
            Poll::Pending => {
                this.unread_since.get_or_insert_with(Instant::now);
                this.poll_deadline(cx).map(Err)
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        match Pin::new(&mut this.stream).poll_flush(cx) {
            Poll::Ready(result) => {
                this.unread_since = None;
                Poll::Ready(result)
            }
            // TLS takes in more than it can send.
            Poll::Pending => {
                this.unread_since.get_or_insert_with(Instant::now);
                this.poll_deadline(cx).map(Err)
            }
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_answer_refuses_and_closes() {
        let last =
            b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}";
        assert!(is_last(last));
        let good = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n";
        assert!(!is_last(good));
        assert!(!is_last(
            b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"
        ));
    }

    #[test]
    fn the_end_of_a_head_is_seen_wherever_it_is_cut() {
        let head = b"GET / HTTP/1.1\r\nhost: a\r\n\r\nbody";
        for cut in 0..head.len() {
            let (first, second) = head.split_at(cut);
            let mut seen = end_of_head(first, 0);
            if seen < END.len() {
                seen = end_of_head(second, seen);
            }
            assert_eq!(seen, END.len(), "{cut}");
        }
        for none in [&b"\r\n\r"[..], b"\r\r\n\r", b"a\n\n", b"\n\r\n\r"] {
            assert!(end_of_head(none, 0) < END.len(), "{none:?}");
        }
    }
}
