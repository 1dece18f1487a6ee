import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isService } from './workload-names.ts';

for (const [reached, expected] of [
  ['web.shop.svc:80', true],
  ['web.shop.svc.cluster.local:443', true],
  ['web.shop.svc (a question for its address)', true],
  ['db-0.db.shop.svc.cluster.local:5432', true],
  ['db-0.db.shop.svc:5432', true],
  ['api.svc.example.com:443', false],
  ['web.shop.svc.example.com:443', false],
  ['api.example:443', false],
  ['198.51.100.7:443', false],
] as const)
  test(`${reached} is ${expected ? 'a Service' : 'outside'}`, () => assert.equal(isService(reached), expected));
