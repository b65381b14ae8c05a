//! A request as clients mostly write it -> its [`Call`], in one pass over the text.
//!
//! Mostly means: no escapes in strings, no member that is unknown or stands twice, `data` flat and after the shape and type that it has.
//! Whatever else comes, right or wrong, is [`None`] here, and left to [`crate::protocol`], which knows what to say about it. What is read here is
//! what is read there, bit by bit. That it is UTF-8 need not be looked at: but for the id, every byte is one that is known.

use std::ops::Range;

use tract_onnx::prelude::{IntoTValue, TValue, TVec};

use crate::elements;
use crate::protocol::{Call, Inputs, Outputs, fit};
use crate::service;

/// Where the elements of an input stood, in the order in which they were read.
pub struct Hole {
    /// Its place in the model.
    pub input: usize,
    /// Of the JSON part. Empty where they are bytes behind it.
    pub text: Range<usize>,
    /// How many bytes.
    pub bytes: Option<usize>,
}

/// `equal` as in [`Inputs::finish`]; `binary` is what follows the JSON part.
pub fn read(
    model: &service::Model,
    equal: &[Vec<(usize, usize)>],
    json: &[u8],
    mut binary: &[u8],
) -> Option<(Call, Vec<Hole>)> {
    let mut text = Text::new(json);
    let mut holes = Vec::with_capacity(model.inputs.len());
    let (mut id, mut as_bytes) = (None, None);
    let (mut inputs, mut outputs) = (None, None);
    text.members(|text, name| match name {
        b"id" => fill(&mut id, std::str::from_utf8(text.string()?).ok()?.to_owned()),
        b"parameters" => text.members(|text, name| match name {
            b"binary_data_output" => fill(&mut as_bytes, text.truth()?),
            _ => None,
        }),
        b"inputs" => fill(&mut inputs, tensors(model, text, &mut binary, &mut holes)?),
        b"outputs" => fill(&mut outputs, wanted(model, text)?),
        _ => None,
    })?;
    text.end()?;
    let as_bytes = as_bytes.unwrap_or(false);
    let outputs = match outputs {
        Some(wanted) => {
            let mut outputs = Outputs::new(model);
            for (name, own) in wanted {
                outputs.add(name, false, own.unwrap_or(as_bytes)).ok()?;
            }
            outputs
        }
        None => Outputs::new(model),
    };
    if !binary.is_empty() {
        return None;
    }
    let (inputs, shapes) = inputs?.finish(equal).ok()?;
    Some((Call { id, inputs, shapes, outputs: outputs.finish(as_bytes), timeout: None }, holes))
}

fn fill<T>(place: &mut Option<T>, value: T) -> Option<()> {
    place.replace(value).is_none().then_some(())
}

fn tensors<'m>(
    model: &'m service::Model,
    text: &mut Text,
    binary: &mut &[u8],
    holes: &mut Vec<Hole>,
) -> Option<Inputs<'m>> {
    let mut inputs = Inputs::new(model);
    text.items(|text| {
        let (mut name, mut datatype) = (None, None);
        let (mut shape, mut size) = (None, None);
        let mut made: Option<(TValue, Vec<usize>)> = None;
        text.members(|text, member| match member {
            b"name" => fill(&mut name, named(model.inputs, text.string()?)?),
            b"datatype" => fill(&mut datatype, text.string()?),
            b"shape" => fill(&mut shape, text.sizes()?),
            b"parameters" => text.members(|text, parameter| match parameter {
                b"binary_data_size" => fill(&mut size, usize::try_from(text.size()?).ok()?),
                _ => None,
            }),
            b"data" => {
                let (input, declared) = name?;
                let shape = fitting(declared, datatype?, shape.as_deref()?)?;
                let start = text.at;
                let tensor = elements::from_plain(declared.datatype, &shape, text)?;
                holes.push(Hole { input, text: start..text.at, bytes: None });
                fill(&mut made, (tensor.into_tvalue(), shape))
            }
            _ => None,
        })?;
        let made = match (made, size) {
            (Some(made), None) => made,
            (None, Some(size)) => {
                let (input, declared) = name?;
                let shape = fitting(declared, datatype?, shape.as_deref()?)?;
                let (bytes, rest) = binary.split_at_checked(size)?;
                *binary = rest;
                holes.push(Hole { input, text: text.at..text.at, bytes: Some(size) });
                (elements::from_bytes(declared.datatype, &shape, bytes).ok()?.into_tvalue(), shape)
            }
            _ => return None,
        };
        inputs.add(name?.1.name, |_| Ok(made)).ok()
    })?;
    Some(inputs)
}

