//! The type of an expression that is known only when the workflow runs.

use windlass_schemas::codes;
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::expr::{BinaryOp, Expr, ExprKind, UnaryOp};
use windlass_schemas::span::{Span, Spanned};
use windlass_schemas::suggest::did_you_mean;
use windlass_schemas::types::Type;
use windlass_schemas::value::{Number, Value, ValueKind};

use super::scope::Scope;

/// The type of `expr`, where everything wrong in it is reported. [`Type::Any`] stands for what is wrong, too.
pub fn type_of(expr: &Expr, scope: &Scope, diags: &mut Diagnostics) -> Type {
    Typing { scope, diags }.of(expr)
}

/// Reports unless `expr`, of type `ty`, can be a `wanted`.
pub fn expect(expr: &Expr, ty: &Type, wanted: &Type, what: &str, diags: &mut Diagnostics) {
    if !accepts(wanted, ty) {
        let message = format!("`{what}` must be {}, and this is {}", article(wanted), article(ty));
        diags.push(Diagnostic::at(&codes::WRONG_TYPE, expr.span, message).maybe_help(conversion(wanted, ty)));
    }
}

/// Whether a value of type `given` can stand where `wanted` is needed, as far as is known.
pub fn accepts(wanted: &Type, given: &Type) -> bool {
    match (wanted, given) {
        (Type::Any, _) | (_, Type::Any) => true,
        (Type::Optional(wanted), given) => *given == Type::Null || accepts(wanted, given.unwrapped()),
        (Type::List(wanted, length), Type::List(given, got)) => {
            accepts(wanted, given) && length.is_none_or(|length| got.is_none_or(|got| got == length))
        }
        (Type::Map(wanted), Type::Map(given)) => accepts(wanted, given),
        (Type::Map(wanted), Type::Object(fields)) => fields.iter().all(|(_, given)| accepts(wanted, given)),
        (Type::Object(wanted), Type::Object(given)) => {
            wanted.iter().all(|(name, ty)| match given.iter().find(|(other, _)| other == name) {
                Some((_, given)) => accepts(ty, given),
                None => matches!(ty, Type::Optional(_)),
            })
        }
        (wanted, given) => wanted == given,
    }
}

/// The type of a value that is known.
pub fn type_of_value(value: &Value) -> Type {
    match &value.kind {
        ValueKind::Null => Type::Null,
        ValueKind::Bool(_) => Type::Bool,
        ValueKind::Number(_) => Type::Number,
        ValueKind::String(_) => Type::String,
        ValueKind::List(items) => list_of(items.iter().map(type_of_value).collect()),
        ValueKind::Object(entries) => {
            Type::Object(entries.iter().map(|(key, value)| (key.value.clone(), type_of_value(value))).collect())
        }
        ValueKind::Reference(_) | ValueKind::Type(_) | ValueKind::Deferred(_) | ValueKind::Unknown => Type::Any,
    }
}

/// The type as a noun with its article.
pub fn article(ty: &Type) -> String {
    match ty {
        Type::Null => "null".to_owned(),
        Type::Any => "any value".to_owned(),
        Type::Object(_) => format!("an {ty}"),
        Type::Optional(_) => format!("an {ty}"),
        _ => format!("a {ty}"),
    }
}

fn conversion(wanted: &Type, given: &Type) -> Option<String> {
    let help = match (wanted, given) {
        (Type::String, Type::Number | Type::Bool) => "put it in a template: `\"${…}\"`",
        (Type::String, Type::Object(_) | Type::List(..) | Type::Map(_)) => "write it as JSON: `jsonencode(…)`",
        (Type::Number, Type::String) => "convert it: `tonumber(…)`",
        (Type::Bool, Type::Number) => "compare it, as in `… > 0.5`",
        _ => return None,
    };
    Some(help.to_owned())
}

/// A list of elements of these types.
fn list_of(elements: Vec<Type>) -> Type {
    let length = elements.len() as u64;
    let unified = elements.into_iter().reduce(unify).unwrap_or(Type::Any);
    Type::List(Box::new(unified), Some(length))
}

/// The narrowest type that both have.
fn unify(a: Type, b: Type) -> Type {
    match (a, b) {
        (a, b) if a == b => a,
        (Type::Null, other) | (other, Type::Null) => match other {
            Type::Optional(_) => other,
            other => Type::Optional(Box::new(other)),
        },
        (Type::List(a, a_length), Type::List(b, b_length)) => {
            Type::List(Box::new(unify(*a, *b)), a_length.filter(|length| Some(*length) == b_length))
        }
        _ => Type::Any,
    }
}

struct Typing<'a> {
    scope: &'a Scope<'a>,
    diags: &'a mut Diagnostics,
}

