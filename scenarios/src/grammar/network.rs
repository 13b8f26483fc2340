//! Links, flows of pictures over them, and cross traffic.

use crate::read::{
    Length, Lenient, Name, Named, Number, Percent, QueueText, RateText, SoundText, TraceName, YesNo,
};
use crate::span::Spanned;
use crate::{document, words};

words! {
    /// A link that has a name.
    pub enum PresetWord ("a preset of links") {
        /// A home's or campus's radio: 100 Mbit/s, FQ-CoDel, 20 ms of median delay, the loss of `wifi`.
        Wifi = "wifi",
        /// A mobile network: a trace of LTE on foot, a deep queue, the sleep of its radio, the loss of `cellular`.
        Lte = "lte",
        /// The common path of RFC 8867 at 4 Mbit/s: 50 ms, a queue of 300 ms, Gaussian jitter of 5 ms.
        Rfc8867 = "rfc8867",
    }
}

words! {
    /// How what waits is kept.
    pub enum DisciplineWord ("a discipline of queues") {
        /// First come, first served; what finds no room is dropped.
        DropTail = "drop_tail",
        /// Controlled delay by the law of the rulebook: that of the kernel, in fixed point.
        Codel = "codel",
        /// Controlled delay by the law of RFC 8289.
        CodelRfc = "codel_rfc",
        /// Flows apart, each with controlled delay.
        FqCodel = "fq_codel",
        /// Proportional integral control.
        Pie = "pie",
    }
}

words! {
    /// A preset of loss.
    pub enum LossWord ("a preset of loss") {
        /// A radio in the same room.
        Wifi = "wifi",
        /// A radio behind walls.
        LossyWifi = "lossy_wifi",
        /// A mobile network.
        Cellular = "cellular",
        /// Rain and obstruction.
        Satellite = "satellite",
        /// Queues that overflow somewhere else.
        Congested = "congested",
    }
}

words! {
    /// The law of jitter.
    pub enum JitterWord ("a law of jitter") {
        /// From nothing to the bound, evenly.
        Uniform = "uniform",
        /// Around nothing with this deviation, cut at three times it.
        Gaussian = "gaussian",
    }
}

document! {
    /// Loss in bursts: everything is lost in a bad state, and nothing in a good one.
    pub struct BurstsDoc ("`bursts`") {
        /// Packets between two bursts on average.
        good: Spanned<Number<1, 1_000_000_000>>,
        /// Packets of a burst on average.
        bad: Spanned<Number<1, 1_000_000_000>>,
    }
}

document! {
    /// A token bucket.
    pub struct BucketDoc ("`bucket`") {
        /// The rate at which it fills.
        rate: Spanned<RateText>,
        /// How many bytes it holds.
        burst: Spanned<Number<1, 4_000_000_000>>,
        /// The rate at which what it lets go leaves; without it, at once.
        peak: Option<Spanned<RateText>>,
    }
}

document! {
    /// A radio that falls asleep.
    pub struct RadioDoc ("`radio`") {
        /// Measured round trips whose best fit it has.
        like: Option<Spanned<TraceName>>,
        /// After how long without a packet it sleeps.
        idle: Option<Spanned<Length>>,
        /// The least time that it takes to wake up.
        least: Option<Spanned<Length>>,
        /// The most time that it takes to wake up.
        most: Option<Spanned<Length>>,
    }
    ExactlyOne ["like", "idle"];
    Needs ["idle", "most"];
    Needs ["least", "idle"];
    Needs ["most", "idle"];
}

