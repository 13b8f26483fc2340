//! Verbs about giving subscriptions back, and changing them.

use super::commands::placed;
use super::{Lowering, Placed};
use crate::diagnostic::{Code, Diagnostic};
use crate::grammar::{
    ChangeSizeDoc, MarkDoc, MarkWord, ReviewDoc, ReviewWord, UnsubscribeDoc,
    UnsubscribeWhat as WhatWord, VoidDoc,
};
use koosim_model::command::{Op, ReviewAnswer, UnsubscribeWhat};
use koosim_model::state::Mark;
use koosim_model::term::Expiry;

impl<'d> Lowering<'d, '_> {
    /// One command for the phones of each account, in the order in which they are named.
    pub(super) fn unsubscribe(&mut self, doc: &'d UnsubscribeDoc) -> Vec<Placed> {
        let Some(what) = self.what(doc) else { return vec![] };
        let calls = self.calls(&doc.phone, &doc.phones, &doc.account);
        let placed =
            |(account, phones, span)| placed(&account, Op::Unsubscribe { phones, what }, span);
        calls.into_iter().map(placed).collect()
    }

    fn what(&mut self, doc: &UnsubscribeDoc) -> Option<UnsubscribeWhat> {
        let word = doc.what.map(|what| what.value);
        match (word, &doc.keep_until) {
            (Some(WhatWord::RenewalsOnly), Some(day)) => {
                Some(UnsubscribeWhat::RenewalsAfter(Expiry::on(day.get())))
            }
            (Some(WhatWord::RenewalsOnly), None) => Some(UnsubscribeWhat::RenewalsOnly),
            (_, Some(day)) => {
                let message = "`keep_until` goes with `renewals_only`";
                let error = Diagnostic::error(Code::BadValue, day.span, message, "of no use here");
                self.out.push(error.help("write `what: renewals_only`, or leave it out"));
                None
            }
            (_, None) => Some(UnsubscribeWhat::PhoneAndRenewals),
        }
    }

    pub(super) fn change_size(&mut self, doc: &ChangeSizeDoc) -> Option<Placed> {
        let found = self.phone(&doc.phone, &doc.account);
        let to = self.size(&doc.to)?;
        let (account, phone) = found?;
        Some(placed(&account, Op::ChangeSize { phone, to }, doc.head))
    }

    pub(super) fn review(&mut self, doc: &ReviewDoc) -> Option<Placed> {
        let answer = match doc.answer.value {
            ReviewWord::Approve => ReviewAnswer::Approve,
            ReviewWord::Refuse => ReviewAnswer::Refuse,
        };
        let (account, phone) = self.phone(&doc.phone, &doc.account)?;
        Some(placed(&account, Op::AnswerReview { phone, answer }, doc.head))
    }

    pub(super) fn mark(&mut self, doc: &MarkDoc) -> Option<Placed> {
        let (account, phone) = self.phone(&doc.phone, &doc.account)?;
        let mark = mark(doc.r#as.value);
        Some(placed(&account, Op::MarkPhone { phone, mark }, doc.head))
    }

    pub(super) fn void(&mut self, doc: &VoidDoc) -> Option<Placed> {
        let account = self.account(&doc.account)?;
        Some(placed(&account, Op::VoidFiveDayRight {}, doc.head))
    }
}

fn mark(word: MarkWord) -> Mark {
    match word {
        MarkWord::Free => Mark::Free,
        MarkWord::Trial => Mark::Trial,
        MarkWord::OneOff => Mark::OneOff,
        MarkWord::Invoiced => Mark::Invoiced,
        MarkWord::StandardContract => Mark::StandardContract,
        MarkWord::SpecialPromotion => Mark::SpecialPromotion,
        MarkWord::NoFiveDayRight => Mark::NoFiveDayRight,
        MarkWord::PromotionalRenewal => Mark::PromotionalRenewal,
        MarkWord::PaidByPartner => Mark::PaidByPartner,
    }
}
