//! Strings that some reader takes for something else, written by us and read back by others.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::{Rendered, comment, document, to_string};

fn nasty() -> Vec<String> {
    let words = "y Y n N yes Yes YES no No NO on On ON off Off OFF true True TRUE false False FALSE null Null NULL ~ \
        nan NaN .nan .NaN .inf -.inf +.INF Infinity = << ! !! !!str & &a * *a ? - -- --- ... : | > % @ ` # , [ ] { } [] {} \
        0 -0 +1 007 0o17 0x1F 0b101 0644 1_000 0_0 1__0 _1 685_230.15 1e3 1E3 1.5e+3 1e .5 5. -.5 +.5 1.10 12e03 .e1 \
        190:20:30 12:30 12:30:45 1:2 -1:30 2001-12-14 2001-12-14t21:59:43.10-05:00 2002-1-1 123456789012345678901234567890 \
        a: :a a:b a:b: a::b a#b a,b a]b \"q\" 'q' it's \\ \\n C:\\dir %YAML @at `tick` tcp://agent.ns:25888 /v2/health/live \
        10% 1Gi 250m 3-abc e5 0e5 é 日本 🙂 ～ a=b =a x@y";
    let spaced = [
        "",
        " ",
        "  ",
        " a",
        "a ",
        "a b",
        "a  b",
        "a: b",
        "a :b",
        "a #b",
        "a # b",
        "- a",
        "? a",
        "! a",
        "[a, b]",
        "{a: b}",
        "key: [1, 2]",
        "\t",
        "\ta",
        "a\t",
        "a\tb",
        "\n",
        "\n\n",
        "a\n",
        "a\n\n",
        "\na",
        "a\nb",
        "a\nb\n",
        "a\nb\n\n",
        "a\n\nb\n",
        "a\n b\n",
        " a\nb",
        "\ta\nb",
        "a \nb",
        "a\n\tb",
        "a\n---\nb",
        "a\n...\nb",
        "a\n# b\n",
        "a\n  \nb",
        "a: b\nc: d\n",
        "- a\n- b\n",
        "a\r\nb",
        "a\rb",
        "\r",
        "é\n日本\n",
        "\u{0}",
        "\u{1}",
        "\u{7}",
        "\u{1b}[31m",
        "\u{7f}",
        "\u{80}",
        "a\u{85}b",
        "a\n\u{85}b",
        "\u{a0}",
        "\u{ad}",
        "a\u{2028}b",
        "a\u{2029}b",
        "\u{200b}",
        "\u{202e}abc",
        "\u{feff}a",
        "a\u{feff}",
        "\u{fffd}",
        "\u{10ffff}",
        "\u{1f600}",
        "yes\n",
        "null and void",
        "on, off",
        "true # or not",
        "2001-12-14 21:59:43.10 -5",
        "# no comment",
        "\"",
        "'",
        "''",
        "\\\"",
        "%TAG ! x",
        "ends:",
        "--- a",
    ];
    let long = "k".repeat(1500);
    words.split(' ').filter(|w| !w.is_empty()).chain(spaced).chain([long.as_str()]).map(str::to_owned).collect()
}

/// Every string as a value, as an item, as an item's field and as a key, each in reach of the others' indentation.
fn corpus() -> Value {
    let strings = nasty();
    let keys: BTreeMap<&String, usize> = strings.iter().zip(0..).collect();
    let nested: BTreeMap<&String, Value> = strings.iter().map(|s| (s, json!([{ "a": s, "b": [s] }]))).collect();
    json!({
        "values": strings.iter().enumerate().map(|(i, s)| (format!("k{i}"), json!(s))).collect::<BTreeMap<_, _>>(),
        "items": strings,
        "fields": strings.iter().map(|s| json!({ "first": s, "second": s })).collect::<Vec<_>>(),
        "lists": strings.iter().map(|s| json!([s, [s, [], {}], { "deep": [[s]] }])).collect::<Vec<_>>(),
        "keys": keys,
        "nested": nested,
    })
}

#[test]
fn the_corpus_is_large_enough_and_has_no_twins() {
    let mut strings = nasty();
    assert!(strings.len() >= 80, "{}", strings.len());
    let total = strings.len();
    strings.sort();
    strings.dedup();
    assert_eq!(strings.len(), total);
}

