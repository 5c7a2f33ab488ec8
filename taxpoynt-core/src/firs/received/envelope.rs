//! The envelope a document is downloaded in: AES-256-CFB128, opened with the API key that asked for it, and what is
//! inside.
//!
//! CFB has no integrity check: a wrong key or a flipped bit gives other bytes, not an error. So what is inside must be
//! one of the forms known ([`Content`]), an invoice is parsed strictly, and its IRN must be the one asked for.

use super::foreign;
use crate::firs::client::{ApiKeys, words};
use crate::{Error, ErrorKind, Result, json};
use aws_lc_rs::{
    cipher::{AES_256, DecryptingKey, DecryptionContext, UnboundCipherKey},
    iv::FixedLength,
};
use base64::{
    Engine as _,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use bytes::Bytes;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::fmt;

const OPERATION: &str = "firs.envelope";

/// Longest sealed text that is opened. An invoice of 10,000 lines has some 6 MB.
const LONGEST: usize = 32 * 1024 * 1024;

/// Characters of `pub` in every envelope seen.
const PUBLIC: usize = 24;

/// Bytes of an AES-256 key.
const KEY: usize = 32;

/// Containers inside each other that are unpacked: a JSON text, of a data URI, of base64.
const DEEPEST: usize = 4;

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::URL_SAFE, LENIENT);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::STANDARD, LENIENT);

/// A sealed document as it came: `{"iv_hex", "pub", "data"}`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// Initialization vector, 32 hexadecimal digits.
    pub iv_hex: String,
    /// The public part of the key, 24 characters.
    #[serde(rename = "pub")]
    pub public: String,
    /// The sealed bytes, base64url, padded or not.
    pub data: String,
}

impl fmt::Debug for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Envelope").field("sealed_characters", &self.data.len()).finish_non_exhaustive()
    }
}

impl Envelope {
    /// The envelope in an answer; `None` where `raw` is not an object with the three members.
    #[must_use]
    pub fn find(raw: &RawValue) -> Option<Self> {
        let members = json::members(raw.get()).ok()?;
        let member = |name: &str| words(members.iter().find(|(n, _)| n == name).map(|(_, value)| *value));
        Some(Self { iv_hex: member("iv_hex")?, public: member("pub")?, data: member("data")? })
    }

    /// It as JSON, as it is kept.
    ///
    /// # Errors
    /// None: every envelope has a JSON form.
    pub fn to_json(&self) -> Result<String> {
        json::write(OPERATION, self)
    }

    /// Opens it with the API key it was sealed for: the first group of the key follows `pub` to make the AES key. The
    /// result is whatever these bytes decrypt to; [`Content::read`] tells whether that makes sense.
    ///
    /// # Errors
    /// `Payload` naming `iv_hex`, `pub` or `data` where that part is malformed; `Config` naming `api_key` where the key
    /// does not start with a group of eight characters.
    pub fn open(&self, keys: &ApiKeys) -> Result<Bytes> {
        let iv = iv(&self.iv_hex)?;
        let key = key(&self.public, &keys.api_key)?;
        let mut data = self.sealed()?;
        let broken = || malformed("data", "the sealed bytes cannot be decrypted");
        let key = UnboundCipherKey::new(&AES_256, key.expose_secret().as_bytes()).map_err(|_| broken())?;
        let opened = DecryptingKey::cfb128(key)
            .and_then(|key| {
                key.decrypt(&mut data, DecryptionContext::Iv128(FixedLength::from(iv)))
                    .map(|plain| plain.len())
            })
            .map_err(|_| broken())?;
        data.truncate(opened);
        Ok(Bytes::from(data))
    }

    fn sealed(&self) -> Result<Vec<u8>> {
        let data = self.data.trim();
        if data.len() / 4 * 3 > LONGEST {
            return Err(malformed("data", "the sealed text is longer than 32 MB, which no invoice is"));
        }
        match unpack(data) {
            Some(bytes) if bytes.is_empty() => Err(malformed("data", "the envelope is empty")),
            Some(bytes) => Ok(bytes),
            None => Err(malformed("data", "the sealed text is not base64url")),
        }
    }
}

