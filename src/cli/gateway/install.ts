import { stringifyYaml } from 'nekube/apimachinery';
import { systemClock } from 'nekube/client';
import { GATEWAY_CLASS, gatewayDefinitions, installGatewayApi } from 'nekube/gateway';
import { withCluster } from '../cluster.ts';
import type { Io } from '../io.ts';
import type { InstallFlags } from './install-command.ts';

/** Installs the kinds of Gateway API, or prints their definitions. */
export async function install({ channel, ...flags }: InstallFlags, io: Io): Promise<void> {
  if (flags.print) {
    const objects = [...gatewayDefinitions(channel), GATEWAY_CLASS];
    return io.stdout(objects.map((object) => stringifyYaml(object as never)).join('---\n'));
  }
  await withCluster(flags, io, async (client) => {
    const installed = await installGatewayApi(client, { channel, clock: systemClock, signal: io.signal });
    for (const { name, action } of installed) io.stdout(`${name} ${action}\n`);
  });
}
