//! Finished spans -> an OpenTelemetry collector, by OTLP over HTTP, as protobuf or JSON.
//!
//! Runs on a thread of its own with blocking I/O and a bounded queue: a collector that is away or slow costs spans, never a request, and
//! what it costs is counted. The variables are those of the OpenTelemetry specification, and are read as it says: what cannot be
//! understood is warned of and counts as unset, since a platform may set these for everything that it runs.
//!
//! The messages are the few of `opentelemetry/proto/trace/v1` that a server's spans need, by their field numbers. There is no TLS: a
//! collector stands in the same cluster, or beside the process.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use prost::Message;
use serde_json::{Value as Json, json};

use crate::log::{Level, Line};
use crate::names;
use crate::trace::{Sampler, SpanId, TraceId, digits};

/// Attempts for one batch, with a pause before each further one.
const ATTEMPTS: u32 = 4;
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// How much of an answer is read.
const LONGEST_ANSWER: u64 = 64 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    Protobuf,
    Json,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// `host:port`, to connect to.
    pub address: String,
    /// As the `Host` header has it.
    pub host: String,
    pub path: String,
    pub protocol: Protocol,
    pub headers: Vec<(String, String)>,
    /// `service.name` among them.
    pub resource: Vec<(String, String)>,
    pub sampler: Sampler,
    pub timeout: Duration,
    pub queue: usize,
    pub batch: usize,
    pub delay: Duration,
}

/// What the environment says about traces: where they go, if anywhere, and what of it was not understood.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Choice {
    pub config: Option<Config>,
    pub warnings: Vec<String>,
}

impl Choice {
    /// `get` gives a variable that is set and not empty.
    pub fn from_lookup(
        service: &str,
        get: impl Fn(&'static str) -> Result<Option<String>, String>,
    ) -> Result<Choice, String> {
        let mut warnings = Vec::new();
        let is = |value: Option<String>, word: &str| value.is_some_and(|value| value.eq_ignore_ascii_case(word));
        if is(get("OTEL_SDK_DISABLED")?, "true") || is(get("OTEL_TRACES_EXPORTER")?, "none") {
            return Ok(Choice::default());
        }
        let url = match (get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")?, get(names::OTLP_ENDPOINT)?) {
            (Some(whole), _) => ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", whole),
            (None, Some(base)) => (names::OTLP_ENDPOINT, format!("{}/v1/traces", base.trim_end_matches('/'))),
            (None, None) => return Ok(Choice::default()),
        };
        let either = |traces, all| get(traces).and_then(|value| value.map_or_else(|| get(all), |v| Ok(Some(v))));
        let protocol = match either("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", names::OTLP_PROTOCOL)?.as_deref() {
            None | Some("http/protobuf") => Some(Protocol::Protobuf),
            Some("http/json") => Some(Protocol::Json),
            Some(other) => {
                warnings.push(format!("OTLP protocol `{other}` is not spoken here; set http/protobuf or http/json"));
                None
            }
        };
        let place = address(&url.1);
        if place.is_none() {
            warnings.push(format!("{} is `{}`; write http://host:port", url.0, url.1));
        }
        let (Some(protocol), Some((address, host, path))) = (protocol, place) else {
            return Ok(Choice { config: None, warnings });
        };
        let mut pairs = |what: &str, text: Option<String>| {
            let (found, wrong) = pairs(&text.unwrap_or_default());
            warnings.extend(wrong.map(|wrong| format!("{what} has `{wrong}`; write name=value")));
            found
        };
        let headers = either("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS")?;
        let mut headers = pairs("OTEL_EXPORTER_OTLP_HEADERS", headers);
        // What would end a line would be another header.
        headers.retain(|(name, value)| is_token(name) && value.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        let mut resource = pairs("OTEL_RESOURCE_ATTRIBUTES", get(names::OTEL_RESOURCE_ATTRIBUTES)?);
        let named = resource.iter().position(|(name, _)| name == "service.name").map(|at| resource.remove(at).1);
        let name = get(names::OTEL_SERVICE_NAME)?.or(named).unwrap_or_else(|| service.to_owned());
        resource.insert(0, ("service.name".to_owned(), name));
        let sampler = sampler(get(names::OTEL_TRACES_SAMPLER)?, get(names::OTEL_TRACES_SAMPLER_ARG)?, &mut warnings);
        let mut number = |name: &'static str, value: Option<String>, default: u64| match value {
            None => default,
            Some(text) => text.parse().ok().filter(|number| (1..=1 << 20).contains(number)).unwrap_or_else(|| {
                warnings.push(format!("{name} is `{text}`; {default} is taken instead"));
                default
            }),
        };
        let timeout = either("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT")?;
        let queue = number("OTEL_BSP_MAX_QUEUE_SIZE", get("OTEL_BSP_MAX_QUEUE_SIZE")?, 2_048) as usize;
        let batch = number("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", get("OTEL_BSP_MAX_EXPORT_BATCH_SIZE")?, 512) as usize;
        let config = Config {
            address,
            host,
            path,
            protocol,
            headers,
            resource,
            sampler,
            timeout: Duration::from_millis(number("OTEL_EXPORTER_OTLP_TIMEOUT", timeout, 10_000)),
            queue,
            batch: batch.min(queue),
            delay: Duration::from_millis(number("OTEL_BSP_SCHEDULE_DELAY", get("OTEL_BSP_SCHEDULE_DELAY")?, 5_000)),
        };
        Ok(Choice { config: Some(config), warnings })
    }
}

/// `http://host[:port][/path]` -> what to connect to, the `Host` header, the path.
fn address(url: &str) -> Option<(String, String, String)> {
    let rest = url.strip_prefix("http://").filter(|rest| rest.bytes().all(|byte| byte.is_ascii_graphic()))?;
    let (host, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, port.parse::<u16>().ok().filter(|port| *port > 0)?),
        _ => (host, 80),
    };
    let plain = !name.is_empty() && !name.contains(['@', '?', '#']) && !path.contains('#');
    plain.then(|| (format!("{name}:{port}"), host.to_owned(), path.to_owned()))
}

