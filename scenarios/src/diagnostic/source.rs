//! A file as the renderer sees it: any place in it is found without reading it from the start,
//! and a line of any length is shown only around the place.

use crate::span::Span;
use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

/// How much is shown on either side of the underlined text; lines beyond it are cut.
const CONTEXT_BYTES: usize = 400;
/// How much of a long underlined text is underlined.
const UNDERLINED_BYTES: usize = 240;
/// How far apart two places may be that are shown in one piece.
const ONE_PIECE_BYTES: usize = 1200;

/// The name and the text of a file, with an index of its lines.
#[derive(Clone, Debug)]
pub struct Source {
    name: String,
    text: String,
    /// Where each line starts. INVARIANT: not empty, ascending, the first is 0.
    lines: Vec<usize>,
}

impl Source {
    /// A file's name as messages show it, and its text.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let breaks = text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(at, _)| at + 1);
        let lines = std::iter::once(0).chain(breaks).collect();
        Self { name: name.into(), text, lines }
    }
    /// The file's name as messages show it.
    pub fn name(&self) -> &str {
        &self.name
    }
    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }
    /// The text of a place; empty if the place is not one of this file.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.start()..span.end()).unwrap_or_default()
    }
    /// The line and column of a byte, both from 1; columns count characters.
    pub fn line_and_column(&self, at: usize) -> (usize, usize) {
        let line = self.line_of(at);
        let start = self.line_start(line);
        let before = self.text.get(start..at.min(self.text.len())).unwrap_or_default();
        (line + 1, before.chars().count() + 1)
    }

    fn line_of(&self, at: usize) -> usize {
        self.lines.partition_point(|start| *start <= at).saturating_sub(1)
    }
    fn line_start(&self, line: usize) -> usize {
        self.lines.get(line).copied().unwrap_or(self.text.len())
    }
    /// The nearest character boundary at or before `at`.
    fn boundary(&self, at: usize) -> usize {
        self.text.floor_char_boundary(at.min(self.text.len()))
    }
    /// The bytes to show around a place: whole lines, cut where a line is very long. Without lines
    /// before it, they begin with the place itself: that is how its line and column are asked for.
    fn window(&self, span: &SourceSpan, before: usize, after: usize) -> (usize, usize) {
        let (start, end) = (span.offset(), span.offset() + span.len());
        let last = self.line_of(end.saturating_sub(usize::from(!span.is_empty())));
        let from = match before {
            0 => start,
            _ => self.line_start(self.line_of(start).saturating_sub(before)),
        };
        let to = self.line_start(last.saturating_add(after).saturating_add(1));
        let from = from.max(start.saturating_sub(CONTEXT_BYTES));
        let to = to.min(end + CONTEXT_BYTES);
        (self.boundary(from), self.boundary(to))
    }
    /// The part of a place that is shown: a span over half a file says no more than its start.
    pub(super) fn shown(&self, span: Span) -> SourceSpan {
        let start = self.boundary(span.start());
        let end = self.boundary(span.end().min(span.start() + UNDERLINED_BYTES));
        let text = self.text.get(start..end).unwrap_or_default();
        let len = text.find('\n').unwrap_or(text.len());
        SourceSpan::new(start.into(), len)
    }
}

impl SourceCode for Source {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        context_lines_before: usize,
        context_lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let end = span.offset().saturating_add(span.len());
        if end > self.text.len() || span.len() > ONE_PIECE_BYTES {
            return Err(MietteError::OutOfBounds);
        }
        let (from, to) = self.window(span, context_lines_before, context_lines_after);
        let data = self.text.as_bytes().get(from..to).ok_or(MietteError::OutOfBounds)?;
        let line = self.line_of(from);
        let column = self.line_and_column(from).1 - 1;
        let count = self.line_of(to) - line + 1;
        let covered = SourceSpan::new(from.into(), to - from);
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            data,
            covered,
            line,
            column,
            count,
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one_and_in_characters() {
        let source = Source::new("x.yaml", "a\nпять b\n");
        assert_eq!(source.line_and_column(0), (1, 1));
        assert_eq!(source.line_and_column(2), (2, 1));
        assert_eq!(source.line_and_column(11), (2, 6));
        assert_eq!(source.line_and_column(999), (3, 1));
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let source = Source::new("x.yaml", "x".repeat(100_000));
        let contents = source.read_span(&SourceSpan::new(50_000.into(), 5), 1, 1).unwrap();
        assert_eq!(contents.data().len(), 2 * CONTEXT_BYTES + 5);
        assert_eq!(contents.column(), 50_000 - CONTEXT_BYTES);
    }
}
