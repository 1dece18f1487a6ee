import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isParseError, type JsonObject, type JsonValue, parseJson } from 'nekube/apimachinery';
import { docComment } from './comment.ts';
import { readDefinition } from './definition.ts';
import { definitionModules } from './definition-modules.ts';
import { typeName } from './identifiers.ts';
import type { Schema } from './schema.ts';
import { TypeWriter } from './type-writer.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** The declarations of a schema called Thing, without comments' prose in the way. */
function declared(schema: Schema): string {
  const writer = new TypeWriter({ ref: (name) => name, isOptional: (_name, _property, required) => !required });
  writer.declareType(writer.claim('Thing'), schema);
  return writer.text;
}

const types: readonly (readonly [name: string, schema: Schema, type: string])[] = [
  ['a text', { type: 'string', format: 'date-time' }, 'string'],
  ['an integer of 64 bits', { type: 'integer', format: 'int64' }, 'number'],
  ['a number', { type: 'number', format: 'double' }, 'number'],
  ['an integer or a text', { 'x-kubernetes-int-or-string': true }, 'number | string'],
  ['an enumeration', { type: 'string', enum: ['a', "it's", 'b\n', 'a'] }, "'a' | 'it\\'s' | 'b\\n'"],
  ['an enumeration of numbers', { type: 'integer', enum: [1, 2] }, '1 | 2'],
  ['a nullable enumeration that has null', { type: 'string', nullable: true, enum: ['a', null] }, "'a' | null"],
  ['a nullable text', { type: 'string', nullable: true }, 'string | null'],
  ['a list of nullable texts', { type: 'array', items: { type: 'string', nullable: true } }, '(string | null)[]'],
  ['a map', { type: 'object', additionalProperties: { type: 'integer' } }, '{ [key: string]: number }'],
  ['a map of anything', { type: 'object', additionalProperties: true }, 'JsonObject'],
  ['an object that keeps all', { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }, 'JsonObject'],
  ['anything', { 'x-kubernetes-preserve-unknown-fields': true }, 'JsonValue'],
  ['an object without fields, of which nothing is kept', { type: 'object' }, '{ [key: string]: never }'],
  ['an object of the API', { type: 'object', 'x-kubernetes-embedded-resource': true }, 'KubeObject'],
];

for (const [name, schema, type] of types) {
  test(`${name} is ${type}`, () => assert.equal(declared(schema), `export type Thing = ${type};\n`));
}

