//! What rules can set and what they can read: the typed targets and the typed sources.

use super::{
    trigger::DECISIONS,
    value::{Kind, Value},
};
use crate::{
    model::{
        AppliedTax, Charge, Customer, CustomerKind, Item, ItemTax, Person, Sale, SaleState, SourceDocument,
        Tender, TenderMethod,
    },
    tenant::Tenant,
};

/// A part of the document, and the table of a rule file that sets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    Trigger,
    Invoice,
    Buyer,
    Line,
    Charge,
    Payment,
    /// A part of a field map, which sets the engine's model and not an invoice.
    Map(Part),
}

/// A part of a [field map](super::Fields): a table of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// `[map.sale]`: what is said once.
    Sale,
    /// `[map.customer]`: who buys.
    Customer,
    /// `[map.contact]`: the person who acts for the buyer.
    Contact,
    /// `[map.item]`: for each element of a list, one thing sold.
    Item,
    /// `[map.discount]`: for each element of a list, taken off the whole sale.
    Discount,
    /// `[map.charge]`: for each element of a list, put on the whole sale.
    Charge,
    /// `[map.payment]`: for each element of a list, a payment.
    Payment,
    /// `[webhook.event]`: what a webhook announces; for each element of a list where it names one.
    Event,
}

impl Part {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Sale,
        Self::Customer,
        Self::Contact,
        Self::Item,
        Self::Discount,
        Self::Charge,
        Self::Payment,
        Self::Event,
    ];

    /// The table's name in a template.
    #[must_use]
    pub const fn table(self) -> &'static str {
        match self {
            Self::Sale => "map.sale",
            Self::Customer => "map.customer",
            Self::Contact => "map.contact",
            Self::Item => "map.item",
            Self::Discount => "map.discount",
            Self::Charge => "map.charge",
            Self::Payment => "map.payment",
            Self::Event => "webhook.event",
        }
    }

    /// Whether it is read once for each element of a list.
    #[must_use]
    pub const fn is_each(self) -> bool {
        matches!(self, Self::Item | Self::Discount | Self::Charge | Self::Payment | Self::Event)
    }
}

impl Section {
    /// Of a rule file.
    pub(super) const ALL: [Self; 6] =
        [Self::Trigger, Self::Invoice, Self::Buyer, Self::Line, Self::Charge, Self::Payment];

    /// The table's name in a rule file.
    pub(super) const fn table(self) -> &'static str {
        match self {
            Self::Trigger => "trigger",
            Self::Invoice => "invoice",
            Self::Buyer => "buyer",
            Self::Line => "each.line",
            Self::Charge => "each.charge",
            Self::Payment => "each.payment",
            Self::Map(part) => part.table(),
        }
    }

    /// Whether they are one section of a rule file, when the engine is built.
    const fn is(self, other: Self) -> bool {
        matches!(
            (self, other),
            (Self::Trigger, Self::Trigger)
                | (Self::Invoice, Self::Invoice)
                | (Self::Buyer, Self::Buyer)
                | (Self::Line, Self::Line)
                | (Self::Charge, Self::Charge)
                | (Self::Payment, Self::Payment)
        )
    }

    /// Whether it belongs to field maps and not to rule files.
    pub(super) const fn is_map(self) -> bool {
        matches!(self, Self::Map(_))
    }

    /// Whether a path can have `[]` there.
    pub(super) const fn has_elements(self) -> bool {
        matches!(self, Self::Line | Self::Charge | Self::Map(_))
    }
}

/// Something a rule can set.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) section: Section,
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) about: &'static str,
    /// The only texts it takes; empty: any.
    pub(super) one_of: &'static [&'static str],
}

const fn target(section: Section, name: &'static str, kind: Kind, about: &'static str) -> Target {
    Target { section, name, kind, about, one_of: &[] }
}

const fn decision(name: &'static str, about: &'static str) -> Target {
    Target { section: Section::Trigger, name, kind: Kind::Text, about, one_of: DECISIONS }
}

const SALE_MAP: Section = Section::Map(Part::Sale);
const CUSTOMER_MAP: Section = Section::Map(Part::Customer);
const CONTACT_MAP: Section = Section::Map(Part::Contact);
const ITEM_MAP: Section = Section::Map(Part::Item);
const DISCOUNT_MAP: Section = Section::Map(Part::Discount);
const CHARGE_MAP: Section = Section::Map(Part::Charge);
const PAYMENT_MAP: Section = Section::Map(Part::Payment);
const EVENT_MAP: Section = Section::Map(Part::Event);

