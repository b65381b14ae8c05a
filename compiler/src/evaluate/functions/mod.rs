//! The functions of the language, in one table: name, parameters, what it does, code.
//!
//! To add one: a line in the table of its file, and the function that it names. A parameter that ends in `?` may be
//! left out; one that ends in `…` takes any number of arguments.

mod collections;
mod csv;
mod dates;
mod decisions;
mod encoding;
pub(super) mod files;
mod format;
mod hashes;
mod json;
mod lists;
mod maps;
mod marks;
mod networks;
mod numbers;
mod patterns;
pub(super) mod sets;
mod strings;
mod yaml;

use unicode_segmentation::UnicodeSegmentation as _;
use windlass_schemas::codes::{INVALID_OPERAND, LIMIT, UNKNOWN_FUNCTION};
use windlass_schemas::diagnostic::Diagnostic;
use windlass_schemas::span::{Span, Spanned};
use windlass_schemas::suggest::did_you_mean;
use windlass_schemas::value::{Number, Object, Value, ValueKind};

use super::convert::{normalized, to_number, to_text};
use super::limits::MAX_STRING;
use super::operate::{Operand, Outcome};
use crate::files::Files;

/// One function.
pub struct Function {
    /// As it is called.
    pub name: &'static str,
    /// Names of its parameters.
    pub params: &'static [&'static str],
    /// One line for the reference.
    pub doc: &'static str,
    run: Run,
    /// Its list is a set.
    set: bool,
}

/// How a function is computed.
#[derive(Clone, Copy)]
enum Run {
    /// From its arguments.
    Plain(fn(&Call) -> Outcome<ValueKind>),
    /// By choosing a part of its arguments, with all that is known of it.
    Part(fn(&Call) -> Outcome<Value>),
    /// By the evaluator, which decides what of the arguments it evaluates.
    Special(Special),
}

/// The functions that need more than the values of their arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Special {
    Try,
    Can,
    TemplateFile,
    TemplateString,
}

/// Functions that belong together in the reference.
pub struct Group {
    /// The heading.
    pub title: &'static str,
    /// Its functions, sorted by name.
    pub functions: &'static [Function],
}

/// A call: arguments that are known, as many as the parameters allow.
struct Call<'c> {
    name: &'static str,
    args: &'c [Operand<'c>],
    span: Span,
    /// What the project's folder holds; nothing can be read while a workflow runs.
    files: Option<&'c dyn Files>,
}

/// What a string consists of: for a reader, grapheme clusters; in a running workflow, code points.
fn characters(text: &str, running: bool) -> Vec<&str> {
    match running {
        false => text.graphemes(true).collect(),
        true => text.char_indices().map(|(at, c)| &text[at..at + c.len_utf8()]).collect(),
    }
}

/// Every function, by what it works on.
pub static GROUPS: &[Group] = &[
    Group { title: "Strings", functions: strings::FUNCTIONS },
    Group { title: "Formats", functions: format::FUNCTIONS },
    Group { title: "Regular expressions", functions: patterns::FUNCTIONS },
    Group { title: "Numbers", functions: numbers::FUNCTIONS },
    Group { title: "Lists", functions: lists::FUNCTIONS },
    Group { title: "Objects", functions: maps::FUNCTIONS },
    Group { title: "Sets", functions: sets::FUNCTIONS },
    Group { title: "Lists, objects and strings", functions: collections::FUNCTIONS },
    Group { title: "Decisions", functions: decisions::FUNCTIONS },
    Group { title: "JSON", functions: json::FUNCTIONS },
    Group { title: "YAML", functions: yaml::FUNCTIONS },
    Group { title: "Encodings", functions: encoding::FUNCTIONS },
    Group { title: "CSV", functions: csv::FUNCTIONS },
    Group { title: "Digests", functions: hashes::FUNCTIONS },
    Group { title: "Dates", functions: dates::FUNCTIONS },
    Group { title: "Networks", functions: networks::FUNCTIONS },
    Group { title: "Files", functions: files::FUNCTIONS },
    Group { title: "Sensitive values", functions: marks::FUNCTIONS },
];

/// Functions that a Terraform user may look for and that do not exist, with the reason and the way out.
const REFUSED: &[(&str, &str)] = &[
    ("abspath", "the same spec gives the same output on every machine; write paths relative to the project's folder"),
    (
        "bcrypt",
        "it gives another result each time, and a spec gives the same output each time; hash a password outside",
    ),
    ("convert", "write `tostring`, `tonumber`, `tobool`, `tolist`, `toset` or `tomap`"),
    ("list", "write `[a, b]`"),
    ("map", "write `{ a = 1, b = 2 }`"),
    (
        "pathexpand",
        "the same spec gives the same output on every machine; write paths relative to the project's folder",
    ),
    ("plantimestamp", "a spec gives the same output each time, so there is no clock; give the time as a variable"),
    ("rsadecrypt", "a spec holds no secrets; name one with a `secret` block"),
    ("timestamp", "a spec gives the same output each time, so there is no clock; give the time as a variable"),
    ("uuid", "a spec gives the same output each time; `uuidv5` makes one of a name"),
];

/// Every function, in the order of its groups.
pub fn all() -> impl Iterator<Item = &'static Function> {
    GROUPS.iter().flat_map(|group| group.functions)
}

