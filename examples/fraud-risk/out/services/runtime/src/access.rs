//! One request from its head to its end, for those who watch -> counts, a line of the access log, and spans of its trace.
//!
//! A [`Scope`] is made when a head has come and ended when the answer is made. One that is dropped before is of a caller who went away,
//! and is counted and logged as that. What happens in between is noted in [`Notes`], which goes where the work goes.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Uri};

use crate::app::App;
use crate::compute::Run;
use crate::grpc;
use crate::log::{Level, Line, enabled};
use crate::metrics::{Ended, Meter, Outcome, Transport};
use crate::names;
use crate::otlp::{Span, Value};
use crate::refusal::Kind;
use crate::refusal::Refusal;
use crate::repository::Choice;
use crate::trace::{self, Place, digits};

pub const REQUEST_ID: HeaderName = HeaderName::from_static(names::REQUEST_ID_HEADER);
const TRACERESPONSE: HeaderName = HeaderName::from_static(names::TRACERESPONSE_HEADER);

/// Which requests get a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessLog {
    Off,
    /// Those refused, those slow, and those whose caller went away.
    Errors,
    All,
}

/// The status that stands in the log for a caller who went away; the convention is nginx's.
const GONE: u16 = 499;

/// What the work on a request tells those who watch.
pub struct Notes {
    pub request_id: String,
    /// Of a trace that is recorded or that the caller speaks of.
    trace_id: Option<String>,
    /// Inputs and outputs are logged.
    pub sampled: bool,
    facts: Mutex<Facts>,
}

#[derive(Clone, Default)]
struct Facts {
    /// Of the version that the request got.
    meter: Option<Arc<Meter>>,
    received: u64,
    rows: Option<u64>,
    /// When the request waited for its run, and how long. It may wait twice.
    queued: Option<(Instant, Duration)>,
    computed: Option<(Instant, Duration)>,
}

impl Notes {
    fn facts(&self) -> MutexGuard<'_, Facts> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn trace_id(&self) -> Option<&str> {
        self.trace_id.as_deref()
    }

    pub fn chosen(&self, choice: &Choice) {
        self.facts().meter = Some(Arc::clone(&choice.served.meter));
    }

    pub fn received(&self, bytes: usize) {
        self.facts().received = bytes as u64;
    }

    /// The request begins or goes on, after waiting since then.
    pub fn waited(&self, since: Instant) {
        let mut facts = self.facts();
        let (first, before) = facts.queued.unwrap_or((since, Duration::ZERO));
        facts.queued = Some((first, before + since.elapsed()));
    }

    /// The engine has run.
    pub fn computed(&self, run: Run, rows: usize) {
        let mut facts = self.facts();
        facts.rows = Some(rows as u64);
        facts.computed = Some((run.since, run.took));
        // What runs at once has not waited.
        facts.queued.get_or_insert((run.since, Duration::ZERO));
    }
}

/// What is known of a request when its head has come.
pub struct Head<'a> {
    pub transport: Transport,
    pub method: Method,
    pub uri: Uri,
    /// The path with names in place of what varies, for spans; `None` where nothing does.
    pub route: Option<&'static str>,
    pub peer: Option<SocketAddr>,
    pub headers: &'a HeaderMap,
    /// Counted as inference.
    pub infers: bool,
    /// A probe or a scrape, which come every few seconds and say nothing while they succeed.
    pub routine: bool,
}

pub struct Scope {
    app: Arc<App>,
    pub start: Instant,
    transport: Transport,
    method: Method,
    uri: Uri,
    route: Option<&'static str>,
    peer: Option<SocketAddr>,
    infers: bool,
    routine: bool,
    place: Option<Place>,
    pub notes: Arc<Notes>,
    ended: bool,
}

impl Scope {
    pub fn begin(app: &Arc<App>, head: Head) -> Scope {
        let request_id = request_id(head.headers);
        let sampler = app.exporter.as_ref().filter(|_| !head.routine).map(|exporter| exporter.sampler());
        let place = Place::of(head.headers, sampler);
        let log = app.prediction_log.as_ref().filter(|_| head.infers);
        let notes = Notes {
            sampled: log.is_some_and(|log| log.samples(&request_id)),
            request_id,
            trace_id: place.as_ref().map(|place| digits(&place.trace_id)),
            facts: Mutex::default(),
        };
        Scope {
            app: Arc::clone(app),
            start: Instant::now(),
            transport: head.transport,
            method: head.method,
            uri: head.uri,
            route: head.route,
            peer: head.peer,
            infers: head.infers,
            routine: head.routine,
            place,
            notes: Arc::new(notes),
            ended: false,
        }
    }

