//! What XML asks of a document's declaration, instructions and namespaces.

use super::tree::is_space;

const XML_NAMESPACE: &str = "http://www.w3.org/XML/1998/namespace";
const XMLNS_NAMESPACE: &str = "http://www.w3.org/2000/xmlns/";

/// The encoding an XML declaration states, given without its `<?` and `?>`; or why it is none.
pub(super) fn declaration(content: &str) -> Result<Option<&str>, &'static str> {
    let mut rest = content.strip_prefix("xml").ok_or("an XML declaration begins with <?xml")?;
    let version =
        pseudo_attribute(&mut rest, "version").ok_or("an XML declaration states its version first")?;
    let minor = version.strip_prefix("1.").unwrap_or_default();
    if minor.is_empty() || !minor.bytes().all(|b| b.is_ascii_digit()) {
        return Err("the version of XML is not 1.0");
    }
    let encoding = pseudo_attribute(&mut rest, "encoding");
    if let Some(standalone) = pseudo_attribute(&mut rest, "standalone")
        && !matches!(standalone, "yes" | "no")
    {
        return Err("standalone in an XML declaration is yes or no");
    }
    if rest.chars().all(is_space) {
        Ok(encoding)
    } else {
        Err("an XML declaration holds version, encoding and standalone")
    }
}

/// Whether a document of this encoding is read: one whose bytes are UTF-8.
pub(super) fn is_read(encoding: &str) -> bool {
    ["utf-8", "utf8", "us-ascii", "ascii"].iter().any(|known| encoding.eq_ignore_ascii_case(known))
}

/// Takes ` name = "value"` from the front of `rest`.
fn pseudo_attribute<'a>(rest: &mut &'a str, name: &str) -> Option<&'a str> {
    let trimmed = rest.trim_start_matches(is_space);
    let behind = (trimmed.len() < rest.len()).then(|| trimmed.strip_prefix(name)).flatten()?;
    let quoted = behind.trim_start_matches(is_space).strip_prefix('=')?.trim_start_matches(is_space);
    let quote = quoted.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (value, after) = quoted.get(1..)?.split_once(quote)?;
    *rest = after;
    Some(value)
}

/// Why a processing instruction with this target may not stand.
pub(super) fn instruction(target: &str) -> Result<(), &'static str> {
    if target.eq_ignore_ascii_case("xml") {
        return Err("an XML declaration that is not at the very beginning");
    }
    if super::spelling::is_name(target) { Ok(()) } else { Err("a processing instruction without a name") }
}

/// Why a prefix may not be declared for a namespace.
pub(super) fn binding(prefix: &str, uri: &str) -> Result<(), &'static str> {
    match prefix {
        "xmlns" => Err("the prefix xmlns is never declared"),
        "xml" if uri != XML_NAMESPACE => Err("the prefix xml stands for its own namespace only"),
        "xml" => Ok(()),
        _ if uri == XML_NAMESPACE || uri == XMLNS_NAMESPACE => {
            Err("this namespace has no other prefix than its own")
        }
        "" => Ok(()),
        _ if uri.is_empty() => Err("a prefix stands for a namespace, not for none"),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations_are_read_as_xml_writes_them() {
        for good in [
            "xml version=\"1.0\"",
            "xml version = '1.0'  encoding='UTF-8' ",
            "xml version=\"1.1\" encoding=\"utf-8\" standalone=\"yes\"",
            "xml\tversion='1.0'\nstandalone='no'",
        ] {
            assert!(declaration(good).is_ok_and(|encoding| encoding.is_none_or(is_read)), "{good}");
        }
        for bad in [
            "xml",
            "xmlversion='1.0'",
            "xml encoding='UTF-8'",
            "xml version='2.0'",
            "xml version='1.'",
            "xml version='1.0' standalone='maybe'",
            "xml version='1.0' standalone='yes' encoding='UTF-8'",
            "xml version='1.0'encoding='UTF-8'",
            "xml version=1.0",
        ] {
            assert!(declaration(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn prefixes_keep_to_their_namespaces() {
        assert_eq!(binding("", ""), Ok(()));
        assert_eq!(binding("xml", XML_NAMESPACE), Ok(()));
        for (prefix, uri) in
            [("xmlns", "u"), ("xml", "u"), ("a", XML_NAMESPACE), ("", XMLNS_NAMESPACE), ("a", "")]
        {
            assert!(binding(prefix, uri).is_err(), "{prefix} {uri}");
        }
    }
}
