//! Who may ask for what: every command that somebody else than the account gives is decided here
//! before the rules of the service look at it (A1, A2, A5.1).

use crate::access::matrix::Matrix;
use crate::access::policy::{Action, Scope, SecondFactor};
use crate::command::{
    Control, ControlOp, IdentityOp, Op, OrganisationOp, SessionOp, Source, TaskKind,
};
use crate::decision::{Denial, Reason};
use crate::name::{AccountId, PhoneId};
use crate::rulebook::RuleId;
use crate::rules::permission::{self, Wanted, Who, Wish};
use crate::rules::{Case, a, listed, tokens};
use crate::state::{Operation, Power};

/// Services without regions beside the product.
const BILLING: &str = "bss";
const IDENTITY: &str = "iam";

/// What a request needs to be permitted.
enum Need {
    /// Nothing: it belongs to no customer, or whoever asks says who it is.
    Nothing,
    /// An operation of the product, by console or by interface.
    Product { console: &'static str, interface: &'static str },
    /// Something that another service does, under a name that nobody published (A1.13).
    Other { service: &'static str, operation: &'static str },
}

const fn product(console: &'static str, interface: &'static str) -> Need {
    Need::Product { console, interface }
}

const fn console(name: &'static str) -> Need {
    product(name, name)
}

const fn billing(operation: &'static str) -> Need {
    Need::Other { service: BILLING, operation }
}

impl Need {
    /// What a request needs. What costs money on its own account belongs to the billing service.
    fn of(op: &Op) -> Self {
        match op {
            Op::Buy { .. } | Op::BuyTogether { .. } | Op::CreateOnDemand { .. } => {
                product("purchase", "CreateInstance")
            }
            Op::ChangeSize { .. } => console("purchase"),
            Op::Renew { .. }
            | Op::SetAutoRenewal { .. }
            | Op::SetAtExpiry { .. }
            | Op::ToOnDemand { .. }
            | Op::Subscribe { .. } => console("renew"),
            Op::Unsubscribe { .. } | Op::Release { .. } => console("unsubscribe"),
            Op::Delete { .. } => product("delete", "DeleteInstance"),
            Op::SetPower { to: Power::On, .. } => console("power-on"),
            Op::SetPower { to: Power::Off, .. } => console("power-off"),
            Op::Operate { operation, .. } => Self::of_operation(*operation),
            Op::Bind { .. } => product("bind-unbind-user", "ProvisionInstance"),
            Op::Connect { .. } => product("query-instances", "AsyncInvokeInstance"),
            Op::TopUp { .. } | Op::Transfer { .. } => billing("top-up"),
            Op::Withdraw { .. } => billing("withdraw"),
            Op::SetAlert { .. } => billing("set-alert"),
            Op::SetApproval { .. } | Op::ApproveOrder { .. } | Op::RefuseOrder { .. } => {
                billing("approve")
            }
            Op::ConfirmOrder { .. } | Op::PayOrder { .. } => billing("pay"),
            Op::CancelOrder { .. } => billing("cancel"),
            Op::SetDeductionDay { .. } | Op::SetUnifiedDay { .. } => billing("set-renewal-day"),
            Op::Identity(op) => match &**op {
                // What bounds the account comes from above it.
                IdentityOp::GetToken { .. }
                | IdentityOp::CheckToken { .. }
                | IdentityOp::SetBounds { .. } => Self::Nothing,
                _ => Self::Other { service: IDENTITY, operation: "manage" },
            },
            Op::Organise(op) => Self::of_organisation(op),
            Op::Control(op) => Self::of_control(op),
            Op::Session(op) => Self::of_session(op),
            // Whoever uses the client says who it is by logging in (A1.7), a device at a stream by its token.
            Op::Client(_)
            | Op::Call(_)
            | Op::OpenAccount { .. }
            | Op::SetDiscounts { .. }
            | Op::SetSettlement { .. }
            | Op::GrantCoupon { .. }
            | Op::Offer { .. }
            | Op::SetPartnerFreeze { .. }
            | Op::AnswerReview { .. }
            | Op::MarkPhone { .. }
            | Op::VoidFiveDayRight {}
            | Op::Move { .. }
            | Op::SetVerification { .. }
            | Op::GrantPromotion { .. }
            | Op::Freeze { .. }
            | Op::Unfreeze { .. }
            | Op::Ask(_)
            | Op::FailOperation { .. }
            | Op::FailProvisioning { .. } => Self::Nothing,
        }
    }

