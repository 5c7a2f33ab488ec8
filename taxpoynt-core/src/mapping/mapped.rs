//! What rules decided about a document, borrowed from the sale, the record and the rules until the document is built.

use super::{
    buyer::MappedBuyer,
    provenance::{Provenance, Scene, Set},
};
use crate::{catalogue, model::Item};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use std::borrow::Cow;
use taxpoynt_ubl::{Classification, PaymentMeans, Tax, TaxCategory};

/// Everything rules decided about a document. Amounts are not among it, except the platform's own tax amounts, which
/// are copied into each tax. Nothing is copied that no rule changed.
#[derive(Debug)]
#[non_exhaustive]
pub struct Mapped<'v, 'r> {
    /// What is said once.
    pub document: MappedDocument<'v>,
    /// The buyer; empty for a walk-in.
    pub buyer: MappedBuyer<'v>,
    /// One for each item of the sale, in its order.
    pub lines: Vec<MappedLine<'v>>,
    /// One for each charge of the sale, in its order.
    pub charges: Vec<MappedCharge<'v>>,
    /// One for each tender that has a code.
    pub payment_means: Vec<MappedPayment<'v>>,
    /// Why the document must wait; empty: it need not.
    pub reasons: Vec<Reason>,
    pub(super) set: Vec<Set<'v>>,
    pub(super) scene: Scene<'v, 'r>,
}

impl Mapped<'_, '_> {
    /// For each target that was set, in the order they were decided: by which rule, from where, to what. Written when it
    /// is asked for.
    #[must_use]
    pub fn provenance(&self) -> Vec<Provenance> {
        self.set.iter().map(|set| set.written(self)).collect()
    }

    /// How many targets were set.
    #[must_use]
    pub fn fields(&self) -> usize {
        self.set.len()
    }
}

/// What is said once in a document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MappedDocument<'v> {
    /// A remark for the buyer.
    pub note: Option<Cow<'v, str>>,
    /// The buyer's own reference.
    pub buyer_reference: Option<Cow<'v, str>>,
    /// The order or deal it bills.
    pub order_reference: Option<Cow<'v, str>>,
    /// Payment terms in words.
    pub payment_terms: Option<Cow<'v, str>>,
    /// When it is to be paid.
    pub due_date: Option<NaiveDate>,
    /// Days from the tax point to the due date; counts where `due_date` is none.
    pub due_days: Option<u16>,
    /// The tax of a tip that is a charge on the invoice (policy `tips`).
    pub tip_tax: Option<MappedTax<'v>>,
    /// What such a tip is called.
    pub tip_reason: Option<Cow<'v, str>>,
    /// What a discount is called that the platform does not name.
    pub discount_reason: Option<Cow<'v, str>>,
}

/// What rules decided about a line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MappedLine<'v> {
    /// Item name; empty where nothing names it, which also gives a reason.
    pub name: Cow<'v, str>,
    /// More about the item.
    pub description: Option<Cow<'v, str>>,
    /// The seller's own number for the item.
    pub sku: Option<Cow<'v, str>>,
    /// UN/ECE recommendation 20 code; none: pieces.
    pub unit: Option<Cow<'v, str>>,
    /// The tax, with the amount the platform applied. None always comes with a reason.
    pub tax: Option<MappedTax<'v>>,
    /// The category the shop keeps it in: what the tenant's catalogue may find it by.
    pub category: Option<Cow<'v, str>>,
    /// HS or ISIC code.
    pub classification: Option<&'v Classification>,
    /// A remark.
    pub note: Option<Cow<'v, str>>,
}

impl MappedLine<'_> {
    /// The item as the tenant's catalogue looks it up. The platform's id of a product is no SKU, though it stands in for
    /// one on the document where there is none.
    pub(crate) fn item<'a>(&'a self, item: &'a Item, platform: &'a str) -> catalogue::Item<'a> {
        let item_id = item.product_id.as_deref();
        catalogue::Item {
            platform,
            item_id,
            sku: self.sku.as_deref().filter(|sku| Some(*sku) != item_id),
            name: &self.name,
            category: self.category.as_deref(),
        }
    }
}

/// What rules decided about a charge on the whole sale.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MappedCharge<'v> {
    /// Why it is charged.
    pub reason: Option<Cow<'v, str>>,
    /// The tax, with the amount the platform applied. None always comes with a reason.
    pub tax: Option<MappedTax<'v>>,
}

/// What rules decided about a payment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MappedPayment<'v> {
    /// Which of the sale's tenders it is.
    pub tender: usize,
    /// UNTDID 4461.
    pub code: Cow<'v, str>,
    /// The means in words.
    pub name: Option<Cow<'v, str>>,
    /// The payment's reference.
    pub id: Option<Cow<'v, str>>,
}

impl MappedPayment<'_> {
    /// It as a document has it.
    #[must_use]
    pub fn payment_means(&self) -> PaymentMeans {
        PaymentMeans {
            code: self.code.as_ref().to_owned(),
            name: owned(self.name.as_ref()),
            payment_id: owned(self.id.as_ref()),
            ..PaymentMeans::default()
        }
    }
}

/// A tax that rules decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct MappedTax<'v> {
    /// The VAT category.
    pub category: TaxCategory,
    /// The rate in percent.
    pub percent: Decimal,
    /// Why no tax is charged.
    pub reason: Option<&'v str>,
    /// What the platform applied.
    pub amount: Option<Decimal>,
}

impl MappedTax<'_> {
    /// It as a document has it.
    #[must_use]
    pub fn tax(&self) -> Tax {
        let &Self { category, percent, reason, amount } = self;
        Tax { category, percent, reason: reason.map(str::to_owned), amount, ..Tax::default() }
    }
}

/// Why a document must wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// `several_taxes`, `tax_unknown`, `field_required`, `mapping_failed`.
    pub code: &'static str,
    /// One sentence that says what to do.
    pub message: String,
    /// What could not be decided: `lines[0].tax`.
    pub target: String,
}

/// A text as a document keeps it.
pub(crate) fn owned(text: Option<&Cow<'_, str>>) -> Option<String> {
    text.map(|text| text.as_ref().to_owned())
}
