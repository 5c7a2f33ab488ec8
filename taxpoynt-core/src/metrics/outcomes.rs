//! How the things that are counted end.

macro_rules! outcome {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident => $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$of])* $variant,)+
        }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The label's value.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }
    };
}

outcome! {
    /// What became of a record. Held is a state and no failure: the success rate leaves it out.
    Generation {
        /// A document was numbered, stamped and stored; counted once a document.
        Prepared => "prepared",
        /// It waits for data, a setting or a person.
        Held => "held",
        /// It cannot be read, mapped or made valid as it is.
        Invalid => "invalid",
        /// Attempts were used up.
        Failed => "failed",
    }
}

outcome! {
    /// A webhook's end.
    WebhookOutcome {
        /// Stored; something in it was new.
        Stored => "stored",
        /// Nothing in it was new.
        Duplicate => "duplicate",
        /// Its signature, secret or age was wrong: answered 401, nothing stored.
        Refused => "refused",
        /// We could not store it, and the sender must repeat it.
        Failed => "failed",
    }
}

outcome! {
    /// A token refresh's end.
    Refresh {
        /// A new access token is stored.
        Refreshed => "refreshed",
        /// The platform refused: the connection needs a new authorization.
        Refused => "refused",
        /// The platform did not answer, or not clearly; it is tried again.
        Failed => "failed",
    }
}

outcome! {
    /// A pull's end.
    SyncResult {
        /// All pages were read.
        Completed => "completed",
        /// It ended early.
        Failed => "failed",
    }
}

outcome! {
    /// What reconciliation found.
    Difference {
        /// The platform has a record that we do not have.
        Missing => "missing",
        /// We have a record that the platform has not, or not on this day.
        Extra => "extra",
        /// Both have it, with another amount.
        Differs => "differs",
    }
}

outcome! {
    /// A submission's turn.
    Submitted {
        /// The authority signed the document.
        Signed => "signed",
        /// It is signed and confirmed: nothing is left to do.
        Accepted => "accepted",
        /// The authority refused it.
        Rejected => "rejected",
        /// It comes back later.
        Postponed => "postponed",
        /// A person must look at it.
        GivenUp => "given_up",
    }
}
