import { resolve } from 'node:path';
import { FAKE_IMAGES, type ImageMap, ImageFileError, openImageFile } from 'nekube/node';
import { CliError, type Io, messageOf } from './io.ts';
import type { NodeFlags } from './node-flags.ts';

/** The nodes that are to run. */
export interface NodeOptions {
  readonly count: number;
  readonly images: ImageMap;
  readonly network: NodeFlags['network'];
}

/** What the flags say about nodes. @throws CliError for a file of no use */
export function nodeOptions(
  { nodes, images, network }: NodeFlags,
  { cwd, stderr }: Pick<Io, 'cwd' | 'stderr'>,
): NodeOptions {
  if (images === undefined) {
    throw new CliError('Cannot run nodes: nothing says what runs for which image', {
      hint: 'name a file with --images (docs/node.md has its form), or give --images fake for pods without processes',
    });
  }
  return { count: nodes, images: images === 'fake' ? FAKE_IMAGES : readImages(resolve(cwd, images), stderr), network };
}

function readImages(path: string, stderr: Io['stderr']): ImageMap {
  const tell = (error: unknown): void => stderr(`nekube: the images are as they were: ${messageOf(error)}\n`);
  try {
    return openImageFile(path, tell);
  } catch (cause) {
    if (cause instanceof ImageFileError) throw new CliError(cause.message, { hint: cause.hint, cause });
    throw new CliError(`Cannot read the images of "${path}": ${messageOf(cause)}`, {
      hint: 'give a readable file with --images (docs/node.md has its form)',
      cause,
    });
  }
}
