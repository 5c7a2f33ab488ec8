//! Invoices of every variation, made from a seed.

use chrono::{NaiveDate, NaiveTime};
use rust_decimal::Decimal;
use taxpoynt_ubl::*;

pub(crate) struct Maker(u64);

const TEXTS: &[&str] = &[
    "Jollof rice",
    "Fish & chips <large> \"hot\" 'fresh'",
    "Ṣọ́ọ̀ṣì ọ̀gẹ̀dẹ̀ 🍌",
    "two\nlines",
    " spaces around ",
    "a#b",
    "table #12A# please",
    "#AAI#kept",
    "carriage\rreturn\tand tab",
    "]]> &amp; &#10;",
    "x",
];

impl Maker {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// SplitMix64: the same seed makes the same invoice on every machine.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    fn yes(&mut self) -> bool {
        self.below(2) == 0
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize].clone()
    }

    fn text(&mut self) -> String {
        let text: &str = self.pick(TEXTS);
        format!("{text}{}", self.below(50))
    }

    fn maybe(&mut self) -> Option<String> {
        if self.yes() { Some(self.text()) } else { None }
    }

    fn date(&mut self) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1 + self.below(12) as u32, 1 + self.below(28) as u32).unwrap()
    }

    fn amount(&mut self, places: u32, below: u64) -> Decimal {
        Decimal::new(self.below(below * 10_u64.pow(places)) as i64 + 1, places)
    }

    fn address(&mut self, country: &str) -> Address {
        Address {
            street: self.maybe(),
            city: self.maybe(),
            postal_code: self.maybe(),
            lga: self.yes().then(|| "NG-LA-IKJ".to_owned()),
            state: self.yes().then(|| "NG-LA".to_owned()),
            country: Some(country.to_owned()),
            ..Address::default()
        }
    }

    fn party(&mut self, country: &str, identified: bool) -> Party {
        let contact =
            self.yes().then(|| Contact { name: Some(self.text()), email: self.maybe(), phone: self.maybe() });
        let organisation = contact.is_none() || self.yes();
        Party {
            name: self.text(),
            trading_name: self.maybe(),
            tin: (identified || self.yes()).then(|| format!("{:08}-0001", self.below(99_999_999))),
            registration_number: self.yes().then(|| format!("RC{}", self.below(999_999))),
            email: organisation.then(|| "sales@example.com".to_owned()),
            phone: organisation.then(|| "+2348012345678".to_owned()),
            business_description: self.maybe(),
            endpoint: self
                .yes()
                .then(|| ElectronicAddress { scheme: "0204".into(), id: "991-12345-06".into() }),
            contact,
            address: self.address(country),
            ..Party::default()
        }
    }

    fn tax(&mut self, categories: &[TaxCategory], reasons: bool) -> Tax {
        let category = self.pick(categories);
        let percent = match category {
            TaxCategory::S => self.pick(&["7.5", "5", "20", "12.25"]).parse().unwrap(),
            _ => Decimal::ZERO,
        };
        // One reason a category: UBL keeps it once.
        let reason = (reasons && matches!(category, TaxCategory::E | TaxCategory::G | TaxCategory::O))
            .then(|| format!("Because {category:?}"));
        Tax { category, percent, reason, ..Tax::default() }
    }

    fn part(&mut self, places: u32, tax: Option<Tax>) -> AllowanceCharge {
        AllowanceCharge {
            amount: self.amount(places, 5),
            reason: self.maybe(),
            tax,
            ..AllowanceCharge::default()
        }
    }

    fn parts(&mut self, places: u32) -> Vec<AllowanceCharge> {
        (0..self.below(3)).map(|_| self.part(places, None)).collect()
    }

    fn line(&mut self, id: usize, currency: Currency, tax: Tax) -> InvoiceLine {
        let places = amount_decimals(currency);
        // A line of whole units must come out within 0.02 of its price (PEPPOL-EN16931-R120).
        let whole = places == 0;
        let quantity = self.amount(if whole { 0 } else { 3 }, 20);
        let unit_price = self.amount(if whole { 0 } else { 4 }, 900) + Decimal::TEN;
        let base_quantity =
            self.pick(if whole { &["1"] } else { &["1", "1", "10", "2.5"][..] }).parse().unwrap();
        let (allowances, charges) = (self.parts(places), self.parts(places));
        let net_amount =
            line_amount(quantity, unit_price, base_quantity, &allowances, &charges, currency).unwrap();
        let classification = match self.below(3) {
            0 => Some(Classification::Goods { hsn_code: "2106.90".into(), product_category: self.text() }),
            1 => Some(Classification::Service { isic_code: "5610".into(), service_category: self.text() }),
            _ => None,
        };
        InvoiceLine {
            id: id.to_string(),
            name: self.text(),
            description: self.maybe(),
            sku: self.maybe(),
            quantity,
            unit: self.pick(&["C62", "KGM", "HUR", "LTR"]).to_owned(),
            unit_price,
            base_quantity,
            net_amount,
            tax,
            allowances,
            charges,
            classification,
            note: self.maybe(),
            ..InvoiceLine::default()
        }
    }

    fn means(&mut self) -> PaymentMeans {
        let code = self.pick(&["10", "48", "30", "49", "58", "97", "ZZZ", "20"]).to_owned();
        PaymentMeans {
            code,
            name: self.yes().then(|| "Bank card".to_owned()),
            payment_id: self.maybe(),
            ..PaymentMeans::default()
        }
    }

    fn reference(&mut self) -> DocumentReference {
        let issue_date = Some(self.date());
        let irn = format!("INV{}-7E1F0C2D-20261102", self.below(1000));
        match self.below(3) {
            0 => DocumentReference {
                number: "INV/7".into(),
                irn: None,
                issue_date,
                ..DocumentReference::default()
            },
            1 => DocumentReference {
                number: Irn::parse(&irn).unwrap().number().into(),
                irn: Some(irn),
                issue_date,
                ..DocumentReference::default()
            },
            _ => {
                DocumentReference { number: "INV-0/7".into(), irn: Some(irn), ..DocumentReference::default() }
            }
        }
    }

    /// A calculated invoice in which every field that UBL can carry may be set.
    pub(crate) fn invoice(&mut self) -> Invoice {
        let document_type =
            self.pick(&[DocumentType::Invoice, DocumentType::CreditNote, DocumentType::DebitNote]);
        let currency = Currency::parse(self.pick(&["NGN", "NGN", "USD", "JPY", "KWD"])).unwrap();
        let categories: &[TaxCategory] = if self.below(5) == 0 {
            &[TaxCategory::O]
        } else {
            &[TaxCategory::S, TaxCategory::S, TaxCategory::Z, TaxCategory::E, TaxCategory::G]
        };
        let reasons = self.yes();
        let number = format!("INV-{}", self.below(1_000_000));
        let issue_date = self.date();
        let irn = self.yes().then(|| Irn::new(&number, "7E1F0C2D", issue_date).unwrap());
        let places = amount_decimals(currency);
        let count = self.pick(&[1, 1, 2, 3, 7, 60]);
        let lines: Vec<_> = (1..=count)
            .map(|id| {
                let tax = self.tax(categories, reasons);
                self.line(id, currency, tax)
            })
            .collect();
        let document_parts = |maker: &mut Self| {
            (0..maker.below(3))
                .map(|_| {
                    let tax = maker.tax(categories, reasons);
                    maker.part(places, Some(tax))
                })
                .collect::<Vec<_>>()
        };
        let allowances = document_parts(self);
        let charges = document_parts(self);
        let mut invoice = Invoice {
            document_type,
            kind: self.pick(&[InvoiceKind::B2B, InvoiceKind::B2C, InvoiceKind::B2G]),
            number,
            irn,
            business_id: self.yes().then(|| "6f1b2c1e-7a7d-4a8e-9d57-0a4c2f1c9b11".to_owned()),
            issue_date,
            issue_time: self.yes().then(|| NaiveTime::from_hms_milli_opt(13, 5, 9, 250).unwrap()),
            due_date: self.yes().then(|| self.date()),
            tax_point_date: self.yes().then(|| self.date()),
            currency,
            source_id: self.maybe(),
            payment_status: self.pick(&[
                PaymentStatus::Pending,
                PaymentStatus::Paid,
                PaymentStatus::Rejected,
            ]),
            note: self.maybe(),
            // One that equals what stands in for it cannot be told from it.
            buyer_reference: self.maybe().map(|reference: String| format!("PO {reference}")),
            order_reference: self.maybe(),
            payment_terms: self.maybe(),
            supplier: self.party("NG", true),
            customer: self.yes().then(|| {
                let country = self.pick(&["NG", "GB", "GR"]);
                self.party(country, false)
            }),
            lines,
            allowances,
            charges,
            payment_means: (0..self.below(4)).map(|_| self.means()).collect(),
            totals: Totals::default(),
            tax_subtotals: vec![],
            references: (0..self.below(3)).map(|_| self.reference()).collect(),
            ..Invoice::default()
        };
        invoice.totals.prepaid_amount = if self.yes() { self.amount(places, 3) } else { Decimal::ZERO };
        invoice.totals.rounding_amount = if self.yes() { -self.amount(places, 1) } else { Decimal::ZERO };
        calculate(&mut invoice).unwrap();
        invoice
    }
}
