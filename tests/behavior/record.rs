//! What the trials did, kept for others to judge: every call made and every webhook signed, as the vendors' own tools
//! can read them.

use bytes::Bytes;
use http::{HeaderMap, Request};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

static CALLS: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
static DELIVERIES: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Headers that hold a credential: the simulator's. The judges bring their own, of the same kind.
const CREDENTIALS: [&str; 2] = ["authorization", "x-api-token"];

fn headers(map: &HeaderMap) -> Value {
    let told = map.iter().filter(|(name, _)| !CREDENTIALS.contains(&name.as_str()));
    told.map(|(name, value)| (name.as_str().to_owned(), json!(value.to_str().unwrap_or_default()))).collect()
}

/// By what a call proves who it is: a scheme of `Authorization`, or another header.
fn auth(map: &HeaderMap) -> Option<String> {
    let (name, value) = CREDENTIALS.iter().find_map(|name| Some((name, map.get(*name)?)))?;
    let scheme = value.to_str().ok().and_then(|text| text.split_once(' ')).map(|(scheme, _)| scheme);
    Some(scheme.filter(|_| *name == "authorization").unwrap_or(name).to_ascii_lowercase())
}

fn keep(shelf: &Mutex<BTreeSet<String>>, line: &Value) {
    shelf.lock().unwrap_or_else(PoisonError::into_inner).insert(line.to_string());
}

/// A call to a platform.
pub(crate) fn call(platform: &str, request: &Request<Bytes>) {
    let path = request.uri().path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    // Below the simulator's own folder.
    let path = path.strip_prefix(&format!("/{platform}")).unwrap_or(path);
    let body = String::from_utf8_lossy(request.body());
    let headers = headers(request.headers());
    keep(
        &CALLS,
        &json!({
            "platform": platform, "method": request.method().as_str(), "path": path, "headers": headers,
            "auth": auth(request.headers()), "body": body,
        }),
    );
}

/// A webhook that the simulator's code signed.
pub(crate) fn delivery(platform: &str, secret: &str, url: &str, headers_of: &HeaderMap, body: &str) {
    let headers = headers(headers_of);
    keep(
        &DELIVERIES,
        &json!({"platform": platform, "secret": secret, "method": "POST", "url": url, "headers": headers, "body": body}),
    );
}

/// The build's target folder: the running binary is in `target/<profile>/deps`.
pub(crate) fn target() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    own.ancestors().nth(3).map(Path::to_path_buf).unwrap()
}

/// Writes both lists to `target/behavior`.
pub(crate) fn write() {
    let folder = target().join("behavior");
    std::fs::create_dir_all(&folder).unwrap();
    for (shelf, name) in [(&CALLS, "calls.jsonl"), (&DELIVERIES, "deliveries.jsonl")] {
        let lines: Vec<String> =
            shelf.lock().unwrap_or_else(PoisonError::into_inner).iter().map(|l| format!("{l}\n")).collect();
        std::fs::write(folder.join(name), lines.concat()).unwrap();
    }
}
