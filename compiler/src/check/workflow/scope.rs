//! What the expressions of a workflow can see: its inputs, the outputs of its stages, and what exists only in some places.

use std::collections::BTreeMap;

use windlass_schemas::expr::{Expr, ExprKind};
use windlass_schemas::span::Span;
use windlass_schemas::spec::values::Fallback;
use windlass_schemas::spec::{Function, Spec, Stage, Workflow};
use windlass_schemas::tensor::Dim;
use windlass_schemas::types::Type;

use super::Returns;
use super::graph::Graph;
use crate::check::served::Served;
use crate::models::Opened;

/// The names in a workflow and their types.
pub struct Scope<'a> {
    /// The type of `input`.
    pub input: Type,
    /// Every stage, in the order written.
    pub stages: Vec<StageScope<'a>>,
    /// Whether a stage that handles errors is not known as such, because the name of it is misspelt.
    pub lost: bool,
    index: BTreeMap<&'a str, usize>,
}

/// A stage as others see it.
pub struct StageScope<'a> {
    /// As the spec writes it.
    pub spec: &'a Stage,
    /// The outputs of one run.
    pub outputs: Type,
    /// What it runs for, once each.
    pub each: Option<Runs>,
    /// Why `stage.NAME` may be null.
    pub absent: Option<Absent>,
    /// The model that answers, when the stage asks a service.
    pub model: Option<&'a Opened>,
}

/// The elements that a stage runs for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Runs {
    /// Where the spec says so.
    pub span: Span,
    /// How many, when that is known.
    pub length: Option<u64>,
    /// Whether the outputs are written to a bucket instead.
    pub elsewhere: bool,
}

/// Why a stage may have no outputs, and where the spec says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absent {
    /// Its `when` may be false.
    Skipped(Span),
    /// It may fail, and the execution goes on.
    Failed(Span),
    /// It runs only when another stage fails.
    Handler(Span),
}

impl<'a> Scope<'a> {
    /// What the expressions of `workflow` can see. `returns` tells what other workflows give back.
    pub fn of(workflow: &'a Workflow, spec: &'a Spec, served: &Served<'a>, graph: &Graph, returns: &Returns) -> Self {
        let fields = workflow.inputs.iter().map(|input| (input.name.to_string(), input.ty()));
        let stages = workflow.stages.iter().enumerate().map(|(at, stage)| {
            let model = stage.infer.as_ref().and_then(|service| served.by(&service.0));
            let each = match (&stage.for_each, &stage.distribute) {
                (Some(over), _) => Some(Runs { span: over.span, length: None, elsewhere: false }),
                (None, Some(distribute)) => {
                    let elsewhere = distribute.results.is_some();
                    Some(Runs { span: distribute.span, length: None, elsewhere })
                }
                (None, None) => None,
            };
            let absent = absent(stage, workflow, graph.handled_by(at));
            StageScope { spec: stage, outputs: outputs(stage, spec, model, returns), each, absent, model }
        });
        let index = workflow.stages.iter().enumerate().map(|(at, stage)| (&**stage.name, at));
        Scope {
            input: Type::Object(fields.collect()),
            stages: stages.collect(),
            lost: graph.lost,
            index: index.collect(),
        }
    }

    /// The stage with this name.
    pub fn stage(&self, name: &str) -> Option<&StageScope<'a>> {
        self.stages.get(*self.index.get(name)?)
    }
}

impl StageScope<'_> {
    /// The type of `stage.NAME`.
    pub fn ty(&self) -> Type {
        let ty = match self.each {
            None => self.outputs.clone(),
            Some(Runs { elsewhere: true, .. }) => Type::Object(Vec::new()),
            Some(Runs { length, .. }) => Type::List(Box::new(self.outputs.clone()), length),
        };
        if self.absent.is_some() { Type::Optional(Box::new(ty)) } else { ty }
    }
}

/// Why the stage may have no outputs when others read them. `handles` is the place that makes it the handler of another.
fn absent(stage: &Stage, workflow: &Workflow, handles: Option<Span>) -> Option<Absent> {
    if let Some(span) = handles {
        return Some(Absent::Handler(span));
    }
    if let Some(when) = &stage.when {
        return Some(Absent::Skipped(when.span));
    }
    let on_error = stage.on_error.as_ref()?;
    // Where the handler ends the execution, what comes after sees the outputs.
    if let Fallback::Stage(name) = &on_error.value
        && let Some(handler) = workflow.stages.iter().find(|other| *other.name.value == *name.value)
        && handler.fail.is_some()
        && handler.when.is_none()
    {
        return None;
    }
    Some(Absent::Failed(on_error.span))
}

