//! An answer's body on its way out: all of it at once, the same with trailers, or message by message as a task makes them.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::HeaderMap;
use hyper::body::{Frame, SizeHint};
use tokio::sync::mpsc;

use crate::app;
use crate::connection::{Activity, Reading, Request};

/// What HTTP/2 is given at once: it holds what it was given until the peer takes it, so more is given when there is room.
const PIECE: usize = 64 * 1024;

type Task = Pin<Box<dyn Future<Output = HeaderMap> + Send>>;

pub struct Body {
    kind: Kind,
    on: Option<OnHttp2>,
}

enum Kind {
    Whole {
        rest: Bytes,
        trailers: Option<HeaderMap>,
        /// A remote procedure call says how long its messages are, not its bodies.
        sized: bool,
    },
    Stream {
        /// Sends the messages and returns the trailers. It runs as long as somebody reads, and no further than one message ahead.
        task: Option<Task>,
        messages: mpsc::Receiver<Bytes>,
        trailers: Option<HeaderMap>,
    },
}

/// An HTTP/2 connection has to know what its peer has not yet taken, and a stream lasts until it is taken.
struct OnHttp2 {
    activity: Arc<Activity>,
    _busy: Request,
    _place: Option<app::Stream>,
}

impl Body {
    pub fn whole(bytes: impl Into<Bytes>) -> Body {
        Body { kind: Kind::Whole { rest: bytes.into(), trailers: None, sized: true }, on: None }
    }

    pub fn with_trailers(rest: Bytes, trailers: Option<HeaderMap>) -> Body {
        Body { kind: Kind::Whole { rest, trailers, sized: false }, on: None }
    }

    /// `task` gets where to send its messages; a failure there means that nobody reads any more.
    pub fn stream<F>(task: impl FnOnce(mpsc::Sender<Bytes>) -> F) -> Body
    where
        F: Future<Output = HeaderMap> + Send + 'static,
    {
        let (send, messages) = mpsc::channel(1);
        Body { kind: Kind::Stream { task: Some(Box::pin(task(send))), messages, trailers: None }, on: None }
    }

    /// The same as an answer on an HTTP/2 connection.
    pub fn on(mut self, activity: &Arc<Activity>, busy: Request, place: Option<app::Stream>) -> Body {
        if let Kind::Whole { rest, .. } = &mut self.kind
            && !rest.is_empty()
        {
            *rest = activity.unread(std::mem::take(rest));
        }
        self.on = Some(OnHttp2 { activity: Arc::clone(activity), _busy: busy, _place: place });
        self
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let Body { kind, on } = self.get_mut();
        match kind {
            Kind::Whole { rest, trailers, .. } => {
                if rest.is_empty() {
                    return Poll::Ready(trailers.take().map(|trailers| Ok(Frame::trailers(trailers))));
                }
                let piece = match on {
                    Some(OnHttp2 { activity, .. }) => {
                        activity.taken();
                        rest.split_to(rest.len().min(PIECE))
                    }
                    None => std::mem::take(rest),
                };
                Poll::Ready(Some(Ok(Frame::data(piece))))
            }
            Kind::Stream { task, messages, trailers } => loop {
                match messages.poll_recv(context) {
                    Poll::Ready(Some(message)) => {
                        let message = match on {
                            Some(OnHttp2 { activity, .. }) => activity.unread(message),
                            None => message,
                        };
                        return Poll::Ready(Some(Ok(Frame::data(message))));
                    }
                    Poll::Ready(None) if task.is_none() => {
                        return Poll::Ready(trailers.take().map(|trailers| Ok(Frame::trailers(trailers))));
                    }
                    _ => {}
                }
                let Some(running) = task else { return Poll::Pending };
                match running.as_mut().poll(context) {
                    Poll::Ready(end) => {
                        *trailers = Some(end);
                        *task = None;
                    }
                    // It may have sent something before it came to wait.
                    Poll::Pending if messages.is_empty() => return Poll::Pending,
                    Poll::Pending => {}
                }
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(&self.kind, Kind::Whole { rest, trailers: None, .. } if rest.is_empty())
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Whole { rest, sized: true, .. } => SizeHint::with_exact(rest.len() as u64),
            _ => SizeHint::default(),
        }
    }
}

/// Bytes that count as unread until the last piece of them is written.
pub struct Held {
    pub bytes: Bytes,
    pub _reading: Reading,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}
