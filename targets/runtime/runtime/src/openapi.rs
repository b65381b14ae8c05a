//! What a service serves -> its OpenAPI 3.1 document, typed to the model: names, datatypes, shapes, an example that works.
//!
//! This file depends on nothing but `names`, so that the compiler includes it by path, as it does that one: the document that it emits and
//! the one that a running service answers come from one generator and are the same bytes. It writes JSON itself, because the order of keys
//! in other writers hangs on features that two builds need not share.
//!
//! The schemas refuse exactly what the server refuses, with two exceptions that JSON Schema has no words for: the number of elements is
//! the product of the shape where a dimension is free, and no output is asked for twice.

use super::names;

/// One input or output. A dimension of -1 may have any size from 1 up.
pub struct Tensor<'a> {
    pub name: &'a str,
    /// As the protocol names it, such as `FP32`.
    pub datatype: &'a str,
    pub shape: &'a [i64],
}

/// What the document describes.
pub struct Api<'a> {
    pub service: &'a str,
    pub model: &'a str,
    /// All of them; a call that names none gets one by their shares.
    pub versions: &'a [&'a str],
    pub inputs: &'a [Tensor<'a>],
    pub outputs: &'a [Tensor<'a>],
    /// Whether callers must send a key.
    pub api_key: bool,
    /// Whether callers may load and unload the model.
    pub repository: bool,
}

/// An example of more elements is left out: it would be most of the document.
const MOST_EXAMPLE_ELEMENTS: i64 = 4_096;

/// The document, ending in a newline.
pub fn document(api: &Api) -> String {
    let mut paths = vec![(names::PAGE_PATH.to_owned(), page()), (names::OPENAPI_PATH.to_owned(), own(api))];
    paths.push((names::METRICS_PATH.to_owned(), metrics()));
    paths.push((names::LIVE_PATH.to_owned(), live()));
    paths.push((
        names::READY_PATH.to_owned(),
        ready("serverReady", "Whether the model is loaded and warm.", Access::Open),
    ));
    paths.push(("/v2".to_owned(), server(api)));
    paths.push(("/v2/repository/index".to_owned(), index(api)));
    if api.repository {
        let path = |verb: &str| format!("/v2/repository/models/{}/{verb}", segment(api.model));
        paths.push((path("load"), change(api, "repositoryLoad", "Loads the model, or what has changed of it.")));
        paths.push((
            path("unload"),
            change(api, "repositoryUnload", "Unloads the model once its running requests are answered."),
        ));
    }
    let model = format!("/v2/models/{}", segment(api.model));
    paths.extend(of_model(api, &model, ""));
    for (number, version) in api.versions.iter().enumerate() {
        paths.extend(of_model(
            api,
            &format!("{model}/versions/{}", segment(version)),
            &format!("Version{}", number + 1),
        ));
    }
    let mut components = vec![
        ("schemas".to_owned(), schemas(api)),
        ("responses".to_owned(), responses()),
        ("headers".to_owned(), headers()),
    ];
    if api.api_key {
        let key = object([("type", text("apiKey")), ("in", text("header")), ("name", text(names::API_KEY_HEADER))]);
        components.push(("securitySchemes".to_owned(), object([("apiKey", key)])));
    }
    let about = format!(
        "The model `{}` in the Open Inference Protocol v2. Bodies may be gzip or deflate (`Content-Encoding`), answers are where \
         `Accept-Encoding` allows it and they are long enough to gain. A `traceparent` header is taken up.",
        api.model
    );
    let mut root = vec![
        ("openapi".to_owned(), text("3.1.0")),
        (
            "info".to_owned(),
            object([
                ("title", text(api.service)),
                ("version", text(api.versions.first().copied().unwrap_or_default())),
                ("description", text(about)),
            ]),
        ),
        ("servers".to_owned(), Json::List(vec![object([("url", text("/"))])])),
    ];
    if api.api_key {
        root.push(("security".to_owned(), Json::List(vec![object([("apiKey", Json::List(Vec::new()))])])));
    }
    root.push(("paths".to_owned(), Json::Object(paths)));
    root.push(("components".to_owned(), Json::Object(components)));
    let mut out = String::with_capacity(32 * 1024);
    Json::Object(root).write(&mut out, 0);
    out.push('\n');
    out
}

