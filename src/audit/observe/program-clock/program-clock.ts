import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { makeTemporaryFolder, removeTemporaryFolder } from 'nekube/files';

const SHIM = new URL('./shifted-time.js', import.meta.url).href;
/** A program that does not answer in this time is not waited for. */
const LONGEST_MS = 5000;

/**
 * The time of programs of Node: whatever of Node is started with {@link env} says so, and can then be told to go on in time. Programs of
 * other kinds do not take notice.
 */
export class ProgramClock {
  readonly #dir = makeTemporaryFolder('nekube-clock');
  readonly #server: Server;
  readonly #programs = new Set<Socket>();

  private constructor() {
    this.#server = createServer((socket) => {
      this.#programs.add(socket);
      socket.on('error', () => {});
      socket.once('close', () => this.#programs.delete(socket));
    });
  }

  static async open(): Promise<ProgramClock> {
    const clock = new ProgramClock();
    await new Promise<void>((resolve, reject) => {
      clock.#server.once('error', reject).listen(clock.#path, resolve);
    });
    clock.#server.unref();
    return clock;
  }

  /** What the program needs, beside its own options for Node. */
  env(options: string | undefined): Readonly<Record<string, string>> {
    return { NEKUBE_AUDIT_CLOCK: this.#path, NODE_OPTIONS: [options, `--import=${SHIM}`].filter(Boolean).join(' ') };
  }

  /** Whether there is a program whose time can be advanced. */
  get hasPrograms(): boolean {
    return this.#programs.size > 0;
  }

  /** Lets time pass for the programs, and waits until they have done what was due. */
  async advance(ms: number): Promise<void> {
    await Promise.all(
      [...this.#programs].map(
        (socket) =>
          new Promise<void>((resolve) => {
            const done = (): void => {
              clearTimeout(late);
              socket.off('data', done).off('close', done);
              resolve();
            };
            const late = setTimeout(done, LONGEST_MS);
            socket.on('data', done).on('close', done);
            socket.write(`${ms}\n`);
          }),
      ),
    );
  }

  close(): void {
    for (const socket of this.#programs) socket.destroy();
    this.#server.close();
    removeTemporaryFolder(this.#dir);
  }

  get #path(): string {
    return join(this.#dir, 'clock');
  }
}
