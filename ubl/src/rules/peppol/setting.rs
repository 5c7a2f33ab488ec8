//! What is found out once about a document: who trades with whom, where, and in which currency.

use super::values::{behind, is_exact_vat_scheme, minutes, prefix, sole, sole_of, text_at};
use crate::rules::engine::{Facts, normalized};
use crate::vocabulary::{Name, Path, name, path};
use crate::xml::tree::Element;
use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashSet;

const REGISTRATIONS: Path = path!("cac:Party/cac:PartyTaxScheme");
const COUNTRY_OF_PARTY: Path = path!("cac:Party/cac:PostalAddress/cac:Country/cbc:IdentificationCode");
const COUNTRY: Path = path!("cac:PostalAddress/cac:Country/cbc:IdentificationCode");

/// Business processes that an invoice may belong to.
const PROCESSES: &[&str] = &[
    "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0",
    "urn:peppol:france:billing:regulated",
    "urn:peppol:france:billing:non-regulated",
    "urn:peppol:bis:billing_with_response",
];

/// Facts about one document.
pub(in crate::rules) struct Setting<'t> {
    /// The children of the root except its lines, of which there may be many.
    head: Vec<Element<'t>>,
    /// The business process is one that Peppol knows.
    pub(super) known_process: bool,
    /// By the VAT identifier of the seller, else of its tax representative, else by the seller's address.
    supplier: Origin,
    /// By the seller's VAT identifier, else its address.
    seller: Origin,
    /// By the buyer's VAT identifier, else its address.
    customer: Origin,
    /// Countries of the postal addresses, as written; none where several are stated.
    supplier_address: Option<Cow<'t, str>>,
    customer_address: Option<Cow<'t, str>>,
    representative_address: Option<Cow<'t, str>>,
    /// The seller's address says Greece, perhaps among others.
    pub(super) a_greek_address: bool,
    /// Every document currency there is; one, if the document is right.
    pub(super) currencies: HashSet<Cow<'t, str>>,
    pub(super) period_start: Bound,
    pub(super) period_end: Bound,
    pub(super) has_order_reference: bool,
    pub(super) has_preceding_invoice: bool,
    /// The first date of issue.
    pub(super) issue_date: Cow<'t, str>,
    /// The text of the first document currency that has one.
    pub(super) document_currency: &'t str,
    /// Numbers behind the country of the VAT identifiers of seller and tax representative.
    tax_numbers: OnceCell<HashSet<String>>,
    has_payment_means: OnceCell<bool>,
}

/// Where a party is from.
enum Origin {
    Unstated,
    Country(String),
    /// Several answers where the published rules can only take one: the rules of no country apply then.
    Unclear,
}

impl Origin {
    fn or(self, other: impl FnOnce() -> Self) -> Self {
        if matches!(self, Self::Unstated) { other() } else { self }
    }

    fn is(&self, countries: &[&str]) -> bool {
        matches!(self, Self::Country(country) if countries.contains(&country.as_str()))
    }

    /// By the first two characters of the identifier under VAT.
    fn of_vat_id<'t>(registrations: impl Iterator<Item = Element<'t>>) -> Self {
        let mut under_vat = registrations.filter(|e| is_exact_vat_scheme(*e));
        match (under_vat.next().map(|e| sole(e, path!("cbc:CompanyID"))), under_vat.next()) {
            (None, _) => Self::Unstated,
            (Some(Some(id)), None) if id.is_empty() => Self::Unstated,
            (Some(Some(id)), None) => Self::Country(in_capitals(prefix(&id, 2))),
            _ => Self::Unclear,
        }
    }

    fn of_address<'t>(mut countries: impl Iterator<Item = Element<'t>>) -> Self {
        match (countries.next(), countries.next()) {
            (None, _) => Self::Unstated,
            (Some(country), None) => Self::Country(in_capitals(&country.text())),
            _ => Self::Unclear,
        }
    }
}

fn in_capitals(country: &str) -> String {
    normalized(country).to_uppercase()
}

/// A date that others are held against, in minutes.
#[derive(Clone, Copy)]
pub(super) enum Bound {
    Missing,
    Unreadable,
    At(i64),
}

impl Bound {
    /// The first of the dates.
    pub(super) fn of<'t>(mut dates: impl Iterator<Item = Element<'t>>) -> Self {
        dates.next().map_or(Self::Missing, |date| minutes(&date.text()).map_or(Self::Unreadable, Self::At))
    }
}

