import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BalancedAddresses } from './balanced-addresses.ts';

test('a gateway has what the load balancer of its Service has, and is told what it has not', async () => {
  const book = new BalancedAddresses({ address: '10.0.0.5', loadBalancerClass: 'example.com/lb' });
  const wishes = [
    { key: 'a/none', wanted: [], has: [] },
    { key: 'a/some', wanted: [], has: [], balanced: ['203.0.113.7', 'lb.example'] },
    { key: 'a/other', wanted: ['203.0.113.9'], has: [], balanced: ['203.0.113.8'] },
  ];
  const { given, listen, exposure } = await book.assign(wishes);
  assert.equal(listen.size, 0);
  assert.equal(exposure?.address, '10.0.0.5');
  assert.deepEqual(given.get('a/some'), { addresses: ['203.0.113.7', 'lb.example'] });
  assert.equal(given.get('a/none')?.problem?.reason, 'AddressNotAssigned');
  assert.match(given.get('a/none')!.problem!.message, /somebody serves the class example.com\/lb/);
  assert.deepEqual(given.get('a/other')?.problem, {
    reason: 'AddressNotUsable',
    message: 'its load balancer has 203.0.113.8, and not 203.0.113.9: ask for another address, or for none',
  });
  assert.equal(await book.assign(wishes), await book.assign(wishes));
});
