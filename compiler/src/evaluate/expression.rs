//! Expressions to values, over the syntax tree by reference.
//!
//! A value that is known is borrowed from where it lives (a local, a loop variable) until something must own it. What
//! is known only later comes back as a deferred expression with its known parts folded; what has been reported comes
//! back unknown, and stays silent from there on.

use std::borrow::Cow;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use windlass_schemas::block as evaluated;
use windlass_schemas::codes::{ARITHMETIC, Code, DUPLICATE_NAME, INVALID_OPERAND, LIMIT, UNKNOWN_FUNCTION};
use windlass_schemas::diagnostic::Diagnostic;
use windlass_schemas::expr::{BinaryOp, Expr, ExprKind};
use windlass_schemas::moved::Moved;
use windlass_schemas::source::Sources;
use windlass_schemas::span::{FileId, Span, Spanned};
use windlass_schemas::suggest::nearest;
use windlass_schemas::value::{Number, Object, Reference, Value, ValueKind};

use super::convert::{normalized, to_bool, to_text};
use super::declare::Declared;
use super::folders::Chain;
use super::functions::{self, Special};
use super::instances::{Instances, Known};
use super::limits::{Budget, LOOKS_PER_ELEMENT, MAX_ELEMENTS, MAX_TOTAL, size};
use super::operate::{self, Operand, Outcome};
use super::special::{self, Templates};
use crate::files::Files;
use crate::modules::Folders;
use crate::parse::tree::{Binary, Block, Call, Conditional, Entry, Expression, ExpressionKind, Key};

/// Where an expression stands, which decides what it may refer to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// A variable's default or an environment's value: functions and literals only.
    Constant,
    /// The condition of a variable: variables and the environment.
    Validation,
    /// A `for_each`, which says how many blocks there are.
    Elements,
    /// Anywhere else, except in a workflow.
    Block,
    /// In a workflow: `input` and `stage` exist.
    Workflow,
    /// In a template of its own, which knows what is given to it only.
    Template,
}

impl Place {
    /// The place of what stands in a block at the top.
    pub(super) fn of(block: &Block) -> Self {
        if block.kind.as_str() == "workflow" { Place::Workflow } else { Place::Block }
    }
}

/// The file and the place of an expression, and the loop variables around it.
#[derive(Clone, Copy)]
pub(super) struct Scope<'s> {
    pub(super) file: FileId,
    pub(super) place: Place,
    variable: Option<(&'s str, &'s Value)>,
    outer: Option<&'s Scope<'s>>,
}

impl<'s> Scope<'s> {
    pub(super) fn new(file: FileId, place: Place) -> Self {
        Scope { file, place, variable: None, outer: None }
    }

    pub(super) fn with(&'s self, name: &'s str, value: &'s Value) -> Scope<'s> {
        Scope { file: self.file, place: self.place, variable: Some((name, value)), outer: Some(self) }
    }

    /// The innermost loop variable of this name.
    pub(super) fn variable(&self, name: &str) -> Option<&'s Value> {
        match self.variable {
            Some((known, value)) if known == name => Some(value),
            _ => self.outer.and_then(|outer| outer.variable(name)),
        }
    }

    pub(super) fn loop_variables(&self) -> Vec<&'s str> {
        let mut names = self.outer.map(Scope::loop_variables).unwrap_or_default();
        names.extend(self.variable.map(|(name, _)| name));
        names
    }
}

/// What is settled before the first local: the chosen environment, and every variable's value.
pub(super) struct Settled<'a> {
    pub(super) environment: ValueKind,
    pub(super) variables: BTreeMap<&'a str, Value>,
}

