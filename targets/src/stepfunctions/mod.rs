//! State machines for AWS Step Functions: `stepfunctions/<workflow>.asl.json`.
//!
//! | plan | Amazon States Language |
//! |---|---|
//! | `Workflow` | a state machine in JSONata, `TimeoutSeconds` |
//! | `Input` | the Choice `check input`, which refuses or assigns `$input` |
//! | `Validation` | a rule of the Choice `validate input` |
//! | `Stage` | a Task with the stage's name; what it leaves behind is the variable `$<stage>` |
//! | `Stage::when` | the Choice `when <stage>`; a skipped stage's variable is null |
//! | `Stage::outputs` | the Choice `check result of <stage>` where a type was declared: `WrongType` |
//! | `Each` over a list | Map; `distributed`: in executions of their own |
//! | `Each` over objects, rows | a distributed Map with ItemReader, ItemBatcher, ResultWriter |
//! | `Verb::Read`, `Write` | `aws-sdk:s3:getObject`, `putObject` |
//! | `Verb::Infer` | `http:invoke` of the Open Inference Protocol v2 through an EventBridge connection |
//! | `Verb::Call` | `lambda:invoke`, or `http:invoke` through the function's connection |
//! | `Verb::Run` | `eks:runJob.sync`, with the cluster that the Task `find cluster` describes at the start |
//! | `Verb::Start` | `states:startExecution.sync:2` of the alias; of an express workflow `aws-sdk:sfn:startSyncExecution` |
//! | `Verb::Notify` | `sns:publish` |
//! | `Verb::Approve` | `sns:publish.waitForTaskToken`, with the commands that answer in the message |
//! | `Verb::Wait`, `Value`, `Fail` | Wait, Pass, Fail; alone in a Parallel, where they have `on_error` |
//! | `Retry` | a retrier, of the verb's transient errors unless it names others (`errors.rs`) |
//! | `OnError` | a catcher that makes the variable null and goes on, or to the stage that handles the error |
//! | `Step::Parallel` | Parallel |
//! | `Workflow::output` | the output of the Pass `return output` |
//! | `Trigger`, `Shift`, `Log` | nothing here: they are in the CloudFormation stack |
//!
//! A stage without `retry` gets no retrier: what the spec does not say does not happen. `${ConnectionArn…}` in a definition stands for the ARN
//! of a connection that only CloudFormation knows; the stack substitutes it, and so must who deploys a definition alone.
//!
//! What it cannot say: calls into the cluster (HTTPS with a public name only), calls longer than a minute, parts of a second, a `when` whose
//! own failure is handled (a Choice catches nothing), expressions beyond [`jsonata`]. The outputs of all runs of a Map come together in
//! 256 KiB, also when they are empty: over more than some 80,000 elements, a stage must write results to a bucket.

mod asl;
mod check;
mod each;
mod errors;
pub mod estimate;
mod holds;
mod input;
mod job;
pub mod jsonata;
mod scope;
mod sizes;
mod states;
mod tasks;
mod tensor;
#[cfg(test)]
mod tests;

pub use each::distributed;
pub use holds::filled;
pub use job::{DIGEST as JOB_DIGEST, needed as runs_jobs};
pub use scope::Scope;
pub use tasks::repeats;
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
