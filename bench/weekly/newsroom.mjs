// The newsroom's controllers of bench/weekly.mjs, in a process of their own, with a clock that may be ahead. Says to its parent what was read.
import { connect, systemClock } from 'nekube/client';
import { Manager } from 'nekube/controller';
import {
  addFeedController,
  addIssueController,
  addPublicationController,
  addStoryController,
  DocumentFetcher,
  pollFeed,
} from 'nekube/weekly';

const [kubeconfig, aheadMs, totalTimeoutMs] = process.argv.slice(2);
const clock = { ...systemClock, now: () => Date.now() + Number(aheadMs) };
const client = await connect({ kubeconfig });
const fetcher = new DocumentFetcher({
  contact: 'https://team.example/',
  now: clock.now,
  allowedNetworks: ['127.0.0.0/8'],
  totalTimeoutMs: Number(totalTimeoutMs),
});
const manager = new Manager({ client, cache: { namespaces: [client.defaultNamespace] } });
addFeedController(manager, {
  clock,
  random: Math.random,
  read: async (feed, state, signal) => {
    const outcome = await pollFeed(state, (request) => fetcher.fetch(request), signal);
    process.send({ read: feed.metadata.name, kind: outcome.kind });
    return outcome;
  },
});
addStoryController(manager, { clock });
addIssueController(manager, { clock });
addPublicationController(manager, { clock, targets: new Map() });
const stopping = new AbortController();
process.on('disconnect', () => stopping.abort());
await manager.start(stopping.signal);
await fetcher.close();
await client.close();
