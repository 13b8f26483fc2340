//! What must be seen: a state, an event, a refusal, or nothing.

use super::verbs::OnOff;
use super::{
    ControlWord, EventDoc, EventKind, ExpectBillDoc, ExpectFlowDoc, ExpectMemberDoc,
    ExpectShareDoc, ExpectTokenDoc, ExpectUserDoc, Tier, Verification,
};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, list_names, nearest, quoted};
use crate::read::{
    AmountText, Definitions, FromText, Moment, Name, Number, Raw, Read, RuleName, Wrong, YesNo,
    error_at, unknown_word, words_schema, wrong_shape,
};
use crate::span::{Span, Spanned};
use crate::syntax::{Entry, Node, Value};
use crate::{document, words};
use koosim_model::decision::Reason;
use koosim_model::lifecycle::{
    CallStatus, DataStatus, OrderStatus, PhoneStatus, PowerStatus, SessionStatus,
};
use koosim_model::state::{Network, System};
use koosim_model::view::RenewalGroup;
use serde_json::json;

/// One expectation, about one subject, at the end of its instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpectDoc {
    /// A phone's state.
    Phone(Box<ExpectPhoneDoc>),
    /// An account's money.
    Account(ExpectAccountDoc),
    /// An order's state.
    Order(ExpectOrderDoc),
    /// What is left of a coupon.
    Coupon(ExpectCouponDoc),
    /// What a member is.
    Member(ExpectMemberDoc),
    /// What a user has.
    User(ExpectUserDoc),
    /// What a token is.
    Token(ExpectTokenDoc),
    /// What a bill says.
    Bill(Box<ExpectBillDoc>),
    /// A command was refused.
    Refused(ExpectRefusedDoc),
    /// What a viewer has seen of a flow.
    Flow(Box<ExpectFlowDoc>),
    /// How evenly flows share.
    Share(ExpectShareDoc),
    /// An event happened.
    Event(EventDoc),
    /// Nothing else happened since the step before.
    Silence {
        /// Where it is said.
        span: Span,
        /// Kinds of events that may happen all the same.
        except: Vec<Spanned<EventKind>>,
    },
}

document! {
    /// What a phone is.
    pub struct ExpectPhoneDoc ("an expectation of a phone") {
        /// The phone.
        phone: Spanned<Name>,
        /// Whose phone, where several accounts have one of that name.
        account: Option<Spanned<Name>>,
        /// Its state.
        is: Option<Spanned<PhoneState>>,
        /// When its subscription expires: the instant that the service prints, or the day.
        expires: Option<Spanned<Moment>>,
        /// When its grace or retention period ends.
        until: Option<Spanned<Moment>>,
        /// Its power.
        power: Option<Spanned<OnOff>>,
        /// Its power with what it is in the middle of.
        power_status: Option<Spanned<PowerState>>,
        /// Where its data are.
        data: Option<Spanned<DataState>>,
        /// Where its streaming session stands.
        session: Option<Spanned<SessionState>>,
        /// How many sessions are prepared before its own.
        waiting: Option<Spanned<Number<0, 5000>>>,
        /// Which device controls its stream.
        controller: Option<Spanned<Name>>,
        /// The devices that watch its stream.
        viewers: Option<Spanned<Vec<Spanned<Name>>>>,
        /// Where its call through the real phone stands.
        call: Option<Spanned<CallStateWord>>,
        /// How many short messages are under way between it and its device.
        messages_waiting: Option<Spanned<Number<0, 10000>>>,
        /// Every cause for which it is frozen.
        frozen_by: Option<Spanned<Vec<Spanned<FreezeWord>>>>,
        /// Who uses it; `none` for nobody.
        member: Option<Spanned<Name>>,
        /// What is switched on in it.
        controls: Option<Spanned<Vec<Spanned<ControlWord>>>>,
        /// The apps that were installed in it, each as `package@version`.
        apps: Option<Spanned<Vec<Spanned<Raw>>>>,
        /// Where it runs; `none` if the buyer did not say.
        region: Option<Spanned<Name>>,
        /// Its system; `none` if nobody said.
        system: Option<Spanned<SystemName>>,
        /// Its network; `none` if nobody said.
        network: Option<Spanned<NetworkName>>,
        /// The billing column of the list of phones.
        billing: Option<Spanned<Raw>>,
        /// Its number in the billing interface.
        resource_status: Option<Spanned<Number<0, 99>>>,
        /// Its number in the status query, in the vocabulary that the rulebook chooses.
        status: Option<Spanned<Number<0, 99>>>,
        /// Its number among the power states.
        running_status: Option<Spanned<Number<0, 99>>>,
        /// Its number among the pool states.
        pool_status: Option<Spanned<Number<0, 99>>>,
        /// Its number for being frozen.
        frozen_status: Option<Spanned<Number<0, 99>>>,
        /// Its number for having a member.
        assign_status: Option<Spanned<Number<0, 99>>>,
        /// Its number for its backup.
        backup_status: Option<Spanned<Number<0, 99>>>,
        /// Its number for its restore.
        restore_status: Option<Spanned<Number<0, 99>>>,
        /// How it is paid for.
        charging: Option<Spanned<ChargingWord>>,
        /// Whether it renews itself.
        auto_renew: Option<Spanned<YesNo>>,
        /// The group in which the console lists its renewal.
        renewal: Option<Spanned<GroupWord>>,
    }
    AtLeastOne [
        "is", "expires", "until", "power", "power_status", "data", "session", "waiting", "controller",
        "viewers", "call", "messages_waiting", "frozen_by", "member", "region",
        "controls", "apps",
        "system", "network", "billing", "resource_status", "status", "running_status",
        "pool_status", "frozen_status", "assign_status", "backup_status", "restore_status",
        "charging", "auto_renew", "renewal"
    ];
}

