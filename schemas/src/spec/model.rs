//! `model`

use super::texts::{FilePath, Name, Signatures, VersionLabel};
use crate::declare::block;

block! {
    /// A trained model in one or more versions. The file of each is opened when compiling.
    Model = "model" (name: Name) [for_each]
    required {
        /// The version that services serve: a label of a `version` block. Rolling back is this one line.
        serve: String,
    }
    default {
        /// Whether versions may take and give different tensors. While it is `fixed`, clients need not know which one is served.
        signature: Signatures = "fixed",
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
}
