//! `platform` and `bucket`

use super::texts::{AccountId, BucketName, KubernetesVersion, Label, Name, PlatformName, Region};
use crate::declare::block;

block! {
    /// Where everything runs. Every spec has exactly one; its label is the cloud: `aws`.
    Platform = "platform" (kind: PlatformName)
    required {
        /// The AWS account.
        account: AccountId,
        /// The AWS region.
        region: Region,
        /// Name of the EKS cluster that runs the services.
        cluster: Name,
    }
    optional {
        /// The Kubernetes namespace of the services, which windlass makes; without it, it has the project's name.
        namespace: Label,
    }
    default {
        /// The oldest minor version of Kubernetes that the manifests must run on.
        kubernetes: KubernetesVersion = "1.34",
    }
}

block! {
    /// An S3 bucket that exists already. `bucket.NAME.uri` is its `s3://` address.
    Bucket = "bucket" (label: Name) [for_each]
    required {
        /// The bucket's global name.
        name: BucketName,
    }
}
