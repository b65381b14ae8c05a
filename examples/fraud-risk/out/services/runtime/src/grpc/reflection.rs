//! Server reflection: which services there are, and the descriptors of their protocols.

use std::sync::Arc;

use bytes::Bytes;

use super::framing::{Received, decoded, framed};
use super::protocol::File;
use super::protocol::descriptors::FILES;
use super::protocol::reflection::server_reflection_request::MessageRequest;
use super::protocol::reflection::server_reflection_response::MessageResponse;
use super::protocol::reflection::{
    ErrorResponse, ExtensionNumberResponse, FileDescriptorResponse, ListServiceResponse, ServerReflectionRequest,
    ServerReflectionResponse, ServiceResponse,
};
use super::status::Code;
use crate::app::{App, Unread};
use crate::refusal::{Refusal, excerpt};

pub fn answer(app: &Arc<App>, received: Received) -> Result<Bytes, Refusal> {
    let request: ServerReflectionRequest = decoded(received.content(super::SHORT)?)?;
    let file = |what: &str, name: &str, is: &dyn Fn(&File) -> bool| match FILES.iter().find(|file| is(file)) {
        // None of the files imports another.
        Some(file) => MessageResponse::FileDescriptorResponse(FileDescriptorResponse {
            file_descriptor_proto: vec![Bytes::from_static(file.descriptor)],
        }),
        None => not_found(what, name),
    };
    let response = match &request.message_request {
        Some(MessageRequest::FileByFilename(name)) => file("file", name, &|file| file.name == name),
        Some(MessageRequest::FileContainingSymbol(name)) => {
            file("symbol", name, &|file| file.symbols.contains(&name.as_str()))
        }
        Some(MessageRequest::FileContainingExtension(extension)) => {
            not_found("extension of", &extension.containing_type)
        }
        Some(MessageRequest::AllExtensionNumbersOfType(name)) => {
            if FILES.iter().any(|file| file.symbols.contains(&name.as_str())) {
                let (base_type_name, extension_number) = (name.clone(), Vec::new());
                MessageResponse::AllExtensionNumbersResponse(ExtensionNumberResponse {
                    base_type_name,
                    extension_number,
                })
            } else {
                not_found("type", name)
            }
        }
        Some(MessageRequest::ListServices(_)) => {
            let names = FILES.iter().flat_map(|file| file.services);
            let service = names.map(|name| ServiceResponse { name: (*name).to_owned() }).collect();
            MessageResponse::ListServicesResponse(ListServiceResponse { service })
        }
        None => error(Code::InvalidArgument, "the request asks for nothing".to_owned()),
    };
    let response = ServerReflectionResponse {
        valid_host: request.host.clone(),
        original_request: Some(request),
        message_response: Some(response),
    };
    Ok(Unread::bytes(app, framed(&response, None)?, None))
}

fn not_found(what: &str, name: &str) -> MessageResponse {
    error(Code::NotFound, format!("there is no {what} `{}`", excerpt(name)))
}

fn error(code: Code, error_message: String) -> MessageResponse {
    MessageResponse::ErrorResponse(ErrorResponse { error_code: code as i32, error_message })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_service_is_among_the_symbols_of_its_file() {
        let services: Vec<&str> = FILES.iter().flat_map(|file| file.services).copied().collect();
        assert_eq!(
            services,
            [
                "grpc.health.v1.Health",
                super::super::health::INFERENCE,
                "grpc.reflection.v1.ServerReflection",
                "grpc.reflection.v1alpha.ServerReflection"
            ]
        );
        for file in FILES {
            assert!(file.services.iter().all(|service| file.symbols.contains(service)), "{}", file.name);
        }
    }
}
