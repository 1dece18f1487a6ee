// Random valid objects of ten built-in kinds: `objects[kind](random)` gives what stands beside `metadata`.

const LABELS = ['app', 'tier', 'example.com/x'];

/**
 * Where objects of each kind are served. `lateDefaults`: kube-apiserver stores a new one without some of the defaults
 * that it shows, and the first update writes them even if it changes nothing; so revisions are not compared.
 */
export const kinds = {
  ConfigMap: { apiVersion: 'v1', resource: 'configmaps' },
  Secret: { apiVersion: 'v1', resource: 'secrets' },
  Service: { apiVersion: 'v1', resource: 'services', status: true },
  ServiceAccount: { apiVersion: 'v1', resource: 'serviceaccounts' },
  Pod: { apiVersion: 'v1', resource: 'pods', status: true },
  PersistentVolumeClaim: { apiVersion: 'v1', resource: 'persistentvolumeclaims', status: true, lateDefaults: true },
  Deployment: { apiVersion: 'apps/v1', resource: 'deployments', status: true, scale: true },
  Job: { apiVersion: 'batch/v1', resource: 'jobs', status: true, lateDefaults: true },
  Role: { apiVersion: 'rbac.authorization.k8s.io/v1', resource: 'roles' },
  NetworkPolicy: { apiVersion: 'networking.k8s.io/v1', resource: 'networkpolicies' },
};

/** The path of a kind's collection in the story's namespace. */
export function collectionOf(kind) {
  const { apiVersion, resource } = kinds[kind];
  return `${apiVersion === 'v1' ? '/api' : '/apis'}/${apiVersion}/namespaces/{{ns}}/${resource}`;
}

/** A whole object. */
export function makeObject(random, kind, name) {
  return { apiVersion: kinds[kind].apiVersion, kind, metadata: metadata(random, name), ...bodies[kind](random) };
}

function metadata(random, name) {
  return {
    name,
    ...maybe(random, 0.4, () => ({ labels: labels(random) })),
    ...maybe(random, 0.3, () => ({ annotations: map(random, ['note', 'example.com/y'], ['1', 'two & <three>', '']) })),
    ...maybe(random, 0.1, () => ({ finalizers: random.some(['example.com/f', 'example.com/g']) })),
    ...maybe(random, 0.08, () => ({ ownerReferences: owners(random) })),
  };
}

function owners(random) {
  return random.some([1, 2]).map((n) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    name: `o${n}`,
    uid: `11111111-0000-0000-0000-00000000000${n}`,
    ...maybe(random, 0.3, () => ({ controller: true })),
  }));
}

function labels(random) {
  return map(random, LABELS, ['a', 'b', '']);
}

function map(random, keys, values) {
  return Object.fromEntries(random.some(keys).map((key) => [key, random.pick(values)]));
}

function maybe(random, probability, make) {
  return random.chance(probability) ? make() : {};
}

const bodies = {
  ConfigMap: (random) => ({
    ...maybe(random, 0.8, () => ({ data: map(random, ['a', 'b', 'c.txt'], ['1', '2', 'x\ny', '']) })),
    ...maybe(random, 0.2, () => ({ binaryData: map(random, ['d', 'e'], ['AAEC', '']) })),
    ...maybe(random, 0.05, () => ({ immutable: random.chance(0.5) })),
  }),
  Secret: (random) => ({
    ...maybe(random, 0.7, () => ({ data: map(random, ['a', 'b'], ['MQ==', 'Mg==', '']) })),
    ...maybe(random, 0.4, () => ({ stringData: map(random, ['b', 'c'], ['1', '2']) })),
    ...maybe(random, 0.2, () => ({ type: random.pick(['Opaque', 'example.com/t', 'kubernetes.io/basic-auth']) })),
  }),
  ServiceAccount: (random) => ({
    ...maybe(random, 0.5, () => ({ secrets: named(random, ['s1', 's2', 's3']) })),
    ...maybe(random, 0.4, () => ({ imagePullSecrets: named(random, ['p1', 'p2']) })),
    ...maybe(random, 0.3, () => ({ automountServiceAccountToken: random.chance(0.5) })),
  }),
  Service: (random) => ({ spec: serviceSpec(random) }),
  Pod: (random) => ({ spec: podSpec(random) }),
  PersistentVolumeClaim: (random) => ({
    spec: {
      accessModes: random.pick([['ReadWriteOnce'], ['ReadOnlyMany', 'ReadWriteMany']]),
      resources: { requests: { storage: random.pick(['1Gi', '2Gi', '1024Mi', '0.5Gi']) } },
      ...maybe(random, 0.3, () => ({ storageClassName: random.pick(['', 'fast']) })),
      ...maybe(random, 0.2, () => ({ volumeMode: random.pick(['Filesystem', 'Block']) })),
    },
  }),
  Deployment: (random) => {
    const matchLabels = { app: random.pick(['a', 'b']) };
    return {
      spec: {
        ...maybe(random, 0.6, () => ({ replicas: random.below(4) })),
        selector: { matchLabels },
        ...maybe(random, 0.4, () => ({ strategy: strategy(random) })),
        ...maybe(random, 0.2, () => ({ minReadySeconds: random.below(3), paused: random.chance(0.5) })),
        template: {
          metadata: { labels: { ...matchLabels, ...labels(random), app: matchLabels.app } },
          spec: podSpec(random),
        },
      },
    };
  },
  Job: (random) => ({
    spec: {
      ...maybe(random, 0.4, () => ({ parallelism: random.below(3) })),
      ...maybe(random, 0.4, () => ({ completions: 1 + random.below(3) })),
      ...maybe(random, 0.3, () => ({ backoffLimit: random.below(7), suspend: random.chance(0.5) })),
      ...maybe(random, 0.2, () => ({ activeDeadlineSeconds: 60, ttlSecondsAfterFinished: 30 })),
      template: { spec: { ...podSpec(random), restartPolicy: random.pick(['Never', 'OnFailure']) } },
    },
  }),
  Role: (random) => ({ rules: random.some([1, 2]).map(() => rule(random)) }),
  NetworkPolicy: (random) => ({ spec: policySpec(random) }),
};

