import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GraphEdge } from 'nekube/kep';
import { linesOf, NODE_HEIGHT, NODE_WIDTH, placeGraph } from './graph-layout.ts';

const node = (number: number) => ({ name: `${number}-nap`, number, title: `Nap ${number}`, owningSig: 'sig-node' });
const edge = (from: number, to: number, kind: GraphEdge['kind'] = 'seeAlso'): GraphEdge => ({
  from: `${from}-nap`,
  to: `${to}-nap`,
  kind,
});
const NODES = [1, 2, 3, 4, 5, 6].map(node);

test('lines go from the older to the newer, and two that say the same are one', () => {
  const numbers = new Map(NODES.map(({ name, number }) => [name, number]));
  const lines = linesOf(
    [edge(2, 1), edge(1, 2), edge(3, 1, 'replaces'), edge(1, 3, 'supersededBy'), edge(1, 3)],
    numbers,
  );
  assert.deepEqual(
    lines.map(({ from, to, isSuccession }) => [from, to, isSuccession]),
    [
      ['1-nap', '2-nap', false],
      ['1-nap', '3-nap', true],
    ],
  );
});

test('each KEP has a place of its own, and what is not there has one too', () => {
  const edges = [edge(1, 2), edge(2, 3), edge(4, 5, 'replaces'), { ...edge(6, 9), isDangling: true }];
  const { nodes, edges: lines, width, height } = placeGraph({ nodes: NODES, edges });
  assert.deepEqual(nodes.map(({ id }) => id).sort(), [...NODES.map(({ name }) => name), '?9-nap'].sort());
  for (const [i, a] of nodes.entries()) {
    assert.ok(a.x >= NODE_WIDTH / 2 && a.x <= width - NODE_WIDTH / 2, a.id);
    assert.ok(a.y >= NODE_HEIGHT / 2 && a.y <= height - NODE_HEIGHT / 2, a.id);
    for (const b of nodes.slice(i + 1))
      assert.ok(Math.abs(a.x - b.x) >= NODE_WIDTH || Math.abs(a.y - b.y) >= NODE_HEIGHT, `${a.id} on ${b.id}`);
  }
  assert.equal(lines.length, 4);
  assert.ok(lines.every(({ points }) => points.length >= 2));
});

test('without references nothing is drawn', () => {
  assert.deepEqual(placeGraph({ nodes: NODES, edges: [] }).nodes, []);
});

test('a KEP with very many references has a place for each of them', () => {
  const edges = Array.from({ length: 50_000 }, (_, i) => ({ ...edge(1, i + 2), isDangling: true }));
  const placed = placeGraph({ nodes: NODES, edges });
  assert.equal(new Set(placed.nodes.map(({ x, y }) => `${x} ${y}`)).size, 50_001);
  assert.ok(placed.nodes.every(({ x, y }) => x < placed.width && y < placed.height));
});

test('a long line of KEPs that follow each other is one group', () => {
  const nodes = Array.from({ length: 20_000 }, (_, i) => node(i + 1));
  const edges = nodes.slice(1).map(({ number }) => edge(number, number - 1, 'replaces'));
  assert.equal(placeGraph({ nodes, edges }).nodes.length, 20_000);
});