#[test]
fn a_yaml_1_2_reader_reads_back_what_was_written() {
    let corpus = corpus();
    let text = to_string(&corpus).unwrap();
    let read: Value = serde_yaml::from_str(&text).unwrap();
    assert_eq!(read, corpus);
    for string in nasty() {
        let read: String = serde_yaml::from_str(&to_string(&string).unwrap()).unwrap();
        assert_eq!(read, string);
    }
}

#[test]
fn it_looks_as_a_person_would_write_it() {
    let value = json!({
        "name": "risk",
        "image": "registry/risk:3-abc",
        "flag": "yes",
        "path": "/v2/health/live",
        "count": 3,
        "none": null,
        "empty": {},
        "list": [],
        "args": ["a", ["b", "c"], { "d": [1], "e": {} }],
        "note": "two\n\nlines\n",
        "open": "no\nend",
    });
    let mut text = String::new();
    document(&mut text, [comment("First.\n").as_str(), &comment("\nWhy: \u{7}because.")], &value).unwrap();
    document(&mut text, [], &"second").unwrap();
    assert_eq!(
        text,
        "\
# First.
#
# Why: ?because.
name: risk
image: registry/risk:3-abc
flag: \"yes\"
path: /v2/health/live
count: 3
none: null
empty: {}
list: []
args:
- a
- - b
  - c
- d:
  - 1
  e: {}
note: |
  two

  lines
open: |-
  no
  end
---
second
"
    );
}

#[derive(Serialize)]
enum Shape {
    Unit,
    New(u8),
    Pair(u8, u8),
    Named { a: Option<u8>, b: f32 },
}

#[test]
fn every_shape_of_serde_is_written() {
    let shapes = [
        Shape::Unit,
        Shape::New(1),
        Shape::Pair(1, 2),
        Shape::Named { a: None, b: 0.1 },
        Shape::Named { a: Some(3), b: 1e30 },
    ];
    let value = json!({ "a": 1 });
    let text = to_string(&(shapes, [('x', ())], value, BTreeMap::from([(12, true)]))).unwrap();
    let read: Value = serde_yaml::from_str(&text).unwrap();
    let expected = json!([
        ["Unit", { "New": 1 }, { "Pair": [1, 2] }, { "Named": { "a": null, "b": 0.1 } }, { "Named": { "a": 3, "b": 1e30 } }],
        [["x", null]],
        { "a": 1 },
        { "12": true },
    ]);
    assert_eq!(read, expected);
    assert_eq!(
        to_string(&[1.0, 0.5, 1e300, 1e-9, f64::INFINITY]).unwrap(),
        "- 1.0\n- 0.5\n- 1.0e+300\n- 1.0e-9\n- .inf\n"
    );
}

#[test]
fn what_yaml_cannot_say_is_refused() {
    assert!(to_string(&BTreeMap::from([(vec![1], 1)])).is_err());
    struct Bytes;
    impl Serialize for Bytes {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_bytes(&[1])
        }
    }
    assert!(to_string(&Bytes).is_err());
}

#[test]
fn every_word_begins_with_one_of_the_letters_that_are_looked_for() {
    for word in ["false", "Inf", "INFINITY", "n", "NaN", "no", "null", "Off", "on", "true", "Y", "yes"] {
        assert!(!super::scalar::is_bare(word), "{word}");
    }
}

#[test]
fn a_map_that_is_text_already_looks_like_any_other() {
    #[derive(Serialize)]
    struct Object<M> {
        before: u8,
        metadata: M,
        after: u8,
    }
    let metadata = json!({ "labels": { "app": "no", "text": "a\nb\n" }, "list": [{ "a": 1 }], "none": {} });
    let metadata = BTreeMap::from_iter(metadata.as_object().into_iter().flatten());
    let rendered = Rendered::new(&metadata).unwrap();
    let with = to_string(&Object { before: 1, metadata: &rendered, after: 2 }).unwrap();
    let without = to_string(&Object { before: 1, metadata: &metadata, after: 2 }).unwrap();
    assert_eq!(with, without);
    assert!(with.contains("metadata:\n  labels:\n    app: \"no\"\n"), "{with}");
}
