//! What a platform's error answer says, short and safe to show.

use serde_json::Value;

/// Bodies beyond this are not searched: an error answer is short.
const LONGEST_BODY: usize = 64 * 1024;
/// An excerpt is at most this many characters.
const LONGEST_EXCERPT: usize = 240;
/// Members that hold a sentence, most telling first.
const SENTENCES: &[&str] = &[
    "public_message",
    "error_description",
    "error_info",
    "detail",
    "details",
    "description",
    "message",
    "Message",
    "title",
    "faultstring",
    "reason",
];
/// Members that hold a code, most telling first.
const CODES: &[&str] = &["code", "errorCode", "error_code", "category", "errorType", "error", "status"];
/// Members in which errors are wrapped.
const WRAPPERS: &[&str] = &["error", "errors", "fault", "Fault"];

/// The sentence and the code a platform gave, where its answer is JSON that has them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Excerpt {
    pub(crate) message: Option<String>,
    pub(crate) code: Option<String>,
}

/// Reads an error answer. Whatever is not JSON gives nothing: a proxy's HTML page says nothing to a person.
pub(crate) fn excerpt(body: &[u8]) -> Excerpt {
    if body.len() > LONGEST_BODY {
        return Excerpt::default();
    }
    let Ok(json) = serde_json::from_slice::<Value>(body) else { return Excerpt::default() };
    Excerpt { message: find(&json, SENTENCES, 0), code: find(&json, CODES, 0) }
}

/// The first of `names` that holds a text, in the wrapped error before its wrapper.
fn find(json: &Value, names: &[&str], depth: u8) -> Option<String> {
    if depth > 3 {
        return None;
    }
    match json {
        Value::Array(items) => find(items.first()?, names, depth + 1),
        Value::Object(members) => {
            let wrapped = WRAPPERS.iter().filter_map(|name| members.get(*name));
            let inner = wrapped.clone().find_map(|json| find(json, names, depth + 1));
            let own = || names.iter().filter_map(|name| members.get(*name)).find_map(text);
            // `{"error": "invalid_grant"}` and `{"errors": ["…"]}`: the wrapper itself is the text.
            let bare = || wrapped.clone().find_map(|json| text(json.get(0).unwrap_or(json)));
            inner.or_else(own).or_else(bare)
        }
        _ => None,
    }
}

fn text(json: &Value) -> Option<String> {
    let shown = match json {
        Value::String(text) => show(text),
        Value::Number(number) => show(&number.to_string()),
        _ => return None,
    };
    (!shown.is_empty()).then_some(shown)
}

/// One line of bounded length without anything that looks like a credential.
pub(crate) fn show(text: &str) -> String {
    let mut shown = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        if shown.chars().count() + word.chars().count() >= LONGEST_EXCERPT {
            shown.push('…');
            break;
        }
        if !shown.is_empty() {
            shown.push(' ');
        }
        conceal(word, &mut shown);
    }
    shown
}

/// Appends `word` with every opaque run replaced.
fn conceal(word: &str, shown: &mut String) {
    let mut rest = word;
    while !rest.is_empty() {
        let run = rest.find(|c| !is_opaque_char(c)).unwrap_or(rest.len());
        let (token, after) = rest.split_at(run);
        shown.push_str(if looks_secret(token) { "[removed]" } else { token });
        let separator = after.chars().next().map_or(0, char::len_utf8);
        // Bidirectional and other format characters could make a log line read differently from what it says.
        shown.extend(after[..separator].chars().filter(|c| !is_invisible(*c)));
        rest = &after[separator..];
    }
}

