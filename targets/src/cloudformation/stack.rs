//! Plan -> resources and outputs of the stack.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Map, Value, json};
use windlass_schemas::plan::{Log, Occasion, Plan, Service, Stage, Trigger, Verb, Workflow, stages};

use super::{alarm_id, alias_id, arn, connection_id, iam, key, key_arn, topic_id, triggers};
use crate::cloudwatch::{alarm, dashboard, environment, has_dashboard};
use crate::inference::names;
use crate::kubernetes::jobs_group;
use crate::stepfunctions::{connection_placeholder, definition, runs_jobs};

/// Days that logs are kept: as long as Step Functions keeps the history of an execution.
const WORKFLOW_LOGS: u32 = 90;
/// Embedded metrics stay metrics when their log lines are gone.
const METRIC_LOGS: u32 = 30;

/// The template. `None` when the plan needs nothing on AWS.
pub fn template(plan: &Plan) -> Option<Template> {
    let mut stack = Template { version: "2010-09-09", ..Template::default() };
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
        stack.add(alarm_id(&alert.name), "AWS::CloudWatch::Alarm", json!(alarm));
    }
    if has_dashboard(plan) {
        // Written once, and moved from here on: it is most of a large stack.
        let body = serde_json::to_string(&dashboard::body(plan)).unwrap_or_default();
        let mut properties = json!({ "DashboardName": dashboard::name(plan) });
        properties["DashboardBody"] = Value::String(body);
        stack.add("Dashboard".to_owned(), "AWS::CloudWatch::Dashboard", properties);
    }
    if stack.resources.is_empty() {
        return None;
    }
    stack.key(plan);
    let environment = plan.environment.as_ref().map(|e| format!(" in {e}")).unwrap_or_default();
    stack.description = format!("{}{environment}: workflows, alarms and what they need", plan.project.name);
    Some(stack)
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

/// A template: <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html>.
#[derive(Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Template {
    #[serde(rename = "AWSTemplateFormatVersion")]
    version: &'static str,
    description: String,
    pub resources: BTreeMap<String, Resource>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub outputs: BTreeMap<String, Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Resource {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    deletion_policy: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    update_replace_policy: Option<&'static str>,
    properties: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Value>,
}

impl Template {
    fn add(&mut self, id: String, kind: &'static str, properties: Value) {
        self.insert(id, kind, None, properties);
    }

    /// A resource that outlives the stack, because it holds what nothing can make again.
    fn add_retained(&mut self, id: String, kind: &'static str, properties: Value) {
        self.insert(id, kind, Some("Retain"), properties);
    }

