//! Where paths of child names lead to in a tree.

use super::{Element, NONE, Node, Tree};
use crate::vocabulary::{Name, Path};

impl Tree<'_> {
    /// Where to look on when element `id` has the wrong name: past its siblings of the same name.
    fn beyond(&self, id: u32, node: &Node) -> u32 {
        // Only children of the root are in runs.
        if node.parent != 0 {
            return node.next;
        }
        let found = self.runs.binary_search_by_key(&id, |run| run.first).ok();
        found.and_then(|at| self.runs.get(at)).map_or(node.next, |run| run.beyond)
    }
}

impl<'t> Element<'t> {
    /// The elements a path of child names leads to, in document order: `path!("cac:Party/cac:PostalAddress")`.
    pub(crate) fn all(self, path: Path) -> All<'t> {
        All { tree: self.tree, steps: path.steps, next: [NONE; MAX_STEPS], depth: 0 }.from(self)
    }

    /// The first element a path leads to.
    pub(crate) fn first(self, path: Path) -> Option<Self> {
        self.first_of(path.steps)
    }

    fn first_of(self, steps: &[Name]) -> Option<Self> {
        let (step, rest) = steps.split_first()?;
        let mut id = self.first_child();
        loop {
            let node = self.tree.nodes.get(id as usize)?;
            if node.name == *step {
                let found = Self { tree: self.tree, id };
                match rest {
                    [] => return Some(found),
                    _ => {
                        if let Some(found) = found.first_of(rest) {
                            return Some(found);
                        }
                    }
                }
                id = node.next;
            } else {
                id = self.tree.beyond(id, node);
            }
        }
    }

    /// Whether a path leads anywhere.
    pub(crate) fn has(self, path: Path) -> bool {
        self.first(path).is_some()
    }
}

/// Steps of the longest path.
const MAX_STEPS: usize = 8;

/// The elements a path leads to.
pub(crate) struct All<'t> {
    tree: &'t Tree<'t>,
    steps: &'static [Name],
    /// The element to look at next at each step.
    next: [u32; MAX_STEPS],
    depth: usize,
}

impl<'t> All<'t> {
    fn from(mut self, element: Element<'t>) -> Self {
        if let Some(slot) = self.next.first_mut() {
            *slot = element.first_child();
        }
        self
    }
}

impl<'t> Iterator for All<'t> {
    type Item = Element<'t>;

    fn next(&mut self) -> Option<Element<'t>> {
        loop {
            let step = *self.steps.get(self.depth)?;
            let slot = self.next.get_mut(self.depth)?;
            let id = *slot;
            let Some(node) = self.tree.nodes.get(id as usize) else {
                self.depth = self.depth.checked_sub(1)?;
                continue;
            };
            if node.name != step {
                *slot = self.tree.beyond(id, node);
                continue;
            }
            *slot = node.next;
            if self.depth + 1 == self.steps.len() {
                return Some(Element { tree: self.tree, id });
            }
            self.depth += 1;
            *self.next.get_mut(self.depth)? = if node.parental { id + 1 } else { NONE };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::{Space, path};

    #[test]
    fn a_path_leads_to_every_element_in_order() {
        let xml = "<a:Party xmlns:a='urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2' \
            xmlns:b='urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2'>\
            <a:Contact><b:ID>1</b:ID><b:Name/><b:ID>2</b:ID></a:Contact><a:Person/><a:Contact/>\
            <a:Contact><b:ID>3</b:ID></a:Contact></a:Party>";
        let tree = Tree::read(xml.as_bytes()).unwrap();
        let found: Vec<_> =
            tree.root().all(path!("cac:Contact/cbc:ID")).map(|e| e.text().into_owned()).collect();
        assert_eq!(found, ["1", "2", "3"]);
        assert_eq!(tree.root().all(path!("cac:Contact")).count(), 3);
        assert_eq!(
            tree.root().first(path!("cac:Contact/cbc:Name")).map(Element::path).as_deref(),
            Some("/Party/cac:Contact[1]/cbc:Name")
        );
        assert!(!tree.root().has(path!("cac:Person/cbc:ID")));
        assert_eq!(tree.root().namespace_of("b").map(Space::of), Some(Space::Cbc));
    }
}
