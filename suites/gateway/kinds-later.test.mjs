// Kinds that are installed while gateways run are served, and those that go are not missed: nothing has to be started anew by hand.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { systemClock } from 'nekube/client';
import { start } from 'nekube/envtest';
import { installGatewayApi } from 'nekube/gateway';
import { addressOf, ask, freePort, gateway, key, metadata, runGateway, startBackend } from './running.mjs';

const timeout = 180_000;
let env;
before(async () => (env = await start({ level: 'envtest', name: 'kinds that come later' })));
after(() => env?.stop());

/** The standard channel keeps the experimental one away, unless this is gone. */
async function withoutSafeUpgrades() {
  for (const kind of ['ValidatingAdmissionPolicyBinding', 'ValidatingAdmissionPolicy'])
    await env.client.delete(
      { apiVersion: 'admissionregistration.k8s.io/v1', kind },
      { name: 'safe-upgrades.gateway.networking.k8s.io' },
    );
}

const DEFINITION = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' };

test('kinds of the experimental channel are served when they come, and requests go on when they go', {
  timeout,
}, async (t) => {
  await installGatewayApi(env.client, { channel: 'standard', clock: systemClock });
  const port = await freePort();
  await env.client.create(gateway('web', port));
  const running = runGateway(t, env, '--addresses', '127.0.2.0/24');
  await running.ready;
  const host = await addressOf(env, 'web');
  await env.eventually(async () => assert.equal((await ask(host, port)).status, 404));

  await withoutSafeUpgrades();
  // the server forgets a policy a moment later
  const install = () => installGatewayApi(env.client, { channel: 'experimental', clock: systemClock });
  await env.eventually(install, { timeoutMs: 60_000 });
  const backend = await startBackend(t);
  await env.client.create({
    apiVersion: 'gateway.networking.x-k8s.io/v1alpha1',
    kind: 'XBackend',
    metadata: key('out'),
    spec: { type: 'ExternalHostname', port: { number: backend }, externalHostname: { hostname: 'localhost' } },
  });
  const backendRefs = [{ group: 'gateway.networking.x-k8s.io', kind: 'XBackend', name: 'out' }];
  await env.client.create({
    ...metadata('HTTPRoute', 'web'),
    spec: { parentRefs: [{ name: 'web' }], rules: [{ backendRefs }] },
  });
  await env.eventually(async () => assert.equal((await ask(host, port)).status, 200), { timeoutMs: 60_000 });
  assert.match(running.log(), /other kinds are served now: .*is served as gateway\.networking\.x-k8s\.io\/v1alpha1/);

  await env.client.delete(DEFINITION, { name: 'xbackends.gateway.networking.x-k8s.io' });
  await env.eventually(async () => assert.match(running.log(), /XBackend is gone/), { timeoutMs: 60_000 });
  await env.eventually(async () => assert.equal((await ask(host, port)).status, 500), { timeoutMs: 60_000 });
  assert.equal(running.child.exitCode, null);
  running.child.kill('SIGTERM');
  assert.equal((await running.ended).code, 0);
});
