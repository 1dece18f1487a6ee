/** One of the machine's eleven registers. An object and not a number, so that an operand says which of both it is. */
export interface Register {
  /** 0 to 10. */
  readonly register: number;
}

const register = (number: number): Register => Object.freeze({ register: number });

/** What a call and the program itself return. */
export const r0 = register(0);
/** The first argument of a call; at the program's start its context. */
export const r1 = register(1);
/** The second argument of a call. */
export const r2 = register(2);
/** The third argument of a call. */
export const r3 = register(3);
/** The fourth argument of a call. */
export const r4 = register(4);
/** The fifth argument of a call. */
export const r5 = register(5);
/** Kept across calls. */
export const r6 = register(6);
/** Kept across calls. */
export const r7 = register(7);
/** Kept across calls. */
export const r8 = register(8);
/** Kept across calls. */
export const r9 = register(9);
/** The end of the function's 512 bytes of stack, which are below it; it cannot be written. */
export const r10 = register(10);

/** All registers by their numbers. */
export const registers: readonly Register[] = [r0, r1, r2, r3, r4, r5, r6, r7, r8, r9, r10];

/** Whether an operand is a register; the others are numbers. */
export function isRegister(operand: Register | number): operand is Register {
  return typeof operand === 'object';
}
