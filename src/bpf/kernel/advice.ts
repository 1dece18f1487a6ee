/** What the verifier says most often, and what is mostly meant by it. */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [/invalid access to packet/, 'compare the address behind the last byte with the end of the packet before'],
  [
    /map_value_or_null|mem_or_null|invalid mem access '\w+_or_null'/,
    'compare what the helper gave with 0 before it is used',
  ],
  [/!read_ok/, 'nothing was written to this register on this way; a call loses r1 to r5'],
  [
    /invalid (indirect )?(read|access) (from|to) stack|invalid read from stack/,
    'write all bytes on the stack, with the gaps of structs',
  ],
  [/misaligned stack access/, 'stack is read and written at multiples of the size'],
  [
    /unbounded|min value is negative|outside of the allowed memory range/,
    'compare the index with its limit, or mask it, before it is added',
  ],
  [/infinite loop detected|back-edge/, 'the loop must end by a number that the verifier can follow'],
  [/Unreleased reference/, 'give back what was reserved or looked up, on every way'],
  [
    /BPF program is too large|too many instructions|sequence of \d+ jumps is too complex/,
    'split the program by tail calls or global functions',
  ],
  [/unreachable insn/, 'no way leads there: a jump or an exit before it is taken always'],
  [/unknown func|cannot use helper|invalid func/, 'this kind of program, or this kernel, does not have the helper'],
  [/GPL/, "the helper needs the spec's license to be GPL or compatible"],
  [
    /invalid mem access 'scalar'/,
    'this is a number and no address; packets must be asked for again when a helper moved them',
  ],
];

/** Advice on a reason of the verifier, where there is some. */
export function adviceOn(reason: string): string | undefined {
  return ADVICE.find(([words]) => words.test(reason))?.[1];
}
