// The licences of packages that are bundled, which whoever hands the bundle on must hand on too.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The text of the licence of each package of which esbuild bundled something. A package without one is refused. */
export function licensesOf({ outputs }) {
  const files = Object.values(outputs).flatMap((output) => Object.keys(output.inputs));
  const folders = new Set(files.flatMap((file) => /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []));
  const parts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    const file = readdirSync(join(root, folder)).find((one) => /^(licen[cs]e|copying)/i.test(one));
    if (file === undefined)
      throw new Error(`web: ${folder} has no text of its licence (${license}), so it cannot be bundled`);
    return `${name} ${version} (${license})\n\n${readFileSync(join(root, folder, file), 'utf8').trim()}\n`;
  });
  return ['The page of the nekube console has parts of these packages.\n', ...parts].join(`\n${'-'.repeat(80)}\n\n`);
}