function named(random, names) {
  return random.some(names).map((name) => ({ name }));
}

function strategy(random) {
  if (random.chance(0.4)) return { type: 'Recreate' };
  return {
    type: 'RollingUpdate',
    ...maybe(random, 0.6, () => ({
      rollingUpdate: { maxSurge: random.pick([1, '25%']), maxUnavailable: random.pick([0, '30%']) },
    })),
  };
}

function rule(random) {
  return {
    apiGroups: [random.pick(['', 'apps'])],
    resources: random.some(['pods', 'configmaps', 'deployments/scale'], 0.7).concat('secrets'),
    verbs: ['get', ...random.some(['list', 'watch', '*'])],
    ...maybe(random, 0.2, () => ({ resourceNames: ['x'] })),
  };
}

function policySpec(random) {
  return {
    podSelector: random.chance(0.5) ? {} : { matchLabels: labels(random) },
    ...maybe(random, 0.4, () => ({ policyTypes: random.some(['Ingress', 'Egress'], 0.7).concat() })),
    ...maybe(random, 0.6, () => ({
      ingress: [
        {
          ...maybe(random, 0.6, () => ({
            ports: [{ ...maybe(random, 0.5, () => ({ protocol: 'UDP' })), port: random.pick([80, 'http']) }],
          })),
          ...maybe(random, 0.6, () => ({
            from: [random.pick([{ podSelector: {} }, { ipBlock: { cidr: '10.1.0.0/16', except: ['10.1.1.0/24'] } }])],
          })),
        },
      ],
    })),
  };
}

function serviceSpec(random) {
  const type = random.weighted([
    [5, undefined],
    [2, 'ClusterIP'],
    [1, 'NodePort'],
    [1, 'LoadBalancer'],
    [1, 'ExternalName'],
  ]);
  if (type === 'ExternalName') return { type, externalName: random.pick(['example.com', 'a.b']) };
  return {
    ...(type && { type }),
    ports: servicePorts(random),
    ...maybe(random, 0.6, () => ({ selector: labels(random) })),
    ...maybe(random, 0.15, () => ({ clusterIP: 'None' })),
    ...maybe(random, 0.15, () => ({ sessionAffinity: random.pick(['ClientIP', 'None']) })),
    ...maybe(random, 0.1, () => ({ externalIPs: ['192.0.2.1'] })),
  };
}

function servicePorts(random) {
  const ports = [
    { name: 'http', port: 80 },
    { name: 'https', port: 443, protocol: 'TCP' },
    { name: 'dns', port: 53, protocol: 'UDP' },
  ];
  const chosen = random.some(ports, 0.6);
  return (chosen.length > 0 ? chosen : [ports[0]]).map((port) => ({
    ...port,
    ...maybe(random, 0.4, () => ({ targetPort: random.pick([8080, 'web', port.port]) })),
  }));
}

function podSpec(random) {
  const names = random.some(['c1', 'c2', 'c3'], 0.5);
  return {
    containers: (names.length > 0 ? names : ['c1']).map((name) => container(random, name)),
    ...maybe(random, 0.15, () => ({ initContainers: [container(random, 'init')] })),
    ...maybe(random, 0.2, () => ({ nodeSelector: { disk: random.pick(['ssd', 'hdd']) } })),
    ...maybe(random, 0.2, () => ({
      tolerations: [{ key: random.pick(['k', 'l']), operator: 'Exists', effect: 'NoSchedule' }],
    })),
    ...maybe(random, 0.2, () => ({ terminationGracePeriodSeconds: random.pick([0, 5, 30]) })),
    ...maybe(random, 0.15, () => ({ securityContext: { runAsUser: 1000, fsGroup: 2000 } })),
    ...maybe(random, 0.1, () => ({ serviceAccountName: 'sa' })),
    ...maybe(random, 0.1, () => ({ hostNetwork: random.chance(0.5) })),
    ...maybe(random, 0.2, () => ({
      volumes: [{ name: 'v', ...random.pick([{ emptyDir: {} }, { configMap: { name: 'x' } }]) }],
    })),
  };
}

function container(random, name) {
  return {
    name,
    image: random.pick(['nginx', 'nginx:1', 'busybox:latest']),
    ...maybe(random, 0.4, () => ({
      env: random.some(['A', 'B', 'C']).map((env) => ({ name: env, value: random.pick(['1', '2']) })),
    })),
    ...maybe(random, 0.3, () => ({
      ports: random.some([80, 443]).map((containerPort) => ({ containerPort, name: `p${containerPort}` })),
    })),
    ...maybe(random, 0.3, () => ({ resources: resources(random) })),
    ...maybe(random, 0.2, () => ({ args: random.some(['x', 'y', 'z']) })),
    ...maybe(random, 0.2, () => ({
      readinessProbe: { httpGet: { path: '/', port: random.pick([80, 'web']) }, periodSeconds: 5 },
    })),
    ...maybe(random, 0.1, () => ({ imagePullPolicy: random.pick(['Always', 'Never']) })),
  };
}

function resources(random) {
  const amounts = () => ({
    cpu: random.pick(['100m', '0.1', '1']),
    memory: random.pick(['64Mi', '128974848', '129e6']),
  });
  return random.pick([{ requests: amounts() }, { limits: { cpu: '2', memory: '1Gi' }, requests: amounts() }]);
}
