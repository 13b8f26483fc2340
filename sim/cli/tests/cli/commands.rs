//! What the commands answer: exit codes, streams, forms.

use crate::common::{LEADING, code, err, file, files, koosim, out, root, run};
use serde_json::Value;
use std::fs;
use std::process::{Command, Stdio};

#[test]
fn exit_codes_are_as_documented() {
    let folder = files();
    let [good, bad, broken, two] = ["good", "bad", "broken", "two"]
        .map(|name| file(&folder, &format!("{name}.scenario.yaml")));
    let empty = tempfile::tempdir().unwrap();
    let cases: &[(i32, &[&str])] = &[
        (0, &["run", &good]),
        (0, &["run", &two, "--verify"]),
        (0, &["check", &good, &bad]),
        (0, &["explain", "R6.1.attempt_time"]),
        (1, &["run", &good, &bad]),
        (1, &["sweep", &bad, "--seeds", "0..3"]),
        (2, &["run", &bad, &broken]),
        (2, &["run", &file(&folder, "nowhere.scenario.yaml")]),
        (2, &["check", &broken]),
        (2, &["explain", "R99.1"]),
        (2, &["run"]),
        (2, &["run", &good, "--trace", "--format", "json"]),
        (2, &["judge", &good]),
        (2, &["write", &good]),
        (2, &["write", &file(&folder, "nowhere.jsonl")]),
        (2, &["show", &two, "--at", "2024-03-09 00:00:00"]),
        (2, &["show", &good, "--at", "yesterday"]),
        (2, &["sweep", &good, "--seeds", "5..5"]),
        (2, &["man", "nothing"]),
        (4, &["run", empty.path().to_str().unwrap()]),
        (4, &["run", &good, "--only", "no such name"]),
        (4, &["check", empty.path().to_str().unwrap()]),
    ];
    for (expected, args) in cases {
        let output = run(args);
        let said = err(&output);
        assert_eq!(output.status.code(), Some(*expected), "koosim {}: {said}", args.join(" "));
        let told = said.contains("error") || out(&output).contains("help: ");
        assert_eq!(told, *expected >= 2, "koosim {}: {said}", args.join(" "));
    }
}

#[test]
fn a_case_is_one_line_and_a_run_ends_with_a_summary() {
    let output = run(&["run", LEADING]);
    let text = out(&output);
    let lines: Vec<_> = text.lines().collect();
    let words: Vec<_> = lines[0].split_whitespace().collect();
    assert_eq!(words[..4], ["pass", "auto-renewal", "53d", "08:09:56"]);
    assert_eq!(words[5], "events");
    assert_eq!((words[6].len(), lines.len()), (16, 2));
    assert!(lines[1].starts_with("1 scenario: 1 passed; 53d 08:09:56 of virtual time"));
    assert_eq!(err(&output), "");
}

