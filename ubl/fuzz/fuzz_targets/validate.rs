//! No bytes make the rules panic.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = taxpoynt_ubl::validate(bytes, taxpoynt_ubl::Ruleset::ALL);
});
