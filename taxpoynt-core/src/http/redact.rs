//! Takes what a request proved itself with out of the answer, before anybody reads it: servers and proxies repeat in
//! their error pages what they were sent, and an error's words end in logs and in the database.

use super::HttpService;
use crate::Result;
use async_trait::async_trait;
use base64::{
    Engine,
    engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use std::{borrow::Cow, fmt::Write, sync::Arc};

/// Put in a secret's place.
const REMOVED: &str = "[removed]";

/// A piece of a secret this long, from its beginning, counts as the secret: error pages cut short what they repeat.
const TELLING: usize = 12;

/// Anything shorter is a word, and no secret.
const SHORTEST: usize = 6;

/// A success this small may be a refusal in a success's clothes; larger ones are data and are left alone.
const SMALL: usize = 16 * 1024;

/// Searches answers for the request's own secrets: every header marked as sensitive, and [`Secrets`] of the body.
pub struct Redact {
    inner: Arc<dyn HttpService>,
}

/// Secrets in a request's body or address, as an extension of the request: what [`Redact`] takes out of the answer
/// besides the sensitive headers. A call whose answer is read for a new secret that may equal them does not carry them: it
/// cuts them out with [`Secrets::cut_out_of`] once the answer is known to be a refusal.
#[derive(Clone)]
pub struct Secrets(pub Vec<secrecy::SecretString>);

impl Secrets {
    /// `text` without these, in any usual encoding and also where it was cut short.
    #[must_use]
    pub fn cut_out_of<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let secrets = self.0.iter().map(secrecy::ExposeSecret::expose_secret);
        secrets.fold(Cow::Borrowed(text), |text, secret| without(text, secret, true))
    }
}

impl Redact {
    /// Redacts the answers of `inner`. It belongs inside the layer that adds the credentials.
    #[must_use]
    pub fn new(inner: Arc<dyn HttpService>) -> Self {
        Self { inner }
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl HttpService for Redact {
    async fn call(&self, request: Request<Bytes>) -> Result<Response<Bytes>> {
        let headers: Vec<HeaderValue> =
            request.headers().values().filter(|value| value.is_sensitive()).cloned().collect();
        let others = request.extensions().get::<Secrets>().cloned();
        let response = self.inner.call(request).await?;
        let success = response.status().is_success();
        let body = response.body();
        if body.is_empty() || (success && body.len() > SMALL) || (headers.is_empty() && others.is_none()) {
            return Ok(response);
        }
        let text = String::from_utf8_lossy(body);
        let secrets = headers.iter().filter_map(|value| value.to_str().ok()).map(without_scheme);
        let others = others.iter().flat_map(|others| &others.0).map(secrecy::ExposeSecret::expose_secret);
        let mut redacted = Cow::Borrowed(&*text);
        for secret in secrets.chain(others) {
            redacted = without(redacted, secret, !success);
        }
        match redacted {
            Cow::Borrowed(_) => Ok(response),
            Cow::Owned(redacted) => Ok(response.map(|_| Bytes::from(redacted))),
        }
    }
}

/// `Bearer x` is the secret `x`.
fn without_scheme(value: &str) -> &str {
    value.rsplit(' ').next().unwrap_or(value)
}

/// `text` without `secret`, and where it is an error page, without it in any usual encoding.
fn without<'t>(text: Cow<'t, str>, secret: &str, all_forms: bool) -> Cow<'t, str> {
    if secret.len() < SHORTEST {
        return text;
    }
    let mut forms = escaped(secret);
    forms.push(secret.to_owned());
    if all_forms {
        forms.extend(encoded(secret));
    }
    cut(text, &forms)
}

/// As JSON writes it: most writers escape quotes alone, some the slash, some whatever HTML would read, in either case.
fn escaped(secret: &str) -> Vec<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~!*() ,:;=?@[]{}^|#$%/".contains(c);
    if secret.chars().all(|c| plain(c) && c != '/') {
        return Vec::new();
    }
    let codes = |upper: bool| {
        secret.chars().fold(String::new(), |mut text, c| {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units).iter().filter(|_| !plain(c)) {
                // Writing to a string cannot fail.
                let _ = if upper { write!(text, "\\u{unit:04X}") } else { write!(text, "\\u{unit:04x}") };
            }
            text.extend(plain(c).then_some(c));
            text
        })
    };
    let quoted = secret.replace('\\', "\\\\").replace('"', "\\\"");
    let mut forms = vec![quoted.replace('/', "\\/"), quoted, codes(true), codes(false)];
    forms.retain(|form| form != secret);
    forms
}

/// Every place where `text` begins to repeat one of `forms` is removed as far as any of them goes on doing so: they begin
/// alike, and go on differently where one of them escapes a letter.
fn cut<'t>(text: Cow<'t, str>, forms: &[String]) -> Cow<'t, str> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    for form in forms.iter().filter(|form| form.len() >= SHORTEST) {
        let start = form.get(..TELLING).unwrap_or(form);
        found.extend(text.match_indices(start).map(|(at, _)| (at, at + repeated(&text[at..], form))));
    }
    if found.is_empty() {
        return text;
    }
    found.sort_unstable();
    let (mut kept, mut end) = (String::with_capacity(text.len()), 0);
    for (at, until) in found {
        if at >= end {
            kept.push_str(&text[end..at]);
            kept.push_str(REMOVED);
        }
        end = end.max(until);
    }
    kept.push_str(&text[end..]);
    Cow::Owned(kept)
}

