//! What a workflow of a spec means: the plan that every target reads.

use windlass::evaluate::Inputs;
use windlass_schemas::diagnostic::Diagnostics;
use windlass_schemas::plan::{Elements, FunctionKind, OnError, Pause, Plan, Stage, Step, Verb, Workflow, stages};
use windlass_schemas::source::Sources;
use windlass_schemas::units::Duration;

use crate::support::{Folder, Recorded, root};

const PLATFORM: &str = r#"
project "demo" {}

platform "aws" {
  account = "123456789012"
  region  = "us-gov-west-1"
  cluster = "main"
}

bucket "data" {
  name = "my-bucket"
}

model "risk" {
  version "1" { file = "models/linear.onnx" }
  serve = "1"
}

service "risk" {
  model = model.risk
  image = "registry.example.com/risk"
  resources {
    cpu    = "500m"
    memory = "128Mi"
  }
}
"#;

/// The plan of a spec that is sound; no target looks at it.
#[track_caller]
fn plan(spec: &str) -> Plan {
    let sources = Sources::default();
    sources.add("main.hcl", format!("{PLATFORM}\n{spec}"));
    let (mut diags, files) = (Diagnostics::default(), root().join("tests/ui"));
    let inputs = Inputs { environment: None, variables: &[] };
    let compiled = windlass::compile(&sources, &inputs, &Folder(files.clone()), &Recorded(files), &[], &mut diags);
    let found: Vec<String> = diags.into_sorted().into_iter().map(|found| found.message).collect();
    assert_eq!(found, [""; 0]);
    compiled.expect("a compiled spec").plan().expect("a plan").clone()
}

fn workflow<'p>(plan: &'p Plan, name: &str) -> &'p Workflow {
    plan.workflows.iter().find(|workflow| workflow.name == name).expect("the workflow")
}

fn stage<'w>(workflow: &'w Workflow, name: &str) -> &'w Stage {
    stages(&workflow.body).into_iter().find(|stage| stage.name == name).expect("the stage")
}

