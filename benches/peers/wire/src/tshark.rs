//! Captures of what is written here, taken apart by tshark. It is asked for fields, and each field has to hold
//! the numbers that were written.

use crate::random::{self, Kind};
use crate::{Drawn, drawn, said};
use koosim_transport::wire::rtcp::{Body, ExtendedBlock, NackEntry, Packet, ReportBlock};
use koosim_transport::wire::{
    Extensions, H264, H264Nal, H265, Opus, Part, Read as _, Rtp, Write as _,
};
use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::Command;

pub const RTP_PORT: u16 = 5_004;
const RTCP_PORT: u16 = 5_005;
/// The payload type of everything that is sent as RTP.
const KIND: u8 = 110;

/// Values of one field, in the order in which they stand in the packet.
type Values = Vec<String>;

struct Format {
    name: &'static str,
    port: u16,
    /// What the payload type stands for.
    decode: Option<&'static str>,
    fields: &'static [&'static str],
    /// The bytes of a packet and what each field of it has to hold.
    any: fn(&mut Drawn) -> (Vec<u8>, Vec<Values>),
}

fn one(number: impl ToString) -> Values {
    vec![number.to_string()]
}
fn all<T: ToString>(numbers: impl Iterator<Item = T>) -> Values {
    numbers.map(|number| number.to_string()).collect()
}
fn flag(is_set: bool) -> Values {
    one(u8::from(is_set))
}
fn text(bytes: &[u8]) -> Values {
    if bytes.is_empty() { vec![] } else { vec![said::hex(bytes)] }
}

fn rtp(choices: &mut Drawn) -> (Vec<u8>, Vec<Values>) {
    let (mut out, mut expect) = (Vec::new(), Vec::new());
    random::rtp(choices, &mut |packet| {
        let p = Rtp { payload_type: KIND, ..*packet };
        p.write(&mut out).unwrap();
        let words = |len: usize| one(len / 4);
        let (profile, len) = match p.extensions {
            Extensions::None => (vec![], vec![]),
            Extensions::OneByte(_) => (one(0xbede), words(p.header_len() - 16 - p.csrcs.len() * 4)),
            Extensions::TwoByte { app_bits, .. } => {
                let len = p.header_len() - 16 - p.csrcs.len() * 4;
                (one(0x1000 | u16::from(app_bits)), words(len))
            }
            Extensions::Other { profile, data } => (one(profile), words(data.len())),
        };
        let elements = p.extensions.elements();
        expect = vec![
            flag(p.marker),
            one(KIND),
            one(p.sequence),
            one(p.timestamp),
            one(p.ssrc),
            all(p.csrcs.iter()),
            profile,
            len,
            all(elements.clone().map(|e| e.id)),
            all(elements.filter(|e| !e.data.is_empty()).map(|e| said::hex(e.data))),
            text(p.payload),
            if p.padding > 0 { one(p.padding) } else { vec![] },
        ];
    });
    (out, expect)
}

fn blocks(blocks: &[ReportBlock]) -> Vec<Values> {
    let of = |field: fn(&ReportBlock) -> i64| all(blocks.iter().map(field));
    vec![
        of(|b| b.ssrc.into()),
        of(|b| b.fraction_lost.into()),
        of(|b| b.lost.into()),
        of(|b| b.highest_sequence.into()),
        of(|b| b.jitter.into()),
        of(|b| b.last_report.into()),
        of(|b| b.delay.into()),
    ]
}

fn rtcp(choices: &mut Drawn, kind: Kind) -> (Vec<u8>, Vec<Values>) {
    let (mut out, mut expect) = (Vec::new(), Vec::new());
    random::rtcp(choices, kind, &mut |packet| {
        let body = match packet.body {
            Body::SenderReport(mut report) => {
                report.extension = &[];
                Body::SenderReport(report)
            }
            Body::ReceiverReport(mut report) => {
                report.extension = &[];
                Body::ReceiverReport(report)
            }
            other => other,
        };
        Packet { body, ..*packet }.write(&mut out).unwrap();
        expect = rtcp_fields(&body);
    });
    (out, expect)
}

