//! One inference request, from its body to its answer, over any transport: admission, decoding, compute, encoding.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper::StatusCode;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};
use tract_onnx::prelude::TValue;

use crate::app::{App, Memory, Place};
use crate::compute;
use crate::model::Engine;
use crate::plan::panic_text;
use crate::protocol::Call;
use crate::refusal::Refusal;

/// A longer body is not decoded on a connection's thread.
const LONG_BODY: usize = 64 * 1024;
/// A longer run is not done on a connection's thread.
const LONG_RUN: Duration = Duration::from_millis(1);

/// How a transport reads requests and writes answers.
pub trait Codec: Send + 'static {
    type Answer: Send + 'static;

    /// Whether a request is longer than it looks.
    fn compressed(&self) -> bool;

    fn decode(&self, app: &App, engine: &Engine, body: Bytes) -> Result<Call, Refusal>;

    /// The outputs are in the model's order.
    fn encode(&self, app: &App, engine: &Engine, call: &Call, outputs: &[TValue]) -> Result<Self::Answer, Refusal>;
}

/// The answer and its rows. `memory` is what the body takes, given back once it is decoded.
pub async fn infer<C: Codec>(
    app: &Arc<App>,
    codec: C,
    body: Bytes,
    memory: Memory,
    deadline: Instant,
) -> Result<(C::Answer, usize), Refusal> {
    let engine = app.engine.get().ok_or_else(|| Refusal::unavailable("the model is loading"))?;
    // Only now that the body is here, so that a peer who sends slowly takes no place from others.
    let place = Place::take(app).ok_or_else(|| Refusal::unavailable("too many requests in flight"))?;
    if Instant::now() >= deadline {
        return Err(late());
    }
    if body.len() > LONG_BODY || codec.compressed() {
        return elsewhere(app, deadline, move |app, engine| {
            let call = codec.decode(app, engine, body)?;
            drop(memory);
            let answer = finish(app, engine, &codec, call);
            drop(place);
            answer
        })
        .await;
    }
    let call = caught(|| codec.decode(app, engine, body))?;
    if engine.estimate(&call.shapes) <= LONG_RUN {
        return caught(|| finish(app, engine, &codec, call));
    }
    drop(memory);
    elsewhere(app, deadline, move |app, engine| {
        let answer = finish(app, engine, &codec, call);
        drop(place);
        answer
    })
    .await
}

/// Runs the work on the pool. Past the deadline nobody waits for it, and it is skipped if it has not begun.
async fn elsewhere<T: Send + 'static>(
    app: &Arc<App>,
    deadline: Instant,
    work: impl FnOnce(&App, &Engine) -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    let (send, receive) = oneshot::channel();
    let shared = Arc::clone(app);
    app.pool.submit(move || {
        if send.is_closed() {
            return;
        }
        let outcome = caught(|| {
            let engine = shared.engine.get().ok_or_else(|| Refusal::unavailable("the model is loading"))?;
            work(&shared, engine)
        });
        let _ = send.send(outcome);
    });
    match timeout_at(deadline, receive).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) => Err(Refusal::internal("the request was lost")),
        Err(_) => Err(late()),
    }
}

fn late() -> Refusal {
    Refusal::new(StatusCode::GATEWAY_TIMEOUT, "the answer was not ready in time")
}

/// A panic costs the request, not the connection or the thread.
fn caught<T>(work: impl FnOnce() -> Result<T, Refusal>) -> Result<T, Refusal> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        Err(Refusal::internal(format!("the request could not be handled: {}", panic_text(&*panic))))
    })
}

fn finish<C: Codec>(app: &App, engine: &Engine, codec: &C, mut call: Call) -> Result<(C::Answer, usize), Refusal> {
    let (outputs, took) = compute::run(engine, &mut call)?;
    app.metrics.compute(took, call.rows());
    Ok((codec.encode(app, engine, &call, &outputs)?, call.rows()))
}
