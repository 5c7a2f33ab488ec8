//! Rules about allowances and charges of document, line and price.

use super::values::{decimal_or, own_at, plain_at, require, stated, text_at, within_slack};
use crate::rules::engine::Check::Test;
use crate::rules::engine::{Facts, Finding, Group, fatal, normalized, parent_is};
use crate::rules::number::decimal;
use crate::vocabulary::{Name, name, path};
use crate::xml::tree::Element;
use rust_decimal::Decimal;

/// Rules about allowances and charges.
pub(super) const GROUPS: &[Group] = &[
    Group {
        name: name!("cac:AllowanceCharge"),
        when: |e| of_document_or_line(e) && has_percentage(e) && !has_base(e),
        rules: &[fatal(
            "PEPPOL-EN16931-R041",
            Test(|_, _| Err("cbc:MultiplierFactorNumeric is there without cbc:BaseAmount".into())),
            "give the amount the percentage is taken of, or leave the percentage out",
        )],
    },
    Group {
        name: name!("cac:AllowanceCharge"),
        when: |e| of_document_or_line(e) && !has_percentage(e) && has_base(e),
        rules: &[fatal(
            "PEPPOL-EN16931-R042",
            Test(|_, _| Err("cbc:BaseAmount is there without cbc:MultiplierFactorNumeric".into())),
            "give the percentage, or leave the base amount out",
        )],
    },
    Group {
        name: name!("cac:AllowanceCharge"),
        when: of_document_or_line,
        rules: &[
            fatal(
                "PEPPOL-EN16931-R040",
                Test(amount_is_percentage),
                "make cbc:Amount the base amount times the percentage over 100, give or take 0.02",
            ),
            fatal(
                "PEPPOL-EN16931-R043",
                Test(says_what_it_is),
                "say true for a charge, false for an allowance",
            ),
        ],
    },
    Group {
        name: name!("cac:AllowanceCharge"),
        when: |e| parent_is(e, name!("cac:Price")),
        rules: &[
            fatal(
                "PEPPOL-EN16931-R044",
                Test(is_allowance),
                "say false: a price can be reduced by an allowance, not raised by a charge",
            ),
            fatal(
                "PEPPOL-EN16931-R046",
                Test(price_is_reduced),
                "make cbc:PriceAmount the gross price in cbc:BaseAmount less cbc:Amount",
            ),
        ],
    },
];

fn of_document_or_line(part: Element<'_>) -> bool {
    let line_of = |line: Element<'_>, document| parent_is(line, document);
    part.parent().is_some_and(|parent| match parent.name() {
        Name::Invoice | Name::CreditNote => true,
        name if name == name!("cac:InvoiceLine") => line_of(parent, Name::Invoice),
        name if name == name!("cac:CreditNoteLine") => line_of(parent, Name::CreditNote),
        _ => false,
    })
}

fn has_percentage(part: Element<'_>) -> bool {
    part.has(path!("cbc:MultiplierFactorNumeric"))
}

fn has_base(part: Element<'_>) -> bool {
    part.has(path!("cbc:BaseAmount"))
}

fn amount_is_percentage(_: &Facts<'_>, part: Element<'_>) -> Finding {
    if !has_percentage(part) || !has_base(part) {
        return Ok(());
    }
    let expected = || {
        let base = decimal(&text_at(part, path!("cbc:BaseAmount")))?;
        let percentage = decimal(&text_at(part, path!("cbc:MultiplierFactorNumeric")))?;
        base.checked_mul(percentage)?.checked_div(Decimal::ONE_HUNDRED)
    };
    let amount = decimal_or(part, path!("cbc:Amount"), Decimal::ZERO);
    let close = amount.zip(expected()).is_some_and(|(amount, expected)| within_slack(amount, expected));
    require(close, || {
        format!(
            "{}, {}, {}",
            stated(part, path!("cbc:Amount")),
            stated(part, path!("cbc:BaseAmount")),
            stated(part, path!("cbc:MultiplierFactorNumeric"))
        )
    })
}

fn says_what_it_is(_: &Facts<'_>, part: Element<'_>) -> Finding {
    let says = normalized(own_at(part, path!("cbc:ChargeIndicator")));
    require(says == "true" || says == "false", || stated(part, path!("cbc:ChargeIndicator")))
}

fn is_allowance(_: &Facts<'_>, part: Element<'_>) -> Finding {
    require(plain_at(part, path!("cbc:ChargeIndicator")) == "false", || {
        stated(part, path!("cbc:ChargeIndicator"))
    })
}

fn price_is_reduced(_: &Facts<'_>, part: Element<'_>) -> Finding {
    let Some(gross) = part.first(path!("cbc:BaseAmount")) else { return Ok(()) };
    let price = part.parent().and_then(|price| price.first(path!("cbc:PriceAmount")));
    let amounts = || {
        let net = decimal(&price?.text())?;
        let reduced = decimal(&gross.text())?.checked_sub(decimal(&text_at(part, path!("cbc:Amount")))?)?;
        Some(net == reduced)
    };
    require(amounts() == Some(true), || {
        let net = part.parent().map(|price| stated(price, path!("cbc:PriceAmount"))).unwrap_or_default();
        format!("{net}, {}, {}", stated(part, path!("cbc:BaseAmount")), stated(part, path!("cbc:Amount")))
    })
}
