//! The life of a submission as one table: from which stage, on which event, to where, and what may be done again.
//!
//! Everybody who moves a document reads [`TABLE`]: the transmitter makes its steps from it, the worker asks it whether
//! to come back, and the store refuses what is not in it. `docs/submission.md` shows the same table to an operator; a
//! test holds the page and the table together.

use crate::store::{DocumentState, Stage};
use crate::{Error, ErrorKind, Retry};

/// The authority holds another document under our IRN: a person must decide.
pub const QUARANTINED: &str = "quarantined";
/// `validate` refused the document; nobody has it, so it can be mended.
pub const VALIDATION_FAILED: &str = "validation_failed";
/// `sign` refused the document; it is not registered, so it can be mended.
pub const SIGN_FAILED: &str = "sign_failed";
/// The document is signed, and the authority refuses to send it to the buyer.
pub const TRANSMIT_REFUSED: &str = "transmit_refused";
/// The API keys are refused: submissions of the tenant wait until they are mended.
pub const KEYS_REFUSED: &str = "keys_refused";
/// The taxpayer has not allowed this provider: submissions of the tenant wait.
pub const NOT_ALLOWED: &str = "not_allowed";
/// Something at the authority or in our settings is not set up: this document waits.
pub const SET_UP_MISSING: &str = "set_up_missing";
/// The attempts are used up: a dead letter that can be replayed.
pub const GIVEN_UP: &str = "given_up";

/// What a document waits with, not counted as an attempt.
pub const HOLDS: [&str; 3] = [KEYS_REFUSED, NOT_ALLOWED, SET_UP_MISSING];

/// What happens to a document on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Event {
    /// The intent is stored; the call goes out next.
    Begun,
    /// The authority did what was asked for, or shows the document.
    Done,
    /// Asked by IRN: the authority has it already, and its content is ours.
    FoundEqual,
    /// Asked by IRN: the authority has another document under it.
    FoundOther,
    /// A final no.
    Refused,
    /// An answer that does not say whether the call took effect.
    Unclear,
    /// Nothing happened: not reached, turned away, or not shown yet.
    Unreached,
    /// The keys, a permission or a set-up are missing: no document can pass.
    Forbidden,
    /// The attempts are used up.
    GivenUp,
    /// A person asks for another attempt.
    Resubmitted,
    /// The sale was prepared again and says something else.
    Corrected,
}

impl Event {
    /// Every event.
    pub const ALL: [Self; 11] = [
        Self::Begun,
        Self::Done,
        Self::FoundEqual,
        Self::FoundOther,
        Self::Refused,
        Self::Unclear,
        Self::Unreached,
        Self::Forbidden,
        Self::GivenUp,
        Self::Resubmitted,
        Self::Corrected,
    ];

    /// What an error of a step means.
    #[must_use]
    pub fn of(error: &Error) -> Self {
        match (error.kind(), error.get("code")) {
            (_, Some(QUARANTINED)) => Self::FoundOther,
            (_, Some(TRANSMIT_REFUSED)) | (ErrorKind::Rejected, _) => Self::Refused,
            (ErrorKind::Unauthenticated | ErrorKind::PermissionDenied | ErrorKind::Config, _) => {
                Self::Forbidden
            }
            (ErrorKind::Ambiguous, _) => Self::Unclear,
            (ErrorKind::Unavailable | ErrorKind::TimedOut | ErrorKind::RateLimited, _) => Self::Unreached,
            _ if error.retry() == Retry::Never => Self::GivenUp,
            _ => Self::Unreached,
        }
    }
}

/// What may follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Next {
    /// The next call at once.
    GoOn,
    /// The same call later.
    Again,
    /// Later, and not before the authority was asked by IRN whether it has the document.
    AskFirst,
    /// Nothing is called until what is missing is there; it is looked at every quarter of an hour, and at once when the
    /// tenant is stored again.
    Hold,
    /// A person: mend it, replay it, or let it be.
    Person,
    /// Nothing.
    End,
}

/// Which documents a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Of {
    /// All.
    Any,
    /// B2B and B2G, which are transmitted to their buyer.
    Transmitted,
    /// B2C, which is reported.
    Reported,
    /// Those that `sign` refused: the authority said that it has none of them.
    SignRefused,
}

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transition {
    /// The stage stored.
    pub from: Stage,
    /// What happens.
    pub event: Event,
    /// To which documents.
    pub of: Of,
    /// The stage after; never an earlier one, but for a correction of what nobody has.
    pub to: Stage,
    /// The state after.
    pub state: DocumentState,
    /// The code after, one of these; none where empty.
    pub codes: &'static [&'static str],
    /// What may follow.
    pub next: Next,
}

