//! Statements and requests as data, before either language: what both can say.
//!
//! Left out because Cedar has no words for it: `?` in patterns, roles with dependencies, scopes, and
//! sets under operators other than equality.

/// What a key holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One text.
    Text,
    /// Any number of texts.
    Texts,
    /// A text that mostly is a whole number.
    Number,
    /// A text that mostly is an instant.
    Instant,
    /// A text that mostly is a flag.
    Flag,
}

/// A key of conditions with the values that occur.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    pub name: &'static str,
    pub kind: Kind,
    pub values: &'static [&'static str],
}

pub const KEYS: [Key; 6] = [
    Key { name: "g:UserName", kind: Kind::Text, values: &["ann", "Ann", "bob", "bob*", ""] },
    Key { name: "ecs:Flavor", kind: Kind::Text, values: &["s6.large", "S6.small", "c7", "s6"] },
    Key { name: "g:TagKeys", kind: Kind::Texts, values: &["team", "Team", "cost", "env"] },
    Key { name: "ecs:Count", kind: Kind::Number, values: &["-2", "0", "3", "17", "many"] },
    Key {
        name: "g:CurrentTime",
        kind: Kind::Instant,
        values: &[
            "2024-02-29T23:59:59Z",
            "2024-03-01T00:00:00Z",
            "2024-03-01T08:00:00+08:00",
            "2025-01-01T00:00:00Z",
            "yesterday",
        ],
    },
    Key { name: "g:MFAPresent", kind: Kind::Flag, values: &["true", "false", "TRUE", "perhaps"] },
];

/// How an operator looks at several values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sets {
    Plain,
    Any,
    All,
}

/// An operator without its additions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operator {
    pub name: &'static str,
    pub meaning: Meaning,
    pub negative: bool,
}

/// What an operator compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    Equal,
    EqualFolded,
    Like,
    Start,
    End,
    /// Numbers or instants, by a comparison that Cedar writes the same.
    Order(&'static str),
    Flag,
    Absent,
}

const fn op(name: &'static str, meaning: Meaning, negative: bool) -> Operator {
    Operator { name, meaning, negative }
}

const TEXT: [Operator; 8] = [
    op("StringEquals", Meaning::Equal, false),
    op("StringNotEquals", Meaning::Equal, true),
    op("StringEqualsIgnoreCase", Meaning::EqualFolded, false),
    op("StringNotEqualsIgnoreCase", Meaning::EqualFolded, true),
    op("StringMatch", Meaning::Like, false),
    op("StringNotMatch", Meaning::Like, true),
    op("StringStartWith", Meaning::Start, false),
    op("StringEndWith", Meaning::End, false),
];
const NUMBER: [Operator; 6] = [
    op("NumberEquals", Meaning::Order("=="), false),
    op("NumberNotEquals", Meaning::Order("=="), true),
    op("NumberLessThan", Meaning::Order("<"), false),
    op("NumberLessThanEquals", Meaning::Order("<="), false),
    op("NumberGreaterThan", Meaning::Order(">"), false),
    op("NumberGreaterThanEquals", Meaning::Order(">="), false),
];
const INSTANT: [Operator; 4] = [
    op("DateLessThan", Meaning::Order("<"), false),
    op("DateLessThanEquals", Meaning::Order("<="), false),
    op("DateGreaterThan", Meaning::Order(">"), false),
    op("DateGreaterThanEquals", Meaning::Order(">="), false),
];
const FLAG: [Operator; 1] = [op("Bool", Meaning::Flag, false)];
pub const ABSENT: Operator = op("Null", Meaning::Absent, false);

impl Kind {
    /// The operators that fit a key of this kind.
    pub const fn operators(self) -> &'static [Operator] {
        match self {
            Self::Text => &TEXT,
            // The first four compare whole values, for which Cedar has set operations.
            Self::Texts => TEXT.split_at(4).0,
            Self::Number => &NUMBER,
            Self::Instant => &INSTANT,
            Self::Flag => &FLAG,
        }
    }
}

/// A condition.
#[derive(Clone, Debug)]
pub struct Condition {
    pub operator: Operator,
    pub sets: Sets,
    pub if_exists: bool,
    pub key: Key,
    pub values: Vec<String>,
}

/// A statement.
#[derive(Clone, Debug)]
pub struct Said {
    pub allows: bool,
    /// Patterns, and whether all but them are meant.
    pub actions: (Vec<&'static str>, bool),
    pub resources: Option<(Vec<&'static str>, bool)>,
    pub conditions: Vec<Condition>,
}

/// A request.
#[derive(Clone, Debug)]
pub struct Asked {
    pub action: &'static str,
    pub resource: Option<&'static str>,
    pub context: Vec<(Key, Vec<&'static str>)>,
}