    const fn of_organisation(op: &OrganisationOp) -> Self {
        match op {
            OrganisationOp::Create { .. } => console("create-org"),
            OrganisationOp::AddDepartment { .. }
            | OrganisationOp::EditDepartment { .. }
            | OrganisationOp::RemoveDepartment { .. } => console("add-department"),
            OrganisationOp::AddMember { .. }
            | OrganisationOp::SetPassword { .. }
            | OrganisationOp::RemoveMember { .. } => console("add-member"),
        }
    }

    const fn of_control(op: &ControlOp) -> Self {
        console(match op {
            ControlOp::Set { control: Control::AntiScreenshot, on: true, .. } => {
                "anti-screenshot-on"
            }
            ControlOp::Set { control: Control::AntiScreenshot, .. } => "anti-screenshot-off",
            ControlOp::Set { control: Control::Watermark, on: true, .. } => "watermark-on",
            ControlOp::Set { control: Control::Watermark, .. } => "watermark-off",
            ControlOp::Set { control: Control::Encryption, on: true, .. } => "stream-encryption-on",
            ControlOp::Set { control: Control::Encryption, .. } => "stream-encryption-off",
            ControlOp::SetList { .. } => "applist-create",
            ControlOp::EnableList { on: true, .. } => "applist-enable",
            ControlOp::EnableList { .. } => "applist-disable",
            ControlOp::AttachList { .. } => "applist-modify",
            ControlOp::RemoveLists { .. } => "applist-delete",
            ControlOp::Upload { .. } => "upload-app",
            ControlOp::Distribute { kind: TaskKind::Install, .. } => "install-app",
            ControlOp::Distribute { kind: TaskKind::Uninstall, .. } => "uninstall-app",
        })
    }

    const fn of_session(op: &SessionOp) -> Self {
        match op {
            SessionOp::Prepare { .. } => console("BatchPrepareInstances"),
            SessionOp::Authorise { .. } => console("ExecuteInstanceAuthToken"),
            SessionOp::Stop { .. } => console("StopInstancesStreaming"),
            SessionOp::Release { .. } => console("StopInstancesSession"),
            // Devices come with the token of the stream.
            SessionOp::Start { .. }
            | SessionOp::Join { .. }
            | SessionOp::Part { .. }
            | SessionOp::GiveControl { .. }
            | SessionOp::LoseConnection { .. }
            | SessionOp::Reconnect { .. } => Self::Nothing,
        }
    }

    const fn of_operation(operation: Operation) -> Self {
        match operation {
            Operation::PowerOn => console("power-on"),
            Operation::PowerOff => console("power-off"),
            Operation::Restart => product("restart", "BatchRebootInstance"),
            Operation::Unbind => product("bind-unbind-user", "CancelInstance"),
            Operation::Reset => console("BatchResetInstance"),
            Operation::BackUp => console("BatchBackupInstances"),
            Operation::Restore => console("BatchPrepareInstances"),
        }
    }
}

