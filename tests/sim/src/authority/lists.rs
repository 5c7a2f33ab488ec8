//! The authority's code lists, as far as a simulator needs them. Codes are facts it publishes; see the README.

use super::settings::{AuthoritySettings, Edition};
use serde_json::{Value, json};

type Row = (&'static str, &'static str);

/// A list whose rows come and go with the edition.
#[derive(Debug)]
pub(crate) struct Table {
    /// Always there.
    stays: &'static [Row],
    /// Came in 2026.
    came: &'static [Row],
    /// Gone from the edition after the present one.
    goes: &'static [Row],
    /// Comes with the edition after the present one.
    comes: &'static [Row],
}

impl Table {
    fn rows(&self, edition: Edition) -> impl Iterator<Item = &Row> {
        let came = if edition >= Edition::Of2026 { self.came } else { &[] };
        let next = if edition == Edition::Next { self.comes } else { self.goes };
        self.stays.iter().chain(came).chain(next)
    }

    /// Whether an edition holds a code.
    pub(crate) fn has(&self, edition: Edition, code: &str) -> bool {
        self.rows(edition).any(|(known, _)| *known == code)
    }

    /// Whether any edition holds a code.
    pub(crate) fn ever(&self, code: &str) -> bool {
        self.has(Edition::Of2026, code) || self.has(Edition::Next, code)
    }

    fn shown(&self, edition: Edition, code: &str, name: &str) -> Value {
        self.rows(edition).map(|row| json!({ code: row.0, name: row.1 })).collect()
    }
}

/// `invoice-types`: here 381 is the invoice and 380 the credit note.
pub(crate) const INVOICE_TYPES: &[Row] = &[
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
pub(crate) const PAYMENT_MEANS: &[Row] = &[
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

/// `tax-categories`: 24 of the official list, the three added in 2026, one invented for the next edition.
pub(crate) const TAX_CATEGORIES: Table = Table {
    stays: &[
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
        ("IMPORT_DUTY", "Import Duty"),
        ("EXPORT_DUTY", "Export Duty"),
        ("LUXURY_TAX", "Luxury Tax"),
        ("SERVICE_TAX", "Service Tax"),
        ("TOURISM_TAX", "Tourism Tax"),
    ],
    came: &[
        ("WITHHOLDING_TAX", "Withholding Tax"),
        ("STAMP_DUTY", "Stamp Duty"),
        ("EXEMPTED", "Tax Exemption"),
    ],
    goes: &[("PLASTIC_TAX", "Plastic Tax")],
    comes: &[("SIMULATED_LEVY", "Simulated Levy")],
};

/// `states`: 36 and the Federal Capital Territory.
pub(crate) const STATES: &[Row] = &[
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
pub(crate) const LGAS: Table = Table {
    stays: &[
        ("NG-AB-ANO", "Aba North"),
        ("NG-AB-ASO", "Aba South"),
        ("NG-AB-ARO", "Arochukwu"),
        ("NG-LA-IKJ", "Ikeja"),
    ],
    came: &[],
    goes: &[("NG-AB-BEN", "Bende")],
    comes: &[("NG-LA-SIM", "Simulated Area")],
};

/// `hs-codes`: a handful of thousands.
pub(crate) const HS_CODES: Table = Table {
    stays: &[
        ("0305.59", "Dried fish, whether or not salted but not smoked"),
        ("1005.90", "Maize (corn), other than seed"),
        ("2106.90", "Food preparations not elsewhere specified"),
        ("2202.99", "Non-alcoholic beverages, other"),
        ("4901.99", "Printed books, brochures and similar printed matter"),
    ],
    came: &[],
    goes: &[("8471.30", "Portable automatic data processing machines")],
    comes: &[("0901.21", "Coffee, roasted, not decaffeinated"), ("1101.00", "Wheat or meslin flour")],
};

/// `services-codes` (ISIC): a handful of 419.
pub(crate) const SERVICES: Table = Table {
    stays: &[
        ("0111", "Growing of cereals (except rice), leguminous crops and oil seeds"),
        ("4711", "Retail sale in non-specialized stores with food, beverages or tobacco predominating"),
        ("5610", "Restaurants and mobile food service activities"),
        ("6201", "Computer programming activities"),
        ("6202", "Computer consultancy and computer facilities management activities"),
    ],
    came: &[],
    goes: &[("8549", "Other education n.e.c.")],
    comes: &[("5630", "Beverage serving activities")],
};

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

fn rows(table: &[Row], code: &str, name: &str) -> Value {
    table.iter().map(|row| json!({ code: row.0, name: row.1 })).collect()
}

/// All members of a row; the simulator knows the codes, the rest is filled with the code or left empty.
fn country(code: &str) -> Value {
    json!({
        "name": if code == "NG" { "Nigeria" } else { code }, "alpha_2": code, "alpha_3": "", "country_code": "",
        "iso_3166_2": format!("ISO 3166-2:{code}"), "region": "", "sub_region": "", "intermediate_region": "",
        "region_code": "", "sub_region_code": "", "intermediate_region_code": "",
    })
}

fn currency(code: &str) -> Value {
    let (name, symbol) = if code == "NGN" { ("Nigerian Naira", "\u{20a6}") } else { (code, code) };
    json!({
        "symbol": symbol, "name": name, "symbol_native": symbol, "decimal_digits": 2, "rounding": 0,
        "code": code, "name_plural": name,
    })
}

/// Two rows in the shape of 236; the list is that of the law before 2026.
fn exemptions() -> Value {
    json!([
        {"heading_no": "10.05", "harmonized_system_code": "1005.9000", "tariff_category": "BASIC FOOD ITEMS",
         "tariff": "Other", "description": "Maize (corn)."},
        {"heading_no": "49.01", "harmonized_system_code": "4901.9900",
         "tariff_category": "BOOKS AND EDUCATIONAL MATERIALS", "tariff": "Other", "description": "Printed books."},
    ])
}

/// The rows of `GET /invoice/resources/{name}`; `None`: no such list.
pub(crate) fn resource(name: &str, settings: &AuthoritySettings) -> Option<Value> {
    let edition = settings.lists;
    let means = if settings.underscored_payment_means { "payment_means" } else { "payment-means" };
    let rows = match name {
        "invoice-types" => rows(INVOICE_TYPES, "code", "value"),
        name if name == means => rows(PAYMENT_MEANS, "code", "value"),
        "tax-categories" => TAX_CATEGORIES.shown(edition, "code", "value"),
        "states" => rows(STATES, "code", "name"),
        "lgas" => LGAS
            .rows(edition)
            .map(|(code, name)| json!({"name": name, "code": code, "state_code": &code[..5]}))
            .collect(),
        // The key of this list is `hscode`, not `code`.
        "hs-codes" => {
            let key = if settings.hs_key_is_code { "code" } else { "hscode" };
            HS_CODES.shown(edition, key, "description")
        }
        "services-codes" => SERVICES.shown(edition, "code", "description"),
        "countries" => COUNTRIES.split(' ').map(country).collect(),
        "currencies" => CURRENCIES.split(' ').map(currency).collect(),
        "vat-exemptions" => exemptions(),
        _ => return None,
    };
    Some(if settings.empties(name) { json!([]) } else { rows })
}
