// Making elements without HTML text, so that no Content-Security-Policy or Trusted Types rule is in the way.

type Child = Node | string | undefined | false;
type Listener = (event: never) => void;

/** Attributes by name; false and undefined leave one out, and names that begin with "on" are listeners. */
export type Attributes = Record<string, string | number | boolean | Listener | undefined>;

export function h<Name extends keyof HTMLElementTagNameMap>(
  name: Name, attributes: Attributes = {}, ...children: Child[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  setAttributes(element, attributes);
  append(element, children);
  return element;
}

export function setAttributes(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') {
      element.addEventListener(name.slice(2), value as EventListener);
    } else if (value === false || value === undefined) {
      element.removeAttribute(name);
    } else {
      element.setAttribute(name, value === true ? '' : String(value));
    }
  }
}

export function append(parent: Node, children: readonly Child[]): void {
  for (const child of children) {
    if (child !== undefined && child !== false) {
      parent.appendChild(typeof child === 'string' ? document.createTextNode(child) : child);
    }
  }
}

const shapes = {
  chat: ['M21 12a8 8 0 0 1-8 8H4l2.3-2.9A8 8 0 1 1 21 12Z', 'M9 11h.01M13 11h.01M17 11h.01'],
  close: ['M6 6l12 12M18 6 6 18'],
  menu: ['M4 7h16M4 12h10M4 17h16'],
  plus: ['M12 5v14M5 12h14'],
  clip: ['m20 11.5-8 8a5 5 0 0 1-7-7l8.5-8.5a3.3 3.3 0 0 1 4.7 4.7l-8.5 8.5a1.7 1.7 0 0 1-2.4-2.4l7.5-7.5'],
  mic: ['M12 3a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3Z', 'M5.5 11a6.5 6.5 0 0 0 13 0M12 17.5V21'],
  send: ['M12 19V5M6 11l6-6 6 6'],
  stop: ['M8 8h8v8H8Z'],
  copy: ['M9 9h10v11H9Z', 'M5 15V4h10'],
  check: ['m5 13 4.5 4.5L19 7'],
  redo: ['M20 12a8 8 0 1 1-2.3-5.7L20 8.5', 'M20 4v4.5h-4.5'],
  up: ['M7 11v9H4v-9h3Zm0 0 4-8a2.5 2.5 0 0 1 2.5 2.5V9h5a2 2 0 0 1 2 2.3l-1.1 7a2 2 0 0 1-2 1.7H7'],
  down: ['M17 13V4h3v9h-3Zm0 0-4 8a2.5 2.5 0 0 1-2.5-2.5V15h-5a2 2 0 0 1-2-2.3l1.1-7a2 2 0 0 1 2-1.7H17'],
  trash: ['M5 7h14M10 7V4.5h4V7M7 7l.8 12.5h8.4L17 7M10.5 11v5M13.5 11v5'],
  pen: ['m4 20 1-4.5L16 4.5l3.5 3.5L8.5 19Z'],
  quote: ['M5 17c2.5-1 4-3 4-6V7H4.5v5H7M14.5 17c2.5-1 4-3 4-6V7H14v5h2.5'],
  broom: ['M13.5 10.5 20 4M11 9.5l4 4M10 9c-2 1-4 1.5-6 1.5 1 4.5 4 8.5 9 10 1.5-1.5 2.5-3.5 3-6Z', 'M7.5 16.5 10 14'],
  more: ['M6 12h.01M12 12h.01M18 12h.01'],
  file: ['M7 3.5h7l4 4v13H7Z', 'M13.5 3.5V8H18'],
  arrow: ['M12 5v14M6 13l6 6 6-6'],
  alert: ['M12 4 2.5 20h19Z', 'M12 10v4.5M12 17.3h.01'],
  bot: ['M6 8h12v10H6Z', 'M12 8V4.5M9.5 12.5v.01M14.5 12.5v.01M3.5 12v3M20.5 12v3'],
  tool: ['m14.5 6.5 3-3a4.5 4.5 0 0 1-6 6L5 16a2 2 0 0 0 3 3l6.5-6.5a4.5 4.5 0 0 0 6-6l-3 3-2.5-.5Z'],
} as const;

export type IconName = keyof typeof shapes;

const svg = 'http://www.w3.org/2000/svg';

export function icon(name: IconName): SVGElement {
  const element = document.createElementNS(svg, 'svg');
  setAttributes(element, { viewBox: '0 0 24 24', class: 'icon', 'aria-hidden': 'true' });
  for (const d of shapes[name]) {
    const path = document.createElementNS(svg, 'path');
    path.setAttribute('d', d);
    element.append(path);
  }
  return element;
}

/** A button that shows an icon only. */
export function iconButton(name: IconName, label: string, onclick: (event: MouseEvent) => void, attributes: Attributes = {}): HTMLButtonElement {
  return h('button', { type: 'button', class: 'icon-button', 'aria-label': label, title: label, onclick, ...attributes }, icon(name));
}
