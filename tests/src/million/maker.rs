//! Invoices of every variation that a calculation knows, made from a seed.

use crate::Random;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use taxpoynt_ubl::{
    Address, AllowanceCharge, Calculation, Currency, Delivery, DocumentType, Invoice, InvoiceKind,
    InvoiceLine, Leftover, LineAmounts, Party, PayableRounding, Prices, Rounding, Tax, TaxCategory,
    TaxRounding, allowance_amount, amount_decimals,
};

/// An amount given as a percentage, as the library computed it.
#[derive(Debug, Clone, Copy)]
pub struct Percentage {
    /// Of this.
    pub base: Decimal,
    /// So many percent.
    pub percent: Decimal,
    /// Are so much.
    pub amount: Decimal,
}

/// An invoice before it is calculated, and how that is to be done.
#[derive(Debug, Clone)]
pub struct Case {
    /// The invoice, its totals empty but for what was paid and is rounded.
    pub invoice: Invoice,
    /// How.
    pub how: Calculation,
    /// Allowances and charges that were given as percentages.
    pub percentages: Vec<Percentage>,
}

/// The `number`th case of a seed.
#[must_use]
pub fn case(seed: u64, number: u64) -> Case {
    let random = Random::seeded(seed ^ number.wrapping_mul(0xA076_1D64_78BD_642F));
    Maker { random, places: 2, currency: Currency::NGN, percentages: Vec::new() }.case()
}

/// Categories with their rates; AE wants a known buyer, O and B go by themselves.
const TAXES: &[(TaxCategory, &[&str])] = &[
    (TaxCategory::S, &["7.5", "7.50", "5", "20", "25.5", "8.875", "19", "12.3456"]),
    (TaxCategory::S, &["7.5", "21", "1"]),
    (TaxCategory::Z, &["0"]),
    (TaxCategory::E, &["0", "0.00"]),
    (TaxCategory::G, &["0"]),
    (TaxCategory::AE, &["0"]),
    (TaxCategory::K, &["0"]),
    (TaxCategory::L, &["7", "0", "13.5"]),
    (TaxCategory::M, &["4", "0", "10"]),
];

const ITALIAN_TAXES: &[(TaxCategory, &[&str])] = &[
    (TaxCategory::B, &["22", "10"]),
    (TaxCategory::B, &["4", "5"]),
    (TaxCategory::Z, &["0"]),
    (TaxCategory::E, &["0"]),
];

struct Maker {
    random: Random,
    places: u32,
    currency: Currency,
    percentages: Vec<Percentage>,
}

impl Maker {
    fn case(mut self) -> Case {
        let code = *self.random.pick(&["NGN", "NGN", "NGN", "USD", "EUR", "JPY", "XOF", "KWD", "TND", "CLF"]);
        self.currency = Currency::parse(code).expect("these are in ISO 4217");
        self.places = amount_decimals(self.currency);
        let (taxes, italian) = self.taxes();
        let mut invoice = self.blank(italian);
        let count = self.line_count();
        invoice.lines = (1..=count).map(|id| self.line(id, &taxes)).collect();
        invoice.allowances = self.document_parts(&taxes);
        invoice.charges = self.document_parts(&taxes);
        let how = self.how(&invoice);
        if self.random.one_in(6) {
            self.state_taxes(&mut invoice, &how);
        }
        if self.random.one_in(4) {
            invoice.totals.prepaid_amount = self.amount(1_000_000);
        }
        if self.random.one_in(5) {
            let amount = self.amount(300);
            invoice.totals.rounding_amount = if self.random.one_in(2) { amount } else { -amount };
        }
        Case { invoice, how, percentages: self.percentages }
    }

    /// Mostly under 20 lines, some of 500.
    fn line_count(&mut self) -> usize {
        match self.random.below(1000) {
            0..=3 => 500,
            4..=40 => self.random.below(100) + 20,
            41..=600 => self.random.below(6) + 1,
            _ => self.random.below(19) + 1,
        }
    }

