import {
  AssetsError,
  type AssetsFolder,
  ensureAssets,
  installAssets as install,
  removeAssets as remove,
} from 'nekube/envtest';
import type { AssetsFlags } from './assets-command.ts';
import { CliError, type Io } from './io.ts';
import { resolve } from 'node:path';

/** Prints the folder, which is there then. @throws CliError */
export function printAssets(flags: AssetsFlags, io: Io): void {
  io.stdout(
    shown(
      said(() => ensureAssets(placed(flags, io))),
      flags.output,
    ),
  );
}

/** Puts the programs into a store, and says where. @throws CliError */
export function installAssets(flags: AssetsFlags, io: Io): void {
  const folder = said(() => install({ ...placed(flags, io), ...(flags.as !== undefined && { as: flags.as }) }));
  if (flags.as !== undefined && flags.as.replace(/^v/, '') !== folder.kubernetes)
    io.stderr(`nekube: warning: ${folder.path} has the programs of Kubernetes ${folder.kubernetes}\n`);
  io.stdout(shown(folder, flags.output));
}

/** Removes them again, and says what. @throws CliError */
export function removeAssets(flags: AssetsFlags, io: Io): void {
  const removed = said(() => remove({ ...placed(flags, io), ...(flags.as !== undefined && { as: flags.as }) }));
  for (const path of removed) io.stderr(`nekube: removed ${path}\n`);
  if (removed.length === 0) io.stderr('nekube: nothing to remove\n');
}

function placed({ dir, version }: AssetsFlags, io: Io): Parameters<typeof ensureAssets>[0] {
  return {
    ...(dir !== undefined && { dir: resolve(io.cwd, dir) }),
    ...(version !== undefined && { version }),
  };
}

function shown({ path, root, kubernetes, nekube }: AssetsFolder, output: AssetsFlags['output']): string {
  if (output === 'path') return `${path}\n`;
  if (output === 'json') return `${JSON.stringify({ path, root, kubernetes, nekube }, undefined, 2)}\n`;
  const exports = { KUBEBUILDER_ASSETS: path, ENVTEST_ASSETS_DIR: root, ENVTEST_KUBERNETES_VERSION: kubernetes };
  return Object.entries(exports)
    .map(([name, value]) => `export ${name}='${value.replaceAll("'", `'\\''`)}'\n`)
    .join('');
}

/** What is wrong, as the program tells it. */
function said<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof AssetsError) throw new CliError(error.message, { hint: error.hint, cause: error });
    throw error;
  }
}
