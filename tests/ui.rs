//! `tests/ui/<pass>/*.hcl`: a spec, and below it, behind `#>`, exactly what is said about it.
//!
//! `BLESS=1 cargo test` writes what is said now; read the difference before it is committed.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use windlass_schemas::codes::CODES;

use crate::support::{compile, root};

/// Every spec of the `ui` tree.
pub fn specs() -> Vec<PathBuf> {
    let folders = fs::read_dir(root().join("tests/ui")).expect("tests/ui").map(|entry| entry.expect("an entry").path());
    folders.filter(|path| path.is_dir()).flat_map(|folder| specs_in(&folder)).collect()
}

/// The specs of `regrets`: what is said about them should be better.
fn regrets() -> Vec<PathBuf> {
    specs_in(&root().join("tests/regrets"))
}

fn specs_in(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "hcl"))
        .collect();
    found.sort();
    found
}

/// The spec without its verdict, and the verdict.
fn split(text: &str) -> (String, String) {
    let (verdict, spec): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| line.starts_with("#>"));
    let verdict =
        verdict.iter().map(|line| line.trim_start_matches("#>").strip_prefix(' ').unwrap_or("").to_owned() + "\n");
    let mut spec = spec.join("\n");
    spec.truncate(spec.trim_end().len());
    (spec + "\n", verdict.collect())
}

fn verdict_of(path: &Path, spec: &str) -> (String, Vec<&'static str>) {
    let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
    // Model files stand in one place for all.
    let outcome = compile(&[(name, spec)], None, &root().join("tests/ui"));
    (outcome.drawn(), outcome.codes())
}

#[test]
fn every_spec_gets_its_verdict() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut wrong = String::new();
    for path in specs().into_iter().chain(regrets()) {
        let text = fs::read_to_string(&path).expect("a spec");
        let (spec, expected) = split(&text);
        let (got, _) = verdict_of(&path, &spec);
        if bless {
            let verdict: String = got.lines().map(|line| format!("#> {line}").trim_end().to_owned() + "\n").collect();
            let blessed = format!("{spec}\n{verdict}");
            if blessed != text {
                fs::write(&path, blessed).expect("written");
            }
        } else if got != expected {
            wrong += &format!("{}\n--- expected\n{expected}--- got\n{got}\n", path.display());
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_code_is_shown() {
    // These concern files and folders, not a spec's text; `bad_input` shows them.
    let shown_elsewhere = ["execution-failed", "not-proven", "not-run", "not-utf8", "output", "spec-unreadable"];
    let shown: BTreeSet<&str> = specs()
        .iter()
        .flat_map(|path| verdict_of(path, &split(&fs::read_to_string(path).expect("a spec")).0).1)
        .chain(shown_elsewhere)
        .collect();
    let hidden: Vec<&str> = CODES.iter().map(|code| code.name).filter(|name| !shown.contains(name)).collect();
    assert!(hidden.is_empty(), "no spec in tests/ui shows {hidden:?}");
}
