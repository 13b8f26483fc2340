//! What a wrong text is answered: each error with its place, all of them, and the nearest name.

use crate::{params, params_with, try_policy};
use koosim_model::access::policy::{
    DOCUMENT_BYTES_MAX, Head, NotEdited, Origin, Policy, Problem, Reach, Service, Services,
};
use std::collections::BTreeSet;
use std::fmt::Write as _;

fn said(head: Head<'_>, text: &str) -> String {
    let services = Services::from([
        ("iam".to_owned(), service(Reach::Global, false, &["iam:users:list"])),
        ("ecs".to_owned(), service(Reach::Projects, true, &["ecs:servers:list"])),
        ("dns".to_owned(), service(Reach::Projects, false, &[])),
    ]);
    let read = Policy::read(&params(), &services, head, text);
    let Err(errors) = read else { return "fine\n".to_owned() };
    errors.iter().fold(String::new(), |mut said, error| {
        let rule = error.problem().rule().map(|rule| format!(" [{rule}]")).unwrap_or_default();
        writeln!(said, "{error}{rule}").unwrap();
        said
    })
}

fn service(reach: Reach, by_resource: bool, without: &[&str]) -> Service {
    let without_resource: BTreeSet<_> = without.iter().map(|action| (*action).to_owned()).collect();
    Service { reach, by_resource, without_resource }
}

fn all(head: Head<'_>, texts: &[&str]) -> String {
    texts.iter().map(|text| said(head, text)).collect::<Vec<_>>().join("--\n")
}

#[test]
fn what_is_not_json_has_a_place() {
    let texts = [
        "",
        "[]",
        "{\"Version\":\"1.1\",\n \"Statement\":[{\"Effect\":\"Allow\" \"Action\":[\"a:b:c\"]}]}",
        "{\"Version\":\"1.1\"，\"Statement\":[]}",
        "{\"Version\":\"1.1\",\"Statement\":[],}",
        "{\"Version\":\"1.1\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"a:b:c\"]}]} x",
        "{\"Version\":\"1.1\",\"Statement\":[{\"Effect\":\"\\ud800\",\"Action\":[\"a:b:c\"]}]}",
        "{\"Version\":\"1.1\",\"Version\":\"5.0\",\n  \"Statement\":[{\"Effect\":\"Allow\",\n\
         \"Effect\":\"Deny\",\"Action\":[\"a:b:c\"]}]}",
        "{Version:1}",
        "{\"Version\":[[[[[[[[[1]]]]]]]]]}",
    ];
    insta::assert_snapshot!("not_json", all(Head::system("p", "TEST"), &texts));
}

#[test]
fn what_is_no_policy_has_a_place_and_a_nearest_name() {
    let text = r#"{
  "Version": "1.1",
  "Statments": [],
  "Statement": [
    {"Effect": "Alow", "Action": ["ECS:servers:list", "ecs", "e*:a:b", "a::b", "a b:c:d", 7]},
    {"Effect": "Allow", "NotAction": ["ecs:*:*"], "Ressource": ["*"]},
    {"Effect": "Allow", "Action": "ecs:*:*", "Resource": ["obs:bucket", ":a:b:c:d"]},
    {"Effect": "Deny", "Action": [], "Condition": {
      "StringEqual": {"g:UserName": ["a"]},
      "NumberEquals": {"obs:max-keys": ["ten", 10], "obs:b": []},
      "DateLessThan": {"g:CurrentTim": ["2022-08-01"]},
      "Bool": {"g:MFAPresent": ["yes"]},
      "NullIfExists": {"g:MFAPresent": ["true"]},
      "StringMatch": {}
    }},
    {"Effect": "Allow", "Action": ["a:b:c"], "Condition": {}},
    "Allow"
  ],
  "Depends": [{"catalog": "BASE"}]
}"#;
    insta::assert_snapshot!("no_policy", said(Head::custom("p"), text));
}

#[test]
fn versions_have_their_own_fields() {
    let texts = [
        r#"{"Statement":[{"Effect":"Allow","Action":["a:b:c"]}]}"#,
        r#"{"Version":1.1,"Statement":[{"Effect":"Allow","Action":["a:b:c"]}]}"#,
        r#"{"Version":"1.2","Statement":[{"Effect":"Allow","Action":["a:b:c"]}]}"#,
        r#"{"Version":"1.0","Statement":[{"Effect":"Allow","Action":["a:b:c"],"Resource":["*"]}],
            "Depends":[{"catalog":"BASE"},{"display_name":"x","name":"y"}]}"#,
        r#"{"Version":"1.1","Statement":[{"Sid":"s","Effect":"Allow","Action":["a:b:c"]}]}"#,
        r#"{"Version":"5.0","Statement":[{"Effect":"Allow","Action":["a:b:c"],"NotAction":["a:b:d"]},
            {"Effect":"Allow","NotAction":["a:b:c"],"Resource":["*"],"NotResource":["*"]},
            {"Effect":"Allow"}]}"#,
        r#"{"Version":"5.0","Statement":[{"Effect":"Allow","Action":["a:b:c"],
            "Condition":{"StringEquals":{"g:RequestedRegion":["cn-north-4"]}}}]}"#,
    ];
    let system = all(Head::system("p", "TEST"), &texts);
    let custom = said(Head::custom("p"), texts[3]);
    insta::assert_snapshot!("versions", format!("{system}== custom\n{custom}"));
}

