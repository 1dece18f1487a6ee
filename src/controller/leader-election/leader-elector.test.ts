import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from 'nekube/client';
import { LeaderElector, type LeaderElectorParts, LeadershipLostError } from './leader-elector.ts';
import { type Network, ScriptedLeases } from './scripted-leases.ts';

const FINE: Network = { isCut: () => false, delayMs: () => 1, fault: () => undefined };

/** A candidate that runs. */
interface Candidate {
  readonly elector: LeaderElector;
  /** Resolves with what its run rejected with; undefined: nothing. */
  readonly ended: Promise<unknown>;
  readonly leadSignals: AbortSignal[];
  stop(): void;
}

function newCandidate(
  leases: ScriptedLeases,
  clock: FakeClock,
  identity: string,
  parts: Partial<LeaderElectorParts> & { network?: Network } = {},
): Candidate {
  const { network = FINE, ...rest } = parts;
  const client = leases.client(network);
  const elector = new LeaderElector({ name: 'lease', identity, client, clock, random: () => 0.5, ...rest });
  const abort = new AbortController();
  const leadSignals: AbortSignal[] = [];
  const ended = elector
    .run(abort.signal, (signal) => leadSignals.push(signal))
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  return { elector, ended, leadSignals, stop: () => abort.abort() };
}

function newElection(): { clock: FakeClock; leases: ScriptedLeases } {
  const clock = new FakeClock();
  return { clock, leases: new ScriptedLeases(clock) };
}

test('the first candidate makes the lease, and leads', async () => {
  const { clock, leases } = newElection();
  const seen: string[] = [];
  const a = newCandidate(leases, clock, 'a', { onNewLeader: (leader) => seen.push(leader) });
  await clock.advance(10);
  assert.equal(a.elector.isLeader, true);
  assert.deepEqual(leases.lease?.spec, {
    holderIdentity: 'a',
    leaseDurationSeconds: 15,
    acquireTime: '2026-01-01T00:00:00.001000Z',
    renewTime: '2026-01-01T00:00:00.001000Z',
    leaseTransitions: 0,
  });
  assert.deepEqual(seen, ['a']);
});

test('the leader renews every retry period by one request, and keeps when it began', async () => {
  const { clock, leases } = newElection();
  newCandidate(leases, clock, 'a');
  await clock.advance(20_100);
  assert.equal(leases.writes, 11);
  assert.equal(leases.lease?.spec?.acquireTime, '2026-01-01T00:00:00.001000Z');
  assert.match(leases.lease?.spec?.renewTime ?? '', /^2026-01-01T00:00:20/);
});

test('a second candidate waits as long as the leader renews', async () => {
  const { clock, leases } = newElection();
  const a = newCandidate(leases, clock, 'a');
  await clock.advance(10);
  const b = newCandidate(leases, clock, 'b');
  await clock.advance(120_000);
  assert.deepEqual([a.elector.isLeader, b.elector.isLeader, b.elector.leader], [true, false, 'a']);
});

test('a lease that is let go of is taken at the next try, and the change is counted', async () => {
  const { clock, leases } = newElection();
  const a = newCandidate(leases, clock, 'a');
  await clock.advance(10);
  const b = newCandidate(leases, clock, 'b');
  await clock.advance(5000);
  a.stop();
  await clock.advance(10);
  assert.equal(leases.lease?.spec?.holderIdentity, undefined);
  assert.equal(leases.lease?.spec?.leaseDurationSeconds, 1);
  assert.equal(await a.ended, undefined);
  assert.equal(a.leadSignals[0]?.aborted, true);
  await clock.advance(2000 * 2.2);
  assert.equal(b.elector.isLeader, true);
  assert.equal(leases.lease?.spec?.leaseTransitions, 1);
});

test('a leader that vanishes is followed when its lease has stood for its duration', async () => {
  const { clock, leases } = newElection();
  let isCut = false;
  const a = newCandidate(leases, clock, 'a', { network: { ...FINE, isCut: () => isCut } });
  await clock.advance(10);
  const b = newCandidate(leases, clock, 'b');
  await clock.advance(5000);
  isCut = true;
  await clock.advance(12_000);
  assert.ok((await a.ended) instanceof LeadershipLostError);
  assert.equal(a.leadSignals[0]?.aborted, true);
  assert.equal(b.elector.isLeader, false);
  await clock.advance(8000);
  assert.equal(b.elector.isLeader, true);
});

