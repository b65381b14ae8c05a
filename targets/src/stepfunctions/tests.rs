//! Definitions of hand-built plans.

mod constructs;
mod variables;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use windlass_schemas::artifact::{Artifacts, Content};
use windlass_schemas::diagnostic::Diagnostics;
use windlass_schemas::expr::BinaryOp;
use windlass_schemas::plan::{ErrorKind, Plan, Retry, Stage, Step, Verb, Workflow};
use windlass_schemas::types::Type;
use windlass_schemas::units::Duration;

use super::{StepFunctions, definition};
use crate::Target as _;
use crate::fixture as f;

fn emitted(plan: &Plan) -> Value {
    definition(plan, &plan.workflows[0])
}

fn with(change: impl FnOnce(&mut Workflow)) -> Plan {
    let mut plan = f::plan();
    change(&mut plan.workflows[0]);
    plan
}

fn stage_of(workflow: &mut Workflow, at: usize) -> &mut Stage {
    match &mut workflow.body[at] {
        Step::Stage(stage) => stage,
        Step::Parallel(_) => panic!("a stage"),
    }
}

fn findings(plan: &Plan) -> Vec<(String, String)> {
    let mut diags = Diagnostics::default();
    StepFunctions.check(plan, &mut diags);
    diags.into_sorted().into_iter().map(|d| (d.code.name.to_owned(), d.message)).collect()
}

#[test]
fn the_example_is_sound() {
    assert_eq!(findings(&f::plan()), []);
    let mut out = Artifacts::default();
    StepFunctions.emit(&f::plan(), &mut out);
    let artifact = out.get("stepfunctions/assess.asl.json").expect("a definition");
    let Content::Text(text) = &artifact.content else { panic!("text") };
    assert!(text.contains("\"BackoffRate\": 2.0") && text.ends_with("}\n"));
    assert_eq!(artifact.origins.len(), 5, "the workflow and its stages");
}

/// Every `Next`, `Default` and `StartAt` names a state of its own flow, every state is reached, and names are unique.
#[test]
fn flows_are_closed() {
    fn flow(of: &Value, seen: &mut BTreeSet<String>) {
        let states = of["States"].as_object().expect("states");
        let mut reached = BTreeSet::from([of["StartAt"].as_str().expect("an entry").to_owned()]);
        for (name, state) in states {
            assert!(seen.insert(name.clone()), "{name} twice");
            assert!(name.len() <= 80 && name.is_ascii());
            let rules = state["Choices"].as_array().into_iter().flatten().map(|rule| &rule["Next"]);
            reached
                .extend(rules.chain([&state["Next"], &state["Default"]]).filter_map(|n| n.as_str()).map(str::to_owned));
            state["Branches"].as_array().into_iter().flatten().for_each(|branch| flow(branch, seen));
            if state["Type"] == "Task" {
                assert!(state["TimeoutSeconds"].as_u64().is_some_and(|s| s > 0), "{name} has no timeout");
            }
        }
        assert_eq!(reached, states.keys().cloned().collect());
    }
    flow(&emitted(&f::plan()), &mut BTreeSet::new());
    let nested = with(|w| {
        let parallel = w.body.pop().expect("a step");
        let more = f::stage("more", Verb::Read { bucket: "data".into(), key: f::text("k") });
        let when = Some(f::binary(BinaryOp::Equal, f::input("application_id"), f::text("x")));
        let (a, b) = (Stage { name: "a".into(), ..more.clone() }, Stage { when, name: "b".into(), ..more.clone() });
        w.body.push(Step::Parallel(vec![vec![Step::Stage(Box::new(more)), parallel], vec![Step::Stage(Box::new(a))]]));
        w.body.push(Step::Stage(Box::new(b)));
    });
    flow(&emitted(&nested), &mut BTreeSet::new());
    flow(&emitted(&with(|w| (w.body, w.output) = (Vec::new(), None))), &mut BTreeSet::new());
    flow(&emitted(&with(|w| w.inputs[0].default = Some(json!("x")))), &mut BTreeSet::new());
}

