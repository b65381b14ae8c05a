//! Golden pairs: the file of a version, held against the model's signature, and later against the model itself.

#[path = "../../targets/runtime/runtime/src/nested.rs"]
mod nested;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use windlass_schemas::artifact::hex;
use windlass_schemas::codes;
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::plan::Golden;
use windlass_schemas::source::Sources;
use windlass_schemas::span::{Span, Spanned};
use windlass_schemas::spec::texts::FilePath;
use windlass_schemas::suggest::did_you_mean;
use windlass_schemas::tensor::{DataType, Dim, Shaped, Signature, Tensor};

use crate::check::Checked;
use crate::engine::{Engine, Question, ask};
use crate::files::Files;

/// Largest file of pairs that the service reads.
const LARGEST: usize = 64 << 20;
/// Findings that are told of one file.
const MOST_FINDINGS: usize = 10;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair<'a> {
    #[serde(borrow)]
    inputs: BTreeMap<String, &'a RawValue>,
    #[serde(borrow)]
    outputs: BTreeMap<String, &'a RawValue>,
    #[serde(default)]
    tolerance: Tolerance,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tolerance {
    absolute: Option<f64>,
    relative: Option<f64>,
}

/// Something wrong in the file: where, how far, and what.
type Wrong = (usize, usize, String, Option<String>);

/// Reads the pairs at `path` of the model file at `model`; reports what does not fit the signature.
pub fn open(
    path: &Spanned<FilePath>,
    model: &str,
    signature: &Signature,
    files: &dyn Files,
    sources: &Sources,
    diags: &mut Diagnostics,
) -> Option<Golden> {
    let refuse = |message: String, help: &str| Diagnostic::at(&codes::GOLDEN_INVALID, path.span, message).help(help);
    let last = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    if last(path) == last(model) {
        let help = "the image carries both in one folder: give them different names";
        diags.push(refuse(format!("`{}` has the file name of its model", path.value), help));
        return None;
    }
    let text = match files.read(path).map(String::from_utf8) {
        Ok(Ok(text)) if text.len() <= LARGEST => text,
        Ok(Ok(_)) => {
            diags.push(refuse(format!("`{}` is more than 64 MiB", path.value), "a few pairs tell as much"));
            return None;
        }
        Ok(Err(_)) => {
            diags.push(refuse(format!("`{}` is not UTF-8", path.value), "save it as JSON"));
            return None;
        }
        Err(error) => {
            diags.push(refuse(format!("`{}` can't be read", path.value), &error.to_string()));
            return None;
        }
    };
    let wrong = wrong_in(&text, signature);
    if wrong.is_empty() {
        return Some(Golden { file: path.to_string(), sha256: hex(&Sha256::digest(&text)), origin: path.span });
    }
    let source = sources.add(path.to_string(), text);
    for (start, end, message, help) in wrong.into_iter().take(MOST_FINDINGS) {
        let finding = Diagnostic::at(&codes::GOLDEN_INVALID, Span::new(source, start..end), message);
        diags.push(finding.maybe_help(help).label(path.span, "named here"));
    }
    None
}

fn wrong_in(text: &str, signature: &Signature) -> Vec<Wrong> {
    let pairs: Vec<Pair> = match serde_json::from_str(text) {
        Ok(pairs) => pairs,
        Err(error) => {
            let lines = text.split_inclusive('\n').take(error.line().saturating_sub(1));
            let at = lines.map(str::len).sum::<usize>() + error.column().saturating_sub(1);
            let mut at = at.min(text.len());
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            let end = at + text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
            let message = error.to_string();
            let message = message.split(" at line ").next().unwrap_or_default();
            let help = "write a list of `{\"inputs\": {NAME: VALUES}, \"outputs\": {NAME: VALUES}}`".to_owned();
            return vec![(at, end, format!("these are no golden pairs: {message}"), Some(help))];
        }
    };
    if pairs.is_empty() {
        return vec![(0, text.len(), "the list of golden pairs is empty".to_owned(), None)];
    }
    let mut wrong = Vec::new();
    for (number, pair) in pairs.iter().enumerate() {
        // A pair has no place of its own; its first value has.
        let first =
            pair.inputs.values().chain(pair.outputs.values()).map(|value| begin(text, value)).min().unwrap_or(0);
        let missing = |what: String| (first, first + 1, format!("golden pair {} {what}", number + 1), None);
        for input in signature.inputs.iter().filter(|input| !pair.inputs.contains_key(&input.name)) {
            wrong.push(missing(format!("has no value for the input `{}`", input.name)));
        }
        if pair.outputs.is_empty() {
            wrong.push(missing("expects no output".to_owned()));
        }
        let Tolerance { absolute, relative } = pair.tolerance;
        if [absolute, relative].into_iter().flatten().any(|number| number < 0.0) {
            wrong.push(missing("has a negative tolerance".to_owned()));
        }
        for (given, declared, role) in
            [(&pair.inputs, &signature.inputs, "input"), (&pair.outputs, &signature.outputs, "output")]
        {
            for (name, value) in given {
                let at = begin(text, value);
                match declared.iter().find(|tensor| tensor.name == *name) {
                    Some(tensor) => wrong.extend(unfit(tensor, value.get()).map(|(from, to, message)| {
                        (at + from, at + to, format!("{role} `{name}` of golden pair {}: {message}", number + 1), None)
                    })),
                    None => {
                        let names = declared.iter().map(|tensor| tensor.name.as_str());
                        let help = did_you_mean(name, names);
                        let message = format!("the model has no {role} `{name}`");
                        wrong.push((at, at + value.get().len(), message, help));
                    }
                }
            }
        }
    }
    wrong
}

