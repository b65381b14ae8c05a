//! Who reaches a service, and whom it reaches.
//!
//! The policies are written for the strictest reader, the VPC CNI of EKS. It judges a packet before the address of a
//! Service is replaced by that of a pod, and it does not resolve the named ports of other pods: so a Service listens on
//! the port of its pods, and policies name ports by number.

use k8s_openapi::api::core::v1::{ServicePort, ServiceSpec};
use k8s_openapi::api::networking::v1::{
    HTTPIngressPath, HTTPIngressRuleValue, IPBlock, Ingress, IngressBackend, IngressRule, IngressServiceBackend,
    IngressSpec, IngressTLS, NetworkPolicyEgressRule, NetworkPolicyIngressRule, NetworkPolicyPeer, NetworkPolicyPort,
    NetworkPolicySpec, ServiceBackendPort,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use windlass_schemas::plan::{Expose, Service};

use super::labels;
use super::settings::AGENT_PORT;

/// Name of the port of a service, on its pods, its Service and its Ingress.
pub const PORT: &str = "http";

pub const WHY_SERVICE: &str =
    comment!["The same port as the pods have: the network policies of EKS are judged before the port is translated."];
pub const WHY_INGRESS: &str = comment![
    "One application load balancer, HTTPS only; its certificate is found in ACM by the host. Only the inference API is",
    "routed, so metrics stay inside. Clients need the API key.",
];

const WHY_OPEN: &str = comment![
    "In: from anywhere, for the load balancer has addresses of the VPC that no spec knows; the API key guards it.",
];
const WHY_INSIDE: &str = comment![
    "In: from pods of this namespace. Metrics share the port with the API, so who scrapes them from elsewhere adds",
    "a policy of its own.",
];
const WHY_OUT: &str = comment![
    "Out: DNS, and metrics to the CloudWatch agent. Ports without addresses, because resolver and agent may run on the",
    "node's own network, which no selector of namespaces or pods matches.",
];

const WHY_TRACES: &str = comment!["Traces go to their collector's port."];

const WHY_BUCKET: &str = comment![
    "The model comes from a bucket: S3 has addresses that change, and EKS Pod Identity gives credentials at its own two.",
];
const WHY_WEB: &str = comment!["The model comes from its store's port."];

/// Where the agent of EKS Pod Identity answers on every node, over IPv4 and IPv6, and its TCP port.
const POD_IDENTITY: [&str; 2] = ["169.254.170.23/32", "fd00:ec2::23/128"];
const POD_IDENTITY_PORT: i32 = 80;

/// The port of the collector that gets the service's spans.
fn traces_port(service: &Service) -> Option<i32> {
    Some(service.observe.as_ref()?.traces.as_ref()?.port.into())
}

/// Why the policy is as it is.
pub fn why_policy(service: &Service) -> [&'static str; 4] {
    let inside = if service.expose.is_some() { WHY_OPEN } else { WHY_INSIDE };
    let store = match &service.store {
        Some(store) if store.objects().is_some() => WHY_BUCKET,
        Some(_) => WHY_WEB,
        None => "",
    };
    [inside, WHY_OUT, if traces_port(service).is_some() { WHY_TRACES } else { "" }, store]
}

/// Ports by protocol.
pub fn ports<'a>(ports: impl IntoIterator<Item = (&'a str, i32)>) -> Option<Vec<NetworkPolicyPort>> {
    let port = |(protocol, port): (&str, i32)| NetworkPolicyPort {
        port: Some(IntOrString::Int(port)),
        protocol: Some(protocol.to_owned()),
        ..Default::default()
    };
    Some(ports.into_iter().map(port).collect())
}

/// The Service.
pub fn service(service: &Service) -> ServiceSpec {
    ServiceSpec {
        ports: Some(vec![ServicePort {
            app_protocol: Some("http".to_owned()),
            name: Some(PORT.to_owned()),
            port: service.port.into(),
            protocol: Some("TCP".to_owned()),
            target_port: Some(IntOrString::String(PORT.to_owned())),
            ..Default::default()
        }]),
        selector: Some(labels::selector(service)),
        type_: Some("ClusterIP".to_owned()),
        ..Default::default()
    }
}

