//! The authority's side of received documents as a double without a socket: lists, hands out sealed, takes
//! acknowledgements, and fails as it is told to.

use async_trait::async_trait;
use aws_lc_rs::{
    cipher::{AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey},
    iv::FixedLength,
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE};
use bytes::Bytes;
use http::{Method, Request, Response};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, MutexGuard},
};
use taxpoynt_core::{Error, ErrorKind, Result, Retry, http::HttpService};

/// How a call goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Done, and the answer is lost.
    LostAnswer,
    /// Never arrived.
    Unreachable,
    /// Status 500.
    Trouble,
    /// A page of some proxy.
    Page,
    /// The first half of the answer.
    Torn,
    /// Status 429.
    Limited,
}

pub(crate) const FAULTS: [Fault; 6] =
    [Fault::LostAnswer, Fault::Unreachable, Fault::Trouble, Fault::Page, Fault::Torn, Fault::Limited];

/// What the authority has for somebody.
#[derive(Debug, Clone)]
pub(crate) struct Letter {
    /// `data` of the download; `None`: not known.
    pub(crate) download: Option<Value>,
    /// The row of a listing.
    pub(crate) row: Value,
    /// Whether a listing shows it.
    pub(crate) listed: bool,
    /// Which key pair sees it; empty: each.
    pub(crate) of_key: String,
}

#[derive(Default)]
struct State {
    letters: BTreeMap<String, Letter>,
    acknowledged: BTreeMap<String, u32>,
    calls: Vec<String>,
    faults: VecDeque<Option<Fault>>,
    refuses: Option<String>,
}

/// The double.
#[derive(Default)]
pub(crate) struct Post(Mutex<State>);

impl Post {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// A document sealed for the holder of `api_key`.
    pub(crate) fn send(&self, irn: &str, document: &Value, api_key: &str) {
        let sealed = seal(api_key, document.to_string().as_bytes());
        self.put(irn, sealed);
    }

    /// Something to download, listed by its IRN.
    pub(crate) fn put(&self, irn: &str, data: Value) {
        let row = json!({"irn": irn});
        let letter = Letter { download: Some(data), row, listed: true, of_key: String::new() };
        self.letter(irn, letter);
    }

    pub(crate) fn letter(&self, irn: &str, letter: Letter) {
        self.state().letters.insert(irn.to_owned(), letter);
    }

    /// The next calls fail so; `None`: that one does not.
    pub(crate) fn fail(&self, faults: impl IntoIterator<Item = Option<Fault>>) {
        self.state().faults.extend(faults);
    }

    /// Acknowledgements are refused with this text from now on.
    pub(crate) fn refuse(&self, details: Option<&str>) {
        self.state().refuses = details.map(str::to_owned);
    }

    /// How often each document was acknowledged.
    pub(crate) fn acknowledged(&self) -> BTreeMap<String, u32> {
        self.state().acknowledged.clone()
    }

    /// What was called, `GET download A-1`.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.state().calls.clone()
    }

    fn answer(&self, request: &Request<Bytes>) -> (u16, String) {
        let path = request.uri().path();
        let api_key = request.headers()["x-api-key"].to_str().unwrap().to_owned();
        let mut state = self.state();
        if let Some(rest) = path.strip_prefix("/api/v1/invoice/download/") {
            state.calls.push(format!("GET download {rest}"));
            let known = state.letters.get(rest).and_then(|letter| letter.download.clone());
            return known.map_or_else(not_found, done);
        }
        let rest = path.strip_prefix("/api/v1/invoice/transmit/").unwrap_or_else(|| panic!("{path}"));
        if request.method() == Method::GET {
            assert_eq!(rest, "pull");
            state.calls.push(format!("GET pull?{}", request.uri().query().unwrap_or_default()));
            let seen =
                |letter: &&Letter| letter.listed && (letter.of_key.is_empty() || letter.of_key == api_key);
            let rows: Vec<_> = state.letters.values().filter(seen).map(|letter| letter.row.clone()).collect();
            return done(json!({ "invoices": rows }));
        }
        assert_eq!(request.body(), r#"{"message":"ACKNOWLEDGED"}"#);
        state.calls.push(format!("PATCH acknowledge {rest}"));
        if let Some(details) = &state.refuses {
            let error = json!({"details": details, "public_message": details});
            return (400, json!({"code": 400, "data": null, "error": error}).to_string());
        }
        if !state.letters.contains_key(rest) {
            return not_found();
        }
        *state.acknowledged.entry(rest.to_owned()).or_default() += 1;
        done(json!({"ok": true}))
    }
}

fn done(data: Value) -> (u16, String) {
    (200, json!({"code": 200, "data": data}).to_string())
}

fn not_found() -> (u16, String) {
    let error = json!({"details": "record not found", "public_message": "record not found"});
    (400, json!({"code": 400, "data": null, "error": error}).to_string())
}

#[async_trait]
impl HttpService for Post {
    async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>> {
        let fault = self.state().faults.pop_front().flatten();
        let lost = |kind, message| Err(Error::new(kind, "http", message).retry_as(Retry::Now));
        let response = |status: u16, body: String| {
            Ok(Response::builder().status(status).body(Bytes::from(body)).unwrap())
        };
        match fault {
            Some(Fault::Unreachable) => return lost(ErrorKind::Unavailable, "nobody answers"),
            Some(Fault::Trouble) => return response(500, "{\"code\":500}".into()),
            Some(Fault::Page) => return response(200, "<html>welcome</html>".into()),
            Some(Fault::Limited) => return response(429, String::new()),
            Some(Fault::LostAnswer | Fault::Torn) | None => {}
        }
        let (status, body) = self.answer(&request);
        match fault {
            Some(Fault::LostAnswer) => lost(ErrorKind::TimedOut, "no answer"),
            Some(Fault::Torn) => response(status, body[..body.len() / 2].to_owned()),
            _ => response(status, body),
        }
    }
}

/// Seals as the authority does: AES-256-CFB128, the key is `pub` and the API key's first group.
pub(crate) fn seal(api_key: &str, plain: &[u8]) -> Value {
    let (public, iv) = ("QUJDREVGR0hJSktMTU5PUFFS", *b"initial vector 1");
    let secret = format!("{public}{}", api_key.split('-').next().unwrap());
    let key = UnboundCipherKey::new(&AES_256, secret.as_bytes()).unwrap();
    let mut data = plain.to_vec();
    EncryptingKey::cfb128(key)
        .unwrap()
        .less_safe_encrypt(&mut data, EncryptionContext::Iv128(FixedLength::from(iv)))
        .unwrap();
    let iv_hex: String = iv.iter().map(|byte| format!("{byte:02x}")).collect();
    json!({"iv_hex": iv_hex, "pub": public, "data": BASE64_URL_SAFE.encode(data)})
}
