import type { KubeObject } from 'nekube/apimachinery';
import type { Identity } from '../trail/request.ts';
import { accountOfUser, userOfAccount } from './service-account.ts';

/** Who is to have roles (rbac.authorization.k8s.io/v1 Subject). */
export interface Subject {
  readonly kind: 'ServiceAccount' | 'User';
  readonly name: string;
  readonly namespace?: string;
}

/** A subject as a binding has it, which may be of any kind. */
export interface SubjectReference {
  readonly kind?: string;
  readonly name?: string;
  readonly namespace?: string;
}

/** The subject that a user name stands for. */
export function subjectOf(user: string): Subject {
  const account = accountOfUser(user);
  return account === undefined ? { kind: 'User', name: user } : { kind: 'ServiceAccount', ...account };
}

/** Whether a subject of a binding is a user, or a group that the user is in. */
export function isBound(
  { kind, name = '', namespace }: SubjectReference,
  binding: KubeObject,
  user: Pick<Identity, 'name' | 'groups'>,
): boolean {
  if (kind === 'ServiceAccount')
    return user.name === userOfAccount({ namespace: namespace ?? binding.metadata.namespace ?? '', name });
  if (kind === 'Group') return user.groups.includes(name);
  return kind === 'User' && user.name === name;
}
