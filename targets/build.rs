//! Digests the runtime's sources, and divides the lock file and the bills of materials where a service's own part stands: every
//! compilation emits them all, and would take longer over them than over the rest.
#![allow(clippy::disallowed_methods, reason = "a build script reads and writes")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use sha2::{Digest as _, Sha256};

/// The files of the runtime crate, in the order in which the tags of images digest them.
const SOURCES: &[&str] = &[
    "Cargo.toml",
    "src/access.rs",
    "src/api_key.rs",
    "src/app.rs",
    "src/aws.rs",
    "src/batching/calibration.rs",
    "src/batching/mod.rs",
    "src/batching/queue.rs",
    "src/batching/queue/tests.rs",
    "src/batching/tensors.rs",
    "src/body.rs",
    "src/compression.rs",
    "src/compute.rs",
    "src/connection.rs",
    "src/elements.rs",
    "src/emf.rs",
    "src/exposition.rs",
    "src/frame.rs",
    "src/fuzzing.rs",
    "src/golden.rs",
    "src/grpc/framing.rs",
    "src/grpc/health.rs",
    "src/grpc/infer.rs",
    "src/grpc/methods.rs",
    "src/grpc/mod.rs",
    "src/grpc/protocol/descriptors.rs",
    "src/grpc/protocol/health.proto",
    "src/grpc/protocol/health.rs",
    "src/grpc/protocol/inference.proto",
    "src/grpc/protocol/inference.rs",
    "src/grpc/protocol/mod.rs",
    "src/grpc/protocol/reflection.proto",
    "src/grpc/protocol/reflection.rs",
    "src/grpc/protocol/reflection_v1alpha.proto",
    "src/grpc/reflection.rs",
    "src/grpc/status.rs",
    "src/grpc/stream.rs",
    "src/http.rs",
    "src/infer.rs",
    "src/lib.rs",
    "src/line.rs",
    "src/loader.rs",
    "src/log.rs",
    "src/metrics.rs",
    "src/model.rs",
    "src/names.rs",
    "src/nested.rs",
    "src/offline.rs",
    "src/operators/features.rs",
    "src/operators/labels.rs",
    "src/operators/linear.rs",
    "src/operators/mod.rs",
    "src/operators/one_hot.rs",
    "src/operators/scores.rs",
    "src/operators/svm.rs",
    "src/operators/trees.rs",
    "src/operators/zipmap.rs",
    "src/openapi.rs",
    "src/otlp.rs",
    "src/page.html",
    "src/page.rs",
    "src/plain.rs",
    "src/plan.rs",
    "src/prediction_log.rs",
    "src/process.rs",
    "src/profile.rs",
    "src/protocol.rs",
    "src/quiet.rs",
    "src/refusal.rs",
    "src/reply.rs",
    "src/repository.rs",
    "src/resource.rs",
    "src/rest.rs",
    "src/result.rs",
    "src/server.rs",
    "src/service.rs",
    "src/settings.rs",
    "src/shadow.rs",
    "src/source.rs",
    "src/trace.rs",
    "src/versions.rs",
];

fn main() {
    let folder = Path::new(&env("CARGO_MANIFEST_DIR")).join("runtime/runtime");
    let mut all = Sha256::new();
    let mut made = String::from("pub const SOURCES: &[Source] = &[\n");
    for path in SOURCES {
        let full = folder.join(path);
        println!("cargo::rerun-if-changed={}", full.display());
        let text = fs::read_to_string(&full).expect("a source of the runtime");
        let sha256 = hex(&Sha256::digest(&text));
        let _ = writeln!(made, "    Source {{ path: {path:?}, text: include_str!({full:?}), sha256: {sha256:?} }},");
        all.update(format!("{path} {sha256}\n"));
    }
    let _ = write!(
        made,
        "];\n/// Over the paths of all, each with its digest.\npub const DIGEST: &str = {:?};\n",
        hex(&all.finalize())
    );
    let out = env("OUT_DIR");
    let out = Path::new(&out);
    fs::write(out.join("sources.rs"), made).expect("a folder for what is built");
    fs::write(out.join("lock.rs"), lock(&read("runtime/Cargo.lock"))).expect("the same folder");
    fs::write(out.join("crates.rs"), crates(&read("src/inference/crates.json"))).expect("the same folder");
}

/// The lock file without the packages of the runtime's own workspace that no service needs, up to where those of services stand by
/// their names, and from there on.
fn lock(text: &str) -> String {
    const SEPARATOR: &str = "[[package]]\n";
    let (head, packages) = text.split_once(SEPARATOR).expect("a package");
    let (mut before, mut after) = (head.to_owned(), String::new());
    for package in packages.split(SEPARATOR) {
        let name = package.split('"').nth(1).expect("a name");
        assert!(!name.starts_with("service-"), "{name} is named like the package of a service");
        let half = if name < "service-" { &mut before } else { &mut after };
        if !["sample", "windlass-server"].contains(&name) {
            half.extend([SEPARATOR, package.trim_end(), "\n\n"]);
        }
    }
    format!("const BEFORE: &str = {before:?};\nconst AFTER: &str = {:?};\n", after.trim_end())
}

/// The crates of every bill of materials, and what they need, as they are indented there.
fn crates(text: &str) -> String {
    let parts = text.strip_prefix("{\"components\": [\n").and_then(|text| text.strip_suffix("\n]}\n"));
    let (components, needs) =
        parts.and_then(|text| text.split_once("\n], \"dependencies\": [\n")).expect("its two lists");
    let indented = |list: &str| list.lines().map(|line| format!("\n    {line}")).collect::<String>();
    let (components, needs) = (indented(components), indented(needs));
    format!("const CRATES: &str = {components:?};\nconst THEIR_NEEDS: &str = {needs:?};\n")
}

/// A file of this crate.
fn read(path: &str) -> String {
    println!("cargo::rerun-if-changed={path}");
    fs::read_to_string(Path::new(&env("CARGO_MANIFEST_DIR")).join(path)).expect("a file of this crate")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn env(name: &str) -> String {
    std::env::var(name).expect("Cargo sets it")
}
