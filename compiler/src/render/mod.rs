//! Findings in, text out: for people, and in the formats that programs read.
//!
//! | format | read by |
//! |---|---|
//! | [human](mod@human) | people, on a terminal |
//! | [json](mod@json) | scripts and editors; versioned |
//! | [sarif](mod@sarif) | code scanning, editors: SARIF 2.1.0 |
//! | [github](mod@github) | GitHub's runner, which makes annotations of it |

mod github;
mod human;
mod json;
mod places;
mod sarif;
#[cfg(test)]
mod tests;

use windlass_schemas::diagnostic::{Diagnostic, Severity};
use windlass_schemas::source::{Origin, Source, Sources};

pub use github::github;
pub use human::{Style, human};
pub use json::json;
pub use sarif::sarif;

/// What is told.
#[derive(Clone, Copy)]
pub struct Findings<'a> {
    /// Sorted by place.
    pub found: &'a [Diagnostic],
    /// What they point into.
    pub sources: &'a Sources,
    /// Whether warnings count as errors.
    pub strict: bool,
    /// What stands before the path of a source for whoever reads the result: the folder of the spec, with `/` between
    /// its parts. Empty for the folder that paths are relative to.
    pub folder: &'a str,
    /// The same for files that the command line names: the folder in which the command runs.
    pub here: &'a str,
}

impl Findings<'_> {
    /// How bad a finding is here.
    fn severity(&self, diagnostic: &Diagnostic) -> Severity {
        if self.strict { Severity::Error } else { diagnostic.code.severity }
    }

    /// The numbers of errors and of warnings.
    fn counts(&self) -> (usize, usize) {
        let errors = self.found.iter().filter(|found| self.severity(found) == Severity::Error).count();
        (errors, self.found.len() - errors)
    }

    /// Whether an error is among them.
    pub fn failed(&self) -> bool {
        self.counts().0 > 0
    }

    /// The path of a source, as its reader can open it; the name of what is no file.
    fn path(&self, source: &Source) -> String {
        match source.origin {
            Origin::Project | Origin::Rendered => join(self.folder, &source.name),
            Origin::Outside if source.name.starts_with('/') => join("", &source.name),
            Origin::Outside => join(self.here, &source.name),
            Origin::Argument => source.name.clone(),
        }
    }
}

/// A path in a folder, without `.` and `..` where they can go.
fn join(folder: &str, name: &str) -> String {
    let whole = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
    let root = if whole.starts_with('/') { "/" } else { "" };
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/').filter(|part| !matches!(*part, "" | ".")) {
        match (part, parts.last()) {
            // Above the root is that root again.
            ("..", None) if !root.is_empty() => {}
            ("..", Some(last)) if *last != ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    format!("{root}{}", parts.join("/"))
}

/// `each.key` and `is "eu"`: what a name stood for.
fn statement(value: &str) -> String {
    format!("is {value}")
}
