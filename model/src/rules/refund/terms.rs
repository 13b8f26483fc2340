//! What the service notes of a phone or an account, and what then bars a return (R9.2, R9.8).

use crate::decision::{Decision, Reason};
use crate::event::{FiveDayRightVoided, Marked};
use crate::name::PhoneId;
use crate::rules::{Case, living, r};
use crate::state::Mark;

/// R9.8: the service notes how a phone was had.
pub(in crate::rules) fn mark(case: &Case<'_>, id: &PhoneId, mark: Mark) -> Decision {
    if living(case, id).is_none() {
        return Decision::refuse(Reason::UnknownPhone(id.clone()), by![r(9, 8)]);
    }
    let mut decision = Decision::default();
    decision.happen(by![r(9, 8), r(9, 2), r(9, 6)], Marked { phone: id.clone(), mark });
    decision
}

/// R9.2: misuse voids the five-day right of an account.
pub(in crate::rules) fn void_five_day_right(_: &Case<'_>) -> Decision {
    let mut decision = Decision::default();
    decision.happen(by![r(9, 2)], FiveDayRightVoided {});
    decision
}
