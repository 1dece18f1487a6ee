import type { ServiceAccountRef } from 'nekube/audit';
import { CliError } from '../io.ts';

/** The service account of `NAMESPACE/NAME`. @throws CliError */
export function namedAccount(text: string): ServiceAccountRef {
  const [namespace, name, ...more] = text.split('/');
  if (!namespace || !name || more.length > 0)
    throw new CliError(`${JSON.stringify(text)} is no service account`, { hint: '--serviceaccount NAMESPACE/NAME' });
  return { namespace, name };
}
