//! HCL expression -> JSONata text with the same meaning.
//!
//! JSONata was made to query documents: what is missing is nothing and not an error, a list of one element is that
//! element, a path maps over lists, comparing strings is fine. HCL has none of this. The translation keeps one rule, from which the rest
//! follows: **every translated expression has a value or fails**. Where the types show that a field or element is there, it is a plain
//! path; where they do not (a value of type any), a function written in front of the expression looks first (see [`helpers`]).
//!
//! What stays different: numbers are 64-bit floats, so whole numbers beyond 2^53 are refused as literals; a number with decimals has at
//! most 15 digits when it becomes text, and an exponent below a millionth; in `jsonencode` whole numbers are rounded as well; `length`
//! of a string counts code points.

pub mod functions;
pub mod helpers;
pub mod syntax;

#[cfg(test)]
mod conformance;

use std::collections::BTreeSet;

use serde_json::Value as Json;
use windlass_schemas::expr::{BinaryOp, Expr, ExprKind, UnaryOp};
use windlass_schemas::span::Span;
use windlass_schemas::types::Type;
use windlass_schemas::value::{Number, Value, ValueKind};

use super::scope::Scope;
use helpers::Helper;
use syntax::Binding;

/// Why an expression cannot be said in JSONata.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    pub span: Span,
    pub message: String,
    pub help: String,
}

/// A translated expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    pub text: String,
    pub binding: Binding,
    /// What is known of its value.
    pub ty: Type,
    /// The functions that its text calls.
    pub helpers: BTreeSet<Helper>,
    /// Whether evaluating it can fail. Then it must not be evaluated where HCL would not: `and` and `or` are written as conditionals,
    /// because engines differ in whether they skip the right side.
    pub fails: bool,
}

impl Term {
    pub fn atom(text: &str, ty: Type) -> Self {
        Term { text: text.to_owned(), binding: Binding::Atom, ty, helpers: BTreeSet::new(), fails: false }
    }

    /// `$name(arguments)`
    pub fn call(name: &str, arguments: Vec<Term>, ty: Type) -> Self {
        let texts: Vec<&str> = arguments.iter().map(|a| a.text.as_str()).collect();
        let term = Term::atom(&format!("${name}({})", texts.join(", ")), ty);
        arguments.iter().fold(term, Term::and)
    }

    pub fn binary(left: Term, operator: &str, right: Term, binding: Binding, ty: Type) -> Self {
        // A comparison of comparisons is legal and unreadable.
        let left_text = if binding == Binding::Comparison { left.above(binding) } else { left.within(binding) };
        let text = format!("{left_text} {operator} {}", right.above(binding));
        Term { binding, ..Term::atom(&text, ty) }.and(&left).and(&right)
    }

    pub fn conditional(test: Term, then: Term, otherwise: Term) -> Self {
        let ty = joined(&then.ty, &otherwise.ty);
        let text =
            format!("{} ? {} : {}", test.above(Binding::Conditional), then.above(Binding::Conditional), otherwise.text);
        Term { binding: Binding::Conditional, ..Term::atom(&text, ty) }.and(&test).and(&then).and(&otherwise)
    }

    /// `[a, b]`; an element that is a list is wrapped, for JSONata would splice it.
    pub fn list(elements: Vec<Term>) -> Self {
        let element = elements.iter().map(|e| e.ty.clone()).reduce(|a, b| joined(&a, &b)).unwrap_or(Type::Any);
        let mut list = Term::atom("", Type::List(Box::new(element), Some(elements.len() as u64)));
        let texts: Vec<String> = elements
            .into_iter()
            .map(|e| {
                let e = match &e.ty {
                    Type::List(..) if e.text.starts_with('[') => e,
                    Type::List(..) => Term { text: format!("[{}]", e.text), ..e },
                    Type::Any | Type::Optional(_) => Term::call("cell", vec![e], Type::Any).using(Helper::Cell),
                    _ => e,
                };
                list.helpers.extend(&e.helpers);
                list.fails |= e.fails;
                e.text
            })
            .collect();
        list.text = format!("[{}]", texts.join(", "));
        list
    }

    #[must_use]
    pub fn using(mut self, helper: Helper) -> Self {
        self.helpers.insert(helper);
        self
    }

    #[must_use]
    pub fn failing(mut self) -> Self {
        self.fails = true;
        self
    }

    /// With what `part` needs.
    #[must_use]
    pub fn and(mut self, part: &Term) -> Self {
        self.helpers.extend(&part.helpers);
        self.fails |= part.fails;
        self
    }

