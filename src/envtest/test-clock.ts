import { type Clock, FakeClock, sleep, systemClock } from 'nekube/client';

/** A clock of a test, of which it can be waited that time passes: at once if it is a fake one, else as long as it takes. */
export interface TestClock extends Clock {
  advance(ms: number): Promise<void>;
}

/** The clock that a test asks for: its own, a fake one, or the system's. */
export function testClock(asked: FakeClock | 'fake' | 'system'): TestClock {
  if (asked === 'fake') return new FakeClock();
  if (asked !== 'system') return asked;
  return { ...systemClock, advance: (ms) => sleep(ms) };
}
