//! The service `sample` as the compiler generates one: constants about its model, and the runtime's `run`.

use windlass_runtime::{DataType, Model, Service, Tensor, Version};

const SERVICE: Service = Service {
    name: "sample",
    model: Model {
        name: "classifier",
        versions: &[Version {
            label: "1",
            file: "classifier.onnx",
            sha256: "ade2a87baa841606d4f1bcd4cbcc57404b7ff67ba71053685a2a392c69c0a633",
            traffic: 10_000,
            shadow: false,
            golden: None,
        }],
        shadow_sample: 0,
        inputs: &[Tensor { name: "features", datatype: DataType::Fp32, shape: &[-1, 16] }],
        outputs: &[
            Tensor { name: "label", datatype: DataType::Int64, shape: &[-1] },
            Tensor { name: "probabilities", datatype: DataType::Fp32, shape: &[-1, 2] },
        ],
    },
};

fn main() -> std::process::ExitCode {
    windlass_runtime::run(&SERVICE)
}
