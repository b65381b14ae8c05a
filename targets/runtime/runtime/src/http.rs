//! HTTP request -> HTTP answer: routes, methods, the API key, error bodies. Calls of gRPC go to [`grpc`].

use std::borrow::Cow;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use hyper::body::{Body as _, Incoming};
use hyper::header::{
    ACCEPT, ALLOW, CONNECTION, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE,
};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode, Version};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::access::{Head, Scope};
use crate::app::{App, IndexEntry, Unread};
use crate::body;
use crate::compression::too_large;
use crate::exposition::Format;
use crate::grpc;
use crate::infer::Inferred;
use crate::metrics::Transport;
use crate::names;
use crate::page;
use crate::protocol::parsed;
use crate::refusal::{Refusal, excerpt};
use crate::reply::Body;
use crate::rest::{self, JSON_LENGTH};
use crate::service::{self, Tensor};

/// Of the Open Inference Protocol.
pub const EXTENSIONS: [&str; 2] = ["binary_tensor_data", "model_repository"];

/// Requests to the repository are short; a longer body brings a model along, which is not taken.
const LONGEST_PARAMETERS: usize = 64 * 1024;

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
    Load,
    Unload,
    Metrics,
    OpenApi,
    Page,
}

impl Route {
    /// The path, with names in place of what varies.
    fn template(&self) -> &'static str {
        match self {
            Route::Live => names::LIVE_PATH,
            Route::Ready => names::READY_PATH,
            Route::Server => "/v2",
            Route::ModelReady => "/v2/models/{model}/ready",
            Route::Model => "/v2/models/{model}",
            Route::Infer => "/v2/models/{model}/infer",
            Route::Index => "/v2/repository/index",
            Route::Load => "/v2/repository/models/{model}/load",
            Route::Unload => "/v2/repository/models/{model}/unload",
            Route::Metrics => names::METRICS_PATH,
            Route::OpenApi => names::OPENAPI_PATH,
            Route::Page => names::PAGE_PATH,
        }
    }

    fn is_routine(&self) -> bool {
        matches!(self, Route::Live | Route::Ready | Route::ModelReady | Route::Metrics)
    }
}

/// One more than the longest path has, so that a longer one is none.
const SEGMENTS: usize = 7;

/// A route, and the version that the path names.
type Found = (Route, Option<String>);

