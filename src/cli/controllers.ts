import { chooseControllers, CONTROLLERS } from 'nekube/controllers';
import { CliError } from './io.ts';

/** The controllers that the flag names. @throws CliError, with the names that there are */
export function controllersOf(flag: string): readonly string[] {
  const names = chooseControllers(flag, CONTROLLERS);
  if (typeof names !== 'string') return names;
  throw new CliError(`Cannot run the controllers ${JSON.stringify(flag)}: ${names}`, {
    hint: `give --controllers all, none, or some of ${CONTROLLERS.join(', ')}`,
  });
}
