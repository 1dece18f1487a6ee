import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseYaml } from 'nekube/apimachinery';
import { type NamespaceChoice, placeManifests, readManifests } from './manifest.ts';

const documents = (...texts: readonly string[]) =>
  texts.map((text, i) => ({ value: parseYaml(text), place: `"f.yaml", document ${i + 1}` }));

const configMap = (metadata: string) => `{apiVersion: v1, kind: ConfigMap, metadata: ${metadata}}`;

describe('a document that cannot be applied is named with what is wrong', () => {
  const cases: readonly (readonly [name: string, text: string, problem: string | undefined])[] = [
    ['an object', configMap('{name: a}'), undefined],
    ['a text', 'hello', 'must be an object with apiVersion, kind and metadata'],
    ['no apiVersion', '{kind: ConfigMap}', 'apiVersion must be there, as a text'],
    ['no kind', '{apiVersion: v1, metadata: {name: a}}', 'kind must be there, as a text'],
    [
      'an apiVersion of three parts',
      '{apiVersion: a/b/c, kind: X}',
      'apiVersion "a/b/c" must be VERSION or GROUP/VERSION',
    ],
    ['no metadata', '{apiVersion: v1, kind: ConfigMap}', 'metadata must be there, as an object'],
    [
      'a list of no list',
      '{apiVersion: v1, kind: List, items: null}',
      'items of a List must be there, as a list of objects',
    ],
    [
      'a list that is left of one within another',
      '{apiVersion: v1, kind: List, items: []}',
      'a List must not be within a List; state its items in the outer one',
    ],
    ['no name', configMap('{}'), 'metadata.name must be there, as a text'],
    ['a number for a name', configMap('{name: 1}'), 'metadata.name must be there, as a text'],
    [
      'a name for the server to make',
      configMap('{generateName: a-}'),
      'metadata.generateName cannot be applied: what is applied must have a name, metadata.name',
    ],
    [
      'managed fields',
      configMap('{name: a, managedFields: []}'),
      'metadata.managedFields must not be applied; leave it out',
    ],
    [
      'a number for a label',
      configMap('{name: a, labels: {b: 1}}'),
      'metadata.labels["b"] must be a text; put it into quotes',
    ],
    ['labels in a list', configMap('{name: a, labels: [b]}'), 'metadata.labels must be an object of texts'],
    ['a number for a namespace', configMap('{name: a, namespace: 1}'), 'metadata.namespace must be a text'],
  ];
  for (const [name, text, problem] of cases) {
    test(name, () => {
      const { problems, manifests } = readManifests(documents(text));
      assert.deepEqual(problems, problem === undefined ? [] : [`"f.yaml", document 1: ${problem}`]);
      assert.equal(manifests.length, problem === undefined ? 1 : 0);
    });
  }
});

describe('objects get a namespace', () => {
  const place = (choice: NamespaceChoice, ...texts: readonly string[]) =>
    placeManifests(
      readManifests(documents(...texts)).manifests,
      ({ kind }) => (kind === 'Unknown' ? undefined : kind !== 'Namespace'),
      choice,
    );
  const byDefault = { namespace: 'shop', enforced: false };

  test('what names none gets the default one, and what names one keeps it', () => {
    const { manifests, problems } = place(byDefault, configMap('{name: a}'), configMap('{name: a, namespace: b}'));
    assert.deepEqual(problems, []);
    assert.deepEqual(
      manifests.map(({ configuration }) => configuration.metadata.namespace),
      ['shop', 'b'],
    );
  });

  test('what has no namespaces gets none, and loses one that it states', () => {
    const { manifests } = place(byDefault, '{apiVersion: v1, kind: Namespace, metadata: {name: a, namespace: b}}');
    assert.deepEqual(manifests[0]!.configuration.metadata, { name: 'a' });
  });

  test('a namespace that was asked for does not agree with another', () => {
    const { problems } = place({ namespace: 'shop', enforced: true }, configMap('{name: a, namespace: b}'));
    assert.deepEqual(problems, [
      '"f.yaml", document 1: the namespace from the provided object "b" does not match the namespace "shop"; pass --namespace=b, or none',
    ]);
  });

  test('a kind that nobody knows is named', () => {
    const { problems } = place(byDefault, '{apiVersion: e.com/v1, kind: Unknown, metadata: {name: a}}');
    assert.deepEqual(problems, [
      '"f.yaml", document 1: no matches for kind "Unknown" in version "e.com/v1"; apply its definition before, or together with it',
    ]);
  });

  test('an object that is stated twice is named with both places, also in another version and by the default', () => {
    const deployment = (version: string, metadata: string) =>
      `{apiVersion: apps/${version}, kind: Deployment, metadata: ${metadata}}`;
    const { problems } = place(
      byDefault,
      deployment('v1', '{name: a, namespace: shop}'),
      deployment('v1beta1', '{name: a}'),
    );
    assert.deepEqual(problems, [
      '"f.yaml", document 2: Deployment.apps shop/a is also stated in "f.yaml", document 1; state it once',
    ]);
  });
});
