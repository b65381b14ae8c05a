//! Deferred expressions on concrete values: what a running workflow computes.
//!
//! The operators and functions are those that fold constants when compiling. What is different in a running workflow, where Step
//! Functions computes, is different here, too: numbers are 64-bit floats, which have 15 digits when they become text; a character is a
//! code point; what a condition or `coalesce` chooses is left as it is.

use std::collections::BTreeMap;

use windlass_schemas::codes::{DUPLICATE_NAME, INVALID_OPERAND, KNOWN_LATER, LIMIT, UNDEFINED_REFERENCE};
use windlass_schemas::diagnostic::Diagnostic;
use windlass_schemas::expr::{BinaryOp, Expr, ExprKind, For};
use windlass_schemas::span::{Span, Spanned};
use windlass_schemas::suggest::did_you_mean;
use windlass_schemas::value::{Number, Object, Value, ValueKind};

use super::convert::{to_bool, to_number, to_text};
use super::functions::{self, Special};
use super::limits::MAX_STRING;
use super::operate::{self, Operand, Outcome, sorted};

/// What exists while a workflow runs.
#[derive(Clone, Debug, Default)]
pub struct RuntimeScope {
    /// The workflow's input; null when it has none.
    pub input: Option<Value>,
    /// The outputs of the stages that have ended, by name; null for one that was skipped.
    pub stages: BTreeMap<String, Value>,
    /// The element that the stage runs for.
    pub item: Option<Value>,
    /// What the stage failed with that this one handles: an object of `name` and `cause`.
    pub error: Option<Value>,
    /// What started the execution.
    pub event: Option<Value>,
}

/// The variables of the loops around an expression, innermost first.
#[derive(Clone, Copy)]
struct Loops<'s> {
    name: &'s str,
    value: &'s Value,
    outer: Option<&'s Loops<'s>>,
}

#[derive(Clone, Copy)]
struct Runner<'s> {
    scope: &'s RuntimeScope,
    loops: Option<&'s Loops<'s>>,
}

/// The value of an expression. Its places are those of the expression.
pub fn run(expr: &Expr, scope: &RuntimeScope) -> Outcome<Value> {
    Runner { scope, loops: None }.run(expr)
}

