//! State machines for AWS Step Functions: `stepfunctions/<workflow>.asl.json`.
//!
//! | plan | Amazon States Language |
//! |---|---|
//! | `Workflow` | a Standard state machine in JSONata, `TimeoutSeconds` |
//! | `Input` | the Choice `check input`, which refuses or assigns `$input` |
//! | `Stage` | a Task with the stage's name; what it leaves behind is the variable `$<stage>` |
//! | `Stage::when` | the Choice `when <stage>`; a skipped stage's variable is null |
//! | `Verb::Read`, `Write` | `aws-sdk:s3:getObject`, `putObject` |
//! | `Verb::Infer` | `http:invoke` of the Open Inference Protocol v2 through an EventBridge connection |
//! | `Verb::Notify` | `sns:publish` |
//! | `Retry` | a retrier of the verb's transient errors |
//! | `Step::Parallel` | Parallel |
//! | `Workflow::output` | the output of the Pass `return output` |
//! | `Trigger` | nothing here: a schedule in the CloudFormation stack |
//!
//! A stage without `retry` gets no retrier: what the spec does not say does not happen. `${ConnectionArn…}` in a definition stands for the ARN
//! of a connection that only CloudFormation knows; the stack substitutes it, and so must who deploys a definition alone.
//!
//! What it cannot say: calls into the cluster (HTTPS with a public name only), calls longer than a minute, parts of a second,
//! expressions beyond [`jsonata`].

mod asl;
mod check;
mod each;
mod errors;
mod holds;
mod input;
mod job;
pub mod jsonata;
mod scope;
mod states;
mod tasks;
mod tensor;
#[cfg(test)]
mod tests;

pub use each::distributed;
pub use job::{DIGEST as JOB_DIGEST, needed as runs_jobs};
pub use scope::Scope;
pub use tasks::{connection_placeholder, endpoint};

use serde_json::Value;
use windlass_schemas::artifact::Output;
use windlass_schemas::diagnostic::Diagnostics;
use windlass_schemas::plan::{Plan, Workflow, stages};
use windlass_schemas::span::Span;

use crate::{Target, json};

/// State machines for AWS Step Functions.
pub struct StepFunctions;

impl Target for StepFunctions {
    fn name(&self) -> &'static str {
        "stepfunctions"
    }

    fn check(&self, plan: &Plan, diags: &mut Diagnostics) {
        check::check(plan, diags);
    }

    fn emit(&self, plan: &Plan, out: &mut dyn Output) {
        for workflow in &plan.workflows {
            let path = format!("stepfunctions/{}.asl.json", workflow.name);
            let mut origins: Vec<Span> = vec![workflow.origin];
            origins.extend(stages(&workflow.body).iter().map(|stage| stage.origin));
            out.text(self.name(), &path, &json::pretty(&definition(plan, workflow)), &origins);
        }
    }
}

/// The definition of a workflow that was checked; null for one that was not.
pub fn definition(plan: &Plan, workflow: &Workflow) -> Value {
    states::definition(plan, workflow).map_or(Value::Null, |machine| json::tree(&machine))
}
