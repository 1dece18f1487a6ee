import type { ComponentChildren } from 'preact';
import { kinds } from '../api/discovery.ts';
import { listHref } from '../api/kinds.ts';
import { currentNamespace } from '../resources/namespaces.ts';
import { groupKinds } from '../resources/groups.ts';
import { resourceTexts } from '../resources/texts.ts';
import { Icon } from '../ui/icons.tsx';
import { registered } from './registry.ts';
import { href, pathname } from './router.ts';
import { shellTexts as t } from './texts.ts';

/** The sections, and below them every kind that can be listed. */
export function Sidebar() {
  const links = registered.value.flatMap((section) => section.links ?? []);
  return (
    <nav class="sidebar" aria-label={t.sections}>
      <a class="brand" href={href('/')} translate={false}>
        <Icon name="cube" /> nekube
      </a>
      <ul>
        {links.map((link) => (
          <li key={link.href}>
            <NavLink to={link.href} exact={link.href === '/'}>
              <Icon name={link.icon} /> {link.title()}
            </NavLink>
          </li>
        ))}
      </ul>
      {groupKinds(kinds.value ?? []).map(({ group, kinds }) => (
        <section key={group.id}>
          <h2 translate={group.title !== undefined}>{group.title ? resourceTexts[group.title] : group.id}</h2>
          <ul>
            {kinds.map((kind) => (
              <li key={kind.path}>
                <NavLink to={listHref(kind)} namespace={kind.namespaced ? currentNamespace.value : undefined}>
                  <span translate={false}>{kind.kind}</span>
                </NavLink>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </nav>
  );
}

function NavLink(props: {
  readonly to: string;
  readonly exact?: boolean;
  readonly namespace?: string;
  readonly children: ComponentChildren;
}) {
  const here = props.exact
    ? pathname.value === props.to
    : pathname.value === props.to || pathname.value.startsWith(`${props.to}/`);
  return (
    <a
      href={href(props.namespace ? `${props.to}/ns/${props.namespace}` : props.to)}
      aria-current={here ? 'page' : undefined}
    >
      {props.children}
    </a>
  );
}
