//! HTTP request -> HTTP answer: routes, methods, the API key, error bodies, and the log line and counts of each request. Calls of
//! gRPC go to [`grpc`], with what is the same for them: key, log line and counts.

use std::borrow::Cow;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use hyper::body::Incoming;
use hyper::header::{
    ALLOW, CONNECTION, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE,
};
use hyper::{Method, Request, Response, StatusCode, Version};
use serde_json::{Value, json};

use crate::app::{App, IndexEntry, Unread};
use crate::body;
use crate::grpc;
use crate::log::{self, Level, Line};
use crate::metrics::Outcome;
use crate::names;
use crate::refusal::{Refusal, excerpt};
use crate::reply::Body;
use crate::rest::{JSON_LENGTH, infer};
use crate::service::{self, Tensor};

/// Of the Open Inference Protocol.
pub const EXTENSIONS: [&str; 1] = ["binary_tensor_data"];

pub type Reply = Response<Body>;

/// What a path asks for.
#[derive(Debug, PartialEq, Eq)]
enum Route {
    Live,
    Ready,
    Server,
    ModelReady,
    Model,
    Infer,
    Index,
    Metrics,
}

/// `crowded` when so many requests are open that this one is not to be looked at.
pub async fn handle(app: Arc<App>, request: Request<Incoming>, crowded: bool) -> Result<Reply, Infallible> {
    let asked = Asked::of(&request);
    let is_http2 = request.version() == Version::HTTP_2;
    let crowded = crowded.then(|| Refusal::unavailable("too many requests at once"));
    if is_http2 && grpc::is_call(&request) {
        return Ok(grpc::handle(&app, asked, request, crowded).await);
    }
    let path = &asked.path;
    let found = route(&app, &asked.method, path);
    let infers = matches!(found, Ok(Route::Infer) | Err((Some(Route::Infer), _)));
    let waited_for = infers.then(|| WaitedFor::new(&app, asked.start));
    let is_open = [names::LIVE_PATH, names::READY_PATH, names::METRICS_PATH].contains(&path.as_str());
    let admitted = crowded.map_or_else(|| authorize(&app, is_open, request.headers()), Err);
    let (route, outcome) = match (admitted, found) {
        (Ok(()), Ok(route)) => {
            let outcome = answer(&app, &route, request).await;
            (Some(route), outcome)
        }
        (Err(refusal), found) => {
            body::skip(&app, request.into_body()).await;
            (found.map_or_else(|(route, _)| route, Some), Err(refusal))
        }
        (Ok(()), Err((route, refusal))) => {
            body::skip(&app, request.into_body()).await;
            (route, Err(refusal))
        }
    };
    let (mut reply, rows, error) = match outcome {
        Ok((reply, rows)) => (reply, rows, None),
        Err(refusal) => (refuse(&refusal, route.as_ref()), None, Some(refusal.message)),
    };
    asked.identify(reply.headers_mut());
    // An unread body, or an end in sight: let the caller make a new connection. HTTP/2 says so by other means.
    if !is_http2 && (app.draining.load(Relaxed) || matches!(reply.status().as_u16(), 408 | 413)) {
        reply.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    let (status, took) = (reply.status().as_u16(), asked.start.elapsed());
    if let Some(waited_for) = waited_for {
        waited_for.answered(Outcome::of(status), took);
    }
    // Probes and scrapes come every few seconds and say nothing while they succeed.
    let routine = matches!(route, Some(Route::Live | Route::Ready | Route::ModelReady | Route::Metrics));
    let level = if routine { Level::Debug } else { Level::Info };
    asked.log(level, asked.start, status, |line| {
        let line = if let Some(rows) = rows { line.number("rows", rows as u64) } else { line };
        if let Some(error) = &error { line.text("error", error) } else { line }
    });
    Ok(reply)
}

/// What of a request is told in its log line.
pub struct Asked {
    pub start: Instant,
    pub path: String,
    method: Method,
    id: String,
}

impl Asked {
    fn of<B>(request: &Request<B>) -> Asked {
        let start = Instant::now();
        let path = request.uri().path().to_owned();
        Asked { start, path, method: request.method().clone(), id: request_id(request.headers()) }
    }

    /// Gives the answer the request's id.
    pub fn identify(&self, headers: &mut HeaderMap) {
        if let Ok(value) = HeaderValue::from_str(&self.id) {
            headers.insert(names::REQUEST_ID_HEADER, value);
        }
    }

    /// `status` is HTTP's, or what it would be.
    pub fn log(&self, level: Level, start: Instant, status: u16, with: impl FnOnce(Line) -> Line) {
        if !log::enabled(level) {
            return;
        }
        let line = Line::new(level, "request")
            .text("request_id", &self.id)
            .text("method", self.method.as_str())
            .text("path", excerpt_of_path(&self.path))
            .number("status", u64::from(status))
            .milliseconds("duration_ms", start.elapsed());
        with(line).log();
    }
}

/// Counts an inference request once: with its outcome, or as the caller's error when the caller goes away before there is one, since
/// then the request is dropped where it stands.
pub struct WaitedFor {
    app: Arc<App>,
    start: Instant,
    counted: bool,
}

impl WaitedFor {
    pub fn new(app: &Arc<App>, start: Instant) -> WaitedFor {
        WaitedFor { app: Arc::clone(app), start, counted: false }
    }

    pub fn answered(mut self, outcome: Outcome, took: Duration) {
        self.app.metrics.request(outcome, took);
        self.counted = true;
    }
}

impl Drop for WaitedFor {
    fn drop(&mut self) {
        if !self.counted {
            self.app.metrics.request(Outcome::ClientError, self.start.elapsed());
        }
    }
}

fn excerpt_of_path(path: &str) -> &str {
    path.char_indices().nth(256).map_or(path, |(end, _)| &path[..end])
}

/// The caller's id if it is fit to print, else a new one.
fn request_id(headers: &HeaderMap) -> String {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let given = headers.get(names::REQUEST_ID_HEADER).and_then(|value| value.to_str().ok());
    match given {
        Some(given) if (1..=128).contains(&given.len()) && given.bytes().all(|b| b.is_ascii_graphic()) => {
            given.to_owned()
        }
        _ => format!("{:016x}-{:x}", process_seed(), COUNTER.fetch_add(1, Relaxed)),
    }
}

/// Different in each process, so that ids of several replicas do not meet.
fn process_seed() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    static SEED: std::sync::OnceLock<u64> = std::sync::OnceLock::new();
    *SEED.get_or_init(|| RandomState::new().hash_one(std::process::id()))
}