fn malformed(field: &'static str, what: &str) -> Error {
    let message = format!("The downloaded envelope is malformed at {field}: {what}. Download it again.");
    Error::payload(OPERATION, field, message).with("code", "envelope_malformed")
}

/// Base64 in either alphabet; both at once is neither.
fn unpack(text: &str) -> Option<Vec<u8>> {
    let standard = text.contains(['+', '/']);
    if standard { STANDARD.decode(text).ok() } else { URL_SAFE.decode(text).ok() }
}

fn iv(hex: &str) -> Result<[u8; 16]> {
    let refused = || malformed("iv_hex", "it must be 32 hexadecimal digits");
    let digits: &[u8; 32] = hex.trim().as_bytes().try_into().map_err(|_| refused())?;
    let mut iv = [0; 16];
    for (byte, pair) in iv.iter_mut().zip(digits.as_chunks::<2>().0) {
        let digit = |c: u8| char::from(c).to_digit(16).and_then(|d| u8::try_from(d).ok());
        let (Some(high), Some(low)) = (digit(pair[0]), digit(pair[1])) else { return Err(refused()) };
        *byte = high << 4 | low;
    }
    Ok(iv)
}

fn key(public: &str, api_key: &SecretString) -> Result<SecretString> {
    let public = public.trim();
    if public.len() != PUBLIC {
        return Err(malformed("pub", "it must be 24 characters"));
    }
    let group = api_key.expose_secret().trim().split('-').next().unwrap_or_default();
    if public.len() + group.len() != KEY {
        let message = "api_key must start with a group of eight characters before its first hyphen: downloads are opened with it";
        return Err(Error::new(ErrorKind::Config, OPERATION, message).with("field", "api_key"));
    }
    Ok(SecretString::from(format!("{public}{group}")))
}

/// What was inside an envelope.
#[derive(Debug, Clone)]
pub enum Content {
    /// The authority's invoice JSON, an object.
    Invoice(Box<RawValue>),
    /// An XML document.
    Xml(Bytes),
    /// A PDF document: only a person can read it.
    Pdf(Bytes),
}

impl Content {
    /// Recognises the opened bytes: JSON, a PDF or XML, each directly, or as base64, a data URI or a JSON text of one.
    ///
    /// # Errors
    /// `Payload` with code `not_readable`: the bytes are none of these. An envelope sealed for another API key ends
    /// here.
    pub fn read(plain: &[u8]) -> Result<Self> {
        Self::nested(plain, DEEPEST).ok_or_else(|| {
            let message = "What was downloaded is no invoice after decryption: it was sealed for another API key, or damaged on \
                           the way. Check api_key and download it again.";
            Error::payload(OPERATION, "data", message).with("code", "not_readable")
        })
    }

    fn nested(plain: &[u8], deepest: usize) -> Option<Self> {
        let plain = plain.strip_prefix(b"\xef\xbb\xbf").unwrap_or(plain).trim_ascii();
        if plain.starts_with(b"%PDF-") {
            return Some(Self::Pdf(Bytes::copy_from_slice(plain)));
        }
        let text = std::str::from_utf8(plain).ok()?;
        match text.as_bytes().first()? {
            b'{' | b'[' => invoice_object(text, deepest).map(Self::Invoice),
            b'<' => Some(Self::Xml(Bytes::copy_from_slice(plain))),
            b'"' => Self::nested(json::text_of(text)?.as_bytes(), deepest.checked_sub(1)?),
            _ => {
                let packed = match text.strip_prefix("data:") {
                    Some(uri) => uri.split_once(";base64,")?.1,
                    None => text,
                };
                let packed: String = packed.split_ascii_whitespace().collect();
                Self::nested(&unpack(&packed)?, deepest.checked_sub(1)?)
            }
        }
    }

    /// Makes sure that this is the document asked for. A PDF says nothing a program can compare, and an XML document
    /// is compared by whoever reads it.
    ///
    /// # Errors
    /// `Payload` with code `irn_differs` or `irn_missing`.
    pub fn is_of(&self, irn: &str) -> Result<()> {
        match self {
            Self::Invoice(raw) => foreign::same_irn(irn_in(raw).as_deref(), irn),
            Self::Xml(_) | Self::Pdf(_) => Ok(()),
        }
    }

