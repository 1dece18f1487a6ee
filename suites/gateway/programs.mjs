// The programs of the conformance suite, built once from its Go modules into the cache of the tools: two minutes on two cores.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hasProgram, installed } from '../clients/tools.mjs';

const sources = fileURLToPath(new URL('conformance/', import.meta.url));
/** What the echo image of the tests is made of. */
const ECHO = 'sigs.k8s.io/gateway-api-conformance-images/echo-basic';

/** @returns `{conformance, echo, version}`, or `{skip}` with the reason why they cannot be had here */
export function conformancePrograms() {
  const names = readdirSync(sources).sort();
  const hash = createHash('sha256');
  for (const name of names) hash.update(readFileSync(join(sources, name)));
  const version = /gateway-api\/conformance (v\S+)/.exec(readFileSync(join(sources, 'go.mod'), 'utf8'))[1];
  const name = `gateway-conformance-${version}-${hash.digest('hex').slice(0, 8)}`;
  // the toolchain that the module asks for is fetched where this one is older
  const go = ['env', 'GOTOOLCHAIN=auto', 'GOFLAGS=-mod=mod -buildvcs=false', 'go'];
  if (!hasProgram('go', 'version')) return { skip: 'go is not installed' };
  const { dir, skip } = installed(name, [
    ['cp', ...names.map((file) => join(sources, file)), '.'],
    [...go, 'build', '-ldflags=-s -w', '-o', 'echo-basic', ECHO],
    [...go, 'test', '-c', '-ldflags=-s -w', '-o', 'conformance.test', '.'],
  ]);
  if (skip !== undefined) return { skip };
  return { conformance: join(dir, 'conformance.test'), echo: join(dir, 'echo-basic'), version };
}
