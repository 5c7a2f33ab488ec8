//! The one place that connects: which addresses it refuses, what it reads, and what its errors say.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]
#![cfg(feature = "http")]

mod http_support;

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{Method, Request};
use http_support::secs;
use std::net::SocketAddr;
use taxpoynt_core::{
    ErrorKind, Retry,
    http::{
        ClientOptions, HttpService, Idempotent, ReqwestService,
        guard::{AllowHosts, is_public},
    },
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use url::Url;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{body_string, header, method, path},
};

fn service(options: ClientOptions) -> ReqwestService {
    ReqwestService::new(options).unwrap()
}

fn local() -> ClientOptions {
    ClientOptions {
        allow_hosts: vec!["127.0.0.1".into()],
        connect_timeout: secs(5),
        ..ClientOptions::default()
    }
}

fn request(method: Method, url: &str) -> Request<Bytes> {
    Request::builder().method(method).uri(url).body(Bytes::new()).unwrap()
}

fn get(url: &str) -> Request<Bytes> {
    request(Method::GET, url)
}

/// Spellings of addresses that are not the public internet. A few are no URL at all in the eyes of one parser.
const INSIDE: &[&str] = &[
    "http://127.0.0.1/",
    "http://127.0.0.1:8080/admin",
    "https://127.0.0.1/",
    "http://127.1/",
    "http://127.0.1/",
    "http://127.255.255.254/",
    "http://127.0.0.1./",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7F.0.0.1/",
    "http://0x7f.1/",
    "http://017700000001/",
    "http://0177.0.0.1/",
    "http://0177.0x0.0.01/",
    "http://00000177.0.0.1/",
    "http://%31%32%37.0.0.1/",
    "http://127%2e0%2e0%2e1/",
    "http://１２７.0.0.1/",
    "http://127。0。0。1/",
    "http://①②⑦.⓪.⓪.①/",
    "http://0/",
    "http://0.0.0.0/",
    "http://0.0.0.0:80/",
    "http://0.1.2.3/",
    "http://10.0.0.1/",
    "http://10.255.255.255/",
    "http://012.0.0.1/",
    "http://100.64.0.1/",
    "http://100.100.100.200/",
    "http://100.127.255.255/",
    "http://169.254.169.254/latest/meta-data/",
    "http://169.254.170.2/v2/credentials",
    "http://2852039166/",
    "http://0xA9FEA9FE/",
    "http://0xa9.0xfe.0xa9.0xfe/",
    "http://0251.0376.0251.0376/",
    "http://169.254.43518/",
    "http://168.63.129.16/",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.0.0.192/",
    "http://192.0.2.1/",
    "http://192.88.99.1/",
    "http://192.168.0.1/",
    "http://192.168.1/",
    "http://198.18.0.1/",
    "http://198.19.255.255/",
    "http://198.51.100.1/",
    "http://203.0.113.1/",
    "http://224.0.0.1/",
    "http://239.255.255.255/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://[::]/",
    "http://[::1]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[0000:0000:0000:0000:0000:0000:0000:0001]:80/",
    "http://[::127.0.0.1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[0:0:0:0:0:ffff:169.254.169.254]/",
    "http://[::ffff:93.184.215.14]/",
    "http://[::ffff:0:127.0.0.1]/",
    "http://[64:ff9b::127.0.0.1]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[64:ff9b:1::1]/",
    "http://[100::1]/",
    "http://[2001::1]/",
    "http://[2001:0:7f00:1::]/",
    "http://[2001:10::1]/",
    "http://[2001:db8::1]/",
    "http://[2002:7f00:1::]/",
    "http://[2002:a9fe:a9fe::1]/",
    "http://[3fff::1]/",
    "http://[5f00::1]/",
    "http://[fc00::1]/",
    "http://[fd00:ec2::254]/latest/meta-data/",
    "http://[fe80::1]/",
    "http://[febf::1]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://[ffff::1]/",
    "http://localhost/",
    "http://localhost:3000/",
    "http://LOCALHOST/",
    "http://public.example@127.0.0.1/",
    "http://public.example:80@127.0.0.1/",
    "http://user:secret@93.184.215.14/",
    "http://127.0.0.1\\@public.example/",
    "http:\\\\127.0.0.1\\",
    "http:127.0.0.1",
    "http:///127.0.0.1/",
    "HTTP://127.0.0.1/",
    "ftp://93.184.215.14/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_FLUSHALL",
    "unix:///var/run/docker.sock",
    "data:text/plain,x",
];

