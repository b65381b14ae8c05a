//! `workflow` and its stages.

use super::addresses::ErrorName;
use super::choices::{ErrorChoice, LogLevel, Outcome, RowFormat, ShiftKind, WorkflowKind};
use super::schedule::{Schedule, TimeZone};
use super::texts::{Identifier, InputName, WorkflowName};
use super::values::{
    AlertRef, BucketRef, ChannelRef, Count, Data, Expression, Expressions, Factor, Fallback, FunctionRef, JobRef,
    ServiceRef, StageRefs, TypeName, WorkflowRef,
};
use crate::declare::block;
use crate::types::Type;
use crate::units::{Duration, Percent};

block! {
    /// Stages that run in the order of what they need from each other; independent ones run at the same time.
    Workflow = "workflow" (name: WorkflowName) [for_each]
    optional {
        /// What an execution returns.
        output: Expression,
    }
    default {
        /// The longest that one execution may take; an express one takes `"5m"` at most, and that when it is left out.
        timeout: Duration = "1h",
        /// `standard` executions take up to a year and do everything once; `express` ones take five minutes at most, cost less, and may do
        /// a thing twice.
        r#type: WorkflowKind = "standard",
        /// Which events of executions are logged: `all`, those of `error`s, only `fatal` ones, or `off`.
        log: LogLevel = "error",
        /// Whether executions are traced by AWS X-Ray.
        trace: bool = "true",
    }
    at_most_once {
        /// How executions move to a new version of the workflow; at once, when left out.
        rollout: Shift,
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
        /// Used when the field is not given; without it, the field must be. With `null`, expressions must say what to take instead.
        default: Data,
    }
    many {
        /// What its value must be.
        validations: InputValidation,
    }
}

impl Input {
    /// What expressions find in it: a field whose default is null may be null.
    pub fn ty(&self) -> Type {
        let declared = self.r#type.value.0.clone();
        match &self.default {
            Some(default) if default.value.0.is_null() && !matches!(declared, Type::Optional(_) | Type::Any) => {
                Type::Optional(Box::new(declared))
            }
            _ => declared,
        }
    }
}

block! {
    /// A rule for the value of an input, looked at when an execution starts.
    InputValidation = "validation"
    required {
        /// What must be true of `input`.
        condition: Expression,
        /// What the execution fails with when it is not.
        error_message: String,
    }
}

block! {
    /// Starts the workflow: it has exactly one of `schedule`, `objects`, `workflow` and `alert`.
    Trigger = "trigger"
    optional {
        /// When: `rate(1 hour)`, `cron(0 6 * * ? *)` or `at(2027-01-31T06:00:00)`, as EventBridge Scheduler reads it.
        schedule: Schedule,
        /// With `schedule`: the IANA time zone that it is read in; UTC, when left out.
        timezone: TimeZone,
        /// Whenever an object is created in this bucket. `event` has its `key`, `size` and `etag`.
        objects: BucketRef,
        /// With `objects`: only those whose key begins so.
        prefix: String,
        /// With `objects`: only those whose key ends so.
        suffix: String,
        /// Whenever an execution of this workflow ends. `event` has its `execution`, `status` and `output`, as text.
        workflow: WorkflowRef,
        /// With `workflow`: only executions that ended so; `succeeded`, when left out.
        outcome: Outcome,
        /// Whenever this alert begins. `event` has its `reason` and `time`.
        alert: AlertRef,
        /// The input of the executions that it starts.
        input: Expressions,
    }
}

block! {
    /// How executions move to a new version: a share of them first (`canary`), or share by share (`linear`).
    Shift = "rollout" (kind: ShiftKind)
    optional {
        /// Alerts that bring the old version back.
        abort_on: Vec<AlertRef>,
    }
    default {
        /// The share that moves at a time.
        percent: Percent = "10%",
        /// The time between one share and the next.
        interval: Duration = "10m",
    }
}

