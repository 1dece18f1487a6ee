// Envoy Gateway's translator as a program: its Go module with main.go in it, since its packages are internal. Built once into
// ~/.cache/nekube-tools (or XDG_CACHE_HOME); needs Go, a network and some minutes.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cache } from '../../tools/fetched.mjs';

const MODULE = 'github.com/envoyproxy/gateway';
/** The release that is compared with. */
export const ANCHOR_VERSION = 'v1.9.1';

const source = fileURLToPath(new URL('main.go', import.meta.url));

/** The path of the program, or `{skip}` with the reason why it cannot be had. */
export function anchorProgram() {
  const text = readFileSync(source);
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 12);
  const path = join(cache, `envoy-gateway-translator-${ANCHOR_VERSION}-${hash}`);
  if (existsSync(path)) return { path };
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'build-'));
  try {
    return build(work, text, path);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function build(work, text, path) {
  const download = spawnSync('go', ['mod', 'download', '-json', `${MODULE}@${ANCHOR_VERSION}`], {
    cwd: work,
    encoding: 'utf8',
  });
  if (download.status !== 0)
    return { skip: `${MODULE} cannot be had: ${download.error?.message ?? download.stdout + download.stderr}` };
  const copy = join(work, 'module');
  cpSync(JSON.parse(download.stdout).Dir, copy, { recursive: true });
  // what the module cache has nobody may write to
  for (const folder of [copy, join(copy, 'cmd')]) chmodSync(folder, 0o755);
  mkdirSync(join(copy, 'cmd/bench-translator'));
  writeFileSync(join(copy, 'cmd/bench-translator/main.go'), text);
  console.error(`bench: building the translator of Envoy Gateway ${ANCHOR_VERSION}, which takes minutes`);
  const output = join(work, 'translator');
  const { status, stderr } = spawnSync('go', ['build', '-o', output, './cmd/bench-translator'], {
    cwd: copy,
    encoding: 'utf8',
  });
  if (status !== 0) return { skip: `the translator of Envoy Gateway cannot be built: ${stderr}` };
  renameSync(output, path);
  return { path };
}
