//! Which fingers are down (T5.6).

use crate::control::error::SendRefused;
use crate::control::input::{Touch, TouchAction};

/// Fingers that touch at a time where no run says how many (T5.6), and the most that it can say: Android
/// devices tell ten apart.
pub const POINTERS_MAX: usize = 10;

/// The pointers that are down, by their ids.
#[derive(Clone, Debug)]
pub(crate) struct Pointers {
    most: usize,
    // INVARIANT: at most so many, each once.
    down: Vec<u64>,
}

impl Pointers {
    /// At most so many fingers touch at a time (T5.6).
    pub(crate) fn new(most: usize) -> Self {
        Self { most: most.min(POINTERS_MAX), down: Vec::new() }
    }
    /// Takes a touch into account, or refuses what cannot follow what was before.
    pub(crate) fn take(&mut self, touch: &Touch) -> Result<(), SendRefused> {
        let id = touch.pointer;
        let at = self.down.iter().position(|down| *down == id);
        match (touch.action, at) {
            (TouchAction::Down, Some(_)) => Err(SendRefused::AlreadyDown(id)),
            (TouchAction::Down, None) if self.down.len() >= self.most => {
                Err(SendRefused::TooManyPointers(self.most))
            }
            (TouchAction::Down, None) => {
                self.down.push(id);
                Ok(())
            }
            (TouchAction::Up | TouchAction::Cancel, Some(at)) => {
                self.down.remove(at);
                Ok(())
            }
            (TouchAction::Move, Some(_)) => Ok(()),
            (TouchAction::Up | TouchAction::Cancel | TouchAction::Move, None) => {
                Err(SendRefused::NotDown(id))
            }
            (TouchAction::HoverMove | TouchAction::HoverEnter | TouchAction::HoverExit, _) => {
                Ok(())
            }
        }
    }
}
