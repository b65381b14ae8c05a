//! Quality gates: the `quality` blocks of a spec, their data sets read and held against the model, and later run.

#[path = "../../targets/runtime/server/src/dataset.rs"]
mod dataset;

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use sha2::{Digest, Sha256};
use windlass_schemas::artifact::hex;
use windlass_schemas::codes;
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::source::Sources;
use windlass_schemas::span::{Span, Spanned};
use windlass_schemas::spec::texts::FilePath;
use windlass_schemas::spec::{Model, Quality, Spec};
use windlass_schemas::suggest::did_you_mean;
use windlass_schemas::tensor::{DataType, Dim, Signature};

use crate::check::Checked;
use crate::engine::{Engine, File, Question, Rows, ask};
use crate::files::Files;
use crate::models::Models;

/// Where more is better, and where less is.
const AT_LEAST: [&str; 3] = ["accuracy", "auc", "f1"];
const AT_MOST: [&str; 2] = ["rmse", "mae"];

/// A gate that can be asked about.
pub struct Gate {
    model: String,
    rows: Rows,
    bars: Vec<Bar>,
    span: Span,
}

struct Bar {
    metric: String,
    number: f64,
    /// Whether the measured value must be at least this number, else at most.
    least: bool,
    span: Span,
}

/// The versions of a model that a gate judges: the one in `serve`, and those to which a service gives a share of its requests.
fn judged<'s>(model: &'s Model, spec: &'s Spec) -> BTreeSet<&'s str> {
    let services = spec.services.iter().filter(|service| service.model.value.0 == model.name.value.0);
    let shares = services.filter_map(|service| service.traffic.as_ref()).flat_map(|traffic| &traffic.value.0);
    let shared = shares.filter(|(_, share)| share.value.0 > 0).map(|(label, _)| label.value.as_str());
    shared.chain([model.serve.value.as_str()]).collect()
}

/// The gates of a spec, with every data set read and held against its model; what is wrong is reported.
pub fn gates(spec: &Spec, models: &Models, files: &dyn Files, sources: &Sources, diags: &mut Diagnostics) -> Vec<Gate> {
    let mut gates = Vec::new();
    for model in &spec.models {
        let Some(quality) = &model.quality else { continue };
        let signatures: Vec<&Signature> = judged(model, spec)
            .into_iter()
            .filter_map(|version| models.get(&model.name, version))
            .map(|opened| &opened.served.signature)
            .collect();
        let bars = bars(quality, diags);
        let rows = rows(quality, &signatures, &bars, files, sources, diags);
        if let (Some(rows), false) = (rows, bars.is_empty()) {
            gates.push(Gate { model: model.name.to_string(), rows, bars, span: quality.dataset.span });
        }
    }
    gates
}

fn bars(quality: &Quality, diags: &mut Diagnostics) -> Vec<Bar> {
    let mut bars = Vec::new();
    let attributes = [
        ("at_least", &quality.at_least, &AT_LEAST[..], "at_most", &AT_MOST[..]),
        ("at_most", &quality.at_most, &AT_MOST[..], "at_least", &AT_LEAST[..]),
    ];
    let mut given = false;
    for (attribute, value, known, other, others) in attributes {
        for (name, number) in value.iter().flat_map(|bars| &bars.value.0) {
            given = true;
            if !known.contains(&name.value.as_str()) {
                let help = match others.contains(&name.value.as_str()) {
                    true => Some(format!("write it in `{other}`")),
                    false => did_you_mean(name, known.iter().copied())
                        .or_else(|| Some(format!("`{attribute}` takes `{}`", known.join("`, `")))),
                };
                let message = format!("`{attribute}` takes no `{}`", name.value);
                diags.push(Diagnostic::at(&codes::INVALID_VALUE, name.span, message).maybe_help(help));
                continue;
            }
            let least = attribute == "at_least";
            let sound = if least { (0.0..=1.0).contains(&number.value) } else { number.value >= 0.0 };
            if !sound {
                let range = if least { "from 0 to 1" } else { "of at least 0" };
                let message = format!("`{}` is a number {range}", name.value);
                diags.push(Diagnostic::at(&codes::INVALID_VALUE, number.span, message));
                continue;
            }
            bars.push(Bar { metric: name.value.clone(), number: number.value, least, span: number.span });
        }
    }
    if !given {
        let help = "add a bar, such as `at_least = { accuracy = 0.9 }` or `at_most = { rmse = 0.2 }`";
        let message = "this `quality` asks for nothing";
        diags.push(Diagnostic::at(&codes::MISSING_ATTRIBUTE, quality.span, message).help(help));
    }
    bars
}