#[test]
fn what_failed_is_shown_in_its_place_with_the_command_that_does_it_again() {
    let folder = files();
    let output = run(&["run", folder.path().to_str().unwrap()]);
    let text = out(&output);
    assert!(text.contains("bad.scenario.yaml:25:13"), "{text}");
    assert!(text.contains("expected 42.00 CNY, seen 41.00 CNY"), "{text}");
    let again = text.lines().find_map(|line| line.trim().strip_prefix("again: koosim ")).unwrap();
    assert_eq!(code(&again.split(' ').collect::<Vec<_>>()), 1);
    assert!(text.contains("4 scenarios: 3 passed, 1 failed"), "{text}");
    // The file that cannot be read is told of on stderr, and does not keep the others from running.
    assert!(err(&output).contains("`topup`") && err(&output).contains("`V9`"), "{}", err(&output));
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn quiet_leaves_out_what_went_well() {
    let folder = files();
    let (good, bad) = (file(&folder, "good.scenario.yaml"), file(&folder, "bad.scenario.yaml"));
    assert_eq!(out(&run(&["run", &good, "--quiet"])), "");
    let text = out(&run(&["-q", "run", &good, &bad]));
    assert!(text.starts_with("fail ") && !text.contains("pass"), "{text}");
}

#[test]
fn colours_come_when_asked_for_and_say_nothing_new() {
    let coloured = run(&["run", LEADING, "--color", "always", "--trace"]);
    let plain = run(&["run", LEADING, "--trace"]);
    assert!(out(&coloured).contains("\u{1b}[32m"));
    assert!(!out(&plain).contains('\u{1b}'));
    let stripped = anstream::adapter::strip_str(&out(&coloured)).to_string();
    assert_eq!(stripped, out(&plain));
    for (name, value) in [("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1"), ("TERM", "dumb")] {
        let output = koosim().env(name, value).args(["run", LEADING]).output().unwrap();
        assert_eq!(out(&output).contains('\u{1b}'), name == "CLICOLOR_FORCE", "{name}");
    }
    let both =
        koosim().envs([("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")]).args(["run", LEADING]).output();
    assert!(!out(&both.unwrap()).contains('\u{1b}'));
}

#[test]
fn the_trace_tells_when_to_whom_what_how_much_and_why() {
    let text = out(&run(&["run", LEADING, "--trace"]));
    let renewed = "2024-04-04 03:00:00 acme 259.00 CNY charged: order o2 (auto-renewal) of p1  [R1.12 R4.1 R4.5]\n";
    let told = text.split_once(renewed).map(|(_, rest)| rest.trim_start());
    assert!(told.is_some_and(|rest| rest.starts_with("cash -> revenue  259.00 CNY\n")), "{text}");
}

#[test]
fn json_and_junit_say_the_same() {
    let folder = files();
    let path = folder.path().to_str().unwrap();
    let json: Value = serde_json::from_str(&out(&run(&["run", path, "--format", "json"]))).unwrap();
    let summary = &json["summary"];
    assert_eq!([&summary["scenarios"], &summary["passed"], &summary["failed"]], [4, 3, 1]);
    let bad = &json["scenarios"][0];
    assert_eq!([&bad["name"], &bad["verdict"]], ["bad", "fail"]);
    assert_eq!(
        bad["failures"][0]["message"],
        "account `acme`: balance: expected 42.00 CNY, seen 41.00 CNY"
    );
    assert_eq!(json["scenarios"][2]["name"], "two[n=V0]");
    let text = out(&run(&["run", path, "--format", "junit"]));
    let report = quick_junit::Report::deserialize_from_str(&text).unwrap();
    assert_eq!((report.tests, report.failures, report.errors), (4, 1, 0));
    assert_eq!(report.test_suites.len(), 3);
}

#[test]
fn check_finds_everything_and_runs_nothing() {
    let folder = files();
    let broken = file(&folder, "broken.scenario.yaml");
    let output = run(&["check", &broken, "--format", "line"]);
    let text = out(&output);
    assert_eq!(text.lines().count(), 2, "{text}");
    assert!(text.lines().all(|line| line.starts_with(&broken)), "{text}");
    assert!(text.contains("did you mean `top_up`?"), "{text}");
    let json: Value =
        serde_json::from_str(&out(&run(&["check", &broken, "--format", "json"]))).unwrap();
    assert_eq!(json["diagnostics"].as_array().unwrap().len(), 2);
    for format in ["pretty", "ascii", "narrated"] {
        let text = out(&run(&["check", &broken, "--format", format]));
        assert!(text.contains("`topup`"), "{format}: {text}");
        assert_eq!(text.is_ascii(), format != "pretty", "{format}: {text}");
    }
}

#[test]
fn a_scenario_may_come_from_standard_input() {
    let text = fs::read_to_string(root().join(LEADING)).unwrap();
    let output = koosim().args(["run", "-"]).write_stdin(text.clone()).output().unwrap();
    assert!(out(&output).starts_with("pass "), "{}", err(&output));
    let output =
        koosim().args(["show", "-", "--format", "json"]).write_stdin(text).output().unwrap();
    let json: Value = serde_json::from_str(&out(&output)).unwrap();
    assert_eq!(json["accounts"]["acme"]["balance"], "41.00 CNY");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    for args in [&["rules"][..], &["run", LEADING, "--trace"], &["schema"]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_koosim"));
        command.env_clear().current_dir(root()).args(args);
        let (read, write) = std::io::pipe().unwrap();
        drop(read);
        let child = command.stdout(write).stderr(Stdio::piped()).spawn().unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.code(), err(&output).as_str()), (Some(0), ""), "{args:?}");
    }
}

