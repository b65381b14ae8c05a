//! `windlass graph`: what is drawn, and that the languages are those that others read.

use std::process::Command;

use crate::conformance::required;
use crate::support::{root, windlass};

fn drawn(language: &str) -> String {
    let example = root().join("examples/fraud-risk");
    let done = windlass(&["graph", example.to_str().expect("UTF-8"), "--env", "prod", "--as", language]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).expect("UTF-8")
}

#[test]
fn stages_are_connected_as_they_run() {
    assert_eq!(
        drawn("mermaid"),
        "\
flowchart TB
  subgraph flow0 [\"assess\"]
    n0([\"workflow<br/>assess\"])
    n2(\"load<br/>read\")
    n4(\"score<br/>infer\")
    n6(\"page_analyst<br/>notify, when\")
    n8(\"save<br/>write\")
  end
  n1>\"rate(1 hour)\"]
  n3[(\"bucket<br/>data\")]
  n5[(\"service<br/>risk\")]
  n7[(\"channel<br/>oncall\")]
  n1 -- starts --> n0
  n0 --> n2
  n2 -. reads .-> n3
  n2 --> n4
  n4 -. asks .-> n5
  n4 --> n6
  n6 -. notifies .-> n7
  n4 --> n8
  n8 -. writes .-> n3
"
    );
}

#[test]
fn a_picture_holds_every_box_inside() {
    let svg = drawn("svg");
    for name in ["assess", "load", "score", "page_analyst", "save", "data", "risk", "oncall", "rate(1 hour)"] {
        assert!(svg.contains(&format!(">{name}</text>")), "{name}");
    }
    let number = |text: &str| text.parse::<f64>().expect("a number");
    let attribute = |line: &str, name: &str| {
        number(line.split(&format!(" {name}=\"")).nth(1).and_then(|rest| rest.split('"').next()).expect("there"))
    };
    let head = svg.lines().next().expect("a line");
    let (width, height) = (attribute(head, "width"), attribute(head, "height"));
    let mut boxes: Vec<[f64; 4]> = Vec::new();
    for line in svg.lines().filter(|line| line.starts_with("<rect class=\"box")) {
        let [x, y, w, h] = ["x", "y", "width", "height"].map(|name| attribute(line, name));
        assert!(x >= 0.0 && y >= 0.0 && x + w <= width && y + h <= height, "{line}");
        let apart = |[a, b, c, d]: &[f64; 4]| x + w <= *a || a + c <= x || y + h <= *b || b + d <= y;
        assert!(boxes.iter().all(apart), "{line} lies on another");
        boxes.push([x, y, w, h]);
    }
    assert_eq!(boxes.len(), 9);
}

#[test]
fn unknown_workflows_are_named() {
    let example = root().join("examples/fraud-risk");
    let done = windlass(&["graph", example.to_str().expect("UTF-8"), "--env", "prod", "--workflow", "asess"]);
    assert_eq!(done.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&done.stderr).contains("did you mean `assess`?"));
    assert!(done.stdout.is_empty());
}

/// What a program of others says to the drawing on its standard input.
fn read_by(mut command: Command, text: &str) {
    use std::io::Write;
    use std::process::Stdio;
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(error) => {
            assert!(!required(), "{command:?} can't run: {error}; run tests/tools/install");
            println!("SKIPPED: {command:?}: {error}");
            return;
        }
    };
    child.stdin.take().expect("piped").write_all(text.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{}\n{text}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn graphviz_and_mermaid_read_it() {
    let mut dot = Command::new("dot");
    dot.arg("-Tsvg");
    read_by(dot, &drawn("dot"));
    let mut mermaid = Command::new("node");
    mermaid.arg(root().join("tests/conformance/mermaid.mjs"));
    if root().join(".tools/node/node_modules/mermaid").is_dir() || required() {
        read_by(mermaid, &drawn("mermaid"));
    }
}