/// `a=b,c=d`, percent-encoded, as W3C Baggage writes it -> the pairs, and the first part that is none.
fn pairs(text: &str) -> (Vec<(String, String)>, Option<String>) {
    let (mut found, mut wrong) = (Vec::new(), None);
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let decoded = part.split_once('=').filter(|(name, _)| !name.trim().is_empty());
        match decoded.and_then(|(name, value)| Some((decoded_text(name.trim())?, decoded_text(value.trim())?))) {
            Some(pair) => found.push(pair),
            None => {
                wrong.get_or_insert_with(|| part.to_owned());
            }
        }
    }
    (found, wrong)
}

fn decoded_text(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let mut digit = || rest.next().and_then(|byte| char::from(byte).to_digit(16));
        bytes.push(if byte == b'%' { (digit()? << 4 | digit()?) as u8 } else { byte });
    }
    String::from_utf8(bytes).ok()
}

fn is_token(name: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(inner)
}

fn sampler(name: Option<String>, argument: Option<String>, warnings: &mut Vec<String>) -> Sampler {
    let ratio = match argument.as_deref().map(str::parse::<f64>) {
        None => 1.0,
        Some(Ok(ratio)) if (0.0..=1.0).contains(&ratio) => ratio,
        Some(_) => {
            warnings.push("OTEL_TRACES_SAMPLER_ARG is no number from 0 to 1; 1 is taken instead".to_owned());
            1.0
        }
    };
    let (parent_based, ratio) = match name.as_deref() {
        None | Some("parentbased_always_on") => (true, 1.0),
        Some("parentbased_always_off") => (true, 0.0),
        Some("parentbased_traceidratio") => (true, ratio),
        Some("always_on") => (false, 1.0),
        Some("always_off") => (false, 0.0),
        Some("traceidratio") => (false, ratio),
        Some(other) => {
            warnings
                .push(format!("OTEL_TRACES_SAMPLER `{other}` is not known; parentbased_always_on is taken instead"));
            (true, 1.0)
        }
    };
    Sampler { parent_based, ratio }
}

