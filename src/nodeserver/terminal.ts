import { Duplex } from 'node:stream';
import type { TerminalSize } from 'nekube/streaming';
import type { CommandLine } from './host.ts';

/** A command on a terminal of its own. */
export interface TerminalCommand {
  /** What is typed, and what is shown. */
  readonly screen: Duplex;
  resize(size: TerminalSize): void;
  kill(): void;
  /** Resolves with its exit code. */
  readonly exited: Promise<number>;
}

/** Starts a command on a pseudo-terminal. @throws Error where this machine has none, or no such program */
export async function startOnTerminal({ argv, env, cwd }: CommandLine): Promise<TerminalCommand> {
  // native code, which is loaded by nobody who needs no terminal
  const { spawn } = await import('@lydell/node-pty');
  const [program = '', ...args] = argv;
  const terminal = spawn(program, args, {
    name: env.TERM ?? 'xterm',
    cwd,
    env: { TERM: 'xterm', ...env },
    encoding: null,
  });
  const screen = new Duplex({
    read: () => terminal.resume(),
    write: (chunk: Buffer, _encoding, done) => {
      terminal.write(chunk as never);
      done();
    },
    final: (done) => {
      // the end of input is a key on a terminal
      terminal.write('\x04');
      done();
    },
  });
  terminal.onData((data) => {
    if (!screen.push(Buffer.from(data))) terminal.pause();
  });
  const exited = new Promise<number>((resolve) => {
    terminal.onExit(({ exitCode, signal }) => {
      screen.push(null);
      resolve(signal ? 128 + signal : exitCode);
    });
  });
  return {
    screen,
    resize: ({ Width, Height }) => {
      if (Width > 0 && Height > 0) terminal.resize(Width, Height);
    },
    kill: () => terminal.kill('SIGKILL'),
    exited,
  };
}