/// Every target, in the order they are decided: a rule can read the `buyer.*` that stand before its own target.
/// Amounts are not among them: they are copied from the sale, never mapped.
#[rustfmt::skip]
pub(super) const TARGETS: &[Target] = &[
    decision("deal", "When a deal becomes an invoice: automatic, approval or never; until a rule holds, it waits."),
    decision("transaction", "When a till's sale becomes an invoice."),
    decision("refund", "When a refund becomes a credit note."),
    target(Section::Invoice, "note", Kind::Text, "A remark for the buyer."),
    target(Section::Invoice, "buyer_reference", Kind::Text, "The buyer's own reference (BT-10)."),
    target(Section::Invoice, "order_reference", Kind::Text, "The order or deal it bills (BT-13)."),
    target(Section::Invoice, "payment_terms", Kind::Text, "Payment terms in words (BT-20)."),
    target(Section::Invoice, "due_date", Kind::Date, "When it is to be paid (BT-9)."),
    target(Section::Invoice, "due_days", Kind::Number, "Days from the tax point to the due date, where no due_date is set."),
    target(Section::Invoice, "tip_tax", Kind::Tax, "The tax of a tip that is a charge on the invoice."),
    target(Section::Invoice, "tip_reason", Kind::Text, "What a tip that is a charge on the invoice is called (BT-104)."),
    target(Section::Invoice, "discount_reason", Kind::Text, "What a discount is called that the platform does not name (BT-97, BT-139)."),
    target(Section::Buyer, "address.country", Kind::Text, "ISO 3166-1 alpha-2 (BT-55)."),
    target(Section::Buyer, "address.state", Kind::Text, "ISO 3166-2 for Nigeria, else as written (BT-54)."),
    target(Section::Buyer, "address.city", Kind::Text, "City (BT-52)."),
    target(Section::Buyer, "address.street", Kind::Text, "Street and number (BT-50)."),
    target(Section::Buyer, "address.postal_code", Kind::Text, "Postal code (BT-53)."),
    target(Section::Buyer, "address.lga", Kind::Text, "Local government area."),
    target(Section::Buyer, "name", Kind::Text, "Legal name (BT-44)."),
    target(Section::Buyer, "trading_name", Kind::Text, "Name it trades under (BT-45)."),
    target(Section::Buyer, "tin", Kind::Text, "Tax identification number (BT-48)."),
    target(Section::Buyer, "registration_number", Kind::Text, "Company registration number (BT-47)."),
    target(Section::Buyer, "email", Kind::Text, "E-mail."),
    target(Section::Buyer, "phone", Kind::Text, "Telephone, E.164 where known."),
    target(Section::Buyer, "business_description", Kind::Text, "What the buyer does."),
    target(Section::Buyer, "contact.name", Kind::Text, "The person to ask (BT-56)."),
    target(Section::Buyer, "contact.email", Kind::Text, "Their e-mail (BT-58)."),
    target(Section::Buyer, "contact.phone", Kind::Text, "Their telephone (BT-57)."),
    Target { one_of: KINDS, ..target(Section::Buyer, "kind", Kind::Text, "What the buyer is: it decides between B2G, B2B and B2C; a private person where no rule says.") },
    target(Section::Line, "name", Kind::Text, "Item name (BT-153)."),
    target(Section::Line, "description", Kind::Text, "More about the item (BT-154)."),
    target(Section::Line, "sku", Kind::Text, "The seller's own number for the item (BT-155)."),
    target(Section::Line, "unit", Kind::Text, "UN/ECE recommendation 20 code (BT-130)."),
    target(Section::Line, "tax", Kind::Tax, "VAT category and rate (BT-151, BT-152)."),
    target(Section::Line, "category", Kind::Text, "The category the shop keeps it in; the tenant's catalogue may find it by that."),
    target(Section::Line, "classification", Kind::Classification, "HS or ISIC code with its category."),
    target(Section::Line, "note", Kind::Text, "A remark (BT-127)."),
    target(Section::Charge, "reason", Kind::Text, "Why it is charged (BT-104)."),
    target(Section::Charge, "tax", Kind::Tax, "VAT category and rate (BT-102, BT-103)."),
    target(Section::Payment, "code", Kind::Text, "UNTDID 4461 (BT-81)."),
    target(Section::Payment, "name", Kind::Text, "The means in words (BT-82)."),
    target(Section::Payment, "id", Kind::Text, "The payment's reference (BT-83)."),
    target(SALE_MAP, "id", Kind::Text, "The platform's id of the record. Needed."),
    target(SALE_MAP, "modified_at", Kind::DateTime, "When the platform last changed it."),
    target(SALE_MAP, "gone", Kind::Bool, "The platform still shows the record, but it was deleted."),
    target(SALE_MAP, "currency", Kind::Text, "ISO 4217 code of every amount."),
    target(SALE_MAP, "reference", Kind::Text, "The shop's own reference, such as a receipt number."),
    target(SALE_MAP, "description", Kind::Text, "A text for the buyer."),
    target(SALE_MAP, "created_at", Kind::DateTime, "When it was made."),
    target(SALE_MAP, "closed_at", Kind::DateTime, "When it became final: the tax point."),
    target(SALE_MAP, "title", Kind::Text, "The deal's name."),
    target(SALE_MAP, "stage", Kind::Text, "The deal's stage, the platform's id of it."),
    target(SALE_MAP, "pipeline", Kind::Text, "The deal's pipeline, the platform's id of it."),
    target(SALE_MAP, "won", Kind::Bool, "Whether the deal is closed and won."),
    target(SALE_MAP, "amount", Kind::Number, "The deal's editable amount: what one line is worth where there are none."),
    target(SALE_MAP, "state", Kind::Text, "Of a till's sale: open, completed or canceled."),
    target(SALE_MAP, "refund_of", Kind::Text, "The record it takes back: it then is a refund."),
    target(SALE_MAP, "refund", Kind::Bool, "Whether it takes something back, of a sale that may not be known."),
    target(SALE_MAP, "refund_reason", Kind::Text, "Why it was taken back."),
    target(SALE_MAP, "total", Kind::Number, "What the buyer pays by the till's own sum, without the tip. The lines must come to it."),
    target(SALE_MAP, "discount.name", Kind::Text, "Why something is taken off the whole sale."),
    target(SALE_MAP, "discount.amount", Kind::Number, "Taken off the whole sale, without tax; where a list says it, see map.discount."),
    target(SALE_MAP, "tip", Kind::Number, "Tips, outside the tax base."),
    target(SALE_MAP, "rounding", Kind::Number, "Cash rounding, signed."),
    target(SALE_MAP, "paid", Kind::Bool, "Whether it is paid in full."),
    target(SALE_MAP, "location.id", Kind::Text, "The shop's id."),
    target(SALE_MAP, "location.name", Kind::Text, "The shop's name."),
    target(SALE_MAP, "location.timezone", Kind::Text, "The shop's IANA time zone."),
    target(SALE_MAP, "location.country", Kind::Text, "The shop's country."),
    target(CUSTOMER_MAP, "id", Kind::Text, "The platform's id."),
    target(CUSTOMER_MAP, "kind", Kind::Text, "organization, individual or government."),
    target(CUSTOMER_MAP, "name", Kind::Text, "Legal name; for an individual, the person's. Without one there is no customer."),
    target(CUSTOMER_MAP, "trading_name", Kind::Text, "Name it trades under."),
    target(CUSTOMER_MAP, "tin", Kind::Text, "Tax identification number, where the platform keeps one."),
    target(CUSTOMER_MAP, "registration_number", Kind::Text, "Company registration number."),
    target(CUSTOMER_MAP, "email", Kind::Text, "E-mail."),
    target(CUSTOMER_MAP, "phone", Kind::Text, "Telephone."),
    target(CUSTOMER_MAP, "address.street", Kind::Text, "Street and number."),
    target(CUSTOMER_MAP, "address.city", Kind::Text, "City."),
    target(CUSTOMER_MAP, "address.postal_code", Kind::Text, "Postal code."),
    target(CUSTOMER_MAP, "address.lga", Kind::Text, "Local government area."),
    target(CUSTOMER_MAP, "address.state", Kind::Text, "State."),
    target(CUSTOMER_MAP, "address.country", Kind::Text, "Country."),
    target(CONTACT_MAP, "id", Kind::Text, "The platform's id."),
    target(CONTACT_MAP, "name", Kind::Text, "Full name. Without one there is no contact."),
    target(CONTACT_MAP, "email", Kind::Text, "E-mail."),
    target(CONTACT_MAP, "phone", Kind::Text, "Telephone."),
    target(ITEM_MAP, "left_out", Kind::Bool, "Whether the element is no line of the sale."),
    target(ITEM_MAP, "id", Kind::Text, "The platform's id of the line."),
    target(ITEM_MAP, "name", Kind::Text, "Name."),
    target(ITEM_MAP, "description", Kind::Text, "More about it."),
    target(ITEM_MAP, "sku", Kind::Text, "The shop's own number for it."),
    target(ITEM_MAP, "product_id", Kind::Text, "The platform's id of the product."),
    target(ITEM_MAP, "voucher", Kind::Bool, "Whether it is a gift card: money in another form."),
    target(ITEM_MAP, "quantity", Kind::Number, "How many; 1 where nothing says."),
    target(ITEM_MAP, "unit", Kind::Text, "UN/ECE recommendation 20 code."),
    target(ITEM_MAP, "unit_price", Kind::Number, "Price of one before discounts; with tax where tax.included holds."),
    target(ITEM_MAP, "discount.percent", Kind::Number, "Percent off the line."),
    target(ITEM_MAP, "discount.amount", Kind::Number, "Amount off the line."),
    target(ITEM_MAP, "discount.each", Kind::Number, "Amount off each unit. With discount.amount too, the stated sum tells which is meant."),
    target(ITEM_MAP, "sum", Kind::Number, "What the platform says the line comes to after discounts. The parts must come to it."),
    target(ITEM_MAP, "tax.percent", Kind::Number, "The tax applied, in percent."),
    target(ITEM_MAP, "tax.amount", Kind::Number, "What the tax came to."),
    target(ITEM_MAP, "tax.included", Kind::Bool, "Whether price, discounts and sum hold the tax already."),
    target(ITEM_MAP, "tax.untaxed", Kind::Bool, "Whether the platform says that no tax is on the line: what that means is the tenant's tax.untaxed."),
    target(ITEM_MAP, "tax.id", Kind::Text, "The platform's id of the tax."),
    target(ITEM_MAP, "tax.name", Kind::Text, "The tax's name."),
    target(DISCOUNT_MAP, "left_out", Kind::Bool, "Whether the element takes nothing off."),
    target(DISCOUNT_MAP, "name", Kind::Text, "Why."),
    target(DISCOUNT_MAP, "percent", Kind::Number, "Percent of what the lines come to without tax."),
    target(DISCOUNT_MAP, "amount", Kind::Number, "Amount, without tax."),
    target(CHARGE_MAP, "left_out", Kind::Bool, "Whether the element puts nothing on."),
    target(CHARGE_MAP, "name", Kind::Text, "What for."),
    target(CHARGE_MAP, "amount", Kind::Number, "Amount, without tax."),
    target(CHARGE_MAP, "tax.percent", Kind::Number, "The tax applied, in percent."),
    target(CHARGE_MAP, "tax.amount", Kind::Number, "What the tax came to."),
    target(PAYMENT_MAP, "left_out", Kind::Bool, "Whether the element is no payment."),
    target(PAYMENT_MAP, "id", Kind::Text, "The platform's id."),
    target(PAYMENT_MAP, "method", Kind::Text, "cash, card, transfer, cheque or other."),
    target(PAYMENT_MAP, "amount", Kind::Number, "How much, without the tip."),
    target(EVENT_MAP, "id", Kind::Text, "What all deliveries of one event share. Missing: the hash of the body."),
    target(EVENT_MAP, "kind", Kind::Text, "What happened, in the platform's words. Needed."),
    target(EVENT_MAP, "record", Kind::Text, "The id of the record to read again; nothing where it is none of ours."),
    target(EVENT_MAP, "account", Kind::Text, "The platform's id of the account."),
    target(EVENT_MAP, "occurred_at", Kind::DateTime, "When it happened."),
];

