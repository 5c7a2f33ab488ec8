//! What passes for an `xs:anyURI`: RFC 3986, as libxml2 reads it after putting a placeholder for what it would escape.

/// Whether the text is one, white space around it aside.
pub(super) fn is_uri(text: &str) -> bool {
    let text = text.trim_matches(crate::xml::tree::is_space).as_bytes();
    let scheme =
        text.iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.')).count();
    let absolute = match text.split_at_checked(scheme) {
        Some((name, [b':', rest @ ..])) => {
            name.first().is_some_and(u8::is_ascii_alphabetic) && is_hierarchy(rest, false)
        }
        _ => false,
    };
    absolute || is_hierarchy(text, true)
}

/// What stands behind the scheme, or all of a relative reference, whose first segment has no colon.
fn is_hierarchy(text: &[u8], relative: bool) -> bool {
    let rest = match text {
        [b'/', b'/', rest @ ..] => match authority(rest) {
            Some(rest @ ([] | [b'/' | b'?' | b'#', ..])) => path(rest),
            _ => return false,
        },
        _ => {
            let rest = path(text);
            let taken = text.get(..text.len() - rest.len()).unwrap_or_default();
            let first = taken.split(|b| *b == b'/').next().unwrap_or_default();
            if relative && first.contains(&b':') {
                return false;
            }
            rest
        }
    };
    let rest = match rest {
        [b'?', query @ ..] => skip(query, |b| matches!(b, b'/' | b'?')),
        rest => rest,
    };
    match rest {
        [b'#', fragment @ ..] => skip(fragment, |b| matches!(b, b'/' | b'?' | b'[' | b']')).is_empty(),
        rest => rest.is_empty(),
    }
}

fn path(text: &[u8]) -> &[u8] {
    skip(text, |b| b == b'/')
}

/// What stands behind a user, a host and a port.
fn authority(text: &[u8]) -> Option<&[u8]> {
    let host = match skip_user(text) {
        [b'@', host @ ..] => host,
        _ => text,
    };
    let rest = match host {
        [b'[', literal @ ..] => {
            let end = literal.iter().position(|b| *b == b']')?;
            literal.get(end + 1..)?
        }
        _ => skip_while(host, |b| is_plain(b) && !matches!(b, b':' | b'@')),
    };
    match rest {
        [b':', port @ ..] => {
            let digits = port.iter().take_while(|b| b.is_ascii_digit()).count();
            let (number, rest) = port.split_at_checked(digits)?;
            std::str::from_utf8(number).ok()?.parse::<i32>().ok()?;
            Some(rest)
        }
        rest => Some(rest),
    }
}

fn skip_user(text: &[u8]) -> &[u8] {
    skip_while(text, |b| is_plain(b) && b != b'@')
}

/// What stands behind path characters and the `more` ones.
fn skip(text: &[u8], more: impl Fn(u8) -> bool) -> &[u8] {
    skip_while(text, |b| is_plain(b) || more(b))
}

/// The same for those `taken`; a `%` is only taken with two hexadecimal digits behind it.
fn skip_while(mut text: &[u8], taken: impl Fn(u8) -> bool) -> &[u8] {
    loop {
        match text {
            [b'%', a, b, rest @ ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => text = rest,
            [b, rest @ ..] if taken(*b) => text = rest,
            _ => return text,
        }
    }
}

/// Characters of a path segment, and what would be escaped.
fn is_plain(byte: u8) -> bool {
    !matches!(byte, b'%' | b'/' | b'?' | b'#' | b'[' | b']')
}
