//! The real server on a loopback port, spoken to in HTTP.

mod batching;
mod certificates;
mod client;
mod contract;
mod engine;
mod grpc;
mod hostile;
mod lifecycle;
mod observe;
mod openapi;
mod operations;
mod rpc;
mod served;
mod store;
mod texts;
mod versions;
