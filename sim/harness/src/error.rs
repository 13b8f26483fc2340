//! What can go wrong with a run, and with a request to a network.

use koosim_engine::net::NodeError;
use koosim_engine::queue::PushError;
use koosim_model::time::SimTime;

/// What a component may fail with.
pub type HostError = Box<dyn std::error::Error>;
/// What a component returns when it ends.
pub type HostResult = Result<(), HostError>;

/// Why a run stopped before its end. A network that has stopped stays so: every later run gives
/// the same error.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// A component returned an error.
    #[error("host `{host}` failed at {at}: {message}")]
    Failed {
        /// The host.
        host: String,
        /// When.
        at: SimTime,
        /// What the error says.
        message: String,
    },
    /// A task of a component panicked.
    #[error("host `{host}` panicked at {at}: {message}")]
    Panicked {
        /// The host.
        host: String,
        /// When.
        at: SimTime,
        /// What the panic said.
        message: String,
    },
    /// Tasks kept running and virtual time could not go on.
    #[error("time stands still at {at}: host `{host}` was polled more than {limit} times")]
    Stalled {
        /// The host that was polled last.
        host: String,
        /// The instant that did not end.
        at: SimTime,
        /// The limit that was reached.
        limit: u64,
    },
    /// A component moved tokio's clock, by `tokio::time::advance` or `resume`.
    #[error("a component has moved the clock, which showed {at} before")]
    ClockMoved {
        /// What the clock showed before.
        at: SimTime,
    },
    /// The host that was waited for had not finished in time.
    #[error("host `{host}` had not finished by {at}")]
    NotFinished {
        /// The host.
        host: String,
        /// The end of the wait.
        at: SimTime,
    },
    /// The run was to end before it began.
    #[error("the run cannot go back from {now} to {until}")]
    Backwards {
        /// The present instant.
        now: SimTime,
        /// The instant that was asked for.
        until: SimTime,
    },
    /// A run was asked for from inside an async runtime.
    #[error("a network cannot be run from inside an async runtime")]
    InsideRuntime,
    /// The event queue took no more.
    #[error(transparent)]
    Agenda(#[from] PushError),
    /// The machine could not make a runtime.
    #[error("no runtime could be made: {0}")]
    Runtime(String),
    /// A host was named that does not exist.
    #[error(transparent)]
    Request(#[from] RequestError),
}

/// Why a request to a network cannot be met.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// There is no such host.
    #[error("there is no host named `{name}`{}", suggestion(nearest.as_deref()))]
    UnknownHost {
        /// The name that was asked for.
        name: String,
        /// The name that is most like it.
        nearest: Option<String>,
    },
    /// The host cannot be added.
    #[error(transparent)]
    Host(#[from] NodeError),
}

fn suggestion(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

/// The name that is most like the one that was asked for, if any is alike.
pub(crate) fn nearest(name: &str, names: &[String]) -> Option<String> {
    const ALIKE_MIN: f64 = 0.7;
    let alike = names.iter().map(|known| (strsim::jaro_winkler(name, known), known));
    let best = alike.max_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 >= ALIKE_MIN).then(|| best.1.clone())
}