    /// What goes onto the answer: the request's id and, for callers who take part in tracing, their trace.
    pub fn mark(&self, headers: &mut HeaderMap) {
        if let Ok(id) = HeaderValue::from_str(&self.notes.request_id) {
            headers.insert(REQUEST_ID, id);
        }
        let trace = self.place.as_ref().and_then(Place::answer);
        if let Some(trace) = trace.and_then(|trace| HeaderValue::try_from(trace).ok()) {
            headers.insert(TRACERESPONSE, trace);
        }
    }

    fn path(&self) -> &str {
        excerpt_of_path(self.uri.path())
    }

    fn route(&self) -> &str {
        self.route.unwrap_or(self.path())
    }

    /// `sent`: bytes of the answer's body.
    pub fn end(mut self, status: u16, sent: u64, refusal: Option<&Refusal>) {
        self.ended = true;
        let kind = refusal.map(|refusal| refusal.kind);
        self.tell(Outcome::of(status), status, sent, kind, refusal.map(|refusal| refusal.message.as_str()));
    }

    /// Tells nothing: each message of a stream is told of by itself.
    pub fn leave(mut self) {
        self.ended = true;
    }

    fn tell(&self, outcome: Outcome, status: u16, sent: u64, kind: Option<Kind>, error: Option<&str>) {
        let (took, facts) = (self.start.elapsed(), std::mem::take(&mut *self.notes.facts()));
        if self.infers {
            let default = if facts.meter.is_none() { Some(self.app.default_meter()) } else { None };
            let ended = Ended {
                transport: self.transport,
                outcome,
                kind,
                took,
                queued: facts.queued.map(|(_, queued)| queued),
                trace_id: self.notes.trace_id().filter(|_| self.place.as_ref().is_some_and(|place| place.recorded)),
            };
            if let Some(meter) = facts.meter.as_ref().or(default.as_ref()) {
                self.app.metrics.request(meter, &ended);
            }
        }
        self.log(took, &facts, status, sent, kind, error);
        if let (Some(exporter), Some(place)) = (&self.app.exporter, &self.place)
            && place.recorded
        {
            exporter.add(self.spans(place, took, &facts, status, kind, error));
        }
    }

    fn log(&self, took: Duration, facts: &Facts, status: u16, sent: u64, kind: Option<Kind>, error: Option<&str>) {
        let settings = &self.app.settings;
        let wanted = match settings.access_log {
            AccessLog::Off => false,
            AccessLog::Errors => status >= 400 || took >= settings.slow_request,
            AccessLog::All => true,
        };
        let level = match status {
            _ if self.routine => Level::Debug,
            500.. => Level::Warn,
            _ => Level::Info,
        };
        if !wanted || !enabled(level) {
            return;
        }
        let mut line = Line::new(level, "request")
            .text("request_id", &self.notes.request_id)
            .text("method", self.method.as_str())
            .text("path", self.path())
            .number("status", u64::from(status))
            .number("bytes_in", facts.received)
            .number("bytes_out", sent)
            .milliseconds("duration_ms", took);
        if self.transport == Transport::Grpc {
            line = line.number("grpc_status", grpc::status_number(status));
        }
        if let Some((_, queued)) = facts.queued {
            line = line.milliseconds("queue_ms", queued);
        }
        if let Some((_, computed)) = facts.computed {
            line = line.milliseconds("compute_ms", computed);
        }
        if let Some(rows) = facts.rows {
            line = line.number("rows", rows);
        }
        if let Some(meter) = &facts.meter {
            line = line.text("version", meter.version());
        }
        if let (Some(place), Some(trace_id)) = (&self.place, self.notes.trace_id()) {
            line = line.text("trace_id", trace_id).text("span_id", &digits(&place.span_id));
        }
        if let Some(peer) = self.peer {
            line = line.text("peer", &peer.ip().to_string());
        }
        if let Some(kind) = kind {
            line = line.text("kind", kind.name());
        }
        if let Some(error) = error {
            line = line.text("error", error);
        }
        line.log();
    }

