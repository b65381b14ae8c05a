//! How a block is declared: one line an attribute, from which come decoding, suggestions and reference pages.
//!
//! `block!` makes from one declaration the struct that holds a decoded block, the table that describes it
//! ([`BlockDecl`]) and the way to read it ([`FromBlock`]). What reads the values and reports what is wrong is a
//! [`Reader`], which belongs to the compiler.

use crate::span::{Span, Spanned};
use crate::value::Value;

/// How a block may be written.
#[derive(Debug)]
pub struct BlockDecl {
    /// Its type, as in `service "risk" { … }`.
    pub kind: &'static str,
    /// What its labels mean, in order.
    pub labels: &'static [&'static str],
    /// What a label may say.
    pub label: Shape,
    /// One sentence or more for the reference.
    pub doc: &'static str,
    /// Its attributes: the required ones first.
    pub attributes: &'static [AttributeDecl],
    /// The blocks in it.
    pub blocks: &'static [ChildDecl],
    /// Whether `for_each` makes an instance of it for every element of a map or set.
    pub repeatable: bool,
    /// Whether it takes attributes of any other name.
    pub open: bool,
}

impl BlockDecl {
    /// The names of all attributes that may stand in it, `for_each` among them where it is repeatable.
    pub fn attribute_names(&self) -> impl Iterator<Item = &'static str> + Clone {
        let for_each = self.repeatable.then_some("for_each");
        self.attributes.iter().map(|attribute| attribute.name).chain(for_each)
    }
}

/// How an attribute may be written.
#[derive(Debug)]
pub struct AttributeDecl {
    /// Its name.
    pub name: &'static str,
    /// What values it takes, for a reader: `a duration such as "250ms"`.
    pub takes: &'static str,
    /// What values it takes, for an editor.
    pub shape: Shape,
    /// Whether it must be given.
    pub presence: Presence,
    /// One sentence for the reference.
    pub doc: &'static str,
}

/// What a value looks like when it is written in JSON, for an editor: what it refuses, decoding refuses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// Any value.
    Any,
    /// `true` or `false`.
    Bool,
    /// Any string.
    Text,
    /// A string that this regular expression matches.
    Pattern(&'static str),
    /// One of these strings.
    Choice(&'static [&'static str]),
    /// A number in this range.
    Number(f64, f64),
    /// A whole number in this range.
    Whole(i64, i64),
    /// A number, or a string that the regular expression matches.
    NumberOr(&'static str),
    /// A list.
    List(&'static Shape),
    /// An object with any keys.
    Object,
    /// A reference to a block: an expression in a string.
    Reference,
}

/// Whether an attribute must be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It must.
    Required,
    /// It may be left out, and then means nothing.
    Optional,
    /// It may be left out, and then has this value, written as the user would.
    Default(&'static str),
}

/// A block inside a block.
#[derive(Debug)]
pub struct ChildDecl {
    /// How it is written.
    pub block: &'static BlockDecl,
    /// How often.
    pub occurs: Occurs,
}

/// How often a block may stand in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occurs {
    /// Exactly once.
    Once,
    /// Once or not at all.
    AtMostOnce,
    /// Any number of times.
    Many,
}

/// A type that an attribute's value can be read as.
pub trait FromValue: Sized {
    /// What values it takes, for a reader.
    const TAKES: &'static str;
    /// The same for an editor.
    const SHAPE: Shape;
    /// Whether `null` is one of them. To all others it means that the attribute is left out, as in Terraform.
    const NULL: bool = false;
    /// Reads the value.
    fn from_value(value: &Value) -> Result<Self, Refusal>;
}

/// A type that a label, or a string of a default, can be read as.
pub trait FromText: Sized {
    /// What texts it takes, for a reader.
    const TAKES: &'static str;
    /// The same for an editor.
    const SHAPE: Shape;
    /// Reads the text; the error says what is wrong with it.
    fn from_text(text: &str) -> Result<Self, String>;
}

