//! Environment variables -> [`Settings`], or the sentence that says which variable is wrong and how to write it.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::time::Duration;

use crate::access::AccessLog;
use crate::aws::Aws;
use crate::batching::{Mode, Wish};
use crate::log::Level;
use crate::names;
use crate::service::Service;
use crate::{otlp, prediction_log};

/// Where embedded metrics go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Emf {
    Off,
    Stdout,
    /// `host:port` of a CloudWatch agent.
    Tcp(String),
}

#[derive(Clone, Debug)]
pub struct Settings {
    pub listen: SocketAddr,
    /// The model's file, or the folder that holds the files of its versions. `None`: the default folder.
    pub model_path: Option<PathBuf>,
    pub model_store: Option<String>,
    pub model_cache: Option<PathBuf>,
    /// `None`: a minute.
    pub model_patience: Option<Duration>,
    pub aws: Aws,
    /// PEM certificates to trust in place of the public ones.
    pub ca_bundle: Option<PathBuf>,
    pub model_config: Option<PathBuf>,
    pub repository_api: bool,
    pub project: String,
    pub environment: String,
    pub api_key_file: Option<PathBuf>,
    pub emf: Emf,
    pub drain_delay: Duration,
    pub request_timeout: Duration,
    pub max_body_bytes: usize,
    pub max_in_flight: usize,
    pub threads: usize,
    pub batch: Wish,
    pub log: Level,
    pub access_log: AccessLog,
    pub slow_request: Duration,
    pub prediction_log: prediction_log::Choice,
    pub traces: otlp::Choice,
}

impl Settings {
    /// Reads the process's environment. A variable that is set to the empty string counts as unset.
    pub fn from_environment(service: &Service) -> Result<Settings, String> {
        Settings::from_lookup(service, |name| match std::env::var(name) {
            Ok(value) => Ok(Some(value)),
            Err(std::env::VarError::NotPresent) => Ok(None),
            Err(std::env::VarError::NotUnicode(_)) => Err(format!("{name} is not valid UTF-8")),
        })
    }

