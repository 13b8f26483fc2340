//! The product's permissions: every operation, for every role, in every generation.

use crate::{in_project, params, params_with, user};
use koosim_model::access::AccessParams;
use koosim_model::access::matrix::{
    Agency, Ask, Caller, Door, Matrix, Operation, Refusal, SystemRole, Trust, admit,
};
use koosim_model::access::policy::{
    Bounds, Context, Generation, Head, Held, Policy, Scope, User, Verdict,
};
use std::fmt::Write as _;
use std::sync::Arc;

fn try_to(
    params: &AccessParams,
    caller: Caller<'_>,
    operation: &Operation,
    project: &str,
    agency: &Agency,
) -> Result<Verdict, Refusal> {
    let (scope, context) = (Scope::project(project), Context::empty());
    let ask = Ask { operation, scope: &scope, resource: None, context: &context };
    admit(params, caller, &Bounds::default(), &ask, agency)
}

fn may(params: &AccessParams, caller: Caller<'_>, operation: &Operation) -> bool {
    try_to(params, caller, operation, "cn-north-4", &Agency::whole()).is_ok()
}

/// The published actions of a role, or one pattern, as a policy of a generation.
fn written(generation: Generation, actions: &[String]) -> Arc<Policy> {
    let actions = serde_json::to_string(actions).unwrap();
    let text = format!(
        r#"{{"Version":"{generation}","Statement":[{{"Effect":"Allow","Action":{actions}}}]}}"#
    );
    let head = match generation {
        Generation::Role => Head::system("written", "TEST"),
        Generation::Policy | Generation::IdentityPolicy => Head::custom("written"),
    };
    Arc::new(Policy::read(&params(), &Matrix::services(), head, &text).unwrap())
}

fn holder(policy: &Arc<Policy>) -> User {
    user(&[(policy, in_project("cn-north-4"))])
}

/// A1.1 to A1.5, A1.10, A1.13, A1.14: the whole table. The system roles are roles; beside them stand
/// policies that list the same actions, as far as these are published, and one of stars.
#[test]
fn every_operation_for_every_role_in_every_generation() {
    let (params, matrix) = (params(), Matrix::standard());
    let mut columns = vec![];
    for role in SystemRole::ALL {
        columns.push(holder(&Arc::new(matrix.role(&params, role))));
        let published = matrix.operations().iter().filter(|o| o.is_of(&params, role));
        let published = published.map(|o| o.action(&params)).filter(|a| a.is_published());
        let mut actions: Vec<String> = published.map(ToString::to_string).collect();
        actions.sort();
        actions.dedup();
        columns.extend(Generation::ALL.map(|generation| holder(&written(generation, &actions))));
    }
    let stars = ["koophone:*:*".to_owned()];
    columns.extend(Generation::ALL.map(|generation| holder(&written(generation, &stars))));
    let mut table = String::from(
        "                                        system role, then its published actions as\n\
         operation                   account none | Administrator    | ReadOnlyUser     | koophone:*:*\n\
         \u{20}                                       | role 1.0 1.1 5.0 | role 1.0 1.1 5.0 | 1.0 1.1 5.0\n",
    );
    for operation in matrix.operations() {
        let answer = |caller| if may(&params, caller, operation) { "yes" } else { "-" };
        let users: Vec<&str> = columns.iter().map(|user| answer(Caller::User(user))).collect();
        let [a, b, c, d, e, f, g, h, i, j, k] = users[..] else { panic!("{users:?}") };
        let (account, none) = (answer(Caller::Account), answer(Caller::User(&User::default())));
        let name = operation.name();
        writeln!(
            table,
            "{name:27} {account:7} {none:4} | {a:4} {b:3} {c:3} {d:3} | {e:4} {f:3} {g:3} {h:3} \
             | {i:3} {j:3} {k:3} | {}",
            operation.action(&params)
        )
        .unwrap();
    }
    insta::assert_snapshot!("matrix", table);
}

/// A1.2, A1.3: the counts of the pages.
#[test]
fn the_roles_have_as_many_operations_as_the_pages_say() {
    let (params, matrix) = (params(), Matrix::standard());
    let count = |door, held: &dyn Fn(&Operation) -> bool| {
        matrix.operations().iter().filter(|o| o.door() == door && held(o)).count()
    };
    for (door, all, read) in [(Door::Console, 32, 4), (Door::Interface, 21, 3)] {
        assert_eq!(count(door, &|_| true), all);
        assert_eq!(count(door, &|o| o.is_of(&params, SystemRole::Administrator)), all);
        assert_eq!(count(door, &|o| o.is_of(&params, SystemRole::ReadOnlyUser)), read);
    }
    // A1.4: nothing changes in the cloud, and the administrator is wanted all the same.
    let columns = matrix.operation("customise-list").unwrap();
    assert!(!columns.is_of(&params, SystemRole::ReadOnlyUser));
    // A1.10: an access level of Write, and the role that only reads has it.
    let status = matrix.operation("BatchQueryStatus").unwrap();
    assert_eq!(status.access_level(), Some("Write"));
    assert!(status.is_of(&params, SystemRole::ReadOnlyUser));
}

