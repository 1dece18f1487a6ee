import { type ChildProcess, spawn } from 'node:child_process';
import type { TestUser } from 'nekube/envtest';
import { foreignConnections } from './egress.ts';
import type { Operator, RunningOperator } from './session.ts';

/** How an operator is started as a local process. */
export interface ProcessOptions {
  readonly user: TestUser;
  readonly command: string;
  readonly args: readonly string[];
  /** Added to this process's own. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Gets what it prints, piece by piece. */
  readonly onOutput?: (text: string) => void;
}

const STOP_MS = 10_000;
const LOOK_EVERY_MS = 50;
/** Of what it printed last, so much is kept for messages. */
const KEPT_CHARACTERS = 2000;

/** An operator that is a program: it is started with `KUBECONFIG`, in a process group of its own, which ends with it. */
export function processOperator(options: ProcessOptions): Operator {
  return { user: options.user, start: (kubeconfig) => startProcess(options, kubeconfig) };
}

async function startProcess(options: ProcessOptions, kubeconfig: string): Promise<RunningOperator> {
  const { command, args, env, cwd, onOutput } = options;
  const child = spawn(command, args, {
    env: { ...process.env, ...env, KUBECONFIG: kubeconfig },
    ...(cwd !== undefined && { cwd }),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const running = new ProcessAtWork(child);
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      running.said(text);
      onOutput?.(text);
    });
  }
  return running;
}

class ProcessAtWork implements RunningOperator {
  readonly #child: ChildProcess;
  readonly #over: Promise<void>;
  readonly #looking: NodeJS.Timeout;
  readonly #egress = new Set<string>();
  #last = '';
  #ended: string | undefined;
  #isStopping = false;

  constructor(child: ChildProcess) {
    this.#child = child;
    this.#over = new Promise((resolve) => {
      child.once('error', (error) => {
        this.#ended = error.message;
        resolve();
      });
      child.once('close', (code, signal) => {
        this.#ended ??=
          signal === null ? `exit code ${code}${this.#lastWords()}` : `signal ${signal}${this.#lastWords()}`;
        resolve();
      });
    });
    this.#looking = setInterval(() => {
      if (child.pid !== undefined) for (const one of foreignConnections(child.pid)) this.#egress.add(one);
    }, LOOK_EVERY_MS);
  }

  get ended(): string | undefined {
    return this.#isStopping ? undefined : this.#ended;
  }

  get egress(): readonly string[] {
    return [...this.#egress].sort();
  }

  /** Keeps the end of what it prints. */
  said(text: string): void {
    this.#last = `${this.#last}${text}`.slice(-KEPT_CHARACTERS);
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    clearInterval(this.#looking);
    this.#signal('SIGTERM');
    const force = setTimeout(() => this.#signal('SIGKILL'), STOP_MS);
    await this.#over;
    clearTimeout(force);
    // children that outlived it
    this.#signal('SIGKILL');
  }

  #signal(signal: NodeJS.Signals): void {
    try {
      if (this.#child.pid !== undefined) process.kill(-this.#child.pid, signal);
    } catch {
      // nobody is left
    }
  }

  #lastWords(): string {
    const lines = this.#last
      .split('\n')
      .filter((line) => line.trim() !== '')
      .slice(-6);
    return lines.length === 0 ? '' : `; it said last: ${lines.join(' | ')}`;
  }
}
