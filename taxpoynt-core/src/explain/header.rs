//! The head of a document: numbers, dates, references and remarks.

use super::{
    entry::Origin,
    place::Place,
    subject::{Explainer, IssueDay, Made, Told, calculated, fixed, setting},
};
use taxpoynt_ubl::{DocumentType, InvoiceKind};

impl Explainer<'_> {
    pub(super) fn header(&self, place: &Place<'_>, value: &str) -> Option<Told> {
        let invoice = self.subject.invoice;
        Some(match place.names().as_slice() {
            ["CustomizationID"] => fixed(
                "every document of ours follows Peppol BIS Billing 3.0, which names itself (PEPPOL-EN16931-R004)",
            ),
            ["ProfileID"] => {
                fixed("the business process of Peppol BIS Billing 3.0 is billing (PEPPOL-EN16931-R001)")
            }
            ["ID"] => {
                let (series, sequence) = self.subject.series;
                Origin::Numbering { series: series.to_owned(), sequence }.into()
            }
            ["IssueDate"] => self.issue_date(),
            ["IssueTime"] => {
                let of = format!("the engine's clock when it was prepared, in {}", self.own_zone());
                Origin::Clock { of }.into()
            }
            ["type"] => fixed(type_code(invoice.document_type)),
            ["Note"] => self.note(value)?,
            ["DueDate"] | ["PaymentMeans" | "PaymentTerms", "PaymentDueDate"] => self.due_date(),
            ["TaxPointDate"] => self.tax_point(),
            ["DocumentCurrencyCode"] => self.currency(),
            ["TaxCurrencyCode"] => fixed("Nigeria's tax is accounted in naira (BT-6, BR-53)"),
            ["BuyerReference"] => self.buyer_reference(),
            ["OrderReference", "ID"] => self.field("order_reference")?,
            ["BillingReference", "InvoiceDocumentReference", name] => self.reference(place.nth(0), name)?,
            ["AdditionalDocumentReference", name] => self.additional(place.nth(0), name, value)?,
            ["TaxExchangeRate", name] => self.exchange_rate(name)?,
            _ => return None,
        })
    }

    fn zone(&self) -> String {
        let location = self.sale().and_then(|sale| sale.location.as_ref()?.timezone.clone());
        location.filter(|zone| zone.parse::<chrono_tz::Tz>().is_ok()).unwrap_or_else(|| self.own_zone())
    }

    /// The tenant's own timezone.
    fn own_zone(&self) -> String {
        match self.subject.tenant {
            Some(tenant) => tenant.timezone.clone().unwrap_or_else(|| "Africa/Lagos".to_owned()),
            None => "the tenant's timezone of then".to_owned(),
        }
    }

    /// A target of the rules, which a note takes over from the document it corrects.
    pub(super) fn field(&self, target: &str) -> Option<Told> {
        match self.subject.made {
            Made::FromRecord(_) => self.rule(target),
            Made::TakesBack(original) | Made::AddsTo(original) => Some(self.taken_over(original)),
        }
    }

    fn issue_date(&self) -> Told {
        match self.subject.issued {
            IssueDay::OfSale => {
                self.tax_point().written("no issue date was given, so it is the day of the sale")
            }
            IssueDay::Given => Origin::Asked {
                what: "the issue_date that was given when the record was converted".to_owned(),
            }
            .into(),
            IssueDay::Prepared => {
                let zone = self.own_zone();
                let of = format!("the day it was first prepared, by the engine's clock in {zone}");
                Origin::Clock { of }.into()
            }
        }
    }

    fn due_date(&self) -> Told {
        let invoice = self.subject.invoice;
        let Made::FromRecord(_) = self.subject.made else {
            return calculated("nothing more is agreed, so it is due on the day of issue");
        };
        let is_issue_date = invoice.due_date == Some(invoice.issue_date);
        let later = |day: &str| format!("{day} is before the day of issue, so it is that day");
        if let Some(rule) = self.rule("due_date") {
            let said = self.decided("due_date").unwrap_or_default();
            let moved = is_issue_date && said != invoice.issue_date.to_string();
            return rule.written_if(moved, || later(said));
        }
        let days = self.rule("due_days");
        let Some(rule) = days else {
            return calculated("no rule sets a due date, so it is due on the day of issue");
        };
        let count = self.decided("due_days").unwrap_or_default();
        let from = invoice.tax_point_date.unwrap_or(invoice.issue_date);
        let after = format!("{count} days after {from}");
        let day = count.parse().ok().and_then(|days| from.checked_add_days(chrono::Days::new(days)));
        let moved = is_issue_date && day != Some(invoice.issue_date);
        rule.written(if moved { format!("{after}; {}", later("that")) } else { after })
    }

    fn tax_point(&self) -> Told {
        if let Made::TakesBack(original) | Made::AddsTo(original) = self.subject.made {
            return self.taken_over(original);
        }
        let field = match self.sale() {
            Some(sale) if sale.closed_at.is_some() => "sale.closed_at",
            Some(sale) if sale.created_at.is_some() => "sale.created_at",
            Some(_) => {
                let of = "the record does not say when the sale was made: the day it was first prepared";
                return Origin::Clock { of: of.to_owned() }.into();
            }
            None => "sale.closed_at",
        };
        self.copied(field).written(format!("its day in {}", self.zone()))
    }

    pub(super) fn currency(&self) -> Told {
        match (self.subject.made, self.sale()) {
            (Made::TakesBack(original) | Made::AddsTo(original), _) => self.taken_over(original),
            (_, Some(sale)) if sale.currency.is_none() => setting("currency"),
            _ => self.copied("sale.currency"),
        }
    }

    fn note(&self, value: &str) -> Option<Told> {
        let told = match self.subject.made {
            Made::TakesBack(original) => Origin::Original {
                number: original.number.clone(),
                what: "says why it takes back".to_owned(),
            }
            .into(),
            Made::AddsTo(original) => {
                let what = format!("the reason given for the debit note to {}", original.number);
                Origin::Asked { what }.into()
            }
            Made::FromRecord(_) => match self.rule("note") {
                Some(rule) => rule,
                None => return Some(self.rate()?.written("policy.exchange_rate_note puts the rate here")),
            },
        };
        let said = self.decided("note").unwrap_or(value);
        let subject_code = value.starts_with("#AAI#") && !said.starts_with("#AAI#");
        let has_rate = value.trim_start_matches("#AAI#") != said && value.contains(said);
        Some(if subject_code {
            told.written("#AAI# stands before it, so that its own # is not read as a code (BR-CL-08)")
        } else {
            told.written_if(has_rate, || {
                "policy.exchange_rate_note puts the rate of exchange after it".into()
            })
        })
    }

    fn buyer_reference(&self) -> Told {
        let invoice = self.subject.invoice;
        let stated = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.trim().is_empty());
        if stated(&invoice.buyer_reference)
            && let Some(told) = self.field("buyer_reference")
        {
            return told;
        }
        let instead = "stands in for the buyer's reference, which is required (PEPPOL-EN16931-R003)";
        if stated(&invoice.order_reference)
            && let Some(told) = self.field("order_reference")
        {
            return told.written(instead);
        }
        self.id().written(instead)
    }

    /// The platform's id of the record.
    fn id(&self) -> Told {
        match self.subject.made {
            Made::TakesBack(original) | Made::AddsTo(original) => self.taken_over(original),
            Made::FromRecord(_) => self.copied("sale.id"),
        }
    }

    fn reference(&self, nth: usize, name: &str) -> Option<Told> {
        let reference = self.subject.invoice.references.get(nth)?;
        let is_note = matches!(self.subject.made, Made::AddsTo(_));
        let of = if is_note { "of the invoice it adds to," } else { "of the invoice it takes back from," };
        let what = match name {
            "ID" if reference.irn.is_some() => format!("the IRN {of}"),
            "ID" | "DocumentDescription" => format!("the number {of}"),
            "IssueDate" => format!("the issue date {of}"),
            _ => return None,
        };
        Some(Origin::Original { number: reference.number.clone(), what }.into())
    }

    /// What UBL has no element for stands in additional document references.
    fn additional(&self, nth: usize, name: &str, value: &str) -> Option<Told> {
        let fact = Fact::of(self.facts.get(nth)?)?;
        if name == "DocumentDescription" {
            return Some(fixed(match fact {
                Fact::Irn => "says that the IRN stands here: UBL has no element for it",
                Fact::Source => "says that the platform's id stands here: UBL has no element for it",
                Fact::Kind => "says that B2B, B2C or B2G stands here: UBL has no element for it",
                Fact::Status => "says that the payment status stands here: UBL has no element for it",
                Fact::BuyerReference => {
                    "says that the buyer's own reference stands here, because it equals what would stand in for it"
                }
            }));
        }
        Some(match fact {
            Fact::Irn => {
                let invoice = self.subject.invoice;
                let service_id = value.split('-').nth(1).unwrap_or_default();
                let day = invoice.issue_date.format("%Y%m%d");
                calculated(format!(
                    "the IRN, as the authority wants it made: number {}, the tenant's service_id {service_id}, \
                     issue date {day}",
                    invoice.number
                ))
            }
            Fact::Source => self.id(),
            Fact::Kind => self.kind(),
            Fact::Status => {
                let is_refund = self.subject.invoice.document_type == DocumentType::CreditNote;
                self.copied(if is_refund { "refund.paid" } else { "sale.paid" })
                    .written("paid in full is PAID")
            }
            Fact::BuyerReference => self.field("buyer_reference")?,
        })
    }

    fn kind(&self) -> Told {
        if let Made::TakesBack(original) | Made::AddsTo(original) | Made::FromRecord(Some(original)) =
            self.subject.made
        {
            return self.taken_over(original);
        }
        let why = match self.subject.invoice.kind {
            InvoiceKind::B2G => "the buyer is a government body",
            InvoiceKind::B2B => "the buyer is an organisation, or has a TIN",
            _ => "the buyer is neither an organisation nor a government body and has no TIN",
        };
        self.copied("customer.kind").written(why)
    }

    fn exchange_rate(&self, name: &str) -> Option<Told> {
        Some(match name {
            "SourceCurrencyCode" => self.currency(),
            "TargetCurrencyCode" => fixed("Nigeria's tax is accounted in naira (BT-6, BR-53)"),
            "MathematicOperatorCode" => fixed("the tax times the rate is the tax in naira"),
            "ExchangeMarketID" => self.rate()?.written("who published it"),
            "CalculationRate" => self.rate()?.written("the rate that holds on the day of the sale"),
            "Date" => self.rate()?.written("the first day it holds"),
            _ => return None,
        })
    }

    /// Who gave the rate of exchange.
    fn rate(&self) -> Option<Told> {
        if let Made::TakesBack(original) | Made::AddsTo(original) = self.subject.made {
            return Some(self.taken_over(original));
        }
        Some(match self.kept("tax_exchange_rate")?.rule.as_str() {
            "rates:tenant" => setting("exchange_rates"),
            "rates:original" => {
                let number = self.subject.invoice.references.first().map(|r| r.number.clone());
                let what = "the rate of the invoice it takes back from,".to_owned();
                Origin::Original { number: number.unwrap_or_default(), what }.into()
            }
            _ => Origin::Rate { given_by: "the rate of exchange that the host's source gave".to_owned() }
                .into(),
        })
    }
}

