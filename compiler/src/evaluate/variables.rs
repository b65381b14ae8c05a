//! The chosen environment and the value of every variable.

use std::collections::BTreeMap;

use windlass_schemas::codes::{
    AMBIGUOUS_ENVIRONMENT, FAILED_VALIDATION, INVALID_VALUE, MISSING_ATTRIBUTE, UNDEFINED_REFERENCE, UNKNOWN_ATTRIBUTE,
    UNKNOWN_BLOCK, WRONG_TYPE,
};
use windlass_schemas::declare::BlockDecl;
use windlass_schemas::diagnostic::Diagnostic;
use windlass_schemas::span::{FileId, Span};
use windlass_schemas::spec::language::{ENVIRONMENT, MODULE, VALIDATION, VARIABLE};
use windlass_schemas::suggest::{did_you_mean, nearest};
use windlass_schemas::value::{Value, ValueKind};

use super::Inputs;
use super::constraint::{Constraint, fit};
use super::declare::header;
use super::expression::{Evaluator, Place, Scope, Settled};
use super::operate::listed;
use crate::parse::tree::{Block, Expression, ExpressionKind, Extent, Key};

/// The name of the environment where the spec declares none.
const DEFAULT: &str = "default";

/// A declared variable.
pub(super) struct Variable<'a> {
    pub(super) name: &'a str,
    pub(super) constraint: Option<Constraint>,
    pub(super) sensitive: bool,
    header: Span,
    nullable: bool,
    /// Something in it has been reported: what its value would be is not known.
    broken: bool,
    default: Option<Value>,
    /// Each `validation`: its file, condition and message.
    validations: Vec<(FileId, &'a Expression, &'a Expression)>,
}

/// What a module is told by the block that uses it.
pub(super) struct Arguments {
    pub(super) environment: ValueKind,
    /// Values by variable, with the places of the names.
    pub(super) values: BTreeMap<String, (Span, Value)>,
}

impl<'a> Evaluator<'a> {
    /// Chooses the environment and gives every variable its value: that from outside, else that of the environment, else
    /// its default.
    pub(super) fn settle_variables(&self, inputs: &Inputs) -> Option<String> {
        let declared = self.variables();
        let chosen = self.choose(inputs);
        let mut values: BTreeMap<&str, Value> = BTreeMap::new();
        for (file, block) in &self.declared.environments {
            let of = self.environment(*file, block, &declared);
            if let (Some(Some(chosen)), Some(label)) = (&chosen, block.labels.first())
                && label.as_str() == chosen
            {
                values = of;
            }
        }
        values.extend(self.given(inputs.variables, &declared));
        let environment = match &chosen {
            Some(name) => ValueKind::String(name.as_deref().unwrap_or(DEFAULT).to_owned()),
            None => ValueKind::Unknown,
        };
        self.settle_values(declared, values, environment, |variable| {
            if chosen.is_some() && !self.declared.incomplete {
                let environment = chosen.as_ref().and_then(Option::as_deref);
                self.report(without_value(variable.name, variable.header, environment));
            }
        });
        chosen.flatten()
    }

