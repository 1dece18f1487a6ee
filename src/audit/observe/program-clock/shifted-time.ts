// Loaded by Node before a program (`--import`): the program's time is the machine's and as much more as the audit says, over the
// socket that NEKUBE_AUDIT_CLOCK names.
import { syncBuiltinESMExports } from 'node:module';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import nodeTimers from 'node:timers';
import timersPromises from 'node:timers/promises';
import { promisify } from 'node:util';

type Call = (...args: unknown[]) => void;

/** A timer that waits, in the program's own time. */
interface Waiting {
  due: number;
  /** Undefined: it fires once. */
  readonly every: number | undefined;
  readonly fire: () => void;
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;

const RealDate = Date;
const real = {
  dateNow: Date.now.bind(Date),
  now: performance.now.bind(performance),
  setTimeout: globalThis.setTimeout,
  setInterval: globalThis.setInterval,
  clearTimeout: globalThis.clearTimeout,
  setImmediate: globalThis.setImmediate,
  hrtime: process.hrtime,
  hrtimeBigint: process.hrtime.bigint.bind(process.hrtime),
};

let shiftMs = 0;
const waiting = new Map<NodeJS.Timeout, Waiting>();
const elapsed = (): number => real.now() + shiftMs;

function added(timer: NodeJS.Timeout, one: Waiting, ms: number): NodeJS.Timeout {
  waiting.set(timer, one);
  const refresh = timer.refresh.bind(timer);
  timer.refresh = () => {
    waiting.set(timer, { ...one, due: elapsed() + ms });
    return refresh();
  };
  return timer;
}

function laterOnce(call: Call, ms = 1, ...args: unknown[]): NodeJS.Timeout {
  if (typeof call !== 'function') return real.setTimeout(call, ms);
  const wait = Math.min(Math.max(1, Number(ms) || 1), LONGEST_TIMER_MS);
  const fire = (): void => {
    waiting.delete(timer);
    call(...args);
  };
  const timer: NodeJS.Timeout = real.setTimeout(fire, wait);
  return added(timer, { due: elapsed() + wait, every: undefined, fire }, wait);
}

function again(call: Call, ms = 1, ...args: unknown[]): NodeJS.Timeout {
  if (typeof call !== 'function') return real.setInterval(call, ms);
  const every = Math.min(Math.max(1, Number(ms) || 1), LONGEST_TIMER_MS);
  const timer: NodeJS.Timeout = real.setInterval(() => {
    const one = waiting.get(timer);
    if (one !== undefined) one.due = elapsed() + every;
    call(...args);
  }, every);
  return added(timer, { due: elapsed() + every, every, fire: () => call(...args) }, every);
}

function cancel(timer: NodeJS.Timeout | string | number | undefined): void {
  if (typeof timer === 'object') waiting.delete(timer);
  real.clearTimeout(timer);
}

interface WaitOptions {
  readonly signal?: AbortSignal;
  readonly ref?: boolean;
}

function wait<T>(ms?: number, value?: T, { signal, ref = true }: WaitOptions = {}): Promise<T> {
  return new Promise((resolve, reject) => {
    const aborted = (): Error =>
      Object.assign(new Error('The operation was aborted'), ABORTED, { cause: signal?.reason });
    if (signal?.aborted) return reject(aborted());
    const abort = (): void => {
      cancel(timer);
      reject(aborted());
    };
    const timer = laterOnce(() => {
      signal?.removeEventListener('abort', abort);
      resolve(value as T);
    }, ms);
    if (!ref) timer.unref();
    signal?.addEventListener('abort', abort, { once: true });
  });
}

const ABORTED = { name: 'AbortError', code: 'ABORT_ERR' };

async function* ticks<T>(ms?: number, value?: T, options?: WaitOptions): AsyncGenerator<T> {
  for (;;) yield wait(ms, value as T, options);
}

/**
 * Lets time pass at once, as for a machine that slept: what was due meanwhile is called then, in its order, an interval once. What is set
 * by that waits from the end on, so that a request that is sent then is not late before it can be answered.
 */
async function advance(ms: number): Promise<void> {
  shiftMs += ms;
  const now = elapsed();
  const due = [...waiting].filter(([timer, one]) => one.due <= now && !isDestroyed(timer));
  for (const [timer, one] of due.sort(([, a], [, b]) => a.due - b.due)) {
    if (!waiting.has(timer)) continue;
    if (one.every === undefined) real.clearTimeout(timer);
    else one.due = now + one.every;
    one.fire();
    await new Promise((resolve) => real.setImmediate(resolve));
  }
  keepTime();
}

/** Ended by means that do not pass here, as `close`. */
function isDestroyed(timer: NodeJS.Timeout): boolean {
  const { _destroyed } = timer as unknown as { readonly _destroyed?: boolean };
  if (_destroyed === true) waiting.delete(timer);
  return _destroyed === true;
}

let keeping: NodeJS.Timeout | undefined;

/** Timers of the machine know nothing of time that was skipped: those that are due earlier than by them are called here. */
function keepTime(): void {
  real.clearTimeout(keeping);
  const dues = [...waiting.values()].filter(({ every }) => every === undefined).map(({ due }) => due);
  if (dues.length === 0) return;
  const ms = Math.min(Math.max(1, Math.min(...dues) - elapsed()), LONGEST_TIMER_MS);
  keeping = real.setTimeout(() => void advance(0), ms).unref();
}

function install(): void {
  const now = (): number => real.dateNow() + shiftMs;
  const Shifted = new Proxy(RealDate, {
    construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    apply: () => new RealDate(now()).toString(),
  });
  RealDate.now = () => Math.floor(now());
  RealDate.prototype.constructor = Shifted;
  Object.defineProperty(performance, 'now', { value: elapsed, configurable: true, writable: true });
  const hrtimeBigint = (): bigint => real.hrtimeBigint() + BigInt(Math.round(shiftMs * 1e6));
  process.hrtime = Object.assign(
    (before?: [number, number]): [number, number] => {
      const [seconds, nanos] = before ?? [0, 0];
      const ns = hrtimeBigint() - (BigInt(seconds) * 1_000_000_000n + BigInt(nanos));
      return [Number(ns / 1_000_000_000n), Number(ns % 1_000_000_000n)];
    },
    { bigint: hrtimeBigint },
  ) as NodeJS.HRTime;
  Object.defineProperty(laterOnce, promisify.custom, { value: wait });
  const timers = { setTimeout: laterOnce, setInterval: again, clearTimeout: cancel, clearInterval: cancel };
  Object.assign(globalThis, { Date: Shifted, ...timers });
  Object.assign(nodeTimers, timers);
  Object.assign(timersPromises, { setTimeout: wait, setInterval: ticks });
  Object.defineProperty(timersPromises.scheduler, 'wait', {
    value: (ms: number, o?: WaitOptions) => wait(ms, undefined, o),
  });
  syncBuiltinESMExports();
}

/** Tells the audit that time can be advanced here, and does so when asked. */
function listen(path: string): void {
  const socket = connect(path).unref();
  socket.on('error', () => {});
  createInterface({ input: socket, terminal: false }).on('line', (line) => {
    void advance(Number(line)).then(() => socket.write('done\n'));
  });
}

const path = process.env.NEKUBE_AUDIT_CLOCK;
if (path !== undefined) {
  install();
  listen(path);
}
