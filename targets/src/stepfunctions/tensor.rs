//! Values <-> tensors of the Open Inference Protocol v2.
//!
//! A request says its shape beside its (nested) data; an answer's data is flat, and is folded by its shape into the nested lists that HCL
//! sees. Dimensions that are known when compiling are written out; a leading dimension of 1, the usual single row, becomes visible brackets.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};
use windlass_schemas::plan::InferInput;
use windlass_schemas::tensor::Tensor;
use windlass_schemas::types::Type;

use super::jsonata::helpers::Helper;
use super::jsonata::syntax::{self, Binding};
use super::jsonata::{Refusal, Term, template, translate};
use super::scope::{Scope, length};

/// One element of a request's `inputs`.
pub fn request(input: &InferInput, scope: &Scope) -> Result<Json, Refusal> {
    let data = template(&input.value, scope)?;
    let value = translate(&input.value, scope)?;
    let mut ty = value.ty.clone();
    let mut at = value.within(Binding::Atom);
    let mut shape = Vec::new();
    for dim in &input.tensor.shape {
        let (element, seen) = match ty {
            Type::List(element, seen) => (*element, seen),
            _ => (Type::Any, None),
        };
        shape.push(match length(dim, &BTreeMap::new()).or(seen) {
            Some(n) => json!(n),
            None => Term::atom(&format!("$count({at})"), Type::Number).and(&value).enclosed(),
        });
        at.push_str("[0]");
        ty = element;
    }
    // A scalar has no dimensions, and its data is still a list.
    let data = if input.tensor.shape.is_empty() { json!([data]) } else { data };
    Ok(json!({
        "name": input.tensor.name,
        "shape": shape,
        "datatype": input.tensor.datatype.name(),
        "data": data,
    }))
}

/// The nested list of one tensor of the answer.
pub fn response(tensor: &Tensor, lengths: &BTreeMap<String, u64>) -> Json {
    let tensor_text = format!("$states.result.ResponseBody.outputs[name = {}]", syntax::string(&tensor.name));
    let data = Term::atom(&format!("{tensor_text}.data"), Type::List(Box::new(Type::Any), None));
    let rank = tensor.shape.len();
    if rank == 0 {
        return Term::atom(&format!("{}[0]", data.text), Type::Any).enclosed();
    }
    let single = tensor.shape[..rank - 1].iter().take_while(|dim| length(dim, lengths) == Some(1)).count();
    let folded = (single + 1..rank).rev().fold(data, |flat, at| {
        let size = match length(&tensor.shape[at], lengths) {
            Some(n) => n.to_string(),
            None => format!("{tensor_text}.shape[{at}]"),
        };
        let size = Term::atom(&size, Type::Number);
        Term::call("rows", vec![flat, size], Type::List(Box::new(Type::Any), None)).using(Helper::Rows)
    });
    (0..single).fold(folded.enclosed(), |inner, _| json!([inner]))
}
