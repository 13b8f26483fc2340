//! The commands that a step may give.

use super::{NetworkWord, SettlementWord, SystemWord, Via};
use crate::diagnostic::{Code, quoted};
use crate::read::{AmountText, Day, FromText, Name, Number, Percent, Term, Wrong, YesNo};
use crate::span::Spanned;
use crate::{document, words};
use serde_json::json;

document! {
    /// Orders a phone, or several, for a term, and pays.
    pub struct BuyDoc ("`buy`") {
        /// The new phone's name.
        phone: Option<Spanned<Name>>,
        /// The names of several new phones of one order.
        phones: Option<Spanned<Vec<Spanned<Name>>>>,
        /// How many new phones, named by `prefix` and a number from 1 on.
        count: Option<Spanned<Number<1, 5000>>>,
        /// How the names of `count` phones begin.
        prefix: Option<Spanned<Name>>,
        /// Who buys.
        account: Spanned<Name>,
        /// In which region; without it, it is not said.
        region: Option<Spanned<Name>>,
        /// In which availability zone of the region.
        zone: Option<Spanned<Name>>,
        /// Where the command comes in; without it, the console.
        via: Option<Spanned<Via>>,
        /// The size, as in the catalogue.
        size: Spanned<Name>,
        /// For how long.
        term: Spanned<Term>,
        /// Which system; without it, it is not said.
        system: Option<Spanned<SystemWord>>,
        /// Which network; without it, it is not said, and a call has the usual one.
        network: Option<Spanned<NetworkWord>>,
        /// Whether the phone renews itself; without it, no.
        auto_renew: Option<Spanned<YesNo>>,
        /// Coupons to use, by name.
        coupons: Option<Spanned<Vec<Spanned<Name>>>>,
        /// Whether the order is paid at once; without it, yes.
        pay: Option<Spanned<YesNo>>,
    }
    ExactlyOne ["phone", "phones", "count"];
    Needs ["count", "prefix"];
    Needs ["prefix", "count"];
    Needs ["zone", "region"];
}

document! {
    /// One line of a purchase: phones of one size for one term.
    pub struct ItemDoc ("a line of a purchase") {
        /// The new phone's name.
        phone: Option<Spanned<Name>>,
        /// The names of several new phones of one order.
        phones: Option<Spanned<Vec<Spanned<Name>>>>,
        /// The size, as in the catalogue.
        size: Spanned<Name>,
        /// For how long.
        term: Spanned<Term>,
        /// Whether the phone renews itself; without it, no.
        auto_renew: Option<Spanned<YesNo>>,
    }
    ExactlyOne ["phone", "phones"];
}

document! {
    /// Orders phones of several sizes or terms in one action, an order for each line, and pays.
    pub struct BuyTogetherDoc ("`buy_together`") {
        /// Who buys.
        account: Spanned<Name>,
        /// The lines, an order each.
        items: Spanned<Vec<ItemDoc>>,
        /// Whether it is sold in combination, so that it fails as a whole; without it, no.
        combination: Option<Spanned<YesNo>>,
        /// Coupons to use, by name.
        coupons: Option<Spanned<Vec<Spanned<Name>>>>,
        /// Whether the orders are paid at once; without it, yes.
        pay: Option<Spanned<YesNo>>,
    }
}

document! {
    /// Lets an account manager order for a customer, who is to confirm it.
    pub struct OfferDoc ("`offer`") {
        /// The new phone's name.
        phone: Option<Spanned<Name>>,
        /// The names of several new phones of one order.
        phones: Option<Spanned<Vec<Spanned<Name>>>>,
        /// For whom.
        account: Spanned<Name>,
        /// The size, as in the catalogue.
        size: Spanned<Name>,
        /// For how long.
        term: Spanned<Term>,
        /// Whether the phone renews itself; without it, no.
        auto_renew: Option<Spanned<YesNo>>,
    }
    ExactlyOne ["phone", "phones"];
}

document! {
    /// Names an order that is not paid.
    pub struct UnpaidOrderDoc ("an order") {
        /// The order by its number in its account: `o1` is the first.
        order: Option<Spanned<Name>>,
        /// The phone whose open order is meant.
        r#for: Option<Spanned<Name>>,
        /// Who asks; it may be left out with `for`, and where the file has one account.
        account: Option<Spanned<Name>>,
    }
    ExactlyOne ["order", "for"];
}

