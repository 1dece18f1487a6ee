import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';

export interface Option {
  readonly id: string;
  readonly content: ComponentChildren;
}

/** A field with a list of options below it, of which arrows and enter choose one: a combobox. */
export function Chooser(props: {
  readonly label: string;
  readonly placeholder?: string;
  readonly typed: string;
  readonly onType: (text: string) => void;
  readonly options: readonly Option[];
  readonly onChoose: (id: string, event: { readonly newTab: boolean }) => void;
  /** What stands in place of the options when there are none. */
  readonly empty?: string;
}) {
  const base = useId();
  const [chosen, setChosen] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const { options } = props;
  const active = Math.min(chosen, options.length - 1);
  useEffect(() => setChosen(0), [props.typed]);
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [active]);
  const optionId = (index: number): string => `${base}-${index}`;
  return (
    <div class="chooser">
      <input
        type="text"
        role="combobox"
        aria-label={props.label}
        aria-expanded={options.length > 0}
        aria-controls={`${base}-list`}
        aria-activedescendant={active >= 0 ? optionId(active) : undefined}
        aria-autocomplete="list"
        autocomplete="off"
        spellcheck={false}
        placeholder={props.placeholder}
        value={props.typed}
        onInput={(event) => props.onType(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.isComposing) return;
          if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
            event.preventDefault();
            const step = event.key === 'ArrowDown' ? 1 : -1;
            if (options.length > 0) setChosen((active + step + options.length) % options.length);
          } else if (event.key === 'Enter' && options[active]) {
            event.preventDefault();
            props.onChoose(options[active].id, { newTab: event.ctrlKey || event.metaKey });
          }
        }}
      />
      <div role="listbox" id={`${base}-list`} aria-label={props.label} ref={list} tabIndex={-1}>
        {options.map((option, index) => (
          <div
            key={option.id}
            id={optionId(index)}
            role="option"
            aria-selected={index === active}
            onPointerMove={() => index !== active && setChosen(index)}
            onClick={(event) => props.onChoose(option.id, { newTab: event.ctrlKey || event.metaKey })}
          >
            {option.content}
          </div>
        ))}
      </div>
      {options.length === 0 && props.empty && (
        <p class="chooser-empty" role="status">
          {props.empty}
        </p>
      )}
    </div>
  );
}
