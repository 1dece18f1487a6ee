import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { PodAttachment } from 'nekube/network';
import { environmentOf } from '../environment/environment.ts';
import { commandOf } from '../images/command.ts';
import type { Image } from '../images/image-map.ts';
import { containerLogPath } from '../logs/container-logs.ts';
import type { Container } from '../pod/container.ts';
import type { Pod } from '../pod/pod.ts';
import { startFake } from '../runtime/fake-container.ts';
import { findProgram } from '../runtime/find-program.ts';
import { startProcess } from '../runtime/process-container.ts';
import type { RunningContainer } from '../runtime/running-container.ts';
import { containerDir } from './folders.ts';
import type { NodeParts } from './node-parts.ts';
import { StartError } from './start-error.ts';

/** What a container is started with. */
export interface StartRequest {
  readonly pod: Pod;
  readonly container: Container;
  readonly image: Image;
  readonly attachment: PodAttachment;
  /** How often it was restarted by then; its log is named after it. */
  readonly restartCount: number;
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
  const { env, cwd, dir } = await surroundingsOf(node, request);
  const argv = programOf(commandOf(container, image, env), env.PATH, cwd);
  const logPath = containerLogPath(node.logsDir, { namespace, name, uid }, container.name, restartCount);
  try {
    return await startProcess({
      argv: attachment.within(argv),
      env,
      cwd,
      logPath,
      scratchDir: dir,
      stdin: container.stdin === true,
      clock: node.clock,
      reaper: node.reaper(),
    });
  } catch (error) {
    throw new StartError('RunContainerError', error instanceof Error ? error.message : String(error));
  }
}

/** What programs of a container find: its variables and folder. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** The container's own on the node, for what nobody else is to see. */
  readonly dir: string;
}

/** Makes what programs of a container find. @throws StartError */
export async function surroundingsOf(node: NodeParts, request: StartRequest): Promise<Surroundings> {
  const { pod, container, image } = request;
  const env = await environmentOf(node, request);
  const dir = containerDir(node.dir, pod.metadata.uid ?? '', container.name);
  const work = join(dir, 'work');
  mkdirSync(work, { recursive: true, mode: 0o755 });
  return { env, cwd: workingDir(container, image, work), dir };
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
function programOf(words: readonly string[], path: string | undefined, cwd: string): readonly string[] {
  const [program, ...args] = words;
  if (program === undefined) throw new StartError('CreateContainerError', 'no command specified');
  try {
    return [findProgram(program, { path, cwd }), ...args];
  } catch (error) {
    throw new StartError('RunContainerError', (error as Error).message);
  }
}
