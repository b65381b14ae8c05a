//! The chosen environment and the value of every variable.

use std::collections::BTreeMap;

use hcl::edit::Span as _;
use hcl::edit::expr::{Expression, ObjectKey};
use hcl::edit::structure::Block;
use windlass_schemas::codes::{
    AMBIGUOUS_ENVIRONMENT, INVALID_VALUE, MISSING_ATTRIBUTE, UNDEFINED_REFERENCE, UNKNOWN_ATTRIBUTE, UNKNOWN_BLOCK,
    WRONG_TYPE,
};
use windlass_schemas::diagnostic::Diagnostic;
use windlass_schemas::span::{FileId, Span};
use windlass_schemas::suggest::did_you_mean;
use windlass_schemas::types::Type;
use windlass_schemas::value::{Value, ValueKind};

use super::Inputs;
use super::convert::{to_bool, to_number, to_text};
use super::declare::header;
use super::expression::{Evaluator, Place, Scope, Settled};
use super::operate::{Operand, listed};

/// The name of the environment where the spec declares none.
const DEFAULT: &str = "default";

/// The types that are made from others.
const TYPES_WITH_PARTS: &[&str] = &["list", "map", "object", "optional"];

struct Variable<'a> {
    name: &'a str,
    header: Span,
    ty: Option<Type>,
    default: Option<Value>,
}

impl<'a> Evaluator<'a> {
    /// Chooses the environment and gives every variable its value.
    pub(super) fn settle_variables(&self, inputs: &Inputs) -> Option<String> {
        let declared: Vec<Variable<'a>> =
            self.declared.variables.iter().filter_map(|(file, block)| self.variable(*file, block)).collect();
        let chosen = self.choose(inputs);
        let mut overrides: BTreeMap<&str, Value> = BTreeMap::new();
        for (file, block) in &self.declared.environments {
            let values = self.environment(*file, block, &declared);
            if let (Some(Some(chosen)), Some(label)) = (&chosen, block.labels.first())
                && label.as_str() == chosen
            {
                overrides = values;
            }
        }
        let mut variables = BTreeMap::new();
        for variable in declared {
            let given = overrides.remove(variable.name).or(variable.default);
            let value = given.unwrap_or_else(|| {
                if chosen.is_some() && !self.declared.incomplete {
                    self.report(self.without_value(
                        variable.name,
                        variable.header,
                        chosen.as_ref().and_then(Option::as_deref),
                    ));
                }
                Value::new(ValueKind::Unknown, variable.header)
            });
            variables.entry(variable.name).or_insert(value);
        }
        let environment = match &chosen {
            Some(name) => ValueKind::String(name.as_deref().unwrap_or(DEFAULT).to_owned()),
            None => ValueKind::Unknown,
        };
        let _ = self.settled.set(Settled { environment, variables });
        chosen.flatten()
    }

    fn without_value(&self, name: &str, header: Span, environment: Option<&str>) -> Diagnostic {
        let message = format!("the variable `{name}` has no value");
        let help = match environment {
            Some(environment) => {
                format!(
                    "give it a `default`, or a value in `environment \"{environment}\"`: `variables = {{ {name} = … }}`"
                )
            }
            None => "give it a `default`".to_owned(),
        };
        Diagnostic::at(&MISSING_ATTRIBUTE, header, message).help(help)
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
        let mut variable =
            Variable { name: block.labels.first()?.as_str(), header: header(block, file), ty: None, default: None };
        self.no_blocks(block, file);
        let mut default = None;
        for attribute in block.body.attributes() {
            match attribute.key.as_str() {
                "type" => variable.ty = Some(self.type_of(&attribute.value, &scope)),
                "default" => default = Some(&attribute.value),
                "description" => {
                    let value = self.owned(&attribute.value, &scope);
                    if !matches!(value.kind, ValueKind::String(_) | ValueKind::Unknown) {
                        let message = format!("a description is a string, found {}", value.describe());
                        self.tell(&WRONG_TYPE, value.span, message);
                    }
                }
                name => {
                    let known = ["type", "default", "description"];
                    self.unknown_attribute("variable", name, file, attribute.key.span(), &known);
                    // It may have been meant as the default.
                    variable.default = Some(Value::new(ValueKind::Unknown, variable.header));
                }
            }
        }
        if let Some(expr) = default {
            self.begin();
            let value = self.owned(expr, &scope);
            variable.default = Some(self.fit(value, variable.ty.as_ref(), variable.name));
        }
        Some(variable)
    }

    /// The value, converted to the declared type.
    fn fit(&self, value: Value, ty: Option<&Type>, name: &str) -> Value {
        let Some(ty) = ty else { return value };
        let span = value.span;
        convert(value, ty, &format!("the variable `{name}`")).unwrap_or_else(|finding| {
            self.report(*finding);
            Value::new(ValueKind::Unknown, span)
        })
    }

