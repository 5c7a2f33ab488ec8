//! Of any bytes our reader makes the same tree as quick-xml, or both refuse them.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    assert_eq!(taxpoynt_ubl::difference(bytes), None);
});