/// Why a value can't be read.
#[derive(Debug)]
pub enum Refusal {
    /// It has another type than the attribute takes.
    Type,
    /// Its type is right, and what it says is wrong: the message.
    Value(String),
    /// It is known only when the workflow runs.
    Later,
    /// An error about it was reported before.
    Known,
    /// The refusal concerns a part of the value.
    Within(Span, Box<Refusal>, &'static str),
}

/// Reads a block that is there to be decoded; reports what is wrong with it.
pub trait Reader: Sized {
    /// The block's header.
    fn span(&self) -> Span;
    /// The block's first label. `None` when it was refused.
    fn label<T: FromText>(&mut self) -> Option<Spanned<T>>;
    /// An attribute that must be given. `None` when it is missing or was refused.
    fn required<T: FromValue>(&mut self, name: &'static str) -> Option<Spanned<T>>;
    /// An attribute that may be left out. `None` when it was refused.
    fn optional<T: FromValue>(&mut self, name: &'static str) -> Option<Option<Spanned<T>>>;
    /// An attribute that has a value when it is left out. `None` when it was refused.
    fn default<T: FromValue>(&mut self, name: &'static str, default: &'static str) -> Option<Spanned<T>>;
    /// A block that must be there once. `None` when it is missing or was refused.
    fn once<T: FromBlock>(&mut self) -> Option<T>;
    /// A block that may be there once. `None` when it was refused.
    fn at_most_once<T: FromBlock>(&mut self) -> Option<Option<T>>;
    /// Blocks that may be there any number of times. `None` when one was refused.
    fn many<T: FromBlock>(&mut self) -> Option<Vec<T>>;
}

/// A block that can be decoded.
pub trait FromBlock: Sized {
    /// How it is written.
    const DECL: &'static BlockDecl;
    /// Decodes it. Every part is looked at, also after one was refused; `None` when one was.
    fn from_block<R: Reader>(reader: &mut R) -> Option<Self>;
}

/// The name of an attribute whose field is called `field`: without the mark of a raw identifier.
pub const fn attribute_name(field: &'static str) -> &'static str {
    match field.as_bytes() {
        [b'r', b'#', ..] => field.split_at(2).1,
        _ => field,
    }
}

/// The shape of a block's label; one that has none takes no text.
pub const fn label_shape(of: &[Shape]) -> Shape {
    match of {
        [shape, ..] => *shape,
        [] => Shape::Any,
    }
}

/// Declares a block; `[for_each]` says that it is repeatable. The sections `required`, `optional`, `default` hold
/// attributes; `once`, `at_most_once` and `many` hold blocks. Any of them may be left out; the order is this one.
macro_rules! block {
    (
        $(#[doc = $doc:literal])+
        $name:ident = $kind:literal $(($label:ident: $label_type:ty))? $([$for_each:ident])?
        $(required { $($(#[doc = $req_doc:literal])+ $req:ident: $req_type:ty,)+ })?
        $(optional { $($(#[doc = $opt_doc:literal])+ $opt:ident: $opt_type:ty,)+ })?
        $(default { $($(#[doc = $def_doc:literal])+ $def:ident: $def_type:ty = $def_value:literal,)+ })?
        $(once { $($(#[doc = $one_doc:literal])+ $one:ident: $one_type:ty,)+ })?
        $(at_most_once { $($(#[doc = $may_doc:literal])+ $may:ident: $may_type:ty,)+ })?
        $(many { $($(#[doc = $many_doc:literal])+ $many:ident: $many_type:ty,)+ })?
    ) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name {
            /// The header of the block.
            pub span: $crate::span::Span,
            $(/// Its label.
            pub $label: $crate::span::Spanned<$label_type>,)?
            $($($(#[doc = $req_doc])+ pub $req: $crate::span::Spanned<$req_type>,)+)?
            $($($(#[doc = $opt_doc])+ pub $opt: Option<$crate::span::Spanned<$opt_type>>,)+)?
            $($($(#[doc = $def_doc])+ pub $def: $crate::span::Spanned<$def_type>,)+)?
            $($($(#[doc = $one_doc])+ pub $one: $one_type,)+)?
            $($($(#[doc = $may_doc])+ pub $may: Option<$may_type>,)+)?
            $($($(#[doc = $many_doc])+ pub $many: Vec<$many_type>,)+)?
        }

        impl $crate::declare::FromBlock for $name {
            const DECL: &'static $crate::declare::BlockDecl = &$crate::declare::BlockDecl {
                kind: $kind,
                labels: &[$(stringify!($label))?],
                label: $crate::declare::label_shape(&[$(<$label_type as $crate::declare::FromText>::SHAPE)?]),
                open: false,
                repeatable: !<[&str]>::is_empty(&[$(stringify!($for_each))?]),
                doc: concat!($($doc),+),
                attributes: &[
                    $($($crate::declare::AttributeDecl {
                        name: $crate::declare::attribute_name(stringify!($req)),
                        takes: <$req_type as $crate::declare::FromValue>::TAKES,
                        shape: <$req_type as $crate::declare::FromValue>::SHAPE,
                        presence: $crate::declare::Presence::Required,
                        doc: concat!($($req_doc),+),
                    },)+)?
                    $($($crate::declare::AttributeDecl {
                        name: $crate::declare::attribute_name(stringify!($opt)),
                        takes: <$opt_type as $crate::declare::FromValue>::TAKES,
                        shape: <$opt_type as $crate::declare::FromValue>::SHAPE,
                        presence: $crate::declare::Presence::Optional,
                        doc: concat!($($opt_doc),+),
                    },)+)?
                    $($($crate::declare::AttributeDecl {
                        name: $crate::declare::attribute_name(stringify!($def)),
                        takes: <$def_type as $crate::declare::FromValue>::TAKES,
                        shape: <$def_type as $crate::declare::FromValue>::SHAPE,
                        presence: $crate::declare::Presence::Default($def_value),
                        doc: concat!($($def_doc),+),
                    },)+)?
                ],
                blocks: &[
                    $($($crate::declare::ChildDecl {
                        block: <$one_type as $crate::declare::FromBlock>::DECL,
                        occurs: $crate::declare::Occurs::Once,
                    },)+)?
                    $($($crate::declare::ChildDecl {
                        block: <$may_type as $crate::declare::FromBlock>::DECL,
                        occurs: $crate::declare::Occurs::AtMostOnce,
                    },)+)?
                    $($($crate::declare::ChildDecl {
                        block: <$many_type as $crate::declare::FromBlock>::DECL,
                        occurs: $crate::declare::Occurs::Many,
                    },)+)?
                ],
            };

            fn from_block<R: $crate::declare::Reader>(reader: &mut R) -> Option<Self> {
                $(let $label = reader.label::<$label_type>();)?
                $($(let $req = reader.required($crate::declare::attribute_name(stringify!($req)));)+)?
                $($(let $opt = reader.optional($crate::declare::attribute_name(stringify!($opt)));)+)?
                $($(let $def = reader.default($crate::declare::attribute_name(stringify!($def)), $def_value);)+)?
                $($(let $one = reader.once();)+)?
                $($(let $may = reader.at_most_once();)+)?
                $($(let $many = reader.many();)+)?
                Some($name {
                    span: reader.span(),
                    $($label: $label?,)?
                    $($($req: $req?,)+)?
                    $($($opt: $opt?,)+)?
                    $($($def: $def?,)+)?
                    $($($one: $one?,)+)?
                    $($($may: $may?,)+)?
                    $($($many: $many?,)+)?
                })
            }
        }
    };
}
pub(crate) use block;