fn named(tensors: &'static [service::Tensor], name: &[u8]) -> Option<(usize, &'static service::Tensor)> {
    tensors.iter().enumerate().find(|(_, tensor)| tensor.name.as_bytes() == name)
}

fn fitting(declared: &service::Tensor, datatype: &[u8], shape: &[i64]) -> Option<Vec<usize>> {
    let is_type = datatype == declared.datatype.name().as_bytes();
    fit(declared, shape).ok().filter(|_| is_type)
}

/// Names of outputs, and for those that say so whether they go out as bytes.
type Wanted = Vec<(&'static str, Option<bool>)>;

fn wanted(model: &service::Model, text: &mut Text) -> Option<Wanted> {
    let mut wanted = Vec::with_capacity(model.outputs.len());
    text.items(|text| {
        let (mut name, mut as_bytes) = (None, None);
        text.members(|text, member| match member {
            b"name" => fill(&mut name, named(model.outputs, text.string()?)?.1.name),
            b"parameters" => text.members(|text, parameter| match parameter {
                b"binary_data" => fill(&mut as_bytes, text.truth()?),
                _ => None,
            }),
            _ => None,
        })?;
        // More than there are would be refused in any case.
        let name = name?;
        (wanted.len() < model.outputs.len()).then(|| wanted.push((name, as_bytes)))
    })?;
    Some(wanted)
}

/// JSON text, read from front to back.
pub struct Text<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// A number as it is written, with what a float can be made of where it is short enough: `mantissa * 10^exponent`.
pub struct Number<'a> {
    bytes: &'a [u8],
    pub negative: bool,
    pub mantissa: u64,
    pub exponent: i32,
    /// The mantissa has all digits.
    pub whole: bool,
}

impl<'a> Text<'a> {
    pub fn new(bytes: &'a [u8]) -> Text<'a> {
        Text { bytes, at: 0 }
    }

    /// Just these bytes.
    pub fn words(&mut self, words: &[u8]) -> Option<()> {
        let is_next = self.bytes.get(self.at..)?.starts_with(words);
        is_next.then(|| self.at += words.len())
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    /// This byte, after space, of which there mostly is none.
    #[inline]
    fn eat(&mut self, byte: u8) -> Option<()> {
        if self.peek()? != byte {
            self.space();
            if self.peek()? != byte {
                return None;
            }
        }
        self.at += 1;
        Some(())
    }

    fn end(&mut self) -> Option<()> {
        self.space();
        (self.at == self.bytes.len()).then_some(())
    }

    /// Bytes left at most.
    pub fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// Each of an object's members: `each` gets its name and reads its value.
    fn members(&mut self, mut each: impl FnMut(&mut Text<'a>, &'a [u8]) -> Option<()>) -> Option<()> {
        self.eat(b'{')?;
        if self.eat(b'}').is_some() {
            return Some(());
        }
        loop {
            let name = self.string()?;
            self.eat(b':')?;
            each(self, name)?;
            match self.eat(b',') {
                Some(()) => {}
                None => return self.eat(b'}'),
            }
        }
    }

    /// Each of an array's items: `each` reads it.
    pub fn items(&mut self, mut each: impl FnMut(&mut Text<'a>) -> Option<()>) -> Option<()> {
        self.eat(b'[')?;
        if self.eat(b']').is_some() {
            return Some(());
        }
        loop {
            each(self)?;
            match self.eat(b',') {
                Some(()) => {}
                None => return self.eat(b']'),
            }
        }
    }

    /// What stands between quotes, if it stands for itself.
    fn string(&mut self) -> Option<&'a [u8]> {
        self.eat(b'"')?;
        let rest = self.bytes.get(self.at..)?;
        let length = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..b' '))?;
        let (found, rest) = rest.split_at(length);
        self.at += length + 1;
        (rest.first() == Some(&b'"')).then_some(found)
    }

    pub fn truth(&mut self) -> Option<bool> {
        self.space();
        let rest = self.bytes.get(self.at..)?;
        let value = rest.starts_with(b"true");
        if !value && !rest.starts_with(b"false") {
            return None;
        }
        self.at += if value { 4 } else { 5 };
        Some(value)
    }

