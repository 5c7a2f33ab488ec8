//! What a document must say, and its references, periods, deliveries and payments.

use crate::rules::engine::Check::{Attribute, Filled, Present, Test};
use crate::rules::engine::{
    Facts, Finding, Group, Rule, amount, anywhere, fatal, normalized, parent_is, shorten, shown,
    two_decimals, warning,
};
use crate::rules::number::date;
use crate::vocabulary::{Name, Path, name, path};
use crate::xml::tree::Element;
use rust_decimal::Decimal;

/// Rules about the root.
pub(super) const ROOT: &[Rule] = &[
    fatal("BR-01", Filled(path!("cbc:CustomizationID")), "name the specification the document follows"),
    fatal("BR-02", Filled(path!("cbc:ID")), "give the document its number"),
    fatal("BR-03", Filled(path!("cbc:IssueDate")), "give the date of issue"),
    fatal("BR-04", Test(has_type), "give the document type code"),
    fatal("BR-05", Filled(path!("cbc:DocumentCurrencyCode")), "give the currency of the document"),
    fatal(
        "BR-06",
        Filled(path!("cac:AccountingSupplierParty/cac:Party/cac:PartyLegalEntity/cbc:RegistrationName")),
        "give the seller's name",
    ),
    fatal(
        "BR-07",
        Filled(path!("cac:AccountingCustomerParty/cac:Party/cac:PartyLegalEntity/cbc:RegistrationName")),
        "give the buyer's name",
    ),
    fatal(
        "BR-08",
        Present(&[path!("cac:AccountingSupplierParty/cac:Party/cac:PostalAddress")]),
        "give the seller's address",
    ),
    fatal(
        "BR-10",
        Present(&[path!("cac:AccountingCustomerParty/cac:Party/cac:PostalAddress")]),
        "give the buyer's address",
    ),
    fatal(
        "BR-16",
        Present(&[path!("cac:InvoiceLine"), path!("cac:CreditNoteLine")]),
        "bill at least one line",
    ),
    fatal("BR-53", Test(tax_in_tax_currency), "state the tax total in that currency too"),
    fatal("BR-DEC-13", Test(tax_decimals), "round it to at most two decimals"),
    fatal("BR-DEC-15", Test(accounting_tax_decimals), "round it to at most two decimals"),
    fatal("BR-CO-03", Test(one_tax_point), "keep the date or the code, not both"),
    fatal("BR-CO-15", Test(inclusive_is_exclusive_plus_tax), "make it tax exclusive amount + tax"),
    fatal(
        "BR-CO-18",
        Present(&[path!("cac:TaxTotal/cac:TaxSubtotal")]),
        "break the VAT down by category and rate",
    ),
];

