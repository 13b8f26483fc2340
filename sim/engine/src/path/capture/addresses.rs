//! Where hosts are.

use crate::path::cargo::Load;
use crate::path::tap::Host;
use koosim_transport::packet::Packet;
use std::collections::BTreeMap;
use std::io;
use std::net::Ipv4Addr;

/// Port of pictures, sound, repeats, parity and padding.
pub const RTP_PORT: u16 = 5_004;
/// Port of reports and requests.
pub const RTCP_PORT: u16 = 5_005;
/// Port of input, and of what is said about it.
pub const CONTROL_PORT: u16 = 5_006;
/// Port of path checks: that of STUN.
pub const CHECK_PORT: u16 = 3_478;
/// Port of cross traffic that nobody looks into: that of the discard protocol.
pub const DISCARD_PORT: u16 = 9;
/// Port that transfers go to.
pub const TCP_PORT: u16 = 5_001;
/// Hosts of one kind at most, so that none has the address of another kind's; phones and viewers could be more.
pub const HOSTS_MAX: usize = 1 << 19;

/// First addresses of each kind of host, out of those for private use (RFC 1918).
const PHONES: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
const VIEWERS: Ipv4Addr = Ipv4Addr::new(10, 128, 0, 1);
const SOURCES: Ipv4Addr = Ipv4Addr::new(172, 16, 0, 1);
const SINKS: Ipv4Addr = Ipv4Addr::new(172, 24, 0, 1);

/// The address of a host.
pub(super) fn address(host: Host) -> io::Result<Ipv4Addr> {
    let (first, number) = match host {
        Host::Phone(number) => (PHONES, number),
        Host::Viewer { number, .. } => (VIEWERS, number),
        Host::Source(number) => (SOURCES, number),
        Host::Sink(number) => (SINKS, number),
    };
    match u32::try_from(number) {
        Ok(offset) if number < HOSTS_MAX - 1 => Ok(Ipv4Addr::from_bits(first.to_bits() + offset)),
        _ => Err(io::Error::other(format!("host {number} of its kind has no address"))),
    }
}

/// What the interface of a host is called.
pub(super) fn name(host: Host, flows: &BTreeMap<usize, Box<str>>) -> String {
    let phone =
        |flow: usize| flows.get(&flow).map_or_else(|| flow.to_string(), ToString::to_string);
    match host {
        Host::Phone(flow) => format!("phone {}", phone(flow)),
        Host::Viewer { place, flow, .. } => format!("viewer {place} of {}", phone(flow)),
        Host::Source(number) => format!("source {number}"),
        Host::Sink(number) => format!("sink {number}"),
    }
}

/// The port of both ends.
pub(super) const fn port(load: &Load) -> u16 {
    match load {
        Load::Media(
            Packet::Media(_)
            | Packet::Audio(_)
            | Packet::Rtx(_)
            | Packet::Fec(_)
            | Packet::Padding(_),
        ) => RTP_PORT,
        Load::Media(Packet::Check(_) | Packet::CheckAnswer(_)) => CHECK_PORT,
        Load::Media(_) => RTCP_PORT,
        Load::Control(_) => CONTROL_PORT,
        Load::Segment(..) | Load::Ack(..) => TCP_PORT,
        Load::Nothing => DISCARD_PORT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_hosts_have_one_address() {
        let last = HOSTS_MAX - 2;
        let viewer = |number| Host::Viewer { number, place: 0, flow: 0 };
        let mut all = Vec::new();
        for number in [0, 1, last] {
            all.extend([
                Host::Phone(number),
                viewer(number),
                Host::Source(number),
                Host::Sink(number),
            ]);
        }
        let all: Vec<_> = all.into_iter().map(|host| address(host).unwrap()).collect();
        assert!(all.iter().all(Ipv4Addr::is_private));
        assert_eq!(all[..4], [PHONES, VIEWERS, SOURCES, SINKS]);
        let apart = std::collections::BTreeSet::from_iter(&all);
        assert_eq!(apart.len(), all.len());
        assert_eq!(all[10], Ipv4Addr::new(172, 23, 255, 255));
        assert!(address(Host::Sink(last + 1)).is_err());
    }
}
