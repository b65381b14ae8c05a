//! A TCP stream -> the same stream with deadlines, so that no peer can hold a connection by being slow.
//!
//! hyper has one timeout for both the time between requests and the time for a head. Balancers want the first to be longer than a
//! minute, or they send a request into a connection that closes at that moment; the second should be seconds. A timer is armed only
//! when there is nothing to read, and not moved at each request, so that an active connection pays nothing for it.

use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

/// Longer than the idle timeout of the usual balancers, 60 s.
const IDLE: Duration = Duration::from_secs(75);
/// For an idle connection once the process has stopped accepting, counted from that moment: a request may be on its way. Every answer
/// from then on says that the connection closes.
const IDLE_WHEN_STOPPING: Duration = Duration::from_millis(500);
/// From the first byte of a head to its last.
const HEAD: Duration = Duration::from_secs(10);
/// For a peer to take some of the answer.
const WRITE: Duration = Duration::from_secs(30);

/// What a connection is doing, told by the handler to the stream.
#[derive(Default)]
pub struct Activity {
    begun: AtomicU64,
    ended: AtomicU64,
}

impl Activity {
    /// Marks a request that lasts until the guard is dropped.
    pub fn begin(self: &Arc<Activity>) -> Request {
        self.begun.fetch_add(1, Relaxed);
        Request(Arc::clone(self))
    }
}

pub struct Request(Arc<Activity>);

impl Drop for Request {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Relaxed);
    }
}

pub struct Connection {
    stream: TcpStream,
    activity: Arc<Activity>,
    stopping: Arc<OnceLock<Instant>>,
    /// Requests seen so far, to notice that a head was complete and that an answer was made.
    begun: u64,
    ended: u64,
    head_since: Option<Instant>,
    idle_since: Instant,
    stalled_since: Option<Instant>,
    read_timer: Timer,
    write_timer: Timer,
}

#[derive(Default)]
struct Timer(Option<Pin<Box<Sleep>>>);

impl Timer {
    /// Ready once `deadline` has passed; otherwise the task wakes no later than that.
    fn poll(&mut self, context: &mut Context<'_>, deadline: Instant) -> Poll<()> {
        let sleep = self.0.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        if sleep.deadline() > deadline {
            sleep.as_mut().reset(deadline);
        }
        while sleep.as_mut().poll(context).is_ready() {
            if Instant::now() >= deadline {
                return Poll::Ready(());
            }
            sleep.as_mut().reset(deadline);
        }
        Poll::Pending
    }
}

impl Connection {
    pub fn new(stream: TcpStream, activity: Arc<Activity>, stopping: Arc<OnceLock<Instant>>) -> Connection {
        Connection {
            stream,
            activity,
            stopping,
            begun: 0,
            ended: 0,
            head_since: None,
            idle_since: Instant::now(),
            stalled_since: None,
            read_timer: Timer::default(),
            write_timer: Timer::default(),
        }
    }

    /// When the peer must have sent something; never while a request is being handled, which has a timeout of its own. A peer that
    /// is still taking an answer is not idle, however long that lasts.
    fn read_deadline(&mut self) -> Option<Instant> {
        let (begun, ended) = (self.activity.begun.load(Relaxed), self.activity.ended.load(Relaxed));
        if begun != self.begun || self.stalled_since.is_some() {
            self.head_since = None;
        }
        if ended != self.ended || self.stalled_since.is_some() {
            self.idle_since = Instant::now();
        }
        (self.begun, self.ended) = (begun, ended);
        if begun != ended {
            return None;
        }
        Some(match (self.head_since, self.stopping.get()) {
            (Some(since), _) => since + HEAD,
            (None, Some(stopped)) => self.idle_since.max(*stopped) + IDLE_WHEN_STOPPING,
            (None, None) => self.idle_since + IDLE,
        })
    }

    fn poll_stalled<T>(&mut self, context: &mut Context<'_>, outcome: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if outcome.is_ready() {
            self.stalled_since = None;
            return outcome;
        }
        let since = *self.stalled_since.get_or_insert_with(Instant::now);
        match self.write_timer.poll(context, since + WRITE) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = buffer.filled().len();
        let outcome = Pin::new(&mut this.stream).poll_read(context, buffer);
        let deadline = this.read_deadline();
        if outcome.is_ready() {
            if buffer.filled().len() > before && deadline.is_some() && this.head_since.is_none() {
                this.head_since = Some(Instant::now());
            }
            return outcome;
        }
        match deadline.map(|deadline| this.read_timer.poll(context, deadline)) {
            Some(Poll::Ready(())) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            _ => Poll::Pending,
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(context, buffer);
        self.poll_stalled(context, outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(context, buffers);
        self.poll_stalled(context, outcome)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
