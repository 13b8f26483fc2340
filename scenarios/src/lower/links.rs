//! One direction of a link: what a file says of it, over what it was.

use super::Lowering;
use super::network::{bursts, number};
use crate::diagnostic::{Code, Diagnostic, list_names, nearest, quoted};
use crate::grammar::{DisciplineWord, JitterWord, LinkDoc, PresetWord, RadioDoc};
use crate::read::{Percent, TraceName};
use crate::span::{Span, Spanned};
use crate::traces;
use koosim_engine::law::Gaussian;
use koosim_engine::net::preset::{LossPreset, lte_access, rfc8867, wifi_access};
use koosim_engine::net::{
    Bucket, Capacity, CoDelSpec, FqCoDelSpec, Law, Limit, LinkSpec, Order, PieSpec, Promotion,
    QueueSpec, Rate, Ratio, Signal,
};
use koosim_model::rules::LinkParams;
use koosim_model::time::SimDuration;
use std::num::{NonZeroU32, NonZeroU64};

/// The trace of the preset of mobile networks.
const LTE_TRACE: &str = "lte-ghent/report_foot_0001.json";
/// The measurements whose radio that preset has.
const LTE_RADIO: &str = "rrc-rtt/S20US_162_Verizon_4G.csv";
/// The capacity of RFC 8867's common path where none is said.
const RFC8867_KBPS: u32 = 4_000;
/// Gaussian jitter is cut at so many deviations (RFC 8868).
const CUT_DEVIATIONS: i64 = 3;
/// Parts of a whole that a percentage counts.
const BASIS_POINTS: NonZeroU64 = NonZeroU64::MIN.saturating_add(9_999);

