//! Actions and resources (A2.6 to A2.8), and what identity policies add (A4.1).

use crate::{allow, ask, ask_with, params, params_with, policy, v11, v50, word};
use koosim_model::access::AccessParams;
use koosim_model::access::policy::{Action, Context, Policy, Pool, Request, Resource, Scope};
use std::sync::Arc;

fn check(policy: &Arc<Policy>, wanted: &str, on: Option<&str>, expect: &str) {
    let verdict = ask(std::slice::from_ref(policy), wanted, on, &Context::empty());
    assert_eq!(word(&verdict), expect, "{wanted} on {on:?}: {verdict}");
}

fn action(pattern: &str, wanted: &str, expect: &str) {
    check(&v11("one", &allow(pattern, "")), wanted, None, expect);
}

fn resource(pattern: &str, on: Option<&str>, expect: &str) {
    let with = format!(r#""Resource":["{pattern}"]"#);
    check(&v11("one", &allow("obs:*:*", &with)), "obs:bucket:list", on, expect);
}

/// A2.6.
#[test]
fn actions_match_by_field() {
    action("iam:*:get*", "iam:users:getUser", "allow");
    action("iam:USERS:GETuser", "iam:users:getUser", "allow");
    action("ecs:*:list", "ecs:servers:list", "allow");
    action("ecs:*:list", "ecs:servers:listAll", "deny");
    action("*:*:*", "ecs:servers:list", "allow");
    action("*:servers:*", "ecs:servers:list", "allow");
    // The service keeps its case.
    action("ecs:*:*", "ECS:servers:list", "deny");
    // Two fields match nothing, and a question mark is a plain character.
    action("ecs:*", "ecs:servers:list", "deny");
    action("ecs:servers:lis?", "ecs:servers:list", "deny");
    action("ecs:servers:lis?", "ecs:servers:lis?", "allow");
}

/// A2.7, A2.8.
#[test]
fn resources_match_by_field_and_paths_cross_slashes() {
    resource("obs:*:*:bucket:Test*", Some("obs:cn-north-4:d1:bucket:TestBucket9"), "allow");
    resource("obs:*:*:bucket:Test*", Some("obs:cn-north-4:d1:bucket:testBucket9"), "deny");
    resource("obs:*:*:BUCKET:Test*", Some("obs:cn-north-4:d1:bucket:TestBucket9"), "allow");
    resource("obs:*:*:object:my/*", Some("obs:::object:my/a/b/c"), "allow");
    resource("obs:*:*:object:my/*/c", Some("obs:::object:my/a/b/c"), "allow");
    resource("obs:cn-*:*:bucket:*", Some("obs:cn-north-4:d1:bucket:a"), "allow");
    resource("obs:cn-*:*:bucket:*", Some("obs:ap-north-4:d1:bucket:a"), "deny");
    resource("obs:*:*:bucket:a?", Some("obs:::bucket:ab"), "deny");
    resource("obs:*:*:object:a:b", Some("obs:::object:a:b"), "allow");
    resource("*", Some("obs:::bucket:a"), "allow");
    // What names no resource is matched by stars alone.
    resource("*", None, "allow");
    resource("*:*:*:*:*", None, "allow");
    resource("obs:*:*:*:*", None, "deny");
    let loose = params_with(&[("A2.8.no_resource_needs_stars", "no")]);
    let with = r#""Resource":["obs:*:*:*:*"]"#;
    let policies = [v11("one", &allow("obs:*:*", with))];
    let verdict = ask_with(&loose, &policies, "obs:bucket:list", None, &Context::empty());
    assert!(verdict.is_allowed());
}

/// A4.1: opposites, and elements in any order.
#[test]
fn identity_policies_name_what_they_do_not_mean() {
    let all_but = v50("not", r#"{"NotAction":["ecs:*:*","obs:bucket:delete*"],"Effect":"Allow"}"#);
    check(&all_but, "vpc:subnets:get", None, "allow");
    check(&all_but, "ecs:servers:get", None, "deny");
    check(&all_but, "obs:bucket:deleteBucket", None, "deny");
    let others = r#"{"Resource":["*"],"Action":["obs:*:*"],"Sid":"all","Effect":"Allow"},
        {"Effect":"Deny","Action":["obs:*:*"],"NotResource":["obs:*:*:bucket:mine"]}"#;
    let mine_only = v50("mine", others);
    check(&mine_only, "obs:bucket:list", Some("obs:::bucket:mine"), "allow");
    check(&mine_only, "obs:bucket:list", Some("obs:::bucket:yours"), "deny");
    // What names no resource is none of those that are taken out.
    check(&mine_only, "obs:bucket:list", None, "deny");
    assert_eq!(mine_only.statements()[0].sid(), Some("all"));
}

/// A1.13: what nobody published cannot be named, and stars stand for every name.
#[test]
fn stars_alone_reach_operations_without_an_action() {
    let power = Action::unpublished("koophone", "power-on");
    let (scope, context) = (Scope::project("cn-north-4"), Context::empty());
    let ask = |params: &AccessParams, pattern: &str| {
        let request = Request { action: &power, resource: None, scope: &scope, context: &context };
        let policy = v11("one", &allow(pattern, ""));
        word(&Pool::of([policy.as_ref()]).decide(params, &request))
    };
    for (pattern, expect) in [
        ("*:*:*", "allow"),
        ("koophone:*:*", "allow"),
        ("cph:*:*", "deny"),
        ("koophone:cloudphoneResource:*", "deny"),
        ("koophone:*:power*", "deny"),
    ] {
        assert_eq!(ask(&params(), pattern), expect, "{pattern}");
    }
    let closed = params_with(&[("A1.13.stars_cover_unpublished", "no")]);
    assert_eq!(ask(&closed, "*:*:*"), "deny");
}

#[test]
fn what_is_asked_for_is_written_in_full() {
    for text in ["ecs:servers", "ecs:servers:list:all", "ecs::list", "ecs:*:list", ""] {
        assert!(Action::parse(text).is_err(), "{text}");
    }
    for text in ["obs:bucket", "obs:::bucket", ":::bucket:a", "obs::::a"] {
        assert!(Resource::parse(text).is_err(), "{text}");
    }
    assert!(Action::unpublished("koophone", "x").also_spelled("a:b:c").is_err());
}

/// A1.11: one action may have two spellings.
#[test]
fn either_spelling_matches() {
    let both = Action::parse("a:b:one").unwrap().also_spelled("a:b:two").unwrap();
    let (scope, context) = (Scope::Global, Context::empty());
    let request = Request { action: &both, resource: None, scope: &scope, context: &context };
    let decide = |effect: &str, pattern: &str| {
        let text = crate::statement(effect, pattern, "");
        let all = policy(
            "all",
            r#"{"Version":"1.1","Statement":[{"Effect":"Allow","Action":["*:*:*"]}]}"#,
        );
        let one = v11("one", &text);
        Pool::of([all.as_ref(), one.as_ref()]).decide(&params(), &request)
    };
    for pattern in ["a:b:one", "a:b:two"] {
        assert!(!decide("Deny", pattern).is_allowed(), "{pattern}");
        assert_eq!(decide("Allow", pattern).statements().len(), 2, "{pattern}");
    }
}
