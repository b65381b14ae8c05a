//! `windlass run`, with commands and recorded results in place of what a workflow touches.

use std::fs;
use std::path::PathBuf;
use std::process::Output;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use crate::support::windlass;

const SPEC: &str = r#"
project "demo" {}
platform "aws" {
  account = "123456789012"
  region  = "us-east-1"
  cluster = "main"
}
bucket "data" { name = "my-bucket" }
channel "oncall" { email = "oncall@example.com" }
function "enrich" {
  lambda  = "enrich"
  returns = object({ risk = number })
}
workflow "assess" {
  input "id" { type = string }
  input "limit" {
    type    = number
    default = 0.5
  }
  input "note" {
    type    = string
    default = null
  }
  stage "load" {
    read = bucket.data
    key  = "in/${input.id}.json"
  }
  stage "ask" {
    call    = function.enrich
    payload = { name = stage.load.body.name }
    timeout = "2s"
    retry { attempts = 2 }
    on_error = stage.apologize
  }
  stage "apologize" {
    notify  = channel.oncall
    message = "no answer: ${error.name}"
  }
  stage "tell" {
    when    = stage.ask != null && stage.ask.result.risk > input.limit
    notify  = channel.oncall
    message = "${input.id} is risky${input.note == null ? "" : ": ${input.note}"}"
  }
  stage "many" {
    for_each = [1, 2, 3]
    value    = item * 2
  }
  stage "save" {
    write = bucket.data
    key   = "out/${input.id}.json"
    body  = { doubled = stage.many[*].value }
  }
  output = { risk = stage.ask == null ? null : stage.ask.result.risk }
}
"#;

struct Project(tempfile::TempDir);

impl Project {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("main.hcl"), SPEC).expect("written");
        let objects = folder.path().join("buckets/data/in");
        fs::create_dir_all(&objects).expect("made");
        fs::write(objects.join("a.json"), r#"{ "name": "Ada" }"#).expect("written");
        fs::write(folder.path().join("input.json"), r#"{ "id": "a" }"#).expect("written");
        Project(folder)
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let (dir, input) = (self.path(""), self.path("input.json"));
        let mut all = vec!["run", "assess", dir.to_str().expect("UTF-8"), "--input", input.to_str().expect("UTF-8")];
        all.extend(arguments);
        windlass(&all)
    }
}

fn said(done: &Output) -> String {
    String::from_utf8_lossy(&done.stderr).into_owned()
}

fn output(done: &Output) -> Json {
    assert!(done.status.success(), "{}", said(done));
    serde_json::from_slice(&done.stdout).expect("JSON")
}

