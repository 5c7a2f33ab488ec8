//! A UBL invoice of any length as another system would write it: its text is made here, element by element, so that no
//! writer's choices are in it, with the fields of a busy line. It breaks no rule of EN 16931 or Peppol BIS Billing 3.0.

use std::fmt::Write;

const INVOICE: &str = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2";
const CAC: &str = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2";
const CBC: &str = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2";
const PEPPOL: &str = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0";
const PROFILE: &str = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0";

/// About 1.4 kB of XML a line, 5 kB around them: `lines` of 5, 100 and 10,000 make 12 kB, 143 kB and 14 MB.
#[must_use]
pub fn document(lines: usize) -> Vec<u8> {
    let lines: Vec<Line> = (1..=lines).map(Line::new).collect();
    let sums = Sums::of(&lines);
    let mut xml = Xml(String::with_capacity(6_000 + lines.len() * 1_500));
    xml.0.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    xml.open(&format!("Invoice xmlns=\"{INVOICE}\" xmlns:cac=\"{CAC}\" xmlns:cbc=\"{CBC}\""));
    header(&mut xml);
    supplier(&mut xml);
    customer(&mut xml);
    delivery_and_payment(&mut xml);
    allowance(&mut xml, "false", "95", "Loyalty discount", ALLOWANCE);
    allowance(&mut xml, "true", "FC", "Freight to Ibadan", CHARGE);
    totals(&mut xml, &sums);
    for line in &lines {
        line.write(&mut xml);
    }
    xml.close("Invoice");
    xml.0.into_bytes()
}

/// Taken off the document and put on it, in kobo.
const ALLOWANCE: i64 = 25_000;
const CHARGE: i64 = 75_000;
const PREPAID: i64 = 100_000;

/// Text as it is put together.
struct Xml(String);

impl Xml {
    fn open(&mut self, name: &str) {
        self.0.extend(["<", name, ">"]);
    }

    fn close(&mut self, name: &str) {
        self.0.extend(["</", name, ">"]);
    }

    /// An element of a text, which is escaped already.
    fn text(&mut self, name: &str, text: &str) {
        self.0.extend(["<", name, ">", text, "</", name, ">"]);
    }

    fn attributed(&mut self, name: &str, attributes: &str, text: &str) {
        self.0.extend(["<", name, " ", attributes, ">", text, "</", name, ">"]);
    }

    fn amount(&mut self, name: &str, kobo: i64) {
        self.attributed(name, "currencyID=\"NGN\"", &naira(kobo));
    }

    /// An element with one child.
    fn holding(&mut self, name: &str, child: &str, text: &str) {
        self.open(name);
        self.text(child, text);
        self.close(name);
    }

    fn tax_category(&mut self, name: &str, standard: bool) {
        let (category, percent) = if standard { ("S", "7.5") } else { ("Z", "0") };
        self.open(name);
        self.text("cbc:ID", category);
        self.text("cbc:Percent", percent);
        self.holding("cac:TaxScheme", "cbc:ID", "VAT");
        self.close(name);
    }
}

fn naira(kobo: i64) -> String {
    format!("{}.{:02}", kobo / 100, kobo % 100)
}

/// `amount` × `permille` ÷ 1000, half up.
fn share(amount: i64, permille: i64) -> i64 {
    (amount * permille + 500) / 1000
}

fn header(xml: &mut Xml) {
    xml.text("cbc:CustomizationID", PEPPOL);
    xml.text("cbc:ProfileID", PROFILE);
    xml.text("cbc:ID", "INV-2026-004711");
    xml.text("cbc:IssueDate", "2026-11-02");
    xml.text("cbc:DueDate", "2026-12-02");
    xml.text("cbc:InvoiceTypeCode", "380");
    xml.text("cbc:Note", "Thank you for your order. Goods remain ours until they are paid &amp; cleared.");
    xml.text("cbc:DocumentCurrencyCode", "NGN");
    xml.text("cbc:BuyerReference", "PO-2026/0815");
    xml.open("cac:InvoicePeriod");
    xml.text("cbc:StartDate", "2026-10-01");
    xml.text("cbc:EndDate", "2026-10-31");
    xml.close("cac:InvoicePeriod");
    xml.open("cac:OrderReference");
    xml.text("cbc:ID", "PO-2026/0815");
    xml.text("cbc:SalesOrderID", "SO-99812");
    xml.close("cac:OrderReference");
    xml.holding("cac:ContractDocumentReference", "cbc:ID", "FRAME-2026-07");
    xml.open("cac:AdditionalDocumentReference");
    xml.text("cbc:ID", "INV2026004711-7A1B2C3D-20261102");
    xml.text("cbc:DocumentDescription", "IRN");
    xml.close("cac:AdditionalDocumentReference");
}

fn address(xml: &mut Xml, street: &str, city: &str, zone: &str, subentity: &str) {
    xml.open("cac:PostalAddress");
    xml.text("cbc:StreetName", street);
    xml.text("cbc:CityName", city);
    xml.text("cbc:PostalZone", zone);
    xml.text("cbc:CountrySubentity", subentity);
    xml.holding("cac:Country", "cbc:IdentificationCode", "NG");
    xml.close("cac:PostalAddress");
}

