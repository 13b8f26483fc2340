//! Budgets of flows with their names looked up.

use super::Lowering;
use crate::diagnostic::{Code, Diagnostic, quoted};
use crate::expect::{Expectation, FlowExpectation, Part, ShareExpectation};
use crate::grammar::{ExpectFlowDoc, ExpectShareDoc, PartWord};
use crate::span::Span;
use koosim_media::stages::Stage;
use koosim_model::name::Name;

impl<'d> Lowering<'d, '_> {
    pub(super) fn flow_expectation(&mut self, doc: &'d ExpectFlowDoc) -> Option<Expectation> {
        let flow = self.known_flow(&doc.flow)?;
        let device = match &doc.device {
            Some(name) => Some(self.known_device(&flow, name)?),
            None => None,
        };
        if let Some(heard) = doc.heard {
            self.sounding(&flow, heard.span)?;
        }
        let rate = |rate: Option<crate::span::Spanned<crate::read::RateText>>| {
            rate.map(|rate| rate.get().bits_per_s())
        };
        Some(Expectation::Flow(Box::new(FlowExpectation {
            flow,
            device,
            of: doc.of.map_or(Part::Picture, |word| part(word.value)),
            p50: doc.p50.map(|length| length.get()),
            p95: doc.p95.map(|length| length.get()),
            p99: doc.p99.map(|length| length.get()),
            worst: doc.worst.map(|length| length.get()),
            stalled_bp: doc.stalled.map(|share| share.basis_points()),
            freezes: doc.freezes.map(|number| number.get()),
            frame_rate: doc.frame_rate.map(|number| number.get()),
            bitrate: rate(doc.bitrate),
            bitrate_most: rate(doc.bitrate_most),
            recovery: doc.recovery.map(|length| length.get()),
            shown: doc.shown.map(|number| number.get()),
            answered: doc.answered.map(|number| number.get()),
            dropped_bp: doc.dropped.map(|share| share.basis_points()),
            heard_bp: doc.heard.map(|share| share.basis_points()),
        })))
    }
    /// What is heard can only be said of a flow with sound.
    fn sounding(&mut self, flow: &Name, place: Span) -> Option<()> {
        if self.network.sounds(flow) {
            return Some(());
        }
        let message = format!("the flow {} has no sound", quoted(flow.as_str()));
        let label = "nothing is heard";
        let help = "write `sound: yes` where it begins";
        self.out.push(Diagnostic::error(Code::BadValue, place, message, label).help(help));
        None
    }
    pub(super) fn share_expectation(&mut self, doc: &'d ExpectShareDoc) -> Option<Expectation> {
        let flows: Vec<_> = doc.fair.value.iter().map(|name| self.known_flow(name)).collect();
        let flows = flows.into_iter().collect::<Option<Vec<_>>>()?;
        let index_bp = doc.index.basis_points();
        Some(Expectation::Share(ShareExpectation { flows, index_bp }))
    }
}

fn part(word: PartWord) -> Part {
    match word {
        PartWord::Picture => Part::Picture,
        PartWord::Input => Part::Input,
        PartWord::Touch => Part::Stage(Stage::Touch),
        PartWord::ClientSend => Part::Stage(Stage::ClientSend),
        PartWord::Uplink => Part::Stage(Stage::Uplink),
        PartWord::InjectAndCompose => Part::Stage(Stage::InjectAndCompose),
        PartWord::CaptureWait => Part::Stage(Stage::CaptureWait),
        PartWord::Encode => Part::Stage(Stage::Encode),
        PartWord::PacketiseAndPace => Part::Stage(Stage::PacketiseAndPace),
        PartWord::Downlink => Part::Stage(Stage::Downlink),
        PartWord::JitterBuffer => Part::Stage(Stage::JitterBuffer),
        PartWord::Decode => Part::Stage(Stage::Decode),
        PartWord::DisplayWait => Part::Stage(Stage::DisplayWait),
    }
}
