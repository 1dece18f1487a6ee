import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Writes } from '../maps/writes.ts';
import { applyWrites, type ByteMap } from './map-writer.ts';

const WRITES: Writes = {
  added: [
    { map: 'backends4', key: Uint8Array.of(1), value: Uint8Array.of(10) },
    { map: 'target_ports4', key: Uint8Array.of(2), value: Uint8Array.of(20) },
    { map: 'backends4', key: Uint8Array.of(3), value: Uint8Array.of(30) },
  ],
  tables: [{ offset: 7, values: Uint32Array.of(1, 3) }],
  services: [
    { map: 'services4', key: Uint8Array.of(4), value: Uint8Array.of(40) },
    { map: 'services4', key: Uint8Array.of(5) },
  ],
  removed: [{ map: 'backends4', key: Uint8Array.of(6) }],
};

/** Says what is asked of maps, with all that a map may have, or with the least. */
function recorder(hasAll: boolean) {
  const said: string[] = [];
  const mapOf = (name: string): ByteMap => ({
    setBytes: (key, value) => void said.push(`${name} ${key.join()}=${value.join()}`),
    deleteBytes: (key) => said.push(`${name} -${key.join()}`) > 0,
    ...(hasAll && {
      setAllBytes: (entries) => void said.push(`${name} ${entries.map(([key, value]) => `${key}=${value}`).join(' ')}`),
      setWords: (offset, values) => void said.push(`${name} from ${offset}: ${values.join()}`),
    }),
  });
  return { said, mapOf };
}

describe('writes come to maps in their order', () => {
  test('those of a map together, where it takes many', () => {
    const { said, mapOf } = recorder(true);
    applyWrites(WRITES, mapOf);
    assert.deepEqual(said, [
      'backends4 1=10 3=30',
      'target_ports4 2=20',
      'table from 7: 1,3',
      'services4 -5',
      'services4 4=40',
      'backends4 -6',
    ]);
  });

  test('one after another where it does not', () => {
    const { said, mapOf } = recorder(false);
    applyWrites(WRITES, mapOf);
    assert.deepEqual(said, [
      'backends4 1=10',
      'backends4 3=30',
      'target_ports4 2=20',
      'table 7,0,0,0=1,0,0,0',
      'table 8,0,0,0=3,0,0,0',
      'services4 -5',
      'services4 4=40',
      'backends4 -6',
    ]);
  });
});
