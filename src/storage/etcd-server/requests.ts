import { refusal } from './errors.ts';
import type { DeleteRangeRequest, PutRequest, RangeRequest, RequestOp, TxnRequest } from './messages.ts';
import { contains, type Interval, interval } from './revisions.ts';

/** So many operations may be in a transaction, together with those in which it is. */
const MOST_OPERATIONS = 128;

/** @throws RpcError for a range that cannot be */
export function checkRange({ key, sortOrder, sortTarget }: RangeRequest): void {
  if (key === '') throw refusal('emptyKey');
  if (!(sortOrder >= 0 && sortOrder <= 2) || !(sortTarget >= 0 && sortTarget <= 4)) throw refusal('invalidSort');
}

/** @throws RpcError for a put that cannot be */
export function checkPut({ key, value, lease, ignoreValue, ignoreLease }: PutRequest): void {
  if (key === '') throw refusal('emptyKey');
  if (ignoreValue && value.length > 0) throw refusal('valueProvided');
  if (ignoreLease && lease !== 0n) throw refusal('leaseProvided');
}

/** @throws RpcError for a deletion that cannot be */
export function checkDelete({ key }: DeleteRangeRequest): void {
  if (key === '') throw refusal('emptyKey');
}

/** @throws RpcError for a transaction that cannot be, whichever way it goes */
export function checkTxn(request: TxnRequest): void {
  checkSize(request, MOST_OPERATIONS);
  collectChanges(request.success);
  collectChanges(request.failure);
}

function checkSize({ compare, success, failure }: TxnRequest, most: number): void {
  const count = Math.max(compare.length, success.length, failure.length);
  if (count > most) throw refusal('tooManyOps');
  for (const { key } of compare) if (key === '') throw refusal('emptyKey');
  for (const op of [...success, ...failure]) checkOperation(op, most - count);
}

function checkOperation({ requestRange, requestPut, requestDeleteRange, requestTxn }: RequestOp, most: number): void {
  if (requestRange !== undefined) checkRange(requestRange);
  else if (requestPut !== undefined) checkPut(requestPut);
  else if (requestDeleteRange !== undefined) checkDelete(requestDeleteRange);
  else if (requestTxn !== undefined) checkSize(requestTxn, most);
  else throw refusal('keyNotFound');
}

interface Changes {
  readonly puts: Set<string>;
  readonly deletes: Interval[];
}

/** Keys that are put and intervals that are deleted. @throws RpcError if a key is changed twice */
function collectChanges(ops: readonly RequestOp[]): Changes {
  const puts = new Set<string>();
  const deletes = ops.flatMap(({ requestDeleteRange: range }) => (range === undefined ? [] : [interval(range)]));
  const add = (key: string): void => {
    if (puts.has(key) || deletes.some((range) => contains(range, key))) throw refusal('duplicateKey');
    puts.add(key);
  };
  for (const { requestTxn } of ops) {
    if (requestTxn === undefined) continue;
    const [then, otherwise] = [collectChanges(requestTxn.success), collectChanges(requestTxn.failure)];
    // one of both is done, so both may put the same key
    for (const key of new Set([...then.puts, ...otherwise.puts])) add(key);
    deletes.push(...then.deletes, ...otherwise.deletes);
  }
  for (const { requestPut } of ops) if (requestPut !== undefined) add(requestPut.key);
  return { puts, deletes };
}
