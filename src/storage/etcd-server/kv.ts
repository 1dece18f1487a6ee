import type { Database } from './database.ts';
import { refusal } from './errors.ts';
import type {
  Answer,
  Compare,
  DeleteRangeRequest,
  KeyValue,
  PutRequest,
  RangeRequest,
  RequestOp,
  TxnRequest,
} from './messages.ts';
import { checkDelete, checkPut, checkRange, checkTxn } from './requests.ts';
import { interval, type Version } from './revisions.ts';

const NOTHING = new Uint8Array(0);

/** The methods of etcd's KV: what they answer, of whose header the revision is set here. */
export class Kv {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** @throws RpcError */
  range(request: RangeRequest): Answer {
    checkRange(request);
    return this.#range(request);
  }

  /** @throws RpcError */
  put(request: PutRequest): Answer {
    checkPut(request);
    this.#checkPut(request);
    const answer = this.#put(request);
    this.#database.commit();
    return answer;
  }

  /** @throws RpcError */
  deleteRange(request: DeleteRangeRequest): Answer {
    checkDelete(request);
    const answer = this.#deleteRange(request);
    this.#database.commit();
    return answer;
  }

  /** All or nothing of it is done. @throws RpcError */
  txn(request: TxnRequest): Answer {
    checkTxn(request);
    const plan = this.#plan(request);
    this.#checkPlan(plan);
    const answer = this.#execute(plan);
    const revision = this.#database.revisions.reading;
    this.#database.commit();
    return { ...answer, header: { revision } };
  }

  /** Which way a transaction goes, and those in it: comparisons see what was there before all of it. */
  #plan({ compare, success, failure }: TxnRequest): Plan {
    const succeeded = compare.every((condition) => this.#holds(condition));
    const steps = (succeeded ? success : failure).map((op) => ({
      op,
      plan: op.requestTxn === undefined ? undefined : this.#plan(op.requestTxn),
    }));
    return { succeeded, steps };
  }

  #checkPlan({ steps }: Plan): void {
    for (const { op, plan } of steps) {
      if (op.requestRange !== undefined) this.#database.revisions.readable(op.requestRange.revision);
      else if (op.requestPut !== undefined) this.#checkPut(op.requestPut);
      else if (plan !== undefined) this.#checkPlan(plan);
    }
  }

  #execute({ succeeded, steps }: Plan): Answer {
    const responses = steps.map(({ op, plan }): Answer => {
      if (op.requestRange !== undefined) return { responseRange: this.#range(op.requestRange) };
      if (op.requestPut !== undefined) return { responsePut: this.#put(op.requestPut) };
      if (op.requestDeleteRange !== undefined) return { responseDeleteRange: this.#deleteRange(op.requestDeleteRange) };
      return { responseTxn: { header: {}, ...this.#execute(plan!) } };
    });
    return { succeeded, responses };
  }

  #range(request: RangeRequest): Answer {
    const { revisions } = this.#database;
    const { limit, keysOnly, countOnly } = request;
    const at = revisions.readable(request.revision);
    const order = orderOf(request);
    const isKept = filterOf(request);
    // without an order the first ones are enough, and the others are only counted
    const most = order === undefined && isKept === undefined && limit > 0 ? limit + 1 : Number.POSITIVE_INFINITY;
    let count = 0;
    let found: KeyValue[] = [];
    revisions.scan(interval(request), at, (version) => {
      count++;
      if (!countOnly && found.length < most) found.push(version);
    });
    if (isKept !== undefined) found = found.filter(isKept);
    if (order !== undefined) found.sort(order);
    const more = limit > 0 && found.length > limit;
    if (more) found = found.slice(0, limit);
    const kvs = keysOnly ? found.map((version) => ({ ...version, value: NOTHING })) : found;
    return { header: { revision: revisions.reading }, kvs, more, count };
  }

  #put({ key, value, lease, prevKv, ignoreValue, ignoreLease }: PutRequest): Answer {
    const { revisions } = this.#database;
    const before = revisions.newest(key);
    revisions.put(key, {
      // copied out of the message that it came in, which would stay in memory for its sake
      value: ignoreValue ? before!.value : Uint8Array.prototype.slice.call(value),
      lease: ignoreLease ? before!.lease : lease,
    });
    return { header: { revision: revisions.reading }, ...(prevKv && { prevKv: before }) };
  }

  #deleteRange({ prevKv, ...range }: DeleteRangeRequest): Answer {
    const { revisions } = this.#database;
    const found = revisions.delete(interval(range));
    return { header: { revision: revisions.reading }, deleted: found.length, ...(prevKv && { prevKvs: found }) };
  }

  #checkPut({ key, lease, ignoreValue, ignoreLease }: PutRequest): void {
    if ((ignoreValue || ignoreLease) && this.#database.revisions.newest(key) === undefined)
      throw refusal('keyNotFound');
    if (lease !== 0n) this.#database.leases.get(lease);
  }

  /** A condition on several keys holds if it holds for each. */
  #holds(condition: Compare): boolean {
    const found: Version[] = [];
    const { revisions } = this.#database;
    revisions.scan(interval(condition), revisions.revision, (version) => found.push(version));
    // there is no value that is not there, not even an empty one
    if (found.length === 0) return condition.target !== TARGET.value && holdsFor(condition, NO_VERSION);
    return found.every((version) => holdsFor(condition, version));
  }
}

