//! What an expression of a workflow can refer to: the variable and the type of the input and of every stage; within a stage that runs for
//! each element also `item`, in a handler also `error`, in the input of a trigger `event`.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use windlass_schemas::plan::{InferInput, Workflow, stages};
use windlass_schemas::tensor::Dim;
use windlass_schemas::types::Type;

use super::jsonata::helpers::Helper;
use super::jsonata::{Term, translate};

/// Names that a variable must not take: `states` is reserved by Step Functions, `input` and others are ours, and a variable with the name of a function
/// would hide the function.
const FUNCTIONS: &str = "states input item problem one pair abs append assert average base64decode base64encode boolean ceil clone contains count \
    decodeUrl decodeUrlComponent distinct each encodeUrl encodeUrlComponent error eval exists filter floor formatBase formatInteger \
    formatNumber fromMillis hash join keys length lookup lowercase map match max merge millis min not now number pad parse parseInteger \
    partition power random range reduce replace reverse round shuffle sift single sort split spread sqrt string substring \
    substringAfter substringBefore sum toMillis trim type uppercase uuid zip";

/// The variables of one workflow. A copy is cheap: the stages are shared.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    inputs: Rc<Vec<(String, Type)>>,
    stages: Rc<BTreeMap<String, (String, Type)>>,
    /// The names that variables have, and those that they must not have.
    taken: Rc<BTreeSet<String>>,
    item: Option<Term>,
    error: Option<Term>,
    event: Option<Term>,
}

impl Scope {
    /// With all stages of `workflow`.
    pub fn new(workflow: &Workflow) -> Self {
        let inputs = workflow.inputs.iter().map(|i| (i.name.clone(), i.ty.clone())).collect();
        let mut variables = BTreeMap::new();
        let all = stages(&workflow.body);
        let mut taken: BTreeSet<String> = FUNCTIONS.split_whitespace().map(str::to_owned).collect();
        taken.extend(Helper::ALL.iter().map(|h| h.name().to_owned()));
        let mut names = BTreeMap::new();
        // Stages that can keep their names do, whatever the others are called.
        for stage in &all {
            if legal(&stage.name) && taken.insert(stage.name.clone()) {
                names.insert(&stage.name, stage.name.clone());
            }
        }
        for stage in &all {
            names.entry(&stage.name).or_insert_with(|| {
                let mut name = format!("stage_{}", stage.name);
                while !taken.insert(name.clone()) {
                    name.push('_');
                }
                name
            });
        }
        for stage in &all {
            let ty = stage.outputs.clone();
            let ty = if stage.when.is_some() { Type::Optional(Box::new(ty)) } else { ty };
            let name = names.remove(&stage.name).unwrap_or_default();
            variables.insert(stage.name.clone(), (name, ty));
        }
        Scope { inputs: Rc::new(inputs), stages: Rc::new(variables), taken: Rc::new(taken), ..Scope::default() }
    }

    /// The same, with `item` there: `term` says how it is written and its type, such as
    /// `Term::atom("$states.context.Map.Item.Value", ty)`.
    #[must_use]
    pub fn with_item(&self, term: Term) -> Self {
        Scope { item: Some(term), ..self.clone() }
    }

    /// The same, with `error` there: an object of the strings `name` and `cause`.
    #[must_use]
    pub fn with_error(&self, term: Term) -> Self {
        Scope { error: Some(term), ..self.clone() }
    }

    /// The same, with `event` there.
    #[must_use]
    pub fn with_event(&self, term: Term) -> Self {
        Scope { event: Some(term), ..self.clone() }
    }

    /// `item`; `None` where there is none.
    pub fn item(&self) -> Option<Term> {
        self.item.clone()
    }

    /// `error`; `None` where there is none.
    pub fn error(&self) -> Option<Term> {
        self.error.clone()
    }

    /// `event`; `None` where there is none.
    pub fn event(&self) -> Option<Term> {
        self.event.clone()
    }

    /// Whether a variable of an expression's own must have another name.
    pub fn is_taken(&self, name: &str) -> bool {
        self.taken.contains(name)
    }

    /// `$input`, or an empty object when the workflow declares no input.
    pub fn input(&self) -> Term {
        let ty = Type::Object((*self.inputs).clone());
        if self.inputs.is_empty() { Term::atom("{}", ty) } else { Term::atom("$input", ty) }
    }

    /// The variable of a stage; `None` when there is no such stage.
    pub fn stage(&self, name: &str) -> Option<Term> {
        self.stages.get(name).map(|(variable, ty)| Term::atom(&format!("${variable}"), ty.clone()))
    }

    /// The variable of a stage without its `$`.
    pub fn variable(&self, name: &str) -> &str {
        self.stages.get(name).map_or("", |(variable, _)| variable)
    }

    /// How long the variable dimensions of a call are, as far as the values that fill the inputs show it. A dimension has the
    /// same length wherever the model uses its name.
    pub fn lengths(&self, inputs: &[InferInput]) -> BTreeMap<String, u64> {
        let mut lengths: BTreeMap<String, Option<u64>> = BTreeMap::new();
        for input in inputs {
            let mut ty = translate(&input.value, self).ok().map(|t| t.ty);
            for dim in &input.tensor.shape {
                let Some(Type::List(element, length)) = ty else { break };
                if let (Dim::Variable(name), Some(length)) = (dim, length)
                    && !name.is_empty()
                {
                    let known = lengths.entry(name.clone()).or_insert(Some(length));
                    // Two lengths contradict each other: the service will refuse the call.
                    if *known != Some(length) {
                        *known = None;
                    }
                }
                ty = Some(*element);
            }
        }
        lengths.into_iter().filter_map(|(name, length)| Some((name, length?))).collect()
    }
}

/// Whether JSONata and Step Functions take it for the name of a variable.
fn legal(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
}

/// The length of a dimension when it is known before the call.
pub fn length(dim: &Dim, lengths: &BTreeMap<String, u64>) -> Option<u64> {
    match dim {
        Dim::Fixed(n) => Some(*n),
        Dim::Variable(name) => lengths.get(name).copied(),
    }
}