    /// The server's span, and within it one for waiting and one for the engine. Names of attributes are those of the semantic conventions
    /// for HTTP, and our own under `windlass`.
    fn spans(
        &self,
        place: &Place,
        took: Duration,
        facts: &Facts,
        status: u16,
        kind: Option<Kind>,
        error: Option<&str>,
    ) -> Vec<Span> {
        let begun =
            SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().saturating_sub(self.start.elapsed());
        let nanoseconds = |since: Duration| u64::try_from((begun + since).as_nanos()).unwrap_or(u64::MAX);
        let text = |text: &str| Value::Text(text.to_owned());
        let whole = |number: u64| Value::Whole(i64::try_from(number).unwrap_or(i64::MAX));
        let mut attributes = vec![
            ("http.request.method", text(self.method.as_str())),
            ("url.path", text(self.path())),
            ("windlass.request_id", text(&self.notes.request_id)),
        ];
        match self.transport {
            Transport::Http => {
                attributes.push(("http.route", text(self.route())));
                attributes.push(("http.response.status_code", whole(u64::from(status))));
            }
            Transport::Grpc => {
                attributes.push(("rpc.system", text("grpc")));
                attributes.push(("rpc.grpc.status_code", whole(grpc::status_number(status))));
            }
        }
        if let Some(peer) = self.peer {
            attributes.push(("client.address", text(&peer.ip().to_string())));
        }
        if self.infers {
            let model = &self.app.service.model;
            attributes.push(("windlass.model", text(model.name)));
        }
        if let Some(meter) = &facts.meter {
            attributes.push(("windlass.model.version", text(meter.version())));
        }
        if let Some(rows) = facts.rows {
            attributes.push(("windlass.rows", whole(rows)));
        }
        if let Some(kind) = kind {
            attributes.push(("error.type", text(kind.name())));
        }
        let state = place.parent.as_ref().map(|parent| parent.state.clone()).unwrap_or_default();
        let mut spans = vec![Span {
            trace_id: place.trace_id,
            span_id: place.span_id,
            parent: place.parent.as_ref().map(|parent| parent.span_id),
            state: state.clone(),
            name: match self.transport {
                Transport::Http => format!("{} {}", self.method, self.route()),
                Transport::Grpc => self.route().trim_start_matches('/').to_owned(),
            },
            server: true,
            start: nanoseconds(Duration::ZERO),
            end: nanoseconds(took),
            attributes,
            // A caller's error is none of the server's.
            error: error.filter(|_| status >= 500).map(str::to_owned),
        }];
        for (name, part) in [("queue", facts.queued), ("inference", facts.computed)] {
            let Some((from, lasted)) = part else { continue };
            let from = from.saturating_duration_since(self.start);
            spans.push(Span {
                trace_id: place.trace_id,
                span_id: trace::new_span_id(),
                parent: Some(place.span_id),
                state: state.clone(),
                name: name.to_owned(),
                server: false,
                start: nanoseconds(from),
                end: nanoseconds(from + lasted),
                attributes: Vec::new(),
                error: None,
            });
        }
        spans
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        if !self.ended {
            let why = Some("the caller went away before the answer");
            self.tell(Outcome::ClientError, GONE, 0, Some(Kind::Cancelled), why);
        }
    }
}

fn excerpt_of_path(path: &str) -> &str {
    path.char_indices().nth(256).map_or(path, |(end, _)| &path[..end])
}

/// The caller's id if it is fit to print, else a new one.
fn request_id(headers: &HeaderMap) -> String {
    let given = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok());
    match given {
        Some(given) if (1..=128).contains(&given.len()) && given.bytes().all(|b| b.is_ascii_graphic()) => {
            given.to_owned()
        }
        _ => new_request_id(),
    }
}

/// Sixteen digits of the process, a dash, and a count.
fn new_request_id() -> String {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let (seed, count) = (process_seed(), COUNTER.fetch_add(1, Relaxed));
    let digit = |number: u64, place: u32| char::from(b"0123456789abcdef"[(number >> (4 * place) & 0xf) as usize]);
    let mut id = String::with_capacity(33);
    id.extend((0..16).rev().map(|place| digit(seed, place)));
    id.push('-');
    let places = (64 - count.leading_zeros()).div_ceil(4).max(1);
    id.extend((0..places).rev().map(|place| digit(count, place)));
    id
}

/// Different in each process, so that ids of several replicas do not meet.
fn process_seed() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    static SEED: std::sync::OnceLock<u64> = std::sync::OnceLock::new();
    *SEED.get_or_init(|| RandomState::new().hash_one(std::process::id()))
}