    /// As [`Settings::from_environment`], over any source of variables.
    pub fn from_lookup(
        service: &Service,
        lookup: impl Fn(&'static str) -> Result<Option<String>, String>,
    ) -> Result<Settings, String> {
        let get = |name| lookup(name).map(|value| value.filter(|value| !value.is_empty()));
        let seconds = Duration::from_secs;
        Ok(Settings {
            listen: match get(names::LISTEN)? {
                Some(text) => address(names::LISTEN, &text)?,
                None => address(names::LISTEN, names::DEFAULT_LISTEN)?,
            },
            model_path: get(names::MODEL_PATH)?.map(PathBuf::from),
            model_store: match get(names::MODEL_STORE)? {
                Some(store) if store.contains("://") && !crate::source::is_remote(&store) => {
                    return Err(format!("{} is `{store}`; write https://…, s3://… or a folder", names::MODEL_STORE));
                }
                store => store,
            },
            model_cache: get(names::MODEL_CACHE)?.map(PathBuf::from),
            model_patience: match get(names::MODEL_PATIENCE)? {
                Some(text) => Some(duration(names::MODEL_PATIENCE, &text)?),
                None => None,
            },
            aws: Aws::from_lookup(get)?,
            ca_bundle: match get("AWS_CA_BUNDLE")? {
                Some(path) => Some(PathBuf::from(path)),
                None => get("SSL_CERT_FILE")?.map(PathBuf::from),
            },
            model_config: get(names::MODEL_CONFIG)?.map(PathBuf::from),
            repository_api: match get(names::REPOSITORY_API)?.as_deref() {
                None | Some("off") => false,
                Some("on") => true,
                Some(text) => return Err(format!("{} is `{text}`; write on or off", names::REPOSITORY_API)),
            },
            project: get(names::PROJECT)?.unwrap_or_else(|| service.name.to_owned()),
            environment: get(names::ENVIRONMENT)?.unwrap_or_else(|| names::NO_ENVIRONMENT.to_owned()),
            api_key_file: get(names::API_KEY_FILE)?.map(PathBuf::from),
            emf: emf(get(names::EMF)?)?,
            drain_delay: match get(names::DRAIN_DELAY)? {
                Some(text) => duration(names::DRAIN_DELAY, &text)?,
                None => seconds(names::DEFAULT_DRAIN_DELAY_SECONDS),
            },
            request_timeout: match get(names::REQUEST_TIMEOUT)? {
                Some(text) => match duration(names::REQUEST_TIMEOUT, &text)? {
                    Duration::ZERO => return Err(format!("{} must be more than zero", names::REQUEST_TIMEOUT)),
                    timeout => timeout,
                },
                None => seconds(names::DEFAULT_REQUEST_TIMEOUT_SECONDS),
            },
            max_body_bytes: match get(names::MAX_BODY_BYTES)? {
                Some(text) => count(names::MAX_BODY_BYTES, &text, 1 << 40)?,
                None => names::DEFAULT_MAX_BODY_BYTES,
            },
            max_in_flight: match get(names::MAX_IN_FLIGHT)? {
                Some(text) => count(names::MAX_IN_FLIGHT, &text, 1 << 20)?,
                None => names::DEFAULT_MAX_IN_FLIGHT,
            },
            threads: match get(names::THREADS)? {
                Some(text) => count(names::THREADS, &text, 1024)?,
                None => std::thread::available_parallelism().map_or(1, |n| n.get()),
            },
            batch: Wish {
                mode: match get(names::BATCH)?.as_deref() {
                    None | Some("auto") => Mode::Auto,
                    Some("off") => Mode::Off,
                    Some("always") => Mode::Always,
                    Some(text) => return Err(format!("{} is `{text}`; write auto, off or always", names::BATCH)),
                },
                rows: match get(names::BATCH_MAX_SIZE)?.as_deref() {
                    None | Some("0") => 0,
                    Some(text) => count(names::BATCH_MAX_SIZE, text, names::MOST_BATCH_ROWS)?,
                },
                delay: match get(names::BATCH_MAX_DELAY)? {
                    Some(text) => duration(names::BATCH_MAX_DELAY, &text)?,
                    None => Duration::from_millis(names::DEFAULT_BATCH_MAX_DELAY_MILLISECONDS),
                },
            },
            log: match get(names::LOG)? {
                Some(text) => Level::parse(&text)
                    .ok_or_else(|| format!("{} is `{text}`; write error, warn, info or debug", names::LOG))?,
                None => Level::Info,
            },
            access_log: match get(names::ACCESS_LOG)?.as_deref() {
                Some("off") => AccessLog::Off,
                None | Some("errors") => AccessLog::Errors,
                Some("all") => AccessLog::All,
                Some(text) => return Err(format!("{} is `{text}`; write all, errors or off", names::ACCESS_LOG)),
            },
            slow_request: match get(names::SLOW_REQUEST)? {
                Some(text) => duration(names::SLOW_REQUEST, &text)?,
                None => seconds(names::DEFAULT_SLOW_REQUEST_SECONDS),
            },
            prediction_log: prediction_log::Choice {
                sample: match get(names::PREDICTION_LOG_SAMPLE)? {
                    Some(text) => share(names::PREDICTION_LOG_SAMPLE, &text)?,
                    None => 0.0,
                },
                redact: match get(names::PREDICTION_LOG_REDACT)? {
                    Some(text) if text.starts_with('[') => serde_json::from_str(&text).map_err(|error| {
                        format!("{} is no list of names in JSON: {error}", names::PREDICTION_LOG_REDACT)
                    })?,
                    Some(text) => text.split(',').map(|name| name.trim().to_owned()).collect(),
                    None => Vec::new(),
                },
            },
            traces: otlp::Choice::from_lookup(service.name, get)?,
        })
    }
}

fn address(name: &str, text: &str) -> Result<SocketAddr, String> {
    let found = text.to_socket_addrs().ok().and_then(|mut all| all.next());
    found.ok_or_else(|| format!("{name} is `{text}`; write host:port, such as {}", names::DEFAULT_LISTEN))
}

fn emf(value: Option<String>) -> Result<Emf, String> {
    let Some(text) = value else { return Ok(Emf::Off) };
    if text == "stdout" {
        return Ok(Emf::Stdout);
    }
    let host = text.strip_prefix("tcp://").filter(|rest| {
        rest.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok_and(|p| p > 0))
    });
    match host {
        Some(host) => Ok(Emf::Tcp(host.to_owned())),
        None => Err(format!("{} is `{text}`; write stdout, or tcp://host:port", names::EMF)),
    }
}

fn count(name: &str, text: &str, most: usize) -> Result<usize, String> {
    match text.parse::<usize>() {
        Ok(n) if (1..=most).contains(&n) => Ok(n),
        _ => Err(format!("{name} is `{text}`; write a whole number from 1 to {most}")),
    }
}

fn share(name: &str, text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number| (0.0..=1.0).contains(number));
    number.ok_or_else(|| format!("{name} is `{text}`; write a number from 0 to 1, such as 0.01"))
}