/// What the evaluations of all folders of a project have in common.
pub(super) struct Shared<'a> {
    pub(super) sources: &'a Sources,
    pub(super) files: &'a dyn Files,
    pub(super) folders: &'a Folders,
    /// What each folder declares, by its path.
    pub(super) declared: &'a BTreeMap<&'a str, Declared<'a>>,
    pub(super) budget: Budget,
    /// The properties of blocks that one folder has named to another.
    pub(super) published: RefCell<BTreeMap<Reference, BTreeMap<String, Value>>>,
    /// By which modules each file was first reached.
    pub(super) chains: RefCell<BTreeMap<FileId, Chain>>,
    /// What a user calls blocks that are emitted under another name than their label.
    pub(super) addresses: RefCell<BTreeMap<Reference, String>>,
    /// The same by that name alone, with the label: for what later passes find.
    pub(super) renamed: RefCell<BTreeMap<String, (String, String)>>,
    /// Whether anything is sensitive.
    pub(super) marks: Cell<bool>,
    pub(super) templates: Templates,
}

/// The evaluation of one folder: the project's own, or that of a module with the arguments of one use.
pub(super) struct Evaluator<'a> {
    pub(super) shared: &'a Shared<'a>,
    pub(super) sources: &'a Sources,
    /// What functions such as `file` read from.
    pub(super) files: &'a dyn Files,
    pub(super) declared: &'a Declared<'a>,
    /// Its path.
    pub(super) folder: &'a str,
    /// What the names of its blocks begin with when they are emitted.
    pub(super) prefix: String,
    pub(super) chain: Chain,
    pub(super) settled: OnceCell<Settled<'a>>,
    /// By node of [`Declared`].
    pub(super) values: Vec<OnceCell<Known>>,
    /// By item of [`Declared`]: those with `for_each`.
    pub(super) instances: Vec<OnceCell<Option<Instances>>>,
    /// Instances by the name under which they are emitted.
    pub(super) named: RefCell<BTreeMap<Reference, (usize, usize)>>,
    /// The positions of keys in large objects, by the address of the object.
    pub(super) indexes: RefCell<BTreeMap<usize, BTreeMap<String, usize>>>,
    /// What modules said has moved.
    pub(super) moves: RefCell<Vec<Moved>>,
    /// The blocks that modules gave, by item.
    pub(super) used: RefCell<BTreeMap<usize, Vec<evaluated::Block>>>,
    /// Nodes under evaluation, to catch cycles that no expression shows.
    pub(super) running: RefCell<Vec<usize>>,
    /// Nodes that went over a limit: what refers to one is not looked at, or the limit would be told again and again.
    pub(super) limited: RefCell<BTreeSet<usize>>,
    pub(super) budget: &'a Budget,
    told_of_budget: Cell<bool>,
    /// Variables of the loops around, as expressions that are known only later call them.
    pub(super) bound: RefCell<Vec<String>>,
    pub(super) found: RefCell<Vec<Diagnostic>>,
    /// Findings of expressions that may fail, the innermost last.
    pub(super) attempts: RefCell<Vec<Vec<Diagnostic>>>,
}

impl<'a> Evaluator<'a> {
    pub(super) fn new(shared: &'a Shared<'a>, folder: &'a str, declared: &'a Declared<'a>) -> Self {
        Evaluator {
            shared,
            sources: shared.sources,
            files: shared.files,
            declared,
            folder,
            prefix: String::new(),
            chain: Chain::new(),
            settled: OnceCell::new(),
            values: declared.nodes.iter().map(|_| OnceCell::new()).collect(),
            instances: declared.items.iter().map(|_| OnceCell::new()).collect(),
            named: RefCell::default(),
            indexes: RefCell::default(),
            moves: RefCell::default(),
            used: RefCell::default(),
            running: RefCell::default(),
            limited: RefCell::default(),
            budget: &shared.budget,
            told_of_budget: Cell::new(false),
            bound: RefCell::default(),
            found: RefCell::default(),
            attempts: RefCell::default(),
        }
    }

    // Reporting.

    pub(super) fn report(&self, finding: Diagnostic) {
        match self.attempts.borrow_mut().last_mut() {
            Some(found) if !special::escapes(&finding) => found.push(finding),
            _ => self.found.borrow_mut().push(finding),
        }
    }

