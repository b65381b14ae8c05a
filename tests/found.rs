//! What fuzzing found: each case in `tests/fuzz/found/TARGET` is held to what must hold of any bytes.

use std::fs;

use crate::support::root;

#[path = "fuzz/checks.rs"]
pub mod checks;

#[test]
fn every_case_found_stays_mended() {
    for target in fs::read_dir(root().join("tests/fuzz/found")).expect("a folder") {
        let target = target.expect("an entry");
        let check = match target.file_name().to_str() {
            Some("parse") => checks::parse,
            Some("evaluate") => checks::evaluate,
            Some("format") => checks::format,
            other => panic!("{other:?} is no target"),
        };
        for case in fs::read_dir(target.path()).expect("a folder") {
            let case = case.expect("an entry").path();
            println!("{}", case.display());
            check(&fs::read(&case).expect("a file"));
        }
    }
}
