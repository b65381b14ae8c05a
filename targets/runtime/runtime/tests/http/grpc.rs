//! The gRPC service and HTTP/2: methods, statuses, limits, and an end that loses nothing.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use bytes::Bytes;
use hyper::Request;
use prost::Message;
use serde_json::Value;
use tokio::time::{sleep, timeout};
use windlass_runtime::{Service, names};

use crate::rpc::{Answer, Rpc, SERVICE, answer, connect, framed, next, prefixed, run, try_connect};
use crate::served::{ADD_ONE, CLASSIFIER, Running, SLOW, TWO_INPUTS, TYPES, fp32, start, start_with};
use crate::{observe, versions};

#[allow(dead_code, clippy::enum_variant_names, reason = "generated, and a test uses a part")]
#[path = "../../src/grpc/protocol/health.rs"]
#[rustfmt::skip]
mod health;
#[allow(dead_code, clippy::enum_variant_names, reason = "generated, and a test uses a part")]
#[path = "../../src/grpc/protocol/inference.rs"]
#[rustfmt::skip]
mod oip;
#[allow(dead_code, clippy::enum_variant_names, reason = "generated, and a test uses a part")]
#[path = "../../src/grpc/protocol/reflection.rs"]
#[rustfmt::skip]
mod reflection;

use oip::model_infer_request::{InferInputTensor, InferRequestedOutputTensor};
use oip::{InferTensorContents, ModelInferRequest, ModelInferResponse, ModelStreamInferResponse};

fn input(name: &str, datatype: &str, shape: &[i64]) -> InferInputTensor {
    InferInputTensor { name: name.into(), datatype: datatype.into(), shape: shape.to_vec(), ..Default::default() }
}

fn bytes_of(floats: &[f32]) -> Bytes {
    floats.iter().flat_map(|float| float.to_le_bytes()).collect::<Vec<u8>>().into()
}

/// To the model that adds one.
fn raw(floats: &[f32]) -> ModelInferRequest {
    let rows = floats.len() as i64 / 3;
    ModelInferRequest {
        model_name: "add-one".into(),
        id: "42".into(),
        inputs: vec![input("x", "FP32", &[rows, 3])],
        raw_input_contents: vec![bytes_of(floats)],
        ..Default::default()
    }
}

fn typed(floats: &[f32]) -> ModelInferRequest {
    let mut request = raw(floats);
    request.raw_input_contents.clear();
    request.inputs[0].contents = Some(InferTensorContents { fp32_contents: floats.to_vec(), ..Default::default() });
    request
}

/// Takes a while: about a millisecond a row.
fn slow(rows: usize) -> ModelInferRequest {
    ModelInferRequest {
        model_name: "slow".into(),
        inputs: vec![input("x", "FP32", &[rows as i64, 512])],
        raw_input_contents: vec![vec![0; rows * 512 * 4].into()],
        ..Default::default()
    }
}

/// One call on a connection of its own.
fn once(server: &Running, path: &str, metadata: &[(&str, &str)], body: Bytes) -> Answer {
    run(async { connect(server.address).await.0.raw(path, metadata, body).await.unwrap() })
}

fn infer(server: &Running, request: &ModelInferRequest) -> Answer {
    once(server, &format!("{SERVICE}ModelInfer"), &[], framed(request))
}

#[test]
fn answers_come_as_requests_do() {
    let server = start(&ADD_ONE);
    let response: ModelInferResponse = infer(&server, &raw(&[1.0, 2.0, 3.0, 4.0, 5.0, f32::INFINITY])).only();
    assert_eq!(
        (response.model_name.as_str(), response.model_version.as_str(), response.id.as_str()),
        ("add-one", "1", "42")
    );
    assert_eq!(response.raw_output_contents, [bytes_of(&[2.0, 3.0, 4.0, 5.0, 6.0, f32::INFINITY])]);
    let output = &response.outputs[0];
    assert_eq!((output.name.as_str(), output.datatype.as_str(), &output.shape[..]), ("y", "FP32", &[2, 3][..]));
    assert!(output.contents.is_none());

    let response: ModelInferResponse = infer(&server, &typed(&[1.0, 2.0, 3.0])).only();
    assert!(response.raw_output_contents.is_empty());
    assert_eq!(response.outputs[0].contents.as_ref().unwrap().fp32_contents, [2.0, 3.0, 4.0]);
}

#[test]
fn outputs_that_were_asked_for_come_alone() {
    let server = start(&CLASSIFIER);
    let mut request = ModelInferRequest {
        model_name: "classifier".into(),
        model_version: "1".into(),
        inputs: vec![input("features", "FP32", &[2, 16])],
        ..Default::default()
    };
    request.inputs[0].contents = Some(InferTensorContents { fp32_contents: vec![0.5; 32], ..Default::default() });
    let both: ModelInferResponse = infer(&server, &request).only();
    let labels = both.outputs[0].contents.as_ref().unwrap().int64_contents.clone();
    assert_eq!((both.outputs.len(), labels.len()), (2, 2));
    request.outputs = vec![InferRequestedOutputTensor { name: "label".into(), ..Default::default() }];
    let one: ModelInferResponse = infer(&server, &request).only();
    assert_eq!((one.outputs.len(), one.outputs[0].name.as_str()), (1, "label"));
    assert_eq!(one.outputs[0].contents.as_ref().unwrap().int64_contents, labels);
}

