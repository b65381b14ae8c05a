//! The Open Inference Protocol's request, JSON with or without the binary tensor extension -> a [`Call`] that fits the model.
//!
//! Everything is checked here, against the model's declaration and before anything of the claimed size is allocated; what passes is
//! what the engine may see. [`Inputs`] and [`Outputs`] are the part that does not depend on how a request is written.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::time::Duration;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use tract_onnx::prelude::{IntoTValue, TValue, TVec};

use crate::elements;
use crate::frame;
use crate::model::Shapes;
use crate::refusal::{Kind, Refusal, brief, excerpt};
use crate::service::{self, shape_text};

/// A request that fits the model.
pub struct Call {
    pub id: Option<String>,
    /// In the model's order.
    pub inputs: TVec<TValue>,
    pub shapes: Shapes,
    /// Index of each wanted output, and whether it goes out as bytes.
    pub outputs: Vec<(usize, bool)>,
    /// How long the caller waits for the answer, if it says so.
    pub timeout: Option<Duration>,
}

impl Call {
    /// Size of the first input's first dimension, which is the batch by convention.
    pub fn rows(&self) -> usize {
        self.shapes.first().and_then(|shape| shape.first()).copied().unwrap_or(1)
    }
}

#[derive(Deserialize)]
struct Request<'a> {
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    parameters: Option<Object<RequestParameters<'a>>>,
    #[serde(borrow)]
    inputs: Option<Few<Object<Input<'a>>>>,
    #[serde(borrow)]
    outputs: Option<Few<Object<Output<'a>>>>,
}

/// A struct that is written as an object: the derived reader would also take an array of its fields.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Object<T>, D::Error> {
        struct Members<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = Object<T>;

            fn expecting(&self, out: &mut std::fmt::Formatter) -> std::fmt::Result {
                out.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Object<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(members)).map(Object)
            }
        }
        deserializer.deserialize_map(Members(PhantomData))
    }
}

/// A list that stays short: an empty object is two bytes of text and far more in memory.
struct Few<T>(Vec<T>);

const MOST_TENSORS: usize = 4_096;

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Few<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Few<T>, D::Error> {
        struct Items<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Items<T> {
            type Value = Few<T>;

            fn expecting(&self, out: &mut std::fmt::Formatter) -> std::fmt::Result {
                out.write_str("an array of tensors")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Few<T>, A::Error> {
                let mut few = Vec::new();
                while let Some(item) = items.next_element()? {
                    if few.len() == MOST_TENSORS {
                        return Err(A::Error::custom(format_args!("more than {MOST_TENSORS} tensors")));
                    }
                    few.push(item);
                }
                Ok(Few(few))
            }
        }
        deserializer.deserialize_seq(Items(PhantomData))
    }
}

#[derive(Deserialize, Default)]
struct RequestParameters<'a> {
    binary_data_output: Option<bool>,
    #[serde(borrow)]
    timeout: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Input<'a> {
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    shape: Option<&'a RawValue>,
    #[serde(borrow)]
    datatype: Option<Cow<'a, str>>,
    parameters: Option<Object<InputParameters>>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct InputParameters {
    binary_data_size: Option<u64>,
    shared_memory_region: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct Output<'a> {
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
    parameters: Option<Object<OutputParameters>>,
}

#[derive(Deserialize, Default)]
struct OutputParameters {
    binary_data: Option<bool>,
    classification: Option<serde::de::IgnoredAny>,
    shared_memory_region: Option<serde::de::IgnoredAny>,
}

/// `header_length` is the value of Inference-Header-Content-Length, the length of the JSON part.
pub fn decode(
    model: &'static service::Model,
    equal: &[Vec<(usize, usize)>],
    body: &[u8],
    header_length: Option<&str>,
) -> Result<Call, Refusal> {
    let (json, binary) = match header_length {
        None => (body, &[][..]),
        Some(text) => {
            let length: usize = text.trim().parse().map_err(|_| {
                Refusal::invalid(format!("Inference-Header-Content-Length is `{}`, not a length", excerpt(text)))
            })?;
            if length == 0 {
                return raw(model, body);
            }
            body.split_at_checked(length).ok_or_else(|| {
                let got = body.len();
                Refusal::invalid(format!("Inference-Header-Content-Length is {length}, but the body has {got} bytes"))
            })?
        }
    };
    if json.is_empty() {
        return Err(Refusal::invalid("the body is empty; expected an inference request in JSON"));
    }
    // Of plain requests nothing is left to be found wrong.
    frame::read(model, equal, json, binary).map_or_else(|| read(model, equal, json, binary), Ok)
}

