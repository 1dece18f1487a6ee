import { signal } from '@preact/signals';
import { shellTexts as t } from '../app/texts.ts';
import { Icon } from './icons.tsx';

export interface Toast {
  readonly text: string;
  readonly tone?: 'plain' | 'bad';
}

const shown = signal<readonly (Toast & { readonly id: number })[]>([]);
let lastId = 0;

/** Says something for a few seconds; what is bad stays until it is closed. */
export function toast(text: string, tone: Toast['tone'] = 'plain'): void {
  const id = ++lastId;
  shown.value = [...shown.peek().slice(-3), { id, text, tone }];
  if (tone !== 'bad') setTimeout(() => close(id), 5000);
}

function close(id: number): void {
  shown.value = shown.peek().filter((one) => one.id !== id);
}

export function Toasts() {
  return (
    <div class="toasts" role="log" aria-live="polite" aria-label={t.messages}>
      {shown.value.map(({ id, text, tone }) => (
        <div key={id} class={`toast ${tone ?? ''}`}>
          <span>{text}</span>
          <button type="button" class="quiet" aria-label={t.close} onClick={() => close(id)}>
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
