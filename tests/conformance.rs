//! Programs that others wrote, over what the examples compile to and over the running service.
//!
//! The scripts in `tests/conformance/` drive them; `tests/tools/install` installs them. Where they are missing, a test says so
//! and passes, unless `WINDLASS_CONFORMANCE` is `require`.

mod running;
mod server;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use crate::examples::EXAMPLES;
use crate::support::{compile, root};
use running::{Built, Running, build};

/// Whether missing tools are an error.
pub fn required() -> bool {
    std::env::var_os("WINDLASS_CONFORMANCE").is_some_and(|value| value == "require")
}

/// The Python with these packages.
fn python(packages: &str) -> PathBuf {
    root().join(".tools/python").join(packages).join("bin/python")
}

fn run(name: &str, arguments: &[&str]) -> std::io::Result<Output> {
    let program = match name {
        _ if name.ends_with(".mjs") => PathBuf::from("node"),
        "api.py" => python("api"),
        "sbom.py" => python("lint"),
        // The answers to expect come from onnxruntime, which stands with the others.
        "service_kserve.py" if arguments.first() != Some(&"--expect") => python("kserve"),
        _ => python("run"),
    };
    Command::new(program).arg(root().join("tests/conformance").join(name)).args(arguments).output()
}

/// Runs a script; false when it can't run here.
fn script(name: &str, arguments: &[&str]) -> bool {
    let run = run(name, arguments);
    let why = match &run {
        Ok(run) if run.status.code() == Some(0) => {
            println!("{name}: {}", String::from_utf8_lossy(&run.stdout).lines().last().unwrap_or_default());
            return true;
        }
        Ok(run) => {
            let said = [&run.stdout[..], &run.stderr[..]].concat();
            let said = String::from_utf8_lossy(&said).into_owned();
            assert!(run.status.code() == Some(2) && !required(), "{name} {arguments:?}\n{said}");
            said
        }
        Err(error) => {
            assert!(!required(), "{name} can't run: {error}; run tests/tools/install");
            error.to_string()
        }
    };
    println!("SKIPPED {name}: {why}");
    false
}

/// The committed output of every example, and of the sample of everything, that has a folder of this name in it; there is at least one.
fn outputs(folder: &str) -> Vec<PathBuf> {
    let outputs = EXAMPLES.iter().map(|(example, _)| root().join("examples").join(example).join("out"));
    // A sample that a test of the targets keeps has what no example has.
    let sample = root().join("tests/conformance/samples/everything");
    let outputs: Vec<PathBuf> = outputs.chain([sample]).filter(|out| out.join(folder).is_dir()).collect();
    assert!(!outputs.is_empty(), "no example has {folder}");
    outputs
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path of text")
}

#[test]
fn what_the_audit_passes_the_engine_computes_rightly() {
    if !required() && !root().join(".tools/python/run/bin/python").exists() {
        println!("SKIPPED audit.py: run tests/tools/install");
        return;
    }
    let cases = running::build_cases();
    script("audit.py", &[env!("CARGO_BIN_EXE_windlass"), text(&cases)]);
    script("tabular.py", &[text(&cases)]);
}

#[test]
fn manifests_are_valid_and_secure() {
    for out in outputs("kubernetes") {
        let minors = ["1.33", "1.34", "1.36", "1.37"].iter().flat_map(|minor| ["--minor", minor]);
        script("kubernetes.py", &[text(&out)].into_iter().chain(minors).collect::<Vec<_>>());
    }
}

#[test]
fn definitions_are_valid() {
    for out in outputs("stepfunctions") {
        script("stepfunctions.mjs", &[text(&out)]);
        script("integrations.py", &[text(&out)]);
    }
}

#[test]
fn stacks_are_valid() {
    for out in outputs("cloudformation") {
        script("cloudformation.py", &[text(&out)]);
    }
}

#[test]
fn bills_of_materials_are_valid() {
    for out in outputs("services") {
        script("sbom.py", &[text(&out)]);
    }
}

#[test]
fn dockerfiles_are_clean() {
    for out in outputs("services") {
        dockerfile_is_clean(&out.join("services/Dockerfile"));
    }
}

fn dockerfile_is_clean(path: &Path) {
    let hadolint = root().join(".tools/python/lint/bin/hadolint");
    match Command::new(hadolint).arg("--no-color").arg(path).output() {
        Ok(run) => assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stdout)),
        Err(error) => {
            assert!(!required(), "hadolint can't run: {error}; run tests/tools/install");
            println!("SKIPPED hadolint: {error}");
        }
    }
}

