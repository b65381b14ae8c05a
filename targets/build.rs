//! Digests the runtime's sources: every compilation emits them all, and would take longer over their digests than over the rest.
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
    fs::write(Path::new(&env("OUT_DIR")).join("sources.rs"), made).expect("a folder for what is built");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn env(name: &str) -> String {
    std::env::var(name).expect("Cargo sets it")
}
