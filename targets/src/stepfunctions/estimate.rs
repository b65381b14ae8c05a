//! A workflow -> what one execution can come to: time, state transitions, history events, bytes, and calls of what it touches.
//!
//! Numbers are bounds from above, from what the spec says: timeouts, attempts, lengths of lists that are known. What depends on the length of a list that
//! is not known is counted for each of its elements. Events: <https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html>.

use std::collections::BTreeMap;

use windlass_schemas::expr::ExprKind;
use windlass_schemas::plan::{Each, Elements, Pause, Retry, Stage, Step, Verb, Workflow};
use windlass_schemas::tensor::{DataType, Dim, Tensor};
use windlass_schemas::types::Type;
use windlass_schemas::value::{Value, ValueKind};

/// Events that the history of a standard execution may have (Step Functions quotas, "execution history size").
pub const EVENTS: u64 = 25_000;
/// Bytes of an input or output of a state (Step Functions quotas, "maximum input or output size").
pub const PAYLOAD: u64 = 262_144;

/// A number, and what comes to it for each element of lists whose lengths are not known, by the stage that goes over them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    /// In any case.
    pub fixed: u64,
    /// For each element.
    pub each: BTreeMap<String, u64>,
}

impl Amount {
    fn of(fixed: u64) -> Self {
        Amount { fixed, each: BTreeMap::new() }
    }

    fn add(&mut self, other: &Amount) {
        self.fixed = self.fixed.saturating_add(other.fixed);
        for (stage, number) in &other.each {
            let sum = self.each.entry(stage.clone()).or_default();
            *sum = sum.saturating_add(*number);
        }
    }

    fn most(&mut self, other: &Amount) {
        self.fixed = self.fixed.max(other.fixed);
        for (stage, number) in &other.each {
            let most = self.each.entry(stage.clone()).or_default();
            *most = (*most).max(*number);
        }
    }
}

/// What one execution can come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Estimate {
    /// Milliseconds that it takes when every attempt takes as long as it may.
    pub longest: Amount,
    /// Stages whose waits are known only when the workflow runs, and so are not in `longest`.
    pub waits: Vec<String>,
    /// State transitions, which are what a standard execution is billed by, with all retries.
    pub transitions: Amount,
    /// Events in the history, with all retries.
    pub events: Amount,
    /// Executions of their own that it starts.
    pub executions: Amount,
    /// Attempts to use what it touches, by the name in the spec: `service.risk`.
    pub calls: BTreeMap<String, Amount>,
    /// Bytes of JSON that stages send and get, where tensors tell: the stage, sent, got.
    pub bytes: Vec<(String, u64, u64)>,
}

impl Estimate {
    fn after(&mut self, other: Estimate) {
        self.longest.add(&other.longest);
        self.beside(other);
    }

    /// What happens at the same time takes as long as the longest of it.
    fn beside(&mut self, other: Estimate) {
        self.waits.extend(other.waits);
        self.transitions.add(&other.transitions);
        self.events.add(&other.events);
        self.executions.add(&other.executions);
        self.bytes.extend(other.bytes);
        for (thing, amount) in &other.calls {
            self.calls.entry(thing.clone()).or_default().add(amount);
        }
    }

    fn state(&mut self, transitions: u64, events: u64) {
        self.transitions.add(&Amount::of(transitions));
        self.events.add(&Amount::of(events));
    }
}

/// What one execution of `workflow` can come to.
pub fn estimate(workflow: &Workflow) -> Estimate {
    // The execution's own start and end, and the Pass that makes the output.
    let mut all = Estimate { transitions: Amount::of(2), events: Amount::of(4), ..Estimate::default() };
    if !workflow.inputs.is_empty() {
        all.state(1, 2);
    }
    all.after(sequence(&workflow.body));
    all
}

fn sequence(steps: &[Step]) -> Estimate {
    let mut all = Estimate::default();
    for step in steps {
        match step {
            Step::Stage(stage) => stage.with_handlers().for_each(|stage| all.after(whole(stage))),
            Step::Parallel(branches) => {
                let mut longest = Amount::default();
                all.state(1, 4);
                for branch in branches {
                    let mut branch = sequence(branch);
                    // The Pass that a branch ends in.
                    branch.state(1, 2);
                    longest.most(&std::mem::take(&mut branch.longest));
                    all.beside(branch);
                }
                all.longest.add(&longest);
            }
        }
    }
    all
}