#[test]
fn variables_leave_a_parallel_when_they_are_read_after_it() {
    let machine = emitted(&f::plan());
    let parallel = &machine["States"]["parallel 1"];
    assert_eq!(
        parallel["Assign"],
        json!({ "page_analyst": "{% $states.result[0].page_analyst %}", "save": "{% $states.result[1].save %}" })
    );
    let branch = &parallel["Branches"][1]["States"];
    assert_eq!(branch["end of parallel 1.2"]["Output"], json!({ "save": "{% $save_in_1 %}" }));
    assert!(branch["save"]["Assign"].get("save_in_1").is_some(), "a branch must not assign what is assigned around it");
    let unread = emitted(&with(|w| w.output = None));
    let parallel = &unread["States"]["parallel 1"];
    assert_eq!(parallel.get("Assign"), None);
    assert_eq!(parallel["Branches"][1]["States"]["save"].get("Assign"), None);
    assert_eq!(unread["States"]["return output"]["Output"], json!({}));
}

#[test]
fn a_skipped_stage_is_null() {
    let machine = emitted(&f::plan());
    let branch = &machine["States"]["parallel 1"]["Branches"][0];
    assert_eq!(branch["StartAt"], "when page_analyst");
    let choice = &branch["States"]["when page_analyst"];
    assert_eq!(choice["Choices"][0]["Condition"], "{% $score.outputs.probabilities[0][1] > 0.8 %}");
    assert_eq!(
        (&choice["Assign"], &choice["Default"]),
        (&json!({ "page_analyst_in_1": null }), &json!("end of parallel 1.1"))
    );
}

#[test]
fn retries() {
    let retrier =
        |retries: Vec<Retry>| emitted(&with(|w| stage_of(w, 1).retries = retries))["States"]["score"]["Retry"].clone();
    let retry = Retry {
        on: Vec::new(),
        attempts: 4,
        backoff: f::spanned(2000),
        factor: 1.5,
        max_backoff: f::spanned(60_000),
        jitter: false,
    };
    let full = &retrier(vec![retry.clone()])[0];
    assert_eq!(full["MaxAttempts"], 4);
    assert_eq!(full["BackoffRate"].to_string(), "1.5");
    assert_eq!((&full["IntervalSeconds"], &full["MaxDelaySeconds"]), (&json!(2), &json!(60)));
    assert_eq!(full["JitterStrategy"], "NONE");
    // The delay may not be as short as the interval.
    let constant = &retrier(vec![Retry { max_backoff: f::spanned(2000), ..retry.clone() }])[0];
    assert_eq!((constant["BackoffRate"].to_string().as_str(), constant.get("MaxDelaySeconds")), ("1.0", None));
    assert_eq!(retrier(vec![Retry { attempts: 0, ..retry }]), Value::Null);
    assert_eq!(retrier(Vec::new()), Value::Null);
}

#[test]
fn of_several_retriers_the_first_that_names_an_error_counts() {
    let named = |name: &str| ErrorKind::Named(name.to_owned());
    let retries = vec![
        f::retry(vec![ErrorKind::Timeout, named("States.Http.StatusCode.409"), ErrorKind::Timeout], 5),
        f::retry(vec![ErrorKind::Throttled, ErrorKind::Unavailable], 0),
        f::retry(vec![named("X"), ErrorKind::Any], 2),
        f::retry(vec![named("Y")], 9),
    ];
    let found = emitted(&with(|w| stage_of(w, 1).retries = retries))["States"]["score"]["Retry"].clone();
    let errors = |at: usize| found[at]["ErrorEquals"].clone();
    assert_eq!(errors(0), json!(["States.Timeout", "States.Http.StatusCode.409"]));
    assert_eq!(
        (errors(1)[0].as_str(), found[1]["MaxAttempts"].as_u64()),
        (Some("States.Http.StatusCode.429"), Some(0))
    );
    assert_eq!(errors(2), json!(["States.ALL"]), "it stands alone");
    assert_eq!(found.as_array().map(Vec::len), Some(3), "and last");
}

/// A call that the service refused for good, or that it failed in computing, fails the same way again.
#[test]
fn only_transient_errors_of_a_call_are_retried() {
    let machine = emitted(&f::plan());
    let errors = machine["States"]["score"]["Retry"][0]["ErrorEquals"].to_string();
    for status in ["400", "404", "422", "500", "ALL", "TaskFailed"] {
        assert!(!errors.contains(status), "{errors}");
    }
    assert!(errors.contains("StatusCode.503") && errors.contains("States.Timeout"));
}