    /// The text, in parentheses when it holds together less than `binding`.
    pub fn within(&self, binding: Binding) -> String {
        if self.binding >= binding { self.text.clone() } else { format!("({})", self.text) }
    }

    /// The text, in parentheses unless it holds together more than `binding`.
    fn above(&self, binding: Binding) -> String {
        if self.binding > binding { self.text.clone() } else { format!("({})", self.text) }
    }

    /// As a number, with HCL's conversion from a string.
    pub fn number(self) -> Self {
        match self.ty {
            Type::Number => self,
            Type::String => Term::call("number", vec![self], Type::Number).failing(),
            _ => Term::call("numeric", vec![self], Type::Number).using(Helper::Numeric).failing(),
        }
    }

    /// As a string, with HCL's conversion from numbers and bools.
    pub fn text_of(self) -> Self {
        match self.ty {
            Type::String => self,
            Type::Bool => Term::call("string", vec![self], Type::String),
            Type::Number => Term::call("digits", vec![self], Type::String).using(Helper::Digits).failing(),
            _ => Term::call("text", vec![self], Type::String).using(Helper::Text).failing(),
        }
    }

    fn expecting(self, what: &str, ty: Type) -> Self {
        Term::call("expect", vec![self, Term::atom(&format!("'{what}'"), Type::String)], ty)
            .using(Helper::Expect)
            .failing()
    }

    pub fn boolean(self) -> Self {
        if self.ty == Type::Bool { self } else { self.expecting("boolean", Type::Bool) }
    }

    pub fn array(self) -> Self {
        match self.ty {
            Type::List(..) => self,
            _ => self.expecting("array", Type::List(Box::new(Type::Any), None)),
        }
    }

    pub fn object(self) -> Self {
        match self.ty {
            Type::Object(_) | Type::Map(_) => self,
            _ => self.expecting("object", Type::Map(Box::new(Type::Any))),
        }
    }

    /// Known not to be null.
    pub fn present(mut self) -> Self {
        self.ty = self.ty.unwrapped().clone();
        self
    }

    fn field(self, name: &str) -> Self {
        let known = match &self.ty {
            Type::Object(fields) => fields.iter().find(|(n, _)| n == name).map(|(_, ty)| ty.clone()),
            _ => None,
        };
        match (known, syntax::field(name)) {
            (Some(ty), Some(name)) => Term::atom(&format!("{}.{name}", self.within(Binding::Atom)), ty).and(&self),
            (Some(ty), None) => Term::call("lookup", vec![self, Term::atom(&syntax::string(name), Type::String)], ty),
            (None, _) => {
                let ty = if let Type::Map(element) = &self.ty { (**element).clone() } else { Type::Any };
                let name = Term::atom(&syntax::string(name), Type::String);
                Term::call("field", vec![self, name], ty).using(Helper::Field).failing()
            }
        }
    }

    fn element(self, index: Term, constant: Option<i64>) -> Self {
        match (&self.ty, constant) {
            (Type::List(element, Some(length)), Some(at)) if at >= 0 && (at as u64) < *length => {
                let element = (**element).clone();
                Term::atom(&format!("{}[{at}]", self.within(Binding::Atom)), element).and(&self)
            }
            (Type::List(element, _), _) => {
                let element = (**element).clone();
                Term::call("item", vec![self, index.number()], element).using(Helper::Item).failing()
            }
            (Type::Map(element), _) => {
                let element = (**element).clone();
                Term::call("field", vec![self, index.text_of()], element).using(Helper::Field).failing()
            }
            _ if index.ty == Type::String => {
                Term::call("field", vec![self, index], Type::Any).using(Helper::Field).failing()
            }
            _ if index.ty == Type::Number => {
                Term::call("item", vec![self, index], Type::Any).using(Helper::Item).failing()
            }
            _ => Term::call("pick", vec![self, index], Type::Any).using(Helper::Pick).failing(),
        }
    }

    /// `{% … %}`, with the functions it needs.
    pub fn enclosed(&self) -> Json {
        Json::String(format!("{{% {} %}}", helpers::with(&self.helpers, &self.text)))
    }
}

/// The type of a value that is one or the other.
fn joined(a: &Type, b: &Type) -> Type {
    match (a, b) {
        _ if a == b => a.clone(),
        (Type::Null, other) | (other, Type::Null) => Type::Optional(Box::new(other.unwrapped().clone())),
        (Type::Optional(x), other) | (other, Type::Optional(x)) if **x == *other => Type::Optional(x.clone()),
        (Type::List(x, _), Type::List(y, _)) => Type::List(Box::new(joined(x, y)), None),
        _ => Type::Any,
    }
}

