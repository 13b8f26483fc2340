//! Whoever uses phones: members and their passwords, devices, what may be done in a phone, and tasks
//! of the library.

use super::{Invariant, Moment, Tally};
use koosim_model::command::{ClientKind, ClientOp, Control, Deed, ListKind, Op, OrganisationOp};
use koosim_model::event::{Answer, DeedAnswered, Event, LeaveCause};
use koosim_model::name::PhoneId;
use koosim_model::state::{Controls, Library, Organisations};
use koosim_model::view;

pub(super) const ALL: &[Invariant] = &[
    Invariant {
        name: "an account has few organisations, and each its first department",
        rules: &["P3.1", "P3.2"],
        check: organisations,
    },
    Invariant {
        name: "passwords of members are strong, and those of administrators temporary",
        rules: &["P3.3"],
        check: passwords,
    },
    Invariant {
        name: "a login has a code or a trusted browser, on a device that has a client",
        rules: &["P4.5", "P4.8", "P3.3"],
        check: logins,
    },
    Invariant {
        name: "one device is in a phone, of the member who has it, as long as it can be used",
        rules: &["P4.7", "P3.4", "P3.7", "R8.10"],
        check: devices,
    },
    Invariant {
        name: "what is controlled in a phone decides what its member may do",
        rules: &["P4.9", "P4.11", "P4.8"],
        check: deeds,
    },
    Invariant {
        name: "a task does in its phones what it can, and counts it",
        rules: &["P4.10"],
        check: tasks,
    },
];

/// The organisations of the account; none where it has none.
fn all(m: &Moment<'_>) -> Organisations {
    m.account.organisations.as_deref().cloned().unwrap_or_default()
}

fn controls(m: &Moment<'_>, phone: &PhoneId) -> Controls {
    let phone = m.account.phones.get(phone);
    phone.and_then(|phone| phone.details.controls.as_deref()).cloned().unwrap_or_default()
}

fn organisations(m: &Moment<'_>, tally: &mut Tally) {
    let all = all(m);
    match m.event() {
        Some(Event::OrganisationCreated(e)) => {
            let most = usize::try_from(m.integer("P3.1.organisations_max")).unwrap();
            tally.holds(all.departments.len() < most && e.department.as_str() == "first", e);
            tally.holds(!m.account.phones.is_empty() || !all.departments.is_empty(), e);
        }
        Some(Event::DepartmentAdded(e)) => {
            let departments = &all.departments[&e.organisation];
            tally.holds(departments.contains_key(&e.under), e);
            let asked = m.asked_now().is_some_and(|command| match &command.op {
                Op::Organise(op) => matches!(&**op, OrganisationOp::AddDepartment { under, .. }
                    if under.as_ref().map_or("first", |u| u.as_str()) == e.under.as_str()),
                _ => false,
            });
            tally.holds(asked, e);
        }
        Some(Event::DepartmentRemoved(e)) => {
            let departments = &all.departments[&e.organisation];
            let below = departments.values().any(|d| d.under.as_ref() == Some(&e.department));
            let within = all.members.values().any(|member| {
                member.organisation == e.organisation && member.department == e.department
            });
            tally.holds(!below && !within && departments[&e.department].under.is_some(), e);
        }
        _ => {}
    }
}

fn passwords(m: &Moment<'_>, tally: &mut Tally) {
    let least = usize::try_from(m.integer("P3.3.password_chars_min")).unwrap();
    let strong = |password: &str| {
        password.len() >= least
            && password.chars().any(char::is_alphabetic)
            && password.chars().any(|c| c.is_ascii_digit())
            && !password.contains(' ')
    };
    let typed = m.asked_now().and_then(|command| match &command.op {
        Op::Organise(op) => match &**op {
            OrganisationOp::AddMember { password, .. }
            | OrganisationOp::SetPassword { password, .. } => Some(password.clone()),
            _ => None,
        },
        _ => None,
    });
    match m.event() {
        Some(Event::MemberAdded(e)) => {
            let generated = typed.is_some_and(|password| password.is_none());
            tally.holds(strong(&e.password) && e.generated == generated, e);
            let first = e.department.as_str() == "first" || m.asked_now().is_some();
            tally.holds(first, e);
        }
        Some(Event::MemberPasswordSet(e)) => {
            tally.holds(strong(&e.password) && e.temporary == typed.is_some(), e);
        }
        _ => {}
    }
}

