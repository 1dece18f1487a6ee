import { signal } from '@preact/signals';
import { type KubeObject, parseJson, stringifyJson } from 'nekube/apimachinery';

/** A text that somebody has begun to edit. */
export interface Draft {
  readonly text: string;
  /** What it began as; undefined: a new object. */
  readonly base: KubeObject | undefined;
}

/** How long a draft is kept: as long as the tab is open, or until the page is loaded anew. */
export type Kept = 'tab' | 'page';

const PREFIX = 'draft:';
/** What must not be written down, or does not fit. */
const ofPage = new Map<string, Draft>();
/** Grows with each draft that is kept or dropped: the browser's storage tells its own page of none. */
const changes = signal(0);

/** What was typed for an address, if it was left or loaded anew since. Only this tab has it. */
export function readDraft(address: string): Draft | undefined {
  const known = ofPage.get(address);
  if (known !== undefined) return known;
  try {
    const kept = sessionStorage.getItem(PREFIX + address);
    return kept === null ? undefined : (parseJson(kept) as unknown as Draft);
  } catch {
    return undefined;
  }
}

/** Whether something was typed for an address and neither applied nor discarded; who renders by it is told when that changes. */
export function hasDraft(address: string): boolean {
  return changes.value >= 0 && readDraft(address) !== undefined;
}

/** Keeps a draft; one of a Secret is written down nowhere, and one that is too large for the browser neither. */
export function keepDraft(address: string, draft: Draft): Kept {
  const isWritten = writeDown(address, draft);
  if (isWritten) ofPage.delete(address);
  else ofPage.set(address, draft);
  tellChange();
  return isWritten ? 'tab' : 'page';
}

export function dropDraft(address: string): void {
  ofPage.delete(address);
  sessionStorage.removeItem(PREFIX + address);
  tellChange();
}

function writeDown(address: string, draft: Draft): boolean {
  const isSecret = /^kind:\s*["']?Secret\b/m.test(draft.text) || draft.base?.kind === 'Secret';
  if (isSecret) return false;
  try {
    sessionStorage.setItem(PREFIX + address, stringifyJson(draft as never));
    return true;
  } catch {
    // it does not fit
    return false;
  }
}

function tellChange(): void {
  changes.value = changes.peek() + 1;
}
