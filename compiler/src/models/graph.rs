//! The nodes of an ONNX graph: bytes in, operators with their attributes out. Nothing is copied, and numbers in lists are read
//! only when somebody asks.

use super::protobuf::{Malformed, Wire, fields};

/// Subgraphs in subgraphs; deeper ones are not read, so that a file cannot exhaust the stack.
const DEEPEST: usize = 16;

/// GraphProto, and those of its nodes' branches and bodies.
#[derive(Default)]
pub struct Graph<'a> {
    /// In the order of the file, which ONNX says is one in which they can run.
    pub nodes: Vec<Node<'a>>,
    /// Constants.
    pub initializers: Vec<Constant<'a>>,
    /// Messages of type ValueInfoProto: inputs, outputs, and what the exporter found out about the rest.
    pub inputs: Vec<&'a [u8]>,
    /// As above.
    pub outputs: Vec<&'a [u8]>,
    /// As above.
    pub values: Vec<&'a [u8]>,
}

/// NodeProto.
pub struct Node<'a> {
    /// Its name; often empty.
    pub name: String,
    /// The operator.
    pub operator: String,
    /// The operator's domain; empty for ONNX's own.
    pub domain: String,
    /// Names of the tensors that it takes; empty for one left out.
    pub inputs: Vec<&'a str>,
    /// Names of the tensors that it makes.
    pub outputs: Vec<&'a str>,
    /// In the order of the file.
    pub attributes: Vec<Attribute<'a>>,
    /// Branches and bodies.
    pub graphs: Vec<Graph<'a>>,
}

/// AttributeProto.
pub struct Attribute<'a> {
    /// Its name.
    pub name: &'a str,
    message: &'a [u8],
}

/// TensorProto: element type, dimensions, and where its elements are.
#[derive(Clone)]
pub struct Constant<'a> {
    /// Its name.
    pub name: &'a str,
    /// TensorProto.DataType.
    pub element: u64,
    /// Dimensions.
    pub dims: Vec<u64>,
    message: &'a [u8],
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or("\u{fffd}")
}

impl<'a> Graph<'a> {
    /// Reads a graph.
    pub fn read(message: &'a [u8]) -> Result<Graph<'a>, Malformed> {
        Graph::read_at(message, 0)
    }

    fn read_at(message: &'a [u8], depth: usize) -> Result<Graph<'a>, Malformed> {
        let mut graph = Graph::default();
        for field in fields(message) {
            let field = field?;
            let bytes = field.value.bytes();
            match field.number {
                1 => graph.nodes.push(Node::read(bytes, depth)?),
                5 => graph.initializers.push(Constant::read(bytes)?),
                11 => graph.inputs.push(bytes),
                12 => graph.outputs.push(bytes),
                13 => graph.values.push(bytes),
                _ => {}
            }
        }
        Ok(graph)
    }
}

impl<'a> Node<'a> {
    fn read(message: &'a [u8], depth: usize) -> Result<Node<'a>, Malformed> {
        let mut node = Node {
            name: String::new(),
            operator: String::new(),
            domain: String::new(),
            inputs: Vec::new(),
            outputs: Vec::new(),
            attributes: Vec::new(),
            graphs: Vec::new(),
        };
        for field in fields(message) {
            let field = field?;
            let bytes = field.value.bytes();
            match field.number {
                1 => node.inputs.push(text(bytes)),
                2 => node.outputs.push(text(bytes)),
                3 => node.name = field.value.text(),
                4 => node.operator = field.value.text(),
                5 => node.attributes.push(Attribute::read(bytes)?),
                7 => node.domain = field.value.text(),
                _ => {}
            }
        }
        if node.domain == "ai.onnx" {
            node.domain.clear();
        }
        if depth < DEEPEST {
            for attribute in &node.attributes {
                for field in fields(attribute.message) {
                    let field = field?;
                    // A graph, or graphs.
                    if matches!(field.number, 6 | 11) {
                        node.graphs.push(Graph::read_at(field.value.bytes(), depth + 1)?);
                    }
                }
            }
        }
        Ok(node)
    }

    /// The attribute of this name.
    pub fn attribute(&self, name: &str) -> Option<&Attribute<'a>> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    /// A whole number, or what ONNX says it is by default.
    pub fn integer(&self, name: &str, default: i64) -> i64 {
        self.attribute(name).and_then(Attribute::integer).unwrap_or(default)
    }

    /// Whole numbers; none when the attribute is absent.
    pub fn integers(&self, name: &str) -> Vec<i64> {
        self.attribute(name).map(Attribute::integers).unwrap_or_default()
    }

    /// Whether it has the input at this place.
    pub fn has_input(&self, place: usize) -> bool {
        self.inputs.get(place).is_some_and(|name| !name.is_empty())
    }

    /// The node's own name, or that of what it makes, as people can find it.
    pub fn shown(&self) -> &str {
        if self.name.is_empty() { self.outputs.first().copied().unwrap_or("?") } else { &self.name }
    }
}

impl<'a> Attribute<'a> {
    fn read(message: &'a [u8]) -> Result<Attribute<'a>, Malformed> {
        let mut name = "";
        for field in fields(message) {
            let field = field?;
            if field.number == 1 {
                name = text(field.value.bytes());
            }
        }
        Ok(Attribute { name, message })
    }

    fn field(&self, number: u32) -> Option<Wire<'a>> {
        fields(self.message).flatten().find(|field| field.number == number).map(|field| field.value)
    }

    /// How many bytes it takes in the file.
    pub fn size(&self) -> u64 {
        self.message.len() as u64
    }

    /// A whole number.
    pub fn integer(&self) -> Option<i64> {
        match self.field(3)? {
            Wire::Varint(number) => Some(number.cast_signed()),
            _ => None,
        }
    }

    /// A tensor.
    pub fn tensor(&self) -> Option<Constant<'a>> {
        Constant::read(self.field(5)?.bytes()).ok()
    }

    /// Whole numbers, packed or not.
    pub fn integers(&self) -> Vec<i64> {
        varints(self.message, 8)
    }

    /// How many floats it holds, packed or not.
    pub fn float_count(&self) -> usize {
        let floats = fields(self.message).flatten().filter(|field| field.number == 7);
        floats.map(|field| if let Wire::Bytes(packed) = field.value { packed.len() / 4 } else { 1 }).sum()
    }

    /// Texts.
    pub fn texts(&self) -> Vec<&'a str> {
        let texts = fields(self.message).flatten().filter(|field| field.number == 9);
        texts.map(|field| text(field.value.bytes())).collect()
    }

    /// The value as people write it: a number or a text; for anything longer, three points.
    pub fn shown(&self) -> String {
        for field in fields(self.message).flatten() {
            match (field.number, field.value) {
                (2, Wire::Fixed(bytes)) => {
                    return <[u8; 4]>::try_from(bytes)
                        .map_or("…".to_owned(), |bytes| f32::from_le_bytes(bytes).to_string());
                }
                (3, Wire::Varint(number)) => return number.cast_signed().to_string(),
                (4, value) => return value.text(),
                _ => {}
            }
        }
        // A number that is 0 may be left out.
        match self.field(20).map(Wire::number) {
            Some(1 | 2) => "0".to_owned(),
            _ => "…".to_owned(),
        }
    }
}

/// The varints of a repeated field, packed or not.
fn varints(message: &[u8], number: u32) -> Vec<i64> {
    let mut found = Vec::new();
    for field in fields(message).flatten().filter(|field| field.number == number) {
        match field.value {
            Wire::Varint(value) => found.push(value.cast_signed()),
            Wire::Bytes(mut packed) => {
                while let Some((value, rest)) = varint(packed) {
                    found.push(value.cast_signed());
                    packed = rest;
                }
            }
            Wire::Fixed(_) => {}
        }
    }
    found
}

fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0_u64;
    for (place, byte) in bytes.iter().enumerate().take(10) {
        value |= u64::from(byte & 0x7f).checked_shl(7 * place as u32)?;
        if byte & 0x80 == 0 {
            return Some((value, &bytes[place + 1..]));
        }
    }
    None
}

