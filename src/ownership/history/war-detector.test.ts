import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type FieldWrite, WarDetector, type WarEvent } from './war-detector.ts';

const MINUTE = 60_000;
const rules = { windowMs: 60 * MINUTE, returns: 2 };

/** Writes as texts: `git=3 hpa=10 git=3`, one a minute; `?` is unknown, `+N` lets N minutes pass. */
function play(schedule: string, detector = new WarDetector(rules)): WarEvent[] {
  let time = Date.UTC(2026, 0, 1);
  const events: WarEvent[] = [];
  for (const word of schedule.split(' ')) {
    if (word.startsWith('+')) {
      time += Number(word.slice(1)) * MINUTE;
      events.push(...detector.settle(time));
      continue;
    }
    const [manager, value] = word.split('=');
    const event = detector.observe({
      field: 'web .spec.replicas',
      manager: manager === '?' ? undefined : manager,
      value: value === '' ? undefined : value,
      time,
    });
    if (event !== undefined) events.push(event);
    time += MINUTE;
  }
  return events;
}

const peaceful: Readonly<Record<string, string>> = {
  'one manager that goes up and down': 'hpa=3 hpa=5 hpa=3 hpa=5 hpa=3 hpa=5 hpa=3',
  'a value that only grows, whoever writes': 'git=1 hpa=2 git=3 hpa=4 git=5 hpa=6',
  'one rollback by a person': 'git=v1 git=v2 person=v1',
  'one change by hand that is put back': 'git=3 person=5 git=3',
  'a change by hand amid an autoscaler': 'hpa=3 person=5 hpa=3 hpa=5 hpa=3 hpa=5 hpa=3',
  'returns that are further apart than the window': 'git=3 hpa=10 git=3 +90 hpa=10 git=3 +90 hpa=10 git=3',
  'nobody knows who': 'git=3 ?=10 git=3 ?=10 git=3 ?=10 git=3',
  'several values that return once each': 'a=1 x=9 a=1 x=8 a=2 x=7 a=2 x=6 a=3 x=5 a=3',
  'returns that together take longer than the window': 'git=3 +19 hpa=10 +19 git=3 +19 hpa=10 +19 git=3',
  'each brings back only what it wrote by turns': 'a=1 b=2 a=3 b=4 a=1 b=2 a=3 b=4',
};
for (const [name, schedule] of Object.entries(peaceful))
  test(`no war: ${name}`, () => assert.deepEqual(play(schedule), []));

test('two managers that take a field from each other', () => {
  const [event, ...rest] = play('git=3 hpa=10 git=3 hpa=10 git=3');
  assert.deepEqual(rest, []);
  assert.equal(event!.type, 'begun');
  const start = Date.UTC(2026, 0, 1);
  assert.deepEqual(event!.war, {
    field: 'web .spec.replicas',
    sides: [
      { manager: 'git', value: '3' },
      { manager: 'hpa', value: '10' },
    ],
    since: start,
    last: start + 4 * MINUTE,
    writes: 5,
    returns: 3,
    periodMs: 2 * MINUTE,
    writesPerHour: 75,
  });
});

test('one side may write something else each time', () => {
  const [event] = play('git=3 hpa=10 git=3 hpa=11 git=3');
  assert.deepEqual(event!.war.sides, [
    { manager: 'git', value: '3' },
    { manager: 'hpa', value: '11' },
  ]);
});

test('what a manager wrote before the war, and what changes nothing, is no part of it', () => {
  const before = play('git=1 git=2 git=3 hpa=10 git=3 hpa=10 git=3');
  assert.equal(before[0]!.war.writes, 5);
  assert.equal(before[0]!.war.since, Date.UTC(2026, 0, 1, 0, 2));
  assert.equal(play('git=3 hpa=10 git=3 git=3 oncall=3 hpa=10 git=3')[0]!.war.writes, 5);
});

test('writes an hour are not reckoned from less than a minute', () => {
  const detector = new WarDetector(rules);
  const events = [0, 1, 2, 3, 4].flatMap((second) => {
    const side = second % 2 === 0 ? { manager: 'git', value: '3' } : { manager: 'hpa', value: '10' };
    return detector.observe({ field: 'f', ...side, time: second * 1000 }) ?? [];
  });
  assert.equal(events[0]!.war.writesPerHour, 300);
  assert.equal(events[0]!.war.periodMs, 2000);
});

