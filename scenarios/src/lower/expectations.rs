//! Expectations with their names looked up.

use super::Lowering;
use crate::diagnostic::{Code, Diagnostic, quoted};
use crate::expect::{
    AccountExpectation, CouponExpectation, EventExpectation, Expectation, PhoneExpectation,
    RefusalExpectation,
};
use crate::grammar::{
    ABOUT, EventDoc, ExpectAccountDoc, ExpectCouponDoc, ExpectDoc, ExpectPhoneDoc,
    ExpectRefusedDoc, ValueDoc, VerbDoc,
};
use crate::read::{FromText, Name, RuleName};
use crate::span::{Span, Spanned};
use koosim_model::rulebook::{RuleId, Rulebook};
use koosim_model::status::Vocabulary;

/// The word for nobody and nowhere.
const NOTHING: &str = "none";

impl VerbDoc {
    /// What to underline when the verb is meant.
    #[expect(clippy::too_many_lines, reason = "one arm for each verb, so that none is forgotten")]
    pub(super) fn span(&self) -> Span {
        match self {
            Self::Buy(doc) => doc.head,
            Self::BuyTogether(doc) => doc.head,
            Self::Offer(doc) => doc.head,
            Self::Create(doc) => doc.head,
            Self::Delete(doc) => doc.head,
            Self::Pay(doc) => doc.head,
            Self::Approval(doc) => doc.head,
            Self::ConfirmOrder(doc)
            | Self::ApproveOrder(doc)
            | Self::RefuseOrder(doc)
            | Self::CancelOrder(doc) => doc.head,
            Self::Renew(doc) => doc.head,
            Self::AutoRenew(doc) => doc.head,
            Self::DeductionDay(doc) => doc.head,
            Self::UnifiedDay(doc) => doc.head,
            Self::Unsubscribe(doc) => doc.head,
            Self::AtExpiry(doc) => doc.head,
            Self::ToOnDemand(doc) => doc.head,
            Self::Subscribe(doc) => doc.head,
            Self::ChangeSize(doc) => doc.head,
            Self::PartnerFreeze(doc) => doc.head,
            Self::Review(doc) => doc.head,
            Self::Mark(doc) => doc.head,
            Self::VoidFiveDayRight(doc) => doc.head,
            Self::Power(doc) => doc.head,
            Self::Restart(doc)
            | Self::Reset(doc)
            | Self::BackUp(doc)
            | Self::Restore(doc)
            | Self::FailOperation(doc)
            | Self::Unbind(doc)
            | Self::Release(doc) => doc.head,
            Self::Bind(doc) => doc.head,
            Self::Move(doc) => doc.head,
            Self::Connect(doc) => doc.head,
            Self::Freeze(doc) | Self::Unfreeze(doc) => doc.head,
            Self::Verify(doc) => doc.head,
            Self::Promotion(doc) => doc.head,
            Self::FailProvisioning(doc) => doc.head,
            Self::TopUp(doc) | Self::Transfer(doc) => doc.head,
            Self::Withdraw(doc) => doc.head,
            Self::Discount(doc) => doc.head,
            Self::Settlement(doc) => doc.head,
            Self::BalanceAlert(doc) => doc.head,
            Self::Grant(doc) => doc.head,
            Self::WritePolicy(doc) => doc.head,
            Self::AddGroup(doc) => doc.head,
            Self::AddUser(doc) => doc.head,
            Self::Membership(doc) => doc.head,
            Self::Attach(doc) | Self::Detach(doc) => doc.head,
            Self::ChangeUser(doc) => doc.head,
            Self::Bounds(doc) => doc.head,
            Self::Agency(doc) => doc.head,
            Self::GetToken(doc) => doc.head,
            Self::CheckToken(doc) => doc.head,
            Self::Permission(doc) => doc.head,
            Self::CreateOrganisation(doc) => doc.head,
            Self::AddDepartment(doc) => doc.head,
            Self::EditDepartment(doc) => doc.head,
            Self::RemoveDepartment(doc) => doc.head,
            Self::AddMember(doc) => doc.head,
            Self::SetMemberPassword(doc) => doc.head,
            Self::RemoveMember(doc) => doc.head,
            Self::LogIn(doc) => doc.head,
            Self::LogOut(doc) => doc.head,
            Self::Enter(doc) => doc.head,
            Self::Leave(doc) => doc.head,
            Self::Consent(doc) => doc.head,
            Self::Try(doc) => doc.head,
            Self::Control(doc) => doc.head,
            Self::AppList(doc) => doc.head,
            Self::AttachList(doc) => doc.head,
            Self::EnableList(doc) => doc.head,
            Self::RemoveLists(doc) => doc.head,
            Self::UploadApp(doc) => doc.head,
            Self::DistributeApp(doc) => doc.head,
            Self::Prepare(doc) => doc.head,
            Self::Authorise(doc) => doc.head,
            Self::StartStream(doc)
            | Self::JoinStream(doc)
            | Self::LeaveStream(doc)
            | Self::GiveControl(doc) => doc.head,
            Self::ReleaseSession(doc) => doc.head,
            Self::StopStream(doc) | Self::LoseConnection(doc) | Self::Reconnect(doc) => doc.head,
            Self::Links(doc) => doc.entries.first().map(|(name, _)| name.span).unwrap_or_default(),
            Self::StartFlow(doc) => doc.head,
            Self::ChangeNetwork(doc) => doc.head,
            Self::StopFlow(doc)
            | Self::PauseFlow(doc)
            | Self::ResumeFlow(doc)
            | Self::Measure(doc) => doc.head,
            Self::StartTraffic(doc) => doc.head,
            Self::StopTraffic(doc) => doc.head,
            Self::Permit(doc) => doc.head,
            Self::Dial(doc) => doc.head,
            Self::AnswerCall(doc)
            | Self::HangUp(doc)
            | Self::HoldCall(doc)
            | Self::ResumeCall(doc) => doc.head,
            Self::IncomingCall(doc) => doc.head,
            Self::CallNews(doc) => doc.head,
            Self::SendMessage(doc) | Self::IncomingMessage(doc) => doc.head,
            Self::MessageResult(doc) => doc.head,
            Self::Expect(doc) => match doc {
                ExpectDoc::Flow(doc) => doc.span,
                ExpectDoc::Share(doc) => doc.span,
                ExpectDoc::Phone(doc) => doc.span,
                ExpectDoc::Account(doc) => doc.span,
                ExpectDoc::Order(doc) => doc.span,
                ExpectDoc::Coupon(doc) => doc.span,
                ExpectDoc::Member(doc) => doc.span,
                ExpectDoc::User(doc) => doc.span,
                ExpectDoc::Token(doc) => doc.span,
                ExpectDoc::Bill(doc) => doc.span,
                ExpectDoc::Refused(doc) => doc.span,
                ExpectDoc::Event(doc) => doc.span,
                ExpectDoc::Silence { span, .. } => *span,
            },
        }
    }
}