/// How many bytes of `text` are those of `form`.
fn repeated(text: &str, form: &str) -> usize {
    let same = text.chars().zip(form.chars()).take_while(|(a, b)| a == b);
    same.map(|(a, _)| a.len_utf8()).sum()
}

/// Percent-encoded, hexadecimal, and base64 wherever the secret begins in it.
fn encoded(secret: &str) -> Vec<String> {
    let mut forms = vec![percent(secret), hex(secret, false), hex(secret, true)];
    for shift in 0..3 {
        let mut bytes = vec![0; shift];
        bytes.extend(secret.bytes());
        // What the bytes around it decide is left out.
        let (first, whole) = (if shift == 0 { 0 } else { 4 }, bytes.len() / 3 * 4);
        for text in [STANDARD_NO_PAD.encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes)] {
            forms.extend(text.get(first..whole).map(str::to_owned));
        }
    }
    forms
}

fn percent(secret: &str) -> String {
    super::api::path_segment(secret)
}

fn hex(secret: &str, upper: bool) -> String {
    secret.bytes().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = if upper { write!(text, "{byte:02X}") } else { write!(text, "{byte:02x}") };
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::STANDARD;
    use http::{StatusCode, header::AUTHORIZATION};

    const SECRET: &str = "words-only-and/no+digits=";

    /// Answers with what it was made of.
    struct Page(StatusCode, String);

    #[async_trait]
    impl HttpService for Page {
        async fn call(&self, _: Request<Bytes>) -> Result<Response<Bytes>> {
            let mut response = Response::new(Bytes::from(self.1.clone()));
            *response.status_mut() = self.0;
            Ok(response)
        }
    }

    async fn answered(status: u16, page: &str) -> String {
        let mut value = HeaderValue::from_str(&format!("Bearer {SECRET}")).unwrap();
        value.set_sensitive(true);
        let page = Page(StatusCode::from_u16(status).unwrap(), page.to_owned());
        let mut request = Request::new(Bytes::new());
        request.headers_mut().insert(AUTHORIZATION, value);
        request.extensions_mut().insert(Secrets(vec!["refresh-me-not".to_owned().into()]));
        let response = Redact::new(Arc::new(page)).call(request).await.unwrap();
        String::from_utf8(response.into_body().to_vec()).unwrap()
    }

    #[tokio::test]
    async fn an_error_page_loses_the_secret_in_every_usual_form() {
        let forms = [
            SECRET.to_owned(),
            format!("Bearer {SECRET}"),
            percent(SECRET),
            hex(SECRET, true),
            hex(SECRET, false),
            SECRET[..SECRET.len() - 5].to_owned(),
            "refresh-me-not".to_owned(),
        ];
        for form in forms {
            let page = format!("<p>the token '{form}' is not valid, says ü</p>");
            let said = answered(500, &page).await;
            assert!(said.contains("the token '") && said.contains("' is not valid, says ü"), "{said}");
            assert!(
                said.contains(REMOVED) && !said.contains("words-only") && !said.contains("-me-not"),
                "{said}"
            );
        }
        for before in ["", "a", "ab", "user:"] {
            let page = STANDARD.encode(format!("{before}{SECRET}:after"));
            let said = answered(401, &page).await;
            assert!(said.contains(REMOVED), "{before}: {said}");
        }
    }

    #[tokio::test]
    async fn a_secret_that_json_escapes_is_found_whole() {
        let escaped = SECRET.replace('/', "\\/");
        for form in [escaped, SECRET.replace('+', "\\u002B"), SECRET.replace('+', "\\u002b")] {
            let page = format!("{{\"detail\":\"no '{form}' here\"}}");
            for status in [200, 400] {
                let said = answered(status, &page).await;
                assert_eq!(said, "{\"detail\":\"no '[removed]' here\"}", "{form}");
            }
        }
        let odd = Secrets(vec!["say \"ü\" and \\ twice".to_owned().into()]);
        let page = serde_json::json!({ "detail": "no say \"ü\" and \\ twice here" }).to_string();
        assert_eq!(odd.cut_out_of(&page), "{\"detail\":\"no [removed] here\"}");
        assert_eq!(odd.cut_out_of("nothing of it"), "nothing of it");
    }

    #[tokio::test]
    async fn a_small_success_loses_it_too_and_a_large_one_stays_as_it_is() {
        let said = answered(200, &format!("{{\"code\":401,\"message\":\"bad key {SECRET}\"}}")).await;
        assert_eq!(said, "{\"code\":401,\"message\":\"bad key [removed]\"}");
        let large = format!("{SECRET}{}", " ".repeat(SMALL));
        assert_eq!(answered(200, &large).await, large);
        let innocent = "{\"orders\":[]}";
        assert_eq!(answered(200, innocent).await, innocent);
    }
}
