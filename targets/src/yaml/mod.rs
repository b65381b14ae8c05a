//! Block YAML: any serializable value goes in, text that every reader understands alike comes out.
//!
//! kubectl reads YAML 1.1, where a bare `no` is false, `1_000` is a number and `12:30` is 750; other readers follow
//! YAML 1.2. So a string is written bare only where no reader of either can take it for anything else ([`scalar`]). Lists
//! are indented as kubectl prints them, fields keep the order in which the type gives them, and nothing is built in
//! between: a Kubernetes object is written straight into the text.

mod scalar;
#[cfg(test)]
mod tests;

use std::fmt::{self, Display};

pub use scalar::inline;
use serde::ser::{self, Serialize};

/// What cannot be written as YAML: bytes, keys that are not scalars, and what a type's own serialization refuses.
#[derive(Debug, PartialEq, Eq)]
pub struct Error(Box<Refusal>);

/// Behind a pointer, because every value that is written gives a result.
#[derive(Debug, PartialEq, Eq)]
struct Refusal(String);

impl Error {
    fn new(message: impl Into<String>) -> Self {
        Error(Box::new(Refusal(message.into())))
    }
}

impl Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.0)
    }
}

impl std::error::Error for Error {}

impl ser::Error for Error {
    fn custom<T: Display>(message: T) -> Self {
        Error::new(message.to_string())
    }
}

/// One document, ending in a newline.
pub fn to_string<T: Serialize + ?Sized>(value: &T) -> Result<String, Error> {
    let mut text = String::new();
    document(&mut text, [], value)?;
    Ok(text)
}

/// Appends a document to `text`, after a `---` where there is one already, below comments as [`comment`] makes them.
pub fn document<'c, T: Serialize + ?Sized>(
    text: &mut String,
    comments: impl IntoIterator<Item = &'c str>,
    value: &T,
) -> Result<(), Error> {
    if !text.is_empty() {
        text.push_str("---\n");
    }
    for comment in comments {
        debug_assert!(comment.lines().all(|line| line.starts_with('#')), "no comment: {comment}");
        text.push_str(comment);
    }
    value.serialize(&mut Writer { text, column: 0, place: Place::Top })
}

/// The lines of `words` as a comment.
pub fn comment(words: &str) -> String {
    let mut text = String::new();
    for line in words.lines() {
        text.push_str("# ");
        // A control character would end the comment for some readers; a comment is for eyes, so it may lose one.
        if line.bytes().all(|byte| matches!(byte, 0x20..=0x7E)) || line.chars().all(scalar::shown) {
            text.push_str(line);
        } else {
            text.extend(line.chars().map(|c| if scalar::shown(c) { c } else { '?' }));
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}

/// A map that is text already, for documents which have it below a key at their top: it is written into each as it stands.
pub struct Rendered(String);

/// Tells the writer that a text is a map already.
const RENDERED: &str = "windlass::yaml::Rendered";

impl Rendered {
    /// The text of a map that is not empty.
    pub fn new<T: Serialize + ?Sized>(map: &T) -> Result<Self, Error> {
        let mut text = String::new();
        map.serialize(&mut Writer { text: &mut text, column: 0, place: Place::Value })?;
        Ok(Rendered(text))
    }
}

impl Serialize for Rendered {
    fn serialize<S: ser::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(RENDERED, &self.0)
    }
}

/// Where the next value goes.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// At the start of the document.
    Top,
    /// Before the `:` of an entry.
    Key,
    /// After the key of an entry, whose `:` is still to come.
    Value,
    /// After the `-` of an item.
    Item,
    /// After the key of an entry, for a text that is all of its value already.
    Rendered,
}

struct Writer<'a> {
    text: &'a mut String,
    /// Column of the entries or items of the collection being written.
    column: usize,
    place: Place,
}

