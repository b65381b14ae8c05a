//! Findings to the terminal, or to the program that reads them.

use std::io::{self, IsTerminal, Write};
use std::path::{Component, Path, PathBuf};

use windlass::render::{Findings, Style, github, human, json, sarif};
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::source::Sources;

/// How findings are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people, on standard error.
    #[default]
    Human,
    /// One JSON document on standard output, also when all is well.
    Json,
    /// One SARIF 2.1.0 log on standard output, also when all is well.
    Sarif,
    /// A workflow command of GitHub Actions for each finding, on standard output.
    Github,
}

/// Whether findings are drawn in colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set; with CLICOLOR_FORCE, everywhere.
    #[default]
    Auto,
    /// In any case.
    Always,
    /// In no case.
    Never,
}

// How findings are told, and which of them count. As a comment of documentation, this would describe each command that has it.
#[derive(Debug, Default, clap::Args)]
pub struct Reporting {
    /// How findings are told.
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub format: Format,
    /// Counts every warning as an error.
    #[arg(long)]
    pub warnings_as_errors: bool,
}

impl Reporting {
    /// Whether one of these findings is an error, or counts as one.
    pub fn stops(&self, diags: &Diagnostics) -> bool {
        diags.failed() || self.warnings_as_errors && !diags.is_empty()
    }
}

/// Tells findings about the spec in `dir`. `None` when an error is among them.
pub fn report(diags: Diagnostics, sources: &Sources, dir: &Path, how: &Reporting, color: Color) -> Option<()> {
    let found: Vec<Diagnostic> = diags.into_sorted();
    let (folder, here) = (folder(dir, how.format), folder(Path::new(""), how.format));
    let findings = Findings { found: &found, sources, strict: how.warnings_as_errors, folder: &folder, here: &here };
    match how.format {
        Format::Human if found.is_empty() => {}
        Format::Human => {
            let style = if colored(color) { Style::Color } else { Style::Plain };
            // Nobody is left to tell when standard error is closed.
            let _ = io::stderr().lock().write_all(human(&findings, style, 100).as_bytes());
        }
        Format::Json => print(&json(&findings)),
        Format::Sarif => print(&sarif(&findings)),
        Format::Github => print(&github(&findings)),
    }
    (!findings.failed()).then_some(())
}

/// Writes to standard output. A reader that has seen enough, as `head` has, is no mistake.
pub fn print(text: &str) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// <https://no-color.org>, <https://bixense.com/clicolors>
fn colored(color: Color) -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let forced = || std::env::var_os("CLICOLOR_FORCE").is_some_and(|value| !value.is_empty() && value != "0");
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => !set("NO_COLOR") && (forced() || io::stderr().is_terminal()),
    }
}

/// A folder, relative to the one that paths in reports are relative to: where the command runs, and on GitHub,
/// for what GitHub reads, the checkout. A folder outside of it is told by its whole path.
fn folder(dir: &Path, format: Format) -> String {
    let Ok(here) = std::env::current_dir() else { return text(dir) };
    let checkout = std::env::var_os("GITHUB_WORKSPACE").map(PathBuf::from);
    let base = match format {
        Format::Sarif | Format::Github => checkout.filter(|checkout| here.starts_with(checkout)),
        Format::Human | Format::Json => None,
    };
    let whole = plain(&here.join(dir));
    match whole.strip_prefix(base.as_deref().unwrap_or(&here)) {
        Ok(inside) => text(inside),
        Err(_) if dir.is_relative() && base.is_none() => text(dir),
        Err(_) => text(&whole),
    }
}

/// The path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

fn text(path: &Path) -> String {
    path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/")
}
