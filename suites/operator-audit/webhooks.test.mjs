// What the audit says of operators that serve webhooks, which its control plane calls.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseYaml } from 'nekube/apimachinery';
import { auditOperator } from 'nekube/audit';
import { freePort } from '../../tools/free-ports.mjs';
import { operatorOf, Shop } from './operators.mjs';
import { WITH_WEBHOOKS } from './webhook-operators.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const documents = (file) =>
  readFileSync(here(file), 'utf8')
    .split(/^---$/m)
    .map((one) => parseYaml(one));
const shops = parseYaml(readFileSync(here('config/shops.yaml'), 'utf8'));
const [, defaults, sizes] = documents('webhooks.yaml');
const service = { namespace: 'operators', name: 'shop-webhooks', port: 443 };
const clientConfig = { service: { ...service, path: '/convert' } };

/** The same definition with a version before, in which the colour is called otherwise. */
function withOldVersion() {
  const definition = structuredClone(shops);
  const [v1] = definition.spec.versions;
  const old = structuredClone({ ...v1, name: 'v1beta1', storage: false });
  const { properties } = old.schema.openAPIV3Schema.properties.spec;
  properties.color = properties.colour;
  delete properties.colour;
  definition.spec.versions = [v1, old];
  definition.spec.conversion = { strategy: 'Webhook', webhook: { conversionReviewVersions: ['v1'], clientConfig } };
  return definition;
}

/** A configuration of one webhook for pods. */
function forPods() {
  const { metadata: _, webhooks, ...rest } = structuredClone(defaults);
  const path = '/mutate--v1-pod';
  const rules = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }];
  const namespaceSelector = { matchLabels: { near: 'shop' } };
  const one = { ...webhooks[0], clientConfig: { service: { ...service, path } }, rules, namespaceSelector };
  return { ...rest, metadata: { name: 'shop-pods' }, webhooks: [one] };
}

/** Configurations that name URLs below this one instead of a Service. */
const byUrl = (url, ...configurations) =>
  configurations.map(({ webhooks, ...rest }) => ({
    ...rest,
    webhooks: webhooks.map((one) => ({ ...one, clientConfig: { url: `${url}${one.clientConfig.service.path}` } })),
  }));

const spec = { colour: 'red', replicas: 2 };

/** The manifests, the verdict, and what must be told: of webhooks, of refused values, of limits. */
const EXPECTED = {
  defaulter: {
    manifests: [shops, defaults, sizes],
    verdict: 'render',
    webhooks:
      /shop-defaults: defaults\.shop\.example was called \d+ times: it changed [1-9].*shop-sizes: .* refused [1-9]/,
    refused: /replicas.*nine are too many/,
    influence: { '/settings': 'configmaps ‹namespace›/‹name›: /data/settings' },
  },
  neighbour: {
    manifests: (port) => [shops, ...byUrl(`https://127.0.0.1:${port}`, defaults, sizes)],
    services: [],
    verdict: 'render',
    webhooks:
      /shop-defaults: defaults\.shop\.example was called \d+ times: it changed [1-9].*failed at 0.*shop-sizes: .* refused [1-9]/,
    refused: /replicas.*nine are too many/,
    influence: { '/settings': 'configmaps ‹namespace›/‹name›: /data/settings' },
  },
  delegate: {
    manifests: [shops, ...byUrl('https://hooks.example:8443', sizes)],
    services: [],
    verdict: 'external',
    because: /^hooks\.example:8443 \(by the URL of a webhook; it was not called\)$/,
    limits:
      /ValidatingWebhookConfiguration shop-sizes is left out: its URL is of hooks\.example:8443, which is not called/,
  },
  injector: {
    manifests: [shops, forPods()],
    verdict: 'operate',
    webhooks: /shop-pods: .* changed 1, refused 0, and failed at 0/,
    because: /pods that others make: it changes one/,
  },
  dicer: { manifests: [shops, defaults], verdict: 'external', webhooks: /shop-defaults: .* changed [1-9]/ },
  mute: {
    manifests: [shops, defaults, sizes],
    verdict: 'render',
    limits:
      /MutatingWebhookConfiguration shop-defaults is left out: the operator does not serve operators\/shop-webhooks/,
  },
  converter: {
    manifests: [withOldVersion()],
    sample: { apiVersion: 'shop.example/v1beta1', spec: { color: 'red', replicas: 2 } },
    verdict: 'render',
    webhooks: /conversion of shops\.shop\.example was called [1-9]/,
    influence: { '/color': 'configmaps ‹namespace›/‹name›: /data/colour' },
  },
};

