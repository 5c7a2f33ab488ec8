//! What was sold. Amounts are in the sale's currency, major units, exactly as the platform applied them.

use super::Customer;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use taxpoynt_ubl::{Currency, Quantity, Rate};

/// One business fact of a record. An exchange at a till is a `Transaction` and a `Refund` from one record.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum SourceDocument {
    /// A CRM deal or opportunity.
    Deal(Deal),
    /// A sale at a till.
    Transaction(Transaction),
    /// Goods or money given back.
    Refund(Refund),
}

impl SourceDocument {
    /// What was sold or given back.
    #[must_use]
    pub fn sale(&self) -> &Sale {
        match self {
            Self::Deal(deal) => &deal.sale,
            Self::Transaction(transaction) => &transaction.sale,
            Self::Refund(refund) => &refund.sale,
        }
    }
}

/// A CRM deal.
#[derive(Debug, Clone)]
pub struct Deal {
    /// What is sold.
    pub sale: Sale,
    /// The deal's name.
    pub title: Option<String>,
    /// The platform's id of the stage.
    pub stage: Option<String>,
    /// The platform's id of the pipeline.
    pub pipeline: Option<String>,
    /// Whether the deal is closed and won. Anything else is held.
    pub won: bool,
    /// The editable deal amount: no control total, the lines count; a difference is recorded.
    pub amount: Option<Decimal>,
}

/// A till's sale.
#[derive(Debug, Clone)]
pub struct Transaction {
    /// What was sold.
    pub sale: Sale,
    /// Whether it is final.
    pub state: SaleState,
}

/// Goods or money given back. Amounts are positive.
#[derive(Debug, Clone)]
pub struct Refund {
    /// What was given back.
    pub sale: Sale,
    /// Whether it is final.
    pub state: SaleState,
    /// The record it takes back; none where the till does not link it.
    pub original_id: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

/// Whether a till's sale is final.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SaleState {
    /// Can still change.
    Open,
    /// Final and paid.
    Completed,
    /// Cancelled before it was final.
    Canceled,
}

/// The part that deals, transactions and refunds share.
#[derive(Debug, Clone)]
pub struct Sale {
    /// The platform's id of the record.
    pub id: String,
    /// The shop's own reference, such as a receipt number.
    pub reference: Option<String>,
    /// A text for the buyer.
    pub description: Option<String>,
    /// The currency of every amount here. None: the record names none and the tenant's default applies.
    pub currency: Option<Currency>,
    /// When it was made.
    pub created_at: Option<DateTime<Utc>>,
    /// When it became final.
    pub closed_at: Option<DateTime<Utc>>,
    /// Where.
    pub location: Option<Location>,
    /// Who bought; none for a walk-in.
    pub customer: Option<Customer>,
    /// What.
    pub items: Vec<Item>,
    /// Charges on the whole sale that are not inside the items, such as a service charge.
    pub charges: Vec<Charge>,
    /// Discounts on the whole sale that the platform did not spread over the items.
    pub discounts: Vec<Discount>,
    /// Tips, outside the tax base.
    pub tip: Decimal,
    /// Cash rounding of the amount to pay, signed.
    pub rounding: Decimal,
    /// What the buyer pays as the platform states it, without the tip. None for a CRM.
    pub total: Option<Decimal>,
    /// How it was paid.
    pub tenders: Vec<Tender>,
    /// Whether the platform says it is paid in full.
    pub paid: bool,
    /// Where the platform's own numbers contradict each other. Any makes the sale *held*, never "fixed".
    pub disagreements: Vec<Disagreement>,
}

impl Sale {
    /// A sale of nothing: what a platform does not know is filled in no further.
    #[must_use]
    pub fn blank(currency: Option<Currency>) -> Self {
        Self {
            id: String::new(),
            reference: None,
            description: None,
            currency,
            created_at: None,
            closed_at: None,
            location: None,
            customer: None,
            items: Vec::new(),
            charges: Vec::new(),
            discounts: Vec::new(),
            tip: Decimal::ZERO,
            rounding: Decimal::ZERO,
            total: None,
            tenders: Vec::new(),
            paid: false,
            disagreements: Vec::new(),
        }
    }
}

/// A sum that does not come out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disagreement {
    /// Path of the stated amount in the record, `order.line_items[1].total_money`.
    pub path: String,
    /// What the platform states there.
    pub stated: Decimal,
    /// What its own parts sum to.
    pub computed: Decimal,
    /// What the parts are, in words: `lines, service charges and rounding`.
    pub parts: String,
}

/// A shop.
#[derive(Debug, Clone, Default)]
pub struct Location {
    /// The platform's id.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
    /// IANA time zone: decides the date of a sale.
    pub timezone: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
}

/// One thing sold.
#[derive(Debug, Clone)]
pub struct Item {
    /// The platform's id of the line.
    pub id: Option<String>,
    /// Name.
    pub name: String,
    /// More about it.
    pub description: Option<String>,
    /// The shop's own number for it.
    pub sku: Option<String>,
    /// The platform's id of the product.
    pub product_id: Option<String>,
    /// Whether it is a gift card or voucher: money in another form, not revenue.
    pub voucher: bool,
    /// How many.
    pub quantity: Quantity,
    /// UN/ECE recommendation 20 code; none: pieces.
    pub unit: Option<String>,
    /// Price of one, without tax and before discounts. quantity × price − discounts + charges = net, within 0.02.
    pub unit_price: Decimal,
    /// Taken off, without tax.
    pub discounts: Vec<Discount>,
    /// Put on, without tax.
    pub charges: Vec<Charge>,
    /// Without tax.
    pub net_amount: Decimal,
    /// The tax.
    pub tax: ItemTax,
    /// Which element of which array of the record this item, and the tax on it, came from:
    /// `("order.line_items", 0)`, `("order.taxes", 0)`. Rules with `[]` in a path read these elements.
    pub bindings: Vec<(&'static str, usize)>,
}

/// What the platform knows of an item's tax.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ItemTax {
    /// The platform carries no tax (a CRM): the tenant's `tax.default` applies.
    NotCarried,
    /// The platform carries taxes and applied none here: the tenant's `tax.untaxed` applies.
    Untaxed,
    /// The platform applied these.
    Applied(Vec<AppliedTax>),
}

/// A tax the platform applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppliedTax {
    /// The platform's id of the tax.
    pub id: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// Its rate.
    pub rate: Rate,
    /// What it came to, to the minor unit. None: the platform states only the rate.
    pub amount: Option<Decimal>,
}

/// Taken off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discount {
    /// Why.
    pub name: Option<String>,
    /// How much, positive, without tax.
    pub amount: Decimal,
}

/// Put on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    /// What for.
    pub name: Option<String>,
    /// How much, without tax.
    pub amount: Decimal,
    /// The tax on it. Ignored on a charge inside an item.
    pub tax: ItemTax,
    /// As `Item::bindings`.
    pub bindings: Vec<(&'static str, usize)>,
}

/// A payment of the sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tender {
    /// The platform's id.
    pub id: Option<String>,
    /// How.
    pub method: TenderMethod,
    /// How much, without tip.
    pub amount: Decimal,
}

/// How a buyer paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TenderMethod {
    /// Cash.
    Cash,
    /// A bank card.
    Card,
    /// A bank transfer or virtual account.
    Transfer,
    /// A cheque.
    Cheque,
    /// A wallet, a gift card, or anything else.
    Other,
}