/// A file of numbers, read.
fn table(
    path: &Spanned<FilePath>,
    files: &dyn Files,
    sources: &Sources,
    diags: &mut Diagnostics,
) -> Option<(dataset::Table, File)> {
    let refuse = |message: String| Diagnostic::at(&codes::DATASET_INVALID, path.span, message);
    let bytes = match files.read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            diags.push(refuse(format!("`{}` can't be read", path.value)).help(error.to_string()));
            return None;
        }
    };
    let file = File { path: path.to_string(), sha256: hex(&Sha256::digest(&bytes)) };
    let read = if path.ends_with(".npy") {
        dataset::npy(&bytes).map_err(|problem| refuse(format!("`{}`: {}", path.value, problem.what)))
    } else if path.ends_with(".csv") {
        match String::from_utf8(bytes) {
            Err(_) => Err(refuse(format!("`{}` is not UTF-8", path.value))),
            Ok(text) => dataset::csv(&text).map_err(|problem| {
                let finding = refuse(format!("`{}`: {}", path.value, problem.what));
                match problem.at {
                    Some(at) => finding.label(Span::new(sources.add(path.to_string(), text), at), "here"),
                    None => finding,
                }
            }),
        }
    } else {
        Err(refuse(format!("`{}` is no data set", path.value)).help("name a file that ends in `.csv` or `.npy`"))
    };
    match read {
        Ok(table) => Some((table, file)),
        Err(finding) => {
            diags.push(finding);
            None
        }
    }
}

fn rows(
    quality: &Quality,
    signatures: &[&Signature],
    bars: &[Bar],
    files: &dyn Files,
    sources: &Sources,
    diags: &mut Diagnostics,
) -> Option<Rows> {
    let before = diags.len();
    let path = &quality.dataset;
    let read = table(path, files, sources, diags);
    let labels = quality.labels.as_ref().map(|path| (path, table(path, files, sources, diags)));
    for signature in signatures {
        let outputs = || signature.outputs.iter().map(|output| output.name.as_str());
        if let Some(output) = quality.output.as_ref().filter(|output| !outputs().any(|name| name == output.value)) {
            let message = format!("the model has no output `{}`", output.value);
            let help = did_you_mean(output, outputs())
                .unwrap_or_else(|| format!("it has the outputs `{}`", outputs().collect::<Vec<_>>().join("`, `")));
            diags.push(Diagnostic::at(&codes::UNDEFINED_REFERENCE, output.span, message).help(help));
        }
        let is_text = |name: &str| signature.outputs.iter().any(|o| o.name == name && o.datatype == DataType::Bytes);
        if let Some(output) = quality.output.as_ref().filter(|output| is_text(&output.value)) {
            let message = format!("the output `{}` is texts, and a data set holds numbers", output.value);
            let help = "judge the probabilities: the classes are then the numbers of their columns, from 0";
            diags.push(Diagnostic::at(&codes::DATASET_INVALID, output.span, message).help(help));
        }
        if let Some(input) = signature.inputs.iter().find(|input| input.datatype == DataType::Bytes) {
            let message = format!("rows of numbers can't be sent to the input `{}`", input.name);
            diags.push(Diagnostic::at(&codes::DATASET_INVALID, path.span, message));
        }
    }
    let (table, dataset) = read?;
    match (&quality.label, &labels) {
        (Some(label), None) if !table.columns.contains(&label.value) => {
            let columns = || table.columns.iter().map(String::as_str);
            let message = format!("`{}` has no column `{}`", path.value, label.value);
            let help = did_you_mean(label, columns()).unwrap_or_else(|| {
                format!("its columns are `{}`", columns().take(20).collect::<Vec<_>>().join("`, `"))
            });
            diags.push(Diagnostic::at(&codes::DATASET_INVALID, label.span, message).help(help));
        }
        (Some(_), None) => {}
        (None, Some((place, Some((labels, _))))) if labels.columns.len() != 1 || labels.rows() != table.rows() => {
            let (rows, columns) = (labels.rows(), labels.columns.len());
            let message = format!(
                "`{}` is a table of {rows} by {columns}, and the labels of {} rows are a column of as many",
                place.value,
                table.rows()
            );
            diags.push(Diagnostic::at(&codes::DATASET_INVALID, place.span, message));
        }
        (None, Some(_)) => {}
        (Some(label), Some((labels, _))) => {
            let finding = Diagnostic::at(&codes::INVALID_VALUE, label.span, "both `label` and `labels` are given");
            diags.push(finding.label(labels.span, "`labels`").help("keep one of them"));
        }
        (None, None) => {
            let message = "this `quality` does not say what is true";
            let help = "add `label = \"COLUMN\"`, or `labels = \"….npy\"` beside rows in NPY";
            diags.push(Diagnostic::at(&codes::MISSING_ATTRIBUTE, quality.span, message).help(help));
        }
    }
    if diags.len() > before {
        return None;
    }
    let label = quality.label.as_ref().map(|label| label.value.as_str());
    for signature in signatures {
        let size = |dim: &Dim| if let Dim::Fixed(size) = dim { i64::try_from(*size).unwrap_or(i64::MAX) } else { -1 };
        let shapes: Vec<Vec<i64>> =
            signature.inputs.iter().map(|input| input.shape.iter().map(size).collect()).collect();
        let inputs: Vec<dataset::Input> = (signature.inputs.iter().zip(&shapes))
            .map(|(input, shape)| dataset::Input { name: &input.name, shape })
            .collect();
        if let Err(why) = dataset::assign(&table.columns, label, &inputs) {
            let message = format!("`{}` does not fit the model: {why}", path.value);
            diags.push(Diagnostic::at(&codes::DATASET_INVALID, path.span, message));
            return None;
        }
    }
    let labels = labels.and_then(|(_, read)| read).map(|(_, file)| file);
    let metrics = bars.iter().map(|bar| bar.metric.clone()).collect();
    let output = quality.output.as_ref().map(|output| output.value.clone());
    Some(Rows { dataset, label: label.map(str::to_owned), labels, output, metrics })
}