/// A refused path keeps its route where it has one, so that a call to an unknown version still counts as an inference request.
fn route(app: &App, method: &Method, path: &str) -> Result<Route, (Option<Route>, Refusal)> {
    let not_found = |message: String| Refusal::new(StatusCode::NOT_FOUND, message);
    let segments: Vec<Cow<str>> = match path.strip_prefix('/') {
        Some(rest) if path.len() <= 2_048 => rest.trim_end_matches('/').split('/').map(unescape).collect(),
        _ => return Err((None, not_found("there is nothing at this path".to_owned()))),
    };
    let names: Vec<&str> = segments.iter().map(|segment| &**segment).collect();
    let (route, model) = match names[..] {
        ["metrics"] => (Route::Metrics, None),
        ["v2"] => (Route::Server, None),
        ["v2", "health", "live"] => (Route::Live, None),
        ["v2", "health", "ready"] => (Route::Ready, None),
        ["v2", "repository", "index"] => (Route::Index, None),
        ["v2", "models", name] => (Route::Model, Some((name, None))),
        ["v2", "models", name, "ready"] => (Route::ModelReady, Some((name, None))),
        ["v2", "models", name, "infer"] => (Route::Infer, Some((name, None))),
        ["v2", "models", name, "versions", version] => (Route::Model, Some((name, Some(version)))),
        ["v2", "models", name, "versions", version, "ready"] => (Route::ModelReady, Some((name, Some(version)))),
        ["v2", "models", name, "versions", version, "infer"] => (Route::Infer, Some((name, Some(version)))),
        _ => return Err((None, not_found(format!("there is nothing at `{}`", excerpt(path))))),
    };
    if let Some((name, version)) = model
        && let Err(refusal) = app.find(name, version)
    {
        return Err((Some(route), refusal));
    }
    let allowed = match route {
        Route::Infer | Route::Index => *method == Method::POST,
        _ => *method == Method::GET || *method == Method::HEAD,
    };
    if !allowed {
        let message = format!("{} is not allowed here; use {}", excerpt(method.as_str()), allow(&route));
        return Err((Some(route), Refusal::new(StatusCode::METHOD_NOT_ALLOWED, message)));
    }
    Ok(route)
}

fn allow(route: &Route) -> &'static str {
    match route {
        Route::Infer | Route::Index => "POST",
        _ => "GET, HEAD",
    }
}

