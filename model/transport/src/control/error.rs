//! Why a message is not taken.

use crate::wire::Unwritable;
use thiserror::Error;

/// Why a sender does not take a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SendRefused {
    /// Nothing was acknowledged for too long.
    #[error("the channel is broken")]
    Broken,
    /// The message does not fit into its format.
    #[error(transparent)]
    Unwritable(#[from] Unwritable),
    /// As many fingers touch already as may (T5.6).
    #[error("more than {0} pointers down")]
    TooManyPointers(usize),
    /// The pointer is down already.
    #[error("pointer {0} is down already")]
    AlreadyDown(u64),
    /// The pointer moves or goes up without being down.
    #[error("pointer {0} is not down")]
    NotDown(u64),
    /// Too much waits to be sent.
    #[error("more than {0} pieces wait")]
    QueueFull(usize),
}
