//! Where grants hold (A1.6, A1.8, A2.3), what roles need (A2.4), and what bounds an account (A4.2).

use crate::{
    action, allow, ask_as, deny, in_project, params, params_with, policy, user, v11, v50, word,
};
use koosim_model::access::AccessParams;
use koosim_model::access::policy::{
    Bounds, Context, Grant, Group, Held, Policy, Request, Scope, User, Verdict, decide,
    decide_for_account,
};
use std::sync::Arc;

const LIST: &str = "ecs:servers:list";

fn enterprise(name: &str) -> Scope {
    Scope::Project { name: "cn-north-4".to_owned(), enterprise: Some(name.to_owned()) }
}

/// A1.6, A2.3: every kind of grant in every kind of place.
#[test]
fn grants_hold_where_they_were_given() {
    let all = v11("all", &allow("*:*:*", ""));
    let scopes = [
        Scope::Global,
        Scope::project("cn-north-4"),
        Scope::project("cn-south-1"),
        enterprise("shop"),
        enterprise("lab"),
    ];
    for (held, expect) in [
        (Held::Global, ["allow", "deny", "deny", "deny", "deny"]),
        (Held::AllProjects, ["deny", "allow", "allow", "allow", "allow"]),
        (in_project("cn-north-4"), ["deny", "allow", "deny", "allow", "allow"]),
        (Held::EnterpriseProject("shop".to_owned()), ["deny", "deny", "deny", "allow", "deny"]),
        (Held::Everywhere, ["allow"; 5]),
    ] {
        let user = user(&[(&all, held.clone())]);
        let found = scopes.each_ref().map(|scope| word(&ask_as(&user, LIST, scope)));
        assert_eq!(found, expect, "{held:?}");
    }
    let wide = params_with(&[("A2.3.all_projects_cover_global", "yes")]);
    let held = user(&[(&all, Held::AllProjects)]);
    let verdict = with_bounds(&wide, &held, &Bounds::default(), LIST, &Scope::Global);
    assert!(verdict.is_allowed());
}

fn with_bounds(
    params: &AccessParams,
    user: &User,
    bounds: &Bounds,
    wanted: &str,
    scope: &Scope,
) -> Verdict {
    let (action, context) = (action(wanted), Context::empty());
    let request = Request { action: &action, resource: None, scope, context: &context };
    decide(params, user, bounds, &request)
}

/// A1.8, A2.1: groups add up, and a denial in one of them denies.
#[test]
fn a_user_has_what_its_groups_have() {
    let (yes, no) = (v11("yes", &allow("ecs:*:*", "")), v11("no", &deny("ecs:*:delete", "")));
    let group = |policy: &Arc<Policy>| Group {
        grants: vec![Grant { policy: Arc::clone(policy), held: Held::AllProjects }],
    };
    let user = User { groups: vec![group(&yes), group(&no), group(&yes)], own: Vec::new() };
    let scope = Scope::project("cn-north-4");
    assert_eq!(ask_as(&user, LIST, &scope).to_string(), "allow: `yes` Statement[0]");
    assert_eq!(ask_as(&user, "ecs:servers:delete", &scope).to_string(), "deny: `no` Statement[0]");
}

fn role(name: &str, catalog: &str, depends: &str) -> Arc<Policy> {
    let text = format!(
        r#"{{"Version":"1.0","Statement":[{{"Effect":"Allow","Action":["dns:*:*"]}}],"Depends":[{depends}]}}"#
    );
    let head = koosim_model::access::policy::Head::system(name, catalog);
    Arc::new(crate::try_policy(head, &text).unwrap())
}

