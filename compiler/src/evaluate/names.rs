//! Names to what they stand for: `var.x`, `local.x`, `env.name`, `input.x`, `stage.x`, `model.risk`, loop variables.

use std::borrow::Cow;

use hcl::edit::expr::{Expression, Traversal, TraversalOperator};
use hcl::edit::{Decorated, Ident, Span as _};
use windlass_schemas::codes::{CYCLE, LIMIT, UNDEFINED_REFERENCE, UNKNOWN_ATTRIBUTE};
use windlass_schemas::diagnostic::Diagnostic;
use windlass_schemas::expr::ExprKind;
use windlass_schemas::span::{Span, Spanned};
use windlass_schemas::suggest::did_you_mean;
use windlass_schemas::value::{Number, Reference, Value, ValueKind};

use super::expression::{Evaluator, Place, Scope};
use super::limits::{LOOKS_PER_ELEMENT, MAX_DEPTH, size};
use super::operate::{self, Operand, listed};
use super::special::GIVEN;

/// The kinds of block that an expression can name, as `KIND.NAME`. To add one: a line here.
pub(super) const KINDS: &[&str] = &["alert", "bucket", "channel", "model", "service", "workflow"];

/// Kinds whose properties are measurements: `service.risk.latency.p99`. A later pass knows which ones exist.
pub(super) const MEASURED: &[&str] = &["service", "workflow"];

/// Properties that follow from an attribute: kind, property, the attribute, and what stands before it.
pub(super) const COMPUTED: &[(&str, &str, &str, &str)] = &[("bucket", "uri", "name", "s3://")];

/// Names that begin a reference and are no kinds of block.
const ROOTS: &[&str] = &["var", "local", "env", "input", "stage"];

/// Evaluations inside each other that no expression shows. Each may take as much stack as the deepest expression.
const MAX_DETOURS: usize = 2;

/// Findings after which names are no longer suggested.
const MANY: usize = 200;

/// The name that an operator takes: `.name` or `["name"]`.
pub(super) fn taken(op: &TraversalOperator) -> Option<&str> {
    match op {
        TraversalOperator::GetAttr(name) => Some(name.as_str()),
        TraversalOperator::Index(Expression::String(name)) => Some(name.as_str()),
        _ => None,
    }
}

impl<'a> Evaluator<'a> {
    fn operator_span(&self, op: &Decorated<TraversalOperator>, scope: &Scope) -> Span {
        let range = match op.value() {
            TraversalOperator::GetAttr(name) => name.span(),
            TraversalOperator::Index(expr) => expr.span(),
            TraversalOperator::LegacyIndex(index) => index.span(),
            TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => op.span(),
        };
        Span::new(scope.file, range.or_else(|| op.span()).unwrap_or(0..0))
    }