/// The index of a target in [`TARGETS`].
pub(super) fn target_index(section: Section, name: &str) -> Option<usize> {
    TARGETS.iter().position(|t| t.section == section && t.name == name)
}

/// As [`target_index`], when the engine is built; it does not build with a name that is no target.
pub(super) const fn place(section: Section, name: &str) -> usize {
    let mut index = 0;
    while !(TARGETS[index].section.is(section) && same(TARGETS[index].name, name)) {
        index += 1;
    }
    index
}

/// Where each target that is no text of the buyer stands.
#[rustfmt::skip]
pub(super) mod at {
    use super::{Section::{Buyer, Charge, Invoice, Line, Payment}, place};
    pub(in crate::mapping) const NOTE: usize = place(Invoice, "note");
    pub(in crate::mapping) const BUYER_REFERENCE: usize = place(Invoice, "buyer_reference");
    pub(in crate::mapping) const ORDER_REFERENCE: usize = place(Invoice, "order_reference");
    pub(in crate::mapping) const PAYMENT_TERMS: usize = place(Invoice, "payment_terms");
    pub(in crate::mapping) const DUE_DATE: usize = place(Invoice, "due_date");
    pub(in crate::mapping) const DUE_DAYS: usize = place(Invoice, "due_days");
    pub(in crate::mapping) const TIP_TAX: usize = place(Invoice, "tip_tax");
    pub(in crate::mapping) const TIP_REASON: usize = place(Invoice, "tip_reason");
    pub(in crate::mapping) const DISCOUNT_REASON: usize = place(Invoice, "discount_reason");
    pub(in crate::mapping) const BUYER_KIND: usize = place(Buyer, "kind");
    pub(in crate::mapping) const LINE_NAME: usize = place(Line, "name");
    pub(in crate::mapping) const LINE_DESCRIPTION: usize = place(Line, "description");
    pub(in crate::mapping) const LINE_SKU: usize = place(Line, "sku");
    pub(in crate::mapping) const LINE_UNIT: usize = place(Line, "unit");
    pub(in crate::mapping) const LINE_TAX: usize = place(Line, "tax");
    pub(in crate::mapping) const LINE_CATEGORY: usize = place(Line, "category");
    pub(in crate::mapping) const LINE_CLASSIFICATION: usize = place(Line, "classification");
    pub(in crate::mapping) const LINE_NOTE: usize = place(Line, "note");
    pub(in crate::mapping) const CHARGE_REASON: usize = place(Charge, "reason");
    pub(in crate::mapping) const CHARGE_TAX: usize = place(Charge, "tax");
    pub(in crate::mapping) const PAYMENT_CODE: usize = place(Payment, "code");
    pub(in crate::mapping) const PAYMENT_NAME: usize = place(Payment, "name");
    pub(in crate::mapping) const PAYMENT_ID: usize = place(Payment, "id");
}

