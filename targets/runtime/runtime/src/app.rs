//! What all threads of one service share.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use hyper::StatusCode;
use tokio::sync::watch;

use crate::api_key::ApiKey;
use crate::compute::Pool;
use crate::metrics::Metrics;
use crate::model::Engine;
use crate::refusal::{Refusal, excerpt};
use crate::service::Service;
use crate::settings::Settings;

pub struct App {
    pub service: &'static Service,
    pub settings: Settings,
    pub metrics: Metrics,
    /// Set once the model is loaded and warm.
    pub engine: OnceLock<Engine>,
    /// The process was told to end: not ready any more, but still serving.
    pub draining: AtomicBool,
    /// Told whenever [`App::ready`] may have changed.
    pub changed: watch::Sender<()>,
    /// True once no more connections are accepted: what is idle ends now.
    pub stopping: watch::Sender<bool>,
    pub api_key: Option<ApiKey>,
    pub pool: Pool,
    /// Bytes of bodies in memory, of requests that are being handled and of answers that are being read.
    bodies: AtomicUsize,
    /// Streams of all HTTP/2 connections together.
    streams: AtomicUsize,
}

/// Streams at once. Each takes a few kilobytes, however little its peer has sent.
const MOST_STREAMS: usize = 16_384;

/// Bodies in memory at once, in units of the largest one allowed.
const BODIES: usize = 8;

impl App {
    pub fn new(service: &'static Service, settings: Settings) -> Result<App, String> {
        let api_key = settings.api_key_file.clone().map(ApiKey::open).transpose()?;
        let pool = Pool::new(settings.threads).map_err(|error| format!("cannot start a thread: {error}"))?;
        let metrics = Metrics::new(settings.emf != crate::settings::Emf::Off);
        Ok(App {
            service,
            settings,
            metrics,
            engine: OnceLock::new(),
            draining: AtomicBool::new(false),
            changed: watch::Sender::default(),
            stopping: watch::Sender::default(),
            api_key,
            pool,
            bodies: AtomicUsize::new(0),
            streams: AtomicUsize::new(0),
        })
    }

    pub fn ready(&self) -> bool {
        self.engine.get().is_some() && !self.draining.load(Relaxed)
    }

    /// Why it is not.
    pub fn unready(&self) -> &'static str {
        if self.draining.load(Relaxed) { "the service is shutting down" } else { "the model is loading" }
    }

    pub fn drain(&self) {
        self.draining.store(true, Relaxed);
        self.changed.send_replace(());
    }

    /// 404 unless the model is the one that is served, in the version that is served or in none that is named.
    pub fn find(&self, name: &str, version: Option<&str>) -> Result<(), Refusal> {
        let served = &self.service.model;
        let not_found = |message: String| Err(Refusal::new(StatusCode::NOT_FOUND, message));
        if name != served.name {
            return not_found(format!("there is no model `{}`; this service has `{}`", excerpt(name), served.name));
        }
        if let Some(version) = version.filter(|version| *version != served.version) {
            let (asked, has) = (excerpt(version), served.version);
            return not_found(format!("model `{name}` has no version `{asked}`; it has `{has}`"));
        }
        Ok(())
    }

    /// The repository's content: one model.
    pub fn index(&self) -> Vec<IndexEntry> {
        let model = &self.service.model;
        let (state, reason) = if self.ready() { ("READY", "") } else { ("UNAVAILABLE", self.unready()) };
        vec![IndexEntry { name: model.name, version: model.version, state, reason }]
    }

    /// Makes a model ready: the one that there is, once it is.
    pub fn load(&self, name: &str) -> Result<(), Refusal> {
        self.find(name, None)?;
        if self.engine.get().is_none() { Err(Refusal::unavailable("the model is loading")) } else { Ok(()) }
    }

    /// Takes a model out of service, which cannot be done with the only one.
    pub fn unload(&self, name: &str) -> Result<(), Refusal> {
        self.find(name, None)?;
        Err(Refusal::new(StatusCode::NOT_IMPLEMENTED, "the only model of a service cannot be unloaded"))
    }
}

/// A model in a version, as the repository lists it.
pub struct IndexEntry {
    pub name: &'static str,
    pub version: &'static str,
    pub state: &'static str,
    pub reason: &'static str,
}

/// A place among the streams of all HTTP/2 connections.
pub struct Stream(Arc<App>);

impl Stream {
    pub fn open(app: &Arc<App>) -> Option<Stream> {
        let stream = Stream(Arc::clone(app));
        let before = app.streams.fetch_add(1, Relaxed);
        (before < MOST_STREAMS).then_some(stream)
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.0.streams.fetch_sub(1, Relaxed);
    }
}

/// A place among the requests in flight.
pub struct Place(Arc<App>);

impl Place {
    pub fn take(app: &Arc<App>) -> Option<Place> {
        let place = Place(Arc::clone(app));
        let before = app.metrics.in_flight.fetch_add(1, Relaxed);
        // When it is one too many, the drop takes it back.
        (before < app.settings.max_in_flight).then_some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.metrics.in_flight.fetch_sub(1, Relaxed);
    }
}

/// Memory for one body, given back when dropped. A request's grows with the bytes that have come, not with those that were announced;
/// an answer's is taken when it is made, and keeps out further requests until its reader has taken it.
pub struct Memory {
    app: Arc<App>,
    bytes: usize,
}

impl Memory {
    pub fn new(app: &Arc<App>) -> Memory {
        Memory { app: Arc::clone(app), bytes: 0 }
    }

    /// False when all bodies together would be too much.
    pub fn grow(&mut self, bytes: usize) -> bool {
        self.bytes += bytes;
        let before = self.app.bodies.fetch_add(bytes, Relaxed);
        before.saturating_add(bytes) <= self.app.settings.max_body_bytes.saturating_mul(BODIES)
    }

    /// Splits off what `bytes` of it are for.
    pub fn part(&mut self, bytes: usize) -> Memory {
        let bytes = bytes.min(self.bytes);
        self.bytes -= bytes;
        Memory { app: Arc::clone(&self.app), bytes }
    }
}

/// An answer until it is written: readers that are slow, and many, must not fill the process.
pub struct Unread {
    body: Vec<u8>,
    _memory: Memory,
}

impl Unread {
    pub fn bytes(app: &Arc<App>, body: Vec<u8>) -> Bytes {
        let mut memory = Memory::new(app);
        memory.grow(body.len());
        Bytes::from_owner(Unread { body, _memory: memory })
    }
}

impl AsRef<[u8]> for Unread {
    fn as_ref(&self) -> &[u8] {
        &self.body
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.app.bodies.fetch_sub(self.bytes, Relaxed);
    }
}