/// One request that the model takes: each free dimension is 1, floats are 0.5 and integers 0, which every index is within. `None` where it
/// would be too long.
pub fn example(inputs: &[Tensor]) -> Option<Json> {
    let mut left = MOST_EXAMPLE_ELEMENTS;
    let mut tensors = Vec::new();
    for input in inputs {
        let shape: Vec<i64> = input.shape.iter().map(|dim| if *dim == -1 { 1 } else { *dim }).collect();
        let elements = shape.iter().try_fold(1_i64, |product, dim| product.checked_mul(*dim))?;
        left = left.checked_sub(elements).filter(|left| *left >= 0)?;
        let element = match input.datatype {
            "BYTES" => text("a"),
            "BOOL" => Json::Number("true".to_owned()),
            datatype if datatype.starts_with("FP") => Json::Number("0.5".to_owned()),
            _ => Json::Number("0".to_owned()),
        };
        tensors.push(object([
            ("name", text(input.name)),
            ("datatype", text(input.datatype)),
            ("shape", Json::List(shape.into_iter().map(whole).collect())),
            ("data", Json::List((0..elements).map(|_| element.clone()).collect())),
        ]));
    }
    Some(object([("inputs", Json::List(tensors))]))
}

fn page() -> Json {
    let html = object([("text/html", object([("schema", of_type("string"))]))]);
    let about = "A page that shows the model and lets a person try it.";
    get("page", about, [("200", response("The page.", Some(html)))], Access::Open)
}

fn own(api: &Api) -> Json {
    let json = object([("application/json", object([("schema", of_type("object"))]))]);
    get("openapi", "This document.", [("200", response("This document.", Some(json)))], api.guarded())
}

fn metrics() -> Json {
    let schema = || object([("schema", of_type("string"))]);
    let content = object([("text/plain", schema()), ("application/openmetrics-text", schema())]);
    let about = "Metrics in the Prometheus text format 0.0.4, or in OpenMetrics 1.0 where `Accept` prefers that.";
    get("metrics", about, [("200", response("Metrics.", Some(content)))], Access::Open)
}

fn live() -> Json {
    get("serverLive", "Whether the process serves.", [("200", response("It does.", None))], Access::Open)
}

fn ready(id: &str, about: &str, access: Access) -> Json {
    let answers = [("200", response("Ready.", None)), ("503", refer("responses", "Unavailable"))];
    get(id, about, answers, access)
}

fn server(api: &Api) -> Json {
    let schema = record([
        ("name", constant(api.service)),
        ("version", of_type("string")),
        ("extensions", object([("type", text("array")), ("items", of_type("string"))])),
    ]);
    get(
        "serverMetadata",
        "Name, version and extensions of the server.",
        [("200", json_response("About the server.", schema))],
        api.guarded(),
    )
}

fn index(api: &Api) -> Json {
    let entry = record([
        ("name", constant(api.model)),
        ("version", one_of_texts(api.versions)),
        ("state", one_of_texts(&["READY", "LOADING", "UNLOADING", "UNAVAILABLE"])),
        ("reason", of_type("string")),
    ]);
    let schema = object([("type", text("array")), ("items", entry)]);
    let answers = [("200", json_response("The models.", schema))];
    object([(
        "post",
        operation("repositoryIndex", "The versions of the model and their states.", Vec::new(), answers, api.guarded()),
    )])
}

