//! The crates that do the same work, by the calls their documentation names for it.

use crate::race::Race;
use core_invoice_formats::{peppol_syntax, ubl as core_ubl};
use en16931_formats::{Policy, Recommendation, Syntax, receive};

/// What each peer made of the document before the race.
pub(crate) struct Peers<'a> {
    text: &'a str,
    en16931: en16931::Invoice,
    core: core_invoice::Invoice,
}

impl<'a> Peers<'a> {
    /// Reads the document once with each.
    pub(crate) fn of(text: &'a str) -> Self {
        let en16931 = en16931_formats::read(text.as_bytes()).unwrap().invoice;
        let core = core_ubl::read(text).unwrap().invoice;
        Self { text, en16931, core }
    }

    /// Says what they think of it.
    pub(crate) fn say(&self) {
        let received = receive(self.text.as_bytes(), &Policy::default());
        assert_eq!(received.recommendation, Recommendation::Accept, "{:?}", received.reasons);
        println!("  en16931 reads and accepts it, writes {}", size(&write_en16931(&self.en16931)));
        let whole = match core_invoice_formats::validate_xml(self.text, None) {
            Ok(report) => format!("finds {} faults", report.findings.len()),
            Err(refusal) => format!("refuses it ({refusal}), so the calls inside are measured instead"),
        };
        println!("  core-invoice {whole}, writes {}", size(&core_ubl::write_unchecked(&self.core)));
    }

    /// Enters them into a race: reading, judging, writing.
    pub(crate) fn enter<'r>(&'r self, race: &mut Race<'r>) {
        let bytes = self.text.as_bytes();
        race.add("en16931: read", bytes, || en16931_formats::read(bytes).unwrap());
        race.add("en16931: receive", bytes, || receive(bytes, &Policy::default()));
        let written = write_en16931(&self.en16931);
        race.add("en16931: write", written.as_bytes(), || write_en16931(&self.en16931));
        race.add("core-invoice: read", bytes, || core_ubl::read(self.text).unwrap());
        race.add("core-invoice: validate", bytes, || validate_core(self.text));
        let written = core_ubl::write_unchecked(&self.core);
        race.add("core-invoice: write", written.as_bytes(), || core_ubl::write_unchecked(&self.core));
    }
}

fn size(xml: &str) -> String {
    format!("{} elements in {} bytes", crate::limits::elements(xml.as_bytes()), xml.len())
}

fn write_en16931(invoice: &en16931::Invoice) -> String {
    en16931_formats::write_unchecked(invoice, Syntax::Ubl).unwrap().xml
}

/// `validate_xml`, but where the document is over its limit of 10 MiB the calls inside it that are public: all but the one
/// that looks at currency codes.
fn validate_core(text: &str) -> core_invoice::Report {
    core_invoice_formats::validate_xml(text, None).unwrap_or_else(|_| {
        let invoice = core_ubl::read(text).unwrap().invoice;
        let mut report = core_invoice::validate(&invoice);
        peppol_syntax::apply(text, &invoice, &mut report);
        report
    })
}
