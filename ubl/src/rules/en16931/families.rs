//! The VAT categories as a table: what each wants in the ten rules all of them have.

/// The rules of one category.
pub(super) struct Family {
    pub(super) code: &'static str,
    /// Ids of the rules 01 to 10.
    pub(super) ids: [&'static str; 10],
    pub(super) name: &'static str,
    pub(super) identifiers: Identifiers,
    pub(super) rate: Rate,
    /// The breakdown has one row per rate, else one row in all.
    pub(super) by_rate: bool,
    pub(super) reason_needed: bool,
}

/// Who must be identified where the category is used.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Identifiers {
    /// The seller by any tax identifier, or the tax representative by VAT.
    Seller,
    /// The seller by VAT, or the tax representative.
    SellerVat,
    /// As `Seller`, and the buyer by VAT or legal registration.
    SellerAndBuyer,
    /// As `SellerVat`, and the buyer by VAT.
    SellerVatAndBuyerVat,
    /// Nobody by VAT.
    Nobody,
}

/// What the rate of the category may be.
#[derive(Clone, Copy)]
pub(super) enum Rate {
    Zero,
    AboveZero,
    ZeroOrMore,
    None,
}

/// The nine categories with ten rules each; B, the tenth category, has rules of its own.
pub(super) const FAMILIES: &[Family] = &[
    Family {
        code: "S",
        ids: [
            "BR-S-01", "BR-S-02", "BR-S-03", "BR-S-04", "BR-S-05", "BR-S-06", "BR-S-07", "BR-S-08",
            "BR-S-09", "BR-S-10",
        ],
        name: "standard rated",
        identifiers: Identifiers::Seller,
        rate: Rate::AboveZero,
        by_rate: true,
        reason_needed: false,
    },
    Family {
        code: "Z",
        ids: [
            "BR-Z-01", "BR-Z-02", "BR-Z-03", "BR-Z-04", "BR-Z-05", "BR-Z-06", "BR-Z-07", "BR-Z-08",
            "BR-Z-09", "BR-Z-10",
        ],
        name: "zero rated",
        identifiers: Identifiers::Seller,
        rate: Rate::Zero,
        by_rate: false,
        reason_needed: false,
    },
    Family {
        code: "E",
        ids: [
            "BR-E-01", "BR-E-02", "BR-E-03", "BR-E-04", "BR-E-05", "BR-E-06", "BR-E-07", "BR-E-08",
            "BR-E-09", "BR-E-10",
        ],
        name: "exempt",
        identifiers: Identifiers::Seller,
        rate: Rate::Zero,
        by_rate: false,
        reason_needed: true,
    },
    Family {
        code: "AE",
        ids: [
            "BR-AE-01", "BR-AE-02", "BR-AE-03", "BR-AE-04", "BR-AE-05", "BR-AE-06", "BR-AE-07", "BR-AE-08",
            "BR-AE-09", "BR-AE-10",
        ],
        name: "reverse charge",
        identifiers: Identifiers::SellerAndBuyer,
        rate: Rate::Zero,
        by_rate: false,
        reason_needed: true,
    },
    Family {
        code: "K",
        ids: [
            "BR-IC-01", "BR-IC-02", "BR-IC-03", "BR-IC-04", "BR-IC-05", "BR-IC-06", "BR-IC-07", "BR-IC-08",
            "BR-IC-09", "BR-IC-10",
        ],
        name: "intra-community supply",
        identifiers: Identifiers::SellerVatAndBuyerVat,
        rate: Rate::Zero,
        by_rate: false,
        reason_needed: true,
    },
    Family {
        code: "G",
        ids: [
            "BR-G-01", "BR-G-02", "BR-G-03", "BR-G-04", "BR-G-05", "BR-G-06", "BR-G-07", "BR-G-08",
            "BR-G-09", "BR-G-10",
        ],
        name: "export",
        identifiers: Identifiers::SellerVat,
        rate: Rate::Zero,
        by_rate: false,
        reason_needed: true,
    },
    Family {
        code: "O",
        ids: [
            "BR-O-01", "BR-O-02", "BR-O-03", "BR-O-04", "BR-O-05", "BR-O-06", "BR-O-07", "BR-O-08",
            "BR-O-09", "BR-O-10",
        ],
        name: "outside the scope of VAT",
        identifiers: Identifiers::Nobody,
        rate: Rate::None,
        by_rate: false,
        reason_needed: true,
    },
    Family {
        code: "L",
        ids: [
            "BR-AF-01", "BR-AF-02", "BR-AF-03", "BR-AF-04", "BR-AF-05", "BR-AF-06", "BR-AF-07", "BR-AF-08",
            "BR-AF-09", "BR-AF-10",
        ],
        name: "Canary Islands tax (IGIC)",
        identifiers: Identifiers::Seller,
        rate: Rate::ZeroOrMore,
        by_rate: true,
        reason_needed: false,
    },
    Family {
        code: "M",
        ids: [
            "BR-AG-01", "BR-AG-02", "BR-AG-03", "BR-AG-04", "BR-AG-05", "BR-AG-06", "BR-AG-07", "BR-AG-08",
            "BR-AG-09", "BR-AG-10",
        ],
        name: "Ceuta and Melilla tax (IPSI)",
        identifiers: Identifiers::Seller,
        rate: Rate::ZeroOrMore,
        by_rate: true,
        reason_needed: false,
    },
];