    pub(super) fn traversal<'s>(&'s self, node: &'s Traversal, span: Span, scope: &Scope<'s>) -> Cow<'s, Value> {
        match &node.expr {
            Expression::Variable(name) => self.name(name, &node.operators, span, scope),
            base => {
                let value = self.eval(base, scope);
                self.walk(value, self.span(base, scope), &node.operators, scope)
            }
        }
    }

    /// A name and what is taken from it.
    pub(super) fn name<'s>(
        &'s self,
        name: &'s Decorated<Ident>,
        operators: &'s [Decorated<TraversalOperator>],
        span: Span,
        scope: &Scope<'s>,
    ) -> Cow<'s, Value> {
        let place = Span::new(scope.file, name.span().unwrap_or(0..0));
        let root = name.as_str();
        if let Some(value) = scope.variable(root) {
            return self.walk(Cow::Borrowed(value), place, operators, scope);
        }
        if scope.place == Place::Template {
            return match scope.variable(GIVEN).and_then(|given| given.get(root)) {
                Some(value) => self.walk(Cow::Borrowed(value), place, operators, scope),
                None => self.not_given(root, place, span, scope),
            };
        }
        let kind = KINDS.iter().copied().find(|kind| *kind == root);
        if kind.is_none() && !ROOTS.contains(&root) {
            return self.undefined(root, place, span, scope);
        }
        if scope.place == Place::Constant {
            let message = format!("`{root}` cannot be used here");
            let help = "the default of a variable and the values of an environment are plain values; use `locals` to combine them";
            return self.fail(Diagnostic::at(&UNDEFINED_REFERENCE, place, message).help(help), span);
        }
        if matches!(root, "input" | "stage") && scope.place != Place::Workflow {
            let message = format!("`{root}` exists only inside a workflow");
            let help = "its value is known when the workflow runs; move the expression into a `workflow` block";
            return self.fail(Diagnostic::at(&UNDEFINED_REFERENCE, place, message).help(help), span);
        }
        if root == "input" {
            let value = self.defer(ExprKind::Input, place);
            return self.walk(value, place, operators, scope);
        }
        let Some((first, rest)) = operators.split_first() else {
            let message = format!("`{root}` alone is not a value");
            return self.fail(
                Diagnostic::at(&UNDEFINED_REFERENCE, place, message)
                    .help(format!("name one, as in `{root}.{}`", self.example(root))),
                span,
            );
        };
        let first_place = self.operator_span(first, scope);
        let Some(wanted) = taken(first.value()) else {
            let message = format!("`{root}` takes a name, as in `{root}.{}`", self.example(root));
            return self.fail(Diagnostic::at(&UNDEFINED_REFERENCE, first_place, message), span);
        };
        let whole = place.to(first_place);
        let value = match (root, kind) {
            ("var", _) => match self.settled.get().and_then(|settled| settled.variables.get(wanted)) {
                Some(value) => Cow::Borrowed(value),
                None => return self.missing("variable", wanted, first_place, span),
            },
            ("local", _) => match self.declared.locals.get(wanted) {
                Some(local) => self.node(local.node, whole),
                None => return self.missing("local value", wanted, first_place, span),
            },
            ("env", _) => match (wanted, self.settled.get()) {
                ("name", Some(settled)) => Cow::Owned(Value::new(settled.environment.clone(), whole)),
                _ => {
                    let message = format!("`env` has no attribute `{wanted}`");
                    return self.fail(
                        Diagnostic::at(&UNKNOWN_ATTRIBUTE, first_place, message)
                            .help("`env.name` is the name of the chosen environment"),
                        span,
                    );
                }
            },
            ("stage", _) => self.defer(ExprKind::Stage(Spanned::new(wanted.to_owned(), first_place)), whole),
            (_, Some(kind)) => {
                if self.declared.find(kind, wanted).is_none() {
                    return self.missing(kind, wanted, first_place, span);
                }
                let reference = Reference { block: kind, name: wanted.to_owned() };
                Cow::Owned(Value::new(ValueKind::Reference(reference), whole))
            }
            _ => return self.unknown(span),
        };
        self.walk(value, whole, rest, scope)
    }

    fn example(&self, root: &str) -> String {
        let first = match root {
            "var" => self.settled.get().and_then(|settled| settled.variables.keys().next().copied()),
            "local" => self.declared.locals.keys().next().copied(),
            "env" => Some("name"),
            kind => self.declared.names(kind).next(),
        };
        first.unwrap_or("name").to_owned()
    }

    /// Nothing of that name has been declared.
    fn missing<'s>(&self, what: &str, name: &str, place: Span, span: Span) -> Cow<'s, Value> {
        if self.declared.excused(name) {
            // It may stand in a part of the spec that could not be read; that has been reported.
            return self.unknown(span);
        }
        let (names, declare): (Vec<&str>, _) = match what {
            "variable" => (
                self.settled.get().map(|s| s.variables.keys().copied().collect()).unwrap_or_default(),
                format!("declare it: `variable \"{name}\" {{ … }}`"),
            ),
            "local value" => {
                (self.declared.locals.keys().copied().collect(), format!("declare it: `locals {{ {name} = … }}`"))
            }
            kind => (self.declared.names(kind).collect(), format!("declare it: `{kind} \"{name}\" {{ … }}`")),
        };
        let message = format!("there is no {what} `{name}`");
        if self.found.borrow().len() > MANY {
            // Looking for near names takes the time of all names together.
            return self.fail(Diagnostic::at(&UNDEFINED_REFERENCE, place, message), span);
        }
        let help = did_you_mean(name, names.iter().copied()).unwrap_or_else(|| match names.is_empty() {
            true => declare,
            false => format!("declared: {}", listed(names.into_iter())),
        });
        self.fail(Diagnostic::at(&UNDEFINED_REFERENCE, place, message).help(help), span)
    }

    /// A name that begins no reference.
    fn undefined<'s>(&self, name: &str, place: Span, span: Span, scope: &Scope) -> Cow<'s, Value> {
        let loops = scope.loop_variables();
        let help = if self.declared.locals.contains_key(name) {
            format!("did you mean `local.{name}`?")
        } else if self.settled.get().is_some_and(|settled| settled.variables.contains_key(name)) {
            format!("did you mean `var.{name}`?")
        } else {
            let known = loops.iter().copied().chain(ROOTS.iter().copied()).chain(KINDS.iter().copied());
            did_you_mean(name, known).unwrap_or_else(|| {
                format!(
                    "a string is written in quotes: `\"{name}\"`; a reference begins with {}, or a kind of block",
                    listed(ROOTS.iter().copied())
                )
            })
        };
        let message = format!("there is nothing named `{name}`");
        self.fail(Diagnostic::at(&UNDEFINED_REFERENCE, place, message).help(help), span)
    }

    /// A name in a template that is no variable of it.
    fn not_given<'s>(&self, name: &str, place: Span, span: Span, scope: &Scope) -> Cow<'s, Value> {
        let mut known = scope.loop_variables();
        known.retain(|name| *name != GIVEN);
        if let Some(Value { kind: ValueKind::Object(entries), .. }) = scope.variable(GIVEN) {
            known.extend(entries.iter().map(|(name, _)| name.value.as_str()));
        }
        let help = did_you_mean(name, known.iter().copied()).unwrap_or_else(|| match known.as_slice() {
            [] => "give it in the object of variables".to_owned(),
            known => format!("its variables are {}", listed(known.iter().copied())),
        });
        let message = format!("the template has no variable `{name}`");
        self.fail(Diagnostic::at(&UNDEFINED_REFERENCE, place, message).help(help), span)
    }

    // Walking.

    /// Takes one attribute, index or splat after the other.
    fn walk<'s>(
        &'s self,
        mut value: Cow<'s, Value>,
        mut place: Span,
        operators: &'s [Decorated<TraversalOperator>],
        scope: &Scope<'s>,
    ) -> Cow<'s, Value> {
        for (at, op) in operators.iter().enumerate() {
            let rest = operators.get(at + 1..).unwrap_or_default();
            let op_place = self.operator_span(op, scope);
            // With the brackets, where there are some.
            let whole = place.to(op.span().map_or(op_place, |range| Span::new(scope.file, range)));
            value = match op.value() {
                TraversalOperator::FullSplat(_) => return self.splat(value, place, rest, scope),
                TraversalOperator::AttrSplat(_) => {
                    let attributes =
                        rest.iter().take_while(|op| matches!(op.value(), TraversalOperator::GetAttr(_))).count();
                    let (each, after) = rest.split_at(attributes);
                    let list = self.splat(value, place, each, scope);
                    return self.walk(list, whole, after, scope);
                }
                TraversalOperator::GetAttr(name) => self.attribute(value, place, name.as_str(), op_place, whole),
                TraversalOperator::LegacyIndex(index) => {
                    let kind = ValueKind::Number(Number::Int(i64::try_from(*index.value()).unwrap_or(i64::MAX)));
                    let key = Cow::Owned(Value::new(kind, op_place));
                    self.index(value, place, key, op_place, whole)
                }
                TraversalOperator::Index(expr) => {
                    let key = self.eval(expr, scope);
                    self.index(value, place, key, op_place, whole)
                }
            };
            place = whole;
        }
        value
    }

    /// `OF.NAME`
    fn attribute<'s>(
        &'s self,
        of: Cow<'s, Value>,
        place: Span,
        name: &str,
        name_place: Span,
        whole: Span,
    ) -> Cow<'s, Value> {
        match &of.kind {
            ValueKind::Unknown => self.unknown(whole),
            ValueKind::Reference(reference) => self.property(reference.clone(), place, name, name_place),
            ValueKind::Deferred(expr) => {
                let name = Spanned::new(name.to_owned(), name_place);
                if let ExprKind::Metric(reference, path) = &expr.kind {
                    let path = path.iter().cloned().chain([name]).collect();
                    return self.defer(ExprKind::Metric(reference.clone(), path), whole);
                }
                let mut of = of.into_owned();
                of.span = place;
                self.defer(ExprKind::Field(Box::new(of.into()), name), whole)
            }
            _ => self.part(of, place, |of| operate::field(of, name, name_place), whole),
        }
    }

    /// `OF[KEY]`
    fn index<'s>(
        &'s self,
        of: Cow<'s, Value>,
        place: Span,
        key: Cow<Value>,
        key_place: Span,
        whole: Span,
    ) -> Cow<'s, Value> {
        if matches!(of.kind, ValueKind::Unknown) || key.is_unknown() {
            return self.unknown(whole);
        }
        if let (ValueKind::Reference(_) | ValueKind::Deferred(_), ValueKind::String(name)) = (&of.kind, &key.kind) {
            return self.attribute(of, place, name, key_place, whole);
        }
        if matches!(of.kind, ValueKind::Deferred(_)) || key.is_deferred() {
            if of.is_unknown() || !self.spend(size(&of).elements, whole) {
                return self.unknown(whole);
            }
            let (mut of, mut key) = (of.into_owned(), key.into_owned());
            (of.span, key.span) = (place, key_place);
            return self.defer(ExprKind::Index(Box::new(of.into()), Box::new(key.into())), whole);
        }
        self.part(of, place, |of| operate::index(of, Operand::new(&key, key_place)), whole)
    }

    /// A part of a value: borrowed from what is borrowed, else cut out.
    fn part<'s>(
        &self,
        of: Cow<'s, Value>,
        place: Span,
        find: impl for<'v> Fn(Operand<'v>) -> operate::Outcome<&'v Value>,
        whole: Span,
    ) -> Cow<'s, Value> {
        if let ValueKind::Object(entries) = &of.kind
            && !self.spend(entries.len() as u64 / LOOKS_PER_ELEMENT, whole)
        {
            return self.unknown(whole);
        }
        let found = match &of {
            Cow::Borrowed(of) => find(Operand::new(of, place)).map(Cow::Borrowed),
            Cow::Owned(of) => find(Operand::new(of, place)).cloned().map(Cow::Owned),
        };
        found.unwrap_or_else(|finding| self.fail(*finding, whole))
    }

    /// `OF[*]` and `OF.*`: the rest of the way for every element. null has none; what is no list is its only element.
    fn splat<'s>(
        &'s self,
        of: Cow<'s, Value>,
        place: Span,
        operators: &'s [Decorated<TraversalOperator>],
        scope: &Scope<'s>,
    ) -> Cow<'s, Value> {
        let mut items = Vec::new();
        match &*of {
            Value { kind: ValueKind::Unknown, .. } => return self.unknown(place),
            Value { kind: ValueKind::Deferred(_), .. } => {
                return self.fail(self.known_later(place, "what a splat goes over"), place);
            }
            Value { kind: ValueKind::Null, .. } => {}
            Value { kind: ValueKind::List(list), .. } => {
                for item in list {
                    if !self.spend(size(item).elements, place) {
                        return self.unknown(place);
                    }
                    items.push(self.walk(Cow::Owned(item.clone()), place, operators, scope).into_owned());
                }
            }
            other => items.push(self.walk(Cow::Owned(other.clone()), place, operators, scope).into_owned()),
        }
        Cow::Owned(Value::new(ValueKind::List(items), place))
    }

    // Blocks and locals.

    /// `KIND.NAME.PROPERTY`
    fn property<'s>(&'s self, of: Reference, place: Span, name: &str, name_place: Span) -> Cow<'s, Value> {
        let whole = place.to(name_place);
        if MEASURED.contains(&of.block) {
            let path = vec![Spanned::new(name.to_owned(), name_place)];
            return self.defer(ExprKind::Metric(Spanned::new(of, place), path), whole);
        }
        let Some(item) = self.declared.find(of.block, &of.name) else { return self.unknown(whole) };
        if let Some(node) = self.declared.attribute(item, name) {
            return self.node(node, whole);
        }
        let computed = COMPUTED.iter().filter(|(kind, ..)| *kind == of.block);
        for (_, property, attribute, prefix) in computed.clone() {
            if *property != name {
                continue;
            }
            let Some(node) = self.declared.attribute(item, attribute) else {
                // A later pass reports the attribute that is missing from the block.
                return self.unknown(whole);
            };
            let value = self.node(node, whole);
            return match &value.kind {
                ValueKind::String(text) => Cow::Owned(Value::new(ValueKind::String(format!("{prefix}{text}")), whole)),
                _ => self.unknown(whole),
            };
        }
        if self.declared.damaged(item) || self.declared.incomplete {
            return self.unknown(whole);
        }
        let mut known: Vec<&str> = self.declared.attribute_names(item).collect();
        known.extend(computed.map(|(_, property, ..)| *property));
        let has = format!("it has {}", listed(known.iter().copied()));
        let help = did_you_mean(name, known.iter().copied()).unwrap_or(has);
        let finding = Diagnostic::at(&UNKNOWN_ATTRIBUTE, name_place, format!("`{of}` has no property `{name}`"))
            .label(self.declared.header(item), "declared here")
            .help(help);
        self.fail(finding, whole)
    }

    /// The value of a local or of a block's attribute. Most have been evaluated before in the order of their
    /// references; one that only a computed reference reaches is evaluated now.
    pub(super) fn node<'s>(&'s self, node: usize, place: Span) -> Cow<'s, Value> {
        let Some(cell) = self.values.get(node) else { return self.unknown(place) };
        if let Some(value) = cell.get() {
            return Cow::Borrowed(value);
        }
        let depth = self.running.borrow().len();
        if self.running.borrow().contains(&node) {
            let name = self.declared.node_name(node);
            let finding = Diagnostic::at(&CYCLE, place, format!("the value of `{name}` depends on itself"));
            return self.fail(finding, place);
        }
        if depth > MAX_DETOURS {
            let message = "this refers to a value that refers to another, and so on, too many times";
            return self.fail(Diagnostic::at(&LIMIT, place, message).help("refer to the last one directly"), place);
        }
        self.evaluate_node(node);
        match cell.get() {
            Some(value) => Cow::Borrowed(value),
            None => self.unknown(place),
        }
    }

    /// Evaluates a node and keeps its value.
    pub(super) fn evaluate_node(&self, node: usize) {
        let (Some(cell), Some(declared)) = (self.values.get(node), self.declared.nodes.get(node)) else { return };
        if cell.get().is_some() {
            return;
        }
        self.running.borrow_mut().push(node);
        // What is wrong with another value is reported, also where this one is only tried.
        let attempts = self.attempts.take();
        let scope = Scope::new(declared.file, declared.place);
        let mut value = self.owned(declared.expr, &scope);
        self.attempts.replace(attempts);
        self.running.borrow_mut().pop();
        let mut limited = self.budget.spent();
        if size(&value).depth > MAX_DEPTH {
            limited = true;
            let message = format!("this value is nested more than {MAX_DEPTH} levels deep");
            self.tell(&LIMIT, value.span, message);
        }
        if limited {
            value.kind = ValueKind::Unknown;
            self.limited.borrow_mut().insert(node);
        }
        // Set once only: a value that came to need itself stays what the inner evaluation made it.
        let _ = cell.set(value);
    }
}
