import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { parseYaml } from 'nekube/apimachinery';
import type { TestUser } from 'nekube/envtest';
import { makeTemporaryFolder, removeTemporaryFolder } from 'nekube/files';
import { connectionsNow } from './egress.ts';
import { whyNotStarted } from './executable.ts';
import { IsolatedNetwork } from './isolated/isolated-network.ts';
import { endAllWith } from './left-over.ts';
import { ProgramClock } from './program-clock/program-clock.ts';
import { connectHere } from './operator-services.ts';
import { type Operator, OperatorFailure, type RunningOperator, type Serving } from './operator.ts';

/** How an operator is started as a local process. */
export interface ProcessOptions {
  readonly user: TestUser;
  readonly command: string;
  readonly args: readonly string[];
  /** Added to this process's own. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /**
   * `isolated`, the default: it reaches the API server alone, and it is known whom else it tries to reach, where such a network can be made
   * (Linux, as root or where everybody may make namespaces); else, and for `open`, it has the machine's, and is looked at.
   */
  readonly network?: 'isolated' | 'open';
  /** Gets what it prints, piece by piece. */
  readonly onOutput?: (text: string) => void;
}

const GUARD = fileURLToPath(new URL('./guard.js', import.meta.url));
const STOP_MS = 10_000;
/** What it printed last comes by then, unless others have its outputs, too. */
const LAST_WORDS_MS = 500;
/** By this those that it started are known. */
const MARK = 'NEKUBE_AUDIT_OPERATOR';
const LOOK_EVERY_MS = 50;
/** Where nothing can be reached, who tries waits for longer. */
const LOOK_ISOLATED_EVERY_MS = 250;
/** Of what it printed last, so much is kept for messages. */
const KEPT_CHARACTERS = 2000;

/** An operator that is a program: it is started with `KUBECONFIG`, and what it has started ends with it. */
export function processOperator(options: ProcessOptions): Operator {
  return { user: options.user, start: (kubeconfig, serving) => startProcess(options, kubeconfig, serving) };
}

async function startProcess(options: ProcessOptions, kubeconfig: string, serving?: Serving): Promise<RunningOperator> {
  const { command, args, env, cwd, onOutput, network: wish = 'isolated' } = options;
  const why = whyNotStarted(command, cwd ?? process.cwd(), env?.PATH ?? process.env.PATH);
  if (why !== undefined)
    throw new OperatorFailure(
      `Cannot start the operator ${JSON.stringify(command)}: ${why}`,
      'name the program and its arguments behind --',
    );
  const network = wish === 'open' ? undefined : await IsolatedNetwork.open(serverIn(kubeconfig));
  const clock = await ProgramClock.open();
  const temporary = makeTemporaryFolder('nekube-operator');
  if (serving !== undefined) layOut(serving, temporary);
  const own: NodeJS.ProcessEnv = { ...process.env, TMPDIR: temporary, ...env, KUBECONFIG: kubeconfig };
  const { NODE_OPTIONS: nodeOptions, ...clockEnv } = clock.env(own.NODE_OPTIONS);
  const started = network?.wrapped(command, args) ?? { command, args };
  // before the operator: this process may end at any moment
  const guard = network === undefined ? guardOf(temporary) : undefined;
  const child = spawn(started.command, started.args, {
    env: {
      ...own,
      ...clockEnv,
      [MARK]: temporary,
      [network === undefined ? 'NODE_OPTIONS' : 'NEKUBE_AUDIT_NODE_OPTIONS']: nodeOptions,
    },
    ...(cwd !== undefined && { cwd }),
    stdio: network === undefined ? ['ignore', 'pipe', 'pipe'] : ['pipe', 'pipe', 'pipe', 'pipe'],
    detached: true,
  });
  guard?.stdin?.write(`${child.pid ?? ''}\n`);
  const running = new ProcessAtWork(child, { clock, network, temporary, guard });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      running.said(text);
      onOutput?.(text);
    });
  }
  return running;
}

