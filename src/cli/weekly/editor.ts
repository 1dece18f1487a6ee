import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { editorName, isEditorName, isUnnamed } from 'nekube/weekly';
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
  if (as === undefined) return named(io.env['USER'] ?? userInfo().username);
  if (isEditorName(as)) return as;
  throw new CliError(`"${as}" cannot be the name of an editor`, {
    hint: 'it must be lower case letters, digits, - and .: --as NAME',
  });
}

/** The name of a user as an editor. @throws CliError: it would be too long to be one */
export function named(username: string): string {
  if (!isUnnamed(username)) return editorName(username);
  throw new CliError(
    `${JSON.stringify(username)} is too long: it would be the name of an editor with more than 110 characters`,
    {
      hint: '--as NAME is another name; to vote by it, one must be allowed to impersonate that user',
    },
  );
}
