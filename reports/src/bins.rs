//! What was measured of a viewer in bins (T3.5), as text for snapshots.

use koosim_engine::path::measure::Bin;
use koosim_model::time::SimDuration;
use std::fmt::Write as _;

/// Cells of a line.
const CELLS: usize = 5;
const MS: u64 = 1_000_000;

/// What the columns of [`table`] are.
pub const HEAD: &str = "received kbit/s | pictures shown | wanted kbit/s | packets dropped";

/// Bins of this length as lines of five cells, each of so many bins: with one of 200 ms, a line is a second. A
/// line begins with its milliseconds since the first bin. Rates are means, rounded down; pictures and packets
/// are sums; what congestion control wanted is what it wanted last. Where the cells of a column are equal, one
/// stands for all.
pub fn table(bins: &[Bin], length: SimDuration, per_cell: usize) -> String {
    let per_cell = per_cell.max(1);
    let bin_ms = u64::try_from(length.as_nanos()).unwrap_or(0) / MS;
    let mut text = String::new();
    let mut since = 0;
    for line in bins.chunks(per_cell.saturating_mul(CELLS)) {
        let cells: Vec<Vec<Bin>> = line.chunks(per_cell).map(<[Bin]>::to_vec).collect();
        let column = |of: fn(&[Bin], u64) -> u64| {
            let values = cells.iter().map(|cell| of(cell, bin_ms).to_string());
            let values: Vec<_> = values.collect();
            match values.as_slice() {
                [first, rest @ ..] if rest.iter().all(|other| other == first) => first.clone(),
                _ => values.join(" "),
            }
        };
        let _ = writeln!(
            text,
            "{since:>6} ms  {} | {} | {} | {}",
            column(|cell, ms| {
                let bits = cell.iter().map(|bin| bin.received_bytes * 8).sum::<u64>();
                let length = ms * u64::try_from(cell.len()).unwrap_or(1);
                bits.checked_div(length).unwrap_or(0)
            }),
            column(|cell, _| cell.iter().map(|bin| u64::from(bin.shown)).sum()),
            column(|cell, _| cell.last().map_or(0, |bin| bin.target_bps / 1_000)),
            column(|cell, _| cell.iter().map(|bin| u64::from(bin.dropped)).sum()),
        );
        since += bin_ms * u64::try_from(line.len()).unwrap_or(0);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const LENGTH: SimDuration = SimDuration::from_millis(200);

    fn bin(received_bytes: u64, shown: u32, target_bps: u64, dropped: u32) -> Bin {
        Bin { received_bytes, shown, target_bps, dropped, ..Bin::default() }
    }

    #[test]
    fn a_line_is_a_second_of_five_bins() {
        let mut bins = vec![bin(25_000, 12, 1_000_999, 0); 5];
        bins.extend([bin(12_500, 6, 900_000, 1), bin(0, 0, 450_000, 2)]);
        let lines = "     0 ms  1000 | 12 | 1000 | 0\n  1000 ms  500 0 | 6 0 | 900 450 | 1 2\n";
        assert_eq!(table(&bins, LENGTH, 1), lines);
    }

    #[test]
    fn cells_of_several_bins_have_means_sums_and_the_last_rate() {
        let bins: Vec<_> = (0..12).map(|n| bin(n * 2_500, 1, n * 1_000, 1)).collect();
        let lines =
            "     0 ms  50 250 450 650 850 | 2 | 1 3 5 7 9 | 2\n  2000 ms  1050 | 2 | 11 | 2\n";
        assert_eq!(table(&bins, LENGTH, 2), lines);
        assert_eq!(table(&[], LENGTH, 1), "");
    }
}