const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut i = 0;
    while i < a.len() && i < b.len() && a[i] == b[i] {
        i += 1;
    }
    i == a.len() && i == b.len()
}

/// The index of the buyer's first target, and how many it has; they stand together.
pub(super) const BUYER: (usize, usize) = section(Section::Buyer);

const fn section(section: Section) -> (usize, usize) {
    let mut first = 0;
    while !TARGETS[first].section.is(section) {
        first += 1;
    }
    let mut end = first;
    while end < TARGETS.len() && TARGETS[end].section.is(section) {
        end += 1;
    }
    (first, end - first)
}

/// The index of a target as provenance writes it: `note`, `buyer.tin`, `lines[0].tax`.
pub(super) fn target_named(target: &str) -> Option<usize> {
    let of = |prefix: &str| target.strip_prefix(prefix)?.split_once("].").map(|(_, name)| name);
    let (section, name) = if let Some(name) = target.strip_prefix("trigger.") {
        (Section::Trigger, name)
    } else if let Some(name) = target.strip_prefix("buyer.") {
        (Section::Buyer, name)
    } else if let Some(name) = of("lines[") {
        (Section::Line, name)
    } else if let Some(name) = of("charges[") {
        (Section::Charge, name)
    } else if let Some(name) = of("payment_means[") {
        (Section::Payment, name)
    } else {
        (Section::Invoice, target)
    };
    target_index(section, name)
}

