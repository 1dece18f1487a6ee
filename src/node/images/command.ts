import type { Container } from '../pod/container.ts';
import { expandVariables } from './expand.ts';
import type { Image } from './image-map.ts';

/**
 * What is run for a container: `command` stands for the image's entrypoint and drops its cmd, `args` stand for its cmd. A
 * first word that the image maps is replaced by what runs here.
 */
export function commandOf(
  { command, args }: Pick<Container, 'command' | 'args'>,
  image: Pick<Image, 'entrypoint' | 'cmd' | 'programs'>,
  variables: Readonly<Record<string, string>>,
): readonly string[] {
  const expand = (words: readonly string[]): string[] => words.map((word) => expandVariables(word, variables));
  const own = command !== undefined && command.length > 0 ? expand(command) : undefined;
  const rest = args !== undefined && args.length > 0 ? expand(args) : own === undefined ? image.cmd : [];
  return localWords([...(own ?? image.entrypoint), ...rest], image);
}

/** The same command, with the program that stands for its first word here. */
export function localWords(words: readonly string[], { programs }: Pick<Image, 'programs'>): readonly string[] {
  const [program = '', ...rest] = words;
  return Object.hasOwn(programs, program) ? [...programs[program]!, ...rest] : words;
}
