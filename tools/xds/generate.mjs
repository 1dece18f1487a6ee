// Writes what src/xds knows of Envoy's API, from PyPI's package xds-protos:
//   node tools/xds/generate.mjs [xds_protos.whl]
// src/xds/descriptors.json has the fields of all messages, for the codec; src/xds/messages/ their types. Which
// messages: selection.mjs. Needs pip, unless the wheel is given.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { protoFiles, wheel } from './descriptors.mjs';
import { select } from './selection.mjs';
import { typeFiles } from './types.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const room = join(root, 'src/xds');

const selection = select(protoFiles(wheel(process.argv[2])));
writeFileSync(join(room, 'descriptors.json'), descriptors(selection));
rmSync(join(room, 'messages'), { recursive: true, force: true });
mkdirSync(join(room, 'messages'), { recursive: true });
for (const [name, text] of typeFiles(selection)) writeFileSync(join(room, 'messages', name), text);
spawnSync(join(root, 'node_modules/.bin/biome'), ['format', '--write', join(room, 'messages')], { stdio: 'inherit' });

/**
 * One line a message, one text a field: number, name, type, and `|oneof`. The type is a scalar, `.message` or `=enum`,
 * behind `[]` for a list, `{key}` for a map, `?` where a zero that was set differs from none, and `!` where the value must
 * not be shown.
 */
function descriptors({ messages, enums, mapEntries }) {
  const field = (one) => {
    const entry = mapEntries.get(one.type);
    const type =
      entry === undefined
        ? `${one.isRepeated ? '[]' : ''}${one.hasPresence && !isMessage(one) ? '?' : ''}${one.isSensitive ? '!' : ''}${typeName(one)}`
        : `{${entry.fields[0].type}}${typeName(entry.fields[1])}`;
    return `${one.number} ${one.name} ${type}${one.oneof === undefined ? '' : `|${one.oneof}`}`;
  };
  const lines = (list, value) => list.map((one) => `    ${JSON.stringify(one.name)}: ${JSON.stringify(value(one))}`);
  const inOrder = (fields) => [...fields].sort((a, b) => a.number - b.number);
  return [
    '{',
    '  "messages": {',
    lines(messages, (one) => inOrder(one.fields).map(field)).join(',\n'),
    '  },',
    '  "enums": {',
    lines(enums, (one) => Object.fromEntries(one.values)).join(',\n'),
    '  }',
    '}',
    '',
  ].join('\n');
}

function isMessage({ type, isEnum }) {
  return type.includes('.') && !isEnum;
}

function typeName({ type, isEnum }) {
  if (!type.includes('.')) return type;
  return `${isEnum ? '=' : '.'}${type}`;
}
