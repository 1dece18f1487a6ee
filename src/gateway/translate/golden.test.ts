import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { type JsonValue, stringifyYaml } from 'nekube/apimachinery';
import type { Source } from '../model/index.ts';
import type { Condition } from '../statuses/index.ts';
import { goldenCases } from './golden-cases.ts';
import { translate, type Translation } from './translator.ts';

const update = process.env['NEKUBE_UPDATE_GOLDENS'] === '1';

for (const { name, file, snapshot, outFile, expected } of goldenCases()) {
  test(`${file.replace('.in.yaml', '')}: ${name}`, () => {
    const text = shown(translate(snapshot));
    if (update && text !== expected) writeFileSync(outFile, text);
    else assert.equal(text, expected);
  });
}

test('every case has a name of its own', () => {
  const names = goldenCases().map(({ name }) => name);
  assert.deepEqual(
    names.filter((name, index) => name === '' || names.indexOf(name) !== index),
    [],
  );
});

/** As YAML; conditions are a line each, and of secrets there are only the names. */
function shown({ model, statuses }: Translation): string {
  const plain = {
    gateways: model.gateways,
    backends: sorted(model.backends),
    endpoints: sorted(model.endpoints),
    secrets: [...model.secrets.keys()].sort(),
    statuses: Object.fromEntries(
      Object.entries(statuses)
        .filter(([kind, map]) => kind !== 'gatewayClasses' && map.size > 0)
        .map(([kind, map]) => [kind, sorted(map as ReadonlyMap<string, unknown>)]),
    ),
  };
  return stringifyYaml(JSON.parse(JSON.stringify(plain, compact)) as JsonValue);
}

function sorted(map: ReadonlyMap<string, unknown>): object {
  return Object.fromEntries([...map].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function compact(key: string, value: unknown): unknown {
  // which its metadata in the case say
  if (key === 'created') return undefined;
  if (key === 'source') return sourceText(value as Source);
  if (key === 'sources') return (value as readonly Source[]).map(sourceText);
  if ((key === 'headers' || key === 'queryParams') && (value as readonly unknown[]).length === 0) return undefined;
  if (key === 'supportedKinds')
    return (value as readonly { readonly kind: string }[]).map(({ kind }) => kind).join(' ');
  if (key !== 'conditions') return value;
  return (value as readonly Condition[]).map(({ type, status, reason, message, observedGeneration }) => {
    const generation = observedGeneration === undefined ? '' : ` (${observedGeneration})`;
    return `${type}=${status} ${reason}${generation}: ${message}`;
  });
}

/** `HTTPRoute default/web rule 0 match 1`. */
function sourceText({ kind, namespace, name, sectionName, rule, match }: Source): string {
  const parts = [
    sectionName === undefined ? '' : ` ${sectionName}`,
    rule === undefined ? '' : ` rule ${rule}`,
    match === undefined ? '' : ` match ${match}`,
  ];
  return `${kind} ${namespace}/${name}${parts.join('')}`;
}
