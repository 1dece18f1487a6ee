import type { RefObject } from 'preact';
import { useEffect, useId, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { Offer, type Suggestion, type Suggestions } from './offer.ts';
import { uiTexts as t } from './texts.ts';

/** What a field offers while one types. */
export interface Suggesting {
  readonly at: (text: string, caret: number) => Suggestions | undefined;
}

/** A letter is shown by what it does first; what it may go on to may come a little later. */
const AFTER_MS = 60;

/**
 * Suggestions below a field, as a combobox has them: none is chosen at first, so that enter means what it means without.
 * Arrows go through them and back to the field, enter and tab take one, esc closes them. What a key means is never what is drawn, but
 * what is offered for the text as it is.
 */
export function useSuggestions(
  suggesting: Suggesting | undefined,
  field: RefObject<HTMLInputElement | null>,
  onText: (text: string) => void,
) {
  const id = useId();
  const offer = useMemo(() => new Offer(), []);
  const caret = useRef<number>(undefined);
  const at = suggesting?.at;
  const asked = offer.asked.value;
  useEffect(() => {
    if (asked === undefined || at === undefined) return undefined;
    const timer = setTimeout(() => offer.show(asked, at(asked.text, asked.caret)), AFTER_MS);
    return () => clearTimeout(timer);
  }, [asked, at]);
  useLayoutEffect(() => {
    if (caret.current !== undefined) field.current?.setSelectionRange(caret.current, caret.current);
    caret.current = undefined;
  });
  const open = offer.open.value;
  const active = offer.active.value;
  const take = ({ insert, goesOn }: Suggestion): void => {
    const shown = offer.open.peek();
    if (shown === undefined) return;
    const { text, from, to } = shown;
    const next = text.slice(0, from) + insert + text.slice(to);
    caret.current = from + insert.length;
    onText(next);
    if (goesOn) offer.ask(next, caret.current);
    else offer.close();
  };
  /** Whether the key was meant for the suggestions. */
  const takeKey = ({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): boolean => {
    if (offer.open.peek() === undefined || ctrlKey || metaKey || altKey || shiftKey) return false;
    const chosen = offer.chosen;
    if (key === 'ArrowDown') offer.step(1);
    else if (key === 'ArrowUp') offer.step(-1);
    else if (key === 'Escape') offer.close();
    else if ((key === 'Enter' || key === 'Tab') && chosen) take(chosen);
    else return false;
    return true;
  };
  const optionId = (index: number): string => `${id}-${index}`;
  return {
    ask: (text: string, place: number): void => offer.ask(text, place),
    close: (): void => offer.close(),
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
          aria-label={t.suggestions}
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
          {open && t.suggestionCount(open.options.length)}
        </span>
      </>
    ),
  };
}