document! {
    /// One direction of a link. What is not said stays as it is; a link that is new has no limit, no delay
    /// and loses nothing.
    pub struct LinkDoc ("a link") {
        /// A link that has a name, from which the rest differs.
        preset: Option<Spanned<PresetWord>>,
        /// The constant part of the one-way delay.
        delay: Option<Spanned<Length>>,
        /// How fast it transmits.
        rate: Option<Spanned<RateText>>,
        /// How fast it transmits, by a trace that begins now and again at its end.
        trace: Option<Spanned<TraceName>>,
        /// How fast it transmits, by a token bucket.
        bucket: Option<BucketDoc>,
        /// How much waits at most.
        queue: Option<Spanned<QueueText>>,
        /// How what waits is kept.
        discipline: Option<Spanned<DisciplineWord>>,
        /// Whether a queue that manages its delay marks packets instead of dropping them.
        ecn: Option<Spanned<YesNo>>,
        /// How much the delay varies.
        jitter: Option<Spanned<Length>>,
        /// By which law the delay varies; without it, `uniform`.
        jitter_law: Option<Spanned<JitterWord>>,
        /// Whether a packet may overtake another because of the jitter.
        reorder: Option<Spanned<YesNo>>,
        /// How many packets of a hundred are lost, each by itself.
        loss: Option<Spanned<Percent>>,
        /// Packets are lost as over such a network.
        loss_like: Option<Spanned<LossWord>>,
        /// Packets are lost in bursts.
        bursts: Option<BurstsDoc>,
        /// How many packets of a hundred arrive twice.
        duplication: Option<Spanned<Percent>>,
        /// How many packets of a hundred arrive with bits turned over.
        corruption: Option<Spanned<Percent>>,
        /// The largest packet in bytes.
        mtu: Option<Spanned<Number<1, 65_535>>>,
        /// The radio that sends.
        radio: Option<RadioDoc>,
        /// Whether it is cut.
        cut: Option<Spanned<YesNo>>,
    }
    AtMostOne ["rate", "trace", "bucket"];
    AtMostOne ["loss", "loss_like", "bursts"];
    Needs ["jitter_law", "jitter"];
    Needs ["reorder", "jitter"];
}

/// Links by their names.
pub type LinksDoc = Named<Lenient<LinkDoc>>;

words! {
    /// What a phone shows.
    pub enum ContentWord ("what a phone shows") {
        /// A home screen that nobody touches.
        Idle = "idle",
        /// A user interface.
        UserInterface = "user_interface",
        /// Text that scrolls.
        ScrollingText = "scrolling_text",
        /// A film.
        Video = "video",
        /// A camera.
        Call = "call",
        /// A game.
        Game = "game",
    }
}

words! {
    /// Size of a picture.
    pub enum DefinitionWord ("a size of pictures") {
        /// 960 by 540.
        P540 = "540p",
        /// 1280 by 720.
        P720 = "720p",
        /// 1920 by 1080.
        P1080 = "1080p",
    }
}

words! {
    /// How pictures are coded.
    pub enum CodecWord ("a codec") {
        /// H.264, also AVC.
        H264 = "h264",
        /// H.265, also HEVC.
        H265 = "h265",
    }
}

words! {
    /// The network of a device, for which the service has a setting of the picture.
    pub enum SettingWord ("`mobile`, `wifi` or `wired`") {
        /// A mobile network.
        Mobile = "mobile",
        /// A radio at home or at work.
        Wifi = "wifi",
        /// A cable.
        Wired = "wired",
    }
}

words! {
    /// What codes or decodes.
    pub enum MachineWord ("`hardware` or `software`") {
        /// A circuit of its own.
        Hardware = "hardware",
        /// One thread of a processor.
        Software = "software",
    }
}

words! {
    /// A congestion control.
    pub enum CongestionWord ("a congestion control") {
        /// Google's.
        Gcc = "gcc",
        /// RFC 8698.
        Nada = "nada",
        /// RFC 8298.
        Scream = "scream",
        /// None: the flow's most, whatever happens.
        Fixed = "fixed",
    }
}

words! {
    /// How what is lost of pictures is made good.
    pub enum RepairWord ("a repair") {
        /// Not at all: a key frame follows.
        None = "none",
        /// Packets are sent once more.
        Repeats = "repeats",
        /// Parity is sent with them.
        Parity = "parity",
        /// Both.
        Both = "both",
    }
}

words! {
    /// How arrivals are told.
    pub enum FeedbackWord ("a kind of feedback") {
        /// By the number of the transport.
        TransportCc = "transport_cc",
        /// By the numbers of the streams, with congestion marks (RFC 8888).
        Ccfb = "ccfb",
    }
}

words! {
    /// How input is delivered.
    pub enum ChannelWord ("a channel of input") {
        /// Moves and sensors may be dropped, everything else is ordered and repeated.
        TwoClasses = "two_classes",
        /// Everything is ordered and repeated.
        OneChannel = "one_channel",
    }
}

document! {
    /// A finger that taps the screen evenly.
    pub struct TapsDoc ("`taps`") {
        /// From tap to tap, and from the begin to the first.
        every: Spanned<Length>,
        /// How long the finger stays; without it, 60 ms.
        hold: Option<Spanned<Length>>,
        /// How often it moves while it stays; without it, it does not.
        moves: Option<Spanned<Length>>,
    }
}

document! {
    /// One viewer of a flow.
    pub struct FlowViewerDoc ("a viewer") {
        /// Its device.
        device: Option<Spanned<Name>>,
        /// The links from the phone to it, in their order.
        down: Spanned<Vec<Spanned<Name>>>,
        /// The links from it to the phone, in their order.
        up: Spanned<Vec<Spanned<Name>>>,
    }
}

