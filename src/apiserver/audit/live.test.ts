import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AuthorizationAttributes } from '../authorization/authorizer.ts';
import type { StagedEvent } from './event.ts';
import { LiveAudit, lineFor } from './live.ts';
import type { AuditStage } from './policy.ts';

const time = new Date('2026-01-02T03:04:05.670Z');

function staged(auditID: string, stage: AuditStage, more: Partial<StagedEvent['event']> = {}): StagedEvent {
  const user = { name: 'shop', groups: [] };
  const event = {
    level: 'Metadata',
    auditID,
    requestURI: '/',
    verb: 'watch',
    user,
    sourceIPs: [],
    userAgent: '',
  } as const;
  return { event: { ...event, received: time, annotations: new Map(), ...more }, stage, time };
}

function asked(verb: string, apiGroup: string, path = '/'): AuthorizationAttributes {
  const rest = { namespace: '', apiVersion: 'v1', resource: 'x', subresource: '', name: '' };
  return { user: { name: 'jane', groups: [] }, verb, apiGroup, path, resourceRequest: path === '/', ...rest };
}

describe('requests that are followed', () => {
  test('begin with those that are open, and end with who follows', () => {
    const live = new LiveAudit();
    live.sink(staged('ended', 'ResponseStarted'));
    live.sink(staged('open', 'ResponseStarted'));
    live.sink(staged('ended', 'ResponseComplete'));
    const told: string[] = [];
    const unfollow = live.follow(({ event, stage }) => told.push(`${event.auditID} ${stage}`));
    live.sink(staged('next', 'ResponseComplete'));
    assert.ok(live.isFollowed);
    unfollow();
    live.sink(staged('late', 'ResponseComplete'));
    assert.deepEqual([told, live.isFollowed], [['open ResponseStarted', 'next ResponseComplete'], false]);
  });

  const levels: readonly (readonly [what: string, attributes: AuthorizationAttributes, level: string])[] = [
    ['what is written has no body, since secrets are written', asked('create', ''), 'Metadata'],
    ['what is granted has one', asked('create', 'rbac.authorization.k8s.io'), 'Request'],
    ['what is signed has one', asked('update', 'certificates.k8s.io'), 'Request'],
    ['what is read of grants has none', asked('get', 'rbac.authorization.k8s.io'), 'Metadata'],
    ['who follows is not followed', asked('get', '', '/debug/audit'), 'None'],
  ];
  for (const [what, attributes, level] of levels)
    test(what, () => assert.equal(new LiveAudit().decide(attributes).level, level));

  const jane = { name: 'jane', groups: [] };
  const lines: readonly (readonly [
    what: string,
    more: Partial<StagedEvent['event']>,
    user: string,
    isTold: boolean,
  ])[] = [
    ['of a user are its own', {}, 'shop', true],
    ['of a user are not what others read', { user: jane }, 'shop', false],
    ['of a user are what others write, by which names are known', { user: jane, verb: 'create' }, 'shop', true],
    [
      'of a user are those that others make in its name',
      { user: jane, impersonatedUser: { name: 'shop', groups: [] } },
      'shop',
      true,
    ],
    ['of nobody in particular are all', { user: jane }, '', true],
  ];
  for (const [what, more, user, isTold] of lines)
    test(what, () => assert.equal(lineFor(staged('id', 'ResponseComplete', more), user) !== '', isTold));
});