#[tokio::test]
async fn no_spelling_of_a_private_address_is_called() {
    assert!(INSIDE.len() >= 60);
    let service = service(ClientOptions { connect_timeout: secs(2), ..ClientOptions::default() });
    for spelling in INSIDE {
        // As a platform's answer is read (`url`), and as a request may be built by hand (`http`).
        let normalised = Url::parse(spelling).ok().and_then(|url| url.as_str().parse::<http::Uri>().ok());
        let by_hand = spelling.parse::<http::Uri>().ok();
        for uri in [normalised, by_hand].into_iter().flatten() {
            let mut call = Request::new(Bytes::new());
            *call.uri_mut() = uri;
            let error = service.call(call).await.expect_err(spelling);
            assert_eq!(
                (error.kind(), error.retry()),
                (ErrorKind::Config, Retry::Never),
                "{spelling}: {error}"
            );
        }
    }
}

#[test]
fn the_guard_itself_refuses_every_literal_of_the_table() {
    let allow = AllowHosts::default();
    let mut literals = 0;
    for url in INSIDE.iter().filter_map(|spelling| Url::parse(spelling).ok()) {
        let named = matches!(url.host(), Some(url::Host::Domain(name)) if name.starts_with("localhost"));
        if !named {
            assert_eq!(allow.check(&url).unwrap_err().kind(), ErrorKind::Config, "{url}");
            literals += 1;
        }
    }
    assert!(literals >= 80, "{literals}");
}

#[test]
fn public_addresses_and_their_neighbours_pass() {
    let public = [
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "168.63.129.15",
        "168.63.129.17",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.0.3.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2000::1",
        "2001:200::1",
        "2001:db7::1",
        "2001:db9::1",
        "2003::1",
        "2606:4700::1111",
        "2a00:1450::1",
        "3ffe::1",
    ];
    for address in public {
        assert!(is_public(address.parse().unwrap()), "{address}");
        let address = if address.contains(':') { format!("[{address}]") } else { address.to_owned() };
        AllowHosts::default().check(&Url::parse(&format!("https://{address}/")).unwrap()).unwrap();
    }
}

fn sockets(addresses: &[&str]) -> Vec<SocketAddr> {
    addresses.iter().map(|address| SocketAddr::new(address.parse().unwrap(), 0)).collect()
}

#[test]
fn a_name_that_resolves_inside_is_refused_and_mixed_answers_keep_the_public_ones() {
    let allow = AllowHosts::new(&["intern.example", "127.0.0.1"]).unwrap();
    for inside in ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:10.0.0.1", "64:ff9b::1.1.1.1"] {
        assert!(allow.filter("rebind.example", sockets(&[inside])).is_err(), "{inside}");
        let mixed = sockets(&[inside, "1.1.1.1", inside]);
        assert_eq!(allow.filter("rebind.example", mixed).unwrap(), sockets(&["1.1.1.1"]));
        // Allowed by name, and only by this name.
        assert_eq!(allow.filter("intern.example", sockets(&[inside])).unwrap(), sockets(&[inside]));
        assert!(allow.filter("x.intern.example", sockets(&[inside])).is_err());
        assert!(allow.filter("intern.example.evil.example", sockets(&[inside])).is_err());
    }
    assert!(allow.filter("gone.example", vec![]).unwrap().is_empty());
}

#[test]
fn allowed_hosts_are_exact_in_every_spelling_of_themselves() {
    let allow = AllowHosts::new(&["127.0.0.1", "::1", "[fd00::5]", "ODOO.internal"]).unwrap();
    for url in
        ["http://127.0.0.1/", "http://0x7f.1/", "http://[::1]/", "http://[0:0::1]:9/", "http://[fd00::5]/"]
    {
        assert!(allow.check(&Url::parse(url).unwrap()).is_ok(), "{url}");
    }
    for url in ["http://127.0.0.2/", "http://[::ffff:127.0.0.1]/", "http://[fd00::6]/", "http://10.0.0.1/"] {
        assert!(allow.check(&Url::parse(url).unwrap()).is_err(), "{url}");
    }
    assert!(allow.filter("odoo.internal", sockets(&["10.0.0.1"])).is_ok());
    for entry in ["http://127.0.0.1", "127.0.0.1:80", "a/b", "", "*.example com", "10.0.0.0/8"] {
        let error = AllowHosts::new(&[entry]).unwrap_err();
        assert_eq!((error.kind(), error.get("entry")), (ErrorKind::Config, Some(entry)));
    }
}