/// What typed sources read from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts<'v> {
    pub(super) document: &'v SourceDocument,
    pub(super) sale: &'v Sale,
    pub(super) customer: Option<&'v Customer>,
    pub(super) contact: Option<&'v Person>,
    pub(super) tenant: &'v Tenant,
    pub(super) item: Option<&'v Item>,
    pub(super) charge: Option<&'v Charge>,
    pub(super) tender: Option<&'v Tender>,
}

impl<'v> Facts<'v> {
    /// The tax of the item or charge at hand.
    pub(super) fn tax(&self) -> Option<&'v ItemTax> {
        self.item.map(|item| &item.tax).or_else(|| self.charge.map(|charge| &charge.tax))
    }

    fn applied(&self) -> &'v [AppliedTax] {
        match self.tax() {
            Some(ItemTax::Applied(taxes)) => taxes,
            _ => &[],
        }
    }

    /// The applied tax, where there is exactly one.
    fn only_tax(&self) -> Option<&'v AppliedTax> {
        if let [only] = self.applied() { Some(only) } else { None }
    }
}

type Getter = for<'c, 'v> fn(&'c Facts<'v>) -> Option<Value<'v>>;

/// A typed source below its prefix.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// The only values it takes; empty: any.
    pub(super) one_of: &'static [&'static str],
    pub(super) get: Getter,
}

