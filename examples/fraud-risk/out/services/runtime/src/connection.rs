//! A TCP stream -> the same stream with deadlines, so that no peer can hold a connection by being slow.
//!
//! Its first bytes tell HTTP/2 from HTTP/1. Of the latter, one request comes after another, and reading has deadlines here; of the
//! former, many come at once, and [`Watch`] looks from time to time at what became of them.
//!
//! hyper has one timeout for both the time between requests and the time for a head. Balancers want the first to be longer than a
//! minute, or they send a request into a connection that closes at that moment; the second should be seconds. A timer is armed only
//! when there is nothing to read, and not moved at each request, so that an active connection pays nothing for it.
//!
//! What hyper cannot read it refuses by itself, with a status and no word; the reason is put in on the way out.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::reply::Held;
use crate::server::HEAD_BYTES;

/// What a peer that speaks HTTP/2 without having asked sends first.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Longer than the idle timeout of the usual balancers, 60 s.
const IDLE: Duration = Duration::from_secs(75);
/// The same while there is hardly room for another connection.
const IDLE_WHEN_CROWDED: Duration = Duration::from_secs(1);
/// For an idle connection once the process has stopped accepting, counted from that moment: a request may be on its way. Every answer
/// from then on says that the connection closes.
const IDLE_WHEN_STOPPING: Duration = Duration::from_millis(500);
/// From the first byte of a head to its last.
const HEAD: Duration = Duration::from_secs(10);
/// For a peer to take some of the answer.
const WRITE: Duration = Duration::from_secs(30);

/// What the process is doing, told to the connections of one thread.
#[derive(Default)]
pub struct Situation {
    /// When it stopped accepting.
    pub stopped: OnceLock<Instant>,
    pub crowded: AtomicBool,
}

impl Situation {
    /// How long a connection may be idle before it stops accepting.
    fn idle(&self) -> Duration {
        if self.crowded.load(Relaxed) { IDLE_WHEN_CROWDED } else { IDLE }
    }
}

/// What a connection is doing, told by the handler to the stream.
#[derive(Default)]
pub struct Activity {
    begun: AtomicU64,
    ended: AtomicU64,
    /// Answers, or messages of one, that HTTP/2 has been given and the peer has not wholly taken.
    unread: AtomicUsize,
    /// Grows whenever the peer takes some of them.
    taken: AtomicU64,
}

impl Activity {
    /// Marks a request that lasts until the guard is dropped.
    pub fn begin(self: &Arc<Activity>) -> Request {
        self.begun.fetch_add(1, Relaxed);
        Request(Arc::clone(self))
    }

    /// The same bytes, known here until they are written.
    pub fn unread(self: &Arc<Activity>, bytes: Bytes) -> Bytes {
        self.unread.fetch_add(1, Relaxed);
        Bytes::from_owner(Held { bytes, _reading: Reading(Arc::clone(self)) })
    }

    pub fn taken(&self) {
        self.taken.fetch_add(1, Relaxed);
    }
}

pub struct Reading(Arc<Activity>);

impl Drop for Reading {
    fn drop(&mut self) {
        self.0.taken();
        self.0.unread.fetch_sub(1, Relaxed);
    }
}

pub struct Request(Arc<Activity>);

impl Drop for Request {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Relaxed);
    }
}

/// What an HTTP/2 connection deserves.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    Stay,
    /// It is asked to go: streams that are open are finished.
    Leave,
    /// It is closed as it is.
    Cut,
}

/// Looks at an HTTP/2 connection from time to time. Pings prove that a peer lives, not that it does anything.
pub struct Watch {
    activity: Arc<Activity>,
    begun: u64,
    idle_since: Instant,
    taken: u64,
    stalled_since: Instant,
    left: Option<Instant>,
}

impl Watch {
    pub fn new(activity: Arc<Activity>) -> Watch {
        let now = Instant::now();
        Watch { activity, begun: 0, idle_since: now, taken: 0, stalled_since: now, left: None }
    }

    /// How long until the next look.
    pub fn every(stopping: bool) -> Duration {
        if stopping { Duration::from_millis(50) } else { Duration::from_secs(1) }
    }

