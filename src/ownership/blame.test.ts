import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import {
  type JsonObject,
  type KubeObject,
  type ManagedFieldsEntry,
  parseYaml,
  stringifyYaml,
} from 'nekube/apimachinery';
import { formatPath } from 'nekube/smd';
import { blame, type BlamedLine } from './blame.ts';
import { maskSecret } from './mask.ts';
import { narrow } from './narrow.ts';

interface Case {
  readonly name: string;
  readonly object: JsonObject & { readonly metadata?: JsonObject };
  readonly owned: Readonly<Record<string, JsonObject>>;
  readonly lines: readonly string[];
}

const testdata = new URL('../../src/ownership/testdata/', import.meta.url);
const cases = parseYaml(readFileSync(new URL('blame.yaml', testdata))) as unknown as readonly Case[];

function objectOf({ object, owned }: Pick<Case, 'object' | 'owned'>): KubeObject {
  const managedFields = Object.entries(owned).map(([manager, fieldsV1]) => ({
    manager,
    operation: 'Update',
    apiVersion: 'v1',
    fieldsType: 'FieldsV1',
    fieldsV1,
  }));
  return { ...object, metadata: { ...object.metadata, managedFields } } as unknown as KubeObject;
}

const SIGNS = { field: '', whole: '=', enclosing: '~' };

function show({ owners, claim, text }: BlamedLine): string {
  return `${owners.map(({ manager }) => `${SIGNS[claim!]}${manager} `).join('')}| ${text}`;
}

describe('blame', () => {
  for (const one of cases)
    test(one.name, () => {
      const object = objectOf(one);
      const { lines, problems } = blame(object);
      assert.deepEqual(lines.map(show), one.lines);
      assert.deepEqual(problems, []);
      const { managedFields: _, ...metadata } = object.metadata;
      assert.equal(lines.map(({ text }) => `${text}\n`).join(''), stringifyYaml({ ...one.object, metadata } as never));
    });

  test('an entry that cannot be read is reported, and the others are shown', () => {
    const object = objectOf({
      object: { data: { a: '1', b: '2' } },
      owned: { good: { 'f:data': { 'f:a': {} } }, fine: { 'f:data': { 'f:b': {} } } },
    });
    const [good, fine] = object.metadata.managedFields!;
    const bad = [
      { ...good, manager: 'bad', fieldsV1: { 'k:{': {} } },
      { ...good, manager: 'old', fieldsType: 'FieldsV0' },
      { ...good, manager: 5 },
      { ...good, manager: 'late', time: 'yesterday' },
      { ...good, operation: 'Patch', manager: undefined },
      null,
      'text',
    ];
    object.metadata.managedFields = [...bad.slice(0, 3), good, ...bad.slice(3), fine] as ManagedFieldsEntry[];
    const { lines, problems } = blame(object);
    assert.deepEqual(lines.map(show), ['| data:', 'good |   a: "1"', 'fine |   b: "2"', '| metadata: {}']);
    assert.deepEqual(
      problems.map((problem) => problem.replace(/error decoding set: .*/, '…')),
      [
        'metadata.managedFields[0] of manager "bad": error decoding versioned set: …',
        'metadata.managedFields[1] of manager "old": invalid fieldsType "FieldsV0"',
        'metadata.managedFields[2]: manager must be a string',
        'metadata.managedFields[4] of manager "late": time must be a time',
        'metadata.managedFields[5]: operation must be `Apply` or `Update`',
        'metadata.managedFields[6]: must be an object',
        'metadata.managedFields[7]: must be an object',
      ],
    );
    object.metadata.managedFields = {} as ManagedFieldsEntry[];
    assert.deepEqual(blame(object).problems, ['metadata.managedFields must be a list']);
  });

  test('paths have the elements that owners know items by', () => {
    const object = objectOf(cases.find(({ name }) => name.startsWith('members of a set'))!);
    const paths = blame(object).lines.map(({ path }) => formatPath(path));
    for (const path of [
      '.metadata.finalizers[="example.com/one"]',
      '.spec.containers[name="c1"].ports[containerPort=53,protocol="UDP"].name',
    ])
      assert.ok(paths.includes(path), path);
  });
});

describe('narrow', () => {
  const object = objectOf(cases.find(({ name }) => name.startsWith('an item that one has made'))!);
  const narrowed = (chosen: string): string[] => {
    const choice = { matches: (path: BlamedLine['path']) => formatPath(path).startsWith(chosen) };
    return narrow(blame(object).lines, choice).map(({ line, leading }) => `${leading ? '(' : ' '}${line.text}`);
  };

  test('what is chosen is left, with the lines that lead to it', () => {
    assert.deepEqual(narrowed('.spec.template.spec.containers[name="nginx"].env[name="barx"].value'), [
      '(spec:',
      '(  template:',
      '(    spec:',
      '(      containers:',
      '(      - env:',
      '(        - name: barx',
      '           value: bar',
    ]);
  });

  test('an item begins on the line of its first field, which is there once', () => {
    assert.deepEqual(narrowed('.spec.template.spec.containers[name="nginx"].env').slice(4), [
      '       - env:',
      '         - name: barx',
      '           value: bar',
    ]);
    assert.deepEqual(narrowed('.spec.template.spec.containers[name="nginx"].image').slice(4), [
      '(      - env:',
      '         image: nginx:1',
    ]);
  });

  test('nothing is left when nothing is chosen', () => {
    assert.deepEqual(narrowed('.status'), []);
  });
});

describe('maskSecret', () => {
  test('values of a Secret are masked, also in the copy that kubectl apply keeps', () => {
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name: 's',
        annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{"data":{"a":"eA=="}}', b: 'c' },
      },
      data: { a: 'eA==' },
      stringData: { d: 'x' },
      type: 'Opaque',
    };
    const masked = maskSecret(secret as unknown as KubeObject);
    assert.deepEqual(masked, {
      ...secret,
      metadata: { name: 's', annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '***', b: 'c' } },
      data: { a: '***' },
      stringData: { d: '***' },
    });
    assert.equal(secret.data.a, 'eA==');
  });

  test('other objects are as they were', () => {
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: {}, data: { a: 'x' } } as unknown as KubeObject;
    assert.equal(maskSecret(object), object);
  });
});
