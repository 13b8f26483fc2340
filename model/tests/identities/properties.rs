//! What holds whoever asks, whenever.

use crate::{add_user, ask, ask_as, ask_so, attach, desk, may, question, token, user, wait};
use koosim_model::access::matrix::{Door, Matrix, SystemRole};
use koosim_model::command::Source;
use koosim_model::time::SimDuration;
use proptest::prelude::*;

const TOKEN: &str = r#"{"identity": {"get_token": {"token": "t", "user": "ann", "password": "right",
    "scope": {"project": {"name": "cn-north-4", "enterprise": null}}}}}"#;
const RESTART: &str = r#"{"operate": {"phone": "d1", "operation": "restart"}}"#;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A5.1, A5.2: a token holds from its issue for its whole life, counted in whole seconds.
    #[test]
    fn a_token_holds_for_its_life(
        hours in 1_i64..48, after_issue in 0_i64..999, at in -5_i64..5, lived in 0_i64..1,
    ) {
        let life = format!("{hours} h");
        let mut desk = desk(&[("A5.2.token_lifetime", &life)]);
        add_user(&mut desk, "ann");
        attach(&mut desk, "KooPhone Administrator", r#""all_projects""#);
        wait(&mut desk, SimDuration::from_nanos(after_issue * 1_000_000));
        ask(&mut desk, TOKEN).unwrap();
        let near = at * 1_000_000 + lived;
        let end = hours * 3_600 * 1_000_000_000 - after_issue * 1_000_000;
        wait(&mut desk, SimDuration::from_nanos(end + near));
        let answer = ask_as(&mut desk, token("t"), RESTART);
        let holds = near < 0;
        prop_assert_eq!(answer.is_ok(), holds, "{:?}", answer);
    }
}

/// A1.1, A1.2, A1.3, A1.4, A1.10, A1.14: each role may do the operations of its column, and no others.
#[test]
fn each_role_has_its_operations() {
    for (role, name) in SystemRole::ALL.into_iter().map(|role| (role, role.name())) {
        let mut desk = desk(&[]);
        add_user(&mut desk, "ann");
        attach(&mut desk, name, r#""all_projects""#);
        let params = desk.params(desk.now).access;
        for operation in Matrix::standard().operations() {
            let allowed = may(&mut desk, user("ann"), operation.name());
            assert_eq!(allowed, operation.is_of(&params, role), "{name}: {}", operation.name());
            // The account itself may do everything.
            let question = question(operation.name());
            let told = format!("{:?}", ask(&mut desk, &question).unwrap());
            assert!(told.contains("Allow"), "{told}");
        }
    }
}

/// A1.6: a grant on one project holds for phones of that project, and for requests that name none only
/// if it is the usual one.
#[test]
fn a_request_without_a_project_is_in_the_usual_one() {
    for (usual, granted) in [("cn-north-4", true), ("cn-south-1", false)] {
        let mut desk = desk(&[("A1.6.project_if_unnamed", usual)]);
        add_user(&mut desk, "ann");
        attach(&mut desk, "KooPhone Administrator", r#"{"project": "cn-north-4"}"#);
        assert_eq!(ask_as(&mut desk, user("ann"), RESTART).is_ok(), granted, "{usual}");
    }
}

/// A1.8: what a user may do is what its groups hold, whatever order they were filled in.
#[test]
fn a_group_gives_and_takes() {
    let mut desk = desk(&[]);
    add_user(&mut desk, "ann");
    let group = |body: &str| format!(r#"{{"identity": {{{body}}}}}"#);
    for step in [
        r#""add_group": {"group": "g"}"#,
        r#""set_membership": {"user": "ann", "group": "g", "member": true}"#,
    ] {
        ask(&mut desk, &group(step)).unwrap();
    }
    assert!(!may(&mut desk, user("ann"), "restart"));
    let held = r#""policy": "KooPhone Administrator", "held": "all_projects""#;
    ask(&mut desk, &group(&format!(r#""attach": {{{held}, "to": {{"group": "g"}}}}"#))).unwrap();
    assert!(may(&mut desk, user("ann"), "restart"));
    ask(&mut desk, &group(&format!(r#""detach": {{{held}, "from": {{"group": "g"}}}}"#))).unwrap();
    assert!(!may(&mut desk, user("ann"), "restart"));
}

/// A1.11, A1.13: the interface asks for the action of the call, the console for that of the button.
#[test]
fn console_and_interface_ask_for_their_own_actions() {
    let mut desk = desk(&[]);
    add_user(&mut desk, "ann");
    let text = r#"{\"Version\": \"1.1\", \"Statement\": [{\"Effect\": \"Allow\",
        \"Action\": [\"koophone:cloudphoneResource:instanceReboot\"]}]}"#
        .replace('\n', " ");
    let policy = format!(
        r#"{{"identity": {{"set_policy": {{"policy": "one", "kind": "projects", "text": "{text}"}}}}}}"#
    );
    ask(&mut desk, &policy).unwrap();
    attach(&mut desk, "one", r#""all_projects""#);
    assert!(ask_so(&mut desk, user("ann"), Source::Api, RESTART).is_ok());
    // The account asks for nothing of all this.
    let unpublished = Matrix::standard().operations().iter().filter(|o| !o.is_published());
    let console: Vec<_> = unpublished.filter(|o| o.door() == Door::Console).collect();
    assert!(console.len() > 20);
    for operation in console {
        assert!(!may(&mut desk, user("ann"), operation.name()), "{}", operation.name());
    }
}