fn logins(m: &Moment<'_>, tally: &mut Tally) {
    let Some(Event::LoggedIn(e)) = m.event() else { return };
    let all = all(m);
    let asked = m.asked_now().and_then(|command| match &command.op {
        Op::Client(op) => match &**op {
            ClientOp::LogIn(login) => Some(login.clone()),
            _ => None,
        },
        _ => None,
    });
    let Some(login) = asked else { return tally.holds(false, e) };
    let Some(member) = all.members.get(&e.member) else { return tally.holds(false, e) };
    let trusted = e.client == ClientKind::Browser && member.trusted.contains(&e.device);
    tally.holds(e.with_code != trusted && (login.code || trusted), e);
    tally.holds(e.trusted == login.trust && (!e.trusted || e.client == ClientKind::Browser), e);
    tally.holds(!member.temporary && e.client != ClientKind::Ios, e);
    let bound =
        m.account.phones.values().filter(|p| p.details.member.as_ref() == Some(&e.member)).count();
    tally.holds(usize::try_from(e.bound).unwrap() == bound, e);
    let new = login.new_password.is_none_or(|new| new == member.password);
    tally.holds(new, e);
    let other = all.devices.get(&e.device).filter(|device| device.member != e.member);
    tally.holds(other.is_none(), e);
}

fn devices(m: &Moment<'_>, tally: &mut Tally) {
    let all = all(m);
    match m.event() {
        Some(Event::Entered(e)) => {
            let phone = m.account.phones.get(&e.phone).unwrap();
            tally.holds(phone.details.member.as_ref() == Some(&e.member), e);
            tally.holds(all.inside(&e.phone).is_none() && view::phone(phone).is != "frozen", e);
            let device = &all.devices[&e.device];
            tally.holds(device.member == e.member && device.phone.is_none(), e);
        }
        Some(Event::Left(e)) => {
            let device = &all.devices[&e.device];
            tally.holds(device.phone.as_ref() == Some(&e.phone) && device.member == e.member, e);
            let now = || m.before().take_while(|(at, _)| *at == m.at).map(|(_, event)| event);
            let of = |kinds: &[&str]| {
                now()
                    .any(|event| kinds.contains(&event.kind()) && event.phones().contains(&e.phone))
            };
            let by_client =
                m.asked_now().is_some_and(|command| matches!(command.op, Op::Client(_)));
            let preempts = m
                .then()
                .any(|event| matches!(event, Event::Entered(other) if other.device != e.device));
            let streams = m.then().any(|event| matches!(event, Event::StreamStarted(_)));
            let fits = match e.cause {
                LeaveCause::Member => by_client && !preempts,
                LeaveCause::Preempted => (by_client && preempts) || (!by_client && streams),
                LeaveCause::Unbound => of(&["unbound"]),
                LeaveCause::Frozen => of(&["frozen"]),
                LeaveCause::Stopped => of(&["operation_started", "power_set"]),
                LeaveCause::Gone => of(&["released", "deleted", "unsubscribed"]),
            };
            tally.holds(fits, e);
        }
        Some(Event::LoggedOut(e)) => {
            let device = &all.devices[&e.device];
            tally.holds(device.member == e.member && device.phone.is_none(), e);
        }
        Some(event @ (Event::Unbound(_) | Event::Frozen(_))) => {
            for phone in event.phones() {
                let inside = all.inside(phone).is_some();
                let out = m
                    .after()
                    .take_while(|(at, _)| *at == m.at)
                    .any(|(_, event)| matches!(event, Event::Left(left) if left.phone == *phone));
                tally.holds(inside == out, event);
            }
        }
        _ => {}
    }
}

