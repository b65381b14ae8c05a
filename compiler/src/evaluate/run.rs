//! Deferred expressions on concrete values: what a running workflow would compute.
//!
//! The operators and functions are those that fold constants when compiling, so a translation of an expression to
//! another language can be tested against this.

use std::collections::BTreeMap;

use windlass_schemas::codes::{INVALID_OPERAND, KNOWN_LATER, UNDEFINED_REFERENCE};
use windlass_schemas::diagnostic::Diagnostic;
use windlass_schemas::expr::{BinaryOp, Expr, ExprKind};
use windlass_schemas::span::Span;
use windlass_schemas::suggest::did_you_mean;
use windlass_schemas::value::{Value, ValueKind};

use super::convert::{to_bool, to_text};
use super::functions;
use super::limits::MAX_STRING;
use super::operate::{self, Operand, Outcome};

/// What exists while a workflow runs.
#[derive(Clone, Debug, Default)]
pub struct RuntimeScope {
    /// The workflow's input; null when it has none.
    pub input: Option<Value>,
    /// The outputs of the stages that have ended, by name; null for one that was skipped.
    pub stages: BTreeMap<String, Value>,
}

/// The value of an expression. Its places are those of the expression.
pub fn run(expr: &Expr, scope: &RuntimeScope) -> Outcome<Value> {
    let span = expr.span;
    let kind = match &expr.kind {
        ExprKind::Literal(value) => return Ok(Value::new(value.kind.clone(), span)),
        ExprKind::Input => scope.input.as_ref().map_or(ValueKind::Null, |input| input.kind.clone()),
        ExprKind::Stage(name) => match scope.stages.get(&name.value) {
            Some(outputs) => outputs.kind.clone(),
            None => {
                let help = did_you_mean(name, scope.stages.keys().map(String::as_str));
                let message = format!("the stage `{}` has not run", name.value);
                return Err(Box::new(Diagnostic::at(&UNDEFINED_REFERENCE, name.span, message).maybe_help(help)));
            }
        },
        ExprKind::Item
        | ExprKind::Error
        | ExprKind::Event
        | ExprKind::Variable(_)
        | ExprKind::For(_)
        | ExprKind::Elements(_) => {
            let message = "this is not known here";
            return Err(Box::new(Diagnostic::at(&KNOWN_LATER, span, message)));
        }
        ExprKind::Metric(block, _) => {
            let message = format!("a measurement of `{}` is known in the monitoring system only", block.value);
            return Err(Box::new(Diagnostic::at(&KNOWN_LATER, span, message)));
        }
        ExprKind::Field(of, name) => {
            let value = run(of, scope)?;
            operate::field(Operand::new(&value, of.span), name, name.span)?.kind.clone()
        }
        ExprKind::Index(of, key) => {
            let (value, at) = (run(of, scope)?, run(key, scope)?);
            operate::index(Operand::new(&value, of.span), Operand::new(&at, key.span))?.kind.clone()
        }
        ExprKind::Unary(op, of) => operate::unary(*op, Operand::new(&run(of, scope)?, of.span))?,
        ExprKind::Binary(op, left, right) => binary(*op, left, right, span, scope)?,
        ExprKind::Conditional(condition, then, other) => {
            let value = run(condition, scope)?;
            let holds = to_bool(Operand::new(&value, condition.span), "a condition")?;
            return run(if holds { then } else { other }, scope);
        }
        ExprKind::Template(parts) => {
            let mut text = String::new();
            for part in parts {
                let value = run(part, scope)?;
                text.push_str(&to_text(Operand::new(&value, part.span), "a template")?);
                if text.len() > MAX_STRING {
                    let message = "this makes a string of more than 16 MiB";
                    return Err(Box::new(Diagnostic::at(&INVALID_OPERAND, span, message)));
                }
            }
            ValueKind::String(text)
        }
        ExprKind::List(items) => ValueKind::List(items.iter().map(|item| run(item, scope)).collect::<Outcome<_>>()?),
        ExprKind::Object(entries) => ValueKind::Object(
            entries.iter().map(|(key, value)| Ok((key.clone(), run(value, scope)?))).collect::<Outcome<_>>()?,
        ),
        ExprKind::Call(name, args) => {
            let function = functions::find(name, name.span)?;
            let values: Vec<Value> = args.iter().map(|arg| run(arg, scope)).collect::<Outcome<_>>()?;
            let operands: Vec<Operand> =
                values.iter().zip(args).map(|(value, arg)| Operand::new(value, arg.span)).collect();
            function.call(&operands, span, None)?.kind
        }
    };
    Ok(Value::new(kind, span))
}

fn binary(op: BinaryOp, left: &Expr, right: &Expr, span: Span, scope: &RuntimeScope) -> Outcome<ValueKind> {
    let a = run(left, scope)?;
    let a = Operand::new(&a, left.span);
    if matches!(op, BinaryOp::And | BinaryOp::Or) {
        let decided = to_bool(a, &format!("`{}`", op.symbol()))?;
        if decided == (op == BinaryOp::Or) {
            return Ok(ValueKind::Bool(decided));
        }
    }
    let b = run(right, scope)?;
    operate::binary_later(op, a, Operand::new(&b, right.span), span)
}
