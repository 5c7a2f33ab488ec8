//! Denmark: what Danish sellers, and Danish sellers to Danish buyers, must state.

use super::double::{is_from_to, is_negative};
use super::setting::{Setting, head, named, within};
use super::values::{any_is, is_blank, is_digits, length, own_at, prefix, quoted, require, stated, text_at};
use crate::rules::engine::Check::Test;
use crate::rules::engine::{Facts, Finding, Group, Rule, anywhere, fatal, normalized, parent_is};
use crate::vocabulary::{Name, Path, name, path};
use crate::xml::tree::Element;

const CODE: Path = path!("cbc:PaymentMeansCode");
const PAYMENT_ID: Path = path!("cbc:PaymentID");
const PAYEE_ACCOUNT: Path = path!("cac:PayeeFinancialAccount/cbc:ID");
const LEGAL_ID: Path = path!("cac:PartyLegalEntity/cbc:CompanyID");
const CVR: &str = "give the CVR number with schemeID 0184";

pub(super) fn applies(setting: &Setting<'_>) -> bool {
    setting.supplier_lives_in("DK")
}

pub(super) fn applies_at_home(setting: &Setting<'_>) -> bool {
    setting.both_live_in("DK")
}

/// Rules about Danish sellers.
pub(super) const GROUPS: &[Group] = &[
    Group { name: Name::Invoice, when: anywhere, rules: DOCUMENT },
    Group { name: Name::CreditNote, when: anywhere, rules: DOCUMENT },
];

/// Rules about Danish sellers to Danish buyers.
pub(super) const AT_HOME: &[Group] = &[
    Group {
        name: name!("cac:PartyIdentification"),
        when: |e| {
            e.parent().is_some_and(|party| {
                is_party_of(party, name!("cac:AccountingSupplierParty"))
                    || is_party_of(party, name!("cac:AccountingCustomerParty"))
            })
        },
        rules: &[fatal("DK-R-013", Test(id_has_scheme), "say in schemeID which list the identifier is from")],
    },
    Group { name: name!("cac:PaymentMeans"), when: |e| parent_is(e, Name::Invoice), rules: PAYMENT },
    Group {
        name: name!("cac:Party"),
        when: |e| is_party_of(e, name!("cac:AccountingCustomerParty")),
        rules: &[fatal("DK-R-017", Test(|_, e| cvr_scheme(e.all(LEGAL_ID), "buyer")), CVR)],
    },
    Group { name: name!("cac:InvoiceLine"), when: |e| parent_is(e, Name::Invoice), rules: LINE },
    Group { name: name!("cac:CreditNoteLine"), when: |e| parent_is(e, Name::CreditNote), rules: LINE },
    Group {
        name: name!("cac:AllowanceCharge"),
        when: anywhere,
        rules: &[fatal(
            "DK-R-004",
            Test(tax_reason),
            "for a tax other than VAT give its four digits, or a text with a # that is neither first nor last",
        )],
    },
];

const DOCUMENT: &[Rule] = &[
    fatal("DK-R-002", Test(seller_has_legal_id), CVR),
    fatal("DK-R-014", Test(|facts, e| cvr_scheme(seller_ids(facts, e).into_iter(), "seller")), CVR),
    fatal("DK-R-016", Test(credit_is_not_negative), "make the total of a credit note zero or more"),
];

const LINE: &[Rule] = &[fatal(
    "DK-R-003",
    Test(unspsc_version),
    "use UNSPSC in version 19.05.01 or 26.08.01, stated in listVersionID",
)];

