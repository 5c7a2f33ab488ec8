//! Finds bytes eight at a time.

/// `byte` in each of eight places.
pub(super) const fn each(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

const LOW: u64 = each(0x01);
const HIGH: u64 = each(0x80);

/// Marks the bytes of `word` that are `byte`. Only the first mark is sure to be right: what follows it may be marked
/// though it is not.
pub(super) const fn equal(word: u64, byte: u8) -> u64 {
    let differing = word ^ each(byte);
    differing.wrapping_sub(LOW) & !differing & HIGH
}

/// Marks the bytes of `word` that are below `limit`, at most 0x80; of the marks the first is sure to be right.
pub(super) const fn below(word: u64, limit: u8) -> u64 {
    word.wrapping_sub(each(limit)) & !word & HIGH
}

/// Where the first byte that `marks` marks stands from `from` on; the end where there is none.
#[inline]
pub(super) fn position(bytes: &[u8], from: usize, marks: impl Fn(u64) -> u64) -> usize {
    let mut at = from;
    while let Some(eight) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let found = marks(u64::from_le_bytes(*eight));
        if found != 0 {
            return at + (found.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    rest.iter().position(|byte| marks(each(*byte)) != 0).map_or(bytes.len(), |behind| at + behind)
}

/// Where the name that begins at `from` ends: at white space, or where its tag does.
#[inline]
pub(super) fn name_end(bytes: &[u8], from: usize) -> usize {
    position(bytes, from, |word| equal(word, b'>') | equal(word, b'/') | below(word, 0x21))
}

/// Where `byte` stands from `from` on.
pub(super) fn find(bytes: &[u8], from: usize, byte: u8) -> Option<usize> {
    let at = position(bytes, from, |word| equal(word, byte));
    (at < bytes.len()).then_some(at)
}

/// Where `wanted` stands from `from` on.
pub(super) fn find_all(bytes: &[u8], from: usize, wanted: &[u8]) -> Option<usize> {
    let mut at = from;
    loop {
        at = find(bytes, at, *wanted.first()?)?;
        if bytes.get(at..)?.starts_with(wanted) {
            return Some(at);
        }
        at += 1;
    }
}

/// The first byte from `from` on that is not white space.
#[inline]
pub(super) fn past_space(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while bytes.get(at).is_some_and(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')) {
        at += 1;
    }
    at
}

/// How many times a `<` begins something else than an end tag: at least the number of elements.
pub(super) fn count_starts(bytes: &[u8]) -> usize {
    let next = bytes.get(1..).unwrap_or_default();
    // Counted in blocks a byte can count, so that many bytes are compared at a time.
    let block = |(these, next): (&[u8], &[u8])| {
        let starts = these.iter().zip(next).map(|(this, next)| u8::from((*this == b'<') & (*next != b'/')));
        usize::from(starts.sum::<u8>())
    };
    bytes.chunks(255).zip(next.chunks(255)).map(block).sum()
}

/// Whether there is a carriage return; or where a character stands that XML 1.0 does not allow. Those are below U+0020,
/// or U+FFFE and U+FFFF.
pub(super) fn characters(text: &str) -> Result<bool, usize> {
    let bytes = text.as_bytes();
    let control = |b: u8| b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r');
    let noncharacter = |at: usize| matches!(bytes.get(at..at + 3), Some([0xEF, 0xBF, 0xBE | 0xBF]));
    let (mut start, mut returns) = (0, false);
    for block in bytes.chunks(4096) {
        // Without a branch many bytes are compared at a time.
        let suspect = |b: u8| (b < 0x20 && b != b'\t' && b != b'\n') | (b == 0xEF);
        if !block.iter().fold(false, |found, b| found | suspect(*b)) {
            start += block.len();
            continue;
        }
        returns |= block.contains(&b'\r');
        if block.iter().fold(false, |found, b| found | control(*b) | (*b == 0xEF)) {
            let found = (start..start + block.len())
                .find(|at| bytes.get(*at).is_some_and(|b| control(*b)) || noncharacter(*at));
            if let Some(found) = found {
                return Err(found);
            }
        }
        start += block.len();
    }
    Ok(returns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_the_bytes_is_found_at_every_place() {
        for length in 0..40 {
            for at in 0..=length {
                for filler in [b'x', b'=', b'\'', 0x7F, 0xBC, 0xFF, b' ' + 1] {
                    let mut bytes = vec![filler; length];
                    if let Some(byte) = bytes.get_mut(at) {
                        *byte = b'<';
                    }
                    let found = position(&bytes, 0, |word| equal(word, b'<') | equal(word, b'&'));
                    assert_eq!(found, at, "{bytes:?}");
                    if let Some(byte) = bytes.get_mut(at) {
                        *byte = b' ';
                    }
                    assert_eq!(position(&bytes, 0, |word| below(word, 0x21)), at, "{bytes:?}");
                    assert_eq!(find(&bytes, at, b' '), (at < length).then_some(at));
                    assert_eq!(find(&bytes, at + 1, b' '), None);
                }
            }
        }
    }

    #[test]
    fn a_series_of_bytes_is_found_where_it_begins() {
        for (text, at) in [("-->", Some(0)), ("a - -- ->-->", Some(9)), ("--", None), ("", None)] {
            assert_eq!(find_all(text.as_bytes(), 0, b"-->"), at, "{text}");
        }
    }

    #[test]
    fn forbidden_characters_are_found_anywhere() {
        for at in [0, 1, 4094, 4095, 4096, 4097, 9000] {
            for bad in ['\0', '\u{b}', '\u{1f}', '\u{FFFE}', '\u{FFFF}'] {
                let text = format!("{}{bad}{}", "é".repeat(at / 2) + &"x".repeat(at % 2), "y".repeat(5000));
                assert_eq!(characters(&text).err(), text.find(bad), "{at} {bad:?}");
            }
        }
        assert_eq!(characters(&"\t\n\r \u{FFFD}\u{EFFF}é😀".repeat(3000)), Ok(true));
        assert_eq!(characters(&"\t\n é".repeat(3000)), Ok(false));
    }
}