fn change(api: &Api, id: &str, about: &str) -> Json {
    let schema = object([("type", text("object")), ("properties", object([("parameters", of_type("object"))]))]);
    let body = object([("content", object([("application/json", object([("schema", schema)]))]))]);
    let answers = [
        ("200", response("Done.", None)),
        ("400", refer("responses", "BadRequest")),
        ("503", refer("responses", "Unavailable")),
    ];
    object([("post", operation(id, about, vec![("requestBody".to_owned(), body)], answers, api.guarded()))])
}

fn of_model(api: &Api, path: &str, suffix: &str) -> [(String, Json); 3] {
    let id = |name: &str| format!("{name}{suffix}");
    let metadata = get(
        &id("modelMetadata"),
        "Inputs and outputs of the model.",
        [("200", json_response("About the model.", refer("schemas", "ModelMetadata")))],
        api.guarded(),
    );
    [
        (path.to_owned(), metadata),
        (format!("{path}/ready"), ready(&id("modelReady"), "Whether the model is loaded and warm.", api.guarded())),
        (format!("{path}/infer"), infer(api, &id("modelInfer"))),
    ]
}

fn infer(api: &Api, id: &str) -> Json {
    let length = "Length in bytes of the JSON part of the body, where bytes follow it: each input that has no `data` has \
        `parameters.binary_data_size`, and its little-endian elements follow in the order of `inputs`. 0: the whole body is the elements \
        of the only input.";
    let parameter = |name: &str, about: &str, schema: Json| {
        object([("name", text(name)), ("in", text("header")), ("description", text(about)), ("schema", schema)])
    };
    let parameters = vec![
        parameter(
            "Inference-Header-Content-Length",
            length,
            object([("type", text("integer")), ("minimum", whole(0))]),
        ),
        parameter(names::REQUEST_ID_HEADER, "Comes back with the answer and stands in the logs.", of_type("string")),
    ];
    let mut json = vec![("schema".to_owned(), refer("schemas", "InferRequest"))];
    if let Some(example) = example(api.inputs) {
        let one = object([("summary", text("One row")), ("value", example)]);
        json.push(("examples".to_owned(), object([("row", one)])));
    }
    let body = object([
        ("required", Json::Number("true".to_owned())),
        ("content", object([("application/json", Json::Object(json)), ("application/octet-stream", bytes())])),
    ]);
    let answer = object([
        (
            "description",
            text("The outputs that were asked for, or all. Bytes where the request asks for `binary_data`."),
        ),
        (
            "headers",
            object([
                (names::REQUEST_ID_HEADER, refer("headers", "RequestId")),
                ("Inference-Header-Content-Length", refer("headers", "JsonLength")),
            ]),
        ),
        (
            "content",
            object([
                ("application/json", object([("schema", refer("schemas", "InferResponse"))])),
                ("application/octet-stream", bytes()),
            ]),
        ),
    ]);
    let refusals = [
        ("200", answer),
        ("400", refer("responses", "BadRequest")),
        ("408", refer("responses", "BodyTooSlow")),
        ("413", refer("responses", "TooLarge")),
        ("415", refer("responses", "UnknownEncoding")),
        ("422", refer("responses", "NotFinite")),
        ("500", refer("responses", "EngineFailed")),
        ("503", refer("responses", "Unavailable")),
        ("504", refer("responses", "TooLate")),
    ];
    let about = "Runs the model.";
    let more = vec![("parameters".to_owned(), Json::List(parameters)), ("requestBody".to_owned(), body)];
    object([("post", operation(id, about, more, refusals, api.guarded()))])
}

fn get<const N: usize>(id: &str, about: &str, answers: [(&str, Json); N], access: Access) -> Json {
    object([("get", operation(id, about, Vec::new(), answers, access))])
}

/// Whether a call needs the key.
#[derive(Clone, Copy, PartialEq)]
enum Access {
    /// Never.
    Open,
    /// Where the service has one, and it has.
    Key,
    /// Where the service has one, and it has none.
    NoKey,
}

impl Api<'_> {
    fn guarded(&self) -> Access {
        if self.api_key { Access::Key } else { Access::NoKey }
    }
}

