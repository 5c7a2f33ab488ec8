//! The authority's code lists, as far as a simulator needs them. Codes are facts it publishes; see the README.

use serde_json::{Value, json};

/// `invoice-types`: here 381 is the invoice and 380 the credit note.
pub(crate) const INVOICE_TYPES: &[(&str, &str)] = &[
    ("380", "Credit Note"),
    ("381", "Commercial Invoice"),
    ("384", "Debit Note"),
    ("385", "Self Billed Invoice"),
    ("386", "Factored Invoice"),
    ("388", "Statement of Account"),
    ("389", "Purchase Order"),
    ("390", "Proforma Invoice"),
    ("392", "Consignment Invoice"),
    ("393", "Self-billed Credit Note"),
    ("394", "Self-billed Invoice"),
    ("395", "Credit Note Request"),
    ("396", "Invoice Request"),
    ("397", "Final Settlement"),
    ("399", "Bill of Lading"),
    ("400", "Waybill"),
    ("402", "Shipping Instructions"),
    ("404", "Certificate of Origin"),
    ("406", "Customs Declaration"),
    ("408", "Packing List"),
];

/// `payment-means`.
pub(crate) const PAYMENT_MEANS: &[(&str, &str)] = &[
    ("10", "Cash"),
    ("20", "Cheque"),
    ("30", "Credit Transfer"),
    ("31", "Debit Transfer"),
    ("42", "ACH Credit"),
    ("43", "ACH Debit"),
    ("48", "Bank Card"),
    ("49", "Direct Debit"),
    ("50", "Credit Card"),
    ("58", "Banker's Draft"),
    ("97", "Other"),
    ("ZZZ", "Mutually Defined"),
];

/// `tax-categories`: 24 of the official list and the three added in 2026.
pub(crate) const TAX_CATEGORIES: &[(&str, &str)] = &[
    ("STANDARD_VAT", "Standard Value-Added Tax"),
    ("REDUCED_VAT", "Reduced Value-Added Tax"),
    ("ZERO_VAT", "Zero Value-Added Tax"),
    ("STANDARD_GST", "Standard Goods and Services Tax"),
    ("REDUCED_GST", "Reduced Goods and Services Tax"),
    ("ZERO_GST", "Zero Goods and Services Tax"),
    ("STATE_SALES_TAX", "State Sales Tax"),
    ("LOCAL_SALES_TAX", "Local Sales Tax"),
    ("ALCOHOL_EXCISE_TAX", "Alcohol Excise Tax"),
    ("TOBACCO_EXCISE_TAX", "Tobacco Excise Tax"),
    ("FUEL_EXCISE_TAX", "Fuel Excise Tax"),
    ("CORPORATE_INCOME_TAX", "Corporate Income Tax"),
    ("PERSONAL_INCOME_TAX", "Personal Income Tax"),
    ("SOCIAL_SECURITY_TAX", "Social Security Tax"),
    ("MEDICARE_TAX", "Medicare Tax"),
    ("REAL_ESTATE_TAX", "Real Estate Tax"),
    ("PERSONAL_PROPERTY_TAX", "Personal Property Tax"),
    ("CARBON_TAX", "Carbon Tax"),
    ("PLASTIC_TAX", "Plastic Tax"),
    ("IMPORT_DUTY", "Import Duty"),
    ("EXPORT_DUTY", "Export Duty"),
    ("LUXURY_TAX", "Luxury Tax"),
    ("SERVICE_TAX", "Service Tax"),
    ("TOURISM_TAX", "Tourism Tax"),
    ("WITHHOLDING_TAX", "Withholding Tax"),
    ("STAMP_DUTY", "Stamp Duty"),
    ("EXEMPTED", "Tax Exemption"),
];

/// `states`: 36 and the Federal Capital Territory.
pub(crate) const STATES: &[(&str, &str)] = &[
    ("NG-AB", "Abia"),
    ("NG-AD", "Adamawa"),
    ("NG-AK", "Akwa Ibom"),
    ("NG-AN", "Anambra"),
    ("NG-BA", "Bauchi"),
    ("NG-BY", "Bayelsa"),
    ("NG-BE", "Benue"),
    ("NG-BO", "Borno"),
    ("NG-CR", "Cross River"),
    ("NG-DE", "Delta"),
    ("NG-EB", "Ebonyi"),
    ("NG-ED", "Edo"),
    ("NG-EK", "Ekiti"),
    ("NG-EN", "Enugu"),
    ("NG-FC", "FCT"),
    ("NG-GO", "Gombe"),
    ("NG-IM", "Imo"),
    ("NG-JI", "Jigawa"),
    ("NG-KD", "Kaduna"),
    ("NG-KN", "Kano"),
    ("NG-KT", "Katsina"),
    ("NG-KE", "Kebbi"),
    ("NG-KO", "Kogi"),
    ("NG-KW", "Kwara"),
    ("NG-LA", "Lagos"),
    ("NG-NA", "Nasarawa"),
    ("NG-NI", "Niger"),
    ("NG-OG", "Ogun"),
    ("NG-ON", "Ondo"),
    ("NG-OS", "Osun"),
    ("NG-OY", "Oyo"),
    ("NG-PL", "Plateau"),
    ("NG-RI", "Rivers"),
    ("NG-SO", "Sokoto"),
    ("NG-TA", "Taraba"),
    ("NG-YO", "Yobe"),
    ("NG-ZA", "Zamfara"),
];