const fn row(from: Stage, event: Event, to: Stage, state: DocumentState, next: Next) -> Transition {
    Transition { from, event, of: Of::Any, to, state, codes: &[], next }
}

impl Transition {
    const fn coded(self, codes: &'static [&'static str]) -> Self {
        Self { codes, ..self }
    }

    const fn of(self, of: Of) -> Self {
        Self { of, ..self }
    }
}

use DocumentState::{Accepted, Dead, Prepared, Rejected, Submitted};
use Event::{
    Begun, Corrected, Done, Forbidden, FoundEqual, FoundOther, GivenUp, Refused, Resubmitted, Unclear,
    Unreached,
};
use Next::{Again, AskFirst, End, GoOn, Hold, Person};
use Stage::{Confirmed, Draft, Signed, Signing, Transmitted, Transmitting, Validated};

/// Every move there is. What is not here does not happen.
pub const TABLE: &[Transition] = &[
    // `validate` is called; it has no effect, so it may be repeated freely.
    row(Draft, Done, Validated, Prepared, GoOn),
    row(Draft, FoundEqual, Signed, Submitted, GoOn),
    row(Draft, FoundOther, Draft, Rejected, Person).coded(&[QUARANTINED]),
    row(Draft, Refused, Draft, Rejected, Person).coded(&[VALIDATION_FAILED]),
    row(Draft, Unclear, Draft, Prepared, AskFirst),
    row(Draft, Unreached, Draft, Prepared, Again),
    row(Draft, Forbidden, Draft, Prepared, Hold).coded(&HOLDS),
    row(Draft, GivenUp, Draft, Dead, Person).coded(&[GIVEN_UP]),
    row(Draft, Resubmitted, Draft, Prepared, GoOn),
    row(Draft, Corrected, Draft, Prepared, GoOn),
    // Nothing is called: the intent to sign is stored first.
    row(Validated, Begun, Signing, Prepared, GoOn),
    row(Validated, Forbidden, Validated, Prepared, Hold).coded(&HOLDS),
    row(Validated, GivenUp, Validated, Dead, Person).coded(&[GIVEN_UP]),
    row(Validated, Resubmitted, Validated, Prepared, GoOn),
    row(Validated, Corrected, Draft, Prepared, GoOn),
    // `sign` is called. From here on the authority may hold these very bytes: they never change again.
    row(Signing, Done, Signed, Submitted, GoOn),
    row(Signing, FoundEqual, Signed, Submitted, GoOn),
    row(Signing, FoundOther, Signing, Rejected, Person).coded(&[QUARANTINED]),
    row(Signing, Refused, Signing, Rejected, Person).coded(&[SIGN_FAILED]),
    row(Signing, Unclear, Signing, Prepared, AskFirst),
    row(Signing, Unreached, Signing, Prepared, AskFirst),
    row(Signing, Forbidden, Signing, Prepared, Hold).coded(&HOLDS),
    row(Signing, GivenUp, Signing, Dead, Person).coded(&[GIVEN_UP]),
    row(Signing, Resubmitted, Signing, Prepared, AskFirst),
    // A final no is the one answer that lets go of the bytes. Should it have been wrong, the IRN, which stays, is found.
    row(Signing, Corrected, Draft, Prepared, GoOn).of(Of::SignRefused),
    // Registered: nothing that follows takes it back, and nothing is ever signed again.
    row(Signed, Begun, Transmitting, Submitted, GoOn).of(Of::Transmitted),
    row(Signed, Done, Confirmed, Accepted, End).of(Of::Reported),
    row(Signed, Unclear, Signed, Submitted, Again),
    row(Signed, Unreached, Signed, Submitted, Again),
    row(Signed, Forbidden, Signed, Submitted, Hold).coded(&HOLDS),
    row(Signed, GivenUp, Signed, Submitted, Person).coded(&[GIVEN_UP]),
    row(Signed, Resubmitted, Signed, Submitted, GoOn),
    // `transmit` is called, and nothing else is repeated.
    row(Transmitting, Done, Transmitted, Submitted, GoOn),
    row(Transmitting, FoundEqual, Transmitted, Submitted, GoOn),
    row(Transmitting, Refused, Transmitting, Submitted, Person).coded(&[TRANSMIT_REFUSED]),
    row(Transmitting, Unclear, Transmitting, Submitted, AskFirst),
    row(Transmitting, Unreached, Transmitting, Submitted, AskFirst),
    row(Transmitting, Forbidden, Transmitting, Submitted, Hold).coded(&HOLDS),
    row(Transmitting, GivenUp, Transmitting, Submitted, Person).coded(&[GIVEN_UP]),
    row(Transmitting, Resubmitted, Transmitting, Submitted, AskFirst),
    // `confirm` is called; it reads.
    row(Transmitted, Done, Confirmed, Accepted, End),
    row(Transmitted, Unclear, Transmitted, Submitted, Again),
    row(Transmitted, Unreached, Transmitted, Submitted, Again),
    row(Transmitted, Forbidden, Transmitted, Submitted, Hold).coded(&HOLDS),
    row(Transmitted, GivenUp, Transmitted, Submitted, Person).coded(&[GIVEN_UP]),
    row(Transmitted, Resubmitted, Transmitted, Submitted, GoOn),
];