fn is_opaque_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '+' | '/' | '=' | '~')
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A token, key or signature: long, letters mixed with digits. A path of ordinary words is none.
fn looks_secret(run: &str) -> bool {
    let mixed = |piece: &str| {
        piece.bytes().any(|b| b.is_ascii_digit()) && piece.bytes().any(|b| b.is_ascii_alphabetic())
    };
    run.len() >= 20 && run.split('/').any(|piece| piece.len() >= 12 && mixed(piece))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(body: &str) -> Option<String> {
        excerpt(body.as_bytes()).message
    }

    #[test]
    fn the_sentence_is_found_in_every_shape_platforms_use() {
        let cases = [
            (
                r#"{"errors":[{"category":"AUTHENTICATION_ERROR","code":"UNAUTHORIZED","detail":"Not authorized."}]}"#,
                "Not authorized.",
            ),
            (r#"{"status":"error","message":"No such deal","category":"OBJECT_NOT_FOUND"}"#, "No such deal"),
            (r#"[{"message":"Session expired","errorCode":"INVALID_SESSION_ID"}]"#, "Session expired"),
            (r#"{"error":"invalid_grant","error_description":"expired"}"#, "expired"),
            (r#"{"error":"Not found","success":false}"#, "Not found"),
            (r#"{"errors":["first","second"]}"#, "first"),
            (
                r#"{"code":400,"data":null,"message":"error has occurred","error":{"id":"1","handler":"h","public_message":"say this"}}"#,
                "say this",
            ),
            (r#"{"fault":{"faultstring":"Bad"}}"#, "Bad"),
        ];
        for (body, expected) in cases {
            assert_eq!(message(body).as_deref(), Some(expected), "{body}");
        }
        assert_eq!(excerpt(cases[0].0.as_bytes()).code.as_deref(), Some("UNAUTHORIZED"));
        assert_eq!(excerpt(cases[2].0.as_bytes()).code.as_deref(), Some("INVALID_SESSION_ID"));
    }

    #[test]
    fn what_is_no_error_object_says_nothing() {
        let deep = format!("{}1{}", "[".repeat(5000), "]".repeat(5000));
        for body in
            ["", "<html>502</html>", "null", "[]", "{}", "\"text\"", "{\"message\":{}}", "\u{0}", &deep]
        {
            assert_eq!(message(body), None, "{body}");
        }
        let huge = format!("{{\"message\":\"{}\"}}", "a ".repeat(LONGEST_BODY));
        assert_eq!(message(&huge), None);
    }

    #[test]
    fn an_excerpt_is_one_bounded_line_without_control_characters() {
        let body = serde_json::json!({"message": format!("line\r\none\u{1b}[31m \u{202e}x {}", "word ".repeat(500))});
        let shown = message(&body.to_string()).unwrap();
        assert!(shown.starts_with("line one [31m x word"), "{shown}");
        assert!(shown.chars().count() <= LONGEST_EXCERPT + 1 && shown.ends_with('…'));
        let single = serde_json::json!({"message": "ü".repeat(5000)});
        assert_eq!(message(&single.to_string()).as_deref(), Some("…"));
    }

    #[test]
    fn a_credential_that_the_platform_repeats_is_removed() {
        let secrets = [
            "EAAAEOuLQObrVwJvCvoio3H13b8Ssqz1ighmTBKZvIENW9qxirHGHkqsGcPBC1uN",
            "pat-na1-2f5c1d5e-1111-4c0b-9d9f-5a0c0c0c0c0c",
            "1b0c9d6a-53d5-4b64-8a4a-0b0b6f0f5b7e",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
            "c2VjcmV0LzEyMy8rYWJj/ZGVmZ2hpamts+bW5vcHFy==",
        ];
        for secret in secrets {
            let body = serde_json::json!({"message": format!("token '{secret}' (access_token={secret}) is not valid")});
            let shown = message(&body.to_string()).unwrap();
            assert!(!shown.contains(&secret[..16]), "{shown}");
            assert!(shown.contains("[removed]") && shown.ends_with("is not valid"), "{shown}");
        }
        let path = "no route /crm/objects/2026-09/deals/12345678901/batch, field taxtotal[0].taxsubtotal[0].taxcategory.id";
        assert_eq!(message(&serde_json::json!({"message": path}).to_string()).as_deref(), Some(path));
    }
}