document! {
    /// Creates a pay-per-use phone.
    pub struct CreateDoc ("`create`") {
        /// The new phone's name.
        phone: Spanned<Name>,
        /// Who pays for its hours.
        account: Spanned<Name>,
        /// In which region; without it, it is not said.
        region: Option<Spanned<Name>>,
        /// In which availability zone of the region.
        zone: Option<Spanned<Name>>,
        /// Where the command comes in; without it, the console.
        via: Option<Spanned<Via>>,
        /// The size, as in the catalogue.
        size: Spanned<Name>,
    }
    Needs ["zone", "region"];
}

document! {
    /// Deletes a pay-per-use phone.
    pub struct DeleteDoc ("`delete`") {
        /// The phone.
        phone: Spanned<Name>,
        /// Where the command comes in; without it, the console.
        via: Option<Spanned<Via>>,
        /// Who asks; without it, the phone's own account.
        account: Option<Spanned<Name>>,
    }
}

document! {
    /// Pays orders that wait for payment, all of them or none.
    pub struct PayDoc ("`pay`") {
        /// The order by its number in its account: `o1` is the first.
        order: Option<Spanned<Name>>,
        /// Several orders in one payment.
        orders: Option<Spanned<Vec<Spanned<Name>>>>,
        /// The phone whose open order is meant.
        r#for: Option<Spanned<Name>>,
        /// Coupons to use, by name.
        coupons: Option<Spanned<Vec<Spanned<Name>>>>,
        /// Who asks; it may be left out with `for`, and where the file has one account.
        account: Option<Spanned<Name>>,
    }
    ExactlyOne ["order", "orders", "for"];
}

document! {
    /// Renews subscriptions by hand.
    pub struct RenewDoc ("`renew`") {
        /// The phone.
        phone: Option<Spanned<Name>>,
        /// Several phones, an order for each; on the console they are paid or cancelled as one.
        phones: Option<Spanned<Vec<Spanned<Name>>>>,
        /// For how long.
        term: Spanned<Term>,
        /// Up to which day beyond that; without it, none.
        to: Option<Spanned<RenewToWord>>,
        /// Where the command comes in; without it, the console.
        via: Option<Spanned<Via>>,
        /// What the call says of the end of the subscription; newer editions ignore it.
        at_expiry: Option<Spanned<RenewalPolicyWord>>,
        /// Coupons to use, by name.
        coupons: Option<Spanned<Vec<Spanned<Name>>>>,
        /// Whether the orders are paid at once; without it, yes on the console.
        pay: Option<Spanned<YesNo>>,
        /// Who asks; without it, the phone's own account.
        account: Option<Spanned<Name>>,
    }
    ExactlyOne ["phone", "phones"];
    Needs ["at_expiry", "via"];
}

words! {
    /// What a renewal call says of the end of the subscription.
    pub enum RenewalPolicyWord ("what happens at expiry") {
        /// It enters grace.
        Grace = "grace",
        /// The phone is charged by use from then on.
        ToOnDemand = "to_on_demand",
        /// The phone is released at once.
        Delete = "delete",
        /// It renews itself.
        AutoRenew = "auto_renew",
    }
}

words! {
    /// Up to which day a renewal runs.
    pub enum RenewToWord ("`unified_day`") {
        /// On to the account's unified expiry day.
        UnifiedDay = "unified_day",
    }
}

document! {
    /// Turns auto-renewal on or off.
    pub struct AutoRenewDoc ("`auto_renew`") {
        /// The phone.
        phone: Spanned<Name>,
        /// Whether the phone renews itself from now on.
        on: Spanned<YesNo>,
        /// The term of each renewal; without it, a month or a year as it was bought.
        every: Option<Spanned<Term>>,
        /// How many renewals; without it, no end.
        times: Option<Spanned<Number<1, 99>>>,
        /// Who asks; without it, the phone's own account.
        account: Option<Spanned<Name>>,
    }
}

document! {
    /// Sets the day before expiry on which auto-renewals are deducted.
    pub struct DeductionDayDoc ("`deduction_day`") {
        /// The account.
        account: Spanned<Name>,
        /// How many days before expiry.
        days: Spanned<Number<0, 31>>,
    }
}

document! {
    /// Sets the day of the month up to which renewals run that ask for it.
    pub struct UnifiedDayDoc ("`unified_day`") {
        /// The account.
        account: Spanned<Name>,
        /// Which day.
        day: Spanned<MonthDay>,
    }
}

/// A day that every month has: 1 to 28, or its last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MonthDay(i32);

impl MonthDay {
    /// The day, or -1 for the last.
    pub fn get(self) -> i32 {
        self.0
    }
}

