//! Sales made by hand, and shortcuts to apply rules to them.

use rust_decimal::Decimal;
use std::sync::LazyLock;
use taxpoynt_core::{
    connector::RecordShape,
    mapping::{self, MappedTax, Record, Rules, apply},
    model::{
        AppliedTax, Charge, ContactRole, Customer, CustomerKind, Deal, Item, ItemTax, Organization, Person,
        Sale, SaleState, SourceDocument, TaxId, Tender, TenderMethod, Transaction,
    },
    tenant::Tenant,
};
use taxpoynt_ubl::{Address, Currency, Quantity, Rate};

pub(crate) const TILL: RecordShape = RecordShape {
    root: "order",
    currency: "order.currency",
    lists: &[("payments", "payment"), ("refunds", "refund")],
    singles: &["customer", "location", "source_order"],
    stand_ins: &[],
};

pub(crate) const CRM: RecordShape = RecordShape {
    root: "deal",
    currency: "deal.currency",
    lists: &[
        ("line_items", "line_item"),
        ("companies", "company"),
        ("contacts", "contact"),
        ("products", "product"),
    ],
    singles: &["pipeline", "organization", "person"],
    stand_ins: &[],
};

pub(crate) fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub(crate) fn sale() -> Sale {
    Sale {
        id: "S-1".into(),
        reference: Some("POS-2026-000417".into()),
        description: Some("Thank you".into()),
        currency: Some(Currency::NGN),
        created_at: "2026-10-14T11:02:31Z".parse().ok(),
        closed_at: "2026-10-14T23:30:00Z".parse().ok(),
        location: None,
        customer: None,
        items: vec![item(ItemTax::NotCarried)],
        charges: Vec::new(),
        discounts: Vec::new(),
        tip: Decimal::ZERO,
        rounding: Decimal::ZERO,
        total: None,
        tenders: Vec::new(),
        paid: true,
        disagreements: Vec::new(),
    }
}

pub(crate) fn item(tax: ItemTax) -> Item {
    Item {
        id: Some("li-1".into()),
        name: "Jollof rice".into(),
        description: Some("Large".into()),
        sku: Some("jr-01".into()),
        product_id: None,
        voucher: false,
        quantity: Quantity::ONE,
        unit: None,
        unit_price: dec("100"),
        discounts: Vec::new(),
        charges: Vec::new(),
        net_amount: dec("100"),
        tax,
        bindings: Vec::new(),
    }
}

