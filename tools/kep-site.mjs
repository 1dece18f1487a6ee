// Builds the scripts and the style of a static site of KEPs: web/src/kep-site into dist/web-kep, whose names have a hash of their content.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { leavesOut, refuseNode, withoutOrphans } from './web.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

const ENTRIES = { site: 'web/src/kep-site/site.ts', style: 'web/src/kep-site/style.css' };
/** A page waits for it before it is drawn, so it is no module. */
const FIRST = { theme: 'web/src/kep-site/theme.ts' };

/** Writes dist/web-kep. Rejects when it would need Node. */
export async function bundleKepSite() {
  const { build } = await import('esbuild');
  rmSync(join(root, 'dist/web-kep'), { recursive: true, force: true });
  const common = {
    absWorkingDir: root,
    outdir: 'dist/web-kep',
    entryNames: '[name]-[hash]',
    chunkNames: '[name]-[hash]',
    bundle: true,
    platform: 'browser',
    target: ['es2023', 'chrome123', 'firefox120', 'safari17.5'],
    tsconfig: 'web/tsconfig.json',
    minify: true,
    metafile: true,
    plugins: [leavesOut],
    logLevel: 'warning',
  };
  const { metafile } = await build({ ...common, entryPoints: ENTRIES, splitting: true, format: 'esm' });
  await build({ ...common, entryPoints: FIRST, format: 'iife' });
  refuseNode(withoutOrphans(metafile, [ENTRIES.site, ENTRIES.style]));
}