const PAYMENT: &[Rule] = &[
    fatal("DK-R-005", Test(known_means), "use 1, 10, 31, 42, 48, 49, 50, 58, 59, 93 or 97"),
    fatal(
        "DK-R-006",
        Test(bank_account),
        "a transfer needs the account and the registration number of the bank",
    ),
    fatal(
        "DK-R-007",
        Test(direct_debit),
        "a direct debit needs the mandate's reference and the payer's account",
    ),
    fatal(
        "DK-R-008",
        Test(giro),
        "a giro payment needs a cbc:PaymentID that begins with 01#, 04# or 15#, and an account of 7 or 8 digits",
    ),
    fatal("DK-R-009", Test(giro_reference), "behind 04# or 15# give the 16 digits of the payment reference"),
    fatal(
        "DK-R-010",
        Test(fik),
        "a FIK payment needs a cbc:PaymentID that begins with 71#, 73# or 75#, and an account of 8 characters",
    ),
    fatal(
        "DK-R-011",
        Test(fik_reference),
        "behind 71# or 75# give the 15 or 16 digits of the payment reference",
    ),
];

/// Whether it is the party of a seller or buyer in an invoice or credit note.
fn is_party_of(party: Element<'_>, role: Name) -> bool {
    let holder = party.parent().filter(|e| party.is(name!("cac:Party")) && e.is(role));
    holder.is_some_and(|e| parent_is(e, Name::Invoice) || parent_is(e, Name::CreditNote))
}

fn seller_ids<'t>(facts: &Facts<'t>, document: Element<'_>) -> Vec<Element<'t>> {
    let head = head(facts, document);
    let sellers: Vec<_> = named(&head, name!("cac:AccountingSupplierParty")).collect();
    within(&sellers, path!("cac:Party/cac:PartyLegalEntity/cbc:CompanyID")).collect()
}

fn seller_has_legal_id(facts: &Facts<'_>, document: Element<'_>) -> Finding {
    let ids = seller_ids(facts, document);
    require(ids.iter().any(|id| !is_blank(id.own_text())), || {
        "the seller's cac:PartyLegalEntity/cbc:CompanyID is missing".into()
    })
}

fn cvr_scheme<'t>(ids: impl Iterator<Item = Element<'t>>, who: &str) -> Finding {
    for id in ids {
        let scheme = id.attribute("schemeID").unwrap_or_default();
        require(normalized(scheme) == "0184", || {
            format!("the schemeID of the {who}'s legal identifier is {}", quoted(scheme))
        })?;
    }
    Ok(())
}

fn credit_is_not_negative(facts: &Facts<'_>, document: Element<'_>) -> Finding {
    if !facts.root.is(Name::CreditNote) || !facts.setting().both_live_in("DK") {
        return Ok(());
    }
    let head = head(facts, document);
    let totals: Vec<_> = named(&head, name!("cac:LegalMonetaryTotal")).collect();
    for payable in within(&totals, path!("cbc:PayableAmount")) {
        let text = payable.own_text();
        require(!is_negative(text), || format!("cbc:PayableAmount is {}", quoted(text)))?;
    }
    Ok(())
}

fn id_has_scheme(_: &Facts<'_>, identification: Element<'_>) -> Finding {
    let mut ids = identification.all(path!("cbc:ID")).peekable();
    let scheme = |id: Element<'_>| id.attribute("schemeID").is_some_and(|scheme| !is_blank(scheme));
    require(ids.peek().is_none() || ids.any(scheme), || {
        format!("{} and has no schemeID", stated(identification, path!("cbc:ID")))
    })
}

fn known_means(_: &Facts<'_>, means: Element<'_>) -> Finding {
    // The published rule looks for the code in this text, so that "1 10" passes too.
    let code = text_at(means, CODE);
    require(" 1 10 31 42 48 49 50 58 59 93 97 ".contains(&format!(" {code} ")), || stated(means, CODE))
}

fn is_means(means: Element<'_>, code: &str) -> bool {
    any_is(means, CODE, code)
}

fn is_given(means: Element<'_>, path: Path) -> bool {
    !is_blank(own_at(means, path))
}

fn both_given(means: Element<'_>, one: Path, other: Path) -> Finding {
    require(is_given(means, one) && is_given(means, other), || {
        format!("{}, {}", stated(means, one), stated(means, other))
    })
}