/// Any request, with what is wrong with it. `binary` is what follows the JSON part.
pub fn read(
    model: &service::Model,
    equal: &[Vec<(usize, usize)>],
    json: &[u8],
    binary: &[u8],
) -> Result<Call, Refusal> {
    let Object(request): Object<Request> = parsed(json)?;
    let parameters = request.parameters.map(|parameters| parameters.0).unwrap_or_default();
    let timeout = match parameters.timeout.map(RawValue::get) {
        Some(text) => timeout(text.parse().ok(), text)?,
        None => None,
    };
    let binary_by_default = parameters.binary_data_output.unwrap_or(false);
    let outputs = wanted(model, request.outputs.as_ref().map(|few| &few.0[..]), binary_by_default)?;
    let given = request.inputs.ok_or_else(|| Refusal::invalid("`inputs` is missing"))?;
    let (inputs, shapes) = tensors(model, equal, &given.0, binary)?;
    Ok(Call { id: request.id.map(Cow::into_owned), inputs, shapes, outputs, timeout })
}

/// The parameter `timeout`: microseconds, of which 0 means that the caller waits as long as it takes. `text`: as it was written.
pub fn timeout(microseconds: Option<u64>, text: &str) -> Result<Option<Duration>, Refusal> {
    let microseconds = microseconds.ok_or_else(|| {
        let text = excerpt(text);
        Refusal::invalid(format!(
            "the parameter `timeout` is {text}; write a whole number of microseconds, or 0 for none"
        ))
    })?;
    Ok((microseconds > 0).then(|| Duration::from_micros(microseconds)))
}

/// The text of a request as what it stands for. What is read over is not looked at closely, but it is UTF-8 like the rest.
pub fn parsed<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Result<T, Refusal> {
    let text = std::str::from_utf8(json)
        .map_err(|error| Refusal::invalid(format!("the request is not valid: it is not UTF-8: {error}")))?;
    serde_json::from_str(text).map_err(|error| Refusal::invalid(format!("the request is not valid: {}", brief(&error))))
}

fn wanted(
    model: &service::Model,
    asked: Option<&[Object<Output>]>,
    binary: bool,
) -> Result<Vec<(usize, bool)>, Refusal> {
    let mut outputs = Outputs::new(model);
    for Object(output) in asked.unwrap_or_default() {
        let name = output.name.as_deref().ok_or_else(|| Refusal::invalid("an output has no `name`"))?;
        let parameters = output.parameters.as_ref().map(|parameters| &parameters.0);
        let elsewhere = parameters.is_some_and(|p| p.classification.is_some() || p.shared_memory_region.is_some());
        outputs.add(name, elsewhere, parameters.and_then(|p| p.binary_data).unwrap_or(binary))?;
    }
    Ok(outputs.finish(binary))
}

/// The outputs that a request asks for, gathered one by one.
pub struct Outputs<'a> {
    model: &'a service::Model,
    wanted: Vec<(usize, bool)>,
}