/// A1.14: with the parameter, the role has the reading calls that belong to no operation.
#[test]
fn other_reads_are_a_parameter() {
    let wide = params_with(&[("A1.14.read_only_has_other_reads", "yes")]);
    let more = |params: &AccessParams| {
        let matrix = Matrix::standard();
        let role = holder(&Arc::new(matrix.role(params, SystemRole::ReadOnlyUser)));
        let reads = ["ExecuteJob", "BatchShowSku", "ShowProgress", "BatchRebootInstance"];
        reads.map(|name| may(params, Caller::User(&role), matrix.operation(name).unwrap()))
    };
    assert_eq!(more(&params()), [false; 4]);
    assert_eq!(more(&wide), [true, true, true, false]);
}

/// A1.6: one project, all projects, and no way between global services and projects.
#[test]
fn grants_hold_in_their_projects() {
    let (params, matrix) = (params(), Matrix::standard());
    let admin = Arc::new(matrix.role(&params, SystemRole::Administrator));
    let restart = matrix.operation("restart").unwrap();
    for (held, expect) in [
        (in_project("cn-north-4"), [true, false]),
        (in_project("cn-south-1"), [false, true]),
        (Held::AllProjects, [true, true]),
        (Held::Global, [false, false]),
    ] {
        let user = user(&[(&admin, held)]);
        let found = ["cn-north-4", "cn-south-1"].map(|project| {
            let caller = Caller::User(&user);
            try_to(&params, caller, restart, project, &Agency::whole()).is_ok()
        });
        assert_eq!(found, expect);
    }
}

/// A1.7: members are no users, whatever they ask of console and interface.
#[test]
fn members_have_no_part_in_console_and_interface() {
    for operation in Matrix::standard().operations() {
        let answer = try_to(&params(), Caller::Member, operation, "cn-north-4", &Agency::missing());
        let refusal = answer.unwrap_err();
        assert_eq!(refusal, Refusal::Member);
        assert_eq!(refusal.rules()[0].to_string(), "A1.7");
    }
}

/// A1.11: a policy copied from the sample works, unless the book says otherwise.
#[test]
fn the_spelling_of_the_sample_is_accepted() {
    let sizes = Matrix::standard().operation("BatchShowSku").unwrap();
    let sample =
        written(Generation::IdentityPolicy, &["koophone:cloudphoneresource:querySku".to_owned()]);
    let user = user(&[(&sample, Held::Everywhere)]);
    let strict = params_with(&[("A1.11.sample_spelling_accepted", "no")]);
    assert!(may(&params(), Caller::User(&user), sizes));
    assert!(!may(&strict, Caller::User(&user), sizes));
}

/// A1.12: what fails without the agency, or with a part of it gone; permission is asked for first.
#[test]
fn what_needs_the_agency_fails_without_it() {
    let matrix = Matrix::standard();
    let mut said = String::new();
    for operation in matrix.operations() {
        let refused = |agency: &Agency| match try_to(
            &params(),
            Caller::Account,
            operation,
            "cn-north-4",
            agency,
        ) {
            Ok(_) => None,
            Err(Refusal::Agency(part)) => Some(part),
            Err(other) => panic!("{other}"),
        };
        assert_eq!(refused(&Agency::whole()), None);
        assert_eq!(refused(&Agency::missing()), operation.trust().first().copied());
        let parts: Vec<String> = Trust::ALL
            .into_iter()
            .filter(|part| refused(&Agency::whole().without(*part)) == Some(*part))
            .map(|part| part.to_string())
            .collect();
        writeln!(said, "{:27} {}", operation.name(), parts.join(", ")).unwrap();
    }
    insta::assert_snapshot!("agency", said);
    let restart = matrix.operation("restart").unwrap();
    let nobody = User::default();
    let first = try_to(&params(), Caller::User(&nobody), restart, "cn-north-4", &Agency::missing());
    assert!(matches!(first, Err(Refusal::Denied(_))));
    let lenient = params_with(&[("A1.12.agency_required", "no")]);
    let answer = try_to(&lenient, Caller::Account, restart, "cn-north-4", &Agency::missing());
    assert!(answer.is_ok());
}

#[test]
fn a_misspelt_operation_is_answered_with_a_near_one() {
    let error = Matrix::standard().operation("restrat").unwrap_err().to_string();
    assert_eq!(error, "no operation `restrat`; the nearest is `restart`");
    let error = Matrix::standard().operation("BatchQueryState").unwrap_err().to_string();
    assert_eq!(error, "no operation `BatchQueryState`; the nearest is `BatchQueryStatus`");
}