    /// What is asked to leave is so once.
    pub fn look(&mut self, now: Instant, situation: &Situation) -> Verdict {
        let stopped = situation.stopped.get().copied();
        let activity = &self.activity;
        let (begun, ended) = (activity.begun.load(Relaxed), activity.ended.load(Relaxed));
        let (unread, taken) = (activity.unread.load(Relaxed), activity.taken.load(Relaxed));
        if unread == 0 || taken != self.taken {
            self.stalled_since = now;
        }
        self.taken = taken;
        if now >= self.stalled_since + WRITE {
            return Verdict::Cut;
        }
        if begun != ended || begun != self.begun || unread > 0 {
            self.idle_since = now;
        }
        self.begun = begun;
        let (idle, stopping) = (self.idle_since, stopped.map(|stopped| self.idle_since.max(stopped)));
        match (self.left, stopping) {
            (None, Some(_)) => {}
            (None, None) if now >= idle + situation.idle() => {}
            (Some(_), Some(since)) if now >= since + IDLE_WHEN_STOPPING => return Verdict::Cut,
            (Some(left), None) if now >= idle.max(left) + HEAD => return Verdict::Cut,
            _ => return Verdict::Stay,
        }
        self.left = Some(now);
        Verdict::Leave
    }
}

pub struct Connection {
    stream: TcpStream,
    /// What was read to tell the protocols apart.
    preface: Bytes,
    /// Deadlines for reading are left to [`Watch`].
    is_http2: bool,
    activity: Arc<Activity>,
    situation: Arc<Situation>,
    /// Requests seen so far, to notice that a head was complete and that an answer was made.
    begun: u64,
    ended: u64,
    head_since: Option<Instant>,
    idle_since: Instant,
    stalled_since: Option<Instant>,
    read_timer: Timer,
    write_timer: Timer,
    /// What is left to write of a refusal that takes the place of hyper's.
    refusal: Bytes,
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
    pub fn new(stream: TcpStream, activity: Arc<Activity>, situation: Arc<Situation>) -> Connection {
        Connection {
            stream,
            preface: Bytes::new(),
            is_http2: false,
            activity,
            situation,
            begun: 0,
            ended: 0,
            head_since: None,
            idle_since: Instant::now(),
            stalled_since: None,
            read_timer: Timer::default(),
            write_timer: Timer::default(),
            refusal: Bytes::new(),
        }
    }

