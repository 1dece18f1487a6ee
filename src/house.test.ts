import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const src = join(root, 'src');

/** A source file, by its path below src/. */
interface Source {
  readonly path: string;
  readonly text: string;
  /** The folder below src/; empty for a file that stands there itself. */
  readonly room: string;
  readonly isTest: boolean;
}

const sources: readonly Source[] = walk(src)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => {
    const path = relative(src, file);
    const room = path.includes('/') ? path.split('/')[0]! : '';
    return { path, text: readFileSync(file, 'utf8'), room, isTest: path.endsWith('.test.ts') };
  });
const rooms = [...new Set(sources.map(({ room }) => room))].filter((room) => room !== '');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly exports: Readonly<Record<string, unknown>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
};

function walk(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name);
    return entry.isDirectory() ? walk(path) : [path];
  });
}

/** The arrows of ARCHITECTURE.md: the lines `room → room, room` of the block called rooms. */
function allowedImports(): Map<string, readonly string[]> {
  const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
  const block = /```rooms\n([^`]*)```/.exec(text)?.[1];
  assert.ok(block, 'ARCHITECTURE.md has a block of rooms');
  const lines = block.split('\n').filter((line) => line.trim() !== '');
  return new Map(
    lines.map((line) => {
      const [room = '', targets = ''] = line.split('→').map((part) => part.trim());
      return [room, targets.split(',').map((target) => target.trim())];
    }),
  );
}

/** What a file imports, also when it runs. */
function importsOf({ text }: Source): string[] {
  return [...text.matchAll(/(?:\bfrom\s+|(?<!')\bimport\s*\(?\s*)'([^'\n]+)'/g)].map((match) => match[1]!);
}

/** What is wrong, one line each; the test fails when there is any. */
function assertNone(problems: readonly string[]): void {
  assert.equal(problems.join('\n'), '');
}

test('every room stands in ARCHITECTURE.md and has a door that is published', () => {
  const listed = [...allowedImports().keys()];
  assert.deepEqual([...rooms].sort(), [...listed].sort());
  const doors = rooms.filter((room) => existsSync(join(src, room, 'index.ts'))).map((room) => `./${room}`);
  // a path below a door leads to what is generated, or has been split off (ARCHITECTURE.md)
  const published = Object.keys(manifest.exports).filter(
    (path) => /^\.\/[^/]+$/.test(path) && path !== './package.json',
  );
  assert.deepEqual(doors.sort(), published.sort());
});

test('rooms import each other by the arrows of ARCHITECTURE.md', () => {
  const allowed = allowedImports();
  const problems = sources.flatMap((source) =>
    importsOf(source)
      .map((target) => /^nekube\/(.+)$/.exec(target)?.[1])
      .filter((door) => door !== undefined && source.room !== '' && !mayImport(source.room, door, allowed))
      .map((door) => `${source.path} must not import nekube/${door}`),
  );
  assertNone(problems);
});

/** A door, or what is published below one: `client/kinds`, which also its own room has by this name alone. */
function mayImport(room: string, path: string, allowed: ReadonlyMap<string, readonly string[]>): boolean {
  const [door = '', ...below] = path.split('/');
  if (below.length > 0 && !isPublished(`./${path}`)) return false;
  return allowed.get(room)!.includes(door) || (below.length > 0 && door === room);
}

function isPublished(path: string): boolean {
  return Object.keys(manifest.exports).some(
    (one) => one === path || (one.endsWith('/*') && path.startsWith(one.slice(0, -1))),
  );
}

test('the arrows never go round', () => {
  const allowed = allowedImports();
  const reaches = (from: string, to: string, path: readonly string[] = []): boolean =>
    !path.includes(from) && (allowed.get(from) ?? []).some((next) => next === to || reaches(next, to, [...path, from]));
  assertNone([...allowed.keys()].filter((room) => reaches(room, room)).map((room) => `${room} reaches itself`));
});

test('relative imports stay in their room, or tests reach tools/, and name the file with its ending', () => {
  const problems = sources.flatMap((source) =>
    importsOf(source)
      .filter((target) => target.startsWith('.'))
      .flatMap((target) => {
        const to = relative(src, resolve(src, dirname(source.path), target));
        const home = to.split('/')[0];
        if (source.isTest && to.startsWith('../tools/')) return [];
        if (source.room !== '' && home !== source.room) return [`${source.path} reaches into ${home} by ${target}`];
        return /\.(ts|json)$/.test(target) ? [] : [`${source.path} imports ${target} without an ending`];
      }),
  );
  assertNone(problems);
});

test('other packages are dependencies of ours, and tests alone use those of development', () => {
  const problems = sources.flatMap((source) =>
    importsOf(source)
      .filter((target) => !/^(\.|node:|nekube\/)/.test(target))
      .map((target) =>
        target
          .split('/')
          .slice(0, target.startsWith('@') ? 2 : 1)
          .join('/'),
      )
      .filter(
        (name) =>
          !(name in manifest.dependencies) &&
          !(name in manifest.optionalDependencies) &&
          !(source.isTest && name in manifest.devDependencies),
      )
      .map((name) => `${source.path} imports ${name}`),
  );
  assertNone(problems);
});

test('native code is loaded by one file', () => {
  for (const name of ['lmdb', 'koffi']) {
    const loads = new RegExp(`(^import (?!type)[^;]*|\\bimport\\(\\s*|\\brequire\\()'${name}'`, 'm');
    const loading = sources.filter((source) => loads.test(source.text) && !source.isTest);
    assert.ok(loading.length <= 1, `${name} is loaded by ${loading.map(({ path }) => path).join(' and ')}`);
  }
});

test('a door opens with a comment on what its room does and does not do', () => {
  const doors = sources.filter(({ path, room }) => path === `${room}/index.ts`);
  assertNone(doors.filter(({ text }) => !/^\/\*\*\n \* [^]*? does not do/.test(text)).map(({ path }) => path));
});

test('every export has a comment', () => {
  const exported = /^export (?:default )?(?:abstract )?(?:async )?(?:function\*?|class|interface|type|const|let) /;
  const problems = sources
    .filter(({ isTest }) => !isTest)
    .flatMap(({ path, text }) => {
      const lines = text.split('\n');
      const bare = (line: string, i: number): boolean =>
        exported.test(line) && !line.startsWith('export type {') && !isOverload(lines, i) && !isCommented(lines, i);
      return lines.flatMap((line, i) => (bare(line, i) ? [`${path}:${i + 1} ${line}`] : []));
    });
  assertNone(problems);
});

/** True when the name was exported above: a further signature of a function, or the type beside a constant. */
function isOverload(lines: readonly string[], at: number): boolean {
  const nameOf = (line: string): string | undefined =>
    /^export (?:async )?(?:function|const|type) (\w+)/.exec(line)?.[1];
  const name = nameOf(lines[at]!);
  return name !== undefined && lines.slice(0, at).some((line) => nameOf(line) === name);
}

/** True when a comment ends on the line above; a line for the linter may stand between. */
function isCommented(lines: readonly string[], at: number): boolean {
  const above = /^\/\/ (biome|oxlint)/.test(lines[at - 1] ?? '') ? at - 2 : at - 1;
  return (lines[above] ?? '').trimEnd().endsWith('*/');
}

test('nothing is left unfinished, and no test is skipped for good', () => {
  const marks = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X'].join('|')})\\b`);
  const skips = /\b(test|it|describe)\.(skip|todo|only)\(/;
  const problems = sources.flatMap(({ path, text }) =>
    text
      .split('\n')
      .flatMap((line, i) => (marks.test(line) || skips.test(line) ? [`${path}:${i + 1} ${line.trim()}`] : [])),
  );
  assertNone(problems);
});

test('files are named in lower case with dashes', () => {
  const names = sources.map(({ path }) => path).filter((path) => !/^[a-z0-9-]+(\.[a-z]+)*\.ts$/.test(basename(path)));
  assertNone(names);
});

test('the lockfile names no host', () => {
  const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
  assert.equal(/"resolved":/.test(lock), false, 'package-lock.json has resolved URLs');
});

test('the lockfile names the builds of every platform, without which npm ci refuses it', () => {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly optionalDependencies?: Readonly<Record<string, string>> }>>;
  };
  const problems = Object.entries(lock.packages).flatMap(([from, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => lock.packages[`node_modules/${name}`] === undefined)
      .map((name) => `${from} may need ${name}`),
  );
  assertNone(problems);
});
