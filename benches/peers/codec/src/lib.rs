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
    let mut encoder = LiveEncoder::new(settings)?;
    pictures.into_iter().map(|picture| encoder.encode(&picture)).collect()
}

/// An encoder that is given one picture after the other, for a run that decides as it goes.
pub struct LiveEncoder {
    encoder: Encoder,
    frame_rate: u64,
    number: u64,
}

impl LiveEncoder {
    /// An encoder that has encoded nothing.
    pub fn new(settings: Settings) -> Result<Self, Failure> {
        let encoder = Encoder::with_api_config(OpenH264API::from_source(), config(settings))?;
        Ok(Self { encoder, frame_rate: u64::from(settings.frame_rate), number: 0 })
    }
    /// The next picture is to be a key frame.
    pub fn request_keyframe(&mut self) {
        self.encoder.force_intra_frame();
    }
    /// The picture is not encoded: nothing has changed, or it was dropped. Its time passes.
    pub fn skip(&mut self) {
        self.number += 1;
    }
    /// Encodes the next picture.
    pub fn encode(&mut self, picture: &Picture) -> Result<EncodedPicture, Failure> {
        let at = Timestamp::from_millis(self.number * 1000 / self.frame_rate);
        let timestamp = self.number * CLOCK_HZ / self.frame_rate;
        self.number += 1;
        let written = self.encoder.encode_at(&picture.slices(), at)?;
        let key = matches!(written.frame_type(), FrameType::IDR | FrameType::I);
        let stream = written.to_vec();
        let nals = nal_units(&stream).map(|nal| bare(nal).to_vec()).collect();
        Ok(EncodedPicture { nals, timestamp, key })
    }
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

/// A unit without its start code, and without the zero of the next one's, at which the library cuts: no unit ends
/// with a zero (H.264 section 7.4.1).
fn bare(nal: &[u8]) -> &[u8] {
    let before = nal.iter().take_while(|byte| **byte == 0).count();
    let behind = nal.iter().rev().take_while(|byte| **byte == 0).count();
    nal.get(before + 1..nal.len() - behind).unwrap_or_default()
}

/// Decodes pictures; the luma plane of each, row by row, without padding.
pub fn decode(pictures: &[EncodedPicture]) -> Result<Vec<Vec<u8>>, Failure> {
    let mut decoder = LiveDecoder::new()?;
    // Without B frames every picture comes out at once; one that does not is not counted.
    let planes = pictures.iter().map(|picture| decoder.decode(picture));
    planes.filter_map(Result::transpose).collect()
}

/// A decoder that is given one picture after the other, some of which may have been lost on the way.
pub struct LiveDecoder(Decoder);

impl LiveDecoder {
    /// A decoder that waits for a key frame.
    pub fn new() -> Result<Self, Failure> {
        Ok(Self(Decoder::new()?))
    }
    /// The luma plane of the picture, row by row, without padding; `None` if none came out.
    pub fn decode(&mut self, picture: &EncodedPicture) -> Result<Option<Vec<u8>>, Failure> {
        Ok(self.planes(picture)?.map(|[luma, ..]| luma))
    }
    /// Luma and both planes of colour (I420), as [`Self::decode`] gives the luma.
    pub fn planes(&mut self, picture: &EncodedPicture) -> Result<Option<[Vec<u8>; 3]>, Failure> {
        let Some(yuv) = self.0.decode(&picture.stream())? else { return Ok(None) };
        let ((width, height), strides) = (yuv.dimensions(), yuv.strides());
        let plane = |bytes: &[u8], stride, (width, height)| {
            let rows = bytes.chunks(stride).take(height);
            rows.flat_map(|row| row.iter().take(width)).copied().collect()
        };
        let colour = (width / 2, height / 2);
        Ok(Some([
            plane(yuv.y(), strides.0, (width, height)),
            plane(yuv.u(), strides.1, colour),
            plane(yuv.v(), strides.2, colour),
        ]))
    }
}

/// SHA-256 of the stream of all pictures, in hexadecimal digits.
pub fn digest(pictures: &[EncodedPicture]) -> String {
    sha256(pictures.iter().map(EncodedPicture::stream))
}

/// SHA-256 of bytes that follow each other, in hexadecimal digits.
pub fn sha256(parts: impl IntoIterator<Item = impl AsRef<[u8]>>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Peak signal-to-noise ratio of two luma planes, in dB; `None` if they are equal.
pub fn psnr(original: &[u8], decoded: &[u8]) -> Option<f64> {
    let errors =
        original.iter().zip(decoded).map(|(a, b)| u64::from(a.abs_diff(*b)).pow(2)).sum::<u64>();
    (errors > 0).then(|| 10.0 * (255.0 * 255.0 * original.len() as f64 / errors as f64).log10())
}
