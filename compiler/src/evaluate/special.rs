//! Functions that need more than the values of their arguments: `try` and `can` bear with errors, templates are
//! evaluated in a scope of their own. And conditionals, whose two results have one type.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;

use elsa::FrozenVec;
use windlass_schemas::codes::{CYCLE, INVALID_OPERAND, KNOWN_LATER, LIMIT, UNDEFINED_REFERENCE, UNKNOWN_FUNCTION};
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::span::{FileId, Span};
use windlass_schemas::value::{Value, ValueKind};

use super::convert::{conform, shape_of, to_text, unify};
use super::expression::{Evaluator, Place, Scope};
use super::functions::{Function, Special, files};
use super::limits::{LOOKS_PER_ELEMENT, size};
use super::operate::{Operand, Outcome};
use crate::parse::parse_template;
use crate::parse::tree::{Call, Expression};

/// The name under which a template's scope has the object of its variables; no expression can write it.
pub(super) const GIVEN: &str = "";

/// Templates that were parsed, each once.
#[derive(Default)]
pub(super) struct Templates {
    /// The number of the template in a file, or in a string; `None` when it has been found wrong.
    known: RefCell<BTreeMap<(Special, String), Option<usize>>>,
    parsed: FrozenVec<Box<(FileId, Expression)>>,
}

/// Mistakes that no attempt excuses: they are wrong whatever the values are.
pub(super) fn escapes(finding: &Diagnostic) -> bool {
    [&UNDEFINED_REFERENCE, &UNKNOWN_FUNCTION, &LIMIT, &CYCLE].contains(&finding.code)
}

