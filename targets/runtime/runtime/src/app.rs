//! What all threads of one service share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

use bytes::Bytes;
use hyper::StatusCode;
use tokio::sync::watch;

use crate::api_key::ApiKey;
use crate::compute::Pool;
use crate::loader::Loader;
use crate::metrics::{Meter, Metrics};
use crate::names;
use crate::openapi;
use crate::otlp::Exporter;
use crate::prediction_log::PredictionLog;
use crate::refusal::{Refusal, excerpt};
use crate::repository::{Entry, Repository, State, Table};
use crate::service::{Service, Tensor};
use crate::settings::Settings;
use crate::shadow::{self, Shadows};
use crate::source::Problem;
use crate::versions::{self, Wanted};

pub struct App {
    pub service: &'static Service,
    pub settings: Settings,
    pub metrics: Metrics,
    pub repository: Repository,
    /// What nearly all requests ask for, where the model's name can only be written in one way.
    pub infer_path: Option<String>,
    pub loader: Loader,
    pub shadows: Arc<Shadows>,
    /// The process was told to end: not ready any more, but still serving.
    pub draining: AtomicBool,
    /// Told whenever [`App::ready`] may have changed.
    pub changed: watch::Sender<()>,
    /// True once no more connections are accepted: what is idle ends now.
    pub stopping: watch::Sender<bool>,
    /// True while there is hardly room for another connection: what is idle makes room.
    pub crowded: watch::Sender<bool>,
    pub api_key: Option<ApiKey>,
    pub pool: Pool,
    pub prediction_log: Option<PredictionLog>,
    /// Where spans go, if anywhere.
    pub exporter: Option<Exporter>,
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
    pub fn new(service: &'static Service, settings: Settings, loader: Loader) -> Result<App, String> {
        let api_key = settings.api_key_file.clone().map(ApiKey::open).transpose()?;
        let pool = Pool::new(settings.threads).map_err(|error| format!("cannot start a thread: {error}"))?;
        settings.prediction_log.check(service)?;
        let prediction_log = PredictionLog::new(&settings.prediction_log)
            .map_err(|error| format!("cannot read random bytes for the prediction log: {error}"))?;
        let exporter = settings.traces.config.clone().map(Exporter::new);
        let metrics = Metrics::new(settings.emf != crate::settings::Emf::Off);
        let Wanted { versions, shadow_sample } = versions::wanted(&service.model, &settings)?;
        let entries =
            versions.into_iter().map(|version| Entry::absent(version, State::Loading, "the model is loading"));
        let table = Table { entries: entries.collect(), shadow_sample };
        let repository = Repository::new(&service.model, table);
        let shadows = Arc::new(Shadows::new(settings.max_body_bytes));
        Ok(App {
            service,
            settings,
            metrics,
            repository,
            infer_path: infer_path(service.model.name),
            loader,
            shadows,
            draining: AtomicBool::new(false),
            changed: watch::Sender::default(),
            stopping: watch::Sender::default(),
            crowded: watch::Sender::default(),
            api_key,
            pool,
            prediction_log,
            exporter,
            bodies: AtomicUsize::new(0),
            streams: AtomicUsize::new(0),
        })
    }

    pub fn ready(&self) -> bool {
        self.repository.table().ready() && !self.draining.load(Relaxed)
    }

