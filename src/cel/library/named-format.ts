import { type CelType, objectType } from '../type.ts';
import { TypeValue } from '../value.ts';
import { LibraryValue } from './library-value.ts';

/** The type of formats. */
export const FORMAT_TYPE: CelType = objectType('kubernetes.NamedFormat');

/** A format that texts can be checked against. */
export class NamedFormat extends LibraryValue {
  readonly type: TypeValue = new TypeValue(FORMAT_TYPE.name);
  readonly name: string;
  /** The faults of a text; none if it has the format. */
  readonly validate: (text: string) => readonly string[];
  /** How long its pattern is taken to be where costs are counted. */
  readonly patternLength: number;

  constructor(name: string, validate: (text: string) => readonly string[], patternLength: number) {
    super();
    this.name = name;
    this.validate = validate;
    this.patternLength = patternLength;
  }

  isSame(other: this): boolean {
    return this.name === other.name;
  }
}
