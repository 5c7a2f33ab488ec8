//! What the fuzzers run: one function a target, over bytes, that panics where a promise is broken. The same functions run
//! on seeded inputs in the ordinary tests.

mod auth;
mod bodies;
mod rules;
mod templates;
mod vault;
mod web;

/// A target: its name, what it runs, and whether its inputs are text.
pub struct Target {
    /// The folder of its seeds, too.
    pub name: &'static str,
    /// One input.
    pub run: fn(&[u8]),
}

/// All targets.
pub const TARGETS: [Target; 19] = [
    Target { name: "signature", run: web::signature },
    Target { name: "url", run: web::url },
    Target { name: "form", run: web::form },
    Target { name: "retry_after", run: web::retry_after },
    Target { name: "fernet", run: vault::fernet },
    Target { name: "rules", run: rules::rules },
    Target { name: "source_path", run: rules::source_path },
    Target { name: "record_json", run: rules::record_json },
    Target { name: "csv", run: rules::csv },
    Target { name: "lookup_table", run: rules::lookup_table },
    Target { name: "token_answer", run: auth::token_answer },
    Target { name: "callback", run: auth::callback },
    Target { name: "events", run: bodies::events },
    Target { name: "webhook_body", run: bodies::webhook_body },
    Target { name: "records", run: bodies::records },
    Target { name: "template", run: templates::template },
    Target { name: "template_records", run: templates::template_records },
    Target { name: "authority_body", run: bodies::authority },
    Target { name: "config_body", run: bodies::config },
];

/// The function of a target.
///
/// # Panics
/// Where there is no such target.
pub fn run(name: &str, bytes: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name).expect("a target of the list");
    (target.run)(bytes);
}

/// Two halves of an input, parted by the first zero.
fn halves(bytes: &[u8]) -> (&[u8], &[u8]) {
    match bytes.iter().position(|byte| *byte == 0) {
        Some(at) => (&bytes[..at], &bytes[at + 1..]),
        None => (bytes, &[]),
    }
}

/// What an error says is for people: short, and in one line.
fn is_readable(error: &taxpoynt_core::Error) {
    let message = error.message();
    assert!(!message.is_empty() && message.len() < 4_000, "{} bytes: {message:.200}", message.len());
    assert!(!message.contains(['\0', '\u{1b}']), "control characters: {message:?}");
}
