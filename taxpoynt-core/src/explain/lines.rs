//! Lines, discounts, charges and means of payment.

use super::{
    entry::Origin,
    place::Place,
    subject::{Explainer, Made, Told, calculated, fixed},
};
use taxpoynt_ubl::{Classification, InvoiceLine};

impl Explainer<'_> {
    pub(super) fn line(&self, place: &Place<'_>, value: &str) -> Option<Told> {
        let at = place.nth(0);
        let line = self.subject.invoice.lines.get(at)?;
        let names = place.names();
        let below = names.get(1..)?;
        if below == ["ID"] && !matches!(self.subject.made, Made::AddsTo(_)) {
            let count = self.subject.invoice.lines.len();
            let step =
                format!("lines are numbered in the order of the record, this is {} of {count}", at + 1);
            return Some(calculated(step));
        }
        if let Some(told) = of_every_line(below, place.attribute, line) {
            return Some(told);
        }
        match self.subject.made {
            Made::TakesBack(original) => Some(self.taken_over(original)),
            Made::AddsTo(original) => {
                let what = format!("the debit note to {} that was asked for", original.number);
                Some(Origin::Asked { what }.into())
            }
            Made::FromRecord(_) => self.sold(at, below, place, value),
        }
    }

    /// A line of a document made from a record.
    fn sold(&self, at: usize, below: &[&str], place: &Place<'_>, value: &str) -> Option<Told> {
        let line = self.subject.invoice.lines.get(at)?;
        let bindings = self.item(at).map_or(&[][..], |item| &item.bindings);
        let target = |name: &str| format!("lines[{at}].{name}");
        match (below, place.attribute) {
            (["Note"], None) => self.rule(&target("note")),
            (["quantity"], None) => Some(self.copied_at("item.quantity", bindings, 0)),
            (["quantity"] | ["Price", "BaseQuantity"], Some("unitCode")) => {
                let Some(rule) = self.rule(&target("unit")) else {
                    return Some(fixed(
                        "no unit is stated, so it counts pieces (C62, UN/ECE recommendation 20)",
                    ));
                };
                let why = || "written as ZZ, agreed between the parties: it is no code of recommendation 20 (BR-CL-23)";
                Some(rule.written_if(line.unit != value, || why().to_owned()))
            }
            (["LineExtensionAmount"], None) => Some(self.copied_at("item.net_amount", bindings, 0)),
            (["AllowanceCharge", rest @ ..], None) => self.of_line(at, place.nth(1), rest),
            (["Item", "Description"], None) => self.rule(&target("description")),
            (["Item", "Name"], None) => self.rule(&target("name")),
            (["Item", "SellersItemIdentification", "ID"], None) => self.rule(&target("sku")),
            (["Item", "CommodityClassification", _], None) => {
                Some(self.rule(&target("classification"))?.written("its code"))
            }
            (["Item", "CommodityClassification", _], Some("name")) => {
                Some(self.rule(&target("classification"))?.written("its category"))
            }
            (["Item", "ClassifiedTaxCategory", name], None) => self.tax(&target("tax"), name),
            (["Price", "PriceAmount"], None) => Some(self.copied_at("item.unit_price", bindings, 0)),
            _ => None,
        }
    }

    /// The category, rate or reason of a tax that a rule decided.
    pub(super) fn tax(&self, target: &str, name: &str) -> Option<Told> {
        let rule = self.rule(target)?;
        Some(rule.written(match name {
            "ID" => "its category",
            "Percent" => "its rate",
            _ => "the reason that goes with it",
        }))
    }

    /// A discount or charge inside a line.
    fn of_line(&self, at: usize, nth: usize, rest: &[&str]) -> Option<Told> {
        let line = self.subject.invoice.lines.get(at)?;
        let item = self.item(at);
        let bindings = item.map_or(&[][..], |item| &item.bindings);
        let is_charge = nth >= line.allowances.len();
        let (field, at) = if is_charge {
            ("item.charges", nth - line.allowances.len())
        } else {
            // Discounts of nothing are left out.
            let places = item.map(|item| {
                let all = item.discounts.iter().enumerate();
                all.filter(|(_, d)| !d.amount.is_zero()).map(|(at, _)| at).collect::<Vec<_>>()
            });
            let place = places.and_then(|places| places.get(nth).copied());
            ("item.discounts", place.unwrap_or(nth))
        };
        let named = item.and_then(|item| match is_charge {
            true => item.charges.get(at)?.name.as_ref(),
            false => item.discounts.get(at)?.name.as_ref(),
        });
        match rest {
            ["ChargeIndicator"] => Some(indicator(is_charge)),
            ["AllowanceChargeReasonCode"] => Some(plain_reason(is_charge)),
            ["AllowanceChargeReason"] if named.is_none() && item.is_some() => {
                Some(fixed("the platform gives the discount no name, so it is \"Discount\""))
            }
            ["AllowanceChargeReason"] => Some(self.copied_at(&format!("{field}.name"), bindings, at)),
            ["Amount"] => Some(self.copied_at(&format!("{field}.amount"), bindings, at)),
            _ => None,
        }
    }

    /// A discount or charge on the whole document.
    pub(super) fn adjustment(&self, place: &Place<'_>) -> Option<Told> {
        let invoice = self.subject.invoice;
        let nth = place.nth(0);
        let names = place.names();
        let below = names.get(1..)?;
        let is_charge = nth >= invoice.allowances.len();
        match below {
            ["ChargeIndicator"] => return Some(indicator(is_charge)),
            [.., "TaxScheme", "ID"] => return Some(vat()),
            ["AllowanceChargeReasonCode"] => return Some(plain_reason(is_charge)),
            _ => {}
        }
        if let Made::TakesBack(original) | Made::AddsTo(original) = self.subject.made {
            return Some(self.taken_over(original));
        }
        if is_charge { self.charge(nth - invoice.allowances.len(), below) } else { self.discount(nth, below) }
    }

    fn discount(&self, nth: usize, below: &[&str]) -> Option<Told> {
        let allowance = self.subject.invoice.allowances.get(nth)?;
        let share = self.shares.get(nth);
        let of = share.map_or(nth, |share| share.discount);
        let given = self.sale().and_then(|sale| sale.discounts.get(of));
        match below {
            ["AllowanceChargeReason"] if given.is_some_and(|given| given.name.is_none()) => {
                Some(fixed("the platform gives the discount no name, so it is \"Discount\""))
            }
            ["AllowanceChargeReason"] => Some(self.copied_at("sale.discounts.name", &[], of)),
            ["Amount"] => {
                let copied = self.copied_at("sale.discounts.amount", &[], of);
                let whole = given.map(|given| given.amount).filter(|whole| *whole != allowance.amount);
                Some(match whole {
                    None => copied,
                    Some(whole) => copied.written(format!(
                        "of {} this part falls on this tax, by what the lines under it come to",
                        self.money(whole)
                    )),
                })
            }
            ["TaxCategory", name] => {
                let tax = allowance.tax.as_ref()?;
                let lines = &self.subject.invoice.lines;
                let line = lines
                    .iter()
                    .position(|l| l.tax.category == tax.category && l.tax.percent == tax.percent)?;
                let of_line = self.tax(&format!("lines[{line}].tax"), name)?;
                Some(of_line.written("a discount is spread over the taxes of the lines"))
            }
            _ => None,
        }
    }

    fn charge(&self, nth: usize, below: &[&str]) -> Option<Told> {
        let target = |name: &str| format!("charges[{nth}].{name}");
        let of_sale = self.sale().map(|sale| &sale.charges);
        let is_tip = match of_sale {
            Some(charges) => nth >= charges.len(),
            None => self.rule(&target("tax")).is_none(),
        };
        let bindings = of_sale.and_then(|all| all.get(nth)).map_or(&[][..], |charge| &charge.bindings);
        match below {
            ["AllowanceChargeReason"] if is_tip => {
                Some(fixed("policy.tips makes the tip a charge called \"Tip\""))
            }
            ["Amount"] if is_tip => Some(self.copied("sale.tip")),
            ["TaxCategory", name] if is_tip => Some(match self.tax("tip_tax", name) {
                Some(told) => told,
                None => fixed("nothing says how a tip is taxed, so it is exempt as a gratuity (policy.tips)"),
            }),
            ["AllowanceChargeReason"] => Some(match self.rule(&target("reason")) {
                Some(told) => told,
                None => fixed("the platform gives the charge no name, so it is \"Service charge\""),
            }),
            ["Amount"] => Some(self.copied_at("charge.amount", bindings, nth)),
            ["TaxCategory", name] => self.tax(&target("tax"), name),
            _ => None,
        }
    }

    pub(super) fn payment(&self, place: &Place<'_>, value: &str) -> Option<Told> {
        let names = place.names();
        if let ["PaymentTerms", "Note"] = names.as_slice() {
            return Some(match self.subject.invoice.payment_terms.as_deref() {
                Some(terms) if !terms.trim().is_empty() => self.field("payment_terms")?,
                _ => fixed("an amount to pay needs a due date or terms (BR-CO-25), and no rule gives any"),
            });
        }
        let nth = place.nth(0);
        let rule = |name: &str| self.rule(&self.of_means(nth, name));
        let shared = "all means of payment of a document share one code and one reference (UBL-SR-44, UBL-SR-47), so it is";
        match (names.get(1..)?, place.attribute) {
            (["PaymentMeansCode"], Some("name")) => rule("name"),
            (["PaymentMeansCode"], None) => {
                let is_other = self.decided(&self.of_means(nth, "code")) != Some(value);
                Some(rule("code")?.written_if(is_other, || format!("{shared} written as {value} here")))
            }
            (["PaymentID"], None) => rule("id"),
            (["InstructionID"], None) => Some(rule("id")?.written(format!("{shared} written here"))),
            (["InstructionNote"], None) => Some(rule("code")?.written(format!("{shared} written in words"))),
            _ => None,
        }
    }
}

