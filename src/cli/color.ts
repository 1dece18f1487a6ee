import { CliError, type Io } from './io.ts';

/** Puts colour around texts. */
export interface Painter {
  /** The same colour for the same name, as long as there are colours. */
  named(name: string, text: string): string;
  /** Of less importance. */
  dim(text: string): string;
  /** By what it means. */
  mark(meaning: Meaning, text: string): string;
}

/** What a colour says: as in a diff, and what wants to be looked at. */
export type Meaning = 'added' | 'removed' | 'changed' | 'alert' | 'warning';

const MEANINGS: Readonly<Record<Meaning, string>> = {
  added: '32',
  removed: '31',
  changed: '36',
  alert: '1;31',
  warning: '33',
};

/** When output is coloured. */
export const COLOR_CHOICES = ['auto', 'always', 'never'] as const;

const PALETTE = [36, 33, 35, 32, 34, 96, 93, 95, 92, 94, 31, 91];
const RESET = '\x1b[0m';

const plain: Painter = { named: (_name, text) => text, dim: (text) => text, mark: (_meaning, text) => text };

/** The painter for stdout: by itself it colours on a terminal, unless NO_COLOR is set. @throws CliError */
export function painterFor(choice: string, io: Pick<Io, 'env' | 'columns'>): Painter {
  if (!COLOR_CHOICES.some((one) => one === choice))
    throw new CliError(`Cannot use --color ${choice}`, { hint: `use one of ${COLOR_CHOICES.join(', ')}` });
  const wanted = io.columns !== undefined && !io.env.NO_COLOR && io.env.TERM !== 'dumb';
  return choice === 'always' || (choice === 'auto' && wanted) ? colored() : plain;
}

function colored(): Painter {
  const codes = new Map<string, number>();
  return {
    named(name, text) {
      const code = codes.get(name) ?? PALETTE[codes.size % PALETTE.length]!;
      codes.set(name, code);
      return `\x1b[${code}m${text}${RESET}`;
    },
    dim: (text) => `\x1b[2m${text}${RESET}`,
    mark: (meaning, text) => `\x1b[${MEANINGS[meaning]}m${text}${RESET}`,
  };
}
