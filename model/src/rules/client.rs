//! What members do with the client: login, entering phones, and what they may do in them (P4.5 to
//! P4.9, P4.11).

use crate::command::{ClientKind, ClientOp, Control, Deed, ListKind, Login};
use crate::decision::{Decision, Denial, Read, Reason};
use crate::event::{
    Answer, AppInstalled, AppUninstalled, ConsentSet, DeedAnswered, Entered, Event, LeaveCause,
    Left, LoggedIn, LoggedOut, MemberPasswordSet, SessionEnd,
};
use crate::lifecycle::PowerStatus;
use crate::name::{AppId, DeviceId, MemberId, PhoneId};
use crate::rulebook::RuleId;
use crate::rules::access::{Wanted, barred};
use crate::rules::{Case, living, organisation, p, r, session};
use crate::state::{Controls, Device, Library, Operation, Organisations, Phone, Power};

const READ_CLIENT: &[Read] = &[
    Read { rule: p(2, 8), name: "stream_while_expired" },
    Read { rule: p(3, 3), name: "password_chars_min" },
    Read { rule: p(4, 5), name: "devices_max" },
    Read { rule: p(4, 7), name: "second_connection" },
    Read { rule: p(4, 8), name: "android_major_min" },
    Read { rule: p(4, 8), name: "browser_client" },
    Read { rule: p(4, 11), name: "paste_needs_consent" },
];

/// The version of an app that came from the store of the phone and not from the library.
const FROM_THE_STORE: u32 = 0;

