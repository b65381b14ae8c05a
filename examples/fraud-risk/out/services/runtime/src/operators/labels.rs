//! LabelEncoder: from one set of labels to another, numbers or texts.

use std::collections::HashMap;

use tract_onnx::pb::{NodeProto, TensorProto};
use tract_onnx::prelude::*;
use tract_onnx::tract_core::internal::*;

use super::{Build, Built, Context, Form, Kernel, built, elements, floats, integers, shaped, texts};

pub const PACK: &[(&str, Build)] = &[("LabelEncoder", label_encoder)];

/// A label that can be looked up. Numbers are told apart by their bits, with one zero and one NaN.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Label {
    Integer(i64),
    Float(u32),
    Text(String),
}

fn float(number: f32) -> Label {
    Label::Float(match number {
        0.0 => 0,
        number if number.is_nan() => f32::NAN.to_bits(),
        number => number.to_bits(),
    })
}

/// Labels of one type.
#[derive(Debug)]
enum Labels {
    Integers(Vec<i64>),
    Floats(Vec<f32>),
    Texts(Vec<String>),
}

impl Labels {
    fn of(context: &Context, node: &NodeProto, role: &str) -> TractResult<Labels> {
        if let Some(tensor) = node.get_attr_opt::<&TensorProto>(&format!("{role}_tensor"))? {
            return Labels::in_tensor(&context.load_tensor(tensor)?);
        }
        let whole = integers(node, &format!("{role}_int64s"))?;
        let numbers = floats(node, &format!("{role}_floats"))?;
        let words = texts(node, &format!("{role}_strings"))?;
        match (whole.is_empty(), numbers.is_empty(), words.is_empty()) {
            (false, true, true) => Ok(Labels::Integers(whole)),
            (true, false, true) => Ok(Labels::Floats(numbers)),
            (true, true, false) => Ok(Labels::Texts(words)),
            _ => bail!("exactly one attribute must hold the {role}"),
        }
    }

    fn in_tensor(tensor: &Tensor) -> TractResult<Labels> {
        let view = tensor.try_as_plain_ram()?;
        Ok(match tensor.datum_type() {
            DatumType::String => Labels::Texts(view.as_slice::<String>()?.to_vec()),
            DatumType::F32 => Labels::Floats(view.as_slice::<f32>()?.to_vec()),
            datum_type if datum_type.is_integer() => Labels::Integers(elements::<i64>(tensor)?.into_owned()),
            datum_type => bail!("labels of {datum_type:?} are not supported"),
        })
    }

    fn datum_type(&self) -> DatumType {
        match self {
            Labels::Integers(_) => DatumType::I64,
            Labels::Floats(_) => DatumType::F32,
            Labels::Texts(_) => DatumType::String,
        }
    }

    fn keys(self) -> Vec<Label> {
        match self {
            Labels::Integers(numbers) => numbers.into_iter().map(Label::Integer).collect(),
            Labels::Floats(numbers) => numbers.into_iter().map(float).collect(),
            Labels::Texts(texts) => texts.into_iter().map(Label::Text).collect(),
        }
    }
}

#[derive(Debug)]
struct LabelEncoder {
    from: DatumType,
    places: HashMap<Label, usize>,
    values: Labels,
    /// A single label of the same type, for what is not among the keys.
    fallback: Labels,
}

fn label_encoder(context: &Context, node: &NodeProto) -> Built {
    // The first version of the operator counts texts.
    let classes = texts(node, "classes_strings")?;
    let counts = !classes.is_empty();
    let (keys, values) = if counts {
        bail!("the first version of the operator, with `classes_strings`, is not supported")
    } else {
        (Labels::of(context, node, "keys")?, Labels::of(context, node, "values")?)
    };
    let fallback = match node.get_attr_opt::<&TensorProto>("default_tensor")? {
        Some(tensor) => Labels::in_tensor(&context.load_tensor(tensor)?)?,
        None => match &values {
            Labels::Integers(_) => Labels::Integers(vec![node.get_attr_opt("default_int64")?.unwrap_or(-1)]),
            Labels::Floats(_) => Labels::Floats(vec![node.get_attr_opt("default_float")?.unwrap_or(-0.0)]),
            Labels::Texts(_) => {
                let text = node.get_attr_opt::<String>("default_string")?;
                Labels::Texts(vec![text.unwrap_or_else(|| "_Unused".to_owned())])
            }
        },
    };
    ensure!(fallback.datum_type() == values.datum_type(), "the default is of another type than the values");
    let from = keys.datum_type();
    let mut places = HashMap::new();
    for (place, key) in keys.keys().into_iter().enumerate() {
        places.entry(key).or_insert(place);
    }
    built(LabelEncoder { from, places, values, fallback })
}

impl Kernel for LabelEncoder {
    fn name(&self) -> &'static str {
        "LabelEncoder"
    }

    fn forms(&self, inputs: &[Form]) -> TractResult<TVec<Form>> {
        let [(datum_type, shape)] = inputs else { bail!("it takes one input, not {}", inputs.len()) };
        // What the engine counts with is a type of its own.
        let fits = *datum_type == self.from || (*datum_type == DatumType::TDim && self.from == DatumType::I64);
        ensure!(fits, "its keys are {:?}, not {datum_type:?}", self.from);
        Ok(tvec!((self.values.datum_type(), shape.clone())))
    }

    fn run(&self, inputs: &[&Tensor]) -> TractResult<TVec<Tensor>> {
        let input = inputs[0];
        let place = |label: &Label| self.places.get(label).copied();
        let places: Vec<Option<usize>> = match self.from {
            DatumType::String => {
                let view = input.try_as_plain_ram()?;
                view.as_slice::<String>()?.iter().map(|text| place(&Label::Text(text.clone()))).collect()
            }
            DatumType::F32 => elements::<f32>(input)?.iter().map(|number| place(&float(*number))).collect(),
            _ => elements::<i64>(input)?.iter().map(|number| place(&Label::Integer(*number))).collect(),
        };
        fn pick<T: Datum>(shape: &[usize], places: &[Option<usize>], values: &[T], other: &[T]) -> TractResult<Tensor> {
            let value = |place: &Option<usize>| match place {
                Some(place) => values.get(*place).cloned().context("there are fewer values than keys"),
                None => other.first().cloned().context("there is no default"),
            };
            shaped(shape, places.iter().map(value).collect::<TractResult<Vec<T>>>()?)
        }
        let shape = input.shape();
        Ok(tvec!(match (&self.values, &self.fallback) {
            (Labels::Integers(values), Labels::Integers(other)) => pick(shape, &places, values, other)?,
            (Labels::Floats(values), Labels::Floats(other)) => pick(shape, &places, values, other)?,
            (Labels::Texts(values), Labels::Texts(other)) => pick(shape, &places, values, other)?,
            _ => bail!("the default is of another type than the values"),
        }))
    }
}
