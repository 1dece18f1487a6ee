import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type EndpointSlice, MANAGED_BY_LABEL, SERVICE_NAME_LABEL } from './endpoint-slice.ts';
import { SliceEvents } from './slice-events.ts';
import { SliceTracker } from './slice-tracker.ts';

const WEB = { namespace: 'default', name: 'web' };

function slice(uid: string, generation: number, { service = 'web', manager = 'me' } = {}): EndpointSlice {
  const labels = { [SERVICE_NAME_LABEL]: service, [MANAGED_BY_LABEL]: manager };
  return { metadata: { namespace: 'default', name: uid, uid, generation, labels }, addressType: 'IPv4' };
}

test('a cache is behind as long as it shows an older slice, not all of them, or one that was deleted', () => {
  const tracker = new SliceTracker();
  assert.equal(tracker.isBehind(WEB, []), false);
  tracker.wrote(slice('a', 2));
  assert.equal(tracker.isBehind(WEB, []), true);
  assert.equal(tracker.isBehind(WEB, [slice('a', 1)]), true);
  assert.equal(tracker.isBehind(WEB, [slice('a', 2)]), false);
  tracker.deleted(slice('a', 2));
  assert.equal(tracker.isBehind(WEB, [slice('a', 2)]), true);
  assert.equal(tracker.isBehind(WEB, []), false);
  tracker.forget(WEB);
  assert.equal(tracker.isBehind(WEB, [slice('a', 2)]), false);
});

/** Whom an event asks for. */
function asked(
  tracker: SliceTracker,
  type: 'created' | 'updated' | 'deleted',
  object: EndpointSlice,
  old = object,
): string[] {
  const found: string[] = [];
  const event =
    type === 'updated' ? { type, object, old } : type === 'deleted' ? { type, object, final: true } : { type, object };
  const events = new SliceEvents({ manager: 'me', tracker, afterMs: 0 });
  events.handle(event as never, { add: ({ name }) => found.push(name) });
  return found;
}

test('what one wrote oneself asks for nothing, and what others do asks for the Service', () => {
  const tracker = new SliceTracker();
  tracker.wrote(slice('a', 1));
  assert.deepEqual(asked(tracker, 'created', slice('a', 1)), []);
  assert.deepEqual(asked(tracker, 'created', slice('b', 1)), ['web']);
  assert.deepEqual(asked(tracker, 'updated', slice('a', 2), slice('a', 1)), ['web']);
  assert.deepEqual(asked(tracker, 'created', slice('c', 1, { manager: 'somebody' })), []);
  assert.deepEqual(asked(tracker, 'deleted', slice('a', 1)), ['web']);
});

test('a deletion that was to be expected asks for nothing', () => {
  const tracker = new SliceTracker();
  tracker.deleted(slice('a', 1));
  assert.deepEqual(asked(tracker, 'deleted', slice('a', 1)), []);
});

test('a slice that comes to another Service or manager asks for those whom that is about', () => {
  const tracker = new SliceTracker();
  tracker.wrote(slice('a', 1));
  assert.deepEqual(asked(tracker, 'updated', slice('a', 1, { service: 'db' }), slice('a', 1)), ['db', 'web']);
  assert.deepEqual(asked(tracker, 'updated', slice('a', 1, { manager: 'other' }), slice('a', 1)), ['web']);
});
