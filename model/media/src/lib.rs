//! What a frame is and costs.

pub mod content;
pub mod draws;
pub mod encoder;
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
