//! Links and cross traffic, flows and budgets: names to what a run is given.

use super::Lowering;
use crate::diagnostic::{Code, Diagnostic, list_names, nearest, quoted};
use crate::grammar::{
    BurstsDoc, ChangeNetworkDoc, ChannelWord, CodecWord, CongestionWord, ContentWord,
    DefinitionWord, FeedbackWord, FlowDoc, FlowViewerDoc, LinksDoc, MachineWord, RepairWord,
    SettingWord, TcpWord, TrafficDoc, VerbDoc,
};
use crate::read::{Length, Name as NameText, SoundText};
use crate::span::{Span, Spanned};
use koosim_engine::net::{LinkSpec, Rate};
use koosim_engine::path::order::{
    ControlKind, FlowPlan, Pace, PathOrder, TcpLaw, TrafficPlan, ViewerPlan, WayPlan,
};
use koosim_engine::path::{Taps, params};
use koosim_media::content::Content;
use koosim_media::settings::{AskedQuality, Network};
use koosim_media::work::{Codec, Definition, Machine};
use koosim_model::name::{AccountId, DeviceId, Name, PhoneId};
use koosim_model::time::SimDuration;
use koosim_transport::control::Mode;
use koosim_transport::endpoint::{FeedbackKind, Repair};

/// How long a finger stays unless it says otherwise: a decision, of a short tap.
const HOLD: SimDuration = SimDuration::from_millis(60);
/// The most of an encoder unless it says otherwise: the service's middle setting at 720p (T4.1).
const BITRATE_KBPS: u32 = 4_000;
/// Bytes of packets of cross traffic unless they are said: as RFC 8867's media packets at most.
const TRAFFIC_BYTES: u32 = 1_200;
/// The most viewers of one flow.
const VIEWERS_MAX: usize = 100;

/// What a file has declared of its network so far.
#[derive(Default)]
pub(super) struct Declared {
    pub(super) links: std::collections::BTreeMap<Name, LinkSpec>,
    flows: std::collections::BTreeMap<Name, DeclaredFlow>,
    traffic: std::collections::BTreeSet<Name>,
    /// Whether something was broken that may have declared others.
    blind: bool,
}

/// A flow that has begun.
struct DeclaredFlow {
    devices: Vec<DeviceId>,
    /// Whether it has sound.
    sounds: bool,
    /// The phone whose stream it is, until it stops, and where that was said.
    phone: Option<(AccountId, PhoneId, Span)>,
}

impl Declared {
    /// Whether a flow has sound.
    pub(super) fn sounds(&self, flow: &Name) -> bool {
        self.flows.get(flow).is_some_and(|flow| flow.sounds)
    }
    /// The flow of a phone, and where it was said that it is one.
    pub(super) fn flow_of(&self, account: &AccountId, phone: &PhoneId) -> Option<(&Name, Span)> {
        self.flows.iter().find_map(|(name, flow)| {
            let (owner, of, place) = flow.phone.as_ref()?;
            (owner == account && of == phone).then_some((name, *place))
        })
    }
    /// Something was broken that may have declared links, flows or traffic.
    pub(super) fn lose(&mut self) {
        self.blind = true;
    }
}

