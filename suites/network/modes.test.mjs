// Networks as they are made on a machine, in namespaces that each test makes itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInside, waysIn, whyNot } from './own-namespace.mjs';

const nothing = { links: 0, routes: 0, folders: 0 };

for (const way of waysIn) {
  const skip = whyNot(way);

  test(`pods in namespaces have names, files and addresses of their own, ${way}`, { skip }, async () => {
    const [saw] = await runInside(way, 'namespaces');
    assert.deepEqual(saw, {
      ips: ['10.244.0.2', '10.244.1.2'],
      folder: '/tmp',
      hostname: 'a',
      hosts: ['10.244.0.2', 'a'],
      resolv: [
        'search default.svc.cluster.local svc.cluster.local cluster.local',
        'nameserver 10.0.0.10',
        'options ndots:5',
      ],
      fromMachine: '10.244.0.1',
      fromPod: '10.244.1.2',
      toService: '10.244.1.2',
      toHostPort: '10.244.0.1',
      left: nothing,
    });
  });

  test(`pods find services by their names, and reach them from where they are, ${way}`, { skip }, async () => {
    const [saw] = await runInside(way, 'cluster');
    const reached = '^10.244.0.1$';
    assert.deepEqual(saw, {
      ...{
        byName: reached,
        byFullName: reached,
        itself: reached,
        local: reached,
        nodePort: reached,
        balanced: reached,
      },
      notLocal: 'ECONNRESET|UND_ERR_SOCKET',
      absent: 'ENOTFOUND',
      api: 'CERT|SIGNED',
      errors: [],
      left: nothing,
    });
  });

  test(`pods on the loopback device are reached on their addresses, ${way}`, { skip }, async () => {
    const [saw] = await runInside(way, 'loopback');
    assert.deepEqual(saw, { reached: ['10.244.0.2:80 200', '10.244.0.3:80 200'], isPrivate: true, left: nothing });
  });

  for (const mode of ['namespaces', 'loopback']) {
    test(`what a killed run left goes with the next, ${mode} ${way}`, { skip }, async () => {
      const [{ left: before }, ...later] = await runInside(way, `killed ${mode}`, 'namespaces');
      assert.ok(before.links + before.routes > 0, 'there was something');
      assert.deepEqual(later.at(-1).left, nothing);
    });
  }

  test(`ranges that the machine has itself are refused, ${way}`, { skip }, async () => {
    const [saw] = await runInside(way, 'in-use');
    const message =
      'Cannot give 10.0.0.0/24 to the cluster: this machine reaches 10.0.0.0/24 by lan; choose another range';
    assert.deepEqual(saw, { namespaces: message, loopback: message, any: `virtual: ${message}` });
  });
}