    /// Gives every variable of a module its value. Gives back what the caller is told: arguments without a variable,
    /// and variables without an argument.
    pub(super) fn settle_arguments(&self, arguments: Arguments, module: &str, header: Span) -> Vec<Diagnostic> {
        let declared = self.variables();
        let mut told = Vec::new();
        let mut meant = Vec::new();
        let mut values = BTreeMap::new();
        for (name, (place, value)) in arguments.values {
            match declared.get(name.as_str()) {
                Some(variable) => drop(values.insert(variable.name, self.fitted(value, variable))),
                None if self.declared.excused(&name) => {}
                None => {
                    let names = || declared.keys().copied();
                    let all = || names().chain(MODULE.attribute_names().map(|name| -> &'a str { name }));
                    meant.extend(nearest(&name, names()));
                    let has = match declared.is_empty() {
                        true => "it has no variables".to_owned(),
                        false => format!("its variables are {}", listed(names())),
                    };
                    let help = did_you_mean(&name, all()).unwrap_or(has);
                    let message = format!("the module `{module}` has no variable `{name}`");
                    told.push(Diagnostic::at(&UNKNOWN_ATTRIBUTE, place, message).help(help));
                }
            }
        }
        self.settle_values(declared, values, arguments.environment, |variable| {
            let name = variable.name;
            if !self.declared.incomplete && !meant.contains(&name) {
                let message = format!("the module `{module}` needs `{name}`");
                let finding = Diagnostic::at(&MISSING_ATTRIBUTE, header, message);
                told.push(
                    finding
                        .label(variable.header, "declared here, without a default")
                        .help(format!("add `{name} = …`")),
                );
            }
        });
        told
    }

    /// All declared variables, by name.
    fn variables(&self) -> BTreeMap<&'a str, Variable<'a>> {
        let mut variables = BTreeMap::new();
        for (file, block) in &self.declared.variables {
            if let Some(variable) = self.variable(*file, block) {
                variables.entry(variable.name).or_insert(variable);
            }
        }
        variables
    }

    fn settle_values(
        &self,
        declared: BTreeMap<&'a str, Variable<'a>>,
        mut given: BTreeMap<&'a str, Value>,
        environment: ValueKind,
        mut without: impl FnMut(&Variable<'a>),
    ) {
        let mut variables = BTreeMap::new();
        for (name, variable) in &declared {
            let mut value = given.remove(name).or_else(|| variable.default.clone());
            if variable.broken {
                value = Some(Value::new(ValueKind::Unknown, variable.header));
            }
            if !variable.nullable && value.as_ref().is_some_and(|value| matches!(value.kind, ValueKind::Null)) {
                let null = value.as_ref().map(|value| value.span);
                value = variable.default.clone().filter(|default| !matches!(default.kind, ValueKind::Null));
                if let (None, Some(place)) = (&value, null) {
                    let message = format!("the variable `{name}` can't be null");
                    self.report(Diagnostic::at(&INVALID_VALUE, place, message).help("give it a value"));
                    value = Some(Value::new(ValueKind::Unknown, place));
                }
            }
            let value = value.unwrap_or_else(|| {
                without(variable);
                Value::new(ValueKind::Unknown, variable.header)
            });
            self.shared.marks.set(self.shared.marks.get() || variable.sensitive || value.is_sensitive());
            variables.insert(*name, value.marked(variable.sensitive));
        }
        let _ = self.settled.set(Settled { environment, variables });
        for variable in declared.values() {
            self.validate(variable);
        }
    }

    /// Whether the value meets the conditions of its variable.
    fn validate(&self, variable: &Variable<'a>) {
        let Some(value) = self.settled.get().and_then(|settled| settled.variables.get(variable.name)) else { return };
        if value.is_unknown() {
            return;
        }
        for (file, condition, message) in &variable.validations {
            let scope = Scope::new(*file, Place::Validation);
            self.begin();
            if !matches!(self.condition(condition, &scope), Ok(Some(false))) {
                continue;
            }
            let place = self.span(condition, &scope);
            let text = match self.owned(message, &scope).kind {
                ValueKind::String(text) => self.masked(&text, &[value]),
                _ => format!("the value of `{}` is not valid", variable.name),
            };
            let text = text.trim_end_matches('.').to_owned();
            self.report(
                Diagnostic::at(&FAILED_VALIDATION, value.span, text)
                    .label(place, "this does not hold")
                    .help(format!("the variable `{}` needs another value", variable.name)),
            );
        }
    }

    /// The chosen environment: `Some(None)` where the spec declares none, `None` when the choice is an error.
    fn choose(&self, inputs: &Inputs) -> Option<Option<String>> {
        let names: Vec<&str> =
            self.declared.environments.iter().filter_map(|(_, block)| Some(block.labels.first()?.as_str())).collect();
        match (inputs.environment, names.as_slice()) {
            (Some(wanted), names) if names.contains(&wanted) => Some(Some(wanted.to_owned())),
            (Some(wanted), _) if self.declared.excused(wanted) => None,
            (Some(wanted), names) => {
                let finding = Diagnostic::nowhere(&UNDEFINED_REFERENCE, format!("there is no environment `{wanted}`"));
                let declare = format!("declare it: `environment \"{wanted}\" {{ … }}`");
                let help = did_you_mean(wanted, names.iter().copied()).unwrap_or_else(|| match names.is_empty() {
                    true => declare,
                    false => format!("declared: {}", listed(names.iter().copied())),
                });
                self.report(finding.help(help));
                None
            }
            (None, []) => Some(None),
            (None, [only]) => Some(Some((*only).to_owned())),
            (None, several) => {
                let mut places = self.declared.environments.iter().map(|(file, block)| header(block, *file));
                let message = format!("the spec has {} environments, and none is chosen", several.len());
                let mut finding = match places.next() {
                    Some(first) => Diagnostic::at(&AMBIGUOUS_ENVIRONMENT, first, message),
                    None => Diagnostic::nowhere(&AMBIGUOUS_ENVIRONMENT, message),
                };
                for place in places {
                    finding = finding.label(place, "");
                }
                self.report(finding.help(format!("choose one with `--env`: {}", listed(several.iter().copied()))));
                None
            }
        }
    }

    fn variable(&self, file: FileId, block: &'a Block) -> Option<Variable<'a>> {
        let scope = Scope::new(file, Place::Constant);
        let mut variable = Variable {
            name: block.labels.first()?.as_str(),
            constraint: None,
            sensitive: false,
            header: header(block, file),
            nullable: true,
            broken: false,
            default: None,
            validations: Vec::new(),
        };
        let mut default = None;
        for attribute in &block.body.attributes {
            match attribute.name.as_str() {
                "type" => {
                    let before = self.found.borrow().len();
                    variable.constraint = Some(self.constraint(&attribute.value, &scope));
                    variable.broken |= self.found.borrow().len() > before;
                }
                "default" => default = Some(&attribute.value),
                "description" => drop(self.plain_text("description", &attribute.value, &scope)),
                "sensitive" => variable.sensitive = self.plain_bool("sensitive", &attribute.value, &scope, true),
                "nullable" => variable.nullable = self.plain_bool("nullable", &attribute.value, &scope, true),
                name => {
                    self.unknown_attribute(&VARIABLE, name, file, attribute.name.span);
                    // It may have been meant as the type or the default.
                    variable.broken = true;
                }
            }
        }
        for inner in &block.body.blocks {
            if inner.kind.as_str() == VALIDATION.kind && inner.labels.is_empty() {
                variable.validations.extend(self.validation(file, inner));
            } else {
                variable.broken = true;
                self.unknown_block(&VARIABLE, inner, file);
            }
        }
        if let Some(expr) = default {
            self.begin();
            let value = self.owned(expr, &scope);
            variable.default = Some(self.fitted(value, &variable));
        }
        Some(variable)
    }

    fn validation(&self, file: FileId, block: &'a Block) -> Option<(FileId, &'a Expression, &'a Expression)> {
        let (mut condition, mut message) = (None, None);
        let mut unknown = false;
        for attribute in &block.body.attributes {
            match attribute.name.as_str() {
                "condition" => condition = Some(&attribute.value),
                "error_message" => message = Some(&attribute.value),
                name => {
                    unknown = true;
                    self.unknown_attribute(&VALIDATION, name, file, attribute.name.span);
                }
            }
        }
        for inner in &block.body.blocks {
            self.unknown_block(&VALIDATION, inner, file);
        }
        let missing = [("condition", condition.is_none()), ("error_message", message.is_none())];
        for (name, _) in missing.into_iter().filter(|(_, missing)| *missing && !unknown) {
            let text = format!("this `validation` has no `{name}`");
            self.report(
                Diagnostic::at(&MISSING_ATTRIBUTE, header(block, file), text).help(format!("add `{name} = …`")),
            );
        }
        Some((file, condition?, message?))
    }

    /// A string that is known at once; `None` when it is none, which is reported.
    pub(super) fn plain_text<'s>(&'s self, name: &str, expr: &'s Expression, scope: &Scope<'s>) -> Option<String> {
        let value = self.owned(expr, scope);
        match value.kind {
            ValueKind::String(text) => Some(text),
            ValueKind::Unknown => None,
            _ => {
                let message = format!("`{name}` takes a string, and this is {}", value.describe());
                self.tell(&WRONG_TYPE, value.span, message);
                None
            }
        }
    }

    /// A bool that is known at once; `otherwise` when it is none, which is reported.
    pub(super) fn plain_bool<'s>(
        &'s self,
        name: &str,
        expr: &'s Expression,
        scope: &Scope<'s>,
        otherwise: bool,
    ) -> bool {
        let value = self.owned(expr, scope);
        match value.kind {
            ValueKind::Bool(value) => value,
            ValueKind::Unknown => otherwise,
            _ => {
                let message = format!("`{name}` takes true or false, and this is {}", value.describe());
                self.tell(&WRONG_TYPE, value.span, message);
                otherwise
            }
        }
    }

    /// The value, converted to the declared type.
    pub(super) fn fitted(&self, value: Value, variable: &Variable) -> Value {
        let Some(constraint) = &variable.constraint else { return value };
        let span = value.span;
        if variable.broken {
            return Value::new(ValueKind::Unknown, span);
        }
        fit(value, constraint, &format!("the variable `{}`", variable.name)).unwrap_or_else(|finding| {
            self.report(*finding);
            Value::new(ValueKind::Unknown, span)
        })
    }

    /// The values that an environment gives to variables.
    fn environment<'v>(
        &self,
        file: FileId,
        block: &'a Block,
        variables: &BTreeMap<&'v str, Variable<'v>>,
    ) -> BTreeMap<&'v str, Value> {
        let mut values = BTreeMap::new();
        let scope = Scope::new(file, Place::Constant);
        for inner in &block.body.blocks {
            self.unknown_block(&ENVIRONMENT, inner, file);
        }
        for attribute in &block.body.attributes {
            if attribute.name.as_str() != "variables" {
                self.unknown_attribute(&ENVIRONMENT, attribute.name.as_str(), file, attribute.name.span);
                continue;
            }
            self.begin();
            let ExpressionKind::Object(entries) = &attribute.value.kind else {
                let value = self.owned(&attribute.value, &scope);
                if !matches!(value.kind, ValueKind::Unknown) {
                    let message = format!("`variables` is an object written out, found {}", value.describe());
                    self.report(
                        Diagnostic::at(&WRONG_TYPE, value.span, message).help("write `variables = { name = value }`"),
                    );
                }
                continue;
            };
            for entry in entries {
                let (name, place) = match &entry.key {
                    Key::Plain(name) => (name.as_str().to_owned(), name.span.of(file)),
                    Key::Computed(expr) => match self.key(expr, &scope) {
                        Some((name, _)) => (name, self.span(expr, &scope)),
                        None => continue,
                    },
                };
                let value = self.owned(&entry.value, &scope);
                match variables.get(name.as_str()) {
                    Some(variable) => drop(values.insert(variable.name, self.fitted(value, variable))),
                    None => self.undeclared(&name, place, variables),
                }
            }
        }
        values
    }