impl Typing<'_> {
    fn of(&mut self, expr: &Expr) -> Type {
        match &expr.kind {
            ExprKind::Literal(value) => self.literal(value),
            ExprKind::Input => self.scope.input.clone(),
            ExprKind::Stage(name) => self.stage(name),
            ExprKind::Item
            | ExprKind::Error
            | ExprKind::Event
            | ExprKind::Variable(_)
            | ExprKind::For(_)
            | ExprKind::Elements(_) => Type::Any,
            ExprKind::Metric(of, _) => {
                let message = format!("measurements of `{}` are known only in the monitoring system", of.value);
                let help = "use them in the `when` of an `alert`";
                self.diags.push(Diagnostic::at(&codes::KNOWN_LATER, expr.span, message).help(help));
                Type::Any
            }
            ExprKind::Field(of, name) => self.field(of, name),
            ExprKind::Index(of, index) => self.index(of, index),
            ExprKind::Unary(UnaryOp::Negate, of) => self.operand(of, &Type::Number, "-"),
            ExprKind::Unary(UnaryOp::Not, of) => self.operand(of, &Type::Bool, "!"),
            ExprKind::Binary(op, left, right) => self.binary(*op, left, right),
            ExprKind::Conditional(condition, then, otherwise) => {
                self.operand(condition, &Type::Bool, "?");
                unify(self.of(then), self.of(otherwise))
            }
            ExprKind::Template(parts) => {
                for part in parts {
                    let ty = self.of(part);
                    if !matches!(ty, Type::Any | Type::String | Type::Number | Type::Bool) {
                        self.report(
                            part.span,
                            format!("a template can't hold {}", article(&ty)),
                            conversion(&Type::String, &ty),
                        );
                    }
                }
                Type::String
            }
            ExprKind::List(items) => list_of(items.iter().map(|item| self.of(item)).collect()),
            ExprKind::Object(entries) => {
                Type::Object(entries.iter().map(|(key, value)| (key.value.clone(), self.of(value))).collect())
            }
            ExprKind::Call(name, arguments) => {
                for argument in arguments {
                    self.of(argument);
                }
                result_type(name)
            }
        }
    }

    fn report(&mut self, span: Span, message: String, help: Option<String>) {
        self.diags.push(Diagnostic::at(&codes::INVALID_OPERAND, span, message).maybe_help(help));
    }

    fn literal(&mut self, value: &Value) -> Type {
        match &value.kind {
            ValueKind::Reference(to) => {
                let help = format!("a running workflow knows no {}s; use a property of it, if it has one", to.block);
                self.report(value.span, format!("`{to}` is a block, not a value"), Some(help));
            }
            ValueKind::List(items) => items.iter().for_each(|item| drop(self.literal(item))),
            ValueKind::Object(entries) => entries.iter().for_each(|(_, item)| drop(self.literal(item))),
            _ => {}
        }
        type_of_value(value)
    }

    /// Unknown stages are reported where dependencies are read; here they are just unknown.
    fn stage(&mut self, name: &Spanned<String>) -> Type {
        let Some((_, stage)) = self.scope.stage(name) else { return Type::Any };
        if let Some(when) = stage.when {
            let diagnostic = Diagnostic::at(
                &codes::INVALID_OPERAND,
                name.span,
                format!("the stage `{}` may have been skipped, and then has no outputs", name.value),
            )
            .label(when, "it is skipped unless this is true")
            .help("read only stages without `when`");
            self.diags.push(diagnostic);
            return Type::Any;
        }
        stage.outputs.clone()
    }

    fn field(&mut self, of: &Expr, name: &Spanned<String>) -> Type {
        match self.of(of) {
            Type::Any => Type::Any,
            Type::Map(element) => *element,
            Type::Object(fields) => {
                match fields.into_iter().partition::<Vec<_>, _>(|(field, _)| *field == name.value) {
                    (found, _) if !found.is_empty() => found.into_iter().next().map_or(Type::Any, |(_, ty)| ty),
                    (_, others) => {
                        self.no_field(of, name, &others);
                        Type::Any
                    }
                }
            }
            other => {
                let help = match other {
                    Type::List(..) => Some("take an element of it first, as in `…[0]`".to_owned()),
                    _ => None,
                };
                self.report(name.span, format!("{} has no field `{}`", article(&other), name.value), help);
                Type::Any
            }
        }
    }

    fn no_field(&mut self, of: &Expr, name: &Spanned<String>, fields: &[(String, Type)]) {
        let owner = path(of);
        let help = did_you_mean(name, fields.iter().map(|(field, _)| field.as_str())).unwrap_or_else(|| {
            match (fields, &of.kind) {
                ([], ExprKind::Input) => format!("declare it: `input \"{}\" {{ type = … }}`", name.value),
                ([], _) => "it has no fields".to_owned(),
                _ => {
                    let names: Vec<String> = fields.iter().map(|(field, _)| format!("`{field}`")).collect();
                    format!("it has {}", names.join(", "))
                }
            }
        });
        let mut diagnostic =
            Diagnostic::at(&codes::UNDEFINED_REFERENCE, name.span, format!("{owner} has no field `{}`", name.value))
                .help(help);
        // The outputs of a model are declared in its file.
        if let ExprKind::Field(stage, outputs) = &of.kind
            && let ExprKind::Stage(stage) = &stage.kind
            && outputs.value == "outputs"
            && let Some((_, scope)) = self.scope.stage(stage)
            && let Some(model) = scope.model
            && let Some((first, _)) = fields.first()
        {
            let last = fields.last().map_or(first, |(name, _)| name);
            diagnostic = diagnostic.label(model.place(Some(first)).to(model.place(Some(last))), "the model's outputs");
        }
        self.diags.push(diagnostic);
    }

    fn index(&mut self, of: &Expr, index: &Expr) -> Type {
        let (ty, index_ty) = (self.of(of), self.of(index));
        match ty {
            Type::Any => Type::Any,
            Type::Map(element) => {
                expect(index, &index_ty, &Type::String, "the key", self.diags);
                *element
            }
            Type::Object(_) => Type::Any,
            Type::List(element, length) => {
                expect(index, &index_ty, &Type::Number, "the index", self.diags);
                if let ExprKind::Literal(Value { kind: ValueKind::Number(number), .. }) = &index.kind {
                    self.check_bounds(*number, length, index.span);
                }
                *element
            }
            other => {
                self.report(of.span, format!("{} has no elements", article(&other)), None);
                Type::Any
            }
        }
    }

    fn check_bounds(&mut self, index: Number, length: Option<u64>, span: Span) {
        let whole = match index {
            Number::Int(index) => u64::try_from(index).ok(),
            Number::Float(_) => None,
        };
        match (whole, length) {
            (None, _) => self.report(span, format!("{index} is no index: indexes are whole numbers from 0"), None),
            (Some(index), Some(length)) if index >= length => {
                let help = match length {
                    0 => "the list is empty".to_owned(),
                    _ => format!("the last element has the index {}", length - 1),
                };
                self.report(span, format!("there is no element {index}"), Some(help));
            }
            _ => {}
        }
    }

    fn operand(&mut self, operand: &Expr, wanted: &Type, symbol: &str) -> Type {
        let ty = self.of(operand);
        if !accepts(wanted, &ty) {
            let message = format!("`{symbol}` takes {}, and this is {}", article(wanted), article(&ty));
            self.report(operand.span, message, conversion(wanted, &ty));
        }
        wanted.clone()
    }

    fn binary(&mut self, op: BinaryOp, left: &Expr, right: &Expr) -> Type {
        use BinaryOp::{Add, And, Divide, Equal, Greater, GreaterOrEqual, Less, LessOrEqual, Modulo, Multiply};
        use BinaryOp::{NotEqual, Or, Subtract};
        let (operands, result) = match op {
            Add | Subtract | Multiply | Divide | Modulo => (Type::Number, Type::Number),
            Less | LessOrEqual | Greater | GreaterOrEqual => (Type::Number, Type::Bool),
            And | Or => (Type::Bool, Type::Bool),
            Equal | NotEqual => {
                let (a, b) = (self.of(left), self.of(right));
                let scalar = |ty: &Type| matches!(ty, Type::Bool | Type::Number | Type::String);
                if scalar(&a) && scalar(&b) && a != b {
                    let message = format!("{} never equals {}", article(&a), article(&b));
                    let help = conversion(&a, &b).or_else(|| conversion(&b, &a));
                    self.report(left.span.to(right.span), message, help);
                }
                return Type::Bool;
            }
        };
        for side in [left, right] {
            self.operand(side, &operands, op.symbol());
        }
        result
    }
}

/// The user's words for a path of names; "this" for anything else.
fn path(expr: &Expr) -> String {
    fn words(expr: &Expr) -> Option<String> {
        match &expr.kind {
            ExprKind::Input => Some("input".to_owned()),
            ExprKind::Stage(name) => Some(format!("stage.{}", name.value)),
            ExprKind::Field(of, name) => words(of).map(|of| format!("{of}.{}", name.value)),
            _ => None,
        }
    }
    words(expr).map_or_else(|| "this".to_owned(), |words| format!("`{words}`"))
}

/// What a function returns.
fn result_type(function: &str) -> Type {
    match function {
        "upper" | "lower" | "join" | "replace" | "trimspace" | "format" | "jsonencode" | "tostring" => Type::String,
        "length" | "min" | "max" | "abs" | "ceil" | "floor" | "tonumber" => Type::Number,
        "contains" | "tobool" => Type::Bool,
        "split" | "keys" => Type::List(Box::new(Type::String), None),
        _ => Type::Any,
    }
}
