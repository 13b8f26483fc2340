//! The real H.264 encoder and decoder, openh264 0.9.9, with everything stated that may change its bytes:
//! baseline profile, one thread, bit rate, timestamps, key frames, detection of scene changes.
//!
//! ```
//! use koosim_peers_codec::{Content, Settings, decode, frames};
//! let pictures = frames(Content::ScrollingText, 3, Settings::default())?;
//! assert!(pictures[0].key && pictures[0].bytes() > 20 * pictures[2].bytes());
//! assert_eq!(decode(&pictures)?.len(), 3);
//! # Ok::<(), koosim_peers_codec::Failure>(())
//! ```

mod content;

pub use content::{Content, HEIGHT, Picture, WIDTH};

use openh264::OpenH264API;
use openh264::decoder::Decoder;
use openh264::encoder::{
    BitRate, Encoder, EncoderConfig, FrameRate, FrameType, IntraFramePeriod, Profile,
    RateControlMode, UsageType,
};
use openh264::formats::YUVSource;
use openh264::{Timestamp, nal_units};
use sha2::{Digest, Sha256};

/// Ticks a second of media time.
pub const CLOCK_HZ: u64 = 90_000;
/// The start code that stands before every NAL unit in a stream of bytes.
const START_CODE: [u8; 4] = [0, 0, 0, 1];

/// What can go wrong: the library refuses a setting, a picture or a stream.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What is said to the encoder.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Bits a second.
    pub bit_rate: u32,
    /// Pictures a second.
    pub frame_rate: u32,
    /// Pictures between key frames; 0 for the first picture only.
    pub key_interval: u32,
    /// Whether the encoder makes key frames where it sees a new scene.
    pub scene_change: SceneChange,
}

/// What the encoder does about new scenes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SceneChange {
    /// It does not look for them.
    Ignored,
    /// It begins them with key frames.
    KeyFrame,
}

impl Default for Settings {
    /// 8 Mbit/s at 60 pictures a second, one key frame at the start.
    fn default() -> Self {
        Self {
            bit_rate: 8_000_000,
            frame_rate: 60,
            key_interval: 0,
            scene_change: SceneChange::Ignored,
        }
    }
}

/// One picture as the encoder wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodedPicture {
    /// NAL units without start codes, in their order.
    pub nals: Vec<Vec<u8>>,
    /// Media time, in ticks of [`CLOCK_HZ`].
    pub timestamp: u64,
    /// Whether decoding can begin here.
    pub key: bool,
}

impl EncodedPicture {
    /// Bytes of all NAL units.
    pub fn bytes(&self) -> usize {
        self.nals.iter().map(Vec::len).sum()
    }
    /// The picture as a stream of bytes, with start codes.
    pub fn stream(&self) -> Vec<u8> {
        self.nals.iter().flat_map(|nal| START_CODE.iter().chain(nal)).copied().collect()
    }
}

/// Encodes the first `n` pictures of a content.
pub fn frames(
    content: Content,
    n: usize,
    settings: Settings,
) -> Result<Vec<EncodedPicture>, Failure> {
    encode((0..n).map(|number| Picture::draw(content, number)), settings)
}

/// Encodes pictures that follow each other at the frame rate.
pub fn encode(
    pictures: impl IntoIterator<Item = Picture>,
    settings: Settings,
) -> Result<Vec<EncodedPicture>, Failure> {
    let mut encoder = Encoder::with_api_config(OpenH264API::from_source(), config(settings))?;
    let numbered = (0..).zip(pictures);
    numbered.map(|(number, picture)| next(&mut encoder, &picture, number, settings)).collect()
}

fn config(settings: Settings) -> EncoderConfig {
    EncoderConfig::new()
        .profile(Profile::Baseline)
        .num_threads(1)
        .usage_type(UsageType::CameraVideoRealTime)
        .rate_control_mode(RateControlMode::Bitrate)
        .bitrate(BitRate::from_bps(settings.bit_rate))
        .max_frame_rate(FrameRate::from_hz(settings.frame_rate as f32))
        .intra_frame_period(IntraFramePeriod::from_num_frames(settings.key_interval))
        .scene_change_detect(settings.scene_change == SceneChange::KeyFrame)
        .skip_frames(false)
}

fn next(
    encoder: &mut Encoder,
    picture: &Picture,
    number: u64,
    settings: Settings,
) -> Result<EncodedPicture, Failure> {
    let rate = u64::from(settings.frame_rate);
    let at = Timestamp::from_millis(number * 1000 / rate);
    let written = encoder.encode_at(&picture.slices(), at)?;
    let key = matches!(written.frame_type(), FrameType::IDR | FrameType::I);
    let nals = nal_units(&written.to_vec()).map(|nal| without_start_code(nal).to_vec()).collect();
    Ok(EncodedPicture { nals, timestamp: number * CLOCK_HZ / rate, key })
}

fn without_start_code(nal: &[u8]) -> &[u8] {
    let zeros = nal.iter().take_while(|byte| **byte == 0).count();
    nal.get(zeros + 1..).unwrap_or_default()
}

/// Decodes pictures; the luma plane of each, row by row, without padding.
pub fn decode(pictures: &[EncodedPicture]) -> Result<Vec<Vec<u8>>, Failure> {
    let mut decoder = Decoder::new()?;
    let mut decoded = Vec::new();
    for picture in pictures {
        // Without B frames every picture comes out at once; one that does not is not counted.
        if let Some(yuv) = decoder.decode(&picture.stream())? {
            let (width, height) = yuv.dimensions();
            let stride = yuv.strides().0;
            let rows = yuv.y().chunks(stride).take(height);
            decoded.push(rows.flat_map(|row| row.iter().take(width)).copied().collect());
        }
    }
    Ok(decoded)
}

/// SHA-256 of the stream of all pictures, in hexadecimal digits.
pub fn digest(pictures: &[EncodedPicture]) -> String {
    let mut hash = Sha256::new();
    for picture in pictures {
        hash.update(picture.stream());
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Peak signal-to-noise ratio of two luma planes, in dB; `None` if they are equal.
pub fn psnr(original: &[u8], decoded: &[u8]) -> Option<f64> {
    let errors =
        original.iter().zip(decoded).map(|(a, b)| u64::from(a.abs_diff(*b)).pow(2)).sum::<u64>();
    (errors > 0).then(|| 10.0 * (255.0 * 255.0 * original.len() as f64 / errors as f64).log10())
}
