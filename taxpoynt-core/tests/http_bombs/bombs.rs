//! The bombs, one a line: what is sent and why it hurts whoever reads it without limits.

use crate::Ends::{self, Broken, Harmless, Refused, TimedOut};
use flate2::{Compression, GzBuilder, write::GzEncoder, write::ZlibEncoder};
use std::io::Write;

const MIB: usize = 1024 * 1024;
const ENDLESS: u64 = u64::MAX;

/// An answer: `head`, `first`, `again` so many times, `last`.
pub(crate) struct Bomb {
    pub(crate) why: &'static str,
    pub(crate) ends: Ends,
    pub(crate) head: String,
    pub(crate) first: Vec<u8>,
    pub(crate) again: Vec<u8>,
    pub(crate) times: u64,
    pub(crate) last: Vec<u8>,
}

/// How long a body is said to be.
#[derive(Clone, Copy)]
enum Length {
    /// Truly.
    Declared,
    /// Until the connection closes.
    Unsaid,
    /// Each piece a chunk.
    Chunked,
}

impl Bomb {
    fn new(why: &'static str, ends: Ends, head: &str) -> Self {
        let head = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{head}");
        Self { why, ends, head, first: vec![], again: vec![], times: 0, last: vec![] }
    }

    fn body(mut self, first: &[u8], again: &[u8], times: u64, last: &[u8]) -> Self {
        (self.first, self.again, self.times, self.last) = (first.into(), again.into(), times, last.into());
        self.head.push_str("\r\n");
        self
    }

    fn sized(mut self, length: Length, first: &[u8], again: &[u8], times: u64, last: &[u8]) -> Self {
        let chunk = |piece: &[u8]| match (length, piece) {
            (Length::Chunked, [_, ..]) => {
                [format!("{:x}\r\n", piece.len()).as_bytes(), piece, b"\r\n"].concat()
            }
            _ => piece.to_vec(),
        };
        let mut last = chunk(last);
        match length {
            Length::Declared => {
                let again = (again.len() as u64).saturating_mul(times);
                let size = again.saturating_add((first.len() + last.len()) as u64);
                self.head.push_str(&format!("content-length: {size}\r\n"));
            }
            Length::Unsaid => {}
            Length::Chunked => {
                self.head.push_str("transfer-encoding: chunked\r\n");
                last.extend_from_slice(b"0\r\n\r\n");
            }
        }
        self.body(&chunk(first), &chunk(again), times, &last)
    }
}

const GZIP: &str = "content-encoding: gzip\r\n";
/// A header of ten bytes without anything optional.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

