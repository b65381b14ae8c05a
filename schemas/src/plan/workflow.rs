//! Stages in the order in which they may run.

use serde::Serialize;

use crate::expr::Expr;
use crate::span::{Span, Spanned};
use crate::tensor::Tensor;
use crate::types::Type;
use crate::units::Duration;

/// A workflow.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Workflow {
    /// Letters, digits, `_` and `-`.
    pub name: String,
    /// What an execution is started with.
    pub inputs: Vec<Input>,
    /// The longest that one execution may take.
    pub timeout: Duration,
    /// What starts it, besides a person.
    pub triggers: Vec<Trigger>,
    /// What happens, in order.
    pub body: Vec<Step>,
    /// What an execution returns; `None`: nothing.
    pub output: Option<Expr>,
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

/// What starts an execution.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// `rate(1 hour)` or `cron(…)`, as EventBridge Scheduler reads it, in UTC. The execution's input is `input`.
    Schedule {
        /// The expression.
        expression: String,
        /// The input of each execution it starts.
        input: serde_json::Value,
        /// Where the spec says so.
        #[serde(skip)]
        origin: Span,
    },
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

/// One stage. Its outputs are read as `stage.NAME.…`; a stage that `when` skipped has the value null.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stage {
    /// Letters, digits and `_`; unique in the workflow.
    pub name: String,
    /// Skipped unless this is true.
    pub when: Option<Expr>,
    /// What it does.
    pub verb: Verb,
    /// The longest that one attempt may take.
    pub timeout: Spanned<Duration>,
    /// What happens when it fails.
    pub retry: Option<Retry>,
    /// Where the spec says so.
    #[serde(skip)]
    pub origin: Span,
}

/// What a stage does.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// Reads an object that holds JSON. Outputs: `body` (the parsed JSON, any).
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
    /// Sends a message. Outputs: `message_id` (string).
    Notify {
        /// Name of the channel.
        channel: String,
        /// A line above the message: a string.
        subject: Option<Expr>,
        /// The message: a string.
        message: Expr,
    },
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

/// Every stage of a sequence and of the sequences in it, in order.
pub fn stages(steps: &[Step]) -> Vec<&Stage> {
    let mut found = Vec::new();
    for step in steps {
        match step {
            Step::Stage(stage) => found.push(&**stage),
            Step::Parallel(branches) => found.extend(branches.iter().flat_map(|branch| stages(branch))),
        }
    }
    found
}

impl Serialize for Expr {
    /// An expression is dumped as its debug form: it is for eyes, not for reading back.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:?}", self.kind))
    }
}