/// Every type there is, and an answer that is raw because one of its outputs has no other form.
#[test]
fn all_types_go_raw() {
    let server = start(&TYPES);
    let model = &TYPES.model;
    let size = |name: &str| match name.trim_start_matches(|c: char| c.is_ascii_alphabetic()) {
        "8" | "" => 1,
        "16" => 2,
        "32" => 4,
        _ => 8,
    };
    let request = ModelInferRequest {
        model_name: "types".into(),
        inputs: model.inputs.iter().map(|tensor| input(tensor.name, tensor.datatype.name(), tensor.shape)).collect(),
        raw_input_contents: (model.inputs.iter())
            .map(|tensor| match tensor.datatype.name() {
                "BYTES" => Bytes::from_static(b"\x02\0\0\0ab\0\0\0\0"),
                name => vec![1; 2 * size(name)].into(),
            })
            .collect(),
        ..Default::default()
    };
    let response: ModelInferResponse = infer(&server, &request).only();
    assert_eq!(response.raw_output_contents.len(), 13);
    // Each output is its input twice.
    for (given, output) in request.raw_input_contents.iter().zip(&response.raw_output_contents) {
        assert_eq!(given.repeat(2), *output);
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let server = start(&ADD_ONE);
    let good = || raw(&[1.0, 2.0, 3.0]);
    let with = |change: &dyn Fn(&mut ModelInferRequest)| {
        let mut request = good();
        change(&mut request);
        request
    };
    let parameter = || ("shared_memory_region".to_owned(), oip::InferParameter::default());
    let wanted = |name: &str| InferRequestedOutputTensor { name: name.into(), ..Default::default() };
    let contents = |c: InferTensorContents| {
        move |r: &mut ModelInferRequest| {
            r.raw_input_contents.clear();
            r.inputs[0].contents = Some(c.clone());
        }
    };
    let cases: Vec<(ModelInferRequest, u16, &str)> = vec![
        (with(&|r| r.model_name = "other".into()), 5, "there is no model `other`; this service has `add-one`"),
        (with(&|r| r.model_version = "2".into()), 5, "model `add-one` has no version `2`; it has `1`"),
        (with(&|r| r.inputs.clear()), 3, "raw_input_contents holds 1 tensors for 0 inputs"),
        (with(&|r| (r.inputs.clear(), r.raw_input_contents.clear()).0), 3, "input `x` is missing"),
        (with(&|r| r.inputs[0].name = "z".into()), 3, "the model has no input `z`; it has `x`"),
        (with(&|r| r.inputs[0].datatype = "INT64".into()), 3, "expected FP32, got `INT64`"),
        (with(&|r| r.inputs[0].shape = vec![3]), 3, "expected shape [-1, 3], got [3]"),
        (with(&|r| r.inputs[0].shape = vec![0, 3]), 3, "expected shape [-1, 3], got [0, 3]"),
        (with(&|r| r.inputs[0].shape = vec![2, 3]), 3, "needs 24 bytes, got 12"),
        (with(&|r| r.inputs[0].shape = vec![i64::MAX, 3]), 3, "more elements than memory"),
        (with(&|r| r.inputs.push(r.inputs[0].clone())), 3, "holds 1 tensors for 2 inputs"),
        (with(&|r| r.outputs = vec![wanted("z")]), 3, "the model has no output `z`; it has `y`"),
        (with(&|r| r.outputs = vec![wanted("y"), wanted("y")]), 3, "output `y` is asked for twice"),
        (with(&|r| r.inputs[0].parameters.extend([parameter()])), 3, "shared memory is not supported"),
        (with(&|r| r.inputs[0].contents = Some(InferTensorContents::default())), 3, "both contents and raw"),
        (with(&|r| r.raw_input_contents.clear()), 3, "neither contents nor raw"),
        (with(&contents(InferTensorContents::default())), 3, "needs 3 elements, the contents have 0"),
        (
            with(&contents(InferTensorContents { int_contents: vec![1, 2, 3], ..Default::default() })),
            3,
            "the contents of FP32 go into fp32_contents",
        ),
        (
            with(&contents(InferTensorContents { bytes_contents: vec![Bytes::new(); 9_000], ..Default::default() })),
            3,
            "more than 8192 tensors, strings and parameters",
        ),
        (with(&|r| r.inputs = vec![InferInputTensor::default(); 9_000]), 3, "more than 8192 tensors"),
    ];
    run(async {
        let (rpc, _connection) = connect(server.address).await;
        for (request, status, message) in cases {
            let answer = rpc.call("ModelInfer", &request).await;
            assert_eq!(answer.status, status, "{message}: {answer:?}");
            assert!(answer.message.contains(message), "{message}: {}", answer.message);
        }
        let _: ModelInferResponse = rpc.call("ModelInfer", &good()).await.only();
    });
    let total =
        |outcome: &str| server.metric(names::REQUESTS_TOTAL, &format!("outcome=\"{outcome}\",transport=\"grpc\""));
    assert_eq!((total("ok"), total("client_error"), total("server_error"), total("rejected")), (1.0, 20.0, 0.0, 0.0));
    assert_eq!(server.metric(names::IN_FLIGHT, ""), 0.0);
}

#[test]
fn bytes_that_are_no_message_are_refused() {
    let server = start_with(&ADD_ONE, &[(names::MAX_BODY_BYTES, "100000")]);
    server.wait_until_ready();
    let good = framed(&raw(&[1.0, 2.0, 3.0]));
    let mut announced = good.to_vec();
    announced[1] = 0xff;
    let deflated = [0x78, 0x9c, 0x03];
    let gzip = ("grpc-encoding", "gzip");
    type Case<'a> = (&'a [(&'a str, &'a str)], Bytes, u16, &'a str);
    let cases: [Case; 12] = [
        (&[], Bytes::new(), 3, "the request has no message"),
        (&[], good.slice(..3), 3, "the request ends within a message"),
        (&[], good.slice(..good.len() - 1), 3, "the request ends within a message"),
        (&[], [&good[..], &good[..]].concat().into(), 3, "more than one message"),
        (&[], announced.into(), 8, "larger than 100000 bytes"),
        (&[], prefixed(0, &vec![0; 100_001]), 8, "larger than 100000 bytes"),
        (&[], prefixed(2, &good[5..]), 3, "begins with 2"),
        (&[], prefixed(1, &good[5..]), 3, "grpc-encoding does not say how"),
        (&[gzip], prefixed(1, b"not gzip"), 3, "not valid gzip"),
        (&[("grpc-encoding", "deflate")], prefixed(1, &deflated), 3, "not valid deflate"),
        (&[("grpc-encoding", "br")], good.clone(), 12, "grpc-encoding `br` is not supported"),
        (&[], prefixed(0, &[0xff; 20]), 3, "the message is not valid"),
    ];
    run(async {
        let (rpc, _connection) = connect(server.address).await;
        for (metadata, body, status, message) in cases {
            let answer = rpc.raw(&format!("{SERVICE}ModelInfer"), metadata, body).await.unwrap();
            assert_eq!(answer.status, status, "{message}: {answer:?}");
            assert!(answer.message.contains(message), "{message}: {}", answer.message);
            assert_eq!(answer.headers["grpc-accept-encoding"], "identity,gzip,deflate");
        }
        // A message that is small and a content that is not.
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        std::io::Write::write_all(&mut encoder, &vec![0; 1 << 22]).unwrap();
        let bomb = prefixed(1, &encoder.finish().unwrap());
        assert_eq!(rpc.raw(&format!("{SERVICE}ModelInfer"), &[gzip], bomb).await.unwrap().status, 8);
        for (path, status) in
            [("/inference.GRPCInferenceService/ModelForget", 12), ("/other.Service/ModelInfer", 12), ("/", 12)]
        {
            assert_eq!(rpc.raw(path, &[], good.clone()).await.unwrap().status, status, "{path}");
        }
        let _: ModelInferResponse = rpc.raw(&format!("{SERVICE}ModelInfer"), &[], good).await.unwrap().only();
    });
}

#[test]
fn gzip_goes_both_ways() {
    let server = start(&ADD_ONE);
    let floats: Vec<f32> = vec![1.0; 3_000];
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut encoder, &raw(&floats).encode_to_vec()).unwrap();
    let body = prefixed(1, &encoder.finish().unwrap());
    let path = format!("{SERVICE}ModelInfer");
    let accepts = [("grpc-encoding", "gzip"), ("grpc-accept-encoding", "identity, deflate, gzip")];
    let answer = once(&server, &path, &accepts, body.clone());
    assert!(answer.compressed && answer.headers["grpc-encoding"] == "gzip", "{:?}", answer.headers);
    let mut content = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&answer.messages[0][..]), &mut content).unwrap();
    let response = ModelInferResponse::decode(&content[..]).unwrap();
    assert_eq!(response.raw_output_contents, [bytes_of(&vec![2.0; 3_000])]);

    // Who does not take it, or did not use it, does not get it.
    for (metadata, body) in [(&accepts[..1], body), (&accepts[1..], framed(&raw(&floats)))] {
        let answer = once(&server, &path, metadata, body);
        assert!(!answer.compressed && !answer.headers.contains_key("grpc-encoding"));
        assert!(answer.only::<ModelInferResponse>() == response);
    }
}