const fn field(name: &'static str, kind: Kind, get: Getter) -> Field {
    Field { name, kind, one_of: &[], get }
}

const fn choice(name: &'static str, one_of: &'static [&'static str], get: Getter) -> Field {
    Field { name, kind: Kind::Text, one_of, get }
}

/// Where a prefix can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    Anywhere,
    Only(Section),
}

/// The sources with one prefix.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) prefix: &'static str,
    pub(super) scope: Scope,
    /// The kind of document it is limited to.
    pub(super) document: Option<&'static str>,
    pub(super) fields: &'static [&'static [Field]],
}

impl Group {
    pub(super) fn fields(&self) -> impl Iterator<Item = &'static Field> {
        self.fields.iter().flat_map(|fields| fields.iter())
    }
}

/// Every prefix with typed sources; `raw.*` and `custom.*` read the record, `buyer.*` what rules decided before.
pub(super) static GROUPS: &[Group] = &[
    Group { prefix: "sale", scope: Scope::Anywhere, document: None, fields: &[SALE] },
    Group { prefix: "deal", scope: Scope::Anywhere, document: Some("deal"), fields: &[DEAL, SALE] },
    Group {
        prefix: "transaction",
        scope: Scope::Anywhere,
        document: Some("transaction"),
        fields: &[TRANSACTION, SALE],
    },
    Group { prefix: "refund", scope: Scope::Anywhere, document: Some("refund"), fields: &[REFUND, SALE] },
    Group { prefix: "customer", scope: Scope::Anywhere, document: None, fields: &[CUSTOMER] },
    Group { prefix: "setting", scope: Scope::Anywhere, document: None, fields: &[SETTING] },
    Group { prefix: "item", scope: Scope::Only(Section::Line), document: None, fields: &[ITEM, TAX] },
    Group { prefix: "charge", scope: Scope::Only(Section::Charge), document: None, fields: &[CHARGE, TAX] },
    Group { prefix: "tender", scope: Scope::Only(Section::Payment), document: None, fields: &[TENDER] },
];

/// `deal`, `transaction` or `refund`.
pub(super) fn document_kind(document: &SourceDocument) -> &'static str {
    match document {
        SourceDocument::Deal(_) => "deal",
        SourceDocument::Transaction(_) => "transaction",
        SourceDocument::Refund(_) => "refund",
    }
}

fn state(state: SaleState) -> Option<Value<'static>> {
    Value::text(match state {
        SaleState::Open => "open",
        SaleState::Completed => "completed",
        SaleState::Canceled => "canceled",
    })
}

fn tax_id<'v>(facts: &Facts<'v>, scheme: &str) -> Option<Value<'v>> {
    let ids = &facts.customer?.organization.tax_ids;
    ids.iter().find(|id| id.scheme == scheme).and_then(|id| Value::text(&id.value))
}

/// What a buyer can be.
const KINDS: &[&str] = &["organization", "individual", "government"];

const STATES: &[&str] = &["open", "completed", "canceled"];

