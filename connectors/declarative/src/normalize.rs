//! A record in the engine's words, by the template's field map. Pure.

use crate::{
    line::{At, Stated},
    plan::Plan,
};
use bytes::Bytes;
use rust_decimal::Decimal;
use taxpoynt_core::{
    Error, Result, json,
    mapping::{Part, Reader, Record, shown},
    model::{
        AppliedTax, Charge, Customer, CustomerKind, Deal, Discount, Item, ItemTax, Location, Organization,
        Person, RawRecord, RecordKind, Refund, Sale, SaleState, SourceDocument, SourceKey, TaxId, Tender,
        TenderMethod, Transaction,
    },
};
use taxpoynt_ubl::{Address, Currency, Rate, round_half_up};

/// Which elements of the record a line stands for.
type Bindings<'b> = &'b [(&'static str, usize)];

/// Reads a record.
pub(crate) fn normalize(plan: &Plan, body: &[u8]) -> Result<Vec<SourceDocument>> {
    let record = Record::new(body, &plan.info.record)?;
    let operation = plan.operations.normalize;
    let first = plan.fields.reader(operation, &record, None);
    let currency = match first.text(Part::Sale, "currency", &[])? {
        Some(code) => Some(
            Currency::parse(&code)
                .map_err(|_| refuse(&first, Part::Sale, "currency", &[], &no_currency(&code)))?,
        ),
        None => None,
    };
    let reader = plan.fields.reader(operation, &record, currency);
    Sketch { plan, record: &record, reader, currency }.document().map(|document| vec![document])
}

/// Names a record that a host hands in.
pub(crate) fn identify(plan: &Plan, body: &[u8]) -> Result<RawRecord> {
    let operation = plan.operations.identify;
    let record = Record::new(body, &plan.info.record)?;
    let reader = plan.fields.reader(operation, &record, None);
    Ok(RawRecord {
        key: SourceKey::new(plan.kind, id(&reader)?),
        modified_at: reader.time(Part::Sale, "modified_at", &[])?,
        body: Bytes::copy_from_slice(body),
    })
}

fn id(reader: &Reader<'_, '_>) -> Result<String> {
    reader
        .text(Part::Sale, "id", &[])?
        .ok_or_else(|| refuse(reader, Part::Sale, "id", &[], "missing: the record has no id"))
}

fn refuse(reader: &Reader<'_, '_>, part: Part, field: &str, bindings: Bindings<'_>, message: &str) -> Error {
    let place = reader.place(part, field, bindings);
    let message = format!("{place}: {message}");
    Error::payload(reader.operation(), place, message)
}

fn no_currency(code: &str) -> String {
    format!("{:?} is no currency of ISO 4217", shown(code))
}

struct Sketch<'a, 'r> {
    plan: &'a Plan,
    record: &'a Record<'r>,
    reader: Reader<'a, 'r>,
    currency: Option<Currency>,
}

impl Sketch<'_, '_> {
    fn document(&self) -> Result<SourceDocument> {
        let amount = self.amount(Part::Sale, "amount", &[])?;
        let sale = self.sale()?;
        if sale.items.is_empty() && amount.is_none() && sale.total.is_none() {
            let field = if self.plan.kind == RecordKind::Deal { "amount" } else { "total" };
            let message = "missing, and the record has no lines: there is nothing to invoice";
            return Err(refuse(&self.reader, Part::Sale, field, &[], message));
        }
        if self.plan.kind == RecordKind::Deal {
            return Ok(SourceDocument::Deal(Deal {
                sale,
                title: self.text(Part::Sale, "title", &[])?,
                stage: self.text(Part::Sale, "stage", &[])?,
                pipeline: self.text(Part::Sale, "pipeline", &[])?,
                won: self.flag(Part::Sale, "won", &[])?,
                amount,
            }));
        }
        let state = self.state()?;
        let original_id = self.text(Part::Sale, "refund_of", &[])?;
        if original_id.is_none() && !self.flag(Part::Sale, "refund", &[])? {
            return Ok(SourceDocument::Transaction(Transaction { sale, state }));
        }
        let reason = self.text(Part::Sale, "refund_reason", &[])?;
        Ok(SourceDocument::Refund(Refund { sale, state, original_id, reason }))
    }

    fn state(&self) -> Result<SaleState> {
        match self.text(Part::Sale, "state", &[])?.as_deref() {
            None | Some("open") => Ok(SaleState::Open),
            Some("completed") => Ok(SaleState::Completed),
            Some("canceled") => Ok(SaleState::Canceled),
            Some(other) => {
                let message = format!("{:?} is none of open, completed and canceled", shown(other));
                Err(refuse(&self.reader, Part::Sale, "state", &[], &message))
            }
        }
    }

    fn sale(&self) -> Result<Sale> {
        let part = Part::Sale;
        let mut sale = Sale::blank(self.currency);
        sale.id = id(&self.reader)?;
        sale.reference = self.text(part, "reference", &[])?;
        sale.description = self.text(part, "description", &[])?;
        sale.created_at = self.reader.time(part, "created_at", &[])?;
        sale.closed_at = self.reader.time(part, "closed_at", &[])?;
        sale.location = self.location()?;
        sale.customer = self.customer()?;
        sale.tip = self.amount(part, "tip", &[])?.unwrap_or_default();
        sale.rounding = self.amount(part, "rounding", &[])?.unwrap_or_default();
        sale.total = self.amount(part, "total", &[])?;
        sale.paid = self.flag(part, "paid", &[])?;
        self.lines(&mut sale)?;
        sale.discounts = self.discounts(&sale.items)?;
        let off = self.amount(part, "discount.amount", &[])?.filter(|amount| !amount.is_zero());
        if let Some(amount) = off {
            if amount < Decimal::ZERO {
                return Err(refuse(&self.reader, part, "discount.amount", &[], "cannot be negative"));
            }
            sale.discounts.push(Discount { name: self.text(part, "discount.name", &[])?, amount });
        }
        sale.charges = self.charges()?;
        sale.tenders = self.tenders()?;
        Ok(sale)
    }

    fn location(&self) -> Result<Option<Location>> {
        let part = Part::Sale;
        let Some(id) = self.text(part, "location.id", &[])? else { return Ok(None) };
        Ok(Some(Location {
            id,
            name: self.text(part, "location.name", &[])?,
            timezone: self.text(part, "location.timezone", &[])?,
            country: self.text(part, "location.country", &[])?,
        }))
    }

    fn customer(&self) -> Result<Option<Customer>> {
        let text = |field| self.text(Part::Customer, field, &[]);
        let Some(legal_name) = text("name")? else { return Ok(None) };
        let kind = match text("kind")?.as_deref() {
            Some("organization") => CustomerKind::Organization,
            Some("government") => CustomerKind::Government,
            None | Some("individual") => CustomerKind::Individual,
            Some(other) => {
                let message =
                    format!("{:?} is none of organization, individual and government", shown(other));
                return Err(refuse(&self.reader, Part::Customer, "kind", &[], &message));
            }
        };
        let tax_id = |scheme: &str, value: String| TaxId { scheme: scheme.to_owned(), value };
        let tin = text("tin")?.map(|value| tax_id("NG-TIN", value));
        let registration = text("registration_number")?.map(|value| tax_id("NG-CAC-RC", value));
        Ok(Some(Customer {
            id: text("id")?,
            kind,
            organization: Organization {
                legal_name,
                trading_name: text("trading_name")?,
                tax_ids: tin.into_iter().chain(registration).collect(),
                email: text("email")?,
                phone: text("phone")?,
                address: Address {
                    street: text("address.street")?,
                    city: text("address.city")?,
                    postal_code: text("address.postal_code")?,
                    lga: text("address.lga")?,
                    state: text("address.state")?,
                    country: text("address.country")?,
                    ..Address::default()
                },
            },
            contacts: if kind == CustomerKind::Individual {
                Vec::new()
            } else {
                self.contact()?.into_iter().collect()
            },
        }))
    }

    fn contact(&self) -> Result<Option<Person>> {
        let text = |field| self.text(Part::Contact, field, &[]);
        let Some(name) = text("name")? else { return Ok(None) };
        Ok(Some(Person {
            id: text("id")?,
            name: Some(name),
            email: text("email")?,
            phone: text("phone")?,
            ..Person::default()
        }))
    }

    /// The places of a part's list that count: each with its bindings.
    fn elements(&self, part: Part) -> Result<Vec<[(&'static str, usize); 1]>> {
        let Some(list) = self.plan.list(part) else { return Ok(Vec::new()) };
        let count = match self.record.get(list)? {
            Some(text) if text.starts_with('[') => json::elements(text).map_or(0, |elements| elements.len()),
            Some(_) => 1,
            None => 0,
        };
        let mut counted = Vec::with_capacity(count);
        for index in 0..count {
            let bindings = [(list, index)];
            if !self.flag(part, "left_out", &bindings)? {
                counted.push(bindings);
            }
        }
        Ok(counted)
    }

    fn lines(&self, sale: &mut Sale) -> Result<()> {
        let elements = self.elements(Part::Item)?;
        let mut percents = Vec::with_capacity(elements.len());
        for bindings in &elements {
            percents.push(self.percent(Part::Item, bindings)?);
        }
        // A till that knows taxes says 0 or nothing where it applied none. A CRM's shop may not use taxes there at all:
        // then its zeros say nothing, and the tenant's `tax.default` decides.
        let carried = self.plan.fields.sets(Part::Item, "tax.percent")
            && (self.plan.kind == RecordKind::Order
                || percents.iter().flatten().any(|percent| !percent.is_zero()));
        for (bindings, percent) in elements.iter().zip(percents) {
            let item = self.item(bindings, percent.filter(|_| carried), carried, &mut sale.disagreements)?;
            sale.items.push(item);
        }
        Ok(())
    }

    fn percent(&self, part: Part, bindings: Bindings<'_>) -> Result<Option<Decimal>> {
        let percent = self.number(part, "tax.percent", bindings)?;
        let check = |percent| {
            Rate::percent(percent)
                .map(|_| percent)
                .map_err(|error| refuse(&self.reader, part, "tax.percent", bindings, &error.to_string()))
        };
        percent.map(check).transpose()
    }

    fn item(
        &self,
        bindings: Bindings<'_>,
        percent: Option<Decimal>,
        carried: bool,
        disagreements: &mut Vec<taxpoynt_core::model::Disagreement>,
    ) -> Result<Item> {
        let part = Part::Item;
        let untaxed = self.flag(part, "tax.untaxed", bindings)?;
        let percent = percent.filter(|_| !untaxed);
        let included = self.flag(part, "tax.included", bindings)?;
        let stated = Stated {
            quantity: self.number(part, "quantity", bindings)?,
            unit_price: self.number(part, "unit_price", bindings)?,
            percent_off: self.number(part, "discount.percent", bindings)?,
            off: self.amount(part, "discount.amount", bindings)?,
            off_each: self.number(part, "discount.each", bindings)?,
            sum: self.amount(part, "sum", bindings)?,
            included: percent.filter(|_| included),
        };
        let place = |field: &str| self.reader.place(part, field, bindings);
        let at = At {
            operation: self.plan.operations.normalize,
            place: &place,
            minor_units: self.currency.map_or(2, Currency::minor_units),
        };
        let line = stated.line(&at, disagreements)?;
        let amount = at.check("tax.amount", self.amount(part, "tax.amount", bindings)?)?.or(line.tax);
        Ok(Item {
            id: self.text(part, "id", bindings)?,
            name: self.text(part, "name", bindings)?.unwrap_or_else(|| "Item".to_owned()),
            description: self.text(part, "description", bindings)?,
            sku: self.text(part, "sku", bindings)?,
            product_id: self.text(part, "product_id", bindings)?,
            voucher: self.flag(part, "voucher", bindings)?,
            quantity: line.quantity,
            unit: self.text(part, "unit", bindings)?,
            unit_price: line.unit_price,
            discounts: self.named(line.discount, &stated),
            charges: Vec::new(),
            net_amount: line.net,
            tax: self.tax(part, bindings, percent, amount, carried || untaxed)?,
            bindings: bindings.to_vec(),
        })
    }

    fn named(&self, amount: Decimal, stated: &Stated) -> Vec<Discount> {
        let percent = stated.percent_off.filter(|percent| !percent.is_zero());
        let name = percent.map(|percent| format!("{} %", percent.normalize()));
        if amount.is_zero() { Vec::new() } else { vec![Discount { name, amount }] }
    }

    fn tax(
        &self,
        part: Part,
        bindings: Bindings<'_>,
        percent: Option<Decimal>,
        amount: Option<Decimal>,
        carried: bool,
    ) -> Result<ItemTax> {
        let Some(percent) = percent else {
            return Ok(if carried { ItemTax::Untaxed } else { ItemTax::NotCarried });
        };
        let rate = Rate::percent(percent)
            .map_err(|error| refuse(&self.reader, part, "tax.percent", bindings, &error.to_string()))?;
        let of_item = |field| if part == Part::Item { self.text(part, field, bindings) } else { Ok(None) };
        Ok(ItemTax::Applied(vec![AppliedTax {
            id: of_item("tax.id")?,
            name: of_item("tax.name")?,
            rate,
            amount,
        }]))
    }

    /// Discounts on the whole sale. A percent is one of what the lines come to without tax.
    fn discounts(&self, items: &[Item]) -> Result<Vec<Discount>> {
        let part = Part::Discount;
        let net: Decimal = items.iter().map(|item| item.net_amount).sum();
        let places = self.currency.map_or(2, Currency::minor_units);
        let mut discounts = Vec::new();
        for bindings in &self.elements(part)? {
            let percent = self.number(part, "percent", bindings)?;
            let share = match percent {
                Some(percent) if (Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(&percent) => net
                    .checked_mul(percent)
                    .map(|product| round_half_up(product / Decimal::ONE_HUNDRED, places)),
                Some(_) => {
                    return Err(refuse(
                        &self.reader,
                        part,
                        "percent",
                        bindings,
                        "is no percent from 0 to 100",
                    ));
                }
                None => self.amount(part, "amount", bindings)?,
            };
            let message = "missing: a discount has a percent or an amount that is not negative";
            let amount = share
                .filter(|amount| *amount >= Decimal::ZERO)
                .ok_or_else(|| refuse(&self.reader, part, "amount", bindings, message))?;
            let stated = percent.map(|percent| format!("{} %", percent.normalize()));
            if !amount.is_zero() {
                discounts.push(Discount { name: self.text(part, "name", bindings)?.or(stated), amount });
            }
        }
        Ok(discounts)
    }

    fn charges(&self) -> Result<Vec<Charge>> {
        let part = Part::Charge;
        let carried = self.plan.fields.sets(part, "tax.percent");
        let mut charges = Vec::new();
        for bindings in &self.elements(part)? {
            let amount = self.amount(part, "amount", bindings)?.filter(|amount| *amount >= Decimal::ZERO);
            let amount = amount.ok_or_else(|| {
                refuse(&self.reader, part, "amount", bindings, "a charge has an amount that is not negative")
            })?;
            let percent = self.percent(part, bindings)?;
            let stated = self.amount(part, "tax.amount", bindings)?;
            charges.push(Charge {
                name: self.text(part, "name", bindings)?,
                amount,
                tax: self.tax(part, bindings, percent, stated, carried)?,
                bindings: bindings.to_vec(),
            });
        }
        Ok(charges)
    }

    fn tenders(&self) -> Result<Vec<Tender>> {
        let part = Part::Payment;
        let mut tenders = Vec::new();
        for bindings in &self.elements(part)? {
            let amount = self.amount(part, "amount", bindings)?;
            tenders.push(Tender {
                id: self.text(part, "id", bindings)?,
                method: match self.text(part, "method", bindings)?.as_deref() {
                    Some("cash") => TenderMethod::Cash,
                    Some("card") => TenderMethod::Card,
                    Some("transfer") => TenderMethod::Transfer,
                    Some("cheque") => TenderMethod::Cheque,
                    _ => TenderMethod::Other,
                },
                amount: amount.ok_or_else(|| refuse(&self.reader, part, "amount", bindings, "missing"))?,
            });
        }
        Ok(tenders)
    }

    fn text(&self, part: Part, field: &str, bindings: Bindings<'_>) -> Result<Option<String>> {
        Ok(self.reader.text(part, field, bindings)?.filter(|text| !text.is_empty()))
    }

    /// An amount: of a list, the sum of its elements.
    fn amount(&self, part: Part, field: &str, bindings: Bindings<'_>) -> Result<Option<Decimal>> {
        self.reader.amount(part, field, bindings)
    }

    fn number(&self, part: Part, field: &str, bindings: Bindings<'_>) -> Result<Option<Decimal>> {
        self.reader.number(part, field, bindings)
    }

    fn flag(&self, part: Part, field: &str, bindings: Bindings<'_>) -> Result<bool> {
        Ok(self.reader.flag(part, field, bindings)?.unwrap_or(false))
    }
}