/** Ends an operator that is in the network of the machine when this process is gone. */
function guardOf(temporary: string): ChildProcess {
  const env = { ...process.env, NODE_OPTIONS: '', [MARK]: temporary };
  const guard = spawn(process.execPath, [GUARD], { env, stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  guard.on('error', () => {}).unref();
  guard.stdin.on('error', () => {});
  return guard;
}

/** The address of the server in a kubeconfig. */
function serverIn(kubeconfig: string): URL {
  const { clusters } = parseYaml(readFileSync(kubeconfig, 'utf8')) as unknown as {
    readonly clusters: readonly { readonly cluster: { readonly server: string } }[];
  };
  return new URL(clusters[0]!.cluster.server);
}

/** Puts the certificate where programs written with controller-runtime look for it: webhooks that cannot be served end them. */
function layOut({ certDir }: Serving, temporary: string): void {
  const place = join(temporary, 'k8s-webhook-server');
  mkdirSync(place);
  symlinkSync(certDir, join(place, 'serving-certs'));
}

/** What there is for a process alone, and goes with it. */
interface Surroundings {
  readonly clock: ProgramClock;
  readonly network: IsolatedNetwork | undefined;
  /** A folder for temporary files. */
  readonly temporary: string;
  readonly guard: ChildProcess | undefined;
}

class ProcessAtWork implements RunningOperator {
  readonly network: 'isolated' | 'open';
  readonly #child: ChildProcess;
  readonly #clock: ProgramClock;
  readonly #network: IsolatedNetwork | undefined;
  readonly #temporary: string;
  readonly #guard: ChildProcess | undefined;
  readonly #over: Promise<void>;
  readonly #looking: NodeJS.Timeout;
  readonly #egress = new Set<string>();
  readonly #ports = new Set<number>();
  #hasOpenUdp = false;
  #last = '';
  #ended: string | undefined;
  #isStopping = false;

  constructor(child: ChildProcess, { clock, network, temporary, guard }: Surroundings) {
    this.#child = child;
    this.#clock = clock;
    this.#network = network;
    this.#temporary = temporary;
    this.#guard = guard;
    this.network = network === undefined ? 'open' : 'isolated';
    const reports = child.stdio[3] as Readable | undefined;
    reports?.setEncoding('utf8').on('data', (text: string) => network?.reported(text));
    for (const stream of child.stdio) stream?.on('error', () => {});
    this.#over = new Promise((resolve) => {
      const end = (why: string): void => {
        this.#ended ??= why;
        resolve();
      };
      child.once('error', (error) => end(error.message));
      child.once('exit', (code, signal) => {
        const tell = (): void =>
          end(`${signal === null ? `exit code ${code}` : `signal ${signal}`}${this.#lastWords()}`);
        // children that outlive it may have its outputs for as long as they like
        const late = setTimeout(tell, LAST_WORDS_MS);
        child.once('close', () => {
          clearTimeout(late);
          tell();
        });
      });
    });
    this.#looking = setInterval(() => this.#look(), network === undefined ? LOOK_EVERY_MS : LOOK_ISOLATED_EVERY_MS);
  }

  get ended(): string | undefined {
    return this.#isStopping ? undefined : this.#ended;
  }

  get egress(): readonly string[] {
    const seen = [...this.#egress].sort();
    return this.#network?.told(seen) ?? seen;
  }

  get isWatched(): boolean {
    return this.#network?.isWatched ?? false;
  }

  get hasOpenUdp(): boolean {
    return this.#hasOpenUdp;
  }

  get ports(): readonly number[] {
    return [...this.#ports].sort((a, b) => a - b);
  }

  /** Programs of Node alone. */
  get advance(): RunningOperator['advance'] {
    return this.#clock.hasPrograms ? (ms) => this.#clock.advance(ms) : undefined;
  }

  /** To a port of its own; in the network of the machine only where it is known to listen there itself. */
  connect(port: number): Socket {
    if (this.#network !== undefined) return this.#network.connect(port);
    if (!this.#ports.has(port)) this.#look();
    if (this.#ports.has(port)) return connectHere(port);
    return new Socket().destroy(new Error(`the operator does not listen at port ${port}`));
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
    endAllWith(MARK, this.#temporary);
    for (const stream of this.#child.stdio) stream?.destroy();
    this.#clock.close();
    this.#network?.close();
    this.#guard?.kill();
    removeTemporaryFolder(this.#temporary);
  }

  #look(): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    const { foreign, ports, hasOpenUdp } = connectionsNow(pid, this.#network !== undefined);
    this.#hasOpenUdp ||= hasOpenUdp;
    for (const one of foreign) this.#egress.add(one);
    for (const port of ports) this.#ports.add(port);
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
