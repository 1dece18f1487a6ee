import { formatTime, type KubeObject } from 'nekube/apimachinery';
import { type Client, systemClock } from 'nekube/client';
import { createLogger, type LeaderElectionOptions, LeadershipLostError, Manager } from 'nekube/controller';
import {
  addFeedController,
  addIssueController,
  addPublicationController,
  addStoryController,
  FEED,
  githubSubject,
  installWeekly,
  ISSUE,
  type NewsOptions,
  PUBLICATION,
  type PublicationTarget,
  STORY,
  VOTE,
} from 'nekube/weekly';
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { requireAccess } from './access.ts';
import { withNewsroom } from './newsroom.ts';
import { CliError, type Io } from '../io.ts';
import { printable } from '../printable.ts';
import type { RunFlags } from './run-command.ts';
import { openSources, sourcesOf } from './sources.ts';

/** Runs the newsroom's controllers until `io.signal` is aborted. */
export async function runNewsroom(flags: RunFlags, io: Io): Promise<void> {
  const targets = targetsOf(flags, io);
  const sources = openSources(flags, io);
  try {
    await withNewsroom(flags, io, async (client) => {
      if (flags.install)
        for (const warning of await installWeekly(client, io.signal)) io.stderr(`Warning: ${warning}\n`);
      await requireAccess(client, flags.leaderElect, io.signal);
      // what is not installed is told now, and not waited for
      for (const kind of [FEED, STORY, VOTE, ISSUE, PUBLICATION])
        await client.list<KubeObject>(kind, { namespace: client.defaultNamespace, limit: 1, signal: io.signal });
      const logger = createLogger({ level: 'warn', format: 'console', color: false, write: (line) => io.stderr(line) });
      const leaderElection = flags.leaderElect ? electionOf(client, io) : undefined;
      const manager = new Manager({
        client,
        logger,
        cache: { namespaces: [client.defaultNamespace] },
        ...(leaderElection && { leaderElection }),
      });
      const { subjectInterval: checkMs } = flags;
      const tell = newsTo(io, flags.output);
      addFeedController(manager, { read: sourcesOf(sources, client), clock: systemClock, random: Math.random, tell });
      addStoryController(manager, { clock: systemClock, subject: githubSubject(sources.github), checkMs, tell });
      addIssueController(manager, { clock: systemClock });
      addPublicationController(manager, { clock: systemClock, targets, tell });
      void manager.elected.then(() => io.stderr(`nekube: the newsroom of namespace ${client.defaultNamespace} runs\n`));
      await manager.start(io.signal).catch(toldLost);
    });
  } finally {
    await sources.close();
  }
}

/** Prints what the newsroom does. */
function newsTo(io: Io, output: RunFlags['output']): NonNullable<NewsOptions['tell']> {
  return ({ kind = '', metadata: { name = '', namespace } }, { type = 'Normal', reason, note }) => {
    if (output === 'json')
      return io.stdout(
        `${printable(JSON.stringify({ time: formatTime(new Date()), kind, namespace, name, type, reason, note }))}\n`,
      );
    const line = `${kind.toLowerCase()}/${name}: ${reason}: ${printable(note)}\n`;
    if (type === 'Normal') io.stdout(line);
    else io.stderr(`Warning: ${line}`);
  };
}

/** The election by which one of several runs a newsroom. */
function electionOf(client: Client, io: Io): LeaderElectionOptions {
  const identity = `${hostname()}_${randomUUID()}`;
  return {
    name: 'weekly.nekube.dev',
    identity,
    onNewLeader: (leader) => {
      if (leader === identity) return;
      io.stderr(`nekube: ${leader} runs the newsroom of namespace ${client.defaultNamespace}: waiting until it ends\n`);
    },
  };
}

function toldLost(error: unknown): never {
  if (!(error instanceof LeadershipLostError)) throw error;
  throw new CliError('The Lease weekly.nekube.dev could not be renewed: another may run this newsroom by now', {
    hint: 'see that the server answers in time, and start it again',
    cause: error,
  });
}

/** @throws CliError for what is no target, or one twice */
function targetsOf({ target = [] }: RunFlags, io: Io): ReadonlyMap<string, PublicationTarget> {
  const targets = new Map<string, PublicationTarget>();
  for (const text of target) {
    const [name, place] = targetOf(text, io);
    const other = [...targets].find(([taken, { folder }]) => taken === name || folder === place.folder);
    if (other !== undefined)
      throw new CliError(`"${text}" is a target twice: ${other[0]} is ${other[1].folder}`, {
        hint: 'a folder has one name, and a name one folder',
      });
    targets.set(name, place);
  }
  return targets;
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
