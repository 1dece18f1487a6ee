import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHANNELS, gatewayDefinitions } from '../install/index.ts';
import { goldenCases } from './golden-cases.ts';
import { ReadFields } from './read-fields.ts';
import { translate } from './translator.ts';

/** What translations do not look at, and why that is right: no field is ignored by chance. Patterns of `KIND PATH`. */
const NOT_READ: readonly (readonly [RegExp, string])[] = [
  [/^GatewayClass spec\.description$/, 'a text for people'],
  [/^XMesh /, 'of meshes, which no Gateway has to do with; who has a mesh sees that no controller accepts it'],
  [
    /\.extensionRef\.|parametersRef\.(group|namespace)$/,
    'what is referred to is refused whatever it is, and the message has its kind and name',
  ],
  [/^Gateway spec\.infrastructure\.(labels|annotations)$/, 'the controller puts them on what it makes for a Gateway'],
];

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

interface Definition {
  readonly kind?: string;
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly served: boolean; readonly schema: { readonly openAPIV3Schema: Schema } }[];
  };
}

/** The fields of all kinds of both channels that hold a value: of lists of plain values the list. */
function allFields(): Set<string> {
  const fields = new Set<string>();
  for (const channel of CHANNELS) {
    for (const { kind, spec } of gatewayDefinitions(channel) as unknown as readonly Definition[]) {
      if (kind !== 'CustomResourceDefinition' || spec.group === 'gateway.nekube.dev') continue;
      for (const { served, schema } of spec.versions) {
        const own = schema.openAPIV3Schema.properties?.['spec'];
        if (!served || own === undefined) continue;
        for (const path of leaves(own, 'spec')) fields.add(`${spec.names.kind} ${path}`);
      }
    }
  }
  return fields;
}

function* leaves({ properties, items }: Schema, path: string): Iterable<string> {
  if (properties !== undefined) {
    for (const [name, schema] of Object.entries(properties)) yield* leaves(schema, `${path}.${name}`);
  } else if (items?.properties !== undefined || items?.items !== undefined) yield* leaves(items, `${path}[]`);
  else yield path;
}

const read = new ReadFields();
for (const { snapshot } of goldenCases()) translate(read.watch(snapshot));
const unread = [...allFields()].filter((field) => !read.has(field)).sort();

test('every field of Gateway API is looked at, or is on the list of those that are not, with a reason', () => {
  assert.deepEqual(
    unread.filter((field) => !NOT_READ.some(([pattern]) => pattern.test(field))),
    [],
  );
});

test('what is on that list is there, and not looked at', () => {
  assert.deepEqual(
    NOT_READ.filter(([pattern]) => !unread.some((field) => pattern.test(field))).map(([, reason]) => reason),
    [],
  );
});