    /// Waits for as many bytes as tell which protocol the peer speaks.
    pub async fn speaks_http2(&mut self) -> io::Result<bool> {
        let mut bytes = [0; 1024];
        let mut buffer = ReadBuf::new(&mut bytes);
        loop {
            let before = buffer.filled().len();
            poll_fn(|context| Pin::new(&mut *self).poll_read(context, &mut buffer)).await?;
            let seen = buffer.filled();
            let is_http2 = seen.starts_with(PREFACE);
            if is_http2 || !PREFACE.starts_with(seen) || seen.len() == before {
                self.preface = Bytes::copy_from_slice(seen);
                self.is_http2 = is_http2;
                return Ok(is_http2);
            }
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
        if begun != ended || self.is_http2 {
            return None;
        }
        Some(match (self.head_since, self.situation.stopped.get()) {
            (Some(since), _) => since + HEAD,
            (None, Some(stopped)) => self.idle_since.max(*stopped) + IDLE_WHEN_STOPPING,
            (None, None) => self.idle_since + self.situation.idle(),
        })
    }

    /// Writes what is to take the place of `buffer`, if that is one of hyper's own refusals.
    fn poll_refusal(&mut self, context: &mut Context<'_>, buffer: &[u8]) -> Option<Poll<io::Result<usize>>> {
        if self.is_http2 {
            return None;
        }
        if self.refusal.is_empty() {
            self.refusal = with_reason(buffer)?;
        }
        while !self.refusal.is_empty() {
            let outcome = Pin::new(&mut self.stream).poll_write(context, &self.refusal);
            match self.poll_stalled(context, outcome) {
                Poll::Ready(Ok(count)) if count > 0 => self.refusal.advance(count),
                Poll::Ready(Ok(_)) => return Some(Poll::Ready(Err(io::ErrorKind::WriteZero.into()))),
                other => return Some(other),
            }
        }
        Some(Poll::Ready(Ok(buffer.len())))
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

/// The refusals that hyper writes itself, with a body that says why. Its other answers are those of the handler, and are not.
fn with_reason(written: &[u8]) -> Option<Bytes> {
    // The handler's have more headers than fit in.
    let head = Some(written).filter(|head| head.len() < 160 && head.starts_with(b"HTTP/1."))?;
    let head = std::str::from_utf8(head).ok()?;
    let (head, rest) = head.split_once("content-length: 0\r\n").filter(|(_, rest)| rest.ends_with("\r\n\r\n"))?;
    let error = match head.get(9..12)? {
        "400" => "the request cannot be read as HTTP/1.1".to_owned(),
        "414" | "431" => format!("the head of the request is longer than {HEAD_BYTES} bytes"),
        _ => return None,
    };
    let body = serde_json::json!({ "error": error }).to_string();
    let length = body.len();
    Some(format!("{head}content-type: application/json\r\ncontent-length: {length}\r\n{rest}{body}").into())
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if !this.preface.is_empty() {
            let length = this.preface.len().min(buffer.remaining());
            buffer.put_slice(&this.preface[..length]);
            this.preface.advance(length);
            return Poll::Ready(Ok(()));
        }
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
        if let Some(outcome) = self.poll_refusal(context, buffer) {
            return outcome;
        }
        let outcome = Pin::new(&mut self.stream).poll_write(context, buffer);
        self.poll_stalled(context, outcome)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if let [only] = buffers
            && let Some(outcome) = self.poll_refusal(context, only)
        {
            return outcome;
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_refusals_without_a_word_get_one() {
        let date = "date: Sat, 01 Jan 2030 00:00:00 GMT\r\n\r\n";
        for (head, part) in [
            ("HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n", "cannot be read"),
            (
                "HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n",
                "16384 bytes",
            ),
        ] {
            let told = with_reason(format!("{head}{date}").as_bytes()).unwrap();
            let (head, body) = std::str::from_utf8(&told).unwrap().split_once("\r\n\r\n").unwrap();
            assert!(head.contains(&format!("\r\ncontent-length: {}\r\n", body.len())) && body.contains(part), "{body}");
        }
        for other in [
            "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n",
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 20\r\n",
            "HTTP/1.1 100 Continue\r\n",
            "content-length: 0\r\n",
        ] {
            assert_eq!(with_reason(format!("{other}{date}").as_bytes()), None, "{other}");
        }
    }

    fn watch() -> (Arc<Activity>, Watch, Instant) {
        let activity = Arc::new(Activity::default());
        let watch = Watch::new(Arc::clone(&activity));
        let start = watch.idle_since;
        (activity, watch, start)
    }

    #[test]
    fn who_does_nothing_is_asked_to_leave_and_then_cut() {
        let (activity, mut watch, start) = watch();
        let open = Situation::default();
        assert_eq!(watch.look(start + IDLE / 2, &open), Verdict::Stay);
        drop(activity.begin());
        let used = start + IDLE - Duration::from_secs(1);
        assert_eq!(watch.look(used, &open), Verdict::Stay);
        assert_eq!(watch.look(used + IDLE / 2, &open), Verdict::Stay);
        assert_eq!(watch.look(used + IDLE, &open), Verdict::Leave);
        assert_eq!(watch.look(used + IDLE + HEAD / 2, &open), Verdict::Stay);
        assert_eq!(watch.look(used + IDLE + HEAD, &open), Verdict::Cut);
    }

    #[test]
    fn a_request_keeps_a_connection_from_being_cut() {
        let (activity, mut watch, start) = watch();
        let open = Situation::default();
        let request = activity.begin();
        assert_eq!(watch.look(start + 2 * IDLE, &open), Verdict::Stay);
        let stopped = start + 2 * IDLE;
        let ending = Situation { stopped: stopped.into(), ..Situation::default() };
        assert_eq!(watch.look(stopped, &ending), Verdict::Leave);
        assert_eq!(watch.look(stopped + HEAD, &ending), Verdict::Stay);
        drop(request);
        assert_eq!(watch.look(stopped + HEAD + IDLE_WHEN_STOPPING / 2, &ending), Verdict::Stay);
        assert_eq!(watch.look(stopped + HEAD + IDLE_WHEN_STOPPING, &ending), Verdict::Cut);
    }

    #[test]
    fn who_takes_nothing_is_cut() {
        let (activity, mut watch, start) = watch();
        let open = Situation::default();
        let answer = activity.unread(Bytes::from_static(b"answer"));
        assert_eq!(watch.look(start + WRITE / 2, &open), Verdict::Stay);
        activity.taken();
        assert_eq!(watch.look(start + WRITE, &open), Verdict::Stay);
        assert_eq!(watch.look(start + WRITE * 2, &open), Verdict::Cut);
        drop(answer);
        assert_eq!(watch.look(start + WRITE * 3, &open), Verdict::Stay);
    }

    #[test]
    fn who_does_nothing_makes_room_when_it_is_crowded() {
        let (activity, mut watch, start) = watch();
        let situation = Situation { crowded: true.into(), ..Situation::default() };
        let request = activity.begin();
        assert_eq!(watch.look(start + IDLE, &situation), Verdict::Stay);
        drop(request);
        assert_eq!(watch.look(start + IDLE + IDLE_WHEN_CROWDED / 2, &situation), Verdict::Stay);
        assert_eq!(watch.look(start + IDLE + IDLE_WHEN_CROWDED, &situation), Verdict::Leave);
    }
}
