//! This machine as the world of a workflow: folders for buckets, commands for functions and jobs, lines for messages.

use std::collections::BTreeMap;
use std::collections::hash_map::RandomState;
use std::fs;
use std::hash::{BuildHasher, Hasher};
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::{Component, Path, PathBuf};
use std::thread;
use std::time::Instant;

use md5::{Digest, Md5};
use serde_json::{Value as Json, json};
use windlass::run::{Answer, Called, Event, Failure, World};
use windlass_schemas::artifact::hex;
use windlass_schemas::units::Duration;

use super::process;
use super::progress::Progress;
use super::recorded::Recorded;
use super::services::Services;

/// What stands for what a workflow touches.
pub struct Means {
    /// By name in the spec.
    pub buckets: BTreeMap<String, PathBuf>,
    pub functions: BTreeMap<String, String>,
    pub jobs: BTreeMap<String, String>,
    pub services: Services,
    pub recorded: Recorded,
    /// The answer to every question; `None`: it is asked on the terminal.
    pub approve: Option<bool>,
    pub real_time: bool,
}

pub struct Machine {
    means: Means,
    progress: Progress,
    began: Instant,
}

impl Machine {
    pub fn new(means: Means, progress: Progress) -> Self {
        Machine { means, progress, began: Instant::now() }
    }

    /// The file of an object. A key that would lead out of the folder is refused.
    fn file(&self, bucket: &str, key: &str) -> Result<PathBuf, Failure> {
        let path = Path::new(key);
        let inside = !key.is_empty()
            && !key.ends_with('/')
            && path.components().all(|part| matches!(part, Component::Normal(_)));
        match self.means.buckets.get(bucket) {
            Some(folder) if inside => Ok(folder.join(path)),
            Some(_) => Err(Failure::new("S3.S3Exception", &format!("`{key}` is no key that a folder can hold"))),
            None => Err(Failure::new("S3.NoSuchBucketException", bucket)),
        }
    }
}

