// Charts of growing difficulty are wrapped as operators, whose answer is known then: the chart that is made of what they do must give
// the same, for resources that it has not seen.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseYaml, seededRandom, stringifyYaml } from 'nekube/apimachinery';
import { chartFiles, chartOfOperator, isNoChart, isSameSet, randomSpec } from 'nekube/audit';
import { connect } from 'nekube/client';
import { Manager } from 'nekube/controller';
import { kubernetesClients } from '../../tools/kubectl.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const stall = {
  apiVersion: 'shop.example/v1',
  kind: 'Stall',
  metadata: { name: 'stall' },
  spec: { colour: 'red', version: '1.2.3', replicas: 2, storage: { enabled: true, size: '1Gi', path: '/srv/data' } },
};
/** As somebody would have it, with words that also stand elsewhere. */
const web = {
  apiVersion: 'shop.example/v1',
  kind: 'Web',
  metadata: { name: 'web' },
  spec: {
    replicas: 2,
    image: { repository: 'nginx', tag: '1.29' },
    env: [{ name: 'LOG_LEVEL', value: 'debug' }],
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    config: { mode: 'fast', name: 'shop' },
    nodeSelector: { disk: 'ssd' },
    resources: { requests: { cpu: '500m', memory: '128Mi' }, limits: { memory: '16384Mi' } },
    ingress: { enabled: true, host: 'shop.example', path: '/' },
    password: 'secret',
    schedule: '15 * * * *',
    command: ['sh', '-c', 'echo done'],
    tolerations: [{ key: 'gpu', effect: 'NoSchedule' }],
  },
};
const CASES = [
  { name: 'plain', definition: 'stalls.yaml', sample: stall },
  { name: 'choices', definition: 'stalls.yaml', sample: stall },
  { name: 'helpers', definition: 'stalls.yaml', sample: stall },
  { name: 'web', definition: 'webs.yaml', sample: web },
  { name: 'batch', definition: 'webs.yaml', sample: web },
];
const HELD_OUT = Number(process.env.NEKUBE_HELD_OUT ?? 30);
/** All are rendered by Helm in one run; so many others are by one run each, as anybody would. */
const ALONE = 2;
const { helm, skip } = kubernetesClients();

describe('a chart is made of what an operator does', { skip: skip ?? false }, () => {
  const dir = mkdtempSync(join(tmpdir(), 'nekube-charts-'));
  after(() => rmSync(dir, { recursive: true }));

  for (const { name, definition, sample } of CASES) {
    test(`of one that renders the chart ${name}`, async () => {
      const manifests = [here(definition)];
      const { found, subject } = await chartOfOperator(wrapped(name, sample), {
        manifests,
        sample,
        heldOut: HELD_OUT,
        quietMs: 500,
        longestMs: 60_000,
        budgetMs: 1_200_000,
      });
      assert.ok(!isNoChart(found), `${found.place}: ${found.why}: ${JSON.stringify(found.counterexample)}`);
      assert.equal(found.heldOut.tried, HELD_OUT);
      assert.deepEqual(found.heldOut.silent, []);
      const made = join(dir, name);
      for (const [file, text] of chartFiles(found, { name, sample, schema: subject.schema })) {
        mkdirSync(dirname(join(made, file)), { recursive: true });
        writeFileSync(join(made, file), text);
      }
      const renderer = new Renderer(made);
      const wrong = [];
      await Promise.all(
        found.heldOut.examples.map(async ({ values, name: release, namespace, objects }) => {
          const actual = await renderer.render(values, release, namespace);
          if (!isSameSet(actual, objects)) wrong.push({ values, actual, objects });
        }),
      );
      renderer.end();
      assert.equal(wrong.length, 0, JSON.stringify(wrong[0]));
      const random = seededRandom(99);
      for (let i = 0; i < ALONE; i++) {
        const values = randomSpec(random, subject.schema, sample.spec);
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
  return objectsIn(stdout);
}

function objectsIn(text) {
  return text
    .split(/^---$/m)
    .map((text) => parseYaml(text))
    .filter((object) => object !== null && object !== undefined);
}

/**
 * Renders a chart for many releases at once, by one of which each template is a function of the release: Helm takes longer to start than
 * to render. What it cannot render so it is asked for alone, so that one release does not fail the others.
 */
class Renderer {
  #waiting = [];
  #chart;
  #batch = mkdtempSync(join(tmpdir(), 'nekube-batch-'));

  constructor(chart) {
    this.#chart = chart;
    const templates = join(this.#batch, 'templates');
    mkdirSync(templates);
    writeFileSync(
      join(this.#batch, 'Chart.yaml'),
      stringifyYaml({ apiVersion: 'v2', name: 'batch', version: '0.1.0' }),
    );
    const files = readdirSync(join(chart, 'templates'));
    const textOf = (file) => readFileSync(join(chart, 'templates', file), 'utf8');
    const [helpers, whole] = ['.tpl', '.yaml'].map((ending) => files.filter((file) => file.endsWith(ending)));
    const define = (file) => `{{- define "${file}" }}\n${textOf(file)}\n{{- end }}\n`;
    writeFileSync(join(templates, '_all.tpl'), [...helpers.map(textOf), ...whole.map(define)].join(''));
    const lines = [
      '{{- range .Values.releases }}',
      '{{- $release := dict "Values" .values "Release" (dict "Name" .name "Namespace" .namespace) }}',
      '{{- $text := "" }}',
      ...whole.map((file) => `{{- $text = printf "%s\\n---\\n%s" $text (include "${file}" $release) }}`),
      '---',
      'release: {{ .name }}',
      'text: {{ toJson $text }}',
      '{{- end }}',
    ];
    writeFileSync(join(templates, 'releases.yaml'), lines.join('\n'));
  }

  /** The objects of a release. */
  render(values, name, namespace) {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) setTimeout(() => this.#renderAll(), 20);
      this.#waiting.push({ release: { values, name, namespace }, resolve, reject });
    });
  }

  async #renderAll() {
    const all = this.#waiting.splice(0);
    const releases = all.map(({ release }) => release);
    const found = await rendered(this.#batch, { releases }).catch(() => []);
    const texts = new Map(found.map(({ release, text }) => [release, text]));
    for (const { release, resolve, reject } of all) {
      const { values, name, namespace } = release;
      const one = async () =>
        texts.has(name) ? objectsIn(texts.get(name)) : await rendered(this.#chart, values, name, namespace);
      await one().then(resolve, reject);
    }
  }

  end() {
    rmSync(this.#batch, { recursive: true });
  }
}

/** An operator that makes of a resource what a chart makes of its spec. */
function wrapped(chart, { apiVersion, kind }) {
  return {
    user: { name: 'operator', groups: ['system:masters'] },
    async start(kubeconfig) {
      const client = await connect({ kubeconfig, env: {} });
      const manager = new Manager({ client });
      const renderer = new Renderer(here(`charts/${chart}`));
      manager
        .controller('wrapped', { maxConcurrentReconciles: 30 })
        .for({ apiVersion, kind })
        .reconcile(async ({ namespace, name }, { object }) => {
          if (object === undefined) return;
          for (const one of await renderer.render(object.spec, name, namespace))
            await client.apply({ ...one, metadata: { ...one.metadata, namespace } }, { fieldManager: 'wrapped' });
        });
      const ending = new AbortController();
      const running = manager.start(ending.signal);
      return {
        egress: [],
        async stop() {
          ending.abort();
          await running;
          await client.close();
          renderer.end();
        },
      };
    },
  };
}
