//! Expressions with the values that HashiCorp's implementation gives them, and what windlass makes of them.
//!
//! Each case in `tests/agreement/*.txt` is a line `--- name`, an expression, and a line `=>` with its value as JSON, or
//! `error`. Where windlass differs, a line `!!` follows, with a heading of `schemas/reference/differences.md` in
//! brackets and the value that windlass gives.

use std::fs;

use serde_json::Value as Json;
use windlass::evaluate::{Inputs, evaluate};
use windlass::modules::Folders;
use windlass::parse::parse;
use windlass_schemas::diagnostic::Diagnostics;
use windlass_schemas::source::Sources;
use windlass_schemas::value::{Value, ValueKind};

use crate::support::{Folder, root};

struct Case {
    name: String,
    expression: String,
    /// `None` for an error.
    theirs: Option<Json>,
    /// The heading of a listed difference, and our value.
    differs: Option<(String, Option<Json>)>,
}

#[test]
fn with_hashicorp() {
    let folder = root().join("tests/agreement");
    let locals = fs::read_to_string(folder.join("locals.hcl")).expect("the locals");
    let listed = fs::read_to_string(root().join("schemas/reference/differences.md")).expect("the differences");
    let mut paths: Vec<_> = fs::read_dir(&folder).expect("the cases").flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    paths.sort();
    let (mut count, mut same, mut wrong) = (0, 0, Vec::new());
    for path in paths {
        let text = fs::read_to_string(&path).expect("a file of cases");
        for case in cases(&text) {
            count += 1;
            let ours = value(&locals, &case.expression);
            same += usize::from(ours == case.theirs);
            let shown = |value: &Option<Json>| value.as_ref().map_or("error".to_owned(), Json::to_string);
            let told = format!("{}: {}", path.file_name().unwrap_or_default().display(), case.name);
            match &case.differs {
                None if ours != case.theirs => {
                    wrong.push(format!("{told}\n  ours   {}\n  theirs {}", shown(&ours), shown(&case.theirs)));
                }
                Some(_) if ours == case.theirs => wrong.push(format!("{told}\n  is said to differ, and agrees")),
                Some((_, expected)) if ours != *expected => {
                    wrong.push(format!("{told}\n  ours   {}\n  listed {}", shown(&ours), shown(expected)));
                }
                Some((heading, _)) if !listed.contains(&format!("| {heading} |")) => {
                    wrong.push(format!("{told}\n  differences.md has no line `{heading}`"));
                }
                _ => {}
            }
        }
    }
    println!("agreement: {same} of {count}, {:.1} %", 100.0 * same as f64 / count as f64);
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count >= 500 && same * 100 >= count * 99, "{same} of {count} agree");
}

fn cases(text: &str) -> Vec<Case> {
    let parsed = |text: &str| match text {
        "error" => None,
        json => Some(serde_json::from_str(json).unwrap_or_else(|error| panic!("{json}: {error}"))),
    };
    let case = |part: &str| {
        let (name, rest) = part.split_once('\n').expect("a name");
        let (expression, verdict) = rest.rsplit_once("\n=> ").unwrap_or_else(|| panic!("{name} has no value"));
        let (theirs, rest) = verdict.split_once('\n').unwrap_or((verdict, ""));
        let differs = rest.trim().strip_prefix("!! [").map(|rest| {
            let (heading, ours) = rest.split_once("] ").expect("a heading and a value");
            (heading.to_owned(), parsed(ours))
        });
        Case { name: name.to_owned(), expression: expression.to_owned(), theirs: parsed(theirs), differs }
    };
    text.split("\n--- ").skip(1).map(case).collect()
}

/// The value that windlass gives; `None` for an error.
fn value(locals: &str, expression: &str) -> Option<Json> {
    let sources = Sources::default();
    let mut diags = Diagnostics::default();
    let bodies: Vec<_> = [locals, &format!("block {{\n  x = {expression}\n}}\n")]
        .into_iter()
        .map(|text| {
            let file = sources.add("main.hcl", text);
            (file, parse(&sources, file, &mut diags))
        })
        .collect();
    let files = Folder(root().join("tests/agreement"));
    let evaluated = evaluate(&sources, &Folders::root(bodies), &Inputs::default(), &files, &mut diags);
    if diags.failed() {
        return None;
    }
    Some(json(evaluated.blocks.first()?.get("x")?))
}

fn json(value: &Value) -> Json {
    match &value.kind {
        ValueKind::Null => Json::Null,
        ValueKind::Bool(value) => Json::from(*value),
        ValueKind::Number(number) => serde_json::from_str(&number.to_string()).expect("a number"),
        ValueKind::String(text) => Json::from(text.as_str()),
        ValueKind::List(items) => items.iter().map(json).collect(),
        ValueKind::Object(entries) => entries.iter().map(|(key, value)| (key.value.clone(), json(value))).collect(),
        other => panic!("no value: {other:?}"),
    }
}
