//! Tables that the host imports: read row by row, checked against the rules when they load, and looked up by rules.

use crate::support::*;
use std::sync::Arc;
use taxpoynt_core::{
    Error, ErrorKind,
    mapping::{Rules, Table, Tables},
    model::{ItemTax, Sale},
};

const TINS: &str =
    "name,tin,days\n\"Zenith Foods Ltd\",12345678-0001,14\nBola Stores, 20394857-0001 ,30\nKano Mills,,\n";
const ITEMS: &str = "sku,category,percent,reason,hsn_code,product_category\n\
                     jr-01,E,,Basic food,2106.90,Food preparations\n\
                     jr-02,S,7.5,,,\n\
                     jr-03,,,,5208.52,Fabric\n";

fn tables(files: &[(&str, &str)]) -> Tables {
    Tables::parse(files.iter().map(|(name, csv)| (*name, csv.as_bytes()))).unwrap()
}

fn mapped(rules: &str, tables: Tables, sale: Sale) -> Mapped {
    let rules = Rules::parse(rules).unwrap();
    rules.check_tables(&tables).unwrap();
    let tenant = tenant(r#"{"tax":{"default":{"category":"S","percent":"7.5"}}}"#);
    let settings = Rules::of_tenant(&tenant).unwrap();
    let merged = Rules::merged(&[Rules::base(), &settings, &rules.with_tables(Arc::new(tables))]);
    apply_kept(merged, &transaction(sale), &TILL, br#"{"order":{"buyer":"Bola Stores"}}"#, &tenant)
}

fn refused(rules: &str, tables: &Tables) -> Error {
    let error = Rules::parse_named("acme.toml", rules).unwrap().check_tables(tables).unwrap_err();
    assert_eq!((error.kind(), error.get("file")), (ErrorKind::Mapping, Some("acme.toml")));
    error
}

#[test]
fn a_rule_takes_the_cell_of_the_row_and_says_which_version_and_line_it_was() {
    let rules = r#"
        [invoice]
        due_days = { from = "customer.name", apply = [{ lookup = { table = "tins", column = "days", as = "number" } }] }
        [buyer]
        tin = { from = ["raw.order.nobody", "raw.order.buyer"], apply = ["first", { lookup = { table = "tins", column = "tin" } }] }
    "#;
    let tables = tables(&[("tins", TINS)]);
    let hash = tables.get("tins").unwrap().hash().to_owned();
    let mapped = mapped(rules, tables, Sale { customer: Some(customer()), ..sale() });
    assert_eq!(mapped.reasons, []);
    assert_eq!(mapped.document.due_days, Some(14));
    assert_eq!(mapped.buyer.get("tin"), Some("20394857-0001"));
    let tin = mapped.provenance().into_iter().find(|p| p.target == "buyer.tin").unwrap();
    assert_eq!(tin.source.as_deref(), Some(&*format!("raw.order.buyer + tins@{}:3", &hash[..12])));
}

#[test]
fn a_row_that_is_missing_or_empty_gives_nothing_and_the_layer_below_is_asked() {
    for name in ["Kano Mills", "Nobody"] {
        let mut customer = customer();
        customer.organization.legal_name = name.into();
        let rules = r#"[buyer]
            tin = { from = "customer.name", apply = [{ lookup = { table = "tins", column = "tin" } }] }"#;
        let mapped = mapped(rules, tables(&[("tins", TINS)]), Sale { customer: Some(customer), ..sale() });
        assert_eq!(mapped.buyer.get("tin"), Some("12345678-0001"), "{name}: the platform's own");
    }
}

#[test]
fn a_table_of_items_gives_taxes_and_classifications() {
    let rules = r#"
        [each.line]
        tax = { from = "item.sku", apply = [{ lookup = { table = "items", as = "tax" } }] }
        classification = { from = "item.sku", apply = [{ lookup = { table = "items", as = "classification" } }] }
    "#;
    let sku = |sku: &str| taxpoynt_core::model::Item { sku: Some(sku.into()), ..item(ItemTax::NotCarried) };
    let items = ["jr-01", "jr-02", "jr-03", "jr-04"].map(sku).to_vec();
    let mapped = mapped(rules, tables(&[("items", ITEMS)]), Sale { items, ..sale() });
    let lines: Vec<(String, bool)> =
        mapped.lines.iter().map(|l| (shown(l.tax.as_ref()), l.classification.is_some())).collect();
    let expected = [("E 0", true), ("S 7.5", false), ("S 7.5", true), ("S 7.5", false)];
    assert_eq!(lines, expected.map(|(tax, classified)| (tax.to_owned(), classified)));
    assert_eq!(mapped.lines[0].tax.as_ref().unwrap().reason, Some("Basic food"));
}

#[test]
fn what_a_table_does_not_have_is_refused_where_the_rule_names_it() {
    let of = |lookup: &str| {
        format!("[invoice]\nnote = {{ from = \"sale.id\", apply = [{{ lookup = {{ {lookup} }} }}] }}\n")
    };
    let tables = tables(&[("tins", TINS), ("items", ITEMS)]);
    for (lookup, column, nearest, says) in [
        ("table = \"tin\", column = \"tin\"", "58", Some("tins"), "unknown table \"tin\""),
        ("table = \"tins\", column = \"tim\"", "75", Some("tin"), "unknown column of table \"tins\" \"tim\""),
        ("table = \"tins\", column = \"name\"", "75", None, "\"name\" is the key of table \"tins\""),
        ("column = \"sku\", table = \"items\"", "59", None, "\"sku\" is the key"),
    ] {
        let error = refused(&of(lookup), &tables);
        assert_eq!(
            (error.get("line"), error.get("column"), error.get("nearest")),
            (Some("2"), Some(column), nearest),
            "{error}"
        );
        assert!(error.message().contains(says), "{error}");
    }
    let days = "[invoice]\ndue_days = { from = \"sale.id\", apply = [{ lookup = { table = \"tins\", column = \"tin\", as = \"number\" } }] }";
    let error = refused(days, &tables);
    assert!(error.message().contains("line 2 has \"12345678-0001\""), "{error}");
    let tax = "[each.line]\ntax = { from = \"item.sku\", apply = [{ lookup = { table = \"tins\", as = \"tax\" } }] }";
    assert!(refused(tax, &tables).message().contains("names category and percent"));
    let none = refused(tax, &Tables::default());
    assert!(none.message().contains("no table was imported"), "{none}");
}

#[test]
fn a_lookup_is_typed_when_the_rule_loads() {
    for (rule, says) in [
        ("note = { from = \"sale.id\", apply = [{ lookup = { table = \"t\" } }] }", "needs a column"),
        (
            "note = { from = \"sale.id\", apply = [{ lookup = { table = \"t\", column = \"c\", as = \"texts\" } }] }",
            "nearest is \"text\"",
        ),
        (
            "note = { from = \"sale.id\", apply = [{ lookup = { table = \"t\", as = \"tax\" } }] }",
            "gives a tax",
        ),
        (
            "tip_tax = { from = \"sale.id\", apply = [{ lookup = { table = \"t\", column = \"c\", as = \"tax\" } }] }",
            "leave column out",
        ),
        (
            "due_days = { from = \"sale.id\", apply = [{ lookup = { table = \"t\", column = \"c\" } }] }",
            "wants a number",
        ),
        (
            "note = { from = \"sale.id\", apply = [{ lookup = { table = \"Eat in\", bar = \"At the bar\" } }] }",
            "with a blank",
        ),
        (
            "note = { from = \"sale.id\", apply = [{ lookup = { table = 7, column = \"c\" } }] }",
            "table is a name",
        ),
    ] {
        let error = Rules::parse(&format!("[invoice]\n{rule}")).unwrap_err();
        assert!(error.message().contains(says), "{error}");
        assert_eq!(error.get("line"), Some("2"), "{error}");
    }
}

#[test]
fn a_table_written_out_in_a_rule_can_still_have_the_key_table() {
    let rules = "[invoice]\nnote = { from = \"raw.order.where\", apply = [{ lookup = { \" table\" = \"Eat in\", bar = \"At the bar\" } }] }";
    let mapped = rules_over(rules, sale(), r#"{"order":{"where":"table"}}"#);
    assert_eq!(mapped.document.note.as_deref(), Some("Eat in"));
    let by_field = r#"{"tax":{"by_field":{"field":"order.where","values":{"table":{"category":"E"}}}}}"#;
    let tenant = tenant(by_field);
    let found = map(&tenant, "", &transaction(sale()), &TILL, r#"{"order":{"where":"table"}}"#);
    assert_eq!(shown(found.lines[0].tax.as_ref()), "E 0", "{}", Rules::text_of_tenant(&tenant));
}

#[test]
fn a_table_that_was_not_given_holds_the_document_and_names_itself() {
    let rules = "[invoice]\nnote = { from = \"sale.id\", apply = [{ lookup = { table = \"tins\", column = \"tin\" } }] }";
    let mapped = rules_over(rules, sale(), "{\"order\":{}}");
    assert_eq!(codes(&mapped)[0], "mapping_failed");
    assert!(mapped.reasons[0].message.contains("\"tins\", which was not imported"), "{:?}", mapped.reasons);
}

#[test]
fn everything_wrong_with_a_file_is_listed_with_its_line_and_column() {
    let file = "sku,category,percent,note\nA,S,7.5,x\n,S,7.5,no key\nA,S,7.5,again\nB,S,0,wrong\nC,SS,7.5,wrong\nD,S,7.5,a,b\n";
    let problems = Table::read(file.as_bytes()).unwrap_err();
    let found: Vec<(u64, &str, &str)> = problems
        .iter()
        .map(|p| (p.line.unwrap(), p.column.as_deref().unwrap_or_default(), p.message.as_str()))
        .collect();
    let expected = [
        (3, "sku", "the key is missing"),
        (4, "sku", "line 2 has the same key, \"A\""),
        (5, "category", "percent above 0"),
        (6, "category", "unknown VAT category \"SS\""),
        (7, "", "put quotation marks"),
    ];
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for ((line, column, message), (at, of, says)) in found.into_iter().zip(expected) {
        assert_eq!((line, column), (at, of), "{message}");
        assert!(message.contains(says), "{message}");
    }
    for (file, says) in [
        ("", "the file is empty"),
        ("key\nA\n", "at least one more column"),
        ("key,a,a\n", "\"a\" is there twice"),
        ("key,,a\n", "column 2 has no name"),
        ("key,a\nA,\u{0}\n", "was the file damaged"),
        ("sep=;\nkey;a\nA;1\n", "take it out"),
        ("name,tin\nZoe\u{301},1\nZo\u{e9},2\n", "line 2 has the same key"),
    ] {
        let problems = Table::read(file.as_bytes()).unwrap_err();
        assert!(problems[0].message.contains(says), "{file:?}: {problems:?}");
    }
    let error = Tables::parse([("items", &b"key,a\n,b\n"[..])]).unwrap_err();
    assert_eq!(
        (error.get("table"), error.get("line"), error.get("column")),
        (Some("items"), Some("2"), Some("key"))
    );
    for name in ["", "Tins", "1a", "a-b", "a.b"] {
        assert_eq!(
            Tables::parse([(name, &b"key,a\n"[..])]).unwrap_err().kind(),
            ErrorKind::Config,
            "{name:?}"
        );
    }
}

#[test]
fn no_row_is_swallowed_by_the_one_before_it() {
    let open = "name,tin\nZenith,1\n\"Ada, Obi & Co,2\nKola,3\nBola,4\n";
    let problems = Table::read(open.as_bytes()).unwrap_err();
    assert_eq!((problems.len(), problems[0].line), (1, Some(3)), "{problems:?}");
    assert!(problems[0].message.contains("never closed"), "{problems:?}");
    let parted = Table::read("name;tin\nZenith;1\nAda,2\n".as_bytes()).unwrap_err();
    assert_eq!((parted.len(), parted[0].line), (1, Some(3)), "{parted:?}");
    assert!(parted[0].message.contains("has one cell, the first line names 2"), "{parted:?}");
    for whole in [
        "name,tin\n\"Ada \"\"the baker\"\" Obi\",1\n",
        "name,tin\n\"Ada\nObi\",1\n",
        "name,tin\n5\" pipe,1\n",
        "name;tin\r\n\"Ada; Obi\";1\r\n",
        "name\ttin\n\"\"\"Ada\"\"\"\t1",
    ] {
        let table =
            Table::read(whole.as_bytes()).unwrap_or_else(|problems| panic!("{whole:?}: {problems:?}"));
        assert_eq!(table.len(), 1, "{whole:?}");
    }
}

#[test]
fn a_name_is_found_however_its_marks_are_written() {
    let table = Table::read("name,tin\n\u{1ecc}l\u{e1} Ltd,1\nO\u{323}\u{300}ba,2\n".as_bytes()).unwrap();
    assert_eq!(table.get("O\u{323}la\u{301} Ltd", "tin"), Some("1"));
    assert_eq!(table.get("\u{1ecc}\u{300}ba", "tin"), Some("2"));
    assert_eq!(table.get("Ola Ltd", "tin"), None, "another name");
}

#[test]
fn what_spreadsheets_write_reads_the_same() {
    let plain = Table::read("name,tin\nZenith Foods Ltd,1\n\"A, B\",2\n".as_bytes()).unwrap();
    let marked =
        Table::read("\u{feff}name;tin;\r\nZenith Foods Ltd ; 1;\r\n;;\r\n\"A, B\";2;\r\n".as_bytes())
            .unwrap();
    for table in [&plain, &marked] {
        assert_eq!((table.len(), table.columns().len()), (2, 2));
        assert_eq!(table.get("A, B", "tin"), Some("2"));
        assert_eq!(table.get(" Zenith Foods Ltd ", "tin"), Some("1"));
        assert_eq!((table.get("zenith foods ltd", "tin"), table.get("A, B", "name")), (None, None));
    }
    assert_ne!(plain.hash(), marked.hash(), "a version is the file, not what it says");
}

#[test]
fn a_hundred_thousand_rows_are_read_once_and_found_by_hash() {
    use std::fmt::Write as _;
    let mut file = String::from("sku,category,percent,name\n");
    for n in 0..100_000 {
        writeln!(file, "SKU-{n:06},S,7.5,Item number {n}").unwrap();
    }
    let table = Table::read(file.as_bytes()).unwrap();
    assert_eq!(table.len(), 100_000);
    for n in [0, 1, 54_321, 99_999] {
        assert_eq!(table.get(&format!("SKU-{n:06}"), "name"), Some(&*format!("Item number {n}")));
    }
    assert_eq!(table.get("SKU-100000", "name"), None);
}
