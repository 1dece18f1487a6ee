import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import type { JsonValue } from 'nekube/apimachinery';
import { kernelOnly, MACHINES } from '../testing/machines.ts';
import type { PacketResult, ProgramName } from './config.ts';
import { readPacketRunConfig } from './read-config.ts';
import { packetRunner, type PacketRunner } from './run.ts';

/** Packets and what becomes of them, as tools/packet-cases.mjs writes them down. */
interface PacketCases {
  readonly configs: Readonly<Record<string, JsonValue>>;
  readonly cases: readonly PacketCase[];
}

interface PacketCase {
  readonly name: string;
  readonly config: string;
  readonly program: ProgramName;
  readonly in: string;
  readonly verdict: PacketResult['verdict'];
  /** Of a packet that is not dropped. */
  readonly out?: string;
  readonly mask?: readonly (readonly [number, number])[];
  readonly counted: Readonly<Record<string, number>>;
}

const file = new URL('../../../src/loadbalancer/testdata/packets.json', import.meta.url);
const { configs, cases } = JSON.parse(readFileSync(file, 'utf8')) as PacketCases;

test('there are more than two hundred', () => {
  assert.ok(cases.length > 200, `${cases.length}`);
});

for (const machine of MACHINES)
  for (const [name, config] of Object.entries(configs))
    describe(`${name}, in the ${machine}`, kernelOnly(machine), () => {
      let runner: PacketRunner | undefined;
      after(() => runner?.close());
      for (const one of cases.filter((of) => of.config === name))
        test(one.name, () => {
          runner ??= packetRunner(machine, readPacketRunConfig(config));
          const { verdict, packet, counters } = runner.run({
            program: one.program,
            packet: Uint8Array.from(Buffer.from(one.in, 'hex')),
          });
          const out = one.out && masked(Buffer.from(packet).toString('hex'), one);
          assert.deepEqual(
            { verdict, out, counters },
            { verdict: one.verdict, out: one.out && masked(one.out, one), counters: one.counted },
          );
        });
    });

function masked(hex: string, { mask = [] }: PacketCase): string {
  return mask.reduce((text, [from, to]) => text.slice(0, 2 * from) + '..'.repeat(to - from) + text.slice(2 * to), hex);
}
