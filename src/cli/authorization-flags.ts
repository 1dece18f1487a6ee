import { AUTHORIZATION_MODES, type AuthorizationMode } from 'nekube/apiserver';
import { CliError } from './io.ts';

/** Reads `--authorization-mode`, a list with commas. @throws CliError for a mode that is none, and for one given twice */
export function parseAuthorizationModes(text: string): AuthorizationMode[] {
  const modes = text.split(',');
  for (const [i, mode] of modes.entries()) {
    if (!isMode(mode))
      throw new CliError(`Cannot authorize by ${JSON.stringify(mode)}`, {
        hint: `give --authorization-mode some of ${AUTHORIZATION_MODES.join(', ')}`,
      });
    if (modes.indexOf(mode) !== i)
      throw new CliError(`Cannot authorize by ${mode} twice`, { hint: 'give each of --authorization-mode once' });
  }
  return modes as AuthorizationMode[];
}

function isMode(text: string): text is AuthorizationMode {
  return (AUTHORIZATION_MODES as readonly string[]).includes(text);
}