document! {
    /// The pictures of one phone on their way to its viewers.
    pub struct FlowDoc ("`start_flow`") {
        /// Its name.
        flow: Spanned<Name>,
        /// The phone whose stream it is: it flows while that phone streams. Without one it flows at once.
        phone: Option<Spanned<Name>>,
        /// In whose log it stands; it may be left out where the file has one account, or where it has a phone.
        account: Option<Spanned<Name>>,
        /// What the phone shows; without it, `game`.
        content: Option<Spanned<ContentWord>>,
        /// The size of the picture; without it, `720p`.
        definition: Option<Spanned<DefinitionWord>>,
        /// How it is coded; without it, `h264`.
        codec: Option<Spanned<CodecWord>>,
        /// What codes it; without it, `hardware`.
        encoder: Option<Spanned<MachineWord>>,
        /// What decodes it; without it, `hardware`.
        decoder: Option<Spanned<MachineWord>>,
        /// The most pictures a second; without it, 60.
        frame_rate: Option<Spanned<Number<1, 240>>>,
        /// The most that its encoder aims at; without it, 4 Mbit/s.
        bitrate: Option<Spanned<RateText>>,
        /// The network for which the service's settings bound codec, rate and pictures a second (P5.5);
        /// without it, nothing bounds them.
        setting: Option<Spanned<SettingWord>>,
        /// Its congestion control; without it, `gcc`.
        congestion: Option<Spanned<CongestionWord>>,
        /// How what is lost is made good; without it, `repeats`.
        repair: Option<Spanned<RepairWord>>,
        /// How arrivals are told; without it, `transport_cc`.
        feedback: Option<Spanned<FeedbackWord>>,
        /// Whether its packets may be marked instead of dropped, which only `ccfb` tells; without it, they may not.
        ecn: Option<Spanned<YesNo>>,
        /// Its sound, which no congestion slows down (T4.7); without it, none.
        sound: Option<Spanned<SoundText>>,
        /// What the hand of the viewer does that controls; without it, nothing.
        taps: Option<TapsDoc>,
        /// How input is delivered; without it, `two_classes`.
        channel: Option<Spanned<ChannelWord>>,
        /// The device of its only viewer.
        device: Option<Spanned<Name>>,
        /// The links from the phone to its only viewer, in their order.
        down: Option<Spanned<Vec<Spanned<Name>>>>,
        /// The links from its only viewer to the phone, in their order.
        up: Option<Spanned<Vec<Spanned<Name>>>>,
        /// Its viewers; the first controls.
        viewers: Option<Spanned<Vec<FlowViewerDoc>>>,
    }
    ExactlyOne ["down", "viewers"];
    Needs ["down", "up"];
    Needs ["up", "down"];
    Needs ["device", "down"];
}

document! {
    /// A flow by its name.
    pub struct FlowNameDoc ("a flow") {
        /// Its name.
        flow: Spanned<Name>,
    }
}

document! {
    /// A viewer moves to another network: what is on its way over the old one is lost.
    pub struct ChangeNetworkDoc ("`change_network`") {
        /// The flow that it watches.
        flow: Spanned<Name>,
        /// Its device; without it, the first viewer.
        device: Option<Spanned<Name>>,
        /// The links from the phone to it from now on, in their order.
        down: Spanned<Vec<Spanned<Name>>>,
        /// The links from it to the phone from now on, in their order.
        up: Spanned<Vec<Spanned<Name>>>,
    }
}

words! {
    /// A law of TCP's window.
    pub enum TcpWord ("a law of TCP") {
        /// RFC 5681.
        Reno = "reno",
        /// RFC 9438.
        Cubic = "cubic",
    }
}

document! {
    /// Transfers of TCP one after the other, with pauses between them.
    pub struct TransfersDoc ("`transfers`") {
        /// Fewest bytes of one.
        least: Spanned<Number<1, 1_000_000_000_000>>,
        /// Most bytes of one.
        most: Spanned<Number<1, 1_000_000_000_000>>,
        /// The mean of the pauses, which follow an exponential law.
        pause: Spanned<Length>,
        /// Whether the first begins at once; without it, after a pause.
        at_once: Option<Spanned<YesNo>>,
    }
}

