//! What an expression of a workflow can refer to, where it stands: the variable and the type of the input and of every stage.
//!
//! Variables belong to a flow: the state machine's own, or that of a branch of a Parallel. A branch sees those of the flows around it, and
//! must not assign a variable of the same name; what it assigns ends with it. So a stage whose outputs are read outside its branch has a
//! variable in each flow from its own up to the one where all readers see it, and only the outermost has the stage's name. The executions of a
//! distributed Map see no variables at all: what they need is passed in their input.
//! <https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html>

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use windlass_schemas::expr::ExprKind;
use windlass_schemas::plan::{Each, Elements, InferInput, OnError, Stage, Step, Verb, Workflow};
use windlass_schemas::tensor::Dim;
use windlass_schemas::types::Type;
use windlass_schemas::value::ValueKind;

use super::jsonata::helpers::Helper;
use super::jsonata::syntax;
use super::jsonata::{Term, translate};

/// Names that a variable must not take: `states` is reserved by Step Functions, some are ours, and a variable with the name of a function
/// would hide the function.
const TAKEN: &str = "states input problem item x one pair abs append assert average base64decode base64encode boolean ceil clone contains count \
    decodeUrl decodeUrlComponent distinct each encodeUrl encodeUrlComponent error eval exists filter floor formatBase formatInteger \
    formatNumber fromMillis hash join keys length lookup lowercase map match max merge millis min not now number pad parse parseInteger \
    partition power random range reduce replace reverse round shuffle sift single sort split spread sqrt string substring \
    substringAfter substringBefore sum toMillis trim type uppercase uuid zip";

/// What is known at one place of a workflow.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    known: Rc<Known>,
    /// The flow.
    here: usize,
    /// In front of a variable's name: `$`, or the place in the input of a distributed Map's execution.
    prefix: Option<&'static str>,
    item: Option<Term>,
    /// The stage whose error is handled.
    handled: Option<String>,
}

/// What does not depend on the place.
#[derive(Debug, Default)]
struct Known {
    inputs: Vec<(String, Type)>,
    stages: BTreeMap<String, Variable>,
    flows: Vec<Flow>,
    cluster: String,
    /// The names that variables have, and those that they must not have.
    taken: BTreeSet<String>,
}

#[derive(Debug, Default)]
struct Flow {
    parent: usize,
    depth: usize,
    /// Stages that are read outside it.
    leaving: Vec<String>,
}

#[derive(Debug)]
struct Variable {
    flow: usize,
    /// Of its flow and of those around it, outermost first; empty when nobody reads it.
    names: Vec<String>,
    /// How deep the outermost is.
    top: usize,
    error: String,
    ty: Type,
}

impl Scope {
    /// At the top of `workflow`.
    pub fn new(workflow: &Workflow) -> Self {
        Scope { known: Rc::new(Known::new(workflow)), ..Scope::default() }
    }

    /// In the `flow`-th flow: branches are counted from 1 as they are met.
    pub fn within(&self, flow: usize) -> Self {
        Scope { here: flow, ..self.clone() }
    }

    /// Where `item` is this term.
    pub fn over(&self, item: Term) -> Self {
        Scope { item: Some(item), ..self.clone() }
    }

    /// Where variables are fields of what `prefix` names, such as `$states.input.`.
    pub fn passed(&self, prefix: &'static str) -> Self {
        Scope { prefix: Some(prefix), ..self.clone() }
    }

    /// In the stage that handles the failure of `stage`.
    pub fn handling(&self, stage: &str) -> Self {
        Scope { handled: Some(stage.to_owned()), ..self.clone() }
    }

    fn variable(&self, name: &str, ty: Type) -> Term {
        match self.prefix {
            None => Term::atom(&format!("${name}"), ty),
            Some(prefix) => Term::atom(&format!("{prefix}{}", syntax::field(name).unwrap_or_default()), ty),
        }
    }

    /// `$input`, or an empty object when the workflow declares no input.
    pub fn input(&self) -> Term {
        let ty = Type::Object(self.known.inputs.clone());
        if self.known.inputs.is_empty() { Term::atom("{}", ty) } else { self.variable("input", ty) }
    }

