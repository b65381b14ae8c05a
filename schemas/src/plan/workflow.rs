//! Stages in the order in which they may run.

use serde::Serialize;

use crate::expr::{Expr, ExprKind};
use crate::span::{Span, Spanned};
use crate::spec::values::to_json;
use crate::tensor::Tensor;
use crate::types::Type;
use crate::units::{Duration, Percent};

/// A workflow.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Workflow {
    /// Letters, digits, `_` and `-`.
    pub name: String,
    /// Whether executions are many, short and cheap instead of exact and long.
    pub express: bool,
    /// What an execution is started with.
    pub inputs: Vec<Input>,
    /// What must be true of the input, in the order of the inputs.
    pub validations: Vec<Validation>,
    /// The longest that one execution may take.
    pub timeout: Duration,
    /// What starts it, besides a person.
    pub triggers: Vec<Trigger>,
    /// What happens, in order.
    pub body: Vec<Step>,
    /// What an execution returns; `None`: nothing.
    pub output: Option<Expr>,
    /// The type of what an execution returns: an object without fields, when it returns nothing.
    pub returns: Type,
    /// Which events are logged.
    pub log: Log,
    /// Whether executions are traced.
    pub trace: bool,
    /// How executions move to a new version; at once, when there is none.
    pub shift: Option<Shift>,
    /// Where the spec says so.
    #[serde(skip)]
    pub origin: Span,
}

/// One field of a workflow's input.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Input {
    /// The field.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: Type,
    /// Used when the field is not given; without it, the field is required.
    pub default: Option<serde_json::Value>,
    /// Where the spec says so.
    #[serde(skip)]
    pub origin: Span,
}

/// A rule for a workflow's input.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Validation {
    /// A bool, over `input`.
    pub condition: Expr,
    /// What the execution fails with when it is false.
    pub message: String,
}

/// Which events of executions are logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Log {
    /// All.
    All,
    /// Those of errors.
    Error,
    /// Those that ended an execution.
    Fatal,
    /// None.
    Off,
}

/// How executions move to a new version of a workflow.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shift {
    /// Share by share, instead of one share and then all.
    pub linear: bool,
    /// The share that moves at a time: 1 to 99 %.
    pub percent: Percent,
    /// The time between one share and the next: 1 to 2100 whole minutes.
    pub interval: Duration,
    /// Names of alerts that bring the old version back.
    pub abort_on: Vec<String>,
    /// Where the spec says so.
    #[serde(skip)]
    pub origin: Span,
}

/// What starts an execution.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Trigger {
    /// When.
    pub when: Occasion,
    /// The fields of the execution's input: expressions over `event`, defaults filled in.
    pub input: Vec<(String, Expr)>,
    /// Where the spec says so.
    #[serde(skip)]
    pub origin: Span,
}

impl Trigger {
    /// The fields of the input that do not depend on the event, as JSON.
    pub fn constant_input(&self) -> serde_json::Map<String, serde_json::Value> {
        let known = |expr: &Expr| match &expr.kind {
            ExprKind::Literal(value) => to_json(value).ok(),
            _ => None,
        };
        self.input.iter().filter_map(|(name, expr)| Some((name.clone(), known(expr)?))).collect()
    }
}

/// When an execution is started.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    /// At times.
    Schedule {
        /// `rate(1 hour)`, `cron(…)` or `at(…)`, as EventBridge Scheduler reads it.
        expression: String,
        /// IANA name of the time zone that it is read in.
        timezone: String,
    },
    /// When an object is created. `event`: `key` (string), `size` (number), `etag` (string).
    Object {
        /// Name of the bucket in the spec.
        bucket: String,
        /// What its key begins with.
        prefix: Option<String>,
        /// What its key ends with.
        suffix: Option<String>,
    },
    /// When an execution of another workflow ends. `event`: `execution`, `status`, `output` (strings; the last is JSON).
    Finished {
        /// Name of the workflow.
        workflow: String,
        /// Only when it succeeded, only when it did not, or both.
        outcome: Outcome,
    },
    /// When an alert begins. `event`: `reason` (string), `time` (string).
    Alert {
        /// Name of the alert.
        alert: String,
    },
}

/// How an execution ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// With an output.
    Succeeded,
    /// Failed, timed out or aborted.
    Failed,
    /// In any way.
    Any,
}

/// One step of a sequence.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// One stage.
    Stage(Box<Stage>),
    /// Sequences that run at the same time; the step ends when all have ended. At least two, none empty.
    Parallel(Vec<Vec<Step>>),
}

