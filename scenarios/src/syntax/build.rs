//! Events of the YAML parser in, a tree out. Refuses anchors, aliases, merge keys, tags, further
//! documents, keys that are not words and keys that stand twice, and goes on after each.

use super::{Entry, MAX_DEPTH, MAX_NODES, Node, Scalar, Value};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, quoted};
use crate::span::{Span, Spanned};
use saphyr_parser::{Event, ScalarStyle};
use std::collections::BTreeMap;

/// How far before a value its anchor or tag is looked for.
const PROPERTY_WINDOW_BYTES: usize = 200;

/// Whether reading goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    Go,
    Stop,
}

/// What a mapping waits for.
enum Pending {
    Key,
    ValueOf(Spanned<String>),
    /// A value whose key was refused; `quiet` if whatever is in it needs no word of its own.
    Dropped {
        quiet: bool,
    },
}

enum Frame {
    List { start: Span, items: Vec<Node> },
    Map { start: Span, entries: Vec<Entry>, seen: BTreeMap<String, Span>, pending: Pending },
}

/// Builds the tree of the first document.
pub(super) struct Builder<'t> {
    text: &'t str,
    base: usize,
    /// INVARIANT: never longer than `MAX_DEPTH`.
    open: Vec<Frame>,
    root: Option<Node>,
    nodes: usize,
    documents: usize,
    stopped: bool,
}

impl<'t> Builder<'t> {
    pub(super) fn new(text: &'t str, base: usize) -> Self {
        Self { text, base, open: vec![], root: None, nodes: 0, documents: 0, stopped: false }
    }

    pub(super) fn event(&mut self, event: Event<'_>, span: Span, out: &mut Diagnostics) -> Flow {
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
            Event::DocumentStart(_) => self.document(span, out),
            Event::Alias(_) => {
                if !self.is_quiet() {
                    out.push(alias(span));
                }
                self.value(Node { span, head: span, origin: None, value: Value::Refused }, out);
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.properties(anchor, tag.is_some(), span, out);
                let plain = style == ScalarStyle::Plain;
                let value = Value::Scalar(Scalar { text: text.into_owned(), plain });
                self.value(Node { span, head: span, origin: None, value }, out);
            }
            Event::SequenceStart(anchor, tag) => {
                self.properties(anchor, tag.is_some(), span, out);
                self.open(Frame::List { start: span, items: vec![] }, span, out);
            }
            Event::MappingStart(anchor, tag) => {
                self.properties(anchor, tag.is_some(), span, out);
                let (entries, seen, pending) = (vec![], BTreeMap::new(), Pending::Key);
                self.open(Frame::Map { start: span, entries, seen, pending }, span, out);
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span, out),
        }
        if self.stopped { Flow::Stop } else { Flow::Go }
    }

    /// Where the innermost open list or mapping with a bracket of its own begins.
    pub(super) fn innermost(&self) -> Option<Span> {
        let (Frame::List { start, .. } | Frame::Map { start, .. }) = self.open.last()?;
        Some(*start).filter(|start| !start.is_empty())
    }

    /// The tree. Whatever is still open was cut off.
    pub(super) fn finish(mut self) -> Option<Node> {
        // Closing cannot refuse anything that matters once the reading has ended.
        let mut unheard = Diagnostics::new();
        // The last text before the cut may have been cut itself.
        let last = match self.open.last_mut() {
            Some(Frame::List { items, .. }) => items.last_mut(),
            Some(Frame::Map { entries, .. }) => entries.last_mut().map(|e| &mut e.value),
            None => None,
        };
        if let Some(node) = last.filter(|node| node.as_text().is_some()) {
            node.value = Value::Refused;
        }
        while let Some(frame) = self.open.pop() {
            let node = frame.into_node(Span::default(), false);
            self.value(node, &mut unheard);
        }
        self.root
    }

    fn document(&mut self, span: Span, out: &mut Diagnostics) {
        self.documents += 1;
        if self.documents > 1 {
            let message = "a file holds one scenario, and this begins a second document";
            out.push(
                Diagnostic::error(Code::SecondDocument, span, message, "second document")
                    .help("give each scenario a file of its own, or use a `matrix` for the cases"),
            );
            self.stopped = true;
        }
    }

    fn open(&mut self, frame: Frame, span: Span, out: &mut Diagnostics) {
        if self.open.len() >= MAX_DEPTH {
            let message = format!("lists and mappings are nested more than {MAX_DEPTH} deep");
            out.push(Diagnostic::error(Code::TooDeep, span, message, "too deep"));
            self.stopped = true;
        } else {
            self.open.push(frame);
        }
    }

    fn close(&mut self, span: Span, out: &mut Diagnostics) {
        if let Some(frame) = self.open.pop() {
            self.value(frame.into_node(span, true), out);
        }
    }

    /// Puts a finished value where it belongs.
    fn value(&mut self, mut node: Node, out: &mut Diagnostics) {
        self.nodes += 1;
        if self.nodes > MAX_NODES && !self.stopped {
            let message = format!("the file has more than {MAX_NODES} keys and values");
            out.push(Diagnostic::error(Code::TooManyValues, node.span, message, "one too many"));
            self.stopped = true;
        }
        match self.open.last_mut() {
            None => {
                if self.documents < 2 {
                    self.root = Some(node);
                }
            }
            Some(Frame::List { items, .. }) => items.push(node),
            Some(Frame::Map { entries, seen, pending, .. }) => {
                match std::mem::replace(pending, Pending::Key) {
                    Pending::Key => *pending = key(node, seen, out),
                    Pending::ValueOf(key) => {
                        node.head = key.span;
                        entries.push(Entry { key, value: node });
                    }
                    Pending::Dropped { .. } => {}
                }
            }
        }
    }

    fn is_quiet(&self) -> bool {
        let Some(Frame::Map { pending, .. }) = self.open.last() else { return false };
        matches!(pending, Pending::Dropped { quiet: true })
    }

    /// Refuses what stands before a value.
    fn properties(&self, anchor: usize, tag: bool, span: Span, out: &mut Diagnostics) {
        if anchor != 0 {
            let place = self.property('&', span);
            let message = "anchors are not part of the scenario format";
            out.push(
                Diagnostic::error(Code::Anchor, place, message, "an anchor")
                    .help("write the value where it is needed"),
            );
        }
        if tag {
            let place = self.property('!', span);
            let message = "tags are not part of the scenario format";
            out.push(
                Diagnostic::error(Code::Tag, place, message, "a tag")
                    .help("remove it, or quote the text if the `!` belongs to it"),
            );
        }
    }

    /// The place of the anchor or tag of a value: where the value starts, or before that.
    fn property(&self, mark: char, value: Span) -> Span {
        let at = self.text.floor_char_boundary(value.start().saturating_sub(self.base));
        let from = self.text.floor_char_boundary(at.saturating_sub(PROPERTY_WINDOW_BYTES));
        let here = self.text.get(at..).is_some_and(|rest| rest.starts_with(mark));
        let before = self.text.get(from..at).unwrap_or_default();
        let start = if here { Some(at) } else { before.rfind(mark).map(|found| from + found) };
        let Some(start) = start else { return value };
        let rest = self.text.get(start..).unwrap_or_default();
        let len = rest.find([' ', '\n', '\r', ',', ']', '}']).unwrap_or(rest.len());
        Span::new(self.base + start, self.base + start + len)
    }
}

