import { checksum, u16 } from './packets.ts';

/** Behind Ethernet's header. */
const L3 = 14;

/** A packet of IPv4 with options, or one of IPv6 with extension headers, which are made of the same bytes: so many words of eight. */
export function withMore(packet: Uint8Array, words = 1): Uint8Array {
  return packet[12] === 0x08 ? withOptions(packet, words) : withExtensions(packet, words);
}

/** Options that mean nothing. */
function withOptions(packet: Uint8Array, words: number): Uint8Array {
  const header = [...packet.subarray(L3, L3 + 20)];
  header[0] = (header[0] as number) + 2 * words;
  const options = Array.from({ length: 8 * words }, () => 1);
  header.splice(2, 2, ...u16(((header[2] as number) << 8) + (header[3] as number) + options.length));
  header.splice(10, 2, 0, 0);
  header.splice(10, 2, ...u16(checksum([...header, ...options])));
  return Uint8Array.from([...packet.subarray(0, L3), ...header, ...options, ...packet.subarray(L3 + 20)]);
}

/** Options for the destination that mean nothing, each in a header of its own. */
function withExtensions(packet: Uint8Array, words: number): Uint8Array {
  const header = [...packet.subarray(L3, L3 + 40)];
  const extensions = Array.from({ length: words }, (_, i) => [
    i === words - 1 ? (header[6] as number) : 60,
    ...[0, 1, 4, 0, 0, 0, 0],
  ]);
  header[6] = 60;
  header.splice(4, 2, ...u16(((header[4] as number) << 8) + (header[5] as number) + 8 * words));
  return Uint8Array.from([...packet.subarray(0, L3), ...header, ...extensions.flat(), ...packet.subarray(L3 + 40)]);
}

/** A packet in two pieces, of which the first has so many bytes behind the header. */
export function pieces(packet: Uint8Array, bytes: number, id = 0x1234): [Uint8Array, Uint8Array] {
  const cut = packet[12] === 0x08 ? piece4 : piece6;
  return [cut(packet, id, 0, bytes), cut(packet, id, bytes, packet.length)];
}

function piece4(packet: Uint8Array, id: number, from: number, to: number): Uint8Array {
  const header = [...packet.subarray(L3, L3 + 20)];
  const content = packet.subarray(L3 + 20).subarray(from, to);
  const more = to < packet.length - L3 - 20;
  header.splice(2, 6, ...u16(20 + content.length), ...u16(id), ...u16((more ? 0x2000 : 0) | (from / 8)));
  header.splice(10, 2, 0, 0);
  header.splice(10, 2, ...u16(checksum(header)));
  return Uint8Array.from([...packet.subarray(0, L3), ...header, ...content]);
}

function piece6(packet: Uint8Array, id: number, from: number, to: number): Uint8Array {
  const header = [...packet.subarray(L3, L3 + 40)];
  const content = packet.subarray(L3 + 40).subarray(from, to);
  const more = to < packet.length - L3 - 40;
  const extension = [header[6] as number, 0, ...u16(from | (more ? 1 : 0)), 0, 0, ...u16(id)];
  header[6] = 44;
  header.splice(4, 2, ...u16(8 + content.length));
  return Uint8Array.from([...packet.subarray(0, L3), ...header, ...extension, ...content]);
}
