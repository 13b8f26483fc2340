//! A file: its text, what is wrong with it, and its cases.

use crate::diagnostic::{Diagnostics, Source};
use crate::grammar::ScenarioDoc;
use crate::lower::{Scenario, lower};
use crate::matrix::{Case, Matrix};
use crate::read::Read;
use crate::syntax::{Node, Value, parse};
use crate::traces::Traces;

/// A file that was read and checked, with all its cases.
#[derive(Clone, Debug)]
pub struct ScenarioFile {
    source: Source,
    diagnostics: Diagnostics,
    traces: Traces,
    /// INVARIANT: nothing if the diagnostics hold an error.
    body: Option<(Node, Matrix)>,
}

impl ScenarioFile {
    /// Reads a file and every case of it. Whatever is wrong is in the diagnostics.
    pub fn read(name: &str, bytes: &[u8]) -> Self {
        Self::read_with(name, bytes, Traces::default())
    }
    /// The same with traces of the caller's beside those that come with the format.
    pub fn read_with(name: &str, bytes: &[u8], traces: Traces) -> Self {
        let (source, root, mut diagnostics) = parse(name, bytes);
        let body = root.and_then(|root| check(root, &traces, &mut diagnostics));
        let body = body.filter(|_| !diagnostics.has_errors());
        Self { source, diagnostics, traces, body }
    }
    /// The text of the file, for showing diagnostics.
    pub fn source(&self) -> &Source {
        &self.source
    }
    /// What is wrong with it.
    pub fn diagnostics(&self) -> &Diagnostics {
        &self.diagnostics
    }
    /// The number of cases; none if the file cannot be used.
    pub fn cases(&self) -> usize {
        self.body.as_ref().map_or(0, |(_, matrix)| matrix.len())
    }
    /// A case, ready to run.
    pub fn case(&self, index: usize) -> Option<Scenario> {
        let (root, matrix) = self.body.as_ref()?;
        let case = matrix.case(index)?;
        let name = format!("{}{}", stem(self.source.name()), case.suffix());
        // Everything that could be wrong with it was reported when the file was read.
        read(&name, &case.apply(root), &self.traces, &mut Diagnostics::new())
    }
    /// The document of a case as it was read.
    pub fn document(&self, index: usize) -> Option<ScenarioDoc> {
        let (root, matrix) = self.body.as_ref()?;
        ScenarioDoc::read(&matrix.case(index)?.apply(root), &mut Diagnostics::new())
    }
}

fn check(root: Node, traces: &Traces, out: &mut Diagnostics) -> Option<(Node, Matrix)> {
    if !matches!(root.value, Value::Map { .. }) {
        let _ = ScenarioDoc::read(&root, out);
        return None;
    }
    let Some(matrix) = Matrix::read(&root, out) else {
        let _ = read("", &Case::blank(&root), traces, out);
        return None;
    };
    for index in 0..matrix.len() {
        let Some(case) = matrix.case(index).filter(|_| !out.is_full()) else { break };
        let mut found = Diagnostics::new();
        let _ = read("", &case.apply(&root), traces, &mut found);
        out.append(found);
    }
    Some((root, matrix))
}

/// Reads and lowers one case.
fn read(name: &str, root: &Node, traces: &Traces, out: &mut Diagnostics) -> Option<Scenario> {
    let before = out.errors();
    let document = ScenarioDoc::read(root, out)?;
    let scenario = lower(name, &document, traces, out);
    scenario.filter(|_| out.errors() == before)
}

/// The name of a file without its folders and its `.scenario.yaml`.
fn stem(name: &str) -> &str {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let stem = file.strip_suffix(".yaml").or_else(|| file.strip_suffix(".yml")).unwrap_or(file);
    stem.strip_suffix(".scenario").unwrap_or(stem)
}
