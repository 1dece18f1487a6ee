import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { editorName, isEditorName } from 'nekube/weekly';
import { CliError, type Io } from '../io.ts';

/** Who edits: field managers are the editors. */
export interface EditorFlags {
  readonly as?: string;
}

/** Adds `--as`. */
export function withEditorFlag(command: Command): Command {
  return command.option('--as <name>', 'who you are: a name in lower case; default: your login');
}

/** The name of whoever edits, who votes and owns fields by it. @throws CliError for a `--as` that cannot be a name */
export function editorOf({ as }: EditorFlags, io: Io): string {
  if (as === undefined) return editorName(io.env['USER'] ?? userInfo().username);
  if (isEditorName(as)) return as;
  throw new CliError(`"${as}" cannot be the name of an editor`, {
    hint: 'it must be lower case letters, digits, - and .: --as NAME',
  });
}
