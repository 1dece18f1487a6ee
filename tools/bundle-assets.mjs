// Joins each program of the assets into files that need nothing beside them: no package, no folder of ours.
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const out = join(dist, 'assets');
const own = join(dist, 'cli', 'assets');

/**
 * Data files are all in one folder there, and packages are in the bundle. A program that serves needs all that is loaded
 * late elsewhere; what is not, esbuild can take apart, and leaves out what nobody uses.
 */
const flatten = {
  name: 'flatten',
  setup(build) {
    build.onLoad({ filter: /\/dist\/.*\.js$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      if (!text.includes('import.meta.url') && !text.includes('await import(')) return undefined;
      const contents = importedAtOnce(text)
        .replaceAll(/(new URL\(['"`])[./a-z-]*\/([^/'"`]+['"`], import\.meta\.url\))/g, '$1./$2')
        .replaceAll(/createRequire\(import\.meta\.url\)\(/g, 'require(');
      return { contents, loader: 'js' };
    });
  },
};

/** `const { a, b } = await import('./there.js')`, of our own modules. */
const LATE = /const \{ ([\w, ]+) \} = await import\((['"](?:\.|nekube\/)[^'"]+['"])\);/g;

function importedAtOnce(text) {
  const imports = [];
  const contents = text.replaceAll(LATE, (_, names, from) => {
    const late = names.split(', ').map((name) => [name, `${name}Late${imports.length}`]);
    imports.push(`import { ${late.map(([name, own]) => `${name} as ${own}`).join(', ')} } from ${from};\n`);
    return `const ${late.map(([name, own]) => `${name} = ${own}`).join(', ')};`;
  });
  return imports.join('') + contents;
}

/** Everything that programs read at run time. */
function dataFiles() {
  const facts = join(dist, 'api', 'facts');
  return [
    ...readdirSync(facts).map((name) => join(facts, name)),
    join(dist, 'apiserver', 'fresh-cluster.json'),
    join(dist, 'api', 'rules', 'go-structs.json'),
    join(dist, 'cron', 'time-zones.json'),
    ...readdirSync(own)
      .filter((name) => /\.(json|txt)$/.test(name))
      .map((name) => join(own, name)),
  ];
}

/** Writes dist/assets. Rejects when an import leads nowhere. */
export async function bundleAssets() {
  const { build } = await import('esbuild');
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  await build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(
      readdirSync(own)
        .filter((name) => name.endsWith('-main.js'))
        .map((name) => [name.replace('-main.js', ''), join(own, name)]),
    ),
    outdir: out,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    // one script each, whose compiled form load.cjs can keep: Node does so for modules from 22.1 on
    format: 'cjs',
    platform: 'node',
    target: 'node20.19',
    // shorter names are read sooner; nothing here is told by the name of a class
    minify: true,
    // never opened: the storage of these programs is etcd or a file of its own
    external: ['lmdb'],
    define: { 'import.meta.url': 'nekubeUrl' },
    banner: { js: '(function(require,nekubeUrl){' },
    footer: { js: '})' },
    plugins: [flatten],
    logLevel: 'warning',
  });
  for (const file of dataFiles()) copyFileSync(file, join(out, basename(file)));
  const programs = join(own, 'programs');
  for (const file of readdirSync(programs)) {
    const to = join(out, file.replace('.sh', ''));
    copyFileSync(join(programs, file), to);
    if (file.endsWith('.sh')) chmodSync(to, 0o755);
  }
}
