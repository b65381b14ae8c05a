//! The runtime of a generated inference service: constants about one ONNX model -> a server that speaks the Open Inference Protocol.
//!
//! A request passes through four stages, each a module: [`resource`] (the verified bytes of the model file), [`model`] (plans in the
//! engine), [`compute`] (tensors in, tensors out) and [`result`] (the answer's body). [`protocol`], [`plain`] and [`elements`] stand before
//! them and let nothing through that the model does not declare. Around them: [`http`], [`server`] and [`connection`] for the
//! network; [`access`] follows each request for those who watch, through [`metrics`], [`emf`], [`log`], [`prediction_log`] and, by
//! [`trace`] and [`otlp`], a collector of traces; [`openapi`] and [`page`] for those
//! who call.
//!
//! Three rules hold everywhere. What a request claims is checked before memory is taken for it. No thread that serves connections
//! waits for anything but them. A panic in the engine costs one request.

mod access;
mod api_key;
mod app;
mod aws;
mod batching;
mod body;
mod compression;
mod compute;
mod connection;
mod elements;
mod emf;
mod exposition;
mod frame;
#[doc(hidden)]
pub mod fuzzing;
pub mod golden;
mod grpc;
mod http;
mod infer;
mod line;
mod loader;
mod log;
mod metrics;
mod model;
pub mod names;
mod nested;
pub mod offline;
mod openapi;
#[doc(hidden)]
pub mod operators;
mod otlp;
mod page;
mod plain;
mod plan;
mod prediction_log;
mod process;
mod profile;
mod protocol;
mod quiet;
mod refusal;
mod reply;
mod repository;
mod resource;
mod rest;
mod result;
mod server;
mod service;
mod settings;
mod shadow;
mod source;
mod trace;
mod versions;

use std::process::ExitCode;
use std::task::Poll;
use std::time::Duration;

pub use log::Level;
pub use server::Server;
pub use service::{DataType, Golden, Model, Service, Tensor, Version};
pub use settings::{Emf, Settings};

use log::Line;

/// musl's own allocator has one lock for all threads, and glibc's takes several times as long for the aligned memory of tensors.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The whole of a generated `main`: settings from the environment, then serve until SIGTERM or SIGINT.
///
/// Exits with 1, and a JSON line on standard error, when a setting is wrong, the address is taken or the model does not load.
pub fn run(service: &'static Service) -> ExitCode {
    run_with(service, || Settings::from_environment(service))
}

/// As [`run`], with settings from anywhere.
pub fn run_with(service: &'static Service, settings: impl FnOnce() -> Result<Settings, String>) -> ExitCode {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let line =
            Line::new(Level::Error, "panic").text("reason", plan::panic_text(panic.payload())).text("at", &place);
        line.log();
    }));
    let outcome = settings().and_then(|settings| start(service, settings));
    log::flush(Duration::from_secs(2));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            use std::io::Write;
            let line = Line::new(Level::Error, "cannot serve").text("service", service.name).text("error", &why);
            let _ = std::io::stderr().write_all(line.finish().as_bytes());
            ExitCode::FAILURE
        }
    }
}

fn start(service: &'static Service, settings: Settings) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("cannot start the runtime: {error}"))?;
    runtime.block_on(async {
        use tokio::signal::unix::{SignalKind, signal};
        let listen = |kind| signal(kind).map_err(|error| format!("cannot listen for signals: {error}"));
        let (mut terminate, mut interrupt) = (listen(SignalKind::terminate())?, listen(SignalKind::interrupt())?);
        let (told, count) = tokio::sync::watch::channel(0);
        tokio::spawn(async move {
            loop {
                std::future::poll_fn(|context| match terminate.poll_recv(context) {
                    Poll::Ready(_) => Poll::Ready(()),
                    Poll::Pending => interrupt.poll_recv(context).map(|_| ()),
                })
                .await;
                told.send_modify(|count| *count += 1);
            }
        });
        let reaches = |least: u32| {
            let mut count = count.clone();
            async move {
                let _ = count.wait_for(|count| *count >= least).await;
            }
        };
        let server = Server::bind(service, settings)?;
        let mut hang_up = listen(SignalKind::hangup())?;
        let reloader = server.reloader();
        tokio::spawn(async move {
            while hang_up.recv().await.is_some() {
                reloader.reload();
            }
        });
        // Whoever signals twice is in a hurry.
        server.serve(reaches(1), reaches(2)).await
    })
}