document! {
    /// What an account has.
    pub struct ExpectAccountDoc ("an expectation of an account") {
        /// The account.
        account: Spanned<Name>,
        /// Its cash.
        balance: Option<Spanned<AmountText>>,
        /// What it can spend: cash and credit less debt.
        available: Option<Spanned<AmountText>>,
        /// Its customer tier.
        tier: Option<Spanned<Tier>>,
        /// As what its owner is verified.
        verified: Option<Spanned<Verification>>,
        /// What it owes.
        debt: Option<Spanned<AmountText>>,
        /// Whether it is in arrears.
        in_arrears: Option<Spanned<YesNo>>,
    }
    AtLeastOne ["balance", "available", "tier", "verified", "debt", "in_arrears"];
}

document! {
    /// What an order is.
    pub struct ExpectOrderDoc ("an expectation of an order") {
        /// The order by its number in its account: `o1` is the first.
        order: Spanned<Name>,
        /// Whose order; it may be left out where the file has one account.
        account: Option<Spanned<Name>>,
        /// Its state.
        is: Spanned<OrderState>,
    }
}

document! {
    /// What is left of a coupon.
    pub struct ExpectCouponDoc ("an expectation of a coupon") {
        /// The coupon.
        coupon: Spanned<Name>,
        /// The account that holds it.
        account: Spanned<Name>,
        /// What is left of it.
        balance: Option<Spanned<AmountText>>,
        /// Whether an order took it: for discount coupons.
        used: Option<Spanned<YesNo>>,
    }
    AtLeastOne ["balance", "used"];
}

document! {
    /// A command was refused at this instant.
    pub struct ExpectRefusedDoc ("an expectation of a refusal") {
        /// The reason.
        refused: Spanned<RefusalReason>,
        /// Whose command.
        account: Option<Spanned<Name>>,
        /// The rule that refused it.
        rule: Option<Spanned<RuleName>>,
        /// A part of what was said about it, in words.
        because: Option<Spanned<Raw>>,
    }
}

document! {
    /// What a bill says.
    pub struct BillKeyDoc ("an expectation of a bill") {
        /// The bill.
        bill: ExpectBillDoc,
    }
}

document! {
    /// Exceptions from silence.
    pub struct ExceptDoc ("`silence`") {
        /// Kinds of events that may happen.
        except: Vec<Spanned<EventKind>>,
    }
}

words! {
    /// Why a phone is frozen.
    pub enum FreezeWord ("a cause of a freeze") {
        /// Its subscription ended.
        Expiry = "expiry",
        /// Its account owes money.
        Arrears = "arrears",
        /// It was used against the terms.
        Violation = "violation",
        /// Public security had it frozen.
        Police = "police",
    }
}

