// The objects that windlass makes of a service, written out: `service` is what differs from one to the next.
local project = {
  'app.kubernetes.io/instance': 'bench',
  'app.kubernetes.io/managed-by': 'windlass',
  'app.kubernetes.io/part-of': 'bench',
  owner: 'platform',
};

local probe(path, period, timeout, failures) = {
  failureThreshold: failures,
  httpGet: { path: path, port: 'http' },
  periodSeconds: period,
  timeoutSeconds: timeout,
};

local user = { runAsGroup: 65532, runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } };

{
  shared: [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: 'bench',
        labels: project {
          'pod-security.kubernetes.io/audit': 'restricted',
          'pod-security.kubernetes.io/audit-version': 'latest',
          'pod-security.kubernetes.io/enforce': 'restricted',
          'pod-security.kubernetes.io/enforce-version': 'v1.34',
          'pod-security.kubernetes.io/warn': 'restricted',
          'pod-security.kubernetes.io/warn-version': 'latest',
        },
      },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'default-deny', namespace: 'bench', labels: project },
      spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
    },
  ],

  kustomization(names): [{
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: ['namespace.yaml'] + [name + '.yaml' for name in names],
  }],

  of(service):
    local labels = project {
      'app.kubernetes.io/component': 'inference',
      'app.kubernetes.io/name': service.name,
    };
    local metadata = { name: service.name, namespace: 'bench', labels: labels };
    local selector = { 'app.kubernetes.io/name': service.name };
    local amounts = { cpu: service.cpu, 'ephemeral-storage': '256Mi', memory: service.memory };
    local settings = {
      WINDLASS_DRAIN_DELAY: '5s',
      WINDLASS_EMF: 'tcp://cloudwatch-agent.amazon-cloudwatch:25888',
      WINDLASS_LISTEN: '[::]:%d' % service.port,
      WINDLASS_LOG: 'info',
      WINDLASS_MAX_BODY_BYTES: '%d' % service.body,
      WINDLASS_MAX_IN_FLIGHT: '%d' % (64 * service.threads),
      WINDLASS_MODEL_PATH: '/models/linear.onnx',
      WINDLASS_PROJECT: 'bench',
      WINDLASS_REQUEST_TIMEOUT: '10s',
      WINDLASS_THREADS: '%d' % service.threads,
    };
    local config = service.name + '-' + std.substr(std.sha256(std.manifestJsonMinified(settings)), 0, 10);
    local spread(topology) = {
      labelSelector: { matchLabels: selector },
      matchLabelKeys: ['pod-template-hash'],
      maxSkew: 1,
      topologyKey: topology,
      whenUnsatisfiable: 'ScheduleAnyway',
    };
    [
      { apiVersion: 'v1', kind: 'ServiceAccount', automountServiceAccountToken: false, metadata: metadata },
      { apiVersion: 'v1', kind: 'ConfigMap', data: settings, immutable: true, metadata: metadata { name: config } },
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: metadata {
          annotations: { 'checkov.io/skip1': 'CKV_K8S_43=the spec pins this tag' },
          labels+: { 'app.kubernetes.io/version': '1' },
        },
        spec: {
          minReadySeconds: 10,
          progressDeadlineSeconds: 600,
          revisionHistoryLimit: 5,
          selector: { matchLabels: selector },
          strategy: { rollingUpdate: { maxSurge: '25%', maxUnavailable: 0 }, type: 'RollingUpdate' },
          template: {
            metadata: {
              annotations: { 'windlass/model-sha256': service.model },
              labels: {
                'app.kubernetes.io/component': 'inference',
                'app.kubernetes.io/instance': 'bench',
                'app.kubernetes.io/managed-by': 'windlass',
                'app.kubernetes.io/name': service.name,
                'app.kubernetes.io/part-of': 'bench',
                'app.kubernetes.io/version': '1',
              },
            },
            spec: {
              affinity: {
                podAntiAffinity: {
                  preferredDuringSchedulingIgnoredDuringExecution: [{
                    podAffinityTerm: {
                      labelSelector: { matchLabels: selector },
                      topologyKey: 'kubernetes.io/hostname',
                    },
                    weight: 100,
                  }],
                },
              },
              automountServiceAccountToken: false,
              containers: [{
                name: service.name,
                envFrom: [{ configMapRef: { name: config } }],
                image: service.image,
                imagePullPolicy: 'Always',
                livenessProbe: probe('/v2/health/live', 10, 5, 3),
                ports: [{ containerPort: service.port, name: 'http', protocol: 'TCP' }],
                readinessProbe: probe('/v2/health/ready', 5, 2, 2),
                resources: { limits: amounts, requests: amounts },
                securityContext: user {
                  allowPrivilegeEscalation: false,
                  capabilities: { drop: ['ALL'] },
                  privileged: false,
                  readOnlyRootFilesystem: true,
                },
                startupProbe: probe('/v2/health/ready', 2, 2, 150),
                terminationMessagePolicy: 'FallbackToLogsOnError',
                volumeMounts: [{ mountPath: '/tmp', name: 'tmp' }],
              }],
              enableServiceLinks: false,
              securityContext: user { fsGroup: 65532 },
              serviceAccountName: service.name,
              terminationGracePeriodSeconds: 20,
              topologySpreadConstraints: [spread('topology.kubernetes.io/zone'), spread('kubernetes.io/hostname')],
              volumes: [{ emptyDir: { sizeLimit: '64Mi' }, name: 'tmp' }],
            },
          },
        },
      },
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: metadata,
        spec: {
          ports: [{ appProtocol: 'http', name: 'http', port: service.port, protocol: 'TCP', targetPort: 'http' }],
          selector: selector,
          type: 'ClusterIP',
        },
      },
      {
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        metadata: metadata,
        spec: {
          behavior: {
            scaleDown: {
              policies: [{ periodSeconds: 60, type: 'Percent', value: 25 }, { periodSeconds: 60, type: 'Pods', value: 1 }],
              selectPolicy: 'Max',
              stabilizationWindowSeconds: 300,
            },
            scaleUp: {
              policies: [{ periodSeconds: 15, type: 'Percent', value: 100 }, { periodSeconds: 15, type: 'Pods', value: 4 }],
              selectPolicy: 'Max',
              stabilizationWindowSeconds: 0,
            },
          },
          maxReplicas: service.max,
          metrics: [{
            resource: { name: 'cpu', target: { averageUtilization: service.target, type: 'Utilization' } },
            type: 'Resource',
          }],
          minReplicas: service.min,
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: service.name },
        },
      },
      {
        apiVersion: 'policy/v1',
        kind: 'PodDisruptionBudget',
        metadata: metadata,
        spec: {
          maxUnavailable: 1,
          selector: { matchLabels: selector },
          unhealthyPodEvictionPolicy: 'AlwaysAllow',
        },
      },
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: metadata,
        spec: {
          egress: [{
            ports: [{ port: 53, protocol: 'UDP' }, { port: 53, protocol: 'TCP' }, { port: 25888, protocol: 'TCP' }],
          }],
          ingress: [{ from: [{ podSelector: {} }], ports: [{ port: service.port, protocol: 'TCP' }] }],
          podSelector: { matchLabels: selector },
          policyTypes: ['Ingress', 'Egress'],
        },
      },
    ],
}
