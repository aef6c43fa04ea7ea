// Messages as the widget shows them, made from those of the platform.

import type { ApiError } from './errors.js';
import { unixMillis, type WireMessage, type WirePart } from './wire.js';

export interface Attachment {
  kind: 'image' | 'file';
  name: string;
  /** Where the content can be shown from; empty if nowhere. */
  url: string;
  fileId: string;
}

export interface ToolStep {
  name: string;
  /** What it was called with, and what it returned; JSON as a rule. */
  input: string;
  output: string;
}

export type MessageStatus = 'waiting' | 'streaming' | 'done' | 'stopped' | 'failed';

export interface Message {
  /** Unique in the page. */
  readonly key: number;
  readonly role: 'user' | 'assistant';
  /** Id at the platform; empty until it is known. */
  id: string;
  chatId: string;
  sectionId: string;
  text: string;
  reasoning: string;
  attachments: Attachment[];
  tools: ToolStep[];
  status: MessageStatus;
  error: ApiError | undefined;
  rating: 'like' | 'unlike' | '';
  /** Unix milliseconds. */
  createdAt: number;
}

let lastKey = 0;

export function newMessage(role: Message['role'], fields: Partial<Omit<Message, 'key' | 'role'>> = {}): Message {
  lastKey++;
  return {
    key: lastKey, role, id: '', chatId: '', sectionId: '', text: '', reasoning: '', attachments: [], tools: [], status: 'done',
    error: undefined, rating: '', createdAt: Date.now(), ...fields,
  };
}

/** Makes messages of a page of history, which is newest first; the result is oldest first. */
export function fromHistory(page: WireMessage[]): Message[] {
  const messages: Message[] = [];
  for (const wire of [...page].reverse()) {
    if (wire.type !== 'question' && wire.type !== 'answer' && wire.type !== '' && wire.type !== undefined) {
      continue;
    }
    const { text, attachments } = contentOf(wire);
    if (text === '' && attachments.length === 0) {
      continue;
    }
    messages.push(newMessage(wire.role === 'user' ? 'user' : 'assistant', {
      id: wire.id ?? '', chatId: wire.chat_id ?? '', sectionId: wire.section_id ?? '', text, attachments,
      reasoning: wire.reasoning_content ?? '', createdAt: unixMillis(wire.created_at),
    }));
  }
  return messages;
}

/** Takes the content of a message apart. */
export function contentOf(wire: WireMessage): { text: string; attachments: Attachment[] } {
  const content = wire.content ?? '';
  if (wire.content_type !== 'object_string') {
    return { text: content, attachments: [] };
  }
  const parts = partsOf(content);
  if (parts === undefined) {
    return { text: content, attachments: [] };
  }
  return {
    text: parts.filter((p) => p.type === 'text').map((p) => p.text ?? '').join('\n'),
    attachments: parts.filter((p) => p.type === 'image' || p.type === 'file' || p.type === 'audio').map((p) => ({
      kind: p.type === 'image' ? 'image' : 'file', name: p.name ?? '', fileId: p.file_id ?? '',
      url: /^https?:\/\//.test(p.file_url ?? '') ? p.file_url ?? '' : '',
    })),
  };
}

function partsOf(content: string): WirePart[] | undefined {
  try {
    const parts: unknown = JSON.parse(content);
    return Array.isArray(parts) ? parts.filter((p): p is WirePart => typeof p === 'object' && p !== null) : undefined;
  } catch {
    return undefined;
  }
}

/** The name and arguments of a function_call message. */
export function toolCallOf(content: string): ToolStep {
  try {
    const call = JSON.parse(content) as { name?: unknown; arguments?: unknown; function?: { name?: unknown; arguments?: unknown } };
    const name = call.name ?? call.function?.name;
    const input = call.arguments ?? call.function?.arguments;
    return {
      name: typeof name === 'string' ? name : '', output: '',
      input: typeof input === 'string' ? input : input === undefined ? content : JSON.stringify(input),
    };
  } catch {
    return { name: '', input: content, output: '' };
  }
}
