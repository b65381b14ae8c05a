//! The protocols' messages: what was generated from the `.proto` files here, so that no build needs a compiler of theirs.

#[rustfmt::skip]
pub mod descriptors;
#[allow(dead_code, clippy::enum_variant_names, reason = "whole protocols, of which the runtime uses a part")]
#[rustfmt::skip]
pub mod health;
#[allow(dead_code, clippy::enum_variant_names, reason = "whole protocols, of which the runtime uses a part")]
#[rustfmt::skip]
pub mod inference;
#[allow(dead_code, clippy::enum_variant_names, reason = "whole protocols, of which the runtime uses a part")]
#[rustfmt::skip]
pub mod reflection;

/// A file of these as reflection tells it.
pub struct File {
    pub name: &'static str,
    pub services: &'static [&'static str],
    /// Full names of what it declares.
    pub symbols: &'static [&'static str],
    /// A `google.protobuf.FileDescriptorProto`.
    pub descriptor: &'static [u8],
}
