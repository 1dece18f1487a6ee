import { stringifyYaml } from 'nekube/apimachinery';
import { viewFrontends } from 'nekube/loadbalancer';
import type { Io } from '../io.ts';
import { formatTable } from '../table.ts';
import { frontendRows, type ShownFrontend } from './frontend-rows.ts';
import type { ListFlags } from './list-command.ts';
import { namesOf, withPinned } from './pinned.ts';

/** Prints the frontends that the maps of this node hold. */
export async function listFrontends({ output, pins, agent }: ListFlags, io: Io): Promise<void> {
  await withPinned(pins, async (maps) => {
    const names = await namesOf(agent);
    const shown = viewFrontends(maps.contents()).map(({ key: _key, ...frontend }): ShownFrontend => {
      const name = names.get(frontend.counter);
      return { ...(name !== undefined && { name }), ...frontend, traffic: maps.traffic(frontend.counter) };
    });
    if (output === 'json') io.stdout(`${JSON.stringify(shown, null, 2)}\n`);
    else if (output === 'yaml') io.stdout(stringifyYaml(shown as never));
    else io.stdout(formatTable(frontendRows(shown, { isWide: output === 'wide' }), { right: [3, 4] }));
  });
}