/// A2.9, A2.10, A4.1.
#[test]
fn custom_policies_have_limits() {
    let statement = r#"{"Effect":"Allow","Action":["ecs:servers:get"]}"#;
    let nine = [statement; 9].join(",");
    let actions = [r#""ecs:servers:get""#; 101].join(",");
    let resources = [r#""ecs:*:*:server:a""#; 11].join(",");
    let long = format!("ecs:*:*:server:{}", "x".repeat(114));
    let keys: Vec<_> = (0..11).map(|n| format!(r#""ecs:k{n}":["a"]"#)).collect();
    let keys = keys.join(",");
    let v11 = |statements: &str| format!(r#"{{"Version":"1.1","Statement":[{statements}]}}"#);
    let texts = [
        v11(&nine),
        v11(&format!(r#"{{"Effect":"Allow","Action":[{actions}]}}"#)),
        v11(&format!(r#"{{"Effect":"Allow","Action":["ecs:a:b"],"Resource":[{resources}]}}"#)),
        v11(&format!(r#"{{"Effect":"Allow","Action":["ecs:a:b"],"Resource":["{long}"]}}"#)),
        v11(&format!(
            r#"{{"Effect":"Allow","Action":["ecs:a:b"],"Condition":{{"StringEquals":{{{keys}}}}}}}"#
        )),
        v11(r#"{"Effect":"Allow","Action":["iam:users:get","ecs:servers:get"]}"#),
        v11(r#"{"Effect":"Allow","Action":["dns:zone:get"],"Resource":["dns:*:*:zone:a"]}"#),
        v11(r#"{"Effect":"Allow","Action":["dns:zone:get"],"Resource":["*"]}"#),
        r#"{"Version":"5.0","Statement":[{"Effect":"Allow","Action":["ecs:servers:List"],
            "Resource":["ecs:*:*:server:a"]}]}"#
            .to_owned(),
    ];
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let global = Head { name: "p", catalog: "TEST", origin: Origin::Custom(Reach::Global) };
    let said = format!(
        "{}== of the service\n{}== for global services\n{}",
        all(Head::custom("p"), &texts),
        all(Head::system("p", "TEST"), &texts),
        said(global, texts[5])
    );
    insta::assert_snapshot!("limits", said);
}

/// A2.10: the limits are parameters, and each is met exactly.
#[test]
fn limits_are_read_from_the_book() {
    let tight = params_with(&[("A2.10.actions_max", "1"), ("A2.10.resource_chars_max", "17")]);
    let read = |actions: &str, resource: &str| {
        let text = format!(
            r#"{{"Version":"1.1","Statement":[{{"Effect":"Allow","Action":[{actions}],"Resource":["{resource}"]}}]}}"#
        );
        Policy::read(&tight, &Services::new(), Head::custom("p"), &text).is_ok()
    };
    assert!(read(r#""a:b:c""#, "ecs:*:*:server:ab"));
    assert!(!read(r#""a:b:c""#, "ecs:*:*:server:abc"));
    assert!(!read(r#""a:b:c","a:b:d""#, "ecs:*:*:server:ab"));
}

#[test]
fn a_policy_has_a_greatest_size() {
    let text = " ".repeat(DOCUMENT_BYTES_MAX + 1);
    let errors = try_policy(Head::system("p", "TEST"), &text).unwrap_err();
    assert_eq!(*errors[0].problem(), Problem::TooLarge { bytes: DOCUMENT_BYTES_MAX + 1 });
    // Deeper than any stack would bear: the scan does not recurse.
    let deep = "[".repeat(1_000_000);
    assert!(try_policy(Head::system("p", "TEST"), &deep).is_err());
    let closed = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(try_policy(Head::system("p", "TEST"), &closed).is_err());
}

/// A2.5.
#[test]
fn policies_of_the_service_cannot_be_edited() {
    let text = r#"{"Version":"1.1","Statement":[{"Effect":"Allow","Action":["a:b:c"]}]}"#;
    let other = r#"{"Version":"1.1","Statement":[{"Effect":"Deny","Action":["a:b:c"]}]}"#;
    let services = Services::new();
    let system = try_policy(Head::system("p", "TEST"), text).unwrap();
    let refused = system.edited(&params(), &services, other).unwrap_err();
    assert_eq!(refused, NotEdited::System("p".to_owned()));
    assert_eq!(refused.rule().unwrap().to_string(), "A2.5");
    let custom = try_policy(Head::custom("p"), text).unwrap();
    let edited = custom.edited(&params(), &services, other).unwrap();
    assert_eq!(edited, try_policy(Head::custom("p"), other).unwrap());
    assert_ne!(edited, custom);
    assert!(matches!(custom.edited(&params(), &services, "{"), Err(NotEdited::Text(_))));
}
