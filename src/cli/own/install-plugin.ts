import { readFile, stat } from 'node:fs/promises';
import { delimiter, join, resolve, sep } from 'node:path';
import { writeWhole } from 'nekube/files';
import { CliError, type Io, messageOf } from '../io.ts';
import { programFile } from '../program-file.ts';
import type { InstallPluginFlags } from './install-plugin-command.ts';

const MARK = '# Made by nekube own install-plugin.';

/**
 * Writes the programs by whose names kubectl finds `kubectl own`; if one of the files is somebody else's, none.
 *
 * @throws CliError when a file is somebody else's, or cannot be written
 */
export async function installPlugin(flags: InstallPluginFlags, io: Io): Promise<void> {
  if (process.platform === 'win32')
    throw new CliError('Cannot install a plugin on Windows', { hint: 'put a kubectl-own.cmd on PATH: @nekube own %*' });
  const directory = directoryOf(flags, io);
  const plugins = [
    pluginOf('own', 'own '),
    ...((await isOnPath('kubectl-nekube', io)) ? [] : [pluginOf('nekube', '')]),
  ];
  const files = plugins.flat().map(({ name, script }) => ({ path: join(directory, name), script }));
  await Promise.all(files.map(({ path }) => refuseOthers(path)));
  try {
    for (const { path, script } of files) writeWhole(path, script, { mode: 0o755 });
  } catch (error) {
    throw new CliError(messageOf(error), { hint: 'name another directory with --dir', cause: error });
  }
  for (const { path } of files) io.stdout(`${path}\n`);
  if (!pathOf(io).includes(directory))
    io.stderr(
      `Warning: ${directory} is not on PATH, where kubectl looks for plugins: export PATH="${directory}:$PATH"\n`,
    );
}

function directoryOf({ dir }: InstallPluginFlags, io: Io): string {
  if (dir !== undefined) return resolve(io.cwd, dir);
  const home = io.env.HOME;
  if (!home)
    throw new CliError('Cannot tell where plugins go: HOME is not set', { hint: 'name a directory with --dir' });
  // what is below node_modules comes and goes with a project
  const own = pathOf(io).find((one) => one.startsWith(`${resolve(home)}${sep}`) && !one.includes('node_modules'));
  return own ?? join(resolve(home), '.local', 'bin');
}

function pathOf({ env, cwd }: Io): string[] {
  return (env.PATH ?? '')
    .split(delimiter)
    .filter((one) => one !== '')
    .map((one) => resolve(cwd, one));
}

/** True if there is a program of that name that is not of ours. */
async function isOnPath(name: string, io: Io): Promise<boolean> {
  for (const directory of pathOf(io)) {
    const text = await textOf(join(directory, name));
    if (text !== undefined && !text.includes(MARK)) return true;
  }
  return false;
}

/** A plugin and what completes it, which kubectl asks as cobra asks. */
function pluginOf(name: string, words: string): { readonly name: string; readonly script: string }[] {
  return [
    { name: `kubectl-${name}`, script: scriptOf(words) },
    { name: `kubectl_complete-${name}`, script: scriptOf(`__complete ${words}`) },
  ];
}

function scriptOf(words: string): string {
  return `#!/bin/sh
${MARK}
node=$(command -v node) || node=${quoted(process.execPath)}
exec "$node" ${quoted(programFile())} ${words}"$@"
`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

async function refuseOthers(path: string): Promise<void> {
  const text = await textOf(path);
  if (text === undefined || text.includes(MARK)) return;
  throw new CliError(`Cannot write ${path}: it is there, and not of this command`, {
    hint: 'move it away, or name another directory with --dir',
  });
}

/** Undefined if there is no such file. Of a directory, and of what cannot be read, the text is empty: it is not ours. */
async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return (await stat(path).catch(() => undefined)) === undefined ? undefined : '';
  }
}
