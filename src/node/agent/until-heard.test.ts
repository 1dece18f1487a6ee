import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { Clock } from 'nekube/client';
import type { PodAttachment } from 'nekube/network';
import { freePort } from '../../../tools/free-ports.mjs';
import type { Container } from '../pod/container.ts';
import type { Exit } from '../pod/record.ts';
import { untilHeard } from './until-heard.ts';

const linuxOnly = { skip: process.platform !== 'linux' && 'needs /proc' };

/** A clock that goes on when it is waited for, upon which something happens first. */
function clockThat(does: (look: number) => Promise<void> | void): Clock & { readonly looks: () => number } {
  let now = 0;
  let looks = 0;
  return {
    now: () => now,
    elapsed: () => now,
    after(ms, call) {
      now += ms;
      void Promise.resolve(does(++looks)).then(call);
      return () => {};
    },
    looks: () => looks,
  };
}

/** A TCP and a UDP port that nobody has by now, and what has somebody listen on them. */
async function portToListenOn(t: TestContext): Promise<{ port: number; listen: () => Promise<void> }> {
  const port = await freePort();
  return {
    port,
    async listen() {
      const server = createServer().listen(port);
      const socket = createSocket('udp4').bind(port);
      t.after(() => void (server.close(), socket.close()));
      await Promise.all([once(server, 'listening'), once(socket, 'listening')]);
    },
  };
}

/** Waits for a container of this process; gives how many times it was waited. */
async function looksUntilHeard(
  container: Partial<Container>,
  {
    clock = clockThat(() => {}),
    isInit = false,
    isWanted = (): boolean => true,
    exited = new Promise<Exit>(() => {}),
  } = {},
): Promise<number> {
  const attachment = { dial: async (port: number) => ({ host: '127.0.0.1', port }) } as PodAttachment;
  const running = { id: '', startedAt: 0, pid: process.pid, exited, signal: () => {}, kill: () => {} };
  const whole = { name: 'c', image: 'i', ...container };
  await untilHeard(running, { container: whole, isInit, attachment, clock, isWanted });
  return clock.looks();
}

test('a program is waited for until it listens, by TCP and by UDP', linuxOnly, async (t) => {
  for (const protocol of ['TCP', 'UDP'] as const) {
    const { port, listen } = await portToListenOn(t);
    const clock = clockThat((look) => (look === 3 ? listen() : undefined));
    const container = { ports: [{ containerPort: port, protocol }] };
    assert.equal(await looksUntilHeard(container, { clock }), 3);
  }
});

test(
  'a program that does not listen is waited for a second, and not longer than it runs or is wanted',
  linuxOnly,
  async (t) => {
    const { port } = await portToListenOn(t);
    const container = { ports: [{ containerPort: port }] };
    const clock = clockThat(() => {});
    await looksUntilHeard(container, { clock });
    assert.equal(clock.elapsed(), 1000);
    let end = (_exit: Exit): void => {};
    const exited = new Promise<Exit>((resolve) => (end = resolve));
    const ending = clockThat((look) => (look === 2 ? end({ code: 1, reason: 'Error', at: 0 }) : undefined));
    assert.equal(await looksUntilHeard(container, { clock: ending, exited }), 2);
    let isWanted = true;
    const deleting = clockThat((look) => void (look === 2 && (isWanted = false)));
    assert.equal(await looksUntilHeard(container, { clock: deleting, isWanted: () => isWanted }), 2);
  },
);

const unwaited: readonly { readonly name: string; readonly more: Partial<Container>; readonly isInit?: boolean }[] = [
  { name: 'without ports', more: { ports: [] } },
  {
    name: 'with a port of SCTP, of which nothing can be told',
    more: { ports: [{ containerPort: 1, protocol: 'SCTP' }] },
  },
  { name: 'with a readiness probe', more: { readinessProbe: {} } },
  { name: 'with a startup probe', more: { startupProbe: {} } },
  { name: 'with a hook after its start', more: { lifecycle: { postStart: {} } } },
  { name: 'that runs before the others', more: {}, isInit: true },
];
for (const { name, more, isInit = false } of unwaited)
  test(`a container ${name} is not waited for`, async () => {
    // nobody listens on the first port, which is the system's
    assert.equal(await looksUntilHeard({ ports: [{ containerPort: 1 }], ...more }, { isInit }), 0);
  });
