//! The functions of the language, in one table: name, parameters, what it does, code.
//!
//! To add one: a line in the table of its file, and the function that it names. A parameter that ends in `?` may be
//! left out; one that ends in `…` takes any number of arguments.

mod collections;
mod json;
mod marks;
mod numbers;
mod strings;

use windlass_schemas::codes::{INVALID_OPERAND, LIMIT, UNKNOWN_FUNCTION};
use windlass_schemas::diagnostic::Diagnostic;
use windlass_schemas::span::Span;
use windlass_schemas::suggest::did_you_mean;
use windlass_schemas::value::{Number, Object, Value, ValueKind};

use super::convert::{to_number, to_text};
use super::limits::MAX_STRING;
use super::operate::{Operand, Outcome};

/// One function.
pub struct Function {
    /// As it is called.
    pub name: &'static str,
    /// Names of its parameters.
    pub params: &'static [&'static str],
    /// One line for the reference.
    pub doc: &'static str,
    run: fn(&Call) -> Outcome<ValueKind>,
}

/// A call: arguments that are known, as many as the parameters allow.
struct Call<'c> {
    name: &'static str,
    args: &'c [Operand<'c>],
    span: Span,
}

/// Every function, in the order of its files.
pub fn all() -> impl Iterator<Item = &'static Function> {
    [strings::FUNCTIONS, numbers::FUNCTIONS, collections::FUNCTIONS, json::FUNCTIONS, marks::FUNCTIONS]
        .into_iter()
        .flatten()
}

/// The function of this name, or an error with the nearest one.
pub fn find(name: &str, place: Span) -> Outcome<&'static Function> {
    all().find(|function| function.name == name).ok_or_else(|| {
        let help = did_you_mean(name, all().map(|function| function.name));
        let message = format!("there is no function `{name}`");
        Box::new(Diagnostic::at(&UNKNOWN_FUNCTION, place, message).maybe_help(help))
    })
}

impl Function {
    /// How it is called: `join(separator, lists…)`.
    pub fn signature(&self) -> String {
        format!("{}({})", self.name, self.params.join(", "))
    }

    /// Whether it takes this many arguments; `span` is the call.
    pub fn takes(&self, count: usize, span: Span) -> Outcome<()> {
        let any = self.params.last().is_some_and(|last| last.ends_with('…'));
        let least = self.params.iter().filter(|param| !param.ends_with(['?', '…'])).count();
        if count >= least && (any || count <= self.params.len()) {
            return Ok(());
        }
        let wanted = match (any, least == self.params.len()) {
            (false, true) => format!("{least}"),
            (true, _) => format!("at least {least}"),
            (false, false) => format!("{least} to {}", self.params.len()),
        };
        let one = if wanted.ends_with('1') { "argument" } else { "arguments" };
        let message = format!("`{}` takes {wanted} {one}, found {count}", self.name);
        let help = format!("it is called as `{}`", self.signature());
        Err(Box::new(Diagnostic::at(&INVALID_OPERAND, span, message).help(help)))
    }

    /// The result for arguments that are known.
    pub fn call(&self, args: &[Operand], span: Span) -> Outcome<ValueKind> {
        self.takes(args.len(), span)?;
        (self.run)(&Call { name: self.name, args, span })
    }
}

impl<'c> Call<'c> {
    fn user(&self) -> String {
        format!("`{}`", self.name)
    }

    fn arg(&self, at: usize) -> Outcome<Operand<'c>> {
        self.args.get(at).copied().ok_or_else(|| self.error(self.span, "too few arguments".to_owned()))
    }

    fn error(&self, place: Span, message: String) -> Box<Diagnostic> {
        Box::new(Diagnostic::at(&INVALID_OPERAND, place, format!("`{}`: {message}", self.name)))
    }

    fn needs<T>(&self, at: usize, wanted: &str) -> Outcome<T> {
        let arg = self.arg(at)?;
        let message = format!("`{}` needs {wanted}, found {}", self.name, arg.value.describe());
        Err(Box::new(Diagnostic::at(&INVALID_OPERAND, arg.span, message)))
    }

    fn text(&self, at: usize) -> Outcome<String> {
        to_text(self.arg(at)?, &self.user())
    }

    fn number(&self, at: usize) -> Outcome<Number> {
        to_number(self.arg(at)?, &self.user())
    }

    fn list(&self, at: usize) -> Outcome<&'c [Value]> {
        match &self.arg(at)?.value.kind {
            ValueKind::List(items) => Ok(items),
            _ => self.needs(at, "a list"),
        }
    }

    fn object(&self, at: usize) -> Outcome<&'c Object> {
        match &self.arg(at)?.value.kind {
            ValueKind::Object(entries) => Ok(entries),
            _ => self.needs(at, "an object"),
        }
    }

    /// A string that is not too long.
    fn string(&self, text: String) -> Outcome<ValueKind> {
        self.room(text.len())?;
        Ok(ValueKind::String(text))
    }

    /// Refuses, before it is made, a string that would be too long.
    fn room(&self, bytes: usize) -> Outcome<()> {
        if bytes <= MAX_STRING {
            return Ok(());
        }
        let message = format!("`{}` would make a string of more than 16 MiB", self.name);
        Err(Box::new(Diagnostic::at(&LIMIT, self.span, message)))
    }

    /// Refuses, before it is made, a list that would be too long.
    fn elements(&self, count: usize) -> Outcome<()> {
        if count as u64 <= super::limits::MAX_ELEMENTS {
            return Ok(());
        }
        let message =
            format!("`{}` would make a list of more than {} elements", self.name, super::limits::MAX_ELEMENTS);
        Err(Box::new(Diagnostic::at(&LIMIT, self.span, message)))
    }

    /// A value made by the call.
    fn value(&self, kind: ValueKind) -> Value {
        Value::new(kind, self.span)
    }
}
