//! The real `windlass-server`, built: what the other tests recorded it says, it says; and it serves what a spec names.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::running::{listening, serve};
use crate::support::root;

/// The program, built once; `None` when services are not to be built.
fn server() -> Option<&'static Path> {
    static SERVER: OnceLock<PathBuf> = OnceLock::new();
    if let Some(built) = std::env::var_os("WINDLASS_BUILT_SERVER") {
        return Some(SERVER.get_or_init(|| built.into()));
    }
    let build = || {
        let target = root().join(".tools/services-target");
        let built = Command::new(env!("CARGO"))
            .args(["build", "--locked", "--release", "--package", "windlass-server"])
            .current_dir(root().join("targets/runtime"))
            .env("CARGO_TARGET_DIR", &target)
            .output()
            .expect("cargo");
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        target.join("release/windlass-server")
    };
    super::builds_services().then(|| SERVER.get_or_init(build).as_path())
}

#[test]
fn recorded_answers_are_what_it_says() {
    let Some(server) = server() else { return };
    let ask = |arguments: &[&str], file: &str| {
        let models = root().join("tests/ui/models");
        let run = Command::new(server).args(arguments).arg(file).current_dir(&models).output().expect("it runs");
        let recorded = fs::read(models.join(format!("{file}.answer"))).expect("a recorded answer");
        let json = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).expect("JSON");
        assert_eq!(json(&run.stdout), json(&recorded), "{file}");
    };
    let check = ["check", "--model", "linear.onnx", "--golden"];
    ask(&check, "linear.golden.json");
    ask(&check, "linear-wrong.golden.json");
    let score = ["score", "--model", "linear.onnx", "--metric=rmse"];
    ask(&[&score[..], &["--label=y", "--dataset"]].concat(), "rows.csv");
    ask(&[&score[..], &["--label=4", "--dataset"]].concat(), "rows.npy");
    ask(&[&score[..], &["--labels=truth.npy", "--dataset"]].concat(), "features.npy");
}

/// The spec of an example and its models, without what was recorded.
fn copy_of(example: &Path, folder: &Path) {
    fs::create_dir_all(folder.join("models")).expect("made");
    fs::copy(example.join("windlass.hcl"), folder.join("windlass.hcl")).expect("copied");
    for entry in fs::read_dir(example.join("models")).expect("models") {
        let path = entry.expect("an entry").path();
        fs::copy(&path, folder.join("models").join(path.file_name().expect("a name"))).expect("copied");
    }
}