test('three managers in a circle', () => {
  const [event] = play('a=1 b=2 c=3 a=1 b=2 c=3 a=1');
  assert.deepEqual(event!.war.sides.map(({ manager }) => manager).sort(), ['a', 'b', 'c']);
});

test('a field that is removed and comes back', () => {
  assert.equal(play('a=1 b= a=1 b= a=1').length, 1);
});

test('a war is told once, and that it ended; another later is told anew', () => {
  const round = 'git=3 hpa=10 git=3 hpa=10 git=3 hpa=10 git=3';
  const types = play(`${round} +59 +2 ${round}`).map(({ type }) => type);
  assert.deepEqual(types, ['begun', 'ended', 'begun']);
});

test('a long war counts all of its writes in bounded memory', () => {
  const detector = new WarDetector(rules);
  play(Array.from({ length: 2000 }, (_, i) => (i % 2 ? 'b=2' : 'a=1')).join(' '), detector);
  const [war] = detector.wars;
  assert.equal(war!.writes, 2000);
  assert.equal(war!.since, Date.UTC(2026, 0, 1));
  assert.equal(Math.round(war!.periodMs), 2 * MINUTE);
});

test('fields that nobody writes are forgotten', () => {
  const detector = new WarDetector(rules);
  for (let i = 0; i < 100; i++) detector.observe({ field: `${i}`, manager: 'a', value: '1', time: 0 });
  assert.equal(detector.size, 100);
  detector.settle(rules.windowMs);
  assert.equal(detector.size, 0);
});

/** Writes of a field at growing times, a few seconds to minutes apart. */
const pauses = fc.array(fc.integer({ min: 1000, max: 3 * MINUTE }), { minLength: 1, maxLength: 60 });

function observed(writes: readonly Omit<FieldWrite, 'field'>[], withRules = rules): WarEvent[] {
  const detector = new WarDetector(withRules);
  return writes.flatMap((write) => detector.observe({ ...write, field: 'f' }) ?? []);
}

test('random: what one manager does alone is never a war', () => {
  fc.assert(
    fc.property(pauses, fc.infiniteStream(fc.integer({ min: 0, max: 3 })), (gaps, values) => {
      let time = 0;
      const writes = gaps.map((gap) => ({ manager: 'hpa', value: `${values.next().value}`, time: (time += gap) }));
      return observed(writes).length === 0;
    }),
    { numRuns: 2000 },
  );
});

test('random: values that only grow are never a war, whoever writes', () => {
  fc.assert(
    fc.property(pauses, fc.infiniteStream(fc.constantFrom('a', 'b', 'c', undefined)), (gaps, managers) => {
      let time = 0;
      const writes = gaps.map((gap, i) => ({ manager: managers.next().value, value: `${i}`, time: (time += gap) }));
      return observed(writes).length === 0;
    }),
    { numRuns: 2000 },
  );
});

test('random: a planted war is found, among writes of other fields and of others before', () => {
  const noise = fc.record({ field: fc.constantFrom('x', 'y'), value: fc.constantFrom('1', '2') });
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 5 }),
      fc.integer({ min: 2, max: 4 }),
      fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 20 }),
      fc.infiniteStream(fc.array(noise, { maxLength: 3 })),
      (sides, returns, before, noises) => {
        const detector = new WarDetector({ ...rules, returns });
        const events: WarEvent[] = [];
        let time = 0;
        const write = (manager: string, value: string): void => {
          for (const one of noises.next().value) detector.observe({ ...one, manager: 'n', time });
          time += 10_000;
          const event = detector.observe({ field: 'f', manager, value, time });
          if (event !== undefined) events.push(event);
        };
        for (const value of before) write('ci', `old${value}`);
        const needed = sides * returns + 1;
        for (let i = 0; i < needed; i++) {
          write(`m${i % sides}`, `v${i % sides}`);
          if (i < needed - 1 && events.length > 0) return false;
        }
        return events.length === 1 && events[0]!.war.sides.length >= sides;
      },
    ),
    { numRuns: 2000 },
  );
});
