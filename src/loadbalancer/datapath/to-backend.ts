import { asm } from 'nekube/bpf';
import { copy, inFrame } from './frame.ts';
import { headersOf, type RequestParts } from './request-frame.ts';
import { rewrite } from './rewrite.ts';

const { load, r1, r10, r2, r7, r8, store } = asm;
type Code = asm.Code;

/** The address and port of the backend in r8, in the frame. */
export function backendInFrame({ shape, places }: RequestParts): Code {
  const { address: from, port } = shape.layouts.backend.at;
  return [
    load(r1, r8, port),
    store(r10, places.backendPort, r1),
    copy(inFrame(places.backendAddress), { base: r8, offset: from.offset }, shape.addressLength, r2),
  ];
}

/** Gives the packet the address and port of the backend that are in the frame. r7 is its protocol. */
export function rewriteToBackend({ shape, places }: RequestParts): Code {
  const to = { address: places.backendAddress, port: places.backendPort };
  return rewrite(shape, r7, { which: 'destination', to }, headersOf(places));
}