impl<'d> Lowering<'d, '_> {
    /// What one of these verbs does to the network.
    pub(super) fn network_orders(&mut self, verb: &'d VerbDoc) -> Vec<PathOrder> {
        let one = match verb {
            VerbDoc::Links(doc) => return self.links(doc),
            VerbDoc::StartFlow(doc) => {
                let plan = self.flow_plan(doc);
                self.network.blind |= plan.is_none();
                plan.map(|plan| PathOrder::StartFlow(Box::new(plan)))
            }
            VerbDoc::StopFlow(doc) => {
                let flow = self.known_flow(&doc.flow);
                let state = flow.as_ref().and_then(|flow| self.network.flows.get_mut(flow));
                if let Some(state) = state {
                    state.phone = None;
                }
                flow.map(PathOrder::StopFlow)
            }
            VerbDoc::PauseFlow(doc) => {
                self.known_flow(&doc.flow).map(|flow| PathOrder::PauseFlow { flow, paused: true })
            }
            VerbDoc::ResumeFlow(doc) => {
                self.known_flow(&doc.flow).map(|flow| PathOrder::PauseFlow { flow, paused: false })
            }
            VerbDoc::ChangeNetwork(doc) => self.changed_network(doc),
            VerbDoc::Measure(doc) => self.known_flow(&doc.flow).map(PathOrder::Measure),
            VerbDoc::StartTraffic(doc) => {
                let plan = self.traffic_plan(doc);
                self.network.blind |= plan.is_none();
                plan.map(|plan| PathOrder::StartTraffic(Box::new(plan)))
            }
            VerbDoc::StopTraffic(doc) => {
                let name = Name::new(doc.traffic.as_str()).ok();
                let known = name.filter(|name| self.network.traffic.contains(name));
                if known.is_none() {
                    let names: Vec<_> =
                        self.network.traffic.iter().map(ToString::to_string).collect();
                    self.unknown_of_network("cross traffic", &doc.traffic, &names, "start_traffic");
                }
                known.map(PathOrder::StopTraffic)
            }
            _ => None,
        };
        one.into_iter().collect()
    }
    /// What is said of links, in the order of the file.
    pub(super) fn links(&mut self, doc: &'d LinksDoc) -> Vec<PathOrder> {
        let mut orders = Vec::new();
        for (name, doc) in &doc.entries {
            let Ok(link) = Name::new(name.as_str()) else { continue };
            let old = self.network.links.get(&link).cloned();
            let spec = doc.good().and_then(|doc| self.link(old, doc));
            let Some((spec, doc)) = spec.zip(doc.good()) else {
                // A link that is broken is a link all the same.
                self.network.links.entry(link).or_insert_with(|| LinkSpec::from_millis(0));
                continue;
            };
            self.network.links.insert(link.clone(), spec.clone());
            orders.push(PathOrder::SetLink { link: link.clone(), spec: Box::new(spec) });
            if let Some(cut) = doc.cut {
                orders.push(PathOrder::CutLink { link, cut: cut.value.0 });
            }
        }
        orders
    }

    fn changed_network(&mut self, doc: &'d ChangeNetworkDoc) -> Option<PathOrder> {
        let flow = self.known_flow(&doc.flow)?;
        let device = match &doc.device {
            Some(name) => Some(self.known_device(&flow, name)?),
            None => None,
        };
        let way = self.way(&doc.down, Some(&doc.up))?;
        Some(PathOrder::ChangeNetwork { flow, device, way })
    }

    fn flow_plan(&mut self, doc: &'d FlowDoc) -> Option<FlowPlan> {
        let (account, phone) = self.whose(doc)?;
        let viewers = self.viewers(doc)?;
        let flow = Name::new(doc.flow.as_str()).ok()?;
        if let (Some(phone), true) = (&doc.phone, viewers.iter().any(|v| v.device.is_none())) {
            let message = "it is not said which device watches";
            self.out.push(
                Diagnostic::error(Code::MissingKey, doc.head, message, "needs `device`")
                    .and(phone.span, "a flow of this phone goes with the devices of its stream")
                    .help("name the device of each viewer"),
            );
            return None;
        }
        let sound = self.sound(doc);
        let declared = DeclaredFlow {
            devices: viewers.iter().filter_map(|viewer| viewer.device.clone()).collect(),
            sounds: sound.is_some(),
            phone: phone
                .clone()
                .zip(doc.phone.as_ref())
                .map(|(phone, said)| (account.clone(), phone, said.span)),
        };
        self.network.flows.insert(flow.clone(), declared);
        let most = Rate::kilobits(BITRATE_KBPS);
        Some(FlowPlan {
            flow,
            account,
            phone,
            content: doc.content.map_or(Content::Game, |word| content(word.value)),
            definition: doc.definition.map_or(Definition::P720, |word| definition(word.value)),
            codec: doc.codec.map_or(Codec::H264, |word| codec(word.value)),
            encoder: doc.encoder.map_or(Machine::Hardware, |word| machine(word.value)),
            decoder: doc.decoder.map_or(Machine::Hardware, |word| machine(word.value)),
            frame_rate: doc.frame_rate.map_or(60, |rate| number(rate.get())),
            bitrate: doc.bitrate.map_or(most, |rate| rate.get()),
            control: doc.congestion.map_or(ControlKind::Gcc, |word| control(word.value)),
            repair: doc.repair.map_or(Repair::Repeats, |word| repair(word.value)),
            feedback: match doc.feedback.map(|word| word.value) {
                Some(FeedbackWord::Ccfb) => FeedbackKind::Congestion,
                Some(FeedbackWord::TransportCc) | None => FeedbackKind::Transport,
            },
            ecn: doc.ecn.is_some_and(|word| word.value.0),
            taps: doc.taps.as_ref().map(|taps| Taps {
                every: taps.every.get(),
                hold: taps.hold.map_or(HOLD, |hold| hold.get()),
                moves: taps.moves.map(|moves| moves.get()),
            }),
            channel: match doc.channel.map(|word| word.value) {
                Some(ChannelWord::OneChannel) => Mode::OneChannel,
                Some(ChannelWord::TwoClasses) | None => Mode::TwoClasses,
            },
            viewers,
            sound,
        })
        .filter(|plan| self.can_tap(plan, doc))
        .filter(|plan| self.can_be_set(plan, doc))
    }
    /// The rate of its sound. A rulebook that is broken has been complained about.
    fn sound(&self, doc: &FlowDoc) -> Option<Rate> {
        match doc.sound?.value {
            SoundText::No => None,
            SoundText::Yes => self.params.as_ref().map(|params| params::sound_rate(&params.media)),
            SoundText::At(rate) => Some(rate),
        }
    }
    /// What a tenant can set about a picture is bounded (P5.5).
    fn can_be_set(&mut self, plan: &FlowPlan, doc: &FlowDoc) -> bool {
        let (Some(setting), Some(params)) = (doc.setting, self.params.as_ref()) else {
            return true;
        };
        let network = match setting.value {
            SettingWord::Mobile => Network::Mobile,
            SettingWord::Wifi => Network::Wifi,
            SettingWord::Wired => Network::Wired,
        };
        let code_rate = u32::try_from(plan.bitrate.bits_per_s() / 1_000).unwrap_or(u32::MAX);
        let asked = AskedQuality { code_rate, fps: plan.frame_rate };
        match params::video(params, (network, plan.codec), plan.definition, asked) {
            Ok(_) => true,
            Err(refused) => {
                let label = "the service does not let this be set";
                let message = refused.to_string();
                self.out.push(Diagnostic::error(Code::BadValue, doc.head, message, label));
                false
            }
        }
    }
    /// A finger comes down again and again, so that some time must be between.
    fn can_tap(&mut self, plan: &FlowPlan, doc: &FlowDoc) -> bool {
        let Some((taps, said)) = plan.taps.zip(doc.taps.as_ref()) else { return true };
        let fits = taps.hold > SimDuration::ZERO && taps.hold < taps.every;
        if !fits {
            let message = "a finger stays for some time, and is gone before the next tap";
            let label = "`hold` is not between nothing and `every`";
            self.out.push(Diagnostic::error(Code::BadValue, said.head, message, label));
        }
        let moves = plan.taps.and_then(|taps| Some((taps.hold, taps.moves?)));
        let bounded = moves.is_none_or(|(hold, moves)| {
            let most = moves.as_nanos().saturating_mul(Taps::MOVES_MAX);
            moves > SimDuration::ZERO && hold.as_nanos() <= most
        });
        if !bounded {
            let message =
                format!("a finger moves at most {} times while it stays", Taps::MOVES_MAX);
            let label = "`moves` is too short for `hold`";
            self.out.push(Diagnostic::error(Code::BadValue, said.head, message, label));
        }
        fits && bounded
    }
    fn whose(&mut self, doc: &'d FlowDoc) -> Option<(AccountId, Option<PhoneId>)> {
        match &doc.phone {
            Some(phone) => {
                let (account, phone) = self.phone(phone, &doc.account)?;
                Some((account, Some(phone)))
            }
            None => Some((self.account_or_only(&doc.account, doc.head)?, None)),
        }
    }
    fn viewers(&mut self, doc: &'d FlowDoc) -> Option<Vec<ViewerPlan>> {
        let Some(viewers) = &doc.viewers else {
            let (down, up) = doc.down.as_ref().zip(doc.up.as_ref())?;
            let device = doc.device.as_ref().and_then(|name| DeviceId::new(name.as_str()).ok());
            return Some(vec![ViewerPlan { device, way: self.way(down, Some(up))? }]);
        };
        if viewers.value.is_empty() || viewers.value.len() > VIEWERS_MAX {
            let message = format!("a flow has 1 to {VIEWERS_MAX} viewers");
            let label = format!("{} viewers", viewers.value.len());
            self.out.push(Diagnostic::error(Code::BadValue, viewers.span, message, label));
            return None;
        }
        viewers.value.iter().map(|viewer| self.viewer(viewer)).collect()
    }
    fn viewer(&mut self, doc: &'d FlowViewerDoc) -> Option<ViewerPlan> {
        let device = doc.device.as_ref().and_then(|name| DeviceId::new(name.as_str()).ok());
        Some(ViewerPlan { device, way: self.way(&doc.down, Some(&doc.up))? })
    }
    fn way(
        &mut self,
        down: &'d Spanned<Vec<Spanned<NameText>>>,
        up: Option<&'d Spanned<Vec<Spanned<NameText>>>>,
    ) -> Option<WayPlan> {
        let down = self.known_links(down);
        // What never comes back goes over the way there as well, where nobody looks.
        let up = match up {
            Some(up) => self.known_links(up),
            None => down.clone(),
        };
        Some(WayPlan { down: down?, up: up? })
    }
    fn known_links(&mut self, names: &'d Spanned<Vec<Spanned<NameText>>>) -> Option<Vec<Name>> {
        if names.value.is_empty() {
            let message = "a way leads over at least one link";
            self.out.push(Diagnostic::error(Code::BadValue, names.span, message, "no link"));
            return None;
        }
        let known: Vec<_> = names.value.iter().map(|name| self.known_link(name)).collect();
        known.into_iter().collect()
    }
    fn known_link(&mut self, name: &'d Spanned<NameText>) -> Option<Name> {
        let link = Name::new(name.as_str()).ok();
        let known = link.filter(|link| self.network.links.contains_key(link));
        if known.is_none() {
            let names: Vec<_> = self.network.links.keys().map(ToString::to_string).collect();
            self.unknown_of_network("link", name, &names, "links");
        }
        known
    }
    /// A flow that has begun above.
    pub(super) fn known_flow(&mut self, name: &'d Spanned<NameText>) -> Option<Name> {
        let flow = Name::new(name.as_str()).ok();
        let known = flow.filter(|flow| self.network.flows.contains_key(flow));
        if known.is_none() {
            let names: Vec<_> = self.network.flows.keys().map(ToString::to_string).collect();
            self.unknown_of_network("flow", name, &names, "start_flow");
        }
        known
    }
    /// A device of a flow that has begun above.
    pub(super) fn known_device(
        &mut self,
        flow: &Name,
        name: &'d Spanned<NameText>,
    ) -> Option<DeviceId> {
        let device = DeviceId::new(name.as_str()).ok()?;
        let devices = self.network.flows.get(flow).map(|flow| flow.devices.clone());
        let devices = devices.unwrap_or_default();
        if devices.contains(&device) {
            return Some(device);
        }
        let names: Vec<_> = devices.iter().map(ToString::to_string).collect();
        self.unknown_of_network("device of this flow", name, &names, "viewers");
        None
    }
    fn unknown_of_network(
        &mut self,
        what: &str,
        name: &Spanned<NameText>,
        names: &[String],
        key: &str,
    ) {
        if self.network.blind || self.may_be_declared(name.as_str()) && names.is_empty() {
            return;
        }
        let message = format!("there is no {what} {} yet", quoted(name.as_str()));
        let known = names.iter().map(String::as_str);
        let help = match nearest(name.as_str(), known.clone()) {
            Some(near) => format!("did you mean {}?", quoted(near)),
            None if names.is_empty() => format!("declare it above, under `{key}`"),
            None => format!("above it there is {}", list_names(known)),
        };
        let label = format!("not a known {what}");
        self.out.push(Diagnostic::error(Code::UnknownName, name.span, message, label).help(help));
    }

    fn traffic_plan(&mut self, doc: &'d TrafficDoc) -> Option<TrafficPlan> {
        let traffic = Name::new(doc.traffic.as_str()).ok()?;
        let way = self.way(&doc.down, doc.up.as_ref())?;
        let pace = match (&doc.rate, &doc.tcp) {
            (Some(rate), _) => {
                let bytes = doc.bytes.map_or(TRAFFIC_BYTES, |bytes| number(bytes.get()));
                let rate = rate.get();
                match (doc.on, doc.off) {
                    (Some(on), Some(off)) => {
                        let on = self.some_time(on)?;
                        Pace::Bursts { rate, bytes, on, off: self.some_time(off)? }
                    }
                    _ => Pace::Steady { rate, bytes },
                }
            }
            (None, Some(word)) => {
                let law = match word.value {
                    TcpWord::Reno => TcpLaw::Reno,
                    TcpWord::Cubic => TcpLaw::Cubic,
                };
                match &doc.transfers {
                    None => Pace::Endless(law),
                    Some(transfers) => {
                        let bytes = (transfers.least.get(), transfers.most.get());
                        self.ascending(bytes, transfers.most.span)?;
                        let pause = self.some_time(transfers.pause)?;
                        let at_once = transfers.at_once.is_some_and(|word| word.value.0);
                        Pace::Transfers { law, bytes, pause, at_once }
                    }
                }
            }
            (None, None) => return None,
        };
        self.network.traffic.insert(traffic.clone());
        Some(TrafficPlan { traffic, pace, way })
    }
    fn ascending(&mut self, (least, most): (u64, u64), place: Span) -> Option<()> {
        if least <= most {
            return Some(());
        }
        let message = "the most is less than the least";
        self.out.push(Diagnostic::error(Code::BadValue, place, message, "less than `least`"));
        None
    }
    fn some_time(&mut self, length: Spanned<Length>) -> Option<SimDuration> {
        if length.get() > SimDuration::ZERO {
            return Some(length.get());
        }
        let message = "this length of time cannot be nothing";
        self.out.push(Diagnostic::error(Code::BadValue, length.span, message, "nothing"));
        None
    }
}

