import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from 'nekube/apimachinery';
import { type Clock, FakeClock } from 'nekube/client';
import { LeaderElector } from './leader-elector.ts';
import { type Network, ScriptedLeases } from './scripted-leases.ts';

const SEED = Number(process.env.NEKUBE_SEED ?? 1);
const ROUNDS = 40;
const ROUND_MS = 5 * 60_000;
const STEP_MS = 250;
/** A lease, two tries of those who wait, and answers that take their time. */
const REGAINED_MS = 15_000 + 2 * 4400 + 10_000;

/** A machine: its clock, its network, and the process on it, which is started again when it ends. */
class Machine {
  readonly name: string;
  /** How bad things are: 0 is fine. */
  trouble = 1;
  isCut = false;
  offsetMs = 0;
  readonly #random: () => number;
  readonly #truth: FakeClock;
  readonly #leases: ScriptedLeases;
  #elector: LeaderElector | undefined;
  #lead: AbortSignal | undefined;
  #abort = new AbortController();

  constructor(name: string, random: () => number, truth: FakeClock, leases: ScriptedLeases) {
    this.name = name;
    this.#random = random;
    this.#truth = truth;
    this.#leases = leases;
  }

  get isLeader(): boolean {
    return this.#elector?.isLeader === true || (this.#lead !== undefined && !this.#lead.aborted);
  }

  /** Runs the process until it ends. */
  start(): void {
    if (this.#elector !== undefined) return;
    const base = this.#random() * 1e9;
    const truth = this.#truth;
    const clock: Clock = {
      now: () => truth.now() + this.offsetMs,
      elapsed: () => truth.elapsed() + base,
      after: (ms, call) => truth.after(ms, call),
    };
    this.#abort = new AbortController();
    const elector = new LeaderElector({
      name: 'lease',
      identity: `${this.name}-${Math.floor(this.#random() * 1e6)}`,
      client: this.#leases.client(this.#network()),
      clock,
      random: this.#random,
      // a leader that leads for as long as others wait: the least bit too long is seen
      renewDeadlineMs: 13_000,
    });
    this.#elector = elector;
    const end = (): void => {
      this.#elector = undefined;
      this.#lead = undefined;
    };
    void elector.run(this.#abort.signal, (signal) => (this.#lead = signal)).then(end, end);
  }

  /** Asks the process to end in good order. */
  stop(): void {
    this.#lead = undefined;
    this.#abort.abort();
  }

  #network(): Network {
    const random = this.#random;
    return {
      isCut: () => this.isCut,
      delayMs: () => (random() < 0.3 * this.trouble ? random() * 6000 : random() * 100),
      fault: () => {
        const dice = random();
        if (dice < 0.05 * this.trouble) return 'conflict';
        if (dice < 0.1 * this.trouble) return 'error';
        return dice < 0.15 * this.trouble ? 'lost' : undefined;
      },
    };
  }
}

test('whatever networks and clocks do, nobody leads beside another, and somebody leads when they are well again', async () => {
  let led = 0;
  for (let round = 0; round < ROUNDS; round++) led += await schedule(SEED + round);
  assert.ok(led > 0.3 * ROUNDS * (ROUND_MS / STEP_MS), `NEKUBE_SEED=${SEED}: hardly anybody ever led`);
});

/** @returns in how many steps somebody led */
async function schedule(seed: number): Promise<number> {
  const random = seededRandom(seed);
  const truth = new FakeClock();
  const leases = new ScriptedLeases(truth);
  const machines = ['a', 'b', 'c'].map((name) => new Machine(name, random, truth, leases));
  let led = 0;
  const step = async (): Promise<void> => {
    await truth.advance(STEP_MS);
    const leaders = machines.filter(({ isLeader }) => isLeader).map(({ name }) => name);
    assert.ok(
      leaders.length <= 1,
      `NEKUBE_SEED=${seed} at ${truth.elapsed()} ms: leaders are ${leaders.join(' and ')}`,
    );
    led += leaders.length;
  };
  for (let at = 0; at < ROUND_MS; at += STEP_MS) {
    for (const machine of machines) disturb(machine, random);
    await step();
  }
  for (const machine of machines) Object.assign(machine, { trouble: 0, isCut: false });
  for (let at = 0; at < REGAINED_MS && !machines.some(({ isLeader }) => isLeader); at += STEP_MS) {
    for (const machine of machines) machine.start();
    await step();
  }
  assert.ok(
    machines.some(({ isLeader }) => isLeader),
    `NEKUBE_SEED=${seed}: nobody leads, ${JSON.stringify(leases.lease)}`,
  );
  return led;
}

function disturb(machine: Machine, random: () => number): void {
  if (random() < 0.05) machine.start();
  if (random() < 0.005) machine.stop();
  if (random() < (machine.isCut ? 0.01 : 0.01)) machine.isCut = !machine.isCut;
  if (random() < 0.01) machine.offsetMs = (random() - 0.5) * 86_400_000;
  if (random() < 0.01) machine.trouble = random() < 0.5 ? 0 : 1;
}
