//! What was seen of pictures on their way, as a person would tell it.

use koosim_engine::path::figures::{Figures, Quantiles, SoundFigures};
use koosim_engine::path::sight::{Connection, Passed, Passing, Sight, Way};
use koosim_model::time::SimDuration;
use koosim_scenarios::expect::ms;

/// A sight in words.
pub(crate) fn sight(sight: &Sight) -> String {
    match sight {
        Sight::ViewerStarted { flow, viewer } => {
            format!("flow {flow}: viewer {viewer} begins to watch")
        }
        Sight::ViewerStopped { flow, viewer } => {
            format!("flow {flow}: viewer {viewer} does not watch any more")
        }
        Sight::ConnectionChanged { flow, viewer, is } => {
            let is = match is {
                Connection::Lost => "is lost".to_owned(),
                Connection::Back(after) => format!("is back after {}", ms(*after)),
                Connection::Ended => "has ended".to_owned(),
            };
            format!("flow {flow}: the connection to viewer {viewer} {is}")
        }
        Sight::Measured(figures) => measured(figures),
        Sight::FrameShown { flow, viewer, frame, bytes, passed } => {
            let passed = stages(passed);
            format!("flow {flow}: viewer {viewer} sees frame {frame} of {bytes} B {passed}")
        }
        Sight::InputAnswered { flow, viewer, input, passed } => {
            format!(
                "flow {flow}: the light answers input {input} of viewer {viewer} {}",
                stages(passed)
            )
        }
        Sight::PacketSent(packet) => format!("{} sets out", of_packet(packet)),
        Sight::PacketArrived(packet) => format!("{} arrives", of_packet(packet)),
        Sight::PacketDropped { packet, cause } => {
            format!("{} is dropped: {}", of_packet(packet), cause.name())
        }
        Sight::PacketSpoilt(packet) => format!("{} arrives spoilt", of_packet(packet)),
        Sight::SoundMeasured(figures) => {
            let SoundFigures { flow, viewer, heard, late, lost, .. } = &**figures;
            format!(
                "flow {flow}: viewer {viewer} heard {heard} packets of sound; {late} came late, {lost} not at all"
            )
        }
    }
}

fn measured(figures: &Figures) -> String {
    let Figures { flow, viewer, shown, freezes, .. } = figures;
    let mut text = format!("flow {flow}: viewer {viewer} saw {shown} pictures, {freezes} freezes");
    for (what, latency) in [
        ("capture to display", figures.capture_to_display),
        ("input to photon", figures.input_to_photon),
    ] {
        if let Some(Quantiles { p50, p95, p99, worst, .. }) = latency {
            let [p50, p95, p99, worst] = [p50, p95, p99, worst].map(ms);
            text += &format!("; {what} p50 {p50}, p95 {p95}, p99 {p99}, worst {worst}");
        }
    }
    text
}

fn stages(passed: &Passed) -> String {
    let total: i64 = passed.spent.iter().map(|spent| spent.as_nanos()).sum();
    format!("after {}", ms(SimDuration::from_nanos(total)))
}

fn of_packet(packet: &Passing) -> String {
    let Passing { flow, viewer, way, number, bytes } = packet;
    let way = match way {
        Way::Down => "to",
        Way::Up => "from",
    };
    format!("flow {flow}: packet {number} {way} viewer {viewer}, {bytes} B,")
}
