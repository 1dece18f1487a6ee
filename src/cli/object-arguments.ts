import { CliError } from './io.ts';

/** What an argument asks for: an object by its name, or all of a resource. */
export interface Wanted {
  /** As it was typed: `deploy`, `deployments.apps`, `all`. */
  readonly resource: string;
  readonly name?: string;
}

/**
 * Reads arguments as kubectl does: `KIND`, `KIND,KIND`, `KIND NAME…` and `KIND/NAME…`.
 *
 * @throws CliError that says how it is to be written
 */
export function parseObjectArguments(args: readonly string[]): Wanted[] {
  if (args.some((arg) => arg.includes('/'))) return args.map(byPath);
  const [resources = '', ...names] = args;
  const asked = resources.split(',');
  if (asked.includes('')) {
    const hint = 'give a kind, as in: deployments, or deployments,services, or deploy/web; or files with -f';
    throw new CliError(args.length === 0 ? 'Which objects is not said' : `No kind in ${JSON.stringify(resources)}`, {
      hint,
    });
  }
  if (names.includes('')) throw new CliError('The name of an object must not be empty');
  return asked.flatMap((resource): Wanted[] =>
    names.length === 0 ? [{ resource }] : names.map((name) => ({ resource, name })),
  );
}

function byPath(arg: string, _at: number, args: readonly string[]): Wanted {
  const parts = arg.split('/');
  if (parts.length === 1) {
    const hint = `write ${JSON.stringify(`KIND/${arg}`)}, or the kind once and then names only`;
    const other = args.find((one) => one.includes('/'));
    throw new CliError(`Cannot have ${JSON.stringify(arg)} beside ${JSON.stringify(other)}`, { hint });
  }
  const [resource = '', name = ''] = parts;
  if (parts.length > 2 || resource === '' || name === '' || resource.includes(',')) {
    const hint = 'each argument must be one kind and one name, as in: deploy/web';
    throw new CliError(`Cannot read ${JSON.stringify(arg)}`, { hint });
  }
  return { resource, name };
}
