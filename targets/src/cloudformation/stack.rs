//! Plan -> resources and outputs of the stack.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use windlass_schemas::plan::{Plan, Service, Trigger, Verb, Workflow, stages};

use super::{arn, connection_id, iam, key, key_arn, schedule_name, topic_id};
use crate::cloudwatch::{alarm, dashboard, environment, has_dashboard};
use crate::inference::names;
use crate::stepfunctions::{connection_placeholder, definition};

/// Days that logs are kept: as long as Step Functions keeps the history of an execution.
const WORKFLOW_LOGS: u32 = 90;
/// Embedded metrics stay metrics when their log lines are gone.
const METRIC_LOGS: u32 = 30;

/// The template. `None` when the plan needs nothing on AWS.
pub fn template(plan: &Plan) -> Option<Value> {
    let mut stack = Stack::default();
    for channel in &plan.channels {
        stack.channel(plan, &channel.name, &channel.email);
    }
    for service in &plan.services {
        stack.service(plan, service);
    }
    for workflow in &plan.workflows {
        stack.workflow(plan, workflow);
    }
    for alert in &plan.alerts {
        let mut alarm = alarm::alarm(plan, alert);
        let topics: Vec<Value> = alert.notify.iter().map(|channel| json!({ "Ref": topic_id(channel) })).collect();
        (alarm.alarm_actions, alarm.ok_actions) = (topics.clone(), topics);
        stack.add(format!("Alarm{}", arn::logical(&alert.name)), "AWS::CloudWatch::Alarm", json!(alarm));
    }
    if has_dashboard(plan) {
        let body = dashboard::body(plan).to_string();
        let properties = json!({ "DashboardName": dashboard::name(plan), "DashboardBody": body });
        stack.add("Dashboard".to_owned(), "AWS::CloudWatch::Dashboard", properties);
    }
    if stack.resources.is_empty() {
        return None;
    }
    stack.key(plan);
    let environment = plan.environment.as_ref().map(|e| format!(" in {e}")).unwrap_or_default();
    let mut template = json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": format!("{}{environment}: workflows, alarms and what they need", plan.project.name),
        "Resources": stack.resources,
    });
    if !stack.outputs.is_empty() {
        template["Outputs"] = json!(stack.outputs);
    }
    Some(template)
}

/// The services that a workflow calls and that have a public name, by name.
pub fn called(plan: &Plan) -> BTreeSet<&str> {
    let all = plan.workflows.iter().flat_map(|workflow| stages(&workflow.body));
    all.filter_map(|stage| match &stage.verb {
        Verb::Infer { service, .. } => plan.service(service).filter(|s| s.expose.is_some()).map(|s| s.name.as_str()),
        _ => None,
    })
    .collect()
}

#[derive(Default)]
struct Stack {
    resources: BTreeMap<String, Value>,
    outputs: BTreeMap<String, Value>,
}

impl Stack {
    fn add(&mut self, id: String, kind: &str, properties: Value) {
        self.resources.insert(id, json!({ "Type": kind, "Properties": properties }));
    }

    /// A resource that outlives the stack, because it holds what nothing can make again.
    fn add_retained(&mut self, id: String, kind: &str, properties: Value) {
        let resource = json!({
            "Type": kind,
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
            "Properties": properties,
        });
        self.resources.insert(id, resource);
    }

    fn output(&mut self, id: String, description: String, value: Value) {
        self.outputs.insert(id, json!({ "Description": description, "Value": value }));
    }

    /// Retained logs stay readable: the key is retained with them.
    fn key(&mut self, plan: &Plan) {
        let properties = json!({
            "Description": format!("Topics, logs and secrets of {}", plan.stem()),
            "EnableKeyRotation": true,
            "KeyPolicy": key::policy(plan),
        });
        self.add_retained("Key".to_owned(), "AWS::KMS::Key", properties);
    }

