//! Everything on AWS as one stack: `cloudformation/stack.json`.
//!
//! | plan | resources |
//! |---|---|
//! | `Workflow` | state machine, log group, role with what its stages do and nothing else |
//! | `Trigger::Schedule` | schedule of EventBridge Scheduler, with a role that may start this workflow |
//! | `Service` | log group of its embedded metrics; when a workflow calls it, an API key and a connection that sends it |
//! | its `Store` in a bucket | role that may read the versions of its model, and its association with the service's pods (EKS Pod Identity) |
//! | `Channel` | topic, email subscription, policy that lets this project's alarms publish |
//! | `Alert` | alarm |
//! | all of them | dashboard, encryption key |
//! | `Bucket` | nothing: it exists already |
//!
//! Deploy it with `aws cloudformation deploy --capabilities CAPABILITY_IAM` (and `--s3-bucket` beyond 51,200 bytes). The outputs name the
//! secret that holds each API key; the cluster's Secret must hold the same key. Log groups, keys and API keys stay when the stack is deleted.
//!
//! What it cannot say: the encryption key of a bucket, whose use a role would have to be allowed.

pub mod arn;
mod check;
mod iam;
mod key;
mod stack;
#[cfg(test)]
mod tests;

use serde_json::{Value, json};
use windlass_schemas::artifact::Output;
use windlass_schemas::diagnostic::Diagnostics;
use windlass_schemas::plan::{Plan, Workflow};
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

/// The name of a workflow's trigger: the workflow's own, numbered from the second on.
fn schedule_name(plan: &Plan, workflow: &Workflow, at: usize) -> String {
    match at {
        0 => plan.qualified(&workflow.name),
        _ => format!("{}-{}", plan.qualified(&workflow.name), at + 1),
    }
}