#[test]
fn rules_are_counted_by_the_scenarios_in_which_they_act() {
    let text = out(&run(&["rules", "--coverage", "--format", "json"]));
    let rules: Value = serde_json::from_str(&text).unwrap();
    let rules = rules.as_array().unwrap();
    let of = |id: &str| rules.iter().find(|rule| rule["id"] == id).unwrap();
    assert!(of("R6.1")["scenarios"].as_u64().unwrap() >= 1);
    assert!(of("R1.3")["vectors"].as_u64().unwrap() >= 5 && of("R6.1")["title"].is_string());
    assert_eq!(of("R6.1")["api_fact"], false);
    assert!(of("R6.1")["properties"].as_u64().unwrap() >= 3);
    let listed = out(&run(&["rules"]));
    assert_eq!(listed.lines().count(), rules.len());
    let explained = out(&run(&["explain", "R6.1"]));
    assert!(explained.contains(LEADING), "{explained}");
    assert!(out(&run(&["explain", "R1.3"])).contains("PER-01"));
    // Without scenarios there is nothing to count, and that is said.
    let folder = tempfile::tempdir().unwrap();
    let output = koosim().current_dir(folder.path()).args(["explain", "R6.1"]).output().unwrap();
    assert!(err(&output).contains("no folder `scenarios` here"));
    assert!(out(&output).contains("scenarios  none"));
}

/// Rules of billing, of the product and of who uses a phone, but for those that an interface states,
/// each act in a scenario and have an example or a property that fails without them.
#[test]
fn every_rule_of_billing_and_product_is_exercised_in_both_ways() {
    let text = out(&run(&["rules", "--coverage", "--format", "json"]));
    let rules: Vec<Value> = serde_json::from_str(&text).unwrap();
    let lacking = rules.iter().filter(|rule| {
        let id = rule["id"].as_str().unwrap();
        let chapters = ["R", "P1.", "P2.", "P3.", "A1.", "A2.", "A3.", "A4.", "A5."];
        let using = ["P4.5", "P4.7", "P4.8", "P4.9", "P4.10", "P4.11", "P4.13", "P4.14", "P4.15"]
            .contains(&id);
        let chapter = using || chapters.iter().any(|chapter| id.starts_with(chapter));
        let count = |kind: &str| rule[kind].as_u64().unwrap();
        let exercised = count("scenarios") > 0 && count("vectors") + count("properties") > 0;
        chapter && rule["api_fact"] == false && !exercised
    });
    let lacking: Vec<_> = lacking.map(|rule| rule["id"].as_str().unwrap()).collect();
    assert!(lacking.is_empty(), "{lacking:?}");
}

#[test]
fn a_misspelt_rule_is_answered_with_the_nearest() {
    let output = run(&["explain", "R6.1.atempt_time"]);
    assert_eq!(
        err(&output),
        "error: there is no rule `R6.1.atempt_time`; did you mean `R6.1.attempt_time`?\n"
    );
    assert_eq!(out(&output), "");
}