impl FromText for MonthDay {
    const WHAT: &'static str = "a day from 1 to 28 or `last`";
    const PART: &'static str = "month-day";
    fn from_text(text: &str) -> Result<Self, Wrong> {
        if text == "last" {
            return Ok(Self(-1));
        }
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        let day = if digits { text.parse().ok() } else { None };
        day.filter(|day| (1..=28).contains(day)).map(Self).ok_or_else(|| Wrong {
            code: Code::BadNumber,
            message: format!("{} is not {}", quoted(text), Self::WHAT),
            help: "the 29th, 30th and 31st are missing in some months; write `last`".to_owned(),
        })
    }
    fn part() -> serde_json::Value {
        json!({
            "description": "A day that every month has.",
            "anyOf": [
                { "type": "integer", "minimum": 1, "maximum": 28 },
                { "type": "string", "pattern": "^(last|[0-9]+)$|\\$" },
            ],
        })
    }
}

document! {
    /// Says what happens at the end of a subscription that nothing renews.
    pub struct AtExpiryDoc ("`at_expiry`") {
        /// The phone.
        phone: Option<Spanned<Name>>,
        /// Several phones.
        phones: Option<Spanned<Vec<Spanned<Name>>>>,
        /// What happens.
        r#do: Spanned<PolicyWord>,
        /// Who asks; without it, the phone's own account.
        account: Option<Spanned<Name>>,
    }
    ExactlyOne ["phone", "phones"];
}

document! {
    /// Moves subscribed phones to on-demand at once.
    pub struct ToOnDemandDoc ("`to_on_demand`") {
        /// The phone.
        phone: Option<Spanned<Name>>,
        /// Several phones.
        phones: Option<Spanned<Vec<Spanned<Name>>>>,
        /// Who asks; without it, the phone's own account.
        account: Option<Spanned<Name>>,
    }
    ExactlyOne ["phone", "phones"];
}

document! {
    /// Orders a subscription for a phone that is charged by use, and pays.
    pub struct SubscribeDoc ("`subscribe`") {
        /// The phone.
        phone: Spanned<Name>,
        /// For how long.
        term: Spanned<Term>,
        /// Coupons to use, by name.
        coupons: Option<Spanned<Vec<Spanned<Name>>>>,
        /// Whether the order is paid at once; without it, yes.
        pay: Option<Spanned<YesNo>>,
        /// Who asks; without it, the phone's own account.
        account: Option<Spanned<Name>>,
    }
}

words! {
    /// What happens at the end of a subscription.
    pub enum PolicyWord ("what happens at expiry") {
        /// It enters grace.
        Grace = "grace",
        /// The phone is charged by use from then on.
        ToOnDemand = "to_on_demand",
        /// The phone is released at once.
        Delete = "delete",
        /// The phone is frozen at once.
        Freeze = "freeze",
        /// After its grace the phone is released.
        DeleteFromRetention = "delete_from_retention",
    }
}

document! {
    /// Says whether the orders of an account wait for approval.
    pub struct ApprovalDoc ("`approval`") {
        /// The account.
        account: Spanned<Name>,
        /// Whether they do from now on.
        on: Spanned<YesNo>,
    }
}

document! {
    /// Says when the orders of an account are paid.
    pub struct SettlementDoc ("`settlement`") {
        /// The account.
        account: Spanned<Name>,
        /// When its orders are paid from now on.
        orders: Spanned<SettlementWord>,
    }
}

document! {
    /// Lets a partner freeze its customer, or lift that.
    pub struct PartnerFreezeDoc ("`partner_freeze`") {
        /// The customer.
        account: Spanned<Name>,
        /// Whether it is frozen from now on.
        on: Spanned<YesNo>,
    }
}

document! {
    /// Ends a subscription early.
    pub struct UnsubscribeDoc ("`unsubscribe`") {
        /// The phone.
        phone: Option<Spanned<Name>>,
        /// Several phones.
        phones: Option<Spanned<Vec<Spanned<Name>>>>,
        /// What is given back; without it, the phone and its renewals.
        what: Option<Spanned<UnsubscribeWhat>>,
        /// With `renewals_only`: the expiry day that remains; without it, that of the running period.
        keep_until: Option<Spanned<Day>>,
        /// Who asks; without it, the phone's own account.
        account: Option<Spanned<Name>>,
    }
    ExactlyOne ["phone", "phones"];
    Needs ["keep_until", "what"];
}

