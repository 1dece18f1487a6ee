import {
  type Drop,
  dropText,
  type PinnedMaps,
  type Rates,
  ratesOf,
  type Reading,
  viewFrontends,
} from 'nekube/loadbalancer';
import { sleep, systemClock } from 'nekube/client';
import type { Io } from '../io.ts';
import { formatTable } from '../table.ts';
import { placeOf } from './frontend-rows.ts';
import { askAgent, namesOf, withPinned } from './pinned.ts';
import type { TopFlags } from './top-command.ts';

/** Drops that are shown with their addresses. */
const SHOWN_DROPS = 5;
/** Of a terminal: the cursor at its beginning, and nothing below. */
const CLEAR = '\u001b[H\u001b[J';

/** Prints rates until the user ends it, or the rounds are over. */
export async function showTop(flags: TopFlags, io: Io): Promise<void> {
  await withPinned(flags.pins, async (maps) => {
    let before = reading(maps);
    for (let round = 1; round <= (flags.rounds ?? Number.POSITIVE_INFINITY); round++) {
      await sleep(flags.interval, systemClock, io.signal);
      const after = reading(maps);
      const rates = ratesOf(before, after);
      const [names, drops = []] = await Promise.all([
        namesOf(flags.agent),
        askAgent<readonly Drop[]>(flags.agent, '/drops'),
      ]);
      io.stdout(
        flags.output === 'json' ? json(rates, names, flags) : text(rates, names, drops.slice(-SHOWN_DROPS), flags, io),
      );
      before = after;
    }
  });
}

function reading(maps: PinnedMaps): Reading {
  const frontends = viewFrontends(maps.contents({ withTable: false }));
  return {
    at: performance.now(),
    frontends: frontends.map((one) => ({ ...one, traffic: maps.traffic(one.counter) })),
    counters: maps.counters(),
  };
}

function json({ frontends, counters }: Rates, names: ReadonlyMap<number, string>, { lines }: TopFlags): string {
  const shown = frontends.slice(0, lines).map(({ frontend, ...rates }) => {
    const { address, port, protocol, scope, mode, counter } = frontend;
    return { name: names.get(counter), address, port, protocol, scope, mode, ...rates };
  });
  return `${JSON.stringify({ frontends: shown, counters: Object.fromEntries(counters.map(({ name, perSecond }) => [name, perSecond])) })}\n`;
}

function text(
  { frontends, counters }: Rates,
  names: ReadonlyMap<number, string>,
  drops: readonly Drop[],
  { lines }: TopFlags,
  io: Io,
): string {
  const rows = frontends
    .slice(0, lines)
    .map(({ frontend, packetsPerSecond, bytesPerSecond }) => [
      ...[placeOf(frontend), frontend.scope, frontend.mode, perSecond(packetsPerSecond), perSecond(bytesPerSecond)],
      names.get(frontend.counter) ?? '',
    ]);
  return [
    io.columns === undefined ? '' : CLEAR,
    formatTable([['FRONTEND', 'FOR', 'MODE', 'PACKETS/S', 'BYTES/S', 'SERVICE'], ...rows], { right: [3, 4] }),
    '\n',
    formatTable([['COUNTED', 'PER SECOND'], ...counters.map(({ name, perSecond: rate }) => [name, perSecond(rate)])], {
      right: [1],
    }),
    drops.length === 0 ? '' : '\nlast drops\n',
    ...drops.map((drop) => `  ${dropText(drop)}\n`),
    '\n',
  ].join('');
}

function perSecond(rate: number): string {
  return rate >= 100 ? `${Math.round(rate)}` : rate.toFixed(1);
}