fn operation<const N: usize>(
    id: &str,
    about: &str,
    more: Vec<(String, Json)>,
    answers: [(&str, Json); N],
    access: Access,
) -> Json {
    let mut members = vec![("operationId".to_owned(), text(id)), ("summary".to_owned(), text(about))];
    if access == Access::Open {
        members.push(("security".to_owned(), Json::List(Vec::new())));
    }
    members.extend(more);
    let mut answers: Vec<(String, Json)> =
        answers.into_iter().map(|(status, answer)| (status.to_owned(), answer)).collect();
    if access == Access::Key {
        let at = answers.iter().position(|(status, _)| status.as_str() > "401").unwrap_or(answers.len());
        answers.insert(at, ("401".to_owned(), refer("responses", "Unauthorized")));
    }
    members.push(("responses".to_owned(), Json::Object(answers)));
    Json::Object(members)
}

fn schemas(api: &Api) -> Json {
    let input_names = component_names("Input", api.inputs);
    let output_names = component_names("Output", api.outputs);
    let mut schemas = vec![
        ("InferRequest".to_owned(), infer_request(api, &input_names)),
        ("InferResponse".to_owned(), infer_response(api, &output_names)),
        ("ModelMetadata".to_owned(), model_metadata(api)),
        ("Error".to_owned(), record([("error", of_type("string"))])),
    ];
    schemas.extend(input_names.into_iter().zip(api.inputs.iter().map(input)));
    schemas.extend(output_names.into_iter().zip(api.outputs.iter().map(output)));
    Json::Object(schemas)
}

/// Names of components have few letters. Tensors that do without others keep their names in them, otherwise all are numbered.
fn component_names(kind: &str, tensors: &[Tensor]) -> Vec<String> {
    let plain = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
    if tensors.iter().all(|tensor| plain(tensor.name)) {
        return tensors.iter().map(|tensor| format!("{kind}_{}", tensor.name)).collect();
    }
    (1..=tensors.len()).map(|number| format!("{kind}_{number}")).collect()
}

fn infer_request(api: &Api, names: &[String]) -> Json {
    let count = whole(api.inputs.len() as i64);
    let mut inputs = vec![
        ("type".to_owned(), text("array")),
        ("minItems".to_owned(), count.clone()),
        ("maxItems".to_owned(), count),
        ("items".to_owned(), any_of(names.iter().map(|name| refer("schemas", name)).collect())),
    ];
    if names.len() > 1 {
        // In any order, but each once.
        let contains = |name: &String| object([("contains", refer("schemas", name))]);
        inputs.push(("allOf".to_owned(), Json::List(names.iter().map(contains).collect())));
    }
    let binary = "Whether outputs come as bytes, unless they say otherwise themselves.";
    let timeout = object([
        ("type", texts(&["integer", "null"])),
        (
            "description",
            text("Microseconds that the caller waits; past them the answer is 504. 0: as long as the service allows."),
        ),
        ("minimum", whole(0)),
        ("maximum", Json::Number(u64::MAX.to_string())),
    ]);
    let output = object([
        ("type", text("object")),
        ("required", texts(&["name"])),
        (
            "properties",
            object([
                ("name", one_of_texts(&api.outputs.iter().map(|tensor| tensor.name).collect::<Vec<_>>())),
                (
                    "parameters",
                    parameters([("binary_data", or_null("boolean", "Whether this output comes as bytes."))]),
                ),
            ]),
        ),
    ]);
    object([
        ("type", text("object")),
        ("required", texts(&["inputs"])),
        (
            "properties",
            object([
                ("id", or_null("string", "Comes back with the answer.")),
                ("parameters", parameters([("binary_data_output", or_null("boolean", binary)), ("timeout", timeout)])),
                ("inputs", Json::Object(inputs)),
                (
                    "outputs",
                    object([
                        ("type", texts(&["array", "null"])),
                        ("description", text("The outputs wanted, each once; all, when left out or empty.")),
                        ("maxItems", whole(api.outputs.len() as i64)),
                        ("items", output),
                    ]),
                ),
            ]),
        ),
    ])
}

