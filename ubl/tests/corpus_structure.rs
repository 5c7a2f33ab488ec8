//! The structure rules beside the verdict of the UBL 2.1 schema on every document of the corpus.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says so by panicking")]

#[path = "common/corpus.rs"]
mod corpus;

use taxpoynt_ubl::{Ruleset, Severity, rule_ids, validate};

#[test]
fn the_verdict_on_every_document_is_that_of_the_schema() {
    let mut refused = 0;
    let mut wrong = Vec::new();
    let cases = corpus::cases();
    for case in &cases {
        let faults = validate(&case.xml, &[Ruleset::Ubl21]).unwrap_or_else(|e| panic!("{}: {e}", case.id));
        assert!(faults.iter().all(|fault| rule_ids(Ruleset::Ubl21).contains(&fault.id)), "{}", case.id);
        let valid = !faults.iter().any(|fault| fault.severity == Severity::Fatal);
        refused += usize::from(!valid);
        if valid != case.schema_valid {
            wrong.push(format!("{}: the schema says {}; {faults:?}", case.id, case.schema_valid));
        }
    }
    println!(
        "{} of {} documents as the schema has it, {refused} of them refused",
        cases.len() - wrong.len(),
        cases.len()
    );
    assert!(cases.len() > 2500, "the corpus is not whole: {} documents", cases.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