type Barrier = (Denial, &'static [RuleId]);

fn refuse((denial, rules): Barrier) -> Decision {
    Decision { read: READ_CLIENT, ..Decision::refuse(Reason::Access(denial), rules) }
}

fn happens(rules: &'static [RuleId], event: impl Into<Event>) -> Decision {
    let mut decision = Decision { read: READ_CLIENT, ..Decision::default() };
    decision.happen(rules, event);
    decision
}

/// The answer to one of these requests.
pub(super) fn decide(case: &Case<'_>, op: &ClientOp) -> Decision {
    let nothing = Organisations::default();
    let all = case.account.organisations.as_deref().unwrap_or(&nothing);
    let on = |device: &DeviceId| {
        let found = all.devices.get(device);
        found.ok_or((Denial::NotLoggedIn, by![p(4, 5)]))
    };
    match op {
        ClientOp::LogIn(login) => log_in(case, all, login),
        ClientOp::LogOut { device } => match on(device) {
            Err(barrier) => refuse(barrier),
            Ok(found) => {
                let mut decision = Decision { read: READ_CLIENT, ..Decision::default() };
                leave(device, found, LeaveCause::Member, &mut decision);
                let (member, device) = (found.member.clone(), device.clone());
                decision.happen(by![p(4, 5)], LoggedOut { member, device });
                decision
            }
        },
        ClientOp::Enter { device, phone } => match on(device) {
            Err(barrier) => refuse(barrier),
            Ok(found) => enter(case, all, (device, found), phone.as_ref()),
        },
        ClientOp::Leave { device } => match on(device) {
            Err(barrier) => refuse(barrier),
            Ok(Device { phone: None, .. }) => refuse((Denial::NotInAPhone, by![p(4, 5)])),
            Ok(found) => {
                let mut decision = Decision { read: READ_CLIENT, ..Decision::default() };
                leave(device, found, LeaveCause::Member, &mut decision);
                decision
            }
        },
        ClientOp::Consent { device, given } => match on(device) {
            Err(barrier) => refuse(barrier),
            Ok(found) => consent(all, device, &found.member, *given),
        },
        ClientOp::Try { device, deed } => match on(device) {
            Err(barrier) => refuse(barrier),
            Ok(found) => attempt(case, all, (device, found), deed),
        },
    }
}

/// P4.8: where the client runs at all.
fn unsupported(case: &Case<'_>, login: &Login) -> Option<Barrier> {
    let using = &case.params.using;
    let runs = match login.client {
        ClientKind::Ios => false,
        ClientKind::Browser => using.browser_client,
        ClientKind::Android => {
            login.version.is_none_or(|(major, _)| major >= using.android_major_min)
        }
    };
    (!runs).then_some((Denial::ClientNotSupported(login.client), by![p(4, 8)]))
}

/// P3.3, P4.5, P4.8: what stands in the way of a login, in the order in which the client asks.
fn login_barred(case: &Case<'_>, all: &Organisations, login: &Login) -> Option<Barrier> {
    if let Some(barrier) = unsupported(case, login) {
        return Some(barrier);
    }
    let rules = by![p(4, 5)];
    let Some(member) = all.members.get(&login.member) else {
        return Some((Denial::UnknownMember(login.member.clone()), rules));
    };
    let browser = login.client == ClientKind::Browser;
    let trusted = browser && member.trusted.contains(&login.device);
    if !login.accepts && !member.known.contains(&login.device) {
        return Some((Denial::AgreementsToAccept, rules));
    }
    if login.password.as_ref().is_some_and(|password| *password != member.password) {
        return Some((Denial::WrongPassword, rules));
    }
    if !login.code && !trusted {
        return Some((Denial::CodeNeeded, rules));
    }
    match &login.new_password {
        None if member.temporary => return Some((Denial::PasswordToChange, by![p(3, 3), p(4, 5)])),
        Some(new) if !organisation::is_strong(case, new) => {
            return Some((Denial::WeakPassword, by![p(3, 3)]));
        }
        Some(new) if *new == member.password => {
            return Some((Denial::PasswordToChange, by![p(3, 3)]));
        }
        Some(_) | None => {}
    }
    if login.trust && !browser {
        return Some((Denial::NotABrowser, rules));
    }
    let most = case.params.using.devices_max;
    let elsewhere = all
        .devices
        .iter()
        .filter(|(id, device)| device.member == login.member && **id != login.device);
    (most > 0 && elsewhere.count() >= most).then_some((Denial::TooManyDevices, rules))
}

/// P3.3, P4.5: a member logs in; on a browser that is trusted without a code.
fn log_in(case: &Case<'_>, all: &Organisations, login: &Login) -> Decision {
    if let Some(barrier) = login_barred(case, all, login) {
        return refuse(barrier);
    }
    let mut decision = Decision { read: READ_CLIENT, ..Decision::default() };
    if let Some(other) = all.devices.get(&login.device) {
        leave(&login.device, other, LeaveCause::Member, &mut decision);
        if other.member != login.member {
            let (member, device) = (other.member.clone(), login.device.clone());
            decision.happen(by![p(4, 5)], LoggedOut { member, device });
        }
    }
    if let Some(new) = &login.new_password {
        let (member, password) = (login.member.clone(), new.clone());
        let set = MemberPasswordSet { member, password, temporary: false };
        decision.happen(by![p(3, 3), p(4, 5)], set);
    }
    let bound = bound_to(case, &login.member).count();
    let member = all.members.get(&login.member);
    let trusted = member.is_some_and(|member| member.trusted.contains(&login.device));
    let rules: &[RuleId] = by![p(4, 5), p(4, 8), p(3, 3)];
    decision.happen(
        rules,
        LoggedIn {
            member: login.member.clone(),
            device: login.device.clone(),
            client: login.client,
            with_code: !(trusted && login.client == ClientKind::Browser),
            trusted: login.trust,
            bound: u32::try_from(bound).unwrap_or(u32::MAX),
        },
    );
    decision
}

fn bound_to<'a>(case: &Case<'a>, member: &MemberId) -> impl Iterator<Item = &'a PhoneId> {
    let phones = case.account.phones.iter();
    phones.filter(move |(_, phone)| phone.details.member.as_ref() == Some(member)).map(|(id, _)| id)
}

