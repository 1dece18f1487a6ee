import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './icons.tsx';

/** What a view says instead of its content: nothing is there, it may not be seen, it went wrong; and what to do. */
export function Notice(props: {
  readonly icon?: IconName;
  readonly title: string;
  readonly children?: ComponentChildren;
  readonly role?: 'status' | 'alert';
}) {
  return (
    <div class="notice" role={props.role ?? 'status'}>
      {props.icon && <Icon name={props.icon} />}
      <h2>{props.title}</h2>
      <div class="notice-body">{props.children}</div>
    </div>
  );
}