#[tokio::test]
async fn an_allowed_address_allows_no_name_that_resolves_to_it() {
    let server = MockServer::start().await;
    let url = format!("http://localhost:{}/", server.address().port());
    let error = service(local()).call(get(&url)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.message().contains("localhost") && error.message().contains("allow_hosts"), "{error}");
    assert!(server.received_requests().await.unwrap().is_empty());
    // Whether these resolve is the machine's affair; either way nothing is called.
    for name in ["localhost.", "x.localhost"] {
        let url = format!("http://{name}:{}/", server.address().port());
        assert!(service(local()).call(get(&url)).await.is_err(), "{name}");
    }
    assert!(server.received_requests().await.unwrap().is_empty());
    let by_name = ClientOptions { allow_hosts: vec!["localhost".into()], ..local() };
    assert_eq!(service(by_name).call(get(&url)).await.unwrap().status(), 404);
}

#[tokio::test]
async fn a_request_goes_out_whole_and_any_status_is_an_answer() {
    let server = MockServer::start().await;
    Mock::given(method("PATCH"))
        .and(path("/v1/x"))
        .and(header("x-one", "1"))
        .and(body_string("{\"a\":1}"))
        .respond_with(ResponseTemplate::new(418).insert_header("x-reply", "yes").set_body_string("tea"))
        .mount(&server)
        .await;
    let request = Request::patch(format!("{}/v1/x?y=z", server.uri()))
        .header("x-one", "1")
        .body(Bytes::from_static(b"{\"a\":1}"))
        .unwrap();
    let answer = service(local()).call(request).await.unwrap();
    assert_eq!((answer.status().as_u16(), &answer.headers()["x-reply"]), (418, &"yes".parse().unwrap()));
    assert_eq!(answer.body(), "tea");
    let received = &server.received_requests().await.unwrap()[0];
    assert_eq!(received.url.query(), Some("y=z"));
    assert!(received.headers["user-agent"].to_str().unwrap().starts_with("taxpoynt-engine/"));
}

#[tokio::test]
async fn redirects_are_handed_back_and_not_followed() {
    let server = MockServer::start().await;
    for code in [301, 302, 303, 307, 308] {
        Mock::given(path(format!("/{code}")))
            .respond_with(ResponseTemplate::new(code).insert_header("location", "/elsewhere"))
            .mount(&server)
            .await;
        let answer = service(local()).call(get(&format!("{}/{code}", server.uri()))).await.unwrap();
        assert_eq!(answer.status(), code);
    }
    assert_eq!(server.received_requests().await.unwrap().len(), 5);
}

/// A gzip stream of about `zeros` zero bytes: one fixed-Huffman block of matches of 258 bytes, 13 bits each.
fn gzip_of_zeros(zeros: usize) -> Vec<u8> {
    let mut bits: Vec<bool> = Vec::new();
    let mut push = |code: u32, length: u32| bits.extend((0..length).rev().map(|bit| code >> bit & 1 == 1));
    push(0b1, 1); // last block
    push(0b10, 2); // fixed Huffman codes, least significant bit first
    push(0b0011_0000, 8); // literal 0
    for _ in 0..zeros / 258 {
        push(0b1100_0101, 8); // length 258
        push(0, 5); // distance 1
    }
    push(0, 7); // end of block
    let mut stream = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    stream.extend(
        bits.chunks(8).map(|byte| byte.iter().rev().fold(0_u8, |acc, bit| acc << 1 | u8::from(*bit))),
    );
    if let Some(last) = stream.last_mut() {
        *last &= 0xff >> ((8 - bits.len() % 8) % 8);
    }
    stream.extend([0; 8]); // checksum and length; nobody reads this far
    stream
}

async fn answering(body: Vec<u8>, encoding: Option<&str>) -> MockServer {
    let server = MockServer::start().await;
    let mut template = ResponseTemplate::new(200).set_body_raw(body, "application/json");
    if let Some(encoding) = encoding {
        template = template.insert_header("content-encoding", encoding);
    }
    Mock::given(path("/")).respond_with(template).mount(&server).await;
    server
}

