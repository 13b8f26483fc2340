//! What the real encoder makes of synthetic pictures: sizes, quality and the digest of its bytes.
//!
//!     cargo run --release -p koosim-peers-codec [PICTURES]
//!
//! Each content is encoded twice; the run fails if the bytes differ or a picture is not decoded.
#![expect(clippy::disallowed_types, reason = "a benchmark measures wall time")]

use koosim_peers_codec::{
    Content, EncodedPicture, Failure, Picture, Settings, decode, digest, frames, psnr,
};
use std::time::Instant;

/// Pictures of a content, unless told otherwise: one second.
const PICTURES: usize = 60;
/// Bit rates of the table.
const BIT_RATES: [u32; 3] = [2_000_000, 4_000_000, 8_000_000];

fn main() -> Result<(), Failure> {
    let count = std::env::args().nth(1).map_or(Ok(PICTURES), |text| text.parse())?;
    println!(
        "| content | target Mbit/s | key B | mean other B | least B | cv | key/other | PSNR-Y dB | decode ms | SHA-256 |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |");
    for content in Content::ALL {
        for bit_rate in BIT_RATES {
            row(content, count, Settings { bit_rate, ..Settings::default() })?;
        }
    }
    let first = frames(Content::ScrollingText, 1, Settings::default())?;
    let sizes: Vec<usize> =
        first.iter().flat_map(|picture| picture.nals.iter().map(Vec::len)).collect();
    println!("NAL units of a key frame (parameter sets, slice): {sizes:?} bytes");
    Ok(())
}

fn row(content: Content, count: usize, settings: Settings) -> Result<(), Failure> {
    let pictures = frames(content, count, settings)?;
    if frames(content, count, settings)? != pictures {
        return Err(format!("{content:?} gave other bytes the second time").into());
    }
    let began = Instant::now();
    let decoded = decode(&pictures)?;
    let decode_ms = began.elapsed().as_secs_f64() * 1e3 / count as f64;
    if decoded.len() != count {
        return Err(
            format!("{} of {count} pictures of {content:?} came back", decoded.len()).into()
        );
    }
    let (key, mean, cv) = sizes(&pictures)?;
    let least = pictures.iter().map(EncodedPicture::bytes).min().unwrap_or(0);
    let last = Picture::draw(content, count - 1);
    let quality = decoded.last().and_then(|luma| psnr(last.luma(), luma)).unwrap_or(f64::INFINITY);
    let (rate, ratio, digest) = (settings.bit_rate / 1_000_000, key / mean, digest(&pictures));
    println!(
        "| {content:?} | {rate} | {key} | {mean:.0} | {least} | {cv:.2} | {ratio:.1} | {quality:.1} | {decode_ms:.1} | {digest} |"
    );
    Ok(())
}

/// Bytes of the first picture; mean and coefficient of variation of those that are no key frames.
fn sizes(pictures: &[EncodedPicture]) -> Result<(f64, f64, f64), Failure> {
    let first = pictures.first().ok_or("no pictures")?;
    let others: Vec<f64> = pictures.iter().filter(|p| !p.key).map(|p| p.bytes() as f64).collect();
    let mean = others.iter().sum::<f64>() / others.len() as f64;
    let variance =
        others.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / others.len() as f64;
    Ok((first.bytes() as f64, mean, variance.sqrt() / mean))
}