pub(super) fn leave(id: &DeviceId, device: &Device, cause: LeaveCause, decision: &mut Decision) {
    let Some(phone) = &device.phone else { return };
    let rules: &[RuleId] = match cause {
        LeaveCause::Member => by![p(4, 5), p(4, 3)],
        LeaveCause::Preempted => by![p(4, 7)],
        LeaveCause::Unbound => by![p(3, 7), p(3, 5)],
        LeaveCause::Frozen => by![r(8, 10), p(2, 8)],
        LeaveCause::Stopped => by![p(2, 6)],
        LeaveCause::Gone => by![r(8, 1)],
    };
    let (phone, member, device) = (phone.clone(), device.member.clone(), id.clone());
    decision.happen(rules, Left { phone, member, device, cause });
}

/// P4.5: the phone that is picked, or the only one there is.
fn picked<'a>(
    case: &Case<'a>,
    member: &MemberId,
    phone: Option<&'a PhoneId>,
) -> Result<&'a PhoneId, Barrier> {
    let mut bound = bound_to(case, member);
    match phone {
        Some(phone) => {
            bound.find(|id| *id == phone).ok_or((Denial::NotBoundToMember, by![p(3, 4), p(4, 5)]))
        }
        None => match (bound.next(), bound.next()) {
            (Some(only), None) => Ok(only),
            (None, _) => Err((Denial::NotBoundToMember, by![p(3, 4), p(4, 5)])),
            (Some(_), Some(_)) => Err((Denial::PhoneToPick, by![p(4, 5)])),
        },
    }
}

/// P4.5, P4.7, P2.8: a device enters a phone that is bound to its member, usable and running.
fn enter(
    case: &Case<'_>,
    all: &Organisations,
    (id, device): (&DeviceId, &Device),
    phone: Option<&PhoneId>,
) -> Decision {
    let phone = match picked(case, &device.member, phone) {
        Ok(phone) => phone.clone(),
        Err(barrier) => return refuse(barrier),
    };
    if let Some(state) = living(case, &phone) {
        if let Some((reason, rules)) = barred(case.params, &phone, state, Wanted::Enter) {
            return Decision { read: READ_CLIENT, ..Decision::refuse(reason, rules) };
        }
        if state.power_status() != PowerStatus::Running {
            let refused = Decision::refuse(Reason::NotRunning, by![p(2, 6), p(4, 5)]);
            return Decision { read: READ_CLIENT, ..refused };
        }
    }
    let mut decision = Decision { read: READ_CLIENT, ..Decision::default() };
    match all.inside(&phone) {
        Some((inside, _)) if inside == id => {
            return refuse((Denial::NothingToChange, by![p(4, 5)]));
        }
        Some(_) if !case.params.using.second_preempts => {
            return refuse((Denial::PhoneInUse, by![p(4, 7)]));
        }
        Some((inside, older)) => leave(inside, older, LeaveCause::Preempted, &mut decision),
        None => {}
    }
    if let Some(session) = session::of(case, &phone).filter(|_| session::is_streaming(case, &phone))
    {
        if !case.params.using.second_preempts {
            return refuse((Denial::PhoneInUse, by![p(4, 7)]));
        }
        session::stop(case, &phone, session, SessionEnd::Preempted, &mut decision);
    }
    leave(id, device, LeaveCause::Member, &mut decision);
    let (member, device) = (device.member.clone(), id.clone());
    decision.happen(by![p(4, 5), p(4, 7), p(3, 4)], Entered { phone, member, device });
    decision
}

/// P4.11: a member consents to pasting from a device.
fn consent(all: &Organisations, device: &DeviceId, member: &MemberId, given: bool) -> Decision {
    let rules = by![p(4, 11)];
    let before = all.members.get(member).is_some_and(|member| member.consents.contains(device));
    if before == given {
        return refuse((Denial::NothingToChange, rules));
    }
    happens(rules, ConsentSet { member: member.clone(), device: device.clone(), given })
}

/// What was answered to a deed.
struct Said {
    answer: Answer,
    because: String,
    rules: &'static [RuleId],
}

fn said(allowed: bool, because: impl Into<String>, rules: &'static [RuleId]) -> Said {
    let answer = if allowed { Answer::Allow } else { Answer::Deny };
    Said { answer, because: because.into(), rules }
}