impl<'a> Outputs<'a> {
    pub fn new(model: &'a service::Model) -> Outputs<'a> {
        Outputs { model, wanted: Vec::with_capacity(model.outputs.len()) }
    }

    /// `elsewhere` when it is not to come in the answer, or not as it is; `as_bytes` as in [`Call`].
    pub fn add(&mut self, name: &str, elsewhere: bool, as_bytes: bool) -> Result<(), Refusal> {
        let Some(index) = self.model.outputs.iter().position(|known| known.name == name) else {
            return Err(unknown("output", name, self.model.outputs));
        };
        if self.wanted.iter().any(|(known, _)| *known == index) {
            return Err(Refusal::invalid(format!("output `{name}` is asked for twice")));
        }
        if elsewhere {
            let message = format!("output `{name}`: classification and shared memory are not supported");
            return Err(Refusal::invalid(message));
        }
        self.wanted.push((index, as_bytes));
        Ok(())
    }

    /// All of them if none was asked for.
    pub fn finish(self, as_bytes: bool) -> Vec<(usize, bool)> {
        if self.wanted.is_empty() {
            return (0..self.model.outputs.len()).map(|index| (index, as_bytes)).collect();
        }
        self.wanted
    }
}

fn unknown(what: &str, name: &str, known: &[service::Tensor]) -> Refusal {
    let known: Vec<&str> = known.iter().map(|tensor| tensor.name).collect();
    Refusal::invalid(format!("the model has no {what} `{}`; it has `{}`", excerpt(name), known.join("`, `")))
}

fn tensors(
    model: &service::Model,
    equal: &[Vec<(usize, usize)>],
    given: &[Object<Input>],
    mut binary: &[u8],
) -> Result<(TVec<TValue>, Shapes), Refusal> {
    let mut inputs = Inputs::new(model);
    for Object(input) in given {
        let name = input.name.as_deref().ok_or_else(|| Refusal::invalid("an input has no `name`"))?;
        inputs.add(name, |declared| {
            fits_type(declared, input.datatype.as_deref().ok_or("`datatype` is missing")?)?;
            let shape = input.shape.ok_or("`shape` is missing")?;
            let shape: Vec<i64> = serde_json::from_str(shape.get())
                .map_err(|_| format!("shape {} is not an array of integers", excerpt(shape.get())))?;
            let shape = fit(declared, &shape)?;
            let parameters = input.parameters.as_ref().map(|parameters| &parameters.0);
            let size = parameters.and_then(|parameters| parameters.binary_data_size);
            if parameters.is_some_and(|parameters| parameters.shared_memory_region.is_some()) {
                return Err(NO_SHARED_MEMORY.into());
            }
            let tensor = match (input.data, size) {
                (Some(data), None) => elements::from_json(declared.datatype, &shape, data.get()),
                (None, Some(size)) => {
                    let split = usize::try_from(size).ok().and_then(|size| binary.split_at_checked(size));
                    let (bytes, rest) = split.ok_or_else(|| {
                        format!("binary_data_size is {size}, but {} bytes are left in the body", binary.len())
                    })?;
                    binary = rest;
                    elements::from_bytes(declared.datatype, &shape, bytes)
                }
                (None, None) => Err("`data` is missing".to_owned()),
                (Some(_), Some(_)) => Err("it has both `data` and a `binary_data_size`".to_owned()),
            };
            Ok((tensor?.into_tvalue(), shape))
        })?;
    }
    if !binary.is_empty() {
        return Err(Refusal::invalid(format!("{} bytes of binary data belong to no input", binary.len())));
    }
    inputs.finish(equal)
}

pub const NO_SHARED_MEMORY: &str = "shared memory is not supported";

/// What is wrong with an input.
#[derive(Debug, PartialEq, Eq)]
pub struct Wrong {
    pub message: String,
    pub kind: Kind,
}

impl From<String> for Wrong {
    fn from(message: String) -> Wrong {
        Wrong { message, kind: Kind::Malformed }
    }
}

impl From<&str> for Wrong {
    fn from(message: &str) -> Wrong {
        message.to_owned().into()
    }
}

/// The inputs of a request, gathered one by one.
pub struct Inputs<'a> {
    model: &'a service::Model,
    made: Vec<Option<(TValue, Vec<usize>)>>,
}

