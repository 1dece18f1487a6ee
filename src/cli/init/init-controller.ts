import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeFolder } from 'nekube/files';
import type { InitFlags } from '../init-command.ts';
import { CliError, type Io } from '../io.ts';
import { ownVersion } from '../own-version.ts';
import { projectNames } from './project-names.ts';

const TEMPLATES = fileURLToPath(new URL('templates/', import.meta.url));
const ENDING = '.tmpl';

/** Writes a new project, or nothing if a file of it is there already. @throws CliError */
export function initController(name: string, flags: InitFlags, io: Io): void {
  const names = projectNames(name, flags);
  const dir = resolve(io.cwd, flags.dir ?? name);
  const values = { ...names, nekube: dependency(flags.nekube, dir, io) };
  const files = templates().map(({ path, text }) => ({ path: filled(path, values), text: filled(text, values) }));
  const taken = files.map(({ path }) => path).filter((path) => existsSync(join(dir, path)));
  if (taken.length > 0) {
    throw new CliError(`Cannot begin a project in ${JSON.stringify(dir)}: ${taken.join(', ')} would be overwritten`, {
      hint: 'name another folder with --dir, or move the files away',
    });
  }
  for (const { path, text } of files) {
    makeFolder(dirname(join(dir, path)));
    writeFileSync(join(dir, path), text, { flag: 'wx' });
  }
  const shown = relative(io.cwd, dir) || '.';
  for (const { path } of files) io.stdout(`${join(shown, path)}\n`);
  io.stderr(
    `\nNext:\n\n  ${shown === '.' ? '' : `cd ${shown} && `}npm install\n  npm test    # the same tests in process and with envtest\n  npm start   # a server in this process, and the controller on it\n`,
  );
}

/** npm reads a relative `file:PATH` from the project's folder; it was written from where the command is given. */
function dependency(spec: string | undefined, dir: string, io: Io): string {
  if (spec === undefined) return `^${ownVersion()}`;
  if (!spec.startsWith('file:') || spec.startsWith('file:~')) return spec;
  const path = spec.slice('file:'.length);
  const found = resolve(io.cwd, path);
  if (!existsSync(found)) {
    throw new CliError(`Cannot use ${JSON.stringify(spec)}: there is no ${JSON.stringify(found)}`, {
      hint: 'name what npm pack has made, as seen from the current folder',
    });
  }
  return isAbsolute(path) ? spec : `file:${relative(dir, found)}`;
}

function templates(): { readonly path: string; readonly text: string }[] {
  return readdirSync(TEMPLATES, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ENDING))
    .sort()
    .map((file) => ({
      // npm leaves files out whose names begin with a dot
      path: file.slice(0, -ENDING.length).replace(/^gitignore$/, '.gitignore'),
      text: readFileSync(join(TEMPLATES, file), 'utf8'),
    }));
}

/** Puts values in place of their names: `{{kind}}`. */
function filled(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{\{(\w+)\}\}/g, (whole, key: string) => values[key] ?? whole);
}
