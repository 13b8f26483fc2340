//! The names that a file declares, and the nearest of them to one that it does not.

use super::Lowering;
use super::book::{Priced, sizes};
use super::device::numbered;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, list_names, nearest, quoted};
use crate::grammar::{ScenarioDoc, VerbDoc};
use crate::read::{Lenient, Name};
use crate::span::{Span, Spanned};
use koosim_model::name::{AccountId, CouponId, PhoneId, SizeId};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Everything that a file declares, wherever in it.
#[derive(Default)]
pub(super) struct Names<'d> {
    accounts: BTreeSet<&'d str>,
    /// Whose each phone is, and where that is said first.
    phones: BTreeMap<Cow<'d, str>, (&'d str, Span)>,
    coupons: BTreeSet<(&'d str, &'d str)>,
    /// Users by their accounts.
    users: BTreeSet<(&'d str, &'d str)>,
    members: BTreeSet<&'d str>,
    /// Nothing if the catalogue is broken.
    sizes: Option<Vec<String>>,
    /// Words of broken parts: they may be declarations.
    suspects: BTreeSet<&'d str>,
    /// Whether a broken part may declare whatever it likes.
    blind: bool,
}

impl<'d> Names<'d> {
    /// Gathers the declarations of a file.
    pub(super) fn gather(
        document: &'d ScenarioDoc,
        priced: Option<&Priced>,
        out: &mut Diagnostics,
    ) -> Self {
        let mut names = Self { sizes: sizes(document, priced), ..Self::default() };
        names.suspects.extend(document.accounts.words().chain(document.steps.words()));
        names.blind = document.accounts.good().is_none() || document.steps.good().is_none();
        for (name, account) in document.accounts.good().into_iter().flat_map(|a| &a.entries) {
            names.accounts.insert(name.as_str());
            names.suspects.extend(account.words());
            let users = account.good().and_then(|a| a.users.as_ref());
            for (user, _) in users.into_iter().flat_map(|u| &u.entries) {
                names.users.insert((name.as_str(), user.as_str()));
            }
            let coupons = account.good().and_then(|a| a.coupons.as_ref());
            for (coupon, _) in coupons.into_iter().flat_map(|c| &c.entries) {
                names.coupons.insert((name.as_str(), coupon.as_str()));
            }
        }
        for step in document.steps.good().into_iter().flatten() {
            names.suspects.extend(step.words());
            if let Lenient::Good(step) = step {
                names.declare(&step.verb, out);
            }
        }
        names
    }

    fn declare(&mut self, verb: &'d VerbDoc, out: &mut Diagnostics) {
        match verb {
            VerbDoc::Buy(buy) => {
                let several = buy.phones.iter().flat_map(|phones| &phones.value);
                let owner = buy.account.as_str();
                for phone in buy.phone.iter().chain(several) {
                    self.phone(Cow::Borrowed(phone.as_str()), phone.span, owner, out);
                }
                if let (Some(prefix), Some(count)) = (&buy.prefix, &buy.count) {
                    for name in numbered(prefix.as_str(), count.get()) {
                        self.phone(Cow::Owned(name), prefix.span, owner, out);
                    }
                }
            }
            VerbDoc::BuyTogether(buy) => {
                for item in &buy.items.value {
                    let several = item.phones.iter().flat_map(|phones| &phones.value);
                    for phone in item.phone.iter().chain(several) {
                        let name = Cow::Borrowed(phone.as_str());
                        self.phone(name, phone.span, buy.account.as_str(), out);
                    }
                }
            }
            VerbDoc::Offer(offer) => {
                let several = offer.phones.iter().flat_map(|phones| &phones.value);
                for phone in offer.phone.iter().chain(several) {
                    let name = Cow::Borrowed(phone.as_str());
                    self.phone(name, phone.span, offer.account.as_str(), out);
                }
            }
            VerbDoc::Create(create) => {
                let name = Cow::Borrowed(create.phone.as_str());
                self.phone(name, create.phone.span, create.account.as_str(), out);
            }
            VerbDoc::AddUser(add) => {
                let own = add.account.iter().map(|name| name.as_str());
                let all: Vec<_> = own.collect();
                let accounts =
                    if all.is_empty() { self.accounts.iter().copied().collect() } else { all };
                self.users.extend(accounts.into_iter().map(|of| (of, add.user.as_str())));
            }
            VerbDoc::AddMember(add) => {
                self.members.insert(add.member.as_str());
            }
            VerbDoc::Bind(bind) => {
                self.members.insert(bind.member.as_str());
            }
            VerbDoc::Grant(grant) => {
                self.coupons.insert((grant.account.as_str(), grant.coupon.as_str()));
            }
            _ => {}
        }
    }

    /// A name stands for one phone after another of one account, never for phones of two.
    fn phone(&mut self, phone: Cow<'d, str>, place: Span, account: &'d str, out: &mut Diagnostics) {
        let Some((owner, first)) = self.phones.get(&phone).copied() else {
            self.phones.insert(phone, (account, place));
            return;
        };
        if owner != account {
            let name = quoted(&phone);
            let message = format!("two accounts have a phone {name}");
            out.push(
                Diagnostic::error(
                    Code::DuplicateName,
                    place,
                    message,
                    format!("of {}", quoted(account)),
                )
                .and(first, format!("of {}", quoted(owner)))
                .help("give each phone of a file a name of its own"),
            );
        }
    }
}

