//! HTTP request -> HTTP answer: routes, methods, the API key, error bodies.

use std::borrow::Cow;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Body, Incoming};
use hyper::header::{
    ACCEPT, ALLOW, CONNECTION, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE,
};
use hyper::{Method, Request, Response, StatusCode};
use serde_json::{Value, json};

use crate::access::{Head, Notes, Scope};
use crate::app::{App, Memory};
use crate::body;
use crate::exposition::Format;
use crate::infer::{JSON_LENGTH, infer};
use crate::metrics::Transport;
use crate::names;
use crate::page;
use crate::refusal::{Refusal, excerpt};
use crate::service::Tensor;

type Reply = Response<Full<Bytes>>;

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
            Route::Metrics => names::METRICS_PATH,
            Route::OpenApi => names::OPENAPI_PATH,
            Route::Page => names::PAGE_PATH,
        }
    }

    fn is_routine(&self) -> bool {
        matches!(self, Route::Live | Route::Ready | Route::ModelReady | Route::Metrics)
    }
}

/// Who is at the other end of a request's connection; put beside each request by the server.
#[derive(Clone, Copy)]
pub struct Peer(pub SocketAddr);

pub async fn handle(app: Arc<App>, request: Request<Incoming>) -> Result<Reply, Infallible> {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let found = route(&app, &method, &path);
    let known = found.as_ref().map_or_else(|(route, _)| route.as_ref(), Some);
    let scope = Scope::begin(
        &app,
        Head {
            transport: Transport::Http,
            method: method.as_str(),
            path: &path,
            route: known.map_or("unknown", Route::template),
            peer: request.extensions().get::<Peer>().map(|peer| peer.0),
            headers: request.headers(),
            infers: known == Some(&Route::Infer),
            routine: known.is_some_and(Route::is_routine),
        },
    );
    let (route, outcome) = match (authorize(&app, &path, &request), found) {
        (Ok(()), Ok(route)) => {
            let outcome = answer(&app, &route, request, &scope.notes).await;
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
    let (mut reply, refusal) = match outcome {
        Ok(reply) => (reply, None),
        Err(refusal) => (refuse(&refusal, route.as_ref()), Some(refusal)),
    };
    scope.mark(reply.headers_mut());
    // An unread body, or an end in sight: let the caller make a new connection.
    if app.draining.load(Relaxed) || matches!(reply.status().as_u16(), 408 | 413) {
        reply.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    scope.end(reply.status().as_u16(), reply.body().size_hint().lower(), refusal.as_ref());
    Ok(reply)
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
        [""] => (Route::Page, None),
        ["openapi.json"] => (Route::OpenApi, None),
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
    let served = &app.service.model;
    if let Some((name, version)) = model {
        if name != served.name {
            let message = format!("there is no model `{}`; this service has `{}`", excerpt(name), served.name);
            return Err((Some(route), not_found(message)));
        }
        if let Some(version) = version.filter(|version| *version != served.version) {
            let (asked, name, has) = (excerpt(version), served.name, served.version);
            let message = format!("model `{name}` has no version `{asked}`; it has `{has}`");
            return Err((Some(route), not_found(message)));
        }
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

/// Probes need no key, the page is the same for all, and scrapers are kept out by the network policy instead. A stranger does not learn which paths exist.
fn authorize(app: &App, path: &str, request: &Request<Incoming>) -> Result<(), Refusal> {
    let Some(key) = &app.api_key else { return Ok(()) };
    let open = [names::LIVE_PATH, names::READY_PATH, names::METRICS_PATH, names::PAGE_PATH].contains(&path);
    let given: Vec<&[u8]> =
        request.headers().get_all(names::API_KEY_HEADER).iter().map(HeaderValue::as_bytes).collect();
    let what = match given[..] {
        _ if open => return Ok(()),
        [one] if key.allows(one) => return Ok(()),
        [_] => "is not the right one",
        [] => "is missing",
        // Proxies differ in which of several they look at.
        _ => "is given more than once",
    };
    Err(Refusal::new(StatusCode::UNAUTHORIZED, format!("the API key in the header {} {what}", names::API_KEY_HEADER)))
}

async fn answer(
    app: &Arc<App>,
    route: &Route,
    request: Request<Incoming>,
    notes: &Arc<Notes>,
) -> Result<Reply, Refusal> {
    let model = &app.service.model;
    let ready = |ready: bool, why: &str| if ready { Ok(empty()) } else { Err(Refusal::unavailable(why)) };
    let unready = if app.draining.load(Relaxed) { "the service is shutting down" } else { "the model is loading" };
    Ok(match route {
        Route::Live => empty(),
        Route::Ready | Route::ModelReady => ready(app.ready(), unready)?,
        Route::Server => json_reply(&json!({
            "name": app.service.name,
            "version": env!("CARGO_PKG_VERSION"),
            "extensions": ["binary_tensor_data"],
        })),
        Route::Model => json_reply(&json!({
            "name": model.name,
            "versions": [model.version],
            "platform": "onnx_onnxv1",
            "inputs": tensors(model.inputs),
            "outputs": tensors(model.outputs),
        })),
        Route::Index => {
            let state = if app.ready() { "READY" } else { "UNAVAILABLE" };
            let reason = if app.ready() { "" } else { unready };
            json_reply(&json!([{ "name": model.name, "version": model.version, "state": state, "reason": reason }]))
        }
        Route::Metrics => {
            let accept: Option<Vec<&str>> =
                request.headers().get_all(ACCEPT).iter().map(|value| value.to_str().ok()).collect();
            let format = Format::accepted(accept.map(|accept| accept.join(",")).as_deref());
            let spans = app.exporter.as_ref().map(|exporter| exporter.counts());
            let mut reply = Response::new(Full::from(app.metrics.exposition(format, model, spans)));
            reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(format.content_type()));
            reply
        }
        Route::Page => {
            let mut reply = Response::new(Full::from(page::PAGE));
            page::mark(reply.headers_mut());
            reply
        }
        Route::OpenApi => {
            let mut reply = Response::new(Full::from(app.openapi.clone()));
            reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            reply
        }
        Route::Infer => {
            let answer = infer(app, request, notes).await?;
            let mut memory = Memory::new(app);
            memory.grow(answer.body.len());
            let body = Bytes::from_owner(Unread { body: answer.body, _memory: memory });
            let mut reply = Response::new(Full::from(body));
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
    })
}

/// An answer until it is written: readers that are slow, and many, must not fill the process.
struct Unread {
    body: Vec<u8>,
    _memory: Memory,
}

impl AsRef<[u8]> for Unread {
    fn as_ref(&self) -> &[u8] {
        &self.body
    }
}

fn tensors(tensors: &[Tensor]) -> Vec<Value> {
    let one =
        |tensor: &Tensor| json!({ "name": tensor.name, "datatype": tensor.datatype.name(), "shape": tensor.shape });
    tensors.iter().map(one).collect()
}

fn empty() -> Reply {
    Response::new(Full::default())
}

fn json_reply(value: &Value) -> Reply {
    let mut reply = Response::new(Full::from(value.to_string()));
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
