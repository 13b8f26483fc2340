//! Whether the other side is still there (P4.6).
//!
//! Silence is counted from the last packet that was heard. The service counts the same time from when it learns
//! of the loss, so that its session outlives the connection by what it takes to notice.

use koosim_time::{SimDuration, SimTime};

/// How long silence is taken for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionOptions {
    /// After so long without any packet the connection counts as lost. Both sides report each second.
    pub silence_max: SimDuration,
    /// After so long without any packet the session ends.
    pub give_up: SimDuration,
}

impl ConnectionOptions {
    /// A client that may come back within this time (P4.6 `reconnect_within`); lost after 2.5 s, so that one lost
    /// report alone is none: a decision.
    pub const fn back_within(give_up: SimDuration) -> Self {
        Self { silence_max: SimDuration::from_millis(2500), give_up }
    }
}

/// What happened to the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionChange {
    /// Nothing was heard for too long.
    Lost,
    /// The other side is heard again.
    Back {
        /// Since it was last heard.
        after: SimDuration,
    },
    /// Nothing was heard for so long that the session has ended.
    Ended,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Live,
    Lost,
    Ended,
}

/// Listens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Connection {
    options: ConnectionOptions,
    state: State,
    heard_at: SimTime,
}

impl Connection {
    pub(crate) const fn new(now: SimTime, options: ConnectionOptions) -> Self {
        Self { options, state: State::Live, heard_at: now }
    }
    pub(crate) fn is_live(&self) -> bool {
        self.state == State::Live
    }
    pub(crate) fn is_ended(&self) -> bool {
        self.state == State::Ended
    }
    /// A packet of the other side came.
    pub(crate) fn heard(&mut self, now: SimTime) -> Option<ConnectionChange> {
        let after = now - self.heard_at;
        match self.state {
            State::Ended => return None,
            State::Live => {
                self.heard_at = now;
                return None;
            }
            State::Lost => {}
        }
        (self.state, self.heard_at) = (State::Live, now);
        Some(ConnectionChange::Back { after })
    }
    pub(crate) fn due(&self) -> Option<SimTime> {
        match self.state {
            State::Live => Some(self.heard_at + self.options.silence_max),
            State::Lost => Some(self.heard_at + self.options.give_up),
            State::Ended => None,
        }
    }
    pub(crate) fn poll(&mut self, now: SimTime) -> Option<ConnectionChange> {
        if self.due().is_none_or(|due| now < due) {
            return None;
        }
        let (state, change) = match self.state {
            State::Live => (State::Lost, ConnectionChange::Lost),
            State::Lost | State::Ended => (State::Ended, ConnectionChange::Ended),
        };
        self.state = state;
        Some(change)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_loss_and_then_the_end() {
        let at = |ms: i64| SimTime::from_nanos(ms * 1_000_000);
        let mut connection =
            Connection::new(at(0), ConnectionOptions::back_within(SimDuration::from_secs(30)));
        assert_eq!(connection.heard(at(1000)), None);
        assert_eq!(connection.poll(at(3499)), None);
        assert_eq!(connection.poll(at(3500)), Some(ConnectionChange::Lost));
        let back = ConnectionChange::Back { after: SimDuration::from_secs(4) };
        assert_eq!(connection.heard(at(5000)), Some(back));
        assert_eq!(connection.poll(at(7500)), Some(ConnectionChange::Lost));
        assert_eq!(connection.due(), Some(at(35_000)));
        assert_eq!(connection.poll(at(35_000)), Some(ConnectionChange::Ended));
        assert_eq!((connection.heard(at(35_001)), connection.due()), (None, None));
        assert!(connection.is_ended() && !connection.is_live());
    }
}
