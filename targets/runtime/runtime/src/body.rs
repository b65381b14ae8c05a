//! A request's body as it arrives -> its bytes, within the limits on one body, on all bodies together and on time.

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::HeaderMap;
use hyper::StatusCode;
use hyper::body::{Body, Incoming};
use hyper::header::EXPECT;
use tokio::time::{Instant, timeout, timeout_at};

use crate::app::{App, Memory};
use crate::compression::too_large;
use crate::quiet::poll_frame;
use crate::refusal::Refusal;

/// How long to go on reading a body that is refused: a peer that is still sending would not see the answer, only a reset.
const DISCARD: Duration = Duration::from_secs(1);

pub async fn read(app: &Arc<App>, mut body: Incoming, deadline: Instant) -> Result<(Bytes, Memory), Refusal> {
    match timeout_at(deadline, collect(app, &mut body)).await {
        Ok(Ok(read)) => Ok(read),
        Ok(Err(refusal)) => {
            discard(app, body).await;
            Err(refusal)
        }
        Err(_) => Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, "the body did not arrive in time")),
    }
}

async fn collect(app: &Arc<App>, body: &mut Incoming) -> Result<(Bytes, Memory), Refusal> {
    let limit = app.settings.max_body_bytes;
    let announced = body.size_hint().exact();
    if announced.is_some_and(|bytes| bytes > limit as u64) {
        return Err(too_large(limit));
    }
    let mut memory = Memory::new(app);
    let mut whole = Bytes::new();
    let mut parts = BytesMut::new();
    let mut is_last = body.is_end_stream();
    while !is_last && let Some(frame) = poll_fn(|context| poll_frame(body, context)).await {
        is_last = body.is_end_stream();
        let frame = frame.map_err(|error| Refusal::invalid(format!("the body could not be read: {error}")))?;
        let Ok(data) = frame.into_data() else { continue };
        if !memory.grow(data.len()) {
            return Err(Refusal::unavailable("too many bodies in memory at once"));
        }
        if whole.is_empty() && parts.is_empty() {
            // Most bodies come in one piece, which needs no copy.
            whole = data;
            continue;
        }
        if parts.is_empty() {
            parts.extend_from_slice(&whole);
        }
        parts.extend_from_slice(&data);
        if parts.len() > limit {
            return Err(too_large(limit));
        }
    }
    if whole.len() > limit {
        return Err(too_large(limit));
    }
    Ok((if parts.is_empty() { whole } else { parts.freeze() }, memory))
}

/// Whether the peer sends the body only when it is asked to, which reading does.
pub fn waits(headers: &HeaderMap) -> bool {
    headers.get(EXPECT).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"100-continue"))
}

/// Whether the head says already that the body is too long.
pub fn announces_too_much(app: &App, body: &Incoming) -> bool {
    body.size_hint().exact().is_some_and(|bytes| bytes > app.settings.max_body_bytes as u64)
}

/// The body of a request that is refused, whatever it is. One that nobody has asked for does not come.
pub async fn skip(app: &App, headers: &HeaderMap, body: Incoming) {
    if !waits(headers) {
        discard(app, body).await;
    }
}

/// Reads on for a while and keeps nothing.
async fn discard(app: &App, mut body: Incoming) {
    let most = app.settings.max_body_bytes.saturating_mul(4);
    let discard = async {
        let mut seen = 0;
        while let Some(Ok(frame)) = body.frame().await {
            seen += frame.into_data().map_or(0, |data| data.len());
            if seen > most {
                return;
            }
        }
    };
    let _ = timeout(DISCARD, discard).await;
}