/// `lgas`: a handful of 774.
const LGAS: &[(&str, &str)] = &[
    ("NG-AB-ANO", "Aba North"),
    ("NG-AB-ASO", "Aba South"),
    ("NG-AB-ARO", "Arochukwu"),
    ("NG-AB-BEN", "Bende"),
    ("NG-LA-IKJ", "Ikeja"),
];

/// `hs-codes`: a handful of thousands.
const HS_CODES: &[(&str, &str)] = &[
    ("0305.59", "Dried fish, whether or not salted but not smoked"),
    ("1005.90", "Maize (corn), other than seed"),
    ("2106.90", "Food preparations not elsewhere specified"),
    ("2202.99", "Non-alcoholic beverages, other"),
    ("4901.99", "Printed books, brochures and similar printed matter"),
    ("8471.30", "Portable automatic data processing machines"),
];

/// `services-codes` (ISIC): a handful of 419.
const SERVICES: &[(&str, &str)] = &[
    ("4711", "Retail sale in non-specialized stores with food, beverages or tobacco predominating"),
    ("5610", "Restaurants and mobile food service activities"),
    ("6201", "Computer programming activities"),
    ("6202", "Computer consultancy and computer facilities management activities"),
    ("8549", "Other education n.e.c."),
];

/// ISO 3166-1 alpha-2, the 249 codes of `countries`.
pub(crate) const COUNTRIES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

/// `currencies`: the 118 codes of the list, as old as it is (it still has EEK and ZMK).
pub(crate) const CURRENCIES: &str = "AED AFN ALL AMD ARS AUD AZN BAM BDT BGN BHD BIF BND BOB BRL BWP BYR BZD CAD CDF CHF CLP CNY COP CRC CVE CZK DJF DKK DOP DZD EEK EGP ERN ETB EUR GBP GEL GHS GNF GTQ HKD HNL HRK HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KHR KMF KRW KWD KZT LBP LKR LTL LVL LYD MAD MDL MGA MKD MMK MOP MUR MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SDG SEK SGD SOS SYP THB TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VEF VND XAF XOF YER ZAR ZMK";

/// Whether a table holds a code.
pub(crate) fn has(table: &[(&str, &str)], code: &str) -> bool {
    table.iter().any(|(known, _)| *known == code)
}

/// Whether a space-separated list holds a code.
pub(crate) fn listed(list: &str, code: &str) -> bool {
    list.split(' ').any(|known| known == code)
}

fn rows(table: &[(&str, &str)], code: &str, name: &str) -> Value {
    table.iter().map(|row| json!({ code: row.0, name: row.1 })).collect()
}

/// The rows of `GET /invoice/resources/{name}`; `None`: no such list.
pub(crate) fn resource(name: &str) -> Option<Value> {
    Some(match name {
        "invoice-types" => rows(INVOICE_TYPES, "code", "value"),
        "payment-means" => rows(PAYMENT_MEANS, "code", "value"),
        "tax-categories" => rows(TAX_CATEGORIES, "code", "value"),
        "states" => rows(STATES, "code", "name"),
        "lgas" => LGAS
            .iter()
            .map(|(code, name)| json!({"name": name, "code": code, "state_code": &code[..5]}))
            .collect(),
        // The key of this list is `hscode`, not `code`.
        "hs-codes" => rows(HS_CODES, "hscode", "description"),
        "services-codes" => rows(SERVICES, "code", "value"),
        "countries" => COUNTRIES.split(' ').map(|code| json!({"alpha_2": code})).collect(),
        "currencies" => {
            CURRENCIES.split(' ').map(|code| json!({"code": code, "decimal_digits": 2})).collect()
        }
        "vat-exemptions" => json!([]),
        _ => return None,
    })
}