/// An object with these fields.
pub fn object(fields: &[(&str, Type)]) -> Type {
    Type::Object(fields.iter().map(|(name, ty)| ((*name).to_owned(), ty.clone())).collect())
}

/// An object in a bucket, as a listing or an event tells of it.
pub fn stored_object() -> Type {
    object(&[("key", Type::String), ("size", Type::Number), ("etag", Type::String)])
}

/// The outputs of each verb, as [`windlass_schemas::plan::Verb`] documents them.
fn outputs(stage: &Stage, spec: &Spec, model: Option<&Opened>, returns: &Returns) -> Type {
    let declared = || stage.returns.as_ref().map(|ty| ty.value.0.clone());
    if stage.read.is_some() {
        object(&[("body", declared().unwrap_or(Type::Any))])
    } else if stage.write.is_some() {
        object(&[("key", Type::String), ("etag", Type::String)])
    } else if stage.notify.is_some() {
        object(&[("message_id", Type::String)])
    } else if let Some(function) = &stage.call {
        let of = |function: &Function| function.returns.as_ref().map(|ty| ty.value.0.clone());
        let found = spec.functions.iter().find(|f| *f.name.value.0 == *function.0).and_then(of);
        object(&[("result", declared().or(found).unwrap_or(Type::Any))])
    } else if stage.run.is_some() {
        object(&[("job", Type::String)])
    } else if let Some(workflow) = &stage.start {
        let known = returns.get(workflow.0.as_str()).cloned();
        object(&[("execution", Type::String), ("output", declared().or(known).unwrap_or(Type::Any))])
    } else if stage.approve.is_some() {
        object(&[("approved", Type::Bool), ("comment", Type::Optional(Box::new(Type::String)))])
    } else if stage.wait.is_some() || stage.fail.is_some() {
        Type::Object(Vec::new())
    } else if stage.value.is_some() {
        // Known when its expression has been looked at.
        object(&[("value", Type::Any)])
    } else if let Some(model) = model {
        inferred(model, &BTreeMap::new())
    } else {
        Type::Any
    }
}

/// What a model answers, where the dimensions of these names have these lengths.
pub fn inferred(model: &Opened, lengths: &BTreeMap<String, u64>) -> Type {
    let length = |dim: &Dim| match dim {
        Dim::Fixed(length) => Some(*length),
        Dim::Variable(name) => lengths.get(name).copied(),
    };
    let tensors = &model.served.signature.outputs;
    let fields = tensors.iter().map(|tensor| (tensor.name.clone(), Type::of_tensor(tensor, length))).collect();
    object(&[("outputs", Type::Object(fields))])
}

/// The names in one expression.
pub struct Site<'a> {
    /// Those of the workflow.
    pub scope: &'a Scope<'a>,
    /// Where it stands.
    pub place: Place,
    /// The type of `item`, where there is one.
    pub item: Option<Type>,
    /// The stages whose failure led here, the last one first: only then there is `error`.
    pub failed: Vec<&'a str>,
    /// What is known not to be null, as [`super::types::path`] writes it.
    pub known: Vec<String>,
    /// Whether what was asked for null is not known, because a name in the question is misspelt.
    pub blind: bool,
}

/// Where an expression stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    /// In a stage, whose name it is.
    Stage(String),
    /// The workflow's output.
    Output,
    /// The condition of an input's rule.
    Validation,
    /// The input of a trigger, with the type of `event`; `None`: a schedule has none.
    Trigger(Option<Type>),
}

impl<'a> Site<'a> {
    /// A place with the names of the workflow and no others.
    pub fn new(scope: &'a Scope<'a>, place: Place) -> Self {
        Site { scope, place, item: None, failed: Vec::new(), known: Vec::new(), blind: false }
    }

    /// Whether an expression reads a stage that is not there, which is reported elsewhere.
    pub fn mentions_unknown(&self, expr: &Expr) -> bool {
        let mut unknown = false;
        expr.walk(&mut |part| {
            if let ExprKind::Stage(name) = &part.kind {
                unknown |= self.scope.stage(name).is_none();
            }
        });
        unknown
    }
}