impl Runner<'_> {
    fn run(&self, expr: &Expr) -> Outcome<Value> {
        let span = expr.span;
        let kind = match &expr.kind {
            ExprKind::Literal(value) => return Ok(Value { span, ..value.clone() }),
            ExprKind::Input => self.scope.input.as_ref().map_or(ValueKind::Null, |input| input.kind.clone()),
            ExprKind::Stage(name) => match self.scope.stages.get(&name.value) {
                Some(outputs) => outputs.kind.clone(),
                None => {
                    let help = did_you_mean(name, self.scope.stages.keys().map(String::as_str));
                    let message = format!("the stage `{}` has not run", name.value);
                    return Err(Box::new(Diagnostic::at(&UNDEFINED_REFERENCE, name.span, message).maybe_help(help)));
                }
            },
            ExprKind::Item => return there(self.scope.item.as_ref(), "item", span),
            ExprKind::Error => return there(self.scope.error.as_ref(), "error", span),
            ExprKind::Event => return there(self.scope.event.as_ref(), "event", span),
            ExprKind::Variable(name) => {
                let mut around = std::iter::successors(self.loops, |loops| loops.outer);
                return there(around.find(|loops| loops.name == name.value).map(|loops| loops.value), name, span);
            }
            ExprKind::Metric(block, _) => {
                let message = format!("a measurement of `{}` is known in the monitoring system only", block.value);
                return Err(Box::new(Diagnostic::at(&KNOWN_LATER, span, message)));
            }
            ExprKind::Field(of, name) => {
                let value = self.run(of)?;
                return Ok(at(operate::field(Operand::new(&value, of.span), name, name.span)?, span));
            }
            ExprKind::Index(of, key) => {
                let (value, index) = (self.run(of)?, self.run(key)?);
                return Ok(at(operate::index(Operand::new(&value, of.span), Operand::new(&index, key.span))?, span));
            }
            ExprKind::Unary(op, of) => operate::unary(*op, Operand::new(&self.run(of)?, of.span))?,
            ExprKind::Binary(op, left, right) => self.binary(*op, left, right, span)?,
            ExprKind::Conditional(condition, then, other) => {
                let value = self.run(condition)?;
                let holds = to_bool(Operand::new(&value, condition.span), "a condition")?;
                return Ok(at(&self.run(if holds { then } else { other })?, span));
            }
            ExprKind::Template(parts) => self.template(parts, span)?,
            ExprKind::List(items) => ValueKind::List(items.iter().map(|item| self.run(item)).collect::<Outcome<_>>()?),
            ExprKind::Object(entries) => ValueKind::Object(
                entries.iter().map(|(key, value)| Ok((key.clone(), self.run(value)?))).collect::<Outcome<_>>()?,
            ),
            ExprKind::Call(name, args) => return self.call(name, args, span),
            ExprKind::For(of) => self.each(of, span)?,
            ExprKind::Elements(of) => {
                let value = self.run(of)?;
                match value.kind {
                    ValueKind::List(_) => return Ok(Value { span, ..value }),
                    ValueKind::Null => ValueKind::List(Vec::new()),
                    _ => ValueKind::List(vec![value]),
                }
            }
        };
        Ok(Value::new(kind, span))
    }

    fn binary(&self, op: BinaryOp, left: &Expr, right: &Expr, span: Span) -> Outcome<ValueKind> {
        let a = self.run(left)?;
        let a = Operand::new(&a, left.span);
        if matches!(op, BinaryOp::And | BinaryOp::Or) {
            let decided = to_bool(a, &format!("`{}`", op.symbol()))?;
            if decided == (op == BinaryOp::Or) {
                return Ok(ValueKind::Bool(decided));
            }
        }
        let b = self.run(right)?;
        operate::binary_later(op, a, Operand::new(&b, right.span), span)
    }

    fn template(&self, parts: &[Expr], span: Span) -> Outcome<ValueKind> {
        let mut text = String::new();
        for part in parts {
            let value = rounded(self.run(part)?);
            text.push_str(&to_text(Operand::new(&value, part.span), "a template")?);
            if text.len() > MAX_STRING {
                let message = "this makes a string of more than 16 MiB";
                return Err(Box::new(Diagnostic::at(&LIMIT, span, message)));
            }
        }
        Ok(ValueKind::String(text))
    }

    fn call(&self, name: &Spanned<String>, args: &[Expr], span: Span) -> Outcome<Value> {
        let function = functions::find(name, name.span)?;
        function.takes(args.len(), span)?;
        match function.special() {
            Some(Special::Can) => {
                let able = args.iter().all(|arg| self.run(arg).is_ok());
                return Ok(Value::new(ValueKind::Bool(able), span));
            }
            Some(Special::Try) => {
                let mut last = None;
                for arg in args {
                    match self.run(arg) {
                        Ok(value) => return Ok(Value { span, ..value }),
                        Err(finding) => last = Some(finding),
                    }
                }
                let finding = Diagnostic::at(&INVALID_OPERAND, span, "no argument of `try` has a value");
                let why = last.and_then(|last| Some((last.labels.first()?.span, last.message.clone())));
                return Err(Box::new(why.into_iter().fold(finding, |finding, (place, why)| finding.label(place, why))));
            }
            _ => {}
        }
        let values: Vec<Value> = args.iter().map(|arg| self.run(arg)).collect::<Outcome<_>>()?;
        let values = as_texts(name, values);
        let operands: Vec<Operand> =
            values.iter().zip(args).map(|(value, arg)| Operand::new(value, arg.span)).collect();
        match (name.as_str(), &operands[..]) {
            // Left as it is, and added up, as where the workflow runs.
            ("coalesce", operands) => first_filled(operands, span),
            ("sum", [list]) => sum(*list, span),
            _ => function.call(&operands, span, None),
        }
    }

    /// A `for`: objects in the order of their keys.
    fn each(&self, of: &For, span: Span) -> Outcome<ValueKind> {
        let over = self.run(&of.over)?;
        let mut items: Vec<Value> = Vec::new();
        let mut entries: Object = Vec::new();
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        for (key, value) in pairs(&over, of.over.span)? {
            let keyed;
            let outer = match &of.key_variable {
                None => self.loops,
                Some(name) => {
                    keyed = Loops { name, value: &key, outer: self.loops };
                    Some(&keyed)
                }
            };
            let inside = Runner { loops: Some(&Loops { name: &of.variable, value, outer }), ..*self };
            if let Some(condition) = &of.condition {
                let holds = inside.run(condition)?;
                if !to_bool(Operand::new(&holds, condition.span), "a condition")? {
                    continue;
                }
            }
            let Some(made) = &of.key else {
                items.push(inside.run(&of.value)?);
                continue;
            };
            let text = rounded(inside.run(made)?);
            let text = to_text(Operand::new(&text, made.span), "the key of an object")?;
            let value = inside.run(&of.value)?;
            match places.get(&text).and_then(|at| entries.get_mut(*at)) {
                None => {
                    places.insert(text.clone(), entries.len());
                    let value = if of.groups { Value::new(ValueKind::List(vec![value]), span) } else { value };
                    entries.push((Spanned::new(text, made.span), value));
                }
                Some((_, Value { kind: ValueKind::List(group), .. })) if of.groups => group.push(value),
                Some(_) => {
                    let message = format!("two elements have the key `{text}`");
                    let help = "write `...` behind the value to group the values of one key in a list";
                    return Err(Box::new(Diagnostic::at(&DUPLICATE_NAME, made.span, message).help(help)));
                }
            }
        }
        Ok(if of.key.is_some() { ValueKind::Object(entries) } else { ValueKind::List(items) })
    }
}

