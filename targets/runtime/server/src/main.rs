//! `windlass-server`: the inference runtime for any model, as a program.
//!
//! | command | does |
//! |---|---|
//! | `serve` | serves the model that a JSON file describes, as a generated service does |
//! | `inspect` | tells what the engine sees in a model |
//! | `check` | holds golden pairs against a model |
//! | `score` | measures a model on rows with labels |
//!
//! What a command finds is one JSON document on standard output; why it can't is one JSON line with `error` on standard error. It exits
//! with 0 when all is well, with 1 when it failed, with 2 when the command line is wrong, and `check` with 3 when a pair does not hold.

mod arguments;
mod config;
mod dataset;
mod metrics;
mod score;
mod signature;

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use windlass_runtime::offline::Offline;
use windlass_runtime::{Model, golden, run_with};

use arguments::{Arguments, Command, Source};
use config::Config;
use metrics::Metric;

/// Spent on timing one inference.
const TIMING: Duration = Duration::from_millis(200);

fn main() -> ExitCode {
    let arguments = std::env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned());
    let command = match Arguments::parse(arguments.collect()) {
        Ok(command) => command,
        Err(why) => return fail(&why, 2),
    };
    let outcome = match command {
        Command::Help => say(arguments::HELP),
        Command::Version => say(concat!("windlass-server ", env!("CARGO_PKG_VERSION"), "\n")),
        Command::Serve { config } => return serve(&config),
        Command::Inspect { model, as_json } => inspect(&model, as_json),
        Command::Check { source, golden, sha256 } => match check(&source, &golden, sha256.as_deref()) {
            Ok((found, true)) => say(&found),
            Ok((found, false)) => return say(&found).map_or_else(|why| fail(&why, 1), |()| ExitCode::from(3)),
            Err(why) => Err(why),
        },
        Command::Score(question) => score(&question).and_then(|found| say(&found)),
    };
    outcome.map_or_else(|why| fail(&why, 1), |()| ExitCode::SUCCESS)
}

fn say(text: &str) -> Result<(), String> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|error| format!("cannot write: {error}"))
}

fn fail(why: &str, code: u8) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "{}", json!({ "error": why }));
    ExitCode::from(code)
}

/// The text of a file, or of standard input for `-`.
fn text(path: &Path) -> Result<String, String> {
    let failed = |error: std::io::Error| format!("cannot read `{}`: {error}", path.display());
    if path == Path::new("-") {
        let mut text = String::new();
        return std::io::stdin().read_to_string(&mut text).map(|_| text).map_err(failed);
    }
    std::fs::read_to_string(path).map_err(failed)
}

fn serve(path: &Path) -> ExitCode {
    let prepared = text(path).and_then(|text| {
        let config = Config::parse(&text)?;
        Ok((config.service()?, config))
    });
    match prepared {
        Ok((service, config)) => run_with(service, || config.settings(service)),
        Err(why) => fail(&why, 1),
    }
}

/// The bytes of a file, and their SHA-256.
fn digested(path: &Path) -> Result<(Vec<u8>, String), String> {
    let bytes = std::fs::read(path).map_err(|error| format!("cannot read `{}`: {error}", path.display()))?;
    let digest = format!("{:x}", Sha256::digest(&bytes));
    Ok((bytes, digest))
}