fn infer_response(api: &Api, names: &[String]) -> Json {
    let outputs = object([
        ("type", text("array")),
        ("minItems", whole(1)),
        ("maxItems", whole(names.len() as i64)),
        ("items", any_of(names.iter().map(|name| refer("schemas", name)).collect())),
    ]);
    object([
        ("type", text("object")),
        ("required", texts(&["model_name", "model_version", "outputs"])),
        (
            "properties",
            object([
                ("model_name", constant(api.model)),
                ("model_version", one_of_texts(api.versions)),
                ("id", of_type("string")),
                ("outputs", outputs),
            ]),
        ),
    ])
}

fn model_metadata(api: &Api) -> Json {
    let list = |tensors: &[Tensor]| {
        let one = |tensor: &Tensor| {
            let shape = Json::List(tensor.shape.iter().map(|dim| whole(*dim)).collect());
            object([("name", text(tensor.name)), ("datatype", text(tensor.datatype)), ("shape", shape)])
        };
        object([("const", Json::List(tensors.iter().map(one).collect()))])
    };
    record([
        ("name", constant(api.model)),
        ("versions", object([("type", text("array")), ("items", one_of_texts(api.versions))])),
        ("platform", constant("onnx_onnxv1")),
        ("inputs", list(api.inputs)),
        ("outputs", list(api.outputs)),
    ])
}

fn input(tensor: &Tensor) -> Json {
    let flat = array(element(tensor.datatype, true), tensor.shape.iter().copied());
    let data = match tensor.shape {
        [] | [_] => flat,
        shape => {
            let nested = shape.iter().rev().fold(element(tensor.datatype, true), |inner, dim| array(inner, [*dim]));
            any_of(vec![flat, nested])
        }
    };
    object([
        ("type", text("object")),
        ("title", text(tensor.name)),
        ("required", texts(&["name", "datatype", "shape", "data"])),
        (
            "properties",
            object([
                ("name", constant(tensor.name)),
                ("datatype", constant(tensor.datatype)),
                ("shape", shape(tensor.shape, 1)),
                ("data", data),
                ("parameters", object([("type", texts(&["object", "null"]))])),
            ]),
        ),
    ])
}

fn output(tensor: &Tensor) -> Json {
    let data = object([("type", text("array")), ("items", element(tensor.datatype, false))]);
    object([
        ("type", text("object")),
        ("title", text(tensor.name)),
        ("required", texts(&["name", "datatype", "shape", "data"])),
        (
            "properties",
            object([
                ("name", constant(tensor.name)),
                ("datatype", constant(tensor.datatype)),
                ("shape", shape(tensor.shape, 0)),
                ("data", data),
            ]),
        ),
    ])
}

/// An array of as many elements as these dimensions have together; as many at least, where one of them is free.
fn array(items: Json, dims: impl IntoIterator<Item = i64>) -> Json {
    let (mut least, mut free) = (1_i64, false);
    for dim in dims {
        free |= dim == -1;
        least = least.saturating_mul(dim.max(1));
    }
    let mut members =
        vec![("type".to_owned(), text("array")), ("minItems".to_owned(), whole(least)), ("items".to_owned(), items)];
    if !free {
        members.insert(2, ("maxItems".to_owned(), whole(least)));
    }
    Json::Object(members)
}

fn shape(dims: &[i64], least: i64) -> Json {
    let rank = whole(dims.len() as i64);
    let mut members =
        vec![("type".to_owned(), text("array")), ("minItems".to_owned(), rank.clone()), ("maxItems".to_owned(), rank)];
    if !dims.is_empty() {
        let dim = |dim: &i64| match dim {
            -1 => object([("type", text("integer")), ("minimum", whole(least))]),
            fixed => object([("const", whole(*fixed))]),
        };
        members.push(("prefixItems".to_owned(), Json::List(dims.iter().map(dim).collect())));
    }
    Json::Object(members)
}