impl<'d> Lowering<'d, '_> {
    /// What a link is from now on; nothing if a diagnostic says why not.
    pub(super) fn link(&mut self, old: Option<LinkSpec>, doc: &'d LinkDoc) -> Option<LinkSpec> {
        let mut spec = match doc.preset {
            Some(word) => self.preset(word)?,
            None => old.unwrap_or_else(|| LinkSpec::from_millis(0)),
        };
        if let Some(delay) = doc.delay {
            spec = spec.delayed(delay.get()).ok()?;
        }
        spec = self.capacity(spec, doc)?;
        spec = self.queue(spec, doc)?;
        if let Some(bound) = doc.jitter {
            let order = match doc.reorder {
                Some(word) if word.value.0 => Order::Free,
                _ => Order::Kept,
            };
            spec = match doc.jitter_law.map(|word| word.value) {
                Some(JitterWord::Gaussian) => {
                    let cut = bound.get().as_nanos().saturating_mul(CUT_DEVIATIONS);
                    let law = Gaussian::new(bound.get(), SimDuration::from_nanos(cut));
                    spec.gaussian_jitter(law, order)
                }
                Some(JitterWord::Uniform) | None => spec.jitter(bound.get(), order).ok()?,
            };
        }
        if let Some(loss) = doc.loss {
            spec = spec.loss(ratio(loss.value));
        }
        if let Some(preset) = doc.loss_like.and_then(|word| LossPreset::named(word.as_str())) {
            spec = spec.losing(preset.loss());
        }
        if let Some(doc) = &doc.bursts {
            spec = spec.losing(bursts(doc));
        }
        if let Some(share) = doc.duplication {
            spec = spec.duplication(ratio(share.value));
        }
        if let Some(share) = doc.corruption {
            spec = spec.corruption(ratio(share.value));
        }
        if let Some(bytes) = doc.mtu.and_then(|bytes| NonZeroU32::new(number(bytes.get()))) {
            spec = spec.mtu(bytes);
        }
        match &doc.radio {
            Some(radio) => self.radio(spec, radio),
            None => Some(spec),
        }
    }

    fn preset(&mut self, word: Spanned<PresetWord>) -> Option<LinkSpec> {
        let params = self.params.as_ref()?;
        match word.value {
            PresetWord::Wifi => wifi_access(&params.links).ok(),
            PresetWord::Rfc8867 => {
                let capacity = Capacity::Constant(Rate::kilobits(RFC8867_KBPS));
                rfc8867(&params.transport.cases, capacity).ok()
            }
            PresetWord::Lte => {
                let trace = traces::capacity(self.traces.text(LTE_TRACE)?).ok()?;
                let Capacity::Steps(steps) = trace else { return None };
                let radio = traces::radio(self.traces.text(LTE_RADIO)?).ok()?.promotion()?;
                lte_access(steps, radio).ok()
            }
        }
    }

    fn capacity(&mut self, spec: LinkSpec, doc: &'d LinkDoc) -> Option<LinkSpec> {
        if let Some(rate) = doc.rate {
            return Some(spec.capacity(Capacity::Constant(rate.get())));
        }
        if let Some(name) = &doc.trace {
            let text = self.trace(name)?;
            return match traces::capacity(&text) {
                Ok(capacity) => Some(spec.capacity(capacity)),
                Err(error) => self.bad_trace(name.span, &error.to_string()),
            };
        }
        let Some(doc) = &doc.bucket else { return Some(spec) };
        let bucket = Bucket::new(doc.rate.get(), number(doc.burst.get()));
        let bucket = doc.peak.map_or(bucket, |peak| bucket.peak(peak.get()));
        Some(spec.capacity(Capacity::Bucket(bucket)))
    }
    fn trace(&mut self, name: &Spanned<TraceName>) -> Option<String> {
        if let Some(text) = self.traces.text(name.as_str()) {
            return Some(text.to_owned());
        }
        let names: Vec<_> = self.traces.names().collect();
        let known = names.iter().map(String::as_str);
        let help = match nearest(name.as_str(), known.clone()) {
            Some(near) => format!("did you mean {}?", quoted(near)),
            None => format!(
                "there are {}; a folder of your own stands under `given/`",
                list_names(known)
            ),
        };
        let message = format!("there is no trace {}", quoted(name.as_str()));
        let diagnostic = Diagnostic::error(Code::UnknownName, name.span, message, "not a trace");
        self.out.push(diagnostic.help(help));
        None
    }
    fn bad_trace<T>(&mut self, place: Span, error: &str) -> Option<T> {
        let message = format!("the trace cannot be used: {error}");
        self.out.push(Diagnostic::error(Code::BadValue, place, message, "this trace"));
        None
    }
    fn radio(&mut self, spec: LinkSpec, doc: &'d RadioDoc) -> Option<LinkSpec> {
        let promotion = match (&doc.like, doc.idle, doc.most) {
            (Some(name), _, _) => {
                let text = self.trace(name)?;
                match traces::radio(&text).map(|idle| idle.promotion()) {
                    Ok(Some(promotion)) => promotion,
                    Ok(None) => {
                        return self.bad_trace(name.span, "its radio does not seem to sleep");
                    }
                    Err(error) => return self.bad_trace(name.span, &error.to_string()),
                }
            }
            (None, Some(idle), Some(most)) => {
                let least = doc.least.map_or(SimDuration::ZERO, |least| least.get());
                Promotion { idle: idle.get(), least, most: most.get() }
            }
            _ => return None,
        };
        match spec.promotion(promotion) {
            Ok(spec) => Some(spec),
            Err(error) => {
                let label = "such a radio there is not";
                self.out.push(Diagnostic::error(
                    Code::BadValue,
                    doc.head,
                    error.to_string(),
                    label,
                ));
                None
            }
        }
    }

    fn queue(&mut self, spec: LinkSpec, doc: &'d LinkDoc) -> Option<LinkSpec> {
        if doc.queue.is_none() && doc.discipline.is_none() && doc.ecn.is_none() {
            return Some(spec);
        }
        let params = self.params.as_ref()?.links;
        let mut queue = match doc.discipline.map(|word| word.value) {
            Some(word) => discipline(word, &params),
            None => spec.queue_spec(),
        };
        if let Some(limit) = doc.queue {
            self.limit(&mut queue, limit.get(), limit.span)?;
        }
        if let Some(ecn) = doc.ecn {
            let signal = if ecn.value.0 { Signal::Mark } else { Signal::Drop };
            match &mut queue {
                QueueSpec::DropTail(_) if ecn.value.0 => {
                    let message = "a queue that only drops what finds no room marks nothing";
                    let label = "needs another `discipline`";
                    self.out.push(Diagnostic::error(Code::BadValue, ecn.span, message, label));
                    return None;
                }
                QueueSpec::DropTail(_) => {}
                QueueSpec::CoDel(spec) => spec.signal = signal,
                QueueSpec::FqCoDel(spec) => spec.codel.signal = signal,
                QueueSpec::Pie(spec) => spec.signal = signal,
            }
        }
        Some(spec.queue(queue))
    }
    fn limit(&mut self, queue: &mut QueueSpec, limit: Limit, place: Span) -> Option<()> {
        match (queue, limit) {
            (QueueSpec::DropTail(own), limit) => *own = limit,
            (QueueSpec::CoDel(spec), limit) => spec.limit = limit,
            (QueueSpec::Pie(spec), limit) => spec.limit = limit,
            (QueueSpec::FqCoDel(spec), Limit::Packets(most)) => spec.packets_max = most,
            (QueueSpec::FqCoDel(_), Limit::Bytes(_) | Limit::Delay(_)) => {
                let message = "a queue that keeps flows apart is limited in packets";
                self.out.push(
                    Diagnostic::error(Code::BadValue, place, message, "not packets")
                        .help("write `1000 packets`"),
                );
                return None;
            }
        }
        Some(())
    }
}

fn discipline(word: DisciplineWord, params: &LinkParams) -> QueueSpec {
    let codel = CoDelSpec::ruled_by(params);
    match word {
        DisciplineWord::DropTail => {
            QueueSpec::DropTail(Limit::Packets(koosim_engine::net::PACKETS_MAX))
        }
        DisciplineWord::Codel => QueueSpec::CoDel(codel),
        DisciplineWord::CodelRfc => QueueSpec::CoDel(CoDelSpec { law: Law::Root, ..codel }),
        DisciplineWord::FqCodel => QueueSpec::FqCoDel(FqCoDelSpec::ruled_by(params)),
        DisciplineWord::Pie => QueueSpec::Pie(PieSpec::ruled_by(params)),
    }
}

/// A percentage as a probability.
fn ratio(share: Percent) -> Ratio {
    Ratio::new(u64::from(share.basis_points()), BASIS_POINTS)
}
