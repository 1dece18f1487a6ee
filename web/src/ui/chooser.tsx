import type { Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useMemo, useRef } from 'preact/hooks';
import { Choice } from './choice.ts';

export interface Option {
  readonly id: string;
  readonly content: ComponentChildren;
}

/** A field with a list of options below it, of which arrows and enter choose one: a combobox. */
export function Chooser(props: {
  readonly label: string;
  readonly placeholder?: string;
  readonly typed: Signal<string>;
  /** What there is for what is typed. It reads nothing but signals: what it was at first is asked each time. */
  readonly options: () => readonly Option[];
  readonly onChoose: (id: string, event: { readonly newTab: boolean }) => void;
  /** What stands in place of the options when there are none. */
  readonly empty?: string;
}) {
  const base = useId();
  const { typed } = props;
  const choice = useMemo(() => new Choice(() => typed.value, props.options), [typed]);
  const list = useRef<HTMLDivElement>(null);
  const options = choice.options.value;
  const active = choice.index.value;
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
        value={typed.value}
        onInput={(event) => {
          typed.value = event.currentTarget.value;
        }}
        onKeyDown={(event) => {
          if (event.isComposing) return;
          if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
            event.preventDefault();
            choice.step(event.key === 'ArrowDown' ? 1 : -1);
          } else if (event.key === 'Enter' && choice.option) {
            event.preventDefault();
            props.onChoose(choice.option.id, { newTab: event.ctrlKey || event.metaKey });
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
            onPointerMove={() => index !== active && choice.choose(index)}
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
