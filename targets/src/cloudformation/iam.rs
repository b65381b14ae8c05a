//! The least that a workflow's role must allow, derived from the workflow's stages.
//!
//! A role that reads objects may not list their bucket: S3 then answers that access is denied where an object is missing.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use windlass_schemas::expr::{Expr, ExprKind};
use windlass_schemas::plan::{Each, Elements, FunctionKind, Log, Plan, Service, Verb, Workflow, stages};
use windlass_schemas::value::{Value as Literal, ValueKind};

use super::arn;
use crate::stepfunctions::{distributed, endpoint, runs_jobs};

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

/// What the stages of a workflow use, each once.
#[derive(Default)]
struct Uses<'a> {
    reads: BTreeSet<String>,
    writes: BTreeSet<String>,
    results: BTreeSet<String>,
    /// By the bucket's global name: prefixes; `*` for all keys.
    lists: BTreeMap<&'a str, BTreeSet<String>>,
    topics: BTreeSet<&'a str>,
    services: BTreeSet<&'a str>,
    lambdas: BTreeSet<&'a str>,
    /// Name, URL and connection.
    endpoints: BTreeSet<(&'a str, &'a str, &'a str)>,
    starts: BTreeSet<&'a str>,
    runs: bool,
    distributes: bool,
}

impl<'a> Uses<'a> {
    fn of(plan: &'a Plan, workflow: &'a Workflow) -> Self {
        let mut uses = Uses { runs: runs_jobs(workflow), ..Uses::default() };
        for stage in stages(&workflow.body) {
            uses.verb(plan, &stage.verb);
            if let Some(each) = &stage.each {
                uses.each(plan, each);
            }
        }
        uses
    }

    fn verb(&mut self, plan: &'a Plan, verb: &'a Verb) {
        match verb {
            Verb::Read { bucket: name, key } => {
                self.reads.insert(arn::objects(plan, bucket(plan, name), &key_pattern(key)));
            }
            Verb::Write { bucket: name, key, .. } => {
                self.writes.insert(arn::objects(plan, bucket(plan, name), &key_pattern(key)));
            }
            Verb::Infer { service, .. } => {
                self.services.insert(service);
            }
            Verb::Call { function: name, .. } => match plan.function(name).map(|function| &function.kind) {
                Some(FunctionKind::Lambda { arn }) => {
                    self.lambdas.insert(arn);
                }
                Some(FunctionKind::Http { url, connection }) => {
                    self.endpoints.insert((name, url, connection));
                }
                None => {}
            },
            Verb::Start { workflow, .. } => {
                self.starts.insert(workflow);
            }
            Verb::Notify { channel, .. } | Verb::Approve { channel, .. } => {
                self.topics.insert(channel);
            }
            Verb::Run { .. } | Verb::Wait(_) | Verb::Value(_) | Verb::Fail { .. } => {}
        }
    }

    fn each(&mut self, plan: &'a Plan, each: &'a Each) {
        self.distributes |= distributed(each);
        match &each.over {
            Elements::List(_) => {}
            Elements::Objects { bucket: name, prefix } => {
                let prefix = prefix.as_ref().map_or("*".to_owned(), key_pattern);
                self.lists.entry(bucket(plan, name)).or_default().insert(prefix);
            }
            Elements::Rows { bucket: name, key, .. } => {
                self.reads.insert(arn::objects(plan, bucket(plan, name), &key_pattern(key)));
            }
        }
        if let Some(results) = &each.results {
            let pattern = format!("{}*", literal_pattern(results.prefix.trim_end_matches('/')));
            self.results.insert(arn::objects(plan, bucket(plan, &results.bucket), &pattern));
        }
    }
}

fn bucket<'a>(plan: &'a Plan, name: &str) -> &'a str {
    plan.bucket(name).map_or("", |bucket| bucket.bucket.as_str())
}

/// Everything that an execution of `workflow` does.
pub fn statements(plan: &Plan, workflow: &Workflow) -> Vec<Value> {
    let uses = Uses::of(plan, workflow);
    let mut found = Vec::new();
    if !uses.reads.is_empty() {
        found.push(allow("ReadObjects", &["s3:GetObject"], json!(uses.reads)));
    }
    if !uses.writes.is_empty() {
        found.push(allow("WriteObjects", &["s3:PutObject"], json!(uses.writes)));
    }
    for (bucket, prefixes) in &uses.lists {
        let sid = format!("List{}", arn::logical(bucket));
        let mut list = allow(&sid, &["s3:ListBucket"], json!(arn::bucket(plan, bucket)));
        if !prefixes.contains("*") {
            list["Condition"] = json!({ "StringLike": { "s3:prefix": prefixes } });
        }
        found.push(list);
    }
    if !uses.results.is_empty() {
        let actions = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"];
        found.push(allow("WriteResults", &actions, json!(uses.results)));
    }
    if !uses.topics.is_empty() {
        let topics: Vec<Value> = uses.topics.iter().map(|channel| json!({ "Ref": super::topic_id(channel) })).collect();
        found.push(allow("Notify", &["sns:Publish"], json!(topics)));
        // The topics are encrypted: who publishes makes a data key.
        found.push(allow("EncryptMessages", &["kms:Decrypt", "kms:GenerateDataKey"], super::key_arn()));
    }
    if !uses.lambdas.is_empty() {
        found.push(allow("CallFunctions", &["lambda:InvokeFunction"], json!(uses.lambdas)));
    }
    for service in &uses.services {
        let url = plan.service(service).and_then(endpoint).unwrap_or_default();
        let connection = super::connection_id(service);
        let of = |attribute: &str| json!({ "Fn::GetAtt": [connection, attribute] });
        found.extend(post(plan, workflow, &arn::logical(service), &url, of("Arn"), of("SecretArn")));
    }
    for (name, url, connection) in &uses.endpoints {
        let secret = json!(arn::connection_secret(connection));
        found.extend(post(plan, workflow, &format!("Function{}", arn::logical(name)), url, json!(connection), secret));
    }
    found.extend(executions(plan, workflow, &uses));
    if uses.runs {
        // What the role may do in the cluster is for the cluster to say.
        found.push(allow("FindCluster", &["eks:DescribeCluster"], json!(arn::cluster(plan))));
    }
    found.extend(observed(workflow));
    found
}

