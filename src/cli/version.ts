import { stringifyYaml } from 'nekube/apimachinery';
import { serverVersion } from 'nekube/apiserver';
import type { Io } from './io.ts';
import { ownVersion } from './own-version.ts';
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
