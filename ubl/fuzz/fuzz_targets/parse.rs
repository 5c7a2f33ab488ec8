//! No bytes make the reader panic; what it refuses, it refuses in a sentence that names a place in the document.
#![no_main]

use taxpoynt_ubl::{Error, Ruleset, parse, validate};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    match parse(bytes) {
        Ok(_) => assert!(validate(bytes, &[]).is_ok(), "what can be read can be judged"),
        Err(Error::Xml { position, message }) => {
            assert!(position <= bytes.len() as u64, "{position} is outside the document");
            assert!(!message.is_empty());
            assert!(validate(bytes, Ruleset::ALL).is_err(), "what is not XML cannot be judged");
        }
        Err(Error::Document { path, message }) => {
            assert!(path.starts_with('/'), "{path}");
            assert!(!message.is_empty());
        }
        Err(other) => assert!(!other.to_string().is_empty()),
    }
});
