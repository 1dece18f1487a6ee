import { statSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, isAbsolute, resolve } from 'node:path';
import { composeYaml, isParseError, parseYaml, type YamlNode } from 'nekube/apimachinery';
import { type Image, type ImageMap, imageMap } from './image-map.ts';

/** What is wrong with a file of images, and how to mend it. */
export class ImageFileError extends Error {
  override readonly name = 'ImageFileError';
  readonly hint: string;

  constructor(message: string, hint: string, options?: ErrorOptions) {
    super(message, options);
    this.hint = hint;
  }
}

/** What a process can end with. */
const MAX_EXIT_CODE = 255;

/** A value, and where it stands. */
interface Located {
  readonly value: unknown;
  readonly node: YamlNode | undefined;
  /** From 0; of a field that of its name. */
  readonly line: number;
}

const ENTRY_FIELDS = ['name', 'entrypoint', 'cmd', 'programs', 'workingDir', 'env', 'stopSignal', 'fake'] as const;

/**
 * Reads a file of images (docs/node.md has its form).
 *
 * @param path of the file, which relative folders and programs start from, and which errors name
 * @param isFile whether there is a file beside it; by default of this machine
 * @throws ImageFileError that names the line
 */
export function parseImageFile(text: string, path: string, isFile = isFileHere): ImageMap {
  const file = new ImageFile(text, path, isFile);
  return imageMap(file.images(), path);
}

function isFileHere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** Reads the entries one by one; each refusal names the line and the field. */
class ImageFile {
  readonly #path: string;
  readonly #root: Located;
  readonly #isFile: (path: string) => boolean;

  constructor(text: string, path: string, isFile: (path: string) => boolean) {
    this.#path = path;
    this.#isFile = isFile;
    try {
      this.#root = { value: parseYaml(text, { strict: true, whole: true }), node: composeYaml(text), line: 0 };
    } catch (error) {
      if (!isParseError(error)) throw error;
      throw new ImageFileError(`Cannot read the images of ${JSON.stringify(path)}: ${error.message}`, 'mend the YAML', {
        cause: error,
      });
    }
  }

