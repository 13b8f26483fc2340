//! Organisations, departments, members and their passwords (P3.1 to P3.3).

use crate::command::OrganisationOp;
use crate::decision::{Decision, Denial, Read, Reason};
use crate::event::{
    DepartmentAdded, DepartmentEdited, DepartmentRemoved, MemberAdded, MemberPasswordSet,
    MemberRemoved, OrganisationCreated,
};
use crate::name::{DepartmentId, MemberId, OrganisationId};
use crate::rulebook::RuleId;
use crate::rules::{Case, p};
use crate::state::{Department, Organisations};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

const READ_ORGANISATION: &[Read] = &[
    Read { rule: p(3, 1), name: "organisations_max" },
    Read { rule: p(3, 3), name: "password_chars_min" },
];

/// The name of the department that comes with an organisation.
const FIRST: &str = "first";
/// How many bytes of a digest a generated password shows.
const GENERATED_BYTES: usize = 6;

fn refuse(denial: Denial, rules: &'static [RuleId]) -> Decision {
    let refused = Decision::refuse(Reason::Access(denial), rules);
    Decision { read: READ_ORGANISATION, ..refused }
}

fn happens(rules: &'static [RuleId], event: impl Into<crate::event::Event>) -> Decision {
    let mut decision = Decision { read: READ_ORGANISATION, ..Decision::default() };
    decision.happen(rules, event);
    decision
}

/// The answer to one of these requests.
pub(super) fn decide(case: &Case<'_>, op: &OrganisationOp) -> Decision {
    let nothing = Organisations::default();
    let all = case.account.organisations.as_deref().unwrap_or(&nothing);
    match op {
        OrganisationOp::Create { organisation } => create(case, all, organisation),
        OrganisationOp::AddDepartment { organisation, department, under, code } => {
            add_department(all, organisation, department, under.as_ref(), code.as_deref())
        }
        OrganisationOp::EditDepartment { organisation, department, code } => {
            match below_the_first(all, organisation, department) {
                Err(denial) => refuse(denial, by![p(3, 2)]),
                Ok(_) => happens(
                    by![p(3, 2)],
                    DepartmentEdited {
                        organisation: organisation.clone(),
                        department: department.clone(),
                        code: code.clone(),
                    },
                ),
            }
        }
        OrganisationOp::RemoveDepartment { organisation, department } => {
            remove_department(all, organisation, department)
        }
        OrganisationOp::AddMember { member, organisation, department, password } => {
            let place = (organisation, department.as_ref());
            add_member(case, all, member, place, password.as_deref())
        }
        OrganisationOp::SetPassword { member, password } => {
            set_password(case, all, member, password.as_deref())
        }
        OrganisationOp::RemoveMember { member } => remove_member(case, all, member),
    }
}

/// P3.1: an account has only so many organisations, and none before it has a phone.
fn create(case: &Case<'_>, all: &Organisations, id: &OrganisationId) -> Decision {
    if all.departments.contains_key(id) {
        return refuse(Denial::NameTaken, by![p(3, 1)]);
    }
    if case.account.phones.is_empty() && all.departments.is_empty() {
        return refuse(Denial::NoPhoneYet, by![p(3, 1)]);
    }
    if all.departments.len() >= case.params.using.organisations_max {
        return refuse(Denial::TooManyOrganisations, by![p(3, 1)]);
    }
    let Ok(department) = DepartmentId::new(FIRST) else { return Decision::default() };
    let organisation = id.clone();
    happens(by![p(3, 1), p(3, 2)], OrganisationCreated { organisation, department })
}

type Departments = BTreeMap<DepartmentId, Department>;

fn departments<'a>(all: &'a Organisations, id: &OrganisationId) -> Result<&'a Departments, Denial> {
    all.departments.get(id).ok_or_else(|| Denial::UnknownOrganisation(id.clone()))
}

fn first_of(departments: &Departments) -> Option<&DepartmentId> {
    departments.iter().find(|(_, department)| department.under.is_none()).map(|(id, _)| id)
}

/// P3.2: a department that can be edited and deleted.
fn below_the_first<'a>(
    all: &'a Organisations,
    organisation: &OrganisationId,
    id: &DepartmentId,
) -> Result<&'a Departments, Denial> {
    let departments = departments(all, organisation)?;
    match departments.get(id) {
        None => Err(Denial::UnknownDepartment(id.clone())),
        Some(department) if department.under.is_none() => Err(Denial::FirstDepartment),
        Some(_) => Ok(departments),
    }
}

