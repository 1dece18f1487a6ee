/** What a program of the assets sees of the world; tests hand in their own. */
export interface ProgramIo {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** The folder that relative paths start from. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted when the program is told to end. */
  readonly signal: AbortSignal;
}

/**
 * Runs a program with the world of this process, and ends the process with its exit code. Who reads what it says may
 * leave: that is no reason to end.
 */
export async function runProgram(main: (args: readonly string[], io: ProgramIo) => Promise<number>): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());
  const code = await main(process.argv.slice(2), {
    stdout: writer('stdout'),
    stderr: writer('stderr'),
    cwd: process.cwd(),
    env: process.env,
    signal: stop.signal,
  });
  process.exitCode = code;
  // open connections must not keep a program alive that was told to end
  if (stop.signal.aborted || code !== 0) process.exit();
}

/** Node makes a stream when it is first looked at. */
function writer(name: 'stdout' | 'stderr'): (text: string) => void {
  let stream: NodeJS.WriteStream | undefined;
  return (text) => {
    stream ??= process[name].on('error', () => {});
    stream.write(text);
  };
}

/** Resolves when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    else signal.addEventListener('abort', () => done(), { once: true });
  });
}
