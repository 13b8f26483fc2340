//! Broken files and all that is said about each, as people see it.

use koosim_scenarios::diagnostic::{Form, RenderOptions, render};
use koosim_scenarios::file::ScenarioFile;
use std::path::PathBuf;

const PLAIN: RenderOptions = RenderOptions { form: Form::Graphical, color: false, width: 100 };

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/broken")
}

#[test]
fn every_mistake_of_a_file_is_shown_at_once() {
    let mut names: Vec<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".yaml"))
        .collect();
    names.sort();
    assert!(names.len() >= 20);
    insta::with_settings!({
        snapshot_path => "broken",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        for name in names {
            let bytes = std::fs::read(folder().join(&name)).unwrap();
            let file = ScenarioFile::read(&name, &bytes);
            assert!(file.diagnostics().has_errors(), "{name} is not broken");
            assert_eq!(file.cases(), 0, "{name} has cases although it is broken");
            let text = render(file.source(), file.diagnostics(), PLAIN);
            assert_eq!(text, render(file.source(), file.diagnostics(), PLAIN));
            insta::assert_snapshot!(name.trim_end_matches(".yaml"), text);
        }
    });
}

#[test]
fn the_same_diagnostics_in_every_form() {
    let text = b"scenario: x\nstart: 2024-03-08 15:50:04\naccounts: {}\nsteps: []\nsteps: []\n";
    let file = ScenarioFile::read("forms.yaml", text);
    let show = |form, color| {
        render(file.source(), file.diagnostics(), RenderOptions { form, color, width: 80 })
    };
    insta::with_settings!({
        snapshot_path => "broken",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!("form-graphical", show(Form::Graphical, false));
        insta::assert_snapshot!("form-graphical-color", show(Form::Graphical, true));
        insta::assert_snapshot!("form-ascii", show(Form::Ascii, false));
        insta::assert_snapshot!("form-narrated", show(Form::Narrated, false));
        insta::assert_snapshot!("form-line", show(Form::Line, false));
        insta::assert_snapshot!("form-json", show(Form::Json, false));
    });
}
