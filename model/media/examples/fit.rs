//! Computes the fitted parameters of the profiles from the recorded frames:
//!
//!     cargo run -p koosim-media --example fit

use koosim_media::fit::{CameraFit, FilmFit};
use koosim_media::trace::{FrameTrace, TraceError};
use koosim_media::vsync::FrameRate;

const FILM: &str = include_str!("../data/frames-syncodecs/bbb_offset1900_1080p24fps_720p_1500.txt");
const CHAT: &str = include_str!("../data/frames-syncodecs/chat_720p_1500.txt");

fn main() -> Result<(), TraceError> {
    println!("{:#?}", FilmFit::of(&FrameTrace::parse(FILM, FrameRate::FPS_24)?));
    println!("{:#?}", CameraFit::of(&FrameTrace::parse(CHAT, FrameRate::FPS_30)?));
    Ok(())
}
