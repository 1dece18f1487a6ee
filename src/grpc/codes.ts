/** Codes of gRPC, by their names in Go. */
export const Code = {
  ok: 0,
  canceled: 1,
  unknown: 2,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  alreadyExists: 6,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  aborted: 10,
  outOfRange: 11,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
  dataLoss: 15,
  unauthenticated: 16,
} as const;

const NAMES = new Map<number, string>(
  Object.entries(Code).map(([name, code]) => [code, name[0]!.toUpperCase() + name.slice(1)]),
);

/** How Go prints a code. */
export function nameOf(code: number): string {
  return NAMES.get(code) ?? `Code(${code})`;
}