/// What an additional document reference holds.
#[derive(Clone, Copy)]
enum Fact {
    Irn,
    Source,
    Kind,
    Status,
    BuyerReference,
}

impl Explainer<'_> {
    /// What an additional document reference is called, by what it holds.
    pub(super) fn words_of_fact(&self, place: &Place<'_>) -> Option<String> {
        let names = place.names();
        let ["AdditionalDocumentReference", name] = names.as_slice() else { return None };
        let words = match Fact::of(self.facts.get(place.nth(0))?)? {
            Fact::Irn => "IRN (invoice reference number)",
            Fact::Source => "The platform's id of the record",
            Fact::Kind => "Kind of buyer: B2B, B2C or B2G",
            Fact::Status => "Payment status",
            Fact::BuyerReference => "The buyer's own reference",
        };
        Some(if *name == "ID" { words.to_owned() } else { format!("{words}: what it is called") })
    }
}

impl Fact {
    fn of(description: &str) -> Option<Self> {
        Some(match description {
            "IRN" => Self::Irn,
            "Source record" => Self::Source,
            "Invoice kind" => Self::Kind,
            "Payment status" => Self::Status,
            "Buyer reference" => Self::BuyerReference,
            _ => return None,
        })
    }
}

fn type_code(document_type: DocumentType) -> &'static str {
    match document_type {
        DocumentType::CreditNote => {
            "what takes an invoice back is a credit note, code 381 of UNTDID 1001 (BR-CL-01)"
        }
        DocumentType::DebitNote => {
            "what adds to an invoice is a debit note, code 383 of UNTDID 1001 (BR-CL-01)"
        }
        _ => "a sale becomes a commercial invoice, code 380 of UNTDID 1001 (BR-CL-01)",
    }
}