const everything = (name) => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
  subjects: [{ kind: 'ServiceAccount', name, namespace: 'operators' }],
});

describe('the webhooks of an operator are called', { concurrency: 5 }, () => {
  test('each of them has an answer', () => assert.deepEqual(Object.keys(EXPECTED), Object.keys(WITH_WEBHOOKS)));

  for (const [name, expected] of Object.entries(EXPECTED)) {
    test(`${name}: ${expected.verdict}`, async () => {
      const targetPort = await freePort();
      const manifests = typeof expected.manifests === 'function' ? expected.manifests(targetPort) : expected.manifests;
      const { judgement, findings, coverage } = await auditOperator(
        operatorOf(name, { port: targetPort }, WITH_WEBHOOKS[name]),
        {
          manifests: [...manifests, everything(name)],
          services: expected.services ?? [{ ...service, targetPort }],
          sample: { ...Shop, metadata: { name: 'shop' }, spec, ...expected.sample },
          quietMs: 150,
          budgetMs: 800_000,
        },
      );
      const plain = findings.map(({ requests: _, ...finding }) => finding);
      const all = JSON.stringify({ judgement, plain, coverage }, undefined, 1);
      assert.equal(judgement.verdict, expected.verdict, all);
      const told = plain.find(({ aspect }) => aspect === 'serves-webhooks')?.evidence.join(', ') ?? '';
      assert.match(told, expected.webhooks ?? /^$/, all);
      assert.match(coverage.leaves.refused.join('\n'), expected.refused ?? /^$/, all);
      assert.match(coverage.limits.join('\n'), expected.limits ?? /^[^]*$/, all);
      assert.deepEqual(coverage.gaps, [], all);
      if (expected.because !== undefined)
        assert.match(judgement.because.map(({ evidence }) => evidence).join('\n'), expected.because, all);
      for (const [leaf, place] of Object.entries(expected.influence ?? {}))
        assert.ok(coverage.influence.get(leaf)?.includes(place), all);
    });
  }

  /** The report of one that is a program. */
  async function reportOf(manifests) {
    const main = here('../../dist/cli/main.js');
    const flags = ['--manifests', here('config'), '--manifests', manifests, '--quiet', '200ms', '-o', 'json'];
    const operator = ['--', process.execPath, here('main.mjs'), 'defaulter'];
    const run = promisify(execFile)(process.execPath, [main, 'audit', 'run', '--budget', '10m', ...flags, ...operator]);
    const { verdict, findings, coverage } = JSON.parse((await run).stdout);
    const told = findings.find(({ aspect }) => aspect === 'serves-webhooks')?.evidence.join('\n');
    return { verdict, told, all: JSON.stringify({ findings, coverage }, undefined, 1) };
  }

  test('of a program, through the Service that its manifests have, or at a URL, wherever its network is', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'nekube-webhooks-'));
    try {
      const file = join(dir, 'webhooks.json');
      writeFileSync(
        file,
        JSON.stringify({ kind: 'List', apiVersion: 'v1', items: byUrl('https://localhost:9443', defaults, sizes) }),
      );
      for (const manifests of [here('webhooks.yaml'), file]) {
        const { verdict, told, all } = await reportOf(manifests);
        assert.equal(verdict, 'render', all);
        assert.match(told, /shop-defaults: .* changed [1-9].*failed at 0/, all);
      }
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});
