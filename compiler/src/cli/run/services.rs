//! The services that a workflow asks: those that run already, and those that are started for it, with the runtime that is emitted.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value as Json;
use ureq::Agent;
use windlass::run::Failure;
use windlass_schemas::codes;
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::plan::Plan;
use windlass_targets::kubernetes::settings;

use super::super::serve;

/// How long a service may take until it is ready: its model is loaded and warmed up.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where services answer, by name; those that were started end with this.
#[derive(Default)]
pub struct Services {
    /// The address of inference.
    urls: BTreeMap<String, String>,
    started: Vec<Child>,
}

impl Services {
    /// Starts those of `asked` that are not given.
    pub fn start(
        plan: &Plan,
        asked: &[&str],
        given: BTreeMap<String, String>,
        dir: &Path,
        diags: &mut Diagnostics,
    ) -> Result<Self, Box<Diagnostic>> {
        let mut services = Services::default();
        for service in asked.iter().filter_map(|name| plan.service(name)) {
            let base = match given.get(&service.name) {
                Some(url) => url.trim_end_matches('/').to_owned(),
                None => {
                    let port =
                        free_port(services.started.len()).map_err(|error| failed(&service.name, &error.to_string()))?;
                    let command = serve::command(service, settings(plan, service), dir, port, diags);
                    let Some(mut command) = command else { return Err(failed(&service.name, "it can't be started")) };
                    command.stdout(Stdio::null()).stderr(Stdio::piped());
                    let child = command.spawn().map_err(|error| failed(&service.name, &error.to_string()))?;
                    services.started.push(child);
                    format!("http://127.0.0.1:{port}")
                }
            };
            services.urls.insert(service.name.clone(), format!("{base}/v2/models/{}/infer", service.model.name));
            if !given.contains_key(&service.name) {
                services.ready(&service.name, &base)?;
            }
        }
        Ok(services)
    }

    /// Waits until the service that was started last is ready.
    fn ready(&mut self, name: &str, base: &str) -> Result<(), Box<Diagnostic>> {
        let agent = agent(Duration::from_secs(1));
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            if agent.get(format!("{base}/v2/health/ready")).call().is_ok_and(|answer| answer.status() == 200) {
                return Ok(());
            }
            if let Some(child) = self.started.last_mut()
                && let Ok(Some(status)) = child.try_wait()
            {
                let said = child.stderr.take().map(std::io::read_to_string).and_then(Result::ok).unwrap_or_default();
                let said = said.lines().last().unwrap_or_default();
                return Err(failed(name, &format!("it ended with {status}: {said}")));
            }
            thread::sleep(Duration::from_millis(5));
        }
        Err(failed(name, &format!("it was not ready after {PATIENCE:?}")))
    }

    /// Asks a service. Errors have the names that an HTTP Task gives them.
    pub fn infer(&self, service: &str, request: &Json, timeout: Duration) -> Result<Json, Failure> {
        let url = self.urls.get(service).map_or("", String::as_str);
        let sent = agent(timeout).post(url).header("content-type", "application/json").send(request.to_string());
        let mut answer = sent.map_err(|error| of_error(&error, timeout))?;
        let (status, text) =
            (answer.status(), answer.body_mut().read_to_string().map_err(|error| of_error(&error, timeout))?);
        if !status.is_success() {
            return Err(Failure::new(&format!("States.Http.StatusCode.{}", status.as_u16()), &text));
        }
        serde_json::from_str(&text)
            .map_err(|error| Failure::new("States.QueryEvaluationError", &format!("the answer is not JSON: {error}")))
    }
}

impl Drop for Services {
    fn drop(&mut self) {
        for child in &mut self.started {
            // One that has ended needs no ending.
            let _ = child.kill().and_then(|()| child.wait());
        }
    }
}

fn agent(timeout: Duration) -> Agent {
    Agent::config_builder().timeout_global(Some(timeout)).http_status_as_error(false).build().new_agent()
}

fn of_error(error: &ureq::Error, timeout: Duration) -> Failure {
    match error {
        ureq::Error::Timeout(_) => Failure::new("States.Timeout", &format!("no answer within {timeout:?}")),
        error => Failure::new("States.Http.Socket", &error.to_string()),
    }
}

/// A port that nobody listens on, and none of those that systems give to connections: one of them might take it before the
/// service listens.
fn free_port(taken: usize) -> std::io::Result<u16> {
    let first = std::process::id() as usize * 61 + taken;
    let mut ports = (first..first + 1000).map(|number| 10_000 + (number % 20_000) as u16);
    ports
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .ok_or_else(|| ErrorKind::AddrInUse.into())
}

fn failed(name: &str, why: &str) -> Box<Diagnostic> {
    Box::new(Diagnostic::nowhere(&codes::NOT_RUN, format!("the service `{name}` does not run: {why}")))
}
