import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from 'nekube/client';
import type { Container } from '../pod/container.ts';
import { ContainerProbes } from './container-probes.ts';

const exec = { exec: { command: ['true'] } };

/** Lets time pass while probes find what `isWell` says at each second; gives what was found, `SECOND kind result`. */
async function watched(
  container: Partial<Container>,
  seconds: number,
  isWell: (second: number) => boolean,
): Promise<{ readonly found: string[]; readonly told: number; readonly clock: FakeClock }> {
  const clock = new FakeClock();
  const found: string[] = [];
  let told = 0;
  const second = (): number => clock.elapsed() / 1000;
  const probes = new ContainerProbes({
    container: { name: 'c', image: 'i', ...container },
    clock,
    run: async () => ({ result: isWell(second()) ? 'success' : 'failure', output: '' }),
    found: (kind, result) => void found.push(`${second()} ${kind} ${result}`),
    tell: () => void told++,
  });
  await clock.advance(seconds * 1000);
  probes.stop();
  return { found, told, clock };
}

test('a container that is up in a moment is ready soon after', async () => {
  const { found } = await watched({ readinessProbe: exec }, 9, (second) => second >= 0.15);
  assert.deepEqual(found, ['0.2 readiness passed']);
});

test('early failures do not count, and are not told', async () => {
  const { found, told } = await watched({ readinessProbe: exec }, 9, () => false);
  assert.deepEqual(found, []);
  assert.equal(told, 0);
});

test('readiness goes with so many failures in a row, and comes back', async () => {
  const readinessProbe = { ...exec, periodSeconds: 10, failureThreshold: 2 };
  const { found } = await watched({ readinessProbe }, 65, (second) => second < 5 || second > 35);
  assert.deepEqual(found, [
    '0.05 readiness passed',
    '20 readiness failed',
    '30 readiness failed',
    '40 readiness passed',
    '50 readiness passed',
    '60 readiness passed',
  ]);
});

test('life fails once, and is not asked for any more', async () => {
  const livenessProbe = { ...exec, periodSeconds: 5, initialDelaySeconds: 10, failureThreshold: 3 };
  const { found, clock } = await watched({ livenessProbe }, 60, () => false);
  assert.deepEqual(found, ['20 liveness failed']);
  assert.equal(clock.waiting, 0);
});

test('until it has started nothing else is asked, and then from there', async () => {
  const startupProbe = { ...exec, periodSeconds: 2, failureThreshold: 30 };
  const livenessProbe = { ...exec, periodSeconds: 10 };
  const { found } = await watched({ startupProbe, livenessProbe }, 20, (second) => second >= 7);
  assert.deepEqual(found, ['8 startup passed', '8 liveness passed', '18 liveness passed']);
});
