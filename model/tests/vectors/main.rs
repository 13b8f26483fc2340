//! The service's own worked examples against the rules. The figures are read from the file; what is
//! written here is only how each example is told to the rules, and why some are not followed.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of tests may fail loudly"
)]

mod bills;
#[path = "../desk/mod.rs"]
mod desk;
mod example;
mod lifecycle;
mod periods;
mod refunds;
mod usage;

use example::Example;
use koosim_model::rulebook::{RuleId, Rulebook};
use serde::Serialize;
use std::path::{Path, PathBuf};

/// How an example is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    /// A history of commands and timers gives the printed figures.
    Rules,
    /// The function of the rule gives them; a whole scenario with these inputs cannot occur.
    Function,
    /// A history or function gives them under the dated edition that the example belongs to.
    Edition,
    /// A function gives them once a parameter is set to the example's reading.
    Override,
    /// The page computes by a formula that no rule follows; the formula gives the printed figures.
    Document,
    /// The printed figure contradicts the example's own inputs, and the rules do not follow it.
    NotFollowed,
}

impl Verdict {
    /// What the documentation says of it.
    const fn words(self) -> &'static str {
        match self {
            Self::Rules => "followed",
            Self::Function => "followed by the rule's function",
            Self::Edition => "followed in an older edition",
            Self::Override => "followed under a parameter",
            Self::Document => "not followed: another formula",
            Self::NotFollowed => "not followed: printed wrong",
        }
    }
}

struct Row {
    id: &'static str,
    verdict: Verdict,
    note: &'static str,
}

macro_rules! examples {
    ($($name:ident $id:literal $verdict:ident $check:expr, $note:literal;)*) => {
        const TABLE: &[Row] = &[$(Row { id: $id, verdict: Verdict::$verdict, note: $note },)*];

        $(#[test]
        fn $name() {
            let check: fn(&Example) = $check;
            check(&example::find($id));
        })*
    };
}

examples! {
    kp_01 "KP-01" Document refunds::manual_days,
        "30-day month, whole days and no fee; a refund follows R9.4 and R9.5 instead (C2)";
    kp_02 "KP-02" Rules periods::month_at_list_price,
        "dates and fee hold; the span has 31 days, not the 30 that the words say (C17)";
    kp_03 "KP-03" NotFollowed refunds::misprinted_total,
        "103.6 and 289 add up to 392.6; the printed total adds the price of the other phone (C17)";
    kp_04 "KP-04" Document refunds::manual_days_in_symbols,
        "the formula of KP-01 in symbols; a refund follows R9.4 and R9.5 instead (C2)";
    kp_05 "KP-05" Rules usage::ten_minutes, "one record of one clock hour";
    kp_07 "KP-07" Rules usage::deducted_about, "the default instant of the deduction window";
    kp_08 "KP-08" Rules periods::renews_by_one_month, "three months renew by one";
    per_01 "PER-01" Rules periods::ends, "";
    per_02 "PER-02" Rules periods::ends, "";
    per_03 "PER-03" Rules periods::ends, "";
    per_04 "PER-04" Rules periods::ends, "";
    per_05 "PER-05" Rules periods::ends, "";
    per_07 "PER-07" Rules periods::ends, "";
    per_09 "PER-09" Rules periods::ends, "";
    per_10 "PER-10" Rules periods::ends, "";
    per_12 "PER-12" Rules periods::ends, "";
    per_13 "PER-13" Rules periods::ends, "";
    per_15 "PER-15" Rules periods::renewed_from_old_expiry,
        "told as a renewal: the start is the old expiry, at 23:59:59";
    uni_01 "UNI-01" Rules periods::unified, "";
    uni_02 "UNI-02" Rules periods::unified, "";
    aut_01 "AUT-01" Rules periods::late_enabling,
        "a phone ends with its day, so that expiry before 03:00 of a day is its 00:00";
    aut_03 "AUT-03" Rules periods::setting_survives_renewal, "";
    aut_04 "AUT-04" Rules periods::deduction_day, "";
    ppu_01 "PPU-01" Rules usage::ten_minutes, "one record of one clock hour";
    ppu_02 "PPU-02" NotFollowed usage::misprinted_seconds,
        "08:45:30 to 08:55:00 are 570 s, not the printed 600 s (C17)";
    ppu_03 "PPU-03" NotFollowed usage::rounded_parts,
        "the page rounds each part; the month is rounded once, which gives the same total (C3)";
    ppu_04 "PPU-04" Rules usage::split_over_a_day, "only the split of the records is printed";
    ppu_05 "PPU-05" Rules usage::nat_bill, "";
    ppu_06 "PPU-06" Function usage::whole_hours,
        "the vault bills whole hours by size (R2.10); price and erased amount by the functions";
    ppu_08 "PPU-08" Rules usage::three_records, "only the split of the records is printed";
    ppu_09 "PPU-09" Function usage::truncated_usage, "usage in the unit of the price";
    ppu_11 "PPU-11" Override usage::size_of_ten,
        "right only for a size of 10 and with R2.7.fee_rounding: truncate (C4, C17)";
    ppu_12 "PPU-12" Edition usage::truncated_month,
        "the month is cut off in intl@2024-02 and rounded half up since";
    ppu_13 "PPU-13" Rules usage::screenshot, "inside the deduction window";
    ppu_15 "PPU-15" Function usage::priced_parts, "another service's prices";
    ppu_16 "PPU-16" Function usage::daily_minutes, "another service's tariff";
    ppu_18 "PPU-18" Function usage::sum_of_parts, "a sum of amounts of another service";
    ppu_19 "PPU-19" Function usage::sum_of_parts, "a sum of amounts of another service";
    ppu_20 "PPU-20" Function usage::sum_of_parts, "a sum of amounts of another service";
    ppu_21 "PPU-21" Function usage::hours_of_use, "only the length is printed";
    uns_01 "UNS-01" Rules refunds::used_hours, "";
    uns_02 "UNS-02" Edition refunds::used_days, "days are counted in edition 2024-02";
    uns_03 "UNS-03" Rules refunds::five_days_to_the_second, "";
    uns_04 "UNS-04" Rules refunds::five_day_refund, "";
    uns_06 "UNS-06" Rules refunds::unstarted_renewal, "";
    uns_07 "UNS-07" Function refunds::fee_table, "the table has no prices to tell a history with";
    uns_10 "UNS-10" Edition bills::approved_next_month,
        "the threshold of 1,000 is that of edition 2024-02 (C13)";
    uns_11 "UNS-11" Function refunds::derived_sums, "derived from UNS-01, not a printed figure";
    uns_12 "UNS-12" Rules refunds::derived_refund, "derived from KP-01, not a printed figure";
    chg_01 "CHG-01" NotFollowed refunds::factor_of_four_decimals,
        "the page multiplies by a factor cut to four decimals; exact is 262.57 (C17)";
    chg_02 "CHG-02" NotFollowed refunds::misprinted_duration,
        "the printed parts add up to 2.7258, not 2.75 (C17)";
    chg_04 "CHG-04" Rules usage::until_the_change,
        "as phones change in China; abroad they do not (R7.4)";
    chg_06 "CHG-06" Override bills::invoiceable_after_a_change,
        "with R10.1.change_supported, which phones have not";
    lif_v0 "LIF-V0" Rules lifecycle::tier, "";
    lif_v1 "LIF-V1" Rules lifecycle::tier, "";
    lif_v2 "LIF-V2" Rules lifecycle::tier, "";
    lif_v4 "LIF-V4" Rules lifecycle::tier, "";
    lif_v5 "LIF-V5" Rules lifecycle::tier, "";
    lif_intl "LIF-INTL" Rules lifecycle::international, "the European profile as well";
    bil_02 "BIL-02" Function bills::cost_of_a_day,
        "a year without a 29 February; the bill is another view than the cost";
    bil_03 "BIL-03" Rules usage::bill_identity, "";
}

