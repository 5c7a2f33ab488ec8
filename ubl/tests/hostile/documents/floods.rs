//! Documents that are too much of something: levels, elements, text, faults, digits.

use super::{Answer, List, ROOT, ubl};

pub(super) fn add(list: &mut List) {
    depth(list);
    elements(list);
    sizes(list);
    text(list);
    faults(list);
    products(list);
}

fn depth(list: &mut List) {
    let deeper = "deeper";
    list.refused("65 levels", deeper, || ubl(&format!("{}{}", "<a>".repeat(65), "</a>".repeat(65))));
    list.refused("a hundred thousand levels", deeper, || ubl(&"<a>".repeat(100_000)));
    list.refused("ten million levels", "elements", || ubl(&"<a>".repeat(10_000_000)));
    list.refused("a hundred thousand levels in an extension", deeper, || {
        ubl(&format!("<ext:UBLExtensions>{}", "<ext:UBLExtension>".repeat(100_000)))
    });
    list.refused(
        "a hundred thousand lines in lines",
        deeper,
        || ubl(&"<cac:SubInvoiceLine>".repeat(100_000)),
    );
}

fn elements(list: &mut List) {
    let many = "elements";
    list.refused("five million elements in one", many, || ubl(&"<a/>".repeat(5_000_000)));
    list.refused("five million elements of UBL in one", many, || ubl(&"<cbc:Note/>".repeat(5_000_000)));
    list.refused("millions of elements in many", many, || {
        ubl(&format!("<cac:InvoiceLine>{}</cac:InvoiceLine>", "<a/>".repeat(3_900)).repeat(1_100))
    });
    list.refused("five million elements, each a level", "", || {
        ubl(&format!("{}{}", "<a>".repeat(60), "<a></a>".repeat(5_000_000)))
    });
    list.refused("4,001 allowances", many, || ubl(&"<cac:AllowanceCharge/>".repeat(4_001)));
}

fn sizes(list: &mut List) {
    const TOO_LONG: usize = 100 * 1024 * 1024 + 1;
    for (name, byte) in
        [("spaces", b' '), ("zeros", 0), ("tags opened", b'<'), ("bytes that are not UTF-8", 0xFF)]
    {
        list.add(format!("100 MB and one of {name}"), Answer::NotXml("longer than"), move || {
            vec![byte; TOO_LONG]
        });
    }
    list.refused("150 MB of a sound invoice", "longer than", || {
        ubl(&format!("<cbc:Note>{}</cbc:Note>", "x".repeat(150_000_000)))
    });
    let long = list.long;
    list.refused("much white space", "", move || " ".repeat(long));
    list.refused("much text before the root", "", move || "x".repeat(long));
    list.refused("much of an unfinished text", "", move || format!("<{ROOT}><cbc:Note>{}", "x".repeat(long)));
    list.refused("much of an unfinished text in another script", "", move || {
        format!("<{ROOT}><cbc:Note>{}", "ọ".repeat(long / 3))
    });
    list.refused("much of lines, then a fault", "", move || {
        format!("<{ROOT}>{}<", "<cac:InvoiceLine><cbc:ID>1</cbc:ID></cac:InvoiceLine>".repeat(long / 250))
    });
}

fn text(list: &mut List) {
    list.judged("1 MB of a note", || ubl(&format!("<cbc:Note>{}</cbc:Note>", "x".repeat(1_000_000))));
    list.judged("1 MB of an attribute", || ubl(&format!("<cbc:Note a='{}'/>", "x".repeat(1_000_000))));
    list.judged("1 MB of white space around a number", || {
        ubl(&format!(
            "<cac:InvoiceLine><cbc:LineExtensionAmount>{0}1{0}</cbc:LineExtensionAmount></cac:InvoiceLine>",
            " ".repeat(500_000)
        ))
    });
    for (name, piece) in [
        ("a hundred thousand references to characters", "&#x41;"),
        ("a hundred thousand ampersands, escaped", "&amp;"),
        ("a hundred thousand CDATA sections", "<![CDATA[x]]>"),
        ("a hundred thousand comments", "<!---->"),
        ("a hundred thousand instructions", "<?x?>"),
        ("text and comments in turns", "x<!-- -->"),
        ("a hundred thousand brackets", "]]"),
    ] {
        list.judged(name, move || ubl(&format!("<cbc:Note>{}</cbc:Note>", piece.repeat(100_000))));
    }
    list.judged("text on sixty levels", || {
        let open = format!("<cac:Party>{}", "x".repeat(10_000)).repeat(60);
        ubl(&format!("{open}{}", "</cac:Party>".repeat(60)))
    });
    for (name, number) in [
        ("a million digits", "9".repeat(1_000_000)),
        ("a million decimals", format!("0.{}", "3".repeat(1_000_000))),
        ("a million zeros", format!("{}1", "0".repeat(1_000_000))),
        ("an exponent", "1e999999999".to_owned()),
        ("a million minus signs", "-".repeat(1_000_000)),
        ("a million points", ".".repeat(1_000_000)),
    ] {
        list.judged(name, move || amounts(&number));
    }
    list.judged("a date of a million digits", || {
        ubl(&format!("<cbc:IssueDate>{}-01-01</cbc:IssueDate>", "9".repeat(1_000_000)))
    });
    list.judged("a customization of a million parts", || {
        ubl(&format!("<cbc:CustomizationID>{}</cbc:CustomizationID>", "urn:".repeat(250_000)))
    });
}

