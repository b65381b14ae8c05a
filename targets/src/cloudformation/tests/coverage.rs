//! Roles against what definitions do: what each integration needs is read from the emitted definition by a table of its own, and held against
//! the statements. Nothing may be missing, and nothing more be allowed.
//!
//! The table: Step Functions Developer Guide, "IAM policies for integrated services", and the pages of the integrations.

use std::collections::BTreeMap;

use serde_json::Value;
use windlass_schemas::plan::{Log, Plan, Workflow};

use super::super::{arn, connection_id, iam, topic_id};
use crate::fixture as f;
use crate::stepfunctions::{connection_placeholder, definition};

/// One call of an API, with what its authorization can see.
#[derive(Debug)]
struct Need {
    action: &'static str,
    resource: String,
    context: BTreeMap<&'static str, String>,
}

/// One action on one pattern of resources.
#[derive(Clone, Debug)]
struct Grant {
    action: String,
    resource: String,
    conditions: Vec<(String, Vec<String>)>,
}

impl Grant {
    fn covers(&self, need: &Need) -> bool {
        self.action == need.action
            && matches(&self.resource, &need.resource)
            && self.conditions.iter().all(|(key, allowed)| {
                need.context.get(key.as_str()).is_some_and(|is| allowed.iter().any(|pattern| matches(pattern, is)))
            })
    }
}

/// As IAM matches: `*` is any text, and `${*}` an asterisk.
fn matches(pattern: &str, text: &str) -> bool {
    let pattern = pattern.replace("${*}", "\u{1}").replace("${?}", "?").replace("${$}", "$");
    let text = text.replace('*', "\u{1}");
    let mut pieces = pattern.split('*');
    let Some(mut rest) = text.strip_prefix(pieces.next().unwrap_or_default()) else { return false };
    let pieces: Vec<&str> = pieces.collect();
    let Some((last, middle)) = pieces.split_last() else { return rest.is_empty() };
    for piece in middle {
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    rest.ends_with(last)
}

/// What an expression could give: its texts as they are, and something with a slash in place of the rest.
fn sample(value: &Value) -> String {
    let text = value.as_str().unwrap_or_default();
    let Some(expression) = text.strip_prefix("{%") else { return text.to_owned() };
    // Functions that the expression brings along stand in front of it.
    let expression = match expression.rsplit_once("}; ") {
        Some((_, body)) => body.trim_end_matches([' ', '%', '}', ')']),
        None => expression,
    };
    let mut sample = String::new();
    let mut inside = false;
    for piece in expression.trim_end_matches("%}").split('\'') {
        match inside {
            true => sample.push_str(piece),
            false if piece.trim_matches([' ', '&']).is_empty() => {}
            false => sample.push_str("some/thing"),
        }
        inside = !inside;
    }
    sample
}

struct Needs<'a> {
    plan: &'a Plan,
    machine: String,
    found: Vec<Need>,
}