#[test]
fn the_proofs_of_the_example_are_what_it_says() {
    let Some(server) = server() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let example = root().join("examples/fraud-risk");
    copy_of(&example, folder.path());
    for environment in ["prod", "staging"] {
        let mut record = Command::new(env!("CARGO_BIN_EXE_windlass"));
        record.args(["check", "--record", "--env", environment]).current_dir(folder.path());
        record.env("WINDLASS_SERVER", server).env("WINDLASS_CACHE", folder.path().join("cache"));
        let done = record.output().expect("it runs");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
    let text = |folder: &Path| fs::read_to_string(folder.join("windlass.proofs.json")).expect("proofs");
    assert_eq!(text(folder.path()), text(&example), "record them anew, with `windlass check --record`");
}

/// What goes into the image of a prebuilt service is all that the program needs.
#[test]
fn a_prebuilt_service_serves_what_was_emitted() {
    let Some(server) = server() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    copy_of(&root().join("examples/fraud-risk"), folder.path());
    let spec = fs::read_to_string(folder.path().join("windlass.hcl")).expect("a spec");
    let prebuilt = spec.replace("  model = model.risk\n", "  model = model.risk\n  package = \"prebuilt\"\n");
    assert_ne!(prebuilt, spec);
    fs::write(folder.path().join("windlass.hcl"), prebuilt).expect("written");
    let mut compile = Command::new(env!("CARGO_BIN_EXE_windlass"));
    compile.args(["compile", "--env", "prod", "--out", "out"]).current_dir(folder.path());
    compile.env("WINDLASS_SERVER", server).env("WINDLASS_CACHE", folder.path().join("cache"));
    let done = compile.output().expect("it runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let services = folder.path().join("out/services");
    assert!(!services.join("Cargo.toml").exists() && !services.join("runtime").exists());
    super::dockerfile_is_clean(&services.join("risk/Dockerfile"));

    let serves = || {
        let mut command = Command::new(server);
        command.args(["serve", "--config"]).arg(services.join("risk/service.json"));
        command.env("WINDLASS_MODEL_PATH", services.join("risk/models"));
        command.env("WINDLASS_MODEL_STORE", services.join("risk/store"));
        command
    };
    let mut running = listening(serves());
    let row =
        [3009.68, 55296.0, 0.3664, 0.5444, 670.0, 779.0, 25.0, 10.0, 5.0, 5.0, 4.0, 176.0, 4.6, 0.3066, 0.7146, 4.54];
    let body =
        serde_json::json!({ "inputs": [{ "name": "features", "shape": [1, 16], "datatype": "FP32", "data": row }] });
    let answer = running.infer("risk", &body);
    let fraud = answer["outputs"][1]["data"][1].as_f64().expect("a probability");
    assert!((fraud - 0.024_948_3).abs() < 1e-5, "{answer}");
    running.stop();

    // Pairs that do not hold keep it from serving.
    let pairs = services.join("risk/models/risk-3.golden.json");
    let text = fs::read_to_string(&pairs).expect("pairs").replace("0.9750517", "0.8750517");
    fs::write(&pairs, text).expect("written");
    let refused = serves().env("WINDLASS_LISTEN", "127.0.0.1:0").output().expect("it runs");
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains("golden pairs") && said.contains("expected sha256"), "{said}");
}

#[test]
fn a_gate_judges_the_model_and_the_service_is_served() {
    let Some(server) = server() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let example = root().join("examples/fraud-risk");
    copy_of(&example, folder.path());
    let spec = fs::read_to_string(example.join("windlass.hcl")).expect("a spec");
    let gated = |bar: &str| {
        let own = "at_least = { accuracy = 0.93, auc = 0.95 }";
        assert!(spec.contains(own), "the gate of the example is another");
        fs::write(folder.path().join("windlass.hcl"), spec.replace(own, &format!("at_least = {bar}")))
            .expect("written");
        let mut check = Command::new(env!("CARGO_BIN_EXE_windlass"));
        check.args(["check", "--env", "prod", "--format", "json"]).current_dir(folder.path());
        check.env("WINDLASS_SERVER", server).env("WINDLASS_CACHE", folder.path().join("cache"));
        let done = check.output().expect("it runs");
        (done.status.success(), String::from_utf8_lossy(&done.stdout).into_owned())
    };
    let (passes, said) = gated("{ accuracy = 0.8, auc = 0.8, f1 = 0.5 }");
    assert!(passes, "{said}");
    let (passes, said) = gated("{ accuracy = 1 }");
    assert!(!passes && said.contains("the `accuracy` of version `3` of the model `risk` is 0."), "{said}");

    gated("{ accuracy = 0.8 }");
    let mut command = Command::new(env!("CARGO_BIN_EXE_windlass"));
    command.args(["serve", "risk", "--env", "prod"]).current_dir(folder.path());
    command.env("WINDLASS_SERVER", server).env("WINDLASS_CACHE", folder.path().join("cache"));
    let mut running = serve(command);
    let body = serde_json::json!({ "inputs": [{ "name": "features", "shape": [1, 16], "datatype": "FP32", "data": vec![0; 16] }] });
    let answer = running.infer("risk", &body);
    assert_eq!((&answer["model_name"], &answer["model_version"]), (&"risk".into(), &"3".into()), "{answer}");
    running.stop();
}

/// Words go in and words come out: a classifier whose classes have names, over columns that are words.
#[test]
fn texts_are_served_as_tritonclient_has_them() {
    let Some(server) = server() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    fs::copy(root().join("tests/ui/models/labels.onnx"), folder.path().join("labels.onnx")).expect("copied");
    // A pair with a word in it is held when compiling and when loading.
    let pairs = r#"[{ "inputs": { "colour": [["red"]], "x": [[0, 0]] }, "outputs": { "label": ["LABEL"] } }]"#;
    let spec = "project \"texts\" {}\nplatform \"aws\" {\n  account = \"123456789012\"\n  region = \"us-east-1\"\n  \
                cluster = \"main\"\n}\nmodel \"grade\" {\n  version \"1\" {\n    file = \"labels.onnx\"\n    \
                golden = \"pairs.json\"\n  }\n  serve = \"1\"\n}\nservice \"grade\" {\n  model = model.grade\n  \
                image = \"registry.example.com/grade\"\n  resources {\n    cpu = 1\n    memory = \"64Mi\"\n  }\n}\n";
    fs::write(folder.path().join("windlass.hcl"), spec).expect("written");
    let windlass = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_windlass"));
        command.args(arguments).current_dir(folder.path());
        command.env("WINDLASS_SERVER", server).env("WINDLASS_CACHE", folder.path().join("cache"));
        command
    };
    fs::write(folder.path().join("pairs.json"), pairs.replace("LABEL", "high")).expect("written");
    let wrong = windlass(&["check", "--format", "json"]).output().expect("it runs");
    let said = String::from_utf8_lossy(&wrong.stdout).into_owned();
    assert!(!wrong.status.success() && said.contains("golden-mismatch") && said.contains("low"), "{said}");
    fs::write(folder.path().join("pairs.json"), pairs.replace("LABEL", "low")).expect("written");
    let mut running = serve(windlass(&["serve", "grade"]));
    super::script("texts.py", &[&running.url, "grade", super::text(&folder.path().join("labels.onnx"))]);
    running.stop();
}