    fn sizes(&mut self) -> Option<TVec<i64>> {
        let mut sizes = TVec::new();
        self.items(|text| {
            sizes.push(i64::try_from(text.size()?).ok()?);
            Some(())
        })?;
        Some(sizes)
    }

    /// A number that is whole and not negative.
    fn size(&mut self) -> Option<u64> {
        let number = self.number()?;
        // Neither a point nor an exponent, which would not be in the mantissa alone.
        let digits = number.bytes.iter().all(u8::is_ascii_digit);
        (digits && number.whole).then_some(number.mantissa)
    }

    /// In the loop over all numbers of a request, which is where the time of a long one goes.
    #[inline(always)]
    pub fn number(&mut self) -> Option<Number<'a>> {
        self.space();
        let rest = self.bytes.get(self.at..)?;
        let negative = *rest.first()? == b'-';
        let first = usize::from(negative);
        let mut mantissa = 0_u64;
        let mut end = digits(rest, first, &mut mantissa);
        let mut count = end - first;
        if count == 0 || (count > 1 && rest[first] == b'0') {
            return None;
        }
        let mut exponent = 0;
        if rest.get(end) == Some(&b'.') {
            let point = end + 1;
            end = digits(rest, point, &mut mantissa);
            let places = end - point;
            if places == 0 {
                return None;
            }
            count += places;
            exponent = -i32::try_from(places).ok()?;
        }
        if let Some(b'e' | b'E') = rest.get(end) {
            let below = *rest.get(end + 1)? == b'-';
            let from = end + 1 + usize::from(below || rest[end + 1] == b'+');
            let mut power = 0_u64;
            end = digits(rest, from, &mut power);
            // A longer exponent is one that nobody writes.
            if !(1..=4).contains(&(end - from)) {
                return None;
            }
            let power = power as i32;
            exponent += if below { -power } else { power };
        }
        self.at += end;
        // As many digits always fit.
        Some(Number { bytes: &rest[..end], negative, mantissa, exponent, whole: count <= 19 })
    }
}

/// Where the digits end that begin at a place. They go behind those of the number.
#[inline]
fn digits(bytes: &[u8], mut at: usize, number: &mut u64) -> usize {
    while let Some(digit @ b'0'..=b'9') = bytes.get(at) {
        *number = number.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
        at += 1;
    }
    at
}