    /// The IRN inside, where this is the authority's JSON and has one.
    #[must_use]
    pub fn irn(&self) -> Option<String> {
        match self {
            Self::Invoice(raw) => irn_in(raw),
            Self::Xml(_) | Self::Pdf(_) => None,
        }
    }
}

fn irn_in(raw: &RawValue) -> Option<String> {
    let members = json::members(raw.get()).ok()?;
    // A name written twice could show one IRN here and another one to the next reader.
    let mut all = members.iter().filter(|(name, _)| name == "irn");
    let found = all.next()?;
    if all.next().is_some() { None } else { words(Some(found.1)) }
}

/// The invoice object: at the top, as the only element of a list, or under a name such as `invoice`.
fn invoice_object(text: &str, deepest: usize) -> Option<Box<RawValue>> {
    if text.starts_with('[') {
        let [only] = json::elements(text).ok()?[..] else { return None };
        return invoice_object(only.get(), deepest.checked_sub(1)?);
    }
    let members = json::members(text).ok()?;
    let has = |wanted: &str| members.iter().any(|(name, _)| name == wanted);
    if !has("irn") && !has("invoice_line") {
        let inner = members.iter().find(|(name, value)| {
            ["invoice", "data", "payload"].contains(&name.as_ref()) && value.get().starts_with(['{', '['])
        });
        if let Some((_, inner)) = inner {
            return invoice_object(inner.get(), deepest.checked_sub(1)?);
        }
    }
    RawValue::from_string(text.to_owned()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::cipher::{EncryptingKey, EncryptionContext};

    const API_KEY: &str = "5e0f7a21-0000-4000-8000-000000000000";

    fn keys(api_key: &str) -> ApiKeys {
        ApiKeys::new(api_key, "secret")
    }

    /// The inverse of `open`.
    fn seal(plain: &[u8], alphabet: &GeneralPurpose) -> Envelope {
        let public = "0123456789abcdefghijklmn".to_owned();
        let iv = *b"sixteen byte iv!";
        let key = key(&public, &SecretString::from(API_KEY)).unwrap();
        let key = UnboundCipherKey::new(&AES_256, key.expose_secret().as_bytes()).unwrap();
        let mut data = plain.to_vec();
        EncryptingKey::cfb128(key)
            .unwrap()
            .less_safe_encrypt(&mut data, EncryptionContext::Iv128(FixedLength::from(iv)))
            .unwrap();
        let iv_hex = iv.iter().map(|b| format!("{b:02x}")).collect();
        Envelope { iv_hex, public, data: alphabet.encode(data) }
    }

    fn opened(plain: &[u8]) -> Result<Content> {
        Content::read(&seal(plain, &URL_SAFE).open(&keys(API_KEY)).unwrap())
    }

    #[test]
    fn what_was_sealed_is_opened_in_either_alphabet_padded_or_not() {
        let plain = br#"{"irn":"A-3C4D5E6F-20261109","note":"???>>>~~~"}"#;
        for alphabet in [&URL_SAFE, &STANDARD] {
            let sealed = seal(plain, alphabet);
            assert_eq!(sealed.open(&keys(API_KEY)).unwrap(), &plain[..]);
            let bare = Envelope { data: sealed.data.trim_end_matches('=').to_owned(), ..sealed };
            assert_eq!(bare.open(&keys(API_KEY)).unwrap(), &plain[..]);
        }
    }

    #[test]
    fn an_invoice_a_pdf_and_xml_are_recognised_in_every_wrapping() {
        let json = r#"{"irn":"A-3C4D5E6F-20261109"}"#;
        let wrapped = STANDARD.encode(json);
        for text in [
            json.to_owned(),
            format!("\u{feff} {json}\n"),
            format!("[{json}]"),
            format!("{{\"invoice\":{json}}}"),
            wrapped.clone(),
            format!("\"{wrapped}\""),
            format!("data:application/json;base64,{wrapped}"),
            format!("\"data:application/json;base64,{wrapped}\""),
            serde_json::to_string(json).unwrap(),
        ] {
            let content = opened(text.as_bytes()).unwrap();
            assert_eq!(content.irn().as_deref(), Some("A-3C4D5E6F-20261109"), "{text}");
        }
        for pdf in [b"%PDF-1.7 x".to_vec(), STANDARD.encode("%PDF-1.7 x").into_bytes()] {
            assert!(matches!(opened(&pdf).unwrap(), Content::Pdf(found) if found == "%PDF-1.7 x"));
        }
        let xml = "data:text/xml;base64,PEludm9pY2UvPg";
        assert!(matches!(opened(xml.as_bytes()).unwrap(), Content::Xml(found) if found == "<Invoice/>"));
    }

    #[test]
    fn a_wrong_key_is_told_and_never_half_an_invoice() {
        let sealed = seal(br#"{"irn":"A-3C4D5E6F-20261109","legal_monetary_total":{}}"#, &URL_SAFE);
        for other in ["5e0f7a22-0000-4000-8000-000000000000", "00000000-x", "ZZZZZZZZ"] {
            let error = Content::read(&sealed.open(&keys(other)).unwrap()).unwrap_err();
            assert_eq!(
                (error.kind(), error.get("code")),
                (ErrorKind::Payload, Some("not_readable")),
                "{other}"
            );
            assert!(!format!("{error:?}").contains(other), "no secret in an error");
        }
        for short in ["", "-", "5e0f7a2-1", "5e0f7a211-0"] {
            let error = sealed.open(&keys(short)).unwrap_err();
            assert_eq!((error.kind(), error.get("field")), (ErrorKind::Config, Some("api_key")), "{short:?}");
        }
    }

    #[test]
    fn each_malformed_part_is_named() {
        let good = seal(b"{}", &URL_SAFE);
        let with = |iv_hex: &str, public: &str, data: &str| Envelope {
            iv_hex: iv_hex.into(),
            public: public.into(),
            data: data.into(),
        };
        for (envelope, field) in [
            (with("00", &good.public, &good.data), "iv_hex"),
            (with(&"0g".repeat(16), &good.public, &good.data), "iv_hex"),
            (with(&"é".repeat(16), &good.public, &good.data), "iv_hex"),
            (with(&good.iv_hex, "short", &good.data), "pub"),
            (with(&good.iv_hex, &"x".repeat(25), &good.data), "pub"),
            (with(&good.iv_hex, &good.public, ""), "data"),
            (with(&good.iv_hex, &good.public, "="), "data"),
            (with(&good.iv_hex, &good.public, "a+b_"), "data"),
            (with(&good.iv_hex, &good.public, "not base64!"), "data"),
            (with(&good.iv_hex, &good.public, &"A".repeat(LONGEST / 3 * 4 + 8)), "data"),
        ] {
            let error = envelope.open(&keys(API_KEY)).unwrap_err();
            assert_eq!((error.kind(), error.get("field")), (ErrorKind::Payload, Some(field)), "{envelope:?}");
        }
    }

    #[test]
    fn the_irn_must_be_the_one_asked_for_once() {
        let asked = "A-3C4D5E6F-20261109";
        let of = |json: &str| Content::read(json.as_bytes()).unwrap().is_of(asked);
        assert!(of(r#"{"irn":"A-3C4D5E6F-20261109"}"#).is_ok());
        for (json, code) in [
            (r#"{"irn":"B-3C4D5E6F-20261109"}"#, "irn_differs"),
            (r#"{"irn":"a-3C4D5E6F-20261109"}"#, "irn_differs"),
            (r#"{"irn":""}"#, "irn_missing"),
            (r#"{"irn":"A-3C4D5E6F-20261109","irn":"B"}"#, "irn_missing"),
            ("{}", "irn_missing"),
        ] {
            assert_eq!(of(json).unwrap_err().get("code"), Some(code), "{json}");
        }
    }

    #[test]
    fn wrappings_without_end_are_given_up() {
        let mut text = r#"{"irn":"A"}"#.to_owned();
        for _ in 0..20 {
            text = STANDARD.encode(text);
        }
        assert!(Content::read(text.as_bytes()).is_err());
        let lists = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(Content::read(lists.as_bytes()).is_err());
        assert!(Content::read("{\"data\":".repeat(100_000).as_bytes()).is_err());
    }
}
