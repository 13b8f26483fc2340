//! Thirteen worked examples: eleven of the vendor's own samples, and two that apply them to the
//! product.

use crate::{allow, ask, ask_as, deny, in_project, params, policy, user, v11, word};
use koosim_model::access::matrix::{Matrix, SystemRole};
use koosim_model::access::policy::{Context, Facts, Held, Policy, Scope, SecondFactor, User};
use koosim_model::time::{SimDuration, SimTime, WallTime};
use std::sync::Arc;

const CREATE: &str = "ecs:servers:create";

fn full() -> Arc<Policy> {
    v11("FullAccess", &allow("*:*:*", ""))
}

fn check(
    policies: &[Arc<Policy>],
    wanted: &str,
    on: Option<&str>,
    context: &Context,
    expect: &str,
) {
    let verdict = ask(policies, wanted, on, context);
    assert_eq!(word(&verdict), expect, "{wanted} on {on:?}: {verdict}");
}

fn named(user: &str) -> Context {
    Context::empty().with("g:UserName", &[user])
}

/// A1.5, A2.1.
#[test]
fn example_1_without_grants_everything_is_denied() {
    check(&[], CREATE, None, &Context::empty(), "deny");
    let verdict = ask_as(&User::default(), CREATE, &Scope::project("cn-north-4"));
    assert_eq!(verdict.to_string(), "deny: nothing is granted");
    assert_eq!(verdict.rules()[0].to_string(), "A1.5");
}

/// A2.1.
#[test]
fn example_2_one_service_is_taken_out_of_everything() {
    let policies = [full(), v11("no cts", &deny("cts:*:*", ""))];
    check(&policies, "cts:trace:list", None, &Context::empty(), "deny");
    check(&policies, "ecs:servers:list", None, &Context::empty(), "allow");
}

/// A2.1, A2.6.
#[test]
fn example_3_one_action_is_taken_out_of_a_service() {
    let policies =
        [v11("BMS FullAccess", &allow("bms:*:*", "")), v11("no", &deny("bms:servers:create", ""))];
    check(&policies, "bms:servers:create", None, &Context::empty(), "deny");
    check(&policies, "bms:servers:list", None, &Context::empty(), "allow");
}

/// A2.7, A3.7.
#[test]
fn example_4_some_users_are_kept_from_some_buckets() {
    let actions = "obs:bucket:ListBucket obs:bucket:HeadBucket obs:bucket:GetBucketLocation";
    let limits = r#""Resource":["obs:*:*:bucket:TestBucket*"],
        "Condition":{"StringStartWith":{"g:UserName":["TestUser"]}}"#;
    let policies = [
        v11("OBS ReadOnlyAccess", &allow("obs:*:Get* obs:*:List* obs:*:Head*", "")),
        v11("not these", &deny(actions, limits)),
    ];
    let list = "obs:bucket:ListBucket";
    let (nine, other) = ("obs:cn-north-4:d1:bucket:TestBucket9", "obs:cn-north-4:d1:bucket:other");
    check(&policies, list, Some(nine), &named("TestUser1"), "deny");
    check(&policies, list, Some(nine), &named("Bob"), "allow");
    check(&policies, list, Some(other), &named("TestUser1"), "allow");
}

/// A2.1, A2.6.
#[test]
fn example_5_several_services_are_taken_out_of_everything() {
    let services = "ecs:*:* evs:*:* vpc:*:* elb:*:* aom:*:* apm:*:*";
    let policies = [full(), v11("no servers", &deny(services, ""))];
    check(&policies, "rds:instance:list", None, &Context::empty(), "allow");
    check(&policies, "ecs:servers:get", None, &Context::empty(), "deny");
}

/// A3.1, A3.2, A3.9.
#[test]
fn example_6_a_second_factor_is_wanted() {
    let condition = r#""Condition":{
        "StringEndWithIfExists":{"g:UserName":["specialCharacter"]},
        "Bool":{"g:MFAPresent":["true"]}}"#;
    let policies = [v11("with MFA", &allow("obs:bucket:GetBucketLocation", condition))];
    let wanted = "obs:bucket:GetBucketLocation";
    let as_user = |second_factor| {
        let (domain, user_id, user_name) = ("acme", "u1", "a-specialCharacter");
        let facts = Facts { now: SimTime::EPOCH, domain, user_id, user_name, second_factor };
        Context::global(&facts, &crate::action(wanted), &Scope::Global)
    };
    check(&policies, wanted, None, &as_user(SecondFactor::Unknown), "deny");
    check(&policies, wanted, None, &as_user(SecondFactor::NotUsed), "deny");
    let used = SecondFactor::Used { age: SimDuration::from_secs(60) };
    check(&policies, wanted, None, &as_user(used), "allow");
    let said = ask(&policies, wanted, None, &as_user(SecondFactor::Unknown)).to_string();
    assert_eq!(said, "deny: `with MFA` Statement[0] wants Bool of `g:MFAPresent`, which is absent");
}

