import { type CelType, DYN, listType, mapType, opaqueType, sameType, typeParam, typeType } from './type.ts';

/** A type as messages show it. */
export function formatType(type: CelType): string {
  switch (type.kind) {
    case 'duration':
    case 'timestamp':
      return type.kind;
    case 'null_type':
      return 'null';
    case 'error':
      return '!error!';
    default:
      if (type.params.length === 0)
        return type.nullable && PRIMITIVES.has(type.kind) ? `wrapper(${type.name})` : type.name;
      return `${type.name}(${type.params.map(formatType).join(', ')})`;
  }
}

const PRIMITIVES: ReadonlySet<string> = new Set(['bool', 'bytes', 'double', 'int', 'string', 'uint']);
/** Kinds to which null can always be assigned. */
const NULLABLE: ReadonlySet<string> = new Set(['opaque', 'struct', 'duration', 'timestamp', 'null_type']);

/** True for what is only known when it is evaluated. */
export function isDyn({ kind }: CelType): boolean {
  return kind === 'dyn';
}

/** What is in an optional; undefined for any other type. */
export function unwrapOptional(type: CelType): CelType | undefined {
  return type.kind === 'opaque' && type.name === 'optional_type' ? type.params[0] : undefined;
}

/**
 * What type parameters stand for, as far as it is known. The types of an expression are found by assigning them to
 * each other, which binds parameters; an assignment that fails binds none.
 */
export class Substitutions {
  readonly #bound = new Map<string, CelType>();
  /** The bindings that an assignment replaced, for taking it back. */
  readonly #undo: (readonly [string, CelType | undefined])[] = [];
  #fresh = 0;

  /** A parameter that nothing is bound to yet. */
  fresh(): CelType {
    return typeParam(`_var${this.#fresh++}`);
  }

  /** Whether values of one type may be used as the other; parameters are bound so that they may. */
  assign(from: CelType, to: CelType): boolean {
    return this.assignAll([from], [to]);
  }

  /** The same of each pair, all or none. */
  assignAll(from: readonly CelType[], to: readonly CelType[]): boolean {
    const mark = this.#undo.length;
    if (this.#list(from, to)) {
      this.#undo.length = 0;
      return true;
    }
    while (this.#undo.length > mark) {
      const [name, before] = this.#undo.pop()!;
      if (before === undefined) this.#bound.delete(name);
      else this.#bound.set(name, before);
    }
    return false;
  }

  /** The type with its bound parameters replaced; with `toDyn` the others become dyn. */
  resolve(type: CelType, toDyn: boolean): CelType {
    const bound = type.kind === 'type_param' ? this.#bound.get(type.name) : undefined;
    if (bound !== undefined) return this.resolve(bound, toDyn);
    if (type.kind === 'type_param') return toDyn ? DYN : type;
    if (type.params.length === 0) return type;
    return withParams(
      type,
      type.params.map((param) => this.resolve(param, toDyn)),
    );
  }

  #bind(name: string, type: CelType): void {
    this.#undo.push([name, this.#bound.get(name)]);
    this.#bound.set(name, type);
  }

  #list(from: readonly CelType[], to: readonly CelType[]): boolean {
    return from.length === to.length && from.every((type, i) => this.#assignable(type, to[i]!));
  }

  #assignable(a: CelType, b: CelType): boolean {
    if (b.kind === 'type_param') {
      const found = this.#substitutes(a, b);
      if (found.valid) return true;
      if (found.bound) return false;
    }
    if (a.kind === 'type_param') return this.#substitutes(b, a).valid;
    if (isDynOrError(a) || isDynOrError(b)) return true;
    if (a.kind === 'null_type') return isNullable(b);
    if (b.kind === 'null_type') return isNullable(a);
    if (a.kind !== b.kind) return false;
    if (a.kind === 'type') return true;
    if (a.name !== b.name) return false;
    return a.params.length === 0 ? b.params.length === 0 : this.#list(a.params, b.params);
  }

  /** Whether a type can stand for a parameter: what it stands for already is kept, or made more general. */
  #substitutes(type: CelType, param: CelType): { readonly valid: boolean; readonly bound: boolean } {
    if (sameType(type, param)) return { valid: true, bound: true };
    const bound = this.#bound.get(param.name);
    if (bound === undefined) {
      const valid = !this.#mentions(type, param);
      if (valid) this.#bind(param.name, type);
      return { valid, bound: false };
    }
    if (sameType(type, bound)) return { valid: true, bound: true };
    if (!this.#assignable(type, bound)) return { valid: false, bound: true };
    const general = mostGeneral(type, bound);
    if (!this.#mentions(general, param)) this.#bind(param.name, general);
    return { valid: true, bound: true };
  }

  #mentions(type: CelType, param: CelType): boolean {
    if (sameType(type, param)) return true;
    const bound = type.kind === 'type_param' ? this.#bound.get(type.name) : undefined;
    if (bound !== undefined) return this.#mentions(bound, param);
    return type.params.some((inner) => this.#mentions(inner, param));
  }
}

function isDynOrError({ kind }: CelType): boolean {
  return kind === 'dyn' || kind === 'error';
}

function isNullable(type: CelType): boolean {
  return NULLABLE.has(type.kind) || type.nullable;
}

/** Of two types that go together the more general one. */
export function mostGeneral(a: CelType, b: CelType): CelType {
  return lessSpecific(a, b) ? a : b;
}

function lessSpecific(a: CelType, b: CelType): boolean {
  if (isDyn(a) || a.kind === 'type_param') return true;
  if (isDyn(b) || b.kind === 'type_param') return false;
  if (a.kind !== b.kind) return false;
  if (a.kind === 'type') return true;
  if (a.kind !== 'opaque' && a.kind !== 'list' && a.kind !== 'map') return a.name === b.name;
  return (
    a.name === b.name && a.params.length === b.params.length && a.params.every((p, i) => lessSpecific(p, b.params[i]!))
  );
}

/** The type with other parameters. */
export function withParams(type: CelType, params: readonly CelType[]): CelType {
  if (params.every((param, i) => param === type.params[i])) return type;
  switch (type.kind) {
    case 'list':
      return listType(params[0]!);
    case 'map':
      return mapType(params[0]!, params[1]!);
    case 'type':
      return typeType(params[0]!);
    default:
      return opaqueType(type.name, ...params);
  }
}