    /// One to five categories and rates, and whether they are of an Italian document.
    fn taxes(&mut self) -> (Vec<Tax>, bool) {
        if self.random.one_in(15) {
            return (vec![tax(TaxCategory::O, "0")], false);
        }
        let italian = self.random.one_in(25);
        let from = if italian { ITALIAN_TAXES } else { TAXES };
        let mut taxes = Vec::new();
        let wanted = self.random.below(5) + 1;
        // Twice as many draws, since some give what is there already.
        for _ in 0..2 * wanted {
            if taxes.len() == wanted {
                break;
            }
            let (category, rates) = self.random.pick(from);
            let rate = *self.random.pick(rates);
            let known = |t: &Tax| t.category == *category && t.percent == decimal(rate);
            if !taxes.iter().any(known) {
                taxes.push(tax(*category, rate));
            }
        }
        (taxes, italian)
    }

    fn blank(&mut self, italian: bool) -> Invoice {
        let country = if italian { "IT" } else { "NG" };
        let types =
            [DocumentType::Invoice, DocumentType::Invoice, DocumentType::CreditNote, DocumentType::DebitNote];
        Invoice {
            document_type: *self.random.pick(&types),
            kind: InvoiceKind::B2B,
            number: format!("INV-{}", self.random.below(1_000_000)),
            issue_date: NaiveDate::from_ymd_opt(2026, 11, 2).expect("a day in November"),
            due_date: NaiveDate::from_ymd_opt(2026, 12, 2),
            currency: self.currency,
            buyer_reference: Some("PO 7".into()),
            // An intra-community supply (K) says when and where to.
            delivery: Some(Delivery {
                date: NaiveDate::from_ymd_opt(2026, 11, 1),
                address: Some(Address { country: Some(country.into()), ..Address::default() }),
                ..Delivery::default()
            }),
            supplier: party("Balogun Textiles Ltd", "20194455-0001", country),
            customer: Some(party("Mama Put Ltd", "12345678-0001", country)),
            ..Invoice::default()
        }
    }

    fn line(&mut self, id: usize, taxes: &[Tax]) -> InvoiceLine {
        let whole = self.random.one_in(2);
        let quantity = if whole { self.decimal(50, 0) } else { self.decimal(200_000, 3) };
        // A return among the sales.
        let quantity = if self.random.one_in(30) { -quantity } else { quantity };
        let places = *self.random.pick(&[0, 0, 2, 2, 2, 3, 4, 6, 10]);
        let unit_price = match self.random.below(20) {
            0 => Decimal::ZERO,
            1..=3 => self.decimal(100_000_000, places),
            _ => self.decimal(200_000, places),
        };
        let base_quantity =
            *self.random.pick(&["1", "1", "1", "1.0", "3", "7", "10", "12", "100", "1000", "0.5", "2.5"]);
        let (allowances, charges) = (self.parts(), self.parts());
        // A till's own amount, at times with more decimals than a document may have.
        let stated_places = if self.random.one_in(6) { 4 } else { self.places };
        let net_amount = (quantity * unit_price / decimal(base_quantity)).round_dp(stated_places);
        InvoiceLine {
            id: id.to_string(),
            name: "Ankara print".into(),
            quantity,
            unit: "C62".into(),
            unit_price,
            base_quantity: decimal(base_quantity),
            net_amount,
            tax: self.random.pick(taxes).clone(),
            allowances,
            charges,
            ..InvoiceLine::default()
        }
    }

    fn parts(&mut self) -> Vec<AllowanceCharge> {
        let count = if self.random.one_in(4) { self.random.below(3) } else { 0 };
        (0..count).map(|_| self.part(None)).collect()
    }

    fn document_parts(&mut self, taxes: &[Tax]) -> Vec<AllowanceCharge> {
        let count = if self.random.one_in(3) { self.random.below(4) } else { 0 };
        (0..count)
            .map(|_| {
                let tax = self.random.pick(taxes).clone();
                self.part(Some(tax))
            })
            .collect()
    }

    fn part(&mut self, tax: Option<Tax>) -> AllowanceCharge {
        let amount = if self.random.one_in(2) {
            let base = self.amount(1_000_000);
            let percent = self.decimal(10_000, 2);
            let amount =
                allowance_amount(base, percent, self.currency).expect("a share of a small amount is small");
            self.percentages.push(Percentage { base, percent, amount });
            amount
        } else {
            self.amount(20_000)
        };
        AllowanceCharge { amount, reason: Some("Agreed".into()), tax, ..AllowanceCharge::default() }
    }

