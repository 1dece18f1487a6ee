import type { RefObject } from 'preact';
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';

/** How what is typed may go on. */
export interface Suggestion {
  /** What is shown, and read out. */
  readonly text: string;
  /** What stands in place of the word then. */
  readonly insert: string;
  /** Beside it, as how often there is one. */
  readonly hint?: string;
  /** More is to come after it: what that may be is offered next. */
  readonly goesOn?: boolean;
}

/** How the word from one place of a text to another may go on. */
export interface Suggestions {
  readonly from: number;
  readonly to: number;
  readonly options: readonly Suggestion[];
}

/** What a field offers while one types, and how that is said. */
export interface Suggesting {
  readonly label: string;
  readonly count: (n: number) => string;
  readonly at: (text: string, caret: number) => Suggestions | undefined;
}

/** A letter is shown by what it does first; what it may go on to may come a little later. */
const AFTER_MS = 60;

interface Asked {
  readonly text: string;
  readonly caret: number;
}

/**
 * Suggestions below a field, as a combobox has them: none is chosen at first, so that enter means what it means without.
 * Arrows go through them and back to the field, enter and tab take one, esc closes them.
 */
export function useSuggestions(
  suggesting: Suggesting | undefined,
  field: RefObject<HTMLInputElement | null>,
  onText: (text: string) => void,
) {
  const id = useId();
  const [asked, setAsked] = useState<Asked>();
  const [shown, setShown] = useState<Asked & Suggestions>();
  const [active, setActive] = useState(-1);
  const caret = useRef<number>(undefined);
  const at = suggesting?.at;
  useEffect(() => {
    setActive(-1);
    if (asked === undefined || at === undefined) return setShown(undefined);
    const timer = setTimeout(() => {
      const found = at(asked.text, asked.caret);
      setShown(found && { ...asked, ...found });
    }, AFTER_MS);
    return () => clearTimeout(timer);
  }, [asked, at]);
  useLayoutEffect(() => {
    if (caret.current !== undefined) field.current?.setSelectionRange(caret.current, caret.current);
    caret.current = undefined;
  });
  // what was found for another text fits this one no more
  const open = asked !== undefined && shown?.text === asked.text ? shown : undefined;
  const close = (): void => setAsked(undefined);
  const take = ({ insert, goesOn }: Suggestion): void => {
    const { text, from, to } = open!;
    const next = text.slice(0, from) + insert + text.slice(to);
    caret.current = from + insert.length;
    onText(next);
    setAsked(goesOn ? { text: next, caret: caret.current } : undefined);
  };
  /** Whether the key was meant for the suggestions. */
  const takeKey = ({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): boolean => {
    if (open === undefined || ctrlKey || metaKey || altKey || shiftKey) return false;
    const { options } = open;
    const step = { ArrowDown: 1, ArrowUp: -1 }[key];
    if (step !== undefined) {
      // one place is that of no suggestion
      const places = options.length + 1;
      setActive(((active + 1 + step + places) % places) - 1);
    } else if (key === 'Escape') close();
    else if ((key === 'Enter' || key === 'Tab') && options[active]) take(options[active]);
    else return false;
    return true;
  };
  const optionId = (index: number): string => `${id}-${index}`;
  return {
    ask: (text: string, place: number): void => setAsked({ text, caret: place }),
    close,
    takeKey,
    /** What the field says of itself to who does not see it. */
    attributes:
      suggesting === undefined
        ? {}
        : ({
            role: 'combobox',
            'aria-autocomplete': 'list',
            'aria-expanded': open !== undefined,
            'aria-controls': `${id}-list`,
            'aria-activedescendant': open && active >= 0 ? optionId(active) : undefined,
          } as const),
    list: suggesting && (
      <>
        <div
          role="listbox"
          id={`${id}-list`}
          class="suggestions"
          aria-label={suggesting.label}
          hidden={open === undefined}
          // the field keeps the focus
          onPointerDown={(event) => event.preventDefault()}
        >
          {open?.options.map((option, index) => (
            <div
              key={option.insert}
              id={optionId(index)}
              role="option"
              aria-selected={index === active}
              translate={false}
              onClick={() => take(option)}
            >
              <span>{option.text}</span>
              <span class="soft">{option.hint}</span>
            </div>
          ))}
        </div>
        <span class="hidden" role="status">
          {open && suggesting.count(open.options.length)}
        </span>
      </>
    ),
  };
}
