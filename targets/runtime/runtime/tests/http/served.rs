//! The fixtures as services, and one of them running.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::oneshot;
use windlass_runtime::DataType::{self, *};
use windlass_runtime::{Model, Server, Service, Settings, Tensor, Version, names};

use crate::client::{Answer, Client};

const fn tensor(name: &'static str, datatype: DataType, shape: &'static [i64]) -> Tensor {
    Tensor { name, datatype, shape }
}

macro_rules! fixture {
    ($constant:ident, $name:literal, $file:literal, $sha256:literal, $inputs:expr, $outputs:expr) => {
        pub static $constant: Service = Service {
            name: $name,
            model: Model {
                name: $name,
                versions: &[Version::only("1", $file, $sha256)],
                shadow_sample: 0,
                inputs: &$inputs,
                outputs: &$outputs,
            },
        };
    };
}

fixture!(
    ADD_ONE,
    "add-one",
    "add-one.onnx",
    "8143ed70becb32cc2fa33bf876ce196edd4fe13a2bb21f613c8b5bbfe1a7a27f",
    [tensor("x", Fp32, &[-1, 3])],
    [tensor("y", Fp32, &[-1, 3])]
);
fixture!(
    CLASSIFIER,
    "classifier",
    "classifier.onnx",
    "ade2a87baa841606d4f1bcd4cbcc57404b7ff67ba71053685a2a392c69c0a633",
    [tensor("features", Fp32, &[-1, 16])],
    [tensor("label", Int64, &[-1]), tensor("probabilities", Fp32, &[-1, 2])]
);
fixture!(
    CONVOLUTION,
    "convolution",
    "convolution.onnx",
    "f2b380cad79ea4ea4f9259a329b15eace9d1d8877490f601ea4ac38ed7bbd9b5",
    [tensor("image", Fp32, &[-1, 3, 8, 8])],
    [tensor("y", Fp32, &[-1, 4])]
);
fixture!(
    ACROSS_ROWS,
    "across-rows",
    "across-rows.onnx",
    "910aa1350f9e34505ed8d7bd5143bba448de6d9a0891e506744bbc402c0edb2c",
    [tensor("x", Fp32, &[-1, 2])],
    [tensor("y", Fp32, &[-1, 2])]
);
fixture!(
    TWO_INPUTS,
    "two-inputs",
    "two-inputs.onnx",
    "e37b7432c440133b62f12333e2093dff7e940cdba4cf7f462455e71beaf71196",
    [tensor("a", Fp32, &[-1, 2]), tensor("b", Fp32, &[-1, -1])],
    [tensor("sum", Fp32, &[-1, 2])]
);
fixture!(
    PAIRWISE,
    "pairwise",
    "pairwise.onnx",
    "0210856547666b70c0ba3771ecc7f529902f66215ccf8c87ef6f6b96af91881e",
    [tensor("a", Fp32, &[-1, 2]), tensor("b", Fp32, &[-1, 2])],
    [tensor("y", Fp32, &[-1, -1])]
);
fixture!(
    LOGARITHM,
    "logarithm",
    "logarithm.onnx",
    "edfad55b4b80dee6aae5fbda6b60f30fe61508abaa0dd4cb0f706d604ac0c3f4",
    [tensor("x", Fp32, &[-1, 1])],
    [tensor("y", Fp32, &[-1, 1])]
);
fixture!(
    ONEHOT,
    "onehot",
    "onehot.onnx",
    "b6a1df2f5d0ca022134d737575eb399481f452eb0bd7c95261f821a504ecb184",
    [tensor("i", Int64, &[-1])],
    [tensor("y", Fp32, &[-1, 3])]
);
fixture!(
    DIVISION,
    "division",
    "division.onnx",
    "ff05cc85e30cc8ca0067a447db7021850ddab0866865644d78426895718db13f",
    [tensor("i", Int64, &[-1])],
    [tensor("y", Int64, &[-1])]
);
// As the compiler declares a default scikit-learn export, which ends in a ZipMap.
fixture!(
    EXPORTED,
    "exported",
    "tabular/logistic-3.onnx",
    "ccf247f3060358c33fc779ca298ebeaf56149bbd358b9da5777a9bd51eeebbbc",
    [tensor("X", Fp32, &[-1, 4])],
    [tensor("output_label", Int64, &[-1]), tensor("output_probability", Fp32, &[-1, 3])]
);
// Words in and words out, as scikit-learn's converter makes them by default.
fixture!(
    WORDS,
    "words",
    "tabular/words-one-hot.onnx",
    "d91642266194d6eb8bcaaaa111b3d69df1150736d6c5ffa0c88c4d0992f1ca50",
    [tensor("words", Bytes, &[-1, 2])],
    [tensor("output_label", Bytes, &[-1]), tensor("output_probability", Fp32, &[-1, 3])]
);
fixture!(
    SLOW,
    "slow",
    "slow.onnx",
    "62c5cc3a158bcd9dc2e755aead880c5c72d68558515658c59a31fc955ed230b2",
    [tensor("x", Fp32, &[-1, 512])],
    [tensor("y", Fp32, &[-1, 1])]
);
fixture!(
    LABORIOUS,
    "laborious",
    "laborious.onnx",
    "76e02b038514e9544ac93d5581e08bb374733c36bf223e5696e46b4d86500688",
    [tensor("x", Fp32, &[-1, 1])],
    [tensor("y", Fp32, &[-1, 1])]
);
fixture!(
    TYPES,
    "types",
    "types.onnx",
    "ddffe0171d80b31e3f77f1f6631c36f36149d3c9b2507938181a67b918a52431",
    [
        tensor("in_BOOL", Bool, &[2]),
        tensor("in_UINT8", Uint8, &[2]),
        tensor("in_UINT16", Uint16, &[2]),
        tensor("in_UINT32", Uint32, &[2]),
        tensor("in_UINT64", Uint64, &[2]),
        tensor("in_INT8", Int8, &[2]),
        tensor("in_INT16", Int16, &[2]),
        tensor("in_INT32", Int32, &[2]),
        tensor("in_INT64", Int64, &[2]),
        tensor("in_FP16", Fp16, &[2]),
        tensor("in_FP32", Fp32, &[2]),
        tensor("in_FP64", Fp64, &[2]),
        tensor("in_BYTES", Bytes, &[2])
    ],
    [
        tensor("out_BOOL", Bool, &[4]),
        tensor("out_UINT8", Uint8, &[4]),
        tensor("out_UINT16", Uint16, &[4]),
        tensor("out_UINT32", Uint32, &[4]),
        tensor("out_UINT64", Uint64, &[4]),
        tensor("out_INT8", Int8, &[4]),
        tensor("out_INT16", Int16, &[4]),
        tensor("out_INT32", Int32, &[4]),
        tensor("out_INT64", Int64, &[4]),
        tensor("out_FP16", Fp16, &[4]),
        tensor("out_FP32", Fp32, &[4]),
        tensor("out_FP64", Fp64, &[4]),
        tensor("out_BYTES", Bytes, &[4])
    ]
);