/// A stage with what stands around its verb.
fn whole(stage: &Stage) -> Estimate {
    let mut all = Estimate::default();
    if stage.when.is_some() {
        all.state(1, 2);
    }
    let once = attempts(stage);
    let Some(each) = &stage.each else {
        all.after(once);
        return all;
    };
    let at_once = each
        .max_concurrency
        .as_ref()
        .map_or(if each.distributed { 10_000 } else { 40 }, |most| u64::from(most.value))
        .max(1);
    all.state(1, if each.distributed { 6 } else { 4 });
    match runs(each) {
        Some(runs) => {
            let times = |amount: &Amount| Amount::of(amount.fixed.saturating_mul(runs));
            all.longest.add(&Amount::of(once.longest.fixed.saturating_mul(runs.div_ceil(at_once))));
            all.calls = once.calls.iter().map(|(thing, amount)| (thing.clone(), times(amount))).collect();
            if each.distributed {
                all.executions.add(&Amount::of(runs));
            } else {
                all.transitions.add(&times(&once.transitions));
                all.events.add(&Amount::of(once.events.fixed.saturating_add(2).saturating_mul(runs)));
            }
        }
        None => {
            let for_each = |number: u64| Amount { fixed: 0, each: BTreeMap::from([(stage.name.clone(), number)]) };
            all.longest.add(&for_each(once.longest.fixed.div_ceil(at_once)));
            all.calls = once.calls.iter().map(|(thing, amount)| (thing.clone(), for_each(amount.fixed))).collect();
            if each.distributed {
                all.executions.add(&for_each(1));
            } else {
                all.transitions.add(&for_each(once.transitions.fixed));
                all.events.add(&for_each(once.events.fixed + 2));
            }
        }
    }
    all.waits = once.waits;
    all.bytes = once.bytes;
    all
}

/// How often a stage runs for its elements, when that is known.
fn runs(each: &Each) -> Option<u64> {
    let Elements::List(list) = &each.over else { return None };
    let length = match &list.kind {
        ExprKind::Literal(Value { kind: ValueKind::List(items), .. }) => items.len() as u64,
        ExprKind::List(items) => items.len() as u64,
        _ => return None,
    };
    Some(length.div_ceil(u64::from(each.batch.unwrap_or(1)).max(1)))
}

/// The verb, with every attempt that its retriers allow.
fn attempts(stage: &Stage) -> Estimate {
    let tries = 1 + stage.retries.iter().map(|retry| u64::from(retry.attempts)).sum::<u64>();
    let waits = stage.retries.iter().map(pauses).fold(0, u64::saturating_add);
    let mut all = Estimate::default();
    let time = match &stage.verb {
        Verb::Value(_) | Verb::Fail { .. } => 0,
        Verb::Wait(Pause::For(time)) => time.0,
        Verb::Wait(Pause::Seconds(_)) => {
            all.waits.push(stage.name.clone());
            0
        }
        _ => stage.timeout.value.0.saturating_mul(tries).saturating_add(waits),
    };
    all.longest = Amount::of(time);
    let (thing, submitted) = match &stage.verb {
        Verb::Read { bucket, .. } | Verb::Write { bucket, .. } => (format!("bucket.{bucket}"), 0),
        Verb::Infer { service, inputs, outputs } => {
            let sent = inputs.iter().map(|input| size(&input.tensor, None)).fold(0, u64::saturating_add);
            let got = outputs
                .iter()
                .map(|tensor| size(tensor, lengths(&stage.outputs, &tensor.name)))
                .fold(0, u64::saturating_add);
            all.bytes.push((stage.name.clone(), sent, got));
            (format!("service.{service}"), 0)
        }
        Verb::Call { function, .. } => (format!("function.{function}"), 0),
        Verb::Notify { channel, .. } => (format!("channel.{channel}"), 0),
        Verb::Approve { channel, .. } => (format!("channel.{channel}"), 1),
        Verb::Run { job, .. } => (format!("job.{job}"), 1),
        Verb::Start { workflow, .. } => {
            all.executions = Amount::of(tries);
            (format!("workflow.{workflow}"), 1)
        }
        Verb::Wait(_) | Verb::Value(_) | Verb::Fail { .. } => {
            all.state(1, 2);
            return all;
        }
    };
    all.calls.insert(thing, Amount::of(tries));
    // Entered and exited once; scheduled, started and ended for each attempt. A retry is a transition, too.
    all.state(tries, 2 + tries * (3 + submitted));
    all
}

/// Milliseconds between all attempts of a retrier.
fn pauses(retry: &Retry) -> u64 {
    let (mut wait, most) = (retry.backoff.value.0 as f64, retry.max_backoff.value.0 as f64);
    let mut sum = 0.0;
    for _ in 0..retry.attempts {
        sum += wait.min(most);
        wait *= retry.factor;
    }
    sum as u64
}

/// Bytes of a tensor in the protocol's JSON, by the lengths of its dimensions that are known; one that is not counts as 1.
fn size(tensor: &Tensor, known: Option<&Type>) -> u64 {
    let element = match tensor.datatype {
        DataType::Bool => 6,
        DataType::Uint8 | DataType::Int8 => 4,
        DataType::Fp16 | DataType::Fp32 => 13,
        DataType::Fp64 => 20,
        _ => 12,
    };
    let mut at = known;
    let elements = tensor.shape.iter().fold(1_u64, |product, dim| {
        let (inner, length) = match at {
            Some(Type::List(inner, length)) => (Some(&**inner), *length),
            _ => (None, None),
        };
        at = inner;
        let length = match dim {
            Dim::Fixed(length) => *length,
            Dim::Variable(_) => length.unwrap_or(1),
        };
        product.saturating_mul(length)
    });
    elements.saturating_mul(element).saturating_add(80)
}

/// The type of an output tensor of a stage.
fn lengths<'t>(outputs: &'t Type, name: &str) -> Option<&'t Type> {
    let field = |ty: &'t Type, name: &str| match ty {
        Type::Object(fields) => fields.iter().find(|(field, _)| field == name).map(|(_, ty)| ty),
        _ => None,
    };
    field(field(outputs, "outputs")?, name)
}