/// One stage. Its outputs are read as `stage.NAME.…`. A stage that `when` skipped, and one that failed and has `on_error`, has the value
/// null; so has a handler that did not run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stage {
    /// Letters, digits and `_`; unique in the workflow.
    pub name: String,
    /// Skipped unless this is true.
    pub when: Option<Expr>,
    /// Runs the verb for every element of something; `stage.NAME` is then the list of outputs, in order.
    pub each: Option<Each>,
    /// What it does.
    pub verb: Verb,
    /// The outputs of one run: an object.
    pub outputs: Type,
    /// The longest that one attempt may take; of no meaning for `wait`, `value` and `fail`.
    pub timeout: Spanned<Duration>,
    /// What happens when it fails: the first that names the error.
    pub retries: Vec<Retry>,
    /// What happens when it fails for good; `None`: the execution fails.
    pub on_error: Option<OnError>,
    /// Where the spec says so.
    #[serde(skip)]
    pub origin: Span,
}

/// What happens when a stage fails for good.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OnError {
    /// The execution goes on.
    Continue,
    /// This stage runs, with `error` (`name` and `cause`, strings); then the execution goes on.
    Handle(Box<Stage>),
}

/// What a stage runs for, once each.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Each {
    /// The elements.
    pub over: Elements,
    /// How many run at the same time; `None`: as many as the target allows.
    pub max_concurrency: Option<Spanned<u32>>,
    /// In executions of their own: events and outputs do not count against those of the workflow's execution.
    pub distributed: bool,
    /// Elements that are handled together: `item` is a list of as many at most.
    pub batch: Option<u32>,
    /// The share of elements that may fail.
    pub tolerate: Percent,
    /// Where results are written, instead of being the stage's outputs.
    pub results: Option<Results>,
    /// Where the spec says so.
    #[serde(skip)]
    pub origin: Span,
}

/// Elements that a stage runs for.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Elements {
    /// Those of a list.
    List(Expr),
    /// The objects of a bucket. `item`: `key` (string), `size` (number), `etag` (string).
    Objects {
        /// Name of the bucket in the spec.
        bucket: String,
        /// What their keys begin with: a string.
        prefix: Option<Expr>,
    },
    /// The rows of an object.
    Rows {
        /// Name of the bucket in the spec.
        bucket: String,
        /// Key of the object: a string.
        key: Expr,
        /// How they are written.
        format: RowFormat,
    },
}

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RowFormat {
    /// Comma-separated with a header: an object with a string for every column.
    Csv,
    /// One JSON list.
    Json,
    /// A JSON value in each line.
    JsonLines,
}

/// Where the results of many runs are written.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Results {
    /// Name of the bucket in the spec.
    pub bucket: String,
    /// What the keys begin with.
    pub prefix: String,
}

/// What a stage does.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// Reads an object that holds JSON. Outputs: `body` (the parsed JSON).
    Read {
        /// Name of the bucket in the spec.
        bucket: String,
        /// Key of the object: a string.
        key: Expr,
    },
    /// Writes an object as JSON. Outputs: `key` (string), `etag` (string).
    Write {
        /// Name of the bucket in the spec.
        bucket: String,
        /// Key of the object: a string.
        key: Expr,
        /// What to write: any JSON.
        body: Expr,
    },
    /// Asks a service. Outputs: `outputs`, an object with a (nested, row-major) list for every output tensor.
    Infer {
        /// Name of the service.
        service: String,
        /// One for every input tensor of the model, in the model's order.
        inputs: Vec<InferInput>,
        /// The model's output tensors.
        outputs: Vec<Tensor>,
    },
    /// Calls a function. Outputs: `result`.
    Call {
        /// Name of the function in the spec.
        function: String,
        /// What it is called with: any JSON; null, when the spec gives none.
        payload: Expr,
    },
    /// Runs a job to completion. Outputs: `job` (string).
    Run {
        /// Name of the job in the spec.
        job: String,
        /// Arguments of its command: a list of strings.
        arguments: Option<Expr>,
        /// Environment variables beside the job's own: strings.
        environment: Vec<(String, Expr)>,
    },
    /// Starts another workflow and waits for the end. Outputs: `execution` (string), `output`.
    Start {
        /// Name of the workflow.
        workflow: String,
        /// Its input, defaults not filled in.
        input: Vec<(String, Expr)>,
    },
    /// Sends a message. Outputs: `message_id` (string).
    Notify {
        /// Name of the channel.
        channel: String,
        /// A line above the message: a string.
        subject: Option<Expr>,
        /// The message: a string.
        message: Expr,
    },
    /// Asks a person and waits for the answer. Outputs: `approved` (bool), `comment` (optional string).
    Approve {
        /// Name of the channel.
        channel: String,
        /// A line above the message: a string.
        subject: Option<Expr>,
        /// The message: a string.
        message: Expr,
    },
    /// Waits. No outputs.
    Wait(Pause),
    /// Computes something. Outputs: `value`.
    Value(Expr),
    /// Ends the execution as failed. Nothing comes after it.
    Fail {
        /// Name of the error.
        error: String,
        /// Why: a string.
        cause: Expr,
    },
}