/// `250ms`, `5s`, `2m`, `1h` or `0`; whole numbers only.
fn duration(name: &str, text: &str) -> Result<Duration, String> {
    let wrong = || format!("{name} is `{text}`; write a duration such as 500ms, 5s or 2m");
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    let split = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
    let (digits, unit) = text.split_at(split);
    let number: u64 = digits.parse().map_err(|_| wrong())?;
    let milliseconds = match unit {
        "ms" => Some(number),
        "s" => number.checked_mul(1_000),
        "m" => number.checked_mul(60_000),
        "h" => number.checked_mul(3_600_000),
        _ => None,
    };
    // A day is far above any sensible value, and far below what clock arithmetic overflows on.
    milliseconds.filter(|ms| *ms <= 86_400_000).map(Duration::from_millis).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVICE: Service = Service {
        name: "risk",
        model: crate::Model {
            name: "risk",
            versions: &[crate::Version::only("3", "risk-3.onnx", "")],
            shadow_sample: 0,
            inputs: &[],
            outputs: &[],
        },
    };

    fn with(name: &'static str, value: &str) -> Result<Settings, String> {
        Settings::from_lookup(&SERVICE, |asked| Ok((asked == name).then(|| value.to_owned())))
    }

    #[test]
    fn defaults_are_those_of_the_names() {
        let settings = Settings::from_lookup(&SERVICE, |_| Ok(None)).unwrap();
        assert_eq!(settings.listen.port(), names::DEFAULT_PORT);
        assert!(settings.model_path.is_none() && settings.model_config.is_none() && !settings.repository_api);
        assert_eq!(settings.emf, Emf::Off);
        assert_eq!(settings.drain_delay, Duration::from_secs(5));
        assert!(settings.threads >= 1);
        assert_eq!(settings.batch, Wish { mode: Mode::Auto, rows: 0, delay: Duration::from_millis(2) });
    }

    #[test]
    fn an_empty_value_counts_as_unset() {
        assert_eq!(with(names::MAX_IN_FLIGHT, "").unwrap().max_in_flight, names::DEFAULT_MAX_IN_FLIGHT);
    }

    #[test]
    fn wrong_values_are_named() {
        let wrong = [
            (names::LISTEN, "8080"),
            (names::EMF, "udp://a:1"),
            (names::EMF, "tcp://host"),
            (names::EMF, "tcp://:25888"),
            (names::DRAIN_DELAY, "5"),
            (names::DRAIN_DELAY, "-5s"),
            (names::DRAIN_DELAY, "5 s"),
            (names::DRAIN_DELAY, "99999999999999999999s"),
            (names::REQUEST_TIMEOUT, "0"),
            (names::REQUEST_TIMEOUT, "0s"),
            (names::MAX_BODY_BYTES, "16Mi"),
            (names::MAX_IN_FLIGHT, "0"),
            (names::THREADS, "-1"),
            (names::BATCH, "on"),
            (names::BATCH_MAX_SIZE, "-1"),
            (names::BATCH_MAX_SIZE, "4097"),
            (names::BATCH_MAX_DELAY, "2"),
            (names::LOG, "verbose"),
            (names::REPOSITORY_API, "yes"),
            (names::MODEL_STORE, "gs://models"),
            (names::ACCESS_LOG, "some"),
            (names::SLOW_REQUEST, "fast"),
            (names::PREDICTION_LOG_SAMPLE, "1%"),
            (names::PREDICTION_LOG_SAMPLE, "NaN"),
            (names::PREDICTION_LOG_SAMPLE, "1.5"),
            (names::PREDICTION_LOG_REDACT, "[1]"),
        ];
        for (name, value) in wrong {
            let message = with(name, value).expect_err(value);
            assert!(message.contains(name), "{message}");
        }
    }

    #[test]
    fn right_values_are_read() {
        assert_eq!(with(names::DRAIN_DELAY, "250ms").unwrap().drain_delay, Duration::from_millis(250));
        assert_eq!(with(names::DRAIN_DELAY, "0").unwrap().drain_delay, Duration::ZERO);
        assert_eq!(with(names::BATCH, "always").unwrap().batch.mode, Mode::Always);
        assert_eq!(with(names::BATCH_MAX_SIZE, "0").unwrap().batch.rows, 0);
        assert_eq!(with(names::BATCH_MAX_SIZE, "32").unwrap().batch.rows, 32);
        assert_eq!(with(names::BATCH_MAX_DELAY, "10ms").unwrap().batch.delay, Duration::from_millis(10));
        assert_eq!(with(names::REQUEST_TIMEOUT, "2m").unwrap().request_timeout, Duration::from_secs(120));
        assert_eq!(with(names::EMF, "tcp://agent:25888").unwrap().emf, Emf::Tcp("agent:25888".into()));
        for (text, names) in [("a, b", ["a", "b"]), (r#"["a,c", " d"]"#, ["a,c", " d"])] {
            assert_eq!(with(names::PREDICTION_LOG_REDACT, text).unwrap().prediction_log.redact, names);
        }
        assert_eq!(with(names::PREDICTION_LOG_SAMPLE, "0.01").unwrap().prediction_log.sample, 0.01);
        assert_eq!(with(names::LISTEN, "127.0.0.1:0").unwrap().listen.port(), 0);
    }
}
