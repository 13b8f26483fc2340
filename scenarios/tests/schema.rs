//! The schema of the format: up to date, accepts what the reader accepts, refuses what it refuses.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its own files has failed")]

use boon::{Compiler, SchemaIndex, Schemas};
use koosim_scenarios::file::ScenarioFile;
use koosim_scenarios::schema::{SCHEMA_FILE, schema, schema_text};
use koosim_scenarios::syntax::{Node, Scalar, Value, parse};
use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The value as an editor sees it, under the core schema of YAML 1.2.
fn json(node: &Node) -> Json {
    match &node.value {
        Value::Refused => Json::Null,
        Value::List { items, .. } => items.iter().map(json).collect(),
        Value::Map { entries, .. } => {
            entries.iter().map(|e| (e.key.value.clone(), json(&e.value))).collect()
        }
        Value::Scalar(Scalar { text, plain: false }) => json!(text),
        Value::Scalar(Scalar { text, .. }) => match text.as_str() {
            "" | "~" | "null" => Json::Null,
            "true" => json!(true),
            "false" => json!(false),
            _ => match (text.parse::<i64>(), text.parse::<f64>()) {
                (Ok(n), _) => json!(n),
                (_, Ok(n)) if text.starts_with(|c: char| "-+.0123456789".contains(c)) => json!(n),
                _ => json!(text),
            },
        },
    }
}

/// The schema, ready to judge files.
struct Checker {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Checker {
    fn new() -> Self {
        let (mut compiler, mut schemas) = (Compiler::new(), Schemas::new());
        compiler.add_resource("file:///scenario.schema.json", schema()).unwrap();
        let index = compiler.compile("file:///scenario.schema.json", &mut schemas).unwrap();
        Self { schemas, index }
    }
    fn accepts(&self, bytes: &[u8]) -> Result<(), String> {
        let root = parse("x.yaml", bytes).1.ok_or("no document")?;
        self.schemas.validate(&json(&root), self.index).map_err(|e| format!("{e:#}"))
    }
}

#[test]
fn the_schema_in_the_repository_is_up_to_date() {
    let path = folder(SCHEMA_FILE);
    #[expect(clippy::disallowed_methods, reason = "how a person asks for the file to be rewritten")]
    if std::env::var("UPDATE_SCHEMA").is_ok() {
        std::fs::write(&path, schema_text()).unwrap();
    }
    let stored = std::fs::read_to_string(&path).unwrap();
    assert_eq!(stored, schema_text(), "run the tests with UPDATE_SCHEMA=1 and look at the change");
}

#[test]
fn what_the_reader_accepts_the_schema_accepts() {
    let checker = Checker::new();
    for entry in std::fs::read_dir(folder("tests/samples")).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let file = ScenarioFile::read("sample.yaml", &bytes);
        assert!(file.cases() > 0, "{}: {:?}", path.display(), file.diagnostics());
        if let Err(error) = checker.accepts(&bytes) {
            panic!("{}: {error}", path.display());
        }
    }
}

#[test]
fn broken_files_are_refused_by_the_schema_too() {
    let checker = Checker::new();
    // What the others have wrong is outside of what a schema can say: it sees values, not text, and
    // does not know which names a file declares.
    let visible = [
        "broken-and-unknown",
        "key-choice",
        "many",
        "matrix",
        "missing",
        "names-of-steps",
        "not-a-mapping",
        "scalars",
        "shapes",
        "unknown-words",
        "yaml-extras",
    ];
    let mut count = 0;
    for entry in std::fs::read_dir(folder("tests/broken")).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_str().unwrap();
        if path.extension().unwrap() != "yaml" || !visible.contains(&stem) {
            continue;
        }
        count += 1;
        assert!(checker.accepts(&std::fs::read(&path).unwrap()).is_err(), "{stem}");
    }
    assert_eq!(count, visible.len());
}

#[test]
fn one_wrong_word_is_enough_for_the_schema() {
    let checker = Checker::new();
    let sample = std::fs::read_to_string(folder("tests/samples/everything.yaml")).unwrap();
    let table = [
        ("rulebook: cn@2025-07", "rulebook: uk"),
        ("rulebook: cn@2025-07", "rulebook: cn@2025-06"),
        ("seed: 7", "seed: seven"),
        ("draws: random", "draws: sometimes"),
        ("start: 2024-03-08 15:50:04", "start: 1999-03-08 15:50:04"),
        ("    balance: 10000.00", "    balance: lots"),
        ("    deduction_day: 5", "    deduction_day: 99"),
        ("kind: voucher, amount: 100", "kind: vaucher, amount: 100"),
        ("kind: voucher, amount: 100", "kind: voucher"),
        ("term: 1 month, coupons", "term: 13 months, coupons"),
        ("buy: { phones: [p1, p2]", "buy: { phone: p1, phones: [p1, p2]"),
        ("  - pay: { for: p4, coupons: [d1] }", "  - pay: { coupons: [d1] }"),
        ("after: 1 h 30 min", "after: 1.5 h"),
        ("after: settled", "after: setled"),
        ("to: off", "to: offf"),
        ("is: stopped", "is: stoped"),
        ("rule: R1.8", "rule: 1.8"),
        ("refused: unknown_order", "refused: unknown"),
        ("{ settled: { seconds: 0 }, times: 0 }", "{ settled: { second: 0 }, times: 0 }"),
        ("until: 2024-03-20 00:00", "untill: 2024-03-20 00:00"),
        ("delete: { phone: p3 }", "delete: { phone: p3 }\n    create: { phone: p9 }"),
    ];
    assert_eq!(checker.accepts(sample.as_bytes()), Ok(()));
    for (good, bad) in table {
        assert_eq!(sample.matches(good).count(), 1, "{good}");
        let broken = sample.replace(good, bad);
        assert!(checker.accepts(broken.as_bytes()).is_err(), "{bad}");
        assert!(
            ScenarioFile::read("x.yaml", broken.as_bytes()).diagnostics().has_errors(),
            "{bad}"
        );
    }
}

#[test]
fn samples_name_the_schema_for_editors() {
    for entry in std::fs::read_dir(folder("tests/samples")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let line = text.lines().next().unwrap();
        let target = line.strip_prefix("# yaml-language-server: $schema=").unwrap();
        assert!(path.parent().unwrap().join(target).exists(), "{}: {target}", path.display());
    }
}
