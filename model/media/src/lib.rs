//! What a frame is and costs: sizes, kinds and times of encoding and decoding, without pixels.
//!
//! Chance is given: whoever asks brings a source of numbers. Nothing here knows a clock, a packet or a
//! network.
