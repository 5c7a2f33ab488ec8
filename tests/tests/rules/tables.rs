//! Lookup tables in force: a sale that waited for a row moves on, every version is kept, and rules keep what they read.

use std::{collections::BTreeMap, fmt::Write as _};
use taxpoynt_core::{ErrorKind, engine::DryRun};
use taxpoynt_sim::Sale;
use taxpoynt_tests::{House, invoice_of};

const NO_TIN: &str = "[buyer]\ntin = [\n  { from = \"customer.name\", apply = [{ lookup = { table = \"customer_tins\", column = \"tin\" } }] },\n  { skip = true },\n]\n";
const HEAD: &str = "name,tin\n";
const ROW: &str = "Kola & Daughters Events Ltd,20394857-0001\n";

#[tokio::test]
async fn a_sale_that_waited_for_a_row_moves_on_when_the_table_has_it() {
    let house = House::open().await;
    let engine = &house.engine;
    let early = engine.set_rules(house.tenant, None, Some(NO_TIN), None).await.unwrap_err();
    assert_eq!(
        (early.kind(), early.get("line"), early.get("column")),
        (ErrorKind::Mapping, Some("3"), Some("59"))
    );
    assert!(early.message().contains("no table was imported"), "{early}");

    let report =
        engine.set_table(house.tenant, "customer_tins", Some("name,tin\nSomebody,1\n"), None).await.unwrap();
    assert_eq!((report.changed, report.rows, report.problems.len()), (true, 1, 0));
    engine.set_rules(house.tenant, None, Some(NO_TIN), None).await.unwrap();
    let sale = house.sim.square().sell(Sale::B2b).await;
    house.settle().await;
    assert_eq!(house.held(&sale.id).await.unwrap().code, "buyer_tin_missing");

    let file = format!("{HEAD}{ROW}");
    let tried = BTreeMap::from([("customer_tins".to_owned(), Some(file.clone()))]);
    let wanted = DryRun { tenant: house.tenant, tables: tried, ..DryRun::default() };
    let preview = engine.dry_run(&wanted).await.unwrap();
    let tin = preview
        .fields
        .iter()
        .find(|field| field.field.contains("customer.tin"))
        .map(|field| &field.values[0]);
    assert_eq!(tin.unwrap().after.as_deref(), Some("20394857-0001"), "{}", preview.table());

    let report = engine.set_table(house.tenant, "customer_tins", Some(&file), Some("audit")).await.unwrap();
    assert!(!engine.set_table(house.tenant, "customer_tins", Some(&file), None).await.unwrap().changed);
    house.settle().await;
    house.assert_all_accepted_once(1).await;
    let document = house.document(&sale.id).await;
    assert_eq!(invoice_of(&document).customer.unwrap().tin.as_deref(), Some("20394857-0001"));

    let explained = engine.explain(document.id, Some(house.tenant)).await.unwrap();
    let tin = explained.fields.iter().find(|field| field.target == "buyer.tin").unwrap();
    let (path, row) = tin.source.as_deref().unwrap().split_once(" + ").unwrap();
    let hash = report.hash.unwrap();
    assert_eq!((path, row), ("customer.name", &*format!("customer_tins@{}:2", &hash[..12])));
    assert_eq!(
        engine.table_text(house.tenant, row).await.unwrap(),
        file,
        "what explains gives the file back"
    );
}

#[tokio::test]
async fn a_table_that_rules_read_is_neither_taken_away_nor_loses_a_column() {
    let house = House::open().await;
    let engine = &house.engine;
    engine.set_table(house.tenant, "customer_tins", Some(&format!("{HEAD}{ROW}")), None).await.unwrap();
    let till = Some(house.square.id);
    engine.set_rules(house.tenant, till, Some(NO_TIN), None).await.unwrap();
    for (csv, nearest) in [(None, None), (Some("name,tins\nA,1\n"), Some("tins"))] {
        let refused = engine.set_table(house.tenant, "customer_tins", csv, None).await.unwrap_err();
        assert_eq!(
            (refused.kind(), refused.get("line"), refused.get("nearest")),
            (ErrorKind::Mapping, Some("3"), nearest),
            "{refused}"
        );
    }
    let wrong =
        engine.set_table(house.tenant, "customer_tins", Some("name,tin\nA,1\nA,2\n"), None).await.unwrap();
    assert_eq!((wrong.changed, wrong.problems.len(), wrong.problems[0].line), (false, 1, Some(3)));
    assert_eq!(engine.table_history(house.tenant).await.unwrap().len(), 1, "nothing of it was stored");
    let table = engine.tables_in_force(house.tenant).await.unwrap().remove(0);
    assert_eq!(
        (table.name.as_str(), table.rows, table.columns),
        ("customer_tins", 1, vec!["name".into(), "tin".into()])
    );
    engine.set_rules(house.tenant, till, None, None).await.unwrap();
    assert!(engine.set_table(house.tenant, "customer_tins", None, None).await.unwrap().changed);
    assert!(engine.tables_in_force(house.tenant).await.unwrap().is_empty());
    assert_eq!(
        engine.set_table(house.tenant, "Customer TINs", None, None).await.unwrap_err().kind(),
        ErrorKind::Config
    );
}

#[tokio::test]
async fn a_hundred_thousand_rows_serve_every_sale() {
    let house = House::open().await;
    let mut file = String::from(HEAD);
    for n in 0..100_000 {
        writeln!(file, "Customer number {n},{n:08}-0001").unwrap();
    }
    file.push_str(ROW);
    let report = house.engine.set_table(house.tenant, "customer_tins", Some(&file), None).await.unwrap();
    assert_eq!(report.rows, 100_001);
    house.engine.set_rules(house.tenant, None, Some(NO_TIN), None).await.unwrap();
    for _ in 0..3 {
        house.sim.square().sell(Sale::B2b).await;
    }
    house.settle().await;
    house.assert_all_accepted_once(3).await;
}
