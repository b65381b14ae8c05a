//! What must hold of any bytes, for each fuzz target; `tests/found.rs` holds the cases found to it.
#![allow(dead_code, reason = "a fuzz target uses one of these")]

pub mod shape;

use std::collections::BTreeMap;

use windlass::evaluate::{Given, Inputs};
use windlass::format;
use windlass::parse::parse as parse_file;
use windlass::render::{Findings, Style, human};
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::source::Sources;
use windlass_targets::TARGETS;

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

/// Compiling ends, and what it says stands in the text; compiled twice, a spec gives the same.
pub fn evaluate(bytes: &[u8]) {
    let Some(parts) = parts(bytes) else { return };
    let mut parts = parts.into_iter();
    let spec = parts.next().unwrap_or_default();
    // What stands behind the spec are the files beside it.
    let names = ["inner/main.hcl", "inner/deep/main.hcl", "text.tpl", "data.json"];
    let mut files: BTreeMap<String, Vec<u8>> =
        names.iter().zip(parts).map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect();
    files.insert("models/linear.onnx".to_owned(), include_bytes!("../ui/models/linear.onnx").to_vec());
    let given = [Given::Text { name: "a".to_owned(), value: "1".to_owned(), origin: "--var".to_owned() }];
    for (environment, variables) in [(None, &[][..]), (Some("prod"), &given[..])] {
        let compile = || {
            let (sources, mut diags) = (Sources::default(), Diagnostics::default());
            sources.add("main.hcl", spec);
            let inputs = Inputs { environment, variables };
            let compiled =
                windlass::compile(&sources, &inputs, &files, &windlass::engine::NoEngine, TARGETS, &mut diags);
            let found = tell(diags, &sources);
            (compiled.map(|compiled| format!("{:?}", compiled.artifacts())), found)
        };
        assert_eq!(compile(), compile());
    }
}

/// A formatted text means what it meant, loses no comment and no line, and stays as it is when formatted again.
pub fn format(bytes: &[u8]) {
    let Some(sources) = sources(bytes) else { return };
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
        let [one, other] = [file, formatted].map(|file| shape::shape(&parse_file(&sources, file, &mut diags)));
        assert!(diags.is_empty(), "{before}\n---\n{after}\n{diags:?}");
        assert!(one == other, "other meaning\n{before}\n---\n{after}");
        let twice = format::format(&sources, formatted, &mut diags);
        assert_eq!(twice.as_deref(), Some(after.as_str()), "formatted twice\n{before}");
    }
}

/// The texts in the bytes, which a form feed sets apart.
fn parts(bytes: &[u8]) -> Option<Vec<&str>> {
    Some(std::str::from_utf8(bytes).ok()?.split('\x0c').collect())
}

/// The texts in the bytes as the files of a spec.
fn sources(bytes: &[u8]) -> Option<Sources> {
    let sources = Sources::default();
    for (at, text) in parts(bytes)?.into_iter().enumerate() {
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
    human(&Findings { found: &found, sources, strict: false, folder: "", here: "" }, Style::Plain, 100);
    found
}
