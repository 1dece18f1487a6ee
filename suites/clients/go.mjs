// client-go's dynamic client and informer, in a small Go program.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hasProgram, installed } from './tools.mjs';

const VERSION = 'v0.36.3';

function install() {
  if (!hasProgram('go', 'version')) return { skip: 'go is not installed' };
  const tidy = `cp -r '${fileURLToPath(new URL('go/', import.meta.url))}.' . && go get k8s.io/client-go@${VERSION} && go mod tidy`;
  return installed(`client-go-${VERSION}`, [['sh', '-c', `go mod init nekube.dev/story && ${tidy}`]]);
}

/** Why it cannot run here; undefined when it can. */
export function unavailable() {
  return install().skip;
}

export async function run(story, { dir }) {
  const project = install().dir;
  cpSync(fileURLToPath(new URL('go/', import.meta.url)), project, { recursive: true });
  const program = join(dir, 'story');
  const { HOME, GOFLAGS, GOPROXY } = process.env;
  const env = { HOME, ...(GOFLAGS && { GOFLAGS }), ...(GOPROXY && { GOPROXY }) };
  await story.run(['go', 'build', '-C', project, '-o', program, '.'], { env, label: 'go build -o story .' });
  await story.run([program], { stdout: /all is well\n$/ });
}
