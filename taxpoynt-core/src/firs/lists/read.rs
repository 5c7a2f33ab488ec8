//! A list as the authority answers it, read with suspicion: what is empty, malformed or implausibly short replaces
//! nothing.

use super::{Code, CodeList, ListName, Origin};
use crate::json::{members, text_of};
use chrono::{DateTime, Utc};
use serde_json::value::RawValue;

/// No list of the authority is near this long.
const MOST_ROWS: usize = 200_000;

/// Names are cut here; the longest descriptions of the HS nomenclature have some 300 characters.
const LONGEST_NAME: usize = 500;

/// Reads the rows of a list, the `data` of an answer (or its rows inside a member `data`, as some sandboxes wrap it).
/// `now` is when they were asked for; `old` is what is in use.
///
/// # Errors
/// A sentence that says why the old list is kept.
pub fn read(old: &CodeList, data: &RawValue, now: DateTime<Utc>) -> Result<CodeList, String> {
    let name = old.name();
    let rows = rows(data).ok_or("the answer is no list of rows")?;
    if rows.is_empty() {
        return Err("the answer is empty".into());
    }
    if rows.len() > MOST_ROWS {
        return Err(format!("the answer has {} rows, more than any list can have", rows.len()));
    }
    let codes: Vec<Code> = rows.iter().filter_map(|row| code(name, row)).collect();
    let unread = rows.len() - codes.len();
    if unread * 20 > rows.len() {
        return Err(format!("{unread} of {} rows have no code that can be read", rows.len()));
    }
    let list = CodeList::new(name, Origin::Refreshed(now), codes);
    plausible(old, &list)?;
    Ok(list)
}

/// What a list must have to be the list it says it is: rows, and codes that no deployment can do without.
const fn least(name: ListName) -> (usize, &'static [&'static str]) {
    match name {
        ListName::TaxCategories => (3, &["STANDARD_VAT", "ZERO_VAT"]),
        ListName::PaymentMeans => (5, &["10"]),
        ListName::DocumentTypes => (3, &["380", "381"]),
        ListName::States => (37, &["NG-LA", "NG-FC"]),
        ListName::Lgas => (700, &[]),
        ListName::HsCodes => (1_000, &[]),
        ListName::ServiceCodes => (200, &[]),
        ListName::Currencies => (50, &["NGN"]),
        ListName::Countries => (150, &["NG"]),
    }
}

fn plausible(old: &CodeList, new: &CodeList) -> Result<(), String> {
    let rows = new.codes().len();
    let (least, wanted) = least(new.name());
    if rows < least {
        return Err(format!("the answer has {rows} rows; the whole list has at least {least}"));
    }
    if let Some(missing) = wanted.iter().find(|code| new.find(code).is_none()) {
        return Err(format!("the answer lacks {missing}, which every such list has"));
    }
    if matches!(old.origin(), Origin::Refreshed(_)) && rows * 2 < old.codes().len() {
        return Err(format!("the answer has {rows} rows; the list in use has {}", old.codes().len()));
    }
    Ok(())
}

fn rows(data: &RawValue) -> Option<Vec<&RawValue>> {
    let text = data.get();
    if text.starts_with('[') {
        return serde_json::from_str(text).ok();
    }
    let members = members(text).ok()?;
    let list = members.into_iter().find(|(name, value)| name == "data" || value.get().starts_with('['))?.1;
    if list.get().starts_with('[') { serde_json::from_str(list.get()).ok() } else { None }
}

