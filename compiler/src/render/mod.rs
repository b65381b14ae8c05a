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
use windlass_schemas::source::Sources;

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

    /// The path of a source, as its reader can open it.
    fn path(&self, name: &str) -> String {
        let mut parts: Vec<&str> = Vec::new();
        for part in self.folder.split('/').chain(name.split('/')) {
            match (part, parts.last()) {
                ("." | "", Some(_)) | (".", None) => {}
                // Above the root of an absolute path is that root again.
                ("..", Some(&"")) if parts.len() == 1 => {}
                ("..", Some(last)) if *last != ".." => {
                    parts.pop();
                }
                ("", None) if !self.folder.starts_with('/') => {}
                (part, _) => parts.push(part),
            }
        }
        parts.join("/")
    }
}

/// `each.key` and `is "eu"`: what a name stood for.
fn statement(value: &str) -> String {
    format!("is {value}")
}
