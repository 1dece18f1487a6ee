// What processes of pods find: variables and volumes.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createPod, startCluster, untilPod } from './cluster.mjs';
import { eventually, eventsOf, logOf } from './cluster.mjs';

let cluster;
let client;
const inDefault = (kind, name, data) => ({
  apiVersion: 'v1',
  kind,
  metadata: { namespace: 'default', name },
  ...(kind === 'Secret' ? { stringData: data } : { data }),
});

before(async () => {
  cluster = await startCluster();
  client = cluster.client;
  await client.create(inDefault('ConfigMap', 'settings', { color: 'blue', 'a.yaml': 'a: 1\n' }));
  await client.create(inDefault('Secret', 'keys', { password: 'hidden' }));
  await client.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace: 'default', name: 'robot' } });
  await client.create({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace: 'default', name: 'my-web' },
    spec: { ports: [{ name: 'http', port: 80 }] },
  });
});
after(async () => {
  await cluster.stop();
  assert.deepEqual(cluster.errors, []);
});

/** Runs a script to its end in a pod; gives what it said. */
async function said(script, container = {}, spec = {}) {
  const pod = await createPod(
    client,
    { args: ['-c', script], ...container },
    { spec: { restartPolicy: 'Never', ...spec } },
  );
  const { status } = await untilPod(client, pod, (now) => /Succeeded|Failed/.test(now.status.phase));
  const log = logOf(cluster, pod);
  assert.equal(status.phase, 'Succeeded', log.join('\n'));
  return { pod, log };
}

test('variables come from values, fields, resources, ConfigMaps and Secrets, and refer to each other', async () => {
  const env = [
    { name: 'A', value: 'one' },
    { name: 'B', value: '$(A)-$(COLOR_color)-$$(A)' },
    { name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
    { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1m' } } },
    { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'keys', key: 'password' } } },
    { name: 'NONE', valueFrom: { configMapKeyRef: { name: 'nobody', key: 'x', optional: true } } },
  ];
  const script = 'echo "$A $B $NAME $CPU $PASSWORD [$NONE] $MY_WEB_SERVICE_HOST $MY_WEB_PORT_80_TCP_PROTO"; echo $IP';
  const { pod, log } = await said(script, {
    env,
    envFrom: [{ prefix: 'COLOR_', configMapRef: { name: 'settings' } }],
    resources: { limits: { cpu: '250m' } },
  });
  assert.equal(log[0], `one one-blue-$(A) ${pod.metadata.name} 250 hidden [] 127.0.0.1 tcp`);
  assert.match(log[1], /^10\.244\.0\.\d+$/);
});

test('volumes are folders: by paths that are rewritten, and below one that a variable names', async () => {
  const { log } = await said(
    'cat /etc/app/color $NEKUBE_ROOT/etc/app/color; cat "$FILE" /labels/labels /data/x',
    {
      args: [
        '-c',
        'echo hi > /data/x; cat /etc/app/color; echo; cat "$FILE"; cat /labels/labels; echo; cat /data/x; ls -lL /secret | tail -1 | cut -c1-10; ls $NEKUBE_ROOT/etc/app',
      ],
      env: [{ name: 'FILE', value: '/etc/app/sub/a.yaml' }],
      volumeMounts: [
        { name: 'settings', mountPath: '/etc/app' },
        { name: 'secret', mountPath: '/secret' },
        { name: 'labels', mountPath: '/labels' },
        { name: 'data', mountPath: '/data' },
      ],
    },
    {
      volumes: [
        {
          name: 'settings',
          configMap: {
            name: 'settings',
            items: [
              { key: 'color', path: 'color' },
              { key: 'a.yaml', path: 'sub/a.yaml' },
            ],
          },
        },
        { name: 'secret', secret: { secretName: 'keys', defaultMode: 0o400 } },
        { name: 'labels', downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
        { name: 'data', emptyDir: {} },
      ],
    },
  );
  assert.deepEqual(log, ['blue', 'a: 1', '', 'hi', '-r--------', 'color', 'sub']);
});

test('a token of the service account lets the pod be known', async () => {
  const { log } = await said(
    'cat /token/token',
    {
      volumeMounts: [{ name: 'token', mountPath: '/token' }],
    },
    {
      serviceAccountName: 'robot',
      volumes: [{ name: 'token', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } }],
    },
  );
  const claims = JSON.parse(Buffer.from(log[0].split('.')[1], 'base64url'));
  assert.equal(claims.sub, 'system:serviceaccount:default:robot');
  assert.match(claims['kubernetes.io'].pod.name, /^pod-/);
});

test('a volume that cannot be made is told of, and made when it can be', async () => {
  const volumes = [{ name: 'late', configMap: { name: 'late' } }];
  const volumeMounts = [{ name: 'late', mountPath: '/late' }];
  const spec = { volumes, restartPolicy: 'Never' };
  const pod = await createPod(client, { args: ['-c', 'cat /late/x'], volumeMounts }, { spec });
  await eventually(async () => {
    const events = await eventsOf(client, pod);
    return events.includes('FailedMount MountVolume.SetUp failed for volume "late" : configmap "late" not found');
  }, 'the event FailedMount');
  await client.create(inDefault('ConfigMap', 'late', { x: 'there' }));
  await untilPod(client, pod, ({ status: { phase } }) => phase === 'Succeeded');
  assert.deepEqual(logOf(cluster, pod), ['there']);
});

test('a container that lacks a variable waits with a reason', async () => {
  const env = [{ name: 'X', valueFrom: { configMapKeyRef: { name: 'settings', key: 'none' } } }];
  const pod = await createPod(client, { args: ['-c', 'true'], env });
  const { status } = await untilPod(client, pod, (now) => now.status.containerStatuses?.[0].state.waiting?.message);
  assert.deepEqual(status.containerStatuses[0].state.waiting, {
    reason: 'CreateContainerConfigError',
    message: "couldn't find key none in ConfigMap default/settings",
  });
});
