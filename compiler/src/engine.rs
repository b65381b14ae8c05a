//! What asks the inference engine: the compiler does not link it. The command line gives the real one, a program.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use windlass_schemas::codes;
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::plan::{Golden, ServedModel};
use windlass_schemas::span::Span;

/// A file of the project, by its path in it, with the digest that it has now.
#[derive(Clone, Debug)]
pub struct File {
    /// Relative to the project, with `/` between its parts.
    pub path: String,
    /// 64 hexadecimal digits.
    pub sha256: String,
}

/// What may be asked about a model.
#[derive(Clone, Copy, Debug)]
pub enum Question<'a> {
    /// Do these pairs hold?
    Golden(&'a ServedModel, &'a Golden),
    /// How good is it on these rows?
    Score(&'a ServedModel, &'a Rows),
}

/// A data set, and what is asked of it.
#[derive(Clone, Debug)]
pub struct Rows {
    /// CSV, or NPY.
    pub dataset: File,
    /// The column that holds what is true.
    pub label: Option<String>,
    /// The file that holds what is true.
    pub labels: Option<File>,
    /// The output that is judged.
    pub output: Option<String>,
    /// By the names that the server knows.
    pub metrics: Vec<String>,
}

impl Question<'_> {
    /// The model in question.
    pub fn model(&self) -> &ServedModel {
        match self {
            Question::Golden(model, _) | Question::Score(model, _) => model,
        }
    }

    /// All that the answer depends on besides the engine, as JSON: files by their digests.
    pub fn facts(&self) -> Value {
        let asked = match self {
            Question::Golden(_, golden) => json!({ "golden": golden.sha256 }),
            Question::Score(_, rows) => json!({
                "dataset": rows.dataset.sha256,
                "npy": rows.dataset.path.ends_with(".npy"),
                "label": rows.label,
                "labels": rows.labels.as_ref().map(|file| &file.sha256),
                "output": rows.output,
                "metrics": rows.metrics,
            }),
        };
        let model = self.model();
        let signature = model.signature.to_string();
        json!({ "model": { "sha256": model.sha256, "signature": signature }, "asked": asked })
    }
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Silence {
    /// There is no engine; why, or where it was looked for.
    Absent(String),
    /// It was not to be asked.
    Skipped,
    /// It can't tell; why.
    Failed(String),
}

/// Runs models.
pub trait Engine {
    /// The answer of `windlass-server`, as JSON.
    fn ask(&self, question: &Question<'_>) -> Result<Value, Silence>;
}

/// No engine at all, for specs that ask for none.
pub struct NoEngine;

impl Engine for NoEngine {
    fn ask(&self, _: &Question<'_>) -> Result<Value, Silence> {
        Err(Silence::Absent("there is none here".to_owned()))
    }
}

/// Asks, and reports at `place` why there is no answer.
pub fn ask<T: DeserializeOwned>(
    engine: &dyn Engine,
    question: &Question<'_>,
    place: Span,
    diags: &mut Diagnostics,
) -> Option<T> {
    let what = match question {
        Question::Golden(..) => "golden pairs",
        Question::Score(..) => "quality",
    };
    let model = question.model();
    let finding = match engine.ask(question).map(serde_json::from_value) {
        Ok(Ok(answer)) => return Some(answer),
        Ok(Err(error)) => {
            let message = format!("`windlass-server` answers what this windlass does not understand: {error}");
            Diagnostic::at(&codes::ENGINE_MISSING, place, message).help("build both from the same sources")
        }
        Err(Silence::Absent(why)) => {
            let message = format!("the {what} can't be checked without `windlass-server`: {why}");
            let help = "build it with `cargo install --path targets/runtime/server`, and put it beside `windlass` or on the PATH, \
                        or name it in WINDLASS_SERVER; `--skip-quality` compiles without";
            Diagnostic::at(&codes::ENGINE_MISSING, place, message).help(help)
        }
        Err(Silence::Skipped) => {
            let message =
                format!("the {what} of version `{}` of the model `{}` was not checked", model.version, model.name);
            Diagnostic::at(&codes::NOT_PROVEN, place, message).help("leave out `--skip-quality`")
        }
        Err(Silence::Failed(why)) => {
            let message =
                format!("the engine can't run version `{}` of the model `{}`: {why}", model.version, model.name);
            Diagnostic::at(&codes::MODEL_INVALID, place, message)
        }
    };
    diags.push(finding);
    None
}
