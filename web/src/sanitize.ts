// Makes HTML of answers harmless.

import createDOMPurify, { type WindowLike } from 'dompurify';

const allowed = {
  ALLOWED_TAGS: [
    'a', 'b', 'blockquote', 'br', 'code', 'dd', 'del', 'details', 'div', 'dl', 'dt', 'em', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'hr',
    'i', 'img', 'ins', 'kbd', 'li', 'mark', 'ol', 'p', 'pre', 'q', 's', 'small', 'span', 'strong', 'sub', 'summary', 'sup', 'table',
    'tbody', 'td', 'th', 'thead', 'tr', 'u', 'ul',
  ],
  ALLOWED_ATTR: ['href', 'src', 'alt', 'title', 'start', 'align', 'data-lang'],
  ADD_URI_SAFE_ATTR: ['start', 'align', 'data-lang'],
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|tel:)/i,
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_DOM_FRAGMENT: true as const,
};

export type Sanitizer = (html: string) => DocumentFragment;

/** What a browser with Trusted Types has; TypeScript does not know it yet. */
interface TrustedTypesHolder {
  trustedTypes?: { createPolicy(name: string, rules: Record<'createHTML' | 'createScriptURL', (text: string) => string>): object };
}

/** Makes a sanitiser that works in this window. There should be one a page: its Trusted Types policy, "coze-chat", can be made once. */
export function newSanitizer(window: WindowLike): Sanitizer {
  const purify = createDOMPurify(window);
  const same = (text: string): string => text; // DOMPurify alone uses the policy, for documents that no script runs in
  const policy = (window as TrustedTypesHolder).trustedTypes?.createPolicy('coze-chat', { createHTML: same, createScriptURL: same });
  const config = policy === undefined ? allowed : { ...allowed, TRUSTED_TYPES_POLICY: policy };
  purify.addHook('uponSanitizeAttribute', (_, attribute) => {
    if (attribute.attrName === 'src' && !/^(?:https?:|data:image\/(?:png|jpeg|gif|webp)[;,])/i.test(attribute.attrValue)) {
      attribute.keepAttr = false;
    }
  });
  return (html) => purify.sanitize(html, config as typeof allowed);
}