impl<'a> Number<'a> {
    pub fn text(&self) -> &'a str {
        // All of it is ASCII.
        std::str::from_utf8(self.bytes).unwrap_or_default()
    }

    /// The float, where one rounding makes it: both the digits and the power of ten are floats without one.
    pub fn float(&self) -> Option<f32> {
        const POWERS: [f32; 11] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10];
        if !self.whole || self.mantissa > 1 << f32::MANTISSA_DIGITS {
            return None;
        }
        let power = *POWERS.get(self.exponent.unsigned_abs() as usize)?;
        let digits = self.mantissa as f32;
        let value = if self.exponent < 0 { digits / power } else { digits * power };
        Some(if self.negative { -value } else { value })
    }

    /// As [`Number::float`].
    pub fn double(&self) -> Option<f64> {
        const POWERS: [f64; 23] = [
            1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
            1e19, 1e20, 1e21, 1e22,
        ];
        if !self.whole || self.mantissa > 1 << f64::MANTISSA_DIGITS {
            return None;
        }
        let power = *POWERS.get(self.exponent.unsigned_abs() as usize)?;
        let digits = self.mantissa as f64;
        let value = if self.exponent < 0 { digits / power } else { digits * power };
        Some(if self.negative { -value } else { value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol;
    use crate::service::DataType;

    const MODEL: service::Model = service::Model {
        name: "m",
        versions: &[],
        shadow_sample: 0,
        inputs: &[
            service::Tensor { name: "x", datatype: DataType::Fp32, shape: &[-1, 3] },
            service::Tensor { name: "n", datatype: DataType::Int64, shape: &[-1] },
        ],
        outputs: &[
            service::Tensor { name: "y", datatype: DataType::Fp32, shape: &[-1] },
            service::Tensor { name: "z", datatype: DataType::Fp32, shape: &[-1] },
        ],
    };

    const USUAL: [&str; 4] = [
        r#"{"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","data":[0.25,-1,3e-2]},{"name":"n","shape":[1],"datatype":"INT64","data":[-7]}]}"#,
        r#"{ "id": "a-1", "parameters": {"binary_data_output": true},
             "inputs": [ {"name": "n", "datatype": "INT64", "shape": [2], "data": [1, 2] },
                         {"name": "x", "datatype": "FP32", "shape": [2, 3], "data": [1.5, 2, 3, 4, 5, 16777217.1]} ],
             "outputs": [ {"name": "z", "parameters": {"binary_data": false}}, {"name": "y"} ] }"#,
        r#"{"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","parameters":{"binary_data_size":12}},{"name":"n","shape":[1],"datatype":"INT64","parameters":{"binary_data_size":8}}]}"#,
        r#"{"outputs":[],"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","data":[0.1234567890123,1e38,-0.0]},{"name":"n","shape":[1],"datatype":"INT64","data":[9223372036854775807]}]}"#,
    ];

    fn binary(json: &str) -> Vec<u8> {
        if json.contains("binary_data_size") { (0..20).collect() } else { Vec::new() }
    }

    type Told = (Option<String>, Vec<Vec<u8>>, Vec<Vec<usize>>, Vec<(usize, bool)>);

    /// Everything of a call that can be compared, to the bit.
    fn told(call: &Call) -> Told {
        let bytes = call.inputs.iter().map(|input| input.as_bytes().to_vec()).collect();
        (call.id.clone(), bytes, call.shapes.clone(), call.outputs.clone())
    }

    #[test]
    fn the_usual_is_read_at_once() {
        for json in USUAL {
            let binary = binary(json);
            let (call, _) = read(&MODEL, &[], json.as_bytes(), &binary).expect(json);
            let expected = protocol::read(&MODEL, &[], json.as_bytes(), &binary).unwrap();
            assert_eq!(told(&call), told(&expected), "{json}");
        }
    }

    /// Texts next to the usual ones: what is read here is right, and means the same, there.
    #[test]
    fn nothing_is_read_otherwise_than_there() {
        let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
        let mut next = |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % below
        };
        let pieces = [
            "",
            "0",
            "1",
            "00",
            "-",
            ".",
            "e",
            "E+",
            "1e5",
            "-0",
            "\"",
            "\\",
            ",",
            "[",
            "]",
            "{",
            "}",
            ":",
            " ",
            "\n",
            "null",
            "true",
            "\u{e9}",
            "\u{1}",
            "\"id\":\"b\",",
            "\"x\":1,",
            "\"data\":[1],",
            "\"shape\":[1],",
            "18446744073709551616",
            ".5",
            "5.",
            "0.1",
        ];
        let gentle = ["0", "1", " ", "\n", ".5", "e1"];
        let (mut read_here, mut refused_there) = (0, 0);
        for round in 0..60_000 {
            let json = USUAL[round % USUAL.len()];
            let binary = binary(json);
            let mut text = json.as_bytes().to_vec();
            let (at, length) = (next(text.len()), next(4));
            // Half of them are more likely to stay right.
            let (piece, length) =
                if round % 8 < 4 { (pieces[next(pieces.len())], length) } else { (gentle[next(gentle.len())], 0) };
            text.splice(at..(at + length).min(text.len()), piece.bytes());
            let there = protocol::read(&MODEL, &[], &text, &binary);
            refused_there += usize::from(there.is_err());
            let Some((here, _)) = read(&MODEL, &[], &text, &binary) else { continue };
            read_here += 1;
            let shown = String::from_utf8_lossy(&text);
            assert_eq!(
                told(&here),
                told(&there.unwrap_or_else(|refusal| panic!("{}: {shown}", refusal.message))),
                "{shown}"
            );
        }
        assert!(read_here > 2_000 && refused_there > 10_000, "{read_here} {refused_there}");
    }

    #[test]
    fn floats_are_those_of_the_standard_library() {
        let mut seed = 1_u64;
        for _ in 0..200_000 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let (digits, places, power) =
                (seed >> (20 + seed % 40), (seed >> 7) as usize % 12, (seed >> 13) as i32 % 12);
            let shown = format!("{digits}.{:0places$}e{}", seed % 10, power - 6, places = places.max(1));
            let number = Text::new(shown.as_bytes()).number().unwrap();
            if let Some(float) = number.float() {
                assert_eq!(float.to_bits(), shown.parse::<f32>().unwrap().to_bits(), "{shown}");
            }
            if let Some(double) = number.double() {
                assert_eq!(double.to_bits(), shown.parse::<f64>().unwrap().to_bits(), "{shown}");
            }
        }
    }
}