document! {
    /// Changes the size of a subscribed phone for the rest of its term.
    pub struct ChangeSizeDoc ("`change_size`") {
        /// The phone.
        phone: Spanned<Name>,
        /// The new size, as in the catalogue.
        to: Spanned<Name>,
        /// Who asks; without it, the phone's own account.
        account: Option<Spanned<Name>>,
    }
}

document! {
    /// The account manager answers the review of a large unsubscription.
    pub struct ReviewDoc ("`review`") {
        /// One of its phones.
        phone: Spanned<Name>,
        /// The answer.
        answer: Spanned<ReviewWord>,
        /// Who asks; without it, the phone's own account.
        account: Option<Spanned<Name>>,
    }
}

document! {
    /// The service notes how a phone was had.
    pub struct MarkDoc ("`mark`") {
        /// The phone.
        phone: Spanned<Name>,
        /// How.
        r#as: Spanned<MarkWord>,
        /// Who asks; without it, the phone's own account.
        account: Option<Spanned<Name>>,
    }
}

document! {
    /// The service finds that an account misuses the five-day right, which voids it.
    pub struct VoidDoc ("`void_five_day_right`") {
        /// The account.
        account: Spanned<Name>,
    }
}

document! {
    /// Switches a phone on or off.
    pub struct PowerDoc ("`power`") {
        /// The phone.
        phone: Spanned<Name>,
        /// To what.
        to: Spanned<OnOff>,
        /// Who asks; without it, the phone's own account.
        account: Option<Spanned<Name>>,
    }
}

document! {
    /// Lets the provisioning of phones of one order fail; the rest of it goes on.
    pub struct FailDoc ("`fail_provisioning`") {
        /// The phone.
        phone: Option<Spanned<Name>>,
        /// Several phones of one order.
        phones: Option<Spanned<Vec<Spanned<Name>>>>,
        /// Who asks; without it, the phone's own account.
        account: Option<Spanned<Name>>,
    }
    ExactlyOne ["phone", "phones"];
}

document! {
    /// Pays money into an account.
    pub struct TopUpDoc ("`top_up`") {
        /// The account.
        account: Spanned<Name>,
        /// How much.
        amount: Spanned<AmountText>,
    }
}

document! {
    /// Takes cash out of an account.
    pub struct WithdrawDoc ("`withdraw`") {
        /// The account.
        account: Spanned<Name>,
        /// How much.
        amount: Spanned<AmountText>,
    }
}

document! {
    /// Sets discounts of list prices; what is not named is none.
    pub struct DiscountDoc ("`discount`") {
        /// The account.
        account: Spanned<Name>,
        /// With the service, in percent off.
        commercial: Option<Spanned<Percent>>,
        /// With a partner, in percent off.
        partner: Option<Spanned<Percent>>,
    }
}

document! {
    /// Asks for a warning of a low balance, or for none any more.
    pub struct AlertDoc ("`balance_alert`") {
        /// The account.
        account: Spanned<Name>,
        /// At which amount; without it, there is no warning any more.
        at: Option<Spanned<AmountText>>,
    }
}

words! {
    /// What an unsubscription gives back.
    pub enum UnsubscribeWhat ("`phone_and_renewals` or `renewals_only`") {
        /// The phone and every renewal of it.
        PhoneAndRenewals = "phone_and_renewals",
        /// Only the renewals that have not begun.
        RenewalsOnly = "renewals_only",
    }
}

words! {
    /// What the account manager says.
    pub enum ReviewWord ("`approve` or `refuse`") {
        /// It may go.
        Approve = "approve",
        /// It may not.
        Refuse = "refuse",
    }
}

words! {
    /// How a phone was had, where that bears on its return.
    pub enum MarkWord ("how a phone was had") {
        /// For nothing.
        Free = "free",
        /// On trial.
        Trial = "trial",
        /// As a one-off product.
        OneOff = "one_off",
        /// With an invoice of a marketplace or partner.
        Invoiced = "invoiced",
        /// Under a standard contract.
        StandardContract = "standard_contract",
        /// In a special promotion.
        SpecialPromotion = "special_promotion",
        /// In a promotion that excludes the five-day right.
        NoFiveDayRight = "no_five_day_right",
        /// Renewed in a promotion.
        PromotionalRenewal = "promotional_renewal",
        /// Paid by a partner.
        PaidByPartner = "paid_by_partner",
    }
}

words! {
    /// On or off.
    pub enum OnOff ("`on` or `off`") {
        /// On.
        On = "on",
        /// Off.
        Off = "off",
    }
}
