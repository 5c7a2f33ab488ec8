//! TCP connections that a handler can cut, because a lost answer cannot be simulated with a response.

use axum::{
    extract::connect_info::Connected,
    serve::{IncomingStream, Listener},
};
use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    task::{Context, Poll},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};

const OPEN: i64 = -1;

/// One connection, as its handler sees it.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    /// `OPEN`, or how many bytes of the next response's body still go out before the connection closes.
    body_left: Arc<AtomicI64>,
    /// Set once the connection was cut half-way.
    head_sent: Arc<AtomicI64>,
}

/// What a handler decided about its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Open,
    Cut,
    CutInBody,
}

impl Line {
    pub(crate) fn new() -> Self {
        Self { body_left: Arc::new(AtomicI64::new(OPEN)), head_sent: Arc::new(AtomicI64::new(0)) }
    }

    /// Closes the connection without a byte of the answer.
    pub(crate) fn cut(&self) {
        self.head_sent.store(1, Ordering::SeqCst);
        self.body_left.store(0, Ordering::SeqCst);
    }

    /// Closes the connection after the head of the answer and `bytes` of its body.
    pub(crate) fn cut_after(&self, bytes: usize) {
        self.body_left.store(i64::try_from(bytes).unwrap_or(i64::MAX), Ordering::SeqCst);
    }

    /// What was decided, before anything is written.
    pub(crate) fn fate(&self) -> Fate {
        match (self.body_left.load(Ordering::SeqCst), self.head_sent.load(Ordering::SeqCst)) {
            (OPEN, _) => Fate::Open,
            (_, 1) => Fate::Cut,
            _ => Fate::CutInBody,
        }
    }

    /// How much of `bytes` may be written; `None`: the connection is cut.
    fn allow(&self, bytes: &[u8]) -> Option<usize> {
        let left = self.body_left.load(Ordering::SeqCst);
        if left == OPEN {
            return Some(bytes.len());
        }
        let left = usize::try_from(left).unwrap_or(0);
        let head = if self.head_sent.load(Ordering::SeqCst) == 1 {
            0
        } else {
            bytes.windows(4).position(|window| window == b"\r\n\r\n").map_or(bytes.len(), |at| at + 4)
        };
        let allowed = bytes.len().min(head + left);
        (allowed > 0).then_some(allowed)
    }

    fn wrote(&self, bytes: &[u8]) {
        let left = self.body_left.load(Ordering::SeqCst);
        if left == OPEN {
            return;
        }
        let mut body = bytes.len();
        if self.head_sent.load(Ordering::SeqCst) == 0
            && let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n")
        {
            self.head_sent.store(1, Ordering::SeqCst);
            body = bytes.len() - (at + 4);
        }
        self.body_left.store((left - i64::try_from(body).unwrap_or(left)).max(0), Ordering::SeqCst);
    }
}

impl Connected<IncomingStream<'_, Doors>> for Line {
    fn connect_info(stream: IncomingStream<'_, Doors>) -> Self {
        stream.io().line.clone()
    }
}

/// The listener of the simulators.
#[derive(Debug)]
pub(crate) struct Doors(pub(crate) TcpListener);

impl Listener for Doors {
    type Io = Wire;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Wire, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        // Small answers must not wait for an acknowledgement of the one before.
        let _ = stream.set_nodelay(true);
        (Wire { stream, line: Line::new() }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// A TCP stream that obeys its [`Line`].
#[derive(Debug)]
pub(crate) struct Wire {
    stream: TcpStream,
    line: Line,
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let Some(allowed) = self.line.allow(bytes) else {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        };
        let written = Pin::new(&mut self.stream).poll_write(context, &bytes[..allowed]);
        if let Poll::Ready(Ok(count)) = written {
            self.line.wrote(&bytes[..count]);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
