//! Stable names of everything that can be wrong with a file.

use std::fmt;

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $name:ident = $text:literal,)*) => {
        /// The stable name of one kind of diagnostic.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code {
            $($(#[doc = $doc])* $name,)*
        }
        impl Code {
            /// Every code, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];
            /// The name as people and scripts see it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

codes! {
    /// The file is larger than the limit.
    FileTooLarge = "file-too-large",
    /// The file is not UTF-8.
    NotUtf8 = "not-utf-8",
    /// The file holds no document.
    EmptyFile = "empty-file",
    /// A character that cannot be seen.
    InvisibleCharacter = "invisible-character",
    /// A tab where lines are indented.
    Tab = "tab",
    /// The text is not YAML.
    NotYaml = "not-yaml",
    /// A second document after `---`.
    SecondDocument = "second-document",
    /// Lists and mappings are nested beyond the limit.
    TooDeep = "too-deep",
    /// The file has more values than the limit.
    TooManyValues = "too-many-values",
    /// `&name`.
    Anchor = "anchor",
    /// `*name`.
    Alias = "alias",
    /// `<<:`.
    MergeKey = "merge-key",
    /// `!name`.
    Tag = "tag",
    /// A key that stands twice in one mapping.
    DuplicateKey = "duplicate-key",
    /// A key that is not one word.
    BadKey = "bad-key",
    /// A key that is not allowed here.
    UnknownKey = "unknown-key",
    /// A key that must be here and is not.
    MissingKey = "missing-key",
    /// Keys that exclude each other, or of which one is needed.
    KeyChoice = "key-choice",
    /// A list where a mapping is needed, and the like.
    WrongShape = "wrong-shape",
    /// Nothing where a value is needed.
    MissingValue = "missing-value",
    /// A value that is none of a fixed list.
    UnknownWord = "unknown-word",
    /// A text that is not a name.
    BadName = "bad-name",
    /// A text that is too long, too short or not on one line.
    BadText = "bad-text",
    /// A text that is not an amount of money.
    BadAmount = "bad-amount",
    /// A text that is not a percentage.
    BadPercent = "bad-percent",
    /// A text that is not a whole number in its range.
    BadNumber = "bad-number",
    /// A text that is neither yes nor no.
    BadBool = "bad-bool",
    /// A text that is not a date or a time.
    BadTime = "bad-time",
    /// A date outside the years that a scenario may cover.
    DateOutOfRange = "date-out-of-range",
    /// A text that is not a length of time.
    BadDuration = "bad-duration",
    /// A text that is not a term.
    BadTerm = "bad-term",
    /// A text that is not the id of a rule.
    BadRule = "bad-rule",
    /// A mistake in the matrix.
    BadMatrix = "bad-matrix",
    /// A variable that the matrix does not declare.
    UnknownVariable = "unknown-variable",
    /// A variable that no value uses.
    UnusedVariable = "unused-variable",
    /// More cases than the limit.
    TooManyCases = "too-many-cases",
    /// A name that is not declared.
    UnknownName = "unknown-name",
    /// A name that is declared twice.
    DuplicateName = "duplicate-name",
    /// A step whose time cannot be.
    BadTiming = "bad-timing",
    /// A command after an expectation at the same instant.
    CommandAfterExpectation = "command-after-expectation",
    /// A value that fits its form but not its place.
    BadValue = "bad-value",
    /// An expectation that the run did not meet.
    ExpectationFailed = "expectation-failed",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