words! {
    /// How a phone is paid for.
    pub enum ChargingWord ("`subscribed` or `on_demand`") {
        /// Ahead, by month or year.
        Subscribed = "subscribed",
        /// By use.
        OnDemand = "on_demand",
    }
}

/// A word that the model has for something.
macro_rules! model_word {
    ($(#[doc = $doc:literal])* $name:ident ($what:literal, $part:literal) = $names:expr) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name(&'static str);

        impl $name {
            /// The word.
            pub fn as_str(self) -> &'static str {
                self.0
            }
            fn names() -> Vec<&'static str> {
                $names
            }
        }

        impl FromText for $name {
            const WHAT: &'static str = $what;
            const PART: &'static str = $part;
            fn from_text(text: &str) -> Result<Self, Wrong> {
                let names = Self::names();
                let found = names.iter().find(|name| **name == text);
                found.map(|name| Self(name)).ok_or_else(|| unknown_word(text, $what, &names))
            }
            fn part() -> serde_json::Value {
                words_schema(concat!($($doc),*), &Self::names())
            }
        }
    };
}

/// What nobody said of a phone.
pub const UNSAID: &str = "none";

/// The state of a phone that is switched off and not otherwise hindered.
const STOPPED: &str = "stopped";

model_word! {
    /// A state of a phone.
    PhoneState("a state of a phone", "phone-state") = {
        PhoneStatus::ALL.iter().map(|status| status.name()).chain([STOPPED]).collect()
    }
}
model_word! {
    /// Power of a phone with what it is in the middle of.
    PowerState("a state of power", "power-state") = {
        PowerStatus::ALL.iter().map(|status| status.name()).collect()
    }
}
model_word! {
    /// Where the data of a phone are.
    DataState("a state of data", "data-state") = {
        DataStatus::ALL.iter().map(|status| status.name()).collect()
    }
}
model_word! {
    /// Where a streaming session stands.
    SessionState("a state of a session", "session-state") = {
        SessionStatus::ALL.iter().map(|status| status.name()).collect()
    }
}
model_word! {
    /// Where a call through the real phone stands.
    CallStateWord("a state of a call", "call-state") = {
        CallStatus::ALL.iter().map(|status| status.name()).collect()
    }
}
model_word! {
    /// The system of a phone, or that nobody said.
    SystemName("a system", "system-name") = {
        System::ALL.iter().map(|system| system.name()).chain([UNSAID]).collect()
    }
}
model_word! {
    /// The network of a phone, or that nobody said.
    NetworkName("a network", "network-name") = {
        Network::ALL.iter().map(|network| network.name()).chain([UNSAID]).collect()
    }
}
model_word! {
    /// A group of renewals in the console.
    GroupWord("a group of renewals", "renewal-group") = {
        RenewalGroup::ALL.iter().map(|group| group.name()).collect()
    }
}
model_word! {
    /// A state of an order.
    OrderState("a state of an order", "order-state") = {
        OrderStatus::ALL.iter().map(|status| status.name()).collect()
    }
}
model_word! {
    /// A reason for which a command is refused.
    RefusalReason("a reason of refusal", "refusal-reason") = Reason::names()
}

/// The keys that name a subject, in the order in which they are looked for: some expectations name
/// their account as well.
const SUBJECTS: [&str; 10] =
    ["flow", "fair", "coupon", "order", "phone", "member", "user", "token", "refused", "account"];

/// The key whose value is an expectation of a bill.
const BILL: &str = "bill";

const HELP: &str = "write `silence`, or `{ phone: p1, is: running }`";

