//! Diagnostics as text. The caller chooses form, colour and width; nothing here asks the
//! environment, so the same input gives the same bytes.

use super::{Diagnostic, Diagnostics, Label, Severity, Source};
use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, NarratableReportHandler, SourceCode,
};
use serde_json::{Value, json};
use std::fmt::{self, Write};

/// How diagnostics are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Underlined text with box drawing characters.
    Graphical,
    /// Underlined text in ASCII.
    Ascii,
    /// Sentences, for screen readers.
    Narrated,
    /// One line each: file, line, column, severity, message, help.
    Line,
    /// One JSON object.
    Json,
}

/// How diagnostics are rendered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RenderOptions {
    /// The form.
    pub form: Form,
    /// Whether the underlined forms use colour.
    pub color: bool,
    /// The width to which messages are wrapped in the underlined forms.
    pub width: usize,
}

/// Writes all diagnostics of one file, in the order of the file.
pub fn render(source: &Source, diagnostics: &Diagnostics, options: RenderOptions) -> String {
    if options.form == Form::Json {
        return json_text(source, diagnostics);
    }
    let mut out = String::new();
    for diagnostic in diagnostics.sorted() {
        let report = Report { source, diagnostic };
        let written = match options.form {
            Form::Narrated => NarratableReportHandler::new().render_report(&mut out, &report),
            Form::Line => line(&mut out, source, diagnostic),
            Form::Graphical | Form::Ascii | Form::Json => {
                graphical(options).render_report(&mut out, &report)
            }
        };
        // Writing to a string does not fail; were it to, the message itself is what matters.
        if written.is_err() {
            out.push_str(&diagnostic.message);
            out.push('\n');
        }
    }
    if diagnostics.more() > 0 {
        out.push_str(&format!("… and {} more\n", diagnostics.more()));
    }
    out
}

fn graphical(options: RenderOptions) -> GraphicalReportHandler {
    let theme = match (options.form, options.color) {
        (Form::Ascii, true) => GraphicalTheme {
            characters: miette::ThemeCharacters::ascii(),
            styles: miette::ThemeStyles::ansi(),
        },
        (Form::Ascii, false) => GraphicalTheme::none(),
        (_, true) => GraphicalTheme {
            characters: miette::ThemeCharacters::unicode(),
            styles: miette::ThemeStyles::ansi(),
        },
        (_, false) => GraphicalTheme::unicode_nocolor(),
    };
    GraphicalReportHandler::new_themed(theme).with_width(options.width).with_links(false)
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn line(out: &mut String, source: &Source, diagnostic: &Diagnostic) -> fmt::Result {
    write!(out, "{}", source.name())?;
    if let Some(label) = &diagnostic.label {
        let (line, column) = source.line_and_column(label.span.start());
        write!(out, ":{line}:{column}")?;
    }
    let (severity, code) = (word(diagnostic.severity), diagnostic.code);
    write!(out, ": {severity}[{code}]: {}", diagnostic.message)?;
    if let Some(help) = &diagnostic.help {
        write!(out, "; {help}")?;
    }
    writeln!(out)
}

fn json_text(source: &Source, diagnostics: &Diagnostics) -> String {
    let list: Vec<Value> = diagnostics.sorted().iter().map(|d| json_one(source, d)).collect();
    let all = json!({
        "version": 1,
        "file": source.name(),
        "diagnostics": list,
        "more": diagnostics.more(),
    });
    format!("{all}\n")
}

fn json_one(source: &Source, diagnostic: &Diagnostic) -> Value {
    let place = |label: &Label| {
        let (line, column) = source.line_and_column(label.span.start());
        let (end_line, end_column) = source.line_and_column(label.span.end());
        json!({
            "offset": label.span.start(),
            "length": label.span.len(),
            "line": line,
            "column": column,
            "end_line": end_line,
            "end_column": end_column,
            "text": label.text,
        })
    };
    json!({
        "severity": word(diagnostic.severity),
        "code": diagnostic.code.as_str(),
        "message": diagnostic.message,
        "label": diagnostic.label.as_ref().map(place),
        "second": diagnostic.second.as_ref().map(place),
        "help": diagnostic.help,
    })
}

/// One diagnostic with its file, as the renderer wants it.
#[derive(Debug)]
struct Report<'a> {
    source: &'a Source,
    diagnostic: &'a Diagnostic,
}

impl Report<'_> {
    fn span(&self, label: &Label, primary: bool) -> LabeledSpan {
        let span = self.source.shown(label.span);
        let text = Some(label.text.clone());
        if primary {
            LabeledSpan::new_primary_with_span(text, span)
        } else {
            LabeledSpan::new_with_span(text, span)
        }
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.diagnostic.message)
    }
}

impl std::error::Error for Report<'_> {}

impl miette::Diagnostic for Report<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.diagnostic.code))
    }
    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.diagnostic.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        })
    }
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let help = self.diagnostic.help.as_ref()?;
        Some(Box::new(help))
    }
    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.diagnostic.label.as_ref()?;
        Some(self.source)
    }
    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let first = self.diagnostic.label.as_ref()?;
        let second = self.diagnostic.second.as_ref().map(|label| self.span(label, false));
        Some(Box::new(std::iter::once(self.span(first, true)).chain(second)))
    }
}
