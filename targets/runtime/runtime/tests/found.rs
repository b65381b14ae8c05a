//! What fuzzing starts from and what it found: each case in `fuzz/seeds` and `fuzz/found` is held to what must hold of any bytes.

use std::path::Path;

#[path = "../../fuzz/checks.rs"]
mod checks;

#[test]
fn every_case_stays_mended() {
    let mut seen = 0;
    for folder in ["seeds", "found"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz").join(folder);
        for target in std::fs::read_dir(folder).unwrap() {
            let target = target.unwrap();
            let check = match target.file_name().to_str() {
                Some("rest") => checks::rest,
                Some("grpc") => checks::grpc,
                Some("http") => checks::http,
                Some("files") => checks::files,
                other => panic!("{other:?} is no target"),
            };
            for case in std::fs::read_dir(target.path()).unwrap() {
                let case = case.unwrap().path();
                println!("{}", case.display());
                check(&std::fs::read(&case).unwrap());
                seen += 1;
            }
        }
    }
    assert!(seen > 20);
}
