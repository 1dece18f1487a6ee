import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { modesFor, optionVerdict, type PathFacts, recommended, sizesToTry } from './path-report.ts';

const all = (medianMs: number) => ({ sent: 20, answered: 20, medianMs });
const FACTS: PathFacts = { family: 4, plain: all(0.5), options: all(0.5), mtu: 1500, deviceMtu: 1500 };

for (const { name, options, verdict } of [
  { name: 'come as fast as others are carried', options: all(0.6), verdict: 'carried' },
  { name: 'come much later are taken by a slow way', options: all(20), verdict: 'slow' },
  { name: 'are lost more often than others are dropped', options: { ...all(0.5), answered: 12 }, verdict: 'dropped' },
  { name: 'do not come are dropped', options: { sent: 20, answered: 0 }, verdict: 'dropped' },
])
  test(`options whose packets ${name}`, () => assert.equal(optionVerdict({ ...FACTS, options }), verdict));

describe('a path', () => {
  for (const { name, facts, modes } of [
    { name: 'that carries all has all modes', facts: {}, modes: ['dsr-ipip', 'dsr-geneve', 'dsr-ipopt', 'snat'] },
    {
      name: 'that drops options has all but one',
      facts: { options: { sent: 20, answered: 0 } },
      modes: ['dsr-ipip', 'dsr-geneve', 'snat'],
    },
    { name: 'that translates addresses has SNAT alone', facts: { seenAs: '203.0.113.1' }, modes: ['snat'] },
    {
      name: 'that drops IP in IP has Geneve first',
      facts: { tunnels: { ipip: { sent: 20, answered: 0, mtu: 0 }, geneve: { ...all(0.5), mtu: 1500 } } },
      modes: ['dsr-geneve', 'dsr-ipopt', 'snat'],
    },
    {
      name: 'that drops both tunnels has none of them',
      facts: { tunnels: { ipip: { sent: 20, answered: 0, mtu: 0 }, geneve: { sent: 20, answered: 3, mtu: 0 } } },
      modes: ['dsr-ipopt', 'snat'],
    },
    { name: 'to a node that does not answer has none', facts: { plain: { sent: 20, answered: 0 } }, modes: [] },
  ] as const)
    test(name, () => {
      const fits = modesFor({ ...FACTS, ...facts });
      assert.deepEqual(
        fits.filter((one) => one.fits).map(({ mode }) => mode),
        modes,
      );
    });

  test('leaves packets what the mode does not take', () => {
    const [first] = modesFor({ ...FACTS, mtu: 1480 });
    assert.equal(first?.why, '20 bytes more, which leaves 1460 of 1480; the other node hears no probes of it');
  });

  test('may take less of a tunnel than of others', () => {
    const [first] = modesFor({ ...FACTS, tunnels: { ipip: { ...all(0.5), mtu: 1450 } } });
    assert.equal(first?.why, '20 bytes more, which leaves 1430 of 1450');
  });

  test('has a mode that is recommended, with what speaks for it and against others', () => {
    const ipip = { sent: 20, answered: 0, mtu: 0 };
    const best = recommended({ ...FACTS, family: 6, tunnels: { ipip, geneve: { ...all(0.5), mtu: 1500 } } });
    assert.equal(best?.mode, 'dsr-geneve');
    assert.match(
      best?.why ?? '',
      /carries the port; .* dsr-ipip does not fit: the path drops IP in IP \(protocol 41\): 0 of 20 came/,
    );
    assert.equal(recommended({ ...FACTS, plain: { sent: 20, answered: 0 } }), undefined);
  });
});

test('sizes are tried from that of the device downwards', () => {
  const sizes = sizesToTry(1500);
  assert.deepEqual([sizes[0], sizes.at(-1), sizes.includes(1480)], [1500, 1280, true]);
  assert.deepEqual(
    [...sizes].sort((a, b) => b - a),
    sizes,
  );
});
