//! x
#[test]
fn dump() {
    for text in ["# c\nscenario: a b\naccounts:\n  acme: { tier: V0, x: [1, 2] }\nsteps:\n  - buy:\n      phone: &a p1\n    at: 'x'\n  - é: !t ö\n", "a:\nb: ${x}", "a: {b: ${x}}", "a: b: c"] {
        let mut p = saphyr_parser::Parser::new_from_str(text);
        while let Some(e) = p.next_event() {
            match e { Ok((e, s)) => println!("{:?} {}..{}", e, s.start.index(), s.end.index()), Err(e) => { println!("ERR {e} {:?}", e.marker()); break } }
        }
        let (source, node, diags) = koosim_scenarios::syntax::parse("x.yaml", text.as_bytes());
        println!("{node:?}");
        use koosim_scenarios::diagnostic::*;
        for form in [Form::Graphical, Form::Ascii, Form::Narrated, Form::Line, Form::Json] {
        println!("{}", render(&source, &diags, RenderOptions{form, color:false, width:80}));
        }
    }
}
