//! Where a model is -> its verified bytes: a file, a folder, `https://…` or `s3://BUCKET/KEY`, with a cache on disk for the latter two.
//!
//! The digest is compared before anybody interprets a byte, and what is cached is compared again when it is read. All of this blocks, so it
//! belongs to the loading thread.

use std::hash::{BuildHasher, RandomState};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use crate::aws::{self, Method, Request};
use crate::log::{Level, Line};
use crate::resource::{read_verified, verify};
use crate::settings::Settings;

/// Attempts at one fetch come this far apart at first, then twice as far each time, less a random part.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// One fetch with all its attempts.
const PATIENCE: Duration = Duration::from_secs(60);
const CONNECT: Duration = Duration::from_secs(5);
/// One attempt, with the time that a large model takes.
const ATTEMPT: Duration = Duration::from_secs(600);
/// Larger than any model that this engine runs; memory is taken as bytes come, not as they are announced.
const LARGEST: u64 = 16 << 30;
/// One request to this machine or the one below, which answers at once; where there is none, nobody says so.
const NEAR: Duration = Duration::from_secs(2);
/// A server's answer to a request for credentials, and what is read of one that refuses.
const LARGEST_ANSWER: u64 = 64 * 1024;

/// Why there is no model.
#[derive(Debug)]
pub enum Problem {
    /// It is not there, or not the one; trying again gives the same.
    Wrong(String),
    /// The store cannot be reached, or does not let us in; it may at another time.
    Unreachable(String),
}

impl Problem {
    pub fn text(&self) -> &str {
        match self {
            Problem::Wrong(why) | Problem::Unreachable(why) => why,
        }
    }

    /// The same problem in other words.
    pub fn told(self, tell: impl FnOnce(String) -> String) -> Problem {
        match self {
            Problem::Wrong(why) => Problem::Wrong(tell(why)),
            Problem::Unreachable(why) => Problem::Unreachable(tell(why)),
        }
    }

    pub fn into_text(self) -> String {
        match self {
            Problem::Wrong(why) | Problem::Unreachable(why) => why,
        }
    }
}

/// Whether this names something beyond the file system.
pub fn is_remote(source: &str) -> bool {
    ["https://", "http://", "s3://"].iter().any(|scheme| source.starts_with(scheme))
}

/// The bytes of a version. `label` picks it in a folder of versions.
pub fn obtain(source: &str, label: &str, sha256: &str, settings: &Settings) -> Result<Vec<u8>, Problem> {
    if !is_remote(source) {
        let path = resolve(Path::new(source), label);
        return read_verified(&path, sha256).map_err(Problem::Wrong);
    }
    let cached = settings.model_cache.as_ref().map(|folder| folder.join(sha256));
    if let Some(path) = &cached
        && let Ok(bytes) = read_verified(path, sha256)
    {
        return Ok(bytes);
    }
    let bytes = fetch(source, settings)?;
    verify(&bytes, source, sha256).map_err(Problem::Wrong)?;
    if let Some(path) = cached
        && let Err(error) = keep(&path, &bytes)
    {
        let line = Line::new(Level::Warn, "the model is not cached, and served from memory");
        line.text("path", &path.display().to_string()).text("error", &error.to_string()).log();
    }
    Ok(bytes)
}

/// The folder of a model that lies on this machine.
pub fn folder(source: &str, label: &str) -> Option<PathBuf> {
    let local = (!is_remote(source)).then(|| resolve(Path::new(source), label));
    local.and_then(|path| path.parent().map(Path::to_owned))
}

/// A folder's model: `model.onnx`, or that of the version in a repository as Triton lays it out, or its only ONNX file. An OCI volume is
/// such a folder.
fn resolve(path: &Path, label: &str) -> PathBuf {
    if !path.is_dir() {
        return path.to_owned();
    }
    let candidates = [path.join(label).join("model.onnx"), path.join("model.onnx")];
    if let Some(found) = candidates.into_iter().find(|candidate| candidate.is_file()) {
        return found;
    }
    let files = std::fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut models = files.filter(|file| file.extension().is_some_and(|extension| extension == "onnx"));
    match (models.next(), models.next()) {
        (Some(only), None) => only,
        // Its absence is then what is reported.
        _ => path.join("model.onnx"),
    }
}

/// Under its digest, whole or not at all.
fn keep(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
    let written = std::fs::File::create(&temporary).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    let moved = written.and_then(|()| std::fs::rename(&temporary, path));
    if moved.is_err() {
        let _ = std::fs::remove_file(&temporary);
    }
    moved
}

