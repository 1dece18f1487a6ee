import { type BuiltinFacts, type Gvk, gvkOf, INT64, META } from './builtin-schemas.ts';
import { moduleOf, moduleOfSchema, preparedSchema, referencesOf, shortName } from './builtin-schemas.ts';
import { docComment } from './comment.ts';
import { quoted } from './identifiers.ts';
import { TypeWriter } from './type-writer.ts';

/** A kind as a value, and where it is exported. */
interface KindValue {
  readonly name: string;
  readonly module: string;
  readonly gvk: Gvk;
  /** Absent for a kind that only subresources take: `Scale`, `Eviction`. */
  readonly served?: { readonly resource: string; readonly namespaced: boolean };
}

/** Types of which a schema does not say enough. */
const GIVEN: Readonly<Record<string, string>> = {
  Quantity: 'number | string',
  IntOrString: 'number | string',
  JSON: 'JsonValue',
  FieldsV1: 'JsonObject',
  RawExtension: 'JsonObject',
  JSONSchemaPropsOrArray: 'JSONSchemaProps | JSONSchemaProps[]',
  JSONSchemaPropsOrBool: 'JSONSchemaProps | boolean',
  JSONSchemaPropsOrStringArray: 'JSONSchemaProps | string[]',
};

/** Types that all objects have, and that `nekube/client` has already. */
const SHARED = ['ManagedFieldsEntry', 'ObjectMeta', 'OwnerReference'];

const HEADER = '// Generated from the facts in src/api; see docs/codegen.md.\n';

/**
 * The files of `nekube/client/kinds`, by their path in it: declarations for the compiler, and JavaScript with the values.
 *
 * A group's version has a module (`apps/v1`), and `index` has all of them; of a name that several have, the kind that is
 * preferred. The values of all stand in one file, since a kind is so little that to open another file costs more.
 */
export function builtinKinds(facts: BuiltinFacts): ReadonlyMap<string, string> {
  const modules = modulesOf(facts);
  const values = [...modules].flatMap(([module, names]) => valuesOf(module, names, facts));
  const files = new Map([['values.js', KIND_FUNCTION + values.map(valueText).join('')]]);
  for (const [module, names] of modules) {
    const own = values.filter((value) => value.module === module);
    files.set(`${module}.d.ts`, declarationsOf(module, names, own, facts));
    files.set(`${module}.js`, own.length === 0 ? 'export {};\n' : reexports(own, '../values.js'));
  }
  const homes = preferredHomes(modules, values);
  const preferred = values.filter(({ name, module }) => homes.get(name) === module);
  files.set('index.d.ts', indexDeclarations(homes, preferred));
  files.set('index.js', reexports(preferred, './values.js'));
  return files;
}

/** The schemas that kinds reach, by module, in the order of preference. */
function modulesOf(facts: BuiltinFacts): Map<string, string[]> {
  const reached = new Set<string>();
  const reach = (name: string): void => {
    if (reached.has(name)) return;
    reached.add(name);
    referencesOf(facts.schemas[name]!).forEach(reach);
  };
  Object.keys(facts.schemas)
    .filter((name) => gvkOf(name, facts) !== undefined)
    .forEach(reach);
  const versions = facts.groups.flatMap(({ group, versions }) =>
    versions.map(({ version }) => moduleOf(group, version)),
  );
  const modules = new Map<string, string[]>([...versions, META].map((module) => [module, []]));
  for (const name of [...reached].sort()) {
    const module = moduleOfSchema(name);
    modules.set(module, [...(modules.get(module) ?? []), name]);
  }
  return modules;
}

function valuesOf(module: string, names: readonly string[], facts: BuiltinFacts): KindValue[] {
  return names.flatMap((schema) => {
    const gvk = gvkOf(schema, facts);
    if (gvk === undefined) return [];
    const group = facts.groups.find((one) => one.group === gvk.group);
    const version = group?.versions.find((one) => one.version === gvk.version);
    const found = version?.resources.find(({ responseKind }) => responseKind.kind === gvk.kind);
    const served = found && { resource: found.resource, namespaced: found.scope === 'Namespaced' };
    return [{ name: gvk.kind, module, gvk, ...(served && { served }) }];
  });
}

/** A kind's name among those of all modules. */
function uniqueName({ name, module }: KindValue): string {
  return `${module.replace('/', '_')}_${name}`;
}

function reexports(values: readonly KindValue[], from: string): string {
  const lines = values.map((value) => `  ${uniqueName(value)} as ${value.name},\n`);
  return `export {\n${lines.join('')}} from ${quoted(from)};\n`;
}

