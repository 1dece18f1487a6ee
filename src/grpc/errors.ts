import { Code, nameOf } from './codes.ts';

/** A call that failed, as gRPC tells it to who called. */
export interface GrpcError extends Error {
  readonly code: number;
  readonly details: string;
}

/** A call that failed so. */
export function grpcError(code: number, details: string): GrpcError {
  const text = `${code} ${nameOf(code)}: ${details}`;
  return Object.assign(new Error(text), { code, details });
}

/** A call that took too long. */
export function newTooLate(): GrpcError {
  return grpcError(Code.deadlineExceeded, 'Deadline exceeded');
}

/** Tells what comes from gRPC. */
export function isGrpcError(error: unknown): error is GrpcError {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' && 'details' in error;
}

/** What a server throws, to answer a call with a code and a message. */
export class RpcError extends Error {
  readonly code: number;

  constructor(code: number, text: string) {
    super(text);
    this.name = 'RpcError';
    this.code = code;
  }
}
