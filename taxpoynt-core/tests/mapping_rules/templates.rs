//! The rule files to start from: each loads, does what its example says, and says nothing but the truth about amounts.

use crate::examples::check;
use std::collections::BTreeSet;
use taxpoynt_core::mapping::Rules;

#[test]
fn every_template_is_commented_and_gives_what_its_example_says() {
    let names: Vec<&str> = Rules::templates().iter().map(|template| template.name).collect();
    assert_eq!(
        names,
        ["deal-to-invoice", "sale-to-invoice", "deposit", "recurring", "service", "credit-note"]
    );
    for template in Rules::templates() {
        check(template.text);
        assert!(
            template.text.starts_with("# ") && template.text.contains("\n# What to fill in: "),
            "{}",
            template.name
        );
        assert!(template.about.ends_with('.') && template.text.contains("\n# gives: "), "{}", template.name);
    }
    let about: BTreeSet<&str> = Rules::templates().iter().map(|template| template.about).collect();
    assert_eq!(about.len(), names.len());
}

#[test]
fn a_templates_rules_hold_their_tongue_where_the_record_says_nothing() {
    for template in Rules::templates() {
        // The example with an empty record: texts of fields that are missing are not half-written.
        let empty = match template.name {
            "sale-to-invoice" => "{\"order\": {\"id\": \"1\"}}",
            "credit-note" => "{\"order\": {\"id\": \"1\"}, \"refund\": {}}",
            _ => "{\"deal\": {\"id\": \"1\"}}",
        };
        let lines = template.text.lines().filter(|line| {
            !["# record:", "# gives:", "# becomes:"].iter().any(|start| line.starts_with(start))
        });
        let rules: String = lines.flat_map(|line| [line, "\n"]).collect();
        let note = if template.name == "sale-to-invoice" { "Thank you for your custom." } else { "nothing" };
        check(&format!("# record: {empty}\n# gives: note = {note}\n{rules}"));
    }
}
