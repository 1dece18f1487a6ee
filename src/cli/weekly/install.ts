import { stringifyYaml } from 'nekube/apimachinery';
import { installWeekly, WEEKLY_DEFINITIONS } from 'nekube/weekly';
import { withCluster } from '../cluster.ts';
import type { Io } from '../io.ts';
import type { InstallFlags } from './install-command.ts';

/** Makes the newsroom's kinds known to a server, or prints them. */
export async function installKinds(flags: InstallFlags, io: Io): Promise<void> {
  if (flags.print) {
    for (const definition of WEEKLY_DEFINITIONS) io.stdout(`---\n${stringifyYaml(definition as never)}`);
    return;
  }
  await withCluster(flags, io, (client) => installWeekly(client, io.signal));
  io.stdout(
    WEEKLY_DEFINITIONS.map(
      ({ metadata }) => `customresourcedefinition.apiextensions.k8s.io/${metadata.name} serverside-applied\n`,
    ).join(''),
  );
}
