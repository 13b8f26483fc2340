//! Every reason that is a matter of who asks, and the order in which they are given.

use crate::{add_user, ask, ask_as, attach, desk, question, token, user, wait};
use koosim_model::command::Principal;
use koosim_model::decision::{Denial, Reason};
use koosim_model::name::MemberId;
use koosim_model::time::SimDuration;
use std::collections::BTreeSet;

const RESTART: &str = r#"{"operate": {"phone": "d1", "operation": "restart"}}"#;

const EVERYTHING: &str =
    r#"{"Version": "1.1", "Statement": [{"Effect": "Allow", "Action": ["*:*:*"]}]}"#;

/// A request about identities.
fn identity(body: &str) -> String {
    format!(r#"{{"identity": {{{body}}}}}"#)
}

fn get_token(name: &str, user: &str, password: &str, scope: &str) -> String {
    identity(&format!(
        r#""get_token": {{"token": "{name}", "user": "{user}", "password": "{password}", "scope": {scope}}}"#
    ))
}

const PROJECT: &str = r#"{"project": {"name": "cn-north-4", "enterprise": null}}"#;

/// A1 to A5: each line is refused with the reason beside it, and changes nothing.
#[test]
#[expect(clippy::too_many_lines, reason = "one line for each reason, so that none is forgotten")]
fn every_reason_is_given() {
    let mut desk = desk(&[("A5.3.revoked_early", "yes")]);
    add_user(&mut desk, "ann");
    add_user(&mut desk, "ben");
    attach(&mut desk, "KooPhone Administrator", r#""all_projects""#);
    for ready in [
        identity(r#""add_group": {"group": "g"}"#),
        identity(&format!(
            r#""set_policy": {{"policy": "of the service", "kind": {{"system": "BASE"}}, "text": {}}}"#,
            serde_json::Value::from(EVERYTHING)
        )),
        get_token("wide", "ann", "right", r#""global""#),
        get_token("early", "ben", "right", PROJECT),
        identity(r#""change_user": {"user": "ben", "change": "disabled"}"#),
        identity(r#""set_agency": {"covers": ["network", "storage"]}"#),
    ] {
        ask(&mut desk, &ready).unwrap();
    }
    ask(&mut desk, &get_token("late", "ann", "right", PROJECT)).unwrap();
    wait(&mut desk, SimDuration::from_hours(24));
    ask(&mut desk, &get_token("wide2", "ann", "right", r#""global""#)).unwrap();
    let member = || Principal::Member(MemberId::new("zoe").unwrap());
    let bad_text = r#""set_policy": {"policy": "p", "kind": "projects", "text": "{}"}"#;
    let lines = [
        ("unknown_user", None, get_token("t", "zoe", "right", PROJECT)),
        ("unknown_user", Some(user("zoe")), RESTART.to_owned()),
        (
            "unknown_group",
            None,
            identity(r#""set_membership": {"user": "ann", "group": "h", "member": true}"#),
        ),
        (
            "unknown_policy",
            None,
            identity(r#""attach": {"policy": "p", "to": {"group": "g"}, "held": "everywhere"}"#),
        ),
        ("unknown_policy", None, identity(r#""set_bounds": {"levels": [["p"]]}"#)),
        ("unknown_token", Some(token("t")), RESTART.to_owned()),
        ("token_revoked", Some(token("early")), RESTART.to_owned()),
        ("token_expired", Some(token("late")), RESTART.to_owned()),
        ("token_without_project", Some(token("wide2")), RESTART.to_owned()),
        ("wrong_password", None, get_token("t", "ann", "wrong", PROJECT)),
        ("user_disabled", None, get_token("t", "ben", "right", PROJECT)),
        ("name_taken", None, get_token("wide2", "ann", "right", PROJECT)),
        ("name_taken", None, identity(r#""add_user": {"user": "ann", "password": null}"#)),
        ("name_taken", None, identity(r#""add_group": {"group": "g"}"#)),
        ("not_askable", None, question("fly")),
        ("member_of_the_client", Some(member()), RESTART.to_owned()),
        ("no_permission", Some(user("ben")), RESTART.to_owned()),
        ("agency_missing", Some(user("ann")), RESTART.to_owned()),
        ("agency_missing", None, RESTART.to_owned()),
        (
            "policy_of_the_service",
            None,
            identity(
                r#""set_policy": {"policy": "of the service", "kind": "projects", "text": "{}"}"#,
            ),
        ),
        (
            "policy_of_the_service",
            None,
            identity(
                r#""set_policy": {"policy": "KooPhone ReadOnlyUser", "kind": "projects", "text": "{}"}"#,
            ),
        ),
        ("not_a_policy", None, identity(bad_text)),
        (
            "nothing_to_change",
            None,
            identity(r#""set_membership": {"user": "ann", "group": "g", "member": false}"#),
        ),
        (
            "nothing_to_change",
            None,
            identity(r#""detach": {"policy": "p", "from": {"group": "g"}, "held": "everywhere"}"#),
        ),
        (
            "nothing_to_change",
            None,
            identity(r#""change_user": {"user": "ben", "change": "disabled"}"#),
        ),
        (
            "nothing_to_change",
            None,
            identity(r#""set_agency": {"covers": ["storage", "network"]}"#),
        ),
    ];
    let mut seen = BTreeSet::new();
    for (expected, who, request) in lines {
        let before = desk.account().clone();
        let answer = match who {
            Some(who) => ask_as(&mut desk, who, &request),
            None => ask(&mut desk, &request),
        };
        let Err(reason) = answer else { panic!("{request} was not refused") };
        assert_eq!(reason.name(), expected, "{request}");
        assert!(matches!(reason, Reason::Access(_)));
        assert_eq!(*desk.account(), before, "a refusal changes nothing");
        let (_, rules) = desk.reasons.last().unwrap();
        assert_eq!(rules[0].to_string().as_bytes()[0], b'A', "{request}: {rules:?}");
        seen.insert(expected);
    }
    seen.extend(crate::members::reasons());
    assert_eq!(Denial::NAMES.iter().copied().collect::<BTreeSet<_>>(), seen);
    let names = Reason::names();
    assert_eq!(names.len(), Reason::NAMES.len() + Denial::NAMES.len());
    assert_eq!(
        names.iter().collect::<BTreeSet<_>>().len(),
        names.len(),
        "each name is of one reason"
    );
}

/// A1.5, A2.1: who may not ask learns nothing of what would have been answered.
#[test]
fn permissions_are_looked_at_before_the_rules_of_the_service() {
    let mut desk = desk(&[]);
    add_user(&mut desk, "ann");
    let unknown = r#"{"operate": {"phone": "nobody", "operation": "restart"}}"#;
    let said = |answer: Result<_, Reason>| answer.map(drop).unwrap_err().name();
    assert_eq!(said(ask_as(&mut desk, user("ann"), unknown)), "no_permission");
    attach(&mut desk, "KooPhone Administrator", r#""all_projects""#);
    assert_eq!(said(ask_as(&mut desk, user("ann"), unknown)), "unknown_phone");
    assert_eq!(said(ask(&mut desk, unknown)), "unknown_phone");
    assert!(ask_as(&mut desk, user("ann"), RESTART).is_ok());
}

/// A1.5: money and users are matters of other services, which the product's roles do not reach.
#[test]
fn the_roles_of_the_product_end_with_the_product() {
    let mut desk = desk(&[]);
    add_user(&mut desk, "ann");
    attach(&mut desk, "KooPhone Administrator", r#""all_projects""#);
    let amount = crate::money("1", koosim_model::money::Currency::CNY);
    let money = serde_json::to_string(&koosim_model::command::Op::TopUp { amount }).unwrap();
    for request in [money, identity(r#""add_group": {"group": "g"}"#)] {
        let answer = ask_as(&mut desk, user("ann"), &request);
        assert_eq!(answer.unwrap_err().name(), "no_permission", "{request}");
    }
}
