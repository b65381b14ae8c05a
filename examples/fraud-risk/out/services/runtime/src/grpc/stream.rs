//! Calls whose request is a stream: each message is answered before the next one is read, until the caller or the process ends it.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::HeaderMap;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout_at};

use super::framing::{Messages, Received};
use super::status::trailers;
use crate::app::App;
use crate::refusal::Refusal;

/// When the process has stopped accepting, a stream ends once nothing has come for this long.
const QUIET: Duration = Duration::from_millis(500);

/// Sends an answer for each message, and returns the trailers. An error of `answer` ends the stream.
pub async fn answered<A>(
    app: &Arc<App>,
    mut messages: Messages,
    deadline: Instant,
    to: mpsc::Sender<Bytes>,
    answer: impl Fn(Received) -> A,
) -> HeaderMap
where
    A: Future<Output = Result<Bytes, Refusal>>,
{
    let work = async {
        while starts(app, &mut messages).await? {
            // From here on it is like a request of its own.
            let by = Instant::now() + app.settings.request_timeout;
            let late = || Refusal::new(StatusCode::REQUEST_TIMEOUT, "the message did not arrive in time");
            let received = timeout_at(by, messages.next()).await.unwrap_or_else(|_| Err(late()))?;
            let Some(received) = received else { break };
            let message = answer(received).await?;
            if to.send(message).await.is_err() {
                break;
            }
        }
        Ok(())
    };
    let late = || Refusal::new(StatusCode::GATEWAY_TIMEOUT, "the stream lasted longer than its caller wanted");
    let outcome = timeout_at(deadline, work).await.unwrap_or_else(|_| Err(late()));
    trailers(outcome.err().as_ref())
}

/// Whether there is another message. There is none any more when the process ends and none has come for a while.
async fn starts(app: &App, messages: &mut Messages) -> Result<bool, Refusal> {
    let mut stopping = app.stopping.subscribe();
    let quiet = async {
        let _ = stopping.wait_for(|stopping| *stopping).await;
        sleep(QUIET).await;
    };
    match first(messages.begins(), quiet).await {
        Some(begins) => begins,
        None => Err(Refusal::unavailable("the service is shutting down")),
    }
}

/// What `wanted` gives, if it does before `end` comes.
pub async fn first<T>(wanted: impl Future<Output = T>, end: impl Future<Output = ()>) -> Option<T> {
    let (mut wanted, mut end) = (pin!(wanted), pin!(end));
    poll_fn(|context| match wanted.as_mut().poll(context) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        Poll::Pending => end.as_mut().poll(context).map(|()| None),
    })
    .await
}
