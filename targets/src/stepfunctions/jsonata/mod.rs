//! HCL expression -> JSONata text with the same meaning.
//!
//! JSONata was made to query documents: what is missing is nothing and not an error, a list of one element is that
//! element, a path maps over lists, comparing strings is fine. HCL has none of this. The translation keeps one rule, from which the rest
//! follows: **every translated expression has a value or fails**. Where the types show that a field or element is there, it is a plain
//! path; where they do not (a value of type any), a function written in front of the expression looks first (see [`helpers`]).
//!
//! A list is always a plain array, never a sequence, which JSONata would take for its only element, or for nothing, when it is looked at: what
//! gives a sequence stands in `[…[]]` (see [`Term::collected`]).
//!
//! What stays different: numbers are 64-bit floats, so whole numbers beyond 2^53 are refused as literals; a number with decimals has at
//! most 15 digits when it becomes text; a character is a code point; results of a condition are not converted to one type.

pub mod functions;
pub mod helpers;
mod loops;
mod patterns;
pub mod syntax;
mod term;
mod types;

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod tests;

use serde_json::Value as Json;
use windlass_schemas::expr::{BinaryOp, Expr, ExprKind, UnaryOp};
use windlass_schemas::span::Span;
use windlass_schemas::types::Type;
use windlass_schemas::value::{Number, Value, ValueKind};

use super::scope::Scope;
use helpers::Helper;
use loops::Names;
use syntax::Binding;
pub use term::Term;

/// Why an expression cannot be said in JSONata.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    pub span: Span,
    pub message: String,
    pub help: String,
}

impl Refusal {
    fn new(span: Span, message: impl Into<String>, help: impl Into<String>) -> Self {
        Refusal { span, message: message.into(), help: help.into() }
    }
}

/// `expr` in JSONata.
pub fn translate(expr: &Expr, scope: &Scope) -> Result<Term, Refusal> {
    translated(expr, &Names::of(scope))
}

fn translated(expr: &Expr, names: &Names) -> Result<Term, Refusal> {
    let all = |parts: &[Expr]| parts.iter().map(|part| translated(part, names)).collect::<Result<Vec<Term>, Refusal>>();
    let there = |term: Option<Term>, what: &str, help: &str| {
        term.ok_or_else(|| Refusal::new(expr.span, format!("{what} is not known here"), help))
    };
    let scope = names.scope;
    Ok(match &expr.kind {
        ExprKind::Literal(value) => literal(value, names)?,
        ExprKind::Input => scope.input(),
        ExprKind::Stage(name) => scope.stage(&name.value).ok_or_else(|| {
            let message = format!("the outputs of `{}` are not known here", name.value);
            Refusal::new(name.span, message, "refer to a stage that has ended before")
        })?,
        ExprKind::Item => there(scope.item(), "`item`", "it is the element that a stage with `for_each` runs for")?,
        ExprKind::Error => there(scope.error(), "`error`", "it is what the stage failed with that this one handles")?,
        ExprKind::Event => there(None, "`event`", "it is known in the input of a trigger")?,
        ExprKind::Variable(name) => there(names.variable(&name.value), "this variable", "it belongs to a `for`")?,
        ExprKind::For(of) => loops::translated(of, names)?,
        ExprKind::Elements(of) => loops::elements(translated(of, names)?),
        ExprKind::Metric(reference, _) => {
            let message = "a measurement is not known to a running workflow";
            return Err(Refusal::new(reference.span, message, "use measurements in `alert` blocks"));
        }
        ExprKind::Field(of, name) => translated(of, names)?.field(&name.value),
        ExprKind::Index(of, index) => {
            let place = of.span;
            let of = translated(of, names)?;
            if let Type::Set(_) = of.ty.unwrapped() {
                let help = "take the element of a list; `one(set)` takes the only one";
                return Err(Refusal::new(place, "a set has no order, and so no indexes", help));
            }
            match &index.kind {
                ExprKind::Literal(Value { kind: ValueKind::String(name), .. }) if Number::parse(name).is_none() => {
                    of.field(name)
                }
                ExprKind::Literal(Value { kind: ValueKind::Number(Number::Int(at)), .. }) => {
                    of.element(translated(index, names)?, Some(*at))
                }
                _ => of.element(translated(index, names)?, None),
            }
        }
        ExprKind::Unary(UnaryOp::Negate, of) => {
            let of = translated(of, names)?.number();
            let text = format!("-{}", of.within(Binding::Atom));
            Term { binding: Binding::Sign, ..Term::atom(&text, Type::Number) }.and(&of)
        }
        ExprKind::Unary(UnaryOp::Not, of) => Term::call("not", vec![translated(of, names)?.boolean()], Type::Bool),
        ExprKind::Binary(operator, left, right) => {
            let (a, b) = (translated(left, names)?, translated(right, names)?);
            if matches!(operator, BinaryOp::Equal | BinaryOp::NotEqual)
                && a.ty != b.ty
                && (has_set(&a.ty) || has_set(&b.ty))
            {
                let help = "a set is equal to sets only: write `tolist(…)` or `toset(…)`";
                return Err(Refusal::new(expr.span, "a set is compared with another type", help));
            }
            binary(*operator, a, b)
        }
        ExprKind::Conditional(test, then, otherwise) => Term::conditional(
            translated(test, names)?.boolean(),
            translated(then, names)?,
            translated(otherwise, names)?,
        ),
        ExprKind::Template(parts) => concatenated(all(parts)?),
        ExprKind::List(elements) => Term::list(all(elements)?),
        ExprKind::Object(entries) => object(
            entries
                .iter()
                .map(|(k, e)| Ok((k.value.as_str(), translated(e, names)?)))
                .collect::<Result<_, Refusal>>()?,
        ),
        ExprKind::Call(name, arguments) => {
            functions::call(functions::Call { name, terms: all(arguments)?, arguments, span: expr.span })?
        }
    })
}

