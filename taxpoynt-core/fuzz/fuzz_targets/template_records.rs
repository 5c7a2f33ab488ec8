#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| taxpoynt_core_fuzz::run("template_records", bytes));
