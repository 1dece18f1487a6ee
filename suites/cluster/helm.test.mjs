// A chart with hooks, probes, volumes, claims and schedules, from install to uninstall, by the real helm.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { beside, skip, startCluster } from './cluster.mjs';

const WAIT = '--wait --timeout 120s';
const chart = beside('shop');
let cluster;

before(async () => {
  if (!skip) cluster = await startCluster(['--network', 'virtual']);
});
after(() => cluster?.stop());

const get = (what, path) => cluster.kubectl(['get', ...what.split(' '), '-o', `jsonpath=${path}`]);

test('a chart is installed, tested, upgraded, rolled back and removed', { skip }, async (t) => {
  await t.test('an install waits for hooks, and until all is ready', async () => {
    await cluster.helm(`install shop ${chart} ${WAIT}`, { stdout: /STATUS: deployed\nREVISION: 1/ });
    assert.equal(await get('deployment shop', '{.status.readyReplicas}'), '2');
    assert.equal(await get('statefulset shop-store', '{.status.readyReplicas}'), '2');
    assert.equal(await get('pvc', '{.items[*].status.phase}'), 'Bound Bound');
    assert.match(await cluster.kubectl('logs job/shop-migrate'), /^migrated for revision 1$/m);
    assert.match(await cluster.kubectl('logs job/shop-welcome'), /^hello from shop-\w+-\w+ sesame$/m);
  });

  await t.test('tests are pods, whose logs are shown', async () => {
    await cluster.helm('test shop --logs', { stdout: /Phase: +Succeeded\s+POD LOGS: shop-test\nhello from shop-/ });
  });

  await t.test('what is due is made by hand', async () => {
    await cluster.kubectl('create job --from=cronjob/shop-report today');
    await cluster.kubectl('wait --for=condition=complete job/today --timeout=60s');
    assert.equal(await cluster.kubectl('logs job/today'), 'all is sold\n');
  });

  await t.test('an upgrade that waits replaces all pods', async () => {
    await cluster.helm(`upgrade shop ${chart} ${WAIT} --set greeting=moin`, { stdout: /STATUS: deployed/ });
    assert.equal(await get('deployment shop', '{.status.updatedReplicas}/{.status.replicas}'), '2/2');
    assert.equal(await cluster.kubectl('logs shop-store-0'), 'hello\nmoin\n');
  });

  await t.test('an upgrade whose hook fails changes nothing', async () => {
    const failure = { exit: 1, stderr: /UPGRADE FAILED: pre-upgrade hooks failed: [^]*BackoffLimitExceeded/ };
    await cluster.helm(`upgrade shop ${chart} ${WAIT} --set greeting=servus,migration=1`, failure);
    assert.equal(await get('configmap shop', '{.data.greeting}'), 'moin');
  });

  await t.test('a rollback goes back to what was', async () => {
    await cluster.helm(`rollback shop 1 ${WAIT}`, { stdout: /Rollback was a success/ });
    assert.equal(await cluster.kubectl('logs shop-store-1'), 'hello\nmoin\nhello\n');
  });

  await t.test('what is removed is gone, with what it owned', async () => {
    await cluster.helm(`uninstall shop ${WAIT}`, { stdout: /release "shop" uninstalled/ });
    await cluster.kubectl('wait --for=delete pod,replicaset,pvc,endpointslice -l app --timeout=60s');
    await cluster.kubectl('wait --for=delete pvc,pv --all --timeout=60s');
    assert.equal(await cluster.kubectl('get deployments,statefulsets,pvc,pv -o name'), '');
  });
});
