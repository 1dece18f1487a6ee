import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as layout from './index.ts';
import { be16, be32, bytes, pad, struct, u32, u64, u8 } from './index.ts';

const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex');
const Key = struct('key', { address: be32, port: be16, protocol: u8, _gap: pad(1) });

test('a struct is written as C lays it out, numbers of the network in their order', () => {
  assert.equal(Key.size, 8);
  assert.equal(hex(Key.encode({ address: layout.ipv4('10.0.0.1'), port: 80, protocol: 6 })), '0a00000100500600');
});

test('what was written is read again, without gaps', () => {
  const value = { address: 0xffff_ffff, port: 65535, protocol: 255 };
  assert.deepEqual({ ...Key.decode(Key.encode(value)) }, value);
});

test('a gap that is not written down is refused, with how to write it', () => {
  assert.throws(() => struct('svc', { a: u8, b: u32 }), /svc has a gap of 3 bytes before b: write pad\(3\) there/);
  assert.throws(() => struct('svc', { a: u64, b: u32 }), /svc has a gap of 4 bytes before its end: write pad\(4\)/);
});

test('gaps, and only gaps, are named by an underscore', () => {
  assert.throws(() => struct('svc', { _a: u8 }), /svc\._a: gaps, and only gaps/);
  assert.throws(() => struct('svc', { a: pad(1) }), /svc\.a: gaps, and only gaps/);
});

test('a packed struct has its fields side by side', () => {
  const Option = layout.packed('option', { kind: u8, length: u8, port: be16, address: be32, more: u8 });
  assert.equal(Option.size, 9);
  assert.deepEqual(Option.at.address, { offset: 4, size: 'u32', scalar: 'be32' });
});

test('values that do not fit are refused, with their field', () => {
  const good = { address: 1, port: 2, protocol: 3 };
  assert.throws(
    () => Key.encode({ ...good, port: 65536 }),
    /RangeError: key\.port: 65536 must be an integer from 0 to 65535/,
  );
  assert.throws(() => Key.encode({ ...good, protocol: -1 }), /key\.protocol: -1 must be/);
  assert.throws(() => Key.encode({ ...good, port: undefined as never }), /key\.port must be given/);
  assert.throws(() => Key.decode(new Uint8Array(7)), /7 bytes must be 8 to be read as key/);
});

test('places of a struct within a struct are offsets in the whole', () => {
  const Whole = struct('whole', { first: u32, key: Key, tail: bytes(4) });
  assert.deepEqual(Whole.at.key.port, { offset: 8, size: 'u16', scalar: 'be16' });
  assert.deepEqual(Whole.within(14).key.port, { offset: 22, size: 'u16', scalar: 'be16' });
  assert.deepEqual(Whole.at.tail, { offset: 12, length: 4 });
});

test('arrays are written one element behind the other', () => {
  const Table = struct('table', { picks: layout.array(be16, 3) });
  assert.equal(hex(Table.encode({ picks: [1, 2, 0xff00] })), '00010002ff00');
  assert.throws(() => Table.encode({ picks: [1] }), /table\.picks: 1 elements must be 3/);
});

test('64 bits are bigints, with or without a sign', () => {
  const Times = struct('times', { seen: u64, drift: layout.i64, id: layout.be64 });
  const value = { seen: 0xffff_ffff_ffff_ffffn, drift: -5n, id: 1n };
  assert.equal(hex(Times.encode(value)), 'fffffffffffffffffbffffffffffffff0000000000000001');
  assert.deepEqual({ ...Times.decode(Times.encode(value)) }, value);
  assert.throws(() => Times.encode({ ...value, seen: -1n }), /times\.seen: -1 must be an integer of 64 bits/);
});

test("the kernel's contexts have the sizes and offsets of its headers", () => {
  const { BpfSockAddr, SkBuff, XdpMd } = layout;
  assert.deepEqual([XdpMd.size, SkBuff.size, BpfSockAddr.size], [24, 192, 72]);
  assert.deepEqual([SkBuff.at.data.offset, SkBuff.at.dataMeta.offset, SkBuff.at.gsoSize.offset], [76, 140, 176]);
  assert.equal(SkBuff.at.cb0.offset, 48);
  assert.deepEqual([BpfSockAddr.at.userPort.offset, BpfSockAddr.at.sk.offset], [24, 64]);
});

test('addresses are read and written as texts', () => {
  assert.equal(layout.ipv4('10.96.0.10'), 0x0a60000a);
  assert.equal(layout.ipv4Text(0xfffefdfc), '255.254.253.252');
  assert.equal(hex(layout.mac('02:00:00:00:aB:01')), '02000000ab01');
  assert.throws(() => layout.ipv4('10.0.0.256'), /"10\.0\.0\.256" must be an IPv4 address/);
  assert.throws(() => layout.mac('02:00'), /must be an address of hardware/);
});
