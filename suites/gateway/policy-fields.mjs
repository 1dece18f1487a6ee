// The tables of fields in docs/gateway-policies.md, made of the schemas by which servers check policies:
//
//   node suites/gateway/policy-fields.mjs     writes them anew
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { systemClock } from 'nekube/client';
import { installGatewayApi } from 'nekube/gateway';

/** The page. */
export const PAGE = new URL('../../docs/gateway-policies.md', import.meta.url);
const NAMES = ['ClientPolicy', 'BackendPolicy', 'SecurityPolicy'];
/** Said once on the page: they are the same wherever they stand. */
const KNOWN_ELSEWHERE = new Set(['objectRef', 'backendRef']);

/** What `nekube gateway install` makes of the policies in a cluster. */
export async function policyDefinitions(client) {
  await installGatewayApi(client, { channel: 'experimental', clock: systemClock });
  const kind = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' };
  const { items } = await client.list(kind);
  return items.filter(({ spec }) => NAMES.includes(spec.names.kind));
}

/** The page with its tables as the definitions say; all else is as it was. */
export function withTables(page, definitions) {
  return NAMES.reduce((text, kind) => {
    const [begin, end] = [`<!-- fields of ${kind} -->`, `<!-- end of fields -->`];
    const from = text.indexOf(begin) + begin.length;
    const to = text.indexOf(end, from);
    if (from < begin.length || to < 0) throw new Error(`docs/gateway-policies.md must have ${begin} and ${end}`);
    return `${text.slice(0, from)}\n${tableOf(kind, definitions)}\n${text.slice(to)}`;
  }, page);
}

function tableOf(kind, definitions) {
  const definition = definitions.find(({ spec }) => spec.names.kind === kind);
  const { spec } = definition.spec.versions[0].schema.openAPIV3Schema.properties;
  const rows = fieldsOf(spec, '').map(({ path, type, about }) => `| \`${path}\` | ${type} | ${about} |`);
  return ['', '| field | type | |', '|---|---|---|', ...rows, ''].join('\n');
}

function* entriesOf({ properties = {}, required = [] }) {
  for (const [name, schema] of Object.entries(properties)) yield { name, schema, isRequired: required.includes(name) };
}

/** All fields below a schema, in its order; references are not looked into. */
function fieldsOf(schema, prefix) {
  return [...entriesOf(schema)].flatMap(({ name, schema: field, isRequired }) => {
    const isList = field.type === 'array';
    const content = isList ? field.items : field;
    const path = `${prefix}${name}${isList ? '[]' : ''}`;
    const rules = (field['x-kubernetes-validations'] ?? []).map(({ message }) => ` (${message})`).join('');
    const about = `${isRequired ? '**Required.** ' : ''}${cell(field.description)}${cell(rules)}`;
    const row = { path, type: typeOf(field), about };
    return KNOWN_ELSEWHERE.has(referenceOf(content)) ? [row] : [row, ...fieldsOf(content, `${path}.`)];
  });
}

/** Whether a schema is one of the references, by its fields. */
function referenceOf({ properties }) {
  const names = Object.keys(properties ?? {}).join();
  if (names === 'group,kind,name,namespace') return 'objectRef';
  return names === 'group,kind,name,namespace,port' ? 'backendRef' : undefined;
}

function typeOf(schema) {
  const reference = referenceOf(schema);
  if (schema.type === 'array') return `list, at most ${schema.maxItems}`;
  if (reference !== undefined) return 'reference';
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(', ');
  if (schema.type === 'integer') return boundsOf(schema);
  if (schema.additionalProperties) return 'map of strings';
  return schema.pattern?.includes('h|m|s|ms') ? 'duration' : schema.type;
}

function boundsOf({ minimum, maximum }) {
  return maximum === undefined || maximum >= 2 ** 31 - 1 ? `integer, ${minimum} or more` : `${minimum} to ${maximum}`;
}

const cell = (text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { start } = await import('nekube/envtest');
  const env = await start({ level: 'fake' });
  writeFileSync(PAGE, withTables(readFileSync(PAGE, 'utf8'), await policyDefinitions(env.client)));
  await env.stop();
}
