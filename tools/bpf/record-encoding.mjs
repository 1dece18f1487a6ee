// node tools/bpf/record-encoding.mjs: writes src/bpf/asm/testdata/encoding.txt, what LLVM makes of each instruction of the corpus.
//
// Two of LLVM's tools are asked: llvm-objdump for the text of our bytes, and the assembler of clang for the bytes of that text. Where
// the second differs from ours, or where a text is not taken, the line says so and nothing is written.
// CLANG and LLVM_OBJDUMP name them (default: clang-19, llvm-objdump-19); they must know cpu v4, so LLVM 18 or newer.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from '../build.mjs';

await build();
const { asm } = await import('nekube/bpf');
const { corpus } = await import('../../dist/bpf/asm/corpus.js');
const clang = process.env.CLANG ?? 'clang-19';
const objdump = process.env.LLVM_OBJDUMP ?? 'llvm-objdump-19';
const root = fileURLToPath(new URL('../..', import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'nekube-bpf-'));

const slotsOf = (one) => (one.opcode === 0x18 ? [one, undefined] : [one]);
const hex = (bytes) => Buffer.from(bytes).toString('hex');

/** The text section of assembly, as bytes. */
function assembled(text) {
  writeFileSync(join(dir, 'in.s'), text);
  execFileSync(clang, ['-target', 'bpfel', '-mcpu=v4', '-c', join(dir, 'in.s'), '-o', join(dir, 'out.o')]);
  execFileSync(objdump.replace('objdump', 'objcopy'), [
    '-O',
    'binary',
    '-j',
    '.text',
    join(dir, 'out.o'),
    join(dir, 'out.bin'),
  ]);
  return readFileSync(join(dir, 'out.bin'));
}

/** What objdump prints for the section, a line an instruction. */
function disassembled(bytes) {
  assembled(`.text\n.byte ${[...bytes].join(', ')}\n`);
  const out = execFileSync(objdump, ['-d', '--mcpu=v4', '--no-show-raw-insn', join(dir, 'out.o')], {
    encoding: 'utf8',
  });
  return [...out.matchAll(/^\s+\d+:\s+(.*?)(?: <[^ ]*>)?$/gm)].map((match) => match[1]);
}

const instructions = corpus();
const encoded = instructions.map((one) => asm.encode(slotsOf(one)));
const texts = disassembled(Buffer.concat(encoded));
const problems = texts.length === encoded.length ? [] : [`${encoded.length} instructions, ${texts.length} lines`];
const lines = texts.map((text, i) => `${hex(encoded[i])} ${text}`);
// distances in jumps are numbers in LLVM's assembly as well, but a call by a number is a helper's
const isLocalCall = ({ opcode, src }) => opcode === 0x85 && src !== 0;
const source = texts.map((text, i) => (isLocalCall(instructions[i]) ? `.byte ${[...encoded[i]].join(', ')}` : text));
const again = hex(assembled(`.text\n${source.join('\n')}\n`));
let at = 0;
for (const [i, bytes] of encoded.entries()) {
  const theirs = again.slice(at, at + hex(bytes).length);
  if (theirs !== hex(bytes)) problems.push(`${hex(bytes)} ours, ${theirs} LLVM's: ${texts[i]}`);
  at += hex(bytes).length;
}
rmSync(dir, { recursive: true });
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}
mkdirSync(join(root, 'src/bpf/asm/testdata'), { recursive: true });
writeFileSync(join(root, 'src/bpf/asm/testdata/encoding.txt'), `${lines.join('\n')}\n`);
console.log(`${lines.length} instructions, all as LLVM has them`);
