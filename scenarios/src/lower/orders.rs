//! Orders: what is ordered, and which order a step means. The service numbers the orders of an account
//! as they are placed; which one is open for a phone, only the run can tell.

use super::commands::placed;
use super::device::{addressed, numbered};
use super::{Lowering, Placed};
use crate::diagnostic::{Code, Diagnostic, quoted};
use crate::grammar::{
    ApprovalDoc, BuyDoc, BuyTogetherDoc, FailDoc, ItemDoc, NetworkWord, OfferDoc, PayDoc,
    SystemWord, UnpaidOrderDoc, Via,
};
use crate::read::{Name, Term, YesNo};
use crate::span::{Span, Spanned};
use koosim_model::command::{BuyItem, Op, OrderRef};
use koosim_model::name::{AccountId, OrderId, PhoneId};
use koosim_model::state::{AutoRenewal, Network, Setup, System};

/// One line of a purchase as the file says it.
struct Line<'d> {
    phone: &'d Option<Spanned<Name>>,
    phones: &'d Option<Spanned<Vec<Spanned<Name>>>>,
    size: &'d Spanned<Name>,
    term: Spanned<Term>,
    auto_renew: Option<Spanned<YesNo>>,
}

impl<'d> Lowering<'d, '_> {
    pub(super) fn buy(&mut self, doc: &'d BuyDoc) -> Option<Placed> {
        let BuyDoc { phone, phones, size, term, auto_renew, .. } = doc;
        let item = self.line(&Line { phone, phones, size, term: *term, auto_renew: *auto_renew });
        let pay = self.pay_by(doc.via, doc.pay, doc.coupons.is_some());
        let payment = self.payment(doc.account.as_str(), pay, &doc.coupons);
        let account = self.account(&doc.account)?;
        let BuyItem { mut phones, size, term, auto_renewal } = item?;
        if let (Some(count), Some(prefix)) = (&doc.count, &doc.prefix) {
            let names = numbered(prefix.as_str(), count.get());
            phones.extend(names.filter_map(|name| PhoneId::new(&name).ok()));
        }
        let setup = setup(doc.system, doc.network);
        let op = Op::Buy { phones, size, term, setup, auto_renewal, payment: payment? };
        let buy = placed(&account, op, doc.head);
        Some(addressed(buy, &doc.region, &doc.zone, doc.via))
    }

    /// Whether to pay, as the step says it, or as the way in has it: a call of the interface that names
    /// no coupons leaves orders unpaid unless the rulebook says otherwise (P1.9).
    pub(super) fn pay_by(
        &self,
        via: Option<Spanned<Via>>,
        pay: Option<Spanned<YesNo>>,
        coupons: bool,
    ) -> Option<Spanned<YesNo>> {
        let unsaid = !coupons && !self.calls_pay;
        let by_api = via.filter(|via| unsaid && via.value == Via::Api);
        pay.or(by_api.map(|via| Spanned::new(YesNo(false), via.span)))
    }

    pub(super) fn buy_together(&mut self, doc: &'d BuyTogetherDoc) -> Option<Placed> {
        let items: Vec<_> = doc.items.value.iter().map(|item| self.item(item)).collect();
        let payment = self.payment(doc.account.as_str(), doc.pay, &doc.coupons);
        let account = self.account(&doc.account)?;
        let items = items.into_iter().collect::<Option<_>>()?;
        let combination = doc.combination.is_some_and(|yes| yes.value.0);
        let op = Op::BuyTogether { items, combination, payment: payment? };
        Some(placed(&account, op, doc.head))
    }

    pub(super) fn offer(&mut self, doc: &'d OfferDoc) -> Option<Placed> {
        let OfferDoc { phone, phones, size, term, auto_renew, .. } = doc;
        let item = self.line(&Line { phone, phones, size, term: *term, auto_renew: *auto_renew });
        let account = self.account(&doc.account)?;
        Some(placed(&account, Op::Offer { item: item? }, doc.head))
    }

    fn item(&mut self, doc: &'d ItemDoc) -> Option<BuyItem> {
        let ItemDoc { phone, phones, size, term, auto_renew, .. } = doc;
        self.line(&Line { phone, phones, size, term: *term, auto_renew: *auto_renew })
    }

    fn line(&mut self, line: &Line<'_>) -> Option<BuyItem> {
        let names = line.phones.iter().flat_map(|phones| &phones.value);
        let names = line.phone.iter().chain(names);
        let phones = names.filter_map(|name| PhoneId::new(name.as_str()).ok()).collect();
        let renews = line.auto_renew.is_some_and(|yes| yes.value.0);
        let auto_renewal = renews.then_some(AutoRenewal { every: None, times_left: None });
        let size = self.size(line.size)?;
        Some(BuyItem { phones, size, term: line.term.get(), auto_renewal })
    }

    pub(super) fn pay(&mut self, doc: &'d PayDoc) -> Option<Placed> {
        let (account, orders) = match &doc.orders {
            None => {
                let (account, order) =
                    self.order(&doc.order, &doc.r#for, &doc.account, doc.head)?;
                (account, vec![order])
            }
            Some(several) => {
                let account = self.account_or_only(&doc.account, doc.head);
                let orders: Vec<_> = several.iter().map(|order| self.number(order)).collect();
                let orders = orders.into_iter().map(|order| order.map(OrderRef::Named));
                (account?, orders.collect::<Option<_>>()?)
            }
        };
        let coupons = self.coupons(account.as_str(), &doc.coupons)?;
        Some(placed(&account, Op::PayOrder { orders, coupons }, doc.head))
    }

    pub(super) fn approval(&mut self, doc: &ApprovalDoc) -> Option<Placed> {
        let account = self.account(&doc.account)?;
        Some(placed(&account, Op::SetApproval { needed: doc.on.value.0 }, doc.head))
    }

    /// A command about one order that is not paid.
    pub(super) fn unpaid(
        &mut self,
        doc: &'d UnpaidOrderDoc,
        op: impl FnOnce(OrderRef) -> Op,
    ) -> Option<Placed> {
        let (account, order) = self.order(&doc.order, &doc.r#for, &doc.account, doc.head)?;
        Some(placed(&account, op(order), doc.head))
    }

    pub(super) fn fail_provisioning(&mut self, doc: &'d FailDoc) -> Option<Placed> {
        let names = doc.phones.iter().flat_map(|phones| &phones.value);
        let names: Vec<_> = doc.phone.iter().chain(names).collect();
        let found: Vec<_> = names.iter().map(|name| self.phone(name, &doc.account)).collect();
        let found = found.into_iter().collect::<Option<Vec<_>>>()?;
        let Some((account, first)) = found.first().cloned() else {
            let message = "no phone is named";
            self.out.push(Diagnostic::error(Code::BadValue, doc.head, message, "of which phone?"));
            return None;
        };
        let phones = found.into_iter().map(|(_, phone)| phone).collect();
        let op = Op::FailProvisioning { order: OrderRef::LastOf(first), phones };
        Some(placed(&account, op, doc.head))
    }

    /// The order that is named by its number, or the open one of a phone.
    fn order(
        &mut self,
        order: &Option<Spanned<Name>>,
        phone: &Option<Spanned<Name>>,
        account: &Option<Spanned<Name>>,
        head: Span,
    ) -> Option<(AccountId, OrderRef)> {
        match (order, phone) {
            (Some(order), _) => {
                let account = self.account_or_only(account, head)?;
                self.number(order).map(|order| (account, OrderRef::Named(order)))
            }
            (None, Some(phone)) => {
                let (account, phone) = self.phone(phone, account)?;
                Some((account, OrderRef::LastOf(phone)))
            }
            (None, None) => None,
        }
    }

    /// An order by the number that the service gives it.
    pub(super) fn number(&mut self, order: &Spanned<Name>) -> Option<OrderId> {
        let digits = order.as_str().strip_prefix('o').unwrap_or_default();
        let number = digits.parse::<u32>().ok().filter(|n| *n > 0);
        let id = number.map(OrderId::nth).filter(|id| id.as_str() == order.as_str());
        if id.is_none() {
            let message = format!("{} is not the number of an order", quoted(order.as_str()));
            let help = "the orders of an account are `o1`, `o2` and so on, as they are placed";
            let label = "not the number of an order";
            self.out.push(Diagnostic::error(Code::BadName, order.span, message, label).help(help));
        }
        id
    }
}

fn setup(
    system: Option<Spanned<SystemWord>>,
    network: Option<Spanned<NetworkWord>>,
) -> Option<Setup> {
    let setup = Setup {
        system: system.map(|word| match word.value {
            SystemWord::Aosp11 => System::Aosp11,
            SystemWord::Aosp14 => System::Aosp14,
        }),
        network: network.map(|word| match word.value {
            NetworkWord::Eip => Network::Eip,
            NetworkWord::Adn => Network::Adn,
        }),
    };
    Some(setup).filter(|setup| *setup != Setup::default())
}