fn rtcp_fields(body: &Body<'_>) -> Vec<Values> {
    match *body {
        Body::SenderReport(r) => {
            let head = vec![
                one(r.ssrc),
                one(r.sent.0 >> 32),
                one(r.sent.0 & 0xffff_ffff),
                one(r.timestamp),
                one(r.packets),
                one(r.bytes),
            ];
            [head, blocks(&r.blocks.iter().collect::<Vec<_>>())].concat()
        }
        Body::ReceiverReport(r) => {
            [vec![one(r.ssrc)], blocks(&r.blocks.iter().collect::<Vec<_>>())].concat()
        }
        Body::SourceDescription(s) => {
            let items = || s.chunks.iter().flat_map(|chunk| chunk.items.iter());
            let ends = s.chunks.iter().flat_map(|chunk| {
                chunk.items.iter().map(|item| item.kind).chain([0]).collect::<Vec<_>>()
            });
            vec![
                all(s.chunks.iter().map(|c| c.ssrc)),
                all(ends),
                all(items().map(|i| i.text.len())),
            ]
        }
        Body::Goodbye(b) => vec![all(b.ssrcs.iter())],
        Body::Nack(n) => vec![
            one(n.sender),
            one(n.media),
            all(n.entries.iter().flat_map(unwrapped)),
            all(n.entries.iter().map(|e| e.mask)),
        ],
        Body::Pli(p) => vec![one(p.sender), one(p.media)],
        Body::Fir(f) => vec![
            one(f.sender),
            all(f.entries.iter().map(|e| e.ssrc)),
            all(f.entries.iter().map(|e| e.sequence)),
        ],
        Body::Remb(r) => vec![
            one(r.sender),
            one(r.exponent),
            one(r.mantissa),
            one(r.ssrcs.len()),
            all(r.ssrcs.iter()),
        ],
        Body::TransportCc(t) => {
            let reference = ((t.reference << 8) as i32) >> 8;
            vec![
                one(t.sender),
                one(t.base),
                one(t.arrivals.len()),
                one(reference),
                one(t.count),
                all(t.arrivals.iter().flatten().map(unsigned)),
            ]
        }
        Body::Extended(e) => {
            let (mut kinds, mut delays) = (vec![], vec![]);
            for block in e.blocks.iter() {
                match block {
                    ExtendedBlock::ReferenceTime(_) => kinds.push(4),
                    ExtendedBlock::Delays(block) => {
                        kinds.push(5);
                        delays.extend(block.iter());
                    }
                    ExtendedBlock::Other { kind, .. } => kinds.push(kind),
                }
            }
            vec![
                one(e.ssrc),
                all(kinds.into_iter()),
                all(delays.iter().map(|delay| delay.last_reference)),
                all(delays.iter().map(|delay| delay.delay)),
            ]
        }
        Body::CongestionFeedback(_) | Body::Other(_) => vec![],
    }
}

/// The numbers of an entry as tshark tells them: it does not wrap them at 2^16.
fn unwrapped(entry: NackEntry) -> Vec<u32> {
    let behind = (0..16).filter(|bit| entry.mask >> bit & 1 == 1);
    let first = u32::from(entry.sequence);
    std::iter::once(first).chain(behind.map(|bit| first + bit + 1)).collect()
}

/// A difference of time as tshark tells it: those of two bytes without a sign.
fn unsigned(delta: i16) -> u16 {
    delta.cast_unsigned()
}

/// A payload as the only content of an RTP packet.
fn carried(payload: &[u8]) -> Vec<u8> {
    let mut out = vec![0x80, KIND, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3];
    out.extend_from_slice(payload);
    out
}

