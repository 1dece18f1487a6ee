import { isStatusError } from 'nekube/apimachinery';
import { each, systemClock } from 'nekube/client';
import type { Condition } from 'nekube/controller';
import { collectFeed, FEED, type FeedObject, waitOf, writeFeedStatus } from 'nekube/weekly';
import { withNewsroom } from './newsroom.ts';
import { type Io, NegativeFinding } from '../io.ts';
import { printable } from '../printable.ts';
import { progressOn } from '../progress.ts';
import type { CollectFlags } from './collect-command.ts';
import { openSources, sourcesOf } from './sources.ts';

/** The reason of a feed whose address is not public. */
const REFUSED = 'AddressRefused';

/** So many feeds are read at once. */
const AT_ONCE = 16;

/**
 * Reads the feeds that are due, once. What is wrong with one is told, and holds up none of the others.
 *
 * @throws NegativeFinding when not one of several, or the only one, could be read
 */
export async function collect(flags: CollectFlags, io: Io): Promise<void> {
  if (flags.githubExport !== undefined) {
    const { proposeExport } = await import('./github-export.ts');
    return await proposeExport(flags.githubExport, flags, io);
  }
  const sources = openSources(flags, io);
  const progress = progressOn(io, flags.progress);
  try {
    await withNewsroom(flags, io, async (client) => {
      const { items } = await client.list(FEED, { namespace: client.defaultNamespace, signal: io.signal });
      if (items.length === 0) return io.stderr('There are no feeds: nekube weekly subscribe URL\n');
      const feeds = items.filter((feed) => !feed.spec.suspend && (flags.all || isDue(feed, flags)));
      const counts = { read: 0, unchanged: 0, gone: 0, failed: 0, proposed: 0 };
      const options = { read: sourcesOf(sources, client), clock: systemClock, random: Math.random };
      let done = 0;
      await each(feeds, AT_ONCE, async (feed) => {
        const { status, outcome, proposed } = await collectFeed(feed, client, options, io.signal);
        await writeFeedStatus(client, feed, status, io.signal).catch((error: Error) => {
          if (!isStatusError(error, 'Invalid') && !isStatusError(error, 'RequestEntityTooLarge')) throw error;
          progress.say(`${feed.metadata.name}: what was read of it cannot be kept: ${printable(error.message)}\n`);
        });
        counts[outcome]++;
        counts.proposed += proposed;
        const ready = readyOf({ status });
        if (ready?.status === 'False') {
          progress.say(`${feed.metadata.name}: ${ready.reason}: ${printable(ready.message ?? '')}\n`);
          if (ready.reason === REFUSED) progress.say('  fix: --allow-network CIDR, if you trust what is there\n');
        }
        progress.step(`${++done} of ${feeds.length} feeds`);
      });
      progress.end();
      const { read, unchanged, gone, failed, proposed } = counts;
      const left = items.length - feeds.length;
      io.stdout(
        `${count(feeds.length, 'feed')}: ${read} read, ${unchanged} unchanged, ${failed} failed, ${gone} gone; ${left} not due; ` +
          `${count(proposed, 'story', 'stories')} proposed\n`,
      );
      if (feeds.length === 0 && left > 0) io.stderr('note: --all reads those that are not due, too\n');
      if (failed > 0 && failed === feeds.length) throw new NegativeFinding('no feed could be read');
    });
  } finally {
    progress.end();
    await sources.close();
  }
}

/** Of a feed whose address was refused nobody was asked, so that it need not wait once networks are allowed. */
function isDue(feed: FeedObject, { allowNetwork }: CollectFlags): boolean {
  return waitOf(feed, Date.now()) === 0 || (allowNetwork !== undefined && readyOf(feed)?.reason === REFUSED);
}

function readyOf({ status }: Pick<FeedObject, 'status'>): Condition | undefined {
  return status?.conditions?.find(({ type }) => type === 'Ready');
}

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
