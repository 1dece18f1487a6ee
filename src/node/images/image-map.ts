/** What runs where a container asks for an image. */
export interface Image {
  /** The name, or a pattern with `*`, as the file has it. */
  readonly name: string;
  /** No process: the container counts as running, or as ended with `exitCode` after `afterSeconds`. */
  readonly fake?: { readonly exitCode?: number; readonly afterSeconds: number };
  /** As an image's ENTRYPOINT: what `command` replaces. */
  readonly entrypoint: readonly string[];
  /** As an image's CMD: what `args` or `command` replace. */
  readonly cmd: readonly string[];
  /** Programs that the image has and this machine has not: what stands for the first word of a command. */
  readonly programs: Readonly<Record<string, readonly string[]>>;
  /** The folder that the process starts in; absent: one of its own. */
  readonly workingDir?: string;
  readonly env: Readonly<Record<string, string>>;
  /** What the process gets when it is asked to end; default SIGTERM. */
  readonly stopSignal?: string;
}

/** Which images a node knows. */
export interface ImageMap {
  /** What to tell people to extend. */
  readonly source: string;
  /** The image that a container asks for; undefined: nobody knows it. */
  find(image: string): Image | undefined;
}

/** Every image is known, and none is a process. */
export const FAKE_IMAGES: ImageMap = {
  source: 'fake',
  find: (image) => ({ name: image, fake: { afterSeconds: 0 }, entrypoint: [], cmd: [], programs: {}, env: {} }),
};

/**
 * The images of a list, of which the first that fits counts; exact names go before patterns. An image is named as in
 * manifests; where an entry has no tag or digest, it fits all of them, and docker.io may be left out.
 */
export function imageMap(images: readonly Image[], source: string): ImageMap {
  const entries = images.map((image) => ({ image, fits: matcher(image.name) }));
  entries.sort((a, b) => Number(a.image.name.includes('*')) - Number(b.image.name.includes('*')));
  return {
    source,
    find(asked) {
      const names = namesOf(asked);
      return entries.find(({ fits }) => names.some(fits))?.image;
    },
  };
}

/** All names by which an image may be listed: with and without its digest, tag, and what docker.io leaves out. */
function namesOf(image: string): readonly string[] {
  const [withoutDigest = ''] = image.split('@');
  const withoutTag = withoutDigest.replace(/:[^/:]*$/, '');
  const forms = [image, withoutDigest, withoutTag];
  return [...new Set([...forms, ...forms.map(shortOf)])];
}

function shortOf(name: string): string {
  return name.replace(/^(index\.)?docker\.io\//, '').replace(/^library\//, '');
}

function matcher(name: string): (asked: string) => boolean {
  if (!name.includes('*')) {
    const short = shortOf(name);
    return (asked) => asked === name || asked === short;
  }
  const parts = name.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const pattern = new RegExp(`^${parts.join('.*')}$`);
  return (asked) => pattern.test(asked);
}
