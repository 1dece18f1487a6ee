// What webhooks on our runtime do to a cluster, at any server: called for real, with certificates that are made, written
// into the configurations and the definition, and rotated under load.
import assert from 'node:assert/strict';
import { connect } from 'nekube/client';
import { CertificateRotator, denied, hubConverter, PrometheusMetrics, WebhookServer } from 'nekube/controller';
import { eventually } from './server.mjs';

const GROUP = 'hooks.example.com';
const V1 = { apiVersion: `${GROUP}/v1`, kind: 'Site' };
const V1ALPHA1 = { apiVersion: `${GROUP}/v1alpha1`, kind: 'Site' };
const NAMESPACE = 'default';
const RULE = {
  apiGroups: [GROUP],
  apiVersions: ['v1'],
  resources: ['sites'],
  operations: ['CREATE', 'UPDATE', 'DELETE'],
};

/**
 * A clock that stands until it is set forward, whose timers are never called: the test says when it is time to look. However slow
 * the machine is, no step of a rotation is passed by.
 */
function movableClock() {
  const began = Date.now();
  let ahead = 0;
  return {
    now: () => began + ahead,
    elapsed: () => performance.now() + ahead,
    after: () => () => {},
    forward: (ms) => (ahead += ms),
  };
}

function definition(url) {
  const version = (name, storage, spec) => ({
    name,
    served: true,
    storage,
    schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: spec } } } },
  });
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `sites.${GROUP}` },
    spec: {
      group: GROUP,
      scope: 'Namespaced',
      names: { kind: 'Site', plural: 'sites' },
      versions: [
        version('v1', true, { port: { type: 'integer' } }),
        version('v1alpha1', false, { listen: { type: 'string' } }),
      ],
      conversion: {
        strategy: 'Webhook',
        webhook: { conversionReviewVersions: ['v1'], clientConfig: { url: `${url}/convert` } },
      },
    },
  };
}

function configuration(kind, url, path) {
  const webhook = {
    name: `site.${GROUP}`,
    clientConfig: { url: url + path },
    rules: [RULE],
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
  };
  return { apiVersion: 'admissionregistration.k8s.io/v1', kind, metadata: { name: 'hooks' }, webhooks: [webhook] };
}

/** Certificates begin five minutes before they are made, so that those of a clock that is ahead by less are valid now. */
const LIFETIME_MS = 150_000;
const SETTLE_MS = 20_000;
const STEPS = { 'a new CA': 105_000, 'it signs': 25_000, 'the former one is dropped': 25_000 };

/** Tells the story; rejects where it goes otherwise. */
export async function tellWebhookStory(target) {
  const warnings = [];
  const { url, token, ca } = target;
  const config = { server: url, token, ca: { pem: ca } };
  const client = await connect({ config, onWarning: (text) => warnings.push(text) });
  const clock = movableClock();
  const rotator = new CertificateRotator({
    client,
    clock,
    caLifetimeMs: LIFETIME_MS,
    lifetimeMs: LIFETIME_MS,
    settleMs: SETTLE_MS,
    secret: { namespace: NAMESPACE, name: 'hooks-certificates' },
    trust: [
      { kind: 'ValidatingWebhookConfiguration', name: 'hooks' },
      { kind: 'MutatingWebhookConfiguration', name: 'hooks' },
      { kind: 'CustomResourceDefinition', name: `sites.${GROUP}` },
    ],
  });
  const metrics = new PrometheusMetrics();
  const server = new WebhookServer({ certificates: rotator, port: 0, metrics });
  serve(server);
  const over = new AbortController();
  const running = server.start(over.signal);
  try {
    await server.ready();
    await client.create(definition(server.url));
    await client.create(
      configuration('ValidatingWebhookConfiguration', server.url, '/validate-hooks-example-com-v1-site'),
    );
    await client.create(configuration('MutatingWebhookConfiguration', server.url, '/mutate-hooks-example-com-v1-site'));
    await rotator.check();
    await callsAreMade(client, warnings);
    await versionsAreConverted(client);
    await rotationUnderLoad(client, rotator, clock);
    assert.match(
      metrics.registry.text(),
      /controller_runtime_webhook_requests_total\{webhook="\/convert",code="200"\} [1-9]/,
    );
  } finally {
    over.abort();
    await running;
    await client.close();
  }
}

