//! The type of an expression that is known only when the workflow runs.

mod functions;
mod messages;
mod narrow;
mod relations;

pub use messages::article;
pub use narrow::{known_if, path};
pub use relations::{accepts, type_of_value};

use windlass_schemas::codes;
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::expr::{BinaryOp, Expr, ExprKind, For, UnaryOp};
use windlass_schemas::span::{Span, Spanned};
use windlass_schemas::types::Type;
use windlass_schemas::value::{Number, Value, ValueKind};

use super::scope::{Place, Site, object};
use messages::conversion;
use relations::{list_of, may_equal, unify};

/// The type of `expr`, where everything wrong in it is reported. [`Type::Any`] stands for what is wrong, too.
pub fn type_of(expr: &Expr, site: &Site, diags: &mut Diagnostics) -> Type {
    let blind = site.blind || site.mentions_unknown(expr);
    Typing { site, known: site.known.clone(), blind, variables: Vec::new(), diags }.of(expr)
}

/// Reports unless `expr`, of type `ty`, can be a `wanted`.
pub fn expect(expr: &Expr, ty: &Type, wanted: &Type, what: &str, diags: &mut Diagnostics) {
    if accepts(wanted, ty) {
        return;
    }
    let diagnostic = match ty {
        Type::Optional(inner) if accepts(wanted, inner) => {
            let message = format!("`{what}` must be {}, and this may be null", article(wanted));
            Diagnostic::at(&codes::WRONG_TYPE, expr.span, message).help(messages::guard(expr))
        }
        _ => {
            let message = format!("`{what}` must be {}, and this is {}", article(wanted), article(ty));
            Diagnostic::at(&codes::WRONG_TYPE, expr.span, message).maybe_help(conversion(wanted, ty))
        }
    };
    diags.push(diagnostic);
}

/// The type of `expr`, which is reported unless it can be a `wanted`.
pub fn check(expr: &Expr, wanted: &Type, what: &str, site: &Site, diags: &mut Diagnostics) -> Type {
    let ty = type_of(expr, site, diags);
    expect(expr, &ty, wanted, what, diags);
    ty
}

struct Typing<'a> {
    site: &'a Site<'a>,
    /// What is known not to be null here.
    known: Vec<String>,
    /// Whether a name in a question for null may be misspelt: what may be null is not reported then.
    blind: bool,
    /// Loop variables around, the innermost last.
    variables: Vec<(String, Type)>,
    diags: &'a mut Diagnostics,
}

