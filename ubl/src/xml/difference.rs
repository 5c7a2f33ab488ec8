//! Whether our own reader makes the same of any bytes as quick-xml: for tests and the fuzz target `read`.

use super::reference;
use super::tree::{Element, Tree};
use crate::Error;

/// Everything a tree says of an element.
fn described(element: Element<'_>) -> String {
    let parent = element.parent().map(Element::id);
    let children: Vec<u32> = element.children().map(Element::id).collect();
    let attributes: Vec<_> = element.attributes().collect();
    let declarations: Vec<_> = element.declarations().collect();
    let names = (element.name(), element.space(), element.qname(), element.local());
    format!("{names:?} {parent:?} {children:?} {attributes:?} {declarations:?} {:?}", element.own_text())
}

/// What our own reader and quick-xml differ in over any bytes: another tree, or one refuses what the other reads.
#[must_use]
#[cfg_attr(test, allow(unreachable_pub, reason = "public to the fuzz targets"))]
pub fn difference(xml: &[u8]) -> Option<String> {
    match (Tree::read(xml), reference::read(xml)) {
        (Ok(ours), Ok(theirs)) => {
            let mut pairs = ours.elements().zip(theirs.elements());
            if ours.elements().count() != theirs.elements().count() {
                return Some("another number of elements".to_owned());
            }
            pairs.find_map(|(own, their)| {
                let (own, their) = (described(own), described(their));
                (own != their).then(|| format!("{own}\n    instead of {their}"))
            })
        }
        (Err(Error::Xml { position, message }), Err(_)) => {
            let inside = position <= xml.len() as u64 && !message.is_empty();
            (!inside).then(|| format!("{message:?} at {position} of {}", xml.len()))
        }
        (Ok(_), Err(theirs)) => Some(format!("reads what quick-xml refuses: {theirs}")),
        (Err(ours), _) => Some(format!("refuses what quick-xml reads: {ours}")),
    }
}
