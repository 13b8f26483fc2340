//! Who froze a phone beside its charging. Each cause comes and goes by itself; a phone is frozen while
//! any is left.

use super::diagram;
use std::fmt;

machine! {
    /// By whom a phone is frozen beside its charging (R8.8).
    HoldStatus {
        /// By nobody.
        Free = "free",
        /// By the service, for a violation; it is deleted after a while.
        Violation = "held_for_violation",
        /// By public security, without an end.
        Police = "held_by_police",
        /// By both.
        Both = "held_by_both",
    }
    /// What can befall such a freeze.
    HoldTrigger {
        /// The service froze it (P1.1, R8.8).
        FreezeForViolation = "frozen_for_violation" [Free => Violation, Police => Both],
        /// Public security had it frozen (R8.8).
        FreezeByPolice = "frozen_by_police" [Free => Police, Violation => Both],
        /// The service lifted its freeze (R8.8).
        LiftViolation = "violation_lifted" [Violation => Free, Both => Police],
        /// Public security lifted theirs (R8.8).
        LiftPolice = "police_lifted" [Police => Free, Both => Violation],
    }
}
