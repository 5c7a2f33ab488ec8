//! A network whose servers repeat in their answers what they were sent, as error pages do.

use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};
use taxpoynt_core::{Error, ErrorKind, Result, http::HttpService};

/// What is answered instead of the truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The truth.
    Truth,
    /// This status with a JSON page in every shape of a refusal.
    Json(u16),
    /// This status with an HTML page.
    Html(u16),
    /// As `Json`, each word encoded.
    Encoded(u16),
    /// No answer.
    Nothing,
}

/// Every bad answer.
pub(crate) const BAD: [Answer; 14] = [
    Answer::Json(400),
    Answer::Json(401),
    Answer::Json(403),
    Answer::Json(404),
    Answer::Json(409),
    Answer::Json(422),
    Answer::Json(429),
    Answer::Json(500),
    Answer::Json(200),
    Answer::Html(502),
    Answer::Html(200),
    Answer::Encoded(400),
    Answer::Encoded(401),
    Answer::Nothing,
];

/// The network.
pub(crate) struct Echo {
    inner: Arc<dyn HttpService>,
    /// 0 for the truth, else one of `BAD`.
    now: AtomicUsize,
    /// Answers that repeated something.
    pub(crate) echoed: AtomicUsize,
    /// Secrets that went to a token endpoint or came from one, by what they are.
    pub(crate) seen: Mutex<BTreeMap<&'static str, BTreeSet<String>>>,
}

/// Members of a token endpoint's requests and answers that are secret.
const SECRET: [(&str, &str); 5] = [
    ("code", "an authorization code"),
    ("code_verifier", "a proof key"),
    ("refresh_token", "a refresh token"),
    ("access_token", "a token of an authorization"),
    ("client_secret", "an app's secret"),
];

impl Echo {
    pub(crate) fn new(inner: Arc<dyn HttpService>) -> Arc<Self> {
        let (now, echoed) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Arc::new(Self { inner, now, echoed, seen: Mutex::default() })
    }

    /// Keeps the secrets of a form or of JSON.
    fn see(&self, body: &[u8]) {
        let json: Value = serde_json::from_slice(body).unwrap_or_default();
        let form: BTreeMap<String, String> = url::form_urlencoded::parse(body).into_owned().collect();
        for (name, what) in SECRET {
            let told = json.get(name).and_then(Value::as_str).or_else(|| form.get(name).map(String::as_str));
            if let Some(secret) = told.filter(|secret| !secret.is_empty()) {
                self.seen.lock().unwrap().entry(what).or_default().insert(secret.to_owned());
            }
        }
    }

    pub(crate) fn answer(&self, answer: Answer) {
        let index = BAD.iter().position(|bad| *bad == answer).map_or(0, |index| index + 1);
        self.now.store(index, Ordering::SeqCst);
    }
}

/// Everything of a request, word by word.
fn everything(request: &Request<Bytes>) -> Vec<String> {
    let mut words = vec![request.uri().to_string(), String::from_utf8_lossy(request.body()).into_owned()];
    for (name, value) in request.headers() {
        words.push(format!("{name}: {}", String::from_utf8_lossy(value.as_bytes())));
        words.extend(String::from_utf8_lossy(value.as_bytes()).split(' ').map(str::to_owned));
    }
    words
}

fn encodings(word: &str) -> String {
    let percent: String = url::form_urlencoded::byte_serialize(word.as_bytes()).collect();
    let hex: String = word.bytes().map(|byte| format!("{byte:02x}")).collect();
    format!("{} {percent} {hex} {}", STANDARD.encode(word), STANDARD.encode(format!("user:{word}")))
}

fn page(words: &str) -> String {
    let sentence = format!("the request '{words}' is not valid");
    json!({
        "code": 409, "category": "X", "correlationId": words, "irn": words, "errors": [{"code": words, "detail": sentence}],
        "error": {"id": words, "public_message": sentence, "details": sentence}, "message": sentence, "status": words,
        "orders": words, "results": words, "merchant": words, "portalId": words, "data": words,
    })
    .to_string()
}

#[async_trait]
impl HttpService for Echo {
    async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>> {
        let answer = match self.now.load(Ordering::SeqCst) {
            0 => Answer::Truth,
            index => BAD[index - 1],
        };
        let words = everything(&request);
        let tokens = request.uri().path().ends_with("/token");
        if tokens {
            self.see(request.body());
        }
        let (status, body) = match answer {
            Answer::Truth => {
                let answer = self.inner.call(request).await?;
                if tokens {
                    self.see(answer.body());
                }
                return Ok(answer);
            }
            Answer::Nothing => {
                return Err(Error::new(ErrorKind::Unavailable, "echo.call", "the host cannot be reached"));
            }
            // One word at a time, so that no limit on a sentence's length hides the later ones.
            Answer::Json(status) => (status, page(&self.one(&words))),
            Answer::Encoded(status) => (status, page(&encodings(&self.one(&words)))),
            Answer::Html(status) => {
                (status, format!("<html><h1>{status}</h1><pre>{}</pre></html>", words.join("\n")))
            }
        };
        self.echoed.fetch_add(1, Ordering::SeqCst);
        let mut response = Response::new(Bytes::from(body));
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        response.headers_mut().insert("content-type", "application/json".parse().unwrap());
        Ok(response)
    }
}

impl Echo {
    fn one(&self, words: &[String]) -> String {
        words[self.echoed.load(Ordering::SeqCst) % words.len()].clone()
    }
}