/// `%41` -> `A`. What is not a valid escape, or not UTF-8 afterwards, stays as it is and then matches nothing.
fn unescape(segment: &str) -> Cow<'_, str> {
    if !segment.contains('%') {
        return Cow::Borrowed(segment);
    }
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let digit = |at: usize| tail.get(at).and_then(|byte| char::from(*byte).to_digit(16)).map(|digit| digit as u8);
        rest = match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(high << 4 | low);
                &tail[2..]
            }
            _ => {
                bytes.push(first);
                tail
            }
        };
    }
    String::from_utf8(bytes).map_or(Cow::Borrowed(segment), Cow::Owned)
}

/// Probes need no key, and scrapers are kept out by the network policy instead. A stranger does not learn which paths exist.
pub fn authorize(app: &App, is_open: bool, headers: &HeaderMap) -> Result<(), Refusal> {
    let Some(key) = app.api_key.as_ref().filter(|_| !is_open) else { return Ok(()) };
    let given: Vec<&[u8]> = headers.get_all(names::API_KEY_HEADER).iter().map(HeaderValue::as_bytes).collect();
    let what = match given[..] {
        [one] if key.allows(one) => return Ok(()),
        [_] => "is not the right one",
        [] => "is missing",
        // Proxies differ in which of several they look at.
        _ => "is given more than once",
    };
    Err(Refusal::new(StatusCode::UNAUTHORIZED, format!("the API key in the header {} {what}", names::API_KEY_HEADER)))
}

/// The answer and, for an inference, its rows.
async fn answer(app: &Arc<App>, route: &Route, request: Request<Incoming>) -> Result<(Reply, Option<usize>), Refusal> {
    let model = &app.service.model;
    let ready =
        |body: Value| if app.ready() { Ok(json_reply(&body)) } else { Err(Refusal::unavailable(app.unready())) };
    let reply = match route {
        Route::Live => json_reply(&json!({ "live": true })),
        Route::Ready => ready(json!({ "ready": true }))?,
        Route::ModelReady => ready(json!({ "name": model.name, "ready": true }))?,
        Route::Server => json_reply(&json!({
            "name": app.service.name,
            "version": env!("CARGO_PKG_VERSION"),
            "extensions": EXTENSIONS,
        })),
        Route::Model => json_reply(&json!({
            "name": model.name,
            "versions": [model.version],
            "platform": service::PLATFORM,
            "inputs": tensors(model.inputs),
            "outputs": tensors(model.outputs),
        })),
        Route::Index => {
            let entry =
                |e: &IndexEntry| json!({ "name": e.name, "version": e.version, "state": e.state, "reason": e.reason });
            json_reply(&app.index().iter().map(entry).collect())
        }
        Route::Metrics => {
            let mut reply = Response::new(Body::whole(app.metrics.prometheus(model)));
            let format = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
            reply.headers_mut().insert(CONTENT_TYPE, format);
            reply
        }
        Route::Infer => {
            let (answer, rows) = infer(app, request).await?;
            let mut reply = Response::new(Body::whole(Unread::bytes(app, answer.body)));
            let headers = reply.headers_mut();
            let kind = if answer.json_length.is_some() { "application/octet-stream" } else { "application/json" };
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
            if let Some(length) = answer.json_length {
                headers.insert(JSON_LENGTH, HeaderValue::from(length));
            }
            if let Some(coding) = answer.coding {
                headers.insert(CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
            }
            return Ok((reply, Some(rows)));
        }
    };
    Ok((reply, None))
}

fn tensors(tensors: &[Tensor]) -> Vec<Value> {
    let one =
        |tensor: &Tensor| json!({ "name": tensor.name, "datatype": tensor.datatype.name(), "shape": tensor.shape });
    tensors.iter().map(one).collect()
}

fn json_reply(value: &Value) -> Reply {
    let mut reply = Response::new(Body::whole(value.to_string()));
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    reply
}

fn refuse(refusal: &Refusal, route: Option<&Route>) -> Reply {
    let mut reply = json_reply(&json!({ "error": refusal.message }));
    *reply.status_mut() = refusal.status;
    let headers = reply.headers_mut();
    match refusal.status {
        StatusCode::SERVICE_UNAVAILABLE => {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        StatusCode::METHOD_NOT_ALLOWED => {
            let allowed = route.map_or("GET, HEAD", allow);
            headers.insert(ALLOW, HeaderValue::from_static(allowed));
        }
        StatusCode::UNAUTHORIZED => {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("ApiKey"));
        }
        _ => {}
    }
    reply
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone() {
        for (from, to) in [("a", "a"), ("%41%2fb", "A/b"), ("%4", "%4"), ("%", "%"), ("%zz", "%zz"), ("%ff", "%ff")] {
            assert_eq!(unescape(from), to);
        }
    }
}
