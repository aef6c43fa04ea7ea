// Keyboard use: groups with one tab stop, and focus that stays inside.

const focusable = 'a[href], button:not([disabled]), textarea:not([disabled]), input:not([disabled]), summary, [tabindex="0"]';

const groups = new WeakSet<HTMLElement>();

/** Makes one tab stop of the elements in a group; arrow keys, Home and End go from one to the next. Call it again when they change. */
export function roving(group: HTMLElement, selector: string): void {
  const items = (): HTMLElement[] => [...group.querySelectorAll<HTMLElement>(selector)].filter(isShown);
  const choose = (chosen: HTMLElement | undefined): void => {
    for (const item of group.querySelectorAll<HTMLElement>(selector)) {
      item.tabIndex = item === chosen ? 0 : -1;
    }
  };
  choose(group.querySelector<HTMLElement>(selector) ?? undefined);
  if (groups.has(group)) {
    return;
  }
  groups.add(group);
  group.addEventListener('focusin', (event) => {
    const item = (event.target as Element).closest<HTMLElement>(selector);
    if (item !== null) {
      choose(item);
    }
  });
  group.addEventListener('keydown', (event) => {
    const all = items();
    const at = all.indexOf((event.target as Element).closest<HTMLElement>(selector) as HTMLElement);
    const to = at < 0 ? undefined : target(event.key, at, all.length);
    if (to !== undefined) {
      event.preventDefault();
      all[to]?.focus();
    }
  });
}

function target(key: string, at: number, count: number): number | undefined {
  switch (key) {
    case 'ArrowRight':
    case 'ArrowDown':
      return (at + 1) % count;
    case 'ArrowLeft':
    case 'ArrowUp':
      return (at + count - 1) % count;
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return undefined;
  }
}

/** Keeps Tab inside a container, given the element that has the focus now. */
export function trapTab(event: KeyboardEvent, container: HTMLElement, focused: Element | null): void {
  const all = [...container.querySelectorAll<HTMLElement>(focusable)].filter((e) => e.tabIndex >= 0 && isShown(e));
  const first = all[0];
  const last = all.at(-1);
  if (event.key !== 'Tab' || first === undefined || last === undefined) {
    return;
  }
  const inside = focused !== null && container.contains(focused);
  if (event.shiftKey && (!inside || focused === first)) {
    event.preventDefault();
    last.focus();
  } else if (!event.shiftKey && (!inside || focused === last)) {
    event.preventDefault();
    first.focus();
  }
}

function isShown(element: HTMLElement): boolean {
  return element.checkVisibility({ visibilityProperty: true });
}
