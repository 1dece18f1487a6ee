// Writes dist/client/kinds: the types of the built-in kinds and their values, from the facts in src/api; and dist/gateway/kinds:
// those of Gateway API, from src/gateway/definitions.
//
// The compiler needs them before it has compiled what makes them, so the generator is bundled from its sources. A few
// hundredths of a second; when nothing that they are made of changed, nothing is done.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const facts = join(root, 'src/api/facts');
const generator = join(root, 'src/client/codegen');
const definitions = join(root, 'src/gateway/definitions');

/** Brings dist/client/kinds and dist/gateway/kinds up to date. */
export async function writeKinds() {
  await writeBuiltinKinds(join(root, 'dist/client/kinds'));
  await writeGatewayKinds(join(root, 'dist/gateway/kinds'));
}

async function writeBuiltinKinds(out) {
  if (!stale(out, facts)) return;
  const { builtinKinds } = await load('builtin-kinds.ts');
  const read = (name) => JSON.parse(readFileSync(join(facts, `${name}.json`), 'utf8'));
  const files = builtinKinds({
    schemas: read('openapi-facts').schemas,
    descriptions: read('openapi-descriptions'),
    groups: read('discovery-facts').groups,
    structs: read('go-types').structs,
  });
  writeAll(out, files);
}

/** The version of each group that has all its kinds, of the experimental channel, which has all fields. */
async function writeGatewayKinds(out) {
  if (!stale(out, definitions)) return;
  const { definitionModules } = await load('definition-modules.ts');
  const objects = JSON.parse(readFileSync(join(definitions, 'experimental.json'), 'utf8'));
  const modules = definitionModules(
    objects.filter(({ kind }) => kind === 'CustomResourceDefinition').map(definitionOf),
  );
  const { transform } = await import('esbuild');
  const files = new Map();
  for (const [group, name] of [
    ['gateway.networking.k8s.io/v1', 'v1'],
    ['gateway.networking.x-k8s.io/v1alpha1', 'x-v1alpha1'],
  ]) {
    const text = modules
      .get(`${group}.ts`)
      .replace(/^.*\n/, '// Generated from src/gateway/definitions; see docs/codegen.md.\n');
    files.set(`${name}.js`, (await transform(text, { loader: 'ts', target: 'es2022' })).code);
    files.set(`${name}.d.ts`, `${text.replace(VALUE, 'export declare const $1: $2;\n')}export {};\n`);
  }
  const index = "export * from './v1.js';\nexport * from './x-v1alpha1.js';\n";
  writeAll(out, files.set('index.js', index).set('index.d.ts', index));
}

/** A value in a generated module, which a declaration has without what it is. */
const VALUE = /^export const (\w+) = Object\.freeze\([^;]*\) as (\w+<\w+>);\n/gm;

/** What `nekube codegen crd` reads of a definition, which servers take as it is. */
function definitionOf({ spec }) {
  const versions = spec.versions.filter(({ served }) => served);
  return {
    group: spec.group,
    kind: spec.names.kind,
    plural: spec.names.plural,
    namespaced: spec.scope === 'Namespaced',
    versions: versions.map(({ name, schema, subresources }) => ({
      name,
      schema: schema.openAPIV3Schema,
      hasStatus: subresources?.status !== undefined,
    })),
  };
}

function writeAll(out, files) {
  rmSync(out, { recursive: true, force: true });
  for (const [name, text] of files) {
    mkdirSync(dirname(join(out, name)), { recursive: true });
    writeFileSync(join(out, name), text);
  }
}

function stale(out, inputs) {
  const made = join(out, 'index.js');
  if (!existsSync(made)) return true;
  const from = [inputs, generator].flatMap((dir) => [dir, ...readdirSync(dir).map((name) => join(dir, name))]);
  return [...from, fileURLToPath(import.meta.url)].some((file) => statSync(file).mtimeMs > statSync(made).mtimeMs);
}

async function load(entry) {
  const { build } = await import('esbuild');
  const bundled = join(root, 'dist/.kinds.mjs');
  await build({
    entryPoints: [join(generator, entry)],
    outfile: bundled,
    bundle: true,
    format: 'esm',
    platform: 'node',
    external: ['nekube/*'],
  });
  const generated = await import(`${pathToFileURL(bundled)}?${entry}`);
  rmSync(bundled);
  return generated;
}
