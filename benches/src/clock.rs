//! How long rounds of a benchmark take, and how much memory they had.

/// Processor time of this thread where the system tells it, or else the time of day.
#[expect(clippy::disallowed_types, reason = "a benchmark measures the machine's own time")]
pub struct Clock {
    cpu: Option<f64>,
    wall: std::time::Instant,
}

impl Clock {
    #[expect(clippy::disallowed_types, reason = "a benchmark measures the machine's own time")]
    /// Begins to measure.
    pub fn now() -> Self {
        Self { cpu: cpu_seconds(), wall: std::time::Instant::now() }
    }
    /// Seconds since then.
    pub fn seconds(&self) -> f64 {
        let cpu = self.cpu.zip(cpu_seconds()).map(|(begin, end)| end - begin);
        cpu.unwrap_or_else(|| self.wall.elapsed().as_secs_f64())
    }
}

/// Linux counts it in ticks of a few milliseconds: rounds must be much longer than that.
fn cpu_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let ns: f64 = text.split(' ').next()?.parse().ok()?;
    Some(ns * 1e-9)
}

/// The value in the middle; of an even number, the later one.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The most memory that the process ever had, where the system tells it.
pub fn peak_bytes() -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().split(' ').next()?.parse::<f64>().ok());
    kilobytes.map_or(f64::NAN, |kilobytes| kilobytes * 1024.0)
}

/// A count for people, who do not look at its last digits.
#[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "figures for people")]
pub fn approximate(count: u64) -> f64 {
    count as f64
}
