//! `windlass graph`: draws workflows and what they touch.

use std::process::ExitCode;

use windlass::graph;
use windlass_schemas::codes;
use windlass_schemas::diagnostic::Diagnostic;
use windlass_schemas::suggest::did_you_mean;

use super::report::{Color, print, report};
use super::{Job, Spec, work};

#[derive(clap::Args)]
pub struct Graph {
    #[command(flatten)]
    spec: Spec,
    /// Draws this workflow alone; may be given several times [default: every workflow].
    #[arg(long = "workflow", value_name = "NAME")]
    workflows: Vec<String>,
    /// The language of the drawing.
    #[arg(long = "as", value_enum, value_name = "LANGUAGE", default_value_t)]
    language: Language,
}

/// Languages that a drawing is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Language {
    /// Mermaid, which GitHub draws in Markdown.
    #[default]
    Mermaid,
    /// DOT, for Graphviz.
    Dot,
    /// A picture for browsers.
    Svg,
}

impl Graph {
    /// Prints the drawing; exits with 1 when the spec does not compile, or has no such workflow.
    pub fn run(self, color: Color) -> ExitCode {
        // Nothing is emitted, so no target has a say.
        let Job { sources, mut diags, compiled, .. } = work(&self.spec, &[], false);
        let plan = compiled.as_ref().and_then(|compiled| compiled.plan());
        let names: Vec<&str> =
            plan.iter().flat_map(|plan| &plan.workflows).map(|workflow| workflow.name.as_str()).collect();
        if !diags.failed() {
            for wanted in self.workflows.iter().filter(|wanted| !names.contains(&wanted.as_str())) {
                let message = format!("the spec has no workflow `{wanted}`");
                let help = did_you_mean(wanted, names.iter().copied()).unwrap_or_else(|| match names.as_slice() {
                    [] => "it has none at all".to_owned(),
                    names => format!("there are `{}`", names.join("`, `")),
                });
                diags.push(Diagnostic::nowhere(&codes::UNDEFINED_REFERENCE, message).help(help));
            }
        }
        let drawn = plan.map(|plan| {
            graph::graph(plan, |workflow| self.workflows.is_empty() || self.workflows.contains(&workflow.name))
        });
        if report(diags, &sources, &self.spec.dir, &self.spec.reporting, color).is_none() {
            return ExitCode::FAILURE;
        }
        print(&match (self.language, drawn.unwrap_or_default()) {
            (Language::Mermaid, graph) => graph::mermaid::mermaid(&graph),
            (Language::Dot, graph) => graph::dot::dot(&graph),
            (Language::Svg, graph) => graph::svg::svg(&graph),
        });
        ExitCode::SUCCESS
    }
}