fn contact(xml: &mut Xml, name: &str, phone: &str, mail: &str) {
    xml.open("cac:Contact");
    xml.text("cbc:Name", name);
    xml.text("cbc:Telephone", phone);
    xml.text("cbc:ElectronicMail", mail);
    xml.close("cac:Contact");
}

fn vat_number(xml: &mut Xml, number: &str) {
    xml.open("cac:PartyTaxScheme");
    xml.text("cbc:CompanyID", number);
    xml.holding("cac:TaxScheme", "cbc:ID", "VAT");
    xml.close("cac:PartyTaxScheme");
}

fn supplier(xml: &mut Xml) {
    xml.open("cac:AccountingSupplierParty");
    xml.open("cac:Party");
    xml.attributed("cbc:EndpointID", "schemeID=\"0088\"", "7300010000001");
    xml.holding("cac:PartyName", "cbc:Name", "Balogun Textiles");
    address(xml, "14 Allen Avenue", "Ikeja", "100281", "NG-LA");
    vat_number(xml, "NG20194455-0001");
    xml.open("cac:PartyLegalEntity");
    xml.text("cbc:RegistrationName", "Balogun Textiles &amp; Dyeworks Ltd");
    xml.text("cbc:CompanyID", "RC1034567");
    xml.close("cac:PartyLegalEntity");
    contact(xml, "Adébáyọ̀ Bello", "+2348012345670", "accounts@balogun-textiles.example");
    xml.close("cac:Party");
    xml.close("cac:AccountingSupplierParty");
}

fn customer(xml: &mut Xml) {
    xml.open("cac:AccountingCustomerParty");
    xml.open("cac:Party");
    xml.attributed("cbc:EndpointID", "schemeID=\"0088\"", "7300010000018");
    xml.holding("cac:PartyName", "cbc:Name", "Eko Wholesale");
    address(xml, "3 Marina Road", "Lagos Island", "101001", "NG-LA");
    vat_number(xml, "NG30194456-0001");
    xml.open("cac:PartyLegalEntity");
    xml.text("cbc:RegistrationName", "Eko Wholesale Plc");
    xml.text("cbc:CompanyID", "RC2045678");
    xml.close("cac:PartyLegalEntity");
    contact(xml, "Chinwe Okafor", "+2348098765430", "payables@eko-wholesale.example");
    xml.close("cac:Party");
    xml.close("cac:AccountingCustomerParty");
}

fn delivery_and_payment(xml: &mut Xml) {
    xml.open("cac:Delivery");
    xml.text("cbc:ActualDeliveryDate", "2026-10-30");
    xml.open("cac:DeliveryLocation");
    xml.text("cbc:ID", "WAREHOUSE-3");
    xml.open("cac:Address");
    xml.text("cbc:StreetName", "Km 12, Lagos-Ibadan Expressway");
    xml.text("cbc:CityName", "Ibadan");
    xml.holding("cac:Country", "cbc:IdentificationCode", "NG");
    xml.close("cac:Address");
    xml.close("cac:DeliveryLocation");
    xml.close("cac:Delivery");
    xml.open("cac:PaymentMeans");
    xml.attributed("cbc:PaymentMeansCode", "name=\"Credit transfer\"", "30");
    xml.text("cbc:PaymentID", "INV-2026-004711");
    xml.open("cac:PayeeFinancialAccount");
    xml.text("cbc:ID", "0123456789");
    xml.text("cbc:Name", "Balogun Textiles");
    xml.holding("cac:FinancialInstitutionBranch", "cbc:ID", "GTBINGLA");
    xml.close("cac:PayeeFinancialAccount");
    xml.close("cac:PaymentMeans");
    xml.holding("cac:PaymentTerms", "cbc:Note", "30 days net; 2 % off within 10 days");
}

fn allowance(xml: &mut Xml, charge: &str, code: &str, reason: &str, amount: i64) {
    xml.open("cac:AllowanceCharge");
    xml.text("cbc:ChargeIndicator", charge);
    xml.text("cbc:AllowanceChargeReasonCode", code);
    xml.text("cbc:AllowanceChargeReason", reason);
    xml.amount("cbc:Amount", amount);
    xml.tax_category("cac:TaxCategory", true);
    xml.close("cac:AllowanceCharge");
}

/// What the lines and the document's allowance and charge add up to, in kobo.
struct Sums {
    lines: i64,
    standard: i64,
    zero: i64,
    tax: i64,
}

impl Sums {
    fn of(lines: &[Line]) -> Self {
        let sum = |standard: bool| -> i64 {
            lines.iter().filter(|line| line.standard() == standard).map(Line::net).sum()
        };
        let (standard, zero) = (sum(true) - ALLOWANCE + CHARGE, sum(false));
        Self { lines: standard + zero + ALLOWANCE - CHARGE, standard, zero, tax: share(standard, 75) }
    }
}

