//! Lines, their items and prices, and allowances and charges of lines and document.

use super::document::sign;
use crate::rules::engine::Check::{Attribute, Filled, Present, Test, TwoDecimals};
use crate::rules::engine::{
    Facts, Finding, Group, Rule, anywhere, at_top, fatal, is_charge, is_vat, parent_is, shown,
};
use crate::vocabulary::{Name, Path, name, path};
use crate::xml::tree::Element;

const REASONS: &[Path] = &[path!("cbc:AllowanceChargeReason"), path!("cbc:AllowanceChargeReasonCode")];
const SAY_WHY: &str = "give the reason in words or as a code";
const AT_MOST_TWO: &str = "round it to at most two decimals";

/// Rules about lines, allowances and charges.
pub(super) const GROUPS: &[Group] = &[
    Group { name: name!("cac:InvoiceLine"), when: anywhere, rules: LINE },
    Group { name: name!("cac:CreditNoteLine"), when: anywhere, rules: LINE },
    Group {
        name: name!("cac:AllowanceCharge"),
        when: |e| at_top(e) && is_charge(e, false),
        rules: &[
            fatal("BR-31", Present(&[path!("cbc:Amount")]), "give the amount of the allowance"),
            fatal("BR-32", Test(has_vat_category), "give the VAT category of the allowance"),
            fatal("BR-33", Present(REASONS), SAY_WHY),
            fatal("BR-CO-21", Present(REASONS), SAY_WHY),
            fatal("BR-DEC-01", TwoDecimals(path!("cbc:Amount")), AT_MOST_TWO),
            fatal("BR-DEC-02", TwoDecimals(path!("cbc:BaseAmount")), AT_MOST_TWO),
        ],
    },
    Group {
        name: name!("cac:AllowanceCharge"),
        when: |e| at_top(e) && is_charge(e, true),
        rules: &[
            fatal("BR-36", Present(&[path!("cbc:Amount")]), "give the amount of the charge"),
            fatal("BR-37", Test(has_vat_category), "give the VAT category of the charge"),
            fatal("BR-38", Present(REASONS), SAY_WHY),
            fatal("BR-CO-22", Present(REASONS), SAY_WHY),
            fatal("BR-DEC-05", TwoDecimals(path!("cbc:Amount")), AT_MOST_TWO),
            fatal("BR-DEC-06", TwoDecimals(path!("cbc:BaseAmount")), AT_MOST_TWO),
        ],
    },
    Group {
        name: name!("cac:AllowanceCharge"),
        when: |e| of_line(e) && is_charge(e, false),
        rules: &[
            fatal("BR-41", Present(&[path!("cbc:Amount")]), "give the amount of the line's allowance"),
            fatal("BR-42", Present(REASONS), SAY_WHY),
            fatal("BR-CO-23", Present(REASONS), SAY_WHY),
            fatal("BR-DEC-24", TwoDecimals(path!("cbc:Amount")), AT_MOST_TWO),
            fatal("BR-DEC-25", TwoDecimals(path!("cbc:BaseAmount")), AT_MOST_TWO),
        ],
    },
    Group {
        name: name!("cac:AllowanceCharge"),
        when: |e| of_line(e) && is_charge(e, true),
        rules: &[
            fatal("BR-43", Present(&[path!("cbc:Amount")]), "give the amount of the line's charge"),
            fatal("BR-44", Present(REASONS), SAY_WHY),
            fatal("BR-CO-24", Present(REASONS), SAY_WHY),
            fatal("BR-DEC-27", TwoDecimals(path!("cbc:Amount")), AT_MOST_TWO),
            fatal("BR-DEC-28", TwoDecimals(path!("cbc:BaseAmount")), AT_MOST_TWO),
        ],
    },
    Group {
        name: name!("cac:AdditionalItemProperty"),
        when: anywhere,
        rules: &[fatal("BR-54", Test(property_is_whole), "give a property both its name and its value")],
    },
    Group {
        name: name!("cbc:ItemClassificationCode"),
        when: |e| in_item(e, name!("cac:CommodityClassification")),
        rules: &[fatal("BR-65", Attribute("listID"), "name the list the classification is from")],
    },
    Group {
        name: name!("cbc:ID"),
        when: |e| in_item(e, name!("cac:StandardItemIdentification")),
        rules: &[fatal("BR-64", Attribute("schemeID"), "name the scheme of the standard identifier")],
    },
];

