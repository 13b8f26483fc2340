//! Coupons, discounts and what else surrounds the balance of an account.

use super::commands::placed;
use super::{Lowering, Placed};
use crate::diagnostic::{Code, Diagnostic};
use crate::grammar::{
    AccountDoc, AlertDoc, ChargingWord, CouponDoc, CouponKind, DiscountDoc, GrantDoc, OrderWord,
    SettlementDoc, SettlementWord,
};
use crate::read::{AmountText, Moment, Name, Percent, YesNo};
use crate::span::{Span, Spanned};
use koosim_model::command::Op;
use koosim_model::money::Fraction;
use koosim_model::name::{AccountId, RegionId};
use koosim_model::state::{CouponLimits, CouponTerms, CouponWorth, OrderKind, Settlement};
use koosim_model::time::{BillingDay, SimTime};
use koosim_model::view::ChargingMode;

/// The last day of a coupon that has no end.
const LAST_DAY: (i32, u32, u32) = (2200, 12, 31);

/// The end of a coupon that has none.
pub(crate) fn for_ever() -> SimTime {
    let (year, month, day) = LAST_DAY;
    BillingDay::new(year, month, day).map_or(SimTime::EPOCH, BillingDay::end)
}

/// What a coupon is worth, when and for what, as the file says it.
pub(super) struct CouponWords<'d> {
    kind: &'d Spanned<CouponKind>,
    amount: &'d Option<Spanned<AmountText>>,
    percent: &'d Option<Spanned<Percent>>,
    valid_from: &'d Option<Spanned<Moment>>,
    expires: &'d Option<Spanned<Moment>>,
    sizes: &'d Option<Spanned<Vec<Spanned<Name>>>>,
    regions: &'d Option<Spanned<Vec<Spanned<Name>>>>,
    orders: &'d Option<Spanned<Vec<Spanned<OrderWord>>>>,
    charging: Option<Spanned<ChargingWord>>,
    minimum: &'d Option<Spanned<AmountText>>,
    excludes_discounts: Option<Spanned<YesNo>>,
}

macro_rules! coupon_words {
    ($doc:expr) => {
        CouponWords {
            kind: &$doc.kind,
            amount: &$doc.amount,
            percent: &$doc.percent,
            valid_from: &$doc.valid_from,
            expires: &$doc.expires,
            sizes: &$doc.sizes,
            regions: &$doc.regions,
            orders: &$doc.orders,
            charging: $doc.charging,
            minimum: &$doc.minimum,
            excludes_discounts: $doc.excludes_discounts,
        }
    };
}

impl<'d> CouponWords<'d> {
    pub(super) fn of(doc: &'d CouponDoc) -> Self {
        coupon_words!(doc)
    }
    pub(super) fn granted(doc: &'d GrantDoc) -> Self {
        coupon_words!(doc)
    }
}