/// The phones of a request that are there, each of which must be permitted.
fn phones_of(op: &Op) -> &[PhoneId] {
    match op {
        Op::Renew { phones, .. }
        | Op::SetAtExpiry { phones, .. }
        | Op::ToOnDemand { phones }
        | Op::Unsubscribe { phones, .. } => phones,
        Op::SetAutoRenewal { phone, .. }
        | Op::Subscribe { phone, .. }
        | Op::ChangeSize { phone, .. }
        | Op::Delete { phone }
        | Op::SetPower { phone, .. }
        | Op::Operate { phone, .. }
        | Op::Bind { phone, .. }
        | Op::Connect { phone, .. }
        | Op::Release { phone } => std::slice::from_ref(phone),
        Op::Control(op) => match &**op {
            ControlOp::Set { phones, .. }
            | ControlOp::AttachList { phones, .. }
            | ControlOp::Distribute { phones, .. } => phones,
            _ => &[],
        },
        Op::Session(op) => match &**op {
            SessionOp::Prepare { phones, .. } | SessionOp::Release { phones } => phones,
            SessionOp::Authorise { phone, .. } | SessionOp::Stop { phone } => {
                std::slice::from_ref(phone)
            }
            _ => &[],
        },
        _ => &[],
    }
}

/// Why whoever asks may not ask for this, if so. The account itself may ask for everything, as long as
/// nothing bounds it and its agency is whole (A1.5, A1.12, A4.2).
pub(super) fn barred(
    case: &Case<'_>,
    id: &AccountId,
    op: &Op,
) -> Option<(Reason, &'static [RuleId])> {
    if permission::principal(case).is_none() && case.account.identity.is_none() {
        return None;
    }
    let need = Need::of(op);
    if matches!(need, Need::Nothing) {
        return None;
    }
    let (who, scope, shaped) = match tokens::asking(case) {
        Ok(asking) => asking,
        Err((denial, rules)) => return Some((Reason::Access(denial), rules)),
    };
    let refuse = |denial, rules: &[RuleId]| {
        let rules = listed(rules.iter().chain(shaped).copied());
        Some((Reason::Access(denial), rules))
    };
    match need {
        Need::Nothing => None,
        Need::Other { service, operation } => {
            let action = Action::unpublished(service, operation);
            let asked = Asked { id, who, scope: scope.unwrap_or(Scope::Global) };
            let (denial, rules) = asked.denied(case, Wanted::Other(&action), &action, None)?;
            refuse(denial, rules)
        }
        Need::Product { console, interface } => {
            if let Some((Scope::Global, token)) = scope.as_ref().zip(token(case)) {
                return refuse(token, &[a(5, 1)]);
            }
            let by_interface = case.envelope.is_some_and(|e| e.source == Source::Api);
            let name = if by_interface { interface } else { console };
            let operation = Matrix::standard().operation(name).ok()?;
            let action = operation.action(&case.params.access);
            let phones = phones_of(op);
            let each = phones.iter().map(Some).chain(phones.is_empty().then_some(None));
            for phone in each {
                let scope = scope.clone().unwrap_or_else(|| permission::scope_of(case, phone));
                let asked = Asked { id, who, scope };
                let wanted = Wanted::Product(operation);
                if let Some((denial, rules)) = asked.denied(case, wanted, action, phone) {
                    return refuse(denial, rules);
                }
            }
            None
        }
    }
}

/// The name of the token of a request as what is wrong with it, if it has one.
fn token(case: &Case<'_>) -> Option<Denial> {
    match permission::principal(case) {
        Some(crate::command::Principal::Token(token)) => {
            Some(Denial::TokenWithoutProject(token.clone()))
        }
        _ => None,
    }
}

struct Asked<'a> {
    id: &'a AccountId,
    who: Who<'a>,
    scope: Scope,
}

impl Asked<'_> {
    fn denied(
        &self,
        case: &Case<'_>,
        wanted: Wanted<'_>,
        action: &Action,
        phone: Option<&PhoneId>,
    ) -> Option<(Denial, &'static [RuleId])> {
        let resource = phone.and_then(|p| permission::resource_of(self.id, &self.scope, p));
        let unknown = SecondFactor::Unknown;
        let context = permission::context(case, self.id, self.who, action, &self.scope, unknown);
        let (resource, scope) = (resource.as_ref(), &self.scope);
        let wish = Wish { wanted, resource, scope, context: &context };
        let said = permission::decided(case, self.who, &wish);
        said.refused.map(|denial| (denial, said.rules))
    }
}