/// As [`digested`], when it has this digest.
fn expected(path: &Path, sha256: Option<&str>) -> Result<(Vec<u8>, String), String> {
    let (bytes, found) = digested(path)?;
    match sha256.filter(|sha256| *sha256 != found) {
        Some(sha256) => Err(format!("`{}` is another file: expected sha256 {sha256}, found {found}", path.display())),
        None => Ok((bytes, found)),
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// A loaded model: by its file alone, or the first version that a configuration declares.
fn open(source: &Source) -> Result<(Offline, &'static Model), String> {
    match source {
        Source::Model(path) => {
            let (bytes, digest) = digested(path)?;
            let model = signature::read(&bytes)?.model(&file_name(path), &digest);
            Ok((Offline::load(bytes, model)?, model))
        }
        Source::Config(path) => {
            let config = Config::parse(&text(path)?)?;
            let service = config.service()?;
            let settings = config.settings(service)?;
            Ok((Offline::open(service, &settings)?, &service.model))
        }
    }
}

fn inspect(path: &Path, as_json: bool) -> Result<(), String> {
    let (bytes, digest) = digested(path)?;
    let signature = signature::read(&bytes)?;
    let parameter_bytes = signature.parameter_bytes;
    let (size, model) = (bytes.len(), signature.model(&file_name(path), &digest));
    let (before, begun) = (resident_bytes(), Instant::now());
    let offline = Offline::load(bytes, model)?;
    let load = begun.elapsed();
    let (median, runs) = offline.time(TIMING)?;
    let grown = resident_bytes().zip(before).map(|(after, before)| after.saturating_sub(before));
    let tensors = |tensors: &[windlass_runtime::Tensor]| {
        let told = tensors.iter();
        told.map(|t| json!({ "name": t.name, "datatype": t.datatype.name(), "shape": t.shape })).collect::<Vec<Value>>()
    };
    if as_json {
        return say(&format!(
            "{}\n",
            json!({
                "file": file_name(path),
                "bytes": size,
                "sha256": digest,
                "inputs": tensors(model.inputs),
                "outputs": tensors(model.outputs),
                "parameter_bytes": parameter_bytes,
                "plans": offline.plans(),
                "load_ms": load.as_secs_f64() * 1e3,
                "inference_us": median.as_secs_f64() * 1e6,
                "runs": runs,
                "resident_growth_bytes": grown,
            })
        ));
    }
    let mut told = format!("{}: {size} bytes, sha256 {digest}\n", path.display());
    for (role, tensors) in [("input ", model.inputs), ("output", model.outputs)] {
        for tensor in tensors {
            told += &format!("{role}      {}: {} {:?}\n", tensor.name, tensor.datatype.name(), tensor.shape);
        }
    }
    told += &format!("parameters  {parameter_bytes} bytes\nplans       {}\nload        {load:.1?}\n", offline.plans());
    told += &format!("inference   {median:.1?} for one row, the median of {runs} runs\n");
    if let Some(grown) = grown {
        told += &format!("memory      {grown} bytes more resident with the model loaded\n");
    }
    say(&told)
}

/// Second field of `/proc/self/statm`, in pages of 4 KiB where Linux runs on what we build for.
fn resident_bytes() -> Option<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    statm.split(' ').nth(1)?.parse::<u64>().ok()?.checked_mul(4096)
}

/// The report, and whether every pair holds.
fn check(source: &Source, path: &Path, sha256: Option<&str>) -> Result<(String, bool), String> {
    let (offline, _) = open(source)?;
    let outcome = offline.golden(&golden::read(path, sha256)?)?;
    let difference = |found: &golden::Difference| {
        json!({
            "pair": found.pair + 1,
            "output": found.output,
            "index": found.index,
            "expected": found.expected,
            "found": found.found,
            "allowed": found.allowed,
            "differing": found.differing,
            "values": found.values,
            "message": found.to_string(),
        })
    };
    let differences: Vec<Value> = outcome.differences.iter().map(difference).collect();
    let holds = differences.is_empty();
    Ok((format!("{}\n", json!({ "pairs": outcome.pairs, "holds": holds, "differences": differences })), holds))
}

/// What `score` is asked.
pub struct Question {
    source: Source,
    dataset: PathBuf,
    dataset_sha256: Option<String>,
    label: Option<String>,
    labels: Option<PathBuf>,
    labels_sha256: Option<String>,
    output: Option<String>,
    metrics: Vec<Metric>,
}

fn table(path: &Path, sha256: Option<&str>) -> Result<dataset::Table, String> {
    let (bytes, _) = expected(path, sha256)?;
    let read = if path.extension().is_some_and(|extension| extension == "npy") {
        dataset::npy(&bytes)
    } else {
        let text = std::str::from_utf8(&bytes).map_err(|_| format!("`{}` is not UTF-8", path.display()))?;
        dataset::csv(text)
    };
    read.map_err(|problem| format!("`{}`: {}", path.display(), problem.what))
}

fn score(question: &Question) -> Result<String, String> {
    let table_of = table(&question.dataset, question.dataset_sha256.as_deref())?;
    let labels = match &question.labels {
        None => None,
        Some(path) => {
            let labels = table(path, question.labels_sha256.as_deref())?;
            if labels.columns.len() != 1 {
                return Err(format!("`{}` has {} columns; labels are one", path.display(), labels.columns.len()));
            }
            Some(labels.numbers)
        }
    };
    let (offline, model) = open(&question.source)?;
    let (label, output) = (question.label.as_deref(), question.output.as_deref());
    let scores = score::score(&offline, model, &table_of, label, labels, output, &question.metrics)?;
    let by_name = |value: &dyn Fn(&score::Score) -> Value| {
        scores.iter().map(|score| (score.metric.name().to_owned(), value(score))).collect::<serde_json::Map<_, _>>()
    };
    let metrics = by_name(&|score| score.value.into());
    let outputs = by_name(&|score| score.output.into());
    Ok(format!("{}\n", json!({ "rows": table_of.rows(), "metrics": metrics, "outputs": outputs })))
}
