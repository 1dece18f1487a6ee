import type { JsonObject } from 'nekube/apimachinery';
import type { Claim } from '../conflict-causes.ts';

/** A manager in output for programs; the subresource only where it is one. */
export function managerData({
  manager,
  operation,
  subresource,
}: Pick<Claim, 'manager' | 'operation' | 'subresource'>): JsonObject {
  return { manager, operation, ...(subresource !== '' && { subresource }) };
}

/** A manager's entry in output for programs, without its fields. */
export function ownerData(owner: Claim): JsonObject {
  const { apiVersion, time } = owner;
  return { ...managerData(owner), apiVersion, ...(time !== undefined && { time }) };
}
