import { readFileSync } from 'node:fs';
import { stringifyYaml } from 'nekube/apimachinery';
import { serverVersion } from 'nekube/apiserver';
import type { Io } from './io.ts';
import type { VersionFlags } from './version-command.ts';

/** Prints the versions, as lines or as data. */
export function version(flags: VersionFlags, io: Io): void {
  const versions = {
    nekube: ownVersion(),
    kubernetes: serverVersion.gitVersion,
    node: process.version,
    platform: `${process.platform}/${process.arch}`,
  };
  if (flags.output === 'json') io.stdout(`${JSON.stringify(versions, null, 2)}\n`);
  else if (flags.output === 'yaml') io.stdout(stringifyYaml(versions));
  else
    io.stdout(
      `nekube ${versions.nekube}\nKubernetes ${versions.kubernetes}\nNode.js ${versions.node} ${versions.platform}\n`,
    );
}

function ownVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