/// The function of this name, or an error with the nearest one.
pub fn find(name: &str, place: Span) -> Outcome<&'static Function> {
    all().find(|function| function.name == name).ok_or_else(|| {
        let refused = REFUSED.iter().find(|(refused, _)| *refused == name).map(|(_, why)| (*why).to_owned());
        let help = refused.or_else(|| did_you_mean(name, all().map(|function| function.name)));
        let message = format!("there is no function `{name}`");
        Box::new(Diagnostic::at(&UNKNOWN_FUNCTION, place, message).maybe_help(help))
    })
}

/// Whether a function makes text of all its arguments.
pub(super) fn takes_text(name: &str) -> bool {
    let groups = ["Strings", "Formats", "Regular expressions", "Encodings", "Digests", "JSON"];
    GROUPS.iter().any(|group| groups.contains(&group.title) && group.functions.iter().any(|of| of.name == name))
}

/// `1 element`, `2 elements`
fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// A line of a table.
const fn function(
    name: &'static str,
    params: &'static [&'static str],
    doc: &'static str,
    run: fn(&Call) -> Outcome<ValueKind>,
) -> Function {
    Function { name, params, doc, run: Run::Plain(run), set: false }
}

/// A line of a table for a function that gives a set.
const fn set_function(
    name: &'static str,
    params: &'static [&'static str],
    doc: &'static str,
    run: fn(&Call) -> Outcome<ValueKind>,
) -> Function {
    Function { name, params, doc, run: Run::Plain(run), set: true }
}

/// A line of a table for a function that chooses a part of its arguments.
const fn part(
    name: &'static str,
    params: &'static [&'static str],
    doc: &'static str,
    run: fn(&Call) -> Outcome<Value>,
) -> Function {
    Function { name, params, doc, run: Run::Part(run), set: false }
}

/// A line of a table for a function of the evaluator's own.
const fn special(name: &'static str, params: &'static [&'static str], doc: &'static str, special: Special) -> Function {
    Function { name, params, doc, run: Run::Special(special), set: false }
}

impl Function {
    /// How it is called: `join(separator, lists…)`.
    pub fn signature(&self) -> String {
        format!("{}({})", self.name, self.params.join(", "))
    }

    /// What the evaluator must do itself.
    pub(super) fn special(&self) -> Option<Special> {
        match self.run {
            Run::Special(special) => Some(special),
            Run::Plain(_) | Run::Part(_) => None,
        }
    }

    /// What a call takes out of the budget beside what it makes: patterns are compiled and files read each time.
    pub(super) fn price(&self) -> u64 {
        let dear = matches!(self.name, "regex" | "regexall" | "replace") || self.name.starts_with("file");
        if dear { 20 } else { 0 }
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

    /// The result for arguments that are known. `files` is the project's folder, where there is one.
    pub fn call(&self, args: &[Operand], span: Span, files: Option<&dyn Files>) -> Outcome<Value> {
        self.takes(args.len(), span)?;
        let call = Call { name: self.name, args, span, files };
        match self.run {
            Run::Plain(run) => {
                let mut value = call.value(run(&call)?);
                value.set = self.set && matches!(value.kind, ValueKind::List(_));
                Ok(value)
            }
            Run::Part(run) => Ok(Value { span, ..run(&call)? }),
            Run::Special(_) => Err(call.error(span, "it is computed when compiling only")),
        }
    }
}

impl<'c> Call<'c> {
    /// Whether it is computed in a running workflow.
    fn runs(&self) -> bool {
        self.files.is_none()
    }

    /// Text as HCL holds it. A running workflow leaves it as it is.
    fn held(&self, text: String) -> String {
        if self.runs() { text } else { normalized(text) }
    }

    fn user(&self) -> String {
        format!("`{}`", self.name)
    }

    fn arg(&self, at: usize) -> Outcome<Operand<'c>> {
        self.args.get(at).copied().ok_or_else(|| self.error(self.span, "too few arguments"))
    }

    fn place(&self, at: usize) -> Span {
        self.args.get(at).map_or(self.span, |arg| arg.span)
    }

    fn error(&self, place: Span, message: impl std::fmt::Display) -> Box<Diagnostic> {
        Box::new(Diagnostic::at(&INVALID_OPERAND, place, format!("`{}`: {message}", self.name)))
    }

    /// An error about an argument.
    fn wrong(&self, at: usize, message: impl std::fmt::Display) -> Box<Diagnostic> {
        self.error(self.place(at), message)
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

    /// A whole number.
    fn whole(&self, at: usize) -> Outcome<i64> {
        match self.number(at)? {
            Number::Int(n) => Ok(n),
            Number::Float(x) => Err(self.wrong(at, format!("a whole number is needed, found {x}"))),
        }
    }

    /// A whole number from 0.
    fn count(&self, at: usize) -> Outcome<usize> {
        let n = self.whole(at)?;
        usize::try_from(n).map_err(|_| self.wrong(at, format!("a whole number from 0 is needed, found {n}")))
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

    /// A list of strings, or of what can become strings.
    fn texts(&self, at: usize) -> Outcome<Vec<String>> {
        let (place, user) = (self.place(at), self.user());
        self.list(at)?.iter().map(|item| to_text(Operand::new(item, place), &user)).collect()
    }

    /// A string that is not too long.
    fn string(&self, text: impl Into<String>) -> Outcome<ValueKind> {
        let text = text.into();
        self.room(text.len())?;
        Ok(ValueKind::String(self.held(text)))
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

    /// A string made by the call.
    fn piece(&self, text: impl Into<String>) -> Value {
        self.value(ValueKind::String(self.held(text.into())))
    }

    /// A key of an object made by the call.
    fn key(&self, text: impl Into<String>) -> Spanned<String> {
        Spanned::new(self.held(text.into()), self.span)
    }
}
