//! What fuzzing found: each case in `tests/fuzz/found/TARGET` is held to what must hold of any bytes.

use std::fs;

use crate::support::root;

#[path = "fuzz/checks.rs"]
pub mod checks;

fn each(target: &str, check: fn(&[u8])) {
    let folder = root().join("tests/fuzz/found").join(target);
    for case in fs::read_dir(folder).expect("a folder") {
        let case = case.expect("an entry").path();
        println!("{}", case.display());
        check(&fs::read(&case).expect("a file"));
    }
}

#[test]
fn parse() {
    each("parse", checks::parse);
}

#[test]
fn evaluate() {
    each("evaluate", checks::evaluate);
}

#[test]
fn format() {
    each("format", checks::format);
}
