//! Golden pairs: inputs with the outputs that they must give, held against the engine before a model is served.
//!
//! The file is a JSON list of `{"inputs": {NAME: VALUES}, "outputs": {NAME: VALUES}, "tolerance": {"absolute": A, "relative": R}}`.
//! Every input of the model is given, nested as its shape says, and at least one output. A float may be off by A + R·|expected|;
//! integers and truth values are equal.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use tract_onnx::prelude::{IntoTValue, TVec, Tensor};

use crate::elements;
use crate::model::{Engine, NoPlan, Shapes, check_output};
use crate::names;
use crate::nested;
use crate::refusal::excerpt;
use crate::result;
use crate::service::{self, DataType, Golden, Model, shape_text};
use crate::settings::Settings;
use crate::source;
use crate::versions::Declared;

/// Largest file of pairs that is read.
const LARGEST: u64 = 64 << 20;
/// Differences that are told.
const MOST_TOLD: usize = 10;

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

/// What holding the pairs against a model showed.
pub struct Outcome {
    pub pairs: usize,
    /// The first value that differs in each output of each pair, ten at most.
    pub differences: Vec<Difference>,
}

/// A value that is not as expected.
pub struct Difference {
    /// Which pair, from 0.
    pub pair: usize,
    pub output: String,
    pub index: Vec<usize>,
    pub expected: String,
    pub found: String,
    /// By how much it might have been off.
    pub allowed: f64,
    /// How many values of this output differ, and how many there are.
    pub differing: usize,
    pub values: usize,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Difference { pair, output, expected, found, allowed, differing, values, .. } = self;
        let place = shape_text(&self.index);
        write!(f, "golden pair {}: output `{output}` at {place} is {found}, not {expected}", pair + 1)?;
        if *allowed > 0.0 {
            write!(f, " within {allowed:.3e}")?;
        }
        write!(f, "; {differing} of {values} values differ")
    }
}

/// The check before a version is served. Gives how many pairs held, 0 when it has none.
pub(crate) fn verify(
    engine: &Engine,
    model: &Model,
    declared: &Declared,
    settings: &Settings,
) -> Result<usize, String> {
    let Some(golden) = declared.golden else { return Ok(0) };
    let text = read(&find(&golden, declared, settings), Some(golden.sha256))?;
    let outcome = check(engine, model, &text)?;
    match outcome.differences.first() {
        None => Ok(outcome.pairs),
        Some(difference) => Err(format!("the model does not compute what it should: {difference}")),
    }
}

/// Where the pairs are: among the models, as the image carries them, or beside a model that somebody put elsewhere.
fn find(golden: &Golden, declared: &Declared, settings: &Settings) -> PathBuf {
    let among = settings.model_path.as_ref().filter(|path| path.is_dir()).map(|folder| folder.join(golden.file));
    let name = Path::new(golden.file).file_name();
    let beside = source::folder(&declared.source, &declared.label).zip(name).map(|(folder, name)| folder.join(name));
    let carried = Path::new(names::DEFAULT_MODEL_DIRECTORY).join(golden.file);
    // When they are nowhere, the first place is the one to name.
    let first = among.iter().chain(&beside).next().unwrap_or(&carried).clone();
    among.into_iter().chain(beside).chain([carried]).find(|path| path.is_file()).unwrap_or(first)
}

/// The text of a file of pairs; with a digest, only that one.
pub fn read(path: &Path, sha256: Option<&str>) -> Result<String, String> {
    let failed = |error: std::io::Error| format!("cannot read the golden pairs `{}`: {error}", path.display());
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes)).map_err(failed)?;
    if bytes.len() as u64 > LARGEST {
        return Err(format!("the golden pairs `{}` are more than {LARGEST} bytes", path.display()));
    }
    let found = format!("{:x}", Sha256::digest(&bytes));
    if let Some(expected) = sha256.filter(|expected| *expected != found) {
        let shown = path.display();
        return Err(format!("the golden pairs `{shown}` are others: expected sha256 {expected}, found {found}"));
    }
    String::from_utf8(bytes).map_err(|_| format!("the golden pairs `{}` are not UTF-8", path.display()))
}

