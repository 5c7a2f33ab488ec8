//! Whether a pair can be sent: both halves there, the code in its form, and, where the authority's list is known, on it.

use crate::firs::{
    Code, CodeList, CodeLists, ListName,
    codes::{is_hsn_code, is_isic_code},
};
use serde::Serialize;
use taxpoynt_ubl::Classification;

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Nothing can be done with it.
    Fatal,
    /// It can be used; a person should look at it.
    Warning,
}

/// What is wrong with an entry or a row of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The line of the file, from 1; `None` for what came from no file.
    pub line: Option<u64>,
    /// The column, by its name.
    pub column: Option<String>,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong and what to do.
    pub message: String,
}

impl Problem {
    pub(crate) fn fatal(column: &str, message: impl Into<String>) -> Self {
        Self::of(Severity::Fatal, column, message)
    }

    pub(super) fn warning(column: &str, message: impl Into<String>) -> Self {
        Self::of(Severity::Warning, column, message)
    }

    fn of(severity: Severity, column: &str, message: impl Into<String>) -> Self {
        let column = Some(column.to_owned()).filter(|column| !column.is_empty());
        Self { line: None, column, severity, message: message.into() }
    }

    pub(crate) fn at(self, line: u64) -> Self {
        Self { line: Some(line), ..self }
    }

    /// Whether it keeps an entry out.
    #[must_use]
    pub fn is_fatal(&self) -> bool {
        self.severity == Severity::Fatal
    }
}

/// A pair, looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The pair, tidied: without spaces around it, an HS code of six digits with its point. None where it cannot be used.
    pub classification: Option<Classification>,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}

/// Looks at a pair. A code that is not on a list that was read from the authority or shipped is a warning with the
/// nearest codes, since lists grow; a code of the wrong form is fatal.
#[must_use]
pub fn check(classification: &Classification, lists: &CodeLists) -> Checked {
    let half = match classification {
        Classification::Goods { hsn_code, product_category } => [hsn_code, product_category, "", ""],
        Classification::Service { isic_code, service_category } => ["", "", isic_code, service_category],
    };
    pair(half, lists)
}

/// As [`check`], from the four cells: HS code, product category, ISIC code, service category.
pub(super) fn pair(cells: [&str; 4], lists: &CodeLists) -> Checked {
    let [hs, product, isic, service] = cells.map(str::trim);
    let goods = !hs.is_empty() || !product.is_empty();
    let services = !isic.is_empty() || !service.is_empty();
    let mut problems = Vec::new();
    let classification = match (goods, services) {
        (false, false) => {
            let message = "is it goods or a service? Fill hsn_code and product_category, or isic_code and service_category";
            problems.push(Problem::fatal("hsn_code", message));
            None
        }
        (true, true) => {
            let message = "goods and service at once: a line carries exactly one pair; leave hsn_code and product_category \
                           empty, or isic_code and service_category";
            problems.push(Problem::fatal(
                if isic.is_empty() { "service_category" } else { "isic_code" },
                message,
            ));
            None
        }
        (true, false) => goods_pair(hs, product, lists, &mut problems),
        (false, true) => service_pair(isic, service, lists, &mut problems),
    };
    Checked { classification, problems }
}

fn goods_pair(
    hs: &str,
    category: &str,
    lists: &CodeLists,
    problems: &mut Vec<Problem>,
) -> Option<Classification> {
    let before = problems.len();
    let code = with_point(hs);
    if code.is_empty() {
        problems.push(Problem::fatal("hsn_code", "the HS code is missing: it reads like 5208.52"));
    } else if !is_hsn_code(&code) || code.ends_with('.') {
        problems.push(Problem::fatal("hsn_code", malformed_hs(&code)));
    }
    filled("product_category", category, problems);
    if problems.len() > before {
        return None;
    }
    listed(lists.get(ListName::HsCodes), "hsn_code", "HS code", &code, problems);
    Some(Classification::Goods { hsn_code: code, product_category: category.to_owned() })
}

fn service_pair(
    isic: &str,
    category: &str,
    lists: &CodeLists,
    problems: &mut Vec<Problem>,
) -> Option<Classification> {
    let before = problems.len();
    if isic.is_empty() {
        problems.push(Problem::fatal("isic_code", "the ISIC code is missing: it has four digits, like 5610"));
    } else if !is_isic_code(isic) {
        problems.push(Problem::fatal("isic_code", malformed_isic(isic)));
    }
    filled("service_category", category, problems);
    if problems.len() > before {
        return None;
    }
    listed(lists.get(ListName::ServiceCodes), "isic_code", "ISIC code", isic, problems);
    Some(Classification::Service { isic_code: isic.to_owned(), service_category: category.to_owned() })
}

/// The longest category that is taken. The authority publishes no limit; the texts of its own lists are shorter.
const LONGEST: usize = 300;