#[test]
fn nasty_strings_survive_every_reader() {
    #[derive(serde::Serialize)]
    struct ConfigMap {
        #[serde(rename = "apiVersion")]
        api_version: &'static str,
        kind: &'static str,
        metadata: std::collections::BTreeMap<&'static str, &'static str>,
        data: std::collections::BTreeMap<String, String>,
    }
    let folder = tempfile::tempdir().expect("a folder");
    let run = |corpus: &str, more: &[&str]| {
        let path = root().join("tests/conformance").join(corpus);
        let strings: Vec<String> = serde_json::from_str(&fs::read_to_string(&path).expect("a corpus")).expect("JSON");
        assert!(strings.len() > 5, "{corpus} has {} strings", strings.len());
        // The script tells which strings it wants as keys, too.
        let as_value = strings.iter().enumerate().map(|(at, text)| (format!("value-{at:04}"), text.clone()));
        let is_key = |text: &&String| text.chars().count() <= 100 && *text != "<<";
        let as_key = strings.iter().enumerate().filter(|(_, text)| is_key(text));
        let data = as_value.chain(as_key.map(|(at, text)| (text.clone(), format!("key-{at:04}")))).collect();
        let metadata = [("name", "strings")].into();
        let map = ConfigMap { api_version: "v1", kind: "ConfigMap", metadata, data };
        let file = folder.path().join(corpus).with_extension("yaml");
        fs::write(&file, windlass_targets::yaml::to_string(&map).expect("YAML")).expect("written");
        script("yaml_strings.py", &[&[text(&file), "--corpus", text(&path)], more].concat());
    };
    run("nasty-strings.json", &[]);
    run("nasty-strings-beyond-kustomize.json", &["--no-kustomize"]);
}

#[test]
fn the_scripts_find_planted_faults() {
    script("conformance_test.py", &[]);
}

#[test]
fn the_interpreter_keeps_to_what_is_documented() {
    script("execute_test.py", &[]);
}

/// Whether to build the engine, which takes minutes the first time.
fn builds_services() -> bool {
    let builds = required() || std::env::var_os("WINDLASS_BUILD_SERVICE").is_some();
    if !builds {
        println!("SKIPPED: building the engine takes minutes; WINDLASS_BUILD_SERVICE=1 asks for it");
    }
    builds
}

/// The service of the first example, built once; `None` when services are not to be built.
fn risk() -> Option<&'static Built> {
    static RISK: OnceLock<Built> = OnceLock::new();
    builds_services().then(|| RISK.get_or_init(|| build(&root().join("examples/fraud-risk/out/services"), "risk")))
}

#[test]
fn the_service_answers_as_the_protocol_and_onnxruntime_do() {
    let Some(newer) = risk() else { return };
    let example = root().join("examples/fraud-risk");
    let holdout = example.join("models/holdout.csv");
    // Both versions, of different kinds: the committed output, and one compiled for the older version.
    let older = tempfile::tempdir().expect("a folder");
    let spec = fs::read_to_string(example.join("windlass.hcl")).expect("a spec");
    // It has another name, because the two builds share a target folder.
    let spec = spec.replace("serve = \"3\"", "serve = \"2\"").replace("service \"risk\"", "service \"older\"");
    let spec = spec.replace("service.risk", "service.older");
    // What the engine says of this version is recorded nowhere; `server` asks it about the gate.
    let (before, gate) = spec.split_once("\n  quality {").expect("a gate");
    let spec = format!("{before}{}", gate.split_once("\n  }").expect("its end").1);
    let outcome = compile(&[("windlass.hcl", &spec)], Some("prod"), &example);
    assert!(outcome.found.is_empty(), "{}", outcome.drawn());
    outcome.write("services/", &example, older.path());
    let older = build(&older.path().join("services"), "older");
    let scratch = tempfile::tempdir().expect("a folder");
    for (built, version) in [(newer, "3"), (&older, "2")] {
        let mut running = built.start();
        let model = example.join(format!("models/risk-{version}.onnx"));
        let given = [&running.url, "risk", text(&model), text(&holdout)];
        script("service.py", &given);
        script("service_grpc.py", &given);
        let expected = scratch.path().join("expected.json");
        if script("service_kserve.py", &["--expect", text(&model), text(&holdout), text(&expected)]) {
            script("service_kserve.py", &[&running.url, "risk", text(&expected)]);
        }
        running.stop();
    }
}

#[test]
fn an_image_holds_a_static_program_and_its_models() {
    let Some(built) = risk() else { return };
    let services = root().join("examples/fraud-risk/out/services");
    script("image.py", &[text(&services), "risk", text(built.binary())]);
}

/// Of the same source, in another folder. The engine and the other crates of the registry are not built again, which would take minutes.
#[test]
fn a_service_built_twice_is_the_same_program() {
    let Some(first) = risk() else { return };
    let again = build(&root().join("examples/fraud-risk/out/services"), "risk");
    let [first, again] = [first, &again].map(|built| fs::read(built.binary()).expect("a program"));
    let differing = first.iter().zip(&again).filter(|(a, b)| a != b).count();
    assert_eq!((again.len(), differing), (first.len(), 0), "bytes, and bytes that differ");
}

