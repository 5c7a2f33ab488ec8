//! The QR stamp: exact plaintext, the authority's padding, every form of the key file, and pictures that agree.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail as tests do")]

use aws_lc_rs::{
    encoding::{AsDer, PublicKeyX509Der},
    rsa::{
        KeySize, OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, Pkcs1PrivateDecryptingKey,
        PrivateDecryptingKey,
    },
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use std::sync::OnceLock;
use taxpoynt_core::{
    ErrorKind,
    stamp::{CryptoKeys, QrLevel, Stamp, StampTime, plaintext},
};
use taxpoynt_ubl::Irn;

mod firs_support;
use firs_support::{Tree, reference, sample};
use taxpoynt_core::stamp::{QrStamper, Stamper};

const CERTIFICATE: &str = "Y2VydGlmaWNhdGUtb2YtYS10ZXN0LWJ1c2luZXNz+/=";

/// One throwaway key for the whole file: making it is slow.
fn private() -> &'static PrivateDecryptingKey {
    static KEY: OnceLock<PrivateDecryptingKey> = OnceLock::new();
    KEY.get_or_init(|| PrivateDecryptingKey::generate(KeySize::Rsa2048).unwrap())
}

fn pem() -> String {
    pem_of(private())
}

fn pem_of(key: &PrivateDecryptingKey) -> String {
    let der: PublicKeyX509Der<'_> = key.public_key().as_der().unwrap();
    let text = STANDARD.encode(der.as_ref());
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|l| std::str::from_utf8(l).unwrap()).collect();
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"))
}

fn json_file(public_key: &str, certificate: &str) -> String {
    serde_json::json!({ "public_key": public_key, "certificate": certificate }).to_string()
}

