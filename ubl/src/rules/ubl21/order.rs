//! Which children are not where, or not as often as, their parent's type wants, so that mending what is named mends all.

use super::Rule;
use super::findings::Findings;
use crate::rules::engine::shorten;
use crate::vocabulary::{Child, Name};
use crate::xml::tree::Element;

/// A child that has a place in its parent.
struct Placed<'t> {
    element: Element<'t>,
    /// Its place among the children of the type.
    place: usize,
}

/// Finds what is wrong with the children of an element.
pub(super) fn explain<'t>(parent: Element<'t>, children: &'static [Child], findings: &mut Findings<'t>) {
    let mut placed = Vec::new();
    let mut counts = vec![0_usize; children.len()];
    for element in parent.children() {
        match children.iter().position(|child| child.name == element.name()) {
            Some(place) => {
                if let Some(count) = counts.get_mut(place) {
                    *count += 1;
                }
                placed.push(Placed { element, place });
            }
            None => homeless(parent, element, findings),
        }
    }
    missing(parent, children, &counts, findings);
    let mut seen = vec![false; children.len()];
    placed.retain(|found| {
        let (Some(seen), Some(child)) = (seen.get_mut(found.place), children.get(found.place)) else {
            return false;
        };
        let again = std::mem::replace(seen, true) && !child.occurs.repeats;
        if again {
            repeated(parent, found.element, findings);
        }
        !again
    });
    misplaced(&placed, findings);
}

fn homeless<'t>(parent: Element<'t>, element: Element<'t>, findings: &mut Findings<'t>) {
    if element.name() == Name::Other {
        let say = || {
            let space = super::attributes::own_space(element).unwrap_or_default();
            let name = shorten(element.qname());
            format!(
                "{name} of the namespace {:?} is no element of UBL 2.1; remove or rename it",
                shorten(space)
            )
        };
        findings.add(Rule::Unknown, element, say);
    } else {
        let say = || format!("{} has no place in {}; remove it", element.usual_name(), parent.usual_name());
        findings.add(Rule::Homeless, element, say);
    }
}

fn repeated<'t>(parent: Element<'t>, element: Element<'t>, findings: &mut Findings<'t>) {
    let say = || {
        let (name, parent) = (element.usual_name(), parent.usual_name());
        format!("{name} stands more than once in {parent}; keep only one")
    };
    findings.add(Rule::Repeated, element, say);
}

fn missing<'t>(parent: Element<'t>, children: &[Child], counts: &[usize], findings: &mut Findings<'t>) {
    let mut before = None;
    for (child, count) in children.iter().zip(counts) {
        if *count > 0 {
            before = Some(child.name);
        } else if child.occurs.required {
            let say = || {
                let place =
                    before.map_or("as its first element".into(), |name| format!("behind {}", written(name)));
                format!("{} has no {}; add it {place}", parent.usual_name(), written(child.name))
            };
            findings.add(Rule::Missing, parent, say);
            before = Some(child.name);
        }
    }
}

fn written(name: Name) -> String {
    let (prefix, local) = name.parts();
    format!("{prefix}{local}")
}

/// Names the fewest elements that must move: those outside the longest run that is in order.
fn misplaced<'t>(placed: &[Placed<'t>], findings: &mut Findings<'t>) {
    let stays = longest_run(placed);
    let staying: Vec<_> =
        placed.iter().zip(&stays).filter(|(_, stays)| **stays).map(|(found, _)| found).collect();
    for (found, _) in placed.iter().zip(&stays).filter(|(_, stays)| !**stays) {
        let say = || {
            let name = found.element.usual_name();
            let next = staying.get(staying.partition_point(|other| other.place <= found.place));
            let last = staying.partition_point(|other| other.place < found.place).checked_sub(1);
            let last = last.and_then(|last| staying.get(last));
            match (next, last) {
                (Some(next), _) if next.element.id() < found.element.id() => {
                    format!("{name} stands behind {}; move it before", next.element.usual_name())
                }
                (_, Some(last)) => {
                    format!("{name} stands before {}; move it behind", last.element.usual_name())
                }
                _ => format!("{name} is out of order"),
            }
        };
        findings.add(Rule::Misplaced, found.element, say);
    }
}

/// Which of them are part of the longest run whose places never fall.
fn longest_run(placed: &[Placed<'_>]) -> Vec<bool> {
    // At n: the last of the run of n + 1 that ends lowest; and of each, the one before it in its run.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(placed.len());
    let place = |at: usize| placed.get(at).map_or(0, |found| found.place);
    for (at, found) in placed.iter().enumerate() {
        let length = ends.partition_point(|end| place(*end) <= found.place);
        before.push(length.checked_sub(1).and_then(|shorter| ends.get(shorter).copied()));
        match ends.get_mut(length) {
            Some(end) => *end = at,
            None => ends.push(at),
        }
    }
    let mut stays = vec![false; placed.len()];
    let mut next = ends.last().copied();
    while let Some(at) = next {
        if let Some(stays) = stays.get_mut(at) {
            *stays = true;
        }
        next = before.get(at).copied().flatten();
    }
    stays
}
