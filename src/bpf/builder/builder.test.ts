import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Interpreter, type ObjectMemory } from '../interpreter/index.ts';
import {
  be16,
  be32,
  BpfSockAddr,
  bytes,
  Ethernet,
  ipv4,
  pad,
  struct,
  u16,
  u32,
  u64,
  u8,
  XdpMd,
} from '../layout/index.ts';
import { mapSpec, XDP } from '../spec/index.ts';
import { Random } from '../testing/random.ts';
import { assemble, listing } from '../asm/index.ts';
import { build, type Builder, type Value } from './index.ts';

const packet = Uint8Array.from({ length: 64 }, (_, i) => i + 1);

/** What a program gives that is written by `write`. */
function result(write: (b: Builder) => void, data = packet): number {
  return new Interpreter().run(build({ name: 'test', type: 'xdp' }, write), { data }).result;
}

const Word = struct('word', { value: u32 });
const Pair = struct('pair', { first: be16, second: be16, both: be32 });

test('values are calculated as 32 bits, or as 64 where one of them is wide', () => {
  assert.equal(
    result((b) => b.return(b.constant('u32', 0xffff_ffff).add(2))),
    1,
  );
  assert.equal(
    result((b) => b.return(b.constant('u64', 0x1_0000_0000n).add(5).shr(8))),
    0x100_0000,
  );
  assert.equal(
    result((b) => b.return(b.constant('u32', 0x8000_0001).rotate(4))),
    0x18,
  );
});

test('fields of the network are compared with numbers that mean what they say, and converted', () => {
  const read = (b: Builder): { first: Value<'be16'>; both: Value<'be32'> } => {
    const pair = b
      .packet()
      .require(16, () => b.return(0))
      .at(Pair, 0);
    return { first: pair.get('first'), both: pair.get('both') };
  };
  assert.equal(
    result((b) => {
      b.if(read(b).first.eq(0x0102), () => b.return(7));
      b.return(8);
    }),
    7,
  );
  assert.equal(
    result((b) => b.return(read(b).both.toHost())),
    0x0506_0708,
  );
  assert.equal(
    result((b) => b.return(read(b).first.toHost().add(1).as('u16').toNetwork().as('u32'))),
    0x0301,
  );
});

test('types that do not meet are refused by TypeScript', () => {
  build({ name: 'types', type: 'xdp' }, (b) => {
    const pair = b
      .packet()
      .require(16, () => b.return(0))
      .at(Pair, 0);
    // @ts-expect-error a number of the network is not calculated with
    pair.get('first').add(1);
    // @ts-expect-error a port of 16 bits is no address
    pair.get('both').eq(pair.get('first'));
    // @ts-expect-error an address is not stored into a port
    pair.set('first', pair.get('both'));
    // @ts-expect-error there is no such field
    assert.throws(() => pair.get('third'));
    b.return(0);
  });
});

test('if and else, nested and ending the program, go the right way', () => {
  const choose = (value: number): number =>
    result((b) => {
      const x = b.constant('u32', value);
      const y = b.variable(b.constant('u32', 0));
      b.if(
        x.lt(10),
        () =>
          b.if(
            x.has(1),
            () => y.assign(1),
            () => y.assign(2),
          ),
        () => b.if(x.eq(99), () => b.return(77)),
      );
      b.if(x.ge(50), () => y.assign(y.add(100)));
      b.return(y);
    });
  assert.deepEqual([3, 4, 20, 50, 99].map(choose), [1, 2, 0, 100, 77]);
});

test('a loop goes on as long as its condition holds', () => {
  const sum = result((b) => {
    const i = b.variable(b.constant('u32', 0));
    const all = b.variable(b.constant('u32', 0));
    b.while(
      () => i.lt(10),
      () => {
        all.assign(all.add(i));
        i.assign(i.add(1));
      },
    );
    b.return(all);
  });
  assert.equal(sum, 45);
});