impl Frame {
    /// The finished value. `end` is where its closing bracket stands, or empty without one.
    fn into_node(self, end: Span, whole: bool) -> Node {
        let (start, last, head, value) = match self {
            Self::List { start, items } => {
                let last = items.last().map(|i| i.span.end());
                let head = items.first().map(|i| i.head);
                (start, last, head, Value::List { items, whole })
            }
            Self::Map { start, entries, .. } => {
                let last = entries.last().map(|e| e.value.span.end().max(e.key.span.end()));
                let head = entries.first().map(|e| e.key.span);
                (start, last, head, Value::Map { entries, whole })
            }
        };
        // A block has no closing bracket: it ends with its last value, not with the next word.
        let stop = if end.is_empty() { last.unwrap_or(start.end()) } else { end.end() };
        let span = Span::new(start.start(), stop);
        Node { span, head: head.unwrap_or(span), origin: None, value }
    }
}

fn key(node: Node, seen: &mut BTreeMap<String, Span>, out: &mut Diagnostics) -> Pending {
    let span = node.span;
    let nothing = node.is_nothing();
    let Value::Scalar(Scalar { text, plain }) = node.value else {
        if node.value != Value::Refused {
            let message = "a key must be one word, not a list or a mapping";
            out.push(Diagnostic::error(Code::BadKey, span, message, "not a word"));
        }
        return Pending::Dropped { quiet: false };
    };
    if plain && text == "<<" {
        let message = "merge keys are not part of the scenario format";
        out.push(
            Diagnostic::error(Code::MergeKey, span, message, "a merge key")
                .help("write the keys where they are needed"),
        );
        return Pending::Dropped { quiet: true };
    }
    if nothing {
        let message = "there is no word before the `:`";
        out.push(Diagnostic::error(Code::BadKey, span, message, "a key is missing"));
        return Pending::Dropped { quiet: false };
    }
    if let Some(first) = seen.get(&text) {
        let message = format!("the key {} stands twice", quoted(&text));
        out.push(
            Diagnostic::error(Code::DuplicateKey, span, message, "again")
                .and(*first, "first here")
                .help("keep one of the two"),
        );
        return Pending::Dropped { quiet: false };
    }
    seen.insert(text.clone(), span);
    Pending::ValueOf(Spanned::new(text, span))
}

fn alias(span: Span) -> Diagnostic {
    let message = "aliases are not part of the scenario format";
    Diagnostic::error(Code::Alias, span, message, "an alias")
        .help("write the value where it is needed, or quote the text if the `*` belongs to it")
}
