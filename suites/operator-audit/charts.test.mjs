// Charts of growing difficulty are wrapped as operators, whose answer is known then: the chart that is made of what they do must give
// the same, for resources that it has not seen.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseYaml, seededRandom } from 'nekube/apimachinery';
import { chartFiles, chartOfOperator, isNoChart, isSameSet, randomSpec } from 'nekube/audit';
import { connect } from 'nekube/client';
import { Manager } from 'nekube/controller';
import { kubernetesClients } from '../../tools/kubectl.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const Stall = { apiVersion: 'shop.example/v1', kind: 'Stall' };
const SPEC = {
  colour: 'red',
  version: '1.2.3',
  replicas: 2,
  storage: { enabled: true, size: '1Gi', path: '/srv/data' },
};
const sample = { ...Stall, metadata: { name: 'stall' }, spec: SPEC };
const HELD_OUT = Number(process.env.NEKUBE_HELD_OUT ?? 30);
/** Of the chart as Helm renders it; the others are of its templates as they are evaluated here. */
const BY_HELM = 5;
const { helm, skip } = kubernetesClients();

describe('a chart is made of what an operator does', { skip: skip ?? false }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'nekube-charts-'));
  after(() => rmSync(dir, { recursive: true }));

  for (const name of ['plain', 'choices', 'helpers']) {
    test(`of one that renders the chart ${name}`, async () => {
      const manifests = [here('stalls.yaml')];
      const { found, subject } = await chartOfOperator(wrapped(name), {
        manifests,
        sample,
        heldOut: HELD_OUT,
        quietMs: 500,
        longestMs: 60_000,
        budgetMs: 1_200_000,
      });
      assert.ok(!isNoChart(found), `${found.place}: ${found.why}`);
      assert.deepEqual([found.heldOut.tried, found.heldOut.refused], [HELD_OUT, 0]);
      const made = join(dir, name);
      for (const [file, text] of chartFiles(found, { name, sample, schema: subject.schema })) {
        mkdirSync(dirname(join(made, file)), { recursive: true });
        writeFileSync(join(made, file), text);
      }
      const random = seededRandom(99);
      for (let i = 0; i < BY_HELM; i++) {
        const values = randomSpec(random, subject.schema, SPEC);
        const [expected, actual] = await Promise.all(
          [here(`charts/${name}`), made].map((chart) => rendered(chart, values)),
        );
        assert.ok(
          isSameSet(actual, expected),
          `${JSON.stringify(values)}\n${JSON.stringify(actual)}\n${JSON.stringify(expected)}`,
        );
      }
    });
  }
});

/** The objects that Helm renders. */
async function rendered(chart, values, name = 'release', namespace = 'default') {
  const running = promisify(execFile)(helm, ['template', name, chart, '-n', namespace, '-f', '-']);
  running.child.stdin.end(JSON.stringify(values));
  const { stdout } = await running;
  return stdout
    .split(/^---$/m)
    .map((text) => parseYaml(text))
    .filter((object) => object !== null && object !== undefined);
}

/** An operator that makes of a Stall what a chart makes of its spec. */
function wrapped(chart) {
  return {
    user: { name: 'operator', groups: ['system:masters'] },
    async start(kubeconfig) {
      const client = await connect({ kubeconfig, env: {} });
      const manager = new Manager({ client });
      manager
        .controller('stall')
        .for(Stall)
        .reconcile(async ({ namespace, name }, { object }) => {
          if (object === undefined) return;
          for (const one of await rendered(here(`charts/${chart}`), object.spec, name, namespace))
            await client.apply({ ...one, metadata: { ...one.metadata, namespace } }, { fieldManager: 'stall' });
        });
      const ending = new AbortController();
      const running = manager.start(ending.signal);
      return {
        egress: [],
        async stop() {
          ending.abort();
          await running;
          await client.close();
        },
      };
    },
  };
}
