//! `windlass-server` as the compiler's engine: found, asked, and its answers kept, so that nothing is run twice.

use std::env;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::UNIX_EPOCH;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use windlass::engine::{Engine, Question, Silence};
use windlass_schemas::artifact::hex;
use windlass_targets::inference::{config, names};

/// The program's name.
const PROGRAM: &str = "windlass-server";
/// The variable that names it.
const NAMED_BY: &str = "WINDLASS_SERVER";
/// The variable that names the folder of kept answers.
const CACHE: &str = "WINDLASS_CACHE";

/// Where the program is: beside this one, where WINDLASS_SERVER says, or on the PATH. The error says why it is not there.
pub fn find() -> Result<PathBuf, String> {
    let beside = env::current_exe().ok().map(|windlass| windlass.with_file_name(PROGRAM));
    if let Some(beside) = beside.filter(|path| path.is_file()) {
        return Ok(beside);
    }
    if let Some(named) = env::var_os(NAMED_BY).filter(|named| !named.is_empty()) {
        let named = PathBuf::from(named);
        return match named.is_file() {
            true => Ok(named),
            false => Err(format!("{NAMED_BY} names `{}`, and there is no such file", named.display())),
        };
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path).map(|folder| folder.join(PROGRAM)).find(|path| path.is_file());
    found.ok_or_else(|| format!("it is not beside `windlass`, {NAMED_BY} is not set, and it is not on the PATH"))
}

/// Asks the program about the models of a project.
pub struct Server {
    /// The folder of the project.
    pub dir: PathBuf,
    /// Whether nothing is to be asked.
    pub skip: bool,
}

impl Engine for Server {
    fn ask(&self, question: &Question<'_>) -> Result<Value, Silence> {
        if self.skip {
            return Err(Silence::Skipped);
        }
        let program = find().map_err(Silence::Absent)?;
        let asked = json!({ "question": question.facts(), "engine": identity(&program) });
        let kept = cache().map(|folder| folder.join(format!("{}.json", hex(&Sha256::digest(asked.to_string())))));
        if let Some(answer) = kept.as_deref().and_then(|path| recall(path, &asked)) {
            return Ok(answer);
        }
        let answer = self.run(&program, question)?;
        if let Some(path) = kept {
            // That it can't be kept costs time alone.
            let _ = path.parent().map_or(Ok(()), fs::create_dir_all);
            let _ = replace(&path, &json!({ "asked": asked, "answer": answer }).to_string());
        }
        Ok(answer)
    }
}

impl Server {
    fn run(&self, program: &Path, question: &Question<'_>) -> Result<Value, Silence> {
        let model = question.model();
        let settings = config::Settings::from([(names::MODEL_PATH, folder(&self.dir).into())]);
        let mut command = Command::new(program);
        let path = |file: &str| self.dir.join(file);
        match question {
            Question::Golden(_, golden) => {
                command.args(["check", "--config", "-", "--golden-sha256", &golden.sha256, "--golden"]);
                command.arg(path(&golden.file));
            }
            Question::Score(_, rows) => {
                command.args(["score", "--config", "-", "--dataset-sha256", &rows.dataset.sha256, "--dataset"]);
                command.arg(path(&rows.dataset.path));
                if let Some(labels) = &rows.labels {
                    command.args(["--labels-sha256", &labels.sha256, "--labels"]).arg(path(&labels.path));
                }
                // One word each: a name may begin with a dash.
                command.args(rows.label.iter().map(|label| format!("--label={label}")));
                command.args(rows.output.iter().map(|output| format!("--output={output}")));
                command.args(rows.metrics.iter().map(|metric| format!("--metric={metric}")));
            }
        }
        isolate(&mut command);
        let failed = |why: String| Silence::Failed(why);
        let absent = |error: io::Error| Silence::Absent(format!("`{}` can't be run: {error}", program.display()));
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(absent)?;
        if let Some(mut stdin) = child.stdin.take() {
            // It reads all of it before it writes; if it ended early, it says why.
            let _ = stdin.write_all(config::of_version(model, &settings).to_string().as_bytes());
        }
        let output = child.wait_with_output().map_err(|error| failed(error.to_string()))?;
        match output.status.code() {
            // 3: a golden pair does not hold, which is an answer.
            Some(0 | 3) => serde_json::from_slice(&output.stdout)
                .map_err(|error| failed(format!("`{PROGRAM}` gives no JSON: {error}"))),
            _ => {
                let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
                let line = said.lines().last().unwrap_or_default();
                let error =
                    serde_json::from_str::<Value>(line).ok().and_then(|line| Some(line["error"].as_str()?.to_owned()));
                Err(failed(error.unwrap_or_else(|| format!("`{PROGRAM}` ended with {}: {line}", output.status))))
            }
        }
    }
}

/// The folder of a project as the program takes it.
pub fn folder(dir: &Path) -> String {
    let dir = if dir.as_os_str().is_empty() { Path::new(".") } else { dir };
    dir.display().to_string()
}

/// Keeps settings that are meant for a service of this shell from those that are asked about.
fn isolate(command: &mut Command) {
    for name in names::VARIABLES {
        command.env_remove(name);
    }
}

/// What tells one build of the program from another without running it.
fn identity(program: &Path) -> Value {
    let meta = fs::metadata(program).ok();
    let changed = meta.as_ref().and_then(|meta| meta.modified().ok()?.duration_since(UNIX_EPOCH).ok());
    json!({
        "program": fs::canonicalize(program).unwrap_or_else(|_| program.to_owned()).display().to_string(),
        "bytes": meta.map(|meta| meta.len()),
        "changed": changed.map(|time| time.as_nanos().to_string()),
        "windlass": env!("CARGO_PKG_VERSION"),
    })
}

/// The folder of kept answers; `None` where there is no place for it.
fn cache() -> Option<PathBuf> {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    set(CACHE)
        .or_else(|| set("XDG_CACHE_HOME").map(|folder| folder.join("windlass")))
        .or_else(|| set("HOME").map(|folder| folder.join(".cache/windlass")))
}

/// A kept answer to this very question; one that is broken counts as none.
fn recall(path: &Path, asked: &Value) -> Option<Value> {
    let mut kept: Value = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
    (kept["asked"] == *asked).then(|| kept["answer"].take())
}

/// Writes a file whole or not at all.
pub fn replace(path: &Path, text: &str) -> io::Result<()> {
    let partial = path.with_extension(format!("{}.partial", std::process::id()));
    let written = fs::write(&partial, text).and_then(|()| fs::rename(&partial, path));
    if written.is_err() {
        let _ = fs::remove_file(&partial);
    }
    written
}