/// `given`: by a caller, where a number must fit its type.
fn element(datatype: &str, given: bool) -> Json {
    let between = |least: String, most: String| {
        object([("type", text("integer")), ("minimum", Json::Number(least)), ("maximum", Json::Number(most))])
    };
    let below = |most: &str| {
        object([
            ("type", text("number")),
            ("exclusiveMinimum", Json::Number(format!("-{most}"))),
            ("exclusiveMaximum", Json::Number(most.to_owned())),
        ])
    };
    match (datatype, given) {
        ("BYTES", _) => of_type("string"),
        ("BOOL", false) => of_type("boolean"),
        ("BOOL", true) => any_of(vec![of_type("boolean"), object([("enum", Json::List(vec![whole(0), whole(1)]))])]),
        ("UINT8", _) => between("0".into(), u8::MAX.to_string()),
        ("UINT16", _) => between("0".into(), u16::MAX.to_string()),
        ("UINT32", _) => between("0".into(), u32::MAX.to_string()),
        ("UINT64", _) => between("0".into(), u64::MAX.to_string()),
        ("INT8", _) => between(i8::MIN.to_string(), i8::MAX.to_string()),
        ("INT16", _) => between(i16::MIN.to_string(), i16::MAX.to_string()),
        ("INT32", _) => between(i32::MIN.to_string(), i32::MAX.to_string()),
        ("INT64", _) => between(i64::MIN.to_string(), i64::MAX.to_string()),
        // From halfway past the largest number of a type, rounding gives infinity.
        ("FP16", true) => below("65520"),
        ("FP32", true) => below("3.4028235677973366e38"),
        ("FP64", true) => object([
            ("type", text("number")),
            ("minimum", Json::Number("-1.7976931348623157e308".to_owned())),
            ("maximum", Json::Number("1.7976931348623157e308".to_owned())),
        ]),
        _ => of_type("number"),
    }
}

fn responses() -> Json {
    let refusal = |about: &str| {
        let error = object([("application/json", object([("schema", refer("schemas", "Error"))]))]);
        response(about, Some(error))
    };
    let unavailable = object([
        ("description", text("Too much at once, still loading, or shutting down: try again.")),
        (
            "headers",
            object([
                (names::REQUEST_ID_HEADER, refer("headers", "RequestId")),
                ("Retry-After", refer("headers", "RetryAfter")),
            ]),
        ),
        ("content", object([("application/json", object([("schema", refer("schemas", "Error"))]))])),
    ]);
    object([
        ("BadRequest", refusal("What does not fit the model: names the tensor, what was expected and what came.")),
        ("Unauthorized", refusal("The API key is missing or wrong.")),
        ("BodyTooSlow", refusal("The body did not arrive in time.")),
        ("TooLarge", refusal("The body, or what it asks for, is too much for the memory.")),
        ("UnknownEncoding", refusal("A content encoding that is neither gzip nor deflate.")),
        ("NotFinite", refusal("An output holds NaN or infinity, for which JSON has no word. As bytes it is answered.")),
        ("EngineFailed", refusal("The engine failed.")),
        ("Unavailable", unavailable),
        ("TooLate", refusal("The answer was not ready in time.")),
    ])
}

fn headers() -> Json {
    let header = |about: &str, schema: Json| object([("description", text(about)), ("schema", schema)]);
    let length = object([("type", text("integer")), ("minimum", whole(1))]);
    object([
        ("RequestId", header("The caller's, if it is fit to print, else a new one.", of_type("string"))),
        ("RetryAfter", header("Seconds.", object([("type", text("integer")), ("minimum", whole(0))]))),
        ("JsonLength", header("Length in bytes of the JSON part, where outputs follow it as bytes.", length)),
    ])
}

