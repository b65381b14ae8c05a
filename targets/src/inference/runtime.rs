//! The runtime's sources, and the workspace around them with its lock file.

use std::borrow::Cow;

use super::digest::Digest;

/// A file of the runtime crate.
pub struct Source {
    /// Its path in the crate.
    pub path: &'static str,
    /// What is in it.
    pub text: &'static str,
    /// 64 hexadecimal digits.
    pub sha256: &'static str,
}

// `SOURCES`, and `DIGESTED`: how far the digest over all of them has come, as the build script found it.
include!(concat!(env!("OUT_DIR"), "/sources.rs"));

/// A digest that has taken the path and the text of every source.
pub fn digested() -> Digest {
    let (state, length, rest) = DIGESTED;
    Digest { state, length, rest: rest.to_owned() }
}

const WORKSPACE: &str = include_str!("../../runtime/Cargo.toml");
const LOCK: &str = include_str!("../../runtime/Cargo.lock");

/// The package of the runtime's own workspace that stands in for generated services.
const SAMPLE: &str = "sample";
/// The package of the runtime as a program, which needs nothing that is not locked for the runtime.
const SERVER: &str = "windlass-server";

/// The workspace's manifest, with these folders as members.
pub fn workspace(members: &[&str]) -> String {
    let members: String = members.iter().map(|member| format!(", \"{member}\"")).collect();
    WORKSPACE.replace(&format!(", \"server\", \"{SAMPLE}\"]"), &format!("{members}]"))
}

/// The workspace's lock file, with these packages in the sample's stead. Cargo wants packages sorted by name.
pub fn lock(packages: impl IntoIterator<Item = String>) -> String {
    const SEPARATOR: &str = "[[package]]\n";
    let mut entries = LOCK.split(SEPARATOR).map(|entry| Cow::Borrowed(entry.trim_end()));
    let head = entries.next().unwrap_or_default();
    fn name(entry: &str) -> &str {
        entry.lines().next().unwrap_or_default()
    }
    let own = [SAMPLE, SERVER].map(|package| format!("name = \"{package}\""));
    let mut entries: Vec<Cow<str>> = entries.filter(|entry| !own.iter().any(|own| own == name(entry))).collect();
    entries.extend(packages.into_iter().map(|package| {
        let needs = "dependencies = [\n \"windlass-runtime\",\n]";
        Cow::Owned(format!("name = \"{package}\"\nversion = \"0.1.0\"\n{needs}"))
    }));
    entries.sort_by(|a, b| name(a).cmp(name(b)));
    let mut lock = format!("{head}\n");
    for entry in &entries {
        lock.extend(["\n", SEPARATOR, entry, "\n"]);
    }
    lock
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use sha2::{Digest as _, Sha256};
    use windlass_schemas::artifact::hex;

    use super::*;

    #[test]
    #[allow(clippy::disallowed_methods, reason = "a test may look at the folder")]
    fn every_source_is_emitted() {
        let runtime = Path::new(env!("CARGO_MANIFEST_DIR")).join("runtime/runtime");
        let (mut files, mut folders) = (Vec::new(), vec![runtime.join("src")]);
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("the runtime") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let path = path.strip_prefix(&runtime).expect("a path in it");
                    files.push(path.to_str().expect("UTF-8").to_owned());
                }
            }
        }
        files.push("Cargo.toml".to_owned());
        files.sort();
        let mut listed: Vec<String> = SOURCES.iter().map(|source| source.path.to_owned()).collect();
        listed.sort();
        assert_eq!(files, listed);
    }

    #[test]
    fn what_is_digested_by_the_build_is_what_would_be_here() {
        let mut whole = Sha256::new();
        for source in SOURCES {
            assert_eq!(hex(&Sha256::digest(source.text)), source.sha256, "{}", source.path);
            for text in [source.path, source.text] {
                whole.update((text.len() as u64).to_le_bytes());
                whole.update(text);
            }
        }
        // However much is left over in the last block.
        for length in 0..130 {
            let (mut ours, mut theirs, text) = (digested(), whole.clone(), "x".repeat(length));
            ours.add(&text);
            theirs.update((length as u64).to_le_bytes());
            theirs.update(&text);
            assert_eq!(ours.finish(), <[u8; 32]>::from(theirs.finalize()), "{length}");
        }
    }

    #[test]
    fn the_workspace_has_the_services_as_members() {
        let manifest = workspace(&["risk", "limits"]);
        assert!(manifest.contains(r#"members = ["runtime", "risk", "limits"]"#), "{manifest}");
        assert!(!manifest.contains(SAMPLE) && !manifest.contains("server\""));
    }

    #[test]
    fn the_lock_is_sorted_and_has_the_services() {
        let lock = lock(["service-risk".to_owned()]);
        let names: Vec<&str> = lock.lines().filter(|line| line.starts_with("name = ")).collect();
        assert!(names.is_sorted() && names.contains(&"name = \"service-risk\""));
        assert!(!names.contains(&"name = \"sample\""));
        assert!(lock.starts_with("# This file is automatically @generated by Cargo."));
        assert!(lock.ends_with("\"\n") && !lock.contains("\n\n\n"));
        let with_sample = super::lock(["sample".to_owned()]);
        let (before, server) =
            LOCK.split_once(&format!("[[package]]\nname = \"{SERVER}\"")).expect("the server's own entry");
        let after = server.split_once("[[package]]").map_or(String::new(), |(_, rest)| format!("[[package]]{rest}"));
        // The sample's tests need more than a service does.
        let written = format!("{before}{after}").replace(
            "dependencies = [\n \"rlimit\",\n \"windlass-runtime\",",
            "dependencies = [\n \"windlass-runtime\",",
        );
        assert!(with_sample == written, "the sample's own entry does not come out as Cargo wrote it");
        // A lock file that holds what nobody needs is refused by `cargo build --locked`.
        let needed = server.split("\n\n").next().unwrap_or_default().lines().filter(|line| line.starts_with(" \""));
        for package in needed.map(|line| line.trim_matches([' ', '"', ','])) {
            let runtime =
                LOCK.split("[[package]]\n").find(|entry| entry.starts_with("name = \"windlass-runtime\"")).expect("it");
            assert!(package == "windlass-runtime" || runtime.contains(&format!("\"{package}\"")), "{package}");
        }
    }
}
