import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Job, JobCondition } from '../job/job.ts';
import { expiryOf } from './expiry.ts';

const AT = '2026-01-01T00:00:00Z';
const NAMED = { namespace: 'default', name: 'one' };

function job(ttlSecondsAfterFinished: number | undefined, conditions: readonly JobCondition[], metadata = {}): Job {
  const spec = {
    selector: {},
    template: {},
    ...(ttlSecondsAfterFinished !== undefined && { ttlSecondsAfterFinished }),
  };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { ...NAMED, ...metadata },
    spec,
    status: { conditions: [...conditions] },
  };
}

test('a Job expires so many seconds after it has completed or failed', () => {
  const of = (type: string, status = 'True'): JobCondition[] => [{ type, status, lastTransitionTime: AT }];
  const cases = [
    { name: 'completed', job: job(10, of('Complete')), after: 10_000 },
    { name: 'failed', job: job(0, of('Failed')), after: 0 },
    { name: 'suspended', job: job(10, of('Suspended')), after: undefined },
    { name: 'completed no more', job: job(10, of('Complete', 'False')), after: undefined },
    { name: 'without a time to live', job: job(undefined, of('Complete')), after: undefined },
    { name: 'on its way out', job: job(10, of('Complete'), { deletionTimestamp: AT }), after: undefined },
  ];
  for (const { name, job: one, after } of cases)
    assert.equal(expiryOf(one), after === undefined ? undefined : Date.parse(AT) + after, name);
});

test('a Job that does not say when it ended is an error, not one to delete', () => {
  const message = 'unable to find the time when the Job default/one finished';
  assert.throws(() => expiryOf(job(1, [{ type: 'Complete', status: 'True' }])), { message });
});