impl<'a> Evaluator<'a> {
    /// Evaluates what may fail; with the value come the findings.
    fn attempt<'s>(&'s self, expr: &'s Expression, scope: &Scope<'s>) -> (Cow<'s, Value>, Vec<Diagnostic>) {
        self.attempts.borrow_mut().push(Vec::new());
        let value = self.eval(expr, scope);
        (value, self.attempts.borrow_mut().pop().unwrap_or_default())
    }

    /// `try(…)` or `can(…)`
    pub(super) fn attempted<'s>(
        &'s self,
        special: Special,
        function: &Function,
        node: &'s Call,
        span: Span,
        scope: &Scope<'s>,
    ) -> Cow<'s, Value> {
        if let Err(finding) = function.takes(node.arguments.len(), span) {
            return self.fail(*finding, span);
        }
        if node.expands {
            let message = format!("`{}` takes expressions one by one, not a list with `...`", function.name);
            return self.fail(Diagnostic::at(&INVALID_OPERAND, span, message), span);
        }
        let mut reasons = Vec::new();
        for arg in &node.arguments {
            let (value, mut found) = self.attempt(arg, scope);
            // Whether it fails is known only later, too.
            if let Some(at) = found.iter().position(|finding| finding.code == &KNOWN_LATER) {
                return self.fail(found.swap_remove(at), span);
            }
            if value.is_deferred() {
                let finding = self.known_later(self.span(arg, scope), &format!("what `{}` tries", function.name));
                return self.fail(finding, span);
            }
            if found.is_empty() {
                return match (special, value.is_unknown()) {
                    (_, true) => self.unknown(span),
                    (Special::Can, _) => Cow::Owned(Value::new(ValueKind::Bool(true), span)),
                    _ => value,
                };
            }
            reasons.append(&mut found);
        }
        if special == Special::Can {
            return Cow::Owned(Value::new(ValueKind::Bool(false), span));
        }
        let mut finding = Diagnostic::at(&INVALID_OPERAND, span, "no argument of `try` has a value")
            .help("add a last argument that always has one, such as `null`");
        for reason in &reasons {
            if let Some(label) = reason.labels.first() {
                finding = finding.label(label.span, reason.message.clone());
            }
        }
        self.fail(finding, span)
    }

    /// The branch of a conditional that holds, converted to the type that it has in common with the other.
    pub(super) fn chosen<'s>(
        &'s self,
        holds: &'s Expression,
        other: &'s Expression,
        span: Span,
        scope: &Scope<'s>,
    ) -> Cow<'s, Value> {
        let value = self.eval(holds, scope);
        // What is wrong in the other does not matter, only its type.
        let (other, _) = self.attempt(other, scope);
        if same(&value, &other) {
            return value;
        }
        if !self.spend((size(&value).elements + size(&other).elements) / LOOKS_PER_ELEMENT, span) {
            return self.unknown(span);
        }
        let shape = shape_of(&value);
        match unify(shape.clone(), shape_of(&other)) {
            Some(wanted) if wanted == shape => value,
            Some(wanted) => {
                let mut value = value.into_owned();
                conform(&mut value, &wanted);
                Cow::Owned(value)
            }
            None => {
                let message = "the two results of a condition must have one type";
                let said = |value: &Value| format!("this is {}", value.describe());
                let finding = match value.describe() == other.describe() {
                    true => Diagnostic::at(&INVALID_OPERAND, span, message)
                        .help("what they hold cannot be converted to one type; give both the same keys or elements"),
                    false => Diagnostic::at(&INVALID_OPERAND, value.span, message)
                        .saying(said(&value))
                        .label(other.span, said(&other))
                        .help("convert one of them, or write `null` for no value"),
                };
                self.fail(finding, span)
            }
        }
    }

    /// A special function over values that are known.
    pub(super) fn special<'s>(
        &'s self,
        special: Special,
        args: &[Operand],
        span: Span,
        scope: &Scope<'s>,
    ) -> Outcome<Cow<'s, Value>> {
        match (special, args) {
            (Special::TemplateFile | Special::TemplateString, [of, variables]) => {
                self.filled(special, *of, *variables, span, scope)
            }
            _ => Ok(self.unknown(span)),
        }
    }

    /// A template of its own, with nothing in scope but the variables given.
    fn filled<'s>(
        &'s self,
        special: Special,
        of: Operand,
        variables: Operand,
        span: Span,
        scope: &Scope,
    ) -> Outcome<Cow<'s, Value>> {
        let name = if special == Special::TemplateFile { "templatefile" } else { "templatestring" };
        if scope.place == Place::Template {
            let message = format!("`{name}` cannot be called inside a template");
            return Err(Box::new(
                Diagnostic::at(&INVALID_OPERAND, span, message)
                    .help("fill in the inner template outside, and give the result as a variable"),
            ));
        }
        if !matches!(variables.value.kind, ValueKind::Object(_)) {
            let message = format!("`{name}` needs an object of variables, found {}", variables.value.describe());
            return Err(Box::new(
                Diagnostic::at(&INVALID_OPERAND, variables.span, message).help("write `{ name = value }`"),
            ));
        }
        let Some((file, template)) = self.opened(special, of)? else { return Ok(self.unknown(span)) };
        let outer = Scope::new(*file, Place::Template);
        let before = self.tally();
        let value = self.eval(template, &outer.with(GIVEN, variables.value)).into_owned();
        self.label_since(before, span, "the template is filled in here");
        Ok(Cow::Owned(Value { span, ..value }))
    }

    /// How many findings there are, reported ones and those of the innermost attempt.
    fn tally(&self) -> (usize, usize) {
        (self.found.borrow().len(), self.attempts.borrow().last().map_or(0, Vec::len))
    }

    /// Adds a place to the findings since then.
    fn label_since(&self, (found, attempted): (usize, usize), span: Span, text: &str) {
        let mut reported = self.found.borrow_mut();
        let mut attempts = self.attempts.borrow_mut();
        let attempts = attempts.last_mut().into_iter().flat_map(|found| found.iter_mut().skip(attempted));
        for finding in reported.iter_mut().skip(found).chain(attempts) {
            *finding = finding.clone().label(span, text);
        }
    }

    /// The template that a call names, parsed the first time; `None` when that failed, which has been reported.
    fn opened(&self, special: Special, of: Operand) -> Outcome<Option<&(FileId, Expression)>> {
        let name = match special {
            Special::TemplateFile => files::template_path(of)?,
            _ => to_text(of, "`templatestring`")?,
        };
        let key = (special, name);
        if let Some(known) = self.shared.templates.known.borrow().get(&key) {
            return Ok(known.and_then(|at| self.shared.templates.parsed.get(at)));
        }
        let file = match special {
            Special::TemplateFile => self.sources.add(&key.1, files::template_text(of, self.files)?),
            _ => self.sources.add("templatestring", &key.1),
        };
        let mut diags = Diagnostics::default();
        let template = parse_template(self.sources, file, &mut diags);
        for finding in diags.into_sorted() {
            self.report(finding);
        }
        let at = template.map(|template| {
            self.shared.templates.parsed.push(Box::new((file, template)));
            self.shared.templates.parsed.len() - 1
        });
        self.shared.templates.known.borrow_mut().insert(key, at);
        Ok(at.and_then(|at| self.shared.templates.parsed.get(at)))
    }
}

/// Whether the values are of one simple type, so that nothing needs to be converted.
fn same(a: &Value, b: &Value) -> bool {
    use ValueKind::{Bool, Deferred, Null, Number, Reference, String, Type, Unknown};
    let opaque = |kind: &ValueKind| matches!(kind, Null | Deferred(_) | Unknown | Type(_) | Reference(_));
    opaque(&a.kind)
        || opaque(&b.kind)
        || matches!((&a.kind, &b.kind), (Bool(_), Bool(_)) | (Number(_), Number(_)) | (String(_), String(_)))
}