#[tokio::test]
async fn an_answer_is_read_up_to_the_limit_and_not_one_byte_beyond() {
    let limited = service(ClientOptions { max_response_bytes: 1000, ..local() });
    for (size, fits) in [(0, true), (999, true), (1000, true), (1001, false), (5_000_000, false)] {
        let server = answering(vec![b'x'; size], None).await;
        let answer = limited.call(get(&server.uri())).await;
        assert_eq!(answer.is_ok(), fits, "{size}");
        if let Err(error) = answer {
            assert_eq!((error.kind(), error.retry()), (ErrorKind::Platform, Retry::Never));
            assert!(error.message().contains("1000 bytes"), "{error}");
        }
    }
}

#[tokio::test]
async fn a_gzip_bomb_is_given_up_at_the_limit() {
    let bomb = gzip_of_zeros(256 * 1024 * 1024);
    assert!(bomb.len() < 2 * 1024 * 1024, "it looks harmless: {}", bomb.len());
    let server = answering(bomb, Some("gzip")).await;
    let error = service(local()).call(get(&server.uri())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Platform);
    assert!(error.message().contains("larger than 16777216 bytes"), "{error}");
    let error = service(local()).call(request(Method::POST, &server.uri())).await.unwrap_err();
    assert_eq!(
        error.retry(),
        Retry::Ambiguous,
        "a change may have been made although its answer was not read"
    );
}

#[tokio::test]
async fn gzip_is_read_and_the_limit_counts_what_comes_out() {
    let gzip = STANDARD.decode("H4sIAAAAAAACA6tWyi9KSS0qVrKKjq2txskBAF9N4M4nAAAA").unwrap();
    let server = answering(gzip.clone(), Some("gzip")).await;
    let answer = service(local()).call(get(&server.uri())).await.unwrap();
    assert_eq!(answer.body(), "{\"orders\":[]}{\"orders\":[]}{\"orders\":[]}");
    assert!(gzip.len() < 38);
    let limited = service(ClientOptions { max_response_bytes: 38, ..local() });
    assert_eq!(limited.call(get(&server.uri())).await.unwrap_err().kind(), ErrorKind::Platform);
    // What only claims to be gzip is a broken answer.
    let server = answering(b"{\"a\":1}".to_vec(), Some("gzip")).await;
    assert_eq!(service(local()).call(get(&server.uri())).await.unwrap_err().kind(), ErrorKind::Unavailable);
}

#[tokio::test]
async fn a_body_without_a_declared_length_is_counted_as_it_comes() {
    let url = raw_server(|mut stream| async move {
        stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await.unwrap();
        let chunk = [b"400\r\n".as_slice(), &[b'x'; 1024], b"\r\n"].concat();
        // Endless: only the reader can end this.
        while stream.write_all(&chunk).await.is_ok() {}
    })
    .await;
    let limited = service(ClientOptions { max_response_bytes: 100_000, ..local() });
    assert_eq!(limited.call(get(&url)).await.unwrap_err().kind(), ErrorKind::Platform);
}

/// A server that reads one request and then does as told, for each connection.
async fn raw_server<F>(answer: impl Fn(TcpStream) -> F + Send + 'static) -> String
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/orders?access_token=query-secret", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4096]).await;
            tokio::spawn(answer(stream));
        }
    });
    url
}

#[tokio::test]
async fn a_connection_that_breaks_is_harmless_for_a_get_and_ambiguous_for_a_post() {
    let answers: [&[u8]; 3] =
        [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly this", b"this is not http\r\n\r\n"];
    for answer in answers {
        let url = raw_server(move |mut stream| async move {
            stream.write_all(answer).await.unwrap();
        })
        .await;
        let service = service(local());
        let error = service.call(get(&url)).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (ErrorKind::Unavailable, Retry::Now), "{error}");
        for unsafe_method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let error = service.call(request(unsafe_method, &url)).await.unwrap_err();
            assert_eq!((error.kind(), error.retry()), (ErrorKind::Ambiguous, Retry::Ambiguous), "{error}");
        }
        let mut search = request(Method::POST, &url);
        search.extensions_mut().insert(Idempotent);
        assert_eq!(service.call(search).await.unwrap_err().kind(), ErrorKind::Unavailable);
        assert!(!format!("{error} {error:?}").contains("query-secret"), "{error:?}");
    }
}

#[tokio::test]
async fn where_nobody_listens_nothing_arrived_and_a_post_may_be_repeated() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/orders?access_token=query-secret", listener.local_addr().unwrap());
    drop(listener);
    for method in [Method::GET, Method::POST] {
        let mut call = request(method, &url);
        call.headers_mut().insert("authorization", "Bearer header-secret".parse().unwrap());
        let error = service(local()).call(call).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (ErrorKind::Unavailable, Retry::Now));
        let shown = format!("{error} {error:?}");
        assert!(shown.contains("refused"), "{shown}");
        assert!(!shown.contains("query-secret") && !shown.contains("header-secret"), "{shown}");
    }
}