impl<'a> Constant<'a> {
    fn read(message: &'a [u8]) -> Result<Constant<'a>, Malformed> {
        let mut constant = Constant { name: "", element: 0, dims: Vec::new(), message };
        for field in fields(message) {
            let field = field?;
            match field.number {
                2 => constant.element = field.value.number(),
                8 => constant.name = text(field.value.bytes()),
                _ => {}
            }
        }
        constant.dims = varints(message, 1).into_iter().map(|dim| u64::try_from(dim).unwrap_or(0)).collect();
        Ok(constant)
    }

    /// How many elements it has.
    pub fn count(&self) -> u64 {
        self.dims.iter().fold(1, |count: u64, dim| count.saturating_mul(*dim))
    }

    /// Its elements if they are whole numbers and few, as shapes and axes are.
    pub fn integers(&self) -> Option<Vec<i64>> {
        if self.count() > 1024 {
            return None;
        }
        let raw = fields(self.message).flatten().find(|field| field.number == 9).map(|field| field.value.bytes());
        let width = match self.element {
            2 | 3 | 9 => 1,
            4 | 5 => 2,
            6 | 12 => 4,
            7 | 13 => 8,
            _ => return None,
        };
        let signed = matches!(self.element, 3 | 5 | 6 | 7);
        match raw {
            Some(raw) => Some(
                raw.chunks_exact(width)
                    .map(|bytes| {
                        let extend = signed && bytes[width - 1] & 0x80 != 0;
                        let mut whole = if extend { [0xff; 8] } else { [0; 8] };
                        whole[..width].copy_from_slice(bytes);
                        i64::from_le_bytes(whole)
                    })
                    .collect(),
            ),
            // int32_data holds the small types sign-extended.
            None => Some([5, 7, 11].into_iter().flat_map(|number| varints(self.message, number)).collect()),
        }
    }

    /// Whether one of its elements is infinite, if it is of floats and small.
    pub fn is_infinite(&self) -> bool {
        if self.count() > 1024 {
            return false;
        }
        let bits = |bytes: &[u8]| match (self.element, bytes) {
            (1, &[a, b, c, d]) => f32::from_le_bytes([a, b, c, d]).is_infinite(),
            (10, &[low, high]) => u16::from_le_bytes([low, high]) & 0x7fff == 0x7c00,
            (11, &[a, b, c, d, e, f, g, h]) => f64::from_le_bytes([a, b, c, d, e, f, g, h]).is_infinite(),
            _ => false,
        };
        let width = match self.element {
            1 => 4,
            10 => 2,
            11 => 8,
            _ => return false,
        };
        fields(self.message).flatten().any(|field| match (field.number, field.value) {
            (4 | 9 | 10, Wire::Bytes(bytes)) => bytes.chunks_exact(width).any(bits),
            (4 | 10, Wire::Fixed(bytes)) => bits(bytes),
            _ => false,
        })
    }
}