/// A2.4: in the same project, with the same catalogue, and never through a third role.
#[test]
fn a_role_works_with_the_roles_that_it_names() {
    let dns =
        role("DNS Administrator", "DNS", r#"{"catalog":"BASE","display_name":"Tenant Guest"}"#);
    // The other role depends on a third that nobody has.
    let guest = role("Tenant Guest", "BASE", r#"{"catalog":"BASE","display_name":"Nobody"}"#);
    let namesake = v11("Tenant Guest", &allow("x:y:z", ""));
    let identity = {
        let head = koosim_model::access::policy::Head::system("Tenant Guest", "BASE");
        let text = r#"{"Version":"5.0","Statement":[{"Effect":"Allow","Action":["x:y:z"]}]}"#;
        Arc::new(crate::try_policy(head, text).unwrap())
    };
    let (north, south) = (|| in_project("cn-north-4"), || in_project("cn-south-1"));
    let scope = Scope::project("cn-north-4");
    for (held, expect) in [
        (vec![(&dns, north())], "deny"),
        (vec![(&dns, north()), (&guest, north())], "allow"),
        (vec![(&dns, north()), (&guest, Held::AllProjects)], "allow"),
        (vec![(&dns, Held::AllProjects), (&guest, north())], "allow"),
        (vec![(&dns, north()), (&guest, south())], "deny"),
        (vec![(&dns, Held::AllProjects), (&guest, south())], "deny"),
        (vec![(&dns, north()), (&guest, Held::Global)], "deny"),
        (vec![(&dns, north()), (&namesake, north())], "deny"),
        (vec![(&dns, north()), (&identity, north())], "deny"),
        (vec![(&guest, north())], "deny"),
    ] {
        let verdict = ask_as(&user(&held), "dns:zone:list", &scope);
        let names: Vec<_> = held.iter().map(|(p, held)| (p.name(), held)).collect();
        assert_eq!(word(&verdict), expect, "{names:?}: {verdict}");
    }
}

/// A role that does nothing denies nothing either.
#[test]
fn a_role_without_its_dependency_does_not_deny() {
    let text = r#"{"Version":"1.0","Statement":[{"Effect":"Deny","Action":["dns:*:*"]}],
        "Depends":[{"catalog":"BASE","display_name":"Tenant Guest"}]}"#;
    let (no, yes) = (policy("no", text), v11("yes", &allow("dns:*:*", "")));
    let user = user(&[(&no, Held::AllProjects), (&yes, Held::AllProjects)]);
    assert!(ask_as(&user, "dns:zone:list", &Scope::project("cn-north-4")).is_allowed());
}

/// A2.1, A2.2: what a refusal by default lacks is the nearest thing, whatever stands first.
#[test]
fn the_nearest_reason_is_given() {
    let scope = Scope::project("cn-north-4");
    let other = v11("other", &allow("ecs:servers:get", ""));
    let some = v11("some", &allow("ecs:*:*", r#""Resource":["ecs:*:*:server:a"]"#));
    let south = v11("south", &allow("ecs:*:*", ""));
    let waiting = role("waiting", "X", r#"{"catalog":"BASE","display_name":"Y"}"#);
    let keyed = v11("keyed", &allow("*:*:*", r#""Condition":{"Bool":{"g:MFAPresent":["true"]}}"#));
    let mut held = vec![];
    let mut said = vec![];
    for (policy, place) in [
        (&other, Held::AllProjects),
        (&some, Held::AllProjects),
        (&south, in_project("cn-south-1")),
        (&waiting, Held::AllProjects),
        (&keyed, Held::AllProjects),
    ] {
        held.insert(0, (policy, place));
        let wanted = if held.len() == 4 { "dns:zone:list" } else { LIST };
        let verdict = ask_as(&user(&held), wanted, &scope);
        said.push(format!("{verdict} [{}]", verdict.rules()[0]));
    }
    insta::assert_snapshot!(said.join("\n"), @r"
    deny: no statement allows the action [A2.6]
    deny: `some` Statement[0] allows it for other resources [A2.7]
    deny: `south` Statement[0] allows it elsewhere [A2.3]
    deny: `waiting` Statement[0] needs the role `Y` (BASE) in the same project [A2.4]
    deny: `keyed` Statement[0] wants Bool of `g:MFAPresent`, which is absent [A3.6]
    ");
}

/// A4.2.
#[test]
fn bounds_grant_nothing_and_hold_on_every_level() {
    let all = v50("FullAccess", &allow("*:*:*", r#""Resource":["*"]"#));
    let ecs = v50("only ecs", &allow("ecs:*:*", ""));
    let no_delete = v50("no deletion", &deny("*:*:delete", ""));
    let bounds = |levels: &[&[&Arc<Policy>]]| Bounds {
        levels: levels.iter().map(|level| level.iter().map(|p| Arc::clone(p)).collect()).collect(),
    };
    let mine = v11("mine", &allow("ecs:*:* dns:*:*", ""));
    let none = User::default();
    let ann = user(&[(&mine, Held::AllProjects)]);
    let scope = Scope::project("cn-north-4");
    let mut said = vec![];
    for (bounds, user, wanted) in [
        (bounds(&[&[&all]]), &none, LIST),
        (bounds(&[&[&all], &[&all, &no_delete]]), &ann, LIST),
        (bounds(&[&[&all], &[&all, &no_delete]]), &ann, "ecs:servers:delete"),
        (bounds(&[&[&all], &[&ecs]]), &ann, LIST),
        (bounds(&[&[&all], &[&ecs]]), &ann, "dns:zone:list"),
        (bounds(&[&[], &[&all]]), &ann, LIST),
        (bounds(&[&[&no_delete]]), &none, "ecs:servers:delete"),
    ] {
        let verdict = with_bounds(&params(), user, &bounds, wanted, &scope);
        said.push(format!("{verdict} [{}]", verdict.rules()[0]));
    }
    insta::assert_snapshot!(said.join("\n"), @r"
    deny: nothing is granted [A1.5]
    allow: `mine` Statement[0] [A2.1]
    deny by bound: `no deletion` Statement[0] [A4.2]
    allow: `mine` Statement[0] [A2.1]
    deny by bound of level 1: no statement allows the action [A4.2]
    deny by bound of level 0: nothing is granted [A4.2]
    deny by bound: `no deletion` Statement[0] [A4.2]
    ");
}

/// A1.5, A4.2: the account may do everything, within its bounds.
#[test]
fn the_account_is_bounded_too() {
    let (delete, context) = (action("ecs:servers:delete"), Context::empty());
    let scope = Scope::project("cn-north-4");
    let request = Request { action: &delete, resource: None, scope: &scope, context: &context };
    let no_delete = v50("no deletion", &deny("*:*:delete", ""));
    let bounds = Bounds { levels: vec![vec![no_delete]] };
    let free = params_with(&[("A4.2.binds_account", "no")]);
    assert!(decide_for_account(&params(), &Bounds::default(), &request).is_allowed());
    assert!(!decide_for_account(&params(), &bounds, &request).is_allowed());
    assert!(decide_for_account(&free, &bounds, &request).is_allowed());
}

/// A2.1, A4.4: a hundred thousand statements are one pool, gone through once.
#[test]
fn a_pool_may_be_large() {
    let some = v11("some", &vec![allow("ecs:servers:get", ""); 99].join(","));
    let last = v11("last", &allow(LIST, ""));
    let policies = std::iter::repeat_n(some.as_ref(), 1_010).chain([last.as_ref()]);
    let pool = koosim_model::access::policy::Pool::of(policies);
    assert!(pool.len() > 99_990);
    let (list, context, scope) = (action(LIST), Context::empty(), Scope::Global);
    let request = Request { action: &list, resource: None, scope: &scope, context: &context };
    assert_eq!(pool.decide(&params(), &request).to_string(), "allow: `last` Statement[0]");
}