fn response(about: &str, content: Option<Json>) -> Json {
    let request_id = object([(names::REQUEST_ID_HEADER, refer("headers", "RequestId"))]);
    let mut members = vec![("description".to_owned(), text(about)), ("headers".to_owned(), request_id)];
    members.extend(content.map(|content| ("content".to_owned(), content)));
    Json::Object(members)
}

fn json_response(about: &str, schema: Json) -> Json {
    response(about, Some(object([("application/json", object([("schema", schema)]))])))
}

/// An object that always has all of these.
fn record<const N: usize>(properties: [(&str, Json); N]) -> Json {
    let required = texts(&properties.each_ref().map(|(name, _)| *name));
    object([("type", text("object")), ("required", required), ("properties", object(properties))])
}

fn parameters<const N: usize>(properties: [(&str, Json); N]) -> Json {
    object([("type", texts(&["object", "null"])), ("properties", object(properties))])
}

fn or_null(kind: &str, about: &str) -> Json {
    object([("type", texts(&[kind, "null"])), ("description", text(about))])
}

/// The binary tensor extension: JSON, then the elements.
fn bytes() -> Json {
    object([("schema", object([("type", text("string")), ("format", text("binary"))]))])
}

fn of_type(name: &str) -> Json {
    object([("type", text(name))])
}

fn constant(value: &str) -> Json {
    object([("type", text("string")), ("const", text(value))])
}

fn one_of_texts(values: &[&str]) -> Json {
    object([("type", text("string")), ("enum", texts(values))])
}

fn any_of(mut schemas: Vec<Json>) -> Json {
    match schemas.len() {
        1 => schemas.remove(0),
        _ => object([("anyOf", Json::List(schemas))]),
    }
}

fn refer(kind: &str, name: &str) -> Json {
    object([("$ref", text(format!("#/components/{kind}/{name}")))])
}

