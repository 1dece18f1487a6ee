import { useComputed } from '@preact/signals';
import { ageOf } from './time.ts';

/** How long ago a moment was. It counts on by itself: its text changes, and nothing around it is drawn. */
export function Age({ ms }: { readonly ms: number }) {
  const text = useComputed(() => ageOf(ms));
  return <time dateTime={new Date(ms).toISOString()}>{text}</time>;
}