test('a leader survives answers of failure that end before its deadline', async () => {
  const { clock, leases } = newElection();
  let fails = false;
  const a = newCandidate(leases, clock, 'a', { network: { ...FINE, fault: () => (fails ? 'error' : undefined) } });
  await clock.advance(10);
  fails = true;
  await clock.advance(9000);
  fails = false;
  await clock.advance(60_000);
  assert.equal(a.elector.isLeader, true);
  assert.equal(a.leadSignals[0]?.aborted, false);
});

test('a conflict makes the leader look, and go on if the lease is still its own', async () => {
  const { clock, leases } = newElection();
  let faults = 1;
  const a = newCandidate(leases, clock, 'a', {
    network: { ...FINE, fault: () => (leases.writes === 3 && faults-- > 0 ? 'conflict' : undefined) },
  });
  await clock.advance(30_000);
  assert.equal(a.elector.isLeader, true);
  assert.equal(leases.lease?.spec?.leaseTransitions, 0);
});

test('a leader that sees somebody else in its lease stops at once', async () => {
  const { clock, leases } = newElection();
  const a = newCandidate(leases, clock, 'a');
  await clock.advance(10);
  const client = leases.client(FINE);
  const stolen = { ...leases.lease!, spec: { ...leases.lease!.spec, holderIdentity: 'thief' } };
  void client.update(stolen);
  await clock.advance(2100);
  assert.ok((await a.ended) instanceof LeadershipLostError);
});

test('candidates whose clocks are hours apart do not take what is held', async () => {
  const { clock, leases } = newElection();
  const a = newCandidate(leases, clock, 'a');
  await clock.advance(10);
  const ahead = {
    now: () => clock.now() + 7_200_000,
    elapsed: () => clock.elapsed() + 5e9,
    after: clock.after.bind(clock),
  };
  const b = newCandidate(leases, clock, 'b', { clock: ahead });
  await clock.advance(60_000);
  clock.set(clock.now() - 86_400_000);
  await clock.advance(60_000);
  assert.deepEqual([a.elector.isLeader, b.elector.isLeader], [true, false]);
});

test('a candidate that is told to stop while it waits ends, and nobody minds', async () => {
  const { clock, leases } = newElection();
  newCandidate(leases, clock, 'a');
  await clock.advance(10);
  const b = newCandidate(leases, clock, 'b');
  await clock.advance(10);
  b.stop();
  await clock.advance(10);
  assert.equal(await b.ended, undefined);
  assert.deepEqual(b.leadSignals, []);
});

test('a leader that should have ended is found by its health check', async () => {
  const { clock, leases } = newElection();
  let isCut = false;
  const a = newCandidate(leases, clock, 'a', { network: { ...FINE, isCut: () => isCut } });
  await clock.advance(10);
  isCut = true;
  a.elector.check();
  await clock.advance(36_000);
  assert.throws(() => a.elector.check(), /failed election to renew leadership on lease lease/);
});

for (const [parts, message] of [
  [{ leaseDurationMs: 10_000 }, /leaseDurationMs must be greater than renewDeadlineMs/],
  [{ retryPeriodMs: 9000 }, /renewDeadlineMs must be greater than retryPeriodMs \* 1.2/],
  [{ leaseDurationMs: 900 }, /leaseDurationMs must be at least 1000/],
  [{ renewDeadlineMs: 0 }, /renewDeadlineMs must be greater than zero/],
  [{ retryPeriodMs: 0 }, /retryPeriodMs must be greater than zero/],
  [{ identity: '' }, /identity must not be empty/],
] as const) {
  test(`times and names that do not fit are refused: ${message.source}`, () => {
    const { leases } = newElection();
    assert.throws(() => new LeaderElector({ name: 'lease', client: leases.client(FINE), ...parts }), message);
  });
}

test('a leader that lets go leaves a lease alone that somebody else has taken', async () => {
  const { clock, leases } = newElection();
  const a = newCandidate(leases, clock, 'a');
  await clock.advance(100);
  assert.equal(a.elector.isLeader, true);
  const lease = leases.lease!;
  const taken = leases.client(FINE).update({ ...lease, spec: { ...lease.spec, holderIdentity: 'b' } });
  await clock.advance(10);
  await taken;
  a.stop();
  await clock.advance(100);
  await a.ended;
  assert.equal(leases.lease?.spec?.holderIdentity, 'b');
});