    fn log_group(&mut self, id: String, name: &str, days: u32) {
        let properties = json!({ "LogGroupName": name, "RetentionInDays": days, "KmsKeyId": key_arn() });
        self.add_retained(id, "AWS::Logs::LogGroup", properties);
    }

    fn channel(&mut self, plan: &Plan, name: &str, email: &str) {
        let id = topic_id(name);
        let topic = json!({ "Ref": id });
        self.add(
            id.clone(),
            "AWS::SNS::Topic",
            json!({ "TopicName": plan.qualified(name), "KmsMasterKeyId": { "Ref": "Key" } }),
        );
        self.add(
            format!("Subscription{}", arn::logical(name)),
            "AWS::SNS::Subscription",
            json!({ "TopicArn": topic, "Protocol": "email", "Endpoint": email }),
        );
        let statement = json!({
            "Sid": "AlarmsPublish",
            "Effect": "Allow",
            "Principal": { "Service": "cloudwatch.amazonaws.com" },
            "Action": "sns:Publish",
            "Resource": topic,
            "Condition": {
                "StringEquals": { "aws:SourceAccount": plan.platform.account },
                "ArnLike": { "aws:SourceArn": arn::alarms(plan) },
            },
        });
        self.add(
            format!("TopicPolicy{}", arn::logical(name)),
            "AWS::SNS::TopicPolicy",
            json!({ "Topics": [topic], "PolicyDocument": { "Version": "2012-10-17", "Statement": [statement] } }),
        );
    }

    fn service(&mut self, plan: &Plan, service: &Service) {
        let id = arn::logical(&service.name);
        let group = names::log_group(&plan.project.name, environment(plan), &service.name);
        self.log_group(format!("MetricLogs{id}"), &group, METRIC_LOGS);
        if let Some(store) = &service.store
            && let Some((bucket, prefix)) = store.objects()
        {
            let role = format!("ModelRole{id}");
            self.add(
                role.clone(),
                "AWS::IAM::Role",
                json!({
                    "Description": format!("Lets service {} read the versions of its model", service.name),
                    "AssumeRolePolicyDocument": iam::pod_trust(plan, service),
                    "Policies": iam::policy("models", vec![iam::read_models(plan, bucket, &prefix, &store.versions)]),
                }),
            );
            self.add(
                format!("ModelAccess{id}"),
                "AWS::EKS::PodIdentityAssociation",
                json!({
                    "ClusterName": plan.platform.cluster,
                    "Namespace": plan.platform.namespace.value,
                    // The ServiceAccount has the service's name.
                    "ServiceAccount": service.name,
                    "RoleArn": { "Fn::GetAtt": [role, "Arn"] },
                }),
            );
        }
        if !called(plan).contains(service.name.as_str()) {
            return;
        }
        let secret = format!("ApiKey{id}");
        let properties = json!({
            "Name": super::api_key_name(plan, &service.name),
            "Description": format!("What callers of {} send as x-api-key; the service's Secret in the cluster holds the same", service.name),
            "KmsKeyId": key_arn(),
            "GenerateSecretString": { "PasswordLength": 48, "ExcludePunctuation": true },
        });
        // A key that is gone locks every caller out.
        self.add_retained(secret.clone(), "AWS::SecretsManager::Secret", properties);
        let value = json!({ "Fn::Sub": format!("{{{{resolve:secretsmanager:${{{secret}}}}}}}") });
        self.add(
            connection_id(&service.name),
            "AWS::Events::Connection",
            json!({
                "Name": plan.qualified(&service.name),
                "AuthorizationType": "API_KEY",
                "AuthParameters": { "ApiKeyAuthParameters": { "ApiKeyName": "x-api-key", "ApiKeyValue": value } },
            }),
        );
        self.output(
            format!("ApiKey{id}"),
            format!("Secret with the API key of service {}", service.name),
            json!(super::api_key_name(plan, &service.name)),
        );
    }