test('more values than there are registers go to the stack, across calls too', () => {
  const total = result((b) => {
    const view = b
      .packet()
      .require(64, () => b.return(0))
      .at(struct('all', { words: bytes(60), last: u32 }), 0);
    const values = Array.from({ length: 24 }, (_, i) => b.constant('u32', i + 1).add(view.get('last').and(0)));
    b.call('ktime_get_ns');
    const [first, ...others] = values;
    b.return(others.reduce((sum, one) => sum.mul(3).add(one), first!));
  });
  let expected = 1;
  for (let i = 2; i <= 24; i++) expected = (Math.imul(expected, 3) + i) >>> 0;
  assert.equal(total, expected);
});

test('arguments of calls find their registers, whatever is in them', () => {
  // csum_diff(0, 0, at, 4, seed): arguments in opposite order of how they were made
  const Four = struct('four', { value: u32 });
  const given = result((b) => {
    const seed = b.constant('u32', 5);
    const memory = b.stack(Four, { value: 0x10 });
    b.return(b.call('csum_diff', 0, 0, memory, 4, seed).as('u32'));
  });
  assert.equal(given, 0x15);
});

test('random expressions give what they give in JavaScript', () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = new Random(seed);
    let expected = 0;
    const given = result((b) => {
      const values: { value: Value<'u32'>; number: number }[] = Array.from({ length: 12 }, () => {
        const number = random.bits();
        return { value: b.constant('u32', number), number };
      });
      for (let i = 0; i < 60; i++) {
        const [x, y] = [random.of(values), random.of(values)];
        const [value, number] = random.of([
          (): [Value<'u32'>, number] => [x.value.add(y.value), x.number + y.number],
          (): [Value<'u32'>, number] => [x.value.sub(y.value), x.number - y.number],
          (): [Value<'u32'>, number] => [x.value.xor(y.value), x.number ^ y.number],
          (): [Value<'u32'>, number] => [x.value.shr(7), x.number >>> 7],
          (): [Value<'u32'>, number] => [x.value.mul(y.value), Math.imul(x.number, y.number)],
        ])();
        values[random.below(values.length)] = { value, number: number >>> 0 };
        if (random.chance(10)) b.call('ktime_get_ns');
      }
      expected = values.reduce((all, { number }) => (all ^ number) >>> 0, 0);
      b.return(values.map(({ value }) => value).reduce((all, one) => all.xor(one)));
    });
    assert.equal(given, expected, `seed ${seed}`);
  }
});

test('a packet from before its bounds changed is refused while the program is written', () => {
  assert.throws(
    () =>
      result((b) => {
        const before = b
          .packet()
          .require(14, () => b.return(0))
          .at(Ethernet, 0);
        b.call('xdp_adjust_head', b.context(XdpMd), -8);
        b.return(before.get('type').as('u32'));
      }),
    /This packet was asked for before its bounds changed: ask for it again/,
  );
});

test('a header beyond what was required is refused while the program is written', () => {
  assert.throws(
    () =>
      result((b) =>
        b.return(
          b
            .packet()
            .require(14, () => b.return(0))
            .at(Pair, 8)
            .get('both')
            .as('u32'),
        ),
      ),
    /pair ends at 16, but only 14 bytes were required/,
  );
});

test('a key on the stack is written whole, with its gaps, and maps are collected', () => {
  const Key = struct('key', { id: u16, kind: u8, _gap: pad(1), more: u32 });
  const map = mapSpec({ name: 'keys', type: 'hash', key: Key, value: Word, maxEntries: 4 });
  const program = build({ name: 'keys', type: 'xdp' }, (b) => {
    const key = b.stack(Key, { id: 513, kind: 7 });
    b.return(b.lookup(map, key, Word, () => b.return(XDP.drop)).get('value'));
  });
  assert.deepEqual(program.maps, [map]);
  const interpreter = new Interpreter();
  assert.equal(interpreter.run(program, { data: packet }).result, XDP.drop);
  interpreter.map(map).set({ id: 513, kind: 7, more: 0 }, { value: 42 });
  assert.equal(interpreter.run(program, { data: packet }).result, 42);
});

