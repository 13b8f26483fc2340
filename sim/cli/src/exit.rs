//! Exit codes. A worse one wins where several would fit.

use std::process::ExitCode;

/// How the program ends; the worse, the later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// Everything is as expected.
    Pass,
    /// Nothing was asked for that could be done.
    Nothing,
    /// Something is not as expected.
    Unmet,
    /// Something given cannot be used.
    Unusable,
    /// The same run twice is not the same.
    NotRepeatable,
    /// The program itself is wrong.
    Internal,
}

impl Exit {
    /// Every way to end, with its code and its meaning, in the order of the codes.
    pub(crate) const TABLE: [(Self, u8, &'static str); 6] = [
        (Self::Pass, 0, "everything is as expected"),
        (Self::Unmet, 1, "an expectation failed, or a log diverges from the rules"),
        (Self::Unusable, 2, "the command line or a file cannot be understood, read or written"),
        (Self::NotRepeatable, 3, "two runs of the same differ (--verify, --replay, --continue)"),
        (Self::Nothing, 4, "there was nothing to run"),
        (Self::Internal, 70, "an error of koosim itself; please report it"),
    ];

    /// The code that the shell sees.
    pub(crate) fn code(self) -> u8 {
        let row = Self::TABLE.iter().find(|(exit, ..)| *exit == self);
        row.map_or(70, |(_, code, _)| *code)
    }
    /// The table for help texts.
    pub(crate) fn help() -> String {
        let rows = Self::TABLE.iter().map(|(_, code, means)| format!("  {code:>2}  {means}\n"));
        format!("Exit codes:\n{}", rows.collect::<String>())
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

/// Why a command ends early: its exit code and one line for a person.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Stop {
    pub(crate) exit: Exit,
    pub(crate) message: String,
}

impl Stop {
    /// Something given cannot be used.
    pub(crate) fn unusable(message: impl Into<String>) -> Self {
        Self { exit: Exit::Unusable, message: message.into() }
    }
    /// Nothing to do.
    pub(crate) fn nothing(message: impl Into<String>) -> Self {
        Self { exit: Exit::Nothing, message: message.into() }
    }
    /// The program itself is wrong.
    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self { exit: Exit::Internal, message: message.into() }
    }
    /// A file could not be read or written.
    pub(crate) fn file(name: &str, error: &std::io::Error) -> Self {
        Self::unusable(format!("`{name}`: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worse_wins_and_every_way_to_end_has_its_own_code() {
        let order = [Exit::Pass, Exit::Unmet, Exit::Unusable, Exit::NotRepeatable, Exit::Internal];
        assert!(order.is_sorted());
        assert_eq!(order.map(Exit::code), [0, 1, 2, 3, 70]);
        assert_eq!(Exit::Nothing.code(), 4);
        assert!(Exit::TABLE.is_sorted_by_key(|(_, code, _)| *code));
    }
}
