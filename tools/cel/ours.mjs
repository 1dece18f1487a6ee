// What our engine makes of a case, in the form of tools/cel-oracle.
import { readFileSync } from 'node:fs';
import { VARIABLES } from './generate.mjs';
import { parseJson } from '../../dist/apimachinery/index.js';
import * as cel from '../../dist/cel/index.js';
import { printValue, readType, readValue } from './values.mjs';

/** No evaluation may cost more. */
const COST_LIMIT = 1_000_000;
const scopes = new Map();

/** {compileError} or {planError, …} or {outputType, estimate, value|error, cost}; costs are numbers. */
export function run(c) {
  const { environment, sizeOf, adapt } = scopeOf(c);
  const { expression, issues } = environment.compile(c.expression);
  if (expression === undefined) return { compileError: issues.toString() };
  const { min, max } = expression.estimateCost(sizeOf ? { sizeOf } : {});
  const result = { outputType: String(expression.outputType), estimate: [min, max] };
  const program = expression.program();
  if (program instanceof cel.CelError) return { ...result, planError: program.message };
  const read = (name) => {
    if (adapt && (name === 'self' || name === 'oldSelf'))
      return c[name] === undefined ? undefined : adapt(parseJson(c[name]));
    const value = c.variables?.[name]?.value;
    return value === undefined ? undefined : readValue(value);
  };
  const { value, cost } = program.evaluate(read, { costLimit: COST_LIMIT });
  if (value instanceof cel.CelError) return { ...result, error: value.message, cost };
  return { ...result, value: printValue(value), cost };
}

const selfText = readFileSync(new URL('../../src/cel/testdata/self.json', import.meta.url), 'utf8');
/** The schema of self and oldSelf. */
export const SELF_SCHEMA = JSON.parse(selfText).schema;
/** Their value. It has an integer that a JavaScript number cannot hold, so it stays text. */
export const SELF = selfText.slice(selfText.lastIndexOf('"value": {') + '"value": '.length).replace(/\}\s*$/, '');

/** What our engine makes of a random expression. */
export function runCase({ expression, isSelf }) {
  if (isSelf) return run({ expression, schema: SELF_SCHEMA, self: SELF, oldSelf: SELF });
  return run({ expression, variables: VARIABLES });
}

function scopeOf({ variables = {}, schema }) {
  const types = Object.fromEntries(Object.entries(variables).map(([name, { type }]) => [name, type]));
  const key = JSON.stringify([types, schema]);
  let scope = scopes.get(key);
  if (scope === undefined) scopes.set(key, (scope = makeScope(types, schema)));
  return scope;
}

function makeScope(types, schema) {
  const variables = Object.fromEntries(Object.entries(types).map(([name, type]) => [name, readType(type)]));
  if (schema === undefined) return { environment: cel.baseEnvironment().extend({ variables }) };
  const self = cel.declareType(schema, { name: 'selfType' });
  Object.assign(variables, { self: self.type, oldSelf: self.type });
  const objectType = (name) => typeNamed(self, name)?.type;
  return {
    environment: cel.baseEnvironment().extend({ variables, objectType }),
    sizeOf: cel.sizesOf(self),
    adapt: cel.adapterOf(schema),
  };
}

function typeNamed(declared, name) {
  if (declared === undefined) return undefined;
  if (declared.type.kind === 'struct' && declared.type.name === name) return declared;
  const inner = [...(declared.fields?.values() ?? []), declared.element];
  return inner.map((type) => typeNamed(type, name)).find(Boolean);
}