/// Runs every pair. The error says why the pairs do not fit the model, or that the engine fails.
pub(crate) fn check(engine: &Engine, model: &Model, text: &str) -> Result<Outcome, String> {
    let pairs: Vec<Pair> = serde_json::from_str(text).map_err(|error| format!("the golden pairs: {error}"))?;
    if pairs.is_empty() {
        return Err("the list of golden pairs is empty".to_owned());
    }
    let mut outcome = Outcome { pairs: pairs.len(), differences: Vec::new() };
    for (number, pair) in pairs.iter().enumerate() {
        let told = |why: String| format!("golden pair {}: {why}", number + 1);
        let differences = run(engine, model, pair).map_err(told)?;
        let room = MOST_TOLD - outcome.differences.len().min(MOST_TOLD);
        outcome
            .differences
            .extend(differences.into_iter().take(room).map(|found| Difference { pair: number, ..found }));
    }
    Ok(outcome)
}

fn run(engine: &Engine, model: &Model, pair: &Pair) -> Result<Vec<Difference>, String> {
    let known = |given: &BTreeMap<String, &RawValue>, declared: &[service::Tensor], what: &str| match given
        .keys()
        .find(|name| !declared.iter().any(|tensor| tensor.name == name.as_str()))
    {
        Some(name) => Err(format!("the model has no {what} `{name}`")),
        None => Ok(()),
    };
    known(&pair.inputs, model.inputs, "input")?;
    known(&pair.outputs, model.outputs, "output")?;
    if pair.outputs.is_empty() {
        return Err("it expects no output".to_owned());
    }
    let (mut shapes, mut inputs): (Shapes, TVec<_>) = (Vec::new(), TVec::new());
    for declared in model.inputs {
        let text = pair.inputs.get(declared.name).ok_or_else(|| format!("it lacks the input `{}`", declared.name))?;
        let tensor = read_tensor(declared, text.get()).map_err(|why| format!("input `{}`: {why}", declared.name))?;
        shapes.push(tensor.shape().to_vec());
        inputs.push(tensor.into_tvalue());
    }
    let plan = engine.plan(&shapes).map_err(|problem| match problem {
        NoPlan::TooLarge(bytes) => format!("it would need more than {bytes} bytes of memory"),
        NoPlan::Impossible(why) => format!("the model cannot take these shapes: {why}"),
    })?;
    let outputs = plan.run(inputs).map_err(|why| format!("inference failed: {why}"))?;
    let mut differences = Vec::new();
    for (declared, found) in model.outputs.iter().zip(&outputs) {
        check_output(declared, found)?;
        let Some(text) = pair.outputs.get(declared.name) else { continue };
        let expected = read_tensor(declared, text.get()).map_err(|why| format!("output `{}`: {why}", declared.name))?;
        if expected.shape() != found.shape() {
            let (found, expected) = (shape_text(found.shape()), shape_text(expected.shape()));
            return Err(format!("output `{}` has shape {found}, not {expected}", declared.name));
        }
        differences.extend(differing(declared, &expected, found, &pair.tolerance)?);
    }
    Ok(differences)
}

fn read_tensor(declared: &service::Tensor, text: &str) -> Result<Tensor, String> {
    let shape = nested::shape(text).map_err(|problem| problem.what)?;
    let fits = |(size, dim): (&usize, &i64)| *dim == -1 || usize::try_from(*dim).is_ok_and(|dim| dim == *size);
    if shape.len() != declared.shape.len() || !shape.iter().zip(declared.shape).all(fits) {
        return Err(format!("it has shape {}, not {}", shape_text(&shape), shape_text(declared.shape)));
    }
    match shape.is_empty() {
        true => elements::from_json(declared.datatype, &shape, &format!("[{text}]")),
        false => elements::from_json(declared.datatype, &shape, text),
    }
}

