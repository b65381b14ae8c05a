//! A workflow of a plan and an input in, its output out: the workflow runs here, with the meaning that the emitted definition has.
//!
//! Everything that a stage touches is a [`World`]: folders, commands, a server on this machine, or what a test makes up. Errors have the names that Step
//! Functions gives them, so that retriers and handlers find them.

mod conform;
mod stage;
mod tensors;
mod world;

use std::sync::mpsc;
use std::thread;

use serde_json::{Map, Value as Json};
use windlass_schemas::plan::{Plan, Step, Workflow};
use windlass_schemas::span::Span;
use windlass_schemas::types::Type;
use windlass_schemas::value::{Number, Value, ValueKind};
use windlass_targets::stepfunctions::filled;

pub use world::{Answer, Called, Event, Failure, Happening, World};

use crate::evaluate::run::{RuntimeScope, run};
use conform::conforms;

/// Workflows that may have started each other, the innermost of which runs: checked specs have no circle, but a bound costs nothing.
const DEEPEST: usize = 64;

/// Runs `workflow` with this input. The error is what the execution failed with.
pub fn execute(plan: &Plan, workflow: &Workflow, input: &Json, world: &dyn World) -> Result<Json, Failure> {
    Execution { plan, workflow, world, depth: 0 }.whole(input)
}

#[derive(Clone, Copy)]
struct Execution<'a> {
    plan: &'a Plan,
    workflow: &'a Workflow,
    world: &'a dyn World,
    depth: usize,
}

impl Execution<'_> {
    fn whole(&self, input: &Json) -> Result<Json, Failure> {
        let input = self.input(input)?;
        let mut scope = RuntimeScope { input: Some(input), ..RuntimeScope::default() };
        for rule in &self.workflow.validations {
            let holds = run(&rule.condition, &scope).map_err(|finding| Failure::of_expression(&finding))?;
            if holds.kind != ValueKind::Bool(true) {
                return Err(Failure::new("InvalidInput", &rule.message).at(rule.condition.span));
            }
        }
        self.sequence(&self.workflow.body, &mut scope)?;
        match &self.workflow.output {
            Some(output) => {
                json(&run(output, &scope).map_err(|finding| Failure::of_expression(&finding))?, output.span)
            }
            None => Ok(Json::Object(Map::new())),
        }
    }

    /// The declared fields of the input, defaults filled in; what is not declared is left out.
    fn input(&self, given: &Json) -> Result<Value, Failure> {
        let refuse = |why: String, at: Span| Err(Failure::new("InvalidInput", &why).at(at));
        let Json::Object(given) = given else {
            return refuse("the input is not an object".to_owned(), self.workflow.origin);
        };
        let mut fields = Map::new();
        for input in &self.workflow.inputs {
            let (name, ty) = (&input.name, &input.ty);
            match (given.get(name), &input.default) {
                (Some(value), _) if conforms(value, ty) => _ = fields.insert(name.clone(), value.clone()),
                (Some(_), Some(_)) => return refuse(format!("input `{name}` is not of type {ty}"), input.origin),
                (None, Some(default)) => _ = fields.insert(name.clone(), default.clone()),
                (None, None) if conforms(&Json::Null, ty) => _ = fields.insert(name.clone(), Json::Null),
                _ => return refuse(format!("input `{name}` is missing or not of type {ty}"), input.origin),
            }
        }
        let types =
            Type::Object(self.workflow.inputs.iter().map(|input| (input.name.clone(), input.ty.clone())).collect());
        Ok(value(&filled(&types, &Json::Object(fields)), self.workflow.origin))
    }

    fn sequence(&self, steps: &[Step], scope: &mut RuntimeScope) -> Result<(), Failure> {
        for step in steps {
            if self.world.elapsed() > self.workflow.timeout {
                let why = format!("the workflow took longer than {}", self.workflow.timeout);
                return Err(Failure::new("States.Timeout", &why).at(self.workflow.origin).fatal());
            }
            match step {
                Step::Stage(stage) => self.stage(stage, scope)?,
                Step::Parallel(branches) => self.parallel(branches, scope)?,
            }
        }
        Ok(())
    }

    /// All branches at the same time; the first failure counts.
    fn parallel(&self, branches: &[Vec<Step>], scope: &mut RuntimeScope) -> Result<(), Failure> {
        let (send, ended) = mpsc::channel();
        thread::scope(|threads| {
            for branch in branches {
                let (send, mut inner) = (send.clone(), scope.clone());
                threads.spawn(move || {
                    let done = self.sequence(branch, &mut inner).map(|()| inner);
                    // Whoever waits for it waits for all.
                    let _ = send.send(done);
                });
            }
        });
        drop(send);
        for done in ended {
            scope.stages.extend(done?.stages);
        }
        Ok(())
    }
}

/// JSON as a value; its place is `span`.
fn value(json: &Json, span: Span) -> Value {
    let kind = match json {
        Json::Null => ValueKind::Null,
        Json::Bool(truth) => ValueKind::Bool(*truth),
        Json::String(text) => ValueKind::String(text.clone()),
        Json::Number(number) => ValueKind::Number(match number.as_i64() {
            Some(whole) => Number::Int(whole),
            None => number.as_f64().and_then(Number::from_f64).unwrap_or(Number::Int(0)),
        }),
        Json::Array(items) => ValueKind::List(items.iter().map(|item| value(item, span)).collect()),
        Json::Object(fields) => {
            let field = |(name, item): (&String, &Json)| {
                (windlass_schemas::span::Spanned::new(name.clone(), span), value(item, span))
            };
            ValueKind::Object(fields.iter().map(field).collect())
        }
    };
    Value::new(kind, span)
}

/// A value as JSON.
fn json(value: &Value, span: Span) -> Result<Json, Failure> {
    windlass_schemas::spec::values::to_json(value)
        .map_err(|_| Failure::new("States.QueryEvaluationError", "this is no data").at(span))
}
