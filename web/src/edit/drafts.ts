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

/** Keeps a draft; one of a Secret is written down nowhere, and one that is too large for the browser neither. */
export function keepDraft(address: string, draft: Draft): Kept {
  const isSecret = /^kind:\s*["']?Secret\b/m.test(draft.text) || draft.base?.kind === 'Secret';
  try {
    if (!isSecret) {
      sessionStorage.setItem(PREFIX + address, stringifyJson(draft as never));
      ofPage.delete(address);
      return 'tab';
    }
  } catch {
    // it does not fit
  }
  ofPage.set(address, draft);
  return 'page';
}

export function dropDraft(address: string): void {
  ofPage.delete(address);
  sessionStorage.removeItem(PREFIX + address);
}
