//! What can be said about a file before it is read as YAML: its size, its encoding, characters
//! that cannot be seen, and tabs.

use super::MAX_FILE_BYTES;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::span::Span;

/// Some editors begin a file with it; it is not part of the text.
pub(super) const BYTE_ORDER_MARK: char = '\u{feff}';

/// The text of the file; nothing if there is none that can be shown.
pub(super) fn decode(bytes: &[u8], out: &mut Diagnostics) -> String {
    if bytes.len() > MAX_FILE_BYTES {
        let (size, limit) = (bytes.len(), MAX_FILE_BYTES);
        let message = format!("the file has {size} bytes; the limit is {limit}");
        out.push(
            Diagnostic::file_error(Code::FileTooLarge, message)
                .help("split it into several scenarios, or use a `matrix` for the cases"),
        );
        return String::new();
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        let message = "the file is UTF-16, not UTF-8";
        out.push(Diagnostic::file_error(Code::NotUtf8, message).help("save the file as UTF-8"));
        return String::new();
    }
    match str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(error) => {
            let text = String::from_utf8_lossy(bytes).into_owned();
            let at = error.valid_up_to();
            let end = (at + 1..=at + 4).find(|end| text.is_char_boundary(*end)).unwrap_or(at);
            let byte = bytes.get(at).copied().unwrap_or_default();
            let message = format!("the file is not UTF-8: byte {byte:#04x} at offset {at}");
            out.push(
                Diagnostic::error(Code::NotUtf8, Span::new(at, end), message, "not a character")
                    .help("save the file as UTF-8"),
            );
            text
        }
    }
}

/// Refuses what cannot be seen and tabs before the first word of a line. The answer is the text to
/// parse: of the same length in bytes, with spaces in their places, so that reading goes on and
/// every place stays where it is. A byte order mark must have been cut off before.
pub(super) fn check(text: &str, base: usize, out: &mut Diagnostics) -> String {
    let mut clean = String::with_capacity(text.len());
    let (mut indentation, mut told) = (true, false);
    for (at, c) in text.char_indices() {
        let span = Span::new(base + at, base + at + c.len_utf8());
        if c == '\t' && indentation {
            // One word for each line, however many tabs it has.
            if !told {
                out.push_with(true, || tab(span));
            }
            told = true;
            clean.push(' ');
        } else if is_invisible(c) {
            out.push_with(true, || invisible(c, span));
            clean.push_str(&" ".repeat(c.len_utf8()));
        } else {
            clean.push(c);
        }
        told = told && c != '\n';
        indentation = c == '\n' || (indentation && matches!(c, ' ' | '\t' | '\r'));
    }
    clean
}

fn tab(span: Span) -> Diagnostic {
    Diagnostic::error(Code::Tab, span, "a tab indents this line", "a tab")
        .help("indent with spaces, two for each level")
}

fn invisible(c: char, span: Span) -> Diagnostic {
    let message = format!("invisible character U+{:04X}", u32::from(c));
    Diagnostic::error(Code::InvisibleCharacter, span, message, "cannot be seen").help("remove it")
}

/// Control characters and marks that change the order in which text is shown.
fn is_invisible(c: char) -> bool {
    let breaks = matches!(c, '\n' | '\r' | '\t');
    let marks = matches!(
        c,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
    );
    (c.is_control() && !breaks) || marks
}
