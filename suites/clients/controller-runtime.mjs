// controller-runtime: its webhook server (defaults, validation, conversion), its client, cache and controller.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hasProgram, installed } from './tools.mjs';

const VERSION = 'v0.24.1';
const SOURCES = fileURLToPath(new URL('controller-runtime/', import.meta.url));

function install() {
  if (!hasProgram('go', 'version')) return { skip: 'go is not installed' };
  const tidy = `cp '${SOURCES}'*.go . && go get sigs.k8s.io/controller-runtime@${VERSION} && go mod tidy`;
  return installed(`controller-runtime-${VERSION}`, [['sh', '-c', `go mod init nekube.dev/webhooks && ${tidy}`]]);
}

/** Why it cannot run here; undefined when it can. */
export function unavailable() {
  return install().skip;
}

export async function run(story, { dir }) {
  const project = install().dir;
  cpSync(SOURCES, project, { recursive: true });
  const program = join(dir, 'webhooks');
  const { HOME, GOFLAGS, GOPROXY } = process.env;
  const env = { HOME, ...(GOFLAGS && { GOFLAGS }), ...(GOPROXY && { GOPROXY }) };
  await story.run(['go', 'build', '-C', project, '-o', program, '.'], { env, label: 'go build -o webhooks .' });
  await story.run([program], { label: 'webhooks', stdout: /all is well\n$/ });
}
