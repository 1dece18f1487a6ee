import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { EDITOR_NAME } from 'nekube/weekly';
import { CliError, type Io } from '../io.ts';

/** Who edits: field managers are the editors. */
export interface EditorFlags {
  readonly as?: string;
}

/** Adds `--as`. */
export function withEditorFlag(command: Command): Command {
  return command.option('--as <name>', 'who you are: a name in lower case; default: your login');
}

/** The name of whoever edits, who votes and owns fields by it. @throws CliError for one that cannot be a name */
export function editorOf({ as }: EditorFlags, io: Io): string {
  const name = as ?? io.env['USER'] ?? userInfo().username;
  if (EDITOR_NAME.test(name) && name.length <= 63) return name;
  throw new CliError(`"${name}" cannot be the name of an editor`, {
    hint: 'it must be lower case letters, digits, - and .: --as NAME',
  });
}
