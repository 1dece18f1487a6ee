import type { KubeObject } from 'nekube/apimachinery';
import { systemClock } from 'nekube/client';
import { createLogger, Manager } from 'nekube/controller';
import {
  addFeedController,
  addIssueController,
  addPublicationController,
  addStoryController,
  FEED,
  githubSubject,
  installWeekly,
  ISSUE,
  PUBLICATION,
  type PublicationTarget,
  STORY,
  VOTE,
} from 'nekube/weekly';
import { resolve } from 'node:path';
import { withNewsroom } from './newsroom.ts';
import { CliError, type Io } from '../io.ts';
import type { RunFlags } from './run-command.ts';
import { openSources, sourcesOf } from './sources.ts';

/** Runs the newsroom's controllers until `io.signal` is aborted. */
export async function runNewsroom(flags: RunFlags, io: Io): Promise<void> {
  const targets = new Map((flags.target ?? []).map((text) => targetOf(text, io)));
  const sources = openSources(flags, io);
  try {
    await withNewsroom(flags, io, async (client) => {
      if (flags.install) await installWeekly(client, io.signal);
      // what is not installed, or not allowed, is told now, and not waited for
      for (const kind of [FEED, STORY, VOTE, ISSUE, PUBLICATION])
        await client.list<KubeObject>(kind, { namespace: client.defaultNamespace, limit: 1, signal: io.signal });
      const logger = createLogger({ level: 'warn', format: 'console', color: false, write: (line) => io.stderr(line) });
      const manager = new Manager({ client, logger, cache: { namespaces: [client.defaultNamespace] } });
      addFeedController(manager, { read: sourcesOf(sources, client), clock: systemClock, random: Math.random });
      addStoryController(manager, { clock: systemClock, subject: githubSubject(sources.github) });
      addIssueController(manager, { clock: systemClock });
      addPublicationController(manager, { clock: systemClock, targets });
      io.stderr(`nekube: the newsroom of namespace ${client.defaultNamespace} runs\n`);
      await manager.start(io.signal);
    });
  } finally {
    await sources.close();
  }
}

/** `blog=DIR`, `blog=git:DIR`, `blog=git+origin:DIR`. @throws CliError for what is none of them */
function targetOf(text: string, { cwd }: Io): [name: string, target: PublicationTarget] {
  const [, name, git, remote, folder] = /^([a-z0-9][a-z0-9-]*)=(git(?:\+([\w.-]+))?:)?(.+)$/.exec(text) ?? [];
  if (name === undefined || folder === undefined)
    throw new CliError(`"${text}" is no target`, {
      hint: 'as in --target blog=DIR, blog=git:DIR or blog=git+origin:DIR',
    });
  return [
    name,
    {
      folder: resolve(cwd, folder),
      ...(git !== undefined && { commit: true }),
      ...(remote !== undefined && { push: remote }),
    },
  ];
}