    fn insert(&mut self, id: String, r#type: &'static str, policy: Option<&'static str>, properties: Value) {
        let (deletion_policy, update_replace_policy) = (policy, policy);
        let resource = Resource { r#type, deletion_policy, update_replace_policy, properties, metadata: None };
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
        if workflow.log != Log::Off {
            self.log_group(logs.clone(), &format!("/aws/vendedlogs/states/{name}"), WORKFLOW_LOGS);
        }
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
            "StateMachineType": if workflow.express { "EXPRESS" } else { "STANDARD" },
            "RoleArn": { "Fn::GetAtt": [role, "Arn"] },
            "Definition": definition(plan, workflow),
            "TracingConfiguration": { "Enabled": workflow.trace },
        });
        let level = match workflow.log {
            Log::All => "ALL",
            Log::Error => "ERROR",
            Log::Fatal => "FATAL",
            Log::Off => "OFF",
        };
        // Without data: the history of an execution holds it already, under the permissions of Step Functions.
        let mut logging = json!({ "Level": level, "IncludeExecutionData": false });
        if workflow.log != Log::Off {
            let group = json!({ "LogGroupArn": { "Fn::GetAtt": [logs, "Arn"] } });
            logging["Destinations"] = json!([{ "CloudWatchLogsLogGroup": group }]);
        }
        properties["LoggingConfiguration"] = logging;
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
        let tolerant = |stage: &Stage| stage.each.as_ref().is_some_and(|each| each.tolerate.0 > 0);
        if stages(&workflow.body).into_iter().any(tolerant)
            && let Some(resource) = self.resources.get_mut(&machine)
        {
            // cfn-lint takes a share of tolerated failures for a whole number; Step Functions takes parts, and expressions.
            resource.metadata = Some(json!({ "cfn-lint": { "config": { "ignore_checks": ["E3601"] } } }));
        }
        if runs_jobs(workflow) {
            let properties = json!({
                "ClusterName": plan.platform.cluster,
                "PrincipalArn": { "Fn::GetAtt": [role, "Arn"] },
                "KubernetesGroups": [jobs_group(plan)],
                "Type": "STANDARD",
            });
            self.add(format!("ClusterAccess{id}"), "AWS::EKS::AccessEntry", properties);
        }
        self.versions(workflow, &id, &machine);
        self.triggers(plan, workflow, &id);
    }

    /// A version for each revision of the state machine, and the alias that leads to the newest, at once or share by share.
    fn versions(&mut self, workflow: &Workflow, id: &str, machine: &str) {
        let (version, alias) = (format!("WorkflowVersion{id}"), alias_id(&workflow.name));
        let properties = json!({
            "StateMachineArn": { "Ref": machine },
            "StateMachineRevisionId": { "Fn::GetAtt": [machine, "StateMachineRevisionId"] },
        });
        // Executions may still be started from the version before, and a rollback goes back to it.
        self.add_retained(version.clone(), "AWS::StepFunctions::StateMachineVersion", properties);
        let mut preference = json!({ "StateMachineVersionArn": { "Ref": version }, "Type": "ALL_AT_ONCE" });
        if let Some(shift) = &workflow.shift {
            preference["Type"] = json!(if shift.linear { "LINEAR" } else { "CANARY" });
            preference["Percentage"] = json!(shift.percent.whole());
            preference["Interval"] = json!(shift.interval.seconds_up() / 60);
            if !shift.abort_on.is_empty() {
                // By name, which is what a reference gives: an ARN here is taken, and then never stops anything.
                let alarms: Vec<Value> = shift.abort_on.iter().map(|alert| json!({ "Ref": alarm_id(alert) })).collect();
                preference["Alarms"] = json!(alarms);
            }
        }
        let properties = json!({ "Name": arn::ALIAS, "DeploymentPreference": preference });
        self.add(alias.clone(), "AWS::StepFunctions::StateMachineAlias", properties);
        let description = format!("ARN by which workflow {} is started", workflow.name);
        self.output(machine.to_owned(), description, json!({ "Ref": alias }));
    }

    fn triggers(&mut self, plan: &Plan, workflow: &Workflow, id: &str) {
        let alias = json!({ "Ref": alias_id(&workflow.name) });
        let clock = |trigger: &&Trigger| matches!(trigger.when, Occasion::Schedule { .. });
        let start =
            json!({ "Sid": "Start", "Effect": "Allow", "Action": ["states:StartExecution"], "Resource": alias });
        let (schedules, rules) = (format!("ScheduleRole{id}"), format!("RuleRole{id}"));
        let mut role = |id: &str, how: &str, service: &str, statements: Vec<Value>| {
            self.add(
                id.to_owned(),
                "AWS::IAM::Role",
                json!({
                    "Description": format!("Starts workflow {} {how}", workflow.name),
                    "AssumeRolePolicyDocument": iam::trust(plan, service),
                    "Policies": iam::policy("start", statements),
                }),
            );
        };
        if workflow.triggers.iter().any(|trigger| clock(&trigger)) {
            let decrypt =
                json!({ "Sid": "DecryptInput", "Effect": "Allow", "Action": ["kms:Decrypt"], "Resource": key_arn() });
            role(&schedules, "by the clock", "scheduler.amazonaws.com", vec![start.clone(), decrypt]);
        }
        if !workflow.triggers.iter().all(|trigger| clock(&trigger)) {
            role(&rules, "when something happens", "events.amazonaws.com", vec![start]);
        }
        for (at, trigger) in workflow.triggers.iter().enumerate() {
            let name = triggers::name(plan, workflow, at);
            let mut target = triggers::checked_input(trigger);
            target.insert("Arn".to_owned(), alias.clone());
            if let Occasion::Schedule { expression, timezone } = &trigger.when {
                target.insert("RoleArn".to_owned(), json!({ "Fn::GetAtt": [schedules, "Arn"] }));
                let properties = json!({
                    "Name": name,
                    "ScheduleExpression": expression,
                    "ScheduleExpressionTimezone": timezone,
                    "FlexibleTimeWindow": { "Mode": "OFF" },
                    "KmsKeyArn": key_arn(),
                    "Target": target,
                });
                self.add(format!("Schedule{id}n{}", at + 1), "AWS::Scheduler::Schedule", properties);
            } else if let Some(pattern) = triggers::pattern(plan, &trigger.when) {
                target.insert("RoleArn".to_owned(), json!({ "Fn::GetAtt": [rules, "Arn"] }));
                target.insert("Id".to_owned(), json!(workflow.name));
                let properties = json!({
                    "Name": name,
                    "Description": format!("Starts workflow {} {}", workflow.name, occasion(plan, &trigger.when)),
                    "EventPattern": pattern,
                    "State": "ENABLED",
                    "Targets": [target],
                });
                self.add(format!("Rule{id}n{}", at + 1), "AWS::Events::Rule", properties);
            }
        }
    }
}

/// In words, for whoever finds the rule.
fn occasion(plan: &Plan, when: &Occasion) -> String {
    match when {
        Occasion::Schedule { .. } => "by the clock".to_owned(),
        Occasion::Object { bucket, .. } => {
            let bucket = plan.bucket(bucket).map_or("", |bucket| bucket.bucket.as_str());
            format!("for new objects in {bucket}, whose properties must send its events to EventBridge")
        }
        Occasion::Finished { workflow, .. } => format!("when an execution of {workflow} ends"),
        Occasion::Alert { alert } => format!("when alert {alert} begins"),
    }
}
