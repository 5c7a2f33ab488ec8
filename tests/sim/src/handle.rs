//! What the handle of every platform offers: its calls, its limits, and the trouble that a test makes.

/// Gives the handle `$handle` of the platform whose desk in the world is `$desk` what all of them have.
macro_rules! as_every_platform {
    ($handle:ty, $desk:ident) => {
        impl $handle {
            /// How often each endpoint was called.
            #[must_use]
            pub fn calls(&self) -> std::collections::BTreeMap<String, u64> {
                self.world.$desk.counted()
            }

            /// The next `times` webhooks are wrong in a way that a receiver must refuse.
            pub fn spoil_webhooks(&self, fault: crate::webhook::WebhookFault, times: u32) {
                self.world.outbox.order(stringify!($desk), fault, times);
            }

            /// The limits, and whether they are enforced.
            #[must_use]
            pub fn limits(&self) -> Option<crate::limits::LimitSettings> {
                self.world.$desk.limits.as_ref().map(crate::limits::Limits::settings)
            }

            /// Changes the limits, from now on.
            pub fn set_limits(&self, change: impl FnOnce(&mut crate::limits::LimitSettings)) {
                if let Some(limits) = &self.world.$desk.limits {
                    limits.set(change);
                }
            }

            /// Lets a record change between the calls of whoever reads them.
            pub fn cue(&self, cue: crate::script::Cue) {
                self.world.$desk.script.add(cue);
            }

            /// Every call so far, in the order of arrival.
            #[must_use]
            pub fn journal(&self) -> Vec<crate::Call> {
                self.world.$desk.journal.as_ref().map(crate::journal::Journal::calls).unwrap_or_default()
            }

            /// Forgets the journal, not the counts.
            pub fn clear_journal(&self) {
                self.world.$desk.journal.iter().for_each(crate::journal::Journal::clear);
            }

            /// Lets a seed decide which calls and webhooks go wrong, from now on; `None`: none do.
            pub fn set_plan(&self, plan: Option<crate::Plan>) {
                self.world.$desk.course.set(plan);
            }

            /// How often the plan struck, by endpoint and fault.
            #[must_use]
            pub fn struck(&self) -> crate::Struck {
                self.world.$desk.course.struck()
            }

            /// Orders a fault.
            pub fn fail_next(&self, fault: crate::faults::Fault) {
                self.world.$desk.faults.order(fault);
            }

            /// Takes back every fault that has not struck yet.
            pub fn clear_faults(&self) {
                self.world.$desk.faults.clear();
            }
        }
    };
}

pub(crate) use as_every_platform;

/// Shows a type by its name alone.
macro_rules! hides_its_secrets {
    ($($name:ident),+) => { $(
        impl std::fmt::Debug for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )+ };
}

pub(crate) use hides_its_secrets;