    pub(super) fn fail<'s>(&self, finding: Diagnostic, span: Span) -> Cow<'s, Value> {
        self.report(finding);
        self.unknown(span)
    }

    pub(super) fn unknown<'s>(&self, span: Span) -> Cow<'s, Value> {
        Cow::Owned(Value::new(ValueKind::Unknown, span))
    }

    /// What was made of the operands, with their marks.
    fn settle<'s>(&self, outcome: Outcome<ValueKind>, operands: &[&Value], span: Span) -> Cow<'s, Value> {
        match outcome {
            Ok(kind) => {
                let sensitive = self.any_sensitive(operands.iter().copied());
                Cow::Owned(Value::new(kind, span).marked(sensitive))
            }
            Err(finding) => self.fail_with(*finding, operands, span),
        }
    }

    pub(super) fn defer<'s>(&self, kind: ExprKind, span: Span) -> Cow<'s, Value> {
        Cow::Owned(Value::new(ValueKind::Deferred(Box::new(Expr::new(kind, span))), span))
    }

    /// Takes from the budget; the first time that it is exceeded in an attribute, says so.
    pub(super) fn spend(&self, elements: u64, place: Span) -> bool {
        if self.budget.spend(elements) {
            return true;
        }
        if !self.told_of_budget.replace(true) {
            let message = format!("this makes more than {MAX_ELEMENTS} elements, or the spec more than {MAX_TOTAL}");
            self.report(Diagnostic::at(&LIMIT, place, message));
        }
        false
    }