/// How long a stage waits.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Pause {
    /// Known when compiling.
    For(Duration),
    /// Seconds: a number.
    Seconds(Expr),
}

/// A tensor and the expression that fills it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct InferInput {
    /// The input of the model.
    pub tensor: Tensor,
    /// A list, nested as deep as the tensor has dimensions.
    pub value: Expr,
}

/// Repeating a failed stage.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Retry {
    /// The errors that it is for; empty: those of the verb that may pass.
    pub on: Vec<ErrorKind>,
    /// How many times at most, after the first attempt.
    pub attempts: u32,
    /// The wait before the first repetition.
    pub backoff: Spanned<Duration>,
    /// What each further wait is multiplied by; at least 1.
    pub factor: f64,
    /// No wait is longer.
    pub max_backoff: Spanned<Duration>,
    /// Whether each wait is drawn at random between nothing and its length.
    pub jitter: bool,
}

/// Errors that a stage may fail with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// An attempt took too long.
    Timeout,
    /// Too many requests.
    Throttled,
    /// What was called could not be reached, or could not answer now.
    Unavailable,
    /// Any.
    Any,
    /// The one that the target, or what was called, calls so.
    Named(String),
}

/// Every stage of a sequence, of the sequences in it, and those that handle their errors, in order.
pub fn stages(steps: &[Step]) -> Vec<&Stage> {
    let mut found = Vec::new();
    for step in steps {
        match step {
            Step::Stage(stage) => found.extend(stage.with_handlers()),
            Step::Parallel(branches) => found.extend(branches.iter().flat_map(|branch| stages(branch))),
        }
    }
    found
}

impl Stage {
    /// The stage, the one that handles its errors, the one that handles those, and so on.
    pub fn with_handlers(&self) -> impl Iterator<Item = &Stage> {
        std::iter::successors(Some(self), |stage| stage.handler())
    }

    /// Every expression of the stage itself, in the order in which they are looked at.
    pub fn expressions(&self) -> Vec<&Expr> {
        let each: Vec<&Expr> = match self.each.as_ref().map(|each| &each.over) {
            Some(Elements::List(over)) => vec![over],
            Some(Elements::Objects { prefix, .. }) => prefix.iter().collect(),
            Some(Elements::Rows { key, .. }) => vec![key],
            None => Vec::new(),
        };
        self.when.iter().chain(each).chain(self.verb.expressions()).collect()
    }

    /// The stage that runs when this one failed for good.
    pub fn handler(&self) -> Option<&Stage> {
        match &self.on_error {
            Some(OnError::Handle(handler)) => Some(handler),
            _ => None,
        }
    }
}

impl Verb {
    /// Every expression of the verb.
    pub fn expressions(&self) -> Vec<&Expr> {
        match self {
            Verb::Read { key, .. } => vec![key],
            Verb::Write { key, body, .. } => vec![key, body],
            Verb::Infer { inputs, .. } => inputs.iter().map(|input| &input.value).collect(),
            Verb::Call { payload, .. } => vec![payload],
            Verb::Run { arguments, environment, .. } => {
                arguments.iter().chain(environment.iter().map(|(_, value)| value)).collect()
            }
            Verb::Start { input, .. } => input.iter().map(|(_, value)| value).collect(),
            Verb::Notify { subject, message, .. } | Verb::Approve { subject, message, .. } => {
                subject.iter().chain([message]).collect()
            }
            Verb::Wait(Pause::For(_)) => Vec::new(),
            Verb::Wait(Pause::Seconds(expr)) | Verb::Value(expr) | Verb::Fail { cause: expr, .. } => vec![expr],
        }
    }
}

impl Serialize for Expr {
    /// An expression is dumped as its debug form: it is for eyes, not for reading back.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:?}", self.kind))
    }
}