fn add_department(
    all: &Organisations,
    organisation: &OrganisationId,
    id: &DepartmentId,
    under: Option<&DepartmentId>,
    code: Option<&str>,
) -> Decision {
    let rules = by![p(3, 2)];
    let departments = match departments(all, organisation) {
        Ok(departments) => departments,
        Err(denial) => return refuse(denial, rules),
    };
    let unknown = under.filter(|under| !departments.contains_key(*under));
    if let Some(unknown) = unknown {
        return refuse(Denial::UnknownDepartment(unknown.clone()), rules);
    }
    if departments.contains_key(id) {
        return refuse(Denial::NameTaken, rules);
    }
    let Some(under) = under.or_else(|| first_of(departments)).cloned() else {
        return Decision::default();
    };
    let (organisation, department) = (organisation.clone(), id.clone());
    let code = code.map(str::to_owned);
    happens(rules, DepartmentAdded { organisation, department, under, code })
}

/// P3.2: what still has departments or members stays.
fn remove_department(
    all: &Organisations,
    organisation: &OrganisationId,
    id: &DepartmentId,
) -> Decision {
    let rules = by![p(3, 2)];
    let departments = match below_the_first(all, organisation, id) {
        Ok(departments) => departments,
        Err(denial) => return refuse(denial, rules),
    };
    let below = departments.values().any(|department| department.under.as_ref() == Some(id));
    let within = |member: &crate::state::Member| {
        member.organisation == *organisation && member.department == *id
    };
    if below || all.members.values().any(within) {
        return refuse(Denial::DepartmentInUse, rules);
    }
    let (organisation, department) = (organisation.clone(), id.clone());
    happens(rules, DepartmentRemoved { organisation, department })
}

/// P3.3: a member has a department and a password for the first login.
fn add_member(
    case: &Case<'_>,
    all: &Organisations,
    member: &MemberId,
    (organisation, department): (&OrganisationId, Option<&DepartmentId>),
    password: Option<&str>,
) -> Decision {
    let rules = by![p(3, 3), p(3, 2)];
    let departments = match departments(all, organisation) {
        Ok(departments) => departments,
        Err(denial) => return refuse(denial, rules),
    };
    let unknown = department.filter(|department| !departments.contains_key(*department));
    if let Some(unknown) = unknown {
        return refuse(Denial::UnknownDepartment(unknown.clone()), rules);
    }
    if all.members.contains_key(member) {
        return refuse(Denial::NameTaken, rules);
    }
    if password.is_some_and(|password| !is_strong(case, password)) {
        return refuse(Denial::WeakPassword, by![p(3, 3)]);
    }
    let Some(department) = department.or_else(|| first_of(departments)).cloned() else {
        return Decision::default();
    };
    let generated = password.is_none();
    let password = password.map_or_else(|| made_up(case, member), str::to_owned);
    let (member, organisation) = (member.clone(), organisation.clone());
    happens(rules, MemberAdded { member, organisation, department, password, generated })
}

fn set_password(
    case: &Case<'_>,
    all: &Organisations,
    member: &MemberId,
    password: Option<&str>,
) -> Decision {
    let rules = by![p(3, 3)];
    if !all.members.contains_key(member) {
        return refuse(Denial::UnknownMember(member.clone()), rules);
    }
    if password.is_some_and(|password| !is_strong(case, password)) {
        return refuse(Denial::WeakPassword, rules);
    }
    let password = password.map_or_else(|| made_up(case, member), str::to_owned);
    happens(rules, MemberPasswordSet { member: member.clone(), password, temporary: true })
}

/// Whoever still has a phone stays.
fn remove_member(case: &Case<'_>, all: &Organisations, member: &MemberId) -> Decision {
    let rules = by![p(3, 3), p(3, 5)];
    if !all.members.contains_key(member) {
        return refuse(Denial::UnknownMember(member.clone()), rules);
    }
    let bound =
        case.account.phones.values().any(|phone| phone.details.member.as_ref() == Some(member));
    if bound {
        return refuse(Denial::MemberHasPhones, rules);
    }
    happens(rules, MemberRemoved { member: member.clone() })
}

/// P3.3: whether a password is long enough, with letters and digits and no blanks.
pub(super) fn is_strong(case: &Case<'_>, password: &str) -> bool {
    let long = password.chars().count() >= case.params.using.password_chars_min;
    let has = |test: fn(char) -> bool| password.chars().any(test);
    long && has(char::is_alphabetic)
        && has(|c| c.is_ascii_digit())
        && !has(|c| c.is_whitespace() || c.is_control())
}

/// A password that nobody typed: the same for the same member at the same instant.
fn made_up(case: &Case<'_>, member: &MemberId) -> String {
    let seed = format!("{member} {}", case.now.as_nanos());
    let digest = Sha256::digest(seed.as_bytes());
    let hex: String =
        digest.iter().take(GENERATED_BYTES).map(|byte| format!("{byte:02x}")).collect();
    let least = case.params.using.password_chars_min;
    let filled = hex.chars().cycle().take(least.max(hex.len()));
    format!("k1{}", filled.collect::<String>())
}