block! {
    /// One stage: it does exactly one thing, its verb. Its outputs are `stage.NAME.…`, or, with `for_each` or `distribute`, a list of them.
    Stage = "stage" (name: Identifier)
    optional {
        /// Reads an object that holds JSON from this bucket. Output: `body`.
        read: BucketRef,
        /// Writes an object to this bucket as JSON. Outputs: `key` and `etag`.
        write: BucketRef,
        /// Asks this service. Output: `outputs`, with a field for every output tensor of the model.
        infer: ServiceRef,
        /// Calls this function. Output: `result`.
        call: FunctionRef,
        /// Runs this job and waits until it is complete. Output: `job`, its name in the cluster.
        run: JobRef,
        /// Starts this workflow and waits until its execution ends. Outputs: `execution` and `output`.
        start: WorkflowRef,
        /// Sends a message to this channel. Output: `message_id`.
        notify: ChannelRef,
        /// Asks a person on this channel, and waits for the answer. Outputs: `approved` and `comment`.
        approve: ChannelRef,
        /// Waits this long: a duration such as `"5m"`, or a number of seconds.
        wait: Expression,
        /// Computes this. Output: `value`.
        value: Expression,
        /// Ends the execution as failed, for this reason.
        fail: Expression,
        /// With `read` and `write`: the object's key.
        key: Expression,
        /// With `write`: what to write.
        body: Expression,
        /// With `infer`: a value for every input tensor of the model, nested as deep as the tensor has dimensions.
        inputs: Expressions,
        /// With `call`: what the function is called with.
        payload: Expression,
        /// With `run`: the arguments of the container's command, a list of strings.
        arguments: Expression,
        /// With `run`: environment variables of the container, beside those of the job.
        environment: Expressions,
        /// With `start`: the input of the execution.
        input: Expressions,
        /// With `notify` and `approve`: a line above the message, at most 100 characters.
        subject: Expression,
        /// With `notify` and `approve`: the message.
        message: Expression,
        /// With `fail`: the name of the error, `WorkflowFailed` when left out.
        error: ErrorName,
        /// With `read`, `call` and `start`: the type of what comes back. What does not have it fails the stage.
        returns: TypeName,
        /// Skips the stage unless this is true.
        when: Expression,
        /// Runs the stage once for every element of this list, as `item`.
        for_each: Expression,
        /// With `for_each` and `distribute`: how many run at the same time.
        max_concurrency: Count,
        /// Stages that must have ended before, beside those whose outputs are read.
        after: StageRefs,
        /// The longest that one attempt may take; `"30s"` when left out, but `run` and `approve` must say it.
        timeout: Duration,
        /// What happens when the stage fails for good: `"continue"`, or the stage that runs then. The stage's outputs are null then, and the
        /// stage that runs then can read `error.name` and `error.cause`. When left out, the execution fails.
        on_error: Fallback,
    }
    at_most_once {
        /// Runs the stage for every object or row in a bucket, in executions of their own.
        distribute: Distribute,
    }
    many {
        /// What happens when the stage fails for a reason that may pass.
        retries: Retry,
    }
}

block! {
    /// Runs the stage for every object in a bucket, or for every row of one object, as `item`: thousands at the same time, each in an execution of its
    /// own. It has exactly one of `objects` and `rows`.
    Distribute = "distribute"
    optional {
        /// Every object in this bucket. `item` has its `key`, `size` and `etag`.
        objects: BucketRef,
        /// With `objects`: only those whose key begins so.
        prefix: Expression,
        /// Every row of an object in this bucket.
        rows: BucketRef,
        /// With `rows`: the object's key.
        key: Expression,
        /// With `rows`: `csv` with a header (`item` has a text for every column), `json`, a list, or `jsonl`, a value in each line.
        format: RowFormat,
        /// How many elements are handled together; `item` is then a list of as many at most.
        batch: Count,
        /// Where results are written, instead of being the stage's outputs.
        results: BucketRef,
        /// With `results`: what the keys begin with.
        results_prefix: String,
    }
    default {
        /// The share of elements that may fail before the stage does.
        tolerate: Percent = "0%",
    }
}

block! {
    /// Repeats a stage that failed for a reason that may pass, with growing waits. Of several, the first that names the error counts.
    Retry = "retry"
    required {
        /// How many times at most, after the first attempt.
        attempts: Count,
    }
    optional {
        /// Errors that it is for: `timeout`, `throttled`, `unavailable`, `any`, or names such as `"States.Http.StatusCode.409"`. When left out,
        /// those of the verb that may pass.
        on: Vec<ErrorChoice>,
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
    VerbDecl { name: "read", needs: &["key"], takes: &["returns"] },
    VerbDecl { name: "write", needs: &["key", "body"], takes: &[] },
    VerbDecl { name: "infer", needs: &["inputs"], takes: &[] },
    VerbDecl { name: "call", needs: &[], takes: &["payload", "returns"] },
    VerbDecl { name: "run", needs: &["timeout"], takes: &["arguments", "environment"] },
    VerbDecl { name: "start", needs: &[], takes: &["input", "returns"] },
    VerbDecl { name: "notify", needs: &["message"], takes: &["subject"] },
    VerbDecl { name: "approve", needs: &["message", "timeout"], takes: &["subject"] },
    VerbDecl { name: "wait", needs: &[], takes: &[] },
    VerbDecl { name: "value", needs: &[], takes: &[] },
    VerbDecl { name: "fail", needs: &[], takes: &["error"] },
];