    /// What a stage left behind; `None` when there is no such stage.
    pub fn stage(&self, name: &str) -> Option<Term> {
        let variable = self.known.stages.get(name)?;
        let depth = self.known.flows.get(self.known.meeting(variable.flow, self.here)).map_or(0, |flow| flow.depth);
        let name = variable.names.get(depth.saturating_sub(variable.top)).or(variable.names.last());
        Some(self.variable(name.map_or("unread", String::as_str), variable.ty.clone()))
    }

    /// The element that the stage runs for, where there is one.
    pub fn item(&self) -> Option<Term> {
        self.item.clone()
    }

    /// What the handled stage failed with, where one is handled.
    pub fn error(&self) -> Option<Term> {
        let name = &self.known.stages.get(self.handled.as_ref()?)?.error;
        let field = |name: &str| (name.to_owned(), Type::String);
        Some(self.variable(name, Type::Object(vec![field("name"), field("cause")])))
    }

    /// Whether a variable of an expression's own must have another name.
    pub fn is_taken(&self, name: &str) -> bool {
        self.known.taken.contains(name)
    }

    /// Where to reach the cluster.
    pub fn cluster(&self) -> Term {
        let field = |name: &str| (name.to_owned(), Type::String);
        self.variable(&self.known.cluster, Type::Object(vec![field("certificate"), field("endpoint")]))
    }

    /// The variable that [`Scope::cluster`] reads, without its `$`.
    pub fn cluster_variable(&self) -> &str {
        &self.known.cluster
    }

    /// The variable that a stage assigns, without its `$`; `None` when nobody reads it.
    pub fn assigned(&self, stage: &str) -> Option<&str> {
        self.known.stages.get(stage)?.names.last().map(String::as_str)
    }

    /// The variable that holds what a stage failed with, without its `$`.
    pub fn error_variable(&self, stage: &str) -> &str {
        self.known.stages.get(stage).map_or("", |variable| &variable.error)
    }

