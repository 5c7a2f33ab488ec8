//! Canary secrets: what a house holds, in every form it could get out in, and everything that is said while it runs.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use std::{
    collections::BTreeMap,
    fmt::{self, Write},
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
};
use taxpoynt_core::Error;
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

/// A piece of a secret this long tells it apart from everything else: what was cut short is found too.
const TELLING: usize = 12;

/// Secrets by what they are.
#[derive(Default)]
pub struct Canaries(BTreeMap<&'static str, Vec<String>>);

impl Canaries {
    /// Adds a secret.
    ///
    /// # Panics
    /// Where it is too short to be told apart from chance.
    pub fn add(&mut self, what: &'static str, secret: &str) -> &mut Self {
        assert!(secret.len() >= TELLING, "{what} is too short");
        self.0.entry(what).or_default().extend(forms(secret));
        self
    }

    /// What of them is in `text`.
    #[must_use]
    pub fn found_in(&self, text: &str) -> Vec<&'static str> {
        let found = |forms: &Vec<String>| forms.iter().any(|form| text.contains(form.as_str()));
        self.0.iter().filter(|(_, forms)| found(forms)).map(|(what, _)| *what).collect()
    }

    /// Holds that none of them is in `bytes`.
    ///
    /// # Panics
    /// Where one is; the message shows what is around it.
    pub fn assert_none_in(&self, place: &str, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        for (what, forms) in &self.0 {
            if let Some(at) = forms.iter().find_map(|form| text.find(form.as_str())) {
                let before: String =
                    text[..at].chars().rev().take(300).collect::<Vec<_>>().into_iter().rev().collect();
                let after: String = text[at..].chars().take(80).collect();
                panic!("{what} is in {place}: …{before}»{after}…");
            }
        }
    }

    /// Their kinds.
    pub fn kinds(&self) -> impl Iterator<Item = &'static str> {
        self.0.keys().copied()
    }
}

/// The beginning, the middle and the end of a secret, as it is, in base64 at each of its three alignments, in
/// hexadecimal, percent-encoded, and with JSON's escapes.
fn forms(secret: &str) -> Vec<String> {
    let mut forms = Vec::new();
    let chars: Vec<char> = secret.chars().collect();
    let last = chars.len().saturating_sub(TELLING);
    for at in [0, last / 2, last] {
        let piece: String = chars[at..].iter().take(TELLING).collect();
        if !tells(&piece) {
            continue;
        }
        forms.push(percent(&piece, |byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)));
        forms.push(
            percent(&piece, |byte| byte.is_ascii_alphanumeric() || b"*-._".contains(&byte))
                .replace("%20", "+"),
        );
        forms.push(serde_json::to_string(&piece).unwrap().trim_matches('"').to_owned());
        forms.push(format!("{piece:?}").trim_matches('"').to_owned());
        forms.push(hex(piece.as_bytes()));
        forms.push(hex(piece.as_bytes()).to_uppercase());
        forms.push(piece);
    }
    for shift in 0..3 {
        let mut bytes = vec![0; shift];
        bytes.extend(secret.bytes());
        // What depends on the bytes before and after is left out.
        let (first, whole) = (if shift == 0 { 0 } else { 4 }, bytes.len() / 3 * 4);
        for encoded in [STANDARD_NO_PAD.encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes)] {
            let certain = &encoded[first..whole];
            let ends = [
                &certain[..certain.len().min(TELLING + 4)],
                &certain[certain.len().saturating_sub(TELLING + 4)..],
            ];
            forms.extend(ends.into_iter().filter(|end| tells(end)).map(str::to_owned));
        }
    }
    forms.sort();
    forms.dedup();
    forms
}

/// Whether a piece stands in nothing but the secret: the zeros of a UUID stand in other UUIDs too.
fn tells(piece: &str) -> bool {
    let mut different: Vec<char> = piece.chars().collect();
    different.sort_unstable();
    different.dedup();
    different.len() >= 6
}