/// A part of a path, escaped but for what RFC 3986 calls unreserved.
fn segment(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// JSON whose members stand in the order in which they were given.
#[derive(Clone)]
pub enum Json {
    Text(String),
    /// A number or a word, as it is written.
    Number(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

fn text(value: impl Into<String>) -> Json {
    Json::Text(value.into())
}

fn texts(values: &[&str]) -> Json {
    Json::List(values.iter().map(|value| text(*value)).collect())
}

fn whole(number: i64) -> Json {
    Json::Number(number.to_string())
}

fn object<const N: usize>(members: [(&str, Json); N]) -> Json {
    Json::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

impl Json {
    /// Objects over lines, lists of numbers and texts on one.
    pub fn write(&self, out: &mut String, depth: usize) {
        let line = |out: &mut String, depth: usize| {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', 2 * depth));
        };
        match self {
            Json::Text(value) => quote(out, value),
            Json::Number(value) => out.push_str(value),
            Json::List(items) => {
                let flat = items.iter().all(|item| matches!(item, Json::Text(_) | Json::Number(_)));
                out.push('[');
                for (number, item) in items.iter().enumerate() {
                    match (number, flat) {
                        (0, true) => {}
                        (_, true) => out.push_str(", "),
                        (0, false) => line(out, depth + 1),
                        (_, false) => {
                            out.push(',');
                            line(out, depth + 1);
                        }
                    }
                    item.write(out, depth + 1);
                }
                if !flat {
                    line(out, depth);
                }
                out.push(']');
            }
            Json::Object(members) if members.is_empty() => out.push_str("{}"),
            Json::Object(members) => {
                out.push('{');
                for (number, (name, value)) in members.iter().enumerate() {
                    if number > 0 {
                        out.push(',');
                    }
                    line(out, depth + 1);
                    quote(out, name);
                    out.push_str(": ");
                    value.write(out, depth + 1);
                }
                line(out, depth);
                out.push('}');
            }
        }
    }
}

fn quote(out: &mut String, value: &str) {
    out.push('"');
    for character in value.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            control if control < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(control))),
            plain => out.push(plain),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn api<'a>(model: &'a str, inputs: &'a [Tensor<'a>]) -> Api<'a> {
        Api { service: "s", model, versions: &["3", "4 b"], inputs, outputs: &[], api_key: true, repository: true }
    }

    fn parsed(api: &Api) -> serde_json::Value {
        serde_json::from_str(&document(api)).expect("JSON")
    }

    #[test]
    fn hostile_names_stay_names() {
        let nasty = "a\"b\\c\nd\u{1}/{e}</script>é\u{2028}";
        let document = parsed(&api(nasty, &[Tensor { name: nasty, datatype: "FP32", shape: &[-1, 2] }]));
        let path = "/v2/models/a%22b%5Cc%0Ad%01%2F%7Be%7D%3C%2Fscript%3E%C3%A9%E2%80%A8/infer";
        assert!(document["paths"][path]["post"].is_object(), "{:#}", document["paths"]);
        let input = &document["components"]["schemas"]["Input_1"];
        assert_eq!(input["properties"]["name"]["const"], nasty);
        assert_eq!(input["properties"]["shape"]["prefixItems"][1]["const"], 2);
    }

    #[test]
    fn every_version_and_every_call_has_an_id_of_its_own() {
        let document = parsed(&api("m", &[]));
        let paths = document["paths"].as_object().unwrap();
        let operations = paths.values().flat_map(|path| path.as_object().unwrap().values());
        let mut ids: Vec<&str> = operations.map(|operation| operation["operationId"].as_str().unwrap()).collect();
        assert!(paths.contains_key("/v2/models/m/versions/4%20b/infer"));
        assert!(paths.contains_key("/v2/repository/models/m/unload"));
        ids.sort_unstable();
        let before = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), before);
    }

    /// Probes and scrapers have no key, everything else needs it where there is one.
    #[test]
    fn the_key_is_asked_for_where_the_server_asks() {
        let with = parsed(&api("m", &[]));
        let open = |path: &str, method: &str| with["paths"][path][method]["security"] == serde_json::json!([]);
        assert!(open("/v2/health/live", "get") && open("/v2/health/ready", "get") && open("/metrics", "get"));
        assert!(
            !open("/v2/models/m/ready", "get") && !open("/v2/models/m/infer", "post") && !open("/openapi.json", "get")
        );
        assert_eq!(with["security"], serde_json::json!([{ "apiKey": [] }]));
        let without = parsed(&Api { api_key: false, ..api("m", &[]) });
        assert!(without["security"].is_null() && without["components"]["securitySchemes"].is_null());
    }

    #[test]
    fn an_example_that_would_be_most_of_the_document_is_left_out() {
        let big = [Tensor { name: "x", datatype: "FP32", shape: &[-1, 3, 224, 224] }];
        assert!(example(&big).is_none());
        assert!(example(&[Tensor { name: "x", datatype: "FP32", shape: &[i64::MAX, i64::MAX] }]).is_none());
        assert!(parsed(&api("m", &big))["paths"]["/v2/models/m/infer"]["post"]["requestBody"].is_object());
    }

    #[test]
    fn scalars_and_fixed_shapes_say_how_many_elements() {
        let inputs = [
            Tensor { name: "scalar", datatype: "INT8", shape: &[] },
            Tensor { name: "fixed", datatype: "BOOL", shape: &[2, 3] },
        ];
        let document = parsed(&api("m", &inputs));
        let schemas = &document["components"]["schemas"];
        let data = &schemas["Input_scalar"]["properties"]["data"];
        assert_eq!((&data["minItems"], &data["maxItems"]), (&1.into(), &1.into()));
        let data = &schemas["Input_fixed"]["properties"]["data"]["anyOf"];
        assert_eq!((&data[0]["minItems"], &data[0]["maxItems"]), (&6.into(), &6.into()));
        assert_eq!((&data[1]["maxItems"], &data[1]["items"]["maxItems"]), (&2.into(), &3.into()));
    }
}
