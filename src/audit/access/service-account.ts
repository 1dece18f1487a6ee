/** A service account, by where it is. */
export interface ServiceAccountRef {
  readonly namespace: string;
  readonly name: string;
}

/** The name of the user that a service account is. */
export function userOfAccount({ namespace, name }: ServiceAccountRef): string {
  return `system:serviceaccount:${namespace}:${name}`;
}

/** The groups that a server puts the user of a service account in. */
export function groupsOfAccount({ namespace }: Pick<ServiceAccountRef, 'namespace'>): readonly string[] {
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'];
}

/** The service account that a user is; undefined: the user is none. */
export function accountOfUser(user: string): ServiceAccountRef | undefined {
  const [, namespace, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(user) ?? [];
  return namespace === undefined || name === undefined ? undefined : { namespace, name };
}
