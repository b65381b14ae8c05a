//! The short methods: one message in, one out. Only loading and unloading take time, on a thread of their own.

use bytes::Bytes;

use super::Method;
use super::framing::{decoded, framed};
use super::protocol::inference as oip;
use crate::app::App;
use crate::compression::Coding;
use crate::refusal::Refusal;
use crate::repository::Entry;
use crate::service::{self, DataType};

/// The answer with its prefix.
pub async fn answer(app: &App, method: Method, request: Bytes, coding: Option<Coding>) -> Result<Vec<u8>, Refusal> {
    match method {
        Method::ServerLive => framed(&oip::ServerLiveResponse { live: true }, coding),
        Method::ServerReady => framed(&oip::ServerReadyResponse { ready: app.ready() }, coding),
        Method::ModelReady => {
            let oip::ModelReadyRequest { name, version } = decoded(request)?;
            // A model that is not there is not ready; clients take an error for a fault.
            let ready = find(app, &name, &version).is_ok_and(|entry| app.answers(entry.as_ref()).is_ok());
            framed(&oip::ModelReadyResponse { ready }, coding)
        }
        Method::ServerMetadata => {
            let response = oip::ServerMetadataResponse {
                name: app.service.name.to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                extensions: crate::http::EXTENSIONS.map(str::to_owned).to_vec(),
            };
            framed(&response, coding)
        }
        Method::ModelMetadata => {
            let oip::ModelMetadataRequest { name, version } = decoded(request)?;
            find(app, &name, &version)?;
            framed(&metadata(app), coding)
        }
        Method::ModelConfig => {
            let oip::ModelConfigRequest { name, version } = decoded(request)?;
            find(app, &name, &version)?;
            framed(&oip::ModelConfigResponse { config: Some(config(&app.service.model)) }, coding)
        }
        Method::ModelStatistics => {
            let oip::ModelStatisticsRequest { name, version } = decoded(request)?;
            // No name stands for every model, and no version for every one.
            let entry = if name.is_empty() { None } else { find(app, &name, &version)? };
            let model_stats = match entry {
                Some(entry) => vec![statistics(app, &entry.declared.label)],
                None => app.repository.table().labels().map(|version| statistics(app, version)).collect(),
            };
            framed(&oip::ModelStatisticsResponse { model_stats }, coding)
        }
        Method::RepositoryIndex => {
            let oip::RepositoryIndexRequest { repository_name, ready } = decoded(request)?;
            one_repository(&repository_name)?;
            let models = app.index(ready).into_iter().map(|entry| oip::repository_index_response::ModelIndex {
                name: entry.name.to_owned(),
                version: entry.version,
                state: entry.state.name().to_owned(),
                reason: entry.reason,
            });
            framed(&oip::RepositoryIndexResponse { models: models.collect() }, coding)
        }
        Method::RepositoryModelLoad => {
            let oip::RepositoryModelLoadRequest { repository_name, model_name, parameters } = decoded(request)?;
            one_repository(&repository_name)?;
            app.known(&model_name)?;
            app.load(parameters.keys()).await?;
            framed(&oip::RepositoryModelLoadResponse {}, coding)
        }
        Method::RepositoryModelUnload => {
            let oip::RepositoryModelUnloadRequest { repository_name, model_name, parameters } = decoded(request)?;
            one_repository(&repository_name)?;
            app.known(&model_name)?;
            app.unload(parameters.keys()).await?;
            framed(&oip::RepositoryModelUnloadResponse {}, coding)
        }
        Method::HealthCheck => framed(&super::health::check(app, request)?, coding),
        Method::ModelInfer | Method::ModelStreamInfer | Method::HealthWatch | Method::Reflection => {
            Err(Refusal::internal("the method is answered elsewhere"))
        }
    }
}

fn find(app: &App, name: &str, version: &str) -> Result<Option<Entry>, Refusal> {
    app.find(name, Some(version).filter(|version| !version.is_empty()))
}

fn one_repository(name: &str) -> Result<(), Refusal> {
    if name.is_empty() { Ok(()) } else { Err(Refusal::invalid("repositories have no names here; leave it empty")) }
}

fn metadata(app: &App) -> oip::ModelMetadataResponse {
    let model = &app.service.model;
    let tensors = |tensors: &[service::Tensor]| {
        let tensor = |tensor: &service::Tensor| oip::model_metadata_response::TensorMetadata {
            name: tensor.name.to_owned(),
            datatype: tensor.datatype.name().to_owned(),
            shape: tensor.shape.to_vec(),
        };
        tensors.iter().map(tensor).collect()
    };
    oip::ModelMetadataResponse {
        name: model.name.to_owned(),
        versions: app.repository.table().labels().map(str::to_owned).collect(),
        platform: service::PLATFORM.to_owned(),
        inputs: tensors(model.inputs),
        outputs: tensors(model.outputs),
    }
}

/// What Triton's configuration would say of the model. Its batch is a dimension like any other, so there is no largest one.
fn config(model: &service::Model) -> oip::ModelConfig {
    oip::ModelConfig {
        name: model.name.to_owned(),
        platform: service::PLATFORM.to_owned(),
        max_batch_size: 0,
        input: (model.inputs.iter())
            .map(|tensor| oip::ModelInput {
                name: tensor.name.to_owned(),
                data_type: data_type(tensor.datatype).into(),
                dims: tensor.shape.to_vec(),
            })
            .collect(),
        output: (model.outputs.iter())
            .map(|tensor| oip::ModelOutput {
                name: tensor.name.to_owned(),
                data_type: data_type(tensor.datatype).into(),
                dims: tensor.shape.to_vec(),
            })
            .collect(),
        backend: "tract".to_owned(),
    }
}

fn data_type(datatype: DataType) -> oip::DataType {
    match datatype {
        DataType::Bool => oip::DataType::TypeBool,
        DataType::Uint8 => oip::DataType::TypeUint8,
        DataType::Uint16 => oip::DataType::TypeUint16,
        DataType::Uint32 => oip::DataType::TypeUint32,
        DataType::Uint64 => oip::DataType::TypeUint64,
        DataType::Int8 => oip::DataType::TypeInt8,
        DataType::Int16 => oip::DataType::TypeInt16,
        DataType::Int32 => oip::DataType::TypeInt32,
        DataType::Int64 => oip::DataType::TypeInt64,
        DataType::Fp16 => oip::DataType::TypeFp16,
        DataType::Fp32 => oip::DataType::TypeFp32,
        DataType::Fp64 => oip::DataType::TypeFp64,
        DataType::Bytes => oip::DataType::TypeString,
    }
}

fn statistics(app: &App, version: &str) -> oip::ModelStatistics {
    let totals = app.metrics.meter(version).totals();
    let duration = |(count, ns)| Some(oip::StatisticDuration { count, ns });
    oip::ModelStatistics {
        name: app.service.model.name.to_owned(),
        version: version.to_owned(),
        last_inference: totals.last_run,
        inference_count: totals.rows,
        execution_count: totals.computed.0,
        inference_stats: Some(oip::InferStatistics {
            success: duration(totals.succeeded),
            fail: duration(totals.failed),
            compute_infer: duration(totals.computed),
        }),
    }
}
