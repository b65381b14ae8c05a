//! A stage does exactly one thing, and has what that needs.

use windlass_schemas::codes;
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::plan::Verb;
use windlass_schemas::span::{Span, Spanned};
use windlass_schemas::spec::values::Expression;
use windlass_schemas::spec::{Stage, VERBS, VerbDecl};

use super::infer;
use super::scope::{Scope, Served};

/// What the stage does; `None` when something about it was reported.
pub fn resolve(stage: &Stage, served: &Served, scope: &Scope, diags: &mut Diagnostics) -> Option<Verb> {
    let verb = exactly_one(stage, diags)?;
    let complete = check_attributes(stage, verb, diags);
    let expr = |given: &Option<Spanned<Expression>>| given.as_ref().map(|given| given.value.0.clone());
    let found = match verb.name {
        "read" => Verb::Read { bucket: stage.read.as_ref()?.0.clone(), key: expr(&stage.key)? },
        "write" => {
            Verb::Write { bucket: stage.write.as_ref()?.0.clone(), key: expr(&stage.key)?, body: expr(&stage.body)? }
        }
        "infer" => infer::resolve(stage, served, scope, diags)?,
        "notify" => Verb::Notify {
            channel: stage.notify.as_ref()?.0.clone(),
            subject: expr(&stage.subject),
            message: expr(&stage.message)?,
        },
        _ => return None,
    };
    complete.then_some(found)
}

/// The place of every attribute that depends on the verb, and of the verbs themselves.
fn places(stage: &Stage) -> Vec<(&'static str, Option<Span>)> {
    vec![
        ("read", stage.read.as_ref().map(|a| a.span)),
        ("write", stage.write.as_ref().map(|a| a.span)),
        ("infer", stage.infer.as_ref().map(|a| a.span)),
        ("notify", stage.notify.as_ref().map(|a| a.span)),
        ("key", stage.key.as_ref().map(|a| a.span)),
        ("body", stage.body.as_ref().map(|a| a.span)),
        ("inputs", stage.inputs.as_ref().map(|a| a.span)),
        ("subject", stage.subject.as_ref().map(|a| a.span)),
        ("message", stage.message.as_ref().map(|a| a.span)),
    ]
}

fn exactly_one(stage: &Stage, diags: &mut Diagnostics) -> Option<&'static VerbDecl> {
    let given: Vec<(&VerbDecl, Span)> = places(stage)
        .into_iter()
        .filter_map(|(name, span)| Some((VERBS.iter().find(|verb| verb.name == name)?, span?)))
        .collect();
    let names = || VERBS.iter().map(|verb| format!("`{}`", verb.name)).collect::<Vec<_>>().join(", ");
    match given.as_slice() {
        [] => {
            let message = format!("the stage `{}` does nothing", stage.name.value);
            let help = format!("give it one of {}", names());
            diags.push(Diagnostic::at(&codes::MISSING_ATTRIBUTE, stage.span, message).help(help));
            None
        }
        [(verb, _)] => Some(verb),
        [(first, at), (second, span), ..] => {
            let message =
                format!("the stage `{}` does two things: `{}` and `{}`", stage.name.value, first.name, second.name);
            let diagnostic = Diagnostic::at(&codes::INVALID_VALUE, *span, message)
                .label(*at, "the first")
                .help("make two stages of it");
            diags.push(diagnostic);
            None
        }
    }
}

/// Reports attributes that the verb lacks, and those that belong to another verb. True when there are none.
fn check_attributes(stage: &Stage, verb: &VerbDecl, diags: &mut Diagnostics) -> bool {
    let before = diags.len();
    for (name, span) in places(stage) {
        match span {
            None if verb.needs.contains(&name) => {
                let message = format!("the stage `{}` has `{}` without `{name}`", stage.name.value, verb.name);
                let help = format!("add `{name} = …`");
                diags.push(Diagnostic::at(&codes::MISSING_ATTRIBUTE, stage.span, message).help(help));
            }
            Some(span) if name != verb.name && !verb.needs.contains(&name) && !verb.takes.contains(&name) => {
                let owners = VERBS.iter().filter(|other| other.needs.contains(&name) || other.takes.contains(&name));
                let owners = owners.map(|owner| format!("`{}`", owner.name)).collect::<Vec<_>>().join(" and ");
                let message = format!("`{name}` means nothing in a stage with `{}`", verb.name);
                let help = format!("it belongs to {owners}; remove it");
                diags.push(Diagnostic::at(&codes::UNKNOWN_ATTRIBUTE, span, message).help(help));
            }
            _ => {}
        }
    }
    diags.len() == before
}
