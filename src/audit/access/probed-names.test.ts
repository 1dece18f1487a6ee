import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TrailRequest } from '../trail/request.ts';
import { probedNames } from './probed-names.ts';

const USER = 'system:serviceaccount:operators:shop';

function request(who: string, verb: string, resource: string, name: string, spec = {}): TrailRequest {
  const target = { group: '', version: 'v1', resource, subresource: '', namespace: '', name };
  const body = { metadata: { name }, spec };
  const user = { name: who, groups: [] };
  return { id: name, time: 0, user, userAgent: '', verb, target, code: 200, decision: 'allowed', uri: '/', body };
}

const isSound = (name: string, requests: readonly TrailRequest[]): boolean =>
  probedNames(requests, USER, 'operators')({ verb: 'get', group: '', resource: 'secrets', namespace: '', name });

describe('a name in an audit is sound', () => {
  const asked = request(USER, 'get', 'secrets', 'vault');
  const made = request('admin', 'create', 'secrets', 'vault');
  const named = (text: string): TrailRequest => request('admin', 'create', 'shops', 'flowers', { key: [text] });

  test('if the operator asked for it', () => assert.ok(isSound('vault', [named('red'), asked])));
  test('also if the audit made it then', () => assert.ok(isSound('vault', [asked, made])));
  test('not if it was there before', () => assert.ok(!isSound('vault', [made, asked])));
  test('not if a resource says it', () => assert.ok(!isSound('vault', [named('vault'), asked, made])));
});
