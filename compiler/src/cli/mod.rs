//! The command line: the only place that touches files, the terminal and the process.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "this is where the compiler meets the world"
)]

mod completions;
mod engine;
mod explain;
mod fmt;
mod graph;
mod project;
mod report;
mod run;
mod serve;
mod variables;
mod write;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::builder::PossibleValuesParser;
use clap::{Parser, Subcommand};
use windlass::evaluate::Inputs;
use windlass::proofs::{self, Proofs, Recalling, Told};
use windlass::report as estimates;
use windlass::{Compiled, compile};
use windlass_schemas::codes;
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::source::Sources;
use windlass_targets::{TARGETS, Target};

use engine::Server;
use project::Project;
use report::{Color, Format, Reporting, print, report};
use variables::Variables;
use write::{Written, write};

/// Compiles one HCL spec of models, services, workflows and alerts to Kubernetes, Step Functions, CloudWatch and an
/// inference service.
#[derive(Parser)]
#[command(name = "windlass", version, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Whether findings are drawn in colours.
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t)]
    color: Color,
}

// A command's arguments are defined when it is the one that was called: defining those of all takes as long as a small spec.
#[derive(Subcommand)]
#[command(defer = true)]
enum Command {
    /// Checks a spec; says nothing and exits with 0 when all is well.
    Check {
        #[command(flatten)]
        spec: Spec,
        /// Runs the models anew, and keeps the answers in `windlass.proofs.json` beside the spec; whoever has them needs no engine.
        #[arg(long, conflicts_with = "skip_quality")]
        record: bool,
        /// Tells what models take to run (memory, floating-point operations), and what executions of workflows can come to: time, state
        /// transitions, events, payloads, calls.
        #[arg(long)]
        report: bool,
    },
    /// Compiles a spec and writes everything that it needs.
    Compile {
        #[command(flatten)]
        spec: Spec,
        /// The folder to write to [default: DIR/build/ENVIRONMENT].
        #[arg(long, value_name = "FOLDER")]
        out: Option<PathBuf>,
        /// Writes what this target needs, and nothing else; may be given several times [default: every target].
        #[arg(long = "target", value_name = "NAME", value_parser = names_of_targets())]
        targets: Vec<String>,
    },
    /// Serves a service of a spec on this machine, with the runtime that is emitted.
    ///
    /// Runs `windlass-server`, which needs no build of the service, on 127.0.0.1, until it is told to stop.
    Serve(serve::Serve),
    /// Runs a workflow of a spec on this machine, with the real models.
    ///
    /// Folders stand for buckets, commands or recorded results for functions and jobs, lines for messages. Prints the output; each
    /// stage is told on standard error.
    Run(run::Run),
    /// Lays out spec files as `terraform fmt` does.
    ///
    /// Writes to the files in place and prints the names of those that it changes. Only white space changes, and no
    /// meaning. Exits with 1 when a file can't be formatted, and with 3 when `--check` finds one to format.
    Fmt(fmt::Fmt),
    /// Draws the workflows of a spec, and what they touch, to standard output.
    ///
    /// Edges are those of the emitted structure: a stage that waits for another is seen to wait.
    Graph(graph::Graph),
    /// Tells what a code of an error means, with an example and its cure.
    Explain {
        /// The code, as in `unknown-attribute`; without it, all codes are listed.
        code: Option<String>,
    },
    /// Prints the JSON Schema of a spec in HCL's JSON syntax.
    Schema,
    /// Prints a script that completes commands and flags.
    Completions {
        /// The shell that reads it.
        #[arg(value_enum)]
        shell: completions::For,
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
    /// Compiles without running models: golden pairs and quality gates give a warning each.
    #[arg(long)]
    skip_quality: bool,
    #[command(flatten)]
    reporting: Reporting,
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
        Command::Check { spec, record, report } => run_check(&spec, record, report, cli.color),
        Command::Compile { spec, out, targets } => run_compile(&spec, out, &targets, cli.color),
        Command::Serve(serve) => return serve.run(cli.color),
        Command::Run(run) => return run.run(cli.color),
        Command::Fmt(fmt) => return fmt.run(cli.color),
        Command::Graph(graph) => return graph.run(cli.color),
        Command::Explain { code } => explain::run(code.as_deref()),
        Command::Schema => {
            print(&windlass::schema::schema());
            Some(())
        }
        Command::Completions { shell } => {
            completions::run(shell);
            Some(())
        }
    };
    if done.is_some() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A compilation, and what is to be told about it.
struct Job<'t> {
    project: Project,
    sources: Sources,
    diags: Diagnostics,
    /// `None` when an error was found.
    compiled: Option<Compiled<'t>>,
    /// What the engine said about its models.
    told: Told,
}

