//! One file, many cases: the matrix names variables and their values, and each combination is a
//! case of its own. A variable stands as `$name` or `${name}` inside any single value; the first
//! form is plain YAML inside `{ }` too.

use crate::diagnostic::{Code, Diagnostic, Diagnostics, list_names, nearest, quoted};
use crate::read::{error_at, wrong_shape};
use crate::span::{Span, Spanned};
use crate::syntax::{Entry, Node, Scalar, Value};
use std::collections::{BTreeMap, BTreeSet};

/// The key under which a file declares its variables.
pub const MATRIX_KEY: &str = "matrix";
/// How many cases a file may have.
pub const MAX_CASES: usize = 1000;
/// How many values all cases of a file may have together.
pub const MAX_CASE_VALUES: usize = 1_000_000;
/// The longest name of a variable, and the longest value.
const MAX_VARIABLE_CHARS: usize = 64;
/// The longest text with variables in it: replacing them makes it grow.
const MAX_TEMPLATE_BYTES: usize = 1000;

/// The variables of a file. Without any there is one case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matrix {
    /// INVARIANT: each has a value; the product of the numbers of values is at most `MAX_CASES`.
    variables: BTreeMap<String, Vec<Spanned<String>>>,
}

/// One combination of values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case<'m> {
    values: BTreeMap<&'m str, &'m Spanned<String>>,
}

impl Matrix {
    /// Reads the matrix of a file and checks every use of a variable in it.
    pub fn read(root: &Node, out: &mut Diagnostics) -> Option<Self> {
        let before = out.errors();
        let mut matrix = Self::default();
        let mut declared = BTreeMap::new();
        if let Some(node) = root.get(MATRIX_KEY) {
            let Value::Map { entries, .. } = &node.value else {
                let help = String::from("write `tier: [V0, V1]` below it");
                wrong_shape(node, "a mapping", Some(help), out);
                return None;
            };
            for entry in entries {
                declared.insert(entry.key.value.as_str(), entry.key.span);
                let good = is_variable(&entry.key);
                if !good {
                    out.push(bad_variable(entry));
                }
                if let Some(values) = variable_values(&entry.value, out).filter(|_| good) {
                    matrix.variables.insert(entry.key.value.clone(), values);
                }
            }
        }
        check_uses(root, &declared, out);
        matrix.check_size(root, out);
        (out.errors() == before).then_some(matrix)
    }

    /// The number of cases.
    pub fn len(&self) -> usize {
        self.variables.values().fold(1, |product, values| product.saturating_mul(values.len()))
    }
    /// Never: a file without a matrix has one case.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// The case of this index. Cases follow each other like the digits of a number: the variables
    /// are the places, ordered by name, and the last changes fastest. The order in which the file
    /// lists the variables does not matter; the order of the values of each does.
    pub fn case(&self, index: usize) -> Option<Case<'_>> {
        if index >= self.len() {
            return None;
        }
        let mut rest = index;
        let mut values = BTreeMap::new();
        for (name, all) in self.variables.iter().rev() {
            values.insert(name.as_str(), all.get(rest % all.len())?);
            rest /= all.len();
        }
        Some(Case { values })
    }

    fn check_size(&self, root: &Node, out: &mut Diagnostics) {
        let Some(matrix) = root.get(MATRIX_KEY) else { return };
        let (cases, nodes) = (self.len(), count(root) - count(matrix));
        let place = matrix.head;
        let message = if cases > MAX_CASES {
            format!("the matrix makes {cases} cases; the limit is {MAX_CASES}")
        } else if cases.saturating_mul(nodes) > MAX_CASE_VALUES {
            let all = cases.saturating_mul(nodes);
            format!("{cases} cases of {nodes} values are {all}; the limit is {MAX_CASE_VALUES}")
        } else {
            return;
        };
        out.push(
            Diagnostic::error(Code::TooManyCases, place, message, "too many cases")
                .help("remove values, or split the file"),
        );
    }
}

