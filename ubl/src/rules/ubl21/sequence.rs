//! Whether children stand in the order and number their parent's type wants.

use crate::vocabulary::{Child, Name};

/// How far along a type's children we are.
pub(super) struct Sequence {
    /// The child we are at and those behind it.
    rest: &'static [Child],
    /// Whether the child we are at has stood.
    stands: bool,
}

impl Sequence {
    pub(super) fn of(children: &'static [Child]) -> Self {
        Self { rest: children, stands: false }
    }

    /// Whether a child of that name may stand next.
    pub(super) fn takes(&mut self, name: Name) -> bool {
        while let Some((child, behind)) = self.rest.split_first() {
            if child.name == name {
                let again = std::mem::replace(&mut self.stands, true);
                return child.occurs.repeats || !again;
            }
            if child.occurs.required && !self.stands {
                return false;
            }
            self.rest = behind;
            self.stands = false;
        }
        false
    }

    /// Whether nothing more has to stand.
    pub(super) fn is_complete(&self) -> bool {
        let behind = self.rest.get(usize::from(self.stands)..).unwrap_or_default();
        behind.iter().all(|child| !child.occurs.required)
    }
}
