//! Opens the model files: a spec in, what each file declares and costs out. What the engine would compute wrongly is refused.

pub mod audit;
pub mod cost;
pub mod graph;
pub mod onnx;
pub mod protobuf;
pub mod shapes;

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use windlass_schemas::artifact::hex;
use windlass_schemas::codes;
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::plan::ServedModel;
use windlass_schemas::source::{Origin, Sources};
use windlass_schemas::span::{Span, Spanned};
use windlass_schemas::spec::texts::FilePath;
use windlass_schemas::spec::{Spec, Version};
use windlass_schemas::tensor::{Cost, Signature};

use crate::files::Files;
use crate::golden;
use audit::Finding;
use onnx::Header;

/// What the model files of a spec declare, by model and version.
#[derive(Debug, Default)]
pub struct Models {
    opened: BTreeMap<String, BTreeMap<String, Opened>>,
}

/// One model file.
#[derive(Debug)]
pub struct Opened {
    /// The file as the plan describes it.
    pub served: Arc<ServedModel>,
    /// How long the file is.
    pub bytes: u64,
    /// What it takes to run.
    pub cost: Cost,
    /// The names of a classifier's columns, where the file had them as keys of a map; empty otherwise.
    pub classes: Vec<String>,
    /// The signature's text among the sources, where diagnostics can point.
    place: Span,
}

impl Models {
    /// The file of a version; `None` when it was refused.
    pub fn get(&self, model: &str, version: &str) -> Option<&Opened> {
        self.opened.get(model)?.get(version)
    }
}

impl Opened {
    /// The lines that declare what the model takes and gives.
    pub fn all(&self) -> Span {
        self.place
    }

    /// The lines that declare the model's inputs, or, with a name, the line of that tensor.
    pub fn place(&self, tensor: Option<&str>) -> Span {
        let Signature { inputs, outputs } = &self.served.signature;
        let mut start = self.place.start;
        let mut end = start;
        for (role, declared) in inputs.iter().map(|t| ("input  ", t)).chain(outputs.iter().map(|t| ("output ", t))) {
            let length = (role.len() + declared.to_string().len()) as u32;
            match tensor {
                Some(name) if name == declared.name => return Span { start, end: start + length, ..self.place },
                None if role.starts_with("input") => end = start + length,
                _ => {}
            }
            start += length + 1;
        }
        Span { start: self.place.start, end, ..self.place }
    }
}

/// Opens the file of every version of every model. What can't be read or served is reported.
pub fn open(spec: &Spec, files: &dyn Files, sources: &Sources, diags: &mut Diagnostics) -> Models {
    let mut models = Models::default();
    for model in &spec.models {
        for version in &model.versions {
            if let Some(opened) = open_version(&model.name, version, files, sources, diags) {
                let versions = models.opened.entry(model.name.to_string()).or_default();
                versions.insert(version.label.to_string(), opened);
            }
        }
    }
    models
}

fn open_version(
    model: &str,
    version: &Version,
    files: &dyn Files,
    sources: &Sources,
    diags: &mut Diagnostics,
) -> Option<Opened> {
    let file = &version.file;
    let bytes = match files.read(file) {
        Ok(bytes) => bytes,
        Err(error) => {
            let (message, help) = match error.kind() {
                io::ErrorKind::NotFound => (
                    format!("there is no file `{}`", file.value),
                    "the path is relative to the folder of the spec".to_owned(),
                ),
                _ => (format!("`{}` can't be read", file.value), error.to_string()),
            };
            diags.push(Diagnostic::at(&codes::MODEL_UNREADABLE, file.span, message).help(help));
            return None;
        }
    };
    match onnx::read(&bytes) {
        Ok(Header { signature, cost, classes, findings }) => {
            let unsupported = !findings.is_empty();
            report(&findings, file, diags);
            if unsupported {
                return None;
            }
            let text = signature.to_string();
            let length = text.len();
            let source = sources.add_from(Origin::Rendered, file.to_string(), text);
            let golden =
                version.golden.as_ref().and_then(|path| golden::open(path, file, &signature, files, sources, diags));
            let served = Arc::new(ServedModel {
                name: model.to_owned(),
                version: version.label.to_string(),
                file: file.to_string(),
                sha256: hex(&Sha256::digest(&bytes)),
                signature,
                golden,
                origin: file.span,
            });
            Some(Opened { served, bytes: bytes.len() as u64, cost, classes, place: Span::new(source, 0..length) })
        }
        Err(refusal) => {
            let message = format!("`{}` can't be served: {}", file.value, refusal.message);
            diags.push(Diagnostic::at(&codes::MODEL_INVALID, file.span, message).maybe_help(refusal.help));
            None
        }
    }
}

/// Reports what the engine can't do with a file; of many findings, the first.
fn report(findings: &[Finding], file: &Spanned<FilePath>, diags: &mut Diagnostics) {
    for finding in findings.iter().take(audit::MOST) {
        let message = format!("`{}` can't be served: {}", file.value, finding.message);
        diags.push(Diagnostic::at(&codes::MODEL_UNSUPPORTED, file.span, message).help(finding.help.clone()));
    }
    if let Some(more) = findings.len().checked_sub(audit::MOST).filter(|more| *more > 0) {
        let message = format!("`{}` can't be served: {more} more of its nodes are unsupported", file.value);
        diags.push(Diagnostic::at(&codes::MODEL_UNSUPPORTED, file.span, message).help("mend those above first"));
    }
}
