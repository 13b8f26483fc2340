//! Verbs to commands. One verb gives one command, or one for each of several phones.

use super::coupons::CouponWords;
use super::{Lowering, Placed, device};
use crate::diagnostic::{Code, Diagnostic, quoted};
use crate::grammar::{
    AccountDoc, AtExpiryDoc, AutoRenewDoc, DeductionDayDoc, GrantDoc, OnOff, PartnerFreezeDoc,
    PolicyWord, RenewDoc, RenewalPolicyWord, ScenarioDoc, SubscribeDoc, Tier as TierWord,
    ToOnDemandDoc, UnifiedDayDoc, VerbDoc,
};
use crate::read::{AmountText, Name, YesNo};
use crate::span::{Span, Spanned};
use koosim_model::command::{Command, Envelope, Op, RenewTo, RenewalPolicy, Tier};
use koosim_model::money::{Amount, Fraction};
use koosim_model::name::{AccountId, CouponId, PhoneId};
use koosim_model::state::{AtExpiry, AutoRenewal, Power};

impl<'d> Lowering<'d, '_> {
    /// The commands that bring the accounts of the file into being, in the order of their names.
    pub(super) fn setup(&mut self, document: &'d ScenarioDoc) -> Vec<Placed> {
        let entries = document.accounts.good().into_iter().flat_map(|a| &a.entries);
        let mut sorted: Vec<_> =
            entries.filter_map(|(name, account)| Some((name, account.good()?))).collect();
        sorted.sort_by(|(a, _), (b, _)| a.value.cmp(&b.value));
        let mut commands = vec![];
        for (name, account) in sorted {
            self.open(name, account, &mut commands);
        }
        commands
    }

    fn open(&mut self, name: &Spanned<Name>, account: &'d AccountDoc, commands: &mut Vec<Placed>) {
        let (Ok(id), Some(currency)) = (AccountId::new(name.as_str()), self.currency) else {
            return;
        };
        let credit = account.credit.as_ref().and_then(|amount| self.amount(amount));
        let open = Op::OpenAccount {
            tier: account.tier.map_or(Tier::V0, |word| tier(word.value)),
            credit_limit: credit.unwrap_or(Amount::zero(currency)),
            discount: account.discount.map_or(Fraction::ZERO, |percent| percent.fraction()),
        };
        commands.push(placed(&id, open, name.span));
        if let Some(word) = account.verified {
            let op = Op::SetVerification { to: device::verification(word.value) };
            commands.push(placed(&id, op, word.span));
        }
        if let Some(text) = account.balance.as_ref().filter(|text| !text.is_zero())
            && let Some(amount) = self.amount(text)
        {
            commands.push(placed(&id, Op::TopUp { amount }, text.span));
        }
        self.money_of(&id, account, commands);
        if let Some(approval) = account.approval.filter(|yes| yes.value.0) {
            commands.push(placed(&id, Op::SetApproval { needed: true }, approval.span));
        }
        if let Some(days) = account.deduction_day {
            let op = Op::SetDeductionDay { days: small(days.get()) };
            commands.push(placed(&id, op, days.span));
        }
        self.identities_of(&id, account, commands);
        let mut coupons: Vec<_> =
            account.coupons.iter().flat_map(|coupons| &coupons.entries).collect();
        coupons.sort_by(|(a, _), (b, _)| a.value.cmp(&b.value));
        for (coupon, doc) in coupons {
            let words = CouponWords::of(doc);
            let terms = self.terms(&words);
            if let (Ok(coupon_id), Some(terms)) = (CouponId::new(coupon.as_str()), terms) {
                let op = Op::GrantCoupon { coupon: coupon_id, terms };
                commands.push(placed(&id, op, coupon.span));
            }
        }
    }

    /// The commands of a verb; none for an expectation or if a diagnostic says why.
    pub(super) fn command(&mut self, verb: &'d VerbDoc) -> Vec<Placed> {
        let one = match verb {
            VerbDoc::Renew(doc) => return self.renew(doc),
            VerbDoc::Unsubscribe(doc) => return self.unsubscribe(doc),
            VerbDoc::Buy(doc) => self.buy(doc),
            VerbDoc::BuyTogether(doc) => self.buy_together(doc),
            VerbDoc::Offer(doc) => self.offer(doc),
            VerbDoc::Create(doc) => {
                let (account, size) = (self.account(&doc.account), self.size(&doc.size));
                let phone = PhoneId::new(doc.phone.as_str()).ok();
                account.zip(size).zip(phone).map(|((account, size), phone)| {
                    let command = placed(&account, Op::CreateOnDemand { phone, size }, doc.head);
                    device::addressed(command, &doc.region, &doc.zone, doc.via)
                })
            }
            VerbDoc::Delete(doc) => self.phone(&doc.phone, &doc.account).map(|(account, phone)| {
                let command = placed(&account, Op::Delete { phone }, doc.head);
                device::addressed(command, &None, &None, doc.via)
            }),
            VerbDoc::ChangeSize(doc) => self.change_size(doc),
            VerbDoc::Review(doc) => self.review(doc),
            VerbDoc::Mark(doc) => self.mark(doc),
            VerbDoc::VoidFiveDayRight(doc) => self.void(doc),
            VerbDoc::ConfirmOrder(doc) => self.unpaid(doc, |order| Op::ConfirmOrder { order }),
            VerbDoc::Approval(doc) => self.approval(doc),
            VerbDoc::ApproveOrder(doc) => self.unpaid(doc, |order| Op::ApproveOrder { order }),
            VerbDoc::RefuseOrder(doc) => self.unpaid(doc, |order| Op::RefuseOrder { order }),
            VerbDoc::Pay(doc) => self.pay(doc),
            VerbDoc::CancelOrder(doc) => self.unpaid(doc, |order| Op::CancelOrder { order }),
            VerbDoc::AutoRenew(doc) => self.auto_renew(doc),
            VerbDoc::DeductionDay(doc) => self.deduction_day(doc),
            VerbDoc::UnifiedDay(doc) => self.unified_day(doc),
            VerbDoc::AtExpiry(doc) => return self.at_expiry(doc),
            VerbDoc::ToOnDemand(doc) => return self.move_to_on_demand(doc),
            VerbDoc::Subscribe(doc) => self.subscribe(doc),
            VerbDoc::PartnerFreeze(doc) => self.partner_freeze(doc),
            VerbDoc::Power(doc) => self.phone(&doc.phone, &doc.account).map(|(account, phone)| {
                let to = power(doc.to.value);
                placed(&account, Op::SetPower { phone, to }, doc.head)
            }),
            VerbDoc::Restart(_)
            | VerbDoc::Reset(_)
            | VerbDoc::BackUp(_)
            | VerbDoc::Restore(_)
            | VerbDoc::FailOperation(_)
            | VerbDoc::Bind(_)
            | VerbDoc::Unbind(_)
            | VerbDoc::Move(_)
            | VerbDoc::Connect(_)
            | VerbDoc::Release(_)
            | VerbDoc::Freeze(_)
            | VerbDoc::Unfreeze(_)
            | VerbDoc::Verify(_)
            | VerbDoc::Promotion(_) => self.device_command(verb),
            VerbDoc::FailProvisioning(doc) => self.fail_provisioning(doc),
            VerbDoc::TopUp(doc) => {
                self.moves(&doc.account, &doc.amount, doc.head, |amount| Op::TopUp { amount })
            }
            VerbDoc::Transfer(doc) => {
                self.moves(&doc.account, &doc.amount, doc.head, |amount| Op::Transfer { amount })
            }
            VerbDoc::Withdraw(doc) => {
                self.moves(&doc.account, &doc.amount, doc.head, |amount| Op::Withdraw { amount })
            }
            VerbDoc::Discount(doc) => self.discount(doc),
            VerbDoc::Settlement(doc) => self.settlement(doc),
            VerbDoc::BalanceAlert(doc) => self.balance_alert(doc),
            VerbDoc::Grant(doc) => self.grant(doc),
            // Those of identities and members are told with their step.
            _ => None,
        };
        one.into_iter().collect()
    }

    /// One command for the phones of each account.
    fn renew(&mut self, doc: &'d RenewDoc) -> Vec<Placed> {
        let to = if doc.to.is_some() { RenewTo::UnifiedDay } else { RenewTo::Term };
        let term = doc.term.get();
        let policy = doc.at_expiry.map(|word| renewal_policy(word.value));
        let pay = self.pay_by(doc.via, doc.pay, doc.coupons.is_some());
        let mut commands = vec![];
        for (account, phones, span) in self.calls(&doc.phone, &doc.phones, &doc.account) {
            if let Some(payment) = self.payment(account.as_str(), pay, &doc.coupons) {
                let command =
                    placed(&account, Op::Renew { phones, term, to, policy, payment }, span);
                commands.push(device::addressed(command, &None, &None, doc.via));
            }
        }
        commands
    }

    fn at_expiry(&mut self, doc: &'d AtExpiryDoc) -> Vec<Placed> {
        let policy = match doc.r#do.value {
            PolicyWord::Grace => AtExpiry::Grace,
            PolicyWord::ToOnDemand => AtExpiry::ToOnDemand,
            PolicyWord::Delete => AtExpiry::Delete,
            PolicyWord::Freeze => AtExpiry::Freeze,
            PolicyWord::DeleteFromRetention => AtExpiry::DeleteFromRetention,
        };
        let calls = self.calls(&doc.phone, &doc.phones, &doc.account).into_iter();
        calls
            .map(|(account, phones, span)| {
                placed(&account, Op::SetAtExpiry { phones, policy }, span)
            })
            .collect()
    }

    fn move_to_on_demand(&mut self, doc: &'d ToOnDemandDoc) -> Vec<Placed> {
        let calls = self.calls(&doc.phone, &doc.phones, &doc.account).into_iter();
        calls
            .map(|(account, phones, span)| placed(&account, Op::ToOnDemand { phones }, span))
            .collect()
    }

    fn subscribe(&mut self, doc: &'d SubscribeDoc) -> Option<Placed> {
        let (account, phone) = self.phone(&doc.phone, &doc.account)?;
        let payment = self.payment(account.as_str(), doc.pay, &doc.coupons)?;
        Some(placed(&account, Op::Subscribe { phone, term: doc.term.get(), payment }, doc.head))
    }

    fn auto_renew(&mut self, doc: &'d AutoRenewDoc) -> Option<Placed> {
        let (account, phone) = self.phone(&doc.phone, &doc.account)?;
        let extra = doc.every.map(|e| e.span).or(doc.times.map(|t| t.span));
        if let (false, Some(extra)) = (doc.on.value.0, extra) {
            let message = "`every` and `times` go with auto-renewal that is on";
            self.out.push(
                Diagnostic::error(Code::BadValue, extra, message, "of no use")
                    .and(doc.on.span, "off")
                    .help("remove it, or write `on: true`"),
            );
            return None;
        }
        let setting = doc.on.value.0.then(|| AutoRenewal {
            every: doc.every.map(|every| every.get()),
            times_left: doc.times.map(|times| small(times.get())),
        });
        Some(placed(&account, Op::SetAutoRenewal { phone, setting }, doc.head))
    }

    fn partner_freeze(&mut self, doc: &'d PartnerFreezeDoc) -> Option<Placed> {
        let account = self.account(&doc.account)?;
        Some(placed(&account, Op::SetPartnerFreeze { frozen: doc.on.value.0 }, doc.head))
    }

    fn unified_day(&mut self, doc: &'d UnifiedDayDoc) -> Option<Placed> {
        let account = self.account(&doc.account)?;
        Some(placed(&account, Op::SetUnifiedDay { day: doc.day.value.get() }, doc.head))
    }

    fn deduction_day(&mut self, doc: &'d DeductionDayDoc) -> Option<Placed> {
        let account = self.account(&doc.account)?;
        Some(placed(&account, Op::SetDeductionDay { days: small(doc.days.get()) }, doc.head))
    }

    /// Money in or out of an account.
    fn moves(
        &mut self,
        account: &Spanned<Name>,
        amount: &Spanned<AmountText>,
        head: Span,
        op: impl FnOnce(Amount) -> Op,
    ) -> Option<Placed> {
        let (account, amount) = (self.account(account), self.amount(amount));
        let (account, amount) = account.zip(amount)?;
        Some(placed(&account, op(amount), head))
    }

    fn grant(&mut self, doc: &'d GrantDoc) -> Option<Placed> {
        let words = CouponWords::granted(doc);
        let (account, terms) = (self.account(&doc.account), self.terms(&words));
        let coupon = CouponId::new(doc.coupon.as_str()).ok()?;
        let (account, terms) = account.zip(terms)?;
        Some(placed(&account, Op::GrantCoupon { coupon, terms }, doc.head))
    }

    /// With which coupons an order is paid at once, or nothing if it is not.
    pub(super) fn payment(
        &mut self,
        account: &str,
        pay: Option<Spanned<YesNo>>,
        coupons: &'d Option<Spanned<Vec<Spanned<Name>>>>,
    ) -> Option<Option<Vec<CouponId>>> {
        let ids = self.coupons(account, coupons);
        match (pay.filter(|pay| !pay.value.0), coupons) {
            (Some(pay), Some(coupons)) => {
                let message = "coupons are named when the order is paid";
                self.out.push(
                    Diagnostic::error(Code::BadValue, coupons.span, message, "of no use here")
                        .and(pay.span, "not paid at once")
                        .help("move them to the `pay` of this order"),
                );
                None
            }
            (Some(_), None) => Some(None),
            (None, _) => ids.map(Some),
        }
    }

    pub(super) fn coupons(
        &mut self,
        account: &str,
        names: &'d Option<Spanned<Vec<Spanned<Name>>>>,
    ) -> Option<Vec<CouponId>> {
        let names = names.iter().flat_map(|names| &names.value);
        let ids: Vec<_> = names.map(|name| self.coupon(account, name)).collect();
        ids.into_iter().collect()
    }

    /// An amount of something that is not negative.
    pub(super) fn amount(&mut self, text: &Spanned<AmountText>) -> Option<Amount> {
        if text.is_negative() {
            let message = format!("{} is below 0", quoted(&text.to_string()));
            self.out.push(Diagnostic::error(Code::BadValue, text.span, message, "negative"));
            return None;
        }
        self.currency.map(|currency| text.in_currency(currency))
    }
}

pub(super) fn placed(account: &AccountId, op: Op, span: Span) -> Placed {
    (Command { envelope: Envelope::scenario(account.clone()), op }, span)
}

/// A number that its reader has bounded far below the limit of the type.
fn small(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn renewal_policy(word: RenewalPolicyWord) -> RenewalPolicy {
    match word {
        RenewalPolicyWord::Grace => RenewalPolicy::Grace,
        RenewalPolicyWord::ToOnDemand => RenewalPolicy::ToOnDemand,
        RenewalPolicyWord::Delete => RenewalPolicy::Delete,
        RenewalPolicyWord::AutoRenew => RenewalPolicy::AutoRenew,
    }
}

fn tier(word: TierWord) -> Tier {
    match word {
        TierWord::V0 => Tier::V0,
        TierWord::V1 => Tier::V1,
        TierWord::V2 => Tier::V2,
        TierWord::V3 => Tier::V3,
        TierWord::V4 => Tier::V4,
        TierWord::V5 => Tier::V5,
    }
}

fn power(word: OnOff) -> Power {
    match word {
        OnOff::On => Power::On,
        OnOff::Off => Power::Off,
    }
}