#[test]
fn the_short_methods_answer() {
    let mut server = start_with(&TWO_INPUTS, &[(names::DRAIN_DELAY, "2s")]);
    server.wait_until_ready();
    let (known, other) = ("two-inputs".to_owned(), "other".to_owned());
    run(async {
        let (rpc, _connection) = connect(server.address).await;
        assert!(rpc.call("ServerLive", &oip::ServerLiveRequest {}).await.only::<oip::ServerLiveResponse>().live);
        let ready = async || {
            rpc.call("ServerReady", &oip::ServerReadyRequest {}).await.only::<oip::ServerReadyResponse>().ready
        };
        assert!(ready().await);
        for (name, version, expected) in
            [(&known, "", true), (&known, "1", true), (&known, "2", false), (&other, "", false)]
        {
            let request = oip::ModelReadyRequest { name: name.clone(), version: version.into() };
            assert_eq!(rpc.call("ModelReady", &request).await.only::<oip::ModelReadyResponse>().ready, expected);
        }
        let metadata: oip::ServerMetadataResponse =
            rpc.call("ServerMetadata", &oip::ServerMetadataRequest {}).await.only();
        assert_eq!(
            (metadata.name.as_str(), &metadata.extensions[..]),
            ("two-inputs", &["binary_tensor_data".to_owned(), "model_repository".to_owned()][..])
        );

        let request = oip::ModelMetadataRequest { name: known.clone(), ..Default::default() };
        let metadata: oip::ModelMetadataResponse = rpc.call("ModelMetadata", &request).await.only();
        assert_eq!((metadata.platform.as_str(), &metadata.versions[..]), ("onnx_onnxv1", &["1".to_owned()][..]));
        let inputs: Vec<(&str, &[i64])> = metadata.inputs.iter().map(|t| (t.name.as_str(), &t.shape[..])).collect();
        assert_eq!(inputs, [("a", &[-1, 2][..]), ("b", &[-1, -1])]);
        let request = oip::ModelMetadataRequest { name: other.clone(), ..Default::default() };
        assert_eq!(rpc.call("ModelMetadata", &request).await.status, 5);

        let request = oip::ModelConfigRequest { name: known.clone(), ..Default::default() };
        let config = rpc.call("ModelConfig", &request).await.only::<oip::ModelConfigResponse>().config.unwrap();
        assert_eq!(
            (config.max_batch_size, config.input[0].data_type, &config.output[0].dims[..]),
            (0, 11, &[-1, 2][..])
        );

        let index = async |ready| {
            let request = oip::RepositoryIndexRequest { ready, ..Default::default() };
            rpc.call("RepositoryIndex", &request).await.only::<oip::RepositoryIndexResponse>().models
        };
        let models = index(true).await;
        assert_eq!((models.len(), models[0].name.as_str(), models[0].state.as_str()), (1, "two-inputs", "READY"));
        let load = |model_name: &String| oip::RepositoryModelLoadRequest {
            model_name: model_name.clone(),
            ..Default::default()
        };
        // Switched off, as for REST.
        let refused = rpc.call("RepositoryModelLoad", &load(&known)).await;
        assert_eq!((refused.status, refused.message.contains(names::REPOSITORY_API)), (7, true), "{}", refused.message);
        assert_eq!(rpc.call("RepositoryModelLoad", &load(&other)).await.status, 5);
        let unload = oip::RepositoryModelUnloadRequest { model_name: known.clone(), ..Default::default() };
        assert_eq!(rpc.call("RepositoryModelUnload", &unload).await.status, 7);

        server.tell_to_stop();
        while ready().await {}
        assert!(index(true).await.is_empty());
        let models = index(false).await;
        assert_eq!(
            (models[0].state.as_str(), models[0].reason.as_str()),
            ("UNAVAILABLE", "the service is shutting down")
        );
        assert!(
            !rpc.call("ModelReady", &oip::ModelReadyRequest { name: known, ..Default::default() })
                .await
                .only::<oip::ModelReadyResponse>()
                .ready
        );
    });
}