    fn workflow(&mut self, plan: &Plan, workflow: &Workflow) {
        let id = arn::logical(&workflow.name);
        let (machine, role, logs) = (format!("Workflow{id}"), format!("WorkflowRole{id}"), format!("WorkflowLogs{id}"));
        let name = plan.qualified(&workflow.name);
        self.log_group(logs.clone(), &format!("/aws/vendedlogs/states/{name}"), WORKFLOW_LOGS);
        self.add(
            role.clone(),
            "AWS::IAM::Role",
            json!({
                "Description": format!("What the stages of workflow {} do. Log delivery and X-Ray have no permissions for single resources, hence *.", workflow.name),
                "AssumeRolePolicyDocument": iam::trust(plan, "states.amazonaws.com"),
                "Policies": iam::policy("stages", iam::statements(plan, workflow)),
            }),
        );
        let mut properties = json!({
            "StateMachineName": name,
            "StateMachineType": "STANDARD",
            "RoleArn": { "Fn::GetAtt": [role, "Arn"] },
            "Definition": definition(plan, workflow),
            // Without data: the history of an execution holds it already, under the permissions of Step Functions.
            "LoggingConfiguration": {
                "Level": "ERROR",
                "IncludeExecutionData": false,
                "Destinations": [{ "CloudWatchLogsLogGroup": { "LogGroupArn": { "Fn::GetAtt": [logs, "Arn"] } } }],
            },
            "TracingConfiguration": { "Enabled": true },
        });
        let substitutions: Map<String, Value> = stages(&workflow.body)
            .into_iter()
            .filter_map(|stage| match &stage.verb {
                Verb::Infer { service, .. } => {
                    let connection = json!({ "Fn::GetAtt": [connection_id(service), "Arn"] });
                    Some((connection_placeholder(service), connection))
                }
                _ => None,
            })
            .collect();
        if !substitutions.is_empty() {
            properties["DefinitionSubstitutions"] = json!(substitutions);
        }
        self.add(machine.clone(), "AWS::StepFunctions::StateMachine", properties);
        self.output(machine.clone(), format!("ARN of workflow {}", workflow.name), json!({ "Ref": machine }));
        if !workflow.triggers.is_empty() {
            self.schedules(plan, workflow, &machine);
        }
    }

    fn schedules(&mut self, plan: &Plan, workflow: &Workflow, machine: &str) {
        let id = arn::logical(&workflow.name);
        let role = format!("ScheduleRole{id}");
        let statements = vec![
            json!({ "Sid": "Start", "Effect": "Allow", "Action": ["states:StartExecution"], "Resource": { "Ref": machine } }),
            json!({ "Sid": "DecryptInput", "Effect": "Allow", "Action": ["kms:Decrypt"], "Resource": key_arn() }),
        ];
        self.add(
            role.clone(),
            "AWS::IAM::Role",
            json!({
                "Description": format!("Starts workflow {} by the clock", workflow.name),
                "AssumeRolePolicyDocument": iam::trust(plan, "scheduler.amazonaws.com"),
                "Policies": iam::policy("start", statements),
            }),
        );
        for (at, trigger) in workflow.triggers.iter().enumerate() {
            let Trigger::Schedule { expression, input, .. } = trigger;
            self.add(
                format!("Schedule{id}n{}", at + 1),
                "AWS::Scheduler::Schedule",
                json!({
                    "Name": schedule_name(plan, workflow, at),
                    "ScheduleExpression": expression,
                    "ScheduleExpressionTimezone": "UTC",
                    "FlexibleTimeWindow": { "Mode": "OFF" },
                    "KmsKeyArn": key_arn(),
                    "Target": {
                        "Arn": { "Ref": machine },
                        "RoleArn": { "Fn::GetAtt": [role, "Arn"] },
                        "Input": input.to_string(),
                    },
                }),
            );
        }
    }
}
