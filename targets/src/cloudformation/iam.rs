//! The least that a workflow's role must allow, derived from the workflow's stages.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use windlass_schemas::expr::{Expr, ExprKind};
use windlass_schemas::plan::{Plan, Service, Verb, Workflow, stages};
use windlass_schemas::value::{Value as Literal, ValueKind};

use super::arn;
use crate::stepfunctions::endpoint;

/// Who may assume a role: one AWS service, and only on behalf of this account (the confused deputy is somebody else's).
pub fn trust(plan: &Plan, service: &str) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "Service": service },
            "Action": "sts:AssumeRole",
            "Condition": { "StringEquals": { "aws:SourceAccount": plan.platform.account } },
        }],
    })
}

/// Who may assume a role by EKS Pod Identity: the pods of one service, by the tags that it puts on their sessions
/// (<https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html>).
pub fn pod_trust(plan: &Plan, service: &Service) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "Service": "pods.eks.amazonaws.com" },
            "Action": ["sts:AssumeRole", "sts:TagSession"],
            "Condition": { "StringEquals": {
                "aws:RequestTag/eks-cluster-arn": arn::cluster(plan),
                "aws:RequestTag/kubernetes-namespace": plan.platform.namespace.value,
                "aws:RequestTag/kubernetes-service-account": service.name,
            } },
        }],
    })
}

/// Reading the versions of a model in its store, and nothing beside them. A version's folder holds what was ever called so: a rollout
/// that is undone wants the file of before.
pub fn read_models(plan: &Plan, bucket: &str, prefix: &str, versions: &[String]) -> Value {
    let folders: Vec<String> =
        versions.iter().map(|version| arn::objects(plan, bucket, &format!("{prefix}{version}/*"))).collect();
    allow("ReadModels", &["s3:GetObject"], json!(folders))
}

/// The policy of a role.
pub fn policy(name: &str, statements: Vec<Value>) -> Value {
    json!([{ "PolicyName": name, "PolicyDocument": { "Version": "2012-10-17", "Statement": statements } }])
}

fn allow(sid: &str, actions: &[&str], resources: Value) -> Value {
    json!({ "Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources })
}

/// Everything that an execution of `workflow` does.
pub fn statements(plan: &Plan, workflow: &Workflow) -> Vec<Value> {
    let (mut reads, mut writes, mut topics, mut services) =
        (BTreeSet::new(), BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let bucket = |name: &str| plan.bucket(name).map_or("", |b| b.bucket.as_str());
    for stage in stages(&workflow.body) {
        match &stage.verb {
            Verb::Read { bucket: name, key } => {
                reads.insert(arn::objects(plan, bucket(name), &key_pattern(key)));
            }
            Verb::Write { bucket: name, key, .. } => {
                writes.insert(arn::objects(plan, bucket(name), &key_pattern(key)));
            }
            Verb::Notify { channel, .. } => {
                topics.insert(channel.as_str());
            }
            Verb::Infer { service, .. } => {
                services.insert(service.as_str());
            }
        }
    }
    let mut found = Vec::new();
    if !reads.is_empty() {
        found.push(allow("ReadObjects", &["s3:GetObject"], json!(reads)));
    }
    if !writes.is_empty() {
        found.push(allow("WriteObjects", &["s3:PutObject"], json!(writes)));
    }
    if !topics.is_empty() {
        let topics: Vec<Value> = topics.iter().map(|channel| json!({ "Ref": super::topic_id(channel) })).collect();
        found.push(allow("Notify", &["sns:Publish"], json!(topics)));
        // The topics are encrypted: who publishes makes a data key.
        found.push(allow("EncryptMessages", &["kms:Decrypt", "kms:GenerateDataKey"], super::key_arn()));
    }
    for service in services {
        found.extend(call(plan, workflow, service));
    }
    // Neither the delivery of logs nor X-Ray knows permissions for single resources:
    // https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html, …/dg/xray-iam.html.
    found.push(allow(
        "DeliverLogs",
        &[
            "logs:CreateLogDelivery",
            "logs:DeleteLogDelivery",
            "logs:DescribeLogGroups",
            "logs:DescribeResourcePolicies",
            "logs:GetLogDelivery",
            "logs:ListLogDeliveries",
            "logs:PutResourcePolicy",
            "logs:UpdateLogDelivery",
        ],
        json!("*"),
    ));
    found.push(allow(
        "Trace",
        &["xray:GetSamplingRules", "xray:GetSamplingTargets", "xray:PutTelemetryRecords", "xray:PutTraceSegments"],
        json!("*"),
    ));
    found
}

/// Calling one service: <https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html#connect-http-task-permissions>.
fn call(plan: &Plan, workflow: &Workflow, service: &str) -> Vec<Value> {
    let url = plan.service(service).and_then(endpoint).unwrap_or_default();
    let id = arn::logical(service);
    let connection = super::connection_id(service);
    let mut invoke =
        allow(&format!("Call{id}"), &["states:InvokeHTTPEndpoint"], json!(arn::state_machine(plan, &workflow.name)));
    invoke["Condition"] =
        json!({ "StringEquals": { "states:HTTPMethod": "POST" }, "StringLike": { "states:HTTPEndpoint": url } });
    vec![
        invoke,
        allow(
            &format!("UseConnection{id}"),
            &["events:RetrieveConnectionCredentials"],
            json!({ "Fn::GetAtt": [connection, "Arn"] }),
        ),
        allow(
            &format!("ReadConnectionSecret{id}"),
            &["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
            json!({ "Fn::GetAtt": [connection, "SecretArn"] }),
        ),
    ]
}

/// The keys that `key` can become: what is known of it, with `*` for the rest.
pub fn key_pattern(key: &Expr) -> String {
    let mut pattern = String::new();
    pieces(key, &mut pattern);
    while pattern.contains("**") {
        pattern = pattern.replace("**", "*");
    }
    pattern
}

fn pieces(key: &Expr, pattern: &mut String) {
    match &key.kind {
        ExprKind::Template(parts) => parts.iter().for_each(|part| pieces(part, pattern)),
        ExprKind::Literal(Literal { kind: ValueKind::String(text), .. }) => {
            // In a policy, `*`, `?` and `$` mean themselves as `${*}`, `${?}` and `${$}`.
            for c in text.chars() {
                match c {
                    '*' | '?' | '$' => pattern.push_str(&format!("${{{c}}}")),
                    c => pattern.push(c),
                }
            }
        }
        ExprKind::Literal(Literal { kind: ValueKind::Number(number), .. }) => pattern.push_str(&number.to_string()),
        _ => pattern.push('*'),
    }
}