impl<'d> Lowering<'d, '_> {
    /// What surrounds the balance of an account from the start on.
    pub(super) fn money_of(
        &mut self,
        id: &AccountId,
        account: &'d AccountDoc,
        commands: &mut Vec<Placed>,
    ) {
        if let Some(partner) = account.partner_discount {
            let commercial = account.discount.map_or(Fraction::ZERO, |percent| percent.fraction());
            let op = Op::SetDiscounts { commercial, partner: partner.fraction() };
            commands.push(placed(id, op, partner.span));
        }
        if let Some(word) = account.settlement {
            let op = Op::SetSettlement { settlement: settlement(word.value) };
            commands.push(placed(id, op, word.span));
        }
        if let Some(text) = &account.balance_alert
            && let Some(amount) = self.amount(text)
        {
            commands.push(placed(id, Op::SetAlert { threshold: Some(amount) }, text.span));
        }
    }

    pub(super) fn discount(&mut self, doc: &'d DiscountDoc) -> Option<Placed> {
        let account = self.account(&doc.account)?;
        let part = |percent: Option<Spanned<Percent>>| {
            percent.map_or(Fraction::ZERO, |percent| percent.fraction())
        };
        let (commercial, partner) = (part(doc.commercial), part(doc.partner));
        Some(placed(&account, Op::SetDiscounts { commercial, partner }, doc.head))
    }

    pub(super) fn settlement(&mut self, doc: &SettlementDoc) -> Option<Placed> {
        let account = self.account(&doc.account)?;
        let op = Op::SetSettlement { settlement: settlement(doc.orders.value) };
        Some(placed(&account, op, doc.head))
    }

    pub(super) fn balance_alert(&mut self, doc: &'d AlertDoc) -> Option<Placed> {
        let account = self.account(&doc.account);
        let threshold = match &doc.at {
            Some(text) => Some(self.amount(text)?),
            None => None,
        };
        Some(placed(&account?, Op::SetAlert { threshold }, doc.head))
    }

    pub(super) fn terms(&mut self, words: &CouponWords<'_>) -> Option<CouponTerms> {
        let worth = self.worth(words)?;
        let valid_from = words.valid_from.map_or(self.start?, |moment| moment.from());
        let valid_until = words.expires.map_or_else(for_ever, |moment| moment.until());
        if let (true, Some(expires)) = (valid_until <= valid_from, words.expires) {
            let message = "the coupon expires before it is valid";
            let error = Diagnostic::error(Code::BadValue, expires.span, message, "expires");
            self.out.push(match words.valid_from {
                Some(from) => error.and(from.span, "valid from"),
                None => error.help("without `valid_from` it is valid from the start on"),
            });
            return None;
        }
        let limits = self.limits(words)?;
        Some(CouponTerms { worth, valid_from, valid_until, limits })
    }

    /// What the coupon may pay for; nothing within if a diagnostic says why.
    fn limits(&mut self, words: &CouponWords<'_>) -> Option<Option<Box<CouponLimits>>> {
        let sizes = words.sizes.iter().flat_map(|sizes| &sizes.value);
        let sizes: Vec<_> = sizes.map(|size| self.size(size)).collect();
        let regions = words.regions.iter().flat_map(|regions| &regions.value);
        let orders = words.orders.iter().flat_map(|orders| &orders.value);
        let minimum = match words.minimum {
            Some(text) => Some(self.amount(text)?),
            None => None,
        };
        let limits = CouponLimits {
            sizes: sizes.into_iter().collect::<Option<_>>()?,
            regions: regions.filter_map(|region| RegionId::new(region.as_str()).ok()).collect(),
            orders: orders.map(|word| kind_of(word.value)).collect(),
            charging: words.charging.map(|word| match word.value {
                ChargingWord::Subscribed => ChargingMode::Subscribed,
                ChargingWord::OnDemand => ChargingMode::OnDemand,
            }),
            minimum,
            excludes_discounts: words.excludes_discounts.is_some_and(|yes| yes.value.0),
        };
        Some((limits != CouponLimits::default()).then(|| Box::new(limits)))
    }

    fn worth(&mut self, words: &CouponWords<'_>) -> Option<CouponWorth> {
        let kind = words.kind;
        match (kind.value, words.amount, words.percent) {
            (CouponKind::DiscountCoupon, _, Some(percent)) => {
                Some(CouponWorth::DiscountCoupon(percent.fraction()))
            }
            (CouponKind::Promotion, _, Some(percent)) => {
                Some(CouponWorth::Promotion(percent.fraction()))
            }
            (CouponKind::DiscountCoupon | CouponKind::Promotion, Some(amount), None) => {
                let what = kind.value.as_str().replace('_', " ");
                let message = format!("a {what} takes off a part of the price");
                self.mismatch(amount.span, &message, kind.span, "write `percent`");
                None
            }
            (_, Some(amount), _) => {
                let amount = self.amount(amount)?;
                Some(match kind.value {
                    CouponKind::Voucher => CouponWorth::Voucher(amount),
                    CouponKind::Flexi => CouponWorth::Flexi(amount),
                    CouponKind::Card | CouponKind::DiscountCoupon | CouponKind::Promotion => {
                        CouponWorth::Card(amount)
                    }
                })
            }
            (_, None, Some(percent)) => {
                let message = format!("a {} is worth an amount", kind.value.as_str());
                self.mismatch(percent.span, &message, kind.span, "write `amount`");
                None
            }
            // The reader has said that one of the two is needed.
            (_, None, None) => None,
        }
    }

    fn mismatch(&mut self, span: Span, message: &str, kind: Span, help: &str) {
        let error = Diagnostic::error(Code::BadValue, span, message, "does not fit the kind");
        self.out.push(error.and(kind, "the kind").help(help));
    }
}

fn settlement(word: SettlementWord) -> Settlement {
    match word {
        SettlementWord::AtOnce => Settlement::AtOnce,
        SettlementWord::Monthly => Settlement::Monthly,
    }
}

fn kind_of(word: OrderWord) -> OrderKind {
    match word {
        OrderWord::New => OrderKind::New,
        OrderWord::Renew => OrderKind::Renew,
        OrderWord::AutoRenew => OrderKind::AutoRenew,
    }
}
