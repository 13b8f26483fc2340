//! How long a file takes, for a person who asks.
use koosim_scenarios::file::ScenarioFile;
fn main() {
    let values: Vec<String> = (0..1000).map(|n| n.to_string()).collect();
    let steps: String =
        (0..100).map(|n| format!("  - create: {{ phone: p{n}, account: a, size: s }}\n")).collect();
    for (name, steps) in [("short", ""), ("long", &*steps)] {
        let text = format!(
            "scenario: $n\nstart: 2024-03-08 15:50:04\nmatrix: {{ n: [{}] }}\ncatalogue: {{ s: {{ hour: 1 }} }}\naccounts: {{ a: {{ }} }}\nsteps:\n{steps}  - expect: {{ account: a, balance: 0 }}\n",
            values.join(", ")
        );
        #[expect(clippy::disallowed_types, reason = "m")]
        let t = std::time::Instant::now();
        let file = ScenarioFile::read("x", text.as_bytes());
        println!(
            "{name}: {} cases, {} errors, {:?} {:?}",
            file.cases(),
            file.diagnostics().errors(),
            t.elapsed(),
            file.diagnostics().sorted().first()
        );
    }
}
