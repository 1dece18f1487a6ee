// The little of ELF that is needed to run what clang made: a section's instructions, with the names of maps in them.
import { readFileSync } from 'node:fs';
import { asm } from 'nekube/bpf';

/** The instructions of a section of an object file of clang's. */
export function readProgram(path, section) {
  const bytes = readFileSync(path);
  const headers = sectionHeaders(bytes);
  const text = headers.find(({ name }) => name === section);
  const slots = asm.decode(new Uint8Array(bytes.subarray(text.offset, text.offset + text.size)));
  const relocations = headers.find(({ name }) => name === `.rel${section}`);
  const symbols = headers[relocations.link];
  for (let at = relocations.offset; at < relocations.offset + relocations.size; at += 16) {
    const slot = Number(bytes.readBigUInt64LE(at)) / 8;
    const symbol = symbols.offset + bytes.readUInt32LE(at + 12) * 24;
    slots[slot] = {
      ...slots[slot],
      src: 1,
      map: stringAt(bytes, headers[symbols.link].offset + bytes.readUInt32LE(symbol)),
    };
  }
  return slots.filter((one) => one !== undefined);
}

function sectionHeaders(bytes) {
  const [start, size, count, names] = [
    bytes.readBigUInt64LE(40),
    bytes.readUInt16LE(58),
    bytes.readUInt16LE(60),
    bytes.readUInt16LE(62),
  ];
  const headers = Array.from({ length: count }, (_, i) => {
    const at = Number(start) + i * size;
    return {
      nameAt: bytes.readUInt32LE(at),
      offset: Number(bytes.readBigUInt64LE(at + 24)),
      size: Number(bytes.readBigUInt64LE(at + 32)),
      link: bytes.readUInt32LE(at + 40),
    };
  });
  return headers.map((header) => ({ ...header, name: stringAt(bytes, headers[names].offset + header.nameAt) }));
}

function stringAt(bytes, at) {
  return bytes.toString('latin1', at, bytes.indexOf(0, at));
}
