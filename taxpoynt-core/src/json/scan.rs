//! Passing over the tokens of a JSON text, exactly those that serde_json passes over (RFC 8259).
//!
//! Each function takes the place where a token starts and gives the one after it; none where the token is malformed.

/// Eight bytes of one kind.
const ONES: u64 = 0x0101_0101_0101_0101;
const BLANKS: u64 = ONES * b' ' as u64;
const QUOTES: u64 = ONES * b'"' as u64;
const BACKSLASHES: u64 = ONES * b'\\' as u64;

/// Passes over blanks.
pub(super) fn blanks(bytes: &[u8], mut at: usize) -> usize {
    loop {
        match bytes.get(at) {
            // An indented text has many in a row: eight are looked at together.
            Some(b' ') => match bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
                Some(eight) => {
                    let other = u64::from_le_bytes(*eight) ^ BLANKS;
                    at += other.trailing_zeros() as usize / 8;
                }
                None => at += 1,
            },
            Some(b'\n' | b'\t' | b'\r') => at += 1,
            _ => return at,
        }
    }
}

/// Passes over a string; whether it has escapes.
#[inline]
pub(super) fn string(bytes: &[u8], at: usize) -> Option<(usize, bool)> {
    if bytes.get(at) != Some(&b'"') {
        return None;
    }
    let (mut at, mut escaped) = (at + 1, false);
    loop {
        at = plain(bytes, at);
        match bytes.get(at)? {
            b'"' => return Some((at + 1, escaped)),
            b'\\' => {
                escaped = true;
                at = escape(bytes, at)?;
            }
            0..0x20 => return None,
            _ => at += 1,
        }
    }
}

/// Passes over what stands in a string before its end, an escape or what has no place in it; what is left of the text, if less
/// than eight bytes, is left to the caller.
#[inline]
fn plain(bytes: &[u8], mut at: usize) -> usize {
    const HIGH: u64 = ONES << 7;
    while let Some(eight) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let word = u64::from_le_bytes(*eight);
        // The high bit of each byte that is zero, or smaller than a blank; those after the first can be wrong.
        let zero = |word: u64| word.wrapping_sub(ONES) & !word;
        let found = zero(word ^ QUOTES) | zero(word ^ BACKSLASHES) | (word.wrapping_sub(BLANKS) & !word);
        match found & HIGH {
            0 => at += 8,
            bits => return at + bits.trailing_zeros() as usize / 8,
        }
    }
    at
}

fn escape(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at + 1)? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(at + 2),
        b'u' => bytes.get(at + 2..at + 6)?.iter().all(u8::is_ascii_hexdigit).then_some(at + 6),
        _ => None,
    }
}

/// Passes over a number, `true`, `false` or `null`.
#[inline]
pub(super) fn scalar(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at)? {
        b't' => word(bytes, at, b"true"),
        b'f' => word(bytes, at, b"false"),
        b'n' => word(bytes, at, b"null"),
        _ => number(bytes, at),
    }
}

fn word(bytes: &[u8], at: usize, word: &[u8]) -> Option<usize> {
    bytes.get(at..)?.starts_with(word).then_some(at + word.len())
}

fn number(bytes: &[u8], mut at: usize) -> Option<usize> {
    if bytes.get(at) == Some(&b'-') {
        at += 1;
    }
    at = if bytes.get(at) == Some(&b'0') { at + 1 } else { digits(bytes, at)? };
    if bytes.get(at) == Some(&b'.') {
        at = digits(bytes, at + 1)?;
    }
    if let Some(b'e' | b'E') = bytes.get(at) {
        let sign = matches!(bytes.get(at + 1), Some(b'+' | b'-'));
        at = digits(bytes, at + 1 + usize::from(sign))?;
    }
    Some(at)
}

/// Digits, at least one.
fn digits(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    while bytes.get(at).is_some_and(u8::is_ascii_digit) {
        at += 1;
    }
    (at > start).then_some(at)
}