impl<'t> Setting<'t> {
    pub(in crate::rules) fn gather(root: Element<'t>) -> Self {
        let is_line = |e: Element<'_>| e.is(name!("cac:InvoiceLine")) || e.is(name!("cac:CreditNoteLine"));
        let head: Vec<_> = root.children().filter(|e| !is_line(*e)).collect();
        let [suppliers, customers, representatives] = [
            name!("cac:AccountingSupplierParty"),
            name!("cac:AccountingCustomerParty"),
            name!("cac:TaxRepresentativeParty"),
        ]
        .map(|name| named(&head, name).collect::<Vec<_>>());
        let vat_of = |parties: &[Element<'t>], path| Origin::of_vat_id(within(parties, path));
        let seller_vat = || vat_of(&suppliers, REGISTRATIONS);
        let seller_address = || Origin::of_address(within(&suppliers, COUNTRY_OF_PARTY));
        let periods: Vec<_> = named(&head, name!("cac:InvoicePeriod")).collect();
        let references: Vec<_> = named(&head, name!("cac:BillingReference")).collect();
        let has_payment_means = OnceCell::new();
        if named(&head, name!("cac:PaymentMeans")).next().is_some() {
            has_payment_means.get_or_init(|| true);
        }
        let known_process = sole_of(named(&head, name!("cbc:ProfileID")))
            .is_some_and(|process| PROCESSES.contains(&&*normalized(&process)));
        let has_order_reference = named(&head, name!("cac:OrderReference")).any(|e| e.has(path!("cbc:ID")));
        let currencies = named(&head, name!("cbc:DocumentCurrencyCode")).map(Element::text).collect();
        let issue_date = named(&head, name!("cbc:IssueDate")).next().map(Element::text).unwrap_or_default();
        let mut currency_texts = named(&head, name!("cbc:DocumentCurrencyCode")).map(Element::own_text);
        let document_currency = currency_texts.find(|text| !text.is_empty()).unwrap_or_default();
        drop(currency_texts);
        Self {
            issue_date,
            document_currency,
            tax_numbers: OnceCell::new(),
            known_process,
            supplier: seller_vat()
                .or(|| vat_of(&representatives, path!("cac:PartyTaxScheme")))
                .or(seller_address),
            seller: seller_vat().or(seller_address),
            customer: vat_of(&customers, REGISTRATIONS)
                .or(|| Origin::of_address(within(&customers, COUNTRY_OF_PARTY))),
            supplier_address: sole_of(within(&suppliers, COUNTRY_OF_PARTY)),
            customer_address: sole_of(within(&customers, COUNTRY_OF_PARTY)),
            representative_address: sole_of(within(&representatives, COUNTRY)),
            a_greek_address: within(&suppliers, COUNTRY_OF_PARTY).any(|e| e.text() == "GR"),
            currencies,
            period_start: Bound::of(within(&periods, path!("cbc:StartDate"))),
            period_end: Bound::of(within(&periods, path!("cbc:EndDate"))),
            has_order_reference,
            has_preceding_invoice: within(&references, path!("cac:InvoiceDocumentReference/cbc:ID"))
                .next()
                .is_some(),
            has_payment_means,
            head,
        }
    }

    /// By VAT identifier or address, the seller's country is this.
    pub(super) fn supplier_is(&self, countries: &[&str]) -> bool {
        self.supplier.is(countries)
    }

    /// The same without asking the tax representative.
    pub(super) fn seller_is(&self, countries: &[&str]) -> bool {
        self.seller.is(countries)
    }

    /// By VAT identifier or address, the buyer's country is this.
    pub(super) fn customer_is(&self, countries: &[&str]) -> bool {
        self.customer.is(countries)
    }

    /// The seller's address is in the country, exactly as written.
    pub(super) fn supplier_lives_in(&self, country: &str) -> bool {
        self.supplier_address.as_deref() == Some(country)
    }

    /// The addresses of both are in the country, exactly as written.
    pub(super) fn both_live_in(&self, country: &str) -> bool {
        self.supplier_lives_in(country) && self.customer_address.as_deref() == Some(country)
    }

    /// The seller's address is in the country; case and white space aside.
    pub(super) fn supplier_is_at_home_in(&self, country: &str) -> bool {
        is_country(self.supplier_address.as_deref(), country)
    }

    /// The addresses of both are in the country; case and white space aside.
    pub(super) fn both_are_at_home_in(&self, country: &str) -> bool {
        self.supplier_is_at_home_in(country) && is_country(self.customer_address.as_deref(), country)
    }

    /// The address of the tax representative is in the country; case and white space aside.
    pub(super) fn representative_is_at_home_in(&self, country: &str) -> bool {
        is_country(self.representative_address.as_deref(), country)
    }

    /// Whether seller or tax representative is registered for VAT under this number of nine characters.
    pub(super) fn has_tax_number(&self, number: &str) -> bool {
        let numbers = self.tax_numbers.get_or_init(|| {
            let [sellers, representatives] =
                [name!("cac:AccountingSupplierParty"), name!("cac:TaxRepresentativeParty")]
                    .map(|name| named(&self.head, name).collect::<Vec<_>>());
            let of_representatives = within(&representatives, path!("cac:PartyTaxScheme"));
            within(&sellers, REGISTRATIONS)
                .chain(of_representatives)
                .filter(|e| is_exact_vat_scheme(*e))
                .map(|e| prefix(behind(&text_at(e, path!("cbc:CompanyID")), 2), 9).to_owned())
                .collect()
        });
        numbers.contains(number)
    }

    /// Whether the document says anywhere how to pay.
    pub(super) fn has_payment_means(&self, facts: &Facts<'_>) -> bool {
        *self.has_payment_means.get_or_init(|| facts.tree.elements().any(|e| e.is(name!("cac:PaymentMeans"))))
    }
}

fn is_country(stated: Option<&str>, country: &str) -> bool {
    stated.is_some_and(|stated| in_capitals(stated) == country)
}

/// The children of an invoice or credit note except its lines.
pub(super) fn head<'a, 't>(facts: &'a Facts<'t>, document: Element<'_>) -> Cow<'a, [Element<'t>]> {
    if document.id() == facts.root.id() {
        Cow::Borrowed(&facts.setting().head)
    } else {
        Cow::Owned(facts.tree.element(document.id()).children().collect())
    }
}

/// Those of a name.
pub(super) fn named<'a, 't>(
    elements: &'a [Element<'t>],
    name: Name,
) -> impl Iterator<Item = Element<'t>> + 'a {
    elements.iter().copied().filter(move |e| e.is(name))
}

/// What a path leads to from each of them.
pub(super) fn within<'a, 't>(
    elements: &'a [Element<'t>],
    path: Path,
) -> impl Iterator<Item = Element<'t>> + 'a {
    elements.iter().flat_map(move |e| e.all(path))
}
