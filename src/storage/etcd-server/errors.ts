import { Code, RpcError } from 'nekube/grpc';

const words = {
  emptyKey: [Code.invalidArgument, 'key is not provided'],
  keyNotFound: [Code.invalidArgument, 'key not found'],
  valueProvided: [Code.invalidArgument, 'value is provided'],
  leaseProvided: [Code.invalidArgument, 'lease is provided'],
  tooManyOps: [Code.invalidArgument, 'too many operations in txn request'],
  duplicateKey: [Code.invalidArgument, 'duplicate key given in txn request'],
  invalidSort: [Code.invalidArgument, 'invalid sort option'],
  tooLarge: [Code.invalidArgument, 'request is too large'],
  compacted: [Code.outOfRange, 'mvcc: required revision has been compacted'],
  future: [Code.outOfRange, 'mvcc: required revision is a future revision'],
  leaseNotFound: [Code.notFound, 'requested lease not found'],
  leaseExists: [Code.failedPrecondition, 'lease already exists'],
  leaseTooLong: [Code.outOfRange, 'too large lease TTL'],
  authNotEnabled: [Code.failedPrecondition, 'authentication is not enabled'],
  stopped: [Code.unavailable, 'server stopped'],
} as const;

/** A refusal in etcd's words. */
export function refusal(what: keyof typeof words): RpcError {
  const [code, text] = words[what];
  return new RpcError(code, `etcdserver: ${text}`);
}