/// Rules about parts of the document.
pub(super) const GROUPS: &[Group] = &[
    Group {
        name: name!("cac:AdditionalDocumentReference"),
        when: anywhere,
        rules: &[fatal("BR-52", Filled(path!("cbc:ID")), "say which document is meant")],
    },
    Group {
        name: name!("cac:Address"),
        when: |e| {
            let place = e.parent().filter(|p| p.is(name!("cac:DeliveryLocation")));
            place.is_some_and(|p| parent_is(p, name!("cac:Delivery")))
        },
        rules: &[fatal(
            "BR-57",
            Present(&[path!("cac:Country/cbc:IdentificationCode")]),
            "give the country delivered to",
        )],
    },
    Group {
        name: name!("cac:InvoicePeriod"),
        when: |e| parent_is(e, name!("cac:InvoiceLine")) || parent_is(e, name!("cac:CreditNoteLine")),
        rules: &[
            fatal("BR-30", Test(ends_after_start), "end the line's period on or after its start"),
            fatal(
                "BR-CO-20",
                Present(&[path!("cbc:StartDate"), path!("cbc:EndDate")]),
                "give the period a start or an end",
            ),
        ],
    },
    Group {
        name: name!("cac:InvoicePeriod"),
        when: anywhere,
        rules: &[
            fatal("BR-29", Test(ends_after_start), "end the period on or after its start"),
            fatal(
                "BR-CO-19",
                Present(&[path!("cbc:StartDate"), path!("cbc:EndDate"), path!("cbc:DescriptionCode")]),
                "give the period a start or an end",
            ),
        ],
    },
    Group {
        name: name!("cac:BillingReference"),
        when: anywhere,
        rules: &[fatal(
            "BR-55",
            Present(&[path!("cac:InvoiceDocumentReference/cbc:ID")]),
            "give the number of the invoice meant",
        )],
    },
    Group {
        name: name!("cbc:PrimaryAccountNumberID"),
        when: |e| {
            let card = e.parent().filter(|p| p.is(name!("cac:CardAccount")));
            card.is_some_and(|p| parent_is(p, name!("cac:PaymentMeans")))
        },
        rules: &[warning(
            "BR-51",
            Test(card_number_is_cut),
            "show at most the first six and last four digits",
        )],
    },
    Group {
        name: name!("cac:PayeeFinancialAccount"),
        when: |e| {
            let means = e.parent().filter(|p| p.is(name!("cac:PaymentMeans")));
            means.is_some_and(|m| {
                m.all(path!("cbc:PaymentMeansCode")).any(|c| matches!(&*c.text(), "30" | "58"))
            })
        },
        rules: &[fatal("BR-50", Filled(path!("cbc:ID")), "give the account a transfer goes to")],
    },
    Group {
        name: name!("cac:PaymentMeans"),
        when: anywhere,
        rules: &[
            fatal("BR-49", Present(&[path!("cbc:PaymentMeansCode")]), "say by which means is paid"),
            fatal("BR-61", Test(transfer_has_account), "give the account, or use another code"),
        ],
    },
    Group {
        name: name!("cbc:EndpointID"),
        when: |e| of_party(e, name!("cac:AccountingSupplierParty")),
        rules: &[fatal("BR-62", Attribute("schemeID"), "name the scheme of the seller's electronic address")],
    },
    Group {
        name: name!("cbc:EndpointID"),
        when: |e| of_party(e, name!("cac:AccountingCustomerParty")),
        rules: &[fatal("BR-63", Attribute("schemeID"), "name the scheme of the buyer's electronic address")],
    },
];

/// Whether `element` is in the `cac:Party` of this role.
pub(super) fn of_party(element: Element<'_>, role: Name) -> bool {
    element.parent().is_some_and(|party| party.is(name!("cac:Party")) && parent_is(party, role))
}

fn has_type(_: &Facts<'_>, root: Element<'_>) -> Finding {
    let filled = |path| root.first(path).is_some_and(|e| !normalized(&e.text()).is_empty());
    if filled(path!("cbc:InvoiceTypeCode")) || filled(path!("cbc:CreditNoteTypeCode")) {
        Ok(())
    } else {
        Err("cbc:InvoiceTypeCode or cbc:CreditNoteTypeCode is missing or blank".into())
    }
}

fn tax_in_tax_currency(facts: &Facts<'_>, root: Element<'_>) -> Finding {
    for currency in root.all(path!("cbc:TaxCurrencyCode")) {
        let currency = currency.text();
        let mut amounts = facts.tax_totals.iter().flat_map(|e| e.all(path!("cbc:TaxAmount")));
        if !amounts.any(|a| a.attribute("currencyID") == Some(&currency)) {
            return Err(format!("no tax total is in the tax currency {:?}", shorten(&currency)));
        }
    }
    Ok(())
}

fn one_tax_point(_: &Facts<'_>, root: Element<'_>) -> Finding {
    if root.has(path!("cbc:TaxPointDate")) && root.has(path!("cac:InvoicePeriod/cbc:DescriptionCode")) {
        return Err("both a tax point date and a code for it are given".into());
    }
    Ok(())
}

