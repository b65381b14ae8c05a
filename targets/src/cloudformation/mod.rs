//! Everything on AWS as one stack: `cloudformation/stack.json`.
//!
//! | plan | resources |
//! |---|---|
//! | `Workflow` | state machine, log group, role with what its stages do and nothing else; with jobs, an access entry of the cluster |
//! | `Workflow`, `Shift` | version for each revision, alias `live` that leads to the newest, at once or share by share |
//! | `Occasion::Schedule` | schedule of EventBridge Scheduler, with a role that may start this alias |
//! | other `Occasion` | rule of EventBridge, the same |
//! | `Service` | log group of its embedded metrics; when a workflow calls it, an API key and a connection that sends it |
//! | its `Store` in a bucket | role that may read the versions of its model, and its association with the service's pods (EKS Pod Identity) |
//! | `Channel` | topic, email subscription, policy that lets this project's alarms publish |
//! | `Alert` | alarm |
//! | all of them | dashboard, encryption key |
//! | `Bucket`, `Function` | nothing: they exist already |
//!
//! Deploy it with `aws cloudformation deploy --capabilities CAPABILITY_IAM` (and `--s3-bucket` beyond 51,200 bytes). The outputs name the
//! secret that holds each API key; the cluster's Secret must hold the same key. Log groups, keys and API keys stay when the stack is deleted.
//!
//! What must be so already: a bucket whose objects start a workflow sends its events to EventBridge
//! (`aws s3api put-bucket-notification-configuration --bucket NAME --notification-configuration '{"EventBridgeConfiguration": {}}'`, with what
//! else stands there); a cluster in which jobs run takes access entries, and its API server has a public endpoint, for Step Functions reaches no
//! other.
//!
//! What it cannot say: the encryption key of a bucket, whose use a role would have to be allowed; that an execution of an express workflow
//! ended, of which no event tells; anything computed from an event.

pub mod arn;
mod check;
mod iam;
mod key;
mod stack;
#[cfg(test)]
mod tests;
mod triggers;

use serde_json::{Value, json};
use windlass_schemas::artifact::Output;
use windlass_schemas::diagnostic::Diagnostics;
use windlass_schemas::plan::Plan;
use windlass_schemas::span::Span;

use crate::{Target, json as text};

/// Everything on AWS as one stack.
pub struct CloudFormation;

impl Target for CloudFormation {
    fn name(&self) -> &'static str {
        "cloudformation"
    }

    fn check(&self, plan: &Plan, diags: &mut Diagnostics) {
        check::check(plan, diags);
    }

    fn emit(&self, plan: &Plan, out: &mut dyn Output) {
        let Some(template) = stack::template(plan) else { return };
        let channels = plan.channels.iter().map(|c| c.origin);
        let services = plan.services.iter().map(|s| s.origin);
        let workflows = plan.workflows.iter().map(|w| w.origin);
        let alerts = plan.alerts.iter().map(|a| a.origin);
        let origins: Vec<Span> = channels.chain(services).chain(workflows).chain(alerts).collect();
        out.text(self.name(), "cloudformation/stack.json", &text::pretty(&template), &origins);
    }
}

/// Name of the secret in Secrets Manager that holds the key which callers of `service` send. The cluster's Secret must hold the same.
pub fn api_key_name(plan: &Plan, service: &str) -> String {
    format!("{}/api-key", plan.qualified(service))
}

fn topic_id(channel: &str) -> String {
    format!("Topic{}", arn::logical(channel))
}

fn connection_id(service: &str) -> String {
    format!("Connection{}", arn::logical(service))
}

fn key_arn() -> Value {
    json!({ "Fn::GetAtt": ["Key", "Arn"] })
}

fn alarm_id(alert: &str) -> String {
    format!("Alarm{}", arn::logical(alert))
}

fn alias_id(workflow: &str) -> String {
    format!("WorkflowAlias{}", arn::logical(workflow))
}
