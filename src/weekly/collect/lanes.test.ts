import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newFeedState } from './feed-state.ts';
import { Lanes } from './lanes.ts';

/** A feed as `HOST/NAME`, with how often it failed: `a.example/one 3`. */
function feedOf(text: string) {
  const [path, failures = '0'] = text.split(' ');
  return { text, state: { ...newFeedState(`https://${path}`), failures: Number(failures) } };
}

/** In which order one worker gets feeds. */
function orderOf(feeds: readonly string[]): readonly string[] {
  const lanes = new Lanes(feeds.map(feedOf), 2);
  const order: string[] = [];
  for (let lane = lanes.next(undefined); lane !== undefined; lane = lanes.next(lane))
    order.push(lane.feeds.pop()!.text);
  return order;
}

const ORDERS: readonly {
  readonly name: string;
  readonly feeds: readonly string[];
  readonly order: readonly string[];
}[] = [
  {
    name: 'a worker stays at a host as long as it has feeds',
    feeds: ['a.example/1', 'b.example/1 1', 'a.example/2'],
    order: ['a.example/2', 'a.example/1', 'b.example/1 1'],
  },
  {
    name: 'of a host the feeds that failed most often come last',
    feeds: ['a.example/1 2', 'a.example/2', 'a.example/3 1'],
    order: ['a.example/2', 'a.example/3 1', 'a.example/1 2'],
  },
  {
    name: 'hosts without a sound feed come last, those that failed most often behind the others',
    feeds: ['bad.example/1 5', 'poor.example/1 1', 'good.example/1'],
    order: ['good.example/1', 'poor.example/1 1', 'bad.example/1 5'],
  },
  {
    name: 'a host is as sound as the soundest of its feeds',
    feeds: ['one.example/1 1', 'mixed.example/1 9', 'mixed.example/2'],
    order: ['mixed.example/2', 'mixed.example/1 9', 'one.example/1 1'],
  },
  {
    name: 'the host with most feeds begins, since it takes longest',
    feeds: ['long.example/1', 'long.example/2', 'short.example/1'],
    order: ['long.example/2', 'long.example/1', 'short.example/1'],
  },
];

for (const { name, feeds, order } of ORDERS) test(name, () => assert.deepEqual(orderOf(feeds), order));

for (const perHost of [1, 2, 3])
  test(`of four that ask for work a host gets ${perHost} where it may have so many`, () => {
    const feeds = ['a.example/1', 'a.example/2', 'a.example/3', 'a.example/4', 'a.example/5'];
    const lanes = new Lanes(feeds.map(feedOf), perHost);
    const workers = Array.from({ length: 4 }, () => lanes.next(undefined));
    assert.equal(workers.filter((lane) => lane !== undefined).length, perHost);
  });
