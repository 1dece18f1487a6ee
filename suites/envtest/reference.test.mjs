// The programs of docs/envtest.md, each at the levels that stand above it.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { join } from 'node:path';

const root = fileURLToPath(new URL('../..', import.meta.url));
// within the package, so that its doors are found
const folder = join(root, 'dist', `.reference-${process.pid}`);
const text = readFileSync(join(root, 'docs/envtest.md'), 'utf8');
const programs = [...text.matchAll(/^## (.+)$|^<!-- ([a-z ]+) -->\n```js\n([\s\S]+?)^```$/gm)];

mkdirSync(folder, { recursive: true });
after(() => rmSync(folder, { recursive: true, force: true }));

let chapter = '';
for (const [i, [, title, levels, program]] of programs.entries()) {
  if (title !== undefined) chapter = title;
  for (const level of levels?.split(' ') ?? [])
    test(`the program of "${chapter}" runs at level ${level}`, async () => {
      const file = join(folder, `${i}-${level}.mjs`);
      writeFileSync(file, program);
      process.env.NEKUBE_TEST_LEVEL = level;
      await import(pathToFileURL(file).href);
    });
}
