import { stringifyYaml } from 'nekube/apimachinery';
import { systemClock } from 'nekube/client';
import { DEFINITIONS } from 'nekube/fieldpolicy';
import { installDefinitions, type KindInUse, kindsInUse, removeDefinitions } from 'nekube/ownership';
import { withCluster } from '../cluster.ts';
import { type Io, NegativeFinding } from '../io.ts';
import type { InstallFlags, UninstallFlags } from './install-command.ts';

const RESOURCE = 'customresourcedefinition.apiextensions.k8s.io';

/** Installs the kinds of policies, or prints their definitions. */
export async function install(flags: InstallFlags, io: Io): Promise<void> {
  if (flags.print) return io.stdout(DEFINITIONS.map((one) => stringifyYaml(one as never)).join('---\n'));
  await withCluster(flags, io, async (client) => {
    const installed = await installDefinitions(client, { clock: systemClock, signal: io.signal });
    for (const { name, action } of installed) io.stdout(`${RESOURCE}/${name} ${action}\n`);
  });
}

/** Removes the kinds of policies. @throws NegativeFinding when there are objects that would go, too */
export async function uninstall(flags: UninstallFlags, io: Io): Promise<void> {
  await withCluster(flags, io, async (client) => {
    const used = (await kindsInUse(client, io.signal)).filter(({ objects }) => objects > 0);
    if (used.length > 0 && !flags.deleteObjects) throw new NegativeFinding(refusalOf(used));
    const removed = await removeDefinitions(client, { clock: systemClock, signal: io.signal });
    for (const name of removed) io.stdout(`${RESOURCE}/${name} deleted\n`);
    if (removed.length === 0) io.stderr('The kinds of policies are not installed\n');
  });
}

function refusalOf(used: readonly KindInUse[]): string {
  const found = used.map(({ kind, objects }) => `${objects} of kind ${kind}`).join(', ');
  return `nothing was removed, since there are objects: ${found}\n  fix: delete them first, or give --delete-objects`;
}
