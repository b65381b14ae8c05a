//! The input of a workflow: what is refused, what is filled in, what is kept.

use serde_json::{Map, Value as Json, json};
use windlass_schemas::plan::{Input, Workflow};
use windlass_schemas::types::Type;

use super::asl::{Choice, Fail, Rule, State};
use super::holds::{completed, field, filled, holds};
use super::jsonata::syntax;
use super::jsonata::{Refusal, Term, quoted, translate};
use super::scope::Scope;

/// The state that looks at the input, and the one that refuses it. Fields that the workflow does not declare are left out: what starts an
/// execution may add its own (`AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID`). Rules of the spec are looked at when all types hold and all
/// defaults are filled in.
pub fn states(workflow: &Workflow, next: &str) -> Vec<(String, State)> {
    let rule = |condition: String, problem: String| rule(&Term::atom(&condition, Type::Bool), &problem);
    let mut choices =
        vec![rule("$not($type($states.input) = 'object')".to_owned(), "the input is not an object".to_owned())];
    choices.extend(workflow.inputs.iter().map(|input| {
        let at = place(&input.name);
        let holds = holds(&input.ty, &at);
        let condition = match (&input.default, &input.ty) {
            (Some(_), _) => format!("$exists({at}) and $not({})", holds.text),
            (None, _) => format!("$not({})", holds.text),
        };
        let problem = match input.default {
            Some(_) => format!("input `{}` is not of type {}", input.name, input.ty),
            None => format!("input `{}` is missing or not of type {}", input.name, input.ty),
        };
        rule(condition, problem)
    }));
    let kept: Map<String, Json> = workflow.inputs.iter().map(|i| (i.name.clone(), kept(i))).collect();
    let look =
        Choice { choices, assign: Map::from_iter([("input".to_owned(), json!(kept))]), default: next.to_owned() };
    let refuse = Fail { error: INVALID_INPUT.to_owned(), cause: json!("{% $problem %}") };
    vec![(CHECK.to_owned(), State::Choice(look)), (REFUSE.to_owned(), State::Fail(refuse))]
}

/// The state that looks at the rules of the spec; `None` when it has none.
pub fn validation(workflow: &Workflow, scope: &Scope, next: &str) -> Result<Option<State>, Vec<Refusal>> {
    let (mut choices, mut refusals) = (Vec::new(), Vec::new());
    for validation in &workflow.validations {
        match translate(&validation.condition, scope) {
            Ok(condition) => {
                let broken = Term::call("not", vec![condition.boolean()], Type::Bool);
                choices.push(rule(&broken, &validation.message));
            }
            Err(refusal) => refusals.push(refusal),
        }
    }
    if !refusals.is_empty() {
        return Err(refusals);
    }
    let state = State::Choice(Choice { choices, assign: Map::new(), default: next.to_owned() });
    Ok((!workflow.validations.is_empty()).then_some(state))
}

fn rule(broken: &Term, problem: &str) -> Rule {
    Rule {
        condition: broken.enclosed(),
        assign: Map::from_iter([("problem".to_owned(), quoted(problem))]),
        next: REFUSE.to_owned(),
    }
}

/// With a space, so that no stage has the same name.
pub const CHECK: &str = "check input";
pub const VALIDATE: &str = "validate input";
const REFUSE: &str = "refuse input";
/// What an execution with a wrong input fails with.
const INVALID_INPUT: &str = "InvalidInput";

fn place(name: &str) -> String {
    field("$states.input", name)
}

fn kept(input: &Input) -> Json {
    let at = place(&input.name);
    let given = completed(&input.ty, &at).unwrap_or_else(|| at.clone());
    let default = match (&input.default, &input.ty) {
        (Some(default), _) => constant(&filled(&input.ty, default)),
        (None, Type::Optional(_) | Type::Null) => "null".to_owned(),
        (None, _) => return Json::String(format!("{{% {given} %}}")),
    };
    let given = if given == at { given } else { format!("({given})") };
    Json::String(format!("{{% $exists({at}) ? {given} : {default} %}}"))
}

/// A JSON value as a JSONata literal.
fn constant(value: &Json) -> String {
    match value {
        Json::String(text) => syntax::string(text),
        Json::Array(items) => format!("[{}]", items.iter().map(constant).collect::<Vec<_>>().join(", ")),
        Json::Object(fields) => {
            let fields: Vec<String> =
                fields.iter().map(|(k, v)| format!("{}: {}", syntax::string(k), constant(v))).collect();
            format!("{{{}}}", fields.join(", "))
        }
        other => other.to_string(),
    }
}
