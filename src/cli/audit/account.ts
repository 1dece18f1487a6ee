import { CliError } from '../io.ts';

/** The service account of `NAMESPACE/NAME`. @throws CliError */
export function namedAccount(text: string): { readonly namespace: string; readonly name: string } {
  const [namespace, name, ...more] = text.split('/');
  if (!namespace || !name || more.length > 0)
    throw new CliError(`${JSON.stringify(text)} is no service account`, { hint: '--serviceaccount NAMESPACE/NAME' });
  return { namespace, name };
}

/** The user that a service account is. */
export function userOfAccount({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `system:serviceaccount:${namespace}:${name}`;
}
