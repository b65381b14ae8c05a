//! Versions, aliases and what starts executions.

use serde_json::{Value, json};
use windlass_schemas::diagnostic::Diagnostics;
use windlass_schemas::expr::{BinaryOp, Expr};
use windlass_schemas::plan::{Log, Occasion, Outcome, Plan, Trigger};

use super::super::{CloudFormation, triggers};
use super::template;
use crate::Target as _;
use crate::fixture as f;

fn resource(plan: &Plan, id: &str) -> Value {
    template(plan)["Resources"][id].clone()
}

#[test]
fn a_new_version_gets_all_executions_at_once_or_share_by_share() {
    let mut plan = f::everything();
    let version = resource(&plan, "WorkflowVersionAssess");
    assert_eq!(
        version["Properties"]["StateMachineRevisionId"],
        json!({ "Fn::GetAtt": ["WorkflowAssess", "StateMachineRevisionId"] })
    );
    assert_eq!(version["UpdateReplacePolicy"], "Retain", "the version before is what a rollback goes to");
    let alias = resource(&plan, "WorkflowAliasAssess");
    assert_eq!(
        alias["Properties"],
        json!({
            "Name": "live",
            "DeploymentPreference": { "StateMachineVersionArn": { "Ref": "WorkflowVersionAssess" }, "Type": "ALL_AT_ONCE" },
        })
    );
    let preference =
        |plan: &Plan| resource(plan, "WorkflowAliasEverything")["Properties"]["DeploymentPreference"].clone();
    assert_eq!(
        preference(&plan),
        json!({
            "StateMachineVersionArn": { "Ref": "WorkflowVersionEverything" },
            "Type": "LINEAR",
            "Percentage": 20,
            "Interval": 5,
            "Alarms": [{ "Ref": "AlarmFailures" }],
        })
    );
    let everything = plan.workflows.iter_mut().find(|w| w.name == "everything").expect("the workflow");
    let shift = everything.shift.as_mut().expect("a shift");
    (shift.linear, shift.abort_on) = (false, Vec::new());
    assert_eq!((&preference(&plan)["Type"], preference(&plan).get("Alarms")), (&json!("CANARY"), None));
    assert_eq!(template(&plan)["Outputs"]["WorkflowAssess"]["Value"], json!({ "Ref": "WorkflowAliasAssess" }));
}

#[test]
fn logs_and_traces_are_as_the_spec_says() {
    let mut plan = f::everything();
    let properties = resource(&plan, "WorkflowEverything")["Properties"].clone();
    assert_eq!(properties["LoggingConfiguration"]["Level"], "ALL");
    assert_eq!(resource(&plan, "WorkflowQuick")["Properties"]["StateMachineType"], "EXPRESS");
    for workflow in &mut plan.workflows {
        (workflow.log, workflow.trace) = (Log::Off, false);
    }
    let properties = resource(&plan, "WorkflowEverything")["Properties"].clone();
    assert_eq!(properties["LoggingConfiguration"], json!({ "Level": "OFF", "IncludeExecutionData": false }));
    assert_eq!(properties["TracingConfiguration"]["Enabled"], false);
    assert_eq!(resource(&plan, "WorkflowLogsEverything"), Value::Null);
}

/// One linter's rule is left out for a state machine that it would refuse wrongly, and for no other.
#[test]
fn tolerated_failures_are_no_finding() {
    let plan = f::everything();
    assert_eq!(
        resource(&plan, "WorkflowEverything")["Metadata"]["cfn-lint"]["config"]["ignore_checks"],
        json!(["E3601"])
    );
    assert_eq!(resource(&plan, "WorkflowAssess").get("Metadata"), None);
}

#[test]
fn the_cluster_lets_a_role_in_that_runs_jobs() {
    let plan = f::everything();
    assert_eq!(
        resource(&plan, "ClusterAccessEverything")["Properties"],
        json!({
            "ClusterName": "main",
            "PrincipalArn": { "Fn::GetAtt": ["WorkflowRoleEverything", "Arn"] },
            "KubernetesGroups": ["fraud-risk-prod-jobs"],
            "Type": "STANDARD",
        })
    );
    assert_eq!(resource(&plan, "ClusterAccessAssess"), Value::Null);
}