#[test]
fn statistics_count_what_was_done() {
    let server = start(&ADD_ONE);
    run(async {
        let (rpc, _connection) = connect(server.address).await;
        let statistics = async || {
            let all = rpc.call("ModelStatistics", &oip::ModelStatisticsRequest::default()).await;
            all.only::<oip::ModelStatisticsResponse>().model_stats.remove(0)
        };
        assert_eq!(statistics().await.last_inference, 0);
        for rows in 1..=3 {
            rpc.call("ModelInfer", &raw(&vec![0.0; 3 * rows])).await;
        }
        rpc.call("ModelInfer", &ModelInferRequest::default()).await;
        let found = statistics().await;
        assert_eq!((found.inference_count, found.execution_count), (6, 3));
        assert!(found.last_inference > 1_700_000_000_000);
        let durations = found.inference_stats.unwrap();
        let count = |duration: &Option<oip::StatisticDuration>| duration.as_ref().unwrap().count;
        assert_eq!((count(&durations.success), count(&durations.fail), count(&durations.compute_infer)), (3, 1, 3));
        let ns = |duration: &Option<oip::StatisticDuration>| duration.as_ref().unwrap().ns;
        assert!(ns(&durations.success) > ns(&durations.compute_infer) && ns(&durations.fail) > 0);
    });
}

#[test]
fn a_message_says_which_version_answers() {
    let server = versions::ready(&versions::SPLIT, &[]);
    run(async {
        let (rpc, _connection) = connect(server.address).await;
        let ask = |version: &str, id: &str| ModelInferRequest {
            model_name: "add".into(),
            model_version: version.into(),
            id: id.into(),
            ..raw(&[0.0; 3])
        };
        // The second version adds two, and says so.
        let answered = |response: ModelInferResponse| {
            let added = f32::from_le_bytes(response.raw_output_contents[0][..4].try_into().unwrap());
            assert_eq!(response.model_version, added.to_string());
            response.model_version
        };
        for version in ["1", "2", "2"] {
            assert_eq!(answered(rpc.call("ModelInfer", &ask(version, "")).await.only()), version);
        }
        let unknown = rpc.call("ModelInfer", &ask("3", "")).await;
        assert_eq!((unknown.status, &*unknown.message), (5, "model `add` has no version `3`; it has `1`, `2`"));
        // By the shares, and one id gets one version, over REST as well.
        let mut seen = std::collections::BTreeSet::new();
        for id in (0..40).map(|n| format!("caller-{n}")) {
            let version = answered(rpc.call("ModelInfer", &ask("", &id)).await.only());
            let rest = server
                .infer_bytes(&[(names::REQUEST_ID_HEADER, &id)], fp32("x", &[1, 3], &[0.0; 3]).to_string().as_bytes());
            assert_eq!(rest.json()["model_version"], *version, "{id}");
            seen.insert(version);
        }
        assert_eq!(seen.len(), 2);

        let request = oip::ModelMetadataRequest { name: "add".into(), ..Default::default() };
        assert_eq!(rpc.call("ModelMetadata", &request).await.only::<oip::ModelMetadataResponse>().versions, ["1", "2"]);
        for (version, status) in [("2", true), ("3", false)] {
            let request = oip::ModelReadyRequest { name: "add".into(), version: version.into() };
            assert_eq!(rpc.call("ModelReady", &request).await.only::<oip::ModelReadyResponse>().ready, status);
        }
        let statistics = async |version: &str| {
            let request = oip::ModelStatisticsRequest { name: "add".into(), version: version.into() };
            let all = rpc.call("ModelStatistics", &request).await.only::<oip::ModelStatisticsResponse>().model_stats;
            all.iter().map(|one| (one.version.clone(), one.execution_count)).collect::<Vec<(String, u64)>>()
        };
        let both = statistics("").await;
        assert_eq!((both.len(), both[0].1 + both[1].1), (2, 83), "{both:?}");
        assert_eq!(statistics("2").await, both[1..]);
    });
    let ok = |transport: &str| {
        let labels = |version: &str| format!("version=\"{version}\",outcome=\"ok\",transport=\"{transport}\"");
        ["1", "2"].iter().map(|version| server.metric(names::REQUESTS_TOTAL, &labels(version))).sum::<f64>()
    };
    assert_eq!((ok("grpc"), ok("http")), (43.0, 40.0));
}