fn fetch(source: &str, settings: &Settings) -> Result<Vec<u8>, Problem> {
    let agent = agent(settings).map_err(Problem::Wrong)?;
    let begun = Instant::now();
    let mut pause = FIRST_PAUSE;
    loop {
        let (why, again) = match attempt(&agent, source, settings) {
            Ok(bytes) => return Ok(bytes),
            Err(failure) => failure,
        };
        let why = format!("cannot fetch `{source}`: {why}");
        let shortened = jittered(pause);
        if !again || begun.elapsed() + shortened > settings.model_patience.unwrap_or(PATIENCE) {
            return Err(Problem::Unreachable(why));
        }
        Line::new(Level::Warn, "the model store does not answer, trying again").text("error", &why).log();
        std::thread::sleep(shortened);
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Half of the pause at least, so that replicas that lost the store together do not come back together.
pub fn jittered(pause: Duration) -> Duration {
    let random = RandomState::new().hash_one(0) % 1_000;
    pause / 2 + pause.mul_f64(random as f64 / 2_000.0)
}

/// A failure says whether another attempt may end otherwise.
type Failure = (String, bool);

fn attempt(agent: &ureq::Agent, source: &str, settings: &Settings) -> Result<Vec<u8>, Failure> {
    let Some(place) = source.strip_prefix("s3://") else {
        return send(agent, &Request::get(source.to_owned(), Vec::new()), LARGEST, of_model);
    };
    let (bucket, key) = place.split_once('/').unwrap_or((place, ""));
    let small = |request: &Request| send(agent, request, LARGEST_ANSWER, |_| "").map_err(|(why, _)| why);
    let aws = settings.aws.with_region().map_err(|why| (why, false))?;
    let credentials = aws::credentials(&aws, &small).map_err(|why| (why, true))?;
    send(agent, &aws::get_object(&aws, &credentials, bucket, key, SystemTime::now()), LARGEST, of_model)
}

/// What a refusal means of a model.
fn of_model(status: u16) -> &'static str {
    match status {
        301 | 307 => ": the bucket is in another region",
        // S3 says so of what is not there, too, to whom may not list the bucket.
        403 => ": it may not be read, or is not there",
        404 => ": it is not there",
        _ => "",
    }
}

fn send(
    agent: &ureq::Agent,
    request: &Request,
    limit: u64,
    meaning: fn(u16) -> &'static str,
) -> Result<Vec<u8>, Failure> {
    let outcome = match request.method {
        Method::Get => prepared(agent.get(&request.url), request).call(),
        Method::Put => prepared(agent.put(&request.url), request).send_empty(),
    };
    // ureq's errors name the problem, not the address, whose query may hold a token.
    let mut answer = outcome.map_err(|error| (error.to_string(), true))?;
    let status = answer.status().as_u16();
    if status != 200 {
        let again = matches!(status, 408 | 429 | 500..);
        let said = answer.body_mut().with_config().limit(LARGEST_ANSWER).read_to_vec().unwrap_or_default();
        let code = code(&said).map_or_else(String::new, |code| format!(", {code}"));
        return Err((format!("the answer is {status}{code}{}", meaning(status)), again));
    }
    let body = answer.body_mut().with_config().limit(limit).read_to_vec();
    body.map_err(|error| (format!("the body did not arrive: {error}"), true))
}

fn prepared<Any>(call: ureq::RequestBuilder<Any>, request: &Request) -> ureq::RequestBuilder<Any> {
    let call = request.headers.iter().fold(call, |call, (name, value)| call.header(name, value));
    if request.is_near { call.config().proxy(None).timeout_global(Some(NEAR)).build() } else { call }
}

/// What S3 and STS call the reason of a refusal, such as `AccessDenied`.
fn code(answer: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(answer);
    let (_, rest) = text.split_once("<Code>")?;
    let (code, _) = rest.split_once("</Code>")?;
    let is_plain = (1..=64).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_plain.then(|| code.to_owned())
}

fn agent(settings: &Settings) -> Result<ureq::Agent, String> {
    let mut tls = ureq::tls::TlsConfig::builder();
    if let Some(path) = &settings.ca_bundle {
        let shown = path.display();
        let pem = std::fs::read(path).map_err(|error| format!("cannot read the certificates `{shown}`: {error}"))?;
        let items: Result<Vec<_>, _> = ureq::tls::parse_pem(&pem).collect();
        let items = items.map_err(|error| format!("cannot read the certificates `{shown}`: {error}"))?;
        let certificates: Vec<_> = items
            .into_iter()
            .filter_map(|item| match item {
                ureq::tls::PemItem::Certificate(certificate) => Some(certificate),
                _ => None,
            })
            .collect();
        tls = tls.root_certs(ureq::tls::RootCerts::new_with_certs(&certificates));
    }
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_connect(Some(CONNECT))
        .timeout_recv_response(Some(CONNECT * 6))
        .timeout_global(Some(ATTEMPT))
        .tls_config(tls.build())
        .build();
    Ok(config.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_vary_below_their_length() {
        let pause = Duration::from_secs(1);
        let pauses: Vec<Duration> = (0..50).map(|_| jittered(pause)).collect();
        assert!(pauses.iter().all(|one| *one >= pause / 2 && *one <= pause));
        assert!(pauses.iter().any(|one| *one != pauses[0]));
    }
}