impl Read for ExpectDoc {
    fn read(node: &Node, out: &mut Diagnostics) -> Option<Self> {
        if let Some(text) = node.as_text().filter(|_| !node.is_nothing()) {
            if text == "silence" {
                return Some(Self::Silence { span: node.span, except: vec![] });
            }
            let message = format!("{} is not an expectation", quoted(text));
            out.push(error_at(node, Code::WrongShape, message, "not an expectation").help(HELP));
            return None;
        }
        let Value::Map { entries, .. } = &node.value else {
            wrong_shape(node, "an expectation", Some(String::from(HELP)), out);
            return None;
        };
        if node.get(BILL).is_some() {
            return BillKeyDoc::read(node, out).map(|doc| Self::Bill(Box::new(doc.bill)));
        }
        match SUBJECTS.iter().find(|subject| node.get(subject).is_some()) {
            Some(&"flow") => ExpectFlowDoc::read(node, out).map(|doc| Self::Flow(Box::new(doc))),
            Some(&"fair") => ExpectShareDoc::read(node, out).map(Self::Share),
            Some(&"coupon") => ExpectCouponDoc::read(node, out).map(Self::Coupon),
            Some(&"order") => ExpectOrderDoc::read(node, out).map(Self::Order),
            Some(&"phone") => ExpectPhoneDoc::read(node, out).map(|doc| Self::Phone(Box::new(doc))),
            Some(&"member") => ExpectMemberDoc::read(node, out).map(Self::Member),
            Some(&"user") => ExpectUserDoc::read(node, out).map(Self::User),
            Some(&"token") => ExpectTokenDoc::read(node, out).map(Self::Token),
            Some(&"refused") => ExpectRefusedDoc::read(node, out).map(Self::Refused),
            Some(_) => ExpectAccountDoc::read(node, out).map(Self::Account),
            None => Self::silence_or_event(node, entries, out),
        }
    }

    fn schema(definitions: &mut Definitions) -> serde_json::Value {
        definitions.reference("ExpectDoc", |definitions| {
            let silence = json!({
                "type": "object",
                "properties": { "silence": ExceptDoc::schema(definitions) },
                "required": ["silence"],
                "additionalProperties": false,
            });
            json!({
                "description": "What must be seen at the end of this instant.",
                "anyOf": [
                    { "const": "silence" },
                    silence,
                    ExpectPhoneDoc::schema(definitions),
                    ExpectAccountDoc::schema(definitions),
                    ExpectOrderDoc::schema(definitions),
                    ExpectCouponDoc::schema(definitions),
                    ExpectMemberDoc::schema(definitions),
                    ExpectUserDoc::schema(definitions),
                    ExpectTokenDoc::schema(definitions),
                    ExpectFlowDoc::schema(definitions),
                    ExpectShareDoc::schema(definitions),
                    BillKeyDoc::schema(definitions),
                    ExpectRefusedDoc::schema(definitions),
                    EventDoc::schema(definitions),
                ],
            })
        })
    }
}

impl ExpectDoc {
    fn silence_or_event(node: &Node, entries: &[Entry], out: &mut Diagnostics) -> Option<Self> {
        if let Some(silence) = node.get("silence") {
            for entry in entries.iter().filter(|e| e.key.value != "silence") {
                let message = format!("unknown key {} beside `silence`", quoted(&entry.key));
                let label = "not a key of this place";
                out.push(Diagnostic::error(Code::UnknownKey, entry.key.span, message, label));
            }
            let ExceptDoc { span, except, .. } = ExceptDoc::read(silence, out)?;
            return Some(Self::Silence { span, except });
        }
        let beside = ["rule", "times"];
        let Some(first) = entries.iter().find(|e| !beside.contains(&&*e.key.value)) else {
            let message = "it is not said what is expected";
            let subjects = list_names(SUBJECTS);
            let help = format!("write `silence`, a kind of event, or one of {subjects}");
            let label = "needs a subject";
            out.push(Diagnostic::error(Code::KeyChoice, node.head, message, label).help(help));
            return None;
        };
        if matches!(first.value.value, Value::Map { .. }) {
            return EventDoc::read(node, out).map(Self::Event);
        }
        // Neither a subject nor an event with its fields: say what was probably meant.
        let known = EventKind::from_text(&first.key).is_ok();
        let help = match nearest(&first.key, SUBJECTS.into_iter().chain([BILL])) {
            _ if known => format!("write the fields in braces: `{}: {{ }}`", first.key),
            Some(near) => format!("did you mean {}?", quoted(near)),
            None => {
                format!("write a kind of event with its fields, or one of {}", list_names(SUBJECTS))
            }
        };
        let message = if known {
            format!("the event {} has its fields in a mapping", quoted(&first.key))
        } else {
            format!("nothing to expect is called {}", quoted(&first.key))
        };
        let span = first.key.span;
        out.push(Diagnostic::error(Code::UnknownKey, span, message, "not a subject").help(help));
        None
    }
}
