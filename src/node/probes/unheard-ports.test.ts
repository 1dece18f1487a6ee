import assert from 'node:assert/strict';
import { test } from 'node:test';
import { portsIn, type PublishedPort, unheardMessage } from './unheard-ports.ts';

const published = (...ports: readonly (readonly [number, number])[]): readonly PublishedPort[] =>
  ports.map(([containerPort, port]) => ({ port: { containerPort }, place: { host: '127.0.0.1', port } }));

const cases: readonly {
  readonly name: string;
  readonly ports: readonly PublishedPort[];
  readonly heard: readonly number[];
  readonly message: string | undefined;
}[] = [
  { name: 'no ports', ports: [], heard: [], message: undefined },
  { name: 'a port that is listened on', ports: published([80, 10_001]), heard: [10_001], message: undefined },
  {
    name: 'a program that listens on the port it likes',
    ports: published([80, 10_001]),
    heard: [80],
    message:
      'Nobody listens where container port 80 (127.0.0.1:10001) is looked for: on this node the program must listen on ' +
      '$NEKUBE_LISTEN_ADDRESS and $NEKUBE_PORT_80, or be given them by its command',
  },
  {
    name: 'two of three ports',
    ports: published([80, 10_001], [81, 10_002], [82, 10_003]),
    heard: [10_002],
    message:
      'Nobody listens where container ports 80 (127.0.0.1:10001), 82 (127.0.0.1:10003) are looked for: on this node the ' +
      'program must listen on $NEKUBE_LISTEN_ADDRESS and $NEKUBE_PORT_80, or be given them by its command',
  },
];
for (const { name, ports, heard, message } of cases)
  test(`what is told of ${name}`, () => {
    assert.equal(unheardMessage(ports, new Set(heard)), message);
  });

test('of the tables of the kernel those that listen count', () => {
  const table = `  sl  local_address rem_address   st tx_queue rx_queue
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000
   1: 0100007F:1F91 0100007F:0050 01 00000000:00000000
   0: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000`;
  assert.deepEqual([...portsIn(table)], [8080, 80]);
  const datagrams = `  sl  local_address rem_address   st tx_queue rx_queue
  10: 00000000:1F90 00000000:0000 07 00000000:00000000
  11: 0100007F:1F91 0100007F:0035 01 00000000:00000000`;
  assert.deepEqual([...portsIn(datagrams, '07')], [8080]);
});