impl Writer<'_> {
    fn scalar(&mut self, text: &str) -> Result<(), Error> {
        match self.place {
            Place::Key => self.text.push('"'),
            Place::Value => self.text.push_str(": "),
            Place::Top | Place::Item | Place::Rendered => {}
        }
        self.text.push_str(text);
        self.text.push(if self.place == Place::Key { '"' } else { '\n' });
        Ok(())
    }

    fn string(&mut self, text: &str) {
        match self.place {
            Place::Key => return inline(self.text, text),
            Place::Rendered => return self.text.push_str(text),
            Place::Value => self.text.push_str(": "),
            Place::Top | Place::Item => {}
        }
        if scalar::is_bare(text) {
            self.text.push_str(text);
            self.text.push('\n');
        } else if scalar::is_block(text) {
            self.text.push_str(if text.ends_with('\n') { "|\n" } else { "|-\n" });
            for line in text.lines() {
                if !line.is_empty() {
                    self.indent(self.column + 2);
                    self.text.push_str(line);
                }
                self.text.push('\n');
            }
        } else {
            scalar::quoted(self.text, text);
            self.text.push('\n');
        }
    }

    fn indent(&mut self, columns: usize) {
        const SPACES: &str = "                                ";
        // As many spaces each time are copied without a call; those too many go again.
        let end = self.text.len() + columns;
        loop {
            self.text.push_str(SPACES);
            if self.text.len() >= end {
                break self.text.truncate(end);
            }
        }
    }
}

/// What a collection holds.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Entries,
    Items,
}

/// A map or list that is being written. Until its first entry nothing is, for it may turn out to be empty.
struct Collection<'w, 't> {
    writer: &'w mut Writer<'t>,
    place: Place,
    outer: usize,
    empty: bool,
    kind: Kind,
    /// Whether the key just written was too long to stand on one line with its colon.
    long: bool,
}

impl<'w, 't> Collection<'w, 't> {
    fn begin(writer: &'w mut Writer<'t>, kind: Kind) -> Result<Self, Error> {
        let (place, outer) = (writer.place, writer.column);
        writer.column = match place {
            Place::Key => return Err(Error::new("a key must be a scalar")),
            Place::Top => 0,
            Place::Value if kind == Kind::Items => outer,
            Place::Value | Place::Item | Place::Rendered => outer + 2,
        };
        Ok(Collection { writer, place, outer, empty: true, kind, long: false })
    }

    /// A collection as the only entry of a map: an enum's variant with fields.
    fn variant(writer: &'w mut Writer<'t>, name: &str, kind: Kind) -> Result<Self, Error> {
        let mut map = Collection::begin(writer, Kind::Entries)?;
        map.key(name)?;
        let Collection { writer, outer, .. } = map;
        writer.place = Place::Value;
        Ok(Collection { outer, ..Collection::begin(writer, kind)? })
    }

    /// Moves to where the next entry begins.
    fn entry(&mut self) {
        if std::mem::take(&mut self.empty) {
            // The first one of an item, or of the document, stands on the line at hand.
            if self.place != Place::Value {
                return;
            }
            self.writer.text.push_str(":\n");
        }
        self.writer.indent(self.writer.column);
    }

    fn key<K: Serialize + ?Sized>(&mut self, key: &K) -> Result<(), Error> {
        self.entry();
        let start = self.writer.text.len();
        self.writer.place = Place::Key;
        key.serialize(&mut *self.writer)?;
        // A reader looks for the colon within 1,024 characters only.
        self.long = self.writer.text.len() - start > 1000;
        if self.long {
            self.writer.text.insert_str(start, "? ");
        }
        Ok(())
    }

    /// The name of a field, which comes from a type, not from a spec: it is short, and tests see that it stands bare.
    fn field(&mut self, name: &'static str) {
        self.entry();
        debug_assert!(scalar::is_bare(name), "the field `{name}` needs quotes");
        self.writer.text.push_str(name);
    }

    fn value<V: Serialize + ?Sized>(&mut self, value: &V) -> Result<(), Error> {
        if std::mem::take(&mut self.long) {
            self.writer.text.push('\n');
            self.writer.indent(self.writer.column);
        }
        self.writer.place = Place::Value;
        value.serialize(&mut *self.writer)
    }

    fn item<V: Serialize + ?Sized>(&mut self, value: &V) -> Result<(), Error> {
        self.entry();
        self.writer.text.push_str("- ");
        self.writer.place = Place::Item;
        value.serialize(&mut *self.writer)
    }

