//! A table of what each content costs at a target: a thousand seconds of each.
//!
//!     cargo run --release -p koosim-media --example contents [KBPS]

use koosim_media::content::{Content, Screen};
use koosim_media::draws::Draws;
use koosim_media::encoder::{Encoder, EncoderError, EncoderOptions, Video};
use koosim_media::figures::Figures;
use koosim_media::rate::BitRate;
use koosim_media::stages::Percentiles;
use koosim_media::statistics::{Moments, percentile, sorted};
use koosim_media::vsync::FrameRate;
use koosim_media::work::{Codec, Definition};
use koosim_time::{SimDuration, SimTime};

/// The target unless told otherwise, in kbit/s.
const KBPS: u32 = 4_000;

/// SplitMix64.
struct Bits(u64);

impl Draws for Bits {
    fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

fn main() -> Result<(), EncoderError> {
    let kbps = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(KBPS);
    println!("content        frames  refused  kbit/s  first B  mean B    cv  p99/mean  QP  dB");
    for content in Content::ALL {
        row(content, BitRate::from_kbps(kbps))?;
    }
    Ok(())
}

fn row(content: Content, target: BitRate) -> Result<(), EncoderError> {
    let rate = FrameRate::FPS_60;
    let (definition, codec, figures) = (Definition::P720, Codec::H264, Figures::default());
    let video = Video { definition, codec, frame_rate: rate, target };
    // Half of the time of a picture: how long encoding takes does not bear on sizes.
    let options = EncoderOptions::new(video, Percentiles::from_millis(8, 14), figures);
    let mut encoder = Encoder::new(options)?;
    let mut screen = Screen::new(content, rate, SimTime::EPOCH, &figures);
    let length = SimDuration::from_secs(1_000);
    let (mut bits, mut first, mut sizes, mut refused) = (Bits(1), 0, Vec::new(), 0);
    let (mut qp, mut quality) = (0, 0);
    while screen.next_due() < SimTime::EPOCH + length {
        let now = screen.next_due();
        let picture = screen.poll(now, &mut bits);
        match encoder.capture(now, picture, &mut bits) {
            Ok(frame) if frame.is_key() => first = frame.bytes,
            Ok(frame) => {
                sizes.push(f64::from(frame.bytes));
                qp += u64::from(frame.qp.unwrap_or(0));
                quality += u64::from(frame.quality_cdb.unwrap_or(0));
            }
            Err(_) => refused += 1,
        }
    }
    let count = u64::try_from(sizes.len()).unwrap_or(u64::MAX).max(1);
    let used = (sizes.iter().sum::<f64>() + f64::from(first)) * 8.0 / 1e6;
    if let (Some(m), Some(p99)) = (Moments::of(&sizes), percentile(&sorted(&sizes), 990)) {
        println!(
            "{:13} {:7} {refused:8} {used:7.0} {first:8} {:7.0} {:5.2} {:9.2} {:3} {:3}",
            format!("{content:?}"),
            sizes.len() + 1,
            m.mean,
            m.cv(),
            p99 / m.mean,
            qp / count,
            quality / count / 100,
        );
    }
    Ok(())
}