fn keys() -> CryptoKeys {
    CryptoKeys::parse(&json_file(&STANDARD.encode(pem()), CERTIFICATE)).unwrap()
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn irn() -> Irn {
    Irn::parse("OGI000042-3C4D5E6F-20261109").unwrap()
}

fn opened(stamp: &Stamp) -> String {
    let block = STANDARD.decode(stamp.payload()).unwrap();
    let key = Pkcs1PrivateDecryptingKey::new(private().clone()).unwrap();
    let mut room = vec![0; key.min_output_size()];
    String::from_utf8(key.decrypt(&block, &mut room).unwrap().to_vec()).unwrap()
}

#[test]
fn the_plaintext_matches_every_vector_byte_for_byte() {
    use sha2::Digest as _;
    let vectors = Tree::parse(&reference("vectors/stamp-vectors.json"));
    let cases = vectors.at("cases").items();
    assert!(!cases.is_empty());
    for case in cases {
        let irn = Irn::parse(&case.at("irn").text()).unwrap();
        let written = plaintext(&irn, &case.at("timestamp").text(), &case.at("certificate").text());
        assert_eq!(written, case.at("plaintext").text());
        assert_eq!(written.len().to_string(), case.at("plaintext_len").number().to_string());
        let digest: String =
            sha2::Sha256::digest(written.as_bytes()).iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(digest, case.at("plaintext_sha256").text());
    }
}

#[test]
fn a_certificate_is_escaped_as_json() {
    assert_eq!(
        plaintext(&irn(), "1", "a\"b\\c"),
        r#"{"irn":"OGI000042-3C4D5E6F-20261109.1","certificate":"a\"b\\c"}"#
    );
}

#[test]
fn a_stamp_opens_under_the_authoritys_padding_and_no_other() {
    let stamp = keys().stamp(&irn(), at(1_794_226_000)).unwrap();
    assert_eq!(stamp.payload().len(), 344);
    let expected =
        format!(r#"{{"irn":"OGI000042-3C4D5E6F-20261109.1794226000","certificate":"{CERTIFICATE}"}}"#);
    assert_eq!(opened(&stamp), expected);

    let oaep = OaepPrivateDecryptingKey::new(private().clone()).unwrap();
    let block = STANDARD.decode(stamp.payload()).unwrap();
    let mut room = vec![0; oaep.min_output_size()];
    assert!(oaep.decrypt(&OAEP_SHA256_MGF1SHA256, &block, &mut room, None).is_err());
}

#[test]
fn two_stamps_of_one_document_differ() {
    let keys = keys();
    let (one, two) = (keys.stamp(&irn(), at(1)).unwrap(), keys.stamp(&irn(), at(1)).unwrap());
    assert_ne!(one, two);
    assert_eq!(opened(&one), opened(&two));
}

#[test]
fn the_time_can_be_the_local_time_of_day() {
    let stamper = QrStamper::new(keys()).with_time(StampTime::LocalTimeOfDay);
    let morning: DateTime<Utc> = "2026-11-09T07:23:07.045Z".parse().unwrap();
    let stamp = stamper.stamp(&sample(), &irn(), morning).unwrap();
    // Lagos is an hour ahead.
    assert!(
        opened(&stamp).starts_with(r#"{"irn":"OGI000042-3C4D5E6F-20261109.082307045""#),
        "{}",
        opened(&stamp)
    );
}

#[test]
fn every_form_of_the_key_file_is_read() {
    let pem = pem();
    let forms = [
        json_file(&STANDARD.encode(&pem), CERTIFICATE),
        json_file(&pem, CERTIFICATE),
        format!("\u{feff}  {}\n", json_file(&pem.replace('\n', "\r\n"), CERTIFICATE)),
        format!("{pem}{CERTIFICATE}\n"),
        format!("{}\r\n\r\n{CERTIFICATE}\r\n", pem.replace('\n', "\r\n")),
    ];
    for form in forms {
        let stamp = CryptoKeys::parse(&form).unwrap().stamp(&irn(), at(5)).unwrap();
        assert!(opened(&stamp).ends_with(&format!(r#""certificate":"{CERTIFICATE}"}}"#)), "{form}");
    }
}

#[test]
fn a_bad_key_file_names_what_is_missing_and_repeats_nothing() {
    let pem = pem();
    let small = STANDARD.encode([7_u8; 60]);
    let cases = [
        (String::new(), "public_key"),
        ("hello".to_owned(), "public_key"),
        (r#"{"certificate":"SECRETVALUE"}"#.to_owned(), "public_key"),
        (r#"{"public_key":7,"certificate":"SECRETVALUE"}"#.to_owned(), "public_key"),
        (r#"{"public_key":"SECRETVALUE","#.to_owned(), "public_key"),
        (json_file("%%%", "SECRETVALUE"), "public_key"),
        (json_file(&small, "SECRETVALUE"), "public_key"),
        (json_file(&pem.replace("PUBLIC", "PRIVATE"), "SECRETVALUE"), "public_key"),
        (
            json_file(&format!("-----BEGIN PUBLIC KEY-----\n{small}\n-----END PUBLIC KEY-----"), "x"),
            "public_key",
        ),
        (json_file(&pem, " "), "certificate"),
        (serde_json::json!({ "public_key": pem }).to_string(), "certificate"),
        (pem.clone(), "certificate"),
        (format!("{pem}SECRETVALUE\nSECRETVALUE"), "certificate"),
    ];
    for (file, field) in cases {
        let error = CryptoKeys::parse(&file).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{file}");
        assert_eq!(error.get("field"), Some(field), "{file}: {error}");
        assert!(!format!("{error:?}").contains("SECRETVALUE"), "{error:?}");
    }
}

#[test]
fn a_key_of_another_size_is_refused() {
    let long = PrivateDecryptingKey::generate(KeySize::Rsa3072).unwrap();
    let error = CryptoKeys::parse(&json_file(&pem_of(&long), CERTIFICATE)).unwrap_err();
    assert_eq!(error.message(), "public_key has 3072 bits; the authority's keys have 2048");
}

#[test]
fn a_certificate_too_long_for_one_block_is_an_error_not_a_broken_stamp() {
    let keys = CryptoKeys::parse(&json_file(&pem(), &"x".repeat(200))).unwrap();
    let error = keys.stamp(&irn(), at(1)).unwrap_err();
    assert_eq!((error.kind(), error.get("field")), (ErrorKind::Config, Some("certificate")));
}

#[test]
fn keys_are_redacted_in_debug() {
    let shown = format!("{:?} {:?}", keys(), QrStamper::new(keys()));
    assert!(!shown.contains(CERTIFICATE) && shown.contains("redacted"), "{shown}");
}

/// Dark modules, read back from the PNG; the quiet zone included.
fn modules(image: &[u8]) -> (usize, Vec<Vec<bool>>) {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(image));
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    let width = info.width as usize;
    let row = |y: usize| &pixels[y * info.line_size..y * info.line_size + width];
    // The finder pattern starts at the end of the quiet zone: seven modules of dark.
    let quiet = (0..width).find(|n| row(*n)[*n] == 0).unwrap();
    let scale = quiet / 4;
    assert_eq!(row(quiet)[quiet..quiet + 7 * scale], vec![0; 7 * scale]);
    let side = width / scale;
    let middle = |n: usize| n * scale + scale / 2;
    (width, (0..side).map(|y| (0..side).map(|x| row(middle(y))[middle(x)] == 0).collect()).collect())
}

#[test]
fn the_png_has_the_size_that_was_measured_and_a_quiet_zone_of_four() {
    let stamp = keys().stamp(&irn(), at(1)).unwrap();
    let vectors = Tree::parse(&reference("vectors/stamp-vectors.json"));
    for (level, name) in [(QrLevel::L, "L"), (QrLevel::M, "M"), (QrLevel::H, "H")] {
        let (width, modules) = modules(&stamp.qr_png_at(level).unwrap());
        let measured = vectors.at("qr_modules_by_level").at(name).number();
        assert_eq!((modules.len() - 8).to_string(), measured.to_string());
        assert_eq!(stamp.symbol(level).unwrap().side(), modules.len() - 8);
        assert!(width >= 300, "{width}");
        let side = modules.len();
        let quiet = |n: usize| n < 4 || n >= side - 4;
        for (y, row) in modules.iter().enumerate() {
            assert!(row.iter().enumerate().all(|(x, dark)| !dark || !(quiet(x) || quiet(y))));
        }
    }
}

#[test]
fn on_a_till_roll_modules_are_whole_dots_in_the_middle_of_the_paper() {
    let stamp = keys().stamp(&irn(), at(1)).unwrap();
    let symbol = stamp.symbol(QrLevel::M).unwrap();
    // 58 mm and 80 mm paper at 203 dpi, the narrowest head that will do, and one whose rows end within a byte.
    for (dots, scale) in [(384, 4), (576, 7), (243, 3), (389, 4)] {
        let image = stamp.qr_png_for_roll(dots).unwrap();
        let mut decoder = png::Decoder::new(std::io::Cursor::new(&image));
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        let (width, height) = (info.width as usize, info.height as usize);
        assert_eq!((info.width, height), (dots, (symbol.side() + 8) * scale));
        let left = (width - symbol.side() * scale) / 2;
        assert!(left >= 4 * scale, "the quiet zone");
        for y in 0..height {
            for x in 0..width {
                let module = |n: usize, start: usize| n.checked_sub(start).map_or(usize::MAX, |n| n / scale);
                let dark = symbol.is_dark(module(x, left), module(y, 4 * scale));
                assert_eq!(pixels[y * info.line_size + x] == 0, dark, "{dots}: {x}, {y}");
            }
        }
    }
    for dots in [0, 242, 9922, u32::MAX] {
        let error = stamp.qr_png_for_roll(dots).unwrap_err();
        assert_eq!((error.kind(), error.get("field")), (ErrorKind::Config, Some("dots")));
        assert!(error.message().contains(&format!("{dots} dots")), "{error}");
    }
}

#[test]
fn the_way_to_write_the_time_is_data() {
    assert_eq!(StampTime::parse("unix_seconds").unwrap(), StampTime::UnixSeconds);
    assert_eq!(StampTime::parse("local_time_of_day").unwrap(), StampTime::LocalTimeOfDay);
    let error = StampTime::parse("Unix").unwrap_err();
    assert_eq!((error.kind(), error.get("field")), (ErrorKind::Config, Some("time")));
}

#[test]
fn png_svg_and_terminal_show_the_same_code() {
    let stamp = keys().stamp(&irn(), at(1)).unwrap();
    let (_, modules) = modules(&stamp.qr_png().unwrap());

    let svg = stamp.qr_svg().unwrap();
    let mut drawn = vec![vec![false; modules.len()]; modules.len()];
    let path = svg.split(" d=\"").nth(1).unwrap().split('"').next().unwrap();
    for part in path.split('M').filter(|p| !p.is_empty()) {
        let (start, length) = part.split_once('h').unwrap();
        let (x, y) = start.split_once(' ').unwrap();
        let length: usize = length.split('v').next().unwrap().parse().unwrap();
        let (x, y): (usize, usize) = (x.parse().unwrap(), y.parse().unwrap());
        drawn[y][x..x + length].fill(true);
    }
    assert_eq!(drawn, modules);

    let text = stamp.qr_text().unwrap();
    let mut read: Vec<Vec<bool>> = Vec::new();
    for line in text.lines() {
        read.push(line.chars().map(|c| c == ' ' || c == '▄').collect());
        read.push(line.chars().map(|c| c == ' ' || c == '▀').collect());
    }
    read.truncate(modules.len());
    assert_eq!(read, modules);
}

#[test]
fn a_stored_stamp_is_read_back_as_it_was() {
    let stamp = keys().stamp(&irn(), at(1)).unwrap();
    assert_eq!(Stamp::new(stamp.payload()).unwrap(), stamp);
    for bad in ["", "with space", "ünicode"] {
        assert!(Stamp::new(bad).is_err(), "{bad}");
    }
    assert!(Stamp::new("x".repeat(1274)).is_err());
    assert!(Stamp::new("x".repeat(1273)).unwrap().qr_png_at(QrLevel::H).is_ok());
}