    /// Why it is not.
    pub fn unready(&self) -> &'static str {
        if self.draining.load(Relaxed) { "the service is shutting down" } else { "the model is loading" }
    }

    pub fn drain(&self) {
        self.draining.store(true, Relaxed);
        self.changed.send_replace(());
    }

    /// Where requests are counted that got no version: with the one that most would have got.
    pub fn default_meter(&self) -> Arc<Meter> {
        let table = self.repository.table();
        let first = table.entries.iter().max_by_key(|entry| entry.declared.traffic);
        self.metrics.meter(first.map_or("", |entry| &entry.declared.label))
    }

    /// 404 unless the model is the one that is served.
    pub fn known(&self, name: &str) -> Result<(), Refusal> {
        let served = &self.service.model;
        if name == served.name {
            return Ok(());
        }
        let message = format!("there is no model `{}`; this service has `{}`", excerpt(name), served.name);
        Err(Refusal::new(StatusCode::NOT_FOUND, message))
    }

    /// The version of the model that is named, if one is. 404 when there is none of these names.
    pub fn find(&self, name: &str, version: Option<&str>) -> Result<Option<Entry>, Refusal> {
        self.known(name)?;
        version.map(|version| self.repository.entry(version)).transpose()
    }

    /// Whether the version can answer, or without one whether the model can; if not, why not.
    pub fn answers(&self, version: Option<&Entry>) -> Result<(), String> {
        let (ready, why) = match version {
            Some(entry) if !self.draining.load(Relaxed) => (entry.served.is_some(), why_unready(entry)),
            _ => (self.ready(), self.unready().to_owned()),
        };
        if ready { Ok(()) } else { Err(why) }
    }

    /// The repository's content, all of it or what is `ready`.
    pub fn index(&self, ready: bool) -> Vec<IndexEntry> {
        let draining = self.draining.load(Relaxed);
        let entry = |entry: &Entry| {
            let (state, reason) = match entry.state {
                State::Ready if draining => (State::Unavailable, self.unready()),
                state => (state, entry.reason.as_str()),
            };
            let (name, version) = (self.service.model.name, entry.declared.label.clone());
            IndexEntry { name, version, state, reason: reason.to_owned() }
        };
        let entries = self.repository.table().entries.iter().map(entry).collect::<Vec<IndexEntry>>();
        entries.into_iter().filter(|entry| !ready || entry.state == State::Ready).collect()
    }

    /// The answer to `GET /openapi.json`, with the versions that there are now.
    pub fn openapi(&self) -> String {
        let tensors = |tensors: &'static [Tensor]| -> Vec<openapi::Tensor<'static>> {
            let one = |tensor: &Tensor| openapi::Tensor {
                name: tensor.name,
                datatype: tensor.datatype.name(),
                shape: tensor.shape,
            };
            tensors.iter().map(one).collect()
        };
        let (model, table) = (&self.service.model, self.repository.table());
        let api = openapi::Api {
            service: self.service.name,
            model: model.name,
            versions: &table.labels().collect::<Vec<&str>>(),
            inputs: &tensors(model.inputs),
            outputs: &tensors(model.outputs),
            api_key: self.api_key.is_some(),
            repository: self.settings.repository_api,
        };
        openapi::document(&api)
    }

    /// 403 unless the settings let callers load and unload. Whoever may ask for an inference may not therefore end them all.
    pub fn may_change(&self) -> Result<(), Refusal> {
        if self.settings.repository_api {
            return Ok(());
        }
        let message = format!(
            "loading and unloading over the network is switched off; set {}=on to allow it",
            names::REPOSITORY_API
        );
        Err(Refusal::new(StatusCode::FORBIDDEN, message))
    }

    /// Reads the list of versions again, and returns once they are swapped. `parameters` are the names of the request's.
    pub async fn load(&self, mut parameters: impl Iterator<Item = &String>) -> Result<(), Refusal> {
        self.may_change()?;
        if let Some(name) = parameters.next() {
            // An override would serve what nobody compiled for.
            let message = format!(
                "the parameter `{}` is not supported: versions come from the service's own list",
                excerpt(name)
            );
            return Err(Refusal::invalid(message));
        }
        let told = |why| format!("failed to load `{}`, what was served goes on: {why}", self.service.model.name);
        self.loader.load().await.map_err(|problem| match problem.told(told) {
            Problem::Wrong(why) => Refusal::invalid(why),
            Problem::Unreachable(why) => Refusal::unavailable(why),
        })
    }

    /// Takes all versions out of service. `parameters` as for [`App::load`].
    pub async fn unload(&self, mut parameters: impl Iterator<Item = &String>) -> Result<(), Refusal> {
        self.may_change()?;
        // The one parameter that the protocol has says what to do with parts of an ensemble, which there are none of here.
        if let Some(name) = parameters.find(|name| *name != "unload_dependents") {
            return Err(Refusal::invalid(format!("the parameter `{}` is not supported", excerpt(name))));
        }
        self.loader.unload().await;
        Ok(())
    }
}

fn infer_path(model: &str) -> Option<String> {
    let is_plain = model.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    is_plain.then(|| format!("/v2/models/{model}/infer"))
}

fn why_unready(entry: &Entry) -> String {
    match entry.state {
        State::Ready | State::Loading => "the model is loading".to_owned(),
        State::Unloading | State::Unavailable => format!("the version is not loaded: {}", entry.reason),
    }
}

/// A version of the model, as the repository lists it.
pub struct IndexEntry {
    pub name: &'static str,
    pub version: String,
    pub state: State,
    pub reason: String,
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
    /// 503 when there is none left.
    pub fn take(app: &Arc<App>) -> Result<Place, Refusal> {
        let place = Place(Arc::clone(app));
        let before = app.metrics.in_flight.fetch_add(1, Relaxed);
        // When it is one too many, the drop takes it back.
        let is_free = before < app.settings.max_in_flight;
        if is_free { Ok(place) } else { Err(Refusal::unavailable("too many requests in flight")) }
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
    _copy: Option<shadow::Copy>,
}

impl Unread {
    /// `copy` sets out to its shadow once the answer is written.
    pub fn bytes(app: &Arc<App>, body: Vec<u8>, copy: Option<shadow::Copy>) -> Bytes {
        let mut memory = Memory::new(app);
        memory.grow(body.len());
        Bytes::from_owner(Unread { body, _memory: memory, _copy: copy })
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
