//! Answers that are made to use up memory or time end early, and what they held is bounded.
//!
//! One test in a process of its own: the allocator counts everybody's memory.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]
#![cfg(feature = "http")]

mod bombs;

use bombs::{Bomb, bombs};
use bytes::Bytes;
use http::{Method, Request};
use peak_alloc::PeakAlloc;
use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::Arc,
    thread,
    time::Duration,
};
use taxpoynt_core::{
    Error, ErrorKind, Retry, SystemClock,
    http::{ClientOptions, HttpService, ReqwestService, timeout::Timeout},
};

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// The largest answer that is read.
const LIMIT: usize = 16 * 1024 * 1024;
/// What an answer may hold: itself, and itself again while it grows.
const MOST: usize = 2 * LIMIT;

/// How a call ends that meets a bomb.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ends {
    /// It is seen for what it is.
    Refused,
    /// It is no answer at all.
    Broken,
    /// It is no bomb to whoever unpacks once and reads up to a limit.
    Harmless,
    /// It would go on for ever in small steps.
    TimedOut,
}

impl Ends {
    fn of(outcome: &Result<http::Response<Bytes>, Error>) -> Self {
        match outcome {
            Ok(response) => {
                assert!(response.body().len() <= LIMIT);
                Self::Harmless
            }
            Err(error) => match (error.kind(), error.retry()) {
                (ErrorKind::Platform, Retry::Never) => Self::Refused,
                (ErrorKind::Unavailable, Retry::Now) => Self::Broken,
                (ErrorKind::TimedOut, Retry::Now) => Self::TimedOut,
                other => panic!("{other:?}: {error}"),
            },
        }
    }
}

/// Sends one bomb to whoever connects, as long as anybody takes it.
fn serve(bomb: Bomb) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let _ = stream.read(&mut [0; 4096]);
            // The other side hangs up: that is what is wanted.
            let _ = send(&bomb, &mut stream);
        }
    });
    url
}

fn send(bomb: &Bomb, stream: &mut TcpStream) -> std::io::Result<()> {
    stream.write_all(bomb.head.as_bytes())?;
    stream.write_all(&bomb.first)?;
    for _ in 0..bomb.times {
        stream.write_all(&bomb.again)?;
    }
    stream.write_all(&bomb.last)
}

fn request(method: Method, url: &str) -> Request<Bytes> {
    Request::builder().method(method).uri(url).body(Bytes::new()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_bombs_end_early_and_hold_bounded_memory() {
    let options = ClientOptions {
        allow_hosts: vec!["127.0.0.1".into()],
        max_response_bytes: LIMIT,
        ..ClientOptions::default()
    };
    let service = Arc::new(ReqwestService::new(options).unwrap());
    // What goes on in small steps ends when its time is up; all others end long before.
    let within = |seconds| Timeout::new(service.clone(), Arc::new(SystemClock), Duration::from_secs(seconds));
    let (short, long) = (within(2), within(90));
    let bombs = bombs();
    assert!(bombs.len() >= 50, "{} bombs", bombs.len());
    let (mut largest, mut packed) = (0, 0);
    for bomb in bombs {
        let (why, ends) = (bomb.why, bomb.ends);
        packed += usize::from(bomb.head.contains("content-encoding"));
        let url = serve(bomb);
        let before = HEAP.current_usage();
        HEAP.reset_peak_usage();
        let patient = if ends == Ends::TimedOut { &short } else { &long };
        let outcome = patient.call(request(Method::GET, &url)).await;
        let held = HEAP.peak_usage().saturating_sub(before);
        println!("{:>8} kB  {:<9}  {why}", held / 1024, format!("{:?}", Ends::of(&outcome)));
        assert_eq!(Ends::of(&outcome), ends, "{why}: {outcome:?}");
        assert!(held <= MOST, "{why}: {held} bytes");
        largest = largest.max(held);
        if ends == Ends::Refused {
            // A change may have been made although its answer was not read.
            let error = long.call(request(Method::POST, &url)).await.unwrap_err();
            assert_eq!(error.retry(), Retry::Ambiguous, "{why}: {error}");
        }
    }
    println!("the most that was held: {} kB", largest / 1024);
    assert!(packed >= 50, "{packed} of them are packed");
}