fn bank_account(_: &Facts<'_>, means: Element<'_>) -> Finding {
    if !is_means(means, "31") && !is_means(means, "42") {
        return Ok(());
    }
    both_given(means, PAYEE_ACCOUNT, path!("cac:PayeeFinancialAccount/cac:FinancialInstitutionBranch/cbc:ID"))
}

fn direct_debit(_: &Facts<'_>, means: Element<'_>) -> Finding {
    if !is_means(means, "49") {
        return Ok(());
    }
    both_given(
        means,
        path!("cac:PaymentMandate/cbc:ID"),
        path!("cac:PaymentMandate/cac:PayerFinancialAccount/cbc:ID"),
    )
}

/// The first three characters of the payment id: the type of payment card.
fn has_card_type(means: Element<'_>, types: &[&str]) -> bool {
    types.contains(&prefix(&text_at(means, PAYMENT_ID), 3))
}

fn giro(_: &Facts<'_>, means: Element<'_>) -> Finding {
    let account = text_at(means, PAYEE_ACCOUNT);
    let valid =
        has_card_type(means, &["01#", "04#", "15#"]) && (is_digits(&account, 7) || is_digits(&account, 8));
    require(!is_means(means, "50") || valid, || {
        format!("{}, {}", stated(means, PAYMENT_ID), stated(means, PAYEE_ACCOUNT))
    })
}

fn giro_reference(_: &Facts<'_>, means: Element<'_>) -> Finding {
    let concerned = is_means(means, "50") && has_card_type(means, &["04#", "15#"]);
    require(!concerned || length(&text_at(means, PAYMENT_ID)) == 19, || stated(means, PAYMENT_ID))
}

fn fik(_: &Facts<'_>, means: Element<'_>) -> Finding {
    let valid = has_card_type(means, &["71#", "73#", "75#"]) && length(own_at(means, PAYEE_ACCOUNT)) == 8;
    require(!is_means(means, "93") || valid, || {
        format!("{}, {}", stated(means, PAYMENT_ID), stated(means, PAYEE_ACCOUNT))
    })
}

fn fik_reference(_: &Facts<'_>, means: Element<'_>) -> Finding {
    let concerned = is_means(means, "93") && has_card_type(means, &["71#", "75#"]);
    let valid = matches!(length(&text_at(means, PAYMENT_ID)), 18 | 19);
    require(!concerned || valid, || stated(means, PAYMENT_ID))
}

fn unspsc_version(_: &Facts<'_>, line: Element<'_>) -> Finding {
    let codes = || line.all(path!("cac:Item/cac:CommodityClassification/cbc:ItemClassificationCode"));
    let known = |code: Element<'_>| {
        matches!(code.attribute("listVersionID"), Some("19.05.01" | "19.0501" | "26.08.01" | "26.0801"))
    };
    let concerned = codes().any(|code| code.attribute("listID") == Some("TST"));
    require(!concerned || codes().any(known), || {
        let version = codes().find_map(|code| code.attribute("listVersionID"));
        match version {
            Some(version) => format!("a classification of list TST has listVersionID {}", quoted(version)),
            None => "a classification of list TST has no listVersionID".into(),
        }
    })
}

fn tax_reason(_: &Facts<'_>, part: Element<'_>) -> Finding {
    if !any_is(part, path!("cbc:AllowanceChargeReasonCode"), "ZZZ") {
        return Ok(());
    }
    let path = path!("cbc:AllowanceChargeReason");
    let reason = text_at(part, path);
    let is_tax_code = length(&normalized(own_at(part, path))) == 4 && is_from_to(&reason, 0, 9999);
    let has_mark = reason.contains('#') && !reason.starts_with('#') && !reason.ends_with('#');
    require(is_tax_code || has_mark, || stated(part, path))
}
