// The objects that windlass makes of services, with cdk8s: node objects.js SERVICES.json OUT
//
// Beside objects.libsonnet, which says the same in Jsonnet.
const { createHash } = require("node:crypto");
const { readFileSync } = require("node:fs");
const { ApiObject, App, Chart } = require("cdk8s");

const [services, outdir] = [JSON.parse(readFileSync(process.argv[2], "utf8")), process.argv[3]];

const project = {
  "app.kubernetes.io/instance": "bench",
  "app.kubernetes.io/managed-by": "windlass",
  "app.kubernetes.io/part-of": "bench",
};
const owned = { ...project, owner: "platform" };
const user = { runAsGroup: 65532, runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: "RuntimeDefault" } };

const probe = (path, periodSeconds, timeoutSeconds, failureThreshold) => ({
  failureThreshold,
  httpGet: { path, port: "http" },
  periodSeconds,
  timeoutSeconds,
});

const shared = [
  {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: {
      name: "bench",
      labels: {
        ...owned,
        "pod-security.kubernetes.io/audit": "restricted",
        "pod-security.kubernetes.io/audit-version": "latest",
        "pod-security.kubernetes.io/enforce": "restricted",
        "pod-security.kubernetes.io/enforce-version": "v1.34",
        "pod-security.kubernetes.io/warn": "restricted",
        "pod-security.kubernetes.io/warn-version": "latest",
      },
    },
  },
  {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "default-deny", namespace: "bench", labels: owned },
    spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] },
  },
];

function of(service) {
  const name = service.name;
  const named = { "app.kubernetes.io/component": "inference", "app.kubernetes.io/name": name };
  const metadata = { name, namespace: "bench", labels: { ...owned, ...named } };
  const selector = { "app.kubernetes.io/name": name };
  const amounts = { cpu: service.cpu, "ephemeral-storage": "256Mi", memory: service.memory };
  const settings = {
    WINDLASS_DRAIN_DELAY: "5s",
    WINDLASS_EMF: "tcp://cloudwatch-agent.amazon-cloudwatch:25888",
    WINDLASS_LISTEN: `[::]:${service.port}`,
    WINDLASS_LOG: "info",
    WINDLASS_MAX_BODY_BYTES: `${service.body}`,
    WINDLASS_MAX_IN_FLIGHT: `${64 * service.threads}`,
    WINDLASS_MODEL_PATH: "/models/linear.onnx",
    WINDLASS_PROJECT: "bench",
    WINDLASS_REQUEST_TIMEOUT: "10s",
    WINDLASS_THREADS: `${service.threads}`,
  };
  const digest = createHash("sha256").update(JSON.stringify(settings)).digest("hex");
  const config = `${name}-${digest.slice(0, 10)}`;
  const spread = (topologyKey) => ({
    labelSelector: { matchLabels: selector },
    matchLabelKeys: ["pod-template-hash"],
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: "ScheduleAnyway",
  });
  return [
    { apiVersion: "v1", kind: "ServiceAccount", automountServiceAccountToken: false, metadata },
    { apiVersion: "v1", kind: "ConfigMap", data: settings, immutable: true, metadata: { ...metadata, name: config } },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: {
        ...metadata,
        annotations: { "checkov.io/skip1": "CKV_K8S_43=the spec pins this tag" },
        labels: { ...metadata.labels, "app.kubernetes.io/version": "1" },
      },
      spec: {
        minReadySeconds: 10,
        progressDeadlineSeconds: 600,
        revisionHistoryLimit: 5,
        selector: { matchLabels: selector },
        strategy: { rollingUpdate: { maxSurge: "25%", maxUnavailable: 0 }, type: "RollingUpdate" },
        template: {
          metadata: {
            annotations: { "windlass/model-sha256": service.model },
            labels: { ...project, ...named, "app.kubernetes.io/version": "1" },
          },
          spec: {
            affinity: {
              podAntiAffinity: {
                preferredDuringSchedulingIgnoredDuringExecution: [
                  {
                    podAffinityTerm: {
                      labelSelector: { matchLabels: selector },
                      topologyKey: "kubernetes.io/hostname",
                    },
                    weight: 100,
                  },
                ],
              },
            },
            automountServiceAccountToken: false,
            containers: [
              {
                name,
                envFrom: [{ configMapRef: { name: config } }],
                image: service.image,
                imagePullPolicy: "Always",
                livenessProbe: probe("/v2/health/live", 10, 5, 3),
                ports: [{ containerPort: service.port, name: "http", protocol: "TCP" }],
                readinessProbe: probe("/v2/health/ready", 5, 2, 2),
                resources: { limits: amounts, requests: amounts },
                securityContext: {
                  ...user,
                  allowPrivilegeEscalation: false,
                  capabilities: { drop: ["ALL"] },
                  privileged: false,
                  readOnlyRootFilesystem: true,
                },
                startupProbe: probe("/v2/health/ready", 2, 2, 150),
                terminationMessagePolicy: "FallbackToLogsOnError",
                volumeMounts: [{ mountPath: "/tmp", name: "tmp" }],
              },
            ],
            enableServiceLinks: false,
            securityContext: { ...user, fsGroup: 65532 },
            serviceAccountName: name,
            terminationGracePeriodSeconds: 20,
            topologySpreadConstraints: [spread("topology.kubernetes.io/zone"), spread("kubernetes.io/hostname")],
            volumes: [{ emptyDir: { sizeLimit: "64Mi" }, name: "tmp" }],
          },
        },
      },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: {
        ports: [{ appProtocol: "http", name: "http", port: service.port, protocol: "TCP", targetPort: "http" }],
        selector,
        type: "ClusterIP",
      },
    },
    {
      apiVersion: "autoscaling/v2",
      kind: "HorizontalPodAutoscaler",
      metadata,
      spec: {
        behavior: {
          scaleDown: {
            policies: [
              { periodSeconds: 60, type: "Percent", value: 25 },
              { periodSeconds: 60, type: "Pods", value: 1 },
            ],
            selectPolicy: "Max",
            stabilizationWindowSeconds: 300,
          },
          scaleUp: {
            policies: [
              { periodSeconds: 15, type: "Percent", value: 100 },
              { periodSeconds: 15, type: "Pods", value: 4 },
            ],
            selectPolicy: "Max",
            stabilizationWindowSeconds: 0,
          },
        },
        maxReplicas: service.max,
        metrics: [
          {
            resource: { name: "cpu", target: { averageUtilization: service.target, type: "Utilization" } },
            type: "Resource",
          },
        ],
        minReplicas: service.min,
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
      },
    },
    {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata,
      spec: { maxUnavailable: 1, selector: { matchLabels: selector }, unhealthyPodEvictionPolicy: "AlwaysAllow" },
    },
    {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata,
      spec: {
        egress: [
          {
            ports: [
              { port: 53, protocol: "UDP" },
              { port: 53, protocol: "TCP" },
              { port: 25888, protocol: "TCP" },
            ],
          },
        ],
        ingress: [{ from: [{ podSelector: {} }], ports: [{ port: service.port, protocol: "TCP" }] }],
        podSelector: { matchLabels: selector },
        policyTypes: ["Ingress", "Egress"],
      },
    },
  ];
}

const app = new App({ outdir, outputFileExtension: ".yaml" });
const chart = (name, objects) => {
  const chart = new Chart(app, name, { disableResourceNameHashes: true });
  objects.forEach((object, at) => new ApiObject(chart, `${at}`, object));
};
chart("namespace", shared);
services.forEach((service) => chart(service.name, of(service)));
app.synth();
