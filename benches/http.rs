//! One call through all layers beside the same call through bare reqwest: what the layers cost.
//!
//! `cargo bench -p taxpoynt-benches --bench http` prints the difference and the ratio, found in turns over one loopback
//! server, by the clock and by this thread's own time; `-- --check` fails where the difference is over 30 µs. All of it runs
//! on one core: elsewhere the two kept connections may end up with servers on different ones.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a bench has nobody to report to, and tells time"
)]

use bytes::Bytes;
use cpu_time::ThreadTime;
use divan::Bencher;
use http::{HeaderMap, Request, Response};
use std::{
    io::{Read, Write},
    net::TcpListener,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};
use taxpoynt_core::{
    Result, SystemClock,
    http::{
        ClientOptions, HttpService, Line, ReqwestService, StackOptions,
        auth::StaticToken,
        rate_limit::{Limits, Quota},
        stack,
        stack::Auth,
    },
};
use tokio::runtime::{Builder, Runtime};

/// What may be lost to the layers.
const PROMISED: Duration = Duration::from_micros(30);
/// How often both take turns, and with how many calls each.
const TURNS: usize = 200;
const CALLS: usize = 50;

fn main() -> std::process::ExitCode {
    taxpoynt_benches::pin();
    let kept = beside_reqwest();
    if !std::env::args().any(|argument| argument == "--check") {
        divan::main();
    } else if !kept {
        return std::process::ExitCode::FAILURE;
    }
    std::process::ExitCode::SUCCESS
}

/// Prints what a call costs either way; whether the promise is kept.
fn beside_reqwest() -> bool {
    let (runtime, url) = (runtime(), serve());
    let (bare, ours) = (bare(), layers(sender(), &url));
    let (mut theirs, mut all) = (Vec::new(), Vec::new());
    for turn in 0..=TURNS {
        let one = measure(&runtime, || call_bare(&bare, &url));
        let other = measure(&runtime, || call(&*ours, &url));
        // In the first turn connections are made.
        if turn > 0 {
            theirs.push(one);
            all.push(other);
        }
    }
    let mut kept = true;
    for (name, of) in [("by the clock", 0), ("of this thread", 1)] {
        let (theirs, all) = (median(&theirs, of), median(&all, of));
        let more = all.saturating_sub(theirs);
        kept &= more <= PROMISED;
        println!(
            "{name}: bare reqwest {theirs:?}, all layers {all:?}, difference {more:?} (promised {PROMISED:?}), ratio {} %",
            all.as_nanos() * 100 / theirs.as_nanos().max(1)
        );
    }
    kept
}

/// One call's share of a turn: by the clock, and of this thread's own time, in which nobody else's work counts.
fn measure<F: Future<Output = ()>>(runtime: &Runtime, call: impl Fn() -> F) -> [Duration; 2] {
    let (clock, thread) = (Instant::now(), ThreadTime::now());
    runtime.block_on(async {
        for _ in 0..CALLS {
            call().await;
        }
    });
    let calls = u32::try_from(CALLS).unwrap_or(1);
    [clock.elapsed() / calls, thread.elapsed() / calls]
}

fn median(turns: &[[Duration; 2]], of: usize) -> Duration {
    let mut turns: Vec<_> = turns.iter().map(|turn| turn[of]).collect();
    turns.sort_unstable();
    turns[turns.len() / 2]
}

/// Everything on one thread, whose time is what is measured.
fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// A server that answers every request at once with an order's worth of JSON.
fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v2/orders/ORDER-1?fields=all", listener.local_addr().unwrap());
    let body = taxpoynt_benches::order(1, 2);
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let answer: Arc<[u8]> = [head.as_bytes(), &body].concat().into();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, answer) = (stream.unwrap(), Arc::clone(&answer));
            stream.set_nodelay(true).unwrap();
            thread::spawn(move || {
                let mut request = [0; 4096];
                // A request without a body comes in one piece.
                while stream.read(&mut request).is_ok_and(|size| size > 0) {
                    stream.write_all(&answer).unwrap();
                }
            });
        }
    });
    url
}

fn bare() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// What a program would write that uses reqwest by itself.
async fn call_bare(client: &reqwest::Client, url: &str) {
    let answer =
        client.get(url).bearer_auth("token").header("accept", "application/json").send().await.unwrap();
    divan::black_box((answer.status(), answer.headers().clone(), answer.bytes().await.unwrap()));
}

fn sender() -> Arc<dyn HttpService> {
    let options = ClientOptions { allow_hosts: vec!["127.0.0.1".into()], ..ClientOptions::default() };
    Arc::new(ReqwestService::new(options).unwrap())
}

/// As the engine builds it for a connection, with a limit that nobody reaches.
fn layers(inner: Arc<dyn HttpService>, url: &str) -> Arc<dyn HttpService> {
    let quota = Quota { calls: u32::MAX, per: Duration::from_secs(1), burst: u32::MAX };
    let mut options = StackOptions::new(inner, Arc::new(SystemClock), url.parse().unwrap())
        .on(Line::new(Limits::new(quota)));
    options.auth = Auth::Bearer(Arc::new(StaticToken::new("token".into())));
    stack(options)
}

async fn call(service: &dyn HttpService, url: &str) {
    let request = Request::get(url).header("accept", "application/json").body(Bytes::new()).unwrap();
    let answer = service.call(request).await.unwrap();
    divan::black_box((answer.status(), answer.headers().clone(), answer.into_body()));
}

/// Answers without a network.
struct AtOnce;

#[async_trait::async_trait]
impl HttpService for AtOnce {
    async fn call(&self, _: Request<Bytes>) -> Result<Response<Bytes>> {
        let mut answer = Response::new(Bytes::from_static(b"{}"));
        *answer.headers_mut() = HeaderMap::new();
        Ok(answer)
    }
}

#[divan::bench]
fn bare_reqwest(bencher: Bencher) {
    let (runtime, url, client) = (runtime(), serve(), bare());
    bencher.bench_local(|| runtime.block_on(call_bare(&client, &url)));
}

#[divan::bench]
fn all_layers(bencher: Bencher) {
    let (runtime, url) = (runtime(), serve());
    let service = layers(sender(), &url);
    bencher.bench_local(|| runtime.block_on(call(&*service, &url)));
}

#[divan::bench]
fn guarded_sender_alone(bencher: Bencher) {
    let (runtime, url, service) = (runtime(), serve(), sender());
    bencher.bench_local(|| runtime.block_on(call(&*service, &url)));
}

#[divan::bench]
fn layers_without_network(bencher: Bencher) {
    let (runtime, url) = (runtime(), "https://platform.example/v2/orders/ORDER-1?fields=all");
    let service = layers(Arc::new(AtOnce), url);
    bencher.bench_local(|| runtime.block_on(call(&*service, url)));
}
