//! The texts of the authority's answers that decide what an answer means, where its status does not.

/// Texts, in lower case, any of which an answer may contain. The answers of `confirm` for an unknown document are
/// recorded in two forms and assumed in a third; a deployment that words them otherwise is told here, not in code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wording {
    /// A question refused with one of these means "there is no such document".
    pub not_found: Vec<String>,
    /// A refusal whose details say one of these may mean that the document is there already: it is asked for.
    pub duplicate: Vec<String>,
    /// A refusal that says one of these anywhere is a repeated document or a passing fault: it is asked for.
    pub unclear: Vec<String>,
}

impl Default for Wording {
    /// As recorded.
    fn default() -> Self {
        let all = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Self {
            not_found: all(&["record not found"]),
            // "public_message" always mentions a duplicate, so only the details are asked for that word.
            duplicate: all(&[
                "duplicate",
                "already exist",
                "already been",
                "already signed",
                "already registered",
            ]),
            unclear: all(&["unable to complete this operation at this time"]),
        }
    }
}

impl Wording {
    /// Whether a text, in lower case, contains one of these. An empty one is in every text and so says nothing.
    pub(super) fn any(texts: &[String], said: &str) -> bool {
        texts.iter().any(|text| !text.trim().is_empty() && said.contains(&text.to_ascii_lowercase()))
    }
}
