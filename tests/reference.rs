//! The reference of the language is what the declarations say.

use crate::support::root;

#[test]
fn the_reference_is_fresh() {
    let path = root().join("schemas/reference.md");
    let fresh = windlass::reference::reference();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &fresh).expect("written");
    }
    let committed = std::fs::read_to_string(&path).expect("schemas/reference.md");
    assert!(committed == fresh, "schemas/reference.md is not fresh: run `BLESS=1 cargo test` and read the difference");
}
