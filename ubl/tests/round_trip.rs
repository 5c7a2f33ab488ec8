//! What is written is read back.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says so by panicking")]

mod common;

use common::Maker;
use proptest::prelude::*;
use taxpoynt_ubl::{parse, to_xml};

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_field_that_ubl_can_carry_comes_back(seed: u64) {
        let invoice = Maker::new(seed).invoice();
        let xml = to_xml(&invoice).unwrap();
        let read = parse(&xml).unwrap();
        prop_assert_eq!(&read, &invoice, "{}", String::from_utf8_lossy(&xml));
        prop_assert_eq!(to_xml(&read).unwrap(), xml);
    }
}
