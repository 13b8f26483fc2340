//! Parity of RFC 5109 as GStreamer writes it: read here, it brings back every packet that it protects, and over
//! the same packets this project writes the same bytes.

use crate::tshark::{RTP_PORT, capture};
use crate::{drawn, random};
use koosim_transport::wire::{Extensions, Read as _, Rtp, UlpFec, Write as _, protect_ulpfec};
use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::Command;

const MEDIA: u8 = 96;
const PARITY: u8 = 122;
const SSRC: u32 = 7;
/// Packets of a picture: they share a timestamp, and parity is made at its end.
const PICTURE: u64 = 7;

/// Media packets of one stream, with growing numbers.
fn media(seed: u64, cases: u64) -> Vec<Vec<u8>> {
    let packet = |case: u64| {
        let mut out = Vec::new();
        random::rtp(&mut drawn(seed, case, "gstreamer"), &mut |packet| {
            let packet = Rtp {
                ssrc: SSRC,
                payload_type: MEDIA,
                marker: case % PICTURE == PICTURE - 1,
                sequence: (65_530 + case) as u16,
                timestamp: (case / PICTURE * 3_000) as u32,
                extensions: Extensions::None,
                padding: 0,
                ..*packet
            };
            packet.write(&mut out).unwrap();
        });
        out
    };
    (0..cases).map(packet).collect()
}

fn protected(folder: &Path, packets: &[Vec<u8>]) -> Result<Vec<Vec<u8>>, Box<dyn Error>> {
    let file = folder.join("capture.pcap");
    fs::write(&file, capture(RTP_PORT, packets))?;
    let media = "application/x-rtp,media=video,clock-rate=90000,encoding-name=H264";
    let pipeline = format!(
        "filesrc location={} ! pcapparse dst-port={RTP_PORT} ! {media},payload={MEDIA},ssrc=(uint){SSRC} \
         ! rtpulpfecenc percentage=50 pt={PARITY} ! multifilesink location={}/%06d.packet",
        file.display(),
        folder.display()
    );
    let ran = Command::new("gst-launch-1.0")
        .arg("-q")
        .args(pipeline.split(' ').filter(|p| !p.is_empty()))
        .output()?;
    if !ran.status.success() {
        return Err(String::from_utf8_lossy(&ran.stderr).into_owned().into());
    }
    let mut files: Vec<_> =
        fs::read_dir(folder)?.map(|f| f.map(|f| f.path())).collect::<Result<_, _>>()?;
    files.retain(|file| file.extension().is_some_and(|ending| ending == "packet"));
    files.sort();
    Ok(files.iter().map(fs::read).collect::<Result<_, _>>()?)
}

/// Prints how many packets came back, and ends with an error at the first that did not.
pub fn agree(cases: u64, seed: u64) -> Result<(), Box<dyn Error>> {
    let folder = std::env::temp_dir().join(format!("koosim-wire-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let sent = protected(&folder, &media(seed, cases));
    fs::remove_dir_all(&folder)?;
    let sent = sent?;
    let mut plain: BTreeMap<u16, &[u8]> = BTreeMap::new();
    let mut parities = Vec::new();
    for bytes in &sent {
        let packet = Rtp::parse(bytes)?;
        if packet.payload_type == PARITY {
            parities.push(packet.payload);
        } else {
            plain.insert(packet.sequence, bytes);
        }
    }
    let (mut back, mut same) = (0, 0);
    for payload in &parities {
        let parity = UlpFec::parse(payload)?;
        let numbers = (0..48).filter(|bit| parity.mask >> bit & 1 == 1);
        let numbers: Vec<u16> = numbers.map(|bit| parity.base.wrapping_add(bit)).collect();
        let group: Vec<&[u8]> =
            numbers.iter().filter_map(|number| plain.get(number).copied()).collect();
        for (place, lost) in group.iter().enumerate() {
            let rest = group.iter().enumerate().filter(|(other, _)| *other != place);
            let mut out = Vec::new();
            parity.recover(SSRC, rest.map(|(_, packet)| *packet), &mut out)?;
            if out != *lost {
                return Err(format!("{out:02x?} came back for {lost:02x?}").into());
            }
            back += 1;
        }
        let mut ours = Vec::new();
        protect_ulpfec(&group, &mut ours)?;
        same += usize::from(ours == *payload);
    }
    println!(
        "| parity of GStreamer's rtpulpfecenc | packets that came back | the same bytes here |"
    );
    println!("| ---: | ---: | ---: |");
    println!("| {} | {back} | {same} |", parities.len());
    if same == parities.len() && back > 0 {
        Ok(())
    } else {
        Err("other bytes for the same packets".into())
    }
}