pub(crate) fn bound(tax: ItemTax, bindings: &[(&'static str, usize)]) -> Item {
    Item { bindings: bindings.to_vec(), ..item(tax) }
}

pub(crate) fn charge(tax: ItemTax) -> Charge {
    Charge { name: Some("Service".into()), amount: dec("10"), tax, bindings: Vec::new() }
}

pub(crate) fn tender(method: TenderMethod) -> Tender {
    Tender { id: Some("T-1".into()), method, amount: dec("107.5") }
}

pub(crate) fn taxed(id: &str, rate: &str, amount: Option<&str>) -> AppliedTax {
    AppliedTax {
        id: Some(id.into()),
        name: Some(format!("Tax {id}")),
        rate: Rate::percent(dec(rate)).unwrap(),
        amount: amount.map(dec),
    }
}

pub(crate) fn applied(rate: &str, amount: &str) -> ItemTax {
    ItemTax::Applied(vec![taxed("TAX-A", rate, Some(amount))])
}

pub(crate) fn customer() -> Customer {
    Customer {
        id: Some("C-1".into()),
        kind: CustomerKind::Organization,
        organization: Organization {
            legal_name: "Zenith Foods Ltd".into(),
            trading_name: Some("Zenith".into()),
            tax_ids: vec![
                TaxId { scheme: "NG-CAC-RC".into(), value: "RC123456".into() },
                TaxId { scheme: "NG-TIN".into(), value: "12345678-0001".into() },
            ],
            email: Some("ap@zenith.example".into()),
            phone: Some("0803 000 0000".into()),
            address: Address {
                street: Some("4 Marina Road".into()),
                city: Some("Lagos".into()),
                state: Some("Lagos".into()),
                country: Some("Nigeria".into()),
                ..Address::default()
            },
        },
        contacts: vec![
            Person { name: Some("Chidi Eze".into()), primary: true, ..Person::default() },
            Person {
                name: Some("Ada Obi".into()),
                email: Some("ada@zenith.example".into()),
                phone: Some("+234 805 111 1111".into()),
                role: ContactRole::Finance,
                ..Person::default()
            },
        ],
    }
}

pub(crate) fn foreign(country: &str) -> Customer {
    let mut customer = customer();
    customer.organization.address.country = Some(country.into());
    customer.organization.address.state = Some("Delta".into());
    customer
}

pub(crate) fn transaction(sale: Sale) -> SourceDocument {
    SourceDocument::Transaction(Transaction { sale, state: SaleState::Completed })
}

pub(crate) fn deal(sale: Sale) -> SourceDocument {
    SourceDocument::Deal(Deal {
        sale,
        title: Some("ERP rollout".into()),
        stage: Some("closedwon".into()),
        pipeline: None,
        won: true,
        amount: Some(dec("100.50")),
    })
}

pub(crate) fn tenant(settings: &str) -> Tenant {
    let settings: serde_json::Map<String, serde_json::Value> = serde_json::from_str(settings).unwrap();
    let mut all = serde_json::json!({ "name": "Adire Works Ltd", "country": "NG" });
    all.as_object_mut().unwrap().extend(settings);
    Tenant::from_json(all.to_string().as_bytes()).unwrap()
}

/// Base, the tenant's settings, then `rules`.
pub(crate) fn layered(tenant: &Tenant, rules: &str) -> Rules {
    let settings = Rules::of_tenant(tenant).unwrap();
    let own = Rules::parse(rules).unwrap_or_else(|error| panic!("{error}\n{rules}"));
    Rules::merged(&[Rules::base(), &settings, &own])
}

/// What rules made of something that a test does not keep.
pub(crate) type Mapped = mapping::Mapped<'static, 'static>;

/// Applies rules. What went in stays until the test is over, because what comes out borrows from it.
pub(crate) fn apply_kept(
    rules: Rules,
    document: &SourceDocument,
    shape: &RecordShape,
    body: &[u8],
    tenant: &Tenant,
) -> Mapped {
    fn kept<T>(value: T) -> &'static T {
        Box::leak(Box::new(value))
    }
    let record = Record::new(kept(body.to_vec()), shape).unwrap();
    apply(kept(rules), kept(document.clone()), kept(record), kept(tenant.clone())).unwrap()
}

pub(crate) fn map(
    tenant: &Tenant,
    rules: &str,
    document: &SourceDocument,
    shape: &RecordShape,
    body: &str,
) -> Mapped {
    apply_kept(layered(tenant, rules), document, shape, body.as_bytes(), tenant)
}

static NOBODY: LazyLock<Tenant> = LazyLock::new(|| tenant("{}"));

/// Rules over a till's sale and an empty order, without tenant's settings.
pub(crate) fn rules_over(rules: &str, sale: Sale, body: &str) -> Mapped {
    map(&NOBODY, rules, &transaction(sale), &TILL, body)
}

/// `S 7.5 amount 1.00`.
pub(crate) fn shown(tax: Option<&MappedTax<'_>>) -> String {
    let Some(tax) = tax else { return "none".into() };
    let amount = tax.amount.map(|amount| format!(" amount {amount}")).unwrap_or_default();
    format!("{:?} {}{amount}", tax.category, tax.percent.normalize())
}

pub(crate) fn codes(mapped: &Mapped) -> Vec<&str> {
    mapped.reasons.iter().map(|reason| reason.code).collect()
}
