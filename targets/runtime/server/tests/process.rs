//! The program as others run it: what it prints, and how it ends.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../runtime/tests/fixtures/");
const ADD_ONE: &str = "8143ed70becb32cc2fa33bf876ce196edd4fe13a2bb21f613c8b5bbfe1a7a27f";

fn model(name: &str) -> String {
    format!("{FIXTURES}{name}")
}

/// Exit code, standard output and standard error, as JSON where they are.
fn run(arguments: &[&str], input: &str) -> (i32, Value, Value) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_windlass-server"));
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let json = |bytes: &[u8]| serde_json::from_slice(bytes).unwrap_or_else(|_| String::from_utf8_lossy(bytes).into());
    (output.status.code().unwrap(), json(&output.stdout), json(&output.stderr))
}

fn file(name: &str, content: &str) -> String {
    let folder: PathBuf = std::env::temp_dir().join(format!("windlass-server-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(name), content).unwrap();
    folder.join(name).to_str().unwrap().to_owned()
}

fn config() -> Value {
    json!({
        "name": "plus",
        "model": {
            "name": "add-one",
            "versions": [{ "version": "7", "file": model("add-one.onnx"), "sha256": ADD_ONE }],
            "inputs": [{ "name": "x", "datatype": "FP32", "shape": [-1, 3] }],
            "outputs": [{ "name": "y", "datatype": "FP32", "shape": [-1, 3] }],
        },
        "settings": {
            "WINDLASS_LISTEN": "127.0.0.1:0", "WINDLASS_DRAIN_DELAY": "0",
        },
    })
}

#[test]
fn it_serves_what_the_configuration_says() {
    let path = file("serve.json", &config().to_string());
    let mut child = Command::new(env!("CARGO_BIN_EXE_windlass-server"))
        .args(["serve", "--config", &path])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map(|line| -> Value { serde_json::from_str(&line.unwrap()).unwrap() });
    let address = lines.next().unwrap()["address"].as_str().unwrap().to_owned();
    assert_eq!(lines.next().unwrap()["message"], "ready");
    let body = r#"{"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","data":[1,2,3]}]}"#;
    let mut stream = TcpStream::connect(&address).unwrap();
    write!(
        stream,
        "POST /v2/models/add-one/versions/7/infer HTTP/1.1\r\nhost: t\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("[2.0,3.0,4.0]"), "{answer}");
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));

    let (code, _, error) = run(&["serve", "--config", "-"], &config().to_string().replace("8143", "8144"));
    assert_eq!(code, 1);
    assert!(error["error"].as_str().unwrap().contains("expected sha256 8144"), "{error}");
    let (code, _, error) = run(&["serve", "--config", "-"], "{");
    assert!(code == 1 && error["error"].as_str().unwrap().starts_with("the configuration: EOF"), "{error}");
}

#[test]
fn inspect_tells_what_the_engine_sees() {
    let (code, found, _) = run(&["inspect", &model("classifier.onnx"), "--json"], "");
    assert_eq!(code, 0);
    assert_eq!(found["inputs"], json!([{ "name": "features", "datatype": "FP32", "shape": [-1, 16] }]));
    assert_eq!(found["outputs"][0], json!({ "name": "label", "datatype": "INT64", "shape": [-1] }));
    assert!(found["inference_us"].as_f64().unwrap() > 0.0 && found["runs"].as_u64().unwrap() > 10, "{found}");
    assert!(found["load_ms"].as_f64().unwrap() > 0.0 && found["parameter_bytes"].as_u64().unwrap() > 64, "{found}");
    let (code, text, _) = run(&["inspect", &model("classifier.onnx")], "");
    assert!(code == 0 && text.as_str().unwrap().contains("features: FP32 [-1, 16]"), "{text}");
    let (code, _, error) = run(&["inspect", &file("text.onnx", "no model")], "");
    assert!(code == 1 && error["error"].as_str().unwrap().contains("not ONNX"), "{error}");
}

#[test]
fn check_holds_pairs_against_the_model() {
    let pairs = |y: &str| format!(r#"[{{"inputs":{{"x":[[1,2,3]]}},"outputs":{{"y":[[2,3,{y}]]}}}}]"#);
    let (sound, wrong) = (file("sound.json", &pairs("4")), file("wrong.json", &pairs("5")));
    let add_one = model("add-one.onnx");
    let (code, found, _) = run(&["check", "--model", &add_one, "--golden", &sound], "");
    assert_eq!((code, found), (0, json!({ "pairs": 1, "holds": true, "differences": [] })));
    let (code, found, _) = run(&["check", "--config", "-", "--golden", &wrong], &config().to_string());
    assert_eq!(code, 3);
    assert_eq!(found["differences"][0]["index"], json!([0, 2]));
    let arguments = ["check", "--model", &add_one, "--golden", &sound, "--golden-sha256", "00"];
    let (code, _, error) = run(&arguments, "");
    assert!(code == 1 && error["error"].as_str().unwrap().contains("expected sha256 00"), "{error}");
    assert_eq!(run(&["check", "--model", &add_one], "").0, 2);
}

#[test]
fn score_measures() {
    let mut rows = vec![(0..16).map(|n| format!("f{n}")).collect::<Vec<_>>().join(",") + ",fraud"];
    rows.extend(
        (0..300).map(|row| vec![f64::from(row % 7).to_string(); 16].join(",") + if row % 3 == 0 { ",1" } else { ",0" }),
    );
    let dataset = file("rows.csv", &rows.join("\n"));
    let classifier = model("classifier.onnx");
    let ask = |more: &[&str]| {
        let arguments = [&["score", "--model", &classifier, "--dataset", &dataset, "--label", "fraud"], more].concat();
        run(&arguments, "")
    };
    let (code, found, error) = ask(&["--metric", "accuracy", "--metric", "auc", "--metric", "f1"]);
    assert_eq!(code, 0, "{error}");
    assert_eq!(found["rows"], 300);
    assert_eq!(found["outputs"], json!({ "accuracy": "label", "auc": "probabilities", "f1": "label" }));
    let by_label = found["metrics"]["accuracy"].as_f64().unwrap();
    let (_, found, _) = ask(&["--metric", "accuracy", "--output", "probabilities"]);
    assert_eq!(found["metrics"]["accuracy"].as_f64().unwrap(), by_label);
    let (code, _, error) = ask(&["--metric", "rmse", "--output", "nothing"]);
    assert!(code == 1 && error["error"].as_str().unwrap().contains("no output `nothing`"), "{error}");
    let (code, _, error) = ask(&["--metric", "auc", "--dataset-sha256", "00"]);
    assert!(code == 1 && error["error"].as_str().unwrap().contains("another file"), "{error}");
}
