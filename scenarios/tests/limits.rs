//! Files beyond every limit are refused clearly, within a second and 200 MB, in a debug build.

use koosim_scenarios::diagnostic::{Code, Form, RenderOptions, render};
use koosim_scenarios::file::ScenarioFile;
use koosim_scenarios::syntax::MAX_FILE_BYTES;

const HEAD: &str = "scenario: x\nstart: 2024-03-08 15:50:04\naccounts: {}\n";
const SECOND_MS: u64 = 1000;
const MEMORY_KB: u64 = 200_000;

/// Reads and renders the file, checks time and memory, and looks for the code.
fn refuse(what: &str, text: &str, code: Code) {
    let start = cpu_ms();
    let file = ScenarioFile::read("hostile.yaml", text.as_bytes());
    let options = RenderOptions { form: Form::Graphical, color: false, width: 100 };
    let shown = render(file.source(), file.diagnostics(), options);
    let elapsed = cpu_ms() - start;
    println!("{what}: {} bytes, {elapsed} ms, peak {} kB", text.len(), peak_kb());
    assert!(shown.contains(code.as_str()), "{what}: {shown}");
    assert!(shown.len() < 100_000, "{what}: {} bytes of diagnostics", shown.len());
    assert_eq!(file.cases(), 0, "{what}");
    assert!(elapsed < SECOND_MS, "{what} took {elapsed} ms");
    assert!(peak_kb() < MEMORY_KB, "{what} took {} kB", peak_kb());
}

/// The processor time that this process has taken, where the system tells: a busy machine must not
/// fail the test. The system counts in hundredths of a second.
fn cpu_ms() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit_once(')').map(|(_, rest)| rest).unwrap_or_default();
    let ticks = fields.split_whitespace().skip(11).take(2).filter_map(|t| t.parse::<u64>().ok());
    ticks.sum::<u64>() * 10
}

/// The most memory that this process has had, where the system tells.
fn peak_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    line.and_then(|l| l.split_whitespace().nth(1)?.parse().ok()).unwrap_or(0)
}

/// As much of a repeated text as fits a file.
fn full(head: &str, piece: &str) -> String {
    let count = (MAX_FILE_BYTES - head.len()) / piece.len();
    format!("{head}{}", piece.repeat(count))
}

#[test]
fn hostile_files_are_refused_within_a_second_and_200_mb() {
    refuse("10 MB", &"a: b\n".repeat(2_000_000), Code::FileTooLarge);
    refuse("10,000 deep in brackets", &format!("a: {}", "[".repeat(10_000)), Code::TooDeep);
    refuse("10,000 deep in braces", &format!("a: {}", "{a: ".repeat(10_000)), Code::TooDeep);
    refuse("10,000 deep in dashes", &format!("a:\n{}", "- ".repeat(10_000)), Code::TooDeep);
    let stairs: String = (0..1000).map(|n| format!("{}a:\n", " ".repeat(n))).collect();
    refuse("1,000 deep in lines", &stairs, Code::TooDeep);
    refuse("a full file of brackets", &full("a: ", "["), Code::TooDeep);
    refuse("a full file of dashes", &full("a:\n", "- "), Code::TooDeep);
    refuse(
        "a full file of steps",
        &full(&format!("{HEAD}steps:\n"), "- x: 1\n"),
        Code::TooManyValues,
    );
    refuse("a full file of items", &full("a: [", "1,"), Code::TooManyValues);
    refuse("a full line", &full("scenario: ", "x"), Code::BadText);
    refuse("a full line of colons", &full("a", ":"), Code::WrongShape);
    refuse("a full line of mappings", &full("a: ", "b: "), Code::NotYaml);
    refuse("a full file of keys without values", &full("", "? "), Code::TooDeep);
    refuse("a full file of one key", &full("", "a: 1\n"), Code::DuplicateKey);
    refuse("a full file of aliases", &full("a: &a 1\nb: [", "*a,"), Code::Alias);
    refuse("a full file of anchors", &full("a: [", "&a 1,"), Code::Anchor);
    refuse("a full file of merge keys", &full("a: &a {}\n", "<<: *a\n"), Code::MergeKey);
    refuse("a full file of documents", &full("a: 1\n", "---\n"), Code::SecondDocument);
    refuse("a full file of tabs", &full("a:\n", "\t"), Code::Tab);
    refuse("a full file of nothing", &full("a: ", "\u{0}"), Code::InvisibleCharacter);
    refuse("a full file of blanks", &full("", " \n"), Code::EmptyFile);
    refuse("a full file of comments", &full("", "#\n"), Code::EmptyFile);
    refuse("an open quote", &full("a: \"", "x\n "), Code::NotYaml);
    refuse("a full line of dollars", &full("scenario: ", "$a"), Code::BadMatrix);
    refuse("a full line of open variables", &full("scenario: ", "${"), Code::BadMatrix);
    refuse("a full file of dollars", &full("scenario: x\nsteps: [", "$a,"), Code::UnknownVariable);
    let bomb: String =
        (1..30).map(|n| format!("a{n}: &a{n} [*a{p}, *a{p}, *a{p}]\n", p = n - 1)).collect();
    refuse("a billion laughs", &format!("a0: &a0 x\n{bomb}"), Code::Alias);
    let values = (0..MAX_FILE_BYTES / 8).map(|n| format!("{n},")).collect::<String>();
    refuse("a huge matrix", &format!("matrix: {{ a: [{values}] }}"), Code::TooManyValues);
    let many = "  - expect: { charge: { a: $a } }\n".repeat(10_000);
    let wide = format!(
        "{HEAD}matrix:\n  a: [1, 2, 3, 4, 5, 6, 7, 8, 9]\n  b: [1, 2, 3, 4]\nsteps:\n{many}"
    );
    refuse("many cases of a long file", &wide, Code::TooManyCases);
    let name = |n: usize| format!("{n:040}");
    let buys: String = (0..2000)
        .map(|n| format!("  - create: {{ phone: {}, account: a, size: s }}\n", name(n)))
        .collect();
    let deletes: String =
        (2000..3000).map(|n| format!("  - delete: {{ phone: {} }}\n", name(n))).collect();
    let unknown = format!("{HEAD}catalogue: {{ s: {{ hour: 1 }} }}\nsteps:\n{buys}{deletes}");
    let unknown = unknown.replace("accounts: {}", "accounts: { a: {} }");
    refuse("a thousand unknown names among two thousand", &unknown, Code::UnknownName);
    let long = format!("{HEAD}steps:\n  - frobnicate: {{ {} }}\n", "a".repeat(500_000));
    refuse("a long unknown key", &long, Code::UnknownKey);
}