/// The NetworkPolicy that opens what the service needs in the closed namespace.
pub fn policy(service: &Service) -> NetworkPolicySpec {
    let neighbours = NetworkPolicyPeer { pod_selector: Some(LabelSelector::default()), ..Default::default() };
    // Ports that are one and the same are named once.
    let mut out = vec![("UDP", 53), ("TCP", 53), ("TCP", AGENT_PORT)];
    let store = service.store.as_ref().map(|store| i32::from(store.port()));
    for port in traces_port(service).into_iter().chain(store).map(|port| ("TCP", port)) {
        if !out.contains(&port) {
            out.push(port);
        }
    }
    let anywhere = NetworkPolicyEgressRule { ports: ports(out), ..Default::default() };
    let block = |cidr: &str| NetworkPolicyPeer {
        ip_block: Some(IPBlock { cidr: cidr.to_owned(), ..Default::default() }),
        ..Default::default()
    };
    let identity = service.store.as_ref().and_then(|store| store.objects()).map(|_| NetworkPolicyEgressRule {
        ports: ports([("TCP", POD_IDENTITY_PORT)]),
        to: Some(POD_IDENTITY.map(block).into()),
    });
    NetworkPolicySpec {
        egress: Some([anywhere].into_iter().chain(identity).collect()),
        ingress: Some(vec![NetworkPolicyIngressRule {
            from: service.expose.is_none().then(|| vec![neighbours]),
            ports: ports([("TCP", service.port.into())]),
        }]),
        pod_selector: Some(labels::label_selector(service)),
        policy_types: Some(vec!["Ingress".to_owned(), "Egress".to_owned()]),
    }
}

/// The Ingress, as the AWS Load Balancer Controller reads it.
pub fn ingress(service: &Service, expose: &Expose, mut metadata: ObjectMeta) -> Ingress {
    // The load balancer must wait longer than the slowest request, and a leaving pod must be allowed to finish it.
    let idle = (service.timeout.seconds_up() + 5).max(60);
    let attributes =
        format!("idle_timeout.timeout_seconds={idle},routing.http.drop_invalid_header_fields.enabled=true");
    let drain = format!("deregistration_delay.timeout_seconds={}", service.grace().seconds_up());
    metadata.annotations = Some(labels::map([
        ("alb.ingress.kubernetes.io/backend-protocol", "HTTP"),
        ("alb.ingress.kubernetes.io/healthcheck-path", "/v2/health/ready"),
        ("alb.ingress.kubernetes.io/listen-ports", r#"[{"HTTPS":443}]"#),
        ("alb.ingress.kubernetes.io/load-balancer-attributes", &attributes),
        ("alb.ingress.kubernetes.io/scheme", "internet-facing"),
        ("alb.ingress.kubernetes.io/ssl-policy", "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"),
        ("alb.ingress.kubernetes.io/success-codes", "200"),
        ("alb.ingress.kubernetes.io/target-group-attributes", &drain),
        ("alb.ingress.kubernetes.io/target-type", "ip"),
    ]));
    let backend = IngressServiceBackend {
        name: service.name.clone(),
        port: Some(ServiceBackendPort { name: Some(PORT.to_owned()), ..Default::default() }),
    };
    let path = HTTPIngressPath {
        backend: IngressBackend { service: Some(backend), ..Default::default() },
        path: Some("/v2".to_owned()),
        path_type: "Prefix".to_owned(),
    };
    Ingress {
        metadata,
        spec: Some(IngressSpec {
            ingress_class_name: Some("alb".to_owned()),
            rules: Some(vec![IngressRule {
                host: Some(expose.host.clone()),
                http: Some(HTTPIngressRuleValue { paths: vec![path] }),
            }]),
            tls: Some(vec![IngressTLS { hosts: Some(vec![expose.host.clone()]), ..Default::default() }]),
            ..Default::default()
        }),
        ..Default::default()
    }
}
