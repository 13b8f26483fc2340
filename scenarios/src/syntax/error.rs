//! The YAML parser's complaints in the words of this format.

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::span::Span;
use saphyr_parser::ScanError;

/// What the parser says, what it means, and what to do about it. The first match wins.
const KNOWN: &[(&str, &str, &str)] = &[
    (
        "mapping values are not allowed",
        "a `:` cannot stand here",
        "quote a text that has `: ` in it, and check how the line is indented",
    ),
    (
        "did not find expected ',' or '}'",
        "a `,` or the closing `}` is missing",
        "close the mapping with `}`",
    ),
    ("expected ',' or ']'", "a `,` or the closing `]` is missing", "close the list with `]`"),
    (
        "simple key expect",
        "a `:` is missing after the key",
        "write `key: value`, with a space after the `:`",
    ),
    (
        "did not find expected '-'",
        "a line does not fit the list above it",
        "begin each item with `- ` in the same column",
    ),
    (
        "did not find expected key",
        "a line does not fit the mapping above it",
        "indent the keys of one mapping alike",
    ),
    (
        "indentation in quoted",
        "a quote is opened and not closed on its line",
        "close the quote, or indent the lines below it",
    ),
    (
        "indentation",
        "the line is not indented like its neighbours",
        "indent keys of one level alike",
    ),
    ("unexpected end of stream", "a quote is opened and never closed", "close the quote"),
    (
        "block sequence entries are not allowed",
        "a `-` cannot stand here",
        "put the list on lines of its own",
    ),
    ("unexpected character", "a text cannot begin with this character", "quote the text"),
    ("must be followed by a valid YAML whitespace", "a space is missing", "write a space after it"),
    ("escape", "a `\\` in double quotes begins an escape", "use single quotes"),
    ("directive", "lines that begin with `%` are not part of the scenario format", "remove it"),
    ("<document start>", "a line does not belong to anything above it", "check its indentation"),
    ("block scalar", "a text after `|` or `>` is not indented below it", "indent its lines alike"),
    ("tab", "a tab cannot stand here", "use spaces"),
];

/// Whether an earlier diagnostic is the likely cause of whatever the parser says.
pub(super) fn is_explained(out: &Diagnostics) -> bool {
    let causes = [Code::NotUtf8, Code::InvisibleCharacter, Code::Tab];
    out.sorted().iter().any(|d| causes.contains(&d.code))
}

/// The parser's error as a diagnostic at the character where it gave up. `open` is where the list
/// or mapping begins that was being read.
pub(super) fn diagnostic(
    error: &ScanError,
    at: usize,
    open: Option<Span>,
    text: &str,
    base: usize,
) -> Diagnostic {
    let span = character(at, text, base);
    let before = text.get(..span.start().saturating_sub(base)).unwrap_or_default();
    let here = text.get(before.len()..).unwrap_or_default();
    if before.ends_with('$') && here.starts_with('{') {
        let message = "a variable inside `{ }` or `[ ]` needs no braces of its own";
        return Diagnostic::error(Code::NotYaml, span, message, "reading stops here")
            .help("write `$name`, or quote the value");
    }
    let info = error.info();
    if info.contains("unknown anchor") {
        let message = "aliases are not part of the scenario format";
        return Diagnostic::error(Code::Alias, span, message, "an alias").help(
            "write the value where it is needed, or quote the text if the `*` belongs to it",
        );
    }
    if info.contains("recursion limit") {
        let message = format!("lists and mappings are nested more than {} deep", super::MAX_DEPTH);
        return Diagnostic::error(Code::TooDeep, span, message, "too deep");
    }
    let found = known(info, span);
    match open.filter(|_| info.contains("expected ','")) {
        Some(open) => found.and(open, "opened here"),
        None => found,
    }
}

fn known(info: &str, span: Span) -> Diagnostic {
    match KNOWN.iter().find(|(says, _, _)| info.contains(says)) {
        Some((_, message, help)) => {
            Diagnostic::error(Code::NotYaml, span, *message, "reading stops here").help(*help)
        }
        None => {
            let message = format!("this is not YAML: {info}");
            Diagnostic::error(Code::NotYaml, span, message, "reading stops here")
        }
    }
}

/// The visible character at or before a place: the parser often stops behind a line's end.
fn character(at: usize, text: &str, base: usize) -> Span {
    let at = text.floor_char_boundary(at.saturating_sub(base).min(text.len()));
    let here = text.get(at..).and_then(|rest| rest.chars().next()).filter(|c| !c.is_whitespace());
    let (start, c) = match here {
        Some(c) => (at, Some(c)),
        None => {
            let before = text.get(..at).unwrap_or_default().trim_end();
            let c = before.chars().next_back();
            (before.len() - c.map_or(0, char::len_utf8), c)
        }
    };
    Span::new(base + start, base + start + c.map_or(0, char::len_utf8))
}
