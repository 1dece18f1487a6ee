/**
 * A program that writes to a data directory until it is killed, and tells its parent what was acknowledged.
 * Arguments: the directory, and a number that makes the values of this run unlike those of others.
 */
import { openLmdb } from '../lmdb.ts';
import { bytes } from './fixtures.ts';

const [dir, round] = process.argv.slice(2);
const storage = await openLmdb(dir!, { historyBytes: 200_000 });
process.send!('ready');
await Promise.all(Array.from({ length: 16 }, (_, writer) => write(writer)));

async function write(writer: number): Promise<void> {
  for (let i = 0; ; i++) {
    const key = `/${writer}/${i % 20}`;
    const value = Array.from({ length: 1 + (i % 300) }, () => `${round}-${writer}-${i}`).join('|');
    const result = await storage.write({ key, value: bytes(value) });
    if (result.ok) process.send!([key, value, result.revision]);
  }
}
