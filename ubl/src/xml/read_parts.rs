//! References, deliveries and payment means read from UBL.

use super::keep::{Context, Keep};
use super::read_party::address;
use super::tree::Element;
use crate::vocabulary::{Cac, Cbc, Name};
use crate::{
    Attachment, Delivery, DocumentReference, Identifier, Irn, PaymentAccount, PaymentCard, PaymentMandate,
    PaymentMeans, SupportingDocument,
};

/// A `cac:BillingReference`; none where it names no invoice.
pub(super) fn billing_reference(cx: &Context, element: Element<'_>) -> Option<DocumentReference> {
    let mut keep = Keep::of(cx, element);
    let (mut id, mut issue_date, mut description, mut seen) = (None, None, None, false);
    for child in element.children() {
        if !child.is(Name::Cac(Cac::InvoiceDocumentReference)) || !keep.group(child, &mut seen) {
            if !child.is(Name::Cac(Cac::InvoiceDocumentReference)) {
                keep.element(child);
            }
            continue;
        }
        let irn =
            child.children().find(|c| c.is(Name::Cbc(Cbc::ID))).and_then(|c| Irn::parse(c.own_text()).ok());
        for child in child.children() {
            match child.name() {
                Name::Cbc(Cbc::ID) => keep.text(child, &mut id),
                Name::Cbc(Cbc::IssueDate) => keep.date(child, &mut issue_date),
                // A number that the IRN tells as well would not be written.
                Name::Cbc(Cbc::DocumentDescription)
                    if irn.as_ref().is_none_or(|irn| irn.number() != child.own_text()) =>
                {
                    keep.text(child, &mut description);
                }
                _ => keep.element(child),
            }
        }
        keep.leave();
    }
    let id = id?;
    let (number, irn) = match (description, Irn::parse(&id)) {
        (Some(number), _) => (number, Some(id)),
        (None, Ok(irn)) => (irn.number().to_owned(), Some(id)),
        (None, Err(_)) => (id, None),
    };
    Some(DocumentReference { number, irn, issue_date, rest: keep.done() })
}

/// A `cac:AdditionalDocumentReference`.
pub(super) fn supporting_document(cx: &Context, element: Element<'_>) -> Option<SupportingDocument> {
    let mut keep = Keep::of(cx, element);
    let (mut id, mut seen) = (None, false);
    let mut document = SupportingDocument::default();
    for child in element.children() {
        match child.name() {
            Name::Cbc(Cbc::ID) => keep.identifier(child, &mut id, &mut document.scheme),
            Name::Cbc(Cbc::DocumentTypeCode) => keep.code(child, &mut document.type_code),
            Name::Cbc(Cbc::DocumentDescription) => keep.text(child, &mut document.description),
            Name::Cac(Cac::Attachment) => {
                if keep.group(child, &mut seen) {
                    attachment(&mut keep, child, &mut document);
                    keep.leave();
                }
            }
            _ => keep.element(child),
        }
    }
    document.id = id?;
    document.rest = keep.done();
    Some(document)
}

fn attachment(keep: &mut Keep<'_>, element: Element<'_>, document: &mut SupportingDocument) {
    let mut seen = false;
    for child in element.children() {
        match child.name() {
            Name::Cbc(Cbc::EmbeddedDocumentBinaryObject) => {
                let filled = document.attachment.is_some();
                if let Some(content) = keep.text_with(child, filled, &["mimeCode", "filename"]) {
                    document.attachment = Some(Attachment {
                        content: content.to_owned(),
                        mime_code: keep.attribute(child, "mimeCode"),
                        filename: keep.attribute(child, "filename"),
                    });
                }
            }
            Name::Cac(Cac::ExternalReference) => {
                if keep.group(child, &mut seen) {
                    for child in child.children() {
                        match child.name() {
                            Name::Cbc(Cbc::URI) => keep.text(child, &mut document.url),
                            _ => keep.element(child),
                        }
                    }
                    keep.leave();
                }
            }
            _ => keep.element(child),
        }
    }
}

