//! No bytes make the reader panic, and what it reads can be written and read again.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(invoice) = taxpoynt_ubl::parse(bytes)
        && let Ok(xml) = taxpoynt_ubl::to_xml(&invoice)
    {
        let again = taxpoynt_ubl::parse(&xml).expect("what is written can be read");
        assert_eq!(taxpoynt_ubl::to_xml(&again).expect("and written again"), xml);
    }
});