    fn finish(self) -> Result<(), Error> {
        self.writer.column = self.outer;
        if self.empty {
            self.writer.place = self.place;
            self.writer.scalar(if self.kind == Kind::Entries { "{}" } else { "[]" })?;
        }
        Ok(())
    }
}

macro_rules! integers {
    ($($method:ident $type:ty),*) => {
        $(fn $method(self, value: $type) -> Result<(), Error> {
            self.scalar(itoa::Buffer::new().format(value))
        })*
    };
}

impl<'w, 't> ser::Serializer for &'w mut Writer<'t> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Collection<'w, 't>;
    type SerializeTuple = Collection<'w, 't>;
    type SerializeTupleStruct = Collection<'w, 't>;
    type SerializeTupleVariant = Collection<'w, 't>;
    type SerializeMap = Collection<'w, 't>;
    type SerializeStruct = Collection<'w, 't>;
    type SerializeStructVariant = Collection<'w, 't>;

    integers!(serialize_i8 i8, serialize_i16 i16, serialize_i32 i32, serialize_i64 i64, serialize_i128 i128);
    integers!(serialize_u8 u8, serialize_u16 u16, serialize_u32 u32, serialize_u64 u64, serialize_u128 u128);

    fn serialize_bool(self, value: bool) -> Result<(), Error> {
        self.scalar(if value { "true" } else { "false" })
    }
    fn serialize_f32(self, value: f32) -> Result<(), Error> {
        // By way of its shortest text, so that 0.1 stays 0.1.
        self.serialize_f64(value.to_string().parse().unwrap_or(f64::from(value)))
    }
    fn serialize_f64(self, value: f64) -> Result<(), Error> {
        self.scalar(&scalar::float(value))
    }
    fn serialize_char(self, value: char) -> Result<(), Error> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }
    fn serialize_str(self, value: &str) -> Result<(), Error> {
        self.string(value);
        Ok(())
    }
    fn serialize_bytes(self, _: &[u8]) -> Result<(), Error> {
        Err(Error::new("bytes have no form in YAML; encode them as text"))
    }
    fn serialize_none(self) -> Result<(), Error> {
        self.scalar("null")
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }
    fn serialize_unit(self) -> Result<(), Error> {
        self.serialize_none()
    }
    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        self.serialize_none()
    }
    fn serialize_unit_variant(self, _: &'static str, _: u32, name: &'static str) -> Result<(), Error> {
        self.serialize_str(name)
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Result<(), Error> {
        if name == RENDERED {
            self.place = Place::Rendered;
        }
        value.serialize(self)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        let mut map = Collection::begin(self, Kind::Entries)?;
        map.key(name)?;
        map.value(value)?;
        map.finish()
    }
    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, Error> {
        Collection::begin(self, Kind::Items)
    }
    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Error> {
        Collection::begin(self, Kind::Items)
    }
    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, Error> {
        Collection::begin(self, Kind::Items)
    }
    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Error> {
        Collection::variant(self, name, Kind::Items)
    }
    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Error> {
        Collection::begin(self, Kind::Entries)
    }
    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeStruct, Error> {
        Collection::begin(self, Kind::Entries)
    }
    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Error> {
        Collection::variant(self, name, Kind::Entries)
    }
}

/// serde has a trait for every kind of list; all are written alike.
macro_rules! lists {
    ($($kind:ident $method:ident),*) => {
        $(impl ser::$kind for Collection<'_, '_> {
            type Ok = ();
            type Error = Error;
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
                self.item(value)
            }
            fn end(self) -> Result<(), Error> {
                self.finish()
            }
        })*
    };
}

lists!(
    SerializeSeq serialize_element,
    SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field,
    SerializeTupleVariant serialize_field
);

macro_rules! structs {
    ($($kind:ident),*) => {
        $(impl ser::$kind for Collection<'_, '_> {
            type Ok = ();
            type Error = Error;
            fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Error> {
                self.field(key);
                self.value(value)
            }
            fn end(self) -> Result<(), Error> {
                self.finish()
            }
        })*
    };
}

structs!(SerializeStruct, SerializeStructVariant);

impl ser::SerializeMap for Collection<'_, '_> {
    type Ok = ();
    type Error = Error;
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        self.key(key)
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.value(value)
    }
    fn end(self) -> Result<(), Error> {
        self.finish()
    }
}
