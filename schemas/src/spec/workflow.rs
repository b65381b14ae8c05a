//! `workflow` and its stages

use super::texts::{Identifier, InputName, Schedule, WorkflowName};
use super::values::{BucketRef, ChannelRef, Count, Data, Expression, Expressions, Factor, ServiceRef, TypeName};
use crate::declare::block;
use crate::units::Duration;

block! {
    /// Stages that run in the order of what they need from each other; independent ones run at the same time.
    Workflow = "workflow" (name: WorkflowName) [for_each]
    optional {
        /// What an execution returns.
        output: Expression,
    }
    default {
        /// The longest that one execution may take.
        timeout: Duration = "1h",
    }
    many {
        /// What an execution is started with.
        inputs: Input,
        /// What starts an execution.
        triggers: Trigger,
        /// What happens.
        stages: Stage,
    }
}

block! {
    /// A field of the workflow's input, read as `input.NAME`.
    Input = "input" (name: InputName)
    required {
        /// Its type: `string`, `number`, `bool`, `any`, `list(…)`, `map(…)` or `object({…})`.
        r#type: TypeName,
    }
    optional {
        /// Used when the field is not given; without it, the field must be.
        default: Data,
    }
}

block! {
    /// Starts the workflow.
    Trigger = "trigger"
    required {
        /// When, in UTC: `rate(1 hour)` or `cron(0 6 * * ? *)`, as EventBridge Scheduler reads it.
        schedule: Schedule,
    }
    optional {
        /// The input of the executions that it starts.
        input: Data,
    }
}

block! {
    /// One stage: it has exactly one of `read`, `write`, `infer` and `notify`. Its outputs are `stage.NAME.…`.
    Stage = "stage" (name: Identifier)
    optional {
        /// Reads an object that holds JSON from this bucket. Output: `body`.
        read: BucketRef,
        /// Writes an object to this bucket as JSON. Outputs: `key` and `etag`.
        write: BucketRef,
        /// Asks this service. Output: `outputs`, with a field for every output tensor of the model.
        infer: ServiceRef,
        /// Sends a message to this channel. Output: `message_id`.
        notify: ChannelRef,
        /// With `read` and `write`: the object's key.
        key: Expression,
        /// With `write`: what to write.
        body: Expression,
        /// With `infer`: a value for every input tensor of the model, nested as deep as the tensor has dimensions.
        inputs: Expressions,
        /// With `notify`: a line above the message, at most 100 characters.
        subject: Expression,
        /// With `notify`: the message.
        message: Expression,
        /// Skips the stage unless this is true.
        when: Expression,
    }
    default {
        /// The longest that one attempt may take.
        timeout: Duration = "30s",
    }
    at_most_once {
        /// What happens when the stage fails for a reason that may pass.
        retry: Retry,
    }
}

block! {
    /// Repeats a stage that failed for a reason that may pass, with growing waits.
    Retry = "retry"
    required {
        /// How many times at most, after the first attempt.
        attempts: Count,
    }
    default {
        /// The wait before the first repetition.
        backoff: Duration = "1s",
        /// What each further wait is multiplied by.
        factor: Factor = "2",
        /// No wait is longer.
        max_backoff: Duration = "1m",
        /// Whether each wait is drawn at random between nothing and its length, so that many don't come at once.
        jitter: bool = "true",
    }
}

/// What a stage with a verb needs and may have besides.
#[derive(Debug)]
pub struct VerbDecl {
    /// The attribute that names the verb.
    pub name: &'static str,
    /// Attributes that must be given.
    pub needs: &'static [&'static str],
    /// Attributes that may be given.
    pub takes: &'static [&'static str],
}

/// Every verb.
pub static VERBS: &[VerbDecl] = &[
    VerbDecl { name: "read", needs: &["key"], takes: &[] },
    VerbDecl { name: "write", needs: &["key", "body"], takes: &[] },
    VerbDecl { name: "infer", needs: &["inputs"], takes: &[] },
    VerbDecl { name: "notify", needs: &["message"], takes: &["subject"] },
];