/** A transaction whose comparisons were made. */
interface Plan {
  readonly succeeded: boolean;
  readonly steps: readonly { readonly op: RequestOp; readonly plan: Plan | undefined }[];
}

const TARGET = { version: 0, create: 1, mod: 2, value: 3, lease: 4 } as const;
const NO_VERSION: KeyValue = { key: '', createRevision: 0, modRevision: 0, version: 0, value: NOTHING, lease: 0n };

function holdsFor(condition: Compare, actual: KeyValue): boolean {
  const order = comparison(condition, actual);
  switch (condition.result) {
    case 0:
      return order === 0;
    case 1:
      return order > 0;
    case 2:
      return order < 0;
    case 3:
      return order !== 0;
    default:
      return true;
  }
}

function comparison(condition: Compare, actual: KeyValue): number {
  switch (condition.target) {
    case TARGET.version:
      return actual.version - condition.version;
    case TARGET.create:
      return actual.createRevision - condition.createRevision;
    case TARGET.mod:
      return actual.modRevision - condition.modRevision;
    case TARGET.value:
      return Buffer.compare(actual.value, condition.value);
    case TARGET.lease:
      return compare(actual.lease, condition.lease);
    default:
      return 0;
  }
}

type Order = (a: KeyValue, b: KeyValue) => number;

const ORDERS: readonly Order[] = [
  (a, b) => compare(a.key, b.key),
  (a, b) => a.version - b.version,
  (a, b) => a.createRevision - b.createRevision,
  (a, b) => a.modRevision - b.modRevision,
  (a, b) => Buffer.compare(a.value, b.value),
];

/** The order to sort by; undefined where it is that of the keys, as they are found. */
function orderOf({ sortOrder, sortTarget }: RangeRequest): Order | undefined {
  if (sortTarget === 0 && sortOrder !== 2) return undefined;
  const order = ORDERS[sortTarget]!;
  return sortOrder === 2 ? (a, b) => order(b, a) : order;
}

function filterOf(request: RangeRequest): ((version: KeyValue) => boolean) | undefined {
  const { minModRevision, maxModRevision, minCreateRevision, maxCreateRevision } = request;
  if (minModRevision === 0 && maxModRevision === 0 && minCreateRevision === 0 && maxCreateRevision === 0)
    return undefined;
  const isWithin = (revision: number, least: number, most: number): boolean =>
    (least === 0 || revision >= least) && (most === 0 || revision <= most);
  return ({ modRevision, createRevision }) =>
    isWithin(modRevision, minModRevision, maxModRevision) &&
    isWithin(createRevision, minCreateRevision, maxCreateRevision);
}

function compare<T extends bigint | string>(a: T, b: T): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