/// Units that tshark does not look into.
const PLAIN: [H264Nal<'static>; 2] = [H264Nal(&[0x70, 1, 2]), H264Nal(&[0x11])];

fn h264(choices: &mut Drawn) -> (Vec<u8>, Vec<Values>) {
    let (mut out, mut expect) = (Vec::new(), Vec::new());
    random::h264(choices, &mut |payload| {
        // tshark takes units apart, and random ones are none.
        let plain = |unit: H264Nal<'_>| [16, 17, 18, 22, 23].contains(&unit.kind());
        let payload = match payload {
            H264::Aggregate { units, .. } if !units.iter().all(plain) => H264::aggregate(&PLAIN),
            other => *other,
        };
        payload.write(&mut out).unwrap();
        expect = match payload {
            H264::Single(unit) => vec![one(unit.kind()), vec![], vec![], vec![]],
            H264::Aggregate { units, .. } => {
                let kinds = [24].into_iter().chain(units.iter().map(|unit| unit.kind()));
                vec![all(kinds), vec![], vec![], all(units.iter().map(|unit| unit.0.len()))]
            }
            H264::Fragment { part, .. } => {
                let (start, end) = (part == Part::Start, part == Part::End);
                vec![one(28), flag(start), flag(end), vec![]]
            }
        };
    });
    (carried(&out), expect)
}

/// Of an aggregate tshark 4.0 tells the type, and not what is in it; of a fragment's type, five of six bits.
fn h265(choices: &mut Drawn) -> (Vec<u8>, Vec<Values>) {
    let (mut out, mut expect) = (Vec::new(), Vec::new());
    random::h265(choices, &mut |payload| {
        payload.write(&mut out).unwrap();
        expect = match *payload {
            H265::Single(unit) => {
                vec![all(unit.header().map(|h| h.kind).into_iter()), vec![], vec![]]
            }
            H265::Aggregate { .. } => vec![one(48), vec![], vec![]],
            H265::Fragment { header, part, .. } => {
                let (start, end) = (part == Part::Start, part == Part::End);
                vec![all([49, header.kind & 0x1f].into_iter()), flag(start), flag(end)]
            }
        };
    });
    (carried(&out), expect)
}

/// Opus packets, half of them damaged: tshark says which rules of RFC 6716 section 3.4 are broken. Of counted
/// frames it gets those of varying length and the place of padding wrong, so that they have neither.
fn opus(choices: &mut Drawn) -> (Vec<u8>, Vec<Values>) {
    use random::Choose;
    let mut packet = random::opus(choices);
    if packet[0] & 3 == 3 {
        packet.truncate(4);
        packet[1] = choices.up_to(12) as u8;
        packet.resize(2 + usize::from(packet[1]) * 3, 7);
    }
    if choices.up_to(1) == 0 {
        let place = choices.up_to(packet.len().min(4) as u64 - 1) as usize;
        packet[place] = choices.up_to(255) as u8;
        if packet[0] & 3 == 3 && packet.len() > 1 {
            packet[1] &= 0x3f;
        }
    }
    let broken = Opus::parse(&packet).is_err();
    let toc = packet[0];
    (carried(&packet), vec![one(toc >> 3), flag(toc & 4 != 0), flag(broken)])
}

const BLOCK: [&str; 7] = [
    "rtcp.ssrc.identifier",
    "rtcp.ssrc.fraction",
    "rtcp.ssrc.cum_nr",
    "rtcp.ssrc.ext_high",
    "rtcp.ssrc.jitter",
    "rtcp.ssrc.lsr",
    "rtcp.ssrc.dlsr",
];

/// All rules of an Opus packet; together they are one field: whether one is broken.
const OPUS_RULES: &str = "opus.violate_r1,opus.violate_r2,opus.violate_r3,opus.violate_r4,\
                          opus.violate_r5,opus.violate_r6,opus.violate_r7,_ws.malformed";

fn formats() -> Vec<Format> {
    let rtcp = |name, fields, any| Format { name, port: RTCP_PORT, decode: None, fields, any };
    let media = |name, decode, fields, any| Format {
        name,
        port: RTP_PORT,
        decode: Some(decode),
        fields,
        any,
    };
    vec![
        Format {
            name: "RTP",
            port: RTP_PORT,
            decode: None,
            fields: &[
                "rtp.marker",
                "rtp.p_type",
                "rtp.seq",
                "rtp.timestamp",
                "rtp.ssrc",
                "rtp.csrc.item",
                "rtp.ext.profile",
                "rtp.ext.len",
                "rtp.ext.rfc5285.id",
                "rtp.ext.rfc5285.data",
                "rtp.payload",
                "rtp.padding.count",
            ],
            any: rtp,
        },
        rtcp(
            "SR",
            &[
                "rtcp.senderssrc",
                "rtcp.timestamp.ntp.msw",
                "rtcp.timestamp.ntp.lsw",
                "rtcp.timestamp.rtp",
                "rtcp.sender.packetcount",
                "rtcp.sender.octetcount",
                BLOCK[0],
                BLOCK[1],
                BLOCK[2],
                BLOCK[3],
                BLOCK[4],
                BLOCK[5],
                BLOCK[6],
            ],
            |c| self::rtcp(c, Kind::SenderReport),
        ),
        rtcp(
            "RR",
            &[
                "rtcp.senderssrc",
                BLOCK[0],
                BLOCK[1],
                BLOCK[2],
                BLOCK[3],
                BLOCK[4],
                BLOCK[5],
                BLOCK[6],
            ],
            |c| self::rtcp(c, Kind::ReceiverReport),
        ),
        rtcp("SDES", &["rtcp.ssrc.identifier", "rtcp.sdes.type", "rtcp.sdes.length"], |c| {
            self::rtcp(c, Kind::SourceDescription)
        }),
        rtcp("BYE", &["rtcp.ssrc.identifier"], |c| self::rtcp(c, Kind::Goodbye)),
        rtcp(
            "NACK",
            &["rtcp.senderssrc", "rtcp.mediassrc", "rtcp.rtpfb.nack_pid", "rtcp.rtpfb.nack_blp"],
            |c| self::rtcp(c, Kind::Nack),
        ),
        rtcp("PLI", &["rtcp.senderssrc", "rtcp.mediassrc"], |c| self::rtcp(c, Kind::Pli)),
        rtcp("FIR", &["rtcp.senderssrc", "rtcp.psfb.fir.fci.ssrc", "rtcp.psfb.fir.fci.csn"], |c| {
            self::rtcp(c, Kind::Fir)
        }),
        rtcp(
            "REMB",
            &[
                "rtcp.senderssrc",
                "rtcp.psfb.remb.fci.br_exp",
                "rtcp.psfb.remb.fci.br_mantissa",
                "rtcp.psfb.remb.fci.number_ssrcs",
                "rtcp.psfb.remb.fci.ssrc",
            ],
            |c| self::rtcp(c, Kind::Remb),
        ),
        rtcp(
            "transport-cc",
            &[
                "rtcp.senderssrc",
                "rtcp.rtpfb.transportcc.baseseq",
                "rtcp.rtpfb.transportcc.statuscount",
                "rtcp.rtpfb.transportcc.reftime",
                "rtcp.rtpfb.transportcc.pktcount",
                "rtcp.rtpfb.transportcc.recv_delta",
            ],
            |c| self::rtcp(c, Kind::TransportCc),
        ),
        rtcp("XR", &["rtcp.senderssrc", "rtcp.xr.bt", "rtcp.xr.lrr", "rtcp.xr.dlrr"], |c| {
            self::rtcp(c, Kind::Extended)
        }),
        media(
            "H.264",
            "h264",
            &["h264.nal_unit_hdr", "h264.start.bit", "h264.end.bit", "h264.nalu_size"],
            h264,
        ),
        media("H.265", "h265", &["h265.nal_unit_type", "h265.start.bit", "h265.end.bit"], h265),
        media("Opus", "opus", &["opus.TOC.config", "opus.TOC.s", OPUS_RULES], opus),
    ]
}

/// A capture of raw IPv4 packets with one UDP datagram each.
pub fn capture(port: u16, packets: &[Vec<u8>]) -> Vec<u8> {
    let mut file = Vec::new();
    // Microseconds, version 2.4, no zone, no accuracy, 256 KiB a packet, raw IP.
    for word in [0xa1b2_c3d4_u32, 0x0002_0004, 0, 0, 1 << 18, 101] {
        file.extend(word.to_be_bytes());
    }
    for (number, packet) in packets.iter().enumerate() {
        let (udp, ip) = ((8 + packet.len()) as u16, (28 + packet.len()) as u16);
        file.extend((number as u32).to_be_bytes());
        file.extend([0; 4]);
        file.extend(u32::from(ip).to_be_bytes());
        file.extend(u32::from(ip).to_be_bytes());
        file.extend([0x45, 0]);
        file.extend(ip.to_be_bytes());
        file.extend([0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
        file.extend(port.to_be_bytes());
        file.extend(port.to_be_bytes());
        file.extend(udp.to_be_bytes());
        file.extend([0, 0]);
        file.extend_from_slice(packet);
    }
    file
}

/// What one field of one packet holds, in our words: numbers in decimal, bytes in hex.
fn values(field: &str, told: &str) -> Values {
    let is_bytes = field.ends_with(".data") || field.ends_with(".payload");
    let values = told.split(',').filter(|value| !value.is_empty());
    values
        .map(|value| match value.strip_prefix("0x").map(|hex| u64::from_str_radix(hex, 16)) {
            _ if is_bytes => value.replace(':', ""),
            Some(Ok(number)) => number.to_string(),
            _ => match value {
                "True" => "1".into(),
                "False" => "0".into(),
                other => other.into(),
            },
        })
        .collect()
}

fn tell(format: &Format, file: &Path) -> Result<Vec<Vec<Values>>, Box<dyn Error>> {
    let mut command = Command::new("tshark");
    command.arg("-n").arg("-r").arg(file);
    let protocol = if format.port == RTCP_PORT { "rtcp" } else { "rtp" };
    command.arg("-d").arg(format!("udp.port=={},{protocol}", format.port));
    if let Some(decode) = format.decode {
        command.arg("-d").arg(format!("rtp.pt=={KIND},{decode}"));
    }
    command.args(["-T", "fields", "-E", "separator=;", "-E", "occurrence=a", "-E", "aggregator=,"]);
    for field in format.fields.iter().flat_map(|field| field.split(',')) {
        command.args(["-e", field]);
    }
    let told = command.output()?;
    if !told.status.success() {
        return Err(String::from_utf8_lossy(&told.stderr).into_owned().into());
    }
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    let packets = told.lines().map(|line| {
        let mut columns = line.split(';');
        let fields = format.fields.iter().map(|field| {
            let names: Vec<&str> = field.split(',').collect();
            let told: Vec<&str> = names.iter().filter_map(|_| columns.next()).collect();
            if names.len() > 1 {
                return flag(told.iter().any(|told| !told.is_empty()));
            }
            values(field, told.first().copied().unwrap_or_default())
        });
        fields.collect()
    });
    Ok(packets.collect())
}

/// Prints a line for each format, and ends with an error at the first difference.
pub fn agree(cases: u64, seed: u64) -> Result<(), Box<dyn Error>> {
    let folder = std::env::temp_dir().join(format!("koosim-wire-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    println!("| format | fields | packets | the same |");
    println!("| --- | ---: | ---: | ---: |");
    let mut broken = Vec::new();
    for format in formats() {
        let (packets, expect): (Vec<_>, Vec<_>) =
            (0..cases).map(|case| (format.any)(&mut drawn(seed, case, format.name))).unzip();
        let file = folder.join("capture.pcap");
        fs::write(&file, capture(format.port, &packets))?;
        let told = tell(&format, &file)?;
        let differs = |place: &usize| told.get(*place) != expect.get(*place);
        let different: Vec<usize> = (0..packets.len()).filter(differs).collect();
        let same = packets.len() - different.len();
        let (name, fields) = (format.name, format.fields.len());
        println!("| {name} | {fields} | {} | {same} |", packets.len());
        if let Some(first) = different.first() {
            let (told, expect) = (told.get(*first), &expect[*first]);
            let bytes = said::hex(&packets[*first]);
            broken.push(format!(
                "{name}, case {first}: {bytes}\n  here  {expect:?}\n  there {told:?}"
            ));
        }
    }
    fs::remove_dir_all(&folder)?;
    if broken.is_empty() { Ok(()) } else { Err(broken.join("\n").into()) }
}
