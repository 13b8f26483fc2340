//! Which fingers are down (T5.6).

use crate::control::error::SendRefused;
use crate::control::input::{Touch, TouchAction};

/// Most fingers that touch at a time (T5.6).
pub const POINTERS_MAX: usize = 10;

/// The pointers that are down, by their ids.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pointers {
    // INVARIANT: at most POINTERS_MAX, each once.
    down: Vec<u64>,
}

impl Pointers {
    /// Takes a touch into account, or refuses what cannot follow what was before.
    pub(crate) fn take(&mut self, touch: &Touch) -> Result<(), SendRefused> {
        let id = touch.pointer;
        let at = self.down.iter().position(|down| *down == id);
        match (touch.action, at) {
            (TouchAction::Down, Some(_)) => Err(SendRefused::AlreadyDown(id)),
            (TouchAction::Down, None) if self.down.len() >= POINTERS_MAX => {
                Err(SendRefused::TooManyPointers(POINTERS_MAX))
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