fn names_of_targets() -> PossibleValuesParser {
    TARGETS.iter().map(|target| target.name()).collect::<Vec<_>>().into()
}

/// Reads a spec, and compiles it for these targets; `record` is to ask the engine whatever was recorded.
fn work<'t>(spec: &Spec, targets: &'t [&'t dyn Target], record: bool) -> Job<'t> {
    let told = Told::default();
    let sources = Sources::default();
    let mut diags = Diagnostics::default();
    let project = Project::new(&spec.dir);
    let given = spec.variables.given().map_err(|finding| diags.push(finding)).ok();
    let compiled = project.read_specs(&sources, &mut diags).zip(given).and_then(|((), given)| {
        let inputs = Inputs { environment: spec.env.as_deref(), variables: &given };
        let engine = Server { dir: spec.dir.clone(), skip: spec.skip_quality };
        let proofs = if record { Proofs::default() } else { Proofs::read(&project) };
        let engine = Recalling { proofs: &proofs, engine: &engine, told: &told };
        compile(&sources, &inputs, &project, &engine, targets, &mut diags)
    });
    Job { project, sources, diags, compiled, told }
}

fn run_check(spec: &Spec, record: bool, tell: bool, color: Color) -> Option<()> {
    let Job { project, sources, mut diags, compiled, told } = work(spec, TARGETS, record);
    let estimates = compiled.as_ref().filter(|_| tell).map(|compiled| {
        let (plan, needs) = (compiled.plan(), &compiled.needs);
        match spec.reporting.format {
            Format::Human => estimates::text(plan, needs),
            _ => format!("{:#}\n", estimates::json(plan, needs)),
        }
    });
    if let Some(compiled) = compiled.filter(|_| record && !spec.reporting.stops(&diags)) {
        let proofs = Proofs::read(&project).with(compiled.environment.as_deref().unwrap_or("default"), &told);
        if let Err(error) = engine::replace(&spec.dir.join(proofs::FILE), &proofs.text()) {
            let message = format!("`{}` can't be written", proofs::FILE);
            diags.push(Diagnostic::nowhere(&codes::OUTPUT, message).help(error.to_string()));
        }
    }
    report(diags, &sources, &spec.dir, &spec.reporting, color)?;
    estimates.iter().for_each(|estimates| print(estimates));
    Some(())
}

fn run_compile(spec: &Spec, out: Option<PathBuf>, targets: &[String], color: Color) -> Option<()> {
    let wanted = |target: &&dyn Target| targets.is_empty() || targets.iter().any(|name| name == target.name());
    let targets: Vec<&dyn Target> = TARGETS.iter().copied().filter(wanted).collect();
    let Job { project, sources, mut diags, compiled, .. } = work(spec, &targets, false);
    let mut told = None;
    // A warning that counts as an error leaves the output as it was.
    if let Some(compiled) = compiled.filter(|_| !spec.reporting.stops(&diags)) {
        let environment = compiled.environment.as_deref().unwrap_or("default");
        let out = out.unwrap_or_else(|| spec.dir.join("build").join(environment));
        match write(&compiled, &project, &sources, &out) {
            Ok(Written { written, unchanged, removed }) => {
                told = Some(format!(
                    "{}: {} files ({written} written, {unchanged} unchanged, {removed} removed)\n",
                    out.display(),
                    written + unchanged,
                ));
            }
            Err(diagnostic) => diags.push(diagnostic),
        }
        // The process ends, and its memory with it: to give it back piece by piece would take a large spec a while.
        std::mem::forget(compiled);
    }
    report(diags, &sources, &spec.dir, &spec.reporting, color)?;
    // Standard output is for the report where a program reads that.
    if let Some(told) = told.filter(|_| spec.reporting.format == Format::Human) {
        print(&told);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn a_command_describes_itself_as_the_list_of_all_does() {
        let mut cli = Cli::command();
        let described = |cli: &clap::Command| -> Vec<String> {
            let describe = |command: &clap::Command| {
                let [short, long] =
                    [command.get_about(), command.get_long_about()].map(|text| text.map(ToString::to_string));
                format!("{}: {short:?}, {long:?}", command.get_name())
            };
            cli.get_subcommands().map(describe).collect()
        };
        let listed = described(&cli);
        // Defines the arguments of each.
        cli.build();
        assert_eq!(described(&cli), listed);
        cli.debug_assert();
    }
}