/// A finished span.
#[derive(Clone, Debug)]
pub struct Span {
    pub trace_id: TraceId,
    pub span_id: SpanId,
    pub parent: Option<SpanId>,
    pub state: String,
    pub name: String,
    /// Whether it answers a request from outside; else it is a part of one that does.
    pub server: bool,
    /// Nanoseconds since the Unix epoch.
    pub start: u64,
    pub end: u64,
    pub attributes: Vec<(&'static str, Value)>,
    /// The service failed.
    pub error: Option<String>,
}

#[derive(Clone, Debug)]
pub enum Value {
    Text(String),
    Whole(i64),
}

/// Where finished spans wait for the thread that sends them.
pub struct Exporter {
    config: Config,
    queue: Mutex<Queue>,
    changed: Condvar,
    exported: AtomicU64,
    dropped: AtomicU64,
}

#[derive(Default)]
struct Queue {
    spans: VecDeque<Span>,
    stopped: bool,
}

impl Exporter {
    pub fn new(config: Config) -> Exporter {
        let queue = Mutex::default();
        Exporter { config, queue, changed: Condvar::new(), exported: AtomicU64::new(0), dropped: AtomicU64::new(0) }
    }

    pub fn sampler(&self) -> &Sampler {
        &self.config.sampler
    }

