import { systemClock } from 'nekube/client';
import { createLogger, Manager } from 'nekube/controller';
import { addFeedController, addStoryController, githubSubject, installWeekly } from 'nekube/weekly';
import { withCluster } from '../cluster.ts';
import type { Io } from '../io.ts';
import type { RunFlags } from './run-command.ts';
import { openSources, sourcesOf } from './sources.ts';

/** Runs the newsroom's controllers until `io.signal` is aborted. */
export async function runNewsroom(flags: RunFlags, io: Io): Promise<void> {
  const sources = openSources(flags, io);
  try {
    await withCluster(flags, io, async (client) => {
      if (flags.install) await installWeekly(client, io.signal);
      const logger = createLogger({ level: 'warn', format: 'console', color: false, write: (line) => io.stderr(line) });
      const manager = new Manager({ client, logger, cache: { namespaces: [client.defaultNamespace] } });
      addFeedController(manager, { read: sourcesOf(sources, client), clock: systemClock, random: Math.random });
      addStoryController(manager, { clock: systemClock, subject: githubSubject(sources.github) });
      io.stderr(`nekube: the newsroom of namespace ${client.defaultNamespace} runs\n`);
      await manager.start(io.signal);
    });
  } finally {
    await sources.close();
  }
}