/// What the engine says about rows.
#[derive(Deserialize)]
struct Scored {
    rows: u64,
    metrics: BTreeMap<String, f64>,
    outputs: BTreeMap<String, String>,
}

/// Runs every gate, and reports what is below its bar.
pub fn prove(gates: &[Gate], checked: &Checked, engine: &dyn Engine, diags: &mut Diagnostics) {
    for gate in gates {
        let Some(model) = checked.spec.models.iter().find(|model| model.name.value.0 == gate.model) else { continue };
        for version in judged(model, &checked.spec) {
            let Some(opened) = checked.models.get(&gate.model, version) else { continue };
            let question = Question::Score(&opened.served, &gate.rows);
            let Some(scored) = ask::<Scored>(engine, &question, gate.span, diags) else { continue };
            for bar in &gate.bars {
                hold(bar, gate, version, &scored, diags);
            }
        }
    }
}

fn hold(bar: &Bar, gate: &Gate, version: &str, scored: &Scored, diags: &mut Diagnostics) {
    let Bar { metric, number, least, span } = bar;
    let Some(measured) = scored.metrics.get(metric).copied() else {
        let message = format!("`windlass-server` says nothing about `{metric}`");
        let help = "build both from the same sources";
        diags.push(Diagnostic::at(&codes::ENGINE_MISSING, *span, message).help(help));
        return;
    };
    let holds = if *least { measured >= *number } else { measured <= *number };
    if holds {
        return;
    }
    // Rounding must not make it look as if the bar were met.
    let rounded = (measured * 1e6).round() / 1e6;
    let shown = if rounded == *number { measured } else { rounded };
    let (model, rows, dataset) = (&gate.model, scored.rows, &gate.rows.dataset.path);
    let verb = if *least { "at least" } else { "at most" };
    let message =
        format!("the `{metric}` of version `{version}` of the model `{model}` is {shown}, and must be {verb} {number}");
    let output = scored.outputs.get(metric).map(|output| format!("from its output `{output}` ")).unwrap_or_default();
    let help = format!("measured {output}over the {rows} rows of `{dataset}`; serve a better version, or move the bar");
    let finding = Diagnostic::at(&codes::BELOW_QUALITY, *span, message).label(gate.span, "measured on these rows");
    diags.push(finding.help(help));
}
