//! Every reason that bears on organisations, members, devices, controls and apps.

use crate::desk::Desk;
use crate::{ask, desk};
use std::collections::BTreeSet;

/// A request, as the log writes it; nobody types its braces.
fn request((room, verb, fields): (&str, &str, &str)) -> String {
    format!("{{\"{room}\": {{\"{verb}\": {{{fields}}}}}}}")
}

const ORG: &str = r#""organisation": "north""#;
const NO_PASSWORD: &str = r#""department": null, "password": null"#;

/// A login of somebody on something.
fn login(who: &str, device: &str, client: &str, rest: &str) -> String {
    let plain = r#""version": null, "password": null, "code": true, "trust": false, "accepts": true,
        "new_password": null"#;
    let rest: Vec<&str> = rest.split(", ").filter(|part| !part.is_empty()).collect();
    let said = |part: &&str| rest.iter().any(|own| own.split(':').next() == part.split(':').next());
    let mut parts: Vec<&str> = plain.split(',').map(str::trim).filter(|p| !said(p)).collect();
    parts.extend(&rest);
    let fields = format!(
        r#""member": "{who}", "device": "{device}", "client": "{client}", {}"#,
        parts.join(", ")
    );
    request(("client", "log_in", &fields))
}

fn prepared() -> Desk {
    let mut desk = desk(&[("P3.1.organisations_max", "1"), ("P4.5.devices_max", "1")]);
    for ready in [
        request(("organise", "create", ORG)),
        request(("organise", "add_member", &format!(r#"{ORG}, "member": "zoe", {NO_PASSWORD}"#))),
        request(("organise", "add_member", &format!(r#"{ORG}, "member": "yan", {NO_PASSWORD}"#))),
        r#"{"bind": {"phone": "d1", "member": "zoe"}}"#.to_owned(),
        r#"{"create_on_demand": {"phone": "d2", "size": "pro"}}"#.to_owned(),
        r#"{"bind": {"phone": "d2", "member": "zoe"}}"#.to_owned(),
        login("zoe", "tab", "android", r#""new_password": "mine-1234""#),
        request(("control", "upload", r#""app": "a.b", "version": 3, "file": "apk""#)),
    ] {
        ask(&mut desk, &ready).unwrap();
    }
    desk
}

/// P3.1, P3.2, P3.3, P4.5, P4.7, P4.8, P4.9, P4.10: each line is refused with the reason beside it, and
/// changes nothing; the names of those reasons.
#[expect(clippy::too_many_lines, reason = "one line for each reason, so that none is forgotten")]
pub(crate) fn reasons() -> BTreeSet<&'static str> {
    let add = |member: &str, rest: &str| {
        request(("organise", "add_member", &format!(r#"{ORG}, "member": "{member}", {rest}"#)))
    };
    let department = |verb: &str, rest: &str| {
        request(("organise", verb, &format!(r#"{ORG}, "department": "first"{rest}"#)))
    };
    let client = |verb: &str, fields: &str| request(("client", verb, fields));
    let control = |verb: &str, fields: &str| request(("control", verb, fields));
    let lines = [
        ("too_many_organisations", request(("organise", "create", r#""organisation": "south""#))),
        (
            "unknown_organisation",
            request((
                "organise",
                "remove_department",
                r#""organisation": "south", "department": "first""#,
            )),
        ),
        (
            "unknown_department",
            request(("organise", "remove_department", &format!(r#"{ORG}, "department": "sales""#))),
        ),
        ("first_department", department("remove_department", "")),
        ("first_department", department("edit_department", r#", "code": "1""#)),
        ("member_has_phones", request(("organise", "remove_member", r#""member": "zoe""#))),
        ("unknown_member", request(("organise", "remove_member", r#""member": "nobody""#))),
        ("unknown_member", r#"{"bind": {"phone": "d1", "member": "nobody"}}"#.to_owned()),
        ("weak_password", add("x", r#""department": null, "password": "short1""#)),
        ("client_not_supported", login("zoe", "i", "ios", "")),
        ("client_not_supported", login("zoe", "old", "android", r#""version": [5, 1]"#)),
        ("agreements_to_accept", login("yan", "pad", "android", r#""accepts": false"#)),
        ("code_needed", login("yan", "pad", "android", r#""code": false"#)),
        ("password_to_change", login("yan", "pad", "android", "")),
        ("weak_password", login("yan", "pad", "android", r#""new_password": "weak""#)),
        ("not_a_browser", login("zoe", "tab", "android", r#""trust": true"#)),
        ("too_many_devices", login("zoe", "pad", "android", "")),
        ("not_logged_in", client("leave", r#""device": "pad""#)),
        ("not_bound_to_member", client("enter", r#""device": "tab", "phone": "d9""#)),
        ("phone_to_pick", client("enter", r#""device": "tab", "phone": null"#)),
        ("not_in_a_phone", client("leave", r#""device": "tab""#)),
        ("not_in_a_phone", client("try", r#""device": "tab", "deed": "watch""#)),
        (
            "not_in_edition",
            control("set", r#""phones": ["d1"], "control": "watermark", "on": true"#),
        ),
        ("unknown_app_list", control("enable_list", r#""list": "l", "on": true"#)),
        (
            "unknown_app",
            control("distribute", r#""app": "c.d", "phones": ["d1"], "kind": "install""#),
        ),
        ("not_a_package", control("upload", r#""app": "a.b", "version": 4, "file": "ipa""#)),
        ("version_not_newer", control("upload", r#""app": "a.b", "version": 3, "file": "apk""#)),
    ];
    let mut seen = BTreeSet::new();
    let mut refused = |desk: &mut Desk, expected: &'static str, request: &str| {
        let before = desk.account().clone();
        let answer = ask(desk, request);
        assert_eq!(answer.unwrap_err().name(), expected, "{request}");
        assert_eq!(*desk.account(), before, "a refusal changes nothing");
        seen.insert(expected);
    };
    let mut desk = prepared();
    for (expected, request) in lines {
        refused(&mut desk, expected, &request);
    }
    // What needs somebody in the phone, a department below the first, and a list.
    let mut desk =
        crate::desk(&[("P4.9.enterprise_only", "no"), ("P3.7.unbind_while_streaming", "no")]);
    let member = format!(r#"{ORG}, "member": "zoe", "department": "sales", "password": null"#);
    for ready in [
        request(("organise", "create", ORG)),
        request((
            "organise",
            "add_department",
            &format!(r#"{ORG}, "department": "sales", "under": null, "code": null"#),
        )),
        request(("organise", "add_member", &member)),
        r#"{"bind": {"phone": "d1", "member": "zoe"}}"#.to_owned(),
        login("zoe", "tab", "android", r#""new_password": "mine-1234""#),
        request(("client", "enter", r#""device": "tab", "phone": null"#)),
        request(("control", "upload", r#""app": "a.b", "version": 3, "file": "apk""#)),
        request(("control", "set_list", r#""list": "l", "kind": "black", "apps": ["a.b"]"#)),
        request(("control", "attach_list", r#""list": "l", "phones": ["d1"], "on": true"#)),
    ] {
        ask(&mut desk, &ready).unwrap();
    }
    for (expected, request) in [
        (
            "department_in_use",
            request(("organise", "remove_department", &format!(r#"{ORG}, "department": "sales""#))),
        ),
        ("phone_in_use", r#"{"operate": {"phone": "d1", "operation": "unbind"}}"#.to_owned()),
        (
            "app_forbidden",
            request((
                "control",
                "distribute",
                r#""app": "a.b", "phones": ["d1"], "kind": "install""#,
            )),
        ),
    ] {
        refused(&mut desk, expected, &request);
    }
    let mut desk = crate::opened();
    refused(&mut desk, "no_phone_yet", &request(("organise", "create", ORG)));
    seen
}

/// P3.1, P3.2, P3.3, P4.5, P4.7, P4.8, P4.9, P4.10: each reason is given where it must be.
#[test]
fn members_devices_and_controls_are_refused_for_their_reasons() {
    assert_eq!(reasons().len(), 26);
}
