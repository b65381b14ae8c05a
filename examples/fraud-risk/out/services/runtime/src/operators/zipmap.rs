//! ZipMap: what scikit-learn's converter ends a classifier with, one map from class to probability a row.
//!
//! No protocol of inference has maps. The matrix that goes into the node comes out in its place: one row a row, one column a class,
//! in the order of the node's `classlabels`. The compiler declares the output so, too.

use tract_onnx::pb::{GraphProto, TypeProto, tensor_proto, type_proto};

/// Turns every ZipMap into an identity, and drops the declared type of its output, which was a sequence of maps.
pub fn strip(graph: &mut GraphProto) {
    for node in &mut graph.node {
        if node.op_type != "ZipMap" {
            continue;
        }
        node.op_type = "Identity".to_owned();
        node.domain.clear();
        node.attribute.clear();
        let outputs = graph.output.iter_mut().filter(|output| node.output.contains(&output.name));
        for output in outputs {
            let tensor = type_proto::Tensor { elem_type: tensor_proto::DataType::Float as i32, shape: None };
            let value = Some(type_proto::Value::TensorType(tensor));
            output.r#type = Some(TypeProto { value, ..TypeProto::default() });
        }
    }
}