    fn how(&mut self, invoice: &Invoice) -> Calculation {
        let rounding =
            *self.random.pick(&[Rounding::HalfUp, Rounding::HalfUp, Rounding::HalfEven, Rounding::Down]);
        // Rounding a whole yen of tax down may be 0.995 beside the rate: BR-CO-17 does not have that.
        let rounding =
            if self.places == 0 && rounding == Rounding::Down { Rounding::HalfUp } else { rounding };
        let members = invoice.lines.len() + invoice.allowances.len() + invoice.charges.len();
        let per_line = self.random.one_in(3) && members <= self.most_members_rounded_alone();
        let prices = *self.random.pick(&[Prices::WithoutTax, Prices::WithTax]);
        Calculation {
            line_amounts: *self.random.pick(&[LineAmounts::Stated, LineAmounts::FromPrices]),
            prices,
            tax: if per_line { TaxRounding::PerLine } else { TaxRounding::PerGroup },
            rounding,
            leftover: *self.random.pick(&[Leftover::InTax, Leftover::InRounding]),
            payable: if self.random.one_in(4) { self.coins() } else { PayableRounding::Stated },
        }
    }

    /// Of so many members the roundings cannot add up to the 1.00 of BR-CO-17: up to a unit, and its tax, each.
    fn most_members_rounded_alone(&self) -> usize {
        if self.places == 0 { 1 } else { 75 }
    }

    fn coins(&mut self) -> PayableRounding {
        let coarse = ["1", "5", "10", "50"];
        let fine = ["0.05", "0.10", "0.25", "0.5", "1", "5.00"];
        let step = if self.places == 0 { self.random.pick(&coarse) } else { self.random.pick(&fine) };
        PayableRounding::ToStep { step: decimal(step), rounding: *self.random.pick(Rounding::ALL) }
    }

    /// The tax a till put on some members, its own way of rounding included.
    fn state_taxes(&mut self, invoice: &mut Invoice, how: &Calculation) {
        let with_tax = how.prices == Prices::WithTax;
        let mut left = self.most_members_rounded_alone() / 2;
        for line in &mut invoice.lines {
            let amount = match how.line_amounts {
                LineAmounts::Stated => line.net_amount,
                LineAmounts::FromPrices => {
                    let parts = |parts: &[AllowanceCharge]| parts.iter().map(|p| p.amount).sum::<Decimal>();
                    line.quantity * line.unit_price / line.base_quantity + parts(&line.charges)
                        - parts(&line.allowances)
                }
            };
            self.state_tax(&mut line.tax, amount, with_tax, &mut left);
        }
        for part in invoice.allowances.iter_mut().chain(&mut invoice.charges) {
            if let Some(tax) = &mut part.tax {
                self.state_tax(tax, part.amount, with_tax, &mut left);
            }
        }
    }

    fn state_tax(&mut self, tax: &mut Tax, amount: Decimal, with_tax: bool, left: &mut usize) {
        if *left > 0 && self.random.one_in(2) {
            *left -= 1;
            let whole = if with_tax { Decimal::ONE_HUNDRED + tax.percent } else { Decimal::ONE_HUNDRED };
            let places = if self.random.one_in(4) { self.places + 1 } else { self.places };
            tax.amount = Some((amount * tax.percent / whole).round_dp(places));
        }
    }

    /// An amount of the currency, at times with a decimal too many.
    fn amount(&mut self, below: usize) -> Decimal {
        let more = u32::from(self.random.one_in(10));
        self.decimal(below, self.places + more)
    }

    fn decimal(&mut self, below: usize, places: u32) -> Decimal {
        let number = i64::try_from(self.random.below(below)).expect("no more than a few millions");
        Decimal::new(number, places)
    }
}

fn decimal(text: &str) -> Decimal {
    crate::dec(text)
}

fn tax(category: TaxCategory, percent: &str) -> Tax {
    Tax { category, percent: decimal(percent), ..Tax::default() }
}

fn party(name: &str, tin: &str, country: &str) -> Party {
    let address = Address {
        street: Some("14 Allen Avenue".into()),
        city: Some("Ikeja".into()),
        country: Some(country.into()),
        ..Address::default()
    };
    Party {
        name: name.into(),
        tin: Some(tin.into()),
        registration_number: Some("RC 123456".into()),
        address,
        ..Party::default()
    }
}