fn totals(xml: &mut Xml, sums: &Sums) {
    xml.open("cac:TaxTotal");
    xml.amount("cbc:TaxAmount", sums.tax);
    for (taxable, tax, standard) in [(sums.standard, sums.tax, true), (sums.zero, 0, false)] {
        // The first zero-rated line is the fourth.
        if taxable == 0 {
            continue;
        }
        xml.open("cac:TaxSubtotal");
        xml.amount("cbc:TaxableAmount", taxable);
        xml.amount("cbc:TaxAmount", tax);
        xml.tax_category("cac:TaxCategory", standard);
        xml.close("cac:TaxSubtotal");
    }
    xml.close("cac:TaxTotal");
    let exclusive = sums.standard + sums.zero;
    xml.open("cac:LegalMonetaryTotal");
    xml.amount("cbc:LineExtensionAmount", sums.lines);
    xml.amount("cbc:TaxExclusiveAmount", exclusive);
    xml.amount("cbc:TaxInclusiveAmount", exclusive + sums.tax);
    xml.amount("cbc:AllowanceTotalAmount", ALLOWANCE);
    xml.amount("cbc:ChargeTotalAmount", CHARGE);
    xml.amount("cbc:PrepaidAmount", PREPAID);
    xml.amount("cbc:PayableAmount", exclusive + sums.tax - PREPAID);
    xml.close("cac:LegalMonetaryTotal");
}

/// A line by its number: everything in it follows from that.
struct Line {
    number: usize,
    seed: i64,
}

const NAMES: [&str; 5] =
    ["Ankara print", "Adire, hand-dyed", "Aṣọ òkè, woven", "Lace &amp; brocade", "George \"classic\""];

impl Line {
    fn new(number: usize) -> Self {
        Self { number, seed: i64::try_from(number).unwrap_or(i64::MAX) }
    }

    fn standard(&self) -> bool {
        self.number % 8 != 4
    }

    /// In kobo, for ten units.
    fn price(&self) -> i64 {
        120_000 + self.seed * 7_919 % 480_000
    }

    fn tens(&self) -> i64 {
        1 + self.seed * 31 % 12
    }

    fn gross(&self) -> i64 {
        self.price() * self.tens()
    }

    fn allowance(&self) -> i64 {
        share(self.gross(), 50)
    }

    fn net(&self) -> i64 {
        self.gross() - self.allowance()
    }

    fn write(&self, xml: &mut Xml) {
        let mut number = String::new();
        let _ = write!(number, "{}", self.number);
        xml.open("cac:InvoiceLine");
        xml.text("cbc:ID", &number);
        xml.text("cbc:Note", "Two bales &amp; a sample");
        xml.attributed("cbc:InvoicedQuantity", "unitCode=\"MTR\"", &(self.tens() * 10).to_string());
        xml.amount("cbc:LineExtensionAmount", self.net());
        xml.open("cac:InvoicePeriod");
        xml.text("cbc:StartDate", &format!("2026-10-{:02}", 1 + self.number % 14));
        xml.text("cbc:EndDate", &format!("2026-10-{:02}", 15 + self.number % 14));
        xml.close("cac:InvoicePeriod");
        xml.holding("cac:OrderLineReference", "cbc:LineID", &number);
        xml.open("cac:AllowanceCharge");
        xml.text("cbc:ChargeIndicator", "false");
        xml.text("cbc:AllowanceChargeReason", "Quantity discount");
        xml.amount("cbc:Amount", self.allowance());
        xml.close("cac:AllowanceCharge");
        self.item(xml);
        xml.open("cac:Price");
        xml.amount("cbc:PriceAmount", self.price());
        xml.attributed("cbc:BaseQuantity", "unitCode=\"MTR\"", "10");
        xml.close("cac:Price");
        xml.close("cac:InvoiceLine");
    }

    fn item(&self, xml: &mut Xml) {
        let name = NAMES[self.number % NAMES.len()];
        xml.open("cac:Item");
        xml.text("cbc:Description", "Wax print, fast to 40 °C");
        xml.text("cbc:Name", &format!("{name} {}", self.number));
        xml.holding("cac:SellersItemIdentification", "cbc:ID", &format!("SKU-{:06}", self.number));
        xml.open("cac:StandardItemIdentification");
        xml.attributed("cbc:ID", "schemeID=\"0160\"", &format!("0615{:09}", self.number));
        xml.close("cac:StandardItemIdentification");
        xml.open("cac:CommodityClassification");
        xml.attributed("cbc:ItemClassificationCode", "listID=\"HS\"", "5208.52");
        xml.close("cac:CommodityClassification");
        xml.tax_category("cac:ClassifiedTaxCategory", self.standard());
        xml.open("cac:AdditionalItemProperty");
        xml.text("cbc:Name", "Colour");
        xml.text("cbc:Value", "indigo");
        xml.close("cac:AdditionalItemProperty");
        xml.close("cac:Item");
    }
}