test('objects inside others are named by the path to them, and no name is given twice', () => {
  const inner: Schema = { type: 'object', properties: { a: { type: 'string' } } };
  const text = declared({ type: 'object', properties: { 'foo-bar': inner, fooBar: { type: 'array', items: inner } } });
  assert.match(text, /'foo-bar'\?: ThingFooBar;\n {2}fooBar\?: ThingFooBar2\[\];/);
  assert.match(text, /interface ThingFooBar \{[^]*interface ThingFooBar2 \{/);
});

test('names of properties are quoted where they have to be, and types get a name of whatever there is', () => {
  const properties = parseJson(
    '{"__proto__":{"type":"string"},"a b":{"type":"string"},"\\u2028\\"\'":{"type":"string"}}',
  );
  const text = declared({ type: 'object', properties: properties as unknown as Record<string, Schema> });
  assert.equal(
    text,
    "export interface Thing {\n  '__proto__'?: string;\n  'a b'?: string;\n  '\\u2028\"\\''?: string;\n}\n",
  );
  assert.deepEqual(['class', 'ca-bundle', '日本', '3d', '__proto__'].map(typeName), [
    'Class',
    'CaBundle',
    'Field',
    'N3d',
    'Proto',
  ]);
});

test('a description cannot end its comment, nor become a tag', () => {
  assert.equal(docComment('a */ b'), '/** a *\\/ b */\n');
  assert.equal(docComment('a\n@deprecated b\u2028c'), '/**\n * a\n * \\@deprecated b\n * c\n */\n');
  assert.equal(docComment(' \n '), '');
  assert.equal(docComment('a', '', 'use\nb'), '/**\n * a\n * @deprecated use\n * b\n */\n');
});

test('prose is wrapped and what is indented is not', () => {
  const prose = 'word '.repeat(40).trim();
  const lines = docComment(`${prose}\n  ${prose}`).split('\n');
  assert.equal(lines.length, 6);
  assert.equal(lines[3], ` *   ${prose}`);
});

function definitionOf(kind: string, schema: JsonObject, more: JsonObject = {}): JsonObject {
  const plural = `${kind.toLowerCase()}s`;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.example.com` },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { kind, plural },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema }, ...more }],
    },
  };
}

const hostile: JsonObject = {
  type: 'object',
  description: 'Ends here: */ export const evil = 1; /*',
  required: ['spec', 'status'],
  properties: {
    spec: {
      type: 'object',
      required: ['size', 'mode', 'name'],
      properties: {
        size: { 'x-kubernetes-int-or-string': true },
        mode: { type: 'string', enum: ["it's", '\u2028', '`${x}`'], default: "it's" },
        name: { type: 'string' },
        constructor: { type: 'string' },
        'has space */': { type: 'object', properties: { default: { type: 'boolean' }, class: { type: 'integer' } } },
        template: {
          type: 'object',
          'x-kubernetes-embedded-resource': true,
          'x-kubernetes-preserve-unknown-fields': true,
        },
        rest: {
          type: 'object',
          'x-kubernetes-preserve-unknown-fields': true,
          properties: { known: { type: 'string' } },
        },
        labels: { type: 'object', additionalProperties: { type: 'string', nullable: true } },
      },
    },
    status: { type: 'object', properties: { ready: { type: 'boolean' } } },
  },
};

const withList: JsonObject = {
  type: 'object',
  properties: { array: { type: 'array', items: { type: 'string' } } },
};

const program = `
import { Record as Kind, type RecordSpec } from "./example.com/v1.ts";
import { ServedKind } from "./example.com/v1.ts";
import type { Client } from "nekube/client";
export async function use(client: Client): Promise<void> {
  const object = await client.get(Kind, { name: 'a' });
  const size: number | string = object.spec.size;
  const spec: RecordSpec = { size, name: 'a', rest: { known: 'a', other: [1] }, labels: { a: null } };
  await client.create<Kind>({ apiVersion: 'example.com/v1', kind: 'Record', metadata: { name: 'a' }, spec });
  const made: Kind = await client.create({ apiVersion: 'example.com/v1', kind: 'Record', metadata: { name: 'a' }, spec });
  // @ts-expect-error no such field, of a kind that this program knows
  await client.apply({ apiVersion: 'example.com/v1', kind: 'Record', metadata: { name: 'a' }, spec: { sise: 1 } });
  await client.apply({ apiVersion: 'example.com/v1', kind: 'Client', metadata: { name: 'a' }, array: ['a'] });
  // @ts-expect-error a list of texts
  await client.apply({ apiVersion: 'example.com/v1', kind: 'Client', metadata: { name: 'a' }, array: [1] });
  // @ts-expect-error none of the values
  spec.mode = 'x';
  // @ts-expect-error not a text
  spec.rest = { known: 1 };
  // @ts-expect-error no such field
  spec.sise = 1;
  void [spec.template?.metadata.name, spec['has space */']?.class, ServedKind.resource, made];
}
`;

test('whatever a definition is like, what is made of it compiles in strict mode', () => {
  const definitions = [
    definitionOf('Record', hostile, { subresources: { status: {} }, deprecated: true }),
    definitionOf('Client', withList),
    definitionOf('ServedKind', withList),
  ].map(readDefinition);
  // a kind that is called as what a module imports still has its name
  const text = definitionModules(definitions).get('example.com/v1.ts')!;
  const dir = mkdtempSync(join(tmpdir(), 'nekube-codegen-'));
  try {
    mkdirSync(join(dir, 'node_modules'));
    mkdirSync(join(dir, 'example.com'));
    symlinkSync(root, join(dir, 'node_modules/nekube'));
    symlinkSync(join(root, 'node_modules/@types'), join(dir, 'node_modules/@types'));
    writeFileSync(join(dir, 'package.json'), '{"type":"module"}');
    writeFileSync(join(dir, 'example.com/v1.ts'), text);
    writeFileSync(join(dir, 'program.ts'), program);
    const flags = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--isolatedDeclarations', '--declaration'];
    const module = ['--module', 'nodenext', '--target', 'es2023', '--allowImportingTsExtensions', '--types', 'node'];
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const { stdout } = spawnSync(process.execPath, [tsc, ...flags, ...module, '--skipLibCheck', 'program.ts'], {
      cwd: dir,
      encoding: 'utf8',
    });
    assert.equal(stdout, '');
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test('the order of definitions makes no difference', () => {
  const definitions = ['B', 'A', 'C'].map((kind) => readDefinition(definitionOf(kind, { type: 'object' })));
  const one = [...definitionModules(definitions)];
  assert.deepEqual([...definitionModules([...definitions].reverse())], one);
});

test('versions that are not served have no types', () => {
  const definition = definitionOf('Backup', { type: 'object' });
  const versions = (definition.spec as JsonObject).versions as JsonObject[];
  versions.push({ ...versions[0]!, name: 'v2', served: false, storage: false });
  assert.deepEqual([...definitionModules([readDefinition(definition)]).keys()], ['example.com/v1.ts']);
});

const broken: readonly (readonly [name: string, definition: JsonValue, path: string | undefined, message: RegExp])[] = [
  ['another kind', { apiVersion: 'v1', kind: 'Pod' }, 'kind', /must be a CustomResourceDefinition/],
  [
    'a version that is gone',
    { apiVersion: 'apiextensions.k8s.io/v1beta1', kind: 'CustomResourceDefinition' },
    'apiVersion',
    /supported values: "apiextensions.k8s.io\/v1"/,
  ],
  [
    'a field without a type',
    definitionOf('Backup', { type: 'object', properties: { spec: { description: 'a' } } }),
    'spec.validation.openAPIV3Schema.properties[spec].type',
    /Required value: must not be empty for specified object fields/,
  ],
  [
    'a schema of another form',
    definitionOf('Backup', { type: 1 }),
    undefined,
    /cannot unmarshal number into Go struct field .*type of type string/,
  ],
];

for (const [name, definition, path, message] of broken) {
  test(`a definition is refused with the path: ${name}`, () => {
    assert.throws(
      () => readDefinition(definition),
      (error: Error) => {
        assert.ok(isParseError(error), error.stack);
        assert.equal(error.path, path);
        assert.match(error.message, message);
        return true;
      },
    );
  });
}