/// The service with a key, as the emitted document wants it, and with a collector on `port`.
fn observed(built: &Built, port: u16, key_file: &Path) -> Running {
    fs::write(key_file, KEY).expect("written");
    let collector = format!("http://127.0.0.1:{port}");
    built.start_with(&[
        ("WINDLASS_API_KEY_FILE", text(key_file)),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &collector),
        ("OTEL_BSP_SCHEDULE_DELAY", "100"),
    ])
}

const KEY: &str = "kept-for-the-test";

#[test]
fn the_service_is_what_it_says_of_itself() {
    let Some(built) = risk() else { return };
    let (folder, port) = (tempfile::tempdir().expect("a folder"), running::free_port());
    let mut running = observed(built, port, &folder.path().join("key"));
    let emitted = root().join("examples/fraud-risk/out/services/risk/openapi.json");
    let collector = port.to_string();
    let arguments = ["--emitted", text(&emitted), "--key", KEY, "--collector", &collector];
    script("api.py", &[&[&running.url[..]], &arguments[..]].concat());
    script("page.mjs", &[&running.url, "--key", KEY, "--python", text(&python("run"))]);
    running.stop();
}

/// What the scripts above find nothing in, they find something in once it is broken.
#[test]
fn faults_in_what_the_service_says_are_found() {
    let Some(built) = risk() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let emitted = root().join("examples/fraud-risk/out/services/risk/openapi.json");
    for (script, fault, part) in [
        ("api.py", "invalid-document", "the document is not valid"),
        ("api.py", "other-bytes", "is not the one in"),
        ("api.py", "wrong-example", "the example does not fit"),
        ("api.py", "wrong-answer", "the answer does not fit"),
        ("api.py", "undocumented-status", "schemathesis"),
        ("api.py", "unreadable-metrics", "metrics as text/plain"),
        ("api.py", "no-end", "metrics as application/openmetrics-text"),
        ("api.py", "missing-metric", "windlass_inference_batch_size is not there"),
        ("api.py", "frozen-metrics", "one request more counts"),
        ("api.py", "other-trace", "the traceresponse header"),
        ("page.mjs", "no-policy", "the policy names the script"),
        ("page.mjs", "another-script", "the policy names the script"),
        ("page.mjs", "markup", "hostile names make no elements"),
        ("page.mjs", "shell", "a shell reads the body"),
        ("page.mjs", "no-label", "fields without a label"),
    ] {
        let port = running::free_port();
        let mut running = observed(built, port, &folder.path().join("key"));
        let mut proxy = Command::new(python("run"))
            .arg(root().join("tests/conformance/samples/faulty_proxy.py"))
            .args([&running.url, fault])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the proxy starts");
        let mut line = String::new();
        BufReader::new(proxy.stdout.take().expect("its output")).read_line(&mut line).expect("its port");
        let (url, collector) = (format!("http://127.0.0.1:{}", line.trim()), port.to_string());
        let arguments = match script {
            "api.py" => {
                let examples = if fault == "undocumented-status" { "3" } else { "0" };
                vec!["--emitted", text(&emitted), "--key", KEY, "--collector", &collector, "--examples", examples]
            }
            _ => vec!["--key", KEY],
        };
        let outcome = run(script, &[&[&url[..]], &arguments[..]].concat()).expect("the script runs");
        // Its input ends with this, and so does it.
        drop(proxy.stdin.take());
        proxy.wait().expect("the proxy ends");
        running.stop();
        let said = String::from_utf8_lossy(&[outcome.stdout, outcome.stderr].concat()).into_owned();
        assert!(outcome.status.code() == Some(1) && said.contains(part), "{script}, {fault}: {said}");
    }
}

#[test]
fn a_model_with_another_digest_is_not_served() {
    let Some(built) = risk() else { return };
    let (status, said) = built.refuses_to_start(&root().join("examples/fraud-risk/models/risk-2.onnx"));
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("expected sha256"), "{said}");
}

