//! Listeners that count who connects.

use http::HeaderValue;
use std::{
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use url::Url;

/// Listens on every address of this machine, IPv4 and IPv6, and hangs up on whoever connects.
pub(crate) struct Listener {
    port: u16,
    six: bool,
    seen: Arc<AtomicUsize>,
}

impl Listener {
    pub(crate) fn start() -> Self {
        let four = TcpListener::bind("0.0.0.0:0").unwrap();
        let port = four.local_addr().unwrap().port();
        // A machine without IPv6 has nothing there that could be reached.
        let six = TcpListener::bind(("::1", port)).ok();
        let (seen, has_six) = (Arc::new(AtomicUsize::new(0)), six.is_some());
        for listener in std::iter::once(four).chain(six) {
            let seen = Arc::clone(&seen);
            thread::spawn(move || {
                for stream in listener.incoming() {
                    seen.fetch_add(1, Ordering::SeqCst);
                    drop(stream);
                }
            });
        }
        Self { port, six: has_six, seen }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// How many connected so far. Connections are taken in order, so those of our own that come last show that all
    /// earlier ones have been counted.
    pub(crate) fn connections(&self) -> usize {
        let mut own = vec!["127.0.0.1"];
        own.extend(self.six.then_some("::1"));
        let before = self.seen.load(Ordering::SeqCst);
        for address in &own {
            use std::io::Read;
            let mut stream = TcpStream::connect((*address, self.port)).unwrap();
            // Ends when the listener has counted and hung up.
            let _ = stream.read(&mut [0]);
        }
        let after = self.seen.fetch_sub(own.len(), Ordering::SeqCst);
        assert!(after >= before + own.len());
        after - own.len()
    }
}

/// A server whose every answer is a redirect.
pub(crate) struct Redirecting {
    url: Url,
    state: Arc<Mutex<(HeaderValue, usize)>>,
}

impl Redirecting {
    pub(crate) fn url(&self) -> Url {
        self.url.clone()
    }

    /// From now on it leads there, and counts anew.
    pub(crate) fn lead_to(&self, location: HeaderValue) {
        *self.state.lock().unwrap() = (location, 0);
    }

    pub(crate) fn requests(&self) -> usize {
        self.state.lock().unwrap().1
    }
}

pub(crate) async fn redirecting() -> Redirecting {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
    let state = Arc::new(Mutex::new((HeaderValue::from_static("/"), 0)));
    let server = Redirecting { url, state: Arc::clone(&state) };
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4096]).await;
            let mut answer = b"HTTP/1.1 302 Found\r\ncontent-length: 0\r\nlocation: ".to_vec();
            {
                let mut state = state.lock().unwrap();
                state.1 += 1;
                answer.extend_from_slice(state.0.as_bytes());
            }
            answer.extend_from_slice(b"\r\nconnection: close\r\n\r\n");
            let _ = stream.write_all(&answer).await;
        }
    });
    server
}