#[test]
fn every_example_of_the_file_is_in_the_table_and_none_else() {
    let file: Vec<String> = example::all().iter().map(|e| e.text("/id").to_owned()).collect();
    let table: Vec<&str> = TABLE.iter().map(|row| row.id).collect();
    assert_eq!(table, file);
}

/// A printed example may be left out only where the file itself says that it cannot be followed.
#[test]
fn a_strict_example_is_never_left_unfollowed() {
    for (row, example) in TABLE.iter().zip(example::all()) {
        if row.verdict == Verdict::NotFollowed {
            assert_ne!(example.text("/conformance"), "yes", "{}", row.id);
            assert!(!row.note.is_empty(), "{} says why", row.id);
        }
    }
}

#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    rules: Vec<RuleId>,
    verdict: Verdict,
    #[serde(skip_serializing_if = "str::is_empty")]
    note: &'a str,
}

/// The list of verdicts is for whoever explains a rule; `UPDATE=1` writes it anew.
#[test]
fn the_list_of_verdicts_is_current() {
    let examples = example::all();
    let mut lines = Vec::new();
    for (row, example) in TABLE.iter().zip(&examples) {
        let rules = example.rules();
        assert!(rules.iter().all(|id| Rulebook::standard().rule(*id).is_some()), "{}", row.id);
        let line = Line { id: row.id, rules, verdict: row.verdict, note: row.note };
        lines.push(serde_json::to_string(&line).unwrap());
    }
    held_or_written("verdicts.json", &format!("[\n  {}\n]\n", lines.join(",\n  ")));
}

/// Where the table of all examples begins in the documentation of the vectors.
const TABLE_HEAD: &str = "| example | of | site | page of | rules | verdict | why |\n\
                          | --- | --- | --- | --- | --- | --- | --- |\n";

/// One table in the documentation lists each example with its verdict; `UPDATE=1` writes it anew.
#[test]
fn the_table_in_the_documentation_is_current() {
    let mut table = TABLE_HEAD.to_owned();
    for (row, example) in TABLE.iter().zip(&example::all()) {
        let rules: Vec<String> = example.rules().iter().map(ToString::to_string).collect();
        let (site, date) = (example.text("/site"), example.at("/doc_date").as_str().unwrap_or("-"));
        let (title, rules) = (example.text("/title").replace('|', "/"), rules.join(", "));
        let (verdict, note) = (row.verdict.words(), row.note);
        table +=
            &format!("| {} | {title} | {site} | {date} | {rules} | {verdict} | {note} |\n", row.id);
    }
    let held = std::fs::read_to_string(vectors("README.md")).unwrap();
    let before = held.split(TABLE_HEAD).next().unwrap();
    held_or_written("README.md", &format!("{before}{table}"));
}

fn vectors(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors").join(file)
}

fn held_or_written(file: &str, text: &str) {
    let path = vectors(file);
    if example::is_update() {
        std::fs::write(&path, text).unwrap();
    }
    let held = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(held, text, "run this test with UPDATE=1 to write {}", path.display());
}