fn unknown<'a>(
    what: &str,
    name: &Spanned<Name>,
    names: impl Iterator<Item = &'a str> + Clone,
    none: &str,
) -> Diagnostic {
    let message = format!("there is no {what} {}", quoted(name.as_str()));
    let help = match nearest(name.as_str(), names.clone()) {
        Some(near) => format!("did you mean {}?", quoted(near)),
        None if names.clone().next().is_none() => none.to_owned(),
        None => format!("the file has {}", list_names(names)),
    };
    Diagnostic::error(Code::UnknownName, name.span, message, format!("not a known {what}"))
        .help(help)
}

impl Names<'_> {
    /// Whether an account has, or will have, such a user.
    pub(super) fn has_user(&self, account: &str, user: &str) -> bool {
        self.users.contains(&(account, user))
    }
    /// Whether somebody is called so who uses phones.
    pub(super) fn has_member(&self, member: &str) -> bool {
        self.members.contains(member)
    }
}

impl Lowering<'_, '_> {
    pub(super) fn may_be_declared(&self, name: &str) -> bool {
        self.names.blind || self.names.suspects.contains(name)
    }

    pub(super) fn account(&mut self, name: &Spanned<Name>) -> Option<AccountId> {
        if self.names.accounts.contains(name.as_str()) {
            return AccountId::new(name.as_str()).ok();
        }
        if !self.may_be_declared(name.as_str()) {
            let names = self.names.accounts.iter().copied();
            let help = "declare it under `accounts`";
            self.out.push_with(true, || unknown("account", name, names, help));
        }
        None
    }

    /// The account that is named, or the only one of the file.
    pub(super) fn account_or_only(
        &mut self,
        name: &Option<Spanned<Name>>,
        head: Span,
    ) -> Option<AccountId> {
        if let Some(name) = name {
            return self.account(name);
        }
        let mut all = self.names.accounts.iter();
        if let (Some(only), None) = (all.next(), all.next()) {
            return AccountId::new(only).ok();
        }
        if !self.names.blind {
            let message = "it is not said which account";
            let names = list_names(self.names.accounts.iter().copied());
            let help = format!("add `account`: the file has {names}");
            let label = "needs `account`";
            self.out.push(Diagnostic::error(Code::MissingKey, head, message, label).help(help));
        }
        None
    }

    /// A phone and its account. With an account of its own the phone need not be one of the file: the
    /// service will say what it thinks of it.
    pub(super) fn phone(
        &mut self,
        name: &Spanned<Name>,
        account: &Option<Spanned<Name>>,
    ) -> Option<(AccountId, PhoneId)> {
        let phone = PhoneId::new(name.as_str()).ok()?;
        if let Some(account) = account {
            return Some((self.account(account)?, phone));
        }
        if let Some((owner, _)) = self.names.phones.get(name.as_str()) {
            return Some((AccountId::new(owner).ok()?, phone));
        }
        if !self.may_be_declared(name.as_str()) {
            let names = self.names.phones.keys().map(|name| &**name);
            let help = "a phone begins with `buy` or `create`";
            self.out.push_with(true, || unknown("phone", name, names, help));
        }
        None
    }

    /// The phones of one step by their accounts, in the order in which they are named.
    pub(super) fn calls(
        &mut self,
        phone: &Option<Spanned<Name>>,
        phones: &Option<Spanned<Vec<Spanned<Name>>>>,
        account: &Option<Spanned<Name>>,
    ) -> Vec<(AccountId, Vec<PhoneId>, Span)> {
        let names = phones.iter().flat_map(|phones| &phones.value);
        let mut calls: Vec<(AccountId, Vec<PhoneId>, Span)> = vec![];
        for name in phone.iter().chain(names) {
            let Some((account, phone)) = self.phone(name, account) else { continue };
            match calls.iter_mut().find(|(of, ..)| *of == account) {
                Some((_, phones, _)) => phones.push(phone),
                None => calls.push((account, vec![phone], name.span)),
            }
        }
        calls
    }

    /// A phone, or else an account.
    pub(super) fn about(&mut self, name: &Spanned<Name>) -> Option<(AccountId, Option<PhoneId>)> {
        if !self.names.phones.contains_key(name.as_str())
            && self.names.accounts.contains(name.as_str())
        {
            return self.account(name).map(|account| (account, None));
        }
        self.phone(name, &None).map(|(account, phone)| (account, Some(phone)))
    }

    pub(super) fn coupon(&mut self, account: &str, name: &Spanned<Name>) -> Option<CouponId> {
        if self.names.coupons.contains(&(account, name.as_str())) {
            return CouponId::new(name.as_str()).ok();
        }
        if !self.may_be_declared(name.as_str()) {
            let mine = self.names.coupons.iter().filter(|(owner, _)| *owner == account);
            let names = mine.map(|(_, coupon)| *coupon);
            let help = "declare it under the account's `coupons`, or `grant` it";
            self.out.push_with(true, || unknown("coupon", name, names, help));
        }
        None
    }

    pub(super) fn size(&mut self, name: &Spanned<Name>) -> Option<SizeId> {
        let sizes = self.names.sizes.as_ref()?;
        if sizes.iter().any(|size| size == name.as_str()) {
            return SizeId::new(name.as_str()).ok();
        }
        let names = sizes.iter().map(String::as_str);
        let help = "declare it under `catalogue`";
        self.out.push_with(true, || unknown("size", name, names, help));
        None
    }
}