function serve(server) {
  server
    .kind(
      { group: GROUP, version: 'v1', kind: 'Site' },
      {
        defaulter: (site) => {
          site.spec ??= {};
          site.spec.port ??= 80;
        },
        validator: {
          create: ({ spec }) => (spec.port > 65535 ? denied('spec.port is too large') : []),
          update: ({ spec }, old) =>
            spec.port === old.spec.port ? [] : [`port ${old.spec.port} becomes ${spec.port}`],
          delete: ({ metadata }) => (metadata.labels?.keep ? denied('it is to be kept') : []),
        },
      },
    )
    .convert(
      hubConverter({
        group: GROUP,
        kind: 'Site',
        hub: 'v1',
        spokes: {
          v1alpha1: {
            toHub({ metadata, spec }) {
              if (!/^:\d+$/.test(spec.listen)) throw new Error('spec.listen must be ":PORT"');
              return { metadata, spec: { port: Number(spec.listen.slice(1)) } };
            },
            fromHub: ({ metadata, spec }) => ({ metadata, spec: { listen: `:${spec.port}` } }),
          },
        },
      }),
    );
}

async function callsAreMade(client, warnings) {
  const site = (name, spec, more) => ({ ...V1, metadata: { namespace: NAMESPACE, name, ...more }, spec });
  // the configurations, and that the kind is served, are known to the server a moment after they are written
  const created = await eventually('a site with defaults', async () => {
    const made = await client.create(site('a', {}));
    if (made.spec.port === 80) return made;
    await client.delete(V1, { namespace: NAMESPACE, name: 'a' });
    return undefined;
  });
  const hook = `admission webhook "site.${GROUP}" denied the request`;
  await eventually('a refusal', () =>
    client.create(site('b', { port: 70000 }), { dryRun: true }).then(
      () => undefined,
      (error) => {
        assert.equal(error.message, `${hook}: spec.port is too large`);
        assert.equal(error.status.code, 403);
        assert.equal(error.status.reason, 'Forbidden');
        return true;
      },
    ),
  );
  await client.update({ ...created, spec: { port: 81 }, metadata: { ...created.metadata, labels: { keep: 'yes' } } });
  assert.deepEqual(
    warnings.filter((text) => text.includes('becomes')),
    ['port 80 becomes 81'],
  );
  await assert.rejects(client.delete(V1, { namespace: NAMESPACE, name: 'a' }), {
    message: `${hook}: it is to be kept`,
  });
}

async function versionsAreConverted(client) {
  const old = await client.get(V1ALPHA1, { namespace: NAMESPACE, name: 'a' });
  assert.deepEqual(old.spec, { listen: ':81' });
  assert.deepEqual(old.metadata.labels, { keep: 'yes' });
  const metadata = { namespace: NAMESPACE, name: 'c' };
  await assert.rejects(client.create({ ...V1ALPHA1, metadata, spec: { listen: 'x' } }), /spec\.listen must be ":PORT"/);
  await client.create({ ...V1ALPHA1, metadata, spec: { listen: ':8080' } });
  assert.equal((await client.get(V1, metadata)).spec.port, 8080);
  const { items } = await client.list(V1ALPHA1, { namespace: NAMESPACE });
  assert.deepEqual(items.map(({ spec }) => spec.listen).sort(), [':8080', ':81']);
}

/** Certificates and then the CA are replaced while calls are made; every one of them succeeds. */
async function rotationUnderLoad(client, rotator, clock) {
  const before = rotator.caBundle;
  const certificates = new Set([rotator.current.cert]);
  let stop = false;
  let calls = 0;
  const worker = async () => {
    while (!stop) {
      await client.create(
        { ...V1, metadata: { namespace: NAMESPACE, generateName: 'x-' }, spec: {} },
        { dryRun: true },
      );
      await client.get(V1ALPHA1, { namespace: NAMESPACE, name: 'a' });
      calls += 2;
    }
  };
  const workers = Promise.all([worker(), worker(), worker()]);
  for (const [step, ms] of Object.entries(STEPS)) {
    const goal = calls + 30;
    await Promise.race([workers, eventually(`calls before: ${step}`, () => calls >= goal)]);
    clock.forward(ms);
    await rotator.check();
    certificates.add(rotator.current.cert);
  }
  stop = true;
  await workers;
  assert.notEqual(rotator.caBundle, before);
  assert.ok(certificates.size >= 3, `${certificates.size} certificates were shown`);
}
