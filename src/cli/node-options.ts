import { resolve } from 'node:path';
import { whyNotRanges } from 'nekube/network';
import { FAKE_IMAGES, type ImageMap, ImageFileError, openImageFile } from 'nekube/node';
import { CliError, type Io, messageOf } from './io.ts';
import type { NodeFlags, ServiceRouter } from './node-flags.ts';

/** The nodes that are to run. */
export interface NodeOptions {
  readonly count: number;
  readonly images: ImageMap;
  readonly network: NodeFlags['network'];
  readonly serviceRouter: ServiceRouter;
  /** How far samples of what pods use are apart. */
  readonly metricResolutionMs: number;
  /** Of pods. */
  readonly podRange: string;
}

/** So many nodes the usual range of pods is enough for. */
const USUAL_NODES = 255;
const USUAL_RANGE = '10.244.0.0/16';
/** A larger one, for 4,096. */
const LARGE_RANGE = '10.240.0.0/12';

/** What the flags say about nodes. @throws CliError for a file of no use, and for ranges that no cluster can have */
export function nodeOptions(
  { serviceRange, ...flags }: NodeFlags & { readonly serviceRange?: string },
  { cwd, stderr }: Pick<Io, 'cwd' | 'stderr'>,
): NodeOptions {
  const { nodes, images, network, clusterCidr, metricResolution: metricResolutionMs, serviceRouter = 'proxy' } = flags;
  if (images === undefined) {
    throw new CliError('Cannot run nodes: nothing says what runs for which image', {
      hint: 'name a file with --images (docs/node.md has its form), or give --images fake for pods without processes',
    });
  }
  const podRange = clusterCidr ?? (nodes > USUAL_NODES ? LARGE_RANGE : USUAL_RANGE);
  const why = whyNotRanges({ podRange, nodes, ...(serviceRange !== undefined && { serviceRange }) });
  if (why !== undefined) {
    throw new CliError(`Cannot give the cluster addresses: ${why}`, {
      hint: 'give --cluster-cidr as in 10.244.0.0/16, and --service-cluster-ip-range as in 10.0.0.0/24, apart from each other',
    });
  }
  const map = images === 'fake' ? FAKE_IMAGES : readImages(resolve(cwd, images), stderr);
  return { count: nodes, images: map, network, serviceRouter, podRange, metricResolutionMs };
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
