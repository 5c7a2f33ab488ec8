//! Reads an answer within its limits: what comes over the wire, what becomes of it unpacked, and its headers.

use bytes::Bytes;
use flate2::write::MultiGzDecoder;
use http::{
    HeaderMap,
    header::{CONTENT_ENCODING, CONTENT_LENGTH},
};
use std::{
    fmt,
    io::{self, Write},
};

/// Below this much nobody asks how well it was packed.
const UNASKED: usize = 1024 * 1024;
/// Records of a platform pack to a tenth, very repetitive ones to a fiftieth. Zeros pack to a thousandth.
const MOST_PER_BYTE: usize = 200;
/// Below this much nobody asks what became of it.
const UNASKED_WIRE: usize = 64 * 1024;
/// What is unpacked at once.
const AT_ONCE: usize = 16 * 1024;
/// Below this many pieces nobody asks how small they are.
const UNASKED_PIECES: usize = 16 * 1024;
/// Even a server that sends every word by itself sends more than this at a time.
const LEAST_PIECE: usize = 4;
/// Packing never makes anything this many times larger, except out of nothing at all.
const LEAST_BYTES: usize = 8;

/// How much of an answer is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Of the body, on the wire and unpacked.
    pub(super) body: usize,
    /// Of names and values of headers together.
    pub(super) headers: usize,
}

/// Why an answer is not read to its end. `Display` says it in one sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Of the body, on the wire or unpacked.
    TooLarge(usize),
    /// Of the headers.
    HeadersTooLarge(usize),
    /// A little became very much.
    Bomb,
    /// Much became almost nothing.
    Hollow,
    /// It comes almost byte by byte.
    Crumbs,
    /// Packed in a way that was not asked for, or more than once.
    Encoded,
    /// It is not the gzip it claims to be.
    NotGzip,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge(limit) => write!(f, "the answer is larger than {limit} bytes and was not read"),
            Self::HeadersTooLarge(limit) => {
                write!(f, "the headers of the answer are larger than {limit} bytes and were not read")
            }
            Self::Bomb => {
                write!(f, "the answer unpacks to more than {MOST_PER_BYTE} times its size and was not read")
            }
            Self::Hollow => f.write_str("the answer is packed and holds almost nothing; it was not read"),
            Self::Crumbs => f.write_str("the answer comes in pieces too small to be read"),
            Self::Encoded => f.write_str("the answer is packed in a way that was not asked for"),
            Self::NotGzip => f.write_str("the answer is not the gzip it claims to be"),
        }
    }
}

/// Refuses headers that are too many or too long.
pub(super) fn check_headers(headers: &HeaderMap, limit: usize) -> Result<(), Refusal> {
    let size: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if size > limit { Err(Refusal::HeadersTooLarge(limit)) } else { Ok(()) }
}

/// A body as it comes.
pub(super) struct Body {
    form: Form,
    /// How many pieces came, and how much they were together.
    pieces: usize,
    came: usize,
}

enum Form {
    /// As it is.
    Plain(Read),
    /// Packed with gzip, in one or more members one after the other.
    Gzip(Box<MultiGzDecoder<Unpacked>>),
}

impl Body {
    /// A body that `headers` announce. What they say of a body that is unpacked here is removed from them.
    pub(super) fn new(headers: &mut HeaderMap, limit: usize) -> Result<Self, Refusal> {
        let declared = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        if declared.is_some_and(|length: u64| u64::try_from(limit).is_ok_and(|limit| length > limit)) {
            return Err(Refusal::TooLarge(limit));
        }
        if !is_gzip(headers)? {
            return Ok(Self::of(Form::Plain(Read::new(limit))));
        }
        headers.remove(CONTENT_ENCODING);
        headers.remove(CONTENT_LENGTH);
        let decoder = MultiGzDecoder::new(Unpacked { read: Read::new(limit), wire: 0, refusal: None });
        Ok(Self::of(Form::Gzip(Box::new(decoder))))
    }

    const fn of(form: Form) -> Self {
        Self { form, pieces: 0, came: 0 }
    }

