/** One place where a value is not of its type. */
export interface Violation {
  /** Like `.spec.ports[port=80]`; empty for the whole value. */
  readonly path: string;
  readonly message: string;
}

/** Why a value, or two of them, could not be worked with. Returned where structured-merge-diff returns an error. */
export class Violations {
  readonly list: readonly Violation[];
  private readonly context: string;

  /** @param context what was being done, in front of the message; may be empty */
  constructor(list: readonly Violation[], context = '') {
    this.list = list;
    this.context = context;
  }

  /** A single defect of the whole. */
  static of(message: string): Violations {
    return new Violations([{ path: '', message }]);
  }

  /** The same with what was being done in front. */
  within(context: string): Violations {
    return new Violations(this.list, this.context === '' ? context : `${context}: ${this.context}`);
  }

  /** One defect in a line; several as lines below `errors:`. */
  get message(): string {
    const texts = this.list.map((v) => (v.path === '' ? v.message : `${v.path}: ${v.message}`));
    const text = texts.length === 1 ? texts[0]! : ['errors:', ...texts.map((line) => `  ${line}`)].join('\n');
    return this.context === '' ? text : `${this.context}: ${text}`;
  }
}

/** Defects in the making: the walk adds them where it finds them and prefixes the path on its way back. */
export class ViolationList {
  private readonly items: { path: string; message: string }[] = [];

  /** How many there are. */
  get length(): number {
    return this.items.length;
  }

  /** Notes a defect of the value that the walk is at. */
  add(message: string, path = ''): void {
    this.items.push({ path, message });
  }

  /** Puts an element in front of the paths of all defects since there were `from` of them. */
  prefix(from: number, element: { toString(): string }): void {
    const text = element.toString();
    for (let i = from; i < this.items.length; i++) {
      const item = this.items[i]!;
      item.path = text + item.path;
    }
  }

  /** What was found; undefined when nothing was. */
  result(): Violations | undefined {
    return this.items.length === 0 ? undefined : new Violations(this.items);
  }
}