/// The row's code under the name this list uses for it; `hs-codes` has `hscode`, `countries` has `alpha_2`.
fn code(list: ListName, row: &RawValue) -> Option<Code> {
    let members = members(row.get()).ok()?;
    let text = |names: &[&str]| {
        let value = names.iter().find_map(|name| members.iter().find(|(n, _)| n == name))?.1;
        let text = text_of(value.get()).map(|text| text.trim().to_owned());
        // A number written bare: 381.
        let text = text.or_else(|| {
            let bare = value.get();
            bare.bytes().all(|b| b.is_ascii_digit() || b == b'.').then(|| bare.to_owned())
        })?;
        Some(text).filter(|text| !text.is_empty())
    };
    let code = match list {
        ListName::HsCodes => text(&["hscode", "hs_code", "hsn_code", "code"]),
        ListName::Countries => text(&["alpha_2", "alpha2", "code"]),
        _ => text(&["code"]),
    }?;
    let name = text(&["value", "name", "description"]).unwrap_or_default();
    let state = if list == ListName::Lgas { text(&["state_code", "state"]) } else { None };
    let fits = code.len() <= 40 && !code.contains(|c: char| c.is_control());
    fits.then(|| Code { code, name: name.chars().take(LONGEST_NAME).collect(), state })
}

#[cfg(test)]
mod tests {
    use super::super::CodeLists;
    use super::*;

    fn raw(text: &str) -> Box<RawValue> {
        RawValue::from_string(text.to_owned()).unwrap()
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_780_000_000, 0).unwrap()
    }

    fn refresh(name: ListName, text: &str) -> Result<CodeList, String> {
        read(CodeLists::shipped().get(name), &raw(text), now())
    }

    #[test]
    fn rows_are_read_under_each_lists_own_names() {
        let list = refresh(
            ListName::TaxCategories,
            r#"[{"code":"STANDARD_VAT","value":"Standard"},{"code":"ZERO_VAT"},{"code":"NEW_TAX","value":"New"}]"#,
        )
        .unwrap();
        assert_eq!(list.find("NEW_TAX").unwrap().name, "New");
        assert_eq!(list.origin(), Origin::Refreshed(now()));
        let goods: Vec<String> = (0..1_000)
            .map(|n| format!(r#"{{"hscode":"{:04}.{:02}","description":"Goods"}}"#, 1000 + n / 100, n % 100))
            .collect();
        let list = refresh(ListName::HsCodes, &format!("[{}]", goods.join(","))).unwrap();
        assert_eq!(list.find("1000.07").unwrap().name, "Goods");
    }

    #[test]
    fn a_list_wrapped_once_more_is_the_same_list() {
        let rows = r#"[{"code":"STANDARD_VAT"},{"code":"ZERO_VAT"},{"code":"EXEMPTED"}]"#;
        let wrapped = refresh(ListName::TaxCategories, &format!(r#"{{"data":{rows}}}"#)).unwrap();
        assert_eq!(wrapped.codes(), refresh(ListName::TaxCategories, rows).unwrap().codes());
    }

    #[test]
    fn an_answer_that_is_no_such_list_says_why() {
        for (text, why) in [
            ("[]", "empty"),
            ("null", "no list"),
            (r#"{"ok":true}"#, "no list"),
            (r#""later""#, "no list"),
            (r#"{"data":null}"#, "no list"),
            (r#"[{"name":"x"},{"name":"y"},{"name":"z"}]"#, "no code"),
            (r#"[1,2,3]"#, "no code"),
            (r#"[{"code":"STANDARD_VAT"}]"#, "1 rows"),
            (r#"[{"code":"STANDARD_VAT"},{"code":"A"},{"code":"B"},{"code":"C"}]"#, "lacks ZERO_VAT"),
        ] {
            let refused = refresh(ListName::TaxCategories, text).unwrap_err();
            assert!(refused.contains(why), "{text}: {refused}");
        }
    }

    #[test]
    fn a_list_that_lost_half_its_rows_is_not_taken() {
        let rows = |count: usize| {
            let rows: Vec<String> = (0..count).map(|n| format!(r#"{{"code":"NG-LA-{n:03}"}}"#)).collect();
            raw(&format!("[{}]", rows.join(",")))
        };
        let full = read(CodeLists::shipped().get(ListName::Lgas), &rows(774), now()).unwrap();
        assert!(read(&full, &rows(760), now()).is_ok());
        let longer = read(&full, &rows(2_000), now()).unwrap();
        assert!(read(&longer, &rows(774), now()).unwrap_err().contains("2000"));
    }
}
