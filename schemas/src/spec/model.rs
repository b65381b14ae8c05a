//! `model`

use super::texts::{FilePath, ModelStore, Name, Signatures, VersionLabel};
use super::values::Bars;
use crate::declare::block;

block! {
    /// A trained model in one or more versions. The file of each is opened when compiling.
    Model = "model" (name: Name) [for_each]
    required {
        /// The version that services serve: a label of a `version` block. Rolling back is this one line.
        serve: String,
    }
    optional {
        /// Where services fetch the model from when they start, such as `"${bucket.NAME.uri}/models/NAME"`: a bucket of the spec, in the
        /// platform's region, or an `https://` address. `VERSION/SHA256.onnx` follows it; `services/NAME/store` of the output is what to
        /// upload. Without it, images carry the model. A file of another digest is never served.
        store: ModelStore,
    }
    default {
        /// Whether versions may take and give different tensors. While it is `fixed`, clients need not know which one is served.
        signature: Signatures = "fixed",
    }
    at_most_once {
        /// How good the versions that get requests must be.
        quality: Quality,
    }
    many {
        /// The versions.
        versions: Version,
    }
}

block! {
    /// One version of a model.
    Version = "version" (label: VersionLabel) [for_each]
    required {
        /// Path of the ONNX file, relative to the folder of the spec.
        file: FilePath,
    }
    optional {
        /// Path of golden pairs: inputs with the outputs that the model must give, held when compiling and before a replica is ready.
        golden: FilePath,
    }
}

block! {
    /// A gate: every version that gets requests is run on a data set when compiling, and below a bar nothing is emitted.
    Quality = "quality"
    required {
        /// Path of the rows: CSV with a header, or NPY.
        dataset: FilePath,
    }
    optional {
        /// The column that holds what is true; those of an NPY file are called by their number, `0` and on.
        label: String,
        /// Path of what is true for each row, in a file of its own: one column, CSV or NPY.
        labels: FilePath,
        /// The output that is judged; without it, the one whose kind suits the metric best.
        output: String,
        /// The least that `accuracy`, `auc` and `f1` may be.
        at_least: Bars,
        /// The most that `rmse` and `mae` may be.
        at_most: Bars,
    }
}
