//! Where an account stands with its debts. What this does to its phones is told of each of them.

use super::diagram;
use std::fmt;

machine! {
    /// Where an account stands with its debts (R8.1, R8.5).
    ArrearsStatus {
        /// It owes nothing.
        None = "none",
        /// It owes; its phones charged by use are usable.
        Grace = "grace",
        /// Its phones charged by use are frozen.
        Retention = "retention",
        /// Such a phone was released; what the account owes stays owed.
        Released = "released",
    }
    /// What can befall an account that owes, or its phones because of that.
    ArrearsTrigger {
        /// It could not pay; anew where a top-up to exactly nothing ended the debt before (R8.5, R8.7).
        Start = "arrears_started" [
            None => Grace, Grace => Grace, Retention => Grace, Released => Grace],
        /// Grace ended, and a phone was frozen (R8.2).
        Freeze = "frozen" [Grace => Retention, Retention => Retention],
        /// Retention of a phone ended, perhaps of an older debt than that of the grace (R8.2).
        Release = "released" [Grace => Grace, Retention => Released, Released => Released],
        /// Money came in that was enough (R8.7).
        Clear = "arrears_cleared" [Grace => None, Retention => None, Released => None],
    }
}