impl Typing<'_> {
    fn of(&mut self, expr: &Expr) -> Type {
        match self.plain(expr) {
            Type::Optional(inner) if path(expr).is_some_and(|path| self.known.contains(&path)) => *inner,
            ty => ty,
        }
    }

    /// The type of an expression that is looked at only where this is known not to be null.
    fn of_where(&mut self, known: Vec<String>, expr: &Expr) -> Type {
        let before = self.known.len();
        self.known.extend(known);
        let ty = self.of(expr);
        self.known.truncate(before);
        ty
    }

    fn plain(&mut self, expr: &Expr) -> Type {
        match &expr.kind {
            ExprKind::Literal(value) => self.literal(value),
            ExprKind::Input | ExprKind::Stage(_) | ExprKind::Item | ExprKind::Error | ExprKind::Event => {
                self.root(expr)
            }
            ExprKind::Variable(name) => {
                let found = self.variables.iter().rev().find(|(known, _)| *known == name.value);
                found.map_or(Type::Any, |(_, ty)| ty.clone())
            }
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
                let then = self.of_where(known_if(condition, true), then);
                let otherwise = self.of_where(known_if(condition, false), otherwise);
                unify(then, otherwise)
            }
            ExprKind::Template(parts) => {
                for part in parts {
                    let ty = self.of(part);
                    self.text_part(part, &ty);
                }
                Type::String
            }
            ExprKind::List(items) => list_of(items.iter().map(|item| self.of(item)).collect()),
            ExprKind::Object(entries) => {
                Type::Object(entries.iter().map(|(key, value)| (key.value.clone(), self.of(value))).collect())
            }
            ExprKind::Call(name, arguments) => {
                let types: Vec<Type> = arguments.iter().map(|argument| self.of(argument)).collect();
                functions::call(name, arguments, types, self.diags)
            }
            ExprKind::For(of) => self.for_each(of),
            ExprKind::Elements(of) => match self.of(of) {
                Type::Null => Type::List(Box::new(Type::Any), Some(0)),
                Type::Any => Type::List(Box::new(Type::Any), None),
                list @ Type::List(..) => list,
                Type::Optional(inner) => match *inner {
                    Type::List(element, _) => Type::List(element, None),
                    other => Type::List(Box::new(other), None),
                },
                other => Type::List(Box::new(other), Some(1)),
            },
        }
    }

    fn report(&mut self, span: Span, message: String, help: Option<String>) {
        self.diags.push(Diagnostic::at(&codes::INVALID_OPERAND, span, message).maybe_help(help));
    }

    /// Reports that `expr`, of this type, may be null where that will not do. True when it may.
    fn null(&mut self, expr: &Expr, ty: &Type) -> bool {
        let null = matches!(ty, Type::Optional(_));
        if null && !self.blind {
            self.diags.push(messages::may_be_null(expr, self.site.scope));
        }
        null
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

    /// `input`, `stage.NAME`, `item`, `error` and `event`, where they exist.
    fn root(&mut self, expr: &Expr) -> Type {
        let site = self.site;
        match (&expr.kind, &site.place) {
            (ExprKind::Event, Place::Trigger(Some(event))) => event.clone(),
            (ExprKind::Input, Place::Stage(_) | Place::Output | Place::Validation) => site.scope.input.clone(),
            (ExprKind::Item, Place::Stage(_)) if site.item.is_some() => site.item.clone().unwrap_or(Type::Any),
            (ExprKind::Error, Place::Stage(_)) if !site.failed.is_empty() => {
                object(&[("name", Type::String), ("cause", Type::String)])
            }
            (ExprKind::Stage(name), Place::Stage(_) | Place::Output) => match site.scope.stage(name) {
                Some(_) if site.failed.contains(&name.value.as_str()) => {
                    let help = "`error.name` and `error.cause` say what it failed with";
                    let message = format!("the stage `{}` has failed when this runs, and has no outputs", name.value);
                    self.report(expr.span, message, Some(help.to_owned()));
                    Type::Any
                }
                Some(stage) => stage.ty(),
                // Unknown stages are reported where dependencies are read; here they are just unknown.
                None => Type::Any,
            },
            (ExprKind::Error, Place::Stage(_)) if site.scope.lost => Type::Any,
            _ => {
                self.diags.push(messages::not_here(expr, site));
                Type::Any
            }
        }
    }

    fn field(&mut self, of: &Expr, name: &Spanned<String>) -> Type {
        let ty = self.of(of);
        if self.null(of, &ty) {
            return Type::Any;
        }
        match ty {
            Type::Any => Type::Any,
            Type::Map(element) => *element,
            Type::Object(fields) => match fields.iter().find(|(field, _)| *field == name.value) {
                Some((_, ty)) => ty.clone(),
                None => {
                    self.diags.push(messages::no_field(of, name, &fields, self.site.scope));
                    Type::Any
                }
            },
            other => {
                let diagnostic = messages::no_fields(of, name, &other, self.site.scope);
                self.diags.push(diagnostic);
                Type::Any
            }
        }
    }

    fn index(&mut self, of: &Expr, index: &Expr) -> Type {
        let (ty, index_ty) = (self.of(of), self.of(index));
        if self.null(of, &ty) {
            return Type::Any;
        }
        match ty {
            Type::Any => Type::Any,
            Type::Map(element) => {
                expect(index, &index_ty, &Type::String, "the key", self.diags);
                *element
            }
            Type::Object(_) => {
                expect(index, &index_ty, &Type::String, "the key", self.diags);
                Type::Any
            }
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

    fn text_part(&mut self, part: &Expr, ty: &Type) {
        match ty {
            Type::Any | Type::String | Type::Number | Type::Bool => {}
            Type::Optional(_) => drop(self.null(part, ty)),
            ty => {
                let message = format!("a template can't hold {}", article(ty));
                self.report(part.span, message, conversion(&Type::String, ty));
            }
        }
    }

    fn operand(&mut self, operand: &Expr, wanted: &Type, symbol: &str) -> Type {
        let ty = self.of(operand);
        self.operand_of(operand, &ty, wanted, symbol)
    }

    fn operand_of(&mut self, operand: &Expr, ty: &Type, wanted: &Type, symbol: &str) -> Type {
        if !accepts(wanted, ty) && !self.null(operand, ty) {
            let message = format!("`{symbol}` takes {}, and this is {}", article(wanted), article(ty));
            self.report(operand.span, message, conversion(wanted, ty));
        }
        wanted.clone()
    }

    fn binary(&mut self, op: BinaryOp, left: &Expr, right: &Expr) -> Type {
        use BinaryOp::{Add, And, Divide, Equal, Greater, GreaterOrEqual, Less, LessOrEqual, Modulo, Multiply};
        use BinaryOp::{NotEqual, Or, Subtract};
        let (operands, result) = match op {
            Add | Subtract | Multiply | Divide | Modulo => (Type::Number, Type::Number),
            Less | LessOrEqual | Greater | GreaterOrEqual => (Type::Number, Type::Bool),
            And | Or => {
                self.operand(left, &Type::Bool, op.symbol());
                // The right side is looked at only where the left one does not decide.
                let right_ty = self.of_where(known_if(left, op == And), right);
                return self.operand_of(right, &right_ty, &Type::Bool, op.symbol());
            }
            Equal | NotEqual => {
                let (a, b) = (self.of(left), self.of(right));
                if !may_equal(&a, &b) {
                    self.never_equal(op, (left, &a), (right, &b));
                }
                return Type::Bool;
            }
        };
        for side in [left, right] {
            self.operand(side, &operands, op.symbol());
        }
        if let (Divide | Modulo, ExprKind::Literal(value)) = (op, &right.kind)
            && let ValueKind::Number(number) = value.kind
            && number.as_f64() == 0.0
        {
            self.diags.push(Diagnostic::at(&codes::ARITHMETIC, right.span, "division by zero").saying("this is zero"));
        }
        result
    }

    fn never_equal(&mut self, op: BinaryOp, (left, a): (&Expr, &Type), (right, b): (&Expr, &Type)) {
        let span = left.span.to(right.span);
        let other = match (a, b) {
            (Type::Null, _) => Some(right),
            (_, Type::Null) => Some(left),
            _ => None,
        };
        let (message, help) = match other {
            Some(_) if self.site.scope.lost => return,
            Some(other) => {
                let shown = path(other).map_or_else(|| "this".to_owned(), |path| format!("`{path}`"));
                let outcome = if op == BinaryOp::Equal { "false" } else { "true" };
                (
                    format!("{shown} is never null, so this is always {outcome}"),
                    Some("leave the comparison out".to_owned()),
                )
            }
            None => {
                let help = conversion(a, b).or_else(|| conversion(b, a));
                (format!("{} never equals {}", article(a), article(b)), help)
            }
        };
        self.report(span, message, help);
    }

    /// `[for …]` and `{for …}`
    fn for_each(&mut self, of: &For) -> Type {
        let over = self.of(&of.over);
        let (key, element, length) = if self.null(&of.over, &over) {
            (Type::Any, Type::Any, None)
        } else {
            match over {
                Type::List(element, length) => (Type::Number, *element, length),
                Type::Map(element) => (Type::String, *element, None),
                Type::Object(fields) => {
                    let length = fields.len() as u64;
                    let element = fields.into_iter().map(|(_, ty)| ty).reduce(unify).unwrap_or(Type::Any);
                    (Type::String, element, Some(length))
                }
                Type::Any => (Type::Any, Type::Any, None),
                other => {
                    let message = format!("a `for` goes over a list or an object, and this is {}", article(&other));
                    self.report(of.over.span, message, None);
                    (Type::Any, Type::Any, None)
                }
            }
        };
        let (variables, known) = (self.variables.len(), self.known.len());
        self.variables.extend(of.key_variable.iter().map(|name| (name.clone(), key.clone())));
        self.variables.push((of.variable.clone(), element));
        if let Some(condition) = &of.condition {
            let ty = self.of(condition);
            expect(condition, &ty, &Type::Bool, "if", self.diags);
            self.known.extend(known_if(condition, true));
        }
        if let Some(key) = &of.key {
            let ty = self.of(key);
            if !self.null(key, &ty) && !matches!(ty, Type::Any | Type::String | Type::Number | Type::Bool) {
                self.report(key.span, format!("a key can't be {}", article(&ty)), conversion(&Type::String, &ty));
            }
        }
        let value = self.of(&of.value);
        self.variables.truncate(variables);
        self.known.truncate(known);
        match (&of.key, of.groups) {
            (None, _) => Type::List(Box::new(value), length.filter(|_| of.condition.is_none())),
            (Some(_), false) => Type::Map(Box::new(value)),
            (Some(_), true) => Type::Map(Box::new(Type::List(Box::new(value), None))),
        }
    }
}
