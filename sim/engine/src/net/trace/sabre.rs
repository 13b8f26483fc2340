//! Traces as Sabre reads them: a JSON list of durations, bandwidths and latencies.

use super::error::{TraceError, What, bounded};
use crate::net::{Afterwards, Step, Steps};
use koosim_model::time::{SimDuration, SimTime};
use serde::Deserialize;

/// Longest step, in milliseconds: a day.
const STEP_MS_MAX: u32 = 86_400_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StepDoc {
    duration_ms: u32,
    bandwidth_kbps: u32,
    latency_ms: u32,
}

/// A trace of rates, and the latency that it gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sabre {
    /// The rates.
    pub steps: Steps,
    /// The latency of the first step, one way or both: the authors do not say.
    pub latency: SimDuration,
}

/// Reads a JSON list of `duration_ms`, `bandwidth_kbps` and `latency_ms`, all whole numbers.
///
/// # Errors
/// Text that is not such a list, at its line; a list that is no capacity.
pub fn sabre(text: &str, afterwards: Afterwards) -> Result<Sabre, TraceError> {
    let documents: Vec<StepDoc> = serde_json::from_str(bounded(text)?).map_err(|error| {
        // The place is told apart from the sentence.
        let sentence = error.to_string();
        let sentence = sentence.split(" at line ").next().unwrap_or_default().to_owned();
        TraceError::at(error.line().max(1), What::Json(sentence))
    })?;
    let last = text.lines().count().max(1);
    let mut steps = Vec::with_capacity(documents.len());
    for document in &documents {
        if document.duration_ms > STEP_MS_MAX {
            let (word, wanted) = (document.duration_ms.to_string(), "a duration of at most a day");
            return Err(TraceError::at(last, What::Number { word, wanted }));
        }
        let lasts = SimDuration::from_millis(i64::from(document.duration_ms));
        steps.push(Step { lasts, bits_per_s: u64::from(document.bandwidth_kbps) * 1_000 });
    }
    let latency_ms = documents.first().map_or(0, |document| document.latency_ms);
    let steps = Steps::new(&steps, SimTime::EPOCH, afterwards)
        .map_err(|error| TraceError::at(last, What::Steps(error)))?;
    Ok(Sabre { steps, latency: SimDuration::from_millis(i64::from(latency_ms)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_read() {
        let text = r#"[{"duration_ms": 1000, "bandwidth_kbps": 8, "latency_ms": 20},
            {"duration_ms": 3000, "bandwidth_kbps": 0, "latency_ms": 20}]"#;
        let read = sabre(text, Afterwards::Repeat).unwrap();
        assert_eq!(read.latency, SimDuration::from_millis(20));
        assert_eq!((read.steps.length(), read.steps.mean_bits_per_s()), {
            (SimDuration::from_secs(4), 2_000)
        });
    }

    #[test]
    fn what_is_wrong_has_its_line() {
        let say = |text: &str| sabre(text, Afterwards::Hold).unwrap_err().to_string();
        let step = r#"{"duration_ms": 1, "bandwidth_kbps": 8, "latency_ms": 20}"#;
        assert!(say(&format!("[{step},\n{{}}]")).starts_with("line 2: missing field"));
        assert!(say(&format!("[\n{}]", step.replace("8", "-8"))).starts_with("line 2: invalid"));
        assert!(say(&format!("[{}]", step.replace("latency", "lag"))).contains("unknown field"));
        assert_eq!(say("[]"), "line 1: a capacity has at least one step");
        let still = step.replace("\"duration_ms\": 1", "\"duration_ms\": 0");
        assert_eq!(say(&format!("[{still}]")), "line 1: step 0 lasts no time");
        let long = step.replace("\"duration_ms\": 1", "\"duration_ms\": 86400001");
        assert_eq!(say(&format!("[{long}]")), {
            "line 1: `86400001` is not a duration of at most a day"
        });
    }
}
