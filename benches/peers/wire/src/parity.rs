//! FlexFEC-03 at rtc-interceptor: both protect the same packets and bring back the same.

use crate::drawn;
use crate::judge::{Judged, guarded};
use crate::random::{self, Choose};
use bytes::Bytes;
use koosim_transport::wire::{
    Extensions, FlexFec03, List, Read as _, Rtp, Write, protect_flexfec03,
};
use rtc_interceptor::{FlexFec03Decoder, FlexFec03Encoder};
use rtc_shared::marshal::{Marshal, Unmarshal};

const PARITY_SSRC: u32 = 0x0fec_0fec;

fn foreign(bytes: &[u8]) -> Result<rtc_rtp::Packet, String> {
    rtc_rtp::Packet::unmarshal(&mut Bytes::copy_from_slice(bytes)).map_err(|e| e.to_string())
}

/// Packets in a row, of one stream that is not the parity's.
fn group(choices: &mut impl Choose) -> Vec<Vec<u8>> {
    let first = choices.up_to(0xffff) as u16;
    let count = 1 + choices.up_to(29) as u16;
    (0..count)
        .map(|place| {
            let mut out = Vec::new();
            random::rtp(choices, &mut |packet| {
                let sequence = first.wrapping_add(place);
                let extensions = match packet.extensions {
                    Extensions::TwoByte { elements, .. } => {
                        Extensions::TwoByte { app_bits: 0, elements }
                    }
                    other => other,
                };
                Rtp { ssrc: 7, sequence, padding: 0, extensions, ..*packet }
                    .write(&mut out)
                    .unwrap();
            });
            out
        })
        .collect()
}

/// One case: `Ok` if all four ways agree.
fn case(choices: &mut impl Choose) -> Result<(), String> {
    let packets = group(choices);
    let all: Vec<&[u8]> = packets.iter().map(Vec::as_slice).collect();
    let lost = choices.up_to(all.len() as u64 - 1) as usize;
    let media: Vec<_> = all.iter().map(|bytes| foreign(bytes)).collect::<Result<_, _>>()?;

    let mut ours = Vec::new();
    protect_flexfec03(&all, &mut ours).map_err(|refused| refused.to_string())?;
    let mut encoder = FlexFec03Encoder::new(49, PARITY_SSRC);
    let theirs = encoder.encode(&media, 1);
    let [theirs] = &theirs[..] else { return Err(format!("{} parity packets", theirs.len())) };
    if ours != theirs.payload[..] {
        return Err(format!(
            "parity differs\n  here  {ours:02x?}\n  there {:02x?}",
            theirs.payload
        ));
    }

    // Ours, read there.
    let mut bytes = Vec::new();
    Rtp {
        marker: false,
        payload_type: 49,
        sequence: 1,
        timestamp: 0,
        ssrc: PARITY_SSRC,
        csrcs: List::EMPTY,
        extensions: Extensions::None,
        payload: &ours,
        padding: 0,
    }
    .write(&mut bytes)
    .map_err(|refused| refused.to_string())?;
    let mut decoder = FlexFec03Decoder::new(PARITY_SSRC, 7);
    let rest = media.iter().enumerate().filter(|(place, _)| *place != lost);
    for (_, packet) in rest {
        decoder.decode(packet.clone());
    }
    let back = decoder.decode(foreign(&bytes)?);
    let back = back.first().map(|packet| packet.marshal().map(|bytes| bytes.to_vec()));
    if back.as_ref().and_then(|bytes| bytes.as_ref().ok()).map(Vec::as_slice) != Some(all[lost]) {
        return Err(format!("brought back there: {back:02x?}, lost {:02x?}", all[lost]));
    }

    // Two parity packets of theirs, each over every other packet, read here.
    let two = FlexFec03Encoder::new(49, PARITY_SSRC).encode(&media, 2);
    let came = two.iter().any(|parity| {
        let rest = all.iter().enumerate().filter(|(place, _)| *place != lost);
        let mut out = Vec::new();
        let parity = FlexFec03::parse(&parity.payload);
        parity.is_ok_and(|parity| parity.recover(rest.map(|(_, packet)| *packet), &mut out).is_ok())
            && out == all[lost]
    });
    if came { Ok(()) } else { Err("not brought back here".into()) }
}

pub fn judge(seed: u64, cases: u64) -> Judged {
    let mut judged = Judged {
        format: "FlexFEC-03".into(),
        name: "rtc-interceptor 0.21.1".into(),
        written: Some(0),
        ..Judged::default()
    };
    for number in 0..cases {
        match guarded(|| case(&mut drawn(seed, number, "parity"))) {
            Ok(()) => {
                judged.read += 1;
                judged.written = judged.written.map(|count| count + 1);
            }
            Err(why) => {
                judged.unnamed += 1;
                if judged.first.is_empty() {
                    judged.first = format!("case {number}: {why}");
                }
            }
        }
    }
    judged
}