/// `expr` in JSONata.
pub fn translate(expr: &Expr, scope: &Scope) -> Result<Term, Refusal> {
    let all = |parts: &[Expr]| parts.iter().map(|part| translate(part, scope)).collect::<Result<Vec<Term>, Refusal>>();
    Ok(match &expr.kind {
        ExprKind::Literal(value) => literal(value, scope)?,
        ExprKind::Input => scope.input(),
        ExprKind::Stage(name) => scope.stage(&name.value).ok_or_else(|| Refusal {
            span: name.span,
            message: format!("the outputs of `{}` are not known here", name.value),
            help: "refer to a stage that has ended before".to_owned(),
        })?,
        ExprKind::Item
        | ExprKind::Error
        | ExprKind::Event
        | ExprKind::Variable(_)
        | ExprKind::For(_)
        | ExprKind::Elements(_) => {
            return Err(Refusal {
                span: expr.span,
                message: "this is not translated".to_owned(),
                help: "use something else".to_owned(),
            });
        }
        ExprKind::Metric(reference, _) => {
            return Err(Refusal {
                span: reference.span,
                message: "a measurement is not known to a running workflow".to_owned(),
                help: "use measurements in `alert` blocks".to_owned(),
            });
        }
        ExprKind::Field(of, name) => translate(of, scope)?.field(&name.value),
        ExprKind::Index(of, index) => {
            let of = translate(of, scope)?;
            match &index.kind {
                ExprKind::Literal(Value { kind: ValueKind::String(name), .. }) => of.field(name),
                ExprKind::Literal(Value { kind: ValueKind::Number(Number::Int(at)), .. }) => {
                    of.element(translate(index, scope)?, Some(*at))
                }
                _ => of.element(translate(index, scope)?, None),
            }
        }
        ExprKind::Unary(UnaryOp::Negate, of) => {
            let of = translate(of, scope)?.number();
            let text = format!("-{}", of.within(Binding::Atom));
            Term { binding: Binding::Sign, ..Term::atom(&text, Type::Number) }.and(&of)
        }
        ExprKind::Unary(UnaryOp::Not, of) => Term::call("not", vec![translate(of, scope)?.boolean()], Type::Bool),
        ExprKind::Binary(operator, left, right) => binary(*operator, translate(left, scope)?, translate(right, scope)?),
        ExprKind::Conditional(test, then, otherwise) => {
            Term::conditional(translate(test, scope)?.boolean(), translate(then, scope)?, translate(otherwise, scope)?)
        }
        ExprKind::Template(parts) => concatenated(all(parts)?),
        ExprKind::List(elements) => Term::list(all(elements)?),
        ExprKind::Object(entries) => object(
            entries
                .iter()
                .map(|(k, e)| Ok((k.value.as_str(), translate(e, scope)?)))
                .collect::<Result<_, Refusal>>()?,
        ),
        ExprKind::Call(name, arguments) => functions::call(name, all(arguments)?, expr.span)?,
    })
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
    Term::call("divisor", vec![term], Type::Number).using(Helper::Divisor).failing()
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

fn literal(value: &Value, scope: &Scope) -> Result<Term, Refusal> {
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
        ValueKind::List(items) => Term::list(items.iter().map(|i| literal(i, scope)).collect::<Result<_, _>>()?),
        ValueKind::Object(entries) => object(
            entries.iter().map(|(k, v)| Ok((k.value.as_str(), literal(v, scope)?))).collect::<Result<_, Refusal>>()?,
        ),
        ValueKind::Deferred(expr) => translate(expr, scope)?,
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
        ValueKind::List(items) => Json::Array(items.iter().map(|i| known(i, scope)).collect::<Result<_, Refusal>>()?),
        ValueKind::Object(entries) => Json::Object(
            entries.iter().map(|(k, v)| Ok((k.value.clone(), known(v, scope)?))).collect::<Result<_, Refusal>>()?,
        ),
        ValueKind::Bool(b) => Json::Bool(*b),
        ValueKind::Null => Json::Null,
        ValueKind::Number(Number::Float(x)) => serde_json::Number::from_f64(*x).map_or(Json::Null, Json::Number),
        ValueKind::String(text) => quoted(text),
        _ => match literal(value, scope)? {
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
