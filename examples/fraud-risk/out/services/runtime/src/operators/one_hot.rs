//! OneHot: the engine's own, which panics at an index out of range, behind a step that gives such an index a place of its own, which
//! is then cut off: ONNX says that all places are `off` then.

use std::sync::Arc;

use tract_onnx::pb::NodeProto;
use tract_onnx::prelude::*;
use tract_onnx::tract_core::internal::*;
use tract_onnx::tract_core::ops::array;
use tract_onnx::tract_hir::internal::{Expansion, InferenceResult, Solver, TensorProxy, expand};

use super::{Build, Built, Context, Form, Kernel, Tabular, elements, shaped};

pub const PACK: &[(&str, Build)] = &[("OneHot", one_hot)];

fn one_hot(_: &Context, node: &NodeProto) -> Built {
    let axis = node.get_attr_opt::<i64>("axis")?.unwrap_or(-1);
    Ok((expand(OneHot { axis }), Vec::new()))
}

#[derive(Clone, Debug)]
struct OneHot {
    axis: i64,
}

impl OneHot {
    /// The new axis among those of the output.
    fn axis(&self, rank: i64) -> TractResult<usize> {
        let axis = if self.axis < 0 { self.axis + rank + 1 } else { self.axis };
        ensure!((0..=rank).contains(&axis), "axis is {}, but the indices have {rank} dimensions", self.axis);
        Ok(usize::try_from(axis)?)
    }
}

/// A depth that can be one of a tensor in memory.
fn checked(depth: i64) -> TractResult<usize> {
    ensure!((1..1 << 31).contains(&depth), "the depth is {depth}");
    Ok(usize::try_from(depth)?)
}

impl Expansion for OneHot {
    fn name(&self) -> StaticName {
        "OneHot".into()
    }

    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        solver: &mut Solver<'r>,
        inputs: &'p [TensorProxy],
        outputs: &'p [TensorProxy],
    ) -> InferenceResult {
        ensure!(inputs.len() == 3 && outputs.len() == 1, "it takes three inputs and makes one output");
        solver.equals(&inputs[2].datum_type, &outputs[0].datum_type)?;
        solver.given(&inputs[0].shape, move |solver, shape| {
            let axis = self.axis(i64::try_from(shape.len())?)?;
            solver.given(&inputs[1].value, move |solver, depth| {
                let depth = checked(elements::<i64>(&depth)?.first().copied().context("the depth is missing")?)?;
                let mut shape = shape.clone();
                shape.insert(axis, depth.to_dim());
                solver.equals(&outputs[0].shape, shape)
            })
        })
    }

    fn wire(&self, prefix: &str, model: &mut TypedModel, inputs: &[OutletId]) -> TractResult<TVec<OutletId>> {
        let depth = model.outlet_fact(inputs[1])?.konst.clone().context("the depth must be a constant")?;
        let values = model.outlet_fact(inputs[2])?.konst.clone().context("the values must be constants")?;
        ensure!(values.len() == 2, "the values are two, for off and on");
        let depth = checked(elements::<i64>(&depth)?.first().copied().context("the depth is missing")?)?;
        let axis = self.axis(i64::try_from(model.outlet_fact(inputs[0])?.rank())?)?;
        let (off, on) = (values.nth(0)?.into_arc_tensor(), values.nth(1)?.into_arc_tensor());
        let places = Tabular(Arc::new(Places { depth: i64::try_from(depth)? }));
        let places = model.wire_node(format!("{prefix}.places"), places, &inputs[..1])?;
        let wide = array::OneHot { axis, dim: depth + 1, off, on };
        let wide = model.wire_node(format!("{prefix}.wide"), wide, &places)?;
        model.wire_node(prefix, array::Slice::new(axis, 0, depth), &wide)
    }
}

/// Indices from the front; `depth` for those out of range.
#[derive(Debug)]
struct Places {
    depth: i64,
}

impl Kernel for Places {
    fn name(&self) -> &'static str {
        "OneHotPlaces"
    }

    fn forms(&self, inputs: &[Form]) -> TractResult<TVec<Form>> {
        let [(_, shape)] = inputs else { bail!("it takes one input, not {}", inputs.len()) };
        Ok(tvec!((DatumType::I64, shape.clone())))
    }

    fn run(&self, inputs: &[&Tensor]) -> TractResult<TVec<Tensor>> {
        let place = |index: &i64| match *index {
            index if (0..self.depth).contains(&index) => index,
            index if (-self.depth..0).contains(&index) => index + self.depth,
            _ => self.depth,
        };
        Ok(tvec!(shaped(inputs[0].shape(), elements::<i64>(inputs[0])?.iter().map(place).collect())?))
    }
}
