import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isStatusError, type KubeObject, type Status, StatusError } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import { formatPath, pathOf } from 'nekube/smd';
import { conflictErrorOf, decideConflicts } from './apply-decided.ts';
import { type Configuration, findConflicts } from './field-conflicts.ts';
import { planApply } from './plan/plan.ts';

const head = { apiVersion: 'e.test/v1', kind: 'Thing' };
const configuration: Configuration = { ...head, metadata: { name: 'it' }, spec: { a: 2, b: 2 } } as Configuration;

const liveAt = (resourceVersion: string): KubeObject =>
  ({
    ...head,
    metadata: {
      name: 'it',
      resourceVersion,
      managedFields: ['a', 'b'].map((field) => ({
        manager: `owner-of-${field}`,
        operation: 'Apply',
        apiVersion: head.apiVersion,
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:spec': { [`f:${field}`]: {} } },
      })),
    },
    spec: { a: 1, b: 1 },
  }) as KubeObject;

function failure(code: number, reason: Status['reason']): StatusError {
  const message = 'refused';
  return new StatusError({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code, reason, message });
}

const conflictOver = (field: string): StatusError =>
  conflictErrorOf([
    {
      path: pathOf('spec', field),
      claim: {
        manager: `owner-of-${field}`,
        operation: 'Apply',
        apiVersion: head.apiVersion,
        subresource: '',
        time: undefined,
      },
      live: 1,
      applied: 2,
    },
  ]);

/** A server without schemas that refuses one apply after the other like this; `applied` is what it was sent. */
function refusing(refusal: (apply: number) => StatusError, resourceVersion: (read: number) => string = () => '1') {
  const applied: Configuration[] = [];
  let reads = 0;
  const client = {
    transport: {},
    get: async () => liveAt(resourceVersion(++reads)),
    async apply(sent: Configuration) {
      throw refusal(applied.push(sent));
    },
    async raw() {
      throw failure(404, 'NotFound');
    },
  } as unknown as Client;
  return { client, applied };
}

const options = { fieldManager: 'ci' };

test('a conflict that is there still when the others are decided refuses the apply', async () => {
  const { client, applied } = refusing((apply) => conflictOver(apply === 1 ? 'a' : 'b'));
  const found = await findConflicts(client, configuration, options);
  const decided = await decideConflicts(client, configuration, found, {
    ...options,
    decide: (conflicts) => conflicts.map(() => ({ decision: 'yield' as const })),
  });
  assert.deepEqual((applied[1] as unknown as { spec: unknown }).spec, { b: 2 });
  assert.match(decided.refusal?.message ?? 'not refused', /conflict with "owner-of-b": \.spec\.b/);
  assert.equal(decided.force, false);
  assert.deepEqual(
    decided.decided.map(({ path, decision }) => `${formatPath(path)} ${decision}`),
    ['.spec.a yield', '.spec.b fail'],
  );
});

describe('what is tried again', () => {
  test('not what the server refuses for an object that is the same before and after', async () => {
    const { client, applied } = refusing(() => failure(403, 'Forbidden'));
    await assert.rejects(findConflicts(client, configuration, options), (error) => isStatusError(error, 'Forbidden'));
    assert.equal(applied.length, 1);
  });

  test('an object that keeps changing is given up, when its conflicts are sought and when it is planned for', async () => {
    const stale = (error: unknown): boolean => isStatusError(error, 'Conflict');
    const changing = () => {
      const server = refusing((apply) => {
        if (apply > 100) throw new Error('it is tried for ever');
        return failure(409, 'Conflict');
      }, String);
      return server;
    };
    const sought = changing();
    await assert.rejects(findConflicts(sought.client, configuration, options), stale);
    assert.equal(sought.applied.length, 5);
    const planned = changing();
    await assert.rejects(planApply(planned.client, configuration, options), stale);
    assert.equal(planned.applied.length, 25);
  });
});
