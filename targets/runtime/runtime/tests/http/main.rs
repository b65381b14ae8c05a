//! The real server on a loopback port, spoken to in HTTP.

mod client;
mod contract;
mod engine;
mod grpc;
mod hostile;
mod lifecycle;
mod observe;
mod openapi;
mod operations;
mod overload;
mod rpc;
mod served;
mod slow;
mod statuses;
mod store;
mod versions;
mod wire;
