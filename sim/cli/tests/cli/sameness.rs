//! The same run is the same bytes: in every environment, twice, from a log, from a checkpoint.

use crate::common::{code, err, file, files, koosim, out, run};
use serde_json::Value;
use std::fs;

fn digests(json: &str) -> Vec<String> {
    let json: Value = serde_json::from_str(json).unwrap();
    let cases = json["scenarios"].as_array().unwrap();
    cases.iter().map(|case| case["digest"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn digests_depend_on_no_zone_locale_folder_or_number_of_threads() {
    let folder = files();
    let paths = ["good", "two"].map(|name| file(&folder, &format!("{name}.scenario.yaml")));
    let here = out(&run(&["run", &paths[0], &paths[1], "--format", "json"]));
    assert_eq!(digests(&here).len(), 3);
    let elsewhere = [
        ("TZ", "America/New_York"),
        ("TZ", "Asia/Kathmandu"),
        ("LANG", "tr_TR.UTF-8"),
        ("LC_ALL", "de_DE.UTF-8"),
        ("RAYON_NUM_THREADS", "1"),
        ("RAYON_NUM_THREADS", "7"),
        ("HOME", "/nowhere"),
        ("RUST_BACKTRACE", "full"),
    ];
    for (name, value) in elsewhere {
        let mut command = koosim();
        command.env(name, value).current_dir(folder.path());
        let there =
            command.args(["run", "good.scenario.yaml", "two.scenario.yaml", "--format", "json"]);
        assert_eq!(digests(&out(&there.output().unwrap())), digests(&here), "{name}={value}");
    }
}

#[test]
fn another_seed_is_another_run_and_another_sentence_is_not() {
    let folder = files();
    let two = file(&folder, "two.scenario.yaml");
    let with =
        |args: &[&str]| digests(&out(&run(&[&["run", &two, "--format", "json"], args].concat())));
    assert_ne!(with(&["--seed", "1"]), with(&["--seed", "2"]));
    let before = with(&[]);
    let text = fs::read_to_string(&two).unwrap();
    fs::write(&two, text.replace("a phone of", "# a remark\n  another phone of")).unwrap();
    assert_eq!(with(&[]), before);
}

#[test]
fn logs_of_two_runs_are_the_same_bytes_and_replay_to_the_same_run() {
    let folder = files();
    let two = file(&folder, "two.scenario.yaml");
    let logs = ["first", "second"].map(|name| file(&folder, name));
    for (log, jobs) in logs.iter().zip(["1", "2"]) {
        assert_eq!(
            code(&["run", &two, "--log", log, "--seed", "5", "--jobs", jobs, "--verify"]),
            0
        );
    }
    let below = folder.path().strip_prefix("/").unwrap();
    for name in ["two[n=V0].jsonl", "two[n=V5].jsonl"] {
        let [first, second] =
            ["first", "second"].map(|log| folder.path().join(log).join(below).join(name));
        assert_eq!(fs::read(&first).unwrap(), fs::read(&second).unwrap());
        let output = run(&["run", &two, "--replay", first.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(0), "{}{}", out(&output), err(&output));
    }
}

#[test]
fn a_replay_stops_at_the_first_difference_and_names_it() {
    let folder = files();
    let (two, log) = (file(&folder, "two.scenario.yaml"), file(&folder, "run.jsonl"));
    assert_eq!(code(&["run", &two, "--only", "V0", "--log", &log]), 0);
    let text = fs::read_to_string(&log).unwrap();
    let check = |wrong: String, expected: i32, part: &str| {
        assert_ne!(wrong, text);
        let other = file(&folder, "other.jsonl");
        fs::write(&other, wrong).unwrap();
        let output = run(&["run", &two, "--replay", &other]);
        let said = out(&output) + &err(&output);
        assert_eq!(output.status.code(), Some(expected), "{said}");
        assert!(said.contains(part), "{part}: {said}");
    };
    let without = |word: &str| {
        text.split_inclusive('\n').filter(|line| !line.contains(word)).collect::<String>()
    };
    check(without("\"draw\""), 3, "draw 1 of the replay: recorded no further draw");
    check(text.replace("due\":\"259.00", "due\":\"258.00"), 3, "record 6 differs");
    check(without("order_completed"), 3, "then:  ");
    check(
        without("footer")
            .replace("order_completed\":{\"order\":\"o1\"}", "deleted\":{\"phone\":\"p1\"}"),
        3,
        "first: ",
    );
    let (rest, digest) = text.trim_end().split_at(text.trim_end().rfind("digest").unwrap());
    let other = digest.replace(['0', '1', '2', '3'], "4");
    check(format!("{rest}{other}\n"), 3, "the digest differs");
    check(text.replace("two[n=V0]", "three"), 2, "which is not here");
    check(text.replace("two[n=V0]", "two[n=V5]"), 2, "is the log of another plan");
}

#[test]
fn the_state_from_a_log_is_the_state_from_the_run_and_a_fork_continues_it() {
    let folder = files();
    let (good, log) = (file(&folder, "good.scenario.yaml"), file(&folder, "run.jsonl"));
    assert_eq!(code(&["run", &good, "--log", &log]), 0);
    let at = |file: &str, at: &str, more: &[&str]| {
        let output = run(&[&["show", file, "--at", at], more].concat());
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
        out(&output)
    };
    for instant in ["2024-03-08 15:50:03", "2024-03-08 15:50:04", "2024-04-04 03:00:00"] {
        assert_eq!(at(&log, instant, &[]), at(&good, instant, &[]), "{instant}");
    }
    let before = at(&log, "2024-04-04 02:59:59.999999999", &["--account", "acme"]);
    let after = at(&log, "2024-04-03T19:00:00Z", &["--account", "acme"]);
    assert!(
        before.contains("balance 300.00 CNY") && before.contains("expires 2024-04-08 23:59:59")
    );
    assert!(after.contains("balance 41.00 CNY") && after.contains("expires 2024-05-08 23:59:59"));
    let fork =
        at(&good, "2024-04-02 00:00:00", &["--continue", "--format", "json", "--draws", "random"]);
    let fork: Value = serde_json::from_str(&fork).unwrap();
    assert_eq!(fork["continued"]["same"], true);
    assert_eq!(fork["continued"]["forked"], "2024-04-01T03:00:00+08:00");
    assert_eq!(code(&["show", &log, "--at", "2024-04-02 00:00:00", "--continue"]), 2);
    assert_eq!(code(&["show", &log, "--account", "nobody"]), 2);
}