/// `a (b | c) d`, a stage's handlers behind it in brackets.
fn shape(steps: &[Step]) -> String {
    fn one(stage: &Stage) -> String {
        let handler = stage.handler().map(|handler| format!("[{}]", one(handler))).unwrap_or_default();
        format!("{}{handler}", stage.name)
    }
    let step = |step: &Step| match step {
        Step::Stage(stage) => one(stage),
        Step::Parallel(branches) => {
            format!("({})", branches.iter().map(|branch| shape(branch)).collect::<Vec<_>>().join(" | "))
        }
    };
    steps.iter().map(step).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_stage_and_its_handlers_run_as_one() {
    let plan = plan(
        r#"
workflow "w" {
  stage "last" {
    after = [stage.second]
    value = 1
  }
  stage "first" {
    read     = bucket.data
    key      = "a.json"
    on_error = stage.second
  }
  stage "beside" {
    value = 2
  }
  stage "second" {
    read     = bucket.data
    key      = "${stage.before.value}.json"
    on_error = stage.third
  }
  stage "third" {
    write    = bucket.data
    key      = "error.json"
    body     = error
    on_error = "continue"
  }
  stage "before" {
    value = "b"
  }
}
"#,
    );
    let workflow = workflow(&plan, "w");
    // What a handler reads has ended before the stage begins that it handles; what reads a handler comes after.
    assert_eq!(shape(&workflow.body), "(before first[second[third]] last | beside)");
    assert_eq!(stage(workflow, "third").on_error, Some(OnError::Continue));
    assert!(matches!(&stage(workflow, "first").on_error, Some(OnError::Handle(next)) if next.name == "second"));
}

#[test]
fn elements_that_need_executions_of_their_own_get_them() {
    let plan = plan(
        r#"
workflow "w" {
  input "ids" {
    type = list(string)
  }
  stage "few" {
    for_each = range(1000)
    read     = bucket.data
    key      = "${item}.json"
  }
  stage "many" {
    for_each = range(10000)
    read     = bucket.data
    key      = "${item}.json"
  }
  stage "numbers" {
    for_each = range(5000)
    value    = item
  }
  stage "wide" {
    for_each        = input.ids
    max_concurrency = 41
    value           = item
  }
  stage "narrow" {
    for_each        = input.ids
    max_concurrency = 40
    value           = item
  }
  stage "tried" {
    for_each = range(1000)
    read     = bucket.data
    key      = "${item}.json"
    retry {
      attempts = 9
    }
  }
  stage "rows" {
    value = item[0].amount
    distribute {
      rows   = bucket.data
      key    = "a.csv"
      format = "csv"
      batch  = 5
    }
  }
  output = {
    last = stage.few[999].body
    rows = stage.rows[*].value
  }
}
"#,
    );
    let workflow = workflow(&plan, "w");
    let distributed = |name: &str| stage(workflow, name).each.as_ref().expect("elements").distributed;
    let all = ["few", "many", "numbers", "wide", "narrow", "tried", "rows"].map(distributed);
    assert_eq!(all, [false, true, false, true, false, true, true]);
    let rows = stage(workflow, "rows").each.as_ref().expect("elements");
    assert!(matches!(&rows.over, Elements::Rows { bucket, .. } if bucket == "data"));
    assert_eq!(rows.batch, Some(5));
    assert_eq!(workflow.returns.to_string(), "object({ last = any, rows = list(string) })");
}

#[test]
fn types_go_from_workflow_to_workflow_and_through_models() {
    let plan = plan(
        r#"
workflow "outer" {
  stage "inner" {
    start = workflow.inner
    input = { rows = [[1, 2, 3, 4]] }
  }
  output = stage.inner.output.one
}

workflow "inner" {
  timeout = "90s"
  input "rows" {
    type = list(list(number))
  }
  stage "one" {
    infer  = service.risk
    inputs = { x = [[1, 2, 3, 4], [5, 6, 7, 8]] }
  }
  stage "any" {
    infer  = service.risk
    inputs = { x = input.rows }
  }
  output = { one = stage.one.outputs, any = stage.any.outputs }
}
"#,
    );
    let inner = workflow(&plan, "inner");
    let outputs = format!("{:?}", stage(inner, "one").outputs);
    assert!(outputs.contains("Some(2)"), "the batch has two samples: {outputs}");
    assert!(!format!("{:?}", stage(inner, "any").outputs).contains("Some(2)"));
    let outer = workflow(&plan, "outer");
    assert!(format!("{:?}", outer.returns).contains("Some(2)"), "{:?}", outer.returns);
    // As long as the other may take, and a minute.
    assert_eq!(stage(outer, "inner").timeout.value, Duration::from_seconds(150));
}

#[test]
fn what_the_spec_leaves_out_is_filled_in() {
    let plan = plan(
        r#"
function "near" {
  lambda = "enrich:live"
}

function "far" {
  lambda = "arn:aws:lambda:eu-west-1:210987654321:function:enrich"
}

job "report" {
  image = "registry.example.com/report:2"
  resources {
    cpu    = "500m"
    memory = "128Mi"
  }
}

workflow "quick" {
  type = "express"
  input "a" {
    type    = number
    default = 1
  }
  input "b" {
    type = string
  }
  trigger {
    objects = bucket.data
    input   = { b = event.key }
  }
  stage "call" {
    call = function.near
  }
  stage "wait" {
    wait = "2m"
  }
  stage "pause" {
    wait = 5
  }
}
"#,
    );
    let quick = workflow(&plan, "quick");
    assert_eq!(quick.timeout, Duration::from_seconds(300));
    assert!(matches!(&stage(quick, "wait").verb, Verb::Wait(Pause::For(Duration(120_000)))));
    assert!(matches!(&stage(quick, "pause").verb, Verb::Wait(Pause::For(Duration(5000)))));
    assert_eq!(stage(quick, "call").timeout.value, Duration::from_seconds(30));
    let trigger = &quick.triggers[0];
    assert_eq!(trigger.input.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(serde_json::Value::Object(trigger.constant_input()), serde_json::json!({ "a": 1 }));
    let arns = plan.functions.iter().map(|function| match &function.kind {
        FunctionKind::Lambda { arn } => arn.as_str(),
        FunctionKind::Http { .. } => "",
    });
    assert_eq!(
        arns.collect::<Vec<_>>(),
        [
            "arn:aws:lambda:eu-west-1:210987654321:function:enrich",
            "arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:enrich:live",
        ]
    );
    assert_eq!(plan.jobs[0].image, "registry.example.com/report:2");
}

#[test]
fn a_handler_that_fails_leaves_the_outputs_certain() {
    // `load` is not optional here, because `stop` ends the execution.
    let plan = plan(
        r#"
workflow "w" {
  stage "load" {
    read     = bucket.data
    key      = "a.json"
    returns  = object({ n = number })
    on_error = stage.stop
  }
  stage "stop" {
    fail = "no data: ${error.cause}"
  }
  output = stage.load.body.n + 1
}
"#,
    );
    assert_eq!(workflow(&plan, "w").returns.to_string(), "number");
}
