//! The examples compile to exactly what is committed beside them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{root, windlass};

/// Every example with the environment that its `out/` was compiled for.
pub const EXAMPLES: &[(&str, &str)] = &[("batch-scoring", "prod"), ("fraud-risk", "prod"), ("tenants", "prod")];

/// The targets that an example's `out/` was compiled for; none: all. One emitted runtime is enough to look at.
fn targets(example: &str) -> &'static [&'static str] {
    match example {
        "batch-scoring" => &["cloudformation", "cloudwatch", "kubernetes", "stepfunctions"],
        _ => &[],
    }
}

/// Every file below a folder with its bytes, by relative path.
pub fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(&at).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = fs::read(&path).expect("a file");
                files.insert(path.strip_prefix(folder).expect("inside").to_owned(), bytes);
            }
        }
    }
    files
}

#[test]
fn examples_give_what_is_committed() {
    for (example, environment) in EXAMPLES {
        let folder = root().join("examples").join(example);
        let golden = folder.join("out");
        let out = tempfile::tempdir().expect("a folder");
        let target = if std::env::var_os("BLESS").is_some() { golden.clone() } else { out.path().to_owned() };
        let arguments = ["compile", folder.to_str().expect("text"), "--env", environment];
        let targets: Vec<&str> = targets(example).iter().flat_map(|target| ["--target", target]).collect();
        let done = windlass(&[&arguments[..], &["--out", target.to_str().expect("text")], &targets].concat());
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let (golden, got) = (tree(&golden), tree(&target));
        let paths = |tree: &BTreeMap<PathBuf, Vec<u8>>| tree.keys().cloned().collect::<Vec<_>>();
        assert_eq!(paths(&golden), paths(&got));
        for (path, bytes) in &golden {
            assert!(got[path] == *bytes, "{example}: {} differs from what is committed", path.display());
        }
    }
}

#[test]
fn every_environment_checks_silently() {
    for (example, _) in EXAMPLES {
        let folder = root().join("examples").join(example);
        for environment in ["staging", "prod"] {
            let done = windlass(&["check", folder.to_str().expect("text"), "--env", environment]);
            assert_eq!(done.status.code(), Some(0));
            assert!(done.stdout.is_empty() && done.stderr.is_empty(), "{}", String::from_utf8_lossy(&done.stderr));
        }
    }
}