    /// Spans that the collector took, and those that it did not get.
    pub fn counts(&self) -> (u64, u64) {
        (self.exported.load(Relaxed), self.dropped.load(Relaxed))
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Never waits for the network. All spans of a request are taken, or none.
    pub fn add(&self, spans: Vec<Span>) {
        let mut queue = self.lock();
        if queue.spans.len() + spans.len() > self.config.queue {
            drop(queue);
            self.dropped.fetch_add(spans.len() as u64, Relaxed);
            return;
        }
        queue.spans.extend(spans);
        let full = queue.spans.len() >= self.config.batch;
        drop(queue);
        if full {
            self.changed.notify_all();
        }
    }

    pub fn stop(&self) {
        self.lock().stopped = true;
        self.changed.notify_all();
    }

    /// Sends until stopped, and then what is left, once.
    pub fn send_until_stopped(&self) {
        let mut away = false;
        loop {
            let queue = self.lock();
            let waits = |queue: &mut Queue| !queue.stopped && queue.spans.len() < self.config.batch;
            let waited = self.changed.wait_timeout_while(queue, self.config.delay, waits);
            let (mut queue, _) = waited.unwrap_or_else(PoisonError::into_inner);
            let (stopped, count) = (queue.stopped, queue.spans.len().min(self.config.batch));
            let batch: Vec<Span> = queue.spans.drain(..count).collect();
            drop(queue);
            if !batch.is_empty() {
                let outcome = self.send(&batch);
                let counter = if outcome.is_ok() { &self.exported } else { &self.dropped };
                counter.fetch_add(batch.len() as u64, Relaxed);
                if let Err(error) = &outcome
                    && !away
                {
                    let line = Line::new(Level::Warn, "the collector does not take spans, they are dropped");
                    line.text("collector", &self.config.address).text("error", error).log();
                }
                away = outcome.is_err();
                if stopped && away {
                    let left = std::mem::take(&mut self.lock().spans).len();
                    self.dropped.fetch_add(left as u64, Relaxed);
                }
            }
            if stopped && self.lock().spans.is_empty() {
                return;
            }
        }
    }

    fn send(&self, spans: &[Span]) -> Result<(), String> {
        let (kind, body) = match self.config.protocol {
            Protocol::Protobuf => ("application/x-protobuf", protobuf(&self.config.resource, spans)),
            Protocol::Json => ("application/json", in_json(&self.config.resource, spans).to_string().into_bytes()),
        };
        let mut pause = FIRST_PAUSE;
        let mut attempt = 1;
        loop {
            let error = match post(&self.config, kind, &body) {
                Ok(200..=299) => return Ok(()),
                // These the specification lets try again.
                Ok(status @ (429 | 502 | 503 | 504)) => format!("status {status}"),
                Ok(status) => return Err(format!("status {status}")),
                Err(error) => error.to_string(),
            };
            if attempt == ATTEMPTS || self.lock().stopped {
                return Err(error);
            }
            attempt += 1;
            let queue = self.lock();
            let _ = self.changed.wait_timeout_while(queue, pause, |queue| !queue.stopped);
            pause *= 2;
        }
    }
}

/// The status of the answer.
fn post(config: &Config, kind: &str, body: &[u8]) -> std::io::Result<u16> {
    let until = Instant::now() + config.timeout;
    let left = || until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero());
    let late = || std::io::Error::from(std::io::ErrorKind::TimedOut);
    let mut outcome = Err(std::io::ErrorKind::NotFound.into());
    for candidate in config.address.to_socket_addrs()? {
        outcome = TcpStream::connect_timeout(&candidate, left().ok_or_else(late)?);
        if outcome.is_ok() {
            break;
        }
    }
    let mut stream = outcome?;
    let (path, host) = (&config.path, &config.host);
    let mut head = format!(
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n",
        body.len()
    );
    for (name, value) in &config.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    stream.set_write_timeout(Some(left().ok_or_else(late)?))?;
    stream.write_all(&[head.as_bytes(), body].concat())?;
    let mut answer = Vec::new();
    let mut chunk = [0; 4096];
    // The status stands in the first line; the rest says nothing that is needed.
    while !answer.contains(&b'\n') && (answer.len() as u64) < LONGEST_ANSWER {
        stream.set_read_timeout(Some(left().ok_or_else(late)?))?;
        let read = stream.read(&mut chunk)?;
        if read == 0 {
            break;
        }
        answer.extend_from_slice(&chunk[..read]);
    }
    let line = answer.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let status = std::str::from_utf8(line).ok().and_then(|line| {
        let mut parts = line.split_ascii_whitespace();
        parts.next().filter(|version| version.starts_with("HTTP/1."))?;
        parts.next()?.parse().ok()
    });
    status.ok_or_else(|| std::io::Error::other("the answer is not HTTP"))
}

const SCOPE: &str = "windlass-runtime";
/// Values of the enumerations `Span.SpanKind` and `Status.StatusCode`.
const KIND_INTERNAL: i32 = 1;
const KIND_SERVER: i32 = 2;
const STATUS_ERROR: i32 = 2;

/// Bit 8 says that bit 9 is known, bit 9 that the parent is remote; the lowest ones are the trace's own flags.
fn flags(span: &Span) -> u32 {
    1 | 0x100 | if span.server && span.parent.is_some() { 0x200 } else { 0 }
}

mod message {
    //! `opentelemetry.proto.collector.trace.v1` and what it consists of, as far as it is used.

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct ExportTraceServiceRequest {
        #[prost(message, repeated, tag = "1")]
        pub resource_spans: Vec<ResourceSpans>,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct ResourceSpans {
        #[prost(message, optional, tag = "1")]
        pub resource: Option<Resource>,
        #[prost(message, repeated, tag = "2")]
        pub scope_spans: Vec<ScopeSpans>,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Resource {
        #[prost(message, repeated, tag = "1")]
        pub attributes: Vec<KeyValue>,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct ScopeSpans {
        #[prost(message, optional, tag = "1")]
        pub scope: Option<Scope>,
        #[prost(message, repeated, tag = "2")]
        pub spans: Vec<Span>,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Scope {
        #[prost(string, tag = "1")]
        pub name: String,
        #[prost(string, tag = "2")]
        pub version: String,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Span {
        #[prost(bytes = "vec", tag = "1")]
        pub trace_id: Vec<u8>,
        #[prost(bytes = "vec", tag = "2")]
        pub span_id: Vec<u8>,
        #[prost(string, tag = "3")]
        pub trace_state: String,
        #[prost(bytes = "vec", tag = "4")]
        pub parent_span_id: Vec<u8>,
        #[prost(string, tag = "5")]
        pub name: String,
        #[prost(int32, tag = "6")]
        pub kind: i32,
        #[prost(fixed64, tag = "7")]
        pub start_time_unix_nano: u64,
        #[prost(fixed64, tag = "8")]
        pub end_time_unix_nano: u64,
        #[prost(message, repeated, tag = "9")]
        pub attributes: Vec<KeyValue>,
        #[prost(message, optional, tag = "15")]
        pub status: Option<Status>,
        #[prost(fixed32, tag = "16")]
        pub flags: u32,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct Status {
        #[prost(string, tag = "2")]
        pub message: String,
        #[prost(int32, tag = "3")]
        pub code: i32,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct KeyValue {
        #[prost(string, tag = "1")]
        pub key: String,
        #[prost(message, optional, tag = "2")]
        pub value: Option<AnyValue>,
    }

    #[derive(Clone, PartialEq, prost::Message)]
    pub struct AnyValue {
        #[prost(oneof = "Value", tags = "1, 3")]
        pub value: Option<Value>,
    }

    #[derive(Clone, PartialEq, prost::Oneof)]
    pub enum Value {
        #[prost(string, tag = "1")]
        Text(String),
        #[prost(int64, tag = "3")]
        Whole(i64),
    }
}

fn protobuf(resource: &[(String, String)], spans: &[Span]) -> Vec<u8> {
    let any = |value: &Value| match value {
        Value::Text(text) => message::Value::Text(text.clone()),
        Value::Whole(number) => message::Value::Whole(*number),
    };
    let pair = |key: &str, value: message::Value| message::KeyValue {
        key: key.to_owned(),
        value: Some(message::AnyValue { value: Some(value) }),
    };
    let span = |span: &Span| message::Span {
        trace_id: span.trace_id.to_vec(),
        span_id: span.span_id.to_vec(),
        trace_state: span.state.clone(),
        parent_span_id: span.parent.map(|id| id.to_vec()).unwrap_or_default(),
        name: span.name.clone(),
        kind: if span.server { KIND_SERVER } else { KIND_INTERNAL },
        start_time_unix_nano: span.start,
        end_time_unix_nano: span.end,
        attributes: span.attributes.iter().map(|(key, value)| pair(key, any(value))).collect(),
        status: span.error.clone().map(|message| message::Status { message, code: STATUS_ERROR }),
        flags: flags(span),
    };
    let attributes = resource.iter().map(|(key, value)| pair(key, message::Value::Text(value.clone()))).collect();
    let scope = message::Scope { name: SCOPE.to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() };
    let scope_spans = vec![message::ScopeSpans { scope: Some(scope), spans: spans.iter().map(span).collect() }];
    let resource_spans = vec![message::ResourceSpans { resource: Some(message::Resource { attributes }), scope_spans }];
    message::ExportTraceServiceRequest { resource_spans }.encode_to_vec()
}

/// The mapping of protobuf to JSON, but for ids, which are hexadecimal, and enumerations, which are numbers; integers of 64 bits are texts.
fn in_json(resource: &[(String, String)], spans: &[Span]) -> Json {
    let pair = |key: &str, value: &Value| match value {
        Value::Text(text) => json!({ "key": key, "value": { "stringValue": text } }),
        Value::Whole(number) => json!({ "key": key, "value": { "intValue": number.to_string() } }),
    };
    let span = |span: &Span| {
        let mut json = json!({
            "traceId": digits(&span.trace_id),
            "spanId": digits(&span.span_id),
            "name": span.name,
            "kind": if span.server { KIND_SERVER } else { KIND_INTERNAL },
            "startTimeUnixNano": span.start.to_string(),
            "endTimeUnixNano": span.end.to_string(),
            "attributes": span.attributes.iter().map(|(key, value)| pair(key, value)).collect::<Vec<_>>(),
            "flags": flags(span),
        });
        if let Some(parent) = &span.parent {
            json["parentSpanId"] = json!(digits(parent));
        }
        if !span.state.is_empty() {
            json["traceState"] = json!(span.state);
        }
        if let Some(message) = &span.error {
            json["status"] = json!({ "code": STATUS_ERROR, "message": message });
        }
        json
    };
    let attributes: Vec<Json> = resource.iter().map(|(key, value)| pair(key, &Value::Text(value.clone()))).collect();
    json!({ "resourceSpans": [{
        "resource": { "attributes": attributes },
        "scopeSpans": [{
            "scope": { "name": SCOPE, "version": env!("CARGO_PKG_VERSION") },
            "spans": spans.iter().map(span).collect::<Vec<_>>(),
        }],
    }] })
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    fn choice(variables: &[(&str, &str)]) -> Choice {
        let get = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Choice::from_lookup("risk", |name| Ok(get(name))).unwrap()
    }

    fn config(variables: &[(&str, &str)]) -> Config {
        let base = [("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318/")];
        let choice = choice(&[variables, &base].concat());
        assert_eq!(choice.warnings, Vec::<String>::new());
        choice.config.unwrap()
    }

    fn span(number: u8) -> Span {
        Span {
            trace_id: [number; 16],
            span_id: [number; 8],
            parent: None,
            state: String::new(),
            name: "s".to_owned(),
            server: true,
            start: 1,
            end: 2,
            attributes: Vec::new(),
            error: None,
        }
    }

    #[test]
    fn the_specification_says_where_spans_go() {
        let of = |config: Config| (config.address, config.host, config.path);
        let place = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
        assert_eq!(of(config(&[])), place("collector:4318", "collector:4318", "/v1/traces"));
        let whole = [("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://[::1]:9/x?y=1")];
        assert_eq!(of(config(&whole)), place("[::1]:9", "[::1]:9", "/x?y=1"));
        assert_eq!(address("http://a"), Some(place("a:80", "a", "/")));
        assert_eq!(address("http://[::1]"), Some(place("[::1]:80", "[::1]", "/")));
        for wrong in
            ["https://a", "a:4318", "http://", "http://:1", "http://a:0", "http://a:b", "http://u@a", "http://a\r\nb"]
        {
            assert_eq!(address(wrong), None, "{wrong}");
        }
        for off in [("OTEL_SDK_DISABLED", "true"), ("OTEL_TRACES_EXPORTER", "none")] {
            assert_eq!(choice(&[off, ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://a")]), Choice::default());
        }
        assert_eq!(choice(&[]), Choice::default());
    }

    /// A platform that sets these for all of its containers must not keep one from starting.
    #[test]
    fn what_is_not_understood_is_warned_of() {
        for (name, value, part, off) in [
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "http/protobuf", true),
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "https://a:4318", "write http://host:port", true),
            ("OTEL_TRACES_SAMPLER", "jaeger_remote", "parentbased_always_on", false),
            ("OTEL_TRACES_SAMPLER_ARG", "2", "from 0 to 1", false),
            ("OTEL_BSP_MAX_QUEUE_SIZE", "many", "2048 is taken", false),
            ("OTEL_EXPORTER_OTLP_HEADERS", "a", "name=value", false),
        ] {
            let choice = choice(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://a:4318"), (name, value)]);
            assert!(choice.warnings.len() == 1 && choice.warnings[0].contains(part), "{name}: {:?}", choice.warnings);
            assert_eq!(choice.config.is_none(), off, "{name}");
        }
    }

    #[test]
    fn names_headers_and_samplers_are_read() {
        let config = config(&[
            ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=prod, service.name=other,team=a%20b"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20x,evil=a%0d%0ab"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"),
            ("OTEL_TRACES_SAMPLER", "traceidratio"),
            ("OTEL_TRACES_SAMPLER_ARG", "0.25"),
        ]);
        let expected = [("service.name", "other"), ("deployment.environment.name", "prod"), ("team", "a b")];
        assert_eq!(config.resource, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
        assert_eq!(config.headers, [("authorization".to_owned(), "Bearer x".to_owned())]);
        assert_eq!((config.protocol, config.sampler), (Protocol::Json, Sampler { parent_based: false, ratio: 0.25 }));
        let named = self::config(&[("OTEL_SERVICE_NAME", "mine"), ("OTEL_RESOURCE_ATTRIBUTES", "service.name=other")]);
        assert_eq!(named.resource, [("service.name".to_owned(), "mine".to_owned())]);
        assert_eq!(self::config(&[]).resource[0].1, "risk");
    }

    #[test]
    fn a_full_queue_drops_and_counts() {
        let exporter = Exporter::new(config(&[("OTEL_BSP_MAX_QUEUE_SIZE", "3")]));
        exporter.add(vec![span(1), span(2)]);
        exporter.add(vec![span(3), span(4)]);
        exporter.add(vec![span(5)]);
        assert_eq!((exporter.lock().spans.len(), exporter.counts()), (3, (0, 2)));
    }

    /// A collector that takes connections and says nothing, and one that is not there, cost spans and no more time than was said.
    #[test]
    fn a_collector_that_hangs_costs_spans_only() {
        let hangs = TcpListener::bind("127.0.0.1:0").unwrap();
        let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        for address in [hangs.local_addr().unwrap(), gone] {
            let url = format!("http://{address}");
            let choice = choice(&[("OTEL_EXPORTER_OTLP_ENDPOINT", &url), ("OTEL_EXPORTER_OTLP_TIMEOUT", "200")]);
            let exporter = Exporter::new(choice.config.unwrap());
            exporter.add(vec![span(1), span(2)]);
            exporter.stop();
            let begun = Instant::now();
            exporter.send_until_stopped();
            assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
            assert_eq!(exporter.counts(), (0, 2));
        }
    }

    #[test]
    fn a_collector_in_trouble_is_asked_again() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let collector = std::thread::spawn(move || {
            let mut bodies = Vec::new();
            for status in ["503 Busy", "200 OK"] {
                let mut stream = listener.accept().unwrap().0;
                let mut request = Vec::new();
                let mut chunk = [0; 4096];
                let body = loop {
                    let read = stream.read(&mut chunk).unwrap();
                    request.extend_from_slice(&chunk[..read]);
                    let head = request.windows(4).position(|window| window == b"\r\n\r\n").map(|at| at + 4);
                    let text = String::from_utf8_lossy(&request);
                    let length = text.lines().find_map(|line| line.strip_prefix("Content-Length: "));
                    if let (Some(head), Some(length)) = (head, length)
                        && request.len() == head + length.parse::<usize>().unwrap()
                    {
                        break request[head..].to_vec();
                    }
                };
                bodies.push(body);
                write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").unwrap();
            }
            bodies
        });
        let exporter = Exporter::new(choice(&[("OTEL_EXPORTER_OTLP_ENDPOINT", &url)]).config.unwrap());
        exporter.send(&[span(7)]).unwrap();
        let bodies = collector.join().unwrap();
        assert_eq!(bodies[0], bodies[1]);
        let message = message::ExportTraceServiceRequest::decode(&*bodies[1]).unwrap();
        assert_eq!(message.resource_spans[0].scope_spans[0].spans[0].trace_id, [7; 16]);
    }
}
