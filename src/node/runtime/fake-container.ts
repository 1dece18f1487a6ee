import { randomBytes } from 'node:crypto';
import type { Clock } from 'nekube/client';
import type { Image } from '../images/image-map.ts';
import type { Exit } from '../pod/record.ts';
import type { RunningContainer } from './running-container.ts';

/** The exit codes of what a signal ended: 128 and its number. */
const SIGTERM_CODE = 143;
const SIGKILL_CODE = 137;

/** A container without a process: it runs until it is stopped, or for as long as its image says. */
export function startFake({ exitCode, afterSeconds }: NonNullable<Image['fake']>, clock: Clock): RunningContainer {
  let end: (exit: Exit) => void = () => {};
  const exited = new Promise<Exit>((resolve) => (end = resolve));
  const exit = (code: number): void => {
    cancel?.();
    end({ code, reason: code === 0 ? 'Completed' : 'Error', at: clock.now() });
  };
  const cancel = exitCode === undefined ? undefined : clock.after(afterSeconds * 1000, () => exit(exitCode));
  return {
    id: randomBytes(32).toString('hex'),
    startedAt: clock.now(),
    exited,
    signal: (name) => exit(name === 'SIGKILL' ? SIGKILL_CODE : SIGTERM_CODE),
    kill: () => exit(SIGKILL_CODE),
  };
}
