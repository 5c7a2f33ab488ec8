//! Rule files to start from: each is commented for a bookkeeper, loads as it stands, and is tried out in a test.

/// A rule file to start from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct RuleTemplate {
    /// `deal-to-invoice`.
    pub name: &'static str,
    /// What it is for, in one sentence.
    pub about: &'static str,
    /// The file. Its comments say what to fill in; lines that start with `# record:` and `# gives:` are its example.
    pub text: &'static str,
}

macro_rules! template {
    ($name:literal, $about:literal) => {
        RuleTemplate { name: $name, about: $about, text: include_str!(concat!("templates/", $name, ".toml")) }
    };
}

/// All of them.
pub(super) static TEMPLATES: [RuleTemplate; 6] = [
    template!(
        "deal-to-invoice",
        "A CRM's deal becomes an invoice at a stage of its pipeline, after a person has approved it."
    ),
    template!(
        "sale-to-invoice",
        "A till's sale becomes an invoice that names the table, the receipt and how it was paid."
    ),
    template!(
        "deposit",
        "A deposit is a deal of its own, invoiced before the work and tied to it by its order number."
    ),
    template!(
        "recurring",
        "A subscription or rent: one record a period, with the period and the contract on the invoice."
    ),
    template!(
        "service",
        "Services by the hour or the day, with the service code that the tax authority wants."
    ),
    template!("credit-note", "A refund becomes a credit note that says why, after a person has approved it."),
];