impl Case<'_> {
    /// What the case adds to the name of its file: `[discount=10,tier=V0]`, or nothing.
    pub fn suffix(&self) -> String {
        if self.values.is_empty() {
            return String::new();
        }
        let pairs: Vec<_> = self.values.iter().map(|(k, v)| format!("{k}={}", v.value)).collect();
        format!("[{}]", pairs.join(","))
    }
    /// The file's tree with every variable replaced, and of the matrix itself only the key. Values
    /// that were replaced remember their place in the matrix.
    pub fn apply(&self, root: &Node) -> Node {
        let Value::Map { entries, whole } = &root.value else { return self.replaced(root) };
        let entry = |e: &Entry| {
            let value =
                if e.key.value == MATRIX_KEY { e.value.place() } else { self.replaced(&e.value) };
            Entry { key: e.key.clone(), value }
        };
        let value = Value::Map { entries: entries.iter().map(entry).collect(), whole: *whole };
        Node { value, ..root.place() }
    }
    /// The tree with every value that holds a variable taken as refused: for reading on when the
    /// matrix itself is broken.
    pub fn blank(root: &Node) -> Node {
        Case { values: BTreeMap::new() }.apply(root)
    }

    // The depth of a tree is bounded by `syntax::MAX_DEPTH`.
    fn replaced(&self, node: &Node) -> Node {
        let mut origin = None;
        let value = match &node.value {
            Value::Scalar(scalar) if scalar.text.contains('$') => self
                .text(&scalar.text, &mut origin)
                .map_or(Value::Refused, |text| Value::Scalar(Scalar { text, plain: scalar.plain })),
            Value::List { items, whole } => {
                let items = items.iter().map(|item| self.replaced(item)).collect();
                Value::List { items, whole: *whole }
            }
            Value::Map { entries, whole } => {
                let entry =
                    |e: &Entry| Entry { key: e.key.clone(), value: self.replaced(&e.value) };
                Value::Map { entries: entries.iter().map(entry).collect(), whole: *whole }
            }
            other @ (Value::Scalar(_) | Value::Refused) => other.clone(),
        };
        Node { origin, value, ..node.place() }
    }

    /// The text with its variables replaced; nothing if one of them has no value.
    fn text(&self, text: &str, origin: &mut Option<Span>) -> Option<String> {
        if text.len() > MAX_TEMPLATE_BYTES {
            return None;
        }
        let mut out = String::new();
        for piece in pieces(text) {
            match piece {
                Piece::Text(part) => out.push_str(part),
                Piece::Broken { .. } => return None,
                Piece::Variable { name, .. } => {
                    let value = self.values.get(name)?;
                    out.push_str(value);
                    *origin = Some(value.span);
                }
            }
        }
        Some(out)
    }
}

fn variable_values(node: &Node, out: &mut Diagnostics) -> Option<Vec<Spanned<String>>> {
    let Value::List { items, .. } = &node.value else {
        wrong_shape(node, "a list of values", Some(String::from("write `[V0, V1]`")), out);
        return None;
    };
    if items.is_empty() {
        let message = "the variable has no values";
        out.push(error_at(node, Code::BadMatrix, message, "nothing in it"));
        return None;
    }
    let mut seen = BTreeSet::new();
    let mut values = vec![];
    for item in items {
        let Some(text) = item.as_text().filter(|_| !item.is_nothing()) else {
            wrong_shape(item, "a single value", None, out);
            continue;
        };
        let long = text.chars().count() > MAX_VARIABLE_CHARS || text.contains('\n');
        let wrong = if long {
            format!("a value has one line of at most {MAX_VARIABLE_CHARS} characters")
        } else if text.contains('$') {
            String::from("a value cannot hold a variable itself")
        } else if !seen.insert(text) {
            format!("the value {} stands twice", quoted(text))
        } else {
            values.push(Spanned::new(text.to_owned(), item.span));
            continue;
        };
        out.push(error_at(item, Code::BadMatrix, wrong, "not a value of a variable"));
    }
    (values.len() == items.len()).then_some(values)
}

fn bad_variable(entry: &Entry) -> Diagnostic {
    let message = format!("{} is not the name of a variable", quoted(&entry.key));
    Diagnostic::error(Code::BadMatrix, entry.key.span, message, "not a name of a variable")
        .help("use small letters, digits and `_`, and begin with a letter")
}

fn is_variable(name: &str) -> bool {
    name.len() <= MAX_VARIABLE_CHARS
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(is_variable_char)
}

fn is_variable_char(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'
}

/// A part of a text with variables.
enum Piece<'t> {
    Text(&'t str),
    Variable {
        name: &'t str,
        /// Where in the text it stands, with its `$`.
        at: usize,
        len: usize,
    },
    /// A `${` without its `}`, or with something else than a name in it.
    Broken {
        at: usize,
    },
}

/// Splits a text into plain parts and variables; `$$` is a dollar sign.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut out = vec![];
    let mut at = 0;
    // Each round takes at least one byte.
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let (piece, len) = next_piece(rest, at);
        at += len;
        out.push(piece);
    }
    out
}

