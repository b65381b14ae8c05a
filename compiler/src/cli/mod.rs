//! The command line: the only place that touches files, the terminal and the process.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "this is where the compiler meets the world"
)]

mod explain;
mod project;
mod variables;
mod write;

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use windlass::evaluate::Inputs;
use windlass::render::{Style, render};
use windlass::{Compiled, compile, lock};
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::source::Sources;

use project::Project;
use variables::Variables;

/// Compiles one HCL spec of models, services, workflows and alerts to Kubernetes, Step Functions, CloudWatch and an
/// inference service.
#[derive(Parser)]
#[command(name = "windlass", version, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Checks a spec; says nothing and exits with 0 when all is well.
    Check(Spec),
    /// Compiles a spec and writes everything that it needs.
    Compile {
        #[command(flatten)]
        spec: Spec,
        /// The folder to write to [default: DIR/build/ENVIRONMENT].
        #[arg(long, value_name = "FOLDER")]
        out: Option<PathBuf>,
    },
    /// Tells what a code of an error means, with an example and its cure.
    Explain {
        /// The code, as in `unknown-attribute`; without it, all codes are listed.
        code: Option<String>,
    },
}

#[derive(clap::Args)]
struct Spec {
    /// The folder of the spec: every `*.hcl` file in it.
    #[arg(value_name = "DIR", default_value = ".")]
    dir: PathBuf,
    /// The environment to compile for; may be left out where the spec has one or none.
    #[arg(long, value_name = "NAME")]
    env: Option<String>,
    #[command(flatten)]
    variables: Variables,
}

/// Runs the command line; 0 when all is well, 1 when not.
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // A call for help or the version is no mistake.
            let code = if error.use_stderr() { ExitCode::FAILURE } else { ExitCode::SUCCESS };
            let _ = error.print();
            return code;
        }
    };
    let done = match cli.command {
        Command::Check(spec) => compiled(&spec).map(drop),
        Command::Compile { spec, out } => run_compile(&spec, out),
        Command::Explain { code } => explain::run(code.as_deref()),
    };
    if done.is_some() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Reads and compiles a spec. What was found is printed; `None` when an error was among it.
fn compiled(spec: &Spec) -> Option<(Project, Sources, Compiled)> {
    let sources = Sources::default();
    let mut diags = Diagnostics::default();
    let project = Project::new(&spec.dir);
    let given = spec.variables.given().map_err(|finding| diags.push(finding)).ok();
    let compiled = project.read_specs(&sources, &mut diags).zip(given).and_then(|((), given)| {
        let inputs = Inputs { environment: spec.env.as_deref(), variables: &given };
        compile(&sources, &inputs, &project, &mut diags)
    });
    report(diags, &sources);
    compiled.map(|compiled| (project, sources, compiled))
}

fn run_compile(spec: &Spec, out: Option<PathBuf>) -> Option<()> {
    let (project, sources, Compiled { environment, moved, artifacts }) = compiled(spec)?;
    let lock = lock::lock(&artifacts, &moved, &sources);
    let out = out.unwrap_or_else(|| spec.dir.join("build").join(environment.as_deref().unwrap_or("default")));
    match write::write(&artifacts, &lock, &project, &out) {
        Ok(written) => {
            println!(
                "{}: {} files ({} written, {} unchanged, {} removed)",
                out.display(),
                artifacts.iter().count() + 1,
                written.written,
                written.unchanged,
                written.removed,
            );
            Some(())
        }
        Err(diagnostic) => {
            let mut diags = Diagnostics::default();
            diags.push(diagnostic);
            report(diags, &sources);
            None
        }
    }
}

/// Prints findings to standard error.
fn report(diags: Diagnostics, sources: &Sources) {
    let found: Vec<Diagnostic> = diags.into_sorted();
    if !found.is_empty() {
        let color = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|set| set.is_empty());
        eprint!("{}", render(&found, sources, if color { Style::Color } else { Style::Plain }, 100));
    }
}