    pub(super) fn unknown_block(&self, decl: &BlockDecl, inner: &Block, file: FileId) {
        let (kind, name) = (decl.kind, inner.kind.as_str());
        let mut blocks = decl.blocks.iter().map(|child| child.block.kind);
        let attribute = decl.attributes.iter().find(|attribute| attribute.name == name);
        let (message, help) = match (attribute, blocks.clone().any(|block| block == name)) {
            (Some(_), _) => {
                (format!("`{name}` is an attribute of `{kind}`, not a block"), Some(format!("write `{name} = …`")))
            }
            (None, true) => (format!("`{name}` takes no label"), Some(format!("write `{name} {{ … }}`"))),
            (None, false) => {
                let help = did_you_mean(name, blocks.clone());
                (
                    format!("`{kind}` has no block `{name}`"),
                    help.or_else(|| Some(format!("it has `{}`", blocks.next()?))),
                )
            }
        };
        self.report(Diagnostic::at(&UNKNOWN_BLOCK, header(inner, file), message).maybe_help(help));
    }

    pub(super) fn unknown_attribute(&self, decl: &BlockDecl, name: &str, file: FileId, place: Extent) {
        let span = place.of(file);
        let known = || decl.attribute_names();
        let block = decl.blocks.iter().find(|child| child.block.kind == name);
        let help = match block {
            Some(_) => format!("`{name}` is a block: write `{name} {{ … }}`, without `=`"),
            None => did_you_mean(name, known()).unwrap_or_else(|| format!("it has {}", listed(known()))),
        };
        let message = format!("`{}` has no attribute `{name}`", decl.kind);
        self.report(Diagnostic::at(&UNKNOWN_ATTRIBUTE, span, message).help(help));
    }
}

fn without_value(name: &str, header: Span, environment: Option<&str>) -> Diagnostic {
    let message = format!("the variable `{name}` has no value");
    let help = match environment {
        Some(environment) => {
            format!(
                "give it a `default`, a value in `environment \"{environment}\"`: `variables = {{ {name} = … }}`, or one from outside: `--var {name}=…`"
            )
        }
        None => format!("give it a `default`, or a value from outside: `--var {name}=…`"),
    };
    Diagnostic::at(&MISSING_ATTRIBUTE, header, message).help(help)
}
