import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

/** Why a command cannot be started, as a sentence; undefined: it can, as far as files tell. */
export function whyNotStarted(command: string, cwd: string, path = ''): string | undefined {
  if (command.includes('/')) {
    const why = whyNotRun(resolve(cwd, command));
    return why && `${resolve(cwd, command)} ${why}`;
  }
  const places = path.split(delimiter).filter((place) => place !== '');
  const isFound = places.some((place) => whyNotRun(join(resolve(cwd, place), command)) === undefined);
  return isFound ? undefined : `no folder of PATH has a program of that name`;
}

function whyNotRun(file: string): string | undefined {
  try {
    if (!statSync(file).isFile()) return 'is no file';
  } catch {
    return 'is not there';
  }
  try {
    accessSync(file, constants.X_OK);
    return undefined;
  } catch {
    return 'may not be executed';
  }
}