/// A3.8.
#[test]
fn example_7_a_number_has_a_limit() {
    let condition = r#""Condition":{"NumberLessThanEquals":{"obs:max-keys":["10"]}}"#;
    let policies = [v11("ten keys", &allow("obs:bucket:ListBucket", condition))];
    let keys = |number: &str| Context::empty().with("obs:max-keys", &[number]);
    check(&policies, "obs:bucket:ListBucket", None, &keys("10"), "allow");
    check(&policies, "obs:bucket:ListBucket", None, &keys("11"), "deny");
}

/// A3.8, A3.9.
#[test]
fn example_8_a_permission_ends_at_an_instant() {
    let condition = r#""Condition":{"DateLessThan":{"g:CurrentTime":["2022-08-01T00:00:00Z"]}}"#;
    let policies = [v11("until August", &allow(CREATE, condition))];
    let at = |wall: &str| {
        let now = WallTime::parse(wall).unwrap().instant();
        let second_factor = SecondFactor::Unknown;
        let facts = Facts { now, domain: "acme", user_id: "u1", user_name: "ann", second_factor };
        Context::global(&facts, &crate::action(CREATE), &Scope::Global)
    };
    // Eight hours ahead of the instant that the policy names.
    check(&policies, CREATE, None, &at("2022-08-01 07:59:59"), "allow");
    check(&policies, CREATE, None, &at("2022-08-01 08:00:00"), "deny");
}

/// A3.3.
#[test]
fn example_9_a_key_must_be_there() {
    let condition = r#""Condition":{"Null":{"obs:SourceVpc":["false"]}}"#;
    let policies = [v11("from a network", &allow(CREATE, condition))];
    check(&policies, CREATE, None, &Context::empty(), "deny");
    check(&policies, CREATE, None, &Context::empty().with("obs:SourceVpc", &["vpc-1"]), "allow");
    check(&policies, CREATE, None, &Context::empty().with_null("obs:SourceVpc"), "deny");
}

/// A2.4.
#[test]
fn example_10_a_role_without_what_it_depends_on_does_nothing() {
    let text = r#"{"Version":"1.0","Statement":[{"Effect":"Allow","Action":["dns:*:*"]}],"Depends":[
        {"catalog":"BASE","display_name":"Tenant Guest"},
        {"catalog":"VPC","display_name":"VPC Administrator"}]}"#;
    let dns = policy("DNS Administrator", text);
    let here = || in_project("cn-north-4");
    let verdict = ask_as(&user(&[(&dns, here())]), "dns:zone:list", &Scope::project("cn-north-4"));
    assert_eq!(
        verdict.to_string(),
        "deny: `DNS Administrator` Statement[0] needs the role `Tenant Guest` (BASE) in the same project"
    );
    assert_eq!(verdict.rules()[0].to_string(), "A2.4");
}

/// A2.6.
#[test]
fn example_11_stars_stand_for_a_part_of_an_operation() {
    let policies = [v11("IAM ReadOnlyAccess", &allow("iam:*:get* iam:*:list* iam:*:check*", ""))];
    check(&policies, "iam:users:getUser", None, &Context::empty(), "allow");
    check(&policies, "iam:users:updateUser", None, &Context::empty(), "deny");
}

/// A1.3, A1.6.
#[test]
fn example_12_the_read_only_role_holds_in_its_project() {
    let matrix = Matrix::standard();
    let role = Arc::new(matrix.role(&params(), SystemRole::ReadOnlyUser));
    let ann = user(&[(&role, in_project("cn-north-4"))]);
    let (query, restart) = (
        "koophone:cloudphoneResource:queryInstanceBatch",
        "koophone:cloudphoneResource:instanceReboot",
    );
    let answers = [(query, "cn-north-4"), (query, "cn-south-1"), (restart, "cn-north-4")]
        .map(|(wanted, project)| ask_as(&ann, wanted, &Scope::project(project)).to_string());
    assert_eq!(
        answers,
        [
            "allow: `KooPhone ReadOnlyUser` Statement[0]",
            "deny: `KooPhone ReadOnlyUser` Statement[0] allows it elsewhere",
            "deny: no statement allows the action",
        ]
    );
}

/// A1.2, A1.6, A4.4.
#[test]
fn example_13_one_operation_is_taken_from_the_administrator() {
    let role = Arc::new(Matrix::standard().role(&params(), SystemRole::Administrator));
    let no = v11("no deletion", &deny("koophone:cloudphoneResource:instanceDelete", ""));
    let ann = user(&[(&role, Held::AllProjects), (&no, Held::AllProjects)]);
    let answers = ["instanceReboot", "instanceDelete"].map(|operation| {
        let wanted = format!("koophone:cloudphoneResource:{operation}");
        ask_as(&ann, &wanted, &Scope::project("cn-north-4")).to_string()
    });
    assert_eq!(
        answers,
        ["allow: `KooPhone Administrator` Statement[0]", "deny: `no deletion` Statement[0]"]
    );
}
