//! The runtime's protocol buffers: from `targets/runtime/runtime/src/grpc/protocol/*.proto`, the Rust beside them.
//!
//! The runtime is emitted as source and must build without a compiler of protocol buffers, so what that generates is committed.
//! `BLESS=1 cargo test` writes it anew; read the difference before it is committed.

use std::fmt::Write;
use std::fs;

use prost_types::{DescriptorProto, FileDescriptorProto, FileDescriptorSet};

use crate::support::root;

/// A file, and where its types go. The types of the older reflection are those of the newer one under another name.
const FILES: [(&str, Option<&str>); 4] = [
    ("health.proto", Some("health.rs")),
    ("inference.proto", Some("inference.rs")),
    ("reflection.proto", Some("reflection.rs")),
    ("reflection_v1alpha.proto", None),
];

#[test]
fn generated_code_is_fresh() {
    let folder = root().join("targets/runtime/runtime/src/grpc/protocol");
    let set = protox::compile(FILES.map(|(file, _)| file), [&folder]).expect("the protocols are valid");
    let mut fresh = vec![("descriptors.rs".to_owned(), descriptors(&set))];
    for (file, to) in FILES {
        let Some(to) = to else { continue };
        let file = set.file.iter().find(|known| known.name() == file).expect("the file was compiled");
        fresh.push((to.to_owned(), types(file)));
    }
    for (name, text) in fresh {
        let path = folder.join(&name);
        if std::env::var_os("BLESS").is_some() {
            fs::write(&path, &text).expect("written");
        }
        let committed = fs::read_to_string(&path).unwrap_or_default();
        assert!(committed == text, "{name} is stale: run `BLESS=1 cargo test` and read the difference");
    }
}

fn types(file: &FileDescriptorProto) -> String {
    let mut config = prost_build::Config::new();
    // Data that is not copied, an order that does not vary, and no code for printing, which nobody does.
    config.bytes(["."]).btree_map(["."]).skip_debug(["."]);
    let module = prost_build::Module::from_protobuf_package_name(file.package());
    let modules = config.generate(vec![(module, file.clone())]).expect("Rust");
    modules.into_values().collect()
}

/// For reflection: every file as the bytes of its descriptor, with the names that it declares. Comments are left out.
fn descriptors(set: &FileDescriptorSet) -> String {
    let mut out =
        "// This file is @generated from the protocols beside it.\n/// Name, descriptor and symbols of each file.\n\
        pub const FILES: &[super::File] = &[\n"
            .to_owned();
    for file in &set.file {
        let mut bytes = Vec::new();
        let file = FileDescriptorProto { source_code_info: None, ..file.clone() };
        prost::Message::encode(&file, &mut bytes).expect("bytes");
        let services: Vec<String> =
            file.service.iter().map(|service| format!("{}.{}", file.package(), service.name())).collect();
        let mut symbols = Vec::new();
        for (service, name) in file.service.iter().zip(&services) {
            symbols.push(name.clone());
            symbols.extend(service.method.iter().map(|method| format!("{name}.{}", method.name())));
        }
        for message in &file.message_type {
            declared(message, file.package(), &mut symbols);
        }
        symbols.extend(file.enum_type.iter().map(|one| format!("{}.{}", file.package(), one.name())));
        symbols.sort();
        let _ = writeln!(out, "    super::File {{\n        name: {:?},", file.name());
        let _ = writeln!(out, "        services: &{services:?},\n        symbols: &[");
        for symbol in symbols {
            let _ = writeln!(out, "            {symbol:?},");
        }
        let _ = writeln!(out, "        ],\n        descriptor: &[");
        for line in bytes.chunks(24) {
            let numbers: Vec<String> = line.iter().map(u8::to_string).collect();
            let _ = writeln!(out, "            {},", numbers.join(", "));
        }
        out.push_str("        ],\n    },\n");
    }
    out + "];\n"
}

fn declared(message: &DescriptorProto, within: &str, symbols: &mut Vec<String>) {
    let name = format!("{within}.{}", message.name());
    symbols.extend(message.enum_type.iter().map(|one| format!("{name}.{}", one.name())));
    for nested in &message.nested_type {
        declared(nested, &name, symbols);
    }
    symbols.push(name);
}
