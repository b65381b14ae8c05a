//! gRPC's health checking: readiness, of the server as a whole and of the inference service, which are one.

use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::HeaderMap;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use super::framing::{decoded, framed};
use super::protocol::health::health_check_response::ServingStatus;
use super::protocol::health::{HealthCheckRequest, HealthCheckResponse};
use super::status::trailers;
use super::stream::first;
use crate::app::App;
use crate::refusal::{Refusal, excerpt};

/// The inference service's full name.
pub const INFERENCE: &str = "inference.GRPCInferenceService";

pub fn check(app: &App, request: Bytes) -> Result<HealthCheckResponse, Refusal> {
    let HealthCheckRequest { service } = decoded(request)?;
    let status = status(app, &service)
        .ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, format!("there is no service `{}`", excerpt(&service))))?;
    Ok(response(status))
}

fn status(app: &App, service: &str) -> Option<ServingStatus> {
    let known = service.is_empty() || service == INFERENCE;
    known.then(|| if app.ready() { ServingStatus::Serving } else { ServingStatus::NotServing })
}

fn response(status: ServingStatus) -> HealthCheckResponse {
    HealthCheckResponse { status: status.into() }
}

/// Tells the status now and whenever it changes, until the caller goes or the process ends.
pub async fn watch(app: &App, request: Bytes, deadline: Instant, to: mpsc::Sender<Bytes>) -> HeaderMap {
    let work = async {
        let HealthCheckRequest { service } = decoded(request)?;
        let mut changed = app.changed.subscribe();
        let mut told = None;
        loop {
            // The protocol wants a service that nobody knows to be watched, too: it might come.
            let status = status(app, &service).unwrap_or(ServingStatus::ServiceUnknown);
            if told != Some(status) {
                told = Some(status);
                if to.send(framed(&response(status), None)?.into()).await.is_err() {
                    return Ok(());
                }
            }
            let mut stopping = app.stopping.subscribe();
            let stopped = async {
                let _ = stopping.wait_for(|stopping| *stopping).await;
            };
            if first(changed.changed(), stopped).await.is_none() {
                return Err(Refusal::unavailable("the service is shutting down"));
            }
        }
    };
    let late = || Refusal::new(StatusCode::GATEWAY_TIMEOUT, "the watch lasted longer than its caller wanted");
    let outcome: Result<(), Refusal> = timeout_at(deadline, work).await.unwrap_or_else(|_| Err(late()));
    trailers(outcome.err().as_ref())
}