    /// Takes looking at values out of the budget: many looks at a long list take long, too.
    fn work<'v>(&self, values: impl Iterator<Item = &'v Value>, place: Span) -> bool {
        let long = |value: &Value| match value.kind {
            ValueKind::List(_) | ValueKind::Object(_) | ValueKind::String(_) => size(value).elements,
            _ => 0,
        };
        self.spend(values.map(long).sum::<u64>() / LOOKS_PER_ELEMENT, place)
    }

    /// Another attribute begins, with a budget of its own.
    pub(super) fn begin(&self) {
        self.budget.begin();
        self.told_of_budget.set(self.budget.spent() && self.told_of_budget.get());
    }

    // Places.

    pub(super) fn span(&self, expr: &Expression, scope: &Scope) -> Span {
        expr.span.of(scope.file)
    }

    // Values.

    /// The value of an expression, owned, and placed where the expression stands.
    pub(super) fn owned<'s>(&'s self, expr: &'s Expression, scope: &Scope<'s>) -> Value {
        let span = self.span(expr, scope);
        let mut value = match self.eval(expr, scope) {
            Cow::Owned(value) => value,
            Cow::Borrowed(value) => {
                if !self.spend(size(value).elements, span) {
                    return Value::new(ValueKind::Unknown, span);
                }
                value.clone()
            }
        };
        value.span = span;
        value
    }

    pub(super) fn eval<'s>(&'s self, expr: &'s Expression, scope: &Scope<'s>) -> Cow<'s, Value> {
        let span = self.span(expr, scope);
        if self.budget.spent() {
            return self.unknown(span);
        }
        match &expr.kind {
            ExpressionKind::Null => Cow::Owned(Value::new(ValueKind::Null, span)),
            ExpressionKind::Bool(value) => Cow::Owned(Value::new(ValueKind::Bool(*value), span)),
            ExpressionKind::String(text) => {
                Cow::Owned(Value::new(ValueKind::String(normalized(text.to_string())), span))
            }
            ExpressionKind::Number(number) => self.number(*number, span),
            ExpressionKind::List(items) => {
                if !self.spend(items.len() as u64, span) {
                    return self.unknown(span);
                }
                let items = items.iter().map(|item| self.owned(item, scope)).collect();
                Cow::Owned(Value::new(ValueKind::List(items), span))
            }
            ExpressionKind::Object(entries) => self.object(entries, span, scope),
            ExpressionKind::Template(template) => self.template(template, span, scope),
            ExpressionKind::Parentheses(inner) => self.eval(inner, scope),
            ExpressionKind::Variable(name) => self.name(name, span, &[], span, scope),
            ExpressionKind::Traversal(traversal) => self.traversal(traversal, span, scope),
            ExpressionKind::Conditional(conditional) => self.conditional(conditional, span, scope),
            ExpressionKind::Call(call) => self.call(call, span, scope),
            ExpressionKind::Unary(unary) => {
                let operand = self.eval(&unary.operand, scope);
                if operand.is_unknown() {
                    return self.unknown(span);
                }
                if operand.is_deferred() {
                    let sensitive = self.any_sensitive([&*operand]);
                    let operand = self.place(operand, &unary.operand, scope);
                    return self.keep(self.defer(ExprKind::Unary(unary.op, Box::new(operand.into())), span), sensitive);
                }
                let place = self.span(&unary.operand, scope);
                self.settle(operate::unary(unary.op, Operand::new(&operand, place)), &[&*operand], span)
            }
            ExpressionKind::Binary(binary) => self.binary(binary, span, scope),
            ExpressionKind::For(expr) => self.for_expr(expr, span, scope),
        }
    }

    /// The value, owned, at the place of the expression that gave it.
    pub(super) fn place(&self, value: Cow<Value>, expr: &Expression, scope: &Scope) -> Value {
        let span = self.span(expr, scope);
        if !self.spend(if matches!(value, Cow::Borrowed(_)) { size(&value).elements } else { 0 }, span) {
            return Value::new(ValueKind::Unknown, span);
        }
        let mut value = value.into_owned();
        value.span = span;
        value
    }

    fn number<'s>(&self, number: Option<Number>, span: Span) -> Cow<'s, Value> {
        match number {
            Some(number) => Cow::Owned(Value::new(ValueKind::Number(number), span)),
            None => {
                let message = format!("the number `{}` cannot be held exactly", self.sources.slice(span));
                let help = "whole numbers are exact between -9223372036854775808 and 9223372036854775807";
                self.fail(Diagnostic::at(&ARITHMETIC, span, message).help(help), span)
            }
        }
    }

    fn object<'s>(&'s self, written: &'s [Entry], span: Span, scope: &Scope<'s>) -> Cow<'s, Value> {
        if !self.spend(written.len() as u64, span) {
            return self.unknown(span);
        }
        let mut entries: Object = Vec::with_capacity(written.len());
        let (mut computed, mut sensitive) = (false, false);
        for Entry { key, value } in written {
            let value = self.owned(value, scope);
            let key = match key {
                Key::Plain(name) => Spanned::new(normalized(name.as_str().to_owned()), name.span.of(scope.file)),
                Key::Computed(expr) => {
                    computed = true;
                    match self.key(expr, scope) {
                        Some((key, mark)) => {
                            sensitive |= mark;
                            Spanned::new(key, self.span(expr, scope))
                        }
                        None => return self.unknown(span),
                    }
                }
            };
            entries.push((key, value));
        }
        if computed && let Some(finding) = duplicate_key(&entries) {
            return self.fail(finding, span);
        }
        Cow::Owned(Value::new(ValueKind::Object(entries), span).marked(sensitive))
    }

    /// The text of a computed key, and whether it is sensitive; `None` when that is not possible, which has been
    /// reported.
    pub(super) fn key<'s>(&'s self, expr: &'s Expression, scope: &Scope<'s>) -> Option<(String, bool)> {
        let value = self.eval(expr, scope);
        let place = self.span(expr, scope);
        if value.is_deferred() {
            self.report(self.known_later(place, "the key of an object"));
            return None;
        }
        Some((self.text_of(&value, place, "the key of an object")?, self.any_sensitive([&*value])))
    }

    /// A value that is known as text; `None` when it is none, which has been reported.
    pub(super) fn text_of(&self, value: &Value, place: Span, what: &str) -> Option<String> {
        if value.is_unknown() {
            return None;
        }
        let text = to_text(Operand::new(value, place), what);
        text.map_err(|finding| drop(self.fail_with(*finding, &[value], place))).ok()
    }

    // Functions.

    fn call<'s>(&'s self, node: &'s Call, span: Span, scope: &Scope<'s>) -> Cow<'s, Value> {
        let name = node.name.as_str();
        let place = node.name.span.of(scope.file);
        let function = match node.namespaced {
            false => functions::find(name, place),
            true => Err(Box::new(Diagnostic::at(&UNKNOWN_FUNCTION, place, "functions have no namespaces here"))),
        };
        if let Ok(function) = &function
            && let Some(special @ (Special::Try | Special::Can)) = function.special()
        {
            return self.attempted(special, function, node, span, scope);
        }
        let function = match function {
            // What `try` and `can` are told may fail.
            Err(finding) if matches!(nearest(name, functions::all().map(|f| f.name)), Some("try" | "can")) => {
                return self.fail(*finding, span);
            }
            function => function,
        };
        let mut values: Vec<(Cow<Value>, Span)> =
            node.arguments.iter().map(|arg| (self.eval(arg, scope), self.span(arg, scope))).collect();
        let function = match function {
            Ok(function) => function,
            Err(finding) => return self.fail(*finding, span),
        };
        if node.expands
            && let Some((last, place)) = values.pop()
        {
            match &last.kind {
                ValueKind::Unknown => return self.unknown(span),
                ValueKind::List(items) => values.extend(items.iter().map(|item| (Cow::Owned(item.clone()), place))),
                ValueKind::Deferred(_) => {
                    return self.fail(self.known_later(place, "how many arguments `...` gives"), span);
                }
                _ => {
                    let message = format!("`...` needs a list, found {}", last.describe());
                    return self.fail(Diagnostic::at(&INVALID_OPERAND, place, message), span);
                }
            }
        }
        if let Err(finding) = function.takes(values.len(), span) {
            return self.fail(*finding, span);
        }
        if values.iter().any(|(value, _)| value.is_unknown()) {
            return self.unknown(span);
        }
        if values.iter().any(|(value, _)| value.is_deferred()) {
            let sensitive = self.any_sensitive(values.iter().map(|(value, _)| &**value));
            let name = Spanned::new(name.to_owned(), place);
            let mut args = Vec::with_capacity(values.len());
            for (value, place) in values {
                if !self.spend(size(&value).elements, place) {
                    return self.unknown(span);
                }
                let mut value = value.into_owned();
                value.span = place;
                args.push(value.into());
            }
            return self.keep(self.defer(ExprKind::Call(name, args), span), sensitive);
        }
        if !self.work(values.iter().map(|(value, _)| &**value), span) || !self.spend(function.price(), span) {
            return self.unknown(span);
        }
        let operands: Vec<Operand> = values.iter().map(|(value, place)| Operand::new(value, *place)).collect();
        let args: Vec<&Value> = values.iter().map(|(value, _)| &**value).collect();
        if let Some(special) = function.special() {
            return match self.special(special, &operands, span, scope) {
                Ok(value) => self.marked_call(name, &args, value),
                Err(finding) => self.fail_with(*finding, &args, span),
            };
        }
        match function.call(&operands, span, Some(self.files)) {
            Ok(value) => {
                if !self.spend(size(&value).elements, span) {
                    return self.unknown(span);
                }
                self.marked_call(name, &args, Cow::Owned(value))
            }
            Err(finding) => self.fail_with(*finding, &args, span),
        }
    }

    // Choices.

    /// Whether a condition holds; `None` when that is unknown, and the expression when it is known only later.
    pub(super) fn condition<'s>(&'s self, expr: &'s Expression, scope: &Scope<'s>) -> Result<Option<bool>, Box<Expr>> {
        self.marked_condition(expr, scope).0
    }

    /// The same, and whether it is sensitive.
    pub(super) fn marked_condition<'s>(
        &'s self,
        expr: &'s Expression,
        scope: &Scope<'s>,
    ) -> (Result<Option<bool>, Box<Expr>>, bool) {
        let value = self.eval(expr, scope);
        let sensitive = self.any_sensitive([&*value]);
        if value.is_unknown() {
            return (Ok(None), sensitive);
        }
        if value.is_deferred() {
            return (Err(Box::new(self.place(value, expr, scope).into())), sensitive);
        }
        let place = self.span(expr, scope);
        let holds = to_bool(Operand::new(&value, place), "a condition");
        let holds = holds.map_err(|finding| drop(self.fail_with(*finding, &[&*value], place))).ok();
        (Ok(holds), sensitive)
    }

    fn conditional<'s>(&'s self, node: &'s Conditional, span: Span, scope: &Scope<'s>) -> Cow<'s, Value> {
        let (condition, sensitive) = self.marked_condition(&node.condition, scope);
        let value = match condition {
            Ok(Some(true)) => self.chosen(&node.then, &node.other, span, scope),
            Ok(Some(false)) => self.chosen(&node.other, &node.then, span, scope),
            Ok(None) => self.unknown(span),
            Err(condition) => {
                let then = self.owned(&node.then, scope);
                let other = self.owned(&node.other, scope);
                if then.is_unknown() || other.is_unknown() {
                    return self.unknown(span);
                }
                let sensitive = self.any_sensitive([&then, &other]);
                let kind = ExprKind::Conditional(condition, Box::new(then.into()), Box::new(other.into()));
                self.keep(self.defer(kind, span), sensitive)
            }
        };
        self.keep(value, sensitive)
    }

    fn binary<'s>(&'s self, node: &'s Binary, span: Span, scope: &Scope<'s>) -> Cow<'s, Value> {
        let op = node.op;
        let left = self.eval(&node.left, scope);
        let left_place = self.span(&node.left, scope);
        let logical = matches!(op, BinaryOp::And | BinaryOp::Or);
        if logical && !left.is_unknown() && !left.is_deferred() {
            match to_bool(Operand::new(&left, left_place), &format!("`{}`", op.symbol())) {
                // The rest does not matter, so it is not looked at.
                Ok(value) if value == (op == BinaryOp::Or) => {
                    let sensitive = self.any_sensitive([&*left]);
                    return Cow::Owned(Value::new(ValueKind::Bool(value), span).marked(sensitive));
                }
                Ok(_) => {}
                Err(finding) => {
                    self.fail_with(*finding, &[&*left], span);
                    // The other side may hold another mistake.
                    self.eval(&node.right, scope);
                    return self.unknown(span);
                }
            }
        }
        let right = self.eval(&node.right, scope);
        if left.is_unknown() || right.is_unknown() {
            return self.unknown(span);
        }
        if left.is_deferred() || right.is_deferred() {
            let sensitive = self.any_sensitive([&*left, &*right]);
            let left = self.place(left, &node.left, scope);
            let right = self.place(right, &node.right, scope);
            let kind = ExprKind::Binary(op, Box::new(left.into()), Box::new(right.into()));
            return self.keep(self.defer(kind, span), sensitive);
        }
        if !self.work([&*left, &*right].into_iter(), span) {
            return self.unknown(span);
        }
        let right_place = self.span(&node.right, scope);
        let outcome = operate::binary(op, Operand::new(&left, left_place), Operand::new(&right, right_place), span);
        self.settle(outcome, &[&*left, &*right], span)
    }

    /// Reports with the code and a message, at a place.
    pub(super) fn tell(&self, code: &'static Code, span: Span, message: impl Into<String>) {
        self.report(Diagnostic::at(code, span, message));
    }
}

/// The first key that an object has twice.
pub(super) fn duplicate_key(entries: &Object) -> Option<Diagnostic> {
    let mut first: BTreeMap<&str, Span> = BTreeMap::new();
    entries.iter().find_map(|(key, _)| {
        let before = first.insert(&key.value, key.span)?;
        let message = format!("the key `{}` is given twice", key.value);
        Some(Diagnostic::at(&DUPLICATE_NAME, key.span, message).label(before, "given here first"))
    })
}
