//! A catalogue as a file.

use crate::answers::{house, unclassified};
use taxpoynt_core::{
    catalogue::{COLUMNS, parse},
    engine::ImportOptions,
    firs::CodeLists,
};
use taxpoynt_sim::Sale;
use taxpoynt_tests::{House, invoice_of};
use taxpoynt_ubl::Classification;

async fn import(house: &House, csv: &str, options: ImportOptions) -> taxpoynt_core::engine::ImportReport {
    house.engine.import_catalogue(house.tenant, csv.as_bytes(), options).await.unwrap()
}

const SHOP: &str = "platform;item_id;sku;name;name_pattern;category;hsn_code;product_category;isic_code;service_category\r\n\
    square;SIMVARCHAPMAN000000004;;Chapman;;;2202.99;Beverages;;\r\n\
    ;;;;*pie*;;1602.50;Prepared meat;;\r\n\
    ;;;\"Jollof party tray\";;;;;5610;Restaurants\r\n\
    ;;;Dried catfish;;;030559;Dried fish;;\r\n\
    ;;;;Maize*;;1005.90;Maize;;\r\n\
    ;;CR-SENS-4;Temperature sensor;;;9025.19;Thermometers;;\r\n\
    ;;CR-INST;;;;;;6202;Computer consultancy\r\n\
    ;;;;*manual;;4901.99;Printed books;;\r\n";

#[tokio::test]
async fn an_import_releases_what_waited_and_comes_out_as_it_went_in() {
    let house = house().await;
    for sale in [Sale::WalkIn, Sale::B2b] {
        house.sim.square().sell(sale).await;
    }
    house.sim.hubspot().win(house.sim.hubspot().deal_id()).await.unwrap();
    house.settle().await;
    assert_eq!(unclassified(&house).await.len(), 8);

    let report = import(&house, &format!("\u{feff}{SHOP}"), ImportOptions::default()).await;
    assert!(report.imported && report.problems.is_empty(), "{:?}", report.problems);
    assert_eq!((report.rows, report.added, report.released), (8, 8, 3));
    house.settle().await;
    house.assert_all_accepted_once(3).await;
    assert!(unclassified(&house).await.is_empty());
    let deal = invoice_of(&house.document(house.sim.hubspot().deal_id()).await);
    let book = Classification::Goods { hsn_code: "4901.99".into(), product_category: "Printed books".into() };
    assert_eq!(deal.lines[2].classification, Some(book));

    let out = house.engine.export_catalogue(house.tenant).await.unwrap();
    let again = import(&house, &out, ImportOptions { replace: true, ..Default::default() }).await;
    assert_eq!((again.added, again.changed, again.unchanged, again.removed), (0, 0, 8, 0));
    assert_eq!(house.engine.export_catalogue(house.tenant).await.unwrap(), out);
    assert!(out.contains("0305.59"), "six digits get their point: {out}");
}

#[tokio::test]
async fn a_file_with_a_wrong_row_changes_nothing_unless_the_good_rows_are_asked_for() {
    let house = house().await;
    house.sim.square().sell(Sale::WalkIn).await;
    house.settle().await;
    let csv = "name,hsn_code,product_category\nChapman,2202.99,Beverages\nMeat pie,1602.5,Prepared meat\n";
    let report = import(&house, csv, ImportOptions::default()).await;
    assert!(!report.imported);
    assert_eq!((report.rows, report.added, report.released), (2, 0, 0));
    let problem = &report.problems[0];
    assert_eq!((problem.line, problem.column.as_deref()), (Some(3), Some("hsn_code")));
    assert_eq!(unclassified(&house).await.len(), 2);

    let partial = ImportOptions { partial: true, ..Default::default() };
    let report = import(&house, csv, partial).await;
    assert!(report.imported);
    assert_eq!((report.added, report.released, report.problems.len()), (1, 1, 1));
    house.settle().await;
    assert_eq!(unclassified(&house).await.len(), 1);
}

#[tokio::test]
async fn another_engine_on_the_same_database_uses_what_was_imported_here() {
    let house = house().await;
    let other = house.another_engine().await;
    house.sim.square().sell(Sale::WalkIn).await;
    house.settle_with(&other).await;
    assert_eq!(other.unclassified(house.tenant).await.unwrap().len(), 2);
    import(&house, SHOP, ImportOptions::default()).await;
    house.settle_with(&other).await;
    house.assert_all_accepted_once(1).await;
    // What is removed here classifies nothing there.
    let only = "sku,hsn_code,product_category\nX,1602.50,Meat\n";
    let report = import(&house, only, ImportOptions { replace: true, ..Default::default() }).await;
    assert_eq!(report.removed, 8);
    house.sim.square().sell(Sale::WalkIn).await;
    house.settle_with(&other).await;
    assert_eq!(other.unclassified(house.tenant).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_category_that_the_record_states_classifies() {
    let house = House::of(|tenant| {
        tenant.classification.default = None;
        tenant.classification.category_field = Some("order.line_items[].variation_name".into());
    })
    .await;
    let csv = "category,hsn_code,product_category\n50 CL,2202.99,Beverages\nregular,1602.50,Prepared meat\n";
    import(&house, csv, ImportOptions::default()).await;
    house.sim.square().sell(Sale::WalkIn).await;
    house.settle().await;
    house.assert_all_accepted_once(1).await;
    let document = house.documents().await.remove(0);
    let explained = house.engine.explain(document.id, Some(house.tenant)).await.unwrap();
    let first = explained.fields.iter().find(|f| f.target == "lines[0].classification").unwrap();
    assert_eq!(first.rule, "catalogue entry '50 CL' (category)");
}

#[tokio::test]
async fn the_catalogue_goes_before_the_tenants_settings() {
    let house = House::open().await;
    import(&house, SHOP, ImportOptions::default()).await;
    house.sim.square().sell(Sale::WalkIn).await;
    house.settle().await;
    let invoice = invoice_of(&house.documents().await[0]);
    let codes = invoice.lines.iter().map(|line| match &line.classification {
        Some(Classification::Goods { hsn_code, .. }) => hsn_code.clone(),
        other => panic!("{other:?}"),
    });
    assert_eq!(codes.collect::<Vec<_>>(), ["2202.99", "1602.50"]);
}

#[test]
fn the_file_of_the_page_is_the_example_and_has_no_fault() {
    let page = include_str!("../../../docs/classification.md");
    let file = include_str!("../../../examples/catalogue/shop.csv");
    let block = page.split("```csv\n").nth(1).unwrap().split("```").next().unwrap();
    assert_eq!(block, file);
    let parsed = parse(file.as_bytes(), CodeLists::shipped());
    assert_eq!((parsed.problems, parsed.entries.len()), (Vec::new(), 7));
    for column in COLUMNS {
        assert!(page.contains(&format!("`{column}`")), "{column} stands on the page");
    }
}