/// What is changed, and the change.
type Change = (&'static str, fn(&mut Workflow));

/// Nothing of a workflow is dropped.
#[test]
fn each_leaf_matters() {
    let before = emitted(&f::plan());
    let changes: Vec<Change> = vec![
        ("name", |w| w.name.push('2')),
        ("timeout", |w| w.timeout = Duration(60_000)),
        ("an input's name", |w| w.inputs[0].name = "other".into()),
        ("an input's type", |w| w.inputs[0].ty = Type::Number),
        ("an input's default", |w| w.inputs[0].default = Some(json!("x"))),
        ("output", |w| w.output = Some(f::text("x"))),
        ("a stage's timeout", |w| stage_of(w, 0).timeout.value = Duration(1000)),
        ("a key", |w| stage_of(w, 0).verb = Verb::Read { bucket: "data".into(), key: f::text("k") }),
        ("when", |w| stage_of(w, 0).when = Some(f::binary(BinaryOp::Equal, f::text("a"), f::text("b")))),
        ("no retry", |w| stage_of(w, 1).retries.clear()),
        ("the order", |w| w.body.swap(0, 1)),
        ("a value", |w| {
            if let Verb::Infer { inputs, .. } = &mut stage_of(w, 1).verb {
                inputs[0].value = f::list(vec![f::list(vec![f::number(1.0)])]);
            }
        }),
        ("an output tensor", |w| {
            if let Verb::Infer { outputs, .. } = &mut stage_of(w, 1).verb {
                outputs[0].shape.clear();
            }
        }),
    ];
    for (what, change) in changes {
        assert_ne!(emitted(&with(change)), before, "{what}");
    }
    let mut plan = f::plan();
    plan.buckets[0].bucket = "other".into();
    assert_ne!(emitted(&plan), before, "the bucket");
    let mut plan = f::plan();
    plan.platform.account = "000000000000".into();
    assert_ne!(emitted(&plan), before, "the account, in the topic");
    assert_eq!(emitted(&f::plan()), before, "the same plan");
}

#[test]
fn variables_do_not_hide_functions() {
    let plan = with(|w| {
        let read = |name| f::stage(name, Verb::Read { bucket: "data".into(), key: f::text("k") });
        let names = ["count", "stage_count", "field", "_x", "1st", "input"];
        w.body = names.into_iter().map(|name| Step::Stage(Box::new(read(name)))).collect();
        w.output = Some(f::list(names.into_iter().map(f::stage_ref).collect()));
    });
    let machine = emitted(&plan);
    let variables: Vec<&str> = machine["States"]["return output"]["Output"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    assert_eq!(
        variables,
        [
            "{% $stage_count_ %}",
            "{% $stage_count %}",
            "{% $stage_field %}",
            "{% $stage__x %}",
            "{% $stage_1st %}",
            "{% $stage_input %}"
        ]
    );
}

#[test]
fn what_step_functions_cannot_do_is_refused() {
    let mut private = f::plan();
    private.services[0].expose = None;
    let found = findings(&private);
    assert_eq!(found, [("unreachable-service".to_owned(), "stage `score` cannot reach service `risk`".to_owned())]);

    let long = with(|w| stage_of(w, 1).timeout.value = Duration(61_000));
    assert!(findings(&long)[0].1.contains("longer than Step Functions waits"));
    assert_eq!(findings(&with(|w| stage_of(w, 0).timeout.value = Duration(61_000))), []);
    let wait = Retry { backoff: f::spanned(1500), max_backoff: f::spanned(2000), ..f::retry(Vec::new(), 4) };
    assert!(findings(&with(|w| stage_of(w, 1).retries = vec![wait.clone()]))[0].1.contains("`1500ms` is not a wait"));
    assert_eq!(findings(&with(|w| w.name = "x".repeat(80)))[0].0, "limit");
    let huge = with(|w| stage_of(w, 0).verb = Verb::Read { bucket: "data".into(), key: f::text(&"x".repeat(1 << 20)) });
    assert_eq!(findings(&huge)[0].0, "limit");

    let unknown = with(|w| w.output = Some(f::list(vec![f::call("base64gzip", vec![f::text("x")])])));
    let mut diags = Diagnostics::default();
    StepFunctions.check(&unknown, &mut diags);
    let found = diags.into_sorted();
    assert_eq!(found[0].code.name, "unsupported-expression");
    assert!(found[0].help.as_ref().is_some_and(|help| help.contains("`jsonencode`")));
    let arity = with(|w| w.output = Some(f::call("upper", vec![])));
    assert_eq!(findings(&arity)[0].0, "unsupported-expression");
    let exact = with(|w| w.output = Some(f::binary(BinaryOp::Add, f::number(9e15), f::input("application_id"))));
    assert_eq!(findings(&exact), []);
}
