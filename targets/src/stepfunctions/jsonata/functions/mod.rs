//! The functions of the language that JSONata can compute, each with its spelling.
//!
//! A function is here when its results are exactly those of HCL. What is not: functions of files and dates, digests, YAML, CSV, networks
//! (JSONata has nothing of the kind), `log`, `title`, `format` with `%f` (which would be rounded in another way), `try` and `can`
//! (JSONata cannot go on after an error).

mod encoding;
mod format;
mod lists;
mod numbers;
mod objects;
mod strings;

use windlass_schemas::expr::{Expr, ExprKind};
use windlass_schemas::span::{Span, Spanned};
use windlass_schemas::types::Type;
use windlass_schemas::value::{Number, Value, ValueKind};

use super::helpers::Helper;
use super::{Refusal, Term, types};

/// A call of a function whose arguments have been translated.
pub struct Call<'c> {
    pub name: &'c Spanned<String>,
    pub terms: Vec<Term>,
    pub arguments: &'c [Expr],
    pub span: Span,
}

type Spelled = Result<Term, Refusal>;

/// How one function is spelled.
type Spelling = fn(Call) -> Spelled;

struct Function {
    name: &'static str,
    /// Fewest and most arguments.
    arguments: (usize, usize),
    spelling: Spelling,
}

const ANY: usize = usize::MAX;

const fn function(name: &'static str, fewest: usize, most: usize, spelling: Spelling) -> Function {
    Function { name, arguments: (fewest, most), spelling }
}

fn all() -> impl Iterator<Item = &'static Function> {
    [
        strings::FUNCTIONS,
        format::FUNCTIONS,
        numbers::FUNCTIONS,
        lists::FUNCTIONS,
        objects::FUNCTIONS,
        encoding::FUNCTIONS,
    ]
    .into_iter()
    .flatten()
}

/// The names of the functions, sorted.
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<_> = all().map(|function| function.name).collect();
    names.sort_unstable();
    names
}

/// The call, or why there is none.
pub fn call(call: Call) -> Spelled {
    let Some(function) = all().find(|f| f.name == call.name.value) else {
        let known: Vec<String> = names().into_iter().map(|name| format!("`{name}`")).collect();
        return Err(Refusal {
            span: call.name.span,
            message: format!("`{}` cannot be computed while a workflow runs", call.name.value),
            help: format!("Step Functions can compute {}", known.join(", ")),
        });
    };
    let (fewest, most) = function.arguments;
    let count = call.terms.len();
    if count < fewest || count > most {
        let help = if most == ANY { format!("give it at least {fewest}") } else { format!("give it {fewest}") };
        return Err(Refusal::new(call.span, format!("`{}` does not take {count} arguments", call.name.value), help));
    }
    (function.spelling)(call)
}

impl<'c> Call<'c> {
    /// Takes an argument out.
    fn take(&mut self, at: usize) -> Term {
        self.terms.get_mut(at).map_or_else(Term::null, |term| std::mem::replace(term, Term::null()))
    }

    fn text(&mut self, at: usize) -> Term {
        self.take(at).text_of()
    }

    fn number(&mut self, at: usize) -> Term {
        self.take(at).number()
    }

    /// A whole number; looked at unless it is known.
    fn whole(&mut self, at: usize) -> Term {
        let helper = Helper::Whole;
        self.checked(at, helper, |_| true)
    }

    /// A whole number from 0.
    fn natural(&mut self, at: usize) -> Term {
        self.checked(at, Helper::Natural, |n| n >= 0)
    }

    fn checked(&mut self, at: usize, helper: Helper, holds: fn(i64) -> bool) -> Term {
        let known = self.known_whole(at).is_some_and(holds);
        let number = self.number(at);
        if known { number } else { Term::helped(helper, vec![number], Type::Number) }
    }

    fn list(&mut self, at: usize) -> Term {
        self.take(at).array()
    }

    /// A list whose elements need no conversion to a type in common: HCL would convert what is not known here.
    fn uniform(&mut self, at: usize) -> Spelled {
        let list = self.list(at);
        match types::is_uniform(&types::element(&list.ty)) || types::length(&list.ty) == Some(0) {
            true => Ok(list),
            false => Err(self.refused(
                at,
                "the type of the elements is not known, so a conversion to one type cannot be ruled out",
                "say the type of what the stage returns, or make a list of one type: `[for x in list : tostring(x)]`",
            )),
        }
    }

    fn object(&mut self, at: usize) -> Term {
        self.take(at).object()
    }

    /// What is known when compiling of an argument.
    fn known(&self, at: usize) -> Option<&'c ValueKind> {
        match self.arguments.get(at)? {
            Expr { kind: ExprKind::Literal(Value { kind, .. }), .. } => Some(kind),
            _ => None,
        }
    }

    fn known_text(&self, at: usize) -> Option<&'c str> {
        match self.known(at)? {
            ValueKind::String(text) => Some(text),
            _ => None,
        }
    }

    fn known_whole(&self, at: usize) -> Option<i64> {
        match self.known(at)? {
            ValueKind::Number(Number::Int(n)) => Some(*n),
            _ => None,
        }
    }

    /// An error about an argument.
    fn refused(&self, at: usize, message: &str, help: &str) -> Refusal {
        let span = self.arguments.get(at).map_or(self.span, |argument| argument.span);
        Refusal::new(span, format!("`{}`: {message}", self.name.value), help)
    }

    /// The text of an argument that decides how the call is spelled.
    fn needed_text(&self, at: usize, what: &str) -> Result<&'c str, Refusal> {
        self.known_text(at).ok_or_else(|| {
            self.refused(
                at,
                &format!("{what} must be known when compiling"),
                "write it as a string without `input` and `stage`",
            )
        })
    }
}

fn list_of(element: Type) -> Type {
    Type::List(Box::new(element), None)
}
