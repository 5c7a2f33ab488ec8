//! What a person can do about a sale that waits, and which field it waits for.

/// What to do, as a sentence without a full stop. The sale is looked at again by itself once that is done.
pub(crate) fn remedy(code: &str) -> &'static str {
    match code {
        "deal_not_won" => "close the deal as won at the platform",
        "sale_not_completed" | "refund_not_completed" => "complete it at the till",
        "sale_canceled" | "refund_canceled" | "record_deleted" => {
            "nothing: a sale that did not happen is not invoiced"
        }
        "nothing_to_invoice" => "nothing, or add what was sold at the platform",
        "amount_without_lines" => {
            "add the items at the platform, or set policy.amount_without_lines of the tenant to \"one_line\""
        }
        "deal_amount_differs" => {
            "correct the amount or the lines of the deal, or set policy.deal_amount of the tenant to \"record\""
        }
        "totals_disagree" => "correct the sale at the platform: its own amounts contradict each other",
        "tax_disagrees" => "correct the tax of the item at the platform",
        "tax_unknown" => "fill the tax setting that the reason names, or write a rule for the tax",
        "several_taxes" => "say in tax.by_field of the tenant which of the taxes is VAT",
        "field_required" => "fill the field at the platform, or write a rule that takes it from elsewhere",
        "mapping_failed" => "correct the value at the platform, or the rule that reads it",
        "original_not_invoiced" => "nothing: it goes on once the sale it takes back is invoiced",
        "original_taken_back" => "nothing: the invoice was taken back in full before",
        "refund_unlinked" => {
            "link the refund to its sale at the till, or issue the credit note with Engine::correct"
        }
        "payload_invalid" => "correct the field that the reason names at the platform",
        "rules_broken" => {
            "correct the values that the rules complain of, at the platform or in the tenant's settings"
        }
        "changed_after_submission" | "corrected_otherwise" | "payment_reversed" | "payment_differs" => {
            "decide what the buyer gets: Engine::correct takes the invoice back, Engine::debit_note adds to it"
        }
        "correction_waits" => "nothing: it is corrected once the authority has it",
        "crypto_keys_missing" => "set authority.crypto_keys of the tenant",
        "exchange_rate_missing" => {
            "enter a rate in exchange_rates of the tenant, or set its policy.exchange_rate to \"optional\""
        }
        "classification_missing" | "classification_malformed" => {
            "answer for the item in the tenant's catalogue, or fill classification.default"
        }
        code if code.starts_with("seller_") => "fill the setting of the tenant that the reason names",
        code if code.starts_with("buyer_") => {
            "fill the field at the platform, or write a rule that takes it from elsewhere"
        }
        _ => {
            "do what the reason says; the sale is looked at again when its record, a rule or a setting changes"
        }
    }
}

/// The field that a code of the authority's own check is about, where it is one that rules set.
pub(crate) fn target(code: &str) -> Option<&'static str> {
    Some(match code {
        "buyer_name_missing" | "buyer_missing" => "buyer.name",
        "buyer_tin_missing" => "buyer.tin",
        "buyer_email_missing" => "buyer.email",
        "buyer_address_missing" => "buyer.address.street",
        "classification_missing" | "classification_malformed" => "classification",
        _ => return None,
    })
}