impl World for Machine {
    fn read(&self, bucket: &str, key: &str) -> Result<String, Failure> {
        let file = self.file(bucket, key)?;
        fs::read_to_string(&file).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => {
                Failure::new("S3.NoSuchKeyException", &format!("there is no `{}`", file.display()))
            }
            _ => Failure::new("S3.S3Exception", &format!("`{}`: {error}", file.display())),
        })
    }

    fn write(&self, bucket: &str, key: &str, text: &str) -> Result<String, Failure> {
        let file = self.file(bucket, key)?;
        let written = file.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&file, text));
        written.map_err(|error| Failure::new("S3.S3Exception", &format!("`{}`: {error}", file.display())))?;
        Ok(etag(text.as_bytes()))
    }

    fn list(&self, bucket: &str, prefix: &str) -> Result<Vec<Json>, Failure> {
        let folder = self.means.buckets.get(bucket).ok_or_else(|| Failure::new("S3.NoSuchBucketException", bucket))?;
        let mut found = BTreeMap::new();
        collect(folder, "", &mut found)
            .map_err(|error| Failure::new("S3.S3Exception", &format!("`{}`: {error}", folder.display())))?;
        found.retain(|key, _| key.starts_with(prefix));
        let object = |(key, bytes): (String, Vec<u8>)| json!({ "key": key, "size": bytes.len(), "etag": etag(&bytes) });
        Ok(found.into_iter().map(object).collect())
    }

    fn infer(&self, called: Called, request: &Json) -> Result<Json, Failure> {
        self.means.services.infer(called.name, request, time(called.timeout))
    }

    fn call(&self, called: Called, payload: &Json) -> Result<Json, Failure> {
        let command = self.means.functions.get(called.name).ok_or_else(|| absent("function", called))?;
        let ended = process::run(command, &[], &BTreeMap::new(), &payload.to_string(), time(called.timeout))?;
        if !ended.success {
            return Err(of_function(&ended.errors));
        }
        serde_json::from_str(&ended.output)
            .map_err(|error| Failure::new("States.TaskFailed", &format!("`{command}` printed no JSON: {error}")))
    }

    fn job(
        &self,
        called: Called,
        arguments: &[String],
        environment: &BTreeMap<String, String>,
    ) -> Result<String, Failure> {
        let command = self.means.jobs.get(called.name).ok_or_else(|| absent("job", called))?;
        let ended = process::run(command, arguments, environment, "", time(called.timeout))?;
        let _ = io::stderr().lock().write_all(ended.errors.as_bytes());
        if ended.success { Ok(format!("{}-local", called.name)) } else { Err(of_function(&ended.errors)) }
    }

    fn notify(&self, called: Called, subject: Option<&str>, message: &str) -> Result<String, Failure> {
        self.progress.message(called.name, subject, message);
        Ok(format!("local-{}", called.stage))
    }

    fn approve(&self, called: Called, subject: Option<&str>, message: &str) -> Result<Answer, Failure> {
        self.progress.message(called.name, subject, message);
        if let Some(approved) = self.means.approve {
            return Ok(Answer { approved, comment: None });
        }
        if !io::stdin().is_terminal() {
            let why =
                format!("nobody can be asked: answer with `--approve`, or record an answer for `{}`", called.stage);
            return Err(Failure::new("States.Timeout", &why));
        }
        let _ = write!(io::stderr().lock(), "approve? [y/N, and a comment] ");
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).map_err(|error| Failure::new("States.Timeout", &error.to_string()))?;
        let (answer, comment) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
        let approved = matches!(answer.to_ascii_lowercase().as_str(), "y" | "yes");
        Ok(Answer { approved, comment: (!comment.is_empty()).then(|| comment.to_owned()) })
    }

    fn recorded(&self, stage: &str) -> Option<Result<Json, Failure>> {
        self.means.recorded.next(stage)
    }

    fn wait(&self, duration: Duration) {
        if self.means.real_time {
            thread::sleep(time(duration));
        }
    }

    fn elapsed(&self) -> Duration {
        Duration(u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX))
    }

    fn chance(&self) -> f64 {
        f64::from(u32::try_from(RandomState::new().build_hasher().finish() >> 32).unwrap_or_default())
            / f64::from(u32::MAX)
    }

    fn tell(&self, event: &Event) {
        self.progress.tell(event);
    }
}

fn time(duration: Duration) -> std::time::Duration {
    std::time::Duration::from_millis(duration.0)
}

/// As S3 makes it of an object that was put in one piece.
fn etag(bytes: &[u8]) -> String {
    format!("\"{}\"", hex(&Md5::digest(bytes)))
}

/// Every file below a folder, by its path with `/`. A folder that is not there is an empty bucket.
fn collect(folder: &Path, prefix: &str, found: &mut BTreeMap<String, Vec<u8>>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let key = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{key}/"), found)?;
        } else {
            found.insert(key, fs::read(entry.path())?);
        }
    }
    Ok(())
}

fn absent(kind: &str, called: Called) -> Failure {
    let name = called.name;
    let why = format!(
        "nothing stands for the {kind} `{name}`: say what does with `--{kind} {name}=COMMAND`, or record a result"
    );
    Failure::new("States.TaskFailed", &why)
}

/// What a function failed with: its last line on standard error may say so as Lambda does, in `errorType` and `errorMessage`.
fn of_function(errors: &str) -> Failure {
    let last = errors.lines().last().unwrap_or_default();
    let said: Option<(String, String)> = serde_json::from_str::<Json>(last).ok().and_then(|said| {
        Some((said["errorType"].as_str()?.to_owned(), said["errorMessage"].as_str().unwrap_or_default().to_owned()))
    });
    match said {
        Some((name, cause)) => Failure::new(&name, &cause),
        None => Failure::new("States.TaskFailed", errors.trim()),
    }
}
