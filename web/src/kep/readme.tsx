import { useEffect, useRef } from 'preact/hooks';
import { url } from '../app/router.ts';

/**
 * The text of a KEP. The only place where HTML of the console's server becomes a part of the page: the server made it safe
 * (`renderReadme` of nekube/kep), and the policy of the page runs and loads nothing that might have been left in it.
 */
export function Readme({ html }: { readonly html: string }) {
  const place = useRef<HTMLDivElement>(null);
  const { hash } = url.value;
  useEffect(() => {
    if (hash === '') return;
    const id = decoded(hash.slice(1));
    place.current?.querySelector(`[id="${CSS.escape(id)}"]`)?.scrollIntoView();
  }, [html, hash]);
  return <div class="readme" lang="en" translate={false} ref={place} dangerouslySetInnerHTML={{ __html: html }} />;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
