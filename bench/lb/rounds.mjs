// Ways through a network, compared round by round: what else the machine does in a round is the same for all of them.
import { median } from '../table.mjs';

/** In each round, so many times so many: what lasts for some milliseconds takes from all. */
const TURNS = 8;
const CONNECTS = 15;
const AT_ONCE = 8;
const PER_SECOND = 400;
const UPLOAD_BYTES = 30e6;

/** What a way does in each round: `over` the tenth percentile of connects beside that of a direct connection, in microseconds. */
export async function measureRounds(network, rounds) {
  const ways = Object.keys(network.ways);
  const found = Object.fromEntries(ways.map((way) => [way, { over: [], p10: [], rates: [], uploads: [] }]));
  for (const way of ways) await network.connects(way, TURNS * CONNECTS);
  for (let round = 0; round < rounds; round++) {
    // each is the first one as often as the others
    const order = ways.map((_, i) => ways[(i + round) % ways.length]);
    const connects = await inTurns(network, order);
    for (const way of ways) found[way].p10.push(percentile(connects[way], 0.1));
    for (const way of order) found[way].rates.push(await network.perSecond(way, PER_SECOND, AT_ONCE));
    for (const way of order) found[way].uploads.push(await network.upload(way, UPLOAD_BYTES));
    for (const way of ways) found[way].over.push(found[way].p10[round] - found.direct.p10[round]);
  }
  return found;
}

async function inTurns(network, ways) {
  const microseconds = Object.fromEntries(ways.map((way) => [way, []]));
  for (let turn = 0; turn < TURNS; turn++)
    for (const way of ways) microseconds[way].push(...(await network.connects(way, CONNECTS)));
  return microseconds;
}

/** How many times as fast ours was: the median over rounds, of each the two in the same round. */
export function ratios(ours, theirs) {
  const ofRounds = (list, others) => median(list.map((one, round) => one / others[round]));
  return {
    connect: median(theirs.over) / median(ours.over),
    rate: ofRounds(ours.rates, theirs.rates),
    upload: ofRounds(ours.uploads, theirs.uploads),
  };
}

/** The number below which that share of some is. */
export function percentile(numbers, share) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}