fn has_set(ty: &Type) -> bool {
    match ty {
        Type::Set(_) => true,
        Type::List(inner, _) | Type::Map(inner) | Type::Optional(inner) => has_set(inner),
        Type::Tuple(elements) => elements.iter().any(has_set),
        Type::Object(fields) => fields.iter().any(|(_, ty)| has_set(ty)),
        _ => false,
    }
}

fn binary(operator: BinaryOp, left: Term, right: Term) -> Term {
    use BinaryOp as Op;
    let arithmetic =
        |a: Term, operator, b: Term, binding| Term::binary(a.number(), operator, b.number(), binding, Type::Number);
    let comparison =
        |a: Term, operator, b: Term| Term::binary(a.number(), operator, b.number(), Binding::Comparison, Type::Bool);
    match operator {
        Op::Add => arithmetic(left, "+", right, Binding::Sum),
        Op::Subtract => arithmetic(left, "-", right, Binding::Sum),
        Op::Multiply => arithmetic(left, "*", right, Binding::Product),
        Op::Divide => arithmetic(left, "/", divisor(right), Binding::Product),
        Op::Modulo => arithmetic(left, "%", divisor(right), Binding::Product),
        Op::Equal => Term::binary(left, "=", right, Binding::Comparison, Type::Bool),
        Op::NotEqual => Term::binary(left, "!=", right, Binding::Comparison, Type::Bool),
        Op::Less => comparison(left, "<", right),
        Op::LessOrEqual => comparison(left, "<=", right),
        Op::Greater => comparison(left, ">", right),
        Op::GreaterOrEqual => comparison(left, ">=", right),
        Op::And if right.fails => Term::conditional(left.boolean(), right.boolean(), Term::atom("false", Type::Bool)),
        Op::Or if right.fails => Term::conditional(left.boolean(), Term::atom("true", Type::Bool), right.boolean()),
        Op::And => Term::binary(left.boolean(), "and", right.boolean(), Binding::And, Type::Bool),
        Op::Or => Term::binary(left.boolean(), "or", right.boolean(), Binding::Or, Type::Bool),
    }
}

fn divisor(term: Term) -> Term {
    let term = term.number();
    if term.text.parse::<f64>().is_ok_and(|n| n != 0.0) {
        return term;
    }
    Term::helped(Helper::Divisor, vec![term], Type::Number)
}

/// `'a ' & b`; a template of one part is still a string.
fn concatenated(parts: Vec<Term>) -> Term {
    let mut parts = parts.into_iter().map(Term::text_of);
    let first = parts.next().unwrap_or_else(|| Term::atom("''", Type::String));
    parts.fold(first, |a, b| Term::binary(a, "&", b, Binding::Sum, Type::String))
}

fn object(entries: Vec<(&str, Term)>) -> Term {
    let texts: Vec<String> = entries.iter().map(|(k, e)| format!("{}: {}", syntax::string(k), e.text)).collect();
    let ty = Type::Object(entries.iter().map(|(k, e)| ((*k).to_owned(), e.ty.clone())).collect());
    let term = Term::atom(&format!("{{{}}}", texts.join(", ")), ty);
    entries.iter().fold(term, |term, (_, e)| term.and(e))
}