/// The elements of a tensor, each as exactly as its type is.
enum Numbers {
    Floats(Vec<f64>),
    Integers(Vec<i128>),
    Texts(Vec<String>),
}

fn numbers(datatype: DataType, tensor: &Tensor) -> Result<Numbers, String> {
    let failed = |error: tract_onnx::prelude::TractError| error.to_string();
    macro_rules! cast {
        ($type:ty) => {{
            let cast = tensor.cast_to::<$type>().map_err(failed)?;
            let view = cast.try_as_plain_ram().map_err(failed)?;
            view.as_slice::<$type>().map_err(failed)?.to_vec()
        }};
    }
    Ok(match datatype {
        DataType::Fp16 | DataType::Fp32 | DataType::Fp64 => Numbers::Floats(cast!(f64)),
        DataType::Bytes => Numbers::Texts(result::texts(tensor)),
        DataType::Uint64 => Numbers::Integers(cast!(u64).into_iter().map(i128::from).collect()),
        _ => Numbers::Integers(cast!(i64).into_iter().map(i128::from).collect()),
    })
}

fn differing(
    declared: &service::Tensor,
    expected: &Tensor,
    found: &Tensor,
    tolerance: &Tolerance,
) -> Result<Option<Difference>, String> {
    let (absolute, relative) = match declared.datatype {
        DataType::Fp16 => (1e-3, 1e-3),
        _ => (1e-5, 1e-4),
    };
    let (absolute, relative) = (tolerance.absolute.unwrap_or(absolute), tolerance.relative.unwrap_or(relative));
    // Which element, what was expected, what was found, and what was allowed.
    type Wrong = (usize, String, String, f64);
    let wrong: Vec<Wrong> = match (numbers(declared.datatype, expected)?, numbers(declared.datatype, found)?) {
        (Numbers::Floats(expected), Numbers::Floats(found)) => {
            let pairs = expected.iter().zip(&found).enumerate();
            let allowed = |expected: f64| absolute + relative * expected.abs();
            // A number that is none is never near.
            let far = |e: f64, f: f64| (f - e).abs().partial_cmp(&allowed(e)).is_none_or(std::cmp::Ordering::is_gt);
            let wrong = pairs.filter(|(_, (e, f))| far(**e, **f));
            wrong.map(|(at, (e, f))| (at, short(*e), short(*f), allowed(*e))).collect()
        }
        (Numbers::Integers(expected), Numbers::Integers(found)) => {
            let pairs = expected.iter().zip(&found).enumerate();
            pairs.filter(|(_, (e, f))| e != f).map(|(at, (e, f))| (at, e.to_string(), f.to_string(), 0.0)).collect()
        }
        (Numbers::Texts(expected), Numbers::Texts(found)) => {
            let pairs = expected.iter().zip(&found).enumerate();
            let shown = |text: &str| format!("\"{}\"", excerpt(text));
            pairs.filter(|(_, (e, f))| e != f).map(|(at, (e, f))| (at, shown(e), shown(f), 0.0)).collect()
        }
        _ => return Err(format!("output `{}` has another type than expected", declared.name)),
    };
    let differing = wrong.len();
    let values = expected.len();
    Ok(wrong.into_iter().next().map(|(at, expected_text, found, allowed)| Difference {
        pair: 0,
        output: declared.name.to_owned(),
        index: index_of(at, expected.shape()),
        expected: expected_text,
        found,
        allowed,
        differing,
        values,
    }))
}

/// Seven digits, as many as a float of single precision has.
fn short(number: f64) -> String {
    let rounded: f64 = format!("{number:.6e}").parse().unwrap_or(number);
    rounded.to_string()
}

