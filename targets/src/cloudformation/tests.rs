//! The stack of a hand-built plan.

mod coverage;
mod starting;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use windlass_schemas::artifact::Artifacts;
use windlass_schemas::diagnostic::Diagnostics;
use windlass_schemas::expr::ExprKind;
use windlass_schemas::plan::{Occasion, Plan, Step, Verb};

use super::{CloudFormation, iam, stack};
use crate::fixture as f;
use crate::{Target as _, stepfunctions};

fn template(plan: &Plan) -> Value {
    crate::json::tree(&stack::template(plan).expect("a stack"))
}

#[test]
fn resources_are_named() {
    let statements = iam::statements(&f::plan(), &f::plan().workflows[0]);
    let of = |sid: &str| statements.iter().find(|s| s["Sid"] == sid).unwrap_or(&Value::Null).clone();
    assert_eq!(of("ReadObjects")["Resource"], json!(["arn:aws:s3:::my-bucket/applications/*.json"]));
    assert_eq!(of("WriteObjects")["Resource"], json!(["arn:aws:s3:::my-bucket/scores/*.json"]));
    assert_eq!(of("Notify")["Resource"], json!([{ "Ref": "TopicOncall" }]));
    let call = of("CallRisk");
    assert_eq!(call["Resource"], "arn:aws:states:us-east-1:123456789012:stateMachine:fraud-risk-prod-assess");
    assert_eq!(call["Condition"]["StringLike"]["states:HTTPEndpoint"], "https://risk.example.com/v2/models/risk/infer");
    let wild: Vec<&str> =
        statements.iter().filter(|s| s["Resource"] == "*").filter_map(|s| s["Sid"].as_str()).collect();
    assert_eq!(wild, ["DeliverLogs", "Trace"], "these two take no resources");
}

#[test]
fn a_pattern_matches_the_keys_and_takes_no_wildcard_from_them() {
    let pattern = |parts| iam::key_pattern(&f::template(parts));
    assert_eq!(
        pattern(vec![f::text("a*b?$/"), f::input("x"), f::input("y"), f::text(".json")]),
        "a${*}b${?}${$}/*.json"
    );
    assert_eq!(iam::key_pattern(&f::text("k")), "k");
    assert_eq!(iam::key_pattern(&f::expr(ExprKind::Input)), "*");
}

