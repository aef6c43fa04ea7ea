// Makes HTML of answers harmless.

import createDOMPurify, { type WindowLike } from 'dompurify';

const allowed = {
  ALLOWED_TAGS: [
    'a', 'b', 'blockquote', 'br', 'code', 'dd', 'del', 'details', 'div', 'dl', 'dt', 'em', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'hr',
    'i', 'img', 'ins', 'kbd', 'li', 'mark', 'ol', 'p', 'pre', 'q', 's', 'small', 'span', 'strong', 'sub', 'summary', 'sup', 'table',
    'tbody', 'td', 'th', 'thead', 'tr', 'u', 'ul',
  ],
  ALLOWED_ATTR: ['href', 'src', 'alt', 'title', 'start', 'align', 'data-lang'],
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|tel:)/i,
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_DOM_FRAGMENT: true as const,
};

export type Sanitizer = (html: string) => DocumentFragment;

/** Makes a sanitiser that works in this window. It needs no innerHTML of ours, and its Trusted Types policy is called "dompurify". */
export function newSanitizer(window: WindowLike): Sanitizer {
  const purify = createDOMPurify(window);
  purify.addHook('uponSanitizeAttribute', (_, attribute) => {
    if (attribute.attrName === 'src' && !/^(?:https?:|data:image\/(?:png|jpeg|gif|webp)[;,])/i.test(attribute.attrValue)) {
      attribute.keepAttr = false;
    }
  });
  return (html) => purify.sanitize(html, allowed);
}