    /// The values that an environment gives to variables.
    fn environment<'v>(&self, file: FileId, block: &'a Block, variables: &[Variable<'v>]) -> BTreeMap<&'v str, Value> {
        let mut values = BTreeMap::new();
        let scope = Scope::new(file, Place::Constant);
        self.no_blocks(block, file);
        for attribute in block.body.attributes() {
            if attribute.key.as_str() != "variables" {
                self.unknown_attribute(
                    "environment",
                    attribute.key.as_str(),
                    file,
                    attribute.key.span(),
                    &["variables"],
                );
                continue;
            }
            self.begin();
            let Expression::Object(object) = &attribute.value else {
                let value = self.owned(&attribute.value, &scope);
                if !matches!(value.kind, ValueKind::Unknown) {
                    let message = format!("`variables` is an object written out, found {}", value.describe());
                    self.report(
                        Diagnostic::at(&WRONG_TYPE, value.span, message).help("write `variables = { name = value }`"),
                    );
                }
                continue;
            };
            for (key, value) in object {
                let (name, place) = match key {
                    ObjectKey::Ident(name) => (name.as_str().to_owned(), Span::new(file, name.span().unwrap_or(0..0))),
                    ObjectKey::Expression(expr) => match self.key(expr, &scope) {
                        Some(name) => (name, self.span(expr, &scope)),
                        None => continue,
                    },
                };
                let value = self.owned(value.expr(), &scope);
                match variables.iter().find(|variable| variable.name == name) {
                    Some(variable) => {
                        values.insert(variable.name, self.fit(value, variable.ty.as_ref(), variable.name));
                    }
                    None if self.declared.excused(&name) => {}
                    None => {
                        let names = variables.iter().map(|variable| variable.name);
                        let help = did_you_mean(&name, names)
                            .unwrap_or_else(|| format!("declare it: `variable \"{name}\" {{ … }}`"));
                        let message = format!("there is no variable `{name}`");
                        self.report(Diagnostic::at(&UNDEFINED_REFERENCE, place, message).help(help));
                    }
                }
            }
        }
        values
    }

    fn no_blocks(&self, block: &Block, file: FileId) {
        for inner in block.body.blocks() {
            let message = format!("`{}` has no blocks", block.ident.as_str());
            self.tell(&UNKNOWN_BLOCK, header(inner, file), message);
        }
    }

    fn unknown_attribute(
        &self,
        kind: &str,
        name: &str,
        file: FileId,
        range: Option<std::ops::Range<usize>>,
        known: &[&str],
    ) {
        let span = Span::new(file, range.unwrap_or(0..0));
        let help = did_you_mean(name, known.iter().copied())
            .unwrap_or_else(|| format!("it has {}", listed(known.iter().copied())));
        self.report(Diagnostic::at(&UNKNOWN_ATTRIBUTE, span, format!("`{kind}` has no attribute `{name}`")).help(help));
    }

    /// A type as it is written: `string`, `list(number)`, `object({ id = string })`.
    pub(super) fn type_of(&self, expr: &Expression, scope: &Scope) -> Type {
        let span = self.span(expr, scope);
        let simple = |name: &str| match name {
            "string" => Some(Type::String),
            "number" => Some(Type::Number),
            "bool" => Some(Type::Bool),
            "any" => Some(Type::Any),
            _ => None,
        };
        let names = ["string", "number", "bool", "any", "list", "map", "object", "optional"];
        match expr {
            Expression::Variable(name) => {
                if let Some(ty) = simple(name.as_str()) {
                    return ty;
                }
                let name = name.as_str();
                let help = match name {
                    "list" | "map" => format!("say of what: `{name}(string)`"),
                    _ => did_you_mean(name, names)
                        .unwrap_or_else(|| format!("the types are {}", listed(names.into_iter()))),
                };
                self.report(Diagnostic::at(&INVALID_VALUE, span, format!("there is no type `{name}`")).help(help));
            }
            Expression::FuncCall(call) => {
                let name = call.name.name.as_str();
                match (name, call.args.get(0), call.args.len()) {
                    ("list", Some(of), 1) => return Type::List(Box::new(self.type_of(of, scope)), None),
                    ("map", Some(of), 1) => return Type::Map(Box::new(self.type_of(of, scope))),
                    ("optional", Some(of), 1) => return Type::Optional(Box::new(self.type_of(of, scope))),
                    ("object", Some(Expression::Object(fields)), 1) => {
                        let field = |(key, value): (&ObjectKey, &hcl::edit::expr::ObjectValue)| {
                            let name = match key {
                                ObjectKey::Ident(name) => name.as_str(),
                                ObjectKey::Expression(Expression::String(name)) => name.as_str(),
                                ObjectKey::Expression(_) => {
                                    self.tell(&INVALID_VALUE, span, "the name of a field is a plain name");
                                    return None;
                                }
                            };
                            Some((name.to_owned(), self.type_of(value.expr(), scope)))
                        };
                        return Type::Object(fields.iter().filter_map(field).collect());
                    }
                    _ if !TYPES_WITH_PARTS.contains(&name) => {
                        let place = call.name.name.span().map_or(span, |range| Span::new(scope.file, range));
                        let help = did_you_mean(name, TYPES_WITH_PARTS.iter().copied()).unwrap_or_else(|| {
                            format!("the types with parts are {}", listed(TYPES_WITH_PARTS.iter().copied()))
                        });
                        self.report(
                            Diagnostic::at(&INVALID_VALUE, place, format!("there is no type `{name}`")).help(help),
                        );
                    }
                    _ => {
                        let message = format!("`{}` is not a type", self.sources.slice(span));
                        let help = "the types with parts are `list(string)`, `map(string)`, `object({ name = string })` and, for a field, `optional(string)`";
                        self.report(Diagnostic::at(&INVALID_VALUE, span, message).help(help));
                    }
                }
            }
            Expression::String(name) if simple(name.as_str()).is_some() => {
                let message = format!("a type is written without quotes: `{}`", name.as_str());
                self.tell(&INVALID_VALUE, span, message);
            }
            _ => {
                let message = format!("`{}` is not a type", self.sources.slice(span));
                let help = format!("the types are {}", listed(names.into_iter()));
                self.report(Diagnostic::at(&INVALID_VALUE, span, message).help(help));
            }
        }
        Type::Any
    }
}

/// The value as `ty` has it, with HCL's conversions; null fits everywhere.
pub(super) fn convert(value: Value, ty: &Type, what: &str) -> Result<Value, Box<Diagnostic>> {
    let span = value.span;
    if matches!(value.kind, ValueKind::Null | ValueKind::Unknown) {
        return Ok(value);
    }
    let operand = Operand::new(&value, span);
    let wrong = || {
        let message = format!("{what} is of the type `{ty}`, found {}", operand.value.describe());
        Box::new(Diagnostic::at(&WRONG_TYPE, span, message))
    };
    let kind = match ty {
        Type::Any | Type::Null => return Ok(value),
        Type::Optional(inner) => return convert(value, inner, what),
        Type::String => ValueKind::String(to_text(operand, what).map_err(|_| wrong())?),
        Type::Number => ValueKind::Number(to_number(operand, what).map_err(|_| wrong())?),
        Type::Bool => ValueKind::Bool(to_bool(operand, what).map_err(|_| wrong())?),
        Type::List(of, _) => {
            let ValueKind::List(items) = value.kind else { return Err(wrong()) };
            let what = format!("an element of {what}");
            ValueKind::List(items.into_iter().map(|item| convert(item, of, &what)).collect::<Result<_, _>>()?)
        }
        Type::Map(of) => {
            let ValueKind::Object(entries) = value.kind else { return Err(wrong()) };
            let entry = |(key, item): (_, Value)| Ok((key, convert(item, of, &format!("an entry of {what}"))?));
            ValueKind::Object(entries.into_iter().map(entry).collect::<Result<_, Box<Diagnostic>>>()?)
        }
        Type::Object(fields) => {
            let ValueKind::Object(mut entries) = value.kind else { return Err(wrong()) };
            for (key, _) in &entries {
                if !fields.iter().any(|(name, _)| *name == key.value) {
                    let names = || fields.iter().map(|(name, _)| name.as_str());
                    let has = format!("it has {}", listed(names()));
                    let message = format!("{what} has no attribute `{}`", key.value);
                    let help = did_you_mean(&key.value, names()).unwrap_or(has);
                    return Err(Box::new(Diagnostic::at(&UNKNOWN_ATTRIBUTE, key.span, message).help(help)));
                }
            }
            let mut converted = Vec::with_capacity(fields.len());
            for (name, ty) in fields {
                match entries.iter().position(|(key, _)| key.value == *name) {
                    Some(at) => {
                        let (key, value) = entries.swap_remove(at);
                        let value = convert(value, ty, &format!("`{name}` of {what}"))?;
                        converted.push((key, value));
                    }
                    None if matches!(ty, Type::Optional(_)) => {
                        let key = windlass_schemas::span::Spanned::new(name.clone(), span);
                        converted.push((key, Value::new(ValueKind::Null, span)));
                    }
                    None => {
                        let message = format!("{what} lacks the attribute `{name}`");
                        return Err(Box::new(Diagnostic::at(&MISSING_ATTRIBUTE, span, message)));
                    }
                }
            }
            ValueKind::Object(converted)
        }
    };
    Ok(Value::new(kind, span))
}