#[test]
fn calls_are_watched_as_requests_are() {
    let (url, collected) = observe::collector();
    let settings = [(names::OTLP_ENDPOINT, url.as_str()), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")];
    let mut server = start_with(&ADD_ONE, &settings);
    server.wait_until_ready();
    run(async {
        let (rpc, _connection) = connect(server.address).await;
        let path = format!("{SERVICE}ModelInfer");
        let metadata = [(names::TRACEPARENT_HEADER, observe::PARENT), (names::REQUEST_ID_HEADER, "mine")];
        let answer = rpc.raw(&path, &metadata, framed(&raw(&[0.0; 3]))).await.unwrap();
        assert_eq!(answer.status, 0);
        assert_eq!(answer.headers[names::REQUEST_ID_HEADER], "mine");
        let trace = answer.headers[names::TRACERESPONSE_HEADER].to_str().unwrap();
        assert!(trace.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-"), "{trace}");
        let with_input = |input| ModelInferRequest { inputs: vec![input], ..raw(&[0.0; 3]) };
        rpc.call("ModelInfer", &with_input(input("x", "INT8", &[1, 3]))).await;
        rpc.call("ModelInfer", &with_input(input("x", "FP32", &[1, 4]))).await;
        rpc.call("ModelInfer", &ModelInferRequest { model_name: "other".into(), ..raw(&[0.0; 3]) }).await;
        // A stream's messages count one by one.
        let (response, mut stream) = rpc.open(&format!("{SERVICE}ModelStreamInfer"), &metadata).await.unwrap();
        let mut body = response.await.unwrap().into_body();
        for request in [raw(&[0.0; 3]), with_input(input("x", "INT8", &[1, 3]))] {
            stream.send_data(framed(&request), false).unwrap();
            next(&mut body).await.unwrap().unwrap();
        }
        stream.send_data(Bytes::new(), true).unwrap();
        assert!(next(&mut body).await.unwrap().is_none());
    });
    for (kind, count) in [("datatype", 2.0), ("shape", 1.0), ("unknown_model", 1.0), ("cancelled", 0.0)] {
        let labels = |transport: &str| format!("kind=\"{kind}\",transport=\"{transport}\"");
        assert_eq!(server.metric(names::ERRORS_TOTAL, &labels("grpc")), count, "{kind}");
        assert_eq!(server.metric(names::ERRORS_TOTAL, &labels("http")), 0.0, "{kind}");
    }
    assert_eq!(server.metric(names::REQUESTS_TOTAL, "outcome=\"ok\",transport=\"grpc\""), 2.0);
    server.stop().unwrap();
    let (_, body) = collected.recv_timeout(Duration::from_secs(10)).unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap();
    let spans = body["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().unwrap().clone();
    let ours = |name: &str| {
        let spans = spans.iter().filter(|span| span["name"] == name);
        spans.map(|span| span["attributes"].to_string()).collect::<Vec<String>>()
    };
    let calls = ours("inference.GRPCInferenceService/ModelInfer");
    assert_eq!(calls.len(), 4, "{body:#}");
    assert!(calls.iter().all(|call| call.contains("rpc.grpc.status_code")), "{calls:?}");
    assert_eq!(ours("inference.GRPCInferenceService/ModelStreamInfer").len(), 2);
    assert_eq!(ours("inference").len(), 2, "two calls came to the engine");
}

#[test]
fn calls_are_copied_to_the_shadow() {
    let server = versions::ready(&versions::SHADOWED, &[]);
    run(async {
        let (rpc, _connection) = connect(server.address).await;
        for id in (0..60).map(|n| format!("caller-{n}")) {
            let ask = ModelInferRequest { model_name: "add".into(), id, ..raw(&[0.0; 3]) };
            let response: ModelInferResponse = rpc.call("ModelInfer", &ask).await.only();
            assert_eq!(response.model_version, "1");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    });
    let begun = std::time::Instant::now();
    let copies = || server.metric(names::SHADOW_REQUESTS_TOTAL, "outcome=\"ok\"");
    while copies() < 15.0 {
        assert!(begun.elapsed() < Duration::from_secs(20), "{} copies", copies());
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(copies() <= 45.0, "half of them: {}", copies());
    assert_eq!(server.metric(names::SHADOW_MAX_DIFFERENCE, ""), 1.0);
}

#[test]
fn what_is_unloaded_is_loaded_again() {
    let server = start_with(&ADD_ONE, &[(names::REPOSITORY_API, "on")]);
    server.wait_until_ready();
    run(async {
        let (rpc, _connection) = connect(server.address).await;
        let name = || "add-one".to_owned();
        let unload = oip::RepositoryModelUnloadRequest { model_name: name(), ..Default::default() };
        let _: oip::RepositoryModelUnloadResponse = rpc.call("RepositoryModelUnload", &unload).await.only();
        assert_eq!(rpc.call("ModelInfer", &raw(&[0.0; 3])).await.status, 14);
        let parameters = [("config".to_owned(), oip::ModelRepositoryParameter::default())].into();
        let overriding = oip::RepositoryModelLoadRequest { model_name: name(), parameters, ..Default::default() };
        assert_eq!(rpc.call("RepositoryModelLoad", &overriding).await.status, 3);
        let load = oip::RepositoryModelLoadRequest { model_name: name(), ..Default::default() };
        let _: oip::RepositoryModelLoadResponse = rpc.call("RepositoryModelLoad", &load).await.only();
        assert_eq!(rpc.call("ModelInfer", &raw(&[0.0; 3])).await.status, 0);
    });
}

#[test]
fn a_stream_is_answered_in_order() {
    let mut server = start_with(&ADD_ONE, &[(names::DRAIN_DELAY, "100ms")]);
    server.wait_until_ready();
    run(async {
        let (rpc, _connection) = connect(server.address).await;
        let (response, mut stream) = rpc.open(&format!("{SERVICE}ModelStreamInfer"), &[]).await.unwrap();
        // The headers come before the first message is sent.
        let mut body = response.await.unwrap().into_body();
        let ask = |id: usize| ModelInferRequest { id: id.to_string(), ..raw(&[id as f32; 3]) };
        let wrong = ModelInferRequest { id: "9".into(), model_name: "other".into(), ..raw(&[0.0; 3]) };
        // Three in one frame, the fourth in pieces.
        let three = [framed(&ask(1)), framed(&wrong), framed(&ask(3))].concat();
        stream.send_data(three.into(), false).unwrap();
        let fourth = framed(&ask(4));
        stream.send_data(fourth.slice(..3), false).unwrap();
        sleep(Duration::from_millis(50)).await;
        stream.send_data(fourth.slice(3..20), false).unwrap();
        sleep(Duration::from_millis(50)).await;
        stream.send_data(fourth.slice(20..), false).unwrap();
        let mut answers = Vec::new();
        for _ in 0..4 {
            let (_, message) = next(&mut body).await.unwrap().expect("an answer");
            answers.push(ModelStreamInferResponse::decode(message).unwrap());
        }
        for (answer, id) in answers.iter().zip([1.0_f32, 9.0, 3.0, 4.0]) {
            let response = answer.infer_response.as_ref().unwrap();
            assert_eq!(response.id, id.to_string());
            if id == 9.0 {
                assert_eq!(answer.error_message, "there is no model `other`; this service has `add-one`");
            } else {
                assert_eq!(answer.error_message, "");
                assert_eq!(response.raw_output_contents, [bytes_of(&[id + 1.0; 3])]);
            }
        }
        stream.send_data(Bytes::new(), true).unwrap();
        assert!(next(&mut body).await.unwrap().is_none());
        assert_eq!(body.trailers().await.unwrap().unwrap()["grpc-status"], "0");

        // A stream that is open when the end comes is served until nothing more comes, and told why it ends.
        let (response, mut stream) = rpc.open(&format!("{SERVICE}ModelStreamInfer"), &[]).await.unwrap();
        let mut body = response.await.unwrap().into_body();
        server.tell_to_stop();
        for id in 0..6 {
            sleep(Duration::from_millis(100)).await;
            stream.send_data(framed(&ask(id)), false).unwrap();
            assert!(next(&mut body).await.unwrap().is_some());
        }
        assert!(next(&mut body).await.unwrap().is_none());
        assert_eq!(body.trailers().await.unwrap().unwrap()["grpc-status"], "14");
    });
    server.stop().unwrap();
}

#[test]
fn messages_of_a_stream_are_counted_one_by_one() {
    let server = start(&ADD_ONE);
    let good = framed(&raw(&[0.0; 3]));
    let body = [&good[..], &framed(&ModelInferRequest::default()), &good[..], &prefixed(7, b"")].concat();
    let answer = once(&server, &format!("{SERVICE}ModelStreamInfer"), &[], body.into());
    assert_eq!((answer.messages.len(), answer.status), (3, 3), "{}", answer.message);
    let total =
        |outcome: &str| server.metric(names::REQUESTS_TOTAL, &format!("outcome=\"{outcome}\",transport=\"grpc\""));
    assert_eq!((total("ok"), total("client_error")), (2.0, 1.0));
    assert_eq!(server.metric(names::IN_FLIGHT, ""), 0.0);
}

#[test]
fn the_callers_timeout_counts() {
    let server = start_with(&SLOW, &[(names::THREADS, "1"), (names::REQUEST_TIMEOUT, "20s")]);
    server.wait_until_ready();
    let path = format!("{SERVICE}ModelInfer");
    let begun = Instant::now();
    let answer = once(&server, &path, &[("grpc-timeout", "20m")], framed(&slow(6_000)));
    // On a machine that is busy, it may be the request that is late.
    assert!(answer.status == 4 && answer.message.ends_with("in time"), "{answer:?}");
    assert!(begun.elapsed() < Duration::from_secs(5));
    let answer = once(&server, &path, &[("grpc-timeout", "0n")], framed(&slow(1)));
    assert_eq!(answer.status, 4);
    let answer = once(&server, &path, &[("grpc-timeout", "soon")], framed(&slow(1)));
    assert_eq!((answer.status, answer.message.as_str()), (3, "grpc-timeout is `soon`, not a timeout"));
}

#[test]
fn the_parameter_timeout_counts() {
    use oip::InferParameter;
    use oip::infer_parameter::ParameterChoice::{self, BoolParam, Int64Param, StringParam, Uint64Param};
    let server = start_with(&SLOW, &[(names::THREADS, "1"), (names::REQUEST_TIMEOUT, "20s")]);
    server.wait_until_ready();
    let asked = |rows: usize, timeout: ParameterChoice| {
        let mut request = slow(rows);
        let parameter = InferParameter { parameter_choice: Some(timeout) };
        request.parameters.insert("timeout".into(), parameter);
        once(&server, &format!("{SERVICE}ModelInfer"), &[], framed(&request))
    };
    assert_eq!(asked(6_000, Int64Param(20_000)).status, 4);
    assert_eq!(asked(1, Uint64Param(19_000_000)).status, 0);
    assert_eq!(asked(1, Int64Param(0)).status, 0);
    for (wrong, shown) in [(Int64Param(-1), "-1"), (BoolParam(true), "true"), (StringParam("1s".into()), "\"1s\"")] {
        let answer = asked(1, wrong);
        let expected =
            format!("the parameter `timeout` is {shown}; write a whole number of microseconds, or 0 for none");
        assert_eq!((answer.status, answer.message), (3, expected));
    }
}

#[test]
fn the_settings_timeout_counts_when_it_is_less() {
    let server = start_with(&SLOW, &[(names::REQUEST_TIMEOUT, "20ms")]);
    server.wait_until_ready();
    let path = format!("{SERVICE}ModelInfer");
    assert_eq!(once(&server, &path, &[("grpc-timeout", "60S")], framed(&slow(6_000))).status, 4);
    run(async {
        // A message that never comes whole.
        let (rpc, _connection) = connect(server.address).await;
        for method in ["ModelInfer", "ModelStreamInfer"] {
            let (response, mut stream) = rpc.open(&format!("{SERVICE}{method}"), &[]).await.unwrap();
            stream.send_data(framed(&slow(1)).slice(..100), false).unwrap();
            let answer = timeout(Duration::from_secs(5), answer(response)).await.unwrap().unwrap();
            assert_eq!(answer.status, 4, "{method}: {}", answer.message);
        }
    });
}

#[test]
fn a_call_that_is_cancelled_is_not_computed() {
    let server = start_with(&SLOW, &[(names::THREADS, "1")]);
    server.wait_until_ready();
    run(async {
        let (rpc, _connection) = connect(server.address).await;
        let path = format!("{SERVICE}ModelInfer");
        let (first, mut stream) = rpc.open(&path, &[]).await.unwrap();
        stream.send_data(framed(&slow(1_000)), true).unwrap();
        sleep(Duration::from_millis(20)).await;
        let (second, mut stream) = rpc.open(&path, &[]).await.unwrap();
        stream.send_data(framed(&slow(1_000)), true).unwrap();
        while server.metric(names::IN_FLIGHT, "") < 2.0 {
            sleep(Duration::from_millis(5)).await;
        }
        stream.send_reset(h2::Reason::CANCEL);
        drop(second);
        assert_eq!(answer(first).await.unwrap().status, 0);
        while server.metric(names::IN_FLIGHT, "") > 0.0 {
            sleep(Duration::from_millis(5)).await;
        }
    });
    assert_eq!(server.metric(&format!("{}_count", names::COMPUTE_DURATION), ""), 1.0);
    let total =
        |outcome: &str| server.metric(names::REQUESTS_TOTAL, &format!("outcome=\"{outcome}\",transport=\"grpc\""));
    assert_eq!((total("ok"), total("client_error")), (1.0, 1.0));
}

#[test]
fn one_call_too_many_is_unavailable() {
    let server = start_with(&SLOW, &[(names::MAX_IN_FLIGHT, "1")]);
    server.wait_until_ready();
    run(async {
        let (rpc, _connection) = connect(server.address).await;
        let calls: Vec<_> = (0..4)
            .map(|_| {
                let rpc = rpc.clone();
                tokio::spawn(async move { rpc.call("ModelInfer", &slow(500)).await })
            })
            .collect();
        let mut statuses = Vec::new();
        for call in calls {
            statuses.push(call.await.unwrap().status);
        }
        statuses.sort_unstable();
        assert_eq!((statuses[0], statuses[3]), (0, 14), "{statuses:?}");
    });
    assert!(server.metric(names::REQUESTS_TOTAL, "outcome=\"rejected\",transport=\"grpc\"") >= 1.0);
}

#[test]
fn the_key_opens_everything_but_probes() {
    let file = std::env::temp_dir().join(format!("windlass-grpc-key-{}", std::process::id()));
    std::fs::write(&file, "s3cret\n").unwrap();
    let server = start_with(&ADD_ONE, &[(names::API_KEY_FILE, file.to_str().unwrap())]);
    server.wait_until_ready();
    let good = framed(&raw(&[0.0; 3]));
    let health = "/grpc.health.v1.Health/Check";
    for (path, key, status) in [
        (format!("{SERVICE}ModelInfer"), None, 16),
        (format!("{SERVICE}ModelInfer"), Some("wrong"), 16),
        (format!("{SERVICE}ModelInfer"), Some("s3cret"), 0),
        (format!("{SERVICE}ModelForget"), None, 16),
        (format!("{SERVICE}ModelStreamInfer"), None, 16),
        ("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo".to_owned(), None, 16),
    ] {
        let metadata: Vec<(&str, &str)> = key.iter().map(|key| ("x-api-key", *key)).collect();
        let answer = once(&server, &path, &metadata, good.clone());
        assert_eq!(answer.status, status, "{path} {key:?}");
    }
    for path in [health.to_owned(), format!("{SERVICE}ServerLive"), format!("{SERVICE}ServerReady")] {
        assert_eq!(once(&server, &path, &[], prefixed(0, b"")).status, 0, "{path}");
    }
    let _ = std::fs::remove_file(file);
}

#[test]
fn health_follows_readiness() {
    use health::{HealthCheckRequest, HealthCheckResponse};
    let mut server = start_with(&ADD_ONE, &[(names::DRAIN_DELAY, "300ms")]);
    run(async {
        let (rpc, _connection) = connect(server.address).await;
        let watch = async |service: &str| {
            let (response, mut stream) = rpc.open("/grpc.health.v1.Health/Watch", &[]).await.unwrap();
            stream.send_data(framed(&HealthCheckRequest { service: service.into() }), true).unwrap();
            response.await.unwrap().into_body()
        };
        let told = async |body: &mut h2::RecvStream| {
            let (_, message) = timeout(Duration::from_secs(20), next(body)).await.unwrap().unwrap().expect("a status");
            HealthCheckResponse::decode(message).unwrap().status
        };
        let (mut all, mut unknown) = (watch("").await, watch("nobody").await);
        // It may still be loading.
        let mut status = told(&mut all).await;
        if status == 2 {
            status = told(&mut all).await;
        }
        assert_eq!((status, told(&mut unknown).await), (1, 3));
        for (service, code) in [("", 0), ("inference.GRPCInferenceService", 0), ("nobody", 5)] {
            let request = framed(&HealthCheckRequest { service: service.into() });
            let answer = rpc.raw("/grpc.health.v1.Health/Check", &[], request).await.unwrap();
            assert_eq!(answer.status, code, "{service}");
            if code == 0 {
                assert_eq!(answer.only::<HealthCheckResponse>().status, 1);
            }
        }
        server.tell_to_stop();
        assert_eq!(told(&mut all).await, 2);
        for mut body in [all, unknown] {
            assert!(next(&mut body).await.unwrap().is_none());
            assert_eq!(body.trailers().await.unwrap().unwrap()["grpc-status"], "14");
        }
    });
    server.stop().unwrap();
}

#[test]
fn reflection_tells_every_protocol() {
    use reflection::server_reflection_request::MessageRequest::{
        AllExtensionNumbersOfType, FileByFilename, FileContainingSymbol, ListServices,
    };
    use reflection::server_reflection_response::MessageResponse;
    use reflection::{ServerReflectionRequest, ServerReflectionResponse};
    let server = start(&ADD_ONE);
    let asked = [
        ListServices(String::new()),
        FileContainingSymbol("inference.GRPCInferenceService.ModelInfer".into()),
        FileByFilename("inference.proto".into()),
        FileContainingSymbol("inference.Nothing".into()),
        AllExtensionNumbersOfType("inference.ModelInferRequest".into()),
    ];
    for version in ["v1", "v1alpha"] {
        let path = format!("/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo");
        let requests = asked
            .clone()
            .map(|message| framed(&ServerReflectionRequest { host: "h".into(), message_request: Some(message) }));
        let answer = once(&server, &path, &[], requests.concat().into());
        assert_eq!((answer.status, answer.messages.len()), (0, 5), "{}", answer.message);
        let responses: Vec<MessageResponse> = (answer.messages.iter().zip(&asked))
            .map(|(message, asked)| {
                let response = ServerReflectionResponse::decode(&message[..]).unwrap();
                assert!(response.original_request.unwrap().message_request.as_ref() == Some(asked));
                assert_eq!(response.valid_host, "h");
                response.message_response.unwrap()
            })
            .collect();
        let MessageResponse::ListServicesResponse(list) = &responses[0] else { panic!("no list") };
        let services: Vec<&str> = list.service.iter().map(|service| service.name.as_str()).collect();
        assert!(services.contains(&"inference.GRPCInferenceService") && services.len() == 4, "{services:?}");
        let (MessageResponse::FileDescriptorResponse(one), MessageResponse::FileDescriptorResponse(other)) =
            (&responses[1], &responses[2])
        else {
            panic!("no files")
        };
        assert!(one == other);
        assert!(one.file_descriptor_proto[0].windows(12).any(|window| window == b"ServerLiveRe"));
        let MessageResponse::ErrorResponse(error) = &responses[3] else { panic!("no error") };
        assert_eq!((error.error_code, error.error_message.as_str()), (5, "there is no symbol `inference.Nothing`"));
        assert!(matches!(&responses[4], MessageResponse::AllExtensionNumbersResponse(_)));
    }
}

/// A REST request over HTTP/2: status, headers and body.
async fn rest(rpc: &Rpc, method: &str, path: &str, body: &str) -> (u16, hyper::HeaderMap, Vec<u8>) {
    let request = Request::builder().method(method).uri(format!("http://test{path}")).body(()).unwrap();
    let (response, mut stream) = rpc.send.clone().ready().await.unwrap().send_request(request, false).unwrap();
    let _ = stream.send_data(body.to_owned().into(), true);
    let response = response.await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let mut body = response.into_body();
    let mut whole = Vec::new();
    while let Some(data) = body.data().await {
        let data = data.unwrap();
        body.flow_control().release_capacity(data.len()).unwrap();
        whole.extend_from_slice(&data);
    }
    (status, headers, whole)
}

#[test]
fn rest_works_over_http2_too() {
    let server = start(&ADD_ONE);
    run(async {
        let (rpc, _connection) = connect(server.address).await;
        let (status, _, body) = rest(&rpc, "GET", "/v2", "").await;
        assert_eq!((status, serde_json::from_slice::<Value>(&body).unwrap()["name"].as_str()), (200, Some("add-one")));
        // More than goes into one window.
        let rows = 60_000;
        let asked = fp32("x", &[rows, 3], &vec![1.0; rows * 3]).to_string();
        let (status, headers, body) = rest(&rpc, "POST", "/v2/models/add-one/infer", &asked).await;
        assert_eq!((status, headers["content-length"].to_str().unwrap().parse()), (200, Ok(body.len())));
        let answer: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!((answer["outputs"][0]["data"][0].as_f64(), body.len() > 512 * 1024), (Some(2.0), true));
        let (status, _, body) = rest(&rpc, "POST", "/v2/models/other/infer", "{}").await;
        assert_eq!((status, serde_json::from_slice::<Value>(&body).unwrap()["error"].is_string()), (404, true));
        assert_eq!(rest(&rpc, "POST", "/v2/models/add-one/infer", "{").await.0, 400);
        // Without its content type, a path of gRPC is nothing.
        assert_eq!(rest(&rpc, "POST", "/inference.GRPCInferenceService/ServerLive", "").await.0, 404);
        let many = (0..50).map(|_| {
            let (rpc, body) = (rpc.clone(), fp32("x", &[1, 3], &[1.0; 3]).to_string());
            tokio::spawn(async move { rest(&rpc, "POST", "/v2/models/add-one/infer", &body).await.0 })
        });
        for call in many.collect::<Vec<_>>() {
            assert_eq!(call.await.unwrap(), 200);
        }
    });
    // A head that only begins like the preface is HTTP/1.
    assert_eq!(server.client().request("POST", &server.infer_path(), &[], b"{").status, 400);
    let mut client = server.client();
    client.send(b"PRI * HTTP/1.1\r\nHost: t\r\n\r\n");
    assert_eq!(client.receive().map(|answer| answer.status), Some(404));
}

#[test]
fn a_connection_has_limits() {
    let server = start(&ADD_ONE);
    run(async {
        let (rpc, _connection) = connect(server.address).await;
        let _: oip::ServerLiveResponse = rpc.call("ServerLive", &oip::ServerLiveRequest {}).await.only();
        assert_eq!(rpc.send.current_max_send_streams(), 128);
        // What may be sent before any of it was read.
        let (_response, mut stream) = rpc.open(&format!("{SERVICE}ModelStreamInfer"), &[]).await.unwrap();
        stream.reserve_capacity(1 << 30);
        std::future::poll_fn(|context| stream.poll_capacity(context)).await.unwrap().unwrap();
        assert_eq!(stream.capacity(), 256 * 1024);
        let long = "x".repeat(20_000);
        let (refused, _stream) = rpc.open(&format!("{SERVICE}ServerLive"), &[("x-long", &long)]).await.unwrap();
        assert_eq!(refused.await.unwrap().status(), 431);
        let (rpc, _connection) = connect(server.address).await;
        let _: oip::ServerLiveResponse = rpc.call("ServerLive", &oip::ServerLiveRequest {}).await.only();
    });
}

/// Calls go on while the process ends; those that it took are answered, and nothing is taken and forgotten.
fn drains(service: &'static Service, drain_delay: &str, request: ModelInferRequest) {
    let mut server = start_with(service, &[(names::DRAIN_DELAY, drain_delay)]);
    server.wait_until_ready();
    let address = server.address;
    let (answered, gone) = (AtomicUsize::new(0), AtomicBool::new(false));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                run(async {
                    // Several calls at a time on each connection, and a new connection when the old one is to be left.
                    while let Some((rpc, connection)) = try_connect(address).await {
                        let callers: Vec<_> = (0..8)
                            .map(|_| {
                                let (rpc, request) = (rpc.clone(), request.clone());
                                tokio::spawn(async move {
                                    let mut done = 0;
                                    loop {
                                        match rpc.raw(&format!("{SERVICE}ModelInfer"), &[], framed(&request)).await {
                                            Ok(answer) => assert_eq!((answer.status, answer.messages.len()), (0, 1)),
                                            // The client was told before the call went out.
                                            Err(error)
                                                if error.is_go_away()
                                                    && error.reason() == Some(h2::Reason::NO_ERROR) =>
                                            {
                                                return done;
                                            }
                                            Err(error) => panic!("a call was lost: {error:?}"),
                                        }
                                        done += 1;
                                    }
                                })
                            })
                            .collect();
                        for caller in callers {
                            answered.fetch_add(caller.await.unwrap(), Relaxed);
                        }
                        drop(rpc);
                        let _ = connection.await.unwrap();
                    }
                    gone.store(true, Relaxed);
                });
            });
        }
        std::thread::sleep(Duration::from_millis(300));
        server.tell_to_stop();
    });
    assert!(gone.load(Relaxed) && answered.load(Relaxed) > 20, "{answered:?}");
    server.stop().unwrap();
}