test('counters are added to as one step', () => {
  const Count = struct('count', { packets: u64 });
  const map = mapSpec({ name: 'counts', type: 'array', value: Count, maxEntries: 1 });
  const program = build({ name: 'counts', type: 'xdp' }, (b) => {
    const count = b.lookup(map, b.stack(Word), Count, () => b.return(XDP.drop));
    count.increment('packets', b.constant('u64', 3n));
    b.return(XDP.pass);
  });
  const interpreter = new Interpreter();
  interpreter.run(program, { data: packet });
  interpreter.run(program, { data: packet });
  assert.equal(interpreter.map(map).get(0)!.packets, 6n);
});

test('what nobody reads is left out, and endings are shared', () => {
  const program = build({ name: 'small', type: 'xdp' }, (b) => {
    const view = b
      .packet()
      .require(14, () => b.return(XDP.pass))
      .at(Ethernet, 0);
    view.get('type');
    b.if(view.get('type').ne(0x0800), () => b.return(XDP.pass));
    b.return(XDP.drop);
  });
  const text = listing(assemble('small', program.code));
  assert.equal(text.match(/r0 = 0x2/g)?.length, 1);
  assert.equal(text.match(/u16/g)?.length, 1);
});

test('each instruction has the line that wrote it', () => {
  const program = build({ name: 'lines', type: 'xdp' }, (b) => b.return(b.constant('u32', 5).add(6)));
  assert.match(listing(assemble('lines', program.code), { source: true }), /; const program = build\(\{ name: 'lines'/);
});

test('addresses of IPv6 are copied and read by words, aligned on the stack', () => {
  const Address = struct('address', { port: be16, _gap: pad(2), address: bytes(16) });
  const Source = struct('source', { before: bytes(3), address: bytes(16) });
  const given = (index: number): number =>
    result((b) => {
      const source = b
        .packet()
        .require(32, () => b.return(0))
        .at(Source, 0);
      const key = b.stack(Address, { port: 80 });
      key.copy('address', source, 'address');
      key.setWord('address', 3, 0x0a0b0c0d);
      b.return(key.word('address', index).toHost());
    });
  assert.deepEqual([0, 1, 3].map(given), [0x04050607, 0x08090a0b, 0x0a0b0c0d]);
  assert.throws(() => given(4), /address\.address has no word 4/);
});

test('a program goes on with another by a tail call', () => {
  const programs = mapSpec({ name: 'progs', type: 'prog_array', maxEntries: 2 });
  const program = build({ name: 'tail', type: 'xdp' }, (b) => {
    b.call('tail_call', b.context(XdpMd), programs, 1);
    b.return(XDP.drop);
  });
  const interpreter = new Interpreter();
  assert.equal(interpreter.run(program, { data: packet }).result, XDP.drop);
  const next = build({ name: 'next', type: 'xdp' }, (b) => b.return(XDP.tx));
  (interpreter.map(programs) as ObjectMemory<number, number>).put(1, next);
  assert.equal(interpreter.run(program, { data: packet }).result, XDP.tx);
});

test('a program of sockets changes where they connect to', () => {
  const program = build({ name: 'connect', type: 'cgroup_sock_addr', attachType: 'cgroup_inet4_connect' }, (b) => {
    const socket = b.context(BpfSockAddr);
    b.if(socket.get('userIp4').eq(ipv4('10.96.0.10')), () => socket.set('userIp4', ipv4('10.244.1.10')));
    b.return(1);
  });
  const context = new Uint8Array(BpfSockAddr.size);
  new DataView(context.buffer).setUint32(BpfSockAddr.at.userIp4.offset, ipv4('10.96.0.10'));
  const run = new Interpreter().run(program, { context });
  assert.equal(run.result, 1);
  assert.equal(BpfSockAddr.decode(run.context).userIp4, ipv4('10.244.1.10'));
});

test('a number of 64 bits that becomes one of 32 loses its upper half', () => {
  const given = result((b) => b.return(b.constant('u64', 0x5_0000_0001n).as('u32').as('u64').shr(32).add(9)));
  assert.equal(given, 9);
});
