//! The real `windlass-server`, built: what the other tests recorded it says, it says; and it serves what a spec names.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::running::serve;
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
    ask(&["score", "--model", "linear.onnx", "--label=y", "--metric=rmse", "--dataset"], "rows.csv");
}

#[test]
fn a_gate_judges_the_model_and_the_service_is_served() {
    let Some(server) = server() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let example = root().join("examples/fraud-risk");
    let spec = fs::read_to_string(example.join("windlass.hcl")).expect("a spec");
    fs::create_dir(folder.path().join("models")).expect("made");
    for file in ["risk-2.onnx", "risk-3.onnx", "holdout.csv"] {
        fs::copy(example.join("models").join(file), folder.path().join("models").join(file)).expect("copied");
    }
    let gated = |bar: &str| {
        let gate = format!(
            "\n  quality {{\n    dataset  = \"models/holdout.csv\"\n    label    = \"fraud\"\n    at_least = {bar}\n  }}\n"
        );
        let at = spec.find("serve = \"3\"").or_else(|| spec.find("serve  = \"3\"")).expect("the served version");
        let end = at + spec[at..].find('\n').expect("a line");
        fs::write(folder.path().join("windlass.hcl"), format!("{}{gate}{}", &spec[..end], &spec[end..]))
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
