import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OwnAddresses, SharedAddresses } from './address-book.ts';
import { parseAddressRange } from './address-range.ts';
import { canListenOn } from './usable-addresses.ts';

const wish = (key: string, ...wanted: string[]): { key: string; wanted: string[]; has: string[] } => ({
  key,
  wanted,
  has: [],
});
const isTen = async (address: string): Promise<boolean> => address.startsWith('10.');

test('addresses stay where a gateway comes or goes, and the maps where none does', async () => {
  const book = new OwnAddresses(parseAddressRange('10.0.0.0/29'), isTen);
  const first = await book.assign([wish('a'), wish('b')]);
  assert.equal(await book.assign([wish('a'), wish('b')]), first);
  const second = await book.assign([wish('new'), wish('b')]);
  assert.deepEqual(
    [...second.listen],
    [
      ['new', ['10.0.0.1']],
      ['b', ['10.0.0.2']],
    ],
  );
});

test('who shares the machine listens on all of it, or on what it names', async () => {
  const book = new SharedAddresses(['10.0.0.1'], isTen);
  const { listen, given } = await book.assign([wish('a'), wish('b', '10.0.0.2', '192.0.2.1')]);
  assert.deepEqual([...listen], [['b', ['10.0.0.2']]]);
  assert.deepEqual(given.get('a'), { addresses: ['10.0.0.1'] });
  assert.equal(
    given.get('b')!.problem?.message,
    '192.0.2.1 is no address of this machine: ask for 10.0.0.1, or for none',
  );
});

test('what can be listened on is an address of this machine', async () => {
  assert.equal(await canListenOn('127.0.0.1'), true);
  assert.equal(await canListenOn('192.0.2.1'), false);
});
