//! What holds for every function of the language.

use std::collections::BTreeSet;
use std::fs;

use windlass::evaluate::functions;

use crate::support::{compile, root};

/// Computed by Step Functions, too, when something about their arguments is known.
const CONDITIONAL: &[(&str, &str)] = &[
    ("chunklist", "the type of the elements is not known"),
    ("distinct", "the type of the elements is not known"),
    ("format", "the format must be known when compiling"),
    ("parseint", "only decimals are read"),
    ("regex", "the pattern must be known when compiling"),
    ("regexall", "the pattern must be known when compiling"),
    ("tolist", "the type of the elements is not known"),
    ("tomap", "the type of the values is not known"),
    ("trim", "the characters must be known when compiling"),
];

/// Functions that no value of Terraform's can be held against: it has other bytes, or no such function.
const WITHOUT_COUNTERPART: &[&str] = &["base64gzip", "cidrcontains"];

#[test]
fn names_are_unique_and_described() {
    let mut names = BTreeSet::new();
    for group in functions::GROUPS {
        let sorted: BTreeSet<_> = group.functions.iter().map(|function| function.name).collect();
        assert!(sorted.into_iter().eq(group.functions.iter().map(|function| function.name)), "{}", group.title);
        for function in group.functions {
            assert!(names.insert(function.name), "{} is there twice", function.name);
            assert!(function.doc.ends_with('.') && !function.doc.contains('\n'), "{}", function.name);
        }
    }
    assert!(names.len() > 110, "{}", names.len());
}

#[test]
fn each_is_held_against_terraform() {
    let folder = root().join("tests/agreement");
    let cases: String = fs::read_dir(folder)
        .expect("the cases")
        .flatten()
        .filter(|entry| entry.path().extension().is_some_and(|extension| extension == "txt"))
        .map(|entry| fs::read_to_string(entry.path()).expect("cases"))
        .collect();
    for function in functions::all() {
        let shown = cases.contains(&format!("{}(", function.name));
        assert_eq!(shown, !WITHOUT_COUNTERPART.contains(&function.name), "{}", function.name);
    }
}

/// A function that a running workflow cannot compute, of a value known only there, is an error at its name.
#[test]
fn what_cannot_run_later_is_refused() {
    let carried = windlass_targets::stepfunctions::jsonata::functions::names();
    for function in functions::all() {
        let count = function.params.iter().filter(|param| !param.ends_with('?')).count();
        let call = format!("{}({})", function.name, vec!["input.x"; count].join(", "));
        let spec = format!(
            r#"
project "demo" {{}}
platform "aws" {{
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}}
channel "oncall" {{
  email = "oncall@example.com"
}}
workflow "assess" {{
  input "x" {{
    type = any
  }}
  stage "tell" {{
    notify  = channel.oncall
    message = jsonencode([{call}])
  }}
}}
"#
        );
        let outcome = compile(&[("main.hcl", &spec)], None, &root());
        let found: Vec<_> = outcome.found.iter().map(|finding| (finding.code.name, finding.message.as_str())).collect();
        if let Some((_, why)) = CONDITIONAL.iter().find(|(name, _)| *name == function.name) {
            let [("unsupported-expression", message)] = found.as_slice() else { panic!("{call}: {found:?}") };
            assert!(message.contains(why) && carried.contains(&function.name), "{call}: {message}");
            continue;
        }
        if carried.contains(&function.name) {
            let refused = found.iter().any(|(code, _)| *code == "unsupported-expression" || *code == "known-later");
            assert!(!refused, "{call}: {found:?}");
            continue;
        }
        let [(code, message)] = found.as_slice() else { panic!("{call}: {found:?}") };
        assert!(["unsupported-expression", "known-later"].contains(code), "{call}: {found:?}");
        assert!(message.contains(function.name), "{call}: {message}");
    }
}