const SALE: &[Field] = &[
    field("id", Kind::Text, |f| Value::text(&f.sale.id)),
    choice("kind", &["deal", "transaction", "refund"], |f| Value::text(document_kind(f.document))),
    field("reference", Kind::Text, |f| Value::of(f.sale.reference.as_ref())),
    field("description", Kind::Text, |f| Value::of(f.sale.description.as_ref())),
    field("currency", Kind::Text, |f| {
        let currency = f.sale.currency.as_ref().or(f.tenant.currency.as_ref())?;
        Value::text(currency.code())
    }),
    field("created_at", Kind::DateTime, |f| f.sale.created_at.map(Value::DateTime)),
    field("closed_at", Kind::DateTime, |f| f.sale.closed_at.map(Value::DateTime)),
    field("paid", Kind::Bool, |f| Some(Value::Bool(f.sale.paid))),
    field("total", Kind::Number, |f| f.sale.total.map(Value::Number)),
    field("tip", Kind::Number, |f| Some(Value::Number(f.sale.tip))),
    field("rounding", Kind::Number, |f| Some(Value::Number(f.sale.rounding))),
    field("location.id", Kind::Text, |f| Value::text(&f.sale.location.as_ref()?.id)),
    field("location.name", Kind::Text, |f| Value::of(f.sale.location.as_ref()?.name.as_ref())),
    field("location.timezone", Kind::Text, |f| Value::of(f.sale.location.as_ref()?.timezone.as_ref())),
    field("location.country", Kind::Text, |f| Value::of(f.sale.location.as_ref()?.country.as_ref())),
];

const DEAL: &[Field] = &[
    field("title", Kind::Text, |f| match f.document {
        SourceDocument::Deal(deal) => Value::of(deal.title.as_ref()),
        _ => None,
    }),
    field("stage", Kind::Text, |f| match f.document {
        SourceDocument::Deal(deal) => Value::of(deal.stage.as_ref()),
        _ => None,
    }),
    field("pipeline", Kind::Text, |f| match f.document {
        SourceDocument::Deal(deal) => Value::of(deal.pipeline.as_ref()),
        _ => None,
    }),
    field("won", Kind::Bool, |f| match f.document {
        SourceDocument::Deal(deal) => Some(Value::Bool(deal.won)),
        _ => None,
    }),
    field("amount", Kind::Number, |f| match f.document {
        SourceDocument::Deal(deal) => deal.amount.map(Value::Number),
        _ => None,
    }),
];

const TRANSACTION: &[Field] = &[choice("state", STATES, |f| match f.document {
    SourceDocument::Transaction(transaction) => state(transaction.state),
    _ => None,
})];

const REFUND: &[Field] = &[
    choice("state", STATES, |f| match f.document {
        SourceDocument::Refund(refund) => state(refund.state),
        _ => None,
    }),
    field("original_id", Kind::Text, |f| match f.document {
        SourceDocument::Refund(refund) => Value::of(refund.original_id.as_ref()),
        _ => None,
    }),
    field("reason", Kind::Text, |f| match f.document {
        SourceDocument::Refund(refund) => Value::of(refund.reason.as_ref()),
        _ => None,
    }),
];

const CUSTOMER: &[Field] = &[
    field("id", Kind::Text, |f| Value::of(f.customer?.id.as_ref())),
    choice("kind", KINDS, |f| {
        Value::text(match f.customer?.kind {
            CustomerKind::Organization => "organization",
            CustomerKind::Individual => "individual",
            CustomerKind::Government => "government",
        })
    }),
    field("name", Kind::Text, |f| Value::text(&f.customer?.organization.legal_name)),
    field("trading_name", Kind::Text, |f| Value::of(f.customer?.organization.trading_name.as_ref())),
    field("tin", Kind::Text, |f| tax_id(f, "NG-TIN")),
    field("registration_number", Kind::Text, |f| tax_id(f, "NG-CAC-RC")),
    field("email", Kind::Text, |f| Value::of(f.customer?.organization.email.as_ref())),
    field("phone", Kind::Text, |f| Value::of(f.customer?.organization.phone.as_ref())),
    field("address.street", Kind::Text, |f| Value::of(f.customer?.organization.address.street.as_ref())),
    field("address.city", Kind::Text, |f| Value::of(f.customer?.organization.address.city.as_ref())),
    field("address.postal_code", Kind::Text, |f| {
        Value::of(f.customer?.organization.address.postal_code.as_ref())
    }),
    field("address.lga", Kind::Text, |f| Value::of(f.customer?.organization.address.lga.as_ref())),
    field("address.state", Kind::Text, |f| Value::of(f.customer?.organization.address.state.as_ref())),
    field("address.country", Kind::Text, |f| Value::of(f.customer?.organization.address.country.as_ref())),
    field("contact.id", Kind::Text, |f| Value::of(f.contact?.id.as_ref())),
    field("contact.name", Kind::Text, |f| Value::of(f.contact?.name.as_ref())),
    field("contact.email", Kind::Text, |f| Value::of(f.contact?.email.as_ref())),
    field("contact.phone", Kind::Text, |f| Value::of(f.contact?.phone.as_ref())),
];

