//! One inference request, from its head to its answer: admission, body, decoding, compute, encoding.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::{ACCEPT_ENCODING, CONTENT_ENCODING, HeaderMap, HeaderName};
use hyper::{Request, StatusCode};
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use crate::app::{App, Memory, Place};
use crate::compression::{self, Coding};
use crate::plan::panic_text;
use crate::protocol::{self, Call};
use crate::refusal::Refusal;
use crate::repository::{Choice, Served};
use crate::shadow;
use crate::{body, compute, result};

/// Header of the binary tensor extension: the length of a body's JSON part.
pub const JSON_LENGTH: HeaderName = HeaderName::from_static("inference-header-content-length");

/// A longer body is not decoded on a connection's thread.
const LONG_BODY: usize = 64 * 1024;
/// A longer run is not done on a connection's thread.
const LONG_RUN: Duration = Duration::from_millis(1);
/// A shorter answer is not worth compressing.
const WORTH_COMPRESSING: usize = 1024;

pub struct Answer {
    pub body: Vec<u8>,
    pub json_length: Option<usize>,
    pub coding: Option<Coding>,
    pub rows: usize,
    /// Sets out to the shadow version when it is dropped, so it is kept until the answer is written.
    pub copy: Option<shadow::Copy>,
}

/// What of a head the work needs.
struct Head {
    json_length: Option<String>,
    coding: Option<Coding>,
    answer_coding: Option<Coding>,
}

impl Head {
    fn of(headers: &HeaderMap) -> Result<Head, Refusal> {
        let text = |name: &HeaderName| {
            let value = headers.get(name).map(|value| value.to_str());
            value.transpose().map_err(|_| Refusal::invalid(format!("the header {name} is not text")))
        };
        Ok(Head {
            json_length: text(&JSON_LENGTH)?.map(str::to_owned),
            coding: Coding::of_request(text(&CONTENT_ENCODING)?)?,
            answer_coding: Coding::accepted(text(&ACCEPT_ENCODING)?),
        })
    }
}

pub async fn infer(app: &Arc<App>, choice: Choice, request: Request<Incoming>) -> Result<Answer, Refusal> {
    let deadline = Instant::now() + app.settings.request_timeout;
    let (parts, incoming) = request.into_parts();
    let refused = match Head::of(&parts.headers) {
        Ok(head) => {
            let (body, memory) = body::read(app, incoming, deadline).await?;
            // Only now, so that a peer who sends slowly takes no place from others.
            match Place::take(app) {
                Some(place) => return admitted(app, choice, head, body, memory, place, deadline).await,
                None => return Err(Refusal::unavailable("too many requests in flight")),
            }
        }
        Err(refusal) => refusal,
    };
    body::read(app, incoming, deadline).await?;
    Err(refused)
}

async fn admitted(
    app: &Arc<App>,
    choice: Choice,
    head: Head,
    body: Bytes,
    memory: Memory,
    place: Place,
    deadline: Instant,
) -> Result<Answer, Refusal> {
    if body.len() > LONG_BODY || head.coding.is_some() {
        return elsewhere(app, deadline, move |app| {
            let call = decode(app, &choice.served, &head, &body)?;
            drop((body, memory));
            let answer = finish(app, &choice, &head, call);
            drop(place);
            answer
        })
        .await;
    }
    let call = caught(|| decode(app, &choice.served, &head, &body))?;
    if choice.served.engine.estimate(&call.shapes) <= LONG_RUN {
        return caught(|| finish(app, &choice, &head, call));
    }
    drop((body, memory));
    elsewhere(app, deadline, move |app| {
        let answer = finish(app, &choice, &head, call);
        drop(place);
        answer
    })
    .await
}

/// Runs the work on the pool. Past the deadline nobody waits for it, and it is skipped if it has not begun.
async fn elsewhere(
    app: &Arc<App>,
    deadline: Instant,
    work: impl FnOnce(&App) -> Result<Answer, Refusal> + Send + 'static,
) -> Result<Answer, Refusal> {
    let (send, receive) = oneshot::channel();
    let shared = Arc::clone(app);
    app.pool.submit(move || {
        if send.is_closed() {
            return;
        }
        let _ = send.send(caught(|| work(&shared)));
    });
    match timeout_at(deadline, receive).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) => Err(Refusal::internal("the request was lost")),
        Err(_) => Err(Refusal::new(StatusCode::GATEWAY_TIMEOUT, "the answer was not ready in time")),
    }
}

/// A panic costs the request, not the connection or the thread.
fn caught<T>(work: impl FnOnce() -> Result<T, Refusal>) -> Result<T, Refusal> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        Err(Refusal::internal(format!("the request could not be handled: {}", panic_text(&*panic))))
    })
}

fn decode(app: &App, served: &Served, head: &Head, body: &[u8]) -> Result<Call, Refusal> {
    let inflated;
    let body = match head.coding {
        None => body,
        Some(coding) => {
            inflated = compression::inflate(coding, body, app.settings.max_body_bytes)?;
            &inflated
        }
    };
    protocol::decode(&app.service.model, served.engine.equal_dimensions(), body, head.json_length.as_deref())
}

fn finish(app: &App, choice: &Choice, head: &Head, mut call: Call) -> Result<Answer, Refusal> {
    let Choice { served, shadow } = choice;
    let draft = shadow.as_ref().and_then(|shadow| app.shadows.draft(shadow, &call.inputs, &call.shapes));
    let (outputs, took) = compute::run(&served.engine, &mut call)?;
    served.meter.compute(took);
    let limit = served.engine.run_limit();
    let encoded = result::encode(&app.service.model, &served.label, &call, &outputs, limit)?;
    let copy = draft.map(|draft| app.shadows.copy(draft, &outputs));
    let (body, json_length, rows) = (encoded.body, encoded.header_length, call.rows());
    let mut answer = Answer { body, json_length, coding: None, rows, copy };
    if let Some(coding) = head.answer_coding
        && answer.body.len() >= WORTH_COMPRESSING
        && let Ok(smaller) = compression::deflate(coding, &answer.body)
    {
        answer.body = smaller;
        answer.coding = Some(coding);
    }
    Ok(answer)
}