/// What must be answered, and a part of why.
fn expected(m: &Moment<'_>, e: &DeedAnswered) -> (Answer, String) {
    let controls = controls(m, &e.phone);
    let has = |control| controls.on.contains(&control);
    let yes = |because: &str| (Answer::Allow, because.to_owned());
    let no = |because: &str| (Answer::Deny, because.to_owned());
    match &e.deed {
        Deed::Screenshot if has(Control::AntiScreenshot) => no("screenshots are blocked"),
        Deed::Screenshot => yes("nothing blocks screenshots"),
        Deed::Watch => {
            let mark = if has(Control::Watermark) { e.phone.as_str() } else { "no mark" };
            let how = if has(Control::Encryption) { "" } else { "not " };
            yes(&format!("the picture shows {mark}, the stream is {how}encrypted"))
        }
        Deed::Paste => {
            let all = all(m);
            let inside = all.inside(&e.phone).map(|(device, _)| device.clone());
            let consents = inside.is_some_and(|d| all.members[&e.member].consents.contains(&d));
            if !m.flag("P4.11.paste_needs_consent") {
                yes("no consent is needed")
            } else if consents {
                yes("the member consents")
            } else {
                no("the member has not consented")
            }
        }
        Deed::Call => no("calls and messages use the real phone"),
        Deed::Uninstall(app) if controls.apps.contains_key(app) => yes("it is installed"),
        Deed::Uninstall(_) => no("it is not installed"),
        Deed::Install(app) => {
            let library = m.account.library.as_deref().cloned().unwrap_or_default();
            let lists = |kind| {
                let counts = controls.lists.iter().map(|id| (id, &library.lists[id]));
                counts.filter(move |(_, list)| list.enabled && list.kind == kind)
            };
            let black = lists(ListKind::Black).find(|(_, list)| list.apps.contains(app));
            let white: Vec<_> = lists(ListKind::White).collect();
            match (black, white.first()) {
                (Some((list, _)), _) => no(&format!("black list {list} has it")),
                (None, Some((list, _))) if white.iter().all(|(_, l)| !l.apps.contains(app)) => {
                    no(&format!("white list {list} does not have it"))
                }
                _ => yes("no list forbids it"),
            }
        }
    }
}

fn deeds(m: &Moment<'_>, tally: &mut Tally) {
    let Some(Event::DeedAnswered(e)) = m.event() else { return };
    tally.holds(expected(m, e) == (e.answer, e.because.clone()), e);
    let inside = all(m).inside(&e.phone).map(|(_, device)| device.member.clone());
    tally.holds(inside.as_ref() == Some(&e.member), e);
    let apps = controls(m, &e.phone).apps;
    let told = |kind: &str| m.then().any(|event| event.kind() == kind);
    match (&e.deed, e.answer) {
        (Deed::Install(app), Answer::Allow) => {
            tally.holds(told("app_installed") != apps.contains_key(app), e);
        }
        (Deed::Uninstall(_), Answer::Allow) => tally.holds(told("app_uninstalled"), e),
        _ => {}
    }
}

fn tasks(m: &Moment<'_>, tally: &mut Tally) {
    let library: Library = m.account.library.as_deref().cloned().unwrap_or_default();
    let began = |task: u32| {
        m.before().find_map(|(_, event)| match event {
            Event::AppTaskStarted(e) if e.task == task => Some(e.clone()),
            _ => None,
        })
    };
    match m.event() {
        Some(Event::AppTaskStarted(e)) => {
            tally.holds(e.until == m.at + m.duration("P4.10.task_time"), e);
            tally.holds(library.apps.get(&e.app) == Some(&e.version), e);
            tally.holds(e.task == library.tasks_begun + 1 && !e.phones.is_empty(), e);
        }
        Some(Event::AppUploaded(e)) => {
            tally.holds(library.apps.get(&e.app).is_none_or(|newest| *newest < e.version), e);
        }
        Some(Event::AppInstalled(e)) => {
            tally.holds(controls(m, &e.phone).apps.get(&e.app).copied() == e.before, e);
            let of_task = library.tasks.values().any(|task| {
                task.app == e.app && task.version == e.version && task.phones.contains(&e.phone)
            });
            let by_member = m.before().next().is_some_and(|(at, event)| {
                at == m.at
                    && matches!(event, Event::DeedAnswered(d)
                    if d.phone == e.phone && d.deed == Deed::Install(e.app.clone()))
            });
            tally.holds(of_task || by_member && e.version == 0, e);
        }
        Some(Event::AppUninstalled(e)) => {
            tally.holds(controls(m, &e.phone).apps.contains_key(&e.app), e);
        }
        Some(Event::AppTaskDone(e)) => {
            let Some(task) = began(e.task) else { return tally.holds(false, e) };
            tally.holds(task.until == m.at, e);
            let now = || m.before().take_while(|(at, _)| *at == m.at).map(|(_, event)| event);
            let of = |kinds: &[&str]| {
                let fits = now().filter(|event| kinds.contains(&event.kind()));
                fits.filter(|event| task.phones.contains(&event.phones()[0])).count()
            };
            let count = |n: u32| usize::try_from(n).unwrap();
            tally.holds(of(&["app_installed", "app_uninstalled"]) == count(e.done), e);
            tally.holds(count(e.done) + count(e.failed) == task.phones.len(), e);
        }
        _ if m.is_over() => {
            for task in library.tasks.keys() {
                tally.holds(began(*task).is_some_and(|task| m.at < task.until), task);
            }
        }
        _ => {}
    }
}