#[test]
fn every_reference_names_a_resource_and_every_substitution_is_used() {
    fn references(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) => {
                found.extend(fields.get("Ref").and_then(Value::as_str).map(str::to_owned));
                let attribute = fields.get("Fn::GetAtt").and_then(|a| a[0].as_str());
                found.extend(attribute.map(str::to_owned));
                fields.values().for_each(|field| references(field, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    let template = template(&f::plan());
    let mut found = BTreeSet::new();
    references(&template, &mut found);
    for name in found {
        assert!(template["Resources"].get(&name).is_some(), "{name}");
    }
    let machine = &template["Resources"]["WorkflowAssess"]["Properties"];
    for placeholder in machine["DefinitionSubstitutions"].as_object().expect("substitutions").keys() {
        assert!(machine["Definition"].to_string().contains(&format!("${{{placeholder}}}")));
    }
    assert_eq!(machine["Definition"], stepfunctions::definition(&f::plan(), &f::plan().workflows[0]));
}

/// What is changed, and the change.
type Change = (&'static str, fn(&mut Plan));

#[test]
fn each_leaf_matters() {
    let before = template(&f::plan());
    assert_eq!(template(&f::plan()).to_string(), before.to_string());
    let changes: Vec<Change> = vec![
        ("project", |p| p.project.name = "x".into()),
        ("owner", |p| p.project.owner = None),
        ("environment", |p| p.environment = None),
        ("account", |p| p.platform.account = "000000000000".into()),
        ("region", |p| p.platform.region = "eu-west-1".into()),
        ("bucket", |p| p.buckets[0].bucket = "x".into()),
        ("email", |p| p.channels[0].email = "x@example.com".into()),
        ("service", |p| p.services[0].name = "other".into()),
        ("host", |p| p.services[0].expose = None),
        ("cluster", |p| p.platform.cluster = "x".into()),
        ("namespace", |p| p.platform.namespace.value = "x".into()),
        ("a model's store", |p| p.services[0].store = None),
        ("its address", |p| p.services[0].store.as_mut().expect("one").address = "s3://my-bucket/x".into()),
        ("its versions", |p| p.services[0].store.as_mut().expect("one").versions = vec!["3".into()]),
        ("alerts", |p| p.alerts.clear()),
        ("triggers", |p| p.workflows[0].triggers.clear()),
        ("a schedule", |p| {
            let timezone = "Europe/Berlin".into();
            p.workflows[0].triggers[0].when = Occasion::Schedule { expression: "rate(2 hours)".into(), timezone };
        }),
        ("its time zone", |p| {
            let timezone = "UTC".into();
            p.workflows[0].triggers[0].when = Occasion::Schedule { expression: "rate(1 hour)".into(), timezone };
        }),
        ("its input", |p| p.workflows[0].triggers[0].input.clear()),
    ];
    for (what, change) in changes {
        let mut plan = f::plan();
        change(&mut plan);
        assert_ne!(template(&plan), before, "{what}");
    }
}

#[test]
fn a_service_reads_its_models_and_nothing_else() {
    let mut plan = f::plan();
    let before = template(&plan)["Resources"].clone();
    let (role, access) = (&before["ModelRoleRisk"]["Properties"], &before["ModelAccessRisk"]["Properties"]);
    let policy = json!({
        "Sid": "ReadModels",
        "Effect": "Allow",
        "Action": ["s3:GetObject"],
        "Resource": ["arn:aws:s3:::my-bucket/models/risk/2/*", "arn:aws:s3:::my-bucket/models/risk/3/*"],
    });
    assert_eq!(role["Policies"][0]["PolicyDocument"]["Statement"], json!([policy]));
    let trusted = &role["AssumeRolePolicyDocument"]["Statement"][0];
    assert_eq!(trusted["Principal"], json!({ "Service": "pods.eks.amazonaws.com" }));
    let tags = &trusted["Condition"]["StringEquals"];
    assert_eq!(tags["aws:RequestTag/eks-cluster-arn"], "arn:aws:eks:us-east-1:123456789012:cluster/main");
    assert_eq!(tags["aws:RequestTag/kubernetes-service-account"], access["ServiceAccount"]);
    assert_eq!(tags["aws:RequestTag/kubernetes-namespace"], access["Namespace"]);
    assert_eq!(access["RoleArn"], json!({ "Fn::GetAtt": ["ModelRoleRisk", "Arn"] }));
    // At the root of a bucket, a version's folder stands alone.
    let resources = |plan: &Plan| template(plan)["Resources"].clone();
    plan.services[0].store.as_mut().expect("one").address = "s3://my-bucket".into();
    let statement = &resources(&plan)["ModelRoleRisk"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"][0];
    assert_eq!(statement["Resource"][0], "arn:aws:s3:::my-bucket/2/*");
    // A store that anybody reads needs no role.
    plan.services[0].store.as_mut().expect("one").address = "https://models.example.com".into();
    assert!(resources(&plan)["ModelRoleRisk"].is_null() && resources(&plan)["ModelAccessRisk"].is_null());
}

#[test]
fn a_stack_that_needs_nothing_is_not_emitted() {
    let mut plan = f::plan();
    (plan.services, plan.workflows, plan.alerts, plan.channels) = Default::default();
    let mut out = Artifacts::default();
    CloudFormation.emit(&plan, &mut out);
    assert_eq!(out, Artifacts::default());
}

#[test]
fn quotas() {
    let found = |plan: &Plan| {
        let mut diags = Diagnostics::default();
        CloudFormation.check(plan, &mut diags);
        diags.into_sorted().into_iter().map(|d| d.message).collect::<Vec<String>>()
    };
    let mut plan = f::plan();
    assert!(found(&plan).is_empty());
    plan.workflows[0].name = "x".repeat(50);
    assert!(found(&plan)[0].contains("schedule's name"), "{:?}", found(&plan));
    let mut plan = f::plan();
    let alert = plan.alerts[0].clone();
    plan.alerts = (0..500).map(|i| windlass_schemas::plan::Alert { name: format!("a{i}"), ..alert.clone() }).collect();
    assert!(found(&plan).iter().any(|m| m.contains("number of resources")));
    let mut plan = f::plan();
    let key = f::text(&"x".repeat(1 << 20));
    plan.workflows[0].body = vec![Step::Stage(Box::new(f::stage("s", Verb::Read { bucket: "data".into(), key })))];
    assert!(found(&plan).iter().any(|m| m.contains("template")));
}