/// What a loop goes over: keys and elements.
fn pairs(over: &Value, place: Span) -> Outcome<Vec<(Value, &Value)>> {
    Ok(match &over.kind {
        // The elements of a set are their own keys.
        ValueKind::List(items) if over.set => items.iter().map(|item| (item.clone(), item)).collect(),
        ValueKind::List(items) => items
            .iter()
            .enumerate()
            .map(|(at, item)| (Value::new(ValueKind::Number(Number::Int(at as i64)), item.span), item))
            .collect(),
        ValueKind::Object(entries) => sorted(entries)
            .into_iter()
            .map(|(key, value)| (Value::new(ValueKind::String(key.to_owned()), value.span), value))
            .collect(),
        _ => {
            let message = format!("a `for` goes over a list or an object, found {}", over.describe());
            return Err(Box::new(Diagnostic::at(&INVALID_OPERAND, place, message)));
        }
    })
}

fn at(value: &Value, span: Span) -> Value {
    Value { span, ..value.clone() }
}

fn there(value: Option<&Value>, name: &str, span: Span) -> Outcome<Value> {
    let missing = || Box::new(Diagnostic::at(&UNDEFINED_REFERENCE, span, format!("there is no `{name}` here")));
    value.map(|value| at(value, span)).ok_or_else(missing)
}

/// The value with its numbers as their text shows them: whole ones exactly, others with 15 digits.
fn rounded(mut value: Value) -> Value {
    match &mut value.kind {
        ValueKind::Number(Number::Float(x)) if x.fract() != 0.0 || x.abs() >= 1e21 => {
            *x = format!("{x:.14e}").parse().unwrap_or(*x);
        }
        ValueKind::List(items) => items.iter_mut().for_each(|item| *item = rounded(std::mem::replace(item, nothing()))),
        ValueKind::Object(entries) => {
            entries.iter_mut().for_each(|(_, item)| *item = rounded(std::mem::replace(item, nothing())));
        }
        _ => {}
    }
    value
}

fn nothing() -> Value {
    Value::new(ValueKind::Null, Span::default())
}

/// The arguments of a function, rounded where they become text.
fn as_texts(name: &str, values: Vec<Value>) -> Vec<Value> {
    let becomes_text = |at: usize| match name {
        "lookup" => at == 1,
        "zipmap" => at == 0,
        "sort" | "compact" | "transpose" | "jsonencode" | "tostring" => true,
        name => functions::takes_text(name),
    };
    values.into_iter().enumerate().map(|(at, value)| if becomes_text(at) { rounded(value) } else { value }).collect()
}

fn first_filled(args: &[Operand], span: Span) -> Outcome<Value> {
    let empty = |value: &Value| match &value.kind {
        ValueKind::Null => true,
        ValueKind::String(text) => text.is_empty(),
        _ => false,
    };
    let found = args.iter().find(|arg| !empty(arg.value)).map(|arg| at(arg.value, span));
    found.ok_or_else(|| {
        let message = "`coalesce`: every value is null or an empty string";
        Box::new(Diagnostic::at(&INVALID_OPERAND, span, message))
    })
}

fn sum(list: Operand, span: Span) -> Outcome<Value> {
    let message = |message: &str| Box::new(Diagnostic::at(&INVALID_OPERAND, list.span, format!("`sum`: {message}")));
    let ValueKind::List(items) = &list.value.kind else {
        return Err(message(&format!("a list is needed, found {}", list.value.describe())));
    };
    let number = |item: &Value| {
        let number = to_number(Operand::new(item, list.span), "`sum`")?;
        Ok::<_, Box<Diagnostic>>(Value::new(ValueKind::Number(number), list.span))
    };
    let Some((first, rest)) = items.split_first() else { return Err(message("the list is empty, and has no sum")) };
    rest.iter().try_fold(number(first)?, |sum, item| {
        let item = number(item)?;
        let added =
            operate::binary_later(BinaryOp::Add, Operand::new(&sum, span), Operand::new(&item, list.span), span)?;
        Ok(Value::new(added, span))
    })
}
