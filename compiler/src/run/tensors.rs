//! Nested lists <-> tensors of the Open Inference Protocol v2.

use serde_json::{Value as Json, json};
use windlass_schemas::tensor::Tensor;

use super::Failure;

/// One element of a request's `inputs`: the shape is that of the value.
pub fn request(tensor: &Tensor, value: &Json) -> Json {
    let mut shape = Vec::new();
    let mut at = value;
    for _ in &tensor.shape {
        let Json::Array(items) = at else { break };
        shape.push(items.len());
        at = items.first().unwrap_or(&Json::Null);
    }
    let data = if tensor.shape.is_empty() { json!([value]) } else { value.clone() };
    json!({ "name": tensor.name, "shape": shape, "datatype": tensor.datatype.name(), "data": data })
}

/// The nested list of one tensor of an answer.
pub fn response(tensor: &Tensor, answer: &Json) -> Result<Json, Failure> {
    let failure = |why: &str| Failure::new("States.QueryEvaluationError", &format!("output `{}` {why}", tensor.name));
    let outputs = answer["outputs"].as_array().ok_or_else(|| failure("is not in the answer"))?;
    let output =
        outputs.iter().find(|output| output["name"] == tensor.name.as_str()).ok_or_else(|| failure("is missing"))?;
    let data = output["data"].as_array().ok_or_else(|| failure("has no data"))?;
    let shape: Vec<usize> = output["shape"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|size| size.as_u64().and_then(|size| usize::try_from(size).ok()))
        .collect::<Option<_>>()
        .ok_or_else(|| failure("has no shape"))?;
    if shape.iter().try_fold(1_usize, |product, size| product.checked_mul(*size)) != Some(data.len()) {
        return Err(failure("has data that do not fill its shape"));
    }
    Ok(folded(data, &shape))
}

fn folded(data: &[Json], shape: &[usize]) -> Json {
    match shape {
        [] => data.first().cloned().unwrap_or(Json::Null),
        [_] => Json::Array(data.to_vec()),
        [first, rest @ ..] => {
            let size = rest.iter().product::<usize>().max(1);
            Json::Array(
                (0..*first).map(|at| folded(data.get(at * size..(at + 1) * size).unwrap_or_default(), rest)).collect(),
            )
        }
    }
}
