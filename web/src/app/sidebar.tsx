import { kinds } from '../api/discovery.ts';
import { listHref } from '../api/kinds.ts';
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
      <a class="brand" href={href('/')}>
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
          <h2>{group.title ? resourceTexts[group.title] : group.id}</h2>
          <ul>
            {kinds.map((kind) => (
              <li key={kind.path}>
                <NavLink to={listHref(kind)}>{kind.kind}</NavLink>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </nav>
  );
}

function NavLink(props: { to: string; exact?: boolean; children: preact.ComponentChildren }) {
  const here = props.exact
    ? pathname.value === props.to
    : pathname.value === props.to || pathname.value.startsWith(`${props.to}/`);
  return (
    <a href={href(props.to)} aria-current={here ? 'page' : undefined}>
      {props.children}
    </a>
  );
}
