//! Drives the YAML parser and hands its events to the builder of the tree.

use super::build::{Builder, Flow};
use super::{Node, characters, error};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Source};
use crate::span::Span;
use saphyr_parser::{Marker, Parser};

/// Reads a file. The tree is what could be read: mappings and lists that were cut off by a mistake
/// say so, and the diagnostics say why.
pub fn parse(name: &str, bytes: &[u8]) -> (Source, Option<Node>, Diagnostics) {
    let mut out = Diagnostics::new();
    let text = characters::decode(bytes, &mut out);
    let source = Source::new(name, text);
    if out.has_errors() && source.text().is_empty() {
        return (source, None, out);
    }
    let body = source.text().strip_prefix(characters::BYTE_ORDER_MARK);
    let (body, base) =
        body.map_or((source.text(), 0), |rest| (rest, characters::BYTE_ORDER_MARK.len_utf8()));
    let clean = characters::check(body, base, &mut out);
    let root = tree(&clean, base, &mut out);
    if root.is_none() && !out.has_errors() {
        let message = "the file holds nothing";
        out.push(
            Diagnostic::file_error(Code::EmptyFile, message)
                .help("a scenario begins with `scenario:` and a title"),
        );
    }
    (source, root, out)
}

fn tree(text: &str, base: usize, out: &mut Diagnostics) -> Option<Node> {
    let offsets = Offsets::new(text, base);
    let mut builder = Builder::new(text, base);
    let mut parser = Parser::new_from_str(text);
    // Each event consumes text or closes what an earlier one opened, and the depth is bounded; so
    // this bound is out of reach of a file within its size unless the parser stands still.
    let most = text.len().saturating_mul(4).saturating_add(64);
    for _ in 0..most {
        let flow = match parser.next_event() {
            None => break,
            Some(Ok((event, span))) => {
                let span = Span::new(offsets.byte(span.start), offsets.byte(span.end));
                builder.event(event, span, out)
            }
            Some(Err(scan)) => {
                if !error::is_explained(out) {
                    let at = offsets.byte(*scan.marker());
                    out.push(error::diagnostic(&scan, at, builder.innermost(), text, base));
                }
                Flow::Stop
            }
        };
        if flow == Flow::Stop {
            break;
        }
    }
    builder.finish()
}

/// From the parser's places, which count characters, to bytes of the file.
struct Offsets {
    base: usize,
    len: usize,
    /// The byte of each character; empty if every character is one byte.
    bytes: Vec<u32>,
}

impl Offsets {
    fn new(text: &str, base: usize) -> Self {
        let wide = !text.is_ascii();
        let bytes = text.char_indices().filter(|_| wide).filter_map(|(at, _)| at.try_into().ok());
        Self { base, len: text.len(), bytes: bytes.collect() }
    }
    fn byte(&self, mark: Marker) -> usize {
        let at = if self.bytes.is_empty() {
            mark.index().min(self.len)
        } else {
            let byte = self.bytes.get(mark.index()).copied();
            byte.and_then(|b| usize::try_from(b).ok()).unwrap_or(self.len)
        };
        self.base + at
    }
}
