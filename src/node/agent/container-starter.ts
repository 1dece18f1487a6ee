import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { PodAttachment } from 'nekube/network';
import { environmentOf } from '../environment/environment.ts';
import { commandOf, localWords } from '../images/command.ts';
import type { Image } from '../images/image-map.ts';
import { containerLogPath } from '../logs/container-logs.ts';
import type { Container } from '../pod/container.ts';
import type { Pod } from '../pod/pod.ts';
import { startFake } from '../runtime/fake-container.ts';
import { findProgram } from '../runtime/find-program.ts';
import { canHavePidNamespaces, inPidNamespace } from '../runtime/pid-namespace.ts';
import { checkWords, startProcess } from '../runtime/process-container.ts';
import type { RunningContainer } from '../runtime/running-container.ts';
import {
  besideMounts,
  linkMounts,
  type Mount,
  mountsOf,
  rewritePaths,
  ROOT_VARIABLE,
  rooted,
  withMounts,
} from '../volumes/mounts.ts';
import { containerDir, terminationLog } from './folders.ts';
import type { NodeParts } from './node-parts.ts';
import { StartError } from './start-error.ts';

/** What a container is started with. */
export interface StartRequest {
  readonly pod: Pod;
  readonly container: Container;
  readonly image: Image;
  readonly attachment: PodAttachment;
  /** The folders of the pod's volumes, by their names. */
  readonly volumes: ReadonlyMap<string, string>;
  /** How often it was restarted by then; its log is named after it. */
  readonly restartCount: number;
  /** Whether a process may still be started, asked just before. */
  readonly mayBegin: () => boolean;
}

/**
 * Starts a container: nothing where its image is fake, else a process with its variables and folders.
 *
 * @throws StartError that says in a word why not: `CreateContainerConfigError` for what it is made of, `RunContainerError`
 */
export async function startContainer(node: NodeParts, request: StartRequest): Promise<RunningContainer> {
  const { pod, container, image, attachment, restartCount } = request;
  if (image.fake !== undefined) return startFake(image.fake, node.clock);
  const { namespace = '', name = '', uid = '' } = pod.metadata;
  const plain = await environmentOf(node, request);
  const dir = containerDir(node.dir, uid, container.name);
  const message = { source: freshFile(terminationLog(dir)), target: messagePath(container), readOnly: false };
  const mounts = [...mountsOf(container, request.volumes, plain), message];
  const env = attachment.mayMount ? plain : withoutMounts(plain, mounts, join(dir, 'root'));
  const work = join(dir, 'work');
  mkdirSync(work, { recursive: true, mode: 0o755 });
  const cwd = workingDir(container, image, work);
  const words = commandOf(container, image, plain);
  const local = (some: readonly string[]): readonly string[] =>
    attachment.mayMount ? some : some.map((word) => rewritePaths(word, mounts));
  const scratch = join(dir, 'mounts');
  const argv = programOf(local(words), env.PATH, cwd, mounts);
  const logPath = containerLogPath(node.logsDir, { namespace, name, uid }, container.name, restartCount);
  const mounted = attachment.mayMount ? withMounts(argv, mounts, scratch) : argv;
  const isNamespaced = !sharesProcesses(pod) && canHavePidNamespaces();
  try {
    return await startProcess({
      argv: attachment.within(isNamespaced ? inPidNamespace(mounted) : mounted),
      isNamespaced,
      env,
      cwd,
      logPath,
      scratchDir: dir,
      stdin: container.stdin === true,
      beside: (marks, pid) => (asked) => {
        checkWords(asked);
        const found = programOf(local(localWords(asked, image)), env.PATH, cwd, mounts);
        const there =
          isNamespaced || attachment.mayMount ? besideMounts(found, { pid, cwd, entersPid: isNamespaced }) : found;
        return { argv: attachment.within(there), env: { ...env, ...marks }, cwd };
      },
      clock: node.clock,
      reaper: node.reaper(),
      mayBegin: request.mayBegin,
    });
  } catch (error) {
    throw new StartError('RunContainerError', error instanceof Error ? error.message : String(error));
  }
}

/** Whether its containers see processes of others. A namespace of a container's own ends with that, so that none can be theirs. */
function sharesProcesses({ spec }: Pod): boolean {
  return spec.hostPID === true || spec.shareProcessNamespace === true;
}

const DEFAULT_MESSAGE_PATH = '/dev/termination-log';

function messagePath({ terminationMessagePath }: Container): string {
  return rooted(terminationMessagePath || DEFAULT_MESSAGE_PATH);
}

/** An empty file. */
function freshFile(path: string): string {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  writeFileSync(path, '', { mode: 0o666 });
  return path;
}

/** The variables of a process whose mounts are not where it expects them: paths are as here, and one leads to all of them. */
function withoutMounts(env: Record<string, string>, mounts: readonly Mount[], root: string): Record<string, string> {
  if (mounts.length === 0) return env;
  linkMounts(root, mounts);
  const rewritten = Object.entries(env).map(([name, value]) => [name, rewritePaths(value, mounts)]);
  return { ...Object.fromEntries(rewritten), [ROOT_VARIABLE]: root };
}

/** The container's own folder where this machine has it, else the image's, else one that was made for it. */
function workingDir({ workingDir: asked }: Container, image: Image, made: string): string {
  const isFolder = (dir: string): boolean => statSync(dir, { throwIfNoEntry: false })?.isDirectory() === true;
  if (asked !== undefined && isFolder(asked)) return asked;
  if (image.workingDir === undefined) return made;
  if (isFolder(image.workingDir)) return image.workingDir;
  throw new StartError(
    'RunContainerError',
    `there is no folder ${image.workingDir}, which image ${image.name} works in`,
  );
}

/** @throws StartError if there is no such program */
function programOf(
  words: readonly string[],
  path: string | undefined,
  cwd: string,
  mounts: readonly Mount[],
): readonly string[] {
  const [program, ...args] = words;
  if (mounts.some(({ target }) => program?.startsWith(`${target}/`))) return words;
  if (program === undefined) throw new StartError('CreateContainerError', 'no command specified');
  try {
    return [findProgram(program, { path, cwd }), ...args];
  } catch (error) {
    throw new StartError('RunContainerError', (error as Error).message);
  }
}