impl Needs<'_> {
    fn add(&mut self, actions: &[&'static str], resource: &str) {
        self.add_with(actions, resource, &[]);
    }

    fn add_with(&mut self, actions: &[&'static str], resource: &str, context: &[(&'static str, &str)]) {
        for action in actions {
            let context = context.iter().map(|(key, is)| (*key, (*is).to_owned())).collect();
            self.found.push(Need { action, resource: resource.to_owned(), context });
        }
    }

    /// Everything in a definition, at any depth.
    fn walk(&mut self, value: &Value) {
        match value {
            Value::Object(fields) => {
                if let Some(resource) = fields.get("Resource").and_then(Value::as_str) {
                    self.integration(resource, &value["Arguments"], value);
                }
                if fields.get("Mode").is_some_and(|mode| mode == "DISTRIBUTED") {
                    let executions = self.machine.replace(":stateMachine:", ":execution:");
                    self.add(&["states:StartExecution"], &self.machine.clone());
                    let follow = ["states:DescribeExecution", "states:StopExecution", "states:RedriveExecution"];
                    self.add(&follow, &format!("{executions}/label:11111111"));
                    self.add(&follow, &format!("{executions}:11111111"));
                }
                // A manifest of Kubernetes calls nothing.
                fields.iter().filter(|(name, _)| *name != "Job").for_each(|(_, field)| self.walk(field));
            }
            Value::Array(items) => items.iter().for_each(|item| self.walk(item)),
            _ => {}
        }
    }

    fn integration(&mut self, resource: &str, arguments: &Value, state: &Value) {
        let object = || format!("arn:aws:s3:::{}/{}", sample(&arguments["Bucket"]), sample(&arguments["Key"]));
        let text = |name: &str| sample(&arguments[name]);
        match resource.strip_prefix("arn:aws:states:::").expect("an integration") {
            "aws-sdk:s3:getObject" | "s3:getObject" => self.add(&["s3:GetObject"], &object()),
            "aws-sdk:s3:putObject" => self.add(&["s3:PutObject"], &object()),
            "s3:listObjectsV2" => {
                let prefix = text("Prefix");
                self.add_with(
                    &["s3:ListBucket"],
                    &format!("arn:aws:s3:::{}", text("Bucket")),
                    &[("s3:prefix", &prefix)],
                );
            }
            // The only one that is no state and no reader.
            "s3:putObject" => {
                assert!(state.get("Type").is_none(), "a ResultWriter");
                let actions =
                    ["s3:PutObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload"];
                self.add(&actions, &format!("arn:aws:s3:::{}/{}/run/manifest.json", text("Bucket"), text("Prefix")));
            }
            "sns:publish" | "sns:publish.waitForTaskToken" => {
                self.add(&["sns:Publish"], &text("TopicArn"));
                self.add(&["kms:GenerateDataKey", "kms:Decrypt"], "the key");
            }
            "lambda:invoke" => self.add(&["lambda:InvokeFunction"], &text("FunctionName")),
            "http:invoke" => {
                let connection = arguments["Authentication"]["ConnectionArn"].as_str().expect("a connection");
                let endpoint = text("ApiEndpoint");
                let context = [("states:HTTPEndpoint", endpoint.as_str()), ("states:HTTPMethod", "POST")];
                self.add_with(&["states:InvokeHTTPEndpoint"], &self.machine.clone(), &context);
                self.add(&["events:RetrieveConnectionCredentials"], connection);
                let name = connection.split(":connection/").nth(1).and_then(|rest| rest.split('/').next());
                let secret = match name {
                    Some(name) => {
                        format!("arn:aws:secretsmanager:us-east-1:123456789012:secret:events!connection/{name}/1-2")
                    }
                    None => format!("secret of {connection}"),
                };
                self.add(&["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"], &secret);
            }
            "states:startExecution.sync:2" => {
                let alias = text("StateMachineArn");
                self.add(&["states:StartExecution"], &alias);
                let machine = alias.rsplit_once(':').map_or("", |(machine, _)| machine);
                let execution = format!("{}:11111111", machine.replace(":stateMachine:", ":execution:"));
                self.add(&["states:DescribeExecution", "states:StopExecution"], &execution);
                let rule =
                    "arn:aws:events:us-east-1:123456789012:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule";
                self.add(&["events:PutTargets", "events:PutRule", "events:DescribeRule"], rule);
            }
            "aws-sdk:sfn:startSyncExecution" => self.add(&["states:StartSyncExecution"], &text("StateMachineArn")),
            "aws-sdk:eks:describeCluster" => {
                self.add(
                    &["eks:DescribeCluster"],
                    &format!("arn:aws:eks:us-east-1:123456789012:cluster/{}", text("Name")),
                );
            }
            // The cluster knows the role by its access entry.
            "eks:runJob.sync" => {
                assert!(self.plan.jobs.iter().any(|job| arguments["Job"].to_string().contains(&job.image)));
            }
            other => panic!("no permissions are known for {other}"),
        }
    }
}

fn needs(plan: &Plan, workflow: &Workflow) -> Vec<Need> {
    let machine = arn::state_machine(plan, &workflow.name);
    let mut needs = Needs { plan, machine, found: Vec::new() };
    needs.walk(&definition(plan, workflow));
    if workflow.log != Log::Off {
        let actions = [
            "logs:CreateLogDelivery",
            "logs:GetLogDelivery",
            "logs:UpdateLogDelivery",
            "logs:DeleteLogDelivery",
            "logs:ListLogDeliveries",
            "logs:PutResourcePolicy",
            "logs:DescribeResourcePolicies",
            "logs:DescribeLogGroups",
        ];
        needs.add(&actions, "*");
    }
    if workflow.trace {
        let actions =
            ["xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets"];
        needs.add(&actions, "*");
    }
    needs.found
}

