//! Bills as a view of the log (R11): what was charged and returned, row by row and by cycle, and
//! what it cost by day. Nothing here decides anything: the events hold every amount, and a bill puts
//! them in their place. One pass over the events; memory grows with accounts, cycles and what lives,
//! never with the log.

mod books;
mod cost;
mod cycle;
mod metered;
mod row;
mod sums;

pub use books::{Bills, Rows};
pub use cost::{Costs, Spread};
pub use cycle::{Cycle, MonthState};
pub use row::{BillType, Codes, RecordStatus, Row};
pub use sums::{CycleBill, PaidBy, Sums};