#[test]
fn stages_run_in_order_and_leave_what_they_write() {
    let project = Project::new();
    let done = project.run(&["--function", r#"enrich=cat >/dev/null; echo '{"risk": 0.75}'; :"#]);
    assert_eq!(output(&done), json!({ "risk": 0.75 }));
    let written = fs::read_to_string(project.path("buckets/data/out/a.json")).expect("an object");
    assert_eq!(serde_json::from_str::<Json>(&written).expect("JSON"), json!({ "doubled": [2, 4, 6] }));
    let told = said(&done);
    assert!(told.contains("channel.oncall: a is risky\n") && !told.contains("apologize: began"), "{told}");
    assert!(told.contains("assess.ask: began\n") && told.contains("assess.ask: ended after "), "{told}");

    fs::write(project.path("input.json"), r#"{ "id": "a", "note": "new" }"#).expect("written");
    let noted = said(&project.run(&["--function", r#"enrich=cat >/dev/null; echo '{"risk": 0.75}'; :"#]));
    assert!(noted.contains("channel.oncall: a is risky: new\n"), "{noted}");

    let traced = said(&project.run(&["--trace", "--function", r#"enrich=cat >/dev/null; echo '{"risk": 0.25}'; :"#]));
    assert!(traced.contains(r#""payload": {"#) && traced.contains(r#""name": "Ada""#), "{traced}");
    assert!(traced.contains("assess.tell: skipped"), "{traced}");
}

#[test]
fn failures_are_retried_handled_and_shown_in_the_spec() {
    let project = Project::new();
    // The retrier is for errors that may pass; what a function says of itself is none, and goes to the handler.
    let failing = r#"enrich=cat >/dev/null; echo '{"errorType": "Busy", "errorMessage": "later"}' >&2; exit 1; :"#;
    let done = project.run(&["--function", failing]);
    assert_eq!(output(&done), json!({ "risk": null }));
    let told = said(&done);
    assert!(told.contains("failed after") && told.contains("with Busy: later, which is handled"), "{told}");
    assert!(told.contains("channel.oncall: no answer: Busy") && !told.contains("again after"), "{told}");

    let began = Instant::now();
    // What the shell started outlives it, and holds its output.
    let slow = project.run(&["--function", "enrich=sleep 30; :"]);
    assert!(began.elapsed() < Duration::from_secs(25), "it waited for what the shell left behind");
    assert_eq!(output(&slow), json!({ "risk": null }));
    assert_eq!(said(&slow).matches("failed with States.Timeout").count(), 2, "{}", said(&slow));

    // What comes back is held against its type.
    let wrong = project.run(&["--function", r#"enrich=cat >/dev/null; echo '{"risk": "high"}'; :"#]);
    assert!(said(&wrong).contains("no answer: WrongType"), "{}", said(&wrong));

    fs::remove_file(project.path("buckets/data/in/a.json")).expect("removed");
    let missing = project.run(&["--function", "enrich=true"]);
    assert_eq!(missing.status.code(), Some(1));
    let told = said(&missing);
    assert!(told.contains("the execution failed with `S3.NoSuchKeyException`"), "{told}");
    assert!(told.contains("main.hcl:24:3") && told.contains(r#"stage "load""#), "{told}");
    assert!(missing.stdout.is_empty());
}

#[test]
fn recorded_results_stand_for_stages() {
    let project = Project::new();
    let recorded = json!({
        "StateMachines": { "assess": { "TestCases": { "busy": { "ask": "Busy" }, "dead": { "ask": "Dead" } } } },
        "MockedResponses": {
            "Busy": {
                "0-1": { "Throw": { "Error": "Lambda.TooManyRequestsException", "Cause": "busy" } },
                "2": { "Return": { "StatusCode": 200, "Payload": { "risk": 1 } } },
            },
            "Dead": { "0": { "Throw": { "Error": "Gone", "Cause": "" } } },
        },
    });
    let file = project.path("recorded.json");
    fs::write(&file, recorded.to_string()).expect("written");
    let file = file.to_str().expect("UTF-8");
    let done = project.run(&["--recorded", file, "--case", "busy"]);
    assert_eq!(output(&done), json!({ "risk": 1 }));
    assert_eq!(said(&done).matches("again after").count(), 2, "{}", said(&done));
    let done = project.run(&["--recorded", file, "--case", "dead"]);
    assert_eq!(output(&done), json!({ "risk": null }));
    let told = said(&project.run(&["--recorded", file]));
    assert!(told.contains("say which with `--case`: it has `busy`, `dead`"), "{told}");
    let told = said(&project.run(&["--recorded", file, "--case", "bussy"]));
    assert!(told.contains("it has no test case `bussy`, only `busy`, `dead`"), "{told}");
}

#[test]
fn what_can_not_begin_says_why() {
    let project = Project::new();
    let expect = |arguments: &[&str], wanted: &str| {
        let done = project.run(arguments);
        assert_eq!(done.status.code(), Some(1));
        assert!(said(&done).contains(wanted), "{}", said(&done));
    };
    expect(&["--function", "enrch=true"], "did you mean `enrich`?");
    expect(&["--bucket", "date=x"], "there is no bucket `date`");
    expect(&["--job", "train=x"], "there is no job `train`");
    fs::write(project.path("input.json"), "{").expect("written");
    expect(&[], "is not JSON");
    fs::write(project.path("input.json"), r#"{ "id": 7 }"#).expect("written");
    expect(&[], "the execution failed with `InvalidInput`");
    expect(&["--recorded", "nowhere.json"], "the recorded results can't be used: `nowhere.json`");
    let dir = project.path("");
    let unknown = windlass(&["run", "asess", dir.to_str().expect("UTF-8")]);
    assert!(said(&unknown).contains("did you mean `assess`?"), "{}", said(&unknown));
}

#[test]
fn keys_stay_in_their_folder() {
    let project = Project::new();
    fs::write(project.path("input.json"), r#"{ "id": "../../secret" }"#).expect("written");
    fs::write(project.path("buckets/secret.json"), "{}").expect("written");
    let told = said(&project.run(&["--function", "enrich=true"]));
    assert!(told.contains("is no key that a folder can hold"), "{told}");
}