/// P4.8, P4.9, P4.11: whether a member may do something in the phone that its device is in, and if it
/// may, that it does.
fn attempt(
    case: &Case<'_>,
    all: &Organisations,
    (id, device): (&DeviceId, &Device),
    deed: &Deed,
) -> Decision {
    let Some((phone, state)) = device.phone.as_ref().and_then(|p| Some((p, living(case, p)?)))
    else {
        return refuse((Denial::NotInAPhone, by![p(4, 5)]));
    };
    let nothing = Controls::default();
    let controls = state.details.controls.as_deref().unwrap_or(&nothing);
    let member = all.members.get(&device.member);
    let consents = member.is_some_and(|member| member.consents.contains(id));
    let Said { answer, because, rules } = match deed {
        Deed::Screenshot => screenshot(controls),
        Deed::Watch => watch(phone, controls),
        Deed::Paste if !case.params.using.paste_needs_consent => {
            said(true, "no consent is needed", by![p(4, 11)])
        }
        Deed::Paste if consents => said(true, "the member consents", by![p(4, 11)]),
        Deed::Paste => said(false, "the member has not consented", by![p(4, 11)]),
        Deed::Call => said(false, "calls and messages use the real phone", by![p(4, 8)]),
        Deed::Install(app) => installs(case, controls, app),
        Deed::Uninstall(app) if controls.apps.contains_key(app) => {
            said(true, "it is installed", by![p(4, 9)])
        }
        Deed::Uninstall(_) => said(false, "it is not installed", by![p(4, 9)]),
    };
    let mut decision = Decision { read: READ_CLIENT, ..Decision::default() };
    let (phone, member) = (phone.clone(), device.member.clone());
    let deed_told = deed.clone();
    decision.happen(
        rules,
        DeedAnswered { phone: phone.clone(), member, deed: deed_told, answer, because },
    );
    match (answer, deed) {
        (Answer::Allow, Deed::Install(app)) => {
            let before = controls.apps.get(app).copied();
            let (app, version) = (app.clone(), FROM_THE_STORE);
            if before.is_none() {
                decision.happen(rules, AppInstalled { phone, app, version, before });
            }
        }
        (Answer::Allow, Deed::Uninstall(app)) => {
            decision.happen(rules, AppUninstalled { phone, app: app.clone() });
        }
        _ => {}
    }
    decision
}

fn screenshot(controls: &Controls) -> Said {
    if controls.on.contains(&Control::AntiScreenshot) {
        return said(false, "screenshots are blocked", by![p(4, 9)]);
    }
    said(true, "nothing blocks screenshots", by![p(4, 9)])
}

/// What is seen of the phone: its id, if that is to be seen, over a stream that may be encrypted.
fn watch(phone: &PhoneId, controls: &Controls) -> Said {
    let has = |control| controls.on.contains(&control);
    let picture = match has(Control::Watermark) {
        true => format!("the picture shows {phone}"),
        false => "the picture shows no mark".to_owned(),
    };
    let stream = if has(Control::Encryption) { "encrypted" } else { "not encrypted" };
    said(true, format!("{picture}, the stream is {stream}"), by![p(4, 9)])
}

/// P4.9: why an app cannot be installed in a phone with these lists, if it cannot. A black list that
/// counts wins over white ones, and of several white ones one is enough.
pub(super) fn forbidden(case: &Case<'_>, controls: &Controls, app: &AppId) -> Option<String> {
    let nothing = Library::default();
    let library = case.account.library.as_deref().unwrap_or(&nothing);
    let lists = || {
        let attached = controls.lists.iter();
        let known = attached.filter_map(|id| Some((id, library.lists.get(id)?)));
        known.filter(|(_, list)| list.enabled)
    };
    let black = lists().find(|(_, list)| list.kind == ListKind::Black && list.apps.contains(app));
    if let Some((list, _)) = black {
        return Some(format!("black list {list} has it"));
    }
    let mut white = lists().filter(|(_, list)| list.kind == ListKind::White).peekable();
    let (first, _) = white.peek()?;
    let refused = format!("white list {first} does not have it");
    (!white.any(|(_, list)| list.apps.contains(app))).then_some(refused)
}

