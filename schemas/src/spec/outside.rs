//! `function` and `job`: what a stage may use that windlass does not make.

use super::addresses::{ConnectionArn, FunctionUrl, LambdaName};
use super::service::Resources;
use super::texts::{ImageName, Name, ServiceName};
use super::values::{Texts, TypeName};
use crate::declare::block;

block! {
    /// An AWS Lambda function or an HTTPS endpoint that exists already: it has exactly one of `lambda` and `url`.
    Function = "function" (name: Name) [for_each]
    optional {
        /// The Lambda function's name, or the ARN of one in another account or region, each with `:ALIAS` behind it if need be.
        lambda: LambdaName,
        /// The address that requests are posted to.
        url: FunctionUrl,
        /// With `url`: the EventBridge connection that authorizes requests.
        connection: ConnectionArn,
        /// The type of what it returns; any, when left out. A stage may say it, too.
        returns: TypeName,
    }
}

block! {
    /// A container that a stage runs to completion in the cluster.
    Job = "job" (name: ServiceName) [for_each]
    required {
        /// The image, with a tag or digest.
        image: ImageName,
    }
    optional {
        /// The command; the image's own, when left out.
        command: Vec<String>,
        /// Environment variables.
        environment: Texts,
    }
    once {
        /// What the container may use.
        resources: Resources,
    }
}