/// Where in a tensor the element stands that is number `at` in row-major order.
fn index_of(at: usize, shape: &[usize]) -> Vec<usize> {
    let mut rest = at;
    let mut index: Vec<usize> = Vec::with_capacity(shape.len());
    for size in shape.iter().rev() {
        index.push(rest % (*size).max(1));
        rest /= (*size).max(1);
    }
    index.reverse();
    index
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::Tensor as Declared;

    const MODEL: Model = Model {
        name: "classifier",
        versions: &[],
        shadow_sample: 0,
        inputs: &[Declared { name: "features", datatype: DataType::Fp32, shape: &[-1, 16] }],
        outputs: &[
            Declared { name: "label", datatype: DataType::Int64, shape: &[-1] },
            Declared { name: "probabilities", datatype: DataType::Fp32, shape: &[-1, 2] },
        ],
    };

    fn engine() -> Engine {
        static LOADED: Model = MODEL;
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/classifier.onnx");
        Engine::load(std::fs::read(path).unwrap(), &LOADED, 1).unwrap()
    }

    fn zeros(outputs: &str) -> String {
        let row = vec!["0"; 16].join(",");
        format!(r#"[{{"inputs":{{"features":[[{row}],[{row}]]}},"outputs":{outputs}}}]"#)
    }

    #[test]
    fn pairs_hold_or_say_where_not() {
        let engine = engine();
        let check = |text: &str| check(&engine, &MODEL, text);
        // What the model says of zeros, from its own mouth; a value of it is then moved.
        let outcome = check(&zeros(r#"{"probabilities":[[9,9],[9,9]]}"#)).unwrap();
        assert_eq!((outcome.differences[0].differing, outcome.differences[0].index.clone()), (4, vec![0, 0]));
        let first: f64 = outcome.differences[0].found.parse().unwrap();
        let (second, wrong) = (1.0 - first, 1.0 - first + 0.01);
        let sound = zeros(&format!(r#"{{"probabilities":[[{first},{second}],[{first},{second}]]}}"#));
        assert!(check(&sound).unwrap().differences.is_empty());
        let off = zeros(&format!(r#"{{"probabilities":[[{first},{second}],[{first},{wrong}]]}}"#));
        let outcome = check(&off).unwrap();
        assert_eq!((outcome.pairs, outcome.differences.len()), (1, 1));
        let told = outcome.differences[0].to_string();
        assert!(
            told.starts_with("golden pair 1: output `probabilities` at [1, 1] is ")
                && told.ends_with("; 1 of 4 values differ"),
            "{told}"
        );
        let wide = off.replace(r#""outputs""#, r#""tolerance":{"absolute":0.1},"outputs""#);
        assert!(check(&wide).unwrap().differences.is_empty());
        let labels = check(&zeros(r#"{"label":[7,7]}"#)).unwrap().differences;
        assert!(labels[0].to_string().contains("`label` at [0] is") && labels[0].allowed == 0.0, "{}", labels[0]);
    }

    #[test]
    fn pairs_that_do_not_fit_are_refused() {
        let engine = engine();
        for (text, part) in [
            ("[]".to_owned(), "empty"),
            ("{".to_owned(), "golden pairs"),
            (zeros("{}"), "expects no output"),
            (zeros(r#"{"prob":[[1,0]]}"#), "no output `prob`"),
            (zeros(r#"{"label":[1]}"#), "has shape [2], not [1]"),
            (zeros(r#"{"label":[[1],[1]]}"#), "shape [2, 1], not [-1]"),
            (zeros(r#"{"label":[1,0.5]}"#), "no INT64"),
            (zeros(r#"{"label":[1,1]}"#).replace("features", "feature"), "no input `feature`"),
            (zeros(r#"{"label":[1,1]}"#).replace("outputs", "output"), "unknown field"),
            (r#"[{"inputs":{},"outputs":{"label":[1]}}]"#.to_owned(), "lacks the input `features`"),
        ] {
            let error = check(&engine, &MODEL, &text).err().unwrap_or_else(|| panic!("{text}"));
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
