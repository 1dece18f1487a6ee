import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TrailRequest } from '../trail/request.ts';
import { editsIn } from './edits.ts';

/** `VERB RESOURCE NAMESPACE/NAME CODE`, with the name or prefix that a body has behind. */
function request(line: string, i: number): TrailRequest {
  const [verb = '', kind = '', at = '', code = '', said] = line.split(' ');
  const [resource = '', ...group] = kind.split('.');
  const [namespace = '', name = ''] = at.split('/');
  const metadata = said?.endsWith('*') ? { generateName: said.slice(0, -1) } : { name: said };
  return {
    id: String(i),
    time: i,
    user: { name: 'operator', groups: [] },
    userAgent: '',
    verb,
    target: { group: group.join('.'), version: 'v1', resource, subresource: '', namespace, name },
    code: Number(code),
    decision: 'allowed',
    uri: '/',
    ...(said !== undefined && { body: { metadata } }),
  } as TrailRequest;
}

const CASES: readonly {
  readonly name: string;
  readonly requests: readonly string[];
  readonly edited?: readonly string[];
  readonly missed?: readonly string[];
}[] = [
  {
    name: 'what it made it may change',
    requests: ['create configmaps a/ 201 x', 'update configmaps a/x 200', 'delete configmaps a/x 200'],
  },
  { name: 'also what it made by an apply', requests: ['patch configmaps a/x 201', 'patch configmaps a/x 200'] },
  {
    name: 'and what the server named',
    requests: ['create configmaps a/ 201 x-*', 'patch configmaps a/x-abc 200', 'delete configmaps a/x-abc 200'],
  },
  {
    name: 'what others made it edits',
    requests: ['patch namespaces a/a 200', 'update deployments.apps a/x 200', 'delete secrets a/x 200'],
    edited: ['patch namespaces a', 'update deployments.apps a/x', 'delete secrets a/x'],
  },
  {
    name: 'of another namespace it is another',
    requests: ['create configmaps a/ 201 x', 'patch configmaps b/x 200'],
    edited: ['patch configmaps b/x'],
  },
  {
    name: 'what is made in one trial is its own in the others',
    requests: ['create configmaps probe-001-q/ 201 x', 'delete configmaps probe-002-q/x 404'],
  },
  {
    name: 'what it never made and is not there may be anybody’s',
    requests: ['delete configmaps a/x 404', 'delete configmaps a/x 404'],
    missed: ['delete configmaps a/x'],
  },
  { name: 'what was refused is no edit', requests: ['patch configmaps a/x 403', 'update configmaps a/x 409'] },
  {
    name: 'custom resources, elections and events are its own',
    requests: [
      'update shops.shop.example a/x 200',
      'update leases.coordination.k8s.io a/x 200',
      'patch events a/x 200',
    ],
  },
];

describe('objects that an operator writes to and did not make', () => {
  for (const { name, requests, edited = [], missed = [] } of CASES)
    test(name, () => assert.deepEqual(editsIn(requests.map(request), ['shops.shop.example']), { edited, missed }));
});