fn literal(value: &Value, names: &Names) -> Result<Term, Refusal> {
    Ok(match &value.kind {
        ValueKind::Null => Term::atom("null", Type::Null),
        ValueKind::Bool(b) => Term::atom(&b.to_string(), Type::Bool),
        ValueKind::Number(number) => {
            if matches!(number, Number::Int(n) if n.unsigned_abs() > 1 << 53) {
                return Err(Refusal {
                    span: value.span,
                    message: format!("`{number}` is beyond what JSONata can hold exactly"),
                    help: "write it as a string, or keep it within 2^53".to_owned(),
                });
            }
            let text = number.to_string();
            let binding = if text.starts_with('-') { Binding::Sign } else { Binding::Atom };
            Term { binding, ..Term::atom(&text, Type::Number) }
        }
        ValueKind::String(text) => Term::atom(&syntax::string(text), Type::String),
        ValueKind::List(items) if let Some(range) = arithmetic(items) => range,
        ValueKind::List(items) if value.set => {
            let list = Term::list(items.iter().map(|i| literal(i, names)).collect::<Result<_, _>>()?);
            Term { ty: Type::Set(Box::new(types::element(&list.ty))), ..list }
        }
        ValueKind::List(items) => Term::list(items.iter().map(|i| literal(i, names)).collect::<Result<_, _>>()?),
        ValueKind::Object(entries) => object(
            entries.iter().map(|(k, v)| Ok((k.value.as_str(), literal(v, names)?))).collect::<Result<_, Refusal>>()?,
        ),
        ValueKind::Deferred(expr) => translated(expr, names)?,
        ValueKind::Reference(reference) => {
            return Err(Refusal {
                span: value.span,
                message: format!("`{reference}` names a block and is not a value"),
                help: "use one of its attributes".to_owned(),
            });
        }
        // A checked spec holds neither in an expression of a workflow.
        ValueKind::Type(_) | ValueKind::Unknown => Term::atom("null", Type::Any),
    })
}

/// Many whole numbers, each one more than the one before: `[0..9999]`.
fn arithmetic(items: &[Value]) -> Option<Term> {
    const MANY: usize = 16;
    let number = |value: &Value| match value.kind {
        ValueKind::Number(Number::Int(n)) if n.unsigned_abs() < 1 << 53 => Some(n),
        _ => None,
    };
    let first = number(items.first().filter(|_| items.len() > MANY)?)?;
    let follows = items.iter().zip(first..).all(|(item, n)| number(item) == Some(n));
    let ty = Type::List(Box::new(Type::Number), Some(items.len() as u64));
    follows.then(|| Term::atom(&format!("[{first}..{}]", first + items.len() as i64 - 1), ty))
}

/// `expr` as JSON in which the parts that are known only later are `{% … %}`: lists and objects stay visible in the definition.
pub fn template(expr: &Expr, scope: &Scope) -> Result<Json, Refusal> {
    Ok(match &expr.kind {
        ExprKind::List(elements) => {
            Json::Array(elements.iter().map(|e| template(e, scope)).collect::<Result<_, Refusal>>()?)
        }
        ExprKind::Object(entries) => Json::Object(
            entries.iter().map(|(k, e)| Ok((k.value.clone(), template(e, scope)?))).collect::<Result<_, Refusal>>()?,
        ),
        ExprKind::Literal(value) => known(value, scope)?,
        _ => translate(expr, scope)?.enclosed(),
    })
}

fn known(value: &Value, scope: &Scope) -> Result<Json, Refusal> {
    Ok(match &value.kind {
        ValueKind::List(items) if let Some(range) = arithmetic(items) => range.enclosed(),
        ValueKind::List(items) => Json::Array(items.iter().map(|i| known(i, scope)).collect::<Result<_, Refusal>>()?),
        ValueKind::Object(entries) => Json::Object(
            entries.iter().map(|(k, v)| Ok((k.value.clone(), known(v, scope)?))).collect::<Result<_, Refusal>>()?,
        ),
        ValueKind::Bool(b) => Json::Bool(*b),
        ValueKind::Null => Json::Null,
        ValueKind::Number(Number::Float(x)) => serde_json::Number::from_f64(*x).map_or(Json::Null, Json::Number),
        ValueKind::String(text) => quoted(text),
        _ => match literal(value, &Names::of(scope))? {
            Term { text, ty: Type::Number, .. } => text.parse().map_or(Json::Null, Json::Number),
            term => term.enclosed(),
        },
    })
}

/// A JSON string that stands for itself, also when it looks like an expression or a substitution. A text of several lines
/// is written as an expression, too: validators of definitions take a string for one line.
pub fn quoted(text: &str) -> Json {
    if ["{%", "${", "$$", "\n", "\r"].iter().any(|special| text.contains(special)) {
        return Term::atom(&syntax::string(text), Type::String).enclosed();
    }
    Json::String(text.to_owned())
}
