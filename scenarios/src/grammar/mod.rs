//! What a scenario may say: every document, each declared once. Nothing here knows the rules of the
//! service; whether a name exists and what a command means is decided when the file is lowered.

mod account;
mod expect;
mod scenario;
mod step;
mod verbs;

pub use account::{AccountDoc, CouponDoc, CouponKind, PriceDoc, Tier};
pub use expect::{
    EventDoc, ExceptDoc, ExpectAccountDoc, ExpectCouponDoc, ExpectDoc, ExpectOrderDoc,
    ExpectPhoneDoc, ExpectRefusedDoc, FieldsDoc,
};
pub use scenario::{Draws, MatrixDoc, Profile, RulebookName, ScenarioDoc};
pub use step::{After, EventKindName, StepDoc, VerbDoc};
pub use verbs::{
    AutoRenewDoc, BuyDoc, CancelOrderDoc, CreateDoc, DeductionDayDoc, DeleteDoc, FailDoc, GrantDoc,
    OnOff, PayDoc, PowerDoc, RenewDoc, TopUpDoc, UnsubscribeDoc, UnsubscribeWhat,
};