/** How a kind is served is not enumerable, so that `{ ...Deployment, metadata }` begins a Deployment. */
const KIND_FUNCTION = `const kind = (apiVersion, kind, served = {}) =>
  Object.freeze(
    Object.defineProperties(
      { apiVersion, kind },
      Object.fromEntries(Object.entries(served).map(([name, value]) => [name, { value }])),
    ),
  );
`;

function valueText(value: KindValue): string {
  const members = [apiVersionOf(value.gvk), value.gvk.kind, ...(value.served ? [value.served] : [])];
  return `export const ${uniqueName(value)} = kind(${members.map((member) => JSON.stringify(member)).join(', ')});\n`;
}

function apiVersionOf({ group, version }: Gvk): string {
  return group === '' ? version : `${group}/${version}`;
}

/** The module from which the index takes a name: kinds before their parts, then by preference. */
function preferredHomes(
  modules: ReadonlyMap<string, readonly string[]>,
  values: readonly KindValue[],
): ReadonlyMap<string, string> {
  const homes = new Map<string, string>();
  const offer = (name: string, module: string): unknown => homes.has(name) || homes.set(name, module);
  for (const { name, module } of values) offer(name, module);
  for (const [module, schemas] of modules) for (const schema of schemas) offer(shortName(schema), module);
  return homes;
}

function indexDeclarations(homes: ReadonlyMap<string, string>, values: readonly KindValue[]): string {
  const kinds = new Set(values.map(({ name }) => name));
  const lines = [...new Set(homes.values())].map((home) => {
    const names = [...homes].filter(([, module]) => module === home).map(([name]) => name);
    const exported = names.sort().map((name) => `  ${kinds.has(name) ? '' : 'type '}${name},\n`);
    return `export {\n${exported.join('')}} from ${quoted(`./${home}.js`)};\n`;
  });
  return HEADER + lines.join('');
}

function declarationsOf(
  module: string,
  names: readonly string[],
  values: readonly KindValue[],
  facts: BuiltinFacts,
): string {
  const others = new Set<string>();
  const writer = new TypeWriter({ ref, isOptional: (_name, _property, required) => !required });
  function ref(name: string): string {
    if (name === INT64) return 'bigint | number';
    const home = moduleOfSchema(name);
    if (home !== module) others.add(home);
    const type = home === module ? shortName(name) : `${home.replace('/', '')}.${shortName(name)}`;
    // a kind inside another, such as a claim in a StatefulSet, need not say what it is
    return gvkOf(name, facts) === undefined ? type : `${writer.imported('EmbeddedObject')}<${type}>`;
  }
  for (const name of names) declareSchema(writer, name, facts);
  const constants = values.map(({ name, served }) => {
    const type = writer.imported(served === undefined ? 'Kind' : 'ServedKind');
    return `/** The kind, for requests. */\nexport declare const ${name}: ${type}<${name}>;\n`;
  });
  const ours =
    writer.imports.length > 0
      ? [`import type { ${writer.imports.join(', ')} } from ${quoted('nekube/client')};\n`]
      : [];
  const theirs = [...others]
    .sort()
    .map((other) => `import type * as ${other.replace('/', '')} from ${quoted(`../${other}.js`)};\n`);
  return [HEADER, ...ours, ...theirs, '\n', writer.text, '\n', ...constants, knownObjects(values)].join('');
}

/** Has the compiler check what says that it is of these kinds. */
function knownObjects(values: readonly KindValue[]): string {
  if (values.length === 0) return '';
  const members = values.map(({ name, gvk }) => `    ${quoted(`${apiVersionOf(gvk)} ${gvk.kind}`)}: ${name};\n`);
  return `\ndeclare module 'nekube/client' {\n  interface KnownObjects {\n${members.join('')}  }\n}\n`;
}

function declareSchema(writer: TypeWriter, schemaName: string, facts: BuiltinFacts): void {
  const short = shortName(schemaName);
  if (SHARED.includes(short)) return writer.declare(`export type { ${writer.imported(short)} };\n`);
  const schema = preparedSchema(schemaName, facts);
  const given = GIVEN[short];
  const name = writer.claim(short);
  if (given !== undefined) {
    if (given.startsWith('Json')) writer.imported(given);
    return writer.declare(`${docComment(schema.description)}export type ${name} = ${given};\n`);
  }
  const gvk = gvkOf(schemaName, facts);
  if (gvk === undefined) return writer.declareType(name, schema);
  writer.declareKind(name, { apiVersion: apiVersionOf(gvk), kind: gvk.kind, schema });
}