impl<'d> Lowering<'d, '_> {
    pub(super) fn expectation(&mut self, doc: &'d ExpectDoc) -> Option<Expectation> {
        match doc {
            ExpectDoc::Phone(doc) => self.phone_expectation(doc),
            ExpectDoc::Account(doc) => self.account_expectation(doc),
            ExpectDoc::Order(doc) => {
                let account = self.account_or_only(&doc.account, doc.head);
                let (order, is) = (self.number(&doc.order)?, doc.is.as_str());
                Some(Expectation::Order { account: account?, order, is })
            }
            ExpectDoc::Coupon(doc) => self.coupon_expectation(doc),
            ExpectDoc::Member(doc) => self.member_expectation(doc),
            ExpectDoc::User(doc) => self.user_expectation(doc),
            ExpectDoc::Token(doc) => self.token_expectation(doc),
            ExpectDoc::Flow(doc) => self.flow_expectation(doc),
            ExpectDoc::Share(doc) => self.share_expectation(doc),
            ExpectDoc::Bill(doc) => self.bill(doc),
            ExpectDoc::Refused(doc) => self.refusal(doc),
            ExpectDoc::Event(doc) => self.event(doc),
            ExpectDoc::Silence { except, .. } => {
                let except = except.iter().map(|kind| kind.name()).collect();
                Some(Expectation::Silence { except })
            }
        }
    }

    fn phone_expectation(&mut self, doc: &ExpectPhoneDoc) -> Option<Expectation> {
        let (account, phone) = self.phone(&doc.phone, &doc.account)?;
        let name = |name: &Option<Spanned<Name>>| {
            name.as_ref().map(|name| Some(name.to_string()).filter(|name| name != NOTHING))
        };
        let numbers = [
            (Vocabulary::Resource, doc.resource_status),
            (Vocabulary::Status, doc.status),
            (Vocabulary::Running, doc.running_status),
            (Vocabulary::Pool, doc.pool_status),
            (Vocabulary::Frozen, doc.frozen_status),
            (Vocabulary::Assigned, doc.assign_status),
            (Vocabulary::Backup, doc.backup_status),
            (Vocabulary::Restore, doc.restore_status),
        ];
        let numbers = numbers.into_iter().filter_map(|(list, n)| Some((list, n?.get())));
        Some(Expectation::Phone(Box::new(PhoneExpectation {
            power_status: doc.power_status.map(|status| status.as_str()),
            data: doc.data.map(|data| data.as_str()),
            session: doc.session.map(|session| session.as_str()),
            waiting: doc.waiting.map(|waiting| waiting.get()),
            controller: doc.controller.as_ref().map(ToString::to_string),
            viewers: doc
                .viewers
                .as_ref()
                .map(|names| names.value.iter().map(ToString::to_string).collect()),
            call: doc.call.map(|call| call.as_str()),
            messages_waiting: doc.messages_waiting.map(|count| count.get()),
            frozen_by: doc
                .frozen_by
                .as_ref()
                .map(|causes| causes.value.iter().map(|cause| cause.value.as_str()).collect()),
            member: name(&doc.member),
            region: name(&doc.region),
            controls: doc
                .controls
                .as_ref()
                .map(|words| words.value.iter().map(|word| word.value.as_str()).collect()),
            apps: doc
                .apps
                .as_ref()
                .map(|apps| apps.value.iter().map(ToString::to_string).collect()),
            system: doc.system.map(|system| system.as_str()),
            network: doc.network.map(|network| network.as_str()),
            billing: doc.billing.as_ref().map(ToString::to_string),
            numbers: numbers.collect(),
            account,
            phone,
            is: doc.is.map(|is| is.as_str()),
            expires: doc.expires.map(|moment| moment.value),
            until: doc.until.map(|moment| moment.value),
            power: doc.power.map(|power| power.as_str()),
            charging: doc.charging.map(|charging| charging.as_str()),
            auto_renew: doc.auto_renew.map(|yes| yes.value.0),
            renewal: doc.renewal.map(|group| group.as_str()),
        })))
    }

    fn account_expectation(&mut self, doc: &ExpectAccountDoc) -> Option<Expectation> {
        let (account, currency) = self.account(&doc.account).zip(self.currency)?;
        let amount = |text: &Option<Spanned<crate::read::AmountText>>| {
            text.as_ref().map(|text| text.in_currency(currency))
        };
        Some(Expectation::Account(AccountExpectation {
            account,
            balance: amount(&doc.balance),
            available: amount(&doc.available),
            tier: doc.tier.map(|word| word.as_str()),
            verified: doc.verified.map(|word| word.as_str()),
            debt: amount(&doc.debt),
            in_arrears: doc.in_arrears.map(|yes| yes.value.0),
        }))
    }

    fn coupon_expectation(&mut self, doc: &ExpectCouponDoc) -> Option<Expectation> {
        let account = self.account(&doc.account)?;
        let coupon = self.coupon(account.as_str(), &doc.coupon)?;
        let currency = self.currency?;
        Some(Expectation::Coupon(CouponExpectation {
            account,
            coupon,
            balance: doc.balance.as_ref().map(|text| text.in_currency(currency)),
            used: doc.used.map(|yes| yes.value.0),
        }))
    }

    fn refusal(&mut self, doc: &ExpectRefusedDoc) -> Option<Expectation> {
        let account = match &doc.account {
            Some(name) => Some(self.account(name)?),
            None => None,
        };
        let rule = self.rule(&doc.rule)?;
        let reason = doc.refused.as_str();
        let because = doc.because.as_ref().map(ToString::to_string);
        Some(Expectation::Refused(RefusalExpectation { reason, account, rule, because }))
    }

    fn event(&mut self, doc: &'d EventDoc) -> Option<Expectation> {
        let mut good = true;
        let (mut account, mut of, mut fields) = (None, None, vec![]);
        for (key, value) in &doc.fields.entries {
            if !ABOUT.contains(&key.as_str()) {
                fields.push((key.value.clone(), value.clone()));
                continue;
            }
            let Some(name) = self.field_name(value) else {
                good = false;
                continue;
            };
            let found = if key.value == "account" {
                account = self.account(&name);
                account.is_some()
            } else {
                of = self.about(&name);
                of.is_some()
            };
            good = good && found;
        }
        let rule = self.rule(&doc.rule)?;
        if let Some((owner, _)) = &of {
            account = account.or(Some(owner.clone()));
        }
        good.then(|| {
            Expectation::Event(EventExpectation {
                kind: doc.kind.name(),
                account,
                phone: of.and_then(|(_, phone)| phone),
                fields,
                rule,
                times: doc.times.map(|times| times.get()),
            })
        })
    }

    fn field_name(&mut self, value: &ValueDoc) -> Option<Spanned<Name>> {
        let (span, read) = match value {
            ValueDoc::Text(text) => (text.span, Name::from_text(text.as_str()).ok()),
            ValueDoc::List(list) => (list.span, None),
            ValueDoc::Map(map) => (map.span, None),
        };
        if read.is_none() {
            let message = "the name of a phone or an account is needed here";
            self.out.push(Diagnostic::error(Code::BadName, span, message, "not a name"));
        }
        read.map(|name| Spanned::new(name, span))
    }

    /// A rule of the book.
    pub(super) fn rule(&mut self, name: &Option<Spanned<RuleName>>) -> Option<Option<RuleId>> {
        let Some(name) = name else { return Some(None) };
        let book = Rulebook::standard();
        let id = name.as_str().parse::<RuleId>().ok().filter(|id| book.rule(*id).is_some());
        if id.is_none() {
            let message = format!("the rulebook has no rule {}", quoted(name.as_str()));
            let near =
                book.nearest(name.as_str()).map(|near| format!("did you mean {}?", quoted(near)));
            self.out.push(
                Diagnostic::error(Code::UnknownName, name.span, message, "not a rule")
                    .help_if(near),
            );
        }
        id.map(Some)
    }
}
