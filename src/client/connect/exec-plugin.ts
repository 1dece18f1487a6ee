import { spawn } from 'node:child_process';
import { isJsonObject, type JsonObject, type JsonValue, parseJson, stringifyJson } from 'nekube/apimachinery';
import type { Clock } from '../clock.ts';
import type { ExecConfig } from '../kubeconfig/kubeconfig.ts';
import type { Credentials, CredentialSource } from './credentials.ts';

/** What a plugin is told of the cluster, if it asks for it. */
export type ExecCluster = JsonObject;

/** What came of a program. */
export interface ExecResult {
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end; rejects if it does not start. `interactive`: it may ask on the terminal. */
export type RunProgram = (
  command: string,
  args: readonly string[],
  options: { readonly env: Readonly<Record<string, string | undefined>>; readonly interactive: boolean },
) => Promise<ExecResult>;

/** What a plugin lives in. */
export interface ExecSurroundings {
  readonly clock: Clock;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly isTerminal?: boolean;
  readonly run?: RunProgram;
}

/**
 * Credentials that a program gives (`client.authentication.k8s.io`): asked for when the first are needed, when they have
 * expired, and when they were refused. It runs once at a time.
 */
export class ExecPlugin implements CredentialSource {
  readonly #config: ExecConfig;
  readonly #cluster: ExecCluster;
  readonly #clock: Clock;
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #isTerminal: boolean;
  readonly #run: RunProgram;
  #held: { readonly credentials: Credentials; readonly expiresAt: number } | undefined;
  #running: Promise<Credentials> | undefined;

  constructor(config: ExecConfig, cluster: ExecCluster, surroundings: ExecSurroundings) {
    this.#config = config;
    this.#cluster = cluster;
    this.#clock = surroundings.clock;
    this.#env = surroundings.env ?? process.env;
    this.#isTerminal = surroundings.isTerminal ?? process.stdin.isTTY === true;
    this.#run = surroundings.run ?? runProgram;
  }

  async current(): Promise<Credentials> {
    if (this.#held !== undefined && this.#clock.now() <= this.#held.expiresAt) return this.#held.credentials;
    return this.#renew();
  }

  async refused(credentials: Credentials): Promise<void> {
    if (credentials === this.#held?.credentials) await this.#renew();
  }

  #renew(): Promise<Credentials> {
    this.#running ??= this.#ask().finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #ask(): Promise<Credentials> {
    const { command, args, env, installHint } = this.#config;
    const interactive = this.#isInteractive();
    const info = stringifyJson(this.#info(interactive));
    const all = { ...this.#env, ...env, KUBERNETES_EXEC_INFO: info };
    const result = await this.#run(command, args, { env: all, interactive }).catch((cause: NodeJS.ErrnoException) => {
      const missing = cause.code === 'ENOENT';
      const hint = missing && installHint !== undefined ? `\n\n${installHint}` : '';
      const problem = missing ? `executable ${command} not found` : cause.message;
      throw new Error(`getting credentials: exec: ${problem}${hint}`, { cause });
    });
    if (result.code !== 0) {
      const said = result.stderr.trim();
      const why = `executable ${command} failed with exit code ${result.code}${said === '' ? '' : `: ${said}`}`;
      throw new Error(`getting credentials: exec: ${why}`);
    }
    this.#held = readCredential(result.stdout, this.#config);
    return this.#held.credentials;
  }

  #isInteractive(): boolean {
    const { interactiveMode, command } = this.#config;
    if (interactiveMode === 'Always' && !this.#isTerminal)
      throw new Error(`getting credentials: exec plugin ${command} must have a terminal, and standard input is none`);
    return interactiveMode !== 'Never' && this.#isTerminal;
  }

  #info(interactive: boolean): JsonObject {
    const { apiVersion, provideClusterInfo } = this.#config;
    const spec: JsonObject = { ...(provideClusterInfo && { cluster: this.#cluster }), interactive };
    return { kind: 'ExecCredential', apiVersion, spec };
  }
}

/** What a plugin printed. Nothing of it is repeated in errors. */
function readCredential(
  stdout: string,
  { apiVersion, command }: ExecConfig,
): { credentials: Credentials; expiresAt: number } {
  const wrong = (problem: string): Error => new Error(`getting credentials: exec plugin ${command} ${problem}`);
  let credential: JsonValue;
  try {
    credential = parseJson(stdout);
  } catch {
    throw wrong('printed no JSON');
  }
  if (!isJsonObject(credential) || credential.kind !== 'ExecCredential') throw wrong('printed no ExecCredential');
  if (credential.apiVersion !== apiVersion)
    throw wrong(
      `is configured to use API version ${apiVersion}, and returned version ${String(credential.apiVersion)}`,
    );
  const { status } = credential;
  if (!isJsonObject(status)) throw wrong("didn't return a status field");
  const text = (field: string): string | undefined => (typeof status[field] === 'string' && status[field]) || undefined;
  const [token, cert, key] = [text('token'), text('clientCertificateData'), text('clientKeyData')];
  if ((token ?? cert ?? key) === undefined) throw wrong("didn't return a token or cert/key pair");
  if ((cert === undefined) !== (key === undefined)) throw wrong('returned only certificate or key, not both');
  const expires = text('expirationTimestamp');
  const expiresAt = expires === undefined ? Number.POSITIVE_INFINITY : Date.parse(expires);
  if (Number.isNaN(expiresAt)) throw wrong('returned an expirationTimestamp that is no time');
  return {
    credentials: { ...(token && { authorization: `Bearer ${token}` }), ...(cert && { cert, key: key! }) },
    expiresAt,
  };
}

const runProgram: RunProgram = (command, args, { env, interactive }) =>
  new Promise((resolve, reject) => {
    // whoever asks on the terminal must be seen there
    const stdio = [interactive ? 'inherit' : 'ignore', 'pipe', interactive ? 'inherit' : 'pipe'] as const;
    const child = spawn(command, [...args], { env: env as NodeJS.ProcessEnv, stdio: [...stdio] });
    const texts = { stdout: '', stderr: '' };
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (texts.stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (texts.stderr = (texts.stderr + text).slice(-2000)));
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code: code ?? signal ?? 'unknown', ...texts }));
  });