fn percent(text: &str, plain: impl Fn(u8) -> bool) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if plain(byte) { out.push(char::from(byte)) } else { write!(out, "%{byte:02X}").unwrap() }
    }
    out
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// All that an error shows to whoever looks: in one line, in full, its facts, its faults and what caused it.
#[must_use]
pub fn all_of(error: &Error) -> String {
    let mut shown = format!(
        "{error}\n{error:?}\n{error:#?}\n{}\n{:?}\n{:?}",
        error.message(),
        error.context(),
        error.faults()
    );
    let mut cause = std::error::Error::source(error);
    while let Some(source) = cause {
        write!(shown, "\n{source}\n{source:?}").unwrap();
        cause = source.source();
    }
    shown
}

/// A panic that says so is part of a test, and is heard only.
pub const EXPECTED: &str = "an expected panic";

static HEARD: Mutex<String> = Mutex::new(String::new());

fn heard() -> MutexGuard<'static, String> {
    HEARD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Hears everything this process says from now on: spans, events and their fields at every level, what libraries log, and
/// panics. Calling it again changes nothing.
///
/// # Panics
/// Where somebody else listens already.
pub fn listen() {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        tracing::subscriber::set_global_default(Ear).expect("nobody listens yet");
        log::set_logger(&Ear).expect("nobody listens yet");
        log::set_max_level(log::LevelFilter::Trace);
        let loud = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let text = panic.to_string();
            note(&text);
            if !text.contains(EXPECTED) {
                loud(panic);
            }
        }));
    });
}

/// Everything that was said.
#[must_use]
pub fn said() -> String {
    heard().clone()
}

/// Adds something that was shown to somebody.
pub fn note(text: &str) {
    heard().push_str(text);
    heard().push('\n');
}

struct Ear;

/// A span's or an event's fields, written.
struct Fields<'a>(&'a mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, " {}={value:?}", field.name()).unwrap();
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        write!(self.0, " {}={value}", field.name()).unwrap();
    }
}

impl Subscriber for Ear {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut line = format!("span {}:{}", span.metadata().target(), span.metadata().name());
        span.record(&mut Fields(&mut line));
        note(&line);
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        let mut line = String::from("span goes on:");
        values.record(&mut Fields(&mut line));
        note(&line);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = format!("{} {}:", event.metadata().level(), event.metadata().target());
        event.record(&mut Fields(&mut line));
        note(&line);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

impl log::Log for Ear {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        note(&format!("{} {}: {}", record.level(), record.target(), record.args()));
    }

    fn flush(&self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "EAAAl-canary/secret+0123456789 with äöü\n\"quotes\"";

    fn canaries() -> Canaries {
        let mut canaries = Canaries::default();
        canaries.add("the canary", SECRET);
        canaries
    }

    #[test]
    fn a_secret_is_found_in_every_form_and_in_part() {
        let canaries = canaries();
        let forms = [
            SECRET.to_owned(),
            format!("Bearer {SECRET}"),
            SECRET.chars().take(14).collect(),
            SECRET.chars().skip(SECRET.chars().count() - 13).collect(),
            format!("{SECRET:?}"),
            serde_json::json!({"token": SECRET}).to_string(),
            percent(SECRET, |byte| byte.is_ascii_alphanumeric()),
            url::form_urlencoded::byte_serialize(SECRET.as_bytes()).collect(),
            hex(SECRET.as_bytes()),
            hex(format!("x{SECRET}").as_bytes()).to_uppercase(),
        ];
        for form in forms {
            assert_eq!(canaries.found_in(&form), ["the canary"], "{form}");
        }
        for before in ["", "a", "ab", "user:", "Bearer "] {
            for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
                let encoded = engine.encode(format!("{before}{SECRET}after"));
                assert_eq!(canaries.found_in(&encoded), ["the canary"], "{encoded}");
            }
        }
        assert!(canaries.found_in("EAAAl-canar, no secret, 0123456").is_empty());
    }
}