/// The row of an event at a stage; `None`: it cannot happen there. The two rows of `Signed` that are about one sort of
/// documents exclude each other.
#[must_use]
pub fn next(from: Stage, event: Event) -> Option<&'static Transition> {
    TABLE.iter().find(|row| row.from == from && row.event == event)
}

/// Whether the table leads from one stage to another in one move; staying is always allowed.
#[must_use]
pub fn leads(from: Stage, to: Stage) -> bool {
    from == to || TABLE.iter().any(|row| row.from == from && row.to == to)
}

/// Whether a document can be in this state at this stage.
#[must_use]
pub fn stands(stage: Stage, state: DocumentState) -> bool {
    TABLE.iter().any(|row| row.to == stage && row.state == state)
}

/// Whether nobody has a document, so that it may be corrected instead of being taken back.
#[must_use]
pub fn is_open(stage: Stage, state: DocumentState, code: Option<&str>) -> bool {
    next(stage, Corrected).is_some_and(|row| match row.of {
        Of::SignRefused => phase(stage, state, code) == SIGN_FAILED,
        _ => true,
    })
}

/// The state in which a document goes on from a stage.
#[must_use]
pub fn state_at(stage: Stage) -> DocumentState {
    match stage {
        Draft | Validated | Signing => Prepared,
        Signed | Transmitting | Transmitted => Submitted,
        Confirmed => Accepted,
    }
}

/// Where a document is in its life, in one word.
///
/// `draft validated signing signed transmitting acknowledged transmitted`, and where it stopped: `validation_failed
/// sign_failed transmit_failed quarantined given_up`. `acknowledged`: the authority took it for transmission;
/// `transmitted`: it confirms the document, which for B2C means that it is reported.
#[must_use]
pub fn phase(stage: Stage, state: DocumentState, code: Option<&str>) -> &'static str {
    match (state, code) {
        (Rejected, Some(QUARANTINED)) => QUARANTINED,
        (Rejected, _) if stage >= Signing => SIGN_FAILED,
        (Rejected, _) => VALIDATION_FAILED,
        (_, Some(TRANSMIT_REFUSED)) => "transmit_failed",
        (Dead, _) | (_, Some(GIVEN_UP)) => GIVEN_UP,
        _ => match stage {
            Draft => "draft",
            Validated => "validated",
            Signing => "signing",
            Signed => "signed",
            Transmitting => "transmitting",
            Transmitted => "acknowledged",
            Confirmed => "transmitted",
        },
    }
}