/// A resource of a statement as the definition would write it.
fn resolved(plan: &Plan, resource: &Value) -> String {
    if let Some(text) = resource.as_str() {
        return text.to_owned();
    }
    let channel = plan.channels.iter().find(|channel| resource["Ref"] == topic_id(&channel.name).as_str());
    if let Some(channel) = channel {
        return arn::topic(plan, &channel.name);
    }
    if resource["Fn::GetAtt"][0] == "Key" {
        return "the key".to_owned();
    }
    let service = plan.services.iter().find(|s| resource["Fn::GetAtt"][0] == connection_id(&s.name).as_str());
    let connection = format!("${{{}}}", connection_placeholder(&service.expect("a connection").name));
    match resource["Fn::GetAtt"][1].as_str() {
        Some("Arn") => connection,
        _ => format!("secret of {connection}"),
    }
}

fn grants(plan: &Plan, statement: &Value) -> Vec<Grant> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
    let mut conditions = Vec::new();
    for operator in statement["Condition"].as_object().into_iter().flat_map(|c| c.values()) {
        for (key, allowed) in operator.as_object().expect("conditions") {
            let allowed = list(allowed).iter().filter_map(|a| a.as_str().map(str::to_owned)).collect();
            conditions.push((key.clone(), allowed));
        }
    }
    let mut found = Vec::new();
    for action in list(&statement["Action"]) {
        for resource in list(&statement["Resource"]) {
            let action = action.as_str().expect("an action").to_owned();
            found.push(Grant { action, resource: resolved(plan, &resource), conditions: conditions.clone() });
        }
    }
    found
}

fn every_role(f: impl Fn(&Plan, &Workflow)) {
    let mut silent = f::everything();
    for workflow in &mut silent.workflows {
        (workflow.log, workflow.trace) = (Log::Off, false);
    }
    for plan in [f::plan(), f::everything(), silent] {
        plan.workflows.iter().for_each(|workflow| f(&plan, workflow));
    }
}

#[test]
fn a_role_allows_what_its_stages_do_and_nothing_else() {
    every_role(|plan, workflow| {
        let needs = needs(plan, workflow);
        let grants: Vec<Grant> = iam::statements(plan, workflow).iter().flat_map(|s| grants(plan, s)).collect();
        for need in &needs {
            assert!(grants.iter().any(|grant| grant.covers(need)), "{}: nothing allows {need:?}", workflow.name);
        }
        for grant in &grants {
            assert!(needs.iter().any(|need| grant.covers(need)), "{}: nothing needs {grant:?}", workflow.name);
        }
    });
}

#[test]
fn no_statement_action_or_resource_can_be_left_out() {
    every_role(|plan, workflow| {
        let needs = needs(plan, workflow);
        let statements = iam::statements(plan, workflow);
        let covered = |grants: &[Grant]| needs.iter().all(|need| grants.iter().any(|grant| grant.covers(need)));
        for without in &statements {
            let rest = statements.iter().filter(|s| *s != without).flat_map(|s| grants(plan, s));
            let rest: Vec<Grant> = rest.collect();
            assert!(!covered(&rest), "{}: {without} is not missed", workflow.name);
        }
        let all: Vec<Grant> = statements.iter().flat_map(|s| grants(plan, s)).collect();
        assert!(covered(&all));
        for at in 0..all.len() {
            let mut rest = all.clone();
            let without = rest.remove(at);
            assert!(!covered(&rest), "{}: {without:?} is not missed", workflow.name);
        }
    });
}

#[test]
fn patterns_match_as_in_iam() {
    assert!(matches("a/*.json", "a/b/c.json") && !matches("a/*.json", "a/b.jso") && !matches("a", "ab"));
    assert!(matches("a${*}b", "a*b") && !matches("a${*}b", "axb") && matches("*", "") && matches("a*b*c", "abbc"));
}
