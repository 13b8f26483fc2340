//! What a plan says of links and flows: by name, without numbers of places, to be carried out in a run.

use super::spec::Taps;
use crate::net::{LinkSpec, Rate};
use koosim_media::content::Content;
use koosim_media::work::{Codec, Definition, Machine};
use koosim_model::name::{AccountId, DeviceId, Name, PhoneId};
use koosim_model::time::SimDuration;
use koosim_transport::control::Mode;
use koosim_transport::endpoint::{FeedbackKind, Repair};
use serde::Serialize;

/// Something that happens to links, flows or cross traffic. At one instant it comes after commands and
/// timers, and before anything that is on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PathOrder {
    /// A link is like this from now on; it is added if there is none of that name.
    SetLink {
        /// Which.
        link: Name,
        /// What it does to packets; a trace begins now, unless it is the one that the link has.
        spec: Box<LinkSpec>,
    },
    /// A link is cut, and takes nothing, or is whole again.
    CutLink {
        /// Which.
        link: Name,
        /// Whether it is cut.
        cut: bool,
    },
    /// A flow begins, or with the stream of its phone.
    StartFlow(Box<FlowPlan>),
    /// A flow ends.
    StopFlow(Name),
    /// A flow sends no pictures, or does so again (RFC 8867 5.8).
    PauseFlow {
        /// Which.
        flow: Name,
        /// Whether it pauses.
        paused: bool,
    },
    /// A viewer of a flow has another network.
    ChangeNetwork {
        /// The flow.
        flow: Name,
        /// The device; without it, the first viewer.
        device: Option<DeviceId>,
        /// The new way.
        way: WayPlan,
    },
    /// What is seen of a flow from now on is a window of its own.
    Measure(Name),
    /// Cross traffic begins.
    StartTraffic(Box<TrafficPlan>),
    /// Cross traffic ends.
    StopTraffic(Name),
}

/// A way over links by their names, in the order in which packets pass them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WayPlan {
    /// From the phone.
    pub down: Vec<Name>,
    /// To the phone.
    pub up: Vec<Name>,
}

/// A viewer of a flow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ViewerPlan {
    /// Its device; for flows of a phone, it watches while that device watches the stream.
    pub device: Option<DeviceId>,
    /// Its way.
    pub way: WayPlan,
}

/// Which congestion control.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ControlKind {
    /// Google's, on delay and loss (T3.6, T3.7).
    Gcc,
    /// RFC 8698 (T3.8).
    Nada,
    /// A window of bytes in flight (T3.9).
    Scream,
    /// The flow's most, whatever happens.
    Fixed,
}

/// A flow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FlowPlan {
    /// Its name.
    pub flow: Name,
    /// In whose log it stands.
    pub account: AccountId,
    /// The phone whose stream it is: it flows while that phone streams. Without one it flows at once.
    pub phone: Option<PhoneId>,
    /// What the phone shows.
    pub content: Content,
    /// Size of the picture.
    pub definition: Definition,
    /// How it is coded.
    pub codec: Codec,
    /// What codes it.
    pub encoder: Machine,
    /// What decodes it.
    pub decoder: Machine,
    /// The most pictures a second; also the beat of the displays.
    pub frame_rate: u32,
    /// The most that the encoder aims at.
    pub bitrate: Rate,
    /// Congestion control.
    pub control: ControlKind,
    /// How what is lost is made good.
    pub repair: Repair,
    /// How arrivals are told.
    pub feedback: FeedbackKind,
    /// Whether pictures may be marked instead of dropped.
    pub ecn: bool,
    /// What the hand of the controlling viewer does.
    pub taps: Option<Taps>,
    /// How input is delivered (T5.3).
    pub channel: Mode,
    /// The viewers; the first controls.
    pub viewers: Vec<ViewerPlan>,
    /// The rate of its sound, if it has any (T4.7).
    pub sound: Option<Rate>,
}

/// Cross traffic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TrafficPlan {
    /// Its name.
    pub traffic: Name,
    /// What it sends.
    pub pace: Pace,
    /// Its way; only TCP uses the way up.
    pub way: WayPlan,
}

/// Which law a window of TCP follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TcpLaw {
    /// RFC 5681.
    Reno,
    /// RFC 9438.
    Cubic,
}

/// What cross traffic sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Pace {
    /// Packets of one size at a constant rate.
    Steady {
        /// The rate.
        rate: Rate,
        /// Bytes of a packet.
        bytes: u32,
    },
    /// The same now and then; both lengths follow exponential laws with these means.
    Bursts {
        /// The rate while it sends.
        rate: Rate,
        /// Bytes of a packet.
        bytes: u32,
        /// How long it sends.
        on: SimDuration,
        /// How long it is quiet.
        off: SimDuration,
    },
    /// A transfer that has no end.
    Endless(TcpLaw),
    /// Transfers one after the other (RFC 8867 4.3).
    Transfers {
        /// Who decides how fast.
        law: TcpLaw,
        /// Fewest and most bytes of each.
        bytes: (u64, u64),
        /// The mean of the pauses, which follow an exponential law.
        pause: SimDuration,
        /// Whether the first begins at once, without a pause before it.
        at_once: bool,
    },
}