fn next_piece(rest: &str, at: usize) -> (Piece<'_>, usize) {
    let Some(tail) = rest.strip_prefix('$') else {
        let len = rest.find('$').unwrap_or(rest.len());
        return (Piece::Text(rest.get(..len).unwrap_or_default()), len);
    };
    if tail.starts_with('$') {
        return (Piece::Text("$"), 2);
    }
    if let Some(inner) = tail.strip_prefix('{') {
        let len = inner.find(|c| !is_variable_char(c)).unwrap_or(inner.len());
        let name = inner.split_at_checked(len).filter(|(_, rest)| rest.starts_with('}'));
        let name = name.map(|(name, _)| name).filter(|name| is_variable(name));
        return match name {
            Some(name) => (Piece::Variable { name, at, len: name.len() + 3 }, name.len() + 3),
            None => (Piece::Broken { at }, 2),
        };
    }
    let len = tail.find(|c| !is_variable_char(c)).unwrap_or(tail.len());
    match tail.get(..len).filter(|name| is_variable(name)) {
        Some(name) => (Piece::Variable { name, at, len: len + 1 }, len + 1),
        None => (Piece::Text("$"), 1),
    }
}

/// Every variable that is used must be declared, and every one that is declared used.
fn check_uses(root: &Node, declared: &BTreeMap<&str, Span>, out: &mut Diagnostics) {
    let mut used = BTreeSet::new();
    let Value::Map { entries, whole } = &root.value else { return };
    for entry in entries.iter().filter(|e| e.key.value != MATRIX_KEY) {
        uses(&entry.value, declared, &mut used, out);
    }
    for (name, span) in declared {
        if *whole && is_variable(name) && !used.contains(*name) {
            let message = format!("the variable {} is never used", quoted(name));
            out.push(
                Diagnostic::error(Code::UnusedVariable, *span, message, "never used")
                    .help(format!("use it as `${name}`, or remove it")),
            );
        }
    }
}

fn uses<'n>(
    node: &'n Node,
    declared: &BTreeMap<&str, Span>,
    used: &mut BTreeSet<&'n str>,
    out: &mut Diagnostics,
) {
    match &node.value {
        Value::Scalar(scalar)
            if scalar.text.len() > MAX_TEMPLATE_BYTES && scalar.text.contains('$') =>
        {
            let message = format!("a text with variables has at most {MAX_TEMPLATE_BYTES} bytes");
            out.push(error_at(node, Code::BadMatrix, message, "too long"));
        }
        Value::Scalar(scalar) if scalar.text.contains('$') => {
            for piece in pieces(&scalar.text) {
                match piece {
                    Piece::Text(_) => {}
                    Piece::Variable { name, .. } if declared.contains_key(name) => {
                        used.insert(name);
                    }
                    Piece::Variable { name, at, len } => {
                        let span = part(node, scalar, at, len);
                        out.push_with(true, || unknown_variable(name, span, declared));
                    }
                    Piece::Broken { at } => out.push(broken(part(node, scalar, at, 2))),
                }
            }
        }
        Value::List { items, .. } => {
            for item in items {
                uses(item, declared, used, out);
            }
        }
        Value::Map { entries, .. } => {
            for entry in entries {
                uses(&entry.value, declared, used, out);
            }
        }
        Value::Scalar(_) | Value::Refused => {}
    }
}

fn unknown_variable(name: &str, span: Span, declared: &BTreeMap<&str, Span>) -> Diagnostic {
    let names = declared.keys().copied();
    let help = match nearest(name, names.clone()) {
        Some(near) => format!("did you mean `${near}`?"),
        None if declared.is_empty() => {
            String::from("declare it under `matrix`, or write `$$` for a dollar sign")
        }
        None => format!("the matrix has {}", list_names(names)),
    };
    let message = format!("unknown variable {}", quoted(name));
    Diagnostic::error(Code::UnknownVariable, span, message, "not in the matrix").help(help)
}

fn broken(span: Span) -> Diagnostic {
    let message = "`${` needs the name of a variable and a `}`";
    Diagnostic::error(Code::BadMatrix, span, message, "not a variable")
        .help("write `${name}` or `$name`, or `$$` for a dollar sign")
}

/// The place of a part of a text, if the text stands in the file as it is.
fn part(node: &Node, scalar: &Scalar, at: usize, len: usize) -> Span {
    if scalar.plain && node.span.len() == scalar.text.len() {
        Span::new(node.span.start() + at, node.span.start() + at + len)
    } else {
        node.span
    }
}

fn count(node: &Node) -> usize {
    match &node.value {
        Value::Scalar(_) | Value::Refused => 1,
        Value::List { items, .. } => items.iter().fold(1, |n, item| n + count(item)),
        Value::Map { entries, .. } => entries.iter().fold(1, |n, e| n + 1 + count(&e.value)),
    }
}