/// The same number wherever a sum is made.
fn amounts(number: &str) -> String {
    ubl(&format!(
        "<cac:TaxTotal><cbc:TaxAmount currencyID='NGN'>{number}</cbc:TaxAmount></cac:TaxTotal>\
         <cac:LegalMonetaryTotal><cbc:LineExtensionAmount>{number}</cbc:LineExtensionAmount></cac:LegalMonetaryTotal>\
         <cac:InvoiceLine><cbc:InvoicedQuantity>{number}</cbc:InvoicedQuantity><cbc:LineExtensionAmount>1</cbc:LineExtensionAmount></cac:InvoiceLine>"
    ))
}

/// Much to say about one document.
fn faults(list: &mut List) {
    list.judged("twenty thousand empty lines", || ubl(&"<cac:InvoiceLine/>".repeat(20_000)));
    list.judged("ten thousand lines of unknown codes", || {
        let line = "<cac:InvoiceLine><cbc:InvoicedQuantity unitCode='?'>x</cbc:InvoicedQuantity><cbc:LineExtensionAmount currencyID='?'>1.234</cbc:LineExtensionAmount></cac:InvoiceLine>";
        ubl(&line.repeat(10_000))
    });
    list.judged("ten thousand lines of what may not be used", || {
        ubl(&"<cac:InvoiceLine><cbc:UUID>1</cbc:UUID><cbc:TaxPointDate>1</cbc:TaxPointDate></cac:InvoiceLine>".repeat(10_000))
    });
    list.judged("3,900 empty notes", || ubl(&"<cbc:Note/>".repeat(3_900)));
    list.judged("3,900 identifiers", || ubl(&"<cbc:ID>1</cbc:ID>".repeat(3_900)));
    list.judged("3,900 sellers", || {
        ubl(&"<cac:AccountingSupplierParty><cac:Party/></cac:AccountingSupplierParty>".repeat(3_900))
    });
    list.judged("3,900 currencies", || {
        ubl(&"<cbc:DocumentCurrencyCode>X</cbc:DocumentCurrencyCode>".repeat(3_900))
    });
    list.judged("3,900 means of payment", || {
        ubl(&"<cac:PaymentMeans><cbc:PaymentMeansCode>x</cbc:PaymentMeansCode></cac:PaymentMeans>"
            .repeat(3_900))
    });
    list.judged("3,900 attachments", || {
        ubl(&"<cac:AdditionalDocumentReference><cbc:ID>1</cbc:ID><cac:Attachment/></cac:AdditionalDocumentReference>".repeat(3_900))
    });
    list.judged("unknown elements with long names", || {
        let name = "x".repeat(1_000);
        ubl(&format!("<{name} {name}='1'/>").repeat(300))
    });
}

/// Many of one beside many of another, which a walk over both would multiply.
fn products(list: &mut List) {
    list.judged("lines and subtotals, each of a rate of its own", || {
        let of = |name: &str, n: usize| {
            format!("<cac:{name}><cbc:ID>S</cbc:ID><cbc:Percent>{n}</cbc:Percent><cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:{name}>")
        };
        let subtotals: String = (1..3_000)
            .map(|n| format!("<cac:TaxSubtotal><cbc:TaxableAmount>{n}</cbc:TaxableAmount>{}</cac:TaxSubtotal>", of("TaxCategory", n)))
            .collect();
        let lines: String = (1..3_000)
            .map(|n| {
                let item = of("ClassifiedTaxCategory", n);
                format!("<cac:InvoiceLine><cbc:LineExtensionAmount>{n}</cbc:LineExtensionAmount><cac:Item>{item}</cac:Item></cac:InvoiceLine>")
            })
            .collect();
        ubl(&format!("<cac:TaxTotal>{subtotals}</cac:TaxTotal>{lines}"))
    });
    list.judged("3,900 tax totals and lines", || {
        let totals = "<cac:TaxTotal><cbc:TaxAmount currencyID='NGN'>1</cbc:TaxAmount></cac:TaxTotal>".repeat(3_900);
        let lines = "<cac:InvoiceLine><cbc:LineExtensionAmount currencyID='NGN'>1</cbc:LineExtensionAmount></cac:InvoiceLine>".repeat(3_900);
        ubl(&format!("<cbc:DocumentCurrencyCode>NGN</cbc:DocumentCurrencyCode>{totals}{lines}"))
    });
    list.judged("3,900 allowances on the document and as many lines", || {
        let part = "<cac:AllowanceCharge><cbc:ChargeIndicator>false</cbc:ChargeIndicator><cbc:Amount>1</cbc:Amount></cac:AllowanceCharge>";
        ubl(&format!("{}{}", part.repeat(3_900), "<cac:InvoiceLine><cbc:ID>1</cbc:ID></cac:InvoiceLine>".repeat(3_900)))
    });
    list.judged("3,900 properties of one name", || {
        let property = "<cac:AdditionalItemProperty><cbc:Name>a</cbc:Name><cbc:Value>b</cbc:Value></cac:AdditionalItemProperty>";
        ubl(&format!("<cac:InvoiceLine><cac:Item>{}</cac:Item></cac:InvoiceLine>", property.repeat(3_900)))
    });
    list.judged("sixty-four attributes on each of two thousand elements", || {
        let own: String = (0..64).map(|n| format!(" a{n}=''")).collect();
        ubl(&format!("<cbc:Note{own}/>").repeat(2_000))
    });
    list.judged("names that differ in their last letter", || {
        let names: String = (0..3_900).map(|n| format!("<{}{n}/>", "x".repeat(200))).collect();
        ubl(&names)
    });
}
