import { stringifyYaml } from 'nekube/apimachinery';
import { installWeekly, WEEKLY_OBJECTS } from 'nekube/weekly';
import { withCluster } from '../cluster.ts';
import type { Io } from '../io.ts';
import type { InstallFlags } from './install-command.ts';

/** Makes the newsroom's kinds known to a server, and who may vote as whom, or prints them. */
export async function installKinds(flags: InstallFlags, io: Io): Promise<void> {
  if (flags.print) {
    for (const object of WEEKLY_OBJECTS) io.stdout(`---\n${stringifyYaml(object as never)}`);
    return;
  }
  const warnings = await withCluster(flags, io, (client) => installWeekly(client, io.signal));
  const installed = WEEKLY_OBJECTS.filter(({ kind }) => warnings.length === 0 || kind === 'CustomResourceDefinition');
  io.stdout(
    installed
      .map(({ apiVersion, kind, metadata }) => `${kind!.toLowerCase()}.${apiVersion!.split('/')[0]}/${metadata.name}`)
      .map((name) => `${name} serverside-applied\n`)
      .join(''),
  );
  for (const warning of warnings) io.stderr(`Warning: ${warning}\n`);
}