#[test]
fn every_trigger_starts_the_alias_with_a_role_that_may_do_only_that() {
    let plan = f::everything();
    let alias = json!({ "Ref": "WorkflowAliasEverything" });
    let schedule = resource(&plan, "ScheduleEverythingn4")["Properties"].clone();
    assert_eq!(schedule["ScheduleExpressionTimezone"], "UTC");
    assert_eq!(schedule["Target"]["Arn"], alias);
    assert_eq!(schedule["Target"]["Input"], r#"{"application_id":"daily"}"#);

    let objects = resource(&plan, "RuleEverythingn1")["Properties"].clone();
    assert_eq!(
        objects["EventPattern"],
        json!({
            "source": ["aws.s3"],
            "detail-type": ["Object Created"],
            "detail": { "bucket": { "name": ["my-bucket"] }, "object": { "key": [{ "wildcard": "new/*.json" }] } },
        })
    );
    let target = &objects["Targets"][0];
    assert_eq!((&target["Arn"], &target["RoleArn"]), (&alias, &json!({ "Fn::GetAtt": ["RuleRoleEverything", "Arn"] })));
    assert_eq!(
        target["InputTransformer"],
        json!({ "InputPathsMap": { "key": "$.detail.object.key" }, "InputTemplate": r#"{"application_id": "s3/<key>"}"# })
    );
    assert!(objects["Description"].as_str().is_some_and(|d| d.contains("must send its events to EventBridge")));

    let finished = resource(&plan, "RuleEverythingn2")["Properties"].clone();
    assert_eq!(
        finished["EventPattern"]["detail"],
        json!({
            "stateMachineArn": ["arn:aws:states:us-east-1:123456789012:stateMachine:fraud-risk-prod-assess"],
            "status": ["ABORTED", "FAILED", "SUCCEEDED", "TIMED_OUT"],
        })
    );
    let alert = resource(&plan, "RuleEverythingn3")["Properties"].clone();
    assert_eq!(
        alert["EventPattern"]["detail"],
        json!({ "alarmName": [{ "Ref": "AlarmFailures" }], "state": { "value": ["ALARM"] } })
    );
    for id in ["RuleRoleEverything", "ScheduleRoleEverything"] {
        let statement = &resource(&plan, id)["Properties"]["Policies"][0]["PolicyDocument"]["Statement"][0];
        assert_eq!((&statement["Action"], &statement["Resource"]), (&json!(["states:StartExecution"]), &alias), "{id}");
    }
    assert_eq!(resource(&plan, "RuleRoleAssess"), Value::Null);
}

#[test]
fn filters_of_objects() {
    let key = |prefix: Option<&str>, suffix: Option<&str>| {
        let [prefix, suffix] = [prefix, suffix].map(|text| text.map(str::to_owned));
        let when = Occasion::Object { bucket: "data".into(), prefix, suffix };
        triggers::pattern(&f::plan(), &when).expect("a pattern")["detail"]["object"]["key"].clone()
    };
    assert_eq!(key(None, None), Value::Null);
    assert_eq!(key(Some("a"), None), json!([{ "prefix": "a" }]));
    assert_eq!(key(None, Some("b")), json!([{ "suffix": "b" }]));
    assert_eq!(key(Some(r"a*\"), Some("b")), json!([{ "wildcard": r"a\*\\*b" }]));
}

fn started(when: Occasion, value: Expr) -> Result<Value, String> {
    let trigger = Trigger { when, input: vec![("x".to_owned(), value)], origin: f::at(13) };
    let mut plan = f::everything();
    plan.workflows[0].triggers = vec![trigger.clone()];
    let mut diags = Diagnostics::default();
    CloudFormation.check(&plan, &mut diags);
    match diags.into_sorted().into_iter().next() {
        Some(found) => Err(format!("{}: {}", found.code.name, found.message)),
        None => Ok(triggers::input(&trigger).expect("it was checked").1["InputTemplate"].clone()),
    }
}

#[test]
fn an_input_is_made_of_fields_and_texts_or_refused() {
    let object = || Occasion::Object { bucket: "data".into(), prefix: None, suffix: None };
    let ended = || Occasion::Finished { workflow: "assess".into(), outcome: Outcome::Failed };
    let made = |value| started(object(), value);
    assert_eq!(made(f::event("size")), Ok(json!(r#"{"x": <size>}"#)));
    let nested = f::object(vec![("a", f::list(vec![f::event("key"), f::text("say \"hi\"")])), ("b", f::null())]);
    assert_eq!(made(nested), Ok(json!(r#"{"x": {"a": [<key>, "say \"hi\""], "b": null}}"#)));
    let text = f::template(vec![f::text("\"q\" "), f::event("etag"), f::number(2.0)]);
    assert_eq!(made(text), Ok(json!(r#"{"x": "\"q\" <etag>2"}"#)));
    assert_eq!(started(ended(), f::event("output")), Ok(json!(r#"{"x": <output>}"#)));

    let refused = |made: Result<Value, String>| made.expect_err("a refusal");
    let sum = f::binary(BinaryOp::Add, f::event("size"), f::number(1.0));
    assert!(refused(made(sum)).starts_with("unsupported-expression: EventBridge cannot compute this"));
    let angle = f::template(vec![f::text("<b>"), f::event("key")]);
    assert!(refused(made(angle)).contains("takes `<` and `>`"));
    let quoted = f::template(vec![f::text("it gave "), f::event("output")]);
    assert!(refused(started(ended(), quoted)).contains("`event.output`"));
    let express = Occasion::Finished { workflow: "quick".into(), outcome: Outcome::Any };
    assert!(refused(started(express, f::event("status"))).contains("is an express one"));
    let long = f::template(vec![f::text(&"x".repeat(8192)), f::event("key")]);
    assert!(refused(made(long)).contains("EventBridge allows 8192"));
}
