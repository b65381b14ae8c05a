//! The compiler's table of operators names just those that the engine has.

use std::collections::BTreeSet;
use std::path::Path;

use windlass_runtime::operators;

#[test]
fn the_compilers_table_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../compiler/src/models/operators.txt");
    let table = std::fs::read_to_string(path).unwrap();
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    let name = |line: &str| line.split(' ').next().unwrap().rsplit(':').next().unwrap().to_owned();
    let listed: BTreeSet<String> = lines.map(name).collect();
    let known: BTreeSet<String> = operators::engine().op_register.0.keys().cloned().collect();
    let missing: Vec<&String> = known.difference(&listed).collect();
    let gone: Vec<&String> = listed.difference(&known).collect();
    assert!(missing.is_empty() && gone.is_empty(), "add to operators.txt: {missing:?}; take out: {gone:?}");
}
