//! What is wrong with a template, and where: everything that the types do not say is said here, at load.

mod calls;
mod map;

use crate::template::{Auth, Template};
use std::{collections::BTreeSet, fmt};
use taxpoynt_core::{Error, ErrorKind, mapping::Fields};
use url::Url;

/// An error at a place of the file; `at` is a byte offset.
pub(crate) fn refuse_at(file: &str, text: &str, at: usize, message: impl fmt::Display) -> Error {
    let message = readable(&message.to_string());
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Error::new(
        ErrorKind::Mapping,
        "template.parse",
        format!("{file}, line {line}, column {column}: {message}"),
    )
    .with("file", file)
    .with("line", line.to_string())
    .with("column", column.to_string())
}

/// A message that quotes a template, which may hold anything: in one line, and not without end.
fn readable(message: &str) -> String {
    message.chars().take(1_000).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// What is wrong with a value that reads well, told by the name it stands under.
pub(crate) struct Fault {
    /// `pull.list.pages`.
    field: String,
    message: String,
    /// The line it stands on or below, and what stands there, where that is known.
    near: Option<(usize, String)>,
}

fn fault(field: impl Into<String>, message: impl Into<String>) -> Fault {
    Fault { field: field.into(), message: message.into(), near: None }
}

impl Fault {
    /// Placed at the line that says it, as well as that can be told: the last name of the field below its table.
    pub(crate) fn into_error(self, file: &str, text: &str) -> Error {
        let near = self.near.as_ref().and_then(|(line, what)| {
            let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
            Some(start + text.get(start..)?.find(what.as_str())?)
        });
        let at = near.unwrap_or_else(|| place(text, &self.field));
        refuse_at(file, text, at, format_args!("{}: {}", self.field, self.message)).with("field", self.field)
    }
}

/// Where a field stands: the table with the longest name the field begins with, and below it the line of its next name.
fn place(text: &str, field: &str) -> usize {
    let mut best = (0, 0);
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let header = line.trim().trim_start_matches('[').split(']').next().unwrap_or_default();
        let is_header = line.trim_start().starts_with('[');
        if is_header && header.len() > best.1 && format!("{field}.").starts_with(&format!("{header}.")) {
            best = (offset, header.len());
        }
        offset += line.len();
    }
    let rest = field.get(best.1..).unwrap_or_default().trim_start_matches('.');
    let name = rest.split('.').next().unwrap_or_default();
    if name.is_empty() {
        return best.0;
    }
    let mut offset = best.0;
    for (nth, line) in text.get(best.0..).unwrap_or_default().split_inclusive('\n').enumerate() {
        let starts_table = line.trim_start().starts_with('[') && !(nth == 0 && best.1 > 0);
        if starts_table {
            break;
        }
        if line.split(['=', '.', ' ']).next().is_some_and(|first| first.trim() == name) {
            return offset;
        }
        offset += line.len();
    }
    best.0
}

/// What the types do not say.
pub(crate) fn check(template: &Template, fields: &Fields) -> Result<(), Fault> {
    if template.version != 1 {
        return Err(fault("version", "this engine reads version = 1 of templates"));
    }
    let plain = |text: &str| {
        (1..=40).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    if !plain(&template.id) {
        return Err(fault("id", "an id is 1 to 40 small letters, digits and underscores, such as pipedrive"));
    }
    if template.name.trim().is_empty() {
        return Err(fault("name", "the platform's name is missing"));
    }
    let url = Url::parse(&template.base_url)
        .ok()
        .filter(|url| url.scheme() == "https" && url.path().ends_with('/'));
    if url.is_none() {
        return Err(fault("base_url", "a base URL begins with https:// and ends with a slash"));
    }
    let mut names = BTreeSet::new();
    for setting in &template.settings {
        if !plain(&setting.name) || !names.insert(&setting.name) {
            return Err(fault("settings", format!("{:?} is no name, or is there twice", setting.name)));
        }
        if !setting.description.ends_with('.') {
            return Err(fault(
                "settings",
                format!("describe {} in a sentence, with a full stop", setting.name),
            ));
        }
    }
    if template.limits.calls == 0 || template.limits.seconds == 0 {
        return Err(fault("limits.calls", "with no call in no time nothing could ever be read"));
    }
    check_auth(&template.auth)?;
    map::check_map(template, fields)?;
    calls::check_calls(template)
}

fn check_auth(auth: &Auth) -> Result<(), Fault> {
    if auth.oauth.is_none() && auth.key.is_none() && !auth.bearer {
        return Err(fault("auth", "say how a connection proves who it is: oauth, key, or bearer = true"));
    }
    let Some(oauth) = &auth.oauth else { return Ok(()) };
    let named = [
        ("authorize", Some(&oauth.authorize)),
        ("token", Some(&oauth.token)),
        ("revoke", oauth.revoke.as_ref()),
    ];
    for (name, at) in named.into_iter().filter_map(|(name, at)| Some((name, at?))) {
        let is_plain = !at.is_empty() && !at.contains(['{', ' ']);
        let is_url = Url::parse(at).is_ok_and(|url| url.scheme() == "https");
        if !is_plain || (at.contains("://") && !is_url) {
            let message = "an address that begins with https://, or a path below the base URL where each account has its own";
            return Err(fault(format!("auth.oauth.{name}"), message));
        }
    }
    Ok(())
}