/// Starting executions and waiting for them:
/// <https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html>,
/// <https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html>.
fn executions(plan: &Plan, workflow: &Workflow, uses: &Uses) -> Vec<Value> {
    let mut found = Vec::new();
    let express = |name: &&&str| plan.workflow(name).is_some_and(|workflow| workflow.express);
    let aliases = |names: &[&&str]| json!(names.iter().map(|name| arn::alias(plan, name)).collect::<Vec<String>>());
    let (sync, standard): (Vec<&&str>, Vec<&&str>) = uses.starts.iter().partition(express);
    if !standard.is_empty() {
        found.push(allow("StartWorkflows", &["states:StartExecution"], aliases(&standard)));
        let all: Vec<String> = standard.iter().map(|name| arn::executions(plan, name)).collect();
        found.push(allow("FollowWorkflows", &["states:DescribeExecution", "states:StopExecution"], json!(all)));
        let actions = ["events:DescribeRule", "events:PutRule", "events:PutTargets"];
        found.push(allow("HearOfWorkflows", &actions, json!(arn::execution_events(plan))));
    }
    if !sync.is_empty() {
        found.push(allow("StartExpressWorkflows", &["states:StartSyncExecution"], aliases(&sync)));
    }
    if uses.distributes {
        // A distributed Map starts executions of its own state machine.
        let machine = arn::state_machine(plan, &workflow.name);
        found.push(allow("StartMapRuns", &["states:StartExecution"], json!(machine)));
        let actions = ["states:DescribeExecution", "states:RedriveExecution", "states:StopExecution"];
        let all = [arn::map_executions(plan, &workflow.name), arn::executions(plan, &workflow.name)];
        found.push(allow("FollowMapRuns", &actions, json!(all)));
    }
    found
}

/// Logs and traces. Neither the delivery of logs nor X-Ray knows permissions for single resources:
/// <https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html>, <https://docs.aws.amazon.com/step-functions/latest/dg/xray-iam.html>.
fn observed(workflow: &Workflow) -> Vec<Value> {
    let logs = [
        "logs:CreateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:DescribeLogGroups",
        "logs:DescribeResourcePolicies",
        "logs:GetLogDelivery",
        "logs:ListLogDeliveries",
        "logs:PutResourcePolicy",
        "logs:UpdateLogDelivery",
    ];
    let traces =
        ["xray:GetSamplingRules", "xray:GetSamplingTargets", "xray:PutTelemetryRecords", "xray:PutTraceSegments"];
    let logs = (workflow.log != Log::Off).then(|| allow("DeliverLogs", &logs, json!("*")));
    let traces = workflow.trace.then(|| allow("Trace", &traces, json!("*")));
    logs.into_iter().chain(traces).collect()
}

/// Posting to one endpoint: <https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html#connect-http-task-permissions>.
fn post(plan: &Plan, workflow: &Workflow, id: &str, url: &str, connection: Value, secret: Value) -> [Value; 3] {
    let machine = arn::state_machine(plan, &workflow.name);
    let mut invoke = allow(&format!("Call{id}"), &["states:InvokeHTTPEndpoint"], json!(machine));
    invoke["Condition"] =
        json!({ "StringEquals": { "states:HTTPMethod": "POST" }, "StringLike": { "states:HTTPEndpoint": url } });
    let read = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"];
    [
        invoke,
        allow(&format!("UseConnection{id}"), &["events:RetrieveConnectionCredentials"], connection),
        allow(&format!("ReadConnectionSecret{id}"), &read, secret),
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
            pattern.push_str(&literal_pattern(text));
        }
        ExprKind::Literal(Literal { kind: ValueKind::Number(number), .. }) => pattern.push_str(&number.to_string()),
        _ => pattern.push('*'),
    }
}

/// In a policy, `*`, `?` and `$` mean themselves as `${*}`, `${?}` and `${$}`.
fn literal_pattern(text: &str) -> String {
    let mut pattern = String::new();
    for c in text.chars() {
        match c {
            '*' | '?' | '$' => pattern.push_str(&format!("${{{c}}}")),
            c => pattern.push(c),
        }
    }
    pattern
}
