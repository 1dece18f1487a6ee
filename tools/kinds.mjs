// Writes dist/client/kinds: the types of the built-in kinds and their values, from the facts in src/api.
//
// The compiler needs them before it has compiled what makes them, so the generator is bundled from its sources. A few
// hundredths of a second; when nothing that they are made of changed, nothing is done.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const facts = join(root, 'src/api/facts');
const generator = join(root, 'src/client/codegen');
const out = join(root, 'dist/client/kinds');

/** Brings dist/client/kinds up to date. */
export async function writeKinds() {
  if (!stale()) return;
  const { builtinKinds } = await load();
  const read = (name) => JSON.parse(readFileSync(join(facts, `${name}.json`), 'utf8'));
  const files = builtinKinds({
    schemas: read('openapi-facts').schemas,
    descriptions: read('openapi-descriptions'),
    groups: read('discovery-facts').groups,
    structs: read('go-types').structs,
  });
  rmSync(out, { recursive: true, force: true });
  for (const [name, text] of files) {
    mkdirSync(dirname(join(out, name)), { recursive: true });
    writeFileSync(join(out, name), text);
  }
}

function stale() {
  const made = join(out, 'index.js');
  if (!existsSync(made)) return true;
  const from = [facts, generator].flatMap((dir) => [dir, ...readdirSync(dir).map((name) => join(dir, name))]);
  return [...from, fileURLToPath(import.meta.url)].some((file) => statSync(file).mtimeMs > statSync(made).mtimeMs);
}

async function load() {
  const { build } = await import('esbuild');
  const bundled = join(root, 'dist/.kinds.mjs');
  await build({
    entryPoints: [join(generator, 'builtin-kinds.ts')],
    outfile: bundled,
    bundle: true,
    format: 'esm',
    platform: 'node',
    external: ['nekube/*'],
  });
  const generated = await import(pathToFileURL(bundled));
  rmSync(bundled);
  return generated;
}
