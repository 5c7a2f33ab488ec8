//! A list as the authority answers it, read with suspicion: what is empty, malformed or implausibly short replaces
//! nothing.

use super::{Code, CodeList, ListName, Origin};
use crate::firs::ResourceRow;
use chrono::{DateTime, Utc};

/// No list of the authority is near this long.
const MOST_ROWS: usize = 200_000;

/// Names are cut here; the longest descriptions of the HS nomenclature have some 300 characters.
const LONGEST_NAME: usize = 500;

/// Reads a list from the rows of an answer; `None` is an answer without any. `now` is when they were asked for; `old` is
/// what is in use.
///
/// # Errors
/// A sentence that says why the old list is kept.
pub fn read(old: &CodeList, rows: Option<Vec<ResourceRow>>, now: DateTime<Utc>) -> Result<CodeList, String> {
    let name = old.name();
    let rows = rows.filter(|rows| !rows.is_empty()).ok_or("the answer is empty")?;
    if rows.len() > MOST_ROWS {
        return Err(format!("the answer has {} rows, more than any list can have", rows.len()));
    }
    let all = rows.len();
    let codes: Vec<Code> = rows.into_iter().filter_map(|row| code(name, row)).collect();
    if (all - codes.len()) * 20 > all {
        return Err(format!("{} of {all} rows have a code that cannot be one", all - codes.len()));
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

fn code(list: ListName, row: ResourceRow) -> Option<Code> {
    const LONGEST: usize = 40;
    let state = row.state_code.filter(|_| list == ListName::Lgas);
    let fits = row.code.len() <= LONGEST && !row.code.contains(char::is_control);
    let name = row.name.unwrap_or_default().chars().take(LONGEST_NAME).collect();
    fits.then_some(Code { code: row.code, name, state })
}

#[cfg(test)]
mod tests {
    use super::super::CodeLists;
    use super::*;
    use std::collections::BTreeMap;

    fn row(code: &str) -> ResourceRow {
        let name = Some(format!("the meaning of {code}"));
        ResourceRow { code: code.to_owned(), name, state_code: None, members: BTreeMap::new() }
    }

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_780_000_000, 0).unwrap()
    }

    fn refresh(codes: &[&str]) -> Result<CodeList, String> {
        let rows = codes.iter().map(|code| row(code)).collect();
        read(CodeLists::shipped().get(ListName::TaxCategories), Some(rows), now())
    }

    #[test]
    fn a_whole_list_is_taken_with_its_date() {
        let list = refresh(&["STANDARD_VAT", "ZERO_VAT", "NEW_TAX", "NEW_TAX"]).unwrap();
        assert_eq!(list.find("NEW_TAX").unwrap().name, "the meaning of NEW_TAX");
        assert_eq!((list.codes().len(), list.origin()), (3, Origin::Refreshed(now())));
    }

    #[test]
    fn an_answer_that_is_no_such_list_says_why() {
        for (codes, why) in [
            (&[][..], "empty"),
            (&["STANDARD_VAT"], "1 rows"),
            (&["STANDARD_VAT", "A", "B", "C"], "lacks ZERO_VAT"),
            (&["STANDARD_VAT", "ZERO_VAT", "A\u{0}", "EXEMPTED"], "cannot be one"),
        ] {
            let refused = refresh(codes).unwrap_err();
            assert!(refused.contains(why), "{codes:?}: {refused}");
        }
        let old = CodeLists::shipped().get(ListName::TaxCategories);
        assert!(read(old, None, now()).unwrap_err().contains("empty"));
    }

    #[test]
    fn a_list_that_lost_half_its_rows_is_not_taken() {
        let rows = |count: usize| Some((0..count).map(|n| row(&format!("NG-LA-{n:03}"))).collect());
        let full = read(CodeLists::shipped().get(ListName::Lgas), rows(774), now()).unwrap();
        assert!(read(&full, rows(760), now()).is_ok());
        let longer = read(&full, rows(2_000), now()).unwrap();
        assert!(read(&longer, rows(774), now()).unwrap_err().contains("2000"));
        assert!(read(CodeLists::shipped().get(ListName::Lgas), rows(699), now()).is_err());
    }
}
