//! References, deliveries and payment means in UBL.

use super::out::{Out, is_blank, tag};
use super::write_party::{address, scheme_of};
use crate::{Delivery, DocumentReference, Irn, PaymentMeans, SupportingDocument};

/// A `cac:BillingReference`.
pub(super) fn billing_reference<'i>(out: &mut Out<'i>, reference: &'i DocumentReference) {
    let irn = reference.irn.as_deref().filter(|irn| !is_blank(irn));
    let told = irn.is_none_or(|irn| Irn::parse(irn).is_ok_and(|irn| irn.number() == reference.number));
    out.aggregate(tag!("cac:BillingReference"), &reference.rest, |out| {
        out.group(tag!("cac:InvoiceDocumentReference"), |out| {
            out.text(tag!("cbc:ID"), irn.unwrap_or(&reference.number));
            out.date(tag!("cbc:IssueDate"), reference.issue_date);
            if !told {
                out.text(tag!("cbc:DocumentDescription"), &reference.number);
            }
        });
    });
}

/// A `cac:AdditionalDocumentReference`.
pub(super) fn supporting_document<'i>(out: &mut Out<'i>, document: &'i SupportingDocument) {
    out.aggregate(tag!("cac:AdditionalDocumentReference"), &document.rest, |out| {
        let scheme = document.scheme.as_deref().unwrap_or_default();
        out.text_with(tag!("cbc:ID"), &document.id, scheme_of(&[("schemeID", scheme)]));
        out.optional(tag!("cbc:DocumentTypeCode"), document.type_code.as_deref());
        out.optional(tag!("cbc:DocumentDescription"), document.description.as_deref());
        out.group(tag!("cac:Attachment"), |out| {
            if let Some(attachment) = &document.attachment {
                let attributes = [
                    ("mimeCode", attachment.mime_code.as_deref().unwrap_or_default()),
                    ("filename", attachment.filename.as_deref().unwrap_or_default()),
                ];
                out.text_with(tag!("cbc:EmbeddedDocumentBinaryObject"), &attachment.content, &attributes);
            }
            out.group(tag!("cac:ExternalReference"), |out| {
                out.optional(tag!("cbc:URI"), document.url.as_deref());
            });
        });
    });
}

/// A `cac:Delivery`.
pub(super) fn delivery<'i>(out: &mut Out<'i>, delivery: &'i Delivery) {
    out.aggregate(tag!("cac:Delivery"), &delivery.rest, |out| {
        out.date(tag!("cbc:ActualDeliveryDate"), delivery.date);
        out.group(tag!("cac:DeliveryLocation"), |out| {
            if let Some(location) = &delivery.location {
                let scheme = location.scheme.as_deref().unwrap_or_default();
                out.text_with(tag!("cbc:ID"), &location.id, scheme_of(&[("schemeID", scheme)]));
            }
            if let Some(found) = &delivery.address {
                address(out, tag!("cac:Address"), found, found.country.as_deref());
            }
        });
        out.group(tag!("cac:DeliveryParty"), |out| {
            out.group(tag!("cac:PartyName"), |out| {
                out.optional(tag!("cbc:Name"), delivery.party_name.as_deref());
            });
        });
    });
}

/// A `cac:PaymentMeans`.
pub(super) fn payment_means<'i>(out: &mut Out<'i>, means: &'i PaymentMeans) {
    out.aggregate(tag!("cac:PaymentMeans"), &means.rest, |out| {
        let name = means.name.as_deref().unwrap_or_default();
        out.text_with(tag!("cbc:PaymentMeansCode"), &means.code, scheme_of(&[("name", name)]));
        out.date(tag!("cbc:PaymentDueDate"), means.due_date);
        out.optional(tag!("cbc:InstructionID"), means.instruction_id.as_deref());
        out.optional(tag!("cbc:InstructionNote"), means.note.as_deref());
        out.optional(tag!("cbc:PaymentID"), means.payment_id.as_deref());
        if let Some(card) = &means.card {
            out.aggregate(tag!("cac:CardAccount"), &card.rest, |out| {
                out.text(tag!("cbc:PrimaryAccountNumberID"), &card.number);
                out.optional(tag!("cbc:NetworkID"), card.network.as_deref());
                out.optional(tag!("cbc:HolderName"), card.holder.as_deref());
            });
        }
        if let Some(account) = &means.account {
            out.aggregate(tag!("cac:PayeeFinancialAccount"), &account.rest, |out| {
                out.text(tag!("cbc:ID"), &account.id);
                out.optional(tag!("cbc:Name"), account.name.as_deref());
                out.group(tag!("cac:FinancialInstitutionBranch"), |out| {
                    out.optional(tag!("cbc:ID"), account.provider.as_deref());
                });
            });
        }
        if let Some(mandate) = &means.mandate {
            out.aggregate(tag!("cac:PaymentMandate"), &mandate.rest, |out| {
                out.optional(tag!("cbc:ID"), mandate.id.as_deref());
                out.group(tag!("cac:PayerFinancialAccount"), |out| {
                    out.optional(tag!("cbc:ID"), mandate.debited_account.as_deref());
                });
            });
        }
    });
}