    /// Takes in what came.
    pub(super) fn push(&mut self, chunk: &Bytes) -> Result<(), Refusal> {
        self.pieces += 1;
        self.came = self.came.saturating_add(chunk.len());
        if self.pieces > UNASKED_PIECES && self.came / self.pieces < LEAST_PIECE {
            return Err(Refusal::Crumbs);
        }
        match &mut self.form {
            Form::Plain(read) => read.push(chunk),
            // Bit by bit, so that much that becomes nothing is seen early.
            Form::Gzip(decoder) => chunk.chunks(AT_ONCE).try_for_each(|part| {
                let unpacked = decoder.get_mut();
                unpacked.wire += part.len();
                unpacked.check()?;
                let written = decoder.write_all(part);
                written.map_err(|_| decoder.get_ref().refusal.unwrap_or(Refusal::NotGzip))
            }),
        }
    }

    /// The whole body, once everything has come.
    pub(super) fn finish(self) -> Result<Bytes, Refusal> {
        match self.form {
            Form::Plain(read) => Ok(read.bytes.into()),
            // An answer without a body may say how it would have been packed.
            Form::Gzip(_) if self.came == 0 => Ok(Bytes::new()),
            Form::Gzip(mut decoder) => {
                let ended = decoder.try_finish();
                let refusal = decoder.get_ref().refusal.unwrap_or(Refusal::NotGzip);
                ended.map_err(|_| refusal)?;
                Ok(std::mem::take(&mut decoder.get_mut().read.bytes).into())
            }
        }
    }
}

/// Whether a body is packed once with gzip, which is all that is asked for.
fn is_gzip(headers: &HeaderMap) -> Result<bool, Refusal> {
    let mut encodings = headers
        .get_all(CONTENT_ENCODING)
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .map(<[u8]>::trim_ascii)
        .filter(|name| !name.is_empty() && !name.eq_ignore_ascii_case(b"identity"));
    match (encodings.next(), encodings.next()) {
        (None, _) => Ok(false),
        (Some(name), None) if name.eq_ignore_ascii_case(b"gzip") || name.eq_ignore_ascii_case(b"x-gzip") => {
            Ok(true)
        }
        _ => Err(Refusal::Encoded),
    }
}

/// What has been read so far, up to a limit.
pub(super) struct Read {
    bytes: Vec<u8>,
    limit: usize,
}

impl Read {
    const fn new(limit: usize) -> Self {
        Self { bytes: Vec::new(), limit }
    }

    fn push(&mut self, piece: &[u8]) -> Result<(), Refusal> {
        let needed = self.bytes.len().saturating_add(piece.len());
        if needed > self.limit {
            return Err(Refusal::TooLarge(self.limit));
        }
        if needed > self.bytes.capacity() {
            // At least twice as much each time, but never more than is read at most.
            let room = needed.checked_next_power_of_two().unwrap_or(needed).min(self.limit);
            self.bytes.reserve_exact(room - self.bytes.len());
        }
        self.bytes.extend_from_slice(piece);
        Ok(())
    }
}

/// What a packed body has become.
pub(super) struct Unpacked {
    read: Read,
    /// What has come over the wire so far.
    wire: usize,
    /// Why no more is read.
    refusal: Option<Refusal>,
}

impl Unpacked {
    /// Whether there was too much on the wire, for the limit or for what became of it.
    fn check(&self) -> Result<(), Refusal> {
        if self.wire > self.read.limit {
            return Err(Refusal::TooLarge(self.read.limit));
        }
        let hollow = self.wire > UNASKED_WIRE && self.read.bytes.len() < self.wire / LEAST_BYTES;
        if hollow { Err(Refusal::Hollow) } else { Ok(()) }
    }

    fn take(&mut self, piece: &[u8]) -> Result<(), Refusal> {
        let size = self.read.bytes.len().saturating_add(piece.len());
        if size > UNASKED && size / MOST_PER_BYTE > self.wire {
            return Err(Refusal::Bomb);
        }
        self.read.push(piece)
    }
}

impl Write for Unpacked {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        match self.take(piece) {
            Ok(()) => Ok(piece.len()),
            Err(refusal) => {
                self.refusal = Some(refusal);
                Err(io::ErrorKind::FileTooLarge.into())
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
