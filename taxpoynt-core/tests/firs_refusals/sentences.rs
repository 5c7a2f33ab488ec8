//! What is wrong with which field, in words.

use crate::{
    firs_support::{client, irn, keys, reference, says},
    signed, told, validated,
};
use taxpoynt_core::{ErrorKind, Retry};

#[tokio::test]
async fn every_text_of_the_sheet_gets_its_sentence() {
    for (details, kind, field, sentence) in [
        (
            "irn validation failed",
            ErrorKind::Rejected,
            "irn",
            "The authority does not take the IRN: compare the tenant's service_id with the IRN template on the \
             authority's dashboard.",
        ),
        (
            "webhook url is not setup",
            ErrorKind::Config,
            "",
            "The authority sends nothing on until a webhook URL is set on its dashboard: set it there, then run the self \
             health check.",
        ),
        (
            "can only update payment status of invoices that have been signed",
            ErrorKind::Rejected,
            "",
            "The authority has not signed this document yet, so its payment status cannot change: submit it first.",
        ),
        (
            "invoicerequest.invoice.accountingcustomerparty.tin must be at most in length or value 20",
            ErrorKind::Rejected,
            "accounting_customer_party/tin",
            "The authority wants the buyer's TIN with at most 20 characters.",
        ),
        (
            "invoicerequest.invoice.invoiceline[3].invoicedquantity must be at least in length or value 1",
            ErrorKind::Rejected,
            "invoice_line/3/invoiced_quantity",
            "The authority wants the quantity of line 4 to be 1 or more.",
        ),
        (
            "invoicerequest.invoice.invoiceline[0].hsncode must be a valid hs code, refer to the invoice resource apis",
            ErrorKind::Rejected,
            "invoice_line/0/hsn_code",
            "The authority does not find the HS code of line 1 in its list: choose one that is listed.",
        ),
        (
            "invoicerequest.invoice.accountingsupplierparty.postaladdress.lga must be a valid lga code, refer to the \
             invoice resource apis",
            ErrorKind::Rejected,
            "accounting_supplier_party/postal_address/lga",
            "The authority wants the seller's local government area as a code of its list, such as NG-LA-IKJ.",
        ),
        (
            "invoicerequest.invoice.accountingcustomerparty.telephone must be a valid phone number that starts with +",
            ErrorKind::Rejected,
            "accounting_customer_party/telephone",
            "The authority wants the buyer's telephone number with its country code, such as +2348010000001.",
        ),
        (
            "invoicerequest.invoice.accountingcustomerparty.email must be a valid email of at most 100 characters",
            ErrorKind::Rejected,
            "accounting_customer_party/email",
            "The authority wants the buyer's e-mail address in a form such as accounts@example.com.",
        ),
        (
            "invoicerequest.invoice.documentcurrencycode must be a valid currency code, refer to the invoice resource apis",
            ErrorKind::Rejected,
            "document_currency_code",
            "The authority wants the currency as a three-letter code in capitals, such as NGN.",
        ),
        (
            "invoicerequest.invoice.accountingcustomerparty is required",
            ErrorKind::Rejected,
            "accounting_customer_party",
            "The authority needs the buyer, which is missing.",
        ),
        (
            "invoicerequest.invoice.accountingcustomerparty.id must be a valid uuid",
            ErrorKind::Rejected,
            "accounting_customer_party/id",
            "The authority refused the buyer's id: it must be a valid uuid.",
        ),
        (
            "invoicerequest.invoice.billingreference[0].irn is required",
            ErrorKind::Rejected,
            "billing_reference/0/irn",
            "The authority needs the IRN of the invoice that is corrected, which is missing.",
        ),
        (
            "invoicerequest.invoice.allowancecharge[1].amount must be at least in length or value 0",
            ErrorKind::Rejected,
            "allowance_charge/1/amount",
            "The authority wants the amount of discount or charge 2 to be 0 or more.",
        ),
        (
            "invoicerequest.invoice.payeeparty.tin is required",
            ErrorKind::Rejected,
            "payee_party/tin",
            "The authority needs the payee's TIN, which is missing.",
        ),
        (
            "invoicerequest.invoice.legalmonetarytotal is required",
            ErrorKind::Rejected,
            "legal_monetary_total",
            "The authority needs the total of the document, which is missing.",
        ),
        (
            "invoicerequest.invoice.issuetime must be a valid time value hh:mm:ss",
            ErrorKind::Rejected,
            "issue_time",
            "The authority wants the issue time as a time such as 14:05:00.",
        ),
        (
            "invoicerequest.invoice.invoiceline[0] needs either hsn code and product category or isic code and service category",
            ErrorKind::Rejected,
            "invoice_line/0",
            "The authority refused line 1: it needs either hsn code and product category or isic code and service category.",
        ),
        (
            "invoicerequest.invoice.invoiceline is required",
            ErrorKind::Rejected,
            "invoice_line",
            "The authority needs the list of lines, which is missing.",
        ),
        (
            "InvoiceRequest.Invoice.InvoiceLine[1].Item.Name is required",
            ErrorKind::Rejected,
            "invoice_line/1/item/name",
            "The authority needs the name of line 2, which is missing.",
        ),
        (
            "invoicerequest.invoice.businessid must be a business enabled for this key",
            ErrorKind::Rejected,
            "business_id",
            "The authority refused the business id: it must be a business enabled for this key.",
        ),
        (
            "payment_status must be one of PENDING PAID REJECTED",
            ErrorKind::Rejected,
            "payment_status",
            "The authority refused the payment status: it must be one of PENDING PAID REJECTED.",
        ),
        (
            "buyer has no access point.",
            ErrorKind::Rejected,
            "",
            "The authority refused the document: buyer has no access point.",
        ),
    ] {
        let body = serde_json::json!({"code": 400, "data": null, "message": "error has occurred", "error": {
            "id": "e-9", "handler": "invoice_actions", "details": details,
            "public_message": "validation failed: we are unable to process your request. also confirm this is not a duplicate request",
        }});
        let error = signed(400, &body.to_string()).await.unwrap_err();
        assert_eq!(told(&error), (kind, Retry::Never, field, sentence), "{details}");
    }
}

#[tokio::test]
async fn every_complaint_becomes_a_fault() {
    let body = r#"{"code":422,"error":{"details":"invoicerequest.invoice.issuedate is required, invoicerequest.invoice.invoiceline[0].price.priceamount must be a number"}}"#;
    let error = validated(422, body).await.unwrap_err();
    let faults: Vec<_> = error.faults().iter().map(|f| (f.path.as_str(), f.message.as_str())).collect();
    assert_eq!(
        faults,
        [
            ("issue_date", "The authority needs the issue date, which is missing."),
            (
                "invoice_line/0/price/price_amount",
                "The authority refused the price of line 1: it must be a number."
            ),
        ]
    );
    let listed = r#"{"code":400,"error":{"id":"x","errors":[{"field":"postal_address.lga","message":"is required"}]}}"#;
    let error = validated(400, listed).await.unwrap_err();
    assert_eq!(told(&error).2, "postal_address/lga");
}

#[tokio::test]
async fn a_wrong_id_is_named_as_what_was_asked_for() {
    let body = reference("responses/error-business-id.json");
    let error = client([says(400, body.clone())]).0.entity(&keys(), "x").await.unwrap_err();
    assert_eq!((error.kind(), error.get("field")), (ErrorKind::Config, Some("entity_id")));
    let error = client([says(400, body)]).0.search(&keys(), "x", &irn()).await.unwrap_err();
    assert_eq!((error.kind(), error.get("field")), (ErrorKind::Config, Some("business_id")));
}