/// A `cac:Delivery`.
pub(super) fn delivery(cx: &Context, element: Element<'_>) -> Delivery {
    let mut keep = Keep::of(cx, element);
    let (mut delivery, mut seen_location, mut seen_party, mut seen_name) =
        (Delivery::default(), false, false, false);
    for child in element.children() {
        match child.name() {
            Name::Cbc(Cbc::ActualDeliveryDate) => keep.date(child, &mut delivery.date),
            Name::Cac(Cac::DeliveryLocation) => {
                if keep.group(child, &mut seen_location) {
                    let (mut id, mut scheme) = (None, None);
                    for child in child.children() {
                        match child.name() {
                            Name::Cbc(Cbc::ID) => keep.identifier(child, &mut id, &mut scheme),
                            Name::Cac(Cac::Address) if delivery.address.is_none() && child.has_children() => {
                                delivery.address = Some(address(cx, child));
                            }
                            _ => keep.element(child),
                        }
                    }
                    keep.leave();
                    delivery.location = id.map(|id| Identifier { id, scheme, ..Identifier::default() });
                }
            }
            Name::Cac(Cac::DeliveryParty) => {
                if keep.group(child, &mut seen_party) {
                    for child in child.children() {
                        if !child.is(Name::Cac(Cac::PartyName)) {
                            keep.element(child);
                        } else if keep.group(child, &mut seen_name) {
                            for child in child.children() {
                                match child.name() {
                                    Name::Cbc(Cbc::Name) => keep.text(child, &mut delivery.party_name),
                                    _ => keep.element(child),
                                }
                            }
                            keep.leave();
                        }
                    }
                    keep.leave();
                }
            }
            _ => keep.element(child),
        }
    }
    delivery.rest = keep.done();
    delivery
}

/// A `cac:PaymentMeans`.
pub(super) fn payment_means(cx: &Context, element: Element<'_>) -> PaymentMeans {
    let mut keep = Keep::of(cx, element);
    let (mut means, mut code) = (PaymentMeans::default(), None);
    for child in element.children() {
        match child.name() {
            Name::Cbc(Cbc::PaymentMeansCode) => keep.named(child, &mut code, &mut means.name),
            Name::Cbc(Cbc::PaymentDueDate) => keep.date(child, &mut means.due_date),
            Name::Cbc(Cbc::InstructionID) => keep.text(child, &mut means.instruction_id),
            Name::Cbc(Cbc::InstructionNote) => keep.text(child, &mut means.note),
            Name::Cbc(Cbc::PaymentID) => keep.text(child, &mut means.payment_id),
            Name::Cac(Cac::CardAccount) if means.card.is_none() => match card(cx, child) {
                Some(card) => means.card = Some(card),
                None => keep.element(child),
            },
            Name::Cac(Cac::PayeeFinancialAccount) if means.account.is_none() => match account(cx, child) {
                Some(account) => means.account = Some(account),
                None => keep.element(child),
            },
            Name::Cac(Cac::PaymentMandate) if means.mandate.is_none() && child.has_children() => {
                means.mandate = Some(mandate(cx, child));
            }
            _ => keep.element(child),
        }
    }
    means.code = code.unwrap_or_default();
    means.rest = keep.done();
    means
}

fn card(cx: &Context, element: Element<'_>) -> Option<PaymentCard> {
    let mut keep = Keep::of(cx, element);
    let (mut number, mut card) = (None, PaymentCard::default());
    for child in element.children() {
        match child.name() {
            Name::Cbc(Cbc::PrimaryAccountNumberID) => keep.text(child, &mut number),
            Name::Cbc(Cbc::NetworkID) => keep.text(child, &mut card.network),
            Name::Cbc(Cbc::HolderName) => keep.text(child, &mut card.holder),
            _ => keep.element(child),
        }
    }
    Some(PaymentCard { number: number?, rest: keep.done(), ..card })
}

fn account(cx: &Context, element: Element<'_>) -> Option<PaymentAccount> {
    let mut keep = Keep::of(cx, element);
    let (mut id, mut account, mut seen) = (None, PaymentAccount::default(), false);
    for child in element.children() {
        match child.name() {
            Name::Cbc(Cbc::ID) => keep.text(child, &mut id),
            Name::Cbc(Cbc::Name) => keep.text(child, &mut account.name),
            Name::Cac(Cac::FinancialInstitutionBranch) => {
                if keep.group(child, &mut seen) {
                    for child in child.children() {
                        match child.name() {
                            Name::Cbc(Cbc::ID) => keep.text(child, &mut account.provider),
                            _ => keep.element(child),
                        }
                    }
                    keep.leave();
                }
            }
            _ => keep.element(child),
        }
    }
    Some(PaymentAccount { id: id?, rest: keep.done(), ..account })
}

fn mandate(cx: &Context, element: Element<'_>) -> PaymentMandate {
    let mut keep = Keep::of(cx, element);
    let (mut mandate, mut seen) = (PaymentMandate::default(), false);
    for child in element.children() {
        match child.name() {
            Name::Cbc(Cbc::ID) => keep.text(child, &mut mandate.id),
            Name::Cac(Cac::PayerFinancialAccount) => {
                if keep.group(child, &mut seen) {
                    for child in child.children() {
                        match child.name() {
                            Name::Cbc(Cbc::ID) => keep.text(child, &mut mandate.debited_account),
                            _ => keep.element(child),
                        }
                    }
                    keep.leave();
                }
            }
            _ => keep.element(child),
        }
    }
    mandate.rest = keep.done();
    mandate
}