#[test]
fn an_end_under_load_loses_no_call() {
    drains(&ADD_ONE, "100ms", raw(&[1.0, 2.0, 3.0]));
}

#[test]
fn an_end_under_load_loses_no_long_call() {
    drains(&SLOW, "0", slow(10));
}

#[test]
fn an_idle_http2_connection_does_not_hold_up_the_end() {
    let mut server = start(&ADD_ONE);
    run(async {
        let (rpc, connection) = connect(server.address).await;
        let _: oip::ServerLiveResponse = rpc.call("ServerLive", &oip::ServerLiveRequest {}).await.only();
        // One that never gets beyond the preface, and one that answers no ping.
        let _silent = std::net::TcpStream::connect(server.address).unwrap();
        let mut deaf = std::net::TcpStream::connect(server.address).unwrap();
        std::io::Write::write_all(&mut deaf, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").unwrap();
        sleep(Duration::from_millis(100)).await;
        let begun = Instant::now();
        server.tell_to_stop();
        timeout(Duration::from_secs(3), connection).await.expect("it was told to go").unwrap().unwrap();
        tokio::task::spawn_blocking(move || server.stop()).await.unwrap().unwrap();
        assert!(begun.elapsed() < Duration::from_secs(3), "took {:?}", begun.elapsed());
    });
}

/// What comes first on such a connection is no request, and waiting for one is not slowness: clients connect before they call.
#[test]
fn a_connection_may_wait_for_its_first_call() {
    let server = start(&ADD_ONE);
    run(async {
        let (rpc, _connection) = connect(server.address).await;
        sleep(Duration::from_secs(12)).await;
        let _: ModelInferResponse = rpc.call("ModelInfer", &raw(&[0.0; 3])).await.only();
    });
}
