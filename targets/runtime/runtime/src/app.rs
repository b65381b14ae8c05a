//! What all threads of one service share.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;

use crate::api_key::ApiKey;
use crate::compute::Pool;
use crate::metrics::Metrics;
use crate::model::Engine;
use crate::openapi;
use crate::otlp::Exporter;
use crate::prediction_log::PredictionLog;
use crate::service::{Service, Tensor};
use crate::settings::Settings;

pub struct App {
    pub service: &'static Service,
    pub settings: Settings,
    pub metrics: Metrics,
    /// Set once the model is loaded and warm.
    pub engine: OnceLock<Engine>,
    /// The process was told to end: not ready any more, but still serving.
    pub draining: AtomicBool,
    pub api_key: Option<ApiKey>,
    pub pool: Pool,
    pub prediction_log: Option<PredictionLog>,
    /// Where spans go, if anywhere.
    pub exporter: Option<Exporter>,
    /// The answer to `GET /openapi.json`.
    pub openapi: Bytes,
    /// Bytes of bodies in memory, of requests that are being handled and of answers that are being read.
    bodies: AtomicUsize,
}

/// Bodies in memory at once, in units of the largest one allowed.
const BODIES: usize = 8;

impl App {
    pub fn new(service: &'static Service, settings: Settings) -> Result<App, String> {
        let api_key = settings.api_key_file.clone().map(ApiKey::open).transpose()?;
        let pool = Pool::new(settings.threads).map_err(|error| format!("cannot start a thread: {error}"))?;
        settings.prediction_log.check(service)?;
        let prediction_log = PredictionLog::new(&settings.prediction_log)
            .map_err(|error| format!("cannot read random bytes for the prediction log: {error}"))?;
        let exporter = settings.traces.config.clone().map(Exporter::new);
        let metrics = Metrics::new(settings.emf != crate::settings::Emf::Off);
        Ok(App {
            service,
            settings,
            metrics,
            engine: OnceLock::new(),
            prediction_log,
            exporter,
            openapi: openapi(service, api_key.is_some()),
            draining: AtomicBool::new(false),
            api_key,
            pool,
            bodies: AtomicUsize::new(0),
        })
    }

    pub fn ready(&self) -> bool {
        self.engine.get().is_some() && !self.draining.load(Relaxed)
    }
}

fn openapi(service: &Service, api_key: bool) -> Bytes {
    let tensors = |tensors: &'static [Tensor]| -> Vec<openapi::Tensor<'static>> {
        let one = |tensor: &Tensor| openapi::Tensor {
            name: tensor.name,
            datatype: tensor.datatype.name(),
            shape: tensor.shape,
        };
        tensors.iter().map(one).collect()
    };
    let model = &service.model;
    let api = openapi::Api {
        service: service.name,
        model: model.name,
        versions: &[model.version],
        inputs: &tensors(model.inputs),
        outputs: &tensors(model.outputs),
        api_key,
        repository: false,
    };
    Bytes::from(openapi::document(&api))
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
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.app.bodies.fetch_sub(self.bytes, Relaxed);
    }
}
