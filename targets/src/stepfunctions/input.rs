//! The input of a workflow: what is refused, what is filled in, what is kept.

use serde_json::{Map, Value as Json, json};
use windlass_schemas::plan::{Input, Workflow};
use windlass_schemas::types::Type;

use super::asl::{Choice, Fail, Rule, State};
use super::jsonata::syntax::{self, Binding};
use super::jsonata::{Term, quoted};

/// The state that looks at the input, and the one that refuses it. Fields that the workflow does not declare are left out: what starts an
/// execution may add its own (`AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID`).
pub fn states(workflow: &Workflow, next: &str) -> Vec<(String, State)> {
    let rule = |condition: String, problem: String| Rule {
        condition: Term::atom(&condition, Type::Bool).enclosed(),
        assign: Map::from_iter([("problem".to_owned(), quoted(&problem))]),
        next: REFUSE.to_owned(),
    };
    let mut choices =
        vec![rule("$not($type($states.input) = 'object')".to_owned(), "the input is not an object".to_owned())];
    choices.extend(workflow.inputs.iter().map(|input| {
        let at = place(&input.name);
        let holds = holds(&input.ty, &at, 0);
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
    let refuse = Fail { error: "InvalidInput", cause: json!("{% $problem %}") };
    vec![(CHECK.to_owned(), State::Choice(look)), (REFUSE.to_owned(), State::Fail(refuse))]
}

/// With a space, so that no stage has the same name.
pub const CHECK: &str = "check input";
const REFUSE: &str = "refuse input";

fn place(name: &str) -> String {
    match syntax::field(name) {
        Some(name) => format!("$states.input.{name}"),
        None => format!("$lookup($states.input, {})", syntax::string(name)),
    }
}

fn kept(input: &Input) -> Json {
    let at = place(&input.name);
    let default = match (&input.default, &input.ty) {
        (Some(default), _) => constant(default),
        (None, Type::Optional(_) | Type::Null) => "null".to_owned(),
        (None, _) => return Json::String(format!("{{% {at} %}}")),
    };
    Json::String(format!("{{% $exists({at}) ? {at} : {default} %}}"))
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

/// A test that is true when the value at `at` is there and of the type. It must not fail on any value.
fn holds(ty: &Type, at: &str, depth: usize) -> Term {
    let test = |text: String, binding| Term { binding, ..Term::atom(&text, Type::Bool) };
    let is = |name: &str| test(format!("$type({at}) = '{name}'"), Binding::Comparison);
    match ty {
        Type::Any => test(format!("$exists({at})"), Binding::Atom),
        Type::Null => is("null"),
        Type::Bool => is("boolean"),
        Type::Number => is("number"),
        Type::String => is("string"),
        // An input is JSON, and decoding refuses what JSON does not have: this is as close as it comes.
        Type::Set(_) | Type::Tuple(_) => is("array"),
        Type::Optional(inner) => {
            let inner = holds(inner, at, depth);
            test(format!("$not($exists({at})) or {at} = null or {}", inner.within(Binding::Or)), Binding::Or)
        }
        Type::List(element, length) => {
            let mut text = is("array").text;
            if let Some(length) = length {
                text.push_str(&format!(" and $count({at}) = {length}"));
            }
            if **element != Type::Any {
                let item = format!("$x{depth}");
                let each = holds(element, &item, depth + 1);
                // Not by counting what a filter finds: it gives an only list as that list.
                text.push_str(&format!(" and $not(false in $map({at}, function({item}) {{ {} }}))", each.text));
            }
            test(text, Binding::And)
        }
        Type::Map(element) => {
            let mut text = is("object").text;
            if **element != Type::Any {
                let key = format!("$x{depth}");
                let each = holds(element, &format!("$lookup({at}, {key})"), depth + 1);
                text.push_str(&format!(" and $not(false in $map($keys({at}), function({key}) {{ {} }}))", each.text));
            }
            test(text, Binding::And)
        }
        Type::Object(fields) => {
            let mut text = is("object").text;
            for (name, ty) in fields {
                let at = match syntax::field(name) {
                    Some(name) => format!("{at}.{name}"),
                    None => format!("$lookup({at}, {})", syntax::string(name)),
                };
                text.push_str(&format!(" and {}", holds(ty, &at, depth).within(Binding::Comparison)));
            }
            test(text, Binding::And)
        }
    }
}