/// A megabyte of `pattern` as a piece of a deflate stream that can be repeated: it ends on a byte and refers to nothing
/// before it.
fn block(pattern: &[u8], level: u32) -> Vec<u8> {
    let plain: Vec<u8> = pattern.iter().copied().cycle().take(MIB).collect();
    let mut deflate = flate2::Compress::new(Compression::new(level), false);
    let mut packed = Vec::with_capacity(2 * MIB);
    deflate.compress_vec(&plain, &mut packed, flate2::FlushCompress::Full).unwrap();
    packed
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

/// The end of a deflate stream with a checksum and length that are nobody's.
const WRONG_END: [u8; 13] = [1, 0, 0, 0xff, 0xff, 1, 2, 3, 4, 5, 6, 7, 8];

/// A stored block: it packs nothing.
fn stored(size: u16) -> Vec<u8> {
    let mut block = vec![0];
    block.extend_from_slice(&size.to_le_bytes());
    block.extend_from_slice(&(!size).to_le_bytes());
    block.extend(std::iter::repeat_n(b'x', usize::from(size)));
    block
}

/// All of them.
pub(crate) fn bombs() -> Vec<Bomb> {
    let mut bombs = zeros();
    bombs.extend(patterns());
    bombs.extend(members());
    bombs.extend(hollow());
    bombs.extend(nested());
    bombs.extend(encodings());
    bombs.extend(lengths());
    bombs.extend(heads());
    bombs
}

/// Zeros, in every size and length.
fn zeros() -> Vec<Bomb> {
    let zeros = block(&[0], 9);
    let bomb =
        |why, length, times| Bomb::new(why, Refused, GZIP).sized(length, &HEADER, &zeros, times, &WRONG_END);
    vec![
        bomb("2 MiB of zeros: over the ratio, under the limit", Length::Declared, 2),
        bomb("2 MiB of zeros in chunks", Length::Chunked, 2),
        bomb("2 MiB of zeros until the end", Length::Unsaid, 2),
        bomb("17 MiB of zeros: a little over the limit", Length::Declared, 17),
        bomb("17 MiB of zeros in chunks", Length::Chunked, 17),
        bomb("17 MiB of zeros until the end", Length::Unsaid, 17),
        bomb("256 MiB of zeros in 256 kB", Length::Declared, 256),
        bomb("256 MiB of zeros in chunks", Length::Chunked, 256),
        bomb("256 MiB of zeros until the end", Length::Unsaid, 256),
        bomb("4 GiB of zeros: more than the length field of gzip counts", Length::Declared, 4096),
        bomb("4 GiB of zeros in chunks", Length::Chunked, 4096),
        bomb("10 GiB of zeros in 10 MB", Length::Declared, 10_240),
        bomb("10 GiB of zeros until the end", Length::Unsaid, 10_240),
        bomb("1 TiB of zeros, and a true length of a gigabyte", Length::Declared, 1 << 20),
        bomb("zeros that never end, in chunks", Length::Chunked, ENDLESS),
        bomb("zeros that never end", Length::Unsaid, ENDLESS),
    ]
}

/// Other texts, and other ways to pack them.
fn patterns() -> Vec<Bomb> {
    let endless = |why, piece: &[u8]| {
        Bomb::new(why, Refused, GZIP).sized(Length::Chunked, &HEADER, piece, ENDLESS, &WRONG_END)
    };
    let order = br#"{"id":"ORDER","line_items":[{"name":"Ankara print","quantity":"1"}]},"#;
    let noise: Vec<u8> = (0..4096_u32).flat_map(|i| i.wrapping_mul(2_654_435_761).to_be_bytes()).collect();
    vec![
        endless("blanks", &block(b" ", 9)),
        endless("opening brackets: deep besides", &block(b"[", 9)),
        endless("opening objects", &block(br#"{"a":"#, 9)),
        endless("the same order again and again", &block(order, 9)),
        endless("the same order, packed fast", &block(order, 1)),
        endless("the same order, packed as usual", &block(order, 6)),
        endless("16 kB of noise again and again: the ratio stays low, the limit counts", &block(&noise, 6)),
        endless("nothing packed at all: stored blocks", &stored(60_000)),
        endless("stored blocks of one byte", &stored(1).repeat(1000)),
    ]
}

/// One gzip file after the other.
fn members() -> Vec<Bomb> {
    let endless =
        |why, member: &[u8]| Bomb::new(why, Refused, GZIP).sized(Length::Chunked, &[], member, ENDLESS, &[]);
    let named = GzBuilder::new().filename("orders.json").comment("all of them").extra(vec![7; 60_000]);
    let mut named = named.write(Vec::new(), Compression::best());
    named.write_all(&vec![0; MIB]).unwrap();
    vec![
        endless("members of a megabyte each, which are harmless one by one", &gzip(&vec![0; MIB])),
        endless("members of 100 kB each", &gzip(&vec![b' '; 100_000])),
        endless("members of 1 kB each", &gzip(&[b'x'; 1000]).repeat(100)),
        endless("members with a name, a comment and 60 kB of extra field", &named.finish().unwrap()),
        Bomb::new("a small member, then endless zeros", Refused, GZIP).sized(
            Length::Chunked,
            &[gzip(b"{}"), HEADER.to_vec()].concat(),
            &block(&[0], 9),
            ENDLESS,
            &[],
        ),
        Bomb::new("a small member, then endless bytes that are no gzip", Broken, GZIP).sized(
            Length::Chunked,
            &gzip(b"{}"),
            &[0; 4096],
            ENDLESS,
            &[],
        ),
    ]
}

/// Much on the wire, nothing unpacked: time and patience are what it costs.
fn hollow() -> Vec<Bomb> {
    let endless = |why, ends, first: &[u8], again: &[u8]| {
        Bomb::new(why, ends, GZIP).sized(Length::Chunked, first, again, ENDLESS, &[])
    };
    let flagged = |flag: u8| [&HEADER[..3], &[flag], &HEADER[4..]].concat();
    let mut extra = GzBuilder::new().extra(vec![7; 65_000]).write(Vec::new(), Compression::best());
    extra.flush().unwrap();
    vec![
        endless("members without content", Refused, &[], &gzip(b"").repeat(200)),
        endless("members of one byte", Refused, &[], &gzip(b"x").repeat(200)),
        endless("empty stored blocks", Refused, &HEADER, &stored(0).repeat(1000)),
        // Three bits say "fixed codes, not the last block", seven zeros end it: four blocks in five bytes.
        endless(
            "empty blocks of fixed codes",
            Refused,
            &HEADER,
            &[0b0000_0010, 0b0000_1000, 0b0010_0000, 0b1000_0000, 0].repeat(1000),
        ),
        endless("members with 65 kB of extra field and no content", Refused, &[], &extra.finish().unwrap()),
        endless("a file name that never ends", Refused, &flagged(8), &[b'n'; 4096]),
        endless("a comment that never ends", Refused, &flagged(16), &[b'c'; 4096]),
    ]
}

/// Packed more than once.
fn nested() -> Vec<Bomb> {
    let inner = [&HEADER[..], &block(&[0], 9).repeat(2048)].concat();
    let (twice, thrice) = (gzip(&inner), gzip(&gzip(&inner)));
    let bomb = |why, ends, encoding: &str, body: &[u8]| {
        let head = format!("content-encoding: {encoding}\r\n");
        Bomb::new(why, ends, &head).sized(Length::Declared, body, &[], 0, &[])
    };
    vec![
        bomb(
            "2 GiB packed twice and declared once: the second layer over the ratio",
            Refused,
            "gzip",
            &twice,
        ),
        bomb("packed three times and declared once: unpacked once", Harmless, "gzip", &thrice),
        bomb("packed twice and declared twice", Refused, "gzip, gzip", &twice),
        bomb("packed three times and declared so", Refused, "gzip,gzip,gzip", &thrice),
        bomb("declared a hundred times", Refused, &["gzip"; 100].join(", "), &twice),
        bomb("declared twice with nothing between", Refused, "gzip, identity, gzip", &twice),
        bomb("declared in two headers", Refused, "gzip\r\ncontent-encoding: gzip", &twice),
        bomb("declared as gzip in gzip of another kind", Refused, "gzip, deflate", &twice),
    ]
}

/// Other encodings, and other names of this one.
fn encodings() -> Vec<Bomb> {
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::best());
    zlib.write_all(&vec![0; 32 * MIB]).unwrap();
    let zlib = zlib.finish().unwrap();
    let packed = [&HEADER[..], &block(&[0], 9).repeat(64)].concat();
    let bomb = |why, ends, head: &str, body: &[u8]| {
        Bomb::new(why, ends, head).sized(Length::Declared, body, &[], 0, &[])
    };
    vec![
        bomb("deflate, which was not asked for", Refused, "content-encoding: deflate\r\n", &zlib),
        bomb("brotli, which was not asked for", Refused, "content-encoding: br\r\n", &[0x5b; 4096]),
        bomb(
            "zstd, which was not asked for",
            Refused,
            "content-encoding: zstd\r\n",
            &[0x28, 0xb5, 0x2f, 0xfd],
        ),
        bomb(
            "compress, which was not asked for",
            Refused,
            "content-encoding: compress\r\n",
            &[0x1f, 0x9d, 0x90],
        ),
        bomb("an encoding nobody knows", Refused, "content-encoding: gzip-bomb\r\n", &packed),
        bomb("an encoding with a parameter", Refused, "content-encoding: gzip;q=1\r\n", &packed),
        bomb("gzip in capitals", Refused, "content-encoding: GZIP\r\n", &packed),
        bomb("gzip by its old name", Refused, "content-encoding: x-gzip\r\n", &packed),
        bomb("gzip among nothings", Refused, "content-encoding: , identity , gzip ,\r\n", &packed),
        bomb("gzip that is declared nowhere stays packed", Harmless, "", &packed),
        bomb("zlib that claims to be gzip", Broken, GZIP, &zlib),
    ]
}

/// Lengths that lie, and bodies that never end.
fn lengths() -> Vec<Bomb> {
    let plain = [b'x'; 4096];
    let chunked = "transfer-encoding: chunked\r\n";
    let bomb = |why, ends, head: &str, first: &[u8], again: &[u8]| {
        Bomb::new(why, ends, head).body(first, again, ENDLESS, &[])
    };
    vec![
        bomb("10 GiB that are declared", Refused, "content-length: 10737418240\r\n", &[], &plain),
        bomb(
            "a length near the end of numbers",
            Refused,
            "content-length: 18446744073709551613\r\n",
            &[],
            &plain,
        ),
        bomb(
            "a length beyond all numbers",
            Broken,
            "content-length: 99999999999999999999999\r\n",
            &[],
            &plain,
        ),
        bomb("two lengths", Broken, "content-length: 5\r\ncontent-length: 5000000000\r\n", &[], &plain),
        bomb("a negative length", Broken, "content-length: -1\r\n", &[], &plain),
        bomb("no length and no end", Refused, "", &[], &plain),
        bomb("chunks without end", Refused, chunked, &[], &[b"1000\r\n", &plain[..], b"\r\n"].concat()),
        bomb("chunks of one byte without end", Refused, chunked, &[], &b"1\r\nx\r\n".repeat(1000)),
        bomb("one chunk of almost all numbers", Refused, chunked, b"fffffffffffffff0\r\n", &plain),
        bomb("a chunk size beyond all numbers", Broken, chunked, b"fffffffffffffffff\r\n", &plain),
        bomb(
            "a chunk size of zeros without end: small steps for ever",
            TimedOut,
            chunked,
            &[],
            &[b'0'; 4096],
        ),
        bomb("chunk extensions without end", Broken, chunked, b"5;", &plain),
        bomb(
            "an extension for every chunk",
            Broken,
            chunked,
            &[],
            &[b"1;", &plain[..], b"\r\nx\r\n"].concat(),
        ),
        bomb(
            "trailers without end",
            Broken,
            chunked,
            b"1\r\nx\r\n0\r\n",
            &b"x-trailer: more\r\n".repeat(1000),
        ),
        bomb("one trailer without end", Broken, chunked, b"1\r\nx\r\n0\r\nx-trailer: ", &plain),
        bomb(
            "a short length, and a bomb behind it",
            Broken,
            &format!("{GZIP}content-length: 12\r\n"),
            &HEADER,
            &plain,
        ),
    ]
}

/// Heads of answers.
fn heads() -> Vec<Bomb> {
    let head = |why, ends, head: &str, again: &[u8], times, last: &[u8]| Bomb {
        why,
        ends,
        head: head.to_owned(),
        first: vec![],
        again: again.into(),
        times,
        last: last.into(),
    };
    let ok = "HTTP/1.1 200 OK\r\n";
    let end = b"content-length: 0\r\n\r\n";
    let long = |size: usize| [b"x-long: ", &vec![b'x'; size][..], b"\r\n"].concat();
    vec![
        head("101 headers", Broken, ok, b"x-more: 1\r\n", 101, end),
        head("headers without end", Broken, ok, &b"x-more: 1\r\n".repeat(1000), ENDLESS, end),
        head("one header without end", Broken, "HTTP/1.1 200 OK\r\nx-long: ", &[b'x'; 4096], ENDLESS, end),
        head("a header name without end", Broken, ok, &[b'x'; 4096], ENDLESS, end),
        head("a reason without end", Broken, "HTTP/1.1 200 ", &[b'x'; 4096], ENDLESS, end),
        head("one header of 100 kB", Refused, ok, &long(100_000), 1, end),
        head("90 headers of 1 kB each", Refused, ok, &long(1000), 90, end),
        head(
            "cookies of 4 kB each",
            Refused,
            ok,
            &[b"set-cookie: a=", &[b'x'; 4000][..], b"\r\n"].concat(),
            50,
            end,
        ),
        head(
            "preliminary answers without end",
            TimedOut,
            "",
            &b"HTTP/1.1 103 Early Hints\r\n\r\n".repeat(1000),
            ENDLESS,
            end,
        ),
        head(
            "preliminary answers with headers",
            TimedOut,
            "",
            &b"HTTP/1.1 100 Continue\r\nx: y\r\n\r\n".repeat(1000),
            ENDLESS,
            end,
        ),
    ]
}