#[tokio::test]
async fn a_server_without_tls_is_unavailable_to_https() {
    let server = MockServer::start().await;
    let url = server.uri().replace("http://", "https://");
    let error = service(local()).call(request(Method::POST, &url)).await.unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Unavailable, Retry::Now), "{error}");
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_relative_address_is_refused() {
    for uri in ["/orders", "*", "platform.example:443"] {
        assert_eq!(service(local()).call(get(uri)).await.unwrap_err().kind(), ErrorKind::Config, "{uri}");
    }
}

#[test]
fn a_user_agent_that_cannot_be_sent_is_a_configuration_error() {
    let options = ClientOptions { user_agent: "line\nbreak".into(), ..ClientOptions::default() };
    assert_eq!(ReqwestService::new(options).unwrap_err().kind(), ErrorKind::Config);
}

fn packed(plain: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn packed_answers_are_read_whole_in_one_member_or_several_and_their_headers_say_so() {
    let several = [packed(b"{\"orders\""), packed(b""), packed(b":[]}")].concat();
    for (body, encoding) in [(packed(b"{\"orders\":[]}"), "gzip"), (several, "X-GZip")] {
        let server = answering(body, Some(encoding)).await;
        let answer = service(local()).call(get(&server.uri())).await.unwrap();
        assert_eq!(answer.body(), "{\"orders\":[]}");
        assert!(!answer.headers().contains_key("content-encoding"));
        assert!(!answer.headers().contains_key("content-length"));
        assert_eq!(server.received_requests().await.unwrap()[0].headers["accept-encoding"], "gzip");
    }
    let server = answering(b"as it is".to_vec(), Some("identity")).await;
    assert_eq!(service(local()).call(get(&server.uri())).await.unwrap().body(), "as it is");
}

#[tokio::test]
async fn an_answer_without_a_body_may_say_how_it_would_be_packed() {
    let server = answering(packed(b"{}"), Some("gzip")).await;
    let answer = service(local()).call(request(Method::HEAD, &server.uri())).await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.body().len()), (200, 0));
    let server = answering(Vec::new(), Some("gzip")).await;
    assert!(service(local()).call(get(&server.uri())).await.unwrap().body().is_empty());
}

#[tokio::test]
async fn a_gzip_that_is_cut_short_or_altered_is_a_broken_answer() {
    let whole = packed(b"{\"orders\":[1,2,3,4,5,6,7,8,9]}");
    let mut altered = vec![whole[..whole.len() - 1].to_vec(), whole[..12].to_vec(), whole[..5].to_vec()];
    for place in [0, 2, whole.len() - 8, whole.len() - 1] {
        let mut one = whole.clone();
        one[place] ^= 0x55;
        altered.push(one);
    }
    for body in altered {
        let server = answering(body.clone(), Some("gzip")).await;
        let error = service(local()).call(get(&server.uri())).await.unwrap_err();
        assert_eq!((error.kind(), error.retry()), (ErrorKind::Unavailable, Retry::Now), "{body:?}");
        let error = service(local()).call(request(Method::POST, &server.uri())).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Ambiguous, "{body:?}");
    }
}

/// The ratio is for bombs: a large page of records that look alike is far from it.
#[tokio::test]
async fn ten_megabytes_of_orders_that_look_alike_are_read() {
    let order = |id: u32| {
        format!(
            r#"{{"id":"ORDER-{:08x}","state":"COMPLETED","line_items":[{{"name":"Ankara print","quantity":"1","base_price_money":{{"amount":{},"currency":"NGN"}},"applied_taxes":[{{"uid":"vat","applied_money":{{"amount":{},"currency":"NGN"}}}}]}}]}}"#,
            id.wrapping_mul(2_654_435_761),
            400_000 + id * 50,
            30_000 + id,
        )
    };
    let orders: Vec<String> = (0..45_000).map(order).collect();
    let plain = format!("[{}]", orders.join(","));
    assert!(plain.len() > 10_000_000);
    let body = packed(plain.as_bytes());
    let ratio = plain.len() / body.len();
    assert!((5..100).contains(&ratio), "{ratio}");
    let server = answering(body, Some("gzip")).await;
    assert_eq!(service(local()).call(get(&server.uri())).await.unwrap().body(), plain.as_bytes());
}
