//! Names to what they stand for: `var.x`, `local.x`, `env.name`, `input.x`, `stage.x`, `model.risk`, loop variables.

use std::borrow::Cow;
use std::collections::BTreeMap;

use windlass_schemas::codes::{CYCLE, LIMIT, UNDEFINED_REFERENCE, UNKNOWN_ATTRIBUTE};
use windlass_schemas::declare::Presence;
use windlass_schemas::diagnostic::Diagnostic;
use windlass_schemas::expr::ExprKind;
use windlass_schemas::span::{Span, Spanned};
use windlass_schemas::spec::BLOCKS;
use windlass_schemas::spec::language::MODULE;
use windlass_schemas::suggest::{did_you_mean, nearest};
use windlass_schemas::value::{Number, Reference, Value, ValueKind};

use super::declare::FOR_EACH;
use super::expression::{Evaluator, Place, Scope};
use super::folders::no_output;
use super::limits::{LOOKS_PER_ELEMENT, size};
use super::operate::{self, Operand, listed};
use super::special::GIVEN;
use crate::modules::ROOT;
use crate::parse::tree::{ExpressionKind, Step, StepKind, Traversal};

/// The kinds of block that an expression can name, as `KIND.NAME`. To add one: a line here.
pub(super) const KINDS: &[&str] = &["alert", "bucket", "channel", "function", "job", "model", "service", "workflow"];

/// Kinds whose properties are measurements: `service.risk.latency.p99`. A later pass knows which ones exist.
pub(super) const MEASURED: &[&str] = &["service", "workflow"];

/// Properties that follow from an attribute: kind, property, the attribute, and what stands before it.
pub(super) const COMPUTED: &[(&str, &str, &str, &str)] = &[("bucket", "uri", "name", "s3://")];

/// Names that begin a reference and are no kinds of block.
const ROOTS: &[&str] = &["var", "local", "env", "path", "module", "each", "input", "stage"];

/// The same, of those that exist only in some stages and triggers.
const RARE_ROOTS: &[&str] = &["item", "error", "event"];

/// Those that exist only in a workflow, whose values are known when it runs.
const LATER: &[&str] = &["input", "stage", "item", "error", "event"];

/// Evaluations inside each other that no expression shows. Each may take as much stack as the deepest expression.
const MAX_DETOURS: usize = 2;

/// Keys from which on an object is looked up by an index.
const LARGE: usize = 64;

/// Findings after which names are no longer suggested, and indexes that are kept.
const MANY: usize = 200;

/// The name that a step takes: `.name` or `["name"]`.
pub(super) fn taken(step: &Step) -> Option<&str> {
    match &step.kind {
        StepKind::Attribute(name) => Some(name.as_str()),
        StepKind::Index(index) => match &index.kind {
            ExpressionKind::String(name) => Some(name),
            _ => None,
        },
        _ => None,
    }
}

impl<'a> Evaluator<'a> {
    pub(super) fn operator_span(&self, op: &Step, scope: &Scope) -> Span {
        op.place().of(scope.file)
    }