fn installs(case: &Case<'_>, controls: &Controls, app: &AppId) -> Said {
    match forbidden(case, controls, app) {
        Some(why) => said(false, why, by![p(4, 9)]),
        None => said(true, "no list forbids it", by![p(4, 9)]),
    }
}

/// P3.7: whether somebody is in a phone that may not be disturbed.
pub(super) fn disturbed(case: &Case<'_>, phone: &PhoneId) -> Option<(Reason, &'static [RuleId])> {
    let inside = case.account.organisations.as_deref().and_then(|all| all.inside(phone));
    let barred = inside.is_some() && !case.params.using.unbind_while_streaming;
    barred.then_some((Reason::Access(Denial::PhoneInUse), by![p(3, 7)]))
}

/// P3.4: why a phone cannot be bound to this name: an account with an organisation has members of it.
pub(super) fn not_a_member(
    case: &Case<'_>,
    member: &MemberId,
) -> Option<(Reason, &'static [RuleId])> {
    let all = case.account.organisations.as_deref();
    let none = all.is_none_or(|all| all.departments.is_empty());
    if none && case.params.using.any_member_while_none {
        return None;
    }
    let known = all.is_some_and(|all| all.members.contains_key(member));
    let denial = Denial::UnknownMember(member.clone());
    (!known).then_some((Reason::Access(denial), by![p(3, 4)]))
}

/// Whoever is in a phone to which something happens that ends its use is out of it.
pub(super) fn follow(case: &Case<'_>, decision: &mut Decision) {
    let Some(all) = case.account.organisations.as_deref() else { return };
    let ended = decision.events.iter().filter_map(|decided| {
        Some((decided.event.phones().first()?.clone(), ends_use(&decided.event)?))
    });
    let causes: Vec<(PhoneId, LeaveCause)> = ended.collect();
    let mut told: Vec<PhoneId> = Vec::new();
    for (phone, cause) in causes {
        let inside = all.inside(&phone).filter(|_| !told.contains(&phone));
        if let Some((id, device)) = inside {
            leave(id, device, cause, decision);
            told.push(phone);
        }
    }
}

/// Whether an event ends the use of the phone that it is about, and why. A restart does not: the client
/// reconnects by itself (P4.6).
pub(super) fn ends_use(event: &Event) -> Option<LeaveCause> {
    match event {
        Event::Unbound(_) => Some(LeaveCause::Unbound),
        Event::Frozen(_) => Some(LeaveCause::Frozen),
        Event::Released(_) | Event::Deleted(_) => Some(LeaveCause::Gone),
        Event::Unsubscribed(e) if e.expires.is_none() => Some(LeaveCause::Gone),
        Event::PowerSet(e) if e.to == Power::Off => Some(LeaveCause::Stopped),
        Event::OperationStarted(e) => match e.operation {
            Operation::PowerOff | Operation::Reset | Operation::BackUp => Some(LeaveCause::Stopped),
            Operation::PowerOn | Operation::Restart | Operation::Unbind | Operation::Restore => {
                None
            }
        },
        _ => None,
    }
}

/// Whether an app may be put into a phone by the library: the phone must run, and no list forbid it.
pub(super) fn app_barred(
    case: &Case<'_>,
    phone: &Phone,
    app: &AppId,
) -> Option<(Reason, &'static [RuleId])> {
    if phone.power_status() != PowerStatus::Running {
        return Some((Reason::NotRunning, by![p(4, 10), p(2, 6)]));
    }
    let nothing = Controls::default();
    let why = forbidden(case, phone.details.controls.as_deref().unwrap_or(&nothing), app)?;
    Some((Reason::Access(Denial::AppForbidden(why)), by![p(4, 9), p(4, 10)]))
}