/// Where a value that was borrowed from `text` begins in it.
fn begin(text: &str, value: &RawValue) -> usize {
    (value.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize)
}

/// The first thing in a value that the tensor can't hold.
fn unfit(tensor: &Tensor, text: &str) -> Option<(usize, usize, String)> {
    let mut wrong = None;
    let shape = nested::walk(text, |element| {
        if wrong.is_none() && !holds(tensor.datatype, element.text) {
            let message = format!("`{}` is no {}", element.text, tensor.datatype);
            wrong = Some((element.at, element.at + element.text.len(), message));
        }
    });
    let shape = match shape {
        Ok(shape) => shape,
        Err(problem) => return Some((problem.at, problem.at + 1, problem.what)),
    };
    let fits = |(size, dim): (&usize, &Dim)| !matches!(dim, Dim::Fixed(fixed) if *fixed != *size as u64);
    if shape.len() != tensor.shape.len() || !shape.iter().zip(&tensor.shape).all(fits) {
        let sizes: Vec<Dim> = shape.iter().map(|size| Dim::Fixed(*size as u64)).collect();
        let message = format!("this is {}, and the model has {tensor}", Shaped(tensor.datatype, &sizes));
        return Some((0, text.len(), message));
    }
    wrong
}

fn holds(datatype: DataType, text: &str) -> bool {
    let whole = |least: i128, most: i128| text.parse::<i128>().is_ok_and(|number| (least..=most).contains(&number));
    match datatype {
        DataType::Bool => matches!(text, "true" | "false" | "0" | "1"),
        DataType::Fp32 => text.parse::<f32>().is_ok_and(f32::is_finite),
        DataType::Fp16 => text.parse::<f64>().is_ok_and(|number| number.abs() < 65_520.0),
        DataType::Fp64 | DataType::Bf16 => text.parse::<f64>().is_ok_and(f64::is_finite),
        DataType::Uint8 => whole(0, u8::MAX.into()),
        DataType::Uint16 => whole(0, u16::MAX.into()),
        DataType::Uint32 => whole(0, u32::MAX.into()),
        DataType::Uint64 => whole(0, u64::MAX.into()),
        DataType::Int8 => whole(i8::MIN.into(), i8::MAX.into()),
        DataType::Int16 => whole(i16::MIN.into(), i16::MAX.into()),
        DataType::Int32 => whole(i32::MIN.into(), i32::MAX.into()),
        DataType::Int64 => whole(i64::MIN.into(), i64::MAX.into()),
        DataType::Bytes => text.starts_with('"'),
    }
}

/// What the engine says about pairs.
#[derive(Deserialize)]
struct Held {
    differences: Vec<Difference>,
}

#[derive(Deserialize)]
struct Difference {
    message: String,
}

/// Holds the pairs of every version against its model; reports those that differ.
pub fn prove(checked: &Checked, engine: &dyn Engine, diags: &mut Diagnostics) {
    for model in &checked.spec.models {
        for version in &model.versions {
            let Some(opened) = checked.models.get(&model.name, &version.label) else { continue };
            let Some(golden) = &opened.served.golden else { continue };
            let question = Question::Golden(&opened.served, golden);
            let Some(Held { differences }) = ask(engine, &question, golden.origin, diags) else { continue };
            for difference in differences {
                let message = format!("`{}` does not compute what it should", opened.served.file);
                let finding = Diagnostic::at(&codes::GOLDEN_MISMATCH, golden.origin, message);
                diags.push(finding.saying(difference.message).help(
                    "compare with the framework that trained the model; a `tolerance` beside the pair allows for rounding",
                ));
            }
        }
    }
}
