//! The crates that an inference service is made of, as its bill of materials lists them: from what Cargo says about the
//! runtime, `targets/src/inference/crates.json`.
//!
//! The compiler cannot ask Cargo, so the list is committed. `BLESS=1 cargo test` writes it anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use serde::{Deserialize, Serialize};

use crate::conformance::required;
use crate::support::root;

/// What `cargo metadata` prints, of which this much is needed.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<DependencyKind>,
}

#[derive(Deserialize)]
struct DependencyKind {
    /// `None`: an ordinary dependency.
    kind: Option<String>,
}

/// What the file holds: parts of a CycloneDX document, fields in the order in which they are written.
struct Crates {
    components: Vec<Component>,
    dependencies: Vec<Depends>,
}

impl Crates {
    /// A line for each crate, so that a difference is read as easily as that of a lock file.
    fn lines(&self) -> String {
        fn lines<T: Serialize>(items: &[T]) -> String {
            let line = |item: &T| serde_json::to_string(item).expect("JSON");
            items.iter().map(line).collect::<Vec<_>>().join(",\n")
        }
        let (components, dependencies) = (lines(&self.components), lines(&self.dependencies));
        format!("{{\"components\": [\n{components}\n], \"dependencies\": [\n{dependencies}\n]}}\n")
    }
}

#[derive(Serialize)]
struct Component {
    r#type: &'static str,
    #[serde(rename = "bom-ref")]
    bom_ref: String,
    name: String,
    version: String,
    scope: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hashes: Vec<Hash>,
    licenses: Vec<License>,
    #[serde(skip_serializing_if = "Option::is_none")]
    purl: Option<String>,
}

#[derive(Serialize)]
struct Hash {
    alg: &'static str,
    content: String,
}

#[derive(Serialize)]
struct License {
    expression: String,
}

#[derive(Serialize)]
struct Depends {
    r#ref: String,
    #[serde(rename = "dependsOn")]
    depends_on: BTreeSet<String>,
}

/// Where the images run. What other targets need is in the lock file, too, but not in the image.
const TARGET: &str = "x86_64-unknown-linux-musl";

#[test]
fn conformance_with_the_lock_file_of_the_services() {
    let workspace = root().join("targets/runtime");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(&workspace).args(["metadata", "--locked", "--format-version=1", "--filter-platform", TARGET]);
    if !required() {
        // The sources of the crates may not be here, and it is no time to fetch them.
        cargo.arg("--offline");
    }
    let said = cargo.output().expect("cargo runs");
    if !said.status.success() {
        let why = String::from_utf8_lossy(&said.stderr);
        assert!(!required(), "{why}");
        println!("SKIPPED cargo metadata: {why}");
        return;
    }
    let metadata: Metadata = serde_json::from_slice(&said.stdout).expect("metadata");
    let lock = fs::read_to_string(workspace.join("Cargo.lock")).expect("a lock file");
    let fresh = crates(&metadata, &checksums(&lock)).lines();
    let path = root().join("targets/src/inference/crates.json");
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &fresh).expect("written");
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == fresh, "crates.json is stale: run `BLESS=1 cargo test` and read the difference");
}

/// The SHA-256 of every crate in a lock file, by name and version.
fn checksums(lock: &str) -> BTreeMap<(String, String), String> {
    let entry = |entry: &str| {
        let value = |key: &str| {
            let line = entry.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = "));
            line.map(|value| value.trim_matches('"').to_owned())
        };
        Some(((value("name")?, value("version")?), value("checksum")?))
    };
    lock.split("[[package]]").filter_map(entry).collect()
}

/// Everything that the runtime needs: `required` what is linked, `excluded` what runs when it is built only.
fn crates(metadata: &Metadata, checksums: &BTreeMap<(String, String), String>) -> Crates {
    let packages: BTreeMap<&str, &Package> = metadata.packages.iter().map(|p| (p.id.as_str(), p)).collect();
    let nodes: BTreeMap<&str, &Node> = metadata.resolve.nodes.iter().map(|n| (n.id.as_str(), n)).collect();
    let runtime = metadata.packages.iter().find(|p| p.name == "windlass-runtime").expect("the runtime");
    let is_macro = |id: &str| packages[id].targets.iter().any(|target| target.kind.iter().any(|k| k == "proc-macro"));
    // Reached by way of ordinary dependencies alone, and by way of those of build scripts and macros as well.
    let reached = |linked: bool| {
        let (mut reached, mut todo) = (BTreeSet::new(), vec![runtime.id.as_str()]);
        while let Some(id) = todo.pop() {
            if !reached.insert(id) {
                continue;
            }
            let needed = |kind: &DependencyKind| match kind.kind.as_deref() {
                None => true,
                Some(kind) => kind == "build" && !linked,
            };
            let needs = nodes[id].deps.iter().filter(|dep| dep.dep_kinds.iter().any(needed));
            todo.extend(needs.map(|dep| dep.pkg.as_str()).filter(|id| !linked || !is_macro(id)));
        }
        reached
    };
    let (linked, all) = (reached(true), reached(false));
    let reference = |package: &Package| match package.id == runtime.id {
        true => package.name.clone(),
        false => format!("pkg:cargo/{}@{}", package.name, package.version),
    };
    let component = |id: &&str| {
        let package = packages[*id];
        let checksum = checksums.get(&(package.name.clone(), package.version.clone()));
        let license = package.license.as_ref().unwrap_or_else(|| panic!("{} has no license", package.name));
        Component {
            r#type: "library",
            bom_ref: reference(package),
            name: package.name.clone(),
            version: package.version.clone(),
            scope: if linked.contains(id) { "required" } else { "excluded" },
            hashes: checksum.map(|sum| Hash { alg: "SHA-256", content: sum.clone() }).into_iter().collect(),
            // Before SPDX expressions, crates wrote a slash for `OR`.
            licenses: vec![License { expression: license.replace(" / ", "/").replace('/', " OR ") }],
            purl: checksum.map(|_| reference(package)),
        }
    };
    let depends = |id: &&str| {
        let needs = nodes[*id].deps.iter().filter(|dep| all.contains(dep.pkg.as_str()));
        let needs = needs.filter(|dep| dep.dep_kinds.iter().any(|kind| kind.kind.as_deref() != Some("dev")));
        let depends_on = needs.map(|dep| reference(packages[dep.pkg.as_str()])).collect();
        Depends { r#ref: reference(packages[*id]), depends_on }
    };
    let mut components: Vec<Component> = all.iter().map(component).collect();
    components.sort_by(|a, b| a.bom_ref.cmp(&b.bom_ref));
    let mut dependencies: Vec<Depends> = all.iter().map(depends).collect();
    dependencies.sort_by(|a, b| a.r#ref.cmp(&b.r#ref));
    Crates { components, dependencies }
}
