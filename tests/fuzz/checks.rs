//! What must hold of any bytes, for each fuzz target; `tests/found.rs` holds the cases found to it.
#![allow(dead_code, reason = "a fuzz target uses one of these")]

use std::io;

use hcl::edit::expr::{Array, FuncArgs, Object};
use hcl::edit::template::{ForDirective, IfDirective};
use hcl::edit::visit_mut::{self, VisitMut};
use windlass::evaluate::Inputs;
use windlass::format;
use windlass::models::Files;
use windlass::parse::parse as parse_file;
use windlass::render::{Style, render};
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::source::Sources;

/// Parsing ends, and what it says stands in the text.
pub fn parse(bytes: &[u8]) {
    let Some(sources) = sources(bytes) else { return };
    let mut diags = Diagnostics::default();
    let ids: Vec<_> = sources.iter().map(|(file, _)| file).collect();
    for file in ids {
        parse_file(&sources, file, &mut diags);
    }
    tell(diags, &sources);
}

/// Compiling ends, and what it says stands in the text; a spec without errors compiles to the same twice.
pub fn evaluate(bytes: &[u8]) {
    let Some(sources) = sources(bytes) else { return };
    for environment in [None, Some("prod")] {
        let compile = || {
            let (mut sources, mut diags) = (sources.clone(), Diagnostics::default());
            let compiled = windlass::compile(&mut sources, &Inputs { environment }, &Nothing, &mut diags);
            let found = tell(diags, &sources);
            (compiled.map(|compiled| format!("{:?}", compiled.artifacts)), found)
        };
        assert_eq!(compile(), compile());
    }
}

/// A formatted text means what it meant, loses no comment and no line, and stays as it is when formatted again.
pub fn format(bytes: &[u8]) {
    let Some(mut sources) = sources(bytes) else { return };
    let files: Vec<_> = sources.iter().map(|(file, source)| (file, source.text.clone())).collect();
    for (file, before) in files {
        let Some(after) = format::format(&sources, file, &mut Diagnostics::default()) else { continue };
        let black = |text: &str| text.split_ascii_whitespace().collect::<String>();
        assert_eq!(black(&before), black(&after), "other characters");
        let lines = |text: &str| text.trim_ascii_end().matches('\n').count();
        assert_eq!(lines(&before), lines(&after), "other lines\n{before}\n---\n{after}");
        assert!(after.is_empty() || after.ends_with('\n'));
        let mut diags = Diagnostics::default();
        let formatted = sources.add("formatted.hcl", after.as_str());
        let mut trees = [file, formatted].map(|file| parse_file(&sources, file, &mut diags));
        assert!(diags.is_empty(), "{before}\n---\n{after}\n{diags:?}");
        trees.iter_mut().for_each(|tree| Bare.visit_body_mut(tree));
        assert!(trees[0] == trees[1], "other meaning\n{before}\n---\n{after}");
        let twice = format::format(&sources, formatted, &mut diags);
        assert_eq!(twice.as_deref(), Some(after.as_str()), "formatted twice\n{before}");
    }
}

/// Takes the white space and comments that count when trees are compared; most do not.
struct Bare;

impl VisitMut for Bare {
    fn visit_array_mut(&mut self, node: &mut Array) {
        node.set_trailing("");
        visit_mut::visit_array_mut(self, node);
    }

    fn visit_object_mut(&mut self, node: &mut Object) {
        node.set_trailing("");
        visit_mut::visit_object_mut(self, node);
    }

    fn visit_func_args_mut(&mut self, node: &mut FuncArgs) {
        node.set_trailing("");
        visit_mut::visit_func_args_mut(self, node);
    }

    fn visit_if_directive_mut(&mut self, node: &mut IfDirective) {
        node.if_expr.set_preamble("");
        if let Some(node) = &mut node.else_expr {
            node.set_preamble("");
            node.set_trailing("");
        }
        node.endif_expr.set_preamble("");
        node.endif_expr.set_trailing("");
        visit_mut::visit_if_directive_mut(self, node);
    }

    fn visit_for_directive_mut(&mut self, node: &mut ForDirective) {
        node.for_expr.set_preamble("");
        node.endfor_expr.set_preamble("");
        node.endfor_expr.set_trailing("");
        visit_mut::visit_for_directive_mut(self, node);
    }
}

/// No file beside the spec.
struct Nothing;

impl Files for Nothing {
    fn read(&self, _: &str) -> io::Result<Vec<u8>> {
        Err(io::ErrorKind::NotFound.into())
    }
}

/// The files of a spec, which stand in the bytes behind each other, set apart by a form feed.
fn sources(bytes: &[u8]) -> Option<Sources> {
    let mut sources = Sources::default();
    for (at, text) in std::str::from_utf8(bytes).ok()?.split('\x0c').enumerate() {
        sources.add(format!("{at}.hcl"), text);
    }
    Some(sources)
}

/// Draws what was found, which wants each place to be in its text.
fn tell(diags: Diagnostics, sources: &Sources) -> Vec<Diagnostic> {
    let found = diags.into_sorted();
    for label in found.iter().flat_map(|diagnostic| &diagnostic.labels) {
        let text = &sources.get(label.span.file).text;
        assert!(text.get(label.span.start as usize..label.span.end as usize).is_some(), "{label:?} is no place");
    }
    render(&found, sources, Style::Plain, 100);
    found
}
