import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { KubeObject } from 'nekube/apimachinery';
import { ManifestError, readManifests } from './manifests.ts';
import { start } from './start.ts';

const testdata = fileURLToPath(new URL('../../src/envtest/testdata', import.meta.url));
const crds = join(testdata, 'crds');
const wrong = join(testdata, 'wrong');
const Widget = { apiVersion: 'test.nekube.dev/v1', kind: 'Widget' };

describe('manifests', () => {
  test('come from folders, files, texts and objects, and say where they stand', () => {
    const text =
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\n# nothing\n---\nkind: List\nitems:\n- {apiVersion: v1, kind: Secret, metadata: {name: b}}\n';
    const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'c' } };
    const found = readManifests([crds, text, object]).map(({ object: { kind, metadata }, place }) => [
      kind,
      metadata.name,
      place.replace(`${testdata}/`, ''),
    ]);
    assert.deepEqual(found, [
      ['ConfigMap', 'not-a-definition', 'crds/notes.yaml, document 1'],
      ['CustomResourceDefinition', 'widgets.test.nekube.dev', 'crds/things.yaml, document 1'],
      ['CustomResourceDefinition', 'gadgets.test.nekube.dev', 'crds/things.yaml, document 2'],
      ['ConfigMap', 'a', 'text 2 of the list, document 1'],
      ['Secret', 'b', 'text 2 of the list, document 3, items[0]'],
      ['Pod', 'c', 'object 3 of the list'],
    ]);
  });

  for (const [what, source, message] of [
    ['what is no YAML', join(wrong, 'broken.yaml'), /Cannot read .*broken\.yaml, document 2, line 8: /],
    ['no kind', 'apiVersion: v1\nmetadata: {name: a}', /Cannot use text 1 of the list, document 1: kind must be there/],
    ['no name', 'apiVersion: v1\nkind: Pod\nmetadata: {}', /document 1: metadata\.name must be there/],
    ['no object behind the separator', 'kind: List\nitems: []\n--- 7\n', /document 2: it must be an object/],
    ['no object', '- a\n- b', /document 1: it must be an object/],
  ] as const)
    test(`with ${what} are told by file and document`, () => {
      assert.throws(
        () => readManifests([source]),
        (error: Error) => error instanceof ManifestError && message.test(error.message),
      );
    });
});

test('manifests may be JSON with escapes that YAML does not know, and begin on the line of their separator', () => {
  const json =
    '{"apiVersion": "v1", "kind": "Pod",\n "metadata": {"name": "a", "annotations": {"x": "\\/ \\ud83e\\udd80"}}}';
  const found = readManifests([json, '# c\n--- {apiVersion: v1, kind: PodList, items: [{metadata: {name: b}}]}\n']);
  assert.deepEqual(
    found.map(({ object: { kind, metadata }, place }) => [kind, metadata.name, metadata.annotations?.['x'], place]),
    [
      ['Pod', 'a', '/ \u{1f980}', 'text 1 of the list, document 1'],
      ['Pod', 'b', undefined, 'text 2 of the list, document 1, items[0]'],
    ],
  );
});

const definition = (conversion: unknown, kind = 'Thing', plural = 'things'): KubeObject => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.test.nekube.dev` },
  spec: {
    group: 'test.nekube.dev',
    scope: 'Namespaced',
    names: { plural, kind },
    ...(conversion !== undefined && { conversion }),
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
  },
});

for (const [what, object, message] of [
  ['a conversion that is none', definition({ strategy: 'Webhook', webhook: 7 }), /object 1 of the list\): .*unmarshal/],
  [
    'a service that is none',
    definition({ strategy: 'Webhook', webhook: { conversionReviewVersions: ['v1'], clientConfig: { service: 7 } } }),
    /object 1 of the list\): .*unmarshal/,
  ],
  [
    'a version that is not served',
    { ...definition(undefined), apiVersion: 'apiextensions.k8s.io/v1beta1' },
    /object 1 of the list\): no matches for kind/,
  ],
] as const)
  test(`definitions with ${what} are told by their place`, async () => {
    await assert.rejects(
      start({ level: 'fake', crds: [object] }),
      (error: Error) => error instanceof ManifestError && message.test(error.message),
    );
  });

for (const level of ['fake', 'envtest'] as const)
  describe(`definitions at level ${level}`, () => {
    test('are served when the environment is there, also when they are installed again', async () => {
      await using env = await start({ level, crds: [crds] });
      await env.install(crds);
      const namespace = await env.namespace();
      const made = await env.client.create({ ...Widget, metadata: { name: 'w', namespace }, spec: {} } as KubeObject);
      assert.equal(made.spec.size, 3);
    });

    test('that the server refuses are told by file, document and path', async () => {
      const starting = start({ level, crds: [join(wrong, 'refused.yaml')] });
      await assert.rejects(starting, (error: ManifestError) => {
        assert.match(
          error.message,
          /^Cannot install CustomResourceDefinition "things\.test\.nekube\.dev" \(.*refused\.yaml, document 1, spec\.v/,
        );
        assert.match(error.place, /refused\.yaml, document 1$/);
        assert.match(error.path ?? '', /^spec\.\S+\.properties\[spec\]\.type$/);
        return true;
      });
    });
  });
