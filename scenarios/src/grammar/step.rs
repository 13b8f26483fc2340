//! One step: when, and what.

use super::coupon::GrantDoc;
use super::verbs::{
    AlertDoc, ApprovalDoc, AtExpiryDoc, AutoRenewDoc, BuyDoc, BuyTogetherDoc, ChangeSizeDoc,
    CreateDoc, DeductionDayDoc, DeleteDoc, DiscountDoc, FailDoc, MarkDoc, OfferDoc,
    PartnerFreezeDoc, PayDoc, PowerDoc, RenewDoc, ReviewDoc, SettlementDoc, SubscribeDoc,
    ToOnDemandDoc, TopUpDoc, UnifiedDayDoc, UnpaidOrderDoc, UnsubscribeDoc, VoidDoc, WithdrawDoc,
};
use super::{
    BindDoc, ConnectDoc, EventKind, ExpectDoc, FreezeDoc, MoveDoc, PhoneDoc, PromotionDoc,
    VerifyDoc,
};
use crate::read::{FromText, Instant, Length, Name, Wrong};
use crate::span::Spanned;
use crate::{choice, document};
use serde_json::json;

document! {
    /// One thing that happens or must be seen. Without a time it is the instant of the step before.
    pub struct StepDoc ("a step") {
        /// The instant, UTC+8.
        at: Option<Spanned<Instant>>,
        /// A length of time after the step before, or a kind of event to wait for.
        after: Option<Spanned<After>>,
        /// With `after` and an event: the object it must be about.
        of: Option<Spanned<Name>>,
        /// With `after` and an event: how long to wait for it; without it, 1 day.
        within: Option<Spanned<Length>>,
        /// With `expect: silence`: up to which instant nothing may happen.
        until: Option<Spanned<Instant>>,
        ..
        /// What happens, or what must be seen.
        verb: VerbDoc,
    }
    AtMostOne ["at", "after", "until"];
    Needs ["of", "after"];
    Needs ["within", "after"];
}

choice! {
    /// What happens, or what must be seen.
    pub enum VerbDoc ("a verb") {
        /// Orders a phone, or several, for a term, and pays.
        Buy(BuyDoc) = "buy",
        /// Orders phones of several sizes or terms in one action, an order for each line, and pays.
        BuyTogether(BuyTogetherDoc) = "buy_together",
        /// Lets an account manager order for a customer, who is to confirm it.
        Offer(OfferDoc) = "offer",
        /// Creates a pay-per-use phone.
        Create(CreateDoc) = "create",
        /// Deletes a pay-per-use phone.
        Delete(DeleteDoc) = "delete",
        /// Agrees to an order that an account manager placed.
        ConfirmOrder(UnpaidOrderDoc) = "confirm_order",
        /// Says whether orders wait for approval.
        Approval(ApprovalDoc) = "approval",
        /// Approves an order, so that it can be paid.
        ApproveOrder(UnpaidOrderDoc) = "approve_order",
        /// Refuses the approval of an order.
        RefuseOrder(UnpaidOrderDoc) = "refuse_order",
        /// Pays orders that wait for payment, all of them or none.
        Pay(PayDoc) = "pay",
        /// Cancels an order that is not paid.
        CancelOrder(UnpaidOrderDoc) = "cancel_order",
        /// Renews a subscription by hand.
        Renew(RenewDoc) = "renew",
        /// Turns auto-renewal on or off.
        AutoRenew(AutoRenewDoc) = "auto_renew",
        /// Sets the day before expiry on which auto-renewals are deducted.
        DeductionDay(DeductionDayDoc) = "deduction_day",
        /// Sets the day of the month up to which renewals run that ask for it.
        UnifiedDay(UnifiedDayDoc) = "unified_day",
        /// Says what happens at the end of a subscription that nothing renews.
        AtExpiry(AtExpiryDoc) = "at_expiry",
        /// Moves subscribed phones to on-demand at once.
        ToOnDemand(ToOnDemandDoc) = "to_on_demand",
        /// Orders a subscription for a phone that is charged by use, and pays.
        Subscribe(SubscribeDoc) = "subscribe",
        /// Lets a partner freeze its customer, or lift that.
        PartnerFreeze(PartnerFreezeDoc) = "partner_freeze",
        /// Ends a subscription early.
        Unsubscribe(UnsubscribeDoc) = "unsubscribe",
        /// Changes the size of a subscribed phone.
        ChangeSize(ChangeSizeDoc) = "change_size",
        /// The account manager answers the review of a large unsubscription.
        Review(ReviewDoc) = "review",
        /// The service notes how a phone was had.
        Mark(MarkDoc) = "mark",
        /// The service finds that an account misuses the five-day right.
        VoidFiveDayRight(VoidDoc) = "void_five_day_right",
        /// Switches a phone on or off.
        Power(PowerDoc) = "power",
        /// Switches a running phone off and on again.
        Restart(PhoneDoc) = "restart",
        /// Initialises a phone; its member keeps it.
        Reset(PhoneDoc) = "reset",
        /// Writes the data of a phone to the object store and frees its slot.
        BackUp(PhoneDoc) = "back_up",
        /// Brings the data of a phone back to a slot.
        Restore(PhoneDoc) = "restore",
        /// Lets the backup or restore that a phone is in the middle of fail.
        FailOperation(PhoneDoc) = "fail_operation",
        /// Gives a phone to a member.
        Bind(BindDoc) = "bind",
        /// Takes a phone from its member; its data are wiped.
        Unbind(PhoneDoc) = "unbind",
        /// Takes a phone to another region.
        Move(MoveDoc) = "move",
        /// Reaches for a phone past its client.
        Connect(ConnectDoc) = "connect",
        /// Releases a phone whose subscription has ended.
        Release(PhoneDoc) = "release",
        /// Has a phone frozen for a violation or by public security.
        Freeze(FreezeDoc) = "freeze",
        /// Lifts such a freeze.
        Unfreeze(FreezeDoc) = "unfreeze",
        /// Verifies who the owner of an account is.
        Verify(VerifyDoc) = "verify",
        /// Promises an account other lengths of grace and retention.
        Promotion(PromotionDoc) = "promotion",
        /// Lets the provisioning of phones of one order fail.
        FailProvisioning(FailDoc) = "fail_provisioning",
        /// Pays money into an account.
        TopUp(TopUpDoc) = "top_up",
        /// Pays money into an account by bank transfer, which takes its time.
        Transfer(TopUpDoc) = "transfer",
        /// Takes cash out of an account.
        Withdraw(WithdrawDoc) = "withdraw",
        /// Sets discounts of list prices.
        Discount(DiscountDoc) = "discount",
        /// Says when orders are paid.
        Settlement(SettlementDoc) = "settlement",
        /// Asks for a warning of a low balance.
        BalanceAlert(AlertDoc) = "balance_alert",
        /// Gives a coupon to an account.
        Grant(GrantDoc) = "grant",
        /// Says what must be seen at the end of this instant.
        Expect(ExpectDoc) = "expect",
    }
}

/// What a step comes after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// A length of time after the step before.
    Length(Length),
    /// The next event of this kind.
    Event(EventKind),
}

impl FromText for After {
    const WHAT: &'static str = "a length of time or a kind of event";
    const PART: &'static str = "after";
    fn from_text(text: &str) -> Result<Self, Wrong> {
        if text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.')) {
            return Length::from_text(text).map(Self::Length);
        }
        EventKind::from_text(text).map(Self::Event)
    }
    fn part() -> serde_json::Value {
        json!({
            "description": "A length of time after the step before, or a kind of event.",
            "anyOf": [EventKind::part(), Length::part()],
        })
    }
}