document! {
    /// Traffic beside the flows of phones.
    pub struct TrafficDoc ("`start_traffic`") {
        /// Its name.
        traffic: Spanned<Name>,
        /// A constant rate.
        rate: Option<Spanned<RateText>>,
        /// The size of its packets with UDP and IP; without it, 1200.
        bytes: Option<Spanned<Number<28, 65_535>>>,
        /// For how long it sends on average, where it comes in bursts.
        on: Option<Spanned<Length>>,
        /// For how long it is quiet on average, where it comes in bursts.
        off: Option<Spanned<Length>>,
        /// TCP under this law.
        tcp: Option<Spanned<TcpWord>>,
        /// TCP in transfers; without it, one that has no end.
        transfers: Option<TransfersDoc>,
        /// The links that it goes over, in their order.
        down: Spanned<Vec<Spanned<Name>>>,
        /// The links over which TCP's acknowledgements come back.
        up: Option<Spanned<Vec<Spanned<Name>>>>,
    }
    ExactlyOne ["rate", "tcp"];
    Needs ["bytes", "rate"];
    Needs ["on", "rate"];
    Needs ["on", "off"];
    Needs ["off", "on"];
    Needs ["transfers", "tcp"];
    Needs ["tcp", "up"];
}

document! {
    /// Cross traffic by its name.
    pub struct TrafficNameDoc ("cross traffic") {
        /// Its name.
        traffic: Spanned<Name>,
    }
}

words! {
    /// What a budget is about.
    pub enum PartWord ("a part of the way") {
        /// From capture to display.
        Picture = "picture",
        /// From the finger to the light.
        Input = "input",
        /// From the finger to the client's own code.
        Touch = "touch",
        /// The client makes a message of it.
        ClientSend = "client_send",
        /// The message crosses the network.
        Uplink = "uplink",
        /// The phone injects it, the app answers, the picture is composed.
        InjectAndCompose = "inject_and_compose",
        /// The picture waits for the encoder.
        CaptureWait = "capture_wait",
        /// It is encoded.
        Encode = "encode",
        /// It is cut into packets, and the pacer lets them go.
        PacketiseAndPace = "packetise_and_pace",
        /// Its packets cross the network.
        Downlink = "downlink",
        /// It waits to be played evenly.
        JitterBuffer = "jitter_buffer",
        /// It is decoded.
        Decode = "decode",
        /// It waits for the display.
        DisplayWait = "display_wait",
    }
}

document! {
    /// What a viewer has seen of a flow since it began to be measured: a budget, each line of it a bound.
    pub struct ExpectFlowDoc ("a budget of a flow") {
        /// The flow.
        flow: Spanned<Name>,
        /// The device that saw it; without it, the viewer that controlled from the start.
        device: Option<Spanned<Name>>,
        /// Which latency; without it, that from capture to display.
        of: Option<Spanned<PartWord>>,
        /// What half of the latencies may not exceed.
        p50: Option<Spanned<Length>>,
        /// What 95 of a hundred may not exceed.
        p95: Option<Spanned<Length>>,
        /// What 99 of a hundred may not exceed.
        p99: Option<Spanned<Length>>,
        /// What none may exceed.
        worst: Option<Spanned<Length>>,
        /// The part of the time for which the picture may be frozen.
        stalled: Option<Spanned<Percent>>,
        /// How often the picture may freeze.
        freezes: Option<Spanned<Number<0, 1_000_000>>>,
        /// The fewest pictures a second.
        frame_rate: Option<Spanned<Number<0, 240>>>,
        /// The least that must arrive in the mean.
        bitrate: Option<Spanned<RateText>>,
        /// The most that may arrive in the mean.
        bitrate_most: Option<Spanned<RateText>>,
        /// How long after the begin of measuring the picture may still freeze or be missing.
        recovery: Option<Spanned<Length>>,
        /// The fewest pictures that must have been shown.
        shown: Option<Spanned<Number<0, 1_000_000_000>>>,
        /// The fewest inputs that the light must have answered.
        answered: Option<Spanned<Number<0, 1_000_000_000>>>,
        /// The part of the packets to the viewer that links may have dropped.
        dropped: Option<Spanned<Percent>>,
        /// The part of the packets of sound that must have come in time.
        heard: Option<Spanned<Percent>>,
    }
    AtLeastOne [
        "p50", "p95", "p99", "worst", "stalled", "freezes", "frame_rate", "bitrate", "bitrate_most",
        "recovery", "shown", "answered", "dropped", "heard"
    ];
}

document! {
    /// How evenly flows share what they have.
    pub struct ExpectShareDoc ("an expectation of fairness") {
        /// The flows.
        fair: Spanned<Vec<Spanned<Name>>>,
        /// The least index of Jain over what arrived of each, in hundredths.
        index: Spanned<Percent>,
    }
}