/// Whether a verb says something of the network.
pub(super) const fn is_one(verb: &VerbDoc) -> bool {
    matches!(
        verb,
        VerbDoc::Links(_)
            | VerbDoc::StartFlow(_)
            | VerbDoc::StopFlow(_)
            | VerbDoc::PauseFlow(_)
            | VerbDoc::ResumeFlow(_)
            | VerbDoc::ChangeNetwork(_)
            | VerbDoc::Measure(_)
            | VerbDoc::StartTraffic(_)
            | VerbDoc::StopTraffic(_)
    )
}

/// Packets between bursts and of a burst, on average.
pub(super) fn bursts(doc: &BurstsDoc) -> koosim_engine::net::Loss {
    use koosim_engine::net::{Bursts, Loss, Ratio};
    let one_in =
        |n: u64| Ratio::one_in(std::num::NonZeroU64::new(n).unwrap_or(std::num::NonZeroU64::MIN));
    Loss::Bursts(Bursts::new(one_in(doc.good.get()), one_in(doc.bad.get())))
}

/// A number that its reader has bounded.
pub(super) fn number(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

fn content(word: ContentWord) -> Content {
    match word {
        ContentWord::Idle => Content::Idle,
        ContentWord::UserInterface => Content::UserInterface,
        ContentWord::ScrollingText => Content::ScrollingText,
        ContentWord::Video => Content::Video,
        ContentWord::Call => Content::Call,
        ContentWord::Game => Content::Game,
    }
}

fn definition(word: DefinitionWord) -> Definition {
    match word {
        DefinitionWord::P540 => Definition::P540,
        DefinitionWord::P720 => Definition::P720,
        DefinitionWord::P1080 => Definition::P1080,
    }
}

fn codec(word: CodecWord) -> Codec {
    match word {
        CodecWord::H264 => Codec::H264,
        CodecWord::H265 => Codec::H265,
    }
}

fn machine(word: MachineWord) -> Machine {
    match word {
        MachineWord::Hardware => Machine::Hardware,
        MachineWord::Software => Machine::Software,
    }
}

fn repair(word: RepairWord) -> Repair {
    match word {
        RepairWord::None => Repair::None,
        RepairWord::Repeats => Repair::Repeats,
        RepairWord::Parity => Repair::Parity,
        RepairWord::Both => Repair::Both,
    }
}

fn control(word: CongestionWord) -> ControlKind {
    match word {
        CongestionWord::Gcc => ControlKind::Gcc,
        CongestionWord::Nada => ControlKind::Nada,
        CongestionWord::Scream => ControlKind::Scream,
        CongestionWord::Fixed => ControlKind::Fixed,
    }
}