/// With which code a document waits after this error.
#[must_use]
pub fn hold_code(error: &Error) -> &'static str {
    match error.kind() {
        ErrorKind::Unauthenticated => KEYS_REFUSED,
        ErrorKind::PermissionDenied => NOT_ALLOWED,
        _ => error.get("code").filter(|code| *code == KEYS_REFUSED).map_or(SET_UP_MISSING, |_| KEYS_REFUSED),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    const STAGES: [Stage; 7] = [Draft, Validated, Signing, Signed, Transmitting, Transmitted, Confirmed];

    #[test]
    fn every_stage_answers_every_event_at_most_once() {
        let mut seen = HashSet::new();
        for row in TABLE {
            assert!(seen.insert((row.from, row.event)), "{row:?} is there twice");
        }
        for stage in STAGES {
            for event in Event::ALL {
                let row = next(stage, event);
                assert_eq!(row.is_some(), seen.contains(&(stage, event)), "{stage:?} {event:?}");
                let stops = matches!(event, Refused | FoundOther);
                match (stage, event) {
                    (Confirmed, _) => assert!(row.is_none(), "nothing happens to what is confirmed"),
                    (_, Unclear | Unreached) if stage != Validated => {
                        assert!(row.is_some(), "{stage:?} {event:?} has no way out");
                    }
                    (Signing, Corrected) => assert_eq!(row.map(|row| row.of), Some(Of::SignRefused)),
                    (Signed | Transmitting | Transmitted, Corrected) => {
                        assert!(row.is_none(), "what is signed is never edited");
                    }
                    (Signed | Transmitted, _) if stops => {
                        assert!(row.is_none(), "nobody refuses what is registered");
                    }
                    (_, Forbidden | GivenUp | Resubmitted) => assert!(row.is_some(), "{stage:?} {event:?}"),
                    _ => {}
                }
            }
        }
    }

    #[test]
    fn a_stage_goes_back_only_before_sign_and_only_for_a_correction() {
        for row in TABLE {
            assert!(row.to >= row.from || (row.event == Corrected && row.from < Signed), "{row:?}");
        }
    }

    #[test]
    fn what_may_be_signed_is_corrected_only_after_a_final_no() {
        assert!(is_open(Draft, Rejected, Some(VALIDATION_FAILED)) && is_open(Validated, Prepared, None));
        assert!(is_open(Signing, Rejected, Some(SIGN_FAILED)));
        assert!(!is_open(Signing, Prepared, None) && !is_open(Signing, Dead, Some(GIVEN_UP)));
        assert!(!is_open(Signing, Rejected, Some(QUARANTINED)), "somebody has another one under its IRN");
        for stage in [Signed, Transmitting, Transmitted, Confirmed] {
            assert!(!is_open(stage, state_at(stage), None), "{stage:?}");
        }
    }

    #[test]
    fn what_is_signed_is_never_refused_given_up_or_signed_again() {
        for row in TABLE.iter().filter(|row| row.from >= Signed) {
            assert!(matches!(row.state, Submitted | Accepted), "{row:?}");
            assert!(row.to != Signing && row.to >= Signed, "{row:?}");
        }
        for row in TABLE.iter().filter(|row| row.to >= Signed && row.from < Signed) {
            assert!(
                matches!(row.event, Done | FoundEqual),
                "only the authority's word makes it signed: {row:?}"
            );
        }
    }

    #[test]
    fn after_an_unclear_answer_to_a_call_that_changes_something_the_authority_is_asked_first() {
        for row in TABLE.iter().filter(|row| matches!(row.from, Signing | Transmitting)) {
            if matches!(row.event, Unclear | Unreached | Resubmitted) {
                assert_eq!(row.next, AskFirst, "{row:?}");
            }
        }
    }

    #[test]
    fn every_stop_has_a_code_and_no_way_on_has_one() {
        for row in TABLE {
            let stops = matches!(row.next, Person | Hold);
            assert_eq!(stops, !row.codes.is_empty(), "{row:?}");
            assert!(stands(row.to, row.state));
        }
        assert!(!stands(Signed, Rejected) && !stands(Transmitted, Dead) && !stands(Draft, Submitted));
    }

    #[test]
    fn from_every_stage_a_document_can_reach_the_end_and_every_stop_can_be_left() {
        for from in STAGES {
            let mut reached = HashSet::from([from]);
            while let Some(row) =
                TABLE.iter().find(|row| reached.contains(&row.from) && !reached.contains(&row.to))
            {
                reached.insert(row.to);
            }
            assert!(reached.contains(&Confirmed), "{from:?} is a dead end");
        }
        for row in TABLE.iter().filter(|row| row.next == Person) {
            assert!(next(row.to, Resubmitted).is_some(), "{row:?} cannot be left");
        }
    }

    #[test]
    fn every_kind_of_error_is_some_event() {
        let error = |kind| Error::new(kind, "test", "x");
        for (error, event) in [
            (error(ErrorKind::Rejected), Refused),
            (error(ErrorKind::Rejected).with("code", QUARANTINED), FoundOther),
            (error(ErrorKind::Authority).with("code", TRANSMIT_REFUSED), Refused),
            (error(ErrorKind::Ambiguous), Unclear),
            (error(ErrorKind::Unauthenticated), Forbidden),
            (error(ErrorKind::PermissionDenied), Forbidden),
            (error(ErrorKind::Config), Forbidden),
            (error(ErrorKind::Unavailable), Unreached),
            (error(ErrorKind::NotFound).retry_as(Retry::Now), Unreached),
            (error(ErrorKind::Authority), GivenUp),
            (error(ErrorKind::Internal), GivenUp),
        ] {
            assert_eq!(Event::of(&error), event, "{error:?}");
        }
    }

    #[test]
    fn every_standing_has_its_word() {
        let words: HashSet<_> =
            TABLE.iter().map(|row| phase(row.to, row.state, row.codes.first().copied())).collect();
        for word in [
            "draft",
            "validated",
            "signing",
            "signed",
            "transmitting",
            "acknowledged",
            "transmitted",
            "validation_failed",
            "sign_failed",
            "transmit_failed",
            "quarantined",
            "given_up",
        ] {
            assert!(words.contains(word), "{word} is nobody's");
        }
        assert_eq!(words.len(), 12);
    }
}
