//! Rotation knows every column that holds a sealed value. Who adds one without telling it fails here.

use sqlx::{AssertSqlSafe, ConnectOptions, Row, SqliteConnection, sqlite::SqliteConnectOptions};
use std::collections::BTreeSet;
use taxpoynt_core::store::{SealedStore, Sqlite};
use taxpoynt_sim::Sale;
use taxpoynt_tests::House;

/// Names that a column with a secret goes by.
const TELLING: [&str; 11] = [
    "seal",
    "secret",
    "cipher",
    "credential",
    "token",
    "password",
    "verifier",
    "api_key",
    "private",
    "encrypted",
    "refresh",
];

/// Columns that go by such a name and hold no secret, or none that is rotated.
const OTHERS: [(&str, &str, &str); 1] =
    [("vault_keys", "sealed", "one probe under each key, which must stay under it")];

async fn hands(house: &House) -> SqliteConnection {
    SqliteConnectOptions::new().filename(house.database()).read_only(true).connect().await.unwrap()
}

/// Every column of every table that can hold a text. A fence, a count or a time is no secret whatever its name.
async fn columns(hands: &mut SqliteConnection) -> Vec<(String, String)> {
    let sql = "SELECT m.name, c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND c.type IN ('TEXT', 'BLOB', 'ANY')";
    let rows = sqlx::query(sql).fetch_all(hands).await.unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

async fn known() -> BTreeSet<(String, String)> {
    let store = Sqlite::open("sqlite::memory:").await.unwrap();
    store.sealed_columns().iter().map(|column| (column.table.into(), column.column.into())).collect()
}

#[tokio::test]
async fn a_column_whose_name_tells_of_secrets_is_rotated_or_excused() {
    let house = House::open().await;
    let known = known().await;
    let all = columns(&mut hands(&house).await).await;
    assert!(
        known.iter().all(|column| all.contains(column)),
        "rotation goes through what is not there: {known:?}"
    );
    for (table, column) in all {
        let excused = OTHERS.iter().any(|(t, c, _)| *t == table && *c == column);
        let telling = TELLING.iter().any(|word| column.to_lowercase().contains(word));
        assert!(
            !telling || excused || known.contains(&(table.clone(), column.clone())),
            "{table}.{column} sounds like a secret: name it in store/sqlite/sealed.rs, or here with the reason why not"
        );
    }
}

/// Where something that looks like a Fernet token stands: version 0x80 and a time of this century, in base64.
async fn with_tokens(house: &House) -> BTreeSet<(String, String)> {
    let mut hands = hands(house).await;
    let mut found = BTreeSet::new();
    for (table, column) in columns(&mut hands).await {
        let sql =
            format!("SELECT count(*) FROM \"{table}\" WHERE instr(CAST(\"{column}\" AS TEXT), 'gAAAA') > 0");
        let count: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut hands).await.unwrap();
        if count > 0 {
            found.insert((table, column));
        }
    }
    found
}

#[tokio::test]
async fn wherever_a_sealed_value_stands_rotation_looks() {
    let house = House::open().await;
    house.sim.square().sell(Sale::B2b).await;
    house.sim.hubspot().win(house.sim.hubspot().deal_id()).await.unwrap();
    house.settle().await;
    let mut expected = known().await;
    expected.insert(("vault_keys".into(), "sealed".into()));
    let found = with_tokens(&house).await;
    assert!(found.is_subset(&expected), "{found:?}");
    for table in ["tenants", "connections", "vault_keys"] {
        assert!(found.contains(&(table.into(), "sealed".into())), "{table} in {found:?}");
    }
}

#[tokio::test]
async fn after_a_rotation_nothing_in_the_database_is_under_the_old_key() {
    let house = House::open().await;
    house.sim.square().sell(Sale::B2b).await;
    house.settle().await;
    house.engine_with_newer_key().await.rotate_keys().await.unwrap();
    let vault = house.newer_vault();
    let mut hands = hands(&house).await;
    let mut seen = 0;
    for (table, column) in with_tokens(&house).await {
        if table == "vault_keys" {
            continue;
        }
        let sql = format!("SELECT \"{column}\" FROM \"{table}\" WHERE \"{column}\" IS NOT NULL");
        let values: Vec<String> = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut hands).await.unwrap();
        for value in values {
            assert_eq!(vault.key_of(&value), Some(0), "{table}.{column}");
            seen += 1;
        }
    }
    assert_eq!(seen, 3);
}