pub fn fixture_path(file: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "fixtures", file].iter().collect()
}

/// Stops when dropped, waiting for the server to end.
pub struct Running {
    pub address: SocketAddr,
    pub service: &'static Service,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<Result<(), String>>>,
}

/// With further settings, by variable name.
pub fn start_with(service: &'static Service, extra: &[(&'static str, &str)]) -> Running {
    let path = fixture_path(service.model.versions[0].file);
    let settings = Settings::from_lookup(service, |name| {
        let default = match name {
            names::LISTEN => Some("127.0.0.1:0"),
            names::MODEL_PATH => path.to_str(),
            names::DRAIN_DELAY => Some("0"),
            names::LOG => Some("error"),
            names::THREADS => Some("2"),
            _ => None,
        };
        let given = extra.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        Ok(given.or(default).map(str::to_owned))
    });
    let server = Server::bind(service, settings.unwrap()).unwrap();
    let address = server.address();
    let (stop, stopped) = oneshot::channel::<()>();
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let told = async {
            let _ = stopped.await;
        };
        runtime.block_on(server.serve(told, std::future::pending()))
    });
    Running { address, service, stop: Some(stop), thread: Some(thread) }
}

/// Ready to infer.
pub fn start(service: &'static Service) -> Running {
    let running = start_with(service, &[]);
    running.wait_until_ready();
    running
}

impl Running {
    pub fn wait_until_ready(&self) {
        let begun = Instant::now();
        while self.get("/v2/health/ready").status != 200 {
            assert!(begun.elapsed() < Duration::from_secs(30), "not ready");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    pub fn thread_runs(&self) -> bool {
        self.thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }

    pub fn client(&self) -> Client {
        Client::connect(self.address)
    }

    pub fn get(&self, path: &str) -> Answer {
        self.client().request("GET", path, &[], b"")
    }

    pub fn infer_path(&self) -> String {
        format!("/v2/models/{}/infer", self.service.model.name)
    }

    pub fn infer_bytes(&self, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        self.client().request("POST", &self.infer_path(), headers, body)
    }

    pub fn infer(&self, body: &Value) -> Answer {
        self.infer_bytes(&[], body.to_string().as_bytes())
    }

    /// Tells the server to end and returns what `serve` returned.
    pub fn stop(&mut self) -> Result<(), String> {
        self.tell_to_stop();
        self.thread.take().unwrap().join().unwrap()
    }

    pub fn tell_to_stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
    }

    /// The value of one line of `/metrics`, such as `name{outcome="ok"}` given as name and a part of its labels.
    pub fn metric(&self, name: &str, labels: &str) -> f64 {
        let text = String::from_utf8(self.get("/metrics").body).unwrap();
        let line = text.lines().find(|line| line.starts_with(name) && line.contains(labels));
        line.unwrap_or_else(|| panic!("no {name} {labels}")).rsplit(' ').next().unwrap().parse().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.thread.is_some() {
            let _ = self.stop();
        }
    }
}

pub fn fp32(name: &str, shape: &[usize], data: &[f32]) -> Value {
    json!({ "inputs": [{ "name": name, "shape": shape, "datatype": "FP32", "data": data }] })
}