fn inclusive_is_exclusive_plus_tax(_: &Facts<'_>, root: Element<'_>) -> Finding {
    for currency in root.all(path!("cbc:DocumentCurrencyCode")) {
        let currency = currency.text();
        let amounts: Vec<_> = root
            .all(path!("cac:TaxTotal/cbc:TaxAmount"))
            .filter(|a| a.attribute("currencyID") == Some(&currency))
            .collect();
        let [tax] = amounts.as_slice() else {
            let count = amounts.len();
            return Err(format!("there are {count} tax totals in {:?}, not one", shorten(&currency)));
        };
        let tax = crate::rules::number::decimal(&tax.text());
        let inclusive = amount(root, path!("cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount"));
        let exclusive = amount(root, path!("cac:LegalMonetaryTotal/cbc:TaxExclusiveAmount"));
        let wanted = exclusive.zip(tax).and_then(|(e, t)| e.checked_add(t)).and_then(super::totals::rounded);
        if inclusive.is_none() || inclusive != wanted {
            return Err(super::totals::differs("the tax inclusive amount", inclusive, wanted));
        }
    }
    Ok(())
}

/// As published it looks for the currency inside the amount, where only a document beside the schema has one.
fn tax_decimals(facts: &Facts<'_>, _: Element<'_>) -> Finding {
    decimals_in_currency(facts, path!("cbc:DocumentCurrencyCode"))
}

/// The same.
fn accounting_tax_decimals(facts: &Facts<'_>, _: Element<'_>) -> Finding {
    decimals_in_currency(facts, path!("cbc:TaxCurrencyCode"))
}

fn decimals_in_currency(facts: &Facts<'_>, currency: Path) -> Finding {
    let amounts = facts.tax_totals.iter().flat_map(|total| total.all(path!("cbc:TaxAmount")));
    let of_currency = |amount: &Element<'_>| {
        let wanted = amount.attribute("currencyID");
        amount.has_children() && amount.all(currency).any(|code| Some(&*code.text()) == wanted)
    };
    amounts.filter(of_currency).try_for_each(two_decimals)
}

fn ends_after_start(_: &Facts<'_>, period: Element<'_>) -> Finding {
    let (Some(start), Some(end)) = (period.first(path!("cbc:StartDate")), period.first(path!("cbc:EndDate")))
    else {
        return Ok(());
    };
    match (date(&start.text()), date(&end.text())) {
        (Some(from), Some(to)) if to >= from => Ok(()),
        _ => Err(format!("the period is from {:?} to {:?}", shown(start), shown(end))),
    }
}

fn card_number_is_cut(_: &Facts<'_>, number: Element<'_>) -> Finding {
    match normalized(&number.text()).chars().count() {
        0..=10 => Ok(()),
        count => Err(format!("the card number has {count} characters")),
    }
}

fn transfer_has_account(_: &Facts<'_>, means: Element<'_>) -> Finding {
    let code = means.first(path!("cbc:PaymentMeansCode")).map(|c| c.text()).unwrap_or_default();
    let transfer = matches!(&*normalized(&code), "30" | "58");
    if transfer && !means.has(path!("cac:PayeeFinancialAccount/cbc:ID")) {
        return Err("a credit transfer names no account".into());
    }
    Ok(())
}

/// How the sign of a number stands to zero, also where it is written with an exponent as XPath allows in comparisons.
/// Minus zero is below zero: the engine that runs the published rules compares doubles, and orders them so.
pub(super) fn sign(text: &str) -> Option<i8> {
    let text = normalized(text);
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((&text, "0"));
    let value = crate::rules::number::decimal(mantissa)?;
    exponent.parse::<i64>().ok()?;
    Some(if value.is_zero() {
        if mantissa.starts_with('-') { -1 } else { 0 }
    } else if value > Decimal::ZERO {
        1
    } else {
        -1
    })
}

#[cfg(test)]
mod tests {
    use super::sign;

    #[test]
    fn minus_zero_is_below_zero_as_the_official_engine_has_it() {
        for (text, expected) in [("-0.0", -1), (" -0 ", -1), ("0.00", 0), ("+0", 0), ("-1e2", -1), ("1E0", 1)]
        {
            assert_eq!(sign(text), Some(expected), "{text}");
        }
        assert_eq!(sign("none"), None);
    }
}
