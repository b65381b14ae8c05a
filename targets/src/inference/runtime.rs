//! The runtime's sources, and the workspace around them with its lock file.

macro_rules! sources {
    ($($path:literal)+) => {
        /// The files of the runtime crate, by path in it.
        pub const SOURCES: &[(&str, &str)] =
            &[$(($path, include_str!(concat!("../../runtime/runtime/", $path)))),+];
    };
}

sources! {
    "Cargo.toml"
    "src/access.rs"
    "src/api_key.rs"
    "src/app.rs"
    "src/aws.rs"
    "src/batching/calibration.rs"
    "src/batching/mod.rs"
    "src/batching/queue.rs"
    "src/batching/queue/tests.rs"
    "src/batching/tensors.rs"
    "src/body.rs"
    "src/compression.rs"
    "src/compute.rs"
    "src/connection.rs"
    "src/elements.rs"
    "src/emf.rs"
    "src/exposition.rs"
    "src/fuzzing.rs"
    "src/golden.rs"
    "src/grpc/framing.rs"
    "src/grpc/health.rs"
    "src/grpc/infer.rs"
    "src/grpc/methods.rs"
    "src/grpc/mod.rs"
    "src/grpc/protocol/descriptors.rs"
    "src/grpc/protocol/health.proto"
    "src/grpc/protocol/health.rs"
    "src/grpc/protocol/inference.proto"
    "src/grpc/protocol/inference.rs"
    "src/grpc/protocol/mod.rs"
    "src/grpc/protocol/reflection.proto"
    "src/grpc/protocol/reflection.rs"
    "src/grpc/protocol/reflection_v1alpha.proto"
    "src/grpc/reflection.rs"
    "src/grpc/status.rs"
    "src/grpc/stream.rs"
    "src/http.rs"
    "src/infer.rs"
    "src/lib.rs"
    "src/line.rs"
    "src/loader.rs"
    "src/log.rs"
    "src/metrics.rs"
    "src/model.rs"
    "src/names.rs"
    "src/nested.rs"
    "src/offline.rs"
    "src/operators/features.rs"
    "src/operators/labels.rs"
    "src/operators/linear.rs"
    "src/operators/mod.rs"
    "src/operators/one_hot.rs"
    "src/operators/scores.rs"
    "src/operators/svm.rs"
    "src/operators/trees.rs"
    "src/operators/zipmap.rs"
    "src/openapi.rs"
    "src/otlp.rs"
    "src/page.html"
    "src/page.rs"
    "src/plain.rs"
    "src/plan.rs"
    "src/prediction_log.rs"
    "src/process.rs"
    "src/profile.rs"
    "src/protocol.rs"
    "src/quiet.rs"
    "src/refusal.rs"
    "src/reply.rs"
    "src/repository.rs"
    "src/resource.rs"
    "src/rest.rs"
    "src/result.rs"
    "src/server.rs"
    "src/service.rs"
    "src/settings.rs"
    "src/shadow.rs"
    "src/source.rs"
    "src/trace.rs"
    "src/versions.rs"
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
    let mut entries = LOCK.split(SEPARATOR).map(|entry| entry.trim_end().to_owned());
    let head = entries.next().unwrap_or_default();
    let name = |entry: &String| entry.lines().next().unwrap_or_default().to_owned();
    let own = [SAMPLE, SERVER].map(|package| format!("name = \"{package}\""));
    let mut entries: Vec<String> = entries.filter(|entry| !own.contains(&name(entry))).collect();
    entries.extend(packages.into_iter().map(|package| {
        format!("name = \"{package}\"\nversion = \"0.1.0\"\ndependencies = [\n \"windlass-runtime\",\n]")
    }));
    entries.sort_by_key(name);
    let entries: String = entries.iter().map(|entry| format!("\n{SEPARATOR}{entry}\n")).collect();
    format!("{head}\n{entries}")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

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
        let mut listed: Vec<String> = SOURCES.iter().map(|(path, _)| (*path).to_owned()).collect();
        listed.sort();
        assert_eq!(files, listed);
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
