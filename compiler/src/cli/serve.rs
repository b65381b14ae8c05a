//! `windlass serve`: a service of a spec on this machine, with the runtime that is emitted, and without a build.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use serde_json::json;
use windlass_schemas::codes;
use windlass_schemas::diagnostic::{Diagnostic, Diagnostics};
use windlass_schemas::plan::Service;
use windlass_schemas::suggest::did_you_mean;
use windlass_schemas::tensor::DataType;
use windlass_targets::TARGETS;
use windlass_targets::inference::config::Settings;
use windlass_targets::inference::{config, names, shape};
use windlass_targets::kubernetes::settings;

use super::report::{Color, report};
use super::{Job, Spec, engine, work};

/// Variables of this shell that would have another model served, or elsewhere.
const FOREIGN: [&str; 6] = [
    names::LISTEN,
    names::MODEL_PATH,
    names::MODEL_STORE,
    names::MODEL_CONFIG,
    names::API_KEY_FILE,
    names::OTLP_ENDPOINT,
];

/// Elements of the largest input that an example request shows.
const MOST_SHOWN: i64 = 256;

#[derive(clap::Args)]
pub struct Serve {
    /// The service, as in `service "NAME"`.
    service: String,
    #[command(flatten)]
    spec: Spec,
    /// The port on 127.0.0.1 [default: the service's own].
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    port: Option<u16>,
}

impl Serve {
    /// Serves until it is told to stop, and exits as the server does.
    pub fn run(&self, color: Color) -> ExitCode {
        let Job { sources, mut diags, compiled, .. } = work(&self.spec, TARGETS, false);
        let prepared = match compiled.filter(|_| !self.spec.reporting.stops(&diags)) {
            Some(compiled) => compiled.plan().and_then(|plan| {
                let names = || plan.services.iter().map(|service| service.name.as_str());
                match plan.service(&self.service) {
                    Some(service) => self.prepare(service, settings(plan, service), &mut diags),
                    None => {
                        let message = format!("there is no service `{}`", self.service);
                        let help = did_you_mean(&self.service, names())
                            .or_else(|| Some(format!("there are `{}`", names().collect::<Vec<_>>().join("`, `"))))
                            .filter(|_| !plan.services.is_empty());
                        diags.push(Diagnostic::nowhere(&codes::UNDEFINED_REFERENCE, message).maybe_help(help));
                        None
                    }
                }
            }),
            None => None,
        };
        if report(diags, &sources, &self.spec.dir, &self.spec.reporting, color).is_none() {
            return ExitCode::FAILURE;
        }
        match prepared {
            Some((command, told)) => {
                eprint!("{told}");
                become_it(command)
            }
            None => ExitCode::FAILURE,
        }
    }

    /// The command that serves, and what there is to tell before. `None` when there is no server, which is reported.
    fn prepare(&self, service: &Service, settings: Settings, diags: &mut Diagnostics) -> Option<(Command, String)> {
        let port = self.port.unwrap_or(service.port);
        let command = command(service, settings, &self.spec.dir, port, diags)?;
        Some((command, told(service, port)))
    }
}

/// The command that serves on this port of 127.0.0.1. `None` when there is no server, which is reported.
pub fn command(
    service: &Service,
    mut settings: Settings,
    dir: &Path,
    port: u16,
    diags: &mut Diagnostics,
) -> Option<Command> {
    let program = match engine::find() {
        Ok(program) => program,
        Err(why) => {
            let message = format!("`windlass-server` serves, and can't be found: {why}");
            let help = "build it with `cargo install --path targets/runtime/server`, and put it beside `windlass` or on the PATH, \
                            or name it in WINDLASS_SERVER";
            diags.push(Diagnostic::nowhere(&codes::ENGINE_MISSING, message).help(help));
            return None;
        }
    };
    // Nobody balances load to this machine, sends a key or takes metrics and spans; and the models are the project's own files.
    let elsewhere = [names::MODEL_STORE, names::MODEL_CACHE, names::AWS_REGION];
    for name in [names::API_KEY_FILE, names::EMF, names::OTLP_ENDPOINT].into_iter().chain(elsewhere) {
        settings.remove(name);
    }
    settings.insert(names::LISTEN, format!("127.0.0.1:{port}").into());
    settings.insert(names::MODEL_PATH, engine::folder(dir).into());
    settings.insert(names::DRAIN_DELAY, "0s".into());
    let config = config::in_project(service, &settings).to_string();
    let input = match unnamed(config.as_bytes()) {
        Ok(file) => file,
        Err(error) => {
            let message = "a temporary file can't be written";
            diags.push(Diagnostic::nowhere(&codes::OUTPUT, message).help(error.to_string()));
            return None;
        }
    };
    let mut command = Command::new(program);
    command.args(["serve", "--config", "-"]).stdin(Stdio::from(input));
    // What the command line says is stronger than what this shell serves otherwise.
    for name in FOREIGN {
        command.env_remove(name);
    }
    Some(command)
}

/// A file without a name that holds these bytes, to be read from its start.
fn unnamed(bytes: &[u8]) -> io::Result<File> {
    let path = std::env::temp_dir().join(format!("windlass-serve-{}.json", std::process::id()));
    let mut file = File::options().read(true).write(true).create_new(true).open(&path)?;
    std::fs::remove_file(&path)?;
    file.write_all(bytes)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

/// The address, and a request to try.
fn told(service: &Service, port: u16) -> String {
    let (model, url) = (&service.model, format!("http://127.0.0.1:{port}/v2/models/{}", service.model.name));
    let others: String = service.others.iter().map(|other| format!(", {}", other.version)).collect();
    let mut told = format!(
        "serving `{}` (version {}{others} of the model `{}`) on http://127.0.0.1:{port}\n\n",
        service.name, model.version, model.name
    );
    let example = model.signature.inputs.iter().map(|input| {
        let shape: Vec<i64> = shape(input).into_iter().map(|size| size.max(1)).collect();
        let elements = shape.iter().try_fold(1_i64, |product, size| product.checked_mul(*size));
        let elements = usize::try_from(elements.filter(|elements| *elements <= MOST_SHOWN)?).ok()?;
        let zero = match input.datatype {
            DataType::Bool => json!(false),
            DataType::Bytes => json!(""),
            _ => json!(0),
        };
        let data = vec![zero; elements];
        Some(json!({ "name": input.name, "shape": shape, "datatype": input.datatype.name(), "data": data }))
    });
    told += &match example.collect::<Option<Vec<_>>>() {
        Some(inputs) => {
            let body = json!({ "inputs": inputs }).to_string().replace('\'', "'\\''");
            format!("  curl -s {url}/infer -d '{body}'\n\n")
        }
        None => format!("  curl -s {url}\n\n"),
    };
    told
}

/// Becomes the server, so that signals and the exit status need no passing on.
#[cfg(unix)]
fn become_it(mut command: Command) -> ExitCode {
    use std::os::unix::process::CommandExt;
    let error = command.exec();
    eprintln!("windlass-server can't be run: {error}");
    ExitCode::FAILURE
}

/// Runs the server, and exits as it does.
#[cfg(not(unix))]
fn become_it(mut command: Command) -> ExitCode {
    match command.status() {
        Ok(status) => ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)),
        Err(error) => {
            eprintln!("windlass-server can't be run: {error}");
            ExitCode::FAILURE
        }
    }
}
