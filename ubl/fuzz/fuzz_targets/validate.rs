//! No bytes make the rules panic, every fault says where and what, and rule sets are judged independently.
#![no_main]

use taxpoynt_ubl::{Fault, Ruleset, validate};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Ok(all) = validate(bytes, Ruleset::ALL) else { return };
    for fault in &all {
        assert!(fault.path.starts_with('/'), "{fault:?}");
        assert!(!fault.id.is_empty() && !fault.message.is_empty(), "{fault:?}");
    }
    for ruleset in Ruleset::ALL {
        let alone = validate(bytes, &[*ruleset]).expect("what is judged by all can be judged by one");
        let among: Vec<&Fault> = all.iter().filter(|fault| fault.ruleset == *ruleset).collect();
        assert!(alone.iter().eq(among), "{ruleset} says something else alone than beside the others");
    }
});