    /// What leaves this flow: the variable inside, and the one outside, each without its `$`.
    pub fn leaving(&self) -> Vec<(&str, &str)> {
        let Some(flow) = self.known.flows.get(self.here) else { return Vec::new() };
        let pair = |stage: &String| {
            let variable = self.known.stages.get(stage)?;
            let outside = (flow.depth - 1).checked_sub(variable.top)?;
            Some((variable.names.get(outside + 1)?.as_str(), variable.names.get(outside)?.as_str()))
        };
        flow.leaving.iter().filter_map(pair).collect()
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

impl Known {
    fn new(workflow: &Workflow) -> Self {
        let mut known = Known {
            inputs: workflow.inputs.iter().map(|i| (i.name.clone(), i.ty.clone())).collect(),
            flows: vec![Flow::default()],
            ..Known::default()
        };
        let mut places = Vec::new();
        known.place(&workflow.body, 0, &mut places);
        let flow_of: BTreeMap<&str, usize> = places.iter().map(|(stage, flow)| (stage.name.as_str(), *flow)).collect();

        // How deep the outermost flow is in which all readers of a stage see it.
        let mut top: BTreeMap<&str, usize> = BTreeMap::new();
        let reads = places.iter().flat_map(|(stage, flow)| stage.expressions().into_iter().map(|expr| (expr, *flow)));
        for (expr, flow) in reads.chain(workflow.output.iter().map(|output| (output, 0))) {
            expr.walk(&mut |part| {
                if let ExprKind::Stage(name) = &part.kind
                    && let Some((name, of)) = flow_of.get_key_value(name.value.as_str())
                {
                    let depth = known.flows[known.meeting(*of, flow)].depth;
                    top.entry(name).and_modify(|least| *least = depth.min(*least)).or_insert(depth);
                }
            });
        }
        for (stage, flow) in &places {
            let Some(top) = top.get(stage.name.as_str()) else { continue };
            let mut at = *flow;
            while known.flows[at].depth > *top {
                known.flows[at].leaving.push(stage.name.clone());
                at = known.flows[at].parent;
            }
        }
        known.name(&places, &top);
        known
    }

    /// Notes the flow of every stage.
    fn place<'a>(&mut self, steps: &'a [Step], flow: usize, places: &mut Vec<(&'a Stage, usize)>) {
        for step in steps {
            match step {
                Step::Stage(stage) => places.extend(stage.with_handlers().map(|stage| (stage, flow))),
                Step::Parallel(branches) => {
                    for branch in branches {
                        self.flows.push(Flow { parent: flow, depth: self.flows[flow].depth + 1, leaving: Vec::new() });
                        self.place(branch, self.flows.len() - 1, places);
                    }
                }
            }
        }
    }

    /// The innermost flow around both.
    fn meeting(&self, mut a: usize, mut b: usize) -> usize {
        while a != b {
            let (Some(first), Some(second)) = (self.flows.get(a), self.flows.get(b)) else { return 0 };
            if first.depth >= second.depth {
                a = first.parent;
            } else {
                b = second.parent;
            }
        }
        a
    }

    /// Gives every stage its variables.
    fn name(&mut self, places: &[(&Stage, usize)], top: &BTreeMap<&str, usize>) {
        let mut taken: BTreeSet<String> = TAKEN.split_whitespace().map(str::to_owned).collect();
        taken.extend(Helper::ALL.iter().map(|h| h.name().to_owned()));
        let mut plain = BTreeMap::new();
        // Stages that can keep their names do, whatever the others are called.
        for (stage, _) in places {
            if legal(&stage.name) && taken.insert(stage.name.clone()) {
                plain.insert(stage.name.as_str(), stage.name.clone());
            }
        }
        let mut free = |mut name: String| {
            while !taken.insert(name.clone()) {
                name.push('_');
            }
            name
        };
        self.cluster = free("cluster".to_owned());
        for (stage, flow) in places {
            let name = plain.remove(stage.name.as_str()).unwrap_or_else(|| free(format!("stage_{}", stage.name)));
            let (mut names, mut outermost) = (Vec::new(), 0);
            if let Some(top) = top.get(stage.name.as_str()) {
                let inner = (1..=self.flows[*flow].depth - top).map(|depth| free(format!("{name}_in_{depth}")));
                let inner: Vec<String> = inner.collect();
                names.push(name.clone());
                names.extend(inner);
                outermost = *top;
            }
            let error = if stage.handler().is_some() { free(format!("{name}_error")) } else { String::new() };
            let variable = Variable { flow: *flow, names, top: outermost, error, ty: outputs(stage) };
            self.stages.insert(stage.name.clone(), variable);
        }
        self.taken = taken;
        let handlers = places.iter().filter_map(|(stage, _)| stage.handler()).map(|handler| handler.name.clone());
        for handler in handlers.collect::<Vec<String>>() {
            if let Some(variable) = self.stages.get_mut(&handler) {
                variable.ty = optional(variable.ty.clone());
            }
        }
    }
}

/// What `stage.NAME` is, unless the stage is a handler.
fn outputs(stage: &Stage) -> Type {
    let one = stage.outputs.clone();
    let all = match &stage.each {
        None => one,
        // They are in a bucket.
        Some(Each { results: Some(_), .. }) => Type::Object(Vec::new()),
        Some(each) => {
            let length = match &each.over {
                Elements::List(over) => match &over.kind {
                    ExprKind::List(elements) => Some(elements.len() as u64),
                    ExprKind::Literal(value) => match &value.kind {
                        ValueKind::List(elements) => Some(elements.len() as u64),
                        _ => None,
                    },
                    _ => None,
                },
                _ => None,
            };
            let length = length.filter(|_| each.tolerate.0 == 0 && each.batch.is_none());
            Type::List(Box::new(one), length)
        }
    };
    if stage.when.is_some() || goes_on(stage) { optional(all) } else { all }
}

/// Whether the execution goes on when the stage failed.
fn goes_on(stage: &Stage) -> bool {
    match &stage.on_error {
        None => false,
        Some(OnError::Continue) => true,
        Some(OnError::Handle(handler)) => handler.when.is_some() || !matches!(handler.verb, Verb::Fail { .. }),
    }
}

fn optional(ty: Type) -> Type {
    match ty {
        Type::Optional(_) => ty,
        other => Type::Optional(Box::new(other)),
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
