//! What is read can be written, read again equal, and written again to the same bytes.
#![no_main]

use taxpoynt_ubl::{parse, to_xml};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(invoice) = parse(bytes) else { return };
    let Ok(xml) = to_xml(&invoice) else { return };
    let again = parse(&xml).expect("what is written can be read");
    assert_eq!(again, invoice, "and is equal then");
    assert_eq!(to_xml(&again).expect("and written again"), xml);
});