  images(): Image[] {
    const root = this.#object(this.#root, 'the file', ['images', 'apiVersion', 'kind']);
    const list = member(this.#root, 'images');
    if (!('images' in root) || !Array.isArray(list.value)) {
      throw this.#error(list, 'images', 'must be a list', 'begin the file with "images:" and a list of entries');
    }
    return list.value.map((_, i) => this.#image(item(list, i), `images[${i}]`));
  }

  #image(entry: Located, at: string): Image {
    this.#object(entry, at, ENTRY_FIELDS);
    const name = this.#text(member(entry, 'name'), `${at}.name`, 'name the image as in manifests, * for any text');
    const entrypoint = this.#words(member(entry, 'entrypoint'), `${at}.entrypoint`);
    const cmd = this.#words(member(entry, 'cmd'), `${at}.cmd`);
    const programs = this.#programs(
      member(entry, 'programs'),
      `${at}.programs`,
      member(entry, 'workingDir').value !== undefined,
    );
    const fake = this.#fake(member(entry, 'fake'), `${at}.fake`);
    const dir = member(entry, 'workingDir');
    const hasDir = dir.value !== undefined;
    const signal = member(entry, 'stopSignal');
    if (fake !== undefined && entrypoint.length > 0) {
      throw this.#error(entry, at, 'has both fake and entrypoint', 'leave out one of them');
    }
    return {
      name,
      ...(fake && { fake }),
      entrypoint: this.#local(entrypoint, hasDir),
      cmd,
      programs,
      env: this.#env(member(entry, 'env'), `${at}.env`),
      ...(hasDir && {
        workingDir: resolve(dirname(this.#path), this.#text(dir, `${at}.workingDir`, 'name a folder')),
      }),
      ...(signal.value !== undefined && { stopSignal: this.#signal(signal, `${at}.stopSignal`) }),
    };
  }

  #programs(located: Located, at: string, hasDir: boolean): Readonly<Record<string, readonly string[]>> {
    if (located.value === undefined) return {};
    const names = Object.keys(this.#object(located, at));
    return Object.fromEntries(
      names.map((name) => [name, this.#local(this.#words(member(located, name), `${at}.${name}`), hasDir)]),
    );
  }

  /**
   * A program that is named by a relative path is one beside the file. So is what an interpreter is handed, a word that begins with
   * `./` or `../` or names a file there; with a folder to work in words are as that has them.
   */
  #local([program, ...rest]: readonly string[], hasDir: boolean): readonly string[] {
    if (program === undefined) return [];
    const beside = (word: string): string => resolve(dirname(this.#path), word);
    const isMeant = (word: string): boolean =>
      /^\.\.?\//.test(word) || (!isAbsolute(word) && this.#isFile(beside(word)));
    const isPath = program.includes('/') && !isAbsolute(program);
    return [
      isPath ? beside(program) : program,
      ...(hasDir ? rest : rest.map((word) => (isMeant(word) ? beside(word) : word))),
    ];
  }

  #fake(located: Located, at: string): Image['fake'] {
    const { value } = located;
    if (value === undefined || value === false) return undefined;
    if (value === true) return { afterSeconds: 0 };
    const { exitCode, afterSeconds = 0 } = this.#object(located, at, ['exitCode', 'afterSeconds']);
    const isNumber = typeof afterSeconds === 'number' && afterSeconds >= 0;
    const isCode = Number.isInteger(exitCode) && (exitCode as number) >= 0 && (exitCode as number) <= MAX_EXIT_CODE;
    if (!isNumber || (exitCode !== undefined && !isCode)) {
      const what = `must have an exit code from 0 to ${MAX_EXIT_CODE}, and seconds from 0`;
      throw this.#error(located, at, what, 'write true, or {exitCode: 0, afterSeconds: 1}');
    }
    return { ...(exitCode !== undefined && { exitCode: exitCode as number }), afterSeconds };
  }

  #signal(located: Located, at: string): string {
    const hint = 'name a signal, as SIGINT';
    const name = this.#text(located, at, hint);
    if (!Object.hasOwn(constants.signals, name)) throw this.#error(located, at, 'is no signal of this system', hint);
    return name;
  }

  #env(located: Located, at: string): Readonly<Record<string, string>> {
    if (located.value === undefined) return {};
    const all = this.#object(located, at);
    return Object.fromEntries(
      Object.keys(all).map((name) => [name, this.#text(member(located, name), `${at}.${name}`, 'put it in quotes')]),
    );
  }

  #words(located: Located, at: string): readonly string[] {
    const { value } = located;
    if (value === undefined) return [];
    const isList = Array.isArray(value) && value.length > 0 && value.every((word) => typeof word === 'string');
    if (!isList) throw this.#error(located, at, 'must be a list of texts', 'write it as ["node", "server.js"]');
    return value as string[];
  }

  #text(located: Located, at: string, hint: string): string {
    if (typeof located.value === 'string' && located.value !== '') return located.value;
    throw this.#error(located, at, located.value === undefined ? 'is missing' : 'must be a text', hint);
  }

  #object(located: Located, at: string, fields?: readonly string[]): Readonly<Record<string, unknown>> {
    const { value } = located;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw this.#error(located, at, 'must be a mapping', 'see "nekube up --help" and docs/node.md for the form');
    }
    const unknown = Object.keys(value).find((name) => fields !== undefined && !fields.includes(name));
    if (unknown !== undefined) {
      const place = member(located, unknown);
      throw this.#error(place, `${at}.${unknown}`, 'is not known', `the fields are ${fields!.join(', ')}`);
    }
    return value as Record<string, unknown>;
  }

  #error({ line }: Located, at: string, what: string, hint: string): ImageFileError {
    return new ImageFileError(`Cannot use the images of ${this.#path}:${line + 1}: ${at} ${what}`, hint);
  }
}

function item({ value, node, line }: Located, i: number): Located {
  const child = resolved(node)?.children[i];
  return { value: (value as unknown[])[i], node: child, line: child?.line ?? line };
}

/** A field that is missing stands where its mapping does. */
function member({ value, node, line }: Located, name: string): Located {
  const children = resolved(node)?.children ?? [];
  const key = children.findIndex((child, i) => i % 2 === 0 && child.value === name);
  const found = (value as Record<string, unknown> | null | undefined)?.[name];
  return { value: found === null ? undefined : found, node: children[key + 1], line: children[key]?.line ?? line };
}

/** What an alias stands for. */
function resolved(node: YamlNode | undefined): YamlNode | undefined {
  return node?.target ?? node;
}