#[test]
fn workflows_run_on_an_interpreter_against_the_service() {
    let Some(built) = risk() else { return };
    let mut running = built.start();
    let out = root().join("examples/fraud-risk/out");
    let folder = tempfile::tempdir().expect("a folder");
    let holdout = fs::read_to_string(root().join("examples/fraud-risk/models/holdout.csv")).expect("the hold-out rows");
    let substitutions = substitutions(&out);
    let settings: Vec<String> = substitutions.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let (mut risky, mut harmless) = (0, 0);
    for (number, row) in holdout.lines().skip(1).enumerate().take(60) {
        if risky > 1 && harmless > 1 {
            break;
        }
        let fraud = row.ends_with(",1");
        if (fraud && risky > 1) || (!fraud && harmless > 1) {
            continue;
        }
        let features: Vec<f64> = row.split(',').take(16).map(|x| x.parse().expect("a number")).collect();
        let object = folder.path().join(format!("{number}.json"));
        fs::write(&object, serde_json::json!({ "features": features }).to_string()).expect("written");
        let body = serde_json::json!({ "inputs": [{ "name": "features", "shape": [1, 16], "datatype": "FP32", "data": features }] });
        let answer = running.infer("risk", &body);
        let score = answer["outputs"].as_array().expect("outputs").iter().find(|o| o["name"] == "probabilities");
        let score = score.expect("probabilities")["data"][1].as_f64().expect("a number");

        let input = format!(r#"{{"application_id":"a-{number}"}}"#);
        let object = format!("applications/a-{number}.json={}", text(&object));
        let mut arguments = vec![text(&out).to_owned() + "/stepfunctions/assess.asl.json"];
        arguments.extend(["--service", &running.url, "--bucket", "my-bucket", "--input", &input].map(str::to_owned));
        arguments.extend(["--topic", &topic(), "--object", &object, "--wait-scale", "0.01"].map(str::to_owned));
        arguments.extend(settings.iter().flat_map(|setting| ["--set".to_owned(), setting.clone()]));
        let Some(report) = running::execute(&arguments) else { return };
        assert_eq!(report["status"], "SUCCEEDED", "{report:#}");
        let close = |value: &serde_json::Value| (value.as_f64().expect("a number") - score).abs() < 1e-6;
        assert!(close(&report["output"]["fraud"]), "{score}: {report:#}");
        let saved = report["objects"][format!("scores/a-{number}.json")].as_str().expect("the saved object");
        let saved: serde_json::Value = serde_json::from_str(saved).expect("JSON");
        assert!(saved["id"] == format!("a-{number}") && close(&saved["fraud"]), "{report:#}");
        let published = report["published"].as_array().map_or(0, Vec::len);
        assert_eq!(published, usize::from(score > 0.8), "{score}: {report:#}");
        if fraud { risky += 1 } else { harmless += 1 }
    }
    assert_eq!((risky, harmless), (2, 2));
    running.stop();
}

/// The scenarios of an example: two interpreters that others wrote, and `windlass run`, each against the services that really run.
fn scenarios(example: &str, environment: &str, services: &[(&str, &Running)]) {
    let folder = root().join("examples").join(example);
    let file = root().join(format!("tests/conformance/scenarios/{example}.json"));
    let mut arguments = vec![text(&folder).to_owned(), text(&file).to_owned()];
    arguments.extend(["--windlass", env!("CARGO_BIN_EXE_windlass"), "--env", environment].map(str::to_owned));
    arguments.extend(
        services.iter().flat_map(|(name, running)| ["--service".to_owned(), format!("{name}={}", running.url)]),
    );
    script("workflows.py", &arguments.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn every_interpreter_gives_what_windlass_run_gives() {
    scenarios("tenants", "prod", &[]);
    let Some(built) = risk() else { return };
    let mut running = built.start();
    scenarios("fraud-risk", "prod", &[("risk", &running)]);
    running.stop();
    // The committed output of this example holds no services.
    let (folder, out) = (root().join("examples/batch-scoring"), tempfile::tempdir().expect("a folder"));
    let spec = fs::read_to_string(folder.join("windlass.hcl")).expect("a spec");
    let outcome = compile(&[("windlass.hcl", &spec)], Some("prod"), &folder);
    assert!(outcome.found.is_empty(), "{}", outcome.drawn());
    outcome.write("services/", &folder, out.path());
    let mut running = build(&out.path().join("services"), "risk").start();
    scenarios("batch-scoring", "prod", &[("risk", &running)]);
    running.stop();
}

/// What the stack fills into the definitions, with values that stand for the real resources.
fn substitutions(out: &Path) -> Vec<(String, String)> {
    let asl = fs::read_to_string(out.join("stepfunctions/assess.asl.json")).expect("a definition");
    let mut names: Vec<&str> = asl.split("${").skip(1).filter_map(|rest| rest.split('}').next()).collect();
    names.sort_unstable();
    names.dedup();
    let value = |name: &str| match name.to_ascii_lowercase() {
        lower if lower.contains("topic") => topic(),
        lower if lower.contains("connection") => {
            "arn:aws:events:us-east-1:123456789012:connection/risk/00000000-0000-0000-0000-000000000000".to_owned()
        }
        _ => panic!("the definition wants `{name}`"),
    };
    names.into_iter().map(|name| (name.to_owned(), value(name))).collect()
}

/// The topic that the example's channel becomes.
fn topic() -> String {
    "arn:aws:sns:us-east-1:123456789012:fraud-risk-prod-oncall".to_owned()
}