const LINE: &[Rule] = &[
    fatal("BR-21", Filled(path!("cbc:ID")), "give the line an id of its own"),
    fatal(
        "BR-22",
        Present(&[path!("cbc:InvoicedQuantity"), path!("cbc:CreditedQuantity")]),
        "say how many are billed",
    ),
    fatal("BR-23", Test(has_unit), "give the quantity its unitCode"),
    fatal("BR-24", Present(&[path!("cbc:LineExtensionAmount")]), "give the line's net amount"),
    fatal("BR-25", Filled(path!("cac:Item/cbc:Name")), "name what is billed"),
    fatal("BR-26", Present(&[path!("cac:Price/cbc:PriceAmount")]), "give the price without tax"),
    fatal("BR-27", Test(price_is_not_negative), "make the price zero or more"),
    fatal("BR-28", Test(gross_price_is_not_negative), "make the gross price zero or more"),
    fatal("BR-CO-04", Test(line_has_vat_category), "give the item its VAT category"),
    fatal("BR-DEC-23", TwoDecimals(path!("cbc:LineExtensionAmount")), AT_MOST_TWO),
];

fn of_line(element: Element<'_>) -> bool {
    parent_is(element, name!("cac:InvoiceLine")) || parent_is(element, name!("cac:CreditNoteLine"))
}

fn in_item(element: Element<'_>, name: Name) -> bool {
    let item = element.parent().filter(|p| p.is(name)).and_then(Element::parent);
    item.is_some_and(|item| item.is(name!("cac:Item")) && of_line(item))
}

fn has_vat_category(_: &Facts<'_>, element: Element<'_>) -> Finding {
    let known = element.all(path!("cac:TaxCategory")).any(|c| is_vat(c) && c.has(path!("cbc:ID")));
    if known { Ok(()) } else { Err("cac:TaxCategory has no cbc:ID under the scheme VAT".into()) }
}

fn line_has_vat_category(_: &Facts<'_>, line: Element<'_>) -> Finding {
    let known =
        line.all(path!("cac:Item/cac:ClassifiedTaxCategory")).any(|c| is_vat(c) && c.has(path!("cbc:ID")));
    if known { Ok(()) } else { Err("cac:ClassifiedTaxCategory has no cbc:ID under the scheme VAT".into()) }
}

fn has_unit(_: &Facts<'_>, line: Element<'_>) -> Finding {
    let quantities = line.all(path!("cbc:InvoicedQuantity")).chain(line.all(path!("cbc:CreditedQuantity")));
    let mut units = quantities.filter_map(|q| q.attribute("unitCode"));
    if units.next().is_some() { Ok(()) } else { Err("the quantity has no unit".into()) }
}

fn price_is_not_negative(_: &Facts<'_>, line: Element<'_>) -> Finding {
    let mut prices = line.all(path!("cac:Price/cbc:PriceAmount"));
    if prices.any(|p| sign(&p.text()).is_some_and(|s| s >= 0)) {
        return Ok(());
    }
    let found = line.first(path!("cac:Price/cbc:PriceAmount")).map(shown).unwrap_or_default();
    Err(format!("the price is {found:?}"))
}

fn gross_price_is_not_negative(_: &Facts<'_>, line: Element<'_>) -> Finding {
    let path = path!("cac:Price/cac:AllowanceCharge/cbc:BaseAmount");
    match line.first(path) {
        None => Ok(()),
        Some(_) if line.all(path).any(|p| sign(&p.text()).is_some_and(|s| s >= 0)) => Ok(()),
        Some(found) => Err(format!("the gross price is {:?}", shown(found))),
    }
}

fn property_is_whole(_: &Facts<'_>, property: Element<'_>) -> Finding {
    match [path!("cbc:Name"), path!("cbc:Value")].into_iter().find(|part| !property.has(*part)) {
        Some(missing) => Err(format!("{missing} is missing")),
        None => Ok(()),
    }
}