fn filled(column: &str, category: &str, problems: &mut Vec<Problem>) {
    if category.is_empty() {
        problems.push(Problem::fatal(
            column,
            format!("{column} is missing: the authority wants it beside the code"),
        ));
    } else if category.chars().count() > LONGEST {
        problems.push(Problem::fatal(column, format!("{column} has more than {LONGEST} characters")));
    }
}

/// Six digits as the authority's list writes them.
fn with_point(hs: &str) -> String {
    match hs.split_at_checked(4) {
        Some((heading, sub)) if hs.len() == 6 && hs.bytes().all(|b| b.is_ascii_digit()) => {
            format!("{heading}.{sub}")
        }
        _ => hs.to_owned(),
    }
}

/// A spreadsheet that takes a code for a number drops the zeros at its ends.
fn malformed_hs(code: &str) -> String {
    let (heading, sub) = code.split_once(['.', ',']).unwrap_or((code, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if !heading.is_empty() && digits(heading) && digits(sub) && heading.len() <= 4 && sub.len() <= 2 {
        let whole = format!("{heading:0>4}.{sub:0<2}");
        return format!(
            "{code:?} is no HS code: did the spreadsheet drop a zero of {whole}? Format the column as text"
        );
    }
    format!("{code:?} is no HS code: it reads like 5208.52")
}

fn malformed_isic(code: &str) -> String {
    if !code.is_empty() && code.len() < 4 && code.bytes().all(|b| b.is_ascii_digit()) {
        return format!(
            "{code:?} is no ISIC code: did the spreadsheet drop the zero of {code:0>4}? Format the column as text"
        );
    }
    format!("{code:?} is no ISIC code: it has four digits, like 5610")
}

fn listed(list: &CodeList, column: &str, what: &str, code: &str, problems: &mut Vec<Problem>) {
    if list.lists(code) != Some(false) {
        return;
    }
    let near: Vec<String> = list.nearest(code, 3).into_iter().map(named).collect();
    let near = if near.is_empty() { String::new() } else { format!("; near it are {}", near.join(", ")) };
    let message = format!("the authority's list has no {what} {code}{near}");
    problems.push(Problem::warning(column, message));
}

fn named(row: &Code) -> String {
    const MOST: usize = 60;
    if row.name.is_empty() {
        return row.code.clone();
    }
    let short: String = row.name.chars().take(MOST).collect();
    let dots = if short.len() < row.name.len() { "…" } else { "" };
    format!("{} ({short}{dots})", row.code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(cells: [&str; 4]) -> Checked {
        pair(cells, CodeLists::shipped())
    }

    #[test]
    fn each_form_of_wrong_pair_is_named_with_its_column() {
        for (cells, column, says) in [
            (["", "", "", ""], "hsn_code", "goods or a service"),
            (["5208.52", "Fabric", "5610", "Restaurants"], "isic_code", "at once"),
            (["5208.52", "", "", ""], "product_category", "missing"),
            (["", "Fabric", "", ""], "hsn_code", "missing"),
            (["2106.9", "Food", "", ""], "hsn_code", "2106.90"),
            (["305.59", "Fish", "", ""], "hsn_code", "0305.59"),
            (["2106,9", "Food", "", ""], "hsn_code", "2106.90"),
            (["CC-001", "Food", "", ""], "hsn_code", "5208.52"),
            (["2106.", "Food", "", ""], "hsn_code", "2106.00"),
            (["", "", "111", "Growing of cereals"], "isic_code", "0111"),
            (["", "", "56100", "Restaurants"], "isic_code", "four digits"),
            (["", "", "5610", ""], "service_category", "missing"),
        ] {
            let checked = look(cells);
            assert_eq!(checked.classification, None, "{cells:?}");
            let problem = &checked.problems[0];
            assert_eq!(problem.column.as_deref(), Some(column), "{cells:?}");
            assert!(problem.is_fatal() && problem.message.contains(says), "{cells:?} {}", problem.message);
        }
        let both = look(["", "", "561", ""]);
        assert_eq!(both.problems.len(), 2, "all of them at once");
    }

    #[test]
    fn six_digits_get_the_point_of_the_authoritys_list() {
        let checked = look([" 520852 ", " Fabric ", "", ""]);
        let goods = Classification::Goods { hsn_code: "5208.52".into(), product_category: "Fabric".into() };
        assert_eq!(checked.classification, Some(goods.clone()));
        assert!(checked.problems.is_empty(), "without a list the form alone counts");
        assert_eq!(check(&goods, CodeLists::shipped()).classification, Some(goods));
    }

    #[test]
    fn a_code_that_is_not_listed_is_a_warning_with_the_nearest() {
        let checked = look(["", "", "5611", "Restaurants"]);
        assert!(checked.classification.is_some());
        let problem = &checked.problems[0];
        assert!(!problem.is_fatal() && problem.message.contains("5610"), "{}", problem.message);
    }
}
