//! What the real encoder makes of synthetic pictures: sizes, quality and the digest of its bytes, as a table
//! with tabs. The main build holds the shape of its model against it (`model/media/data/openh264`).
//!
//!     cargo run --release -p koosim-peers-codec > sizes.tsv
//!
//! Each content is encoded twice; the run fails if the bytes differ or a picture is not decoded. How long
//! decoding took goes to standard error: it is another time on another machine.
#![expect(clippy::disallowed_types, reason = "a benchmark measures wall time")]

use koosim_peers_codec::{
    Content, EncodedPicture, Failure, Picture, Settings, decode, digest, frames, psnr,
};
use std::time::Instant;

/// Pictures of a content: one second.
const PICTURES: usize = 60;
/// Bit rates of the table.
const BIT_RATES: [u32; 3] = [2_000_000, 4_000_000, 8_000_000];

fn main() -> Result<(), Failure> {
    println!(
        "content\ttarget_kbps\tkey_bytes\tkey_units\tother_mean_bytes\tother_least_bytes\tother_cv\tpsnr_y_db\tsha256"
    );
    for content in Content::ALL {
        for bit_rate in BIT_RATES {
            row(content, Settings { bit_rate, ..Settings::default() })?;
        }
    }
    Ok(())
}

fn row(content: Content, settings: Settings) -> Result<(), Failure> {
    let pictures = frames(content, PICTURES, settings)?;
    if frames(content, PICTURES, settings)? != pictures {
        return Err(format!("{content:?} gave other bytes the second time").into());
    }
    let began = Instant::now();
    let decoded = decode(&pictures)?;
    let decode_ms = began.elapsed().as_secs_f64() * 1e3 / PICTURES as f64;
    if decoded.len() != PICTURES {
        return Err(
            format!("{} of {PICTURES} pictures of {content:?} came back", decoded.len()).into()
        );
    }
    let last = Picture::draw(content, PICTURES - 1);
    let quality = decoded.last().and_then(|luma| psnr(last.luma(), luma)).unwrap_or(f64::INFINITY);
    let kbps = settings.bit_rate / 1000;
    println!("{content:?}\t{kbps}\t{}\t{quality:.1}\t{}", sizes(&pictures)?, digest(&pictures));
    eprintln!("{content:?} at {kbps} kbit/s: {decode_ms:.1} ms to decode a picture");
    Ok(())
}

/// Bytes of the first picture and its NAL units; mean, least and coefficient of variation of the others.
fn sizes(pictures: &[EncodedPicture]) -> Result<String, Failure> {
    let (first, others) = pictures.split_first().ok_or("no pictures")?;
    if !first.key || others.iter().any(|picture| picture.key) {
        return Err("the first picture and no other should be a key frame".into());
    }
    let units: Vec<String> = first.nals.iter().map(|nal| nal.len().to_string()).collect();
    let bytes: Vec<f64> = others.iter().map(|picture| picture.bytes() as f64).collect();
    let mean = bytes.iter().sum::<f64>() / bytes.len() as f64;
    let variance = bytes.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / bytes.len() as f64;
    let least = others.iter().map(EncodedPicture::bytes).min().unwrap_or(0);
    let (units, cv) = (units.join("+"), variance.sqrt() / mean);
    Ok(format!("{}\t{units}\t{mean:.0}\t{least}\t{cv:.2}", first.bytes()))
}