/// `peer` is who is at the other end of the connection; `crowded` when so many requests are open that this one is not to be looked at.
pub async fn handle(
    app: Arc<App>,
    request: Request<Incoming>,
    peer: Option<SocketAddr>,
    crowded: bool,
) -> Result<Reply, Infallible> {
    let is_http2 = request.version() == Version::HTTP_2;
    let crowded = crowded.then(|| Refusal::unavailable("too many requests at once"));
    if is_http2 && grpc::is_call(&request) {
        return Ok(Box::pin(grpc::handle(&app, request, peer, crowded)).await);
    }
    let (Parts { method, uri, headers, .. }, body) = request.into_parts();
    let found = route(&app, &method, uri.path());
    let known = found.as_ref().map_or_else(|(route, _)| route.as_ref(), |(route, _)| Some(route));
    let is_open = || [names::LIVE_PATH, names::READY_PATH, names::METRICS_PATH, names::PAGE_PATH].contains(&uri.path());
    let waits = body::waits(&headers);
    let admitted = crowded.map_or_else(|| authorize(&app, is_open, &headers), Err).and_then(|()| {
        let in_vain = waits && body::announces_too_much(&app, &body);
        if in_vain { Err(too_large(app.settings.max_body_bytes)) } else { Ok(()) }
    });
    let scope = Scope::begin(
        &app,
        Head {
            transport: Transport::Http,
            method,
            route: Some(known.map_or("unknown", Route::template)),
            uri,
            peer,
            headers: &headers,
            infers: known == Some(&Route::Infer),
            routine: known.is_some_and(Route::is_routine),
        },
    );
    let (route, outcome) = match (admitted, found) {
        (Ok(()), Ok((Route::Infer, version))) => {
            let outcome = match app.repository.choose(version.as_deref(), &scope.notes.request_id) {
                Ok(choice) => {
                    scope.notes.chosen(&choice);
                    rest::infer(&app, choice, &headers, body, Instant::from_std(scope.start), &scope.notes)
                        .await
                        .map(|inferred| answer_to_inference(&app, inferred))
                }
                Err(refusal) => {
                    Box::pin(body::skip(&app, &headers, body)).await;
                    Err(refusal)
                }
            };
            (Some(Route::Infer), outcome)
        }
        (Ok(()), Ok((route, version))) => {
            let outcome = answer(&app, &route, version.as_deref(), &headers, body).await;
            (Some(route), outcome)
        }
        (Err(refusal), found) => {
            Box::pin(body::skip(&app, &headers, body)).await;
            (found.map_or_else(|(route, _)| route, |(route, _)| Some(route)), Err(refusal))
        }
        (Ok(()), Err((route, refusal))) => {
            Box::pin(body::skip(&app, &headers, body)).await;
            (route, Err(refusal))
        }
    };
    let (mut reply, refusal) = match outcome {
        Ok(reply) => (reply, None),
        Err(refusal) => (refuse(&refusal, route.as_ref()), Some(refusal)),
    };
    scope.mark(reply.headers_mut());
    // An unread body, or an end in sight: let the caller make a new connection. HTTP/2 says so by other means.
    let unread = refusal.is_some() && (waits || matches!(reply.status().as_u16(), 408 | 413));
    if !is_http2 && (app.draining.load(Relaxed) || unread) {
        reply.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    scope.end(reply.status().as_u16(), reply.body().size_hint().lower(), refusal.as_ref());
    Ok(reply)
}

/// A refused path keeps its route where it has one, so that a call to an unknown version still counts as an inference request.
fn route(app: &App, method: &Method, path: &str) -> Result<Found, (Option<Route>, Refusal)> {
    if app.infer_path.as_deref() == Some(path) && *method == Method::POST {
        return Ok((Route::Infer, None));
    }
    let not_found = |message: String| Refusal::new(StatusCode::NOT_FOUND, message);
    let Some(rest) = path.strip_prefix('/').filter(|_| path.len() <= 2_048) else {
        return Err((None, not_found("there is nothing at this path".to_owned())));
    };
    let mut segments: [Cow<str>; SEGMENTS] = Default::default();
    let mut count = 0;
    for (place, segment) in segments.iter_mut().zip(rest.trim_end_matches('/').split('/')) {
        *place = unescape(segment);
        count += 1;
    }
    let names = segments.each_ref().map(|segment| &**segment);
    let (route, model) = match names[..count] {
        // What comes often stands first.
        ["v2", "models", name, "infer"] => (Route::Infer, Some((name, None))),
        ["v2", "health", "live"] => (Route::Live, None),
        ["v2", "health", "ready"] => (Route::Ready, None),
        ["metrics"] => (Route::Metrics, None),
        [""] => (Route::Page, None),
        ["openapi.json"] => (Route::OpenApi, None),
        ["v2"] => (Route::Server, None),
        ["v2", "repository", "index"] => (Route::Index, None),
        ["v2", "repository", "models", name, "load"] => (Route::Load, Some((name, None))),
        ["v2", "repository", "models", name, "unload"] => (Route::Unload, Some((name, None))),
        ["v2", "models", name] => (Route::Model, Some((name, None))),
        ["v2", "models", name, "ready"] => (Route::ModelReady, Some((name, None))),
        ["v2", "models", name, "versions", version] => (Route::Model, Some((name, Some(version)))),
        ["v2", "models", name, "versions", version, "ready"] => (Route::ModelReady, Some((name, Some(version)))),
        ["v2", "models", name, "versions", version, "infer"] => (Route::Infer, Some((name, Some(version)))),
        _ => return Err((None, not_found(format!("there is nothing at `{}`", excerpt(path))))),
    };
    if let Some((name, _)) = model
        && let Err(refusal) = app.known(name)
    {
        return Err((Some(route), refusal));
    }
    let allowed = match route {
        Route::Infer | Route::Index | Route::Load | Route::Unload => *method == Method::POST,
        _ => *method == Method::GET || *method == Method::HEAD,
    };
    if !allowed {
        let message = format!("{} is not allowed here; use {}", excerpt(method.as_str()), allow(&route));
        return Err((Some(route), Refusal::new(StatusCode::METHOD_NOT_ALLOWED, message)));
    }
    Ok((route, model.and_then(|(_, version)| version.map(str::to_owned))))
}

fn allow(route: &Route) -> &'static str {
    match route {
        Route::Infer | Route::Index | Route::Load | Route::Unload => "POST",
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

/// Probes need no key, the page is the same for all, and scrapers are kept out by the network policy instead. A stranger does not learn which paths exist.
pub fn authorize(app: &App, is_open: impl FnOnce() -> bool, headers: &HeaderMap) -> Result<(), Refusal> {
    let Some(key) = app.api_key.as_ref().filter(|_| !is_open()) else { return Ok(()) };
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

/// The answer to everything but an inference. `version` is that of the path.
async fn answer(
    app: &Arc<App>,
    route: &Route,
    version: Option<&str>,
    headers: &HeaderMap,
    body: Incoming,
) -> Result<Reply, Refusal> {
    let model = &app.service.model;
    let version = version.map(|version| app.repository.entry(version)).transpose()?;
    Ok(match route {
        Route::Live => json_reply(&json!({ "live": true })),
        Route::Ready | Route::ModelReady => {
            app.answers(version.as_ref()).map_err(Refusal::unavailable)?;
            match route {
                Route::Ready => json_reply(&json!({ "ready": true })),
                _ => json_reply(&json!({ "name": model.name, "ready": true })),
            }
        }
        Route::Server => json_reply(&json!({
            "name": app.service.name,
            "version": env!("CARGO_PKG_VERSION"),
            "extensions": EXTENSIONS,
        })),
        Route::Model => json_reply(&json!({
            "name": model.name,
            "versions": app.repository.table().labels().collect::<Vec<&str>>(),
            "platform": service::PLATFORM,
            "inputs": tensors(model.inputs),
            "outputs": tensors(model.outputs),
        })),
        Route::Index => {
            let asked: IndexRequest = Box::pin(parameters(app, body)).await?;
            let entry = |e: &IndexEntry| json!({ "name": e.name, "version": e.version, "state": e.state.name(), "reason": e.reason });
            json_reply(&app.index(asked.ready).iter().map(entry).collect())
        }
        Route::Load => {
            let asked: LoadRequest = Box::pin(changes(app, headers, body)).await?;
            app.load(asked.parameters.keys()).await?;
            empty()
        }
        Route::Unload => {
            let asked: LoadRequest = Box::pin(changes(app, headers, body)).await?;
            app.unload(asked.parameters.keys()).await?;
            empty()
        }
        Route::Metrics => {
            let accept: Option<Vec<&str>> = headers.get_all(ACCEPT).iter().map(|value| value.to_str().ok()).collect();
            let format = Format::accepted(accept.map(|accept| accept.join(",")).as_deref());
            let spans = app.exporter.as_ref().map(|exporter| exporter.counts());
            let text = app.metrics.exposition(format, model, &app.repository.table(), spans);
            let mut reply = Response::new(Body::whole(text));
            reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(format.content_type()));
            reply
        }
        Route::Page => {
            let mut reply = Response::new(Body::whole(page::PAGE));
            page::mark(reply.headers_mut());
            reply
        }
        Route::OpenApi => {
            let mut reply = Response::new(Body::whole(app.openapi()));
            reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            reply
        }
        Route::Infer => return Err(Refusal::internal("an inference is answered elsewhere")),
    })
}

/// The answer to an inference.
fn answer_to_inference(app: &Arc<App>, inferred: Inferred<rest::Answer>) -> Reply {
    let Inferred { answer, copy } = inferred;
    let mut reply = Response::new(Body::whole(Unread::bytes(app, answer.body, copy)));
    let headers = reply.headers_mut();
    let kind = if answer.json_length.is_some() { "application/octet-stream" } else { "application/json" };
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Some(length) = answer.json_length {
        headers.insert(JSON_LENGTH, HeaderValue::from(length));
    }
    if let Some(coding) = answer.coding {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
    }
    reply
}

#[derive(Deserialize, Default)]
struct IndexRequest {
    #[serde(default)]
    ready: bool,
}

#[derive(Deserialize, Default)]
struct LoadRequest {
    #[serde(default)]
    parameters: serde_json::Map<String, Value>,
}

/// The body of a request to the repository: clients send nothing, `{}` or an object.
async fn parameters<T: DeserializeOwned + Default>(app: &Arc<App>, body: Incoming) -> Result<T, Refusal> {
    let deadline = Instant::now() + app.settings.request_timeout;
    let (body, _memory) = body::read(app, body, deadline).await?;
    if body.trim_ascii().is_empty() {
        return Ok(T::default());
    }
    if body.len() > LONGEST_PARAMETERS {
        return Err(Refusal::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("the body is longer than {LONGEST_PARAMETERS} bytes"),
        ));
    }
    parsed(&body)
}

/// As [`parameters`], for requests that change what is served. Those that may not be are not read.
async fn changes<T: DeserializeOwned + Default>(
    app: &Arc<App>,
    headers: &HeaderMap,
    body: Incoming,
) -> Result<T, Refusal> {
    if let Err(refusal) = app.may_change() {
        body::skip(app, headers, body).await;
        return Err(refusal);
    }
    parameters(app, body).await
}

fn tensors(tensors: &[Tensor]) -> Vec<Value> {
    let one =
        |tensor: &Tensor| json!({ "name": tensor.name, "datatype": tensor.datatype.name(), "shape": tensor.shape });
    tensors.iter().map(one).collect()
}

fn empty() -> Reply {
    Response::new(Body::whole(""))
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