impl<'a> Inputs<'a> {
    pub fn new(model: &'a service::Model) -> Inputs<'a> {
        Inputs { model, made: model.inputs.iter().map(|_| None).collect() }
    }

    /// `make` turns the declaration into a tensor of its type and of a shape that fits it, or says what is wrong with the input.
    pub fn add(
        &mut self,
        name: &str,
        make: impl FnOnce(&service::Tensor) -> Result<(TValue, Vec<usize>), Wrong>,
    ) -> Result<(), Refusal> {
        let Some(index) = self.model.inputs.iter().position(|known| known.name == name) else {
            return Err(unknown("input", name, self.model.inputs));
        };
        let complain = |wrong: Wrong| Refusal::invalid(format!("input `{name}`: {}", wrong.message)).about(wrong.kind);
        if self.made[index].is_some() {
            return Err(complain("it is given twice".into()));
        }
        self.made[index] = Some(make(&self.model.inputs[index]).map_err(complain)?);
        Ok(())
    }

    /// `equal` are the dimensions that must be one number, as in [`crate::model::Engine::equal_dimensions`].
    pub fn finish(self, equal: &[Vec<(usize, usize)>]) -> Result<(TVec<TValue>, Shapes), Refusal> {
        let mut values = TVec::new();
        let mut shapes = Shapes::with_capacity(self.made.len());
        for (declared, made) in self.model.inputs.iter().zip(self.made) {
            let (value, shape) =
                made.ok_or_else(|| Refusal::invalid(format!("input `{}` is missing", declared.name)))?;
            values.push(value);
            shapes.push(shape);
        }
        check_equal(self.model, equal, &shapes)?;
        Ok((values, shapes))
    }
}

pub fn fits_type(declared: &service::Tensor, datatype: &str) -> Result<(), Wrong> {
    if datatype == declared.datatype.name() {
        return Ok(());
    }
    let message = format!("expected {}, got `{}`", declared.datatype.name(), excerpt(datatype));
    Err(Wrong { message, kind: Kind::Datatype })
}

/// A shape from a request -> the same as sizes, if the declaration allows it. A dimension is at least 1, so that no element
/// count is zero and every dimension is bounded by the size of the body.
pub fn fit(declared: &service::Tensor, shape: &[i64]) -> Result<Vec<usize>, Wrong> {
    let wrong = |message: String| Wrong { message, kind: Kind::Shape };
    let fits = |(size, dim): (&i64, &i64)| *size >= 1 && (*dim == -1 || dim == size);
    if shape.len() != declared.shape.len() || !shape.iter().zip(declared.shape).all(fits) {
        // As long as the declared rank is what a reader needs to see of a wrong shape.
        let shown = shape_text(&shape[..shape.len().min(16)]);
        return Err(wrong(format!("expected shape {}, got {shown}", shape_text(declared.shape))));
    }
    let size = |size: &i64| usize::try_from(*size).map_err(|_| wrong("a dimension is too large".to_owned()));
    shape.iter().map(size).collect()
}

/// Dimensions that bear one name in the model must be one number in a request.
pub fn check_equal(model: &service::Model, equal: &[Vec<(usize, usize)>], shapes: &Shapes) -> Result<(), Refusal> {
    for group in equal {
        let Some(((first, first_axis), others)) = group.split_first() else { continue };
        for (other, axis) in others {
            let (a, b) = (shapes[*first][*first_axis], shapes[*other][*axis]);
            if a != b {
                let (first, other) = (model.inputs[*first].name, model.inputs[*other].name);
                let message = format!(
                    "input `{other}`: axis {axis} must be as long as axis {first_axis} of `{first}`, {a}, but is {b}"
                );
                return Err(Refusal::invalid(message).about(Kind::Shape));
            }
        }
    }
    Ok(())
}

/// The extension's raw form: the whole body is the only input, and all outputs go out as bytes.
fn raw(model: &service::Model, body: &[u8]) -> Result<Call, Refusal> {
    let [declared] = model.inputs else {
        return Err(Refusal::invalid(format!(
            "a raw body needs a model with one input; this one has {}",
            model.inputs.len()
        )));
    };
    let complain = |message: String| Refusal::invalid(format!("input `{}`: {message}", declared.name));
    let fixed = declared.shape.iter().filter(|dim| **dim != -1);
    let size =
        declared.datatype.size().ok_or_else(|| complain("a raw body cannot tell where its texts end".to_owned()))?;
    let row = fixed.clone().try_fold(size, |n, dim| n.checked_mul(usize::try_from(*dim).ok()?));
    let free = declared.shape.len() - fixed.count();
    let row = row.filter(|row| *row > 0 && free <= 1).ok_or_else(|| {
        complain(format!(
            "a raw body needs a shape with at most one free dimension, it is {}",
            shape_text(declared.shape)
        ))
    })?;
    if body.is_empty() || !body.len().is_multiple_of(row) {
        return Err(complain(format!("a raw body must be a multiple of {row} bytes, got {}", body.len())));
    }
    let shape: Vec<usize> =
        declared.shape.iter().map(|dim| usize::try_from(*dim).unwrap_or(body.len() / row)).collect();
    let tensor = elements::from_bytes(declared.datatype, &shape, body).map_err(complain)?;
    let outputs = (0..model.outputs.len()).map(|index| (index, true)).collect();
    let inputs = [tensor.into_tvalue()].into_iter().collect();
    Ok(Call { id: None, inputs, shapes: vec![shape], outputs, timeout: None })
}
