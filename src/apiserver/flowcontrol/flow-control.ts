import { mandatoryFlowControl } from 'nekube/api';
import type { KubeObject } from 'nekube/apimachinery';
import type { Informer } from '../registry/informer.ts';
import type { RequestInfo } from '../request-info.ts';
import type { UserInfo } from '../user.ts';
import { dealHand } from './hand.ts';
import { type Asker, type LevelConfig, PriorityLevel, type Rejection, type Seat } from './priority-level.ts';
import { RetryAfter } from './retry-after.ts';
import { type FlowRule, matchesRules } from './rules.ts';

/** What flow control works with. */
export interface FlowControlOptions {
  readonly schemas: Pick<Informer, 'list' | 'generation'>;
  readonly levels: Pick<Informer, 'list' | 'generation'>;
  /** The seats of this server, shared by all priority levels. */
  readonly seats: number;
  /** How long a request may wait for a seat. */
  readonly waitMs: number;
}

/** A FlowSchema, ready to match. */
interface Schema {
  readonly name: string;
  readonly uid: string;
  readonly precedence: number;
  readonly levelName: string;
  readonly distinguisher: string;
  readonly rules: readonly FlowRule[];
}

/** Which flow a request belongs to. */
export interface Flow {
  readonly schema: string;
  readonly schemaUid: string;
  readonly level: string;
  readonly levelUid: string;
  /** Asks for a seat. */
  take(asker: Asker): Seat | Rejection | Promise<Seat | Rejection>;
}

interface Level {
  readonly uid: string;
  readonly level: PriorityLevel;
  readonly retryAfter: RetryAfter;
}

/**
 * Priority and fairness (KEP-1040): sorts requests into flows by the FlowSchemas, and gives each priority level its share
 * of the server's seats.
 *
 * What is different from kube-apiserver: a request takes one seat, whatever its work may be, and seats are lent at once
 * where they are wanted instead of being divided anew every ten seconds.
 */
export class FlowControl {
  readonly #options: FlowControlOptions;
  readonly #levels = new Map<string, Level>();
  #schemas: readonly Schema[] = [];
  #seen: readonly [schemas: number, levels: number] = [-1, -1];

  constructor(options: FlowControlOptions) {
    this.#options = options;
  }

  /** The flow of a request: that of the first FlowSchema that matches. */
  classify(user: UserInfo, info: RequestInfo): Flow {
    this.#refresh();
    const schema = this.#schemas.find(({ rules }) => matchesRules(rules, user, info)) ?? this.#schemas.at(-1)!;
    const { level, uid } = this.#levels.get(schema.levelName)!;
    const { waitMs } = this.#options;
    return {
      schema: schema.name,
      schemaUid: schema.uid,
      level: level.name,
      levelUid: uid,
      take: (asker) => level.take({ asker, waitMs, hand: () => handOf(schema, level, user, info) }),
    };
  }

  /** How many seconds a client is to stay away that was rejected just now. */
  retryAfter(level: string, now: number): number {
    return this.#levels.get(level)?.retryAfter.reject(now) ?? 1;
  }

  /** All priority levels, for those who count. */
  levels(): PriorityLevel[] {
    this.#refresh();
    return [...this.#levels.values()].map(({ level }) => level);
  }

  #refresh(): void {
    const { schemas, levels } = this.#options;
    if (this.#seen[0] === schemas.generation && this.#seen[1] === levels.generation) return;
    this.#seen = [schemas.generation, levels.generation];
    this.#configure(withMandatory(levels.list(), 'prioritylevelconfigurations'));
    const known = withMandatory(schemas.list(), 'flowschemas').map(schemaOf);
    this.#schemas = known.filter(({ levelName }) => this.#levels.has(levelName)).sort(inOrder);
  }

  /** Levels that are still there keep their requests; of those that are gone they end in peace. */
  #configure(objects: readonly KubeObject[]): void {
    const shares = objects.reduce((sum, object) => sum + sharesOf(object), 0);
    const before = new Map(this.#levels);
    this.#levels.clear();
    for (const object of objects) {
      const { name = '', uid = '' } = object.metadata;
      const config = configOf(object, this.#options.seats, shares);
      const known = before.get(name);
      const peers = (): PriorityLevel[] => [...this.#levels.values()].map(({ level }) => level);
      const level = known?.level ?? new PriorityLevel(name, config, peers);
      this.#levels.set(name, { uid, level, retryAfter: known?.retryAfter ?? new RetryAfter() });
      if (known !== undefined) level.config = config;
    }
  }
}

/** Objects without which there is no flow control are there even if somebody has deleted them. */
function withMandatory(
  objects: readonly KubeObject[],
  resource: 'flowschemas' | 'prioritylevelconfigurations',
): readonly KubeObject[] {
  const names = new Set(objects.map(({ metadata }) => metadata.name));
  return [...objects, ...mandatoryFlowControl(resource, names)];
}

function schemaOf({ metadata, spec }: KubeObject): Schema {
  return {
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    precedence: spec.matchingPrecedence ?? 1000,
    levelName: spec.priorityLevelConfiguration?.name ?? '',
    distinguisher: spec.distinguisherMethod?.type ?? '',
    rules: spec.rules ?? [],
  };
}

function inOrder(a: Schema, b: Schema): number {
  return a.precedence - b.precedence || (a.name < b.name ? -1 : 1);
}

function handOf(schema: Schema, level: PriorityLevel, user: UserInfo, info: RequestInfo): readonly number[] {
  const { queues = 1, handSize = 1 } = level.config.queuing ?? {};
  if (queues === 1) return [0];
  const { distinguisher } = schema;
  const flow = distinguisher === 'ByUser' ? user.name : distinguisher === 'ByNamespace' ? info.namespace : '';
  return dealHand(schema.name, flow, queues, handSize);
}

function sharesOf({ spec }: KubeObject): number {
  if (spec.type === 'Exempt') return spec.exempt?.nominalConcurrencyShares ?? 0;
  return spec.limited?.nominalConcurrencyShares ?? 30;
}

function configOf(object: KubeObject, seats: number, allShares: number): LevelConfig {
  const { spec } = object;
  const exempt = spec.type === 'Exempt';
  const { lendablePercent = 0, borrowingLimitPercent } = (exempt ? spec.exempt : spec.limited) ?? {};
  const nominal = Math.ceil((seats * sharesOf(object)) / Math.max(1, allShares));
  const { type, queuing } = spec.limited?.limitResponse ?? {};
  return {
    exempt,
    nominal,
    lendable: Math.round((nominal * lendablePercent) / 100),
    borrowable:
      borrowingLimitPercent === undefined || borrowingLimitPercent === null
        ? seats
        : Math.round((nominal * borrowingLimitPercent) / 100),
    ...(!exempt && type === 'Queue' && { queuing: { queues: 64, handSize: 8, queueLengthLimit: 50, ...queuing } }),
  };
}