    pub(super) fn traversal<'s>(&'s self, node: &'s Traversal, span: Span, scope: &Scope<'s>) -> Cow<'s, Value> {
        let place = self.span(&node.base, scope);
        match &node.base.kind {
            ExpressionKind::Variable(name) => self.name(name, place, &node.steps, span, scope),
            _ => self.walk(self.eval(&node.base, scope), place, &node.steps, scope),
        }
    }

    /// A name and what is taken from it.
    pub(super) fn name<'s>(
        &'s self,
        root: &'s str,
        place: Span,
        operators: &'s [Step],
        span: Span,
        scope: &Scope<'s>,
    ) -> Cow<'s, Value> {
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
        if kind.is_none() && !ROOTS.contains(&root) && !RARE_ROOTS.contains(&root) {
            return self.undefined(root, place, span, scope);
        }
        if root == "each" && self.misspells_for_each() {
            return self.unknown(span);
        }
        if root == "each" {
            let message = "`each` exists only in a block with `for_each`";
            let help = match scope.place {
                Place::Workflow => "in a stage with `for_each`, `item` is the element that it runs for",
                _ => "it has the `key` and the `value` of the element that an instance of the block is made for",
            };
            return self.fail(Diagnostic::at(&UNDEFINED_REFERENCE, place, message).help(help), span);
        }
        if scope.place == Place::Elements && LATER.contains(&root) {
            let finding = self.known_later(place, "what `for_each` goes over");
            return self.fail(
                finding.help("a workflow has an instance for every element of a list that the spec holds"),
                span,
            );
        }
        if scope.place == Place::Validation && !matches!(root, "var" | "env" | "path") {
            let message = format!("`{root}` cannot be used in a `validation`");
            let help = "a condition of a variable may refer to variables and to `env.name`";
            return self.fail(Diagnostic::at(&UNDEFINED_REFERENCE, place, message).help(help), span);
        }
        if scope.place == Place::Constant && root != "path" {
            let message = format!("`{root}` cannot be used here");
            let help = "the default of a variable and the values of an environment are plain values; use `locals` to combine them";
            return self.fail(Diagnostic::at(&UNDEFINED_REFERENCE, place, message).help(help), span);
        }
        if LATER.contains(&root) && scope.place != Place::Workflow {
            let message = format!("`{root}` exists only inside a workflow");
            let help = "its value is known when the workflow runs; move the expression into a `workflow` block";
            return self.fail(Diagnostic::at(&UNDEFINED_REFERENCE, place, message).help(help), span);
        }
        let whole = match root {
            "input" => Some(ExprKind::Input),
            "item" => Some(ExprKind::Item),
            "error" => Some(ExprKind::Error),
            "event" => Some(ExprKind::Event),
            _ => None,
        };
        if let Some(kind) = whole {
            return self.walk(self.defer(kind, place), place, operators, scope);
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
        let Some(wanted) = taken(first) else {
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
                Some(local) => self.node(local.node, None, whole),
                None => return self.missing("local value", wanted, first_place, span),
            },
            ("env", _) => match (wanted, self.settled.get()) {
                ("name", Some(settled)) => Cow::Owned(Value::new(settled.environment.clone(), whole)),
                _ => {
                    let message = format!("`env` has no attribute `{wanted}`");
                    return self.fail(
                        Diagnostic::at(&UNKNOWN_ATTRIBUTE, first_place, message).help(
                            did_you_mean(wanted, ["name"])
                                .unwrap_or_else(|| "`env.name` is the name of the chosen environment".to_owned()),
                        ),
                        span,
                    );
                }
            },
            ("path", _) => match wanted {
                "module" => Cow::Owned(Value::new(ValueKind::String(self.folder.to_owned()), whole)),
                "root" => Cow::Owned(Value::new(ValueKind::String(ROOT.to_owned()), whole)),
                _ => {
                    let message = format!("`path` has no attribute `{wanted}`");
                    let help = did_you_mean(wanted, ["module", "root"]).unwrap_or_else(|| {
                        "`path.module` is the folder of this file, `path.root` that of the project".to_owned()
                    });
                    return self.fail(Diagnostic::at(&UNKNOWN_ATTRIBUTE, first_place, message).help(help), span);
                }
            },
            ("module", _) => match self.declared.find("module", wanted) {
                Some(item) => return self.output_of(item, whole, rest, span, scope),
                None => return self.missing("module", wanted, first_place, span),
            },
            ("stage", _) => self.defer(ExprKind::Stage(Spanned::new(wanted.to_owned(), first_place)), whole),
            (_, Some(kind)) => {
                let Some(item) = self.declared.find(kind, wanted) else {
                    return self.missing(kind, wanted, first_place, span);
                };
                if self.declared.for_each(item).is_some() {
                    return self.instance(item, whole, rest, scope);
                }
                // It may have had instances.
                if self.declared.damaged(item) {
                    return self.unknown(span);
                }
                let reference = Reference { block: kind, name: format!("{}{wanted}", self.prefix) };
                Cow::Owned(Value::new(ValueKind::Reference(reference), whole))
            }
            _ => return self.unknown(span),
        };
        self.walk(value, whole, rest, scope)
    }

    /// Whether the `for_each` of a module is misspelt, which is reported.
    fn misspells_for_each(&self) -> bool {
        let modules = self.declared.items.iter().filter(|item| item.block.kind.as_str() == MODULE.kind);
        modules.into_iter().any(|item| {
            let folder = self.shared.folders.named(item.block, item.file);
            let variables = folder.and_then(|folder| self.shared.declared.get(folder)).map(|inner| &inner.variables);
            let argument = |name: &str| {
                let labels = variables.into_iter().flatten().flat_map(|(_, block)| &block.labels);
                labels.into_iter().any(|label| label.as_str() == name)
            };
            let names = item.block.body.attributes.iter().map(|attribute| attribute.name.as_str());
            let wrong = |name: &&str| *name != FOR_EACH && nearest(name, MODULE.attribute_names()) == Some(FOR_EACH);
            names.filter(wrong).any(|name| !argument(name))
        })
    }

    fn example(&self, root: &str) -> String {
        let first = match root {
            "var" => self.settled.get().and_then(|settled| settled.variables.keys().next().copied()),
            "local" => self.declared.locals.keys().next().copied(),
            "env" => Some("name"),
            "path" => Some("module"),
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
            let roots = ROOTS.iter().chain(RARE_ROOTS).chain(KINDS).copied();
            let known = loops.iter().copied().chain(roots);
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
    pub(super) fn walk<'s>(
        &'s self,
        mut value: Cow<'s, Value>,
        mut place: Span,
        operators: &'s [Step],
        scope: &Scope<'s>,
    ) -> Cow<'s, Value> {
        for (at, op) in operators.iter().enumerate() {
            let rest = operators.get(at + 1..).unwrap_or_default();
            let op_place = self.operator_span(op, scope);
            // With the brackets, where there are some.
            let whole = place.to(op.span.of(scope.file));
            value = match &op.kind {
                StepKind::Splat => return self.splat(value, place, rest, scope),
                StepKind::AttributeSplat => {
                    use StepKind::{Attribute, LegacyIndex};
                    let attributes =
                        rest.iter().take_while(|op| matches!(op.kind, Attribute(_) | LegacyIndex(..))).count();
                    let (each, after) = rest.split_at(attributes);
                    let list = self.splat(value, place, each, scope);
                    return self.walk(list, whole, after, scope);
                }
                StepKind::Attribute(name) => self.attribute(value, place, name.as_str(), op_place, whole),
                StepKind::LegacyIndex(index, _) => {
                    let kind = ValueKind::Number(Number::Int(i64::try_from(*index).unwrap_or(i64::MAX)));
                    let key = Cow::Owned(Value::new(kind, op_place));
                    self.index(value, place, key, op_place, whole)
                }
                StepKind::Index(expr) => {
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
        if let Some(found) = self.entry(&of, name) {
            return found;
        }
        match &of.kind {
            ValueKind::Unknown => self.unknown(whole),
            ValueKind::Reference(reference) => self.property(reference.clone(), place, name, name_place),
            ValueKind::Deferred(expr) => {
                let name = Spanned::new(name.to_owned(), name_place);
                if let ExprKind::Metric(reference, path) = &expr.kind {
                    let path = path.iter().cloned().chain([name]).collect();
                    return self.defer(ExprKind::Metric(reference.clone(), path), whole);
                }
                let sensitive = self.any_sensitive([&*of]);
                let mut of = of.into_owned();
                of.span = place;
                self.keep(self.defer(ExprKind::Field(Box::new(of.into()), name), whole), sensitive)
            }
            _ => self.part(of, place, None, |of| operate::field(of, name, name_place), whole),
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
            let sensitive = self.any_sensitive([&*of, &*key]);
            let (mut of, mut key) = (of.into_owned(), key.into_owned());
            (of.span, key.span) = (place, key_place);
            let kind = ExprKind::Index(Box::new(of.into()), Box::new(key.into()));
            return self.keep(self.defer(kind, whole), sensitive);
        }
        if let (ValueKind::String(name), false) = (&key.kind, key.sensitive)
            && let Some(found) = self.entry(&of, name)
        {
            return found;
        }
        self.part(of, place, Some(&key), |of| operate::index(of, Operand::new(&key, key_place)), whole)
    }

    /// The value of a key of a large object that is borrowed, without looking at all its keys; `None` where there is no
    /// such key, or another way to it.
    fn entry<'s>(&self, of: &Cow<'s, Value>, name: &str) -> Option<Cow<'s, Value>> {
        let Cow::Borrowed(of) = of else { return None };
        let ValueKind::Object(entries) = &of.kind else { return None };
        if entries.len() < LARGE {
            return None;
        }
        let mut indexes = self.indexes.borrow_mut();
        if indexes.len() >= MANY {
            indexes.clear();
        }
        let index = indexes.entry(std::ptr::from_ref(*of) as usize).or_insert_with(|| {
            entries.iter().enumerate().map(|(at, (key, _))| (key.value.clone(), at)).collect::<BTreeMap<_, _>>()
        });
        // Another object may have been at this address before.
        let (_, value) = entries.get(*index.get(name)?).filter(|(key, _)| key.value == name)?;
        Some(self.keep(Cow::Borrowed(value), self.shared.marks.get() && of.sensitive))
    }

    /// A part of a value: borrowed from what is borrowed, else cut out. `key` is the one that was computed.
    fn part<'s>(
        &self,
        of: Cow<'s, Value>,
        place: Span,
        key: Option<&Value>,
        find: impl for<'v> Fn(Operand<'v>) -> operate::Outcome<&'v Value>,
        whole: Span,
    ) -> Cow<'s, Value> {
        if let ValueKind::Object(entries) = &of.kind
            && !self.spend(entries.len() as u64 / LOOKS_PER_ELEMENT, whole)
        {
            return self.unknown(whole);
        }
        let sensitive = self.shared.marks.get() && (of.sensitive || key.is_some_and(Value::is_sensitive));
        let whole_value = sensitive.then(|| of.clone().into_owned());
        let found = match &of {
            Cow::Borrowed(of) => find(Operand::new(of, place)).map(Cow::Borrowed),
            Cow::Owned(of) => find(Operand::new(of, place)).cloned().map(Cow::Owned),
        };
        match found {
            Ok(found) => self.keep(found, sensitive),
            Err(finding) => match &whole_value {
                None => self.fail(*finding, whole),
                Some(of) => {
                    // The help lists the keys that there are.
                    let finding = Diagnostic { help: None, ..*finding };
                    let values: Vec<&Value> = [of].into_iter().chain(key).collect();
                    self.fail_with(finding, &values, whole)
                }
            },
        }
    }

    /// `OF[*]` and `OF.*`: the rest of the way for every element. null has none; what is no list is its only element.
    fn splat<'s>(
        &'s self,
        of: Cow<'s, Value>,
        place: Span,
        operators: &'s [Step],
        scope: &Scope<'s>,
    ) -> Cow<'s, Value> {
        let mut items = Vec::new();
        match &*of {
            Value { kind: ValueKind::Unknown, .. } => return self.unknown(place),
            Value { kind: ValueKind::Deferred(_), .. } => return self.splat_later(of, place, operators, scope),
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
        Cow::Owned(Value::new(ValueKind::List(items), place).marked(of.sensitive))
    }

    // Blocks and locals.

    /// `module.NAME` and what is taken from it: outputs, or instances and then outputs.
    fn output_of<'s>(
        &'s self,
        item: usize,
        whole: Span,
        operators: &'s [Step],
        span: Span,
        scope: &Scope<'s>,
    ) -> Cow<'s, Value> {
        let Some(node) = self.declared.module(item) else { return self.unknown(span) };
        let mut value = self.node(node, None, whole);
        let (mut whole, mut rest) = (whole, operators);
        let mut name = self.declared.item_name(item);
        if self.declared.for_each(item).is_some()
            && let Some((first, after)) = operators.split_first()
        {
            let Some(instances) = self.instances(item) else { return self.unknown(span) };
            let Some((key, place)) = self.instance_key(item, first, scope) else {
                return self.walk(value, whole, operators, scope);
            };
            let Some(at) = instances.position(&key) else {
                return self.no_instance(item, instances, first, &key, place);
            };
            name = format!("{name}[{key:?}]");
            (whole, rest) = (whole.to(place), after);
            value = match value {
                Cow::Borrowed(Value { kind: ValueKind::Object(entries), .. }) => match entries.get(at) {
                    Some((_, outputs)) => Cow::Borrowed(outputs),
                    None => return self.unknown(span),
                },
                _ => return self.unknown(span),
            };
        }
        if let (ValueKind::Object(entries), Some(first)) = (&value.kind, rest.first())
            && let Some(wanted) = taken(first)
            && !entries.iter().any(|(key, _)| key.value == wanted)
        {
            let names: Vec<&str> = entries.iter().map(|(key, _)| key.as_str()).collect();
            let finding = no_output(&name, wanted, self.operator_span(first, scope), &names);
            return self.fail(finding.label(self.declared.header(item), "used here"), span);
        }
        self.walk(value, whole, rest, scope)
    }

    // Properties.

    /// `KIND.NAME.PROPERTY`
    fn property<'s>(&'s self, of: Reference, place: Span, name: &str, name_place: Span) -> Cow<'s, Value> {
        let whole = place.to(name_place);
        if MEASURED.contains(&of.block) {
            let path = vec![Spanned::new(name.to_owned(), name_place)];
            return self.defer(ExprKind::Metric(Spanned::new(of, place), path), whole);
        }
        let Some((item, instance)) = self.locate(&of) else { return self.published(&of, name, name_place, whole) };
        if let Some(node) = self.declared.attribute(item, name) {
            return self.node(node, instance, whole);
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
            let value = self.node(node, instance, whole);
            return match &value.kind {
                ValueKind::String(text) => {
                    let text = ValueKind::String(format!("{prefix}{text}"));
                    Cow::Owned(Value::new(text, whole).marked(value.sensitive))
                }
                _ => self.unknown(whole),
            };
        }
        let decl = BLOCKS.iter().find(|decl| decl.kind == of.block);
        let mut declared = decl.into_iter().flat_map(|decl| decl.attributes);
        // An attribute that must be there and is not is reported by a later pass.
        let required = declared.any(|attribute| attribute.name == name && attribute.presence == Presence::Required);
        if required || self.declared.damaged(item) || self.declared.incomplete {
            return self.unknown(whole);
        }
        let mut known: Vec<&str> = self.declared.attribute_names(item).filter(|name| *name != FOR_EACH).collect();
        known.extend(computed.map(|(_, property, ..)| *property));
        let finding = no_property(&self.address_of(&of), name, name_place, &known);
        self.fail(finding.label(self.declared.header(item), "declared here"), whole)
    }

    /// A property of a block in another folder, which passed its name to this one.
    fn published<'s>(&self, of: &Reference, name: &str, name_place: Span, whole: Span) -> Cow<'s, Value> {
        let published = self.shared.published.borrow();
        let Some(properties) = published.get(of) else { return self.unknown(whole) };
        match properties.get(name) {
            Some(value) => Cow::Owned(value.clone()),
            None => {
                let known: Vec<&str> = properties.keys().map(String::as_str).collect();
                self.fail(no_property(&self.address_of(of), name, name_place, &known), whole)
            }
        }
    }

    /// The value of a local or of a block's attribute in an instance. Most have been evaluated before in the order of
    /// their references; one that only a computed reference reaches is evaluated now.
    pub(super) fn node<'s>(&'s self, node: usize, instance: Option<usize>, place: Span) -> Cow<'s, Value> {
        let Some(cell) = self.values.get(node) else { return self.unknown(place) };
        if cell.get().is_none() {
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
        }
        match self.known(node, instance) {
            Some(value) => Cow::Borrowed(value),
            None => self.unknown(place),
        }
    }
}

/// A block that was asked for a property that it does not have.
fn no_property(of: &str, name: &str, place: Span, known: &[&str]) -> Diagnostic {
    let has = match known.is_empty() {
        true => "it has none".to_owned(),
        false => format!("it has {}", listed(known.iter().copied())),
    };
    let help = did_you_mean(name, known.iter().copied()).unwrap_or(has);
    Diagnostic::at(&UNKNOWN_ATTRIBUTE, place, format!("`{of}` has no property `{name}`")).help(help)
}
