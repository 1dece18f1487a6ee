// Volumes at the paths where pods mount them, in namespaces of mounts: here each within a user namespace, which needs no rights.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { issueCertificate } from 'nekube/pki';
import { conditionOf, createPod, eventsOf, eventually, logOf, startCluster, untilPod } from './cluster.mjs';

const ENTER = ['unshare', '--user', '--map-root-user', '--mount', '--'];
const [program, ...flags] = ENTER;
const works = spawnSync(program, [...flags, 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;

/** The virtual network, as one whose pods may mount. */
const mounting = (network) => ({
  ...Object.fromEntries(
    ['podRange', 'nodeAddress', 'reach', 'serviceEndpoint', 'close'].map((name) => [name, network[name].bind(network)]),
  ),
  mode: network.mode,
  reason: network.reason,
  async attach(pod) {
    const attachment = await network.attach(pod);
    return { ...attachment, mayMount: true, within: (argv) => [...ENTER, ...argv] };
  },
});

const isLink = (path) => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;

describe('volumes are mounted', { skip: works ? false : 'there are no user namespaces' }, () => {
  let cluster;
  before(async () => {
    cluster = await startCluster({ networkOf: mounting });
    await cluster.client.create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: 'default', name: 'files' },
      data: { 'a.conf': 'from a map' },
    });
  });
  after(async () => {
    await cluster.stop();
    assert.deepEqual(cluster.errors, []);
  });

  /** Runs a script in a pod with the ConfigMap and an empty folder at these paths. */
  async function said(script, volumeMounts) {
    const volumes = [
      { name: 'files', configMap: { name: 'files' } },
      { name: 'data', emptyDir: {} },
    ];
    const container = { args: ['-c', script], volumeMounts };
    const pod = await createPod(cluster.client, container, { spec: { volumes, restartPolicy: 'Never' } });
    const { status } = await untilPod(cluster.client, pod, (now) => /Succeeded|Failed/.test(now.status.phase));
    assert.equal(status.phase, 'Succeeded', logOf(cluster, pod).join('\n'));
    return { log: logOf(cluster, pod), status };
  }

  test('over a folder that there is', async () => {
    const { log } = await said('ls /mnt; cat /mnt/a.conf', [{ name: 'files', mountPath: '/mnt' }]);
    assert.deepEqual(log, ['a.conf', 'from a map']);
  });

  test('below a folder that there is, whose files stay', async () => {
    const before = readdirSync('/etc');
    const mounts = [{ name: 'files', mountPath: '/etc/nekube-volume/deep' }];
    const { log } = await said('cat /etc/nekube-volume/deep/a.conf; echo; cat /etc/passwd | head -1', mounts);
    assert.equal(log[0], 'from a map');
    assert.match(log[1], /^root:/);
    assert.deepEqual(readdirSync('/etc'), before);
  });

  test('at the root, beside all that is there', async () => {
    const mounts = [
      { name: 'files', mountPath: '/nekube-files', readOnly: true },
      { name: 'data', mountPath: '/nekube-data' },
    ];
    const script =
      'cat /nekube-files/a.conf; echo; touch /nekube-files/x 2>&1 | grep -o "Read-only.*"; cp /nekube-files/a.conf /nekube-data; ls /nekube-data; ls -d /usr';
    const { log } = await said(script, mounts);
    assert.deepEqual(log, ['from a map', 'Read-only file system', 'a.conf', '/usr']);
    assert.equal(existsSync('/nekube-files'), false);
  });

  test('beside one at the root, below a link of this machine', { skip: !isLink('/var/run') }, async () => {
    const mounts = [
      { name: 'data', mountPath: '/nekube-data' },
      { name: 'files', mountPath: '/var/run/nekube-volume/deep' },
    ];
    const { log } = await said('cat /var/run/nekube-volume/deep/a.conf; echo; ls -d /nekube-data', mounts);
    assert.deepEqual(log, ['from a map', '/nekube-data']);
    assert.equal(existsSync('/var/run/nekube-volume'), false);
  });

  test('a volume within another, and one file of a volume', async () => {
    const mounts = [
      { name: 'data', mountPath: '/nekube-data' },
      { name: 'files', mountPath: '/nekube-data/inner' },
      { name: 'files', mountPath: '/nekube-one.conf', subPath: 'a.conf' },
    ];
    const { log } = await said('cat /nekube-data/inner/a.conf; echo; cat /nekube-one.conf', mounts);
    assert.deepEqual(log, ['from a map', 'from a map']);
  });

  test('a server waits for the Secret with its certificate, and is ready then', async () => {
    const { cert, key } = issueCertificate({
      subject: { commonName: 'shop' },
      notBefore: new Date(Date.now() - 60_000),
      notAfter: new Date(Date.now() + 3_600_000),
      use: 'server',
      names: { hosts: ['shop.example'], ips: [] },
    });
    const read = (name) => `require('node:fs').readFileSync('/etc/nekube-secret/${name}')`;
    const code = `require('node:tls').createServer({cert: ${read('tls.crt')}, key: ${read('tls.key')}}).listen(process.env.NEKUBE_PORT_8443)`;
    const container = {
      image: 'node',
      args: ['-e', code],
      ports: [{ containerPort: 8443 }],
      readinessProbe: { tcpSocket: { port: 8443 } },
      volumeMounts: [{ name: 'secret', mountPath: '/etc/nekube-secret', readOnly: true }],
    };
    const volumes = [{ name: 'secret', secret: { secretName: 'shop' } }];
    const { client } = cluster;
    const pod = await createPod(client, container, { spec: { volumes } });
    const missing = 'FailedMount MountVolume.SetUp failed for volume "secret" : secret "shop" not found';
    await eventually(async () => (await eventsOf(client, pod)).includes(missing), 'the event FailedMount');
    await client.create({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace: 'default', name: 'shop' },
      type: 'kubernetes.io/tls',
      stringData: { 'tls.crt': cert, 'tls.key': key },
    });
    await untilPod(client, pod, (now) => conditionOf(now, 'Ready')?.status === 'True');
  });

  test('what is told by the file for it is told', async () => {
    const { log, status } = await said(
      'echo x > /dev/null; head -c 3 /dev/zero | wc -c; echo y > /dev/stdout; printf done > /dev/termination-log',
      [],
    );
    assert.equal(status.containerStatuses[0].state.terminated.message, 'done');
    assert.deepEqual(log, ['3', 'y']);
  });
});
