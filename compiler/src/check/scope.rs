//! What the expressions of a workflow can see: its inputs and the outputs of its stages.

use std::collections::BTreeMap;

use windlass_schemas::expr::Expr;
use windlass_schemas::plan::Verb;
use windlass_schemas::span::Span;
use windlass_schemas::spec::{Model, Service, Spec, Stage, Workflow};
use windlass_schemas::tensor::Dim;
use windlass_schemas::types::Type;

use crate::models::{Models, Opened};

/// The names in a workflow and their types.
pub struct Scope<'a> {
    /// The type of `input`.
    pub input: Type,
    /// Every stage, in the order written.
    pub stages: Vec<StageScope<'a>>,
}

/// A stage as others see it.
pub struct StageScope<'a> {
    /// Its name.
    pub name: &'a str,
    /// The type of `stage.NAME`, when it was not skipped.
    pub outputs: Type,
    /// Where its `when` stands, if it may be skipped.
    pub when: Option<Span>,
    /// The model that answers, when the stage asks a service.
    pub model: Option<&'a Opened>,
}

impl<'a> Scope<'a> {
    /// What the expressions of `workflow` can see.
    pub fn of(workflow: &'a Workflow, served: &Served<'a>) -> Self {
        let fields = workflow.inputs.iter().map(|input| (input.name.to_string(), input.r#type.value.0.clone()));
        let stages = workflow.stages.iter().map(|stage| {
            let model = stage.infer.as_ref().and_then(|service| served.by(&service.0));
            StageScope {
                name: &stage.name,
                outputs: outputs(stage, model),
                when: stage.when.as_ref().map(|when| when.span),
                model,
            }
        });
        Scope { input: Type::Object(fields.collect()), stages: stages.collect() }
    }

    /// The stage with this name.
    pub fn stage(&self, name: &str) -> Option<(usize, &StageScope<'a>)> {
        self.stages.iter().enumerate().find(|(_, stage)| stage.name == name)
    }
}

/// What serves what, by name; of several with one name, the first.
pub struct Served<'a> {
    services: BTreeMap<&'a str, &'a Service>,
    models: BTreeMap<&'a str, &'a Model>,
    opened: &'a Models,
}

impl<'a> Served<'a> {
    /// The services and models of a spec. Services are known by name only where a workflow may ask for one.
    pub fn of(spec: &'a Spec, opened: &'a Models) -> Self {
        let asked = spec.services.iter().filter(|_| !spec.workflows.is_empty());
        Served {
            services: asked.rev().map(|service| (&*service.name.value, service)).collect(),
            models: spec.models.iter().rev().map(|model| (model.name.value.0.as_str(), model)).collect(),
            opened,
        }
    }

    /// The model that a service names; `None` when it was refused.
    pub fn model_of(&self, service: &Service) -> Option<&'a Model> {
        self.models.get(service.model.value.0.as_str()).copied()
    }

    /// The model file that a service serves; `None` when it was refused.
    pub fn by(&self, service: &str) -> Option<&'a Opened> {
        let model = self.model_of(self.services.get(service)?)?;
        self.opened.get(&model.name, &model.serve)
    }
}

fn object(fields: &[(&str, Type)]) -> Type {
    Type::Object(fields.iter().map(|(name, ty)| ((*name).to_owned(), ty.clone())).collect())
}

/// The outputs of each verb, as [`Verb`] documents them.
fn outputs(stage: &Stage, model: Option<&Opened>) -> Type {
    if stage.read.is_some() {
        object(&[("body", Type::Any)])
    } else if stage.write.is_some() {
        object(&[("key", Type::String), ("etag", Type::String)])
    } else if stage.notify.is_some() {
        object(&[("message_id", Type::String)])
    } else if let Some(model) = model {
        let tensors = &model.served.signature.outputs;
        let fields = tensors.iter().map(|tensor| (tensor.name.clone(), Type::of_tensor(tensor, fixed))).collect();
        object(&[("outputs", Type::Object(fields))])
    } else {
        Type::Any
    }
}

/// The length of a dimension, where the model's file tells it.
fn fixed(dim: &Dim) -> Option<u64> {
    match dim {
        Dim::Fixed(length) => Some(*length),
        Dim::Variable(_) => None,
    }
}

/// Every expression in a resolved verb, with what it must be.
pub fn expressions(verb: &Verb) -> Vec<(&Expr, &'static str, Type)> {
    match verb {
        Verb::Read { key, .. } => vec![(key, "key", Type::String)],
        Verb::Write { key, body, .. } => vec![(key, "key", Type::String), (body, "body", Type::Any)],
        Verb::Infer { inputs, .. } => inputs.iter().map(|input| (&input.value, "inputs", Type::Any)).collect(),
        Verb::Notify { subject, message, .. } => {
            let subject = subject.iter().map(|subject| (subject, "subject", Type::String));
            subject.chain([(message, "message", Type::String)]).collect()
        }
    }
}
