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
mod overload;
mod rpc;
mod served;
mod slow;
mod statuses;
mod store;
mod texts;
mod versions;
mod wire;
