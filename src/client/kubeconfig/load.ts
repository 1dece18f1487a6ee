import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { errorText } from 'nekube/apimachinery';
import { kubeconfigError } from './field-reader.ts';
import { type Kubeconfig, mergeKubeconfigs } from './kubeconfig.ts';
import { parseKubeconfig } from './parse.ts';

/** Where kubeconfigs are looked for. */
export interface LoadOptions {
  /** A file that must be there (`--kubeconfig`); absent: those of KUBECONFIG, else `~/.kube/config`. */
  readonly path?: string;
  /** Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly home?: string;
  /** Default that of Node; for one that is not there it throws an error with the code ENOENT. */
  readonly readFile?: (path: string) => string;
}

/**
 * Reads the kubeconfigs that kubectl would read, merged. Files that KUBECONFIG names need not be there.
 *
 * @throws ParseError
 */
export function loadKubeconfig(options: LoadOptions = {}): Kubeconfig {
  const { path, env = process.env, home = env.HOME ?? homedir(), readFile = readText } = options;
  if (path !== undefined) return loadFile(resolve(path), readFile);
  const listed = (env.KUBECONFIG ?? '').split(delimiter).filter((entry) => entry !== '');
  const files =
    listed.length > 0 ? [...new Set(listed.map((entry) => resolve(entry)))] : [join(home, '.kube', 'config')];
  return mergeKubeconfigs(files.flatMap((file) => loadIfThere(file, readFile)));
}

function readText(path: string): string {
  return readFileSync(path, 'utf8');
}

function loadIfThere(file: string, readFile: (path: string) => string): Kubeconfig[] {
  try {
    return [loadFile(file, readFile)];
  } catch (e) {
    if (((e as Error).cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') return [];
    throw e;
  }
}

function loadFile(file: string, readFile: (path: string) => string): Kubeconfig {
  let text: string;
  try {
    text = readFile(file);
  } catch (cause) {
    throw kubeconfigError(file, '', reasonOf(cause), cause);
  }
  return parseKubeconfig(text, file);
}

/** Why a file cannot be read, without the code and the path, which is told beside it. */
function reasonOf(cause: unknown): string {
  const text = errorText(cause);
  const { code } = cause as NodeJS.ErrnoException;
  return code === undefined ? text : text.replace(`${code}: `, '').split(', ', 1)[0]!;
}
