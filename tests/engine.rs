//! `windlass-server` as the command line uses it: found or missed, asked once, its answers kept. A script stands for the program, and
//! counts how often it is run.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use sha2::{Digest, Sha256};

use crate::support::root;

const SPEC: &str = r#"
project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}

model "risk" {
  version "1" {
    file   = "models/linear.onnx"
    golden = "models/linear.golden.json"
  }
  serve = "1"

  quality {
    dataset = "models/rows.csv"
    label   = "y"
    at_most = { rmse = 0.2 }
  }
}

service "risk" {
  model = model.risk
  image = "registry.example.com/risk"
  resources {
    cpu    = "1"
    memory = "128Mi"
  }
}
"#;

struct Project(tempfile::TempDir);

impl Project {
    fn new() -> Project {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("models")).expect("made");
        for file in ["linear.onnx", "linear.golden.json", "rows.csv"] {
            let from = root().join("tests/ui/models").join(file);
            fs::copy(from, folder.path().join("models").join(file)).expect("copied");
        }
        fs::write(folder.path().join("main.hcl"), SPEC).expect("written");
        Project(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A server that answers as it did for these files, and writes a line for every run.
    fn server(&self, body: &str) -> PathBuf {
        let path = self.path("windlass-server");
        let runs = self.path("runs");
        let text = format!("#!/bin/sh\necho \"$1\" >> '{}'\ncat > /dev/null\n{body}\n", runs.display());
        fs::write(&path, text).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("made executable");
        path
    }

    fn runs(&self) -> Vec<String> {
        let runs = fs::read_to_string(self.path("runs")).unwrap_or_default();
        runs.lines().map(str::to_owned).collect()
    }

    fn windlass(&self, server: Option<&Path>, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_windlass"));
        command.args(arguments).current_dir(self.0.path()).env("NO_COLOR", "1");
        command.env("WINDLASS_CACHE", self.path("cache")).env_remove("WINDLASS_SERVER").env("PATH", "/usr/bin:/bin");
        if let Some(server) = server {
            command.env("WINDLASS_SERVER", server);
        }
        command.output().expect("the command starts")
    }
}

fn said(output: &Output) -> String {
    // Lines are wrapped as the width of the report wants.
    let text = String::from_utf8_lossy(&output.stderr).replace(['│', '|'], " ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

const ANSWERS: &str = r#"case "$1" in
  check) echo '{"pairs":1,"holds":true,"differences":[]}' ;;
  score) echo '{"metrics":{"rmse":0.18},"outputs":{"rmse":"y"},"rows":4}' ;;
esac"#;

#[test]
fn a_second_check_runs_nothing() {
    let project = Project::new();
    let server = project.server(ANSWERS);
    let check = || {
        let done = project.windlass(Some(&server), &["check"]);
        assert!(done.status.success() && done.stderr.is_empty(), "{}", said(&done));
        project.runs()
    };
    assert_eq!(check(), ["check", "score"]);
    assert_eq!(check().len(), 2);
    // A broken entry counts as none.
    for entry in fs::read_dir(project.path("cache")).expect("a cache") {
        fs::write(entry.expect("an entry").path(), "{\"asked\":").expect("written");
    }
    assert_eq!(check().len(), 4);
    // Another data set is another question; the golden pairs are the same.
    let rows = fs::read_to_string(project.path("models/rows.csv")).expect("rows");
    fs::write(project.path("models/rows.csv"), rows + "0,0,1,0,0.4\n").expect("written");
    assert_eq!(check(), ["check", "score", "check", "score", "score"]);
    // So is one to another build of the server.
    project.server(&format!("# another\n{ANSWERS}"));
    assert_eq!(check().len(), 7);
}

#[test]
fn what_is_recorded_needs_no_server() {
    let project = Project::new();
    let server = project.server(ANSWERS);
    let done = project.windlass(Some(&server), &["check", "--record"]);
    assert!(done.status.success(), "{}", said(&done));
    let proofs = fs::read_to_string(project.path("windlass.proofs.json")).expect("proofs");
    let read: serde_json::Value = serde_json::from_str(&proofs).expect("JSON");
    let golden = &read["proofs"][0];
    assert_eq!((&golden["model"], &golden["version"]), (&"risk".into(), &"1".into()), "{proofs}");
    assert_eq!(read["proofs"].as_array().map(Vec::len), Some(2), "{proofs}");
    assert_eq!(golden["environments"], serde_json::json!(["default"]));
    let done = project.windlass(None, &["compile", "--out", "out"]);
    assert!(done.status.success() && !said(&done).contains("warning"), "{}", said(&done));

    // Other rows are another question.
    let rows = fs::read_to_string(project.path("models/rows.csv")).expect("rows");
    fs::write(project.path("models/rows.csv"), format!("{rows}1,1,1,1,1\n")).expect("written");
    let done = project.windlass(None, &["check"]);
    assert!(said(&done).contains("the quality can't be checked without `windlass-server`"), "{}", said(&done));
    assert!(!said(&done).contains("golden pairs"), "{}", said(&done));
    // Recording asks the server, whatever was recorded; what fails is not kept.
    let failing = project.server("echo '{\"error\":\"no\"}' >&2; exit 1");
    assert!(!project.windlass(Some(&failing), &["check", "--record"]).status.success());
    assert_eq!(fs::read_to_string(project.path("windlass.proofs.json")).expect("proofs"), proofs);
    assert!(!project.windlass(Some(&server), &["check", "--record", "--skip-quality"]).status.success());
}

#[test]
fn a_server_that_is_not_there_or_fails_is_told() {
    let project = Project::new();
    let done = project.windlass(None, &["check"]);
    assert_eq!(done.status.code(), Some(1));
    assert!(
        said(&done).contains("`windlass-server`: it is not beside `windlass`, WINDLASS_SERVER is not set"),
        "{}",
        said(&done)
    );
    assert!(said(&done).contains("cargo install --path targets/runtime/server"), "{}", said(&done));
    let done = project.windlass(Some(Path::new("/nothing/here")), &["check"]);
    assert!(said(&done).contains("WINDLASS_SERVER names `/nothing/here`"), "{}", said(&done));
    let done = project.windlass(None, &["check", "--skip-quality"]);
    assert!(done.status.success(), "{}", said(&done));
    assert!(said(&done).contains("golden pairs of version `1` of the model `risk` was not checked"), "{}", said(&done));
    assert!(said(&done).contains("2 warnings"), "{}", said(&done));

    let server = project.server("echo '{\"error\":\"the engine cannot run the model: no\"}' >&2; exit 1");
    let done = project.windlass(Some(&server), &["check"]);
    assert_eq!(done.status.code(), Some(1));
    assert!(said(&done).contains("model `risk`: the engine cannot run the model: no"), "{}", said(&done));
    let server = project.server("echo nonsense");
    assert!(said(&project.windlass(Some(&server), &["check"])).contains("gives no JSON"));
}

#[test]
fn serve_hands_the_service_to_the_server() {
    let project = Project::new();
    let kept = project.path("config.json");
    let server = project.server(ANSWERS);
    let done = project.windlass(Some(&server), &["serve", "rsk"]);
    assert_eq!(done.status.code(), Some(1));
    assert!(said(&done).contains("there is no service `rsk` help: did you mean `risk`?"), "{}", said(&done));

    // The status of the server is that of the command.
    let text = format!("#!/bin/sh\ncat > '{}'\nexit 7\n", kept.display());
    fs::write(&server, text).expect("written");
    let done = project.windlass(Some(&server), &["serve", "risk", "--port", "9099", "--skip-quality"]);
    assert_eq!(done.status.code(), Some(7), "{}", said(&done));
    assert!(said(&done).contains("curl -s http://127.0.0.1:9099/v2/models/risk/infer -d '{"), "{}", said(&done));
    let config: serde_json::Value = serde_json::from_slice(&fs::read(kept).expect("the configuration")).expect("JSON");
    assert_eq!(config["settings"]["WINDLASS_LISTEN"], "127.0.0.1:9099");
    assert_eq!(config["settings"]["WINDLASS_REQUEST_TIMEOUT"], "10s");
    assert_eq!(config["model"]["inputs"][0]["shape"], serde_json::json!([-1, 4]));
    let version = &config["model"]["versions"][0];
    assert_eq!((&version["file"], &version["traffic"]), (&"models/linear.onnx".into(), &100.0.into()));
    assert_eq!(version["golden"]["file"], "models/linear.golden.json");

    let done = project.windlass(None, &["serve", "risk", "--skip-quality"]);
    assert_eq!(done.status.code(), Some(1));
    assert!(said(&done).contains("`windlass-server` serves, and can't be found"), "{}", said(&done));
}

/// What is served on this machine is the project's own file, wherever services fetch it; what they fetch is in the output.
#[test]
fn a_store_is_for_services_and_not_for_this_machine() {
    let project = Project::new();
    let kept = project.path("config.json");
    let server = project.server(ANSWERS);
    let stored = "  serve = \"1\"\n  store = \"${bucket.data.uri}/models\"\n";
    let spec = SPEC.replacen("  serve = \"1\"\n", stored, 1) + "bucket \"data\" {\n  name = \"my-bucket\"\n}\n";
    assert!(spec.contains(stored));
    fs::write(project.path("main.hcl"), spec).expect("written");
    let done = project.windlass(Some(&server), &["compile", "--out", "out"]);
    assert!(done.status.success(), "{}", said(&done));
    let digest = windlass_schemas::artifact::hex(&Sha256::digest(
        fs::read(project.path("models/linear.onnx")).expect("a model"),
    ));
    assert!(project.path(&format!("out/services/risk/store/1/{digest}.onnx")).is_file());
    assert!(!project.path("out/services/risk/models/linear.onnx").exists());
    let manifest = fs::read_to_string(project.path("out/kubernetes/risk.yaml")).expect("a manifest");
    assert!(manifest.contains("WINDLASS_MODEL_STORE: s3://my-bucket/models\n"), "{manifest}");

    fs::write(&server, format!("#!/bin/sh\ncat > '{}'\n", kept.display())).expect("written");
    let done = project.windlass(Some(&server), &["serve", "risk", "--skip-quality"]);
    assert!(done.status.success(), "{}", said(&done));
    let config: serde_json::Value = serde_json::from_slice(&fs::read(kept).expect("the configuration")).expect("JSON");
    assert_eq!(config["model"]["versions"][0]["file"], "models/linear.onnx");
    let settings = config["settings"].as_object().expect("settings");
    let elsewhere = ["WINDLASS_MODEL_STORE", "WINDLASS_MODEL_CACHE", "AWS_REGION"];
    assert!(!elsewhere.iter().any(|name| settings.contains_key(*name)), "{settings:?}");
}

#[test]
fn golden_pairs_reach_the_image() {
    let project = Project::new();
    let server = project.server(ANSWERS);
    let done = project.windlass(Some(&server), &["compile", "--out", "out"]);
    assert!(done.status.success(), "{}", said(&done));
    let main = fs::read_to_string(project.path("out/services/risk/src/main.rs")).expect("a source");
    assert!(main.contains("golden: Some(Golden { file: \"linear.golden.json\", sha256: \""), "{main}");
    assert!(project.path("out/services/risk/models/linear.golden.json").is_file());

    // Each of several versions has its own.
    let second = "  version \"2\" {\n    file   = \"models/linear.onnx\"\n    golden = \"models/linear.golden.json\"\n  }\n  serve";
    let spec = SPEC.replacen("  serve", second, 1);
    let shares = "model   = model.risk\n  traffic = { \"1\" = \"60%\", \"2\" = \"40%\" }";
    fs::write(project.path("main.hcl"), spec.replace("model = model.risk", shares)).expect("written");
    let done = project.windlass(Some(&server), &["compile", "--out", "out"]);
    assert!(done.status.success(), "{}", said(&done));
    for version in ["1", "2"] {
        let path = format!("out/services/risk/models/{version}/linear.golden.json");
        assert!(project.path(&path).is_file(), "{path}");
    }
}
