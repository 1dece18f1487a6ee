import type { Instruction } from '../asm/instruction.ts';
import { ALU, ATOMIC } from '../asm/opcode.ts';
import { InterpreterFault } from './fault.ts';
import type { Memory } from './memory.ts';

/** An instruction that reads, changes and writes memory as one step. */
export function atomic(
  memory: Memory,
  registers: BigUint64Array,
  one: Instruction,
  address: bigint,
  size: number,
): void {
  const bits = size * 8;
  const old = memory.load(address, size);
  const value = BigInt.asUintN(bits, registers[one.src]!);
  if (one.imm === ATOMIC.compareExchange) {
    if (old === BigInt.asUintN(bits, registers[0]!)) memory.store(address, size, value);
    registers[0] = old;
    return;
  }
  memory.store(address, size, one.imm === ATOMIC.exchange ? value : combine(one.imm & ~ATOMIC.fetch, old, value));
  if (one.imm & ATOMIC.fetch) registers[one.src] = old;
}

function combine(operation: number, old: bigint, value: bigint): bigint {
  switch (operation) {
    case ALU.add:
      return old + value;
    case ALU.or:
      return old | value;
    case ALU.and:
      return old & value;
    case ALU.xor:
      return old ^ value;
    default:
      throw new InterpreterFault(`has an unknown atomic operation 0x${operation.toString(16)}`);
  }
}