/// What does not depend on what is sold.
fn of_every_line(below: &[&str], attribute: Option<&str>, line: &InvoiceLine) -> Option<Told> {
    match (below, attribute) {
        ([.., "TaxScheme", "ID"], None) => Some(vat()),
        (["Item", "CommodityClassification", _], Some("listID" | "listVersionID")) => {
            Some(fixed(match line.classification.as_ref()? {
                Classification::Goods { .. } => {
                    "goods are classified by the Harmonized System, HS in UNTDID 7143"
                }
                _ => "services are classified by ISIC, which UNTDID 7143 has no code for: ZZZ, and its name",
            }))
        }
        _ => None,
    }
}

fn vat() -> Told {
    fixed("the tax of an invoice is VAT (EN 16931: BT-95-1, BT-102-1, BT-118-1, BT-151-1)")
}

fn indicator(is_charge: bool) -> Told {
    fixed(if is_charge { "a charge is put on" } else { "a discount is taken off" })
}

fn plain_reason(is_charge: bool) -> Told {
    fixed(match is_charge {
        true => {
            "a charge without a reason is one agreed between the parties: ZZZ of UNTDID 7161 (BR-38, BR-44)"
        }
        false => "an allowance without a reason is a discount: 95 of UNTDID 5189 (BR-33, BR-42)",
    })
}

impl Explainer<'_> {
    /// The currency of an amount.
    pub(super) fn currency_of(&self, place: &Place<'_>) -> Told {
        if place.names().as_slice() == ["TaxTotal", "TaxAmount"] && place.nth(0) > 0 {
            return fixed("Nigeria's tax is accounted in naira (BT-6, BR-53)");
        }
        self.currency().written("the currency of the document")
    }
}
