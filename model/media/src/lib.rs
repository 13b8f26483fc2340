//! What a frame is and costs: sizes, quantisers and times of encoding and decoding, without pixels; and the
//! stages between a finger and the light that answers it.
//!
//! Chance is given: whoever asks brings a source of bits ([`draws::Draws`]). Nothing here knows a clock, a
//! packet or a network.
//!
//! The way of a picture: a [`content::Screen`] says when its content changes next and composes a
//! [`content::Picture`]; an [`encoder::Encoder`] captures it, with a beat of its own ([`vsync::VSync`]) or as it
//! comes, and gives an [`encoder::EncodedFrame`] or the reason why there is none; a [`work::Decoder`] says when
//! it can be shown; a [`stages::Timeline`] remembers when it passed each stage; [`latency::Latencies`] and
//! [`latency::Playback`] sum up. What a tenant can set is in [`settings`], recorded frames in [`trace`].
//!
//! A touch on a still screen, and what is seen of it:
//!
//! ```
//! use koosim_media::content::{Content, Screen};
//! use koosim_media::draws::Draws;
//! use koosim_media::encoder::{Encoder, EncoderOptions, NoFrame, Video};
//! use koosim_media::figures::Figures;
//! use koosim_media::rate::{BitRate, Family};
//! use koosim_media::stages::{GivenStage, Percentiles, Stage, StageBudget, StageTimes, Timeline};
//! use koosim_media::vsync::{FrameRate, VSync};
//! use koosim_media::work::{Codec, Decoder, Definition, Direction, Machine, WhenBusy, WorkTimes};
//! use koosim_time::{SimDuration, SimTime};
//!
//! struct Weyl(u64); // A run gives a named stream instead.
//! impl Draws for Weyl {
//!     fn next_u64(&mut self) -> u64 {
//!         self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
//!         self.0
//!     }
//! }
//!
//! let mut draws = Weyl(1);
//! let (definition, codec, rate) = (Definition::P720, Codec::H264, FrameRate::FPS_60);
//! // A run takes figures and budget from its rulebook.
//! let figures = Figures::default();
//! let budget = StageBudget::of(|_| Percentiles::from_millis(8, 16));
//! let mut screen = Screen::new(Content::Idle, rate, SimTime::EPOCH, &figures);
//! let target = BitRate::from_kbps(4_000);
//! let video = Video { definition, codec, frame_rate: rate, target };
//! let encoding = budget.get(Stage::Encode);
//! let mut encoder = Encoder::new(EncoderOptions::new(video, encoding, figures))?;
//! let decoding = budget.get(Stage::Decode);
//! let decoding = WorkTimes::new(Direction::Decode, Machine::Hardware, codec, definition, decoding)?;
//! let mut decoder = Decoder::new(decoding, WhenBusy::Wait { pictures: 2 });
//!
//! // Before anything has happened the whole screen is sent, and nothing until something changes.
//! let home = screen.poll(SimTime::EPOCH, &mut draws);
//! assert!(encoder.capture(SimTime::EPOCH, home, &mut draws)?.is_key());
//! let tick = VSync::new(rate, SimTime::EPOCH).at_or_after(SimTime::from_nanos(100_000_000));
//! assert_eq!(encoder.capture(tick, None, &mut draws), Err(NoFrame::Still));
//!
//! // A finger moves; network and injection are as long as somebody else says, here 10 ms each way.
//! let network = SimDuration::from_millis(10);
//! let given = StageTimes::new(&budget)?;
//! let moved = SimTime::from_nanos(120_000_000);
//! let mut input = Timeline::of_input(moved);
//! let mut at = moved + given.draw(GivenStage::Touch, &mut draws);
//! input.end(Stage::Touch, at)?;
//! at = at + given.draw(GivenStage::ClientSend, &mut draws);
//! input.end(Stage::ClientSend, at)?;
//! at = at + network;
//! input.end(Stage::Uplink, at)?;
//! at = at + given.draw(GivenStage::InjectAndCompose, &mut draws);
//! input.end(Stage::InjectAndCompose, at)?;
//! screen.touch(at);
//! let answer = screen.poll(at, &mut draws);
//!
//! // The encoder looks at the next tick.
//! let mut shown = Timeline::of_frame(at);
//! let tick = VSync::new(rate, SimTime::EPOCH).at_or_after(at);
//! let frame = encoder.capture(tick, answer, &mut draws)?;
//! shown.end(Stage::CaptureWait, frame.captured)?;
//! shown.end(Stage::Encode, frame.ready)?;
//! shown.end(Stage::PacketiseAndPace, frame.ready)?;
//! shown.end(Stage::Downlink, frame.ready + network)?;
//! shown.end(Stage::JitterBuffer, frame.ready + network)?;
//! let decoded = decoder.decode(frame.ready + network, frame.family, &mut draws).ok_or("busy")?;
//! shown.end(Stage::Decode, decoded.ready)?;
//! let display = VSync::new(FrameRate::FPS_60, SimTime::from_nanos(5_000_000));
//! shown.end(Stage::DisplayWait, display.at_or_after(decoded.ready))?;
//!
//! input.answered_by(&shown)?;
//! assert!(input.input_to_photon() > shown.capture_to_display());
//! let (stage, beyond) = input.at_fault(&budget).ok_or("nothing was passed")?;
//! println!("{} took {} ns beyond its median", stage.word(), beyond.as_nanos());
//! # assert_eq!(frame.family, Family::Screen);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod content;
pub mod draws;
pub mod encoded;
pub mod encoder;
pub mod figures;
pub mod fit;
pub mod latency;
pub mod numbers;
pub mod rate;
pub mod settings;
pub mod stages;
pub mod statistics;
pub mod trace;
pub mod vsync;
pub mod work;

#[cfg(test)]
mod testing;