#[test]
fn every_log_of_the_suite_follows_the_rules_and_has_its_digest() {
    let folder = tempfile::tempdir().unwrap();
    let logs = folder.path().to_str().unwrap();
    assert_eq!(code(&["run", "scenarios", "--quiet", "--log", logs]), 0);
    let (mut judged, mut paths) = (0, vec![folder.path().to_path_buf()]);
    while let Some(log) = paths.pop() {
        if log.is_dir() {
            paths.extend(fs::read_dir(log).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let output = run(&["judge", log.to_str().unwrap()]);
        let said = out(&output);
        assert!(output.status.success(), "{said}");
        assert!(said.contains("they have the digest"), "{said}");
        judged += 1;
    }
    assert!(judged > 100, "{judged}");
}

#[test]
fn a_log_is_judged_and_its_first_divergence_named() {
    let folder = files();
    let (good, log) = (file(&folder, "good.scenario.yaml"), file(&folder, "run.jsonl"));
    assert_eq!(code(&["run", &good, "--log", &log, "--draws", "random", "--seed", "9"]), 0);
    let output = run(&["judge", &log]);
    assert!(out(&output).starts_with("follows the rules"), "{}", out(&output));
    let text = fs::read_to_string(&log).unwrap();
    let wrong = text.replace(r#""to_cash":"300.00 CNY""#, r#""to_cash":"299.00 CNY""#);
    assert_ne!(text, wrong);
    let output = koosim().args(["judge", "-"]).write_stdin(wrong.clone()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = out(&output);
    for part in ["diverges", "R4.8", "to_cash: expected 300.00 CNY, seen 299.00 CNY", "history"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let output = koosim().args(["judge", "-", "--format", "json"]).write_stdin(wrong).output();
    let json: Value = serde_json::from_str(&out(&output.unwrap())).unwrap();
    assert_eq!(json["follows"], false);
    assert_eq!(json["divergence"]["rules"][0], "R4.8");
}

#[test]
fn versions_name_the_format_the_editions_and_the_rulebooks() {
    assert_eq!(out(&run(&["-V"])), concat!("koosim ", env!("CARGO_PKG_VERSION"), "\n"));
    let long = out(&run(&["--version"]));
    for part in ["log format 2", "rulebook editions 2024-02, 2025-07", "rulebook cn@2025-07  "] {
        assert!(long.contains(part), "{part}: {long}");
    }
}

#[test]
fn the_schema_is_the_one_that_is_checked_in() {
    let kept = fs::read_to_string(root().join("scenarios/scenario.schema.json")).unwrap();
    assert_eq!(out(&run(&["schema"])), kept);
}

#[test]
fn a_bill_says_the_same_in_every_form_and_of_a_log_as_of_its_scenario() {
    let folder = files();
    let log = file(&folder, "run.jsonl");
    assert_eq!(code(&["run", LEADING, "--log", &log]), 0);
    for view in [&[][..], &["--detail"], &["--amortised"], &["--cycle", "2024-04"]] {
        let both = [LEADING, &log].map(|from| {
            ["pretty", "json", "csv"].map(|form| {
                let args = [&["bill", from, "--format", form], view].concat();
                out(&run(&args)).replace(from, "IT")
            })
        });
        assert_eq!(both[0], both[1], "{view:?}");
        let [_, json, csv] = &both[0];
        let json: Value = serde_json::from_str(json).unwrap();
        let rows = json["rows"].as_array().unwrap();
        assert_eq!(rows.len() + 1, csv.lines().count(), "{view:?}");
        assert!(!rows.is_empty() && json["months"].as_array().is_some_and(|m| !m.is_empty()));
        let columns = csv.lines().map(|line| line.split(',').count());
        assert_eq!(columns.collect::<std::collections::BTreeSet<_>>().len(), 1, "{csv}");
    }
    let csv = out(&run(&["bill", LEADING, "--cycle", "2024-04", "--format", "csv"]));
    let row = csv.lines().nth(1).unwrap();
    assert!(row.starts_with("acme,2024-04,auto_renew,8,subscribed,1,paid,1,"), "{row}");
    assert!(row.ends_with(",o2,p1,CNY,259.00,0.00,0.00,259.00,259.00,0.00,0.00,0.00,0.00,0.00"));
    let text = out(&run(&["bill", LEADING]));
    assert!(
        text.contains("acme  2024-04  ended\n  auto_renew              1 row      259.00 CNY"),
        "{text}"
    );
    assert_eq!(code(&["bill", LEADING, "--account", "nobody"]), 2);
    assert_eq!(code(&["bill", LEADING, "--cycle", "2024-4"]), 2);
}

/// The records of a log, without its first and last line.
fn records(log: &str) -> Vec<String> {
    let text = fs::read_to_string(log).unwrap();
    let lines = text.lines().filter(|line| line.starts_with("{\"at\""));
    lines.map(str::to_owned).collect()
}

#[test]
fn a_written_scenario_does_again_what_its_log_tells() {
    let folder = files();
    let [log, again, other] =
        ["run.jsonl", "again.scenario.yaml", "again.jsonl"].map(|name| file(&folder, name));
    for scenario in [
        LEADING,
        "scenarios/suite/refusals/one-order-at-a-time.scenario.yaml",
        "scenarios/suite/usage/open-windows.scenario.yaml",
        "scenarios/suite/product/system-and-network.scenario.yaml",
        "scenarios/suite/billing/promotions.scenario.yaml",
    ] {
        assert_eq!(code(&["run", scenario, "--log", &log]), 0, "{scenario}");
        let written = run(&["write", &log, "--to", &again]);
        assert_eq!(written.status.code(), Some(0), "{scenario}: {}", err(&written));
        assert!(err(&written).contains("wrote `"), "{}", err(&written));
        let done = run(&["run", &again, "--log", &other]);
        assert_eq!(done.status.code(), Some(0), "{scenario}: {}", out(&done));
        assert_eq!(records(&log), records(&other), "{scenario}");
        assert_eq!(out(&run(&["write", &log])), fs::read_to_string(&again).unwrap());
    }
}

#[test]
fn what_no_scenario_can_say_is_told_with_its_line() {
    let folder = files();
    let log = file(&folder, "run.jsonl");
    run(&["run", LEADING, "--log", &log]);
    let text = fs::read_to_string(&log).unwrap();
    let spoiled = |from: &str, to: &str| {
        let other = text.replacen(from, to, 1);
        assert_ne!(text, other);
        fs::write(&log, other).unwrap();
        let output = run(&["write", &log]);
        assert_eq!(output.status.code(), Some(2));
        err(&output)
    };
    let by = |source: &str| format!("\"source\":\"{source}\"}},\"op\":{{\"top_up\"");
    let said = spoiled(&by("scenario"), &by("api"));
    assert!(said.contains("run.jsonl`: line 4: at 2024-03-08T15:50:04+08:00"), "{said}");
    assert!(said.contains("`top_up`: a scenario cannot say that this came by the"), "{said}");
    let said = spoiled(
        "\"event\":{\"charged\":{\"order\":\"o1\"",
        "\"event\":{\"charged\":{\"order\":\"o9\"",
    );
    assert!(said.contains("run.jsonl`: line 8: event `charged`"), "{said}");
}

#[test]
fn a_folder_of_traces_is_named_by_a_flag() {
    let folder = tempfile::tempdir().unwrap();
    let traces = folder.path().join("traces");
    fs::create_dir(&traces).unwrap();
    // One packet of 1500 bytes every three milliseconds: 4 Mbit/s.
    fs::write(traces.join("even.mahi"), "3\n").unwrap();
    fs::write(traces.join(".hidden"), [0xff]).unwrap();
    let text = "scenario: a trace of ours\nstart: 2024-03-08 10:00:00\naccounts: { acme: {} }\n\
                links:\n  down: { trace: given/even.mahi, delay: 10 ms }\n  up: { delay: 10 ms }\n\
                steps:\n  - start_flow: { flow: f1, down: [down], up: [up], bitrate: 2 Mbit/s }\n  \
                - after: 2 s\n    expect: { flow: f1, shown: 60 }\n";
    let scenario = file(&folder, "given.scenario.yaml");
    fs::write(&scenario, text).unwrap();
    let given = traces.to_str().unwrap();
    assert_eq!(code(&["run", &scenario]), 2);
    assert_eq!(code(&["check", &scenario]), 2);
    assert_eq!(code(&["run", &scenario, "--traces", given]), 0);
    assert_eq!(code(&["check", &scenario, "--traces", given]), 0);

    fs::write(&scenario, text.replace("shown: 60", "shown: 600")).unwrap();
    let failed = out(&run(&["run", &scenario, "--traces", given]));
    let again = failed.lines().find_map(|line| line.trim().strip_prefix("again: koosim ")).unwrap();
    assert_eq!(code(&again.split(' ').collect::<Vec<_>>()), 1, "{again}");

    fs::write(traces.join("other"), [0xff]).unwrap();
    let output = run(&["run", &scenario, "--traces", given]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("a trace is text in UTF-8"), "{}", err(&output));
    let large = fs::File::create(traces.join("other")).unwrap();
    large.set_len(1 << 27).unwrap();
    let output = run(&["run", &scenario, "--traces", given]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("more than 67108864 bytes together"), "{}", err(&output));
    assert_eq!(code(&["run", &scenario, "--traces", &file(&folder, "nowhere")]), 2);
}