/// Of the tenant, what an invoice may show. Never its credentials.
const SETTING: &[Field] = &[
    field("name", Kind::Text, |f| Value::text(&f.tenant.name)),
    field("tin", Kind::Text, |f| Value::of(f.tenant.tin.as_ref())),
    field("email", Kind::Text, |f| Value::of(f.tenant.email.as_ref())),
    field("phone", Kind::Text, |f| Value::of(f.tenant.phone.as_ref())),
    field("business_description", Kind::Text, |f| Value::of(f.tenant.business_description.as_ref())),
    field("country", Kind::Text, |f| Value::text(f.tenant.country_code())),
    field("timezone", Kind::Text, |f| Value::of(f.tenant.timezone.as_ref())),
    field("business_id", Kind::Text, |f| Value::of(f.tenant.business_id.as_ref())),
    field("service_id", Kind::Text, |f| Value::of(f.tenant.service_id.as_ref())),
    field("currency", Kind::Text, |f| Value::text(f.tenant.currency.as_ref()?.code())),
];

const ITEM: &[Field] = &[
    field("id", Kind::Text, |f| Value::of(f.item?.id.as_ref())),
    field("name", Kind::Text, |f| Value::text(&f.item?.name)),
    field("description", Kind::Text, |f| Value::of(f.item?.description.as_ref())),
    field("sku", Kind::Text, |f| Value::of(f.item?.sku.as_ref())),
    field("product_id", Kind::Text, |f| Value::of(f.item?.product_id.as_ref())),
    field("voucher", Kind::Bool, |f| Some(Value::Bool(f.item?.voucher))),
    field("quantity", Kind::Number, |f| Some(Value::Number(f.item?.quantity.get()))),
    field("unit", Kind::Text, |f| Value::of(f.item?.unit.as_ref())),
    field("unit_price", Kind::Number, |f| Some(Value::Number(f.item?.unit_price))),
    field("net_amount", Kind::Number, |f| Some(Value::Number(f.item?.net_amount))),
];

const CHARGE: &[Field] = &[
    field("name", Kind::Text, |f| Value::of(f.charge?.name.as_ref())),
    field("amount", Kind::Number, |f| Some(Value::Number(f.charge?.amount))),
];

/// What the platform knows of the tax of an item or a charge.
const TAX: &[Field] = &[
    choice("tax.state", &["not_carried", "untaxed", "applied"], |f| {
        Value::text(match f.tax()? {
            ItemTax::NotCarried => "not_carried",
            ItemTax::Untaxed => "untaxed",
            ItemTax::Applied(_) => "applied",
        })
    }),
    field("tax.count", Kind::Number, |f| Some(Value::Number(f.applied().len().into()))),
    field("tax.rate", Kind::Number, |f| Some(Value::Number(f.only_tax()?.rate.get()))),
    field("tax.id", Kind::Text, |f| Value::of(f.only_tax()?.id.as_ref())),
    field("tax.name", Kind::Text, |f| Value::of(f.only_tax()?.name.as_ref())),
];

const TENDER: &[Field] = &[
    field("id", Kind::Text, |f| Value::of(f.tender?.id.as_ref())),
    choice("method", &["cash", "card", "transfer", "cheque", "other"], |f| {
        Value::text(match f.tender?.method {
            TenderMethod::Cash => "cash",
            TenderMethod::Card => "card",
            TenderMethod::Transfer => "transfer",
            TenderMethod::Cheque => "cheque",
            TenderMethod::Other => "other",
        })
    }),
    field("amount", Kind::Number, |f| Some(Value::Number(f.tender?.amount))),
];
